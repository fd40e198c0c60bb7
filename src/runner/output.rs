//! What a process prints, as it may be kept and shown: without secrets, control characters and
//! the many states of a progress bar, its beginning and its end if it is long.
//!
//! Only raw beginning and raw end are held while it prints, so memory stays flat, and every look
//! at them works on one piece: there are no borders of chunks for anything to hide behind.

use std::ops::Range;
use std::sync::Arc;

use super::secrets::Redactor;
use crate::kit::text;
use crate::model::run::Output;

/// How much of the beginning and of the end is kept, in bytes.
pub const PART: usize = 64 * 1024;
/// How much of the end is looked at for the last lines, in bytes.
const GLANCE: usize = 8 * 1024;
/// Of the last lines: how many, and how many characters.
const LINES: usize = 12;
const CHARS: usize = 900;

/// Takes in what a process prints.
pub struct Collector {
    redactor: Arc<Redactor>,
    head: Vec<u8>,
    recent: Vec<u8>,
    total: u64,
}

impl Collector {
    /// Nothing printed yet.
    pub fn new(redactor: Arc<Redactor>) -> Collector {
        Collector { redactor, head: Vec::new(), recent: Vec::new(), total: 0 }
    }

    /// More was printed.
    pub fn push(&mut self, bytes: &[u8]) {
        let room = PART + self.redactor.margin();
        let missing = room.saturating_sub(self.head.len()).min(bytes.len());
        self.head.extend_from_slice(&bytes[..missing]);
        self.recent.extend_from_slice(bytes);
        // Twice as much as is needed stays, so that what fits into both parts is there whole.
        if self.recent.len() > 4 * room {
            self.recent.drain(..self.recent.len() - 2 * room);
        }
        self.total += bytes.len() as u64;
    }

    /// The last lines so far. What may be the beginning of a secret waits for its rest.
    pub fn glance(&self) -> String {
        let len = self.recent.len();
        let end = self.redactor.begun(&self.recent, 1).map_or(len, |(at, _)| at);
        let start = len.saturating_sub(GLANCE);
        let margin = start.saturating_sub(self.redactor.margin());
        let seen = clean(&self.redactor, &self.recent[margin..], start - margin..end.max(start) - margin);
        let (seen, _) = self.unbegun(&seen, 1);
        let seen = if start > 0 { from_line(seen) } else { seen };
        Output { head: seen.to_owned(), ..Output::default() }.last(LINES, CHARS)
    }

    /// The same for a text from which escapes are gone, which may have stood within a secret.
    fn unbegun<'a>(&'a self, text: &'a str, least: usize) -> (&'a str, Option<&'a str>) {
        match self.redactor.begun(text.as_bytes(), least) {
            Some((at, name)) => (text.get(..at).unwrap_or_default(), Some(name)),
            None => (text, None),
        }
    }

    /// All that is kept of it.
    pub fn finish(&self) -> Output {
        let len = self.recent.len();
        // A secret of which only the beginning came is still not for anybody to read.
        let (end, rest) = match self.redactor.begun(&self.recent, super::secrets::SHORTEST) {
            Some((at, name)) => (at, format!("[{name}]")),
            None => (len, String::new()),
        };
        let last = |from: usize| {
            let text = clean(&self.redactor, &self.recent, from.min(end)..end);
            let (seen, more) = self.unbegun(&text, super::secrets::SHORTEST);
            format!("{seen}{}{rest}", more.map(|name| format!("[{name}]")).unwrap_or_default())
        };
        let whole = 2 * PART as u64;
        if self.total <= whole {
            return Output { head: beginning(last(0), 2 * PART), ..Output::default() };
        }
        let head = clean(&self.redactor, &self.head, 0..PART);
        let tail = last(len - PART);
        Output {
            head: beginning(head, PART),
            tail: ending(from_line(&tail), PART).to_owned(),
            dropped: self.total - whole,
        }
    }
}

/// What stands in `range`, as people may read it.
fn clean(redactor: &Redactor, bytes: &[u8], range: Range<usize>) -> String {
    let bytes = redactor.bytes(bytes, range);
    let text = String::from_utf8_lossy(&bytes);
    // Line by line: an escape sequence that is never closed must not swallow all that follows.
    let lines: Vec<String> = text.split('\n').map(|line| text::plain(state(line))).collect();
    // Once more: an escape in the middle of a secret has hidden it until now.
    redactor.text(&lines.join("\n"))
}

/// The last state of a line that was written over with `\r`.
fn state(line: &str) -> &str {
    line.trim_end_matches('\r').rsplit('\r').next().unwrap_or_default()
}

/// From the next line on, where one begins soon: what was cut in two is no line.
fn from_line(text: &str) -> &str {
    match text.find('\n') {
        Some(at) if at < GLANCE / 2 => &text[at + 1..],
        _ => text.trim_start_matches('\u{fffd}'),
    }
}

fn beginning(mut text: String, most: usize) -> String {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text
}

fn ending(text: &str, most: usize) -> &str {
    let mut start = text.len().saturating_sub(most);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    &text[start..]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn collector(secret: &str) -> Collector {
        let secrets = BTreeMap::from([("TOKEN".to_owned(), secret.to_owned())]);
        Collector::new(Arc::new(Redactor::new(&secrets).unwrap()))
    }

    #[test]
    fn a_secret_in_pieces_of_every_size_is_never_seen_neither_live_nor_kept() {
        let text = "begin\ns3cret-value\nmiddle s3cret-value end s3cret-value";
        for size in 1..=text.len() {
            let mut c = collector("s3cret-value");
            for piece in text.as_bytes().chunks(size) {
                c.push(piece);
                let seen = c.glance();
                assert!(!seen.contains("s3c"), "pieces of {size}: {seen}");
            }
            assert_eq!(c.finish().whole(), "begin\n[TOKEN]\nmiddle [TOKEN] end [TOKEN]");
        }
    }

    #[test]
    fn half_a_secret_at_the_end_is_not_kept_either() {
        let mut c = collector("s3cret-value");
        c.push(b"it is s3cret-va");
        assert_eq!(c.finish().whole(), "it is [TOKEN]");
        let mut c = collector("s3cret-value");
        c.push(b"it is s3c\x1b[1mret-va");
        assert_eq!((c.glance().as_str(), c.finish().whole().as_str()), ("it is", "it is [TOKEN]"));
    }

    #[test]
    fn escapes_bars_and_bytes_that_are_no_text_do_not_come_through() {
        let mut c = collector("s3cret-value");
        c.push(b"\x1b[31mred\x1b[0m\r\n 10%\r 50%\r100%\nlost \x1b]8;;never closed\nnext\xff\xe2\x80\xae!\n");
        c.push(b"s3cr\x1b[1met-value s3cret\xe2\x80\x8b-value");
        assert_eq!(c.finish().whole(), "red\n100%\nlost \nnext\u{fffd}!\n[TOKEN] [TOKEN]");
    }

    #[test]
    fn what_is_long_keeps_its_beginning_and_its_end_and_counts_the_rest() {
        let mut c = collector("s3cret-value");
        // Secrets across each cut, wherever it falls.
        let line = "s3cret-value 0123456789\n";
        let times = 40_000;
        for _ in 0..times {
            c.push(line.as_bytes());
        }
        assert!(c.recent.capacity() < 16 * PART, "{}", c.recent.capacity());
        let out = c.finish();
        assert_eq!(out.dropped, (line.len() * times - 2 * PART) as u64);
        for part in [&out.head, &out.tail] {
            assert!(part.len() <= PART && part.len() > PART / 2, "{}", part.len());
            for word in ["s3c", "lue"] {
                assert!(!part.contains(word), "{word} is left");
            }
        }
        assert!(out.tail.starts_with("[TOKEN] 0123456789\n") && out.tail.ends_with("0123456789\n"));
        assert!(c.glance().lines().all(|l| l == "[TOKEN] 0123456789"), "{}", c.glance());
    }

    #[test]
    fn what_fits_into_both_parts_is_whole() {
        for len in [PART - 1, PART, PART + 1, 2 * PART - 1, 2 * PART] {
            let mut c = collector("s3cret-value");
            let text: String = (0..len).map(|n| if n % 50 == 49 { '\n' } else { 'x' }).collect();
            text.as_bytes().chunks(1000).for_each(|piece| c.push(piece));
            assert!(c.finish().whole() == text, "{len} bytes");
        }
    }
}
