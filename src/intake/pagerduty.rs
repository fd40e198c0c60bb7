//! What PagerDuty's clients send: the Events API v2, so that whatever can call PagerDuty can call
//! Muster with another address (PagerDuty, "Send an Alert Event", "Send a Change Event").

use serde::Deserialize;
use serde_json::{Value, json};

use super::fields::{at, text, time};
use crate::kit::time::Timestamp;
use crate::model::alert::{Batch, Received, Signal};
use crate::model::incident::Link;
use crate::model::labels::{Fingerprint, Labels};
use crate::model::mark::{Mark, Went};

/// Longest `dedup_key`, in characters.
const KEY: usize = 255;
/// Longest `summary`, in characters.
const SUMMARY: usize = 1024;
/// What a severity may be.
const SEVERITIES: [&str; 4] = ["critical", "error", "warning", "info"];
/// Longest name of a label, in bytes, and what an alert without a class is called by.
const NAME: usize = 128;

/// An event that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The integration key that came with it: the secret.
    pub routing_key: String,
    /// By what its sender can speak of it again; a change has none.
    pub dedup_key: Option<String>,
    /// What is to be kept.
    pub batch: Batch,
}

impl Event {
    /// What its sender is told, with 202.
    pub fn answer(&self) -> Value {
        match &self.dedup_key {
            Some(key) => json!({"status": "success", "message": "Event processed", "dedup_key": key}),
            None => json!({"status": "success", "message": "Change event processed"}),
        }
    }
}

/// What a sender is told with 400: each error names its field.
pub fn invalid(errors: &[String]) -> Value {
    json!({"status": "invalid event", "message": "Event object is invalid", "errors": errors})
}

/// What a sender is told with 429.
pub fn too_many() -> Value {
    json!({"status": "throttle exceeded", "message": "Too many events at once: send this one again later"})
}

/// The integration key in a body, before anything else of it is believed.
pub fn routing_key(body: &[u8]) -> Option<String> {
    // Of a stranger's body nothing else is kept: it may be large.
    #[derive(Deserialize)]
    struct Keyed {
        #[serde(default)]
        routing_key: Option<String>,
    }
    serde_json::from_slice::<Keyed>(body).ok()?.routing_key
}

/// `POST /v2/enqueue`. `fresh` is a key for an alert that brings none of its own.
///
/// # Errors
/// Every field that is wrong, by its name.
pub fn enqueue(source: &str, body: &[u8], now: Timestamp, fresh: &str) -> Result<Event, Vec<String>> {
    let body = object(body)?;
    let mut wrong = vec![];
    let routing_key = wanted(&body, &["routing_key"], &mut wrong);
    let action = wanted(&body, &["event_action"], &mut wrong);
    let key = at(&body, &["dedup_key"]);
    if key.as_ref().is_some_and(|k| k.chars().count() > KEY) {
        wrong.push(format!("'dedup_key' is longer than {KEY} characters"));
    }
    let mut alert = None;
    match action.as_str() {
        "trigger" => alert = trigger(&body, now, &mut wrong),
        "acknowledge" | "resolve" if key.is_none() => {
            wrong.push(format!("'dedup_key' is missing or blank, and '{action}' needs it"));
        }
        "acknowledge" => alert = Some(bare(Signal::Acknowledged)),
        "resolve" => alert = Some(bare(Signal::Resolved { at: None })),
        "" => {}
        other => wrong.push(format!("'event_action' is '{other}': use trigger, acknowledge or resolve")),
    }
    let Some(mut alert) = alert.filter(|_| wrong.is_empty()) else { return Err(wrong) };
    let key = key.unwrap_or_else(|| fresh.to_owned());
    alert.fingerprint = Fingerprint::named(source, &key);
    let batch = Batch { source: source.to_owned(), alerts: vec![alert], ..Batch::default() };
    Ok(Event { routing_key, dedup_key: Some(key), batch })
}

/// `POST /v2/change/enqueue`.
///
/// # Errors
/// Every field that is wrong, by its name.
pub fn change(source: &str, body: &[u8], now: Timestamp) -> Result<Event, Vec<String>> {
    let body = object(body)?;
    let mut wrong = vec![];
    let routing_key = wanted(&body, &["routing_key"], &mut wrong);
    let what = summary(&body, &mut wrong);
    let when = timestamp(&body, &mut wrong).unwrap_or(now);
    let link = links(&body, &mut wrong).into_iter().next();
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let details = |key: &str| at(&body, &["payload", "custom_details", key]);
    let failed = ["build_state", "state", "status", "result"]
        .iter()
        .filter_map(|key| details(key))
        .any(|s| ["failed", "failure", "error"].iter().any(|word| s.eq_ignore_ascii_case(word)));
    let mark = Mark {
        what,
        service: details("service").or_else(|| at(&body, &["payload", "source"])),
        at: when,
        went: if failed { Went::Failed } else { Went::Unsaid },
        by: details("user").or_else(|| details("author")),
        link,
        ..Mark::default()
    };
    let batch = Batch { source: source.to_owned(), marks: vec![mark], ..Batch::default() };
    Ok(Event { routing_key, dedup_key: None, batch })
}

fn object(body: &[u8]) -> Result<Value, Vec<String>> {
    match serde_json::from_slice::<Value>(body) {
        Ok(body) if body.is_object() => Ok(body),
        Ok(_) => Err(vec!["the body is JSON, and no object".to_owned()]),
        Err(e) => Err(vec![format!("the body is no JSON: {e}")]),
    }
}

fn wanted(body: &Value, way: &[&str], wrong: &mut Vec<String>) -> String {
    let found = at(body, way);
    if found.is_none() {
        wrong.push(format!("'{}' is missing or blank", way.join(".")));
    }
    found.unwrap_or_default()
}

/// An alert of which only its key is known.
fn bare(signal: Signal) -> Received {
    Received {
        fingerprint: Fingerprint(0),
        labels: Labels::default(),
        annotations: Labels::default(),
        link: None,
        signal,
    }
}

fn trigger(body: &Value, now: Timestamp, wrong: &mut Vec<String>) -> Option<Received> {
    if !body.get("payload").is_some_and(Value::is_object) {
        wrong.push("'payload' is missing or blank".to_owned());
        return None;
    }
    let of = |key: &str| at(body, &["payload", key]);
    let summary = summary(body, wrong);
    let source = wanted(body, &["payload", "source"], wrong);
    let severity = wanted(body, &["payload", "severity"], wrong).to_ascii_lowercase();
    if !severity.is_empty() && !SEVERITIES.contains(&severity.as_str()) {
        wrong.push(format!("'payload.severity' is '{severity}': use {}", SEVERITIES.join(", ")));
    }
    let since = timestamp(body, wrong).filter(|at| *at <= now);
    let links = links(body, wrong);

    let details = body["payload"].get("custom_details");
    let mut annotations = vec![("summary".to_owned(), summary.clone())];
    match details {
        Some(Value::Object(all)) => {
            annotations.extend(all.iter().filter_map(|(k, v)| Some((k.clone(), text(v)?))));
        }
        Some(other) => annotations.extend(text(other).map(|t| ("description".to_owned(), t))),
        None => {}
    }
    annotations.extend(links.iter().map(|l| (l.label.clone(), l.url.clone())));
    annotations.extend(at(body, &["client"]).map(|client| ("client".to_owned(), client)));
    annotations.extend(images(body, wrong));

    let class = of("class");
    let service = at(body, &["payload", "custom_details", "service"]).or_else(|| of("component"));
    let labels = [
        ("alertname", Some(class.clone().unwrap_or_else(|| head(&summary).to_owned()))),
        ("severity", Some(severity)),
        ("source", Some(source)),
        ("service", service.or_else(|| of("group"))),
        ("component", of("component")),
        ("group", of("group")),
        ("class", class),
    ];
    let labels = Labels::new(labels.into_iter().filter_map(|(name, value)| Some((name, value?))));
    Some(Received {
        labels,
        annotations: Labels::new(annotations),
        link: at(body, &["client_url"]).or_else(|| links.into_iter().next().map(|l| l.url)),
        ..bare(Signal::Firing { since, until: None })
    })
}

/// As much of it as a label may hold.
fn head(text: &str) -> &str {
    let end = text.char_indices().map(|(at, c)| at + c.len_utf8()).take_while(|end| *end <= NAME).last();
    &text[..end.unwrap_or(0)]
}

fn summary(body: &Value, wrong: &mut Vec<String>) -> String {
    let summary = wanted(body, &["payload", "summary"], wrong);
    if summary.chars().count() > SUMMARY {
        wrong.push(format!("'payload.summary' is longer than {SUMMARY} characters"));
    }
    summary
}

fn timestamp(body: &Value, wrong: &mut Vec<String>) -> Option<Timestamp> {
    let said = at(body, &["payload", "timestamp"])?;
    let read = time(&said);
    if read.is_none() {
        wrong.push(format!("'payload.timestamp' is '{said}': write it as in RFC 3339"));
    }
    read
}

/// A list's objects, each with its place.
fn list<'a>(body: &'a Value, key: &str, wrong: &mut Vec<String>) -> Vec<&'a Value> {
    match body.get(key) {
        None | Some(Value::Null) => vec![],
        Some(Value::Array(all)) => all.iter().collect(),
        Some(_) => {
            wrong.push(format!("'{key}' is no list"));
            vec![]
        }
    }
}

fn links(body: &Value, wrong: &mut Vec<String>) -> Vec<Link> {
    let mut links = vec![];
    for (n, link) in list(body, "links", wrong).into_iter().enumerate() {
        match at(link, &["href"]) {
            Some(url) => {
                links.push(Link {
                    label: at(link, &["text"]).unwrap_or_else(|| format!("link {}", n + 1)),
                    url,
                });
            }
            None => wrong.push(format!("'links[{n}].href' is missing or blank")),
        }
    }
    links
}

fn images(body: &Value, wrong: &mut Vec<String>) -> Vec<(String, String)> {
    let mut images = vec![];
    for (n, image) in list(body, "images", wrong).into_iter().enumerate() {
        match at(image, &["src"]) {
            Some(src) => {
                images.push((at(image, &["alt"]).unwrap_or_else(|| format!("image {}", n + 1)), src));
            }
            None => wrong.push(format!("'images[{n}].src' is missing or blank")),
        }
    }
    images
}

#[cfg(test)]
mod tests;
