//! Puts values into a request, each into one part and encoded for it, so that no value can be
//! read as anything but a value.

use std::collections::BTreeMap;
use std::net::IpAddr;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, Request, Url};

use super::address;
use crate::model::runbook::http::{Body, HttpStep, Json, Part, Template};

/// Values by name.
pub type Values = BTreeMap<String, String>;

/// The source of an assertion with its values, for people: they compare it with what came.
pub fn filled(source: &str, values: &Values) -> String {
    values.iter().fold(source.to_owned(), |text, (name, v)| text.replace(&format!("{{{{{name}}}}}"), v))
}

/// The request of a step.
///
/// # Errors
/// Which value is missing or cannot stand where it is to, and what to do. The value itself is
/// not in the sentence.
pub fn request(step: &HttpStep, values: &Values) -> Result<Request, String> {
    let method =
        Method::from_bytes(step.method.as_bytes()).map_err(|_| "the method is no method".to_owned())?;
    let mut request = Request::new(method, url(step, values)?);
    *request.headers_mut() = headers(step, values)?;
    if let Some(body) = &step.body {
        let (bytes, kind) = match body {
            Body::Json(json) => (self::json(json, values)?.to_string(), "application/json"),
            Body::Text(text) => (self::text(text, values)?, "text/plain; charset=utf-8"),
        };
        request.headers_mut().entry("content-type").or_insert(HeaderValue::from_static(kind));
        *request.body_mut() = Some(bytes.into());
    }
    Ok(request)
}

/// A name's value.
pub fn value<'a>(name: &str, values: &'a Values) -> Result<&'a str, String> {
    values.get(name).map(String::as_str).ok_or_else(|| {
        format!("`{name}` has no value: set it in muster.toml, under the vars of this service")
    })
}

/// Text with the values as they are.
pub fn text(template: &Template, values: &Values) -> Result<String, String> {
    let part = |p: &Part| match p {
        Part::Text(text) => Ok(text.clone()),
        Part::Value(name) => value(name, values).map(str::to_owned),
    };
    template.0.iter().map(part).collect()
}

fn url(step: &HttpStep, values: &Values) -> Result<Url, String> {
    let mut out = String::new();
    for (n, part) in step.url.0.iter().enumerate() {
        let in_host = !out.split_once("://").is_some_and(|(_, rest)| rest.contains(['/', '?']));
        match part {
            Part::Text(text) => out.push_str(text),
            Part::Value(name) if n == 0 => out.push_str(base(name, value(name, values)?)?),
            Part::Value(name) if in_host => {
                let host = value(name, values)?;
                if host.is_empty() || !host.chars().all(|c| c.is_ascii_alphanumeric() || ".-:[]".contains(c))
                {
                    return Err(format!("`{name}` is no host: correct it in muster.toml"));
                }
                out.push_str(host);
            }
            Part::Value(name) => out.push_str(&percent(value(name, values)?)),
        }
    }
    // A parser takes the step back that `..` asks for; a value must not ask.
    let path = out.split('?').next().unwrap_or_default();
    if path.split('/').any(|s| matches!(s.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..")) {
        return Err("the address holds a `.` or `..` between slashes: correct the value or the step".into());
    }
    for (key, template) in &step.query {
        out.push(if out.contains('?') { '&' } else { '?' });
        out.push_str(&format!("{}={}", percent(key), percent(&text(template, values)?)));
    }
    let url =
        Url::parse(&out).map_err(|e| format!("the address is none ({e}): correct the step or its vars"))?;
    let host = url.host_str().unwrap_or_default();
    let ip = host.trim_matches(['[', ']']).parse::<IpAddr>();
    if !matches!(url.scheme(), "http" | "https") || !url.username().is_empty() || url.password().is_some() {
        return Err("the address is not a plain http or https one: correct the step or its vars".into());
    }
    if ip.is_ok_and(address::refused) {
        return Err(format!("{host} is an address that a step must not reach (link-local or metadata)"));
    }
    Ok(url)
}

/// The team's own beginning of an address, as it is. Only its shape is looked at.
fn base<'a>(name: &str, value: &'a str) -> Result<&'a str, String> {
    let wrong =
        |why: &str| Err(format!("`{name}` {why}: correct it in muster.toml, like https://app.example"));
    let plain = value.bytes().all(|b| b.is_ascii_graphic());
    let Some(url) = Url::parse(value).ok().filter(|u| plain && matches!(u.scheme(), "http" | "https")) else {
        return wrong("is no http or https address");
    };
    if !url.username().is_empty() || url.password().is_some() || value.contains(['@', '\\']) {
        return wrong("holds a name or password");
    }
    if value.contains(['?', '#']) {
        return wrong("holds a query or a fragment");
    }
    Ok(value.trim_end_matches('/'))
}

fn headers(step: &HttpStep, values: &Values) -> Result<HeaderMap, String> {
    let mut headers = HeaderMap::new();
    for (name, template) in &step.headers {
        let wrong =
            || format!("the header {name} would hold a character that no header can: correct its value");
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| wrong())?;
        headers.append(key, HeaderValue::from_str(&text(template, values)?).map_err(|_| wrong())?);
    }
    Ok(headers)
}

fn json(json: &Json, values: &Values) -> Result<serde_json::Value, String> {
    Ok(match json {
        Json::Plain(value) => value.clone(),
        Json::Text(template) => text(template, values)?.into(),
        Json::Value(name) => scalar(value(name, values)?),
        Json::List(all) => all.iter().map(|j| self::json(j, values)).collect::<Result<Vec<_>, _>>()?.into(),
        Json::Object(pairs) => {
            let pair = |(key, j): &(String, Json)| Ok((key.clone(), self::json(j, values)?));
            serde_json::Value::Object(pairs.iter().map(pair).collect::<Result<_, String>>()?)
        }
    })
}

/// A number, `true`, `false` or `null` as such; anything else is text.
pub fn scalar(value: &str) -> serde_json::Value {
    match serde_json::from_str::<serde_json::Value>(value) {
        Ok(plain) if !(plain.is_object() || plain.is_array() || plain.is_string()) => plain,
        _ => value.into(),
    }
}

/// Percent-encoded but for what RFC 3986 calls unreserved.
fn percent(text: &str) -> String {
    let one = |b: u8| match b {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(b).to_string(),
        _ => format!("%{b:02X}"),
    };
    text.bytes().map(one).collect()
}
