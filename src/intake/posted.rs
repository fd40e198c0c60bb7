//! What alerts are made of where Prometheus, Alertmanager and Grafana send them: text, names with
//! values, times as Go writes them. Nothing is copied that the body holds already.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

use super::Problem;
use crate::kit::time::Timestamp;
use crate::model::labels::Labels;

/// Go's zero time, which stands for none, in ms.
const ZERO: i64 = -62_135_596_800_000;

/// Text that is borrowed from the body where nothing in it is escaped.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text<'a>(pub Cow<'a, str>);

impl AsRef<str> for Text<'_> {
    fn as_ref(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct One;
        impl<'de> Visitor<'de> for One {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }
            fn visit_borrowed_str<E>(self, s: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(s)))
            }
            fn visit_str<E>(self, s: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(s.to_owned())))
            }
        }
        d.deserialize_str(One)
    }
}

/// Names and values, as they stand in the body; one that is `null` is empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pairs<'a>(pub Vec<(Text<'a>, Text<'a>)>);

impl Pairs<'_> {
    /// The same, kept.
    pub fn labels(self) -> Labels {
        Labels::new(self.0)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        struct All;
        impl<'de> Visitor<'de> for All {
            type Value = Pairs<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("names with values")
            }
            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
                let mut pairs = Vec::with_capacity(8);
                while let Some(name) = map.next_key::<Text<'de>>()? {
                    let value = map.next_value::<Option<Text<'de>>>()?;
                    pairs.push((name, value.unwrap_or_default()));
                }
                Ok(Pairs(pairs))
            }
        }
        d.deserialize_map(All)
    }
}

/// A time; `None` where none is said, or Go's zero time. Alertmanager takes more than RFC 3339: a time
/// without a zone is one of UTC, and an empty one is 1970.
///
/// # Errors
/// A 400 that names the field.
pub fn moment(text: Option<&Text<'_>>, field: impl FnOnce() -> String) -> Result<Option<Timestamp>, Problem> {
    let Some(Text(text)) = text else { return Ok(None) };
    let ms = if text.is_empty() {
        Some(0)
    } else if let Ok(time) = chrono::DateTime::parse_from_rfc3339(text) {
        Some(time.timestamp_millis())
    } else {
        let formats = ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%MZ"];
        let mut all = formats.iter().map(|f| chrono::NaiveDateTime::parse_from_str(text, f));
        all.find_map(Result::ok).map(|time| time.and_utc().timestamp_millis())
    };
    let Some(ms) = ms else {
        let text = format!("`{text}` is no time: write it like 2026-11-22T09:00:00Z");
        return Err(Problem::field(field(), text));
    };
    Ok(Some(ms).filter(|ms| *ms != ZERO).map(Timestamp))
}

/// The names and values behind `?` in an address.
pub fn query(text: &str) -> Vec<(String, String)> {
    let parts = text.split('&').filter(|p| !p.is_empty());
    parts.map(|p| p.split_once('=').unwrap_or((p, ""))).map(|(n, v)| (plain(n), plain(v))).collect()
}

/// A part of a query without its `%` and `+`.
fn plain(part: &str) -> String {
    let (mut bytes, mut rest) = (Vec::with_capacity(part.len()), part.as_bytes());
    while let Some((first, more)) = rest.split_first() {
        let hex = || u8::from_str_radix(std::str::from_utf8(more.get(..2)?).ok()?, 16).ok();
        rest = more;
        match first {
            b'%' => match hex() {
                Some(byte) => {
                    bytes.push(byte);
                    rest = more.get(2..).unwrap_or_default();
                }
                None => bytes.push(b'%'),
            },
            b'+' => bytes.push(b' '),
            other => bytes.push(*other),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_reads_as_it_was_meant() {
        let all = query("filter=a%3D%22b+c%22&active&x=%zz%4");
        let all: Vec<(&str, &str)> = all.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        assert_eq!(all, [("filter", "a=\"b c\""), ("active", ""), ("x", "%zz%4")]);
    }

    #[test]
    fn times_read_as_alertmanager_reads_them() {
        let at = |text: &str| moment(Some(&Text(text.into())), || "startsAt".to_owned());
        for (text, ms) in [
            ("2026-11-22T09:00:00Z", Some(1_795_338_000_000)),
            ("2026-11-22T10:00:00.123456789+01:00", Some(1_795_338_000_123)),
            ("2026-11-22T09:00:00", Some(1_795_338_000_000)),
            ("2026-11-22 09:00:00", Some(1_795_338_000_000)),
            ("0001-01-01T00:00:00Z", None),
            ("", Some(0)),
        ] {
            assert_eq!(at(text), Ok(ms.map(Timestamp)), "{text}");
        }
        assert_eq!(at("tomorrow").map_err(|p| p.field), Err(Some("startsAt".to_owned())));
    }
}
