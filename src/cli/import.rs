//! `muster import`: what a Markdown runbook becomes, and on request its annotated copy.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::{Value, json};

use super::args::ImportRunbookArgs;
use super::check::as_json;
use super::output::failed;
use crate::house::import::{Import, Proposal};
use crate::house::{self, Problem};

/// Says what the file becomes; writes the copy where that is asked for.
pub fn run(args: &ImportRunbookArgs) -> ExitCode {
    let out = args.write.as_ref().and_then(|out| out.as_deref());
    let stem = out.and_then(Path::file_stem).map(|s| s.to_string_lossy().into_owned());
    let found = match house::import_file(&args.file, stem.as_deref()) {
        Ok(found) => found,
        Err(problems) => {
            say(&problems, args.json);
            return failed(format!("{} was not read", args.file.display()));
        }
    };
    if args.json {
        println!("{}", json_of(&found));
    } else {
        print!("{}", text_of(&found));
    }
    if args.write.is_none() {
        return ExitCode::SUCCESS;
    }
    let copy = match &found.copy {
        Ok(copy) => copy,
        Err(problems) => {
            if !args.json {
                say(problems, false);
            }
            return failed("no copy was written: a person has to decide the above first");
        }
    };
    let to = out.map_or_else(|| PathBuf::from(format!("{}.md", found.service)), Path::to_path_buf);
    match write(&to, copy.as_bytes(), args.force) {
        Ok(()) => {
            if !args.json {
                println!(
                    "Written to {}: put it into the runbooks folder, then `muster check`.",
                    to.display()
                );
            }
            ExitCode::SUCCESS
        }
        Err(e) if e.kind() == ErrorKind::AlreadyExists => failed(format!(
            "there is a file {} already; name another, or add --force to write over it",
            to.display()
        )),
        Err(e) => failed(format!("{} could not be written: {e}", to.display())),
    }
}

fn say(problems: &[Problem], json: bool) {
    if json {
        println!("{}", json!({ "errors": as_json(problems) }));
        return;
    }
    for problem in problems {
        println!("{problem}");
    }
}

/// Everything as people read it.
fn text_of(found: &Import) -> String {
    let mut text = format!("{}: “{}”, service `{}`.\n\nSections\n", found.file, found.title, found.service);
    // Writing to a String cannot fail.
    for s in &found.sections {
        let action = s.action.as_ref().map(|a| format!(", action `{a}`")).unwrap_or_default();
        let steps = match s.steps() {
            0 => "text only".to_owned(),
            n => format!(
                "{} ({} to tick, {} numbered, {} to copy)",
                count(n, "step"),
                s.tasks,
                s.numbered,
                count(s.fences, "fence")
            ),
        };
        let _ = writeln!(text, "  {}: {} (`{}`{action}): {steps}", s.line, s.title, s.anchor);
    }
    if !found.candidates.is_empty() {
        text.push_str("\nCould be named and run\n");
    }
    for c in &found.candidates {
        match &c.proposal {
            Proposal::Name { info, env } => {
                let _ = writeln!(text, "  {}: begin the fence with ```{info}", c.line);
                if !env.is_empty() {
                    let names = env.join(", ");
                    let _ = writeln!(
                        text,
                        "    and below it `#| env: [{names}]`; list them under vars or params"
                    );
                }
            }
            Proposal::Http(fence) => {
                let _ = writeln!(
                    text,
                    "  {}: ask it as a request:\n    {}",
                    c.line,
                    fence.replace('\n', "\n    ")
                );
            }
        }
    }
    if !found.findings.is_empty() {
        text.push_str("\nWorth a look\n");
    }
    for p in &found.findings {
        let rule = p.rule.unwrap_or_default();
        let _ = writeln!(text, "  {}: [{rule}] {}\n    {}", p.line, p.what, p.cure);
    }
    text.push_str("\nNothing of it runs: what has no name is shown, ticked and copied.\n");
    text
}

fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

/// The same for machines.
fn json_of(found: &Import) -> Value {
    let sections: Vec<Value> = found
        .sections
        .iter()
        .map(|s| {
            json!({
                "line": s.line, "title": s.title, "anchor": s.anchor, "action": s.action,
                "steps": s.steps(), "tasks": s.tasks, "numbered": s.numbered, "fences": s.fences,
            })
        })
        .collect();
    let candidates: Vec<Value> = found
        .candidates
        .iter()
        .map(|c| match &c.proposal {
            Proposal::Name { info, env } => {
                json!({ "line": c.line, "section": c.section, "kind": "shell", "info": info, "env": env })
            }
            Proposal::Http(fence) => {
                json!({ "line": c.line, "section": c.section, "kind": "http", "fence": fence })
            }
        })
        .collect();
    let undecided = found.copy.as_ref().err().map_or(&[][..], Vec::as_slice);
    json!({
        "file": found.file, "title": found.title, "service": found.service, "sections": sections,
        "candidates": candidates, "findings": as_json(&found.findings), "undecided": as_json(undecided),
    })
}

/// Writes a whole file or nothing: beside it first, then in its place.
fn write(to: &Path, bytes: &[u8], over: bool) -> io::Result<()> {
    let folder = to.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = to.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let beside = folder.join(format!(".{name}.{}", std::process::id()));
    let done = File::create_new(&beside)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .and_then(|()| if over { fs::rename(&beside, to) } else { publish(&beside, to) });
    let _ = fs::remove_file(&beside);
    done
}

/// A link instead of a rename, which would replace a file that came in between; where the file
/// system has no links, a rename.
fn publish(beside: &Path, to: &Path) -> io::Result<()> {
    match fs::hard_link(beside, to) {
        Err(e) if e.kind() != ErrorKind::AlreadyExists && !to.exists() => fs::rename(beside, to),
        done => done,
    }
}
