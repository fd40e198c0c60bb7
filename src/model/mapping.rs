//! A mapping: what a source's JSON means, written in a file and not in code.

use std::time::Duration;

use regex::Regex;
use serde_json_path::JsonPath;

/// What a file of `data/sources/`, or of a team's own folder `sources`, says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mapping {
    /// The file's name without its ending.
    pub name: String,
    /// What the source is called by people.
    pub called: String,
    /// By what a request shows that it knows the secret, any of these; a bearer token or a password where
    /// nothing is said.
    pub proofs: Vec<Proof>,
    /// What the source calls a request, where it may send the same again.
    pub receipt: Template,
    /// Where in the body the parts are that become one alert each; the whole body where nothing is said.
    pub each: Option<JsonPath>,
    /// What is passed over, and why.
    pub ignore: Vec<(When, String)>,
    /// What needs no end and pages nobody: it becomes a mark that people see at once.
    pub information: Information,
    /// Whether it fires; always, where nothing is said.
    pub status: Option<Status>,
    /// What tells it from others; its labels do, where nothing is said.
    pub key: Template,
    /// In one line, what people read. It is also its label `alertname`, where that is not named.
    pub title: Template,
    /// In more lines, what people read.
    pub summary: Template,
    /// How bad, in the source's words.
    pub severity: Template,
    /// What those words mean.
    pub severities: Words,
    /// Of which service, in the source's words.
    pub service: Template,
    /// Which services those words mean.
    pub services: Words,
    /// More labels, by name.
    pub labels: Vec<(String, Template)>,
    /// More for people to read, by name.
    pub annotations: Vec<(String, Template)>,
    /// Since when.
    pub starts: Template,
    /// Until when.
    pub ends: Template,
    /// How long it fires where no end is said.
    pub lasts: Option<Duration>,
    /// Where the source shows it.
    pub link: Template,
    /// Who did it: a mark's alone.
    pub by: Template,
}

/// By what a request shows that it knows the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Proof {
    /// This header is the body's HMAC-SHA256 in hexadecimal, after `sha256=` or not.
    Signature(String),
    /// This header is the secret.
    Header(String),
    /// This part of the address's query is the secret.
    Query(String),
}

/// What is information, and no alert.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Information {
    /// Nothing.
    #[default]
    Never,
    /// Everything.
    Always,
    /// What any of these say.
    When(Vec<When>),
}

/// A condition on what came.
#[derive(Clone, Debug, PartialEq)]
pub struct When {
    /// What is looked at.
    pub value: Template,
    /// What it is then, each a word that may hold `*`; `None` where it is not there at all.
    pub is: Option<Vec<String>>,
}

/// Which words mean that an alert fires.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Status {
    /// The word.
    pub value: Template,
    /// It fires.
    pub firing: Vec<String>,
    /// It is over.
    pub resolved: Vec<String>,
    /// Somebody has seen it.
    pub acknowledged: Vec<String>,
    /// It says nothing of either.
    pub ignored: Vec<String>,
}

/// What words mean, in order; each may hold `*`.
pub type Words = Vec<(String, String)>;

/// How a text is made of what came: the first of these that is whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Template(pub Vec<Choice>);

impl Template {
    /// Whether the file says nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What it looks at, for whoever is told that nothing was there.
    pub fn ways(&self) -> String {
        let ways: Vec<&str> = self.0.iter().map(|choice| choice.written.as_str()).collect();
        ways.join(", ")
    }
}

/// One way to make a text. It is whole if all that it looks at is there.
#[derive(Clone, Debug, PartialEq)]
pub struct Choice {
    /// As the file has it.
    pub written: String,
    /// What it is made of, in order.
    pub pieces: Vec<Piece>,
    /// What of that is taken: the first group of this pattern, or all that it finds.
    pub like: Option<Like>,
}

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// These letters.
    Text(String),
    /// What stands there in the part that becomes this alert; several are joined by commas.
    Path(JsonPath),
    /// What stands there in the whole body.
    Whole(JsonPath),
    /// This header of the request, by its name in lower case.
    Header(String),
}

/// A pattern; two are the same if they are written the same.
#[derive(Clone, Debug)]
pub struct Like(pub Regex);

impl PartialEq for Like {
    fn eq(&self, other: &Like) -> bool {
        self.0.as_str() == other.0.as_str()
    }
}

/// Whether a word is meant by a pattern in which `*` stands for anything. Capitals do not count.
pub fn meant(pattern: &str, word: &str) -> bool {
    let (pattern, word) = (pattern.to_lowercase(), word.to_lowercase());
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| word.strip_prefix(first)) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_anything_and_capitals_do_not_count() {
        for (pattern, word) in
            [("up", "UP"), ("*_end", "ALERT_STATE_EVENT_END"), ("a*b*c", "a-b-b-c"), ("*", ""), ("a*", "a")]
        {
            assert!(meant(pattern, word), "{pattern} {word}");
        }
        for (pattern, word) in [("up", "upper"), ("*_end", "ending"), ("a*b*c", "acb"), ("ab*ba", "aba")] {
            assert!(!meant(pattern, word), "{pattern} {word}");
        }
    }
}
