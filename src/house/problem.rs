//! What is wrong with a file, where, and what to do: one shape for every finding, and a place
//! to collect them, because a person mends ten mistakes as easily as one when told of all.

use std::collections::HashSet;
use std::fmt;

/// Something wrong in a file that people wrote.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file, as it was named to Muster.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// Whether it is wrong, or only worth a look.
    pub severity: Severity,
    /// The rule of `muster check` that found it, where one did.
    pub rule: Option<&'static str>,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub cure: String,
}

/// How much it matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It has to be mended: `muster check` fails.
    Error,
    /// Nothing runs there, but people read it.
    Note,
}

impl Problem {
    /// Something that has to be mended.
    pub fn error(
        file: impl Into<String>,
        line: usize,
        what: impl Into<String>,
        cure: impl Into<String>,
    ) -> Problem {
        let (file, what, cure) = (file.into(), what.into(), cure.into());
        Problem { file, line: line.max(1), severity: Severity::Error, rule: None, what, cure }
    }

    /// Whether it has to be mended.
    pub fn fails(&self) -> bool {
        self.severity == Severity::Error
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        if self.severity == Severity::Note {
            f.write_str("note: ")?;
        }
        if let Some(rule) = self.rule {
            write!(f, "[{rule}] ")?;
        }
        write!(f, "{}\n  {}", self.what, self.cure)
    }
}

/// Collects what is wrong with one file.
#[derive(Debug)]
pub struct Notes {
    file: String,
    found: Vec<Problem>,
}

impl Notes {
    /// Nothing found yet in `file`.
    pub fn new(file: impl Into<String>) -> Notes {
        Notes { file: file.into(), found: Vec::new() }
    }

    /// Something is wrong in `line`.
    pub fn add(&mut self, line: usize, what: impl Into<String>, cure: impl Into<String>) {
        self.found.push(Problem::error(self.file.clone(), line, what, cure));
    }

    /// A rule of `muster check` found something in `line`.
    pub fn found(
        &mut self,
        severity: Severity,
        rule: &'static str,
        line: usize,
        what: impl Into<String>,
        cure: impl Into<String>,
    ) {
        let problem = Problem::error(self.file.clone(), line, what, cure);
        self.found.push(Problem { severity, rule: Some(rule), ..problem });
    }

    /// Whether nothing is wrong so far.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// How much is wrong so far.
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// What was found.
    pub fn into_problems(self) -> Vec<Problem> {
        self.found
    }
}

/// Sorted by file and line, each once.
pub fn sorted(mut problems: Vec<Problem>) -> Vec<Problem> {
    problems.sort();
    problems.dedup();
    problems
}

/// How many names are listed at most.
const MOST: usize = 40;

/// ``did you mean `x`?`` where one of `known` is near, otherwise the list of all.
pub fn nearest(word: &str, known: &[&str]) -> String {
    let near = known.iter().map(|k| (distance(word, k), k)).min();
    match near {
        Some((d, k)) if d <= 2 && d < k.chars().count() => format!("did you mean `{k}`?"),
        _ if known.is_empty() => "nothing is allowed here; delete it".to_owned(),
        _ => {
            // The same name may be asked for at several places; people need it once.
            let mut seen = HashSet::new();
            let names: Vec<&str> = known.iter().copied().filter(|name| seen.insert(*name)).collect();
            let more =
                if names.len() > MOST { format!(" and {} more", names.len() - MOST) } else { String::new() };
            format!("there are {}{more}", names[..names.len().min(MOST)].join(", "))
        }
    }
}

/// How many letters have to be changed, added or deleted.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().take(80).enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = before + usize::from(x != *y);
            before = row[j + 1];
            row[j + 1] = change.min(before + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_reads_as_a_compiler_would_say_it() {
        let p = Problem::error("muster.toml", 3, "no guild", "add it");
        assert_eq!(p.to_string(), "muster.toml:3: no guild\n  add it");
        let p = Problem { severity: Severity::Note, rule: Some("endless"), ..p };
        assert_eq!(p.to_string(), "muster.toml:3: note: [endless] no guild\n  add it");
    }

    #[test]
    fn a_near_word_is_proposed_and_a_far_one_lists_all() {
        assert_eq!(nearest("descripton", &["action", "description"]), "did you mean `description`?");
        assert_eq!(nearest("colour", &["action", "allow"]), "there are action, allow");
    }

    #[test]
    fn a_name_that_is_known_at_several_places_is_proposed_once() {
        assert_eq!(nearest("guild", &["roles", "roles", "folders"]), "there are roles, folders");
    }
}
