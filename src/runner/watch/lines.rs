//! How many lines of a log are new and have a pattern, where the log is only ever seen as what a step prints:
//! all of it, or its end.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use regex::Regex;

/// How many lines are remembered.
const MOST: usize = 10_000;

/// The lines of the last look, as hashes.
#[derive(Clone, Debug, Default)]
pub struct Seen(Option<Vec<u64>>);

impl Seen {
    /// How many lines of `text` were not there at the last look and have this pattern. At the first look
    /// nothing is new. Where nothing of the last look is left, all is.
    pub fn new_lines(&mut self, text: &str, pattern: &Regex) -> u32 {
        let lines: Vec<&str> = text.lines().collect();
        let hashes: Vec<u64> = lines.iter().map(|line| hash(line)).collect();
        let known = match &self.0 {
            None => lines.len(),
            Some(before) => overlap(&hashes, before),
        };
        let new = lines[known..].iter().filter(|line| pattern.is_match(line)).count();
        let from = hashes.len().saturating_sub(MOST);
        self.0 = Some(hashes[from..].to_vec());
        u32::try_from(new).unwrap_or(u32::MAX)
    }
}

fn hash(line: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    line.hash(&mut hasher);
    hasher.finish()
}

/// With how many of its first lines `now` goes on where `before` ends: the most that fit (the prefix function
/// of Knuth, Morris and Pratt, so that a long log costs no more than it is long).
fn overlap(now: &[u64], before: &[u64]) -> usize {
    let mut fits = vec![0usize; now.len()];
    for at in 1..now.len() {
        let mut k = fits[at - 1];
        while k > 0 && now[at] != now[k] {
            k = fits[k - 1];
        }
        fits[at] = if now[at] == now[k] { k + 1 } else { 0 };
    }
    let mut k = 0;
    for line in before {
        while k > 0 && (k == now.len() || now[k] != *line) {
            k = fits[k - 1];
        }
        if now.get(k) == Some(line) {
            k += 1;
        }
    }
    k
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_new_lines_count_whether_the_log_is_shown_whole_or_its_end() {
        let pattern = Regex::new("LIMITED").unwrap();
        let mut seen = Seen::default();
        for (text, new) in [
            ("a\nLIMITED\nb", 0),
            ("a\nLIMITED\nb", 0),
            ("a\nLIMITED\nb\nLIMITED\nLIMITED", 2),
            ("b\nLIMITED\nLIMITED\nLIMITED\nc", 1),
            ("LIMITED\nLIMITED\nLIMITED\nc", 0),
            ("LIMITED\nx\nLIMITED", 2),
            ("", 0),
            ("LIMITED", 1),
        ] {
            assert_eq!(seen.new_lines(text, &pattern), new, "{text:?}");
        }
    }
}
