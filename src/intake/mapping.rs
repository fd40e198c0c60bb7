//! Whatever a file describes: any JSON becomes alerts and marks by its mapping.

use std::collections::BTreeMap;

use serde_json::Value;

use super::fields;
use crate::kit::time::Timestamp;
use crate::model::alert::{Batch, Received, Signal};
use crate::model::incident::Link;
use crate::model::labels::{Fingerprint, Labels};
use crate::model::mapping::{Choice, Information, Mapping, Piece, Template, When, Words, meant};
use crate::model::mark::{Mark, Went};

/// Longest label that is made of a title, in characters.
const TITLE: usize = 120;

/// A request, as far as a mapping looks at it.
#[derive(Clone, Copy)]
pub struct Asked<'a> {
    /// The file.
    pub mapping: &'a Mapping,
    /// What the source is called in `muster.toml`.
    pub source: &'a str,
    /// What sources call the services, for all of them ([`crate::model::intake::Intake::services`]).
    pub services: &'a BTreeMap<String, String>,
    /// The body.
    pub body: &'a Value,
    /// A header by its name in lower case.
    pub header: &'a dyn Fn(&str) -> Option<String>,
    /// When it came.
    pub now: Timestamp,
}

/// What a request comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapped {
    /// What is to be kept.
    pub batch: Batch,
    /// What was passed over, and why.
    pub passed: Vec<String>,
    /// What the file looks for and did not find, where it can be done without.
    pub missed: Vec<Told>,
}

/// Something about a place in the body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Which part of the body: its number from 0; `None` where there is only one.
    pub part: Option<usize>,
    /// What the file calls it.
    pub field: String,
    /// Where the file looks for it.
    pub path: String,
    /// What is wrong.
    pub what: String,
}

impl std::fmt::Display for Told {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let part = self.part.map(|n| format!("part {n}: ")).unwrap_or_default();
        write!(f, "{part}`{}` ({}): {}", self.field, self.path, self.what)
    }
}

/// The JSON of a body: JSON, a form, or, where there is no body, the address's query.
///
/// # Errors
/// Why it is none.
pub fn body(kind: &str, body: &[u8], query: &str) -> Result<Value, String> {
    if body.trim_ascii().is_empty() && !query.is_empty() {
        return Ok(fields::form(query));
    }
    if kind.trim_start().to_ascii_lowercase().starts_with("application/x-www-form-urlencoded") {
        return Ok(fields::form(&String::from_utf8_lossy(body)));
    }
    serde_json::from_slice(body).map_err(|e| format!("the body is no JSON: {e}"))
}

/// Reads a request. Either all of it is understood, or none of it is kept.
///
/// # Errors
/// What could not be understood and cannot be done without, each with its path.
pub fn read(asked: &Asked<'_>) -> Result<Mapped, Vec<Told>> {
    let mapping = asked.mapping;
    let parts: Vec<&Value> = match (&mapping.each, asked.body) {
        (Some(each), body) => each.query(body).all(),
        (None, Value::Array(all)) => all.iter().collect(),
        (None, body) => vec![body],
    };
    let mut mapped = Mapped::default();
    mapped.batch.source = asked.source.to_owned();
    let mut wrong = vec![];
    if let (true, Some(each)) = (parts.is_empty(), &mapping.each) {
        let what = "nothing is there".to_owned();
        wrong.push(Told { part: None, field: "each".to_owned(), path: each.to_string(), what });
    }
    let many = parts.len() > 1;
    for (n, part) in parts.iter().enumerate() {
        let mut reading = Reading { asked, part, number: many.then_some(n), missed: vec![], wrong: vec![] };
        match reading.read() {
            Some(Part::Alert(alert)) => mapped.batch.alerts.push(*alert),
            Some(Part::Mark(mark)) => mapped.batch.marks.push(mark),
            Some(Part::Passed(why)) => mapped.passed.push(why),
            None => {}
        }
        mapped.missed.append(&mut reading.missed);
        wrong.append(&mut reading.wrong);
    }
    let first = parts.first().copied().unwrap_or(&Value::Null);
    if !many {
        mapped.batch.receipt = made(asked, first, &mapping.receipt);
    }
    if wrong.is_empty() { Ok(mapped) } else { Err(wrong) }
}

/// What a part of a body becomes.
enum Part {
    Alert(Box<Received>),
    Mark(Mark),
    Passed(String),
}

struct Reading<'a> {
    asked: &'a Asked<'a>,
    part: &'a Value,
    number: Option<usize>,
    missed: Vec<Told>,
    wrong: Vec<Told>,
}

impl Reading<'_> {
    fn read(&mut self) -> Option<Part> {
        let mapping = self.asked.mapping;
        if let Some((_, because)) = mapping.ignore.iter().find(|(when, _)| self.holds(when)) {
            return Some(Part::Passed(because.clone()));
        }
        let information = match &mapping.information {
            Information::Never => false,
            Information::Always => true,
            Information::When(conditions) => conditions.iter().any(|when| self.holds(when)),
        };
        let Some(title) = self.made(&mapping.title) else {
            self.wrong.push(self.told("title", &mapping.title, "nothing is there"));
            return None;
        };
        if information {
            return Some(Part::Mark(self.mark(title)));
        }
        let signal = match self.signal()? {
            Ok(signal) => signal,
            Err(passed) => return Some(Part::Passed(passed)),
        };
        Some(Part::Alert(Box::new(self.alert(title, signal))))
    }

    fn mark(&mut self, what: String) -> Mark {
        let mapping = self.asked.mapping;
        let at = self.time("starts", &mapping.starts).unwrap_or(self.asked.now);
        let link = self.wanted("link", &mapping.link);
        Mark {
            what,
            service: self.service(),
            at,
            went: Went::Unsaid,
            by: self.wanted("by", &mapping.by),
            link: link.map(|url| Link { url, label: mapping.called.clone() }),
            post: true,
        }
    }

    /// Whether it fires; a sentence where it says nothing of that.
    fn signal(&mut self) -> Option<Result<Signal, String>> {
        let mapping = self.asked.mapping;
        let (since, ends) = (self.time("starts", &mapping.starts), self.time("ends", &mapping.ends));
        let fires = |since| {
            let lasts = mapping.lasts.map(|d| self.asked.now.after(d));
            match ends {
                Some(at) if at <= self.asked.now => Signal::Resolved { at: Some(at) },
                until => Signal::Firing { since, until: until.or(lasts) },
            }
        };
        // A source's clock may be ahead.
        let since = since.filter(|at| *at <= self.asked.now);
        let Some(status) = &mapping.status else { return Some(Ok(fires(since))) };
        let Some(word) = self.made(&status.value) else {
            self.wrong.push(self.told("status", &status.value, "nothing is there"));
            return None;
        };
        let is = |words: &[String]| words.iter().any(|pattern| meant(pattern, &word));
        if is(&status.firing) {
            Some(Ok(fires(since)))
        } else if is(&status.resolved) {
            Some(Ok(Signal::Resolved { at: ends }))
        } else if is(&status.acknowledged) {
            Some(Ok(Signal::Acknowledged))
        } else if is(&status.ignored) {
            Some(Err(format!("`{word}` says neither that it fires nor that it is over")))
        } else {
            let all = [&status.firing, &status.resolved, &status.acknowledged, &status.ignored];
            let known: Vec<&str> = all.into_iter().flatten().map(String::as_str).collect();
            let what = format!("`{word}` is none of {}", known.join(", "));
            self.wrong.push(self.told("status", &status.value, &what));
            None
        }
    }

    fn alert(&mut self, title: String, signal: Signal) -> Received {
        let mapping = self.asked.mapping;
        let mut labels: Vec<(String, String)> = vec![];
        for (name, template) in &mapping.labels {
            labels.extend(self.wanted(&format!("labels.{name}"), template).map(|v| (name.clone(), v)));
        }
        let has = |name: &str| labels.iter().any(|(n, _)| n == name);
        let mut more = vec![];
        if !has("alertname") {
            more.push(("alertname".to_owned(), title.chars().take(TITLE).collect()));
        }
        let severity = self.wanted("severity", &mapping.severity);
        let severity =
            severity.map(|word| meaning(&mapping.severities, &word).unwrap_or(word.to_lowercase()));
        more.extend(severity.map(|v| ("severity".to_owned(), v)));
        more.extend(self.service().map(|v| ("service".to_owned(), v)));
        labels.extend(more);
        let mut annotations = vec![("summary".to_owned(), title)];
        annotations.extend(self.wanted("summary", &mapping.summary).map(|v| ("description".to_owned(), v)));
        for (name, template) in &mapping.annotations {
            let value = self.wanted(&format!("annotations.{name}"), template);
            annotations.extend(value.map(|v| (name.clone(), v)));
        }
        let labels = Labels::new(labels);
        let key = self.wanted("key", &mapping.key);
        Received {
            fingerprint: match key {
                Some(key) => Fingerprint::named(self.asked.source, &key),
                None => labels.with("muster_source", self.asked.source).fingerprint(),
            },
            labels,
            annotations: Labels::new(annotations),
            link: self.wanted("link", &mapping.link),
            signal,
        }
    }

    fn service(&mut self) -> Option<String> {
        let mapping = self.asked.mapping;
        let word = self.wanted("service", &mapping.service)?;
        let named = meaning(&mapping.services, &word);
        Some(named.or_else(|| fields::named(self.asked.services, &word)).unwrap_or(word))
    }

    fn holds(&self, when: &When) -> bool {
        match (self.made(&when.value), &when.is) {
            (found, None) => found.is_none(),
            (Some(word), Some(is)) => is.iter().any(|pattern| meant(pattern, &word)),
            (None, Some(_)) => false,
        }
    }

    fn made(&self, template: &Template) -> Option<String> {
        made(self.asked, self.part, template)
    }

    /// The same; where the file looks for something that is not there, that is noted.
    fn wanted(&mut self, field: &str, template: &Template) -> Option<String> {
        let made = self.made(template);
        if made.is_none() && !template.is_empty() {
            self.missed.push(self.told(field, template, "nothing is there"));
        }
        made
    }

    fn time(&mut self, field: &str, template: &Template) -> Option<Timestamp> {
        let said = self.wanted(field, template)?;
        let read = fields::time(&said);
        if read.is_none() {
            let what = format!("`{said}` is no time: RFC 3339, or seconds since 1970");
            self.missed.push(self.told(field, template, &what));
        }
        read
    }

    fn told(&self, field: &str, template: &Template, what: &str) -> Told {
        let (part, path) = (self.number, template.ways());
        Told { part, field: field.to_owned(), path, what: what.to_owned() }
    }
}

/// What a word means.
fn meaning(words: &Words, word: &str) -> Option<String> {
    words.iter().find(|(pattern, _)| meant(pattern, word)).map(|(_, meaning)| meaning.clone())
}

/// The first way that is whole.
fn made(asked: &Asked<'_>, part: &Value, template: &Template) -> Option<String> {
    template.0.iter().find_map(|choice| whole(asked, part, choice))
}

fn whole(asked: &Asked<'_>, part: &Value, choice: &Choice) -> Option<String> {
    let mut text = String::new();
    for piece in &choice.pieces {
        let found = match piece {
            Piece::Text(letters) => Some(letters.clone()),
            Piece::Path(path) => joined(path.query(part).all()),
            Piece::Whole(path) => joined(path.query(asked.body).all()),
            Piece::Header(name) => (asked.header)(name).filter(|v| !v.trim().is_empty()),
        };
        text.push_str(&found?);
    }
    let text = match &choice.like {
        Some(like) => {
            let found = like.0.captures(&text)?;
            found.get(1).or_else(|| found.get(0)).map(|m| m.as_str().to_owned())?
        }
        None => text,
    };
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn joined(found: Vec<&Value>) -> Option<String> {
    let texts: Vec<String> = found.into_iter().filter_map(fields::text).collect();
    (!texts.is_empty()).then(|| texts.join(", "))
}
