//! News agencies: by which words a byline or a credit names one.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Agencies as credited. First the form shown, then the others it goes by. Members of the alliances of news agencies (EANA, OANA,
/// MINDS) and the agencies seen in the bylines of the measured pages (2026-11).
const AGENCIES: &[&str] = &[
    "Reuters|thomson reuters|رويترز|路透社|路透|ロイター|рейтер|로이터|รอยเตอร์|रॉयटर्स|رویترز",
    "AP|associated press|the associated press|أسوشيتد برس|美联社|美聯社|ap通信|ap news",
    "AFP|agence france-presse|agence france presse|france-presse|فرانس برس|أ ف ب|أ.ف.ب|法新社|afp通信|afp時事",
    "dpa|deutsche presse-agentur|dpa-afx|dpa international|د ب أ",
    "AAP|australian associated press",
    "ADN Kronos|adnkronos",
    "Agencia EFE|efe|agência efe|efe verde",
    "Agência Brasil|agencia brasil",
    "Agência Lusa|lusa",
    "Agerpres",
    "AGI",
    "ANA-MPA|amna|απε-μπε|απε",
    "Anadolu|aa|anadolu agency|anadolu ajansı|anadolu agentur|الأناضول",
    "ANI",
    "ANP",
    "ANSA",
    "Antara",
    "APA|austria presse agentur",
    "ATS|keystone-ats",
    "AZERTAC",
    "Belga",
    "BelTA|белта",
    "Bernama",
    "Bloomberg|bloomberg news|ブルームバーグ",
    "BNS",
    "BTA|бта",
    "Canadian Press|the canadian press|la presse canadienne|presse canadienne",
    "CNA|中央社|中央通訊社",
    "ČTK|ctk",
    "DHA|demirören haber ajansı",
    "dts|dts nachrichtenagentur",
    "epd|evangelischer pressedienst",
    "Europa Press|europapress",
    "FENA",
    "HINA",
    "IANS",
    "İHA|iha|ihlas haber ajansı",
    "INA|واع",
    "Interfax|интерфакс|інтерфакс|interfax-ukraine",
    "IRNA|ایرنا",
    "ISNA|ایسنا",
    "Jiji Press|jiji|時事|時事通信|時事通信社",
    "Kazinform|казинформ",
    "Keystone-SDA|sda|keystone sda|sda-ats",
    "KNA|katholische nachrichten-agentur",
    "Kyodo|kyodo news|共同|共同通信|共同通信社",
    "KUNA|كونا",
    "LETA",
    "LUSA",
    "MAP",
    "Mehr|مهر|mehr news",
    "MENA|أ ش أ|أ.ش.أ",
    "MTI",
    "NAN|news agency of nigeria",
    "News1|뉴스1",
    "Newsis|뉴시스",
    "NTB",
    "PA Media|press association|pa news agency|pa",
    "PAP",
    "Petra|بترا",
    "PTI|press trust of india",
    "RIA Novosti|риа новости|риа",
    "Ritzau|ritzaus bureau",
    "SANA|سانا",
    "SAPA",
    "SID|sport-informations-dienst",
    "SITA",
    "SPA|واس",
    "SRNA|срна",
    "STA",
    "STT|stt-lehtikuva|fnb",
    "Tanjug|танјуг",
    "TASR",
    "TASS|тасс",
    "Tasnim|تسنیم",
    "Télam|telam",
    "TT|tt nyhetsbyrån",
    "Ukrinform|укринформ|укрінформ",
    "UNIAN|униан|уніан",
    "UPI|united press international",
    "VNA|ttxvn",
    "WAFA|وفا",
    "WAM|وام",
    "Xinhua|xinhua news agency|新华社|新華社|新华网|新華網",
    "Yonhap|yonhap news agency|연합뉴스|聯合通訊社",
];

static BY_NAME: LazyLock<HashMap<String, &'static str>> = LazyLock::new(|| {
    let mut names = HashMap::new();
    for forms in AGENCIES {
        let shown = forms.split('|').next().unwrap_or(forms);
        for form in forms.split('|') {
            names.entry(form.to_lowercase()).or_insert(shown);
        }
    }
    names
});

/// The agency that `text` is the name of, in the form shown.
pub(super) fn agency(text: &str) -> Option<&'static str> {
    let name = text.trim().trim_matches(|char: char| !char.is_alphanumeric()).to_lowercase();
    let name = name
        .strip_prefix("mit ")
        .or_else(|| name.strip_prefix("with "))
        .or_else(|| name.strip_prefix("avec "))
        .or_else(|| name.strip_prefix("con "))
        .unwrap_or(&name);
    if name.is_empty() || name.len() > 60 {
        return None;
    }
    BY_NAME.get(name).copied()
}

/// The agencies named in a byline or credit: `dpa/AFP`, `AP and Reuters`, `mar/dpa`. Empty unless each one stands by itself.
pub(super) fn agencies(text: &str) -> Vec<&'static str> {
    let mut found = Vec::new();
    for part in text.split([',', '/', ';', '|', '(', ')', '、', '，', '\n', '&', '+', '·']) {
        for part in [
            " and ", " und ", " et ", " y ", " e ", " ve ", " avec ", " mit ", " with ", " con ", " och ", " og ",
            " и ",
        ]
        .iter()
        .fold(vec![part], |parts, word| parts.iter().flat_map(|part| part.split(word)).collect())
        {
            if let Some(agency) = agency(part)
                && !found.contains(&agency)
            {
                found.push(agency);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agencies_are_known_by_their_codes_and_names() {
        for (text, expect) in [
            ("Reuters", &["Reuters"][..]),
            ("Agence France-Presse", &["AFP"]),
            ("dpa/AFP", &["dpa", "AFP"]),
            ("mar/dpa", &["dpa"]),
            ("Le Journal et AFP", &["AFP"]),
            ("新华社", &["Xinhua"]),
            ("Ann Lee", &[]),
            ("Anna Reutersward", &[]),
        ] {
            assert_eq!(agencies(text), expect, "{text}");
        }
    }
}
