//! The log of REST requests, one JSON object a line, to be judged against Discord's own description of its API.

use serde::Serialize;
use serde_json::Value;
use std::fs::File;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

/// One line.
#[derive(Debug, Serialize)]
pub struct Line<'a> {
    /// HTTP method.
    pub method: &'a str,
    /// Path with `/api/v10`, percent-encoded as it came.
    pub path: &'a str,
    /// The query's parameters.
    pub query: Value,
    /// The JSON body, or a form's `payload_json`.
    pub body: &'a Value,
    /// The files of a form.
    pub files: Vec<Value>,
    /// HTTP status; 0 where no answer was given.
    pub status: u16,
    /// The answer's JSON.
    pub response: &'a Value,
    /// `bot` or `user`.
    pub by: &'a str,
}

/// Where the lines go, if anywhere.
#[derive(Debug)]
pub struct RequestLog(Option<Mutex<File>>);

impl RequestLog {
    /// Appends to the file at `path`, which is made if need be.
    pub fn open(path: Option<PathBuf>) -> io::Result<RequestLog> {
        let file = path.map(|path| File::options().create(true).append(true).open(path)).transpose()?;
        Ok(RequestLog(file.map(Mutex::new)))
    }

    /// Whether anybody reads it.
    pub fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Writes one line. That the log cannot be written is said once on standard error and must not change what the bot sees.
    pub fn write(&self, line: &Line<'_>) {
        let Some(file) = &self.0 else { return };
        let Ok(mut text) = serde_json::to_string(line) else {
            return;
        };
        text.push('\n');
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = file.write_all(text.as_bytes()) {
            eprintln!("The sandbox cannot write its request log: {error}. Check the disk and the path.");
        }
    }
}
