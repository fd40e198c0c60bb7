//! Reads the closed part of Hurl's request and response syntax that an http step may use.
//!
//! Hurl's own parser (`hurl_core`) would need libxml2 and libclang to be built, and it accepts
//! far more than a step may do (files, cookies, options, several requests); so this is one of
//! our own, and anything outside the subset is an error with its line. Names between `{{` and
//! `}}` become parts of the tree here, before any value is known.

use super::{asserts, json, token};
use crate::house::problem::Notes;
use crate::model::runbook::http::{
    Assert, Body, Capture, HttpStep, Of, Operand, Predicate, Status, Subject, Template,
};

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// Lines with their numbers, read one after the other.
struct Lines<'a> {
    all: &'a [(usize, &'a str)],
    next: usize,
}

impl<'a> Lines<'a> {
    /// The next line that is neither empty nor a comment, without going on.
    fn peek(&mut self) -> Option<(usize, &'a str)> {
        while let Some((line, text)) = self.all.get(self.next) {
            let text = text.trim();
            if !text.is_empty() && !text.starts_with('#') {
                return Some((*line, text));
            }
            self.next += 1;
        }
        None
    }
}

/// The request and its expectations in a fence's lines. `first` is the fence's own line.
pub fn read(lines: &[(usize, &str)], first: usize, notes: &mut Notes) -> Option<HttpStep> {
    let before = notes.len();
    let mut lines = Lines { all: lines, next: 0 };
    let Some((line, text)) = lines.peek() else {
        notes.add(first, "there is no request in this step", "write GET {{base}}/healthz and HTTP 200");
        return None;
    };
    lines.next += 1;
    let (method, url) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    if !METHODS.contains(&method) {
        let what = format!("`{method}` is no method");
        notes.add(line, what, format!("begin with {} and the address", METHODS.join(", ")));
    }
    let url = template(uncommented(url), line, notes);
    if url.0.is_empty() {
        notes.add(line, "the request has no address", "write it behind the method");
    }
    let (headers, query) = head(&mut lines, notes);
    let body = body(&mut lines, notes);
    if body.is_some() && matches!(method, "GET" | "HEAD") {
        notes.add(line, format!("a {method} sends no body"), "delete the body, or use POST");
    }

    let status = match lines.peek() {
        Some((line, text)) => {
            lines.next += 1;
            status(uncommented(text), line, notes)
        }
        None => {
            notes.add(line, "nothing is expected of the answer", "add HTTP 200, or HTTP * for any status");
            None
        }
    };
    let (captures, asserts) = expected(&mut lines, notes);
    let (method, status) = (method.to_owned(), status?);
    let step = HttpStep { method, url, query, headers, body, status, captures, asserts };
    (notes.len() == before).then_some(step)
}

type Pairs = Vec<(String, Template)>;

/// Headers and the query section, which stand before the body.
fn head(lines: &mut Lines<'_>, notes: &mut Notes) -> (Pairs, Pairs) {
    let (mut headers, mut query) = (Vec::new(), Vec::new());
    let mut in_query = false;
    while let Some((line, text)) = lines.peek() {
        if let Some(section) = section(text) {
            match section {
                "Query" | "QueryStringParams" => in_query = true,
                "Captures" | "Asserts" => {
                    notes.add(line, format!("[{section}] stands before HTTP"), "move it behind the status");
                }
                _ => {
                    let what = format!("the section [{section}] is not known here");
                    notes.add(line, what, "a request has headers, [Query] and a body");
                }
            }
            lines.next += 1;
            continue;
        }
        if is_status(text) || text.starts_with(['{', '[', '`', '"', '<']) {
            break;
        }
        let Some((name, value)) = text.split_once(':') else {
            notes.add(
                line,
                format!("`{text}` is no header"),
                "write Name: value, a body in JSON, or HTTP 200",
            );
            lines.next += 1;
            continue;
        };
        let value = template(uncommented(value), line, notes);
        if in_query {
            if name.contains("{{") {
                notes.add(line, "a name stands in the key of a query", "write the key out");
            }
            query.push((name.trim().to_owned(), value));
        } else {
            let name = header_name(name, line, notes);
            if matches!(
                name.to_ascii_lowercase().as_str(),
                "host" | "content-length" | "transfer-encoding" | "connection"
            ) {
                notes.add(line, format!("a step cannot set the header {name}"), "delete it");
            }
            headers.push((name, value));
        }
        lines.next += 1;
    }
    (headers, query)
}

/// What is sent: JSON, or text between three backticks.
fn body(lines: &mut Lines<'_>, notes: &mut Notes) -> Option<Body> {
    let (line, text) = lines.peek()?;
    if is_status(text) {
        return None;
    }
    let start = lines.next;
    if text.starts_with("```") {
        let rest = &lines.all[start + 1..];
        let Some(length) = rest.iter().position(|(_, l)| l.trim() == "```") else {
            notes.add(line, "the body has no end", "close it with ``` on a line of its own");
            lines.next = lines.all.len();
            return None;
        };
        lines.next = start + length + 2;
        let text: String = rest[..length].iter().flat_map(|(_, l)| [*l, "\n"]).collect();
        return Some(Body::Text(template_raw(&text, line, notes)));
    }
    let rest = &lines.all[start..];
    let length = rest.iter().position(|(_, l)| is_status(l.trim())).unwrap_or(rest.len());
    lines.next = start + length;
    let text: Vec<&str> = rest[..length].iter().map(|(_, l)| *l).collect();
    match json::parse(&text.join("\n")) {
        Ok(json) => Some(Body::Json(json)),
        Err((down, why)) => {
            notes.add(
                line + down,
                format!("the body is no JSON: {why}"),
                "correct it, or write text between ``` lines",
            );
            None
        }
    }
}

/// Headers of the answer, captures and assertions.
fn expected(lines: &mut Lines<'_>, notes: &mut Notes) -> (Vec<Capture>, Vec<Assert>) {
    let (mut captures, mut asserts) = (Vec::<Capture>::new(), Vec::new());
    let mut now = None;
    while let Some((line, text)) = lines.peek() {
        lines.next += 1;
        match (section(text), now) {
            (Some(name @ ("Captures" | "Asserts")), _) => now = Some(name),
            (Some(name), _) => {
                let what = format!("the section [{name}] is not known here");
                notes.add(line, what, "an answer has [Captures] and [Asserts]");
            }
            (None, Some("Captures")) => match asserts::capture(text, line, notes) {
                Some(c) if captures.iter().any(|o| o.name == c.name) => {
                    notes.add(line, format!("`{}` is captured twice", c.name), "rename one");
                }
                found => captures.extend(found),
            },
            (None, Some(_)) => asserts.extend(asserts::assert(text, line, notes)),
            (None, None) if is_status(text) || METHODS.iter().any(|m| text.starts_with(&format!("{m} "))) => {
                notes.add(line, "a second request begins here", "give it a fence and a name of its own");
                lines.next = lines.all.len();
            }
            (None, None) => match text.split_once(':') {
                Some((name, value)) => asserts.push(Assert {
                    subject: Subject { part: Of::Header(header_name(name, line, notes)), count: false },
                    not: false,
                    predicate: Predicate::Equal(Operand::Text(template(uncommented(value), line, notes))),
                    source: text.to_owned(),
                    line,
                }),
                None => notes.add(
                    line,
                    format!("`{text}` is not understood"),
                    "write Name: value, [Captures] or [Asserts]",
                ),
            },
        }
    }
    (captures, asserts)
}

fn section(text: &str) -> Option<&str> {
    let name = uncommented(text).strip_prefix('[')?.strip_suffix(']')?;
    (!name.is_empty() && name.chars().all(|c| c.is_ascii_alphabetic())).then_some(name)
}

fn is_status(text: &str) -> bool {
    text == "HTTP" || text.starts_with("HTTP ") || text.starts_with("HTTP/")
}

fn status(text: &str, line: usize, notes: &mut Notes) -> Option<Status> {
    let said = text.split_once(' ').map_or("", |(_, s)| s.trim());
    let known =
        text.split(' ').next().is_some_and(|v| matches!(v, "HTTP" | "HTTP/1.0" | "HTTP/1.1" | "HTTP/2"));
    match said.parse::<u16>() {
        _ if !known => {}
        Ok(code) if (100..600).contains(&code) => return Some(Status::Is(code)),
        Err(_) if said == "*" => return Some(Status::Any),
        _ => {}
    }
    notes.add(line, format!("`{text}` expects no status"), "write HTTP 200, or HTTP * for any status");
    None
}

fn header_name(name: &str, line: usize, notes: &mut Notes) -> String {
    let name = name.trim();
    let letter = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if name.is_empty() || !name.chars().all(letter) {
        notes.add(line, format!("`{name}` is no header's name"), "use letters, digits and -");
    }
    name.to_owned()
}

/// The text without a comment behind it, which begins with ` #`.
fn uncommented(text: &str) -> &str {
    text.find(" #").map_or(text, |at| &text[..at]).trim()
}

fn template(text: &str, line: usize, notes: &mut Notes) -> Template {
    let found = template_raw(text, line, notes);
    if text.chars().any(|c| c.is_control() && c != '\t') {
        notes.add(line, "there is a control character in this line", "delete it");
    }
    found
}

fn template_raw(text: &str, line: usize, notes: &mut Notes) -> Template {
    token::template(text).unwrap_or_else(|why| {
        notes.add(line, why, token::NAME_CURE);
        Template::default()
    })
}
