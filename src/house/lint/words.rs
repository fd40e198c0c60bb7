//! What stands in the text itself: words that nobody filled in, secrets, broken letters.

use std::sync::LazyLock;

use regex::Regex;

use super::page::Page;
use super::{Finding, finding};
use crate::kit::text::cut;

/// A placeholder that was never filled in.
pub fn placeholder(page: &Page<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (n, text) in page.lines.iter().enumerate() {
        // An address of an example is one only where something is sent to it.
        if left_over(text) || (example(text) && page.runs(n + 1)) {
            let what = format!("a placeholder was never filled in: `{}`", cut(text.trim(), 120));
            found.push(finding(n + 1, what, "write what belongs there"));
        }
    }
    found
}

/// Whether somebody left a word to be replaced: `<YOUR-HOST>`, `YOUR_TOKEN`, `TBD`, `CHANGEME`.
/// A tag or a link in angle brackets is in small letters or has a colon.
pub fn left_over(text: &str) -> bool {
    let word = |w: &str| {
        matches!(w, "TBD" | "TODO" | "CHANGEME" | "CHANGE_ME" | "FIXME" | "XXX")
            || w.strip_prefix("YOUR_").is_some_and(|rest| !rest.is_empty())
    };
    let upper = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || matches!(c, '-' | '_' | ' ');
    let angled = |(at, _): (usize, &str)| {
        let inner = text[at + 1..].split_once('>').map(|(inner, _)| inner);
        inner.is_some_and(|i| {
            let mine = i.len() > 5 && i.get(..4).is_some_and(|s| s.eq_ignore_ascii_case("your"));
            mine || (i.len() > 1 && i.starts_with(|c: char| c.is_ascii_uppercase()) && i.chars().all(upper))
        })
    };
    // Most lines have neither a `<` nor a capital of these words.
    text.match_indices('<').any(angled)
        || (text.contains(['T', 'C', 'F', 'X', 'Y'])
            && text.split(|c: char| !c.is_alphanumeric() && c != '_').any(word))
}

/// Names that belong to nobody (RFC 2606).
fn example(text: &str) -> bool {
    ["example.com", "example.org", "example.net"].iter().any(|name| text.contains(name))
}

/// A password, a key or a token in the text, for everybody who can read the file.
pub fn credential(page: &Page<'_>) -> Vec<Finding> {
    static SHAPES: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(concat!(
            r"AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{20,}|glpat-[A-Za-z0-9_-]{20}|xox[abprs]-[0-9A-Za-z-]{10,}",
            r"|sk-[A-Za-z0-9_-]{20,}|-----BEGIN [A-Z ]*PRIVATE KEY-----",
            r"|eyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.",
        ))
        .ok()
    });
    static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"(?i)\b[a-z_]*(?:passw(?:or)?d|passwd|secret|api_?key|access_?key|auth_?token|_token|pwd)[a-z_]*["']?\s*[=:]\s*["']?([^\s"'&,;)}]+)"#)
            .ok()
    });
    static BEARER: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?i)\b(?:bearer|basic)\s+([A-Za-z0-9+/._~=-]{16,})").ok());
    static ADDRESS: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"[a-z][a-z0-9+.-]*://[^\s/:@]*:([^\s/@]+)@").ok());
    let mut found = Vec::new();
    for (n, text) in page.lines.iter().enumerate() {
        let shape = SHAPES.as_ref().is_some_and(|r| r.is_match(text));
        let value = |r: &LazyLock<Option<Regex>>| {
            r.as_ref()
                .is_some_and(|r| r.captures_iter(text).any(|c| c.get(1).is_some_and(|v| literal(v.as_str()))))
        };
        if shape
            || (text.contains("://") && value(&ADDRESS))
            || value(&BEARER)
            || (text.contains(['=', ':']) && value(&NAMED))
        {
            let cure = "change it, since it was read; then name it under `secrets` and let it come from the environment";
            found.push(finding(n + 1, "a password, key or token stands in this file", cure));
        }
    }
    found
}

/// Whether a value is meant as it stands, and not a variable, a placeholder or a word about it.
fn literal(value: &str) -> bool {
    let stands_for = value.starts_with(['$', '<', '{', '[', '*', '%', '(', '`', '.', '/']);
    let hidden = value.chars().all(|c| matches!(c, '*' | 'x' | 'X' | '.' | '…' | '-' | '_' | '•'));
    let mixed =
        value.contains(|c: char| c.is_ascii_digit()) || value.contains(|c: char| !c.is_alphanumeric());
    value.chars().count() >= 6 && !stands_for && !hidden && (mixed || value.len() >= 8) && !left_over(value)
}

/// Letters that were read in one encoding and written in another.
pub fn encoding(page: &Page<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (n, text) in page.lines.iter().enumerate().filter(|(_, text)| !text.is_ascii()) {
        if let Some(shown) = broken(text) {
            let what = format!("these letters are broken: `{shown}`");
            found.push(finding(n + 1, what, "write them anew, and save the file as UTF-8"));
        }
    }
    // Those that stand for themselves in no text, and a NUL, are ASCII.
    for (n, text) in page.lines.iter().enumerate() {
        if let Some(c) = text.chars().find(|c| c.is_ascii_control() && *c != '\t') {
            let what = format!("there is a control character (U+{:04X}) in this line", u32::from(c));
            found.push(finding(n + 1, what, "delete it"));
        }
    }
    found
}

/// The broken letters of a line.
fn broken(text: &str) -> Option<String> {
    let chars: Vec<(usize, char)> = text.char_indices().collect();
    for (i, (at, c)) in chars.iter().enumerate() {
        let next = chars.get(i + 1).map(|(_, c)| *c);
        // UTF-8 read as Windows-1252: the first byte of ä is Ã, of “ it is â, of a space Â.
        let second =
            |c: char| ('\u{80}'..='\u{bf}').contains(&c) || "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ".contains(c);
        let wrong = match c {
            '\u{fffd}' | '\u{feff}' | '\u{80}'..='\u{9f}' => true,
            'Ã' | 'Â' => next.is_some_and(second),
            'â' => next.is_some_and(|c| c == '€' || c == '\u{80}'),
            _ => false,
        };
        if wrong {
            let end = chars.get(i + 2).map_or(text.len(), |(at, _)| *at);
            return Some(text[*at..end].escape_debug().to_string());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_told_from_tags_and_links() {
        let left = [
            "host: <YOUR_HOST>",
            "Call TBD",
            "key CHANGEME",
            "https://<your-host>/",
            "<SERVER 1>",
            "YOUR_TOKEN",
        ];
        for left in left {
            assert!(left_over(left), "{left}");
        }
        for fine in ["<br>", "<https://a.example>", "a < B > c", "P95 < 5 and > 3", "<H>", "XXXL", "YOUR"] {
            assert!(!left_over(fine), "{fine}");
        }
    }
}
