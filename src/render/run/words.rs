//! Text from runbooks, people and programs, made safe for a card and cut to what fits: whatever
//! stands in it, what is built here is never longer than it was told to be.

use super::name;
use crate::kit::text;
use crate::model::person::Person;

/// Discord shows nothing for it, and reads no markup across it.
const BREAK: char = '\u{200b}';

/// One line, shown as typed, of at most `max` characters after its markup is escaped.
pub fn said(words: &str, max: usize) -> String {
    let line = text::line(words);
    let escaped = text::escape_markdown(&line);
    if escaped.chars().count() <= max {
        return escaped;
    }
    // Escaped one at a time, so that no escape loses the half of it.
    let (mut out, mut room) = (String::new(), max.saturating_sub(1));
    for c in line.chars() {
        let one = text::escape_markdown(c.encode_utf8(&mut [0; 4]));
        let Some(rest) = room.checked_sub(one.chars().count()) else { break };
        room = rest;
        out.push_str(&one);
    }
    format!("{}…", out.trim_end())
}

/// Somebody's name in a line.
pub fn person(person: &Person) -> String {
    let whole = name(person);
    if whole.chars().count() <= 60 { whole } else { said(&person.name, 60) }
}

/// The team's own Markdown, which may stay Markdown: without what hides or reorders, without
/// mentions that look as if they pinged, and without a fence that swallows what follows.
pub fn markdown(words: &str, max: usize) -> String {
    let plain = fenceless(&text::plain(words));
    let plain = plain.replace("<@", &format!("<{BREAK}@"));
    let plain = plain.replace("@everyone", &format!("@{BREAK}everyone"));
    text::cut(plain.replace("@here", &format!("@{BREAK}here")).trim(), max)
}

/// Text without a fence of backticks in it.
fn fenceless(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut last = ' ';
    for c in text.chars() {
        if c == '`' && last == '`' {
            out.push(BREAK);
        }
        out.push(c);
        last = c;
    }
    out
}

/// What a program printed last, in a block: of at most `lines` lines and `max` characters the
/// end is kept. Nothing for nothing.
pub fn end_of(printed: &str, lines: usize, max: usize) -> String {
    let printed = fenceless(&text::plain(printed));
    let all: Vec<&str> = printed.trim_end().lines().collect();
    let end = all[all.len().saturating_sub(lines)..].join("\n");
    let over = end.chars().count().saturating_sub(max.saturating_sub(8));
    let end: String = end.chars().skip(over).collect();
    if end.trim().is_empty() { String::new() } else { format!("```\n{end}\n```") }
}

/// Code in a block of at most `max` characters, its beginning kept, and whether that is all of
/// it. What hides or reorders is spelled out: people agree to what they see here, or copy it.
pub fn code(language: &str, code: &str, max: usize) -> (String, bool) {
    let code = visible(code);
    let language = word(language);
    let code = fenceless(code.trim_end());
    let room = max.saturating_sub(language.chars().count() + 9);
    let (shown, whole) = match code.chars().count() <= room {
        true => (code, true),
        false => {
            let head: String = code.chars().take(room.saturating_sub(2)).collect();
            // Half a command is worse than none, where there are others.
            let end = head.rfind('\n').unwrap_or(head.len());
            (format!("{}\n…", &head[..end]), false)
        }
    };
    (format!("```{language}\n{shown}\n```"), whole)
}

/// A language's name as it may stand behind a fence.
pub fn word(language: &str) -> String {
    let good = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '+');
    language.chars().take_while(good).take(20).collect()
}

/// Text in which each character that a person cannot see is spelled out: `⟦U+202E⟧`.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.replace("\r\n", "\n").chars() {
        let one = text::plain(c.encode_utf8(&mut [0; 4]));
        match c {
            '\r' => out.push_str("⟦U+000D⟧"),
            c if one.is_empty() => out.push_str(&format!("⟦U+{:04X}⟧", u32::from(c))),
            c => out.push(c),
        }
    }
    out
}
