//! Single values: text in, checked value or the reason why not out.

use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use jiff::tz::TimeZone;
use regex::Regex;
use serde_json::Value;
use url::Url;

use super::Content;
use crate::filter::Patterns;

type Checked<T> = Result<T, String>;

fn text(value: &Value) -> Checked<&str> {
    value.as_str().ok_or_else(|| format!("is {}, not text in quotes", kind(value)))
}

pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a table",
    }
}

/// `"90s"`, `"15m"`, `"24h"`, `"7d"`; `"0s"` too.
pub(super) fn duration(value: &Value) -> Checked<Duration> {
    let wrong = || format!("is {value}, not a duration such as \"90s\", \"15m\", \"24h\" or \"7d\"");
    let text = value.as_str().ok_or_else(wrong)?.trim();
    let split = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
    let (number, unit) = text.split_at(split);
    let seconds = match unit.trim() {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 604_800,
        "ms" => return number.parse().map(Duration::from_millis).map_err(|_| wrong()),
        _ => return Err(wrong()),
    };
    let seconds =
        number.parse::<u64>().ok().and_then(|number| number.checked_mul(seconds)).filter(|&seconds| seconds < 1 << 32);
    seconds.map(Duration::from_secs).ok_or_else(wrong)
}

pub(super) fn positive_duration(value: &Value) -> Checked<Duration> {
    duration(value).and_then(|duration| {
        if duration.is_zero() { Err("must be longer than nothing".to_owned()) } else { Ok(duration) }
    })
}

/// `"15MB"`; units of 1000 (`KB MB GB`) and 1024 (`KiB MiB GiB`), or plain bytes.
pub(super) fn size(value: &Value) -> Checked<u64> {
    let wrong = || format!("is {value}, not a size such as \"15MB\"");
    if let Some(bytes) = value.as_u64().filter(|&bytes| bytes > 0) {
        return Ok(bytes);
    }
    let text = value.as_str().ok_or_else(wrong)?.trim();
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(split);
    let factor: u64 = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        "kib" => 1 << 10,
        "mib" => 1 << 20,
        "gib" => 1 << 30,
        _ => return Err(wrong()),
    };
    number
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(factor))
        .filter(|&bytes| bytes > 0)
        .ok_or_else(wrong)
}

/// A size, or `"0"` for no limit.
pub(super) fn limit(value: &Value) -> Checked<Option<u64>> {
    match value {
        Value::Number(number) if number.as_u64() == Some(0) => Ok(None),
        Value::String(text) if text.trim() == "0" => Ok(None),
        _ => size(value).map(Some),
    }
}

pub(super) fn count(value: &Value) -> Checked<usize> {
    value
        .as_u64()
        .and_then(|count| usize::try_from(count).ok())
        .filter(|count| (1..=10_000).contains(count))
        .ok_or_else(|| format!("is {value}, not a whole number from 1 to 10000"))
}

/// A part of a whole: more than none, at most all.
pub(super) fn share(value: &Value) -> Checked<f64> {
    value
        .as_f64()
        .filter(|share| *share > 0.0 && *share <= 1.0)
        .ok_or_else(|| format!("is {value}, not a part such as 0.25: above 0 and up to 1"))
}

pub(super) fn header_value(value: &Value) -> Checked<String> {
    let text = text(value)?;
    if text.trim().is_empty() || !text.chars().all(|c| matches!(c, ' '..='~')) {
        return Err("must be printable ASCII, and not empty".to_owned());
    }
    Ok(text.to_owned())
}

pub(super) fn name(value: &Value) -> Checked<String> {
    let text = text(value)?;
    if text.trim().is_empty() || text.chars().count() > 200 || text.chars().any(char::is_control) {
        return Err("must be 1 to 200 characters, none of them a control character".to_owned());
    }
    Ok(text.to_owned())
}

pub(super) fn web_address(value: &Value) -> Checked<Url> {
    let text = text(value)?;
    let url = Url::parse(text).map_err(|error| format!("is `{text}`, not an address: {error}"))?;
    if matches!(url.scheme(), "http" | "https") && url.has_host() {
        Ok(url)
    } else {
        Err(format!("is `{text}`; only http and https are fetched"))
    }
}

pub(super) fn socket_address(value: &Value) -> Checked<SocketAddr> {
    let text = text(value)?;
    text.parse().map_err(|_| format!("is `{text}`, not an address and port such as \"127.0.0.1:9630\""))
}

/// The address without user name and password.
pub(super) fn without_credentials(url: &Url) -> Url {
    let mut url = url.clone();
    // Both fail only for addresses without a host, which `web_address` refuses.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url
}

/// Stands in for an address that is missing, until the faults are told.
pub(super) fn nowhere() -> &'static Url {
    static NOWHERE: LazyLock<Url> = LazyLock::new(|| {
        #[expect(clippy::expect_used, reason = "a constant that parses")]
        Url::parse("http://nowhere.invalid/").expect("parses")
    });
    &NOWHERE
}

/// A BCP 47 tag; only its shape is checked.
pub(super) fn language(value: &Value) -> Checked<String> {
    let text = text(value)?;
    let well_formed = text.split('-').enumerate().all(|(place, part)| {
        let length = if place == 0 { 2..=3 } else { 1..=8 };
        length.contains(&part.len()) && part.chars().all(|c| c.is_ascii_alphanumeric())
    });
    if well_formed {
        Ok(text.to_ascii_lowercase())
    } else {
        Err(format!("is `{text}`, not a language tag such as `en` or `pt-br`"))
    }
}

pub(super) fn timezone(value: &Value) -> Checked<TimeZone> {
    let text = text(value)?;
    TimeZone::get(text).map_err(|_| format!("is `{text}`, not a zone of the tz database such as `Asia/Baghdad`"))
}

pub(super) fn content(value: &Value) -> Checked<Content> {
    match text(value)? {
        "page" => Ok(Content::Page),
        "feed" => Ok(Content::Feed),
        other => Err(format!("is `{other}`, not `page` or `feed`")),
    }
}

pub(super) fn pattern(patterns: &mut Patterns, text: &str) -> Checked<Arc<Regex>> {
    patterns.compile(text).map_err(|error| {
        format!("`{text}` is not a regular expression: {}", error.to_string().lines().last().unwrap_or_default().trim())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_sizes() {
        for (text, seconds) in [("90s", 90), ("15m", 900), ("24h", 86_400), ("7d", 604_800), ("0s", 0)] {
            assert_eq!(duration(&text.into()), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for wrong in ["", "5", "m", "-5m", "5 parsecs", "99999999999999999999s", "9999999999999d"] {
            assert!(duration(&wrong.into()).is_err(), "{wrong}");
        }
        assert!(duration(&5.into()).is_err());
        for (text, bytes) in [("15MB", 15_000_000), ("1 GiB", 1 << 30), ("512", 512)] {
            assert_eq!(size(&text.into()), Ok(bytes), "{text}");
        }
        assert!(size(&"much".into()).is_err());
    }
}
