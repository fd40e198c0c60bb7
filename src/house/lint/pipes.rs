//! What bash's `-eu -o pipefail` makes of a script that worked in a terminal, and what it splits.

use super::command::{Command, Join, assignment};
use super::page::{Fence, Page};
use super::{Finding, finding};

/// The scripts that Muster runs; a terminal has no pipefail.
fn run<'a>(page: &'a Page<'a>) -> impl Iterator<Item = &'a Command> {
    page.fences.iter().filter(|f| f.runs).flat_map(|f: &Fence<'_>| &f.commands)
}

/// `… | head` ends what writes into it, which then counts as failed.
pub fn head(page: &Page<'_>) -> Vec<Finding> {
    let cut =
        |c: &&Command| c.place > 0 && c.after != Join::Or && c.call().is_some_and(|call| call.name == "head");
    run(page)
        .filter(cut)
        .map(|c| {
            let what = "`| head` ends what writes into it, and under pipefail the step fails";
            finding(
                c.line,
                what,
                "let the program itself write less (`--tail 20`, `-n 20`), or use `| sed -n 1,20p`",
            )
        })
        .collect()
}

/// A `grep` in a pipeline that finds nothing fails the step.
pub fn grep(page: &Page<'_>) -> Vec<Finding> {
    let risky = |c: &&Command| {
        let named = c.call().is_some_and(|call| {
            let quiet = call.args.iter().any(|w| {
                let short = w.text.starts_with('-') && !w.text.starts_with("--") && w.text.contains('q');
                short || w.text == "--quiet"
            });
            matches!(call.name, "grep" | "egrep" | "fgrep" | "zgrep") && !quiet
        });
        named && c.of > 1 && c.after != Join::Or && !c.condition
    };
    run(page)
        .filter(risky)
        .map(|c| {
            let what = "a `grep` that finds nothing fails the step under pipefail";
            let cure = "write `grep -q` if it is to fail then, otherwise `{ grep … || true; }`";
            finding(c.line, what, cure)
        })
        .collect()
}

/// An unquoted `$X` is split at spaces, and its stars are filled in.
pub fn unquoted(page: &Page<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for command in run(page) {
        let Some(call) = command.call() else { continue };
        if matches!(call.name, "[[" | "let") {
            continue;
        }
        let declares = matches!(call.name, "export" | "local" | "declare" | "readonly" | "typeset");
        // What is started may be several words on purpose: `$COMPOSE down`.
        for word in call.args.iter().filter(|w| !(declares && assignment(&w.text))) {
            for name in &word.bare {
                let what =
                    format!("`${name}` stands unquoted: a space or a `*` in it makes other words of it");
                found.push(finding(word.line, what, format!("write \"${name}\"")));
            }
        }
    }
    found
}
