//! Commands of a practice host that leave nothing behind: a test run, a scan, a look at a certificate. Each
//! says one thing while all is well, and another, with exit code 1, under its fault.

use super::service::{Broken, Said};

/// One such command.
#[derive(Debug, Clone, Copy)]
pub struct Job {
    /// The tool and the words behind it, such as `npm run lint`. More words may follow.
    pub line: &'static str,
    /// What it says.
    pub says: &'static str,
    /// The fault that makes it fail, and what it says then.
    pub fault: Option<(&'static str, &'static str)>,
}

/// A command that nothing breaks.
pub const fn always(line: &'static str, says: &'static str) -> Job {
    Job { line, says, fault: None }
}

/// A command that a fault breaks.
pub const fn unless(line: &'static str, says: &'static str, fault: &'static str, wrong: &'static str) -> Job {
    Job { line, says, fault: Some((fault, wrong)) }
}

/// Runs the command that these words begin with; `None` where none of the commands is of this tool.
pub fn run(jobs: &[Job], broken: &Broken, tool: &str, words: &[&str]) -> Option<Said> {
    let mine = |job: &&Job| job.line.split(' ').next() == Some(tool);
    if !jobs.iter().any(|job| mine(&job)) {
        return None;
    }
    let fits = |job: &&Job| {
        let wanted: Vec<&str> = job.line.split(' ').skip(1).collect();
        words.starts_with(&wanted)
    };
    let Some(job) = jobs.iter().find(|job| mine(job) && fits(job)) else {
        let all: Vec<&str> = jobs.iter().filter(mine).map(|job| job.line).collect();
        return Some(Said::failed(2, format!("here there are only: {}\n", all.join(", "))));
    };
    Some(match job.fault {
        Some((fault, wrong)) if broken.has(fault) => Said::failed(1, format!("{wrong}\n")),
        _ => Said::out(format!("{}\n", job.says)),
    })
}

/// The last lines of a log: `--tail N`, `--tail=N`, `-n N`, or all of them.
pub fn tail(lines: &[String], words: &[&str]) -> Said {
    if words.iter().any(|w| matches!(*w, "-f" | "--follow")) {
        return Said::failed(1, "following a log never ends: leave -f out\n");
    }
    let told = words.iter().enumerate().find_map(|(n, w)| match w.strip_prefix("--tail=") {
        Some(count) => Some(count),
        None if matches!(*w, "--tail" | "-n") => words.get(n + 1).copied(),
        None => None,
    });
    let count = match told.map(str::parse::<usize>) {
        None => lines.len(),
        Some(Ok(count)) => count,
        Some(Err(_)) => return Said::failed(1, "invalid value for --tail: write a number\n"),
    };
    let last = &lines[lines.len().saturating_sub(count)..];
    Said::out(last.iter().map(|line| format!("{line}\n")).collect::<String>())
}
