//! What a line says of the date that it holds: that of the story, or that of its last change.

/// Words that open a line which tells when the story appeared, in lower case.
const APPEARED: &[&str] = &[
    "published",
    "posted",
    "first published",
    "veröffentlicht",
    "erschienen",
    "erstellt",
    "publié",
    "publicado",
    "publicada",
    "pubblicato",
    "gepubliceerd",
    "publicerad",
    "publisert",
    "offentliggjort",
    "opublikowano",
    "опубликовано",
    "опубліковано",
    "yayınlanma",
    "yayın tarihi",
    "diterbitkan",
    "đăng ngày",
    "نشر",
    "تاريخ النشر",
    "प्रकाशित",
    "公開",
    "掲載",
    "发布",
    "發布",
    "입력",
];

/// Words that open a line which tells when it last changed, in lower case.
const CHANGED: &[&str] = &[
    "updated",
    "last updated",
    "last modified",
    "last edited",
    "last changed",
    "modified",
    "aktualisiert",
    "zuletzt aktualisiert",
    "letzte änderung",
    "letzte aktualisierung",
    "zuletzt geändert",
    "geändert",
    "mis à jour",
    "modifié",
    "actualizado",
    "actualizada",
    "atualizado",
    "atualizada",
    "aggiornato",
    "bijgewerkt",
    "laatst bijgewerkt",
    "uppdaterad",
    "oppdatert",
    "opdateret",
    "päivitetty",
    "zaktualizowano",
    "aktualizacja",
    "aktualizováno",
    "обновлено",
    "оновлено",
    "güncelleme",
    "son güncelleme",
    "diperbarui",
    "cập nhật",
    "تحديث",
    "آخر تحديث",
    "अपडेट",
    "更新",
    "最終更新",
    "수정",
];

/// Whether a short text that holds a date says that it is one of a change.
pub(in crate::clean::metadata) fn says_modified(text: &str) -> bool {
    opens_with(text, CHANGED)
}

/// Whether a short text that holds a date says that it is the story's own.
pub(super) fn says_published(text: &str) -> bool {
    opens_with(text, APPEARED)
}

fn opens_with(text: &str, cues: &[&str]) -> bool {
    let text = text.trim_start_matches(|char: char| !char.is_alphanumeric());
    let opening: String = text.chars().take(30).flat_map(char::to_lowercase).collect();
    cues.iter().any(|cue| {
        opening.strip_prefix(cue).is_some_and(|rest| rest.chars().next().is_none_or(|char| !char.is_alphabetic()))
    })
}
