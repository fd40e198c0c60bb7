//! How a run ended, and all that its steps printed, as a file.

use std::fmt::Write as _;

use super::{status, titled};
use crate::core::seen::RunSeen;
use crate::kit::text;
use crate::render::{Face, File};

/// How it ended, with what it printed.
pub fn output(seen: &RunSeen) -> Face {
    let run = &seen.run;
    let (words, _) = status::status(run);
    let name = format!("{}-output.txt", run.id);
    let files = match seen.printed.is_empty() {
        true => vec![],
        false => vec![File {
            name,
            bytes: whole(seen).into_bytes(),
            description: format!("What the steps of {} printed", run.id),
        }],
    };
    let printed = match files.is_empty() {
        true => "-# Nothing was printed.",
        false => "-# What its steps printed is in the file.",
    };
    Face { files, ..Face::text(format!("**{}** {words}\n{printed}", run.id)) }
}

/// All that was printed, each attempt under a line that says whose it is and how it went.
fn whole(seen: &RunSeen) -> String {
    let mut out = String::new();
    for p in &seen.printed {
        let step = text::line(&titled(&seen.run, p.step));
        let _ = writeln!(out, "=== {step} · {} ===", text::line(&p.words));
        // Secrets and escapes are gone already; what reorders a line must not come back.
        let _ = writeln!(out, "{}\n", text::plain(&p.output.whole()).trim_end());
    }
    out
}
