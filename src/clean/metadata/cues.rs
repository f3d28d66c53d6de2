//! What a line says of the date that it holds: that of the story, or that of its last change.
//!
//! A leaf: reads one short string and asks nothing else of this folder.

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
    "등록",
    "投稿",
    "giriş",
    "eklenme",
    "oluşturulma",
    "julkaistu",
    "megjelent",
    "publicat",
    "dodano",
    "objavljeno",
    "zveřejněno",
    "δημοσίευση",
    "δημοσιεύτηκε",
    "פורסם",
    "প্রকাশ",
    "প্রকাশিত",
    "تاریخ انتشار",
    "เผยแพร่",
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
    "aktualizace",
    "frissítve",
    "actualizat",
    "actualisé",
    "modificato",
    "modificado",
    "ažurirano",
    "pembaruan",
    "обновлен",
    "ενημέρωση",
    "ενημερώθηκε",
    "עודכן",
    "به‌روزرسانی",
    "بروزرسانی",
    "تم التحديث",
    "تازہ ترین",
    "আপডেট",
    "อัปเดต",
    "แก้ไข",
];

/// Whether a short text may hold a date; cheap, so that it can be asked of every text node.
pub(super) fn may_be_date(text: &str) -> bool {
    if text.len() > 120 {
        return false;
    }
    let mut run = 0;
    let mut runs = 0;
    let mut long = false;
    let mut foreign = false;
    for byte in text.bytes() {
        if byte.is_ascii_digit() {
            run += 1;
            long |= run == 4;
        } else {
            runs += usize::from(run > 0);
            run = 0;
            foreign |= byte >= 0xd9;
        }
    }
    runs += usize::from(run > 0);
    (long && (runs >= 2 || text.len() > 6))
        || runs >= 3
        || (foreign && text.chars().any(|char| char.is_numeric() && !char.is_ascii()))
}

/// Whether a short text that holds a date says that it is one of a change.
pub(super) fn says_modified(text: &str) -> bool {
    opens_with(text, CHANGED)
}

/// Whether a short text that holds a date says that it is the story's own.
pub(super) fn says_published(text: &str) -> bool {
    opens_with(text, APPEARED)
}

/// `text` cut where a line with one date goes on with a word for another: whether each piece is of a change, and the piece.
pub(super) fn dates(text: &str) -> Vec<(bool, &str)> {
    let mut found = Vec::new();
    let mut rest = text;
    let starts = text.char_indices().zip(text.chars().skip(1)).filter_map(|((at, char), next)| {
        (!char.is_alphabetic() && next.is_alphabetic()).then_some(at + char.len_utf8())
    });
    for start in starts {
        let (Some(head), Some(tail)) = (text.get(text.len() - rest.len()..start), text.get(start..)) else { continue };
        if may_be_date(head) && may_be_date(tail) && (says_modified(tail) || says_published(tail)) {
            found.push((says_modified(head), head));
            rest = tail;
        }
    }
    found.push((says_modified(rest), rest));
    found
}

fn opens_with(text: &str, cues: &[&str]) -> bool {
    let text = text.trim_start_matches(|char: char| !char.is_alphanumeric());
    let opening: String = text.chars().take(30).flat_map(char::to_lowercase).collect();
    cues.iter().any(|cue| {
        let runs_on = cue.ends_with(|char| matches!(char, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}'));
        opening
            .strip_prefix(cue)
            .is_some_and(|rest| runs_on || rest.chars().next().is_none_or(|char| !char.is_alphabetic()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_without_dates_are_passed_over() {
        for (text, expect) in [
            ("3 May 2024", true),
            ("03.05.24", true),
            ("٣ مايو ٢٠٢٤", true),
            ("Hello", false),
            ("5 things", false),
            ("2024", false),
        ] {
            assert_eq!(may_be_date(text), expect, "{text}");
        }
    }

    #[test]
    fn a_line_of_two_dates_is_cut_between_them() {
        for (text, expect) in [
            ("3 May 2024", &[(false, "3 May 2024")][..]),
            ("Updated 3 May 2024", &[(true, "Updated 3 May 2024")]),
            (
                "Published 3 May 2024 | Updated 4 May 2024",
                &[(false, "Published 3 May 2024 | "), (true, "Updated 4 May 2024")],
            ),
            (
                "Updated 4 May 2024, published 3 May 2024",
                &[(true, "Updated 4 May 2024, "), (false, "published 3 May 2024")],
            ),
            (
                "10/03/2026 18h05 Atualizado em 11/03/2026",
                &[(false, "10/03/2026 18h05 "), (true, "Atualizado em 11/03/2026")],
            ),
            ("입력 2026.03.10. 수정 2026.03.11.", &[(false, "입력 2026.03.10. "), (true, "수정 2026.03.11.")]),
            (
                "公開日：2026年3月10日 更新日：2026年3月11日",
                &[(false, "公開日：2026年3月10日 "), (true, "更新日：2026年3月11日")],
            ),
            (
                "Giriş: 10.03.2026 Güncelleme: 11.03.2026",
                &[(false, "Giriş: 10.03.2026 "), (true, "Güncelleme: 11.03.2026")],
            ),
            ("By Ann Lee, updated 4 May 2024", &[(false, "By Ann Lee, updated 4 May 2024")]),
        ] {
            assert_eq!(dates(text), expect, "{text}");
        }
    }
}
