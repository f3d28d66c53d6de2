//! Whether a page asks for money or a login before it shows its whole text.
//!
//! Read off the markup as it stands, which is quick, and generous: most pages of a publisher that sells subscriptions carry such marks, whole stories too.
//! So it decides nothing alone, only why a story has shrunk.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use super::edit::Notice;

/// What classes and scripts of paywalls are called, and what the wall says, in lower case.
const SIGNS: &[&str] = &[
    "paywall",
    "pay-wall",
    "regwall",
    "reg-wall",
    "meterwall",
    "metered-content",
    "subscriber-only",
    "subscribers-only",
    "subscription-required",
    "subscriber-content",
    "premium-content",
    "content-gate",
    "article-gate",
    "subscribe to continue",
    "subscribe to read",
    "subscribe to keep reading",
    "to continue reading",
    "to keep reading",
    "already a subscriber",
    "for subscribers only",
    "exclusive to subscribers",
    "log in to read",
    "sign in to read",
    "register to read",
    "create a free account",
    "weiterlesen mit",
    "nur für abonnenten",
    "mit einem abo",
    "jetzt abonnieren",
    "bereits abonnent",
    "réservé aux abonnés",
    "déjà abonné",
    "abonnez-vous pour",
    "solo para suscriptores",
    "exclusivo para suscriptores",
    "suscríbete para",
    "riservato agli abbonati",
    "sei già abbonato",
    "exclusivo para assinantes",
    "assine para",
    "alleen voor abonnees",
    "exclusief voor abonnees",
    "endast för prenumeranter",
    "för prenumeranter",
    "kun for abonnenter",
    "for abonnenter",
    "tylko dla subskrybentów",
    "только для подписчиков",
    "по подписке",
    "abonelere özel",
    "khusus pelanggan",
    "للمشتركين",
    "ویژه مشترکان",
    "有料会員",
    "会員限定",
    "订阅后",
    "訂閱後",
    "구독자 전용",
];

/// The publisher's own word in its structured data (schema.org).
const FREE: &str = "isaccessibleforfree";

/// How far after it the value stands.
const VALUE: usize = 24;

static AUTOMATON: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder().ascii_case_insensitive(true).build(SIGNS.iter().copied().chain([FREE])).ok()
});

/// Whether the markup of a page shows the marks of a paywall.
#[must_use]
pub fn paywall(html: &str) -> Notice {
    let Some(automaton) = AUTOMATON.as_ref() else { return Notice::None };
    let is_sign = |found: aho_corasick::Match| {
        if found.pattern().as_usize() < SIGNS.len() {
            return true;
        }
        let value: String = html.get(found.end()..).unwrap_or_default().chars().take(VALUE).collect();
        value.trim_start_matches(|c: char| !c.is_alphanumeric()).to_ascii_lowercase().starts_with("false")
    };
    if automaton.find_iter(html).any(is_sign) { Notice::Paywall } else { Notice::None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paywalls_are_told_by_their_marks() {
        for (html, expect) in [
            ("<p>The harbour council voted on Tuesday.", Notice::None),
            ("<div class=\"Article__PayWall\">", Notice::Paywall),
            (r#"{"isAccessibleForFree": "False"}"#, Notice::Paywall),
            (r#"{"isAccessibleForFree":false,"hasPart":{}}"#, Notice::Paywall),
            (r#"{"isAccessibleForFree": true, "x": false}"#, Notice::None),
            ("<p>Subscribe to continue reading", Notice::Paywall),
            ("<p>Dieser Artikel ist nur für Abonnenten", Notice::Paywall),
            ("<p>この記事は会員限定です", Notice::Paywall),
            ("isAccessibleForFree", Notice::None),
        ] {
            assert_eq!(paywall(html), expect, "{html}");
        }
    }
}
