//! `curl` says that it worked whenever an answer came, whatever the answer was.

use super::command::{Call, Command, Join};
use super::page::{Fence, Page};
use super::{Finding, finding};

/// `curl … || echo down`: nothing is said on a 500.
pub fn or(page: &Page<'_>) -> Vec<Finding> {
    page.fences
        .iter()
        .flat_map(|fence| {
            fence.commands.iter().enumerate().filter(|(n, _)| swallowed(fence, *n)).map(|(_, c)| {
                let what = "`curl … ||` hears nothing of a 500: it ends with 0 whenever an answer came";
                finding(c.line, what, "make it an http step with `HTTP 200`, or add -f and let it fail")
            })
        })
        .collect()
}

/// `curl` without `-f`.
pub fn fail(page: &Page<'_>) -> Vec<Finding> {
    page.fences
        .iter()
        .flat_map(|fence| {
            let silent = |(n, c): &(usize, &Command)| {
                !swallowed(fence, *n) && c.call().is_some_and(|call| call.name == "curl" && !fails(&call))
            };
            fence.commands.iter().enumerate().filter(silent).map(|(_, c)| {
                let what = "`curl` without -f ends with 0 on a 404 or a 500";
                finding(c.line, what, "make it an http step with `HTTP 200`, or add -f")
            })
        })
        .collect()
}

/// Whether what follows `||` hides that the request failed.
fn swallowed(fence: &Fence<'_>, at: usize) -> bool {
    let command = &fence.commands[at];
    let curl = command.call().is_some_and(|c| c.name == "curl");
    let behind = fence.commands[at + 1..].iter().find(|c| c.place == 0 && c.before == Join::Or);
    let says =
        behind.and_then(Command::call).is_some_and(|c| matches!(c.name, "echo" | "printf" | "true" | ":"));
    curl && command.after == Join::Or && says
}

/// Whether it tells an error apart: by `-f`, or by asking for the status.
fn fails(call: &Call<'_>) -> bool {
    // A letter that takes a value ends the letters.
    const WITH_VALUE: &str = "AbcCdDeEFhHKmoPQrtTuUwxXyYz";
    let short = |word: &str| {
        let letters = word.strip_prefix('-').filter(|w| !w.starts_with('-')).unwrap_or_default();
        let end = letters.find(|c| WITH_VALUE.contains(c)).unwrap_or(letters.len());
        letters[..end].contains('f')
    };
    call.args.iter().any(|w| {
        let word = w.text.as_str();
        matches!(word, "--fail" | "--fail-with-body" | "--fail-early" | "--version" | "-V")
            || word.contains("http_code")
            || word.contains("response_code")
            || short(word)
    })
}
