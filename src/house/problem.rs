//! What is wrong with a file, where, and what to do: one shape for every finding, and a place
//! to collect them, because a person mends ten mistakes as easily as one when told of all.

use std::fmt;

/// Something wrong in a file that people wrote.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The file, as it was named to Muster.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub cure: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}\n  {}", self.file, self.line, self.what, self.cure)
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
        let (what, cure) = (what.into(), cure.into());
        self.found.push(Problem { file: self.file.clone(), line: line.max(1), what, cure });
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

/// ``did you mean `x`?`` where one of `known` is near, otherwise the list of all.
pub fn nearest(word: &str, known: &[&str]) -> String {
    let near = known.iter().map(|k| (distance(word, k), k)).min();
    match near {
        Some((d, k)) if d <= 2 && d < k.chars().count() => format!("did you mean `{k}`?"),
        _ if known.is_empty() => "nothing is allowed here; delete it".to_owned(),
        _ => {
            // The same name may be asked for at several places; people need it once.
            let mut names: Vec<&str> = vec![];
            for name in known {
                if !names.contains(name) {
                    names.push(name);
                }
            }
            format!("there are {}", names.join(", "))
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
        let p =
            Problem { file: "muster.toml".into(), line: 3, what: "no guild".into(), cure: "add it".into() };
        assert_eq!(p.to_string(), "muster.toml:3: no guild\n  add it");
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
