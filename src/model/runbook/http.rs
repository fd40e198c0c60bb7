//! A request and what is expected of its answer: the closed part of Hurl's syntax that a runbook
//! may use, as values. A `{{name}}` is a part of its own here, so that what is put in for it can
//! never be read as syntax.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One request and its expectations.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HttpStep {
    /// In capitals.
    pub method: String,
    /// Where to. Its scheme, host and path may hold values.
    pub url: Template,
    /// Query parameters of their own section; those in the address stay there.
    pub query: Vec<(String, Template)>,
    /// Headers.
    pub headers: Vec<(String, Template)>,
    /// What is sent.
    pub body: Option<Body>,
    /// What status is expected.
    pub status: Status,
    /// What later steps may use of the answer.
    pub captures: Vec<Capture>,
    /// What else is expected.
    pub asserts: Vec<Assert>,
}

/// Text with names in it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template(pub Vec<Part>);

/// A piece of a template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// As written.
    Text(String),
    /// The value with this name.
    Value(String),
}

impl Template {
    /// The names in it.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|p| match p {
            Part::Value(name) => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }
}

/// As it stands in the runbook, which is how people know it.
impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.0 {
            match part {
                Part::Text(text) => f.write_str(text)?,
                Part::Value(name) => write!(f, "{{{{{name}}}}}")?,
            }
        }
        Ok(())
    }
}

/// What is sent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Body {
    /// JSON, with values only where a string or a whole value stands.
    Json(Json),
    /// Any other text.
    Text(Template),
}

/// JSON with names in it, but not in its keys: a value could repeat another key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Json {
    /// `null`, `true`, `12.5`: nothing that a name could change.
    Plain(serde_json::Value),
    /// A string.
    Text(Template),
    /// `{{name}}` outside quotes: a number, `true`, `false` or `null` is sent as such, anything
    /// else as a string.
    Value(String),
    /// `[…]`.
    List(Vec<Json>),
    /// `{…}`.
    Object(Vec<(String, Json)>),
}

/// What status is expected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// `HTTP *`: whatever comes.
    Any,
    /// This one.
    Is(u16),
}

/// What later steps may use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Capture {
    /// Its name there.
    pub name: String,
    /// What it is.
    pub subject: Subject,
}

/// Something expected of an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assert {
    /// Of what part.
    pub subject: Subject,
    /// Whether it must not be so.
    pub not: bool,
    /// What it must be.
    pub predicate: Predicate,
    /// As written, which is how a failure names it.
    pub source: String,
    /// Where, counted from 1.
    pub line: usize,
}

/// A part of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subject {
    /// Which part.
    pub part: Of,
    /// Whether not the thing itself but how many there are is meant (`count`).
    pub count: bool,
}

/// Which part of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Of {
    /// The status, a number.
    Status,
    /// The header with this name.
    Header(String),
    /// The whole body as text.
    Body,
    /// What this JSONPath (RFC 9535) finds in the body.
    Jsonpath(String),
    /// How long it took, in milliseconds.
    Duration,
}

/// What a part must be.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Predicate {
    /// `==`
    Equal(Operand),
    /// `!=`
    NotEqual(Operand),
    /// `<`
    Less(Operand),
    /// `<=`
    AtMost(Operand),
    /// `>`
    Greater(Operand),
    /// `>=`
    AtLeast(Operand),
    /// `contains`
    Contains(Operand),
    /// `startsWith`
    StartsWith(Operand),
    /// `endsWith`
    EndsWith(Operand),
    /// `matches`, a regular expression without names in it.
    Matches(String),
    /// `exists`
    Exists,
    /// `isEmpty`
    IsEmpty,
    /// `isBoolean`
    IsBoolean,
    /// `isInteger`
    IsInteger,
    /// `isFloat`
    IsFloat,
    /// `isNumber`
    IsNumber,
    /// `isString`
    IsString,
    /// `isCollection`: a list or an object.
    IsCollection,
}

/// What a part is compared with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operand {
    /// `null`, `true`, a number.
    Plain(serde_json::Value),
    /// Text.
    Text(Template),
    /// `{{name}}` outside quotes: compared as a number with a number, else as text.
    Value(String),
}

impl HttpStep {
    /// Whether it changes nothing (RFC 9110, 9.2.1).
    pub fn reads(&self) -> bool {
        matches!(self.method.as_str(), "GET" | "HEAD")
    }

    /// Every name that its request and its assertions use, in their order.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.url.names().collect();
        names.extend(self.query.iter().chain(&self.headers).flat_map(|(_, value)| value.names()));
        match &self.body {
            Some(Body::Text(text)) => names.extend(text.names()),
            Some(Body::Json(json)) => json.collect(&mut names),
            None => {}
        }
        for assert in &self.asserts {
            match assert.predicate.operand() {
                Some(Operand::Text(text)) => names.extend(text.names()),
                Some(Operand::Value(name)) => names.push(name),
                _ => {}
            }
        }
        names
    }
}

impl Json {
    fn collect<'a>(&'a self, names: &mut Vec<&'a str>) {
        match self {
            Json::Plain(_) => {}
            Json::Text(text) => names.extend(text.names()),
            Json::Value(name) => names.push(name),
            Json::List(all) => all.iter().for_each(|j| j.collect(names)),
            Json::Object(pairs) => pairs.iter().for_each(|(_, j)| j.collect(names)),
        }
    }
}

impl Predicate {
    /// What it compares with, where it does.
    pub fn operand(&self) -> Option<&Operand> {
        match self {
            Predicate::Equal(o)
            | Predicate::NotEqual(o)
            | Predicate::Less(o)
            | Predicate::AtMost(o)
            | Predicate::Greater(o)
            | Predicate::AtLeast(o)
            | Predicate::Contains(o)
            | Predicate::StartsWith(o)
            | Predicate::EndsWith(o) => Some(o),
            _ => None,
        }
    }
}
