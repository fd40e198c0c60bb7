//! Secrets: where their values come from, and how they are kept out of what is shown and kept.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;
use std::sync::Arc;

use aho_corasick::AhoCorasick;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

/// What is shorter than this, in bytes, is not looked for: it would be found everywhere.
pub const SHORTEST: usize = 4;
/// A line of a secret of several lines is looked for by itself from this many bytes on.
const LINE: usize = 8;

/// The bot's own.
const TOKEN: &str = "DISCORD_TOKEN";

type Look = dyn Fn(&str) -> Option<String> + Send + Sync;

/// Where the values of secrets come from. Cloned freely.
#[derive(Clone)]
pub struct Secrets(Arc<Look>);

impl Secrets {
    /// From the environment that Muster was started with. One that is set to nothing is missing.
    pub fn environment() -> Secrets {
        Secrets(Arc::new(|name| std::env::var(name).ok().filter(|value| !value.is_empty())))
    }

    /// These, by name.
    pub fn of(all: BTreeMap<String, String>) -> Secrets {
        Secrets(Arc::new(move |name| all.get(name).cloned()))
    }

    /// The same, and `others` where a name has no value.
    #[must_use]
    pub fn or(self, others: BTreeMap<String, String>) -> Secrets {
        Secrets(Arc::new(move |name| (self.0)(name).or_else(|| others.get(name).cloned())))
    }

    /// The value of this name, for whoever may be sent one.
    pub fn one(&self, name: &str) -> Option<String> {
        (self.0)(name).filter(|_| name != TOKEN)
    }

    /// The values of these names.
    ///
    /// # Errors
    /// Which one is missing, and what to do.
    pub fn named(&self, names: &[String]) -> Result<BTreeMap<String, String>, String> {
        if names.iter().any(|n| n == TOKEN) {
            return Err(format!(
                "no step gets `{TOKEN}`: whoever has it is the bot. Delete it from the step"
            ));
        }
        let one = |name: &String| match (self.0)(name) {
            Some(value) => Ok((name.clone(), value)),
            None => Err(format!(
                "the secret `{name}` has no value: set it in the environment that Muster is started with, \
                 and start Muster again"
            )),
        };
        names.iter().map(one).collect()
    }
}

impl Secrets {
    /// What is removed from everything that a step prints: what it was given, and the bot's own
    /// token, which it was not.
    pub fn removed(&self, given: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let token = (self.0)(TOKEN).map(|value| (TOKEN.to_owned(), value));
        given.clone().into_iter().chain(token).collect()
    }
}

/// Finds secrets in every usual spelling, and puts their names there instead.
#[derive(Default)]
pub struct Redactor {
    /// `None` where there is nothing to look for.
    finder: Option<AhoCorasick>,
    /// What is looked for, without line ends.
    spellings: Vec<Vec<u8>>,
    /// Whose spelling it is.
    names: Vec<String>,
    longest: usize,
}

impl Redactor {
    /// For these secrets, by name.
    ///
    /// # Errors
    /// When there are more than can be looked for at once.
    pub fn new(secrets: &BTreeMap<String, String>) -> Result<Redactor, String> {
        let mut all: BTreeMap<Vec<u8>, &str> = BTreeMap::new();
        for (name, value) in secrets {
            let lines = value.lines().map(str::trim).filter(|l| l.len() >= LINE && *l != value);
            for part in std::iter::once(value.as_str()).chain(lines) {
                for spelling in spellings(part) {
                    let squeezed: Vec<u8> = spelling.into_iter().filter(|b| !is_break(*b)).collect();
                    if squeezed.len() >= SHORTEST {
                        all.entry(squeezed).or_insert(name);
                    }
                }
            }
        }
        if all.is_empty() {
            return Ok(Redactor::default());
        }
        let finder = AhoCorasick::new(all.keys()).map_err(|e| format!("too many secrets at once: {e}"))?;
        let longest = all.keys().map(Vec::len).max().unwrap_or(0);
        let names = all.values().map(|name| (*name).to_owned()).collect();
        Ok(Redactor { finder: Some(finder), spellings: all.into_keys().collect(), names, longest })
    }

    /// How many bytes before a cut have to be at hand so that nothing is cut in two: the longest
    /// spelling, wrapped into lines.
    pub fn margin(&self) -> usize {
        self.longest * 2
    }

    /// What stands in `range` of these bytes. A secret that lies across its ends is found by what
    /// stands outside; line ends within one do not hide it.
    pub fn bytes(&self, bytes: &[u8], range: Range<usize>) -> Vec<u8> {
        let mut out = Vec::with_capacity(range.len());
        let mut from = range.start;
        for (found, name) in self.find(bytes) {
            if found.end <= range.start || found.start >= range.end {
                continue;
            }
            out.extend_from_slice(&bytes[from..found.start.max(from)]);
            out.extend_from_slice(format!("[{name}]").as_bytes());
            from = found.end.min(range.end).max(from);
        }
        out.extend_from_slice(&bytes[from..range.end]);
        out
    }

    /// A whole text.
    pub fn text(&self, text: &str) -> String {
        match self.finder {
            None => text.to_owned(),
            Some(_) => String::from_utf8_lossy(&self.bytes(text.as_bytes(), 0..text.len())).into_owned(),
        }
    }

    /// The first secret in a text, by its name.
    pub fn first(&self, text: &str) -> Option<&str> {
        let found = self.finder.as_ref()?.find(squeeze(text.as_bytes()).0.as_slice())?;
        self.names.get(found.pattern().as_usize()).map(String::as_str)
    }

    /// Where the end of these bytes may be the beginning of a secret whose rest is still to come:
    /// the place, and whose it would be. `least` bytes are needed for a suspicion.
    pub fn begun(&self, bytes: &[u8], least: usize) -> Option<(usize, &str)> {
        self.finder.as_ref()?;
        let (squeezed, places) = squeeze(&bytes[bytes.len().saturating_sub(self.margin())..]);
        let before = bytes.len() - bytes.len().min(self.margin());
        let longest = |n: &usize| {
            let spelling = &self.spellings[*n];
            let most = squeezed.len().min(spelling.len() - 1);
            (least..=most).rev().find(|len| squeezed.ends_with(&spelling[..*len])).unwrap_or(0)
        };
        let (n, len) = (0..self.spellings.len()).map(|n| (n, longest(&n))).max_by_key(|(_, len)| *len)?;
        (len > 0).then(|| (before + places[squeezed.len() - len], self.names[n].as_str()))
    }

    /// Where secrets are, in order. Those that overlap are one.
    fn find(&self, bytes: &[u8]) -> Vec<(Range<usize>, &str)> {
        let Some(finder) = &self.finder else {
            return vec![];
        };
        let (squeezed, places) = squeeze(bytes);
        let mut all: Vec<(Range<usize>, usize)> = finder
            .find_overlapping_iter(&squeezed)
            .map(|m| (places[m.start()]..places[m.end() - 1] + 1, m.pattern().as_usize()))
            .collect();
        all.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
        let mut merged: Vec<(Range<usize>, &str)> = vec![];
        for (range, pattern) in all {
            match merged.last_mut() {
                Some((last, _)) if range.start < last.end => last.end = last.end.max(range.end),
                _ => merged.push((range, self.names[pattern].as_str())),
            }
        }
        merged
    }
}

fn is_break(b: u8) -> bool {
    matches!(b, b'\n' | b'\r')
}

/// Without line ends, and where each byte that is left came from: `base64` wraps its lines.
fn squeeze(bytes: &[u8]) -> (Vec<u8>, Vec<usize>) {
    let kept = bytes.iter().enumerate().filter(|(_, b)| !is_break(**b));
    kept.map(|(at, b)| (*b, at)).unzip()
}

/// How a value may be spelled where a program prints it.
fn spellings(value: &str) -> Vec<Vec<u8>> {
    let bytes = value.as_bytes();
    let hex = |upper: bool| {
        bytes.iter().fold(String::new(), |mut out, b| {
            let _ = if upper { write!(out, "{b:02X}") } else { write!(out, "{b:02x}") };
            out
        })
    };
    let mut all = vec![bytes.to_vec(), hex(false).into(), hex(true).into()];
    // What is left as it is differs: RFC 3986's unreserved, what browsers keep, what a path keeps.
    for kept in ["-._~", "-._~!*'()", "-._~/", "-._*"] {
        for upper in [true, false] {
            all.push(percent(bytes, kept, upper, false));
            all.push(percent(bytes, kept, upper, true));
        }
    }
    let json = serde_json::to_string(value).unwrap_or_default();
    let json = json.trim_start_matches('"').strip_suffix('"').unwrap_or_default().to_owned();
    all.push(json.replace('/', "\\/").into());
    all.push(ascii(&json).into());
    all.push(json.into());
    // As `set -x` shows it.
    all.push(value.replace('\'', "'\\''").into());
    for padding in [0, 1, 2] {
        let mut shifted = vec![0; padding];
        shifted.extend_from_slice(bytes);
        // Only the letters that nothing before and nothing behind it changes.
        let letters = (padding * 8).div_ceil(6)..shifted.len() * 8 / 6;
        for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
            let encoded = engine.encode(&shifted).into_bytes();
            all.push(encoded.get(letters.clone()).unwrap_or_default().to_vec());
            if padding == 0 {
                let missing = (4 - encoded.len() % 4) % 4;
                all.push([encoded.as_slice(), &b"=="[..missing.min(2)]].concat());
                all.push(encoded);
            }
        }
    }
    all
}

/// Percent-encoded but for letters, digits and what is `kept`.
fn percent(bytes: &[u8], kept: &str, upper: bool, plus: bool) -> Vec<u8> {
    let mut out = String::new();
    for b in bytes {
        let _ = match b {
            b if b.is_ascii_alphanumeric() || kept.as_bytes().contains(b) => {
                write!(out, "{}", char::from(*b))
            }
            b' ' if plus => write!(out, "+"),
            b if upper => write!(out, "%{b:02X}"),
            b => write!(out, "%{b:02x}"),
        };
    }
    out.into_bytes()
}

/// JSON's text in ASCII alone, as Python writes it.
fn ascii(json: &str) -> String {
    let mut out = String::new();
    for c in json.chars() {
        if c.is_ascii() {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    const VALUE: &str = "p4ss/w0rd +\"ü\\'x";

    fn redactor(value: &str) -> Redactor {
        Redactor::new(&BTreeMap::from([("TOKEN".to_owned(), value.to_owned())])).unwrap()
    }

    #[test]
    fn every_spelling_is_found() {
        let r = redactor(VALUE);
        for spelling in spellings(VALUE) {
            let spelling = String::from_utf8(spelling).unwrap();
            assert_eq!(r.text(&format!("<{spelling}>")), "<[TOKEN]>", "{spelling}");
        }
        assert_eq!(r.text("p4ss/w0rd alone is another text"), "p4ss/w0rd alone is another text");
    }

    #[test]
    fn base64_is_found_whatever_stands_around_it_and_however_it_is_wrapped() {
        let r = redactor("correct horse battery staple");
        let leaks =
            |text: &str| ["ycmVjdCBob3", "vcnJlY3QgaG9", "b3JyZWN0IGh"].iter().any(|p| text.contains(p));
        for before in ["", "a", "ab", "abc"] {
            for after in ["", "z", "zy", "zyx"] {
                let whole = format!("{before}correct horse battery staple{after}");
                for encoded in [STANDARD_NO_PAD.encode(&whole), URL_SAFE_NO_PAD.encode(&whole)] {
                    assert!(leaks(&encoded), "the test looks for the right thing: {encoded}");
                    let seen = r.text(&encoded);
                    assert!(seen.contains("[TOKEN]") && !leaks(&seen), "{before}…{after}: {seen}");
                    let wrapped: Vec<&str> =
                        encoded.as_bytes().chunks(7).map(|c| std::str::from_utf8(c).unwrap()).collect();
                    assert!(r.text(&wrapped.join("\n")).contains("[TOKEN]"), "{wrapped:?}");
                }
            }
        }
    }

    #[test]
    fn a_cut_through_a_secret_leaves_nothing_of_it() {
        let r = redactor("s3cret-value");
        let text = b"before s3cret-value after";
        for cut in 0..=text.len() {
            let (head, tail) = (r.bytes(text, 0..cut), r.bytes(text, cut..text.len()));
            for part in [head, tail] {
                let part = String::from_utf8(part).unwrap();
                assert!(!part.contains("s3c") && !part.contains("lue"), "cut at {cut}: {part}");
            }
        }
    }

    #[test]
    fn the_beginning_of_a_secret_is_told_from_other_text() {
        let r = redactor("s3cret-value");
        assert_eq!(r.begun(b"prints s3cre", 1).map(|(at, _)| at), Some(7));
        assert_eq!(r.begun(b"prints s\n3\ncre", 1).map(|(at, _)| at), Some(7));
        assert_eq!(r.begun(b"prints s3c", 4), None);
        assert_eq!(r.begun(b"prints", 2), None);
    }

    #[test]
    fn secrets_that_overlap_are_one_and_each_line_of_a_long_one_counts() {
        let two = BTreeMap::from([("A".into(), "abcdef".into()), ("B".into(), "defghi".into())]);
        assert_eq!(Redactor::new(&two).unwrap().text("xabcdefghiy"), "x[A]y");
        let key = redactor("first line of it\nsecond line of it\n");
        assert_eq!(key.text("  second line of it"), "  [TOKEN]");
        assert_eq!(key.first("- second line of it"), Some("TOKEN"));
        assert_eq!(redactor("abc").text("abc"), "abc", "too short to be looked for");
    }

    #[test]
    fn a_missing_secret_says_what_to_do() {
        let none = Secrets::of(BTreeMap::new());
        let why = none.named(&["TOKEN".to_owned()]).unwrap_err();
        assert!(why.starts_with("the secret `TOKEN` has no value: set it"), "{why}");
    }
}
