//! What every source's reader needs: a value as text, a time however it is written, and a form as if
//! it were JSON.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDateTime};
use serde_json::{Map, Value};

use crate::kit::time::Timestamp;
use crate::model::alert::Batch;

/// What a request came to, once it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    /// This is to be kept.
    Batch(Batch),
    /// Nothing of it is to be kept, and why. The sender did nothing wrong.
    Nothing(String),
}

/// A value as text: what has parts is written as JSON, and nothing is what is empty.
pub fn text(value: &Value) -> Option<String> {
    let text = match value {
        Value::Null => return None,
        Value::String(text) => text.trim().to_owned(),
        other => other.to_string(),
    };
    (!text.is_empty()).then_some(text)
}

/// The text at the end of a way of keys.
pub fn at(value: &Value, way: &[&str]) -> Option<String> {
    way.iter().try_fold(value, |v, key| v.get(key)).and_then(text)
}

/// The service that a source calls so; capitals do not count.
pub fn named(services: &BTreeMap<String, String>, word: &str) -> Option<String> {
    services.iter().find(|(said, _)| said.eq_ignore_ascii_case(word)).map(|(_, name)| name.clone())
}

/// A time, as sources write it: RFC 3339, the same with a space or without a colon in its zone, or
/// seconds or milliseconds since 1970. What names no zone is UTC.
pub fn time(said: &str) -> Option<Timestamp> {
    let said = said.trim();
    if let Ok(number) = said.parse::<f64>() {
        // Milliseconds of 1973 are seconds of the year 5138.
        let millis = if number.abs() < 1e11 { number * 1000.0 } else { number };
        return (millis.abs() < 1e15).then_some(Timestamp(millis.round() as i64));
    }
    let zoned = DateTime::parse_from_rfc3339(said)
        .or_else(|_| DateTime::parse_from_str(said, "%Y-%m-%dT%H:%M:%S%.f%z"))
        .or_else(|_| DateTime::parse_from_str(said, "%Y-%m-%d %H:%M:%S%.f%z"));
    let local = || {
        let plain = said.trim_end_matches(" UTC");
        NaiveDateTime::parse_from_str(plain, "%Y-%m-%d %H:%M:%S%.f")
            .or_else(|_| NaiveDateTime::parse_from_str(plain, "%Y-%m-%dT%H:%M:%S%.f"))
    };
    match zoned {
        Ok(time) => Some(Timestamp(time.timestamp_millis())),
        Err(_) => local().ok().map(|time| Timestamp(time.and_utc().timestamp_millis())),
    }
}

/// A form (`a=1&b=two+words`) as an object of texts; the last value of a name counts.
pub fn form(text: &str) -> Value {
    let mut fields = Map::new();
    for pair in text.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        fields.insert(unescape(name), Value::String(unescape(value)));
    }
    Value::Object(fields)
}

/// Takes `+` and `%41` out of a form's text (WHATWG URL, "application/x-www-form-urlencoded").
fn unescape(text: &str) -> String {
    let bytes = text.as_bytes();
    let (mut out, mut i) = (Vec::with_capacity(bytes.len()), 0);
    while let Some(byte) = bytes.get(i) {
        let two = bytes.get(i + 1..i + 3).and_then(|d| std::str::from_utf8(d).ok());
        match two.filter(|d| *byte == b'%' && d.bytes().all(|b| b.is_ascii_hexdigit())) {
            Some(digits) => {
                out.push(u8::from_str_radix(digits, 16).unwrap_or(b'%'));
                i += 3;
            }
            None => {
                out.push(if *byte == b'+' { b' ' } else { *byte });
                i += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn times_read_as_sources_write_them() {
        let at = Some(Timestamp(1_437_122_578_315));
        for said in [
            "2015-07-17T08:42:58.315Z",
            "2015-07-17T08:42:58.315+0000",
            "2015-07-17T10:42:58.315+02:00",
            "2015-07-17 08:42:58.315",
            "2015-07-17 08:42:58.315+00:00",
            "2015-07-17T08:42:58.315",
            "1437122578.315",
            "1437122578315",
        ] {
            assert_eq!(time(said), at, "{said}");
        }
        for wrong in ["", "yesterday", "2015-07-17", "1e300", "NaN", "2015-13-17T08:42:58Z"] {
            assert_eq!(time(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_form_reads_as_an_object() {
        let read = form("a=1&b=two+words&c=%C3%A4%2&d&a=2&%zz=%");
        assert_eq!(read, json!({"a": "2", "b": "two words", "c": "ä%2", "d": "", "%zz": "%"}));
    }

    #[test]
    fn a_value_as_text() {
        let body = json!({"a": {"b": [1, 2]}, "n": 4, "s": " x ", "e": "", "z": null});
        assert_eq!(at(&body, &["a", "b"]).as_deref(), Some("[1,2]"));
        assert_eq!(at(&body, &["n"]).as_deref(), Some("4"));
        assert_eq!(at(&body, &["s"]).as_deref(), Some("x"));
        assert!(["e", "z", "none"].iter().all(|key| at(&body, &[key]).is_none()));
    }
}
