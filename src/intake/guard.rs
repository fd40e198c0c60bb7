//! Who is let in, and how much of it: secrets, sizes, and how often.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use subtle::ConstantTimeEq as _;

use super::{Call, Problem};
use crate::kit::clock::Stopwatch;
use crate::kit::hash::hmac_sha256;
use crate::model::alert::Received;

/// Longest body, in bytes.
pub const BODY: usize = 4 * 1024 * 1024;
/// Longest labels, annotations and link of one alert together, in bytes.
pub const ALERT: usize = 16 * 1024;
/// Longest name of a label or an annotation, in bytes.
pub const NAME: usize = 128;
/// Most labels and annotations of one alert.
pub const PAIRS: usize = 256;
/// How deep JSON may be nested.
pub const DEPTH: usize = 64;
/// Longest head of a request, in bytes.
pub const HEAD: usize = 64 * 1024;
/// How long a head may take, and how long a connection may stay unused.
pub const HEAD_TIME: Duration = Duration::from_secs(75);
/// How long a body may take.
pub const BODY_TIME: Duration = Duration::from_secs(20);
/// Connections at once.
pub const CONNECTIONS: usize = 512;
/// Bytes of bodies that are read at once; those under [`SMALL`] do not count.
pub const BODIES: usize = 64 * 1024 * 1024;
/// A body that nobody needs to wait for.
pub const SMALL: usize = 64 * 1024;

/// Whether a secret is the right one. It takes the same time wherever they differ.
pub fn same(given: &[u8], secret: &[u8]) -> bool {
    given.ct_eq(secret).into()
}

/// The source's secret, as a bearer token or as the password of basic authorization, whatever the name.
///
/// # Errors
/// Why this request is not let in.
pub fn bearer_or_password(call: &Call<'_>) -> Result<(), Problem> {
    let secret = secret(call)?;
    let header = call.headers.get(AUTHORIZATION).map(|h| h.as_bytes());
    let Some(header) = header else {
        return Err(Problem::stranger(
            "this source has a secret: send it as a bearer token, or as the password of basic authorization",
        ));
    };
    let (scheme, rest) = header.split_at(header.iter().position(|b| *b == b' ').unwrap_or(header.len()));
    let given = match scheme.to_ascii_lowercase().as_slice() {
        b"bearer" => rest.trim_ascii().to_vec(),
        b"basic" => {
            let pair = STANDARD.decode(rest.trim_ascii()).unwrap_or_default();
            let colon = pair.iter().position(|b| *b == b':').map_or(pair.len(), |at| at + 1);
            pair[colon..].to_vec()
        }
        _ => Vec::new(),
    };
    if same(&given, secret.as_bytes()) {
        Ok(())
    } else {
        Err(Problem::stranger("this is not the source's secret"))
    }
}

/// The body's HMAC with SHA-256, in hexadecimal, in a header behind a prefix. What is `before` comes
/// before the body in what was signed.
///
/// # Errors
/// Why this request is not let in.
pub fn signed(call: &Call<'_>, header: &str, prefix: &str, before: &[u8]) -> Result<(), Problem> {
    let secret = secret(call)?;
    let given = call.headers.get(header).and_then(|h| h.to_str().ok());
    let Some(given) = given.and_then(|h| h.trim().strip_prefix(prefix)) else {
        return Err(Problem::stranger(format!("this source signs its requests: there is no {header}")));
    };
    let right = hmac_sha256(secret.as_bytes(), &[before, call.body]);
    let right: String = right.iter().map(|b| format!("{b:02x}")).collect();
    if same(given.to_ascii_lowercase().as_bytes(), right.as_bytes()) {
        Ok(())
    } else {
        Err(Problem::stranger(format!("{header} was not made with this source's secret")))
    }
}

/// The source's secret.
///
/// # Errors
/// When it has none; whoever asks is not told which variable is not set.
pub fn secret<'a>(call: &Call<'a>) -> Result<&'a str, Problem> {
    call.secret.filter(|s| !s.is_empty()).ok_or_else(|| {
        let text = "this source is not set up: Muster's log says what is missing";
        Problem { after: Some(Duration::from_secs(60)), ..Problem::new(503, text) }
    })
}

/// Reads JSON.
///
/// # Errors
/// A 400 that names the field.
pub fn json<'a, T: Deserialize<'a>>(body: &'a [u8]) -> Result<T, Problem> {
    shallow(body)?;
    match serde_json::from_slice(body) {
        Ok(value) => Ok(value),
        // Only now: keeping the path costs time.
        Err(_) => {
            let mut json = serde_json::Deserializer::from_slice(body);
            match serde_path_to_error::deserialize::<_, T>(&mut json) {
                Err(e) => {
                    let path = e.path().to_string();
                    let field = if path == "." { "body".to_owned() } else { path };
                    Err(Problem::field(field, e.inner().to_string()))
                }
                Ok(_) => Err(Problem::field("body", "more follows behind its end")),
            }
        }
    }
}

/// Whether JSON is nested no deeper than [`DEPTH`].
///
/// # Errors
/// A 400.
pub fn shallow(body: &[u8]) -> Result<(), Problem> {
    let (mut depth, mut text, mut escaped) = (0_usize, false, false);
    for b in body {
        match b {
            _ if escaped => escaped = false,
            b'\\' if text => escaped = true,
            b'"' => text = !text,
            b'{' | b'[' if !text => {
                depth += 1;
                if depth > DEPTH {
                    return Err(Problem::field("body", format!("it is nested deeper than {DEPTH} levels")));
                }
            }
            b'}' | b']' if !text => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    Ok(())
}

/// Whether an alert is small enough to be kept. `at` says where it stands in the request.
///
/// # Errors
/// A 400 that names the field.
pub fn bounded(alert: &Received, at: impl Fn() -> String) -> Result<(), Problem> {
    let mut bytes = alert.link.as_ref().map_or(0, String::len);
    for (part, labels) in [("labels", &alert.labels), ("annotations", &alert.annotations)] {
        let wrong = |text: String| Err(Problem::field(format!("{}.{part}", at()), text));
        for (name, value) in labels.iter() {
            if name.is_empty() {
                return wrong("a value has no name".to_owned());
            }
            if name.len() > NAME {
                return wrong(format!("a name is longer than {NAME} bytes"));
            }
            bytes += name.len() + value.len();
        }
        if labels.len() > PAIRS {
            return wrong(format!("there are more than {PAIRS}"));
        }
    }
    if bytes > ALERT {
        let text = format!("its labels, annotations and link have {bytes} bytes; {ALERT} are kept");
        return Err(Problem::field(at(), text));
    }
    Ok(())
}

/// How many requests each source may still send: a bucket of tokens that fills by the second.
#[derive(Default)]
pub struct Buckets(Mutex<BTreeMap<String, Bucket>>);

struct Bucket {
    left: f64,
    filled: Stopwatch,
}

impl Buckets {
    /// Takes one request of a source that has `limit` a second, and twice that at once.
    ///
    /// # Errors
    /// How long it is to wait.
    pub fn take(&self, source: &str, limit: u32) -> Result<(), Duration> {
        let (limit, most) = (f64::from(limit), f64::from(limit) * 2.0);
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !buckets.contains_key(source) {
            buckets.insert(source.to_owned(), Bucket { left: most, filled: Stopwatch::start() });
        }
        let Some(bucket) = buckets.get_mut(source) else { return Ok(()) };
        let since = bucket.filled.elapsed().as_secs_f64();
        bucket.filled = Stopwatch::start();
        bucket.left = (bucket.left + since * limit).min(most);
        if bucket.left < 1.0 {
            return Err(Duration::from_secs_f64((1.0 - bucket.left) / limit));
        }
        bucket.left -= 1.0;
        Ok(())
    }
}
