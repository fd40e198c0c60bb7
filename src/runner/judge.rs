//! Holds an answer against what a step expects of it.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::header::HeaderMap;
use serde_json::Value;

use super::encode::{self, Values};
use super::secrets::Redactor;
use crate::kit::text::{cut, line};
use crate::model::runbook::http::{Assert, HttpStep, Of, Operand, Predicate, Status, Subject};

/// How long a captured value may be, in bytes: it is kept with its run.
const LONGEST_CAPTURE: usize = 4 * 1024;

/// What came back.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, or why it could not be read whole.
    pub body: Result<Vec<u8>, String>,
    /// From sending to the last byte.
    pub took: Duration,
}

/// Everything that is not as expected, each with what came instead. Empty is a pass. Secrets are
/// taken out before anything is cut short: half of one would not be found any more.
pub fn failures(step: &HttpStep, answer: &Answer, values: &Values, redactor: &Redactor) -> Vec<String> {
    let mut failed = Vec::new();
    if let Status::Is(wanted) = step.status
        && answer.status != wanted
    {
        failed.push(format!("HTTP {} instead of {wanted}", answer.status));
    }
    failed.extend(broken_asserts(step, answer, values, redactor));
    failed
}

/// The assertions that are false, whatever the status is.
pub fn broken_asserts(step: &HttpStep, answer: &Answer, values: &Values, redactor: &Redactor) -> Vec<String> {
    let mut failed = Vec::new();
    for assert in &step.asserts {
        if let Err(why) = holds(assert, answer, values, redactor) {
            let source = redactor.text(&encode::filled(&assert.source, values));
            failed.push(format!("{}: {why}", shown(&source)));
        }
    }
    failed
}

/// What later steps may use of the answer.
///
/// # Errors
/// Which part is not there.
pub fn captures(step: &HttpStep, answer: &Answer) -> Result<BTreeMap<String, String>, String> {
    let mut all = BTreeMap::new();
    for capture in &step.captures {
        let name = &capture.name;
        let found =
            find(&capture.subject, answer).map_err(|why| format!("`{name}` is not captured: {why}"))?;
        let value = match found {
            None | Some(Value::Null) => return Err(format!("`{name}` is not captured: nothing is there")),
            Some(Value::String(text)) => text,
            Some(other) => other.to_string(),
        };
        if value.len() > LONGEST_CAPTURE {
            let kib = LONGEST_CAPTURE / 1024;
            return Err(format!(
                "`{name}` is not captured: it is longer than {kib} KiB; capture a part of it"
            ));
        }
        all.insert(name.clone(), value);
    }
    Ok(all)
}

/// An assertion's text as people see it.
fn shown(source: &str) -> String {
    cut(&line(source.split(" #").next().unwrap_or(source)), 120)
}

/// What is not so about an assertion.
fn holds(assert: &Assert, answer: &Answer, values: &Values, redactor: &Redactor) -> Result<(), String> {
    let found = find(&assert.subject, answer)?;
    let Some(found) = found else {
        // Nothing is neither equal nor unequal to anything: only its absence can be expected.
        let expected = assert.not && assert.predicate == Predicate::Exists;
        return if expected { Ok(()) } else { Err("nothing is there".to_owned()) };
    };
    let is = test(&assert.predicate, &found, values)?;
    if is != assert.not { Ok(()) } else { Err(format!("came {}", said(&found, redactor))) }
}

/// A value as people see it: text without its quotes, and not more than fits.
fn said(value: &Value, redactor: &Redactor) -> String {
    let text = match value {
        Value::String(text) => line(&redactor.text(text)),
        other => line(&redactor.text(&other.to_string())),
    };
    let text = redactor.text(&text);
    if text.is_empty() { "an empty text".to_owned() } else { cut(&text, 100) }
}

/// The part of the answer that is meant; `None` if it is not there.
fn find(subject: &Subject, answer: &Answer) -> Result<Option<Value>, String> {
    let text = || {
        let bytes = answer.body.as_ref().map_err(Clone::clone)?;
        Ok::<_, String>(String::from_utf8_lossy(bytes).into_owned())
    };
    Ok(match &subject.part {
        Of::Status => Some(answer.status.into()),
        Of::Duration => Some(u64::try_from(answer.took.as_millis()).unwrap_or(u64::MAX).into()),
        Of::Body => Some(text()?.into()),
        Of::Header(name) => {
            let all = answer.headers.get_all(name.as_str()).iter();
            let mut all: Vec<Value> = all.map(|v| String::from_utf8_lossy(v.as_bytes()).into()).collect();
            if all.len() > 1 { Some(all.into()) } else { all.pop() }
        }
        Of::Jsonpath(path) => {
            let body: Value = serde_json::from_str(&text()?).map_err(|_| "the body is no JSON".to_owned())?;
            let parsed = serde_json_path::JsonPath::parse(path).map_err(|e| line(&e.to_string()))?;
            let mut nodes: Vec<Value> = parsed.query(&body).all().into_iter().cloned().collect();
            match (singular(path), subject.count) {
                (true, true) => Some(count(nodes.pop())?),
                (true, false) => nodes.pop(),
                (false, true) => Some(nodes.len().into()),
                (false, false) if nodes.is_empty() => None,
                (false, false) => Some(nodes.into()),
            }
        }
    })
}

fn count(value: Option<Value>) -> Result<Value, String> {
    match value {
        Some(Value::Array(all)) => Ok(all.len().into()),
        Some(Value::Object(all)) => Ok(all.len().into()),
        None => Err("nothing is there to count".to_owned()),
        Some(_) => Err("what is there cannot be counted".to_owned()),
    }
}

/// Whether a path leads to one place at most (RFC 9535, 2.3.5.1): no wildcard, slice, filter,
/// list or descent outside quotes.
fn singular(path: &str) -> bool {
    let mut quote = None;
    let mut escaped = false;
    let mut before = ' ';
    for c in path.chars() {
        match quote {
            Some(_) if escaped => escaped = false,
            Some(_) if c == '\\' => escaped = true,
            Some(q) if c == q => quote = None,
            Some(_) => {}
            None if matches!(c, '\'' | '"') => quote = Some(c),
            None if matches!(c, '*' | '?' | ':' | ',') || (c == '.' && before == '.') => {
                return false;
            }
            None => {}
        }
        before = c;
    }
    true
}

fn test(predicate: &Predicate, found: &Value, values: &Values) -> Result<bool, String> {
    let number = |o: &Operand| -> Result<Option<std::cmp::Ordering>, String> {
        let wanted = match o {
            Operand::Plain(value) => value.as_f64(),
            Operand::Value(name) => encode::scalar(encode::value(name, values)?).as_f64(),
            Operand::Text(_) => None,
        };
        Ok(found.as_f64().zip(wanted).and_then(|(a, b)| a.partial_cmp(&b)))
    };
    let words = |o: &Operand| -> Result<Option<String>, String> {
        Ok(match o {
            Operand::Text(template) => Some(encode::text(template, values)?),
            Operand::Value(name) => Some(encode::value(name, values)?.to_owned()),
            Operand::Plain(_) => None,
        })
    };
    let part = |o: &Operand, test: fn(&str, &str) -> bool| -> Result<bool, String> {
        Ok(words(o)?.is_some_and(|wanted| found.as_str().is_some_and(|text| test(text, &wanted))))
    };
    Ok(match predicate {
        Predicate::Equal(o) => equal(o, found, values)?,
        Predicate::NotEqual(o) => !equal(o, found, values)?,
        Predicate::Less(o) => number(o)?.is_some_and(std::cmp::Ordering::is_lt),
        Predicate::AtMost(o) => number(o)?.is_some_and(std::cmp::Ordering::is_le),
        Predicate::Greater(o) => number(o)?.is_some_and(std::cmp::Ordering::is_gt),
        Predicate::AtLeast(o) => number(o)?.is_some_and(std::cmp::Ordering::is_ge),
        Predicate::Contains(o) => match found {
            Value::Array(all) => {
                let each = all.iter().map(|one| equal(o, one, values));
                each.collect::<Result<Vec<_>, _>>()?.contains(&true)
            }
            _ => part(o, |text, wanted| text.contains(wanted))?,
        },
        Predicate::StartsWith(o) => part(o, |text, wanted| text.starts_with(wanted))?,
        Predicate::EndsWith(o) => part(o, |text, wanted| text.ends_with(wanted))?,
        Predicate::Matches(pattern) => {
            let pattern = regex::Regex::new(pattern).map_err(|e| line(&e.to_string()))?;
            found.as_str().is_some_and(|text| pattern.is_match(text))
        }
        Predicate::Exists => true,
        Predicate::IsEmpty => match found {
            Value::String(text) => text.is_empty(),
            Value::Array(all) => all.is_empty(),
            Value::Object(all) => all.is_empty(),
            _ => false,
        },
        Predicate::IsBoolean => found.is_boolean(),
        Predicate::IsInteger => found.is_i64() || found.is_u64(),
        Predicate::IsFloat => found.is_f64(),
        Predicate::IsNumber => found.is_number(),
        Predicate::IsString => found.is_string(),
        Predicate::IsCollection => found.is_array() || found.is_object(),
    })
}

/// Numbers are equal by their value, everything else by kind and value; a name outside quotes
/// takes the kind of what came.
fn equal(operand: &Operand, found: &Value, values: &Values) -> Result<bool, String> {
    Ok(match operand {
        Operand::Text(template) => found.as_str() == Some(encode::text(template, values)?.as_str()),
        Operand::Plain(wanted) => same(wanted, found),
        Operand::Value(name) => {
            let wanted = encode::value(name, values)?;
            found.as_str().map_or_else(|| same(&encode::scalar(wanted), found), |text| text == wanted)
        }
    })
}

fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) => {
            x == y || x.as_f64() == y.as_f64() && (x.is_f64() || y.is_f64())
        }
        _ => a == b,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_to_one_place_is_told_from_one_to_many() {
        for one in ["$", "$.a.b", "$['a,b*']", "$[0].x", "$[\"..\"]", "$['it\\'s:']"] {
            assert!(singular(one), "{one}");
        }
        for many in ["$.*", "$..a", "$[0:2]", "$[?@.a]", "$['a','b']"] {
            assert!(!singular(many), "{many}");
        }
    }
}
