//! Text from people and machines, made safe to show: cut at a word, without characters that
//! hide or reorder what is read.

/// Cuts to at most `max` characters, at a word where one ends in the last third, and marks
/// the cut with `…`. Counts Unicode scalar values, as Discord does.
pub fn cut(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    if max == 0 {
        return String::new();
    }
    let head: String = text.chars().take(max - 1).collect();
    let end = match head.rfind(char::is_whitespace) {
        Some(at) if head[..at].chars().count() * 3 >= max * 2 => at,
        _ => head.len(),
    };
    format!("{}…", head[..end].trim_end())
}

/// The same with its first letter as a capital.
pub fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map(|c| c.to_uppercase().collect::<String>() + letters.as_str()).unwrap_or_default()
}

/// Removes what a person cannot see but a screen obeys: control characters (line feed and tab
/// stay), ANSI escape sequences, bidirectional overrides, zero-width and tag characters.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\u{1b}' => skip_escape(&mut chars),
            '\n' | '\t' => out.push(c),
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' => out.push('\n'),
            c if c.is_control() || hidden(c) => {}
            c => out.push(c),
        }
    }
    out
}

/// One line: as [`plain`], with every run of white space as one space.
pub fn line(text: &str) -> String {
    plain(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn skip_escape(chars: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match chars.next() {
        // CSI: parameters, then one final byte.
        Some('[') => while chars.next().is_some_and(|c| !('@'..='~').contains(&c)) {},
        // OSC and its kin: up to BEL or ESC \.
        Some(']' | 'P' | '_' | '^') => {
            while let Some(c) = chars.next() {
                if c == '\u{7}' {
                    break;
                }
                if c == '\u{1b}' {
                    chars.next();
                    break;
                }
            }
        }
        _ => {}
    }
}

/// Bidirectional controls (UAX #9), zero-width characters but the joiner that emoji need,
/// the byte order mark, and the invisible tag block.
fn hidden(c: char) -> bool {
    matches!(c,
        '\u{061c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// Escapes what Discord's Markdown would read as markup, so that a title is shown as typed.
/// Also breaks mentions: `allowed_mentions` already keeps them from pinging, this keeps
/// them from looking as if they had.
pub fn escape_markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if matches!(c, '\\' | '*' | '_' | '~' | '`' | '|' | '>' | '<' | '[' | ']' | '#' | '@') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_at_a_word_and_never_past_the_limit() {
        assert_eq!(cut("short", 10), "short");
        assert_eq!(cut("the quick brown fox", 12), "the quick…");
        assert_eq!(cut("unbreakable-thing", 6), "unbre…");
        assert_eq!(cut("ééééé", 3), "éé…");
        assert_eq!(cut("anything", 0), "");
        for max in 0..40 {
            assert!(cut("a bb ccc dddd eeeee ffffff ggggggg", max).chars().count() <= max);
        }
    }

    #[test]
    fn what_hides_or_reorders_is_gone() {
        assert_eq!(plain("\u{1b}[31mred\u{1b}[0m"), "red");
        assert_eq!(plain("\u{1b}]8;;http://x\u{7}link\u{1b}]8;;\u{1b}\\!"), "link!");
        assert_eq!(plain("a\u{202e}b\u{200b}c\0d\r\ne"), "abcd\ne");
        assert_eq!(line("  two \n\t lines "), "two lines");
        assert_eq!(plain("👩‍👩‍👧"), "👩‍👩‍👧", "the joiner of emoji stays");
    }

    #[test]
    fn markup_is_shown_as_typed() {
        assert_eq!(escape_markdown("**P1** @everyone <@1>"), "\\*\\*P1\\*\\* \\@everyone \\<\\@1\\>");
    }
}
