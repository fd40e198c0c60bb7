//! Labels: what tells one alert from another, and how people choose among them.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use regex::Regex;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::kit::hash;

/// Longest pattern of a matcher, in bytes.
const PATTERN: usize = 1_000;

/// Names and values, each name once. Many thousand alerts may be held at once, so that they are one
/// text and the places where it is cut, and whoever keeps the same keeps it once.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Labels {
    text: Arc<str>,
    cuts: Arc<[u32]>,
}

impl Labels {
    /// These; a name that comes twice has its last value, and one without a value is as if it were
    /// not there (Alertmanager's API v2).
    pub fn new<N: AsRef<str>, V: AsRef<str>>(pairs: impl IntoIterator<Item = (N, V)>) -> Labels {
        // Thousands a second are made: nothing is copied but into the one text.
        let all: Vec<(N, V)> = pairs.into_iter().collect();
        let mut sorted: Vec<(&str, &str)> = all.iter().map(|(n, v)| (n.as_ref(), v.as_ref())).collect();
        // The sort is stable, so that of one name the last value stands last.
        sorted.sort_by_key(|(name, _)| *name);
        let twice = |at: usize| sorted.get(at + 1).is_some_and(|(next, _)| *next == sorted[at].0);
        let bytes = sorted.iter().map(|(n, v)| n.len() + v.len()).sum();
        let (mut text, mut cuts) = (String::with_capacity(bytes), Vec::with_capacity(sorted.len() * 2));
        for (at, (name, value)) in sorted.iter().enumerate() {
            if value.is_empty() || twice(at) {
                continue;
            }
            for part in [name, value] {
                text.push_str(part);
                cuts.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
            }
        }
        Labels { text: text.into(), cuts: cuts.into() }
    }

    /// Names and values, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let part = |at: usize| {
            let from = if at == 0 { 0 } else { self.cuts[at - 1] as usize };
            self.text.get(from..self.cuts[at] as usize).unwrap_or_default()
        };
        (0..self.len()).map(move |n| (part(n * 2), part(n * 2 + 1)))
    }

    /// The value of this name.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(n, _)| *n == name).map(|(_, v)| v)
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.cuts.len() / 2
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.cuts.is_empty()
    }

    /// The same, sharing what these hold where they are equal.
    #[must_use]
    pub fn like(&self, other: &Labels) -> Labels {
        if self == other { other.clone() } else { self.clone() }
    }

    /// Those with these names alone.
    #[must_use]
    pub fn only(&self, names: &[String]) -> Labels {
        Labels::new(self.iter().filter(|(n, _)| names.iter().any(|name| name == n)))
    }

    /// The same, and this one.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Labels {
        Labels::new(self.iter().chain([(name, value)]))
    }

    /// What tells these from others.
    pub fn fingerprint(&self) -> Fingerprint {
        let mut bytes = Vec::with_capacity(self.text.len() + self.cuts.len());
        for (name, value) in self.iter() {
            for part in [name, value] {
                bytes.extend_from_slice(part.as_bytes());
                // No UTF-8 text holds this byte.
                bytes.push(0xff);
            }
        }
        Fingerprint::of(&bytes)
    }
}

impl fmt::Debug for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// As PromQL writes them: `{alertname="Down", service="soundlab"}`.
impl fmt::Display for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<String> = self.iter().map(|(n, v)| format!("{n}={v:?}")).collect();
        write!(f, "{{{}}}", all.join(", "))
    }
}

impl Serialize for Labels {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_map(self.iter())
    }
}

impl<'de> Deserialize<'de> for Labels {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Labels, D::Error> {
        Ok(Labels::new(BTreeMap::<String, String>::deserialize(d)?))
    }
}

/// What tells one alert from another: the beginning of a SHA-256, written as 16 hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(pub u64);

impl Fingerprint {
    /// Of these bytes.
    pub fn of(bytes: &[u8]) -> Fingerprint {
        Fingerprint(hash::sha256_first(bytes))
    }

    /// Of something that its source calls so: a check's id, a key against doubles.
    pub fn named(source: &str, key: &str) -> Fingerprint {
        Fingerprint::of(format!("{source}\u{0}{key}").as_bytes())
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl FromStr for Fingerprint {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        let digits = s.len() == 16 && s.bytes().all(|b| b.is_ascii_hexdigit());
        let parsed = u64::from_str_radix(s, 16).ok().filter(|_| digits);
        parsed
            .map(Fingerprint)
            .ok_or_else(|| format!("`{s}` is no alert's fingerprint: those have 16 hexadecimal digits"))
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<'de, str>::deserialize(d)?.parse().map_err(de::Error::custom)
    }
}

/// Which labels: `service="soundlab"`, `severity=~"critical|error"`. A label that is not there is
/// as if it were empty, and a pattern covers the whole value (Prometheus, "Matchers").
#[derive(Clone)]
pub struct Matcher {
    /// The label's name.
    pub name: String,
    /// How it is compared.
    pub op: MatchOp,
    /// With what.
    pub value: String,
    pattern: Option<Regex>,
}

/// How a matcher compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MatchOp {
    /// `=`
    Is,
    /// `!=`
    IsNot,
    /// `=~`
    Like,
    /// `!~`
    NotLike,
}

impl MatchOp {
    const ALL: [(&'static str, MatchOp); 4] =
        [("=~", MatchOp::Like), ("!~", MatchOp::NotLike), ("!=", MatchOp::IsNot), ("=", MatchOp::Is)];

    fn sign(self) -> &'static str {
        MatchOp::ALL.iter().find(|(_, op)| *op == self).map_or("=", |(sign, _)| sign)
    }
}

impl Matcher {
    /// This one.
    ///
    /// # Errors
    /// What is wrong with its pattern.
    pub fn new(name: &str, op: MatchOp, value: &str) -> Result<Matcher, String> {
        let pattern = match op {
            MatchOp::Is | MatchOp::IsNot => None,
            MatchOp::Like | MatchOp::NotLike if value.len() > PATTERN => {
                return Err(format!("the pattern of `{name}` is longer than {PATTERN} bytes"));
            }
            MatchOp::Like | MatchOp::NotLike => {
                let built = regex::RegexBuilder::new(&format!("^(?:{value})$")).size_limit(1 << 20).build();
                Some(built.map_err(|e| format!("`{value}` is no pattern: {e}"))?)
            }
        };
        Ok(Matcher { name: name.to_owned(), op, value: value.to_owned(), pattern })
    }

    /// Whether these labels are meant.
    pub fn matches(&self, labels: &Labels) -> bool {
        let value = labels.get(&self.name).unwrap_or_default();
        let like = || self.pattern.as_ref().is_some_and(|p| p.is_match(value));
        match self.op {
            MatchOp::Is => value == self.value,
            MatchOp::IsNot => value != self.value,
            MatchOp::Like => like(),
            MatchOp::NotLike => !like(),
        }
    }

    /// Whether all of these mean these labels. None at all mean everything.
    pub fn all(matchers: &[Matcher], labels: &Labels) -> bool {
        matchers.iter().all(|m| m.matches(labels))
    }
}

impl PartialEq for Matcher {
    fn eq(&self, other: &Matcher) -> bool {
        (&self.name, self.op, &self.value) == (&other.name, other.op, &other.value)
    }
}

impl Eq for Matcher {}

impl fmt::Debug for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}{:?}", self.name, self.op.sign(), self.value)
    }
}

impl FromStr for Matcher {
    type Err = String;
    /// Takes what people type: `service=soundlab`, `service="soundlab"`, `service=~"sound.*"`.
    fn from_str(s: &str) -> Result<Self, String> {
        let how = "write it like service=\"soundlab\", with =, !=, =~ or !~";
        let at = s.find(['=', '!']).ok_or_else(|| format!("`{s}` compares nothing: {how}"))?;
        let (name, rest) = (s[..at].trim(), &s[at..]);
        let letter = |c: char| c.is_ascii_alphanumeric() || "_.-:/".contains(c);
        if name.is_empty() || !name.chars().all(letter) {
            return Err(format!("`{name}` is no label's name: {how}"));
        }
        let found =
            MatchOp::ALL.iter().find_map(|(sign, op)| rest.strip_prefix(sign).map(|v| (*op, v.trim())));
        let (op, value) = found.ok_or_else(|| format!("`{s}` compares nothing: {how}"))?;
        let quoted = value.strip_prefix('"').and_then(|v| v.strip_suffix('"'));
        let value = match quoted {
            Some(inner) => unescaped(inner),
            None if value.contains('"') => return Err(format!("`{s}` has half a quote: {how}")),
            None => value.to_owned(),
        };
        Matcher::new(name, op, &value)
    }
}

/// What stands between quotes: all that [`Matcher`]'s own words escape, which the journal holds. A backslash
/// before anything else is itself, as people type patterns.
fn unescaped(inner: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(inner.len()), inner);
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let behind = &rest[at + 1..];
        let (meant, taken) = escaped(behind).unwrap_or(('\\', 0));
        out.push(meant);
        rest = &behind[taken..];
    }
    out + rest
}

/// What a backslash before this means, and how much of it that takes.
fn escaped(behind: &str) -> Option<(char, usize)> {
    Some(match behind.chars().next()? {
        c @ ('"' | '\\' | '\'') => (c, 1),
        'n' => ('\n', 1),
        'r' => ('\r', 1),
        't' => ('\t', 1),
        '0' => ('\0', 1),
        'u' => {
            let hex = behind.strip_prefix("u{")?.split_once('}')?.0;
            (char::from_u32(u32::from_str_radix(hex, 16).ok()?)?, hex.len() + 3)
        }
        _ => return None,
    })
}

impl Serialize for Matcher {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Matcher {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Matcher, D::Error> {
        String::deserialize(d)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_read_back_in_their_order_and_empty_ones_are_not_there() {
        let labels = Labels::new([("b", "2"), ("a", "ä"), ("c", ""), ("b", "3")]);
        assert_eq!(labels.iter().collect::<Vec<_>>(), [("a", "ä"), ("b", "3")]);
        assert_eq!((labels.get("b"), labels.get("c"), labels.len()), (Some("3"), None, 2));
        let json = serde_json::to_string(&labels).unwrap();
        assert_eq!(json, r#"{"a":"ä","b":"3"}"#);
        assert_eq!(serde_json::from_str::<Labels>(&json).unwrap(), labels);
        assert_eq!(labels.only(&["a".to_owned()]).to_string(), r#"{a="ä"}"#);
    }

    #[test]
    fn a_fingerprint_is_of_the_whole_and_reads_back() {
        let (one, two) = (Labels::new([("ab", "c")]), Labels::new([("a", "bc")]));
        assert_ne!(one.fingerprint(), two.fingerprint());
        assert_eq!(one.fingerprint().to_string().parse(), Ok(one.fingerprint()));
        assert!("0123".parse::<Fingerprint>().is_err());
    }

    #[test]
    fn matchers_read_as_people_type_them_and_cover_the_whole_value() {
        let labels = Labels::new([("service", "soundlab"), ("severity", "critical")]);
        for (typed, matches) in [
            ("service=soundlab", true),
            ("service = \"soundlab\"", true),
            ("service!=soundlab", false),
            ("service=~\"sound.*\"", true),
            ("service=~sound", false),
            ("service!~sound", true),
            ("team=\"\"", true),
            ("severity=~critical|error", true),
        ] {
            let matcher: Matcher = typed.parse().unwrap();
            assert_eq!(matcher.matches(&labels), matches, "{typed}");
            assert_eq!(matcher.to_string().parse(), Ok(matcher), "{typed}");
        }
        for odd in [
            "👩\u{200d}💻 API",
            "a\u{a0}b",
            "tab\tline\nend\r",
            "it's",
            "C:\\temp",
            "\\u{41}",
            "\\\\\"",
            "\0\u{202e}",
        ] {
            let matcher = Matcher::new("alertname", MatchOp::Is, odd).unwrap();
            assert_eq!(matcher.to_string().parse(), Ok(matcher), "{odd:?}");
        }
        for wrong in ["service", "=x", "a b=c", "a=~(", "a=\"b"] {
            assert!(wrong.parse::<Matcher>().is_err(), "{wrong}");
        }
    }
}
