//! What stands in the text itself: words that nobody filled in, secrets, broken letters.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::page::{Language, Page};
use super::{Finding, finding};
use crate::kit::text::cut;

/// A placeholder that was never filled in.
pub fn placeholder(page: &Page<'_>) -> Vec<Finding> {
    let mut lines: BTreeSet<usize> = BTreeSet::new();
    for (n, text) in page.lines.iter().enumerate() {
        // An address of an example is one only where something is sent to it.
        if left_over(text) || (example(text) && page.runs(n + 1)) {
            lines.insert(n + 1);
        }
    }
    for fence in page.fences.iter().filter(|f| f.language == Language::Shell && f.text.contains('<')) {
        lines.extend(fence.lines().filter(|(_, text)| angled(text)).map(|(line, _)| line));
    }
    let what = |line| format!("a placeholder was never filled in: `{}`", cut(page.line(line).trim(), 120));
    lines.into_iter().map(|line| finding(line, what(line), "write what belongs there")).collect()
}

/// Whether a line of a script has a word in angle brackets, as in `ssh <host>`, which bash would
/// read as two redirections.
pub fn angled(line: &str) -> bool {
    !line.contains("</")
        && line.match_indices('<').any(|(at, _)| {
            let inner = line[at + 1..].split_once('>').map_or("", |(inner, _)| inner);
            let quoted = line[..at].ends_with(['<', '>', '"', '\'']);
            !quoted
                && inner.starts_with(|c: char| c.is_alphabetic())
                && inner.chars().all(|c| c.is_alphanumeric() || "-_ ./".contains(c))
                && !inner.ends_with(' ')
                // `<br>` is a tag.
                && inner.len() > 2
        })
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
            // `<<EOF >file` is a here-document.
            mine || (i.len() > 1
                && !i.ends_with(' ')
                && i.starts_with(|c: char| c.is_ascii_uppercase())
                && i.chars().all(upper))
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
    // The name of a setting, and what it is set to.
    static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r#"(?i)(?:password|passwd|secret|api_?key|access_?key|auth_?token|_token|_pwd|pwd)[a-z_]*["']?[ \t]*[=:][ \t]*["']?([^\s"'&,;)}]+)"#)
            .ok()
    });
    static BEARER: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"(?i)(?:bearer|basic)[ \t]+([A-Za-z0-9+/._~=-]{16,})").ok());
    static ADDRESS: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"://[^\s/:@]*:([^\s/@]+)@").ok());
    // All of it at once: most files have none, and that is quickly seen.
    let shapes = SHAPES.iter().flat_map(|r| r.find_iter(page.text)).map(|m| m.start());
    let valued = [&NAMED, &BEARER, &ADDRESS].into_iter().filter_map(|r| r.as_ref());
    let valued = valued.flat_map(|r| r.captures_iter(page.text)).filter_map(|c| c.get(1));
    let valued = valued.filter(|value| literal(value.as_str())).map(|value| value.start());
    let lines: BTreeSet<usize> = shapes.chain(valued).map(|at| page.line_at(at)).collect();
    let cure =
        "change it, since it was read; then name it under `secrets` and let it come from the environment";
    lines
        .into_iter()
        .map(|line| finding(line, "a password, key or token stands in this file", cure))
        .collect()
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
    let control = |c: &u8| c.is_ascii_control() && !matches!(c, b'\n' | b'\t');
    for (at, c) in page.text.bytes().enumerate().filter(|(_, c)| control(c)) {
        let what = format!("there is a control character (U+{c:04X}) in this line");
        found.push(finding(page.line_at(at), what, "delete it"));
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
