//! What a run does, step by step with everything that is put in: what people agree to. As much as
//! fits in the message, and all of it in a file.

use std::fmt::Write as _;

use super::{short_hash, title, words};
use crate::core::seen::RunSeen;
use crate::kit::text;
use crate::kit::time::spoken;
use crate::model::run::{Run, StepAt};
use crate::model::runbook::http::Body;
use crate::model::runbook::step::{Manual, OnFail, Rerun, Shell, StepOptions};
use crate::model::runbook::{Step, StepKind, Undo};
use crate::render::{Colour, Embed, Face, File};

/// Characters of the message: an embed takes 4096, and its last line wants some.
const MESSAGE: usize = 3_700;
/// Characters of one step's text in the message.
const SOURCE: usize = 900;

/// What it does.
pub fn plan(seen: &RunSeen) -> Face {
    let run = &seen.run;
    let mut shown = cut_facts(run);
    let mut left = run.plan.all().count();
    let mut room = MESSAGE.saturating_sub(shown.chars().count());
    for (at, step) in run.plan.all() {
        let one = in_message(run, at, step);
        let Some(rest) = room.checked_sub(one.chars().count()) else { break };
        room = rest;
        left -= 1;
        shown.push_str(&one);
    }
    let file = format!("{}-plan.md", run.id);
    match left {
        0 => {}
        1 => shown.push_str(&format!("\n-# … 1 more step: {file} has all")),
        n => shown.push_str(&format!("\n-# … {n} more steps: {file} has all")),
    }
    Face {
        embeds: vec![Embed {
            title: Some(format!("What runs · {}", title(run))),
            description: shown,
            colour: Some(Colour::Blue),
            footer: Some(format!("plan {} · the file has the whole hash", short_hash(run))),
            ..Embed::default()
        }],
        files: vec![File {
            name: file,
            bytes: markdown(run).into_bytes(),
            description: format!("What {} does, step by step", run.id),
        }],
        ..Face::default()
    }
}

/// What holds for all steps, for the message.
fn cut_facts(run: &Run) -> String {
    let mut out = String::new();
    for (name, value) in facts(run) {
        let _ = writeln!(out, "**{name}:** {}", words::said(&value, 300));
    }
    let values = run.plan.values.iter().map(|(name, value)| format!("{name} = {value}"));
    let values: Vec<String> = values.collect();
    if !values.is_empty() {
        let _ = writeln!(out, "**Values:** {}", words::said(&values.join(", "), 500));
    }
    out
}

/// What holds for all steps, each a name and a value in plain text.
fn facts(run: &Run) -> Vec<(&'static str, String)> {
    let plan = &run.plan;
    let mut facts = vec![];
    if plan.dry {
        facts.push(("Dry run", "nothing is changed".to_owned()));
    }
    if let Some(danger) = &plan.danger {
        facts.push(("Mind", danger.clone()));
    }
    if let Some(a) = &plan.approve {
        let people = if a.count < 2 { "1 person".to_owned() } else { format!("{} people", a.count) };
        let other = if a.by_other { ", the asker not counted" } else { "" };
        let within = spoken(a.within);
        facts.push(("Approval", format!("{people} with the role {} within {within}{other}", a.role)));
    }
    if let Some(lock) = &plan.lock {
        facts.push(("Lock", lock.clone()));
    }
    if let Some(deadline) = plan.deadline {
        facts.push(("Deadline", format!("{} from the moment it begins", spoken(deadline))));
    }
    if plan.all().any(|(_, s)| s.options.undo.is_some()) {
        let undo = match plan.undo {
            Undo::Offer => "taking back what was done is offered",
            Undo::Auto => "what was done is taken back without a question",
        };
        facts.push(("After a failure", undo.to_owned()));
    }
    facts
}

fn in_message(run: &Run, at: StepAt, step: &Step) -> String {
    let mut out = format!("\n{}\n", heading(run, at, step, "**", 120));
    let options = options(&step.options);
    if !options.is_empty() {
        let _ = writeln!(out, "-# {}", words::said(&options.join(" · "), 400));
    }
    let (language, source) = source(step);
    if let StepKind::Manual(Manual::Task(_) | Manual::Numbered(_)) | StepKind::Approve(_) = &step.kind {
        let _ = writeln!(out, "{}", words::said(&source, 400));
        return out;
    }
    let (block, whole) = words::code(language, &source, SOURCE);
    let _ = writeln!(out, "{block}");
    if !whole {
        let _ = writeln!(out, "-# This is its beginning: the file has all of it.");
    }
    out
}

/// `**3. swap** (a program)`.
fn heading(run: &Run, at: StepAt, step: &Step, bold: &str, max: usize) -> String {
    let kind = match &step.kind {
        StepKind::Http(http) if http.reads() => "a request that only reads",
        StepKind::Http(_) => "a request",
        StepKind::Shell(_) => "a program",
        StepKind::Manual(_) => "a person does it",
        StepKind::Approve(_) => "people are asked",
        StepKind::Gate(_) => "a gate",
        StepKind::Alert(_) => "an alert",
        StepKind::Wait(_) => "waits",
        StepKind::Notify(_) => "tells people",
    };
    let aside = match usize::from(at) < run.plan.steps.len() {
        true => "",
        false => ", only when another step says so",
    };
    format!("{bold}{}{bold} ({kind}{aside})", words::said(&super::titled(run, at), max))
}

/// What is done, as text, and in which language. Where the runbook's own spelling could say
/// something else than what is done, it is what is done that is shown.
fn source(step: &Step) -> (&str, String) {
    match &step.kind {
        StepKind::Shell(Shell::Script(script)) => ("sh", script.clone()),
        StepKind::Shell(Shell::Argv(argv)) => ("json", serde_json::to_string(argv).unwrap_or_default()),
        StepKind::Http(_) if !step.source.is_empty() => ("http", step.source.clone()),
        StepKind::Http(http) => {
            let body = match &http.body {
                Some(Body::Text(text)) => format!("\n{text}"),
                Some(Body::Json(json)) => format!("\n{}", serde_json::to_string(json).unwrap_or_default()),
                None => String::new(),
            };
            ("http", format!("{} {}{body}", http.method, http.url))
        }
        StepKind::Manual(Manual::Task(text) | Manual::Numbered(text)) => ("", text.clone()),
        StepKind::Manual(Manual::Code { language, code }) => (language, code.clone()),
        StepKind::Approve(q) => {
            let text = q.text.clone().unwrap_or_else(|| step.label());
            let other = if q.approve.by_other { ", not the asker" } else { "" };
            let (n, role, within) = (q.approve.count, &q.approve.role, spoken(q.approve.within));
            ("", format!("{text} ({n} with the role {role}{other}, within {within})"))
        }
        StepKind::Gate(yaml) | StepKind::Alert(yaml) | StepKind::Wait(yaml) | StepKind::Notify(yaml) => {
            ("yaml", yaml.clone())
        }
    }
}

/// What stands in its `#|` lines, in words.
fn options(o: &StepOptions) -> Vec<String> {
    let mut all = vec![];
    let names = |names: &[String]| names.join(", ");
    let mut add = |there: bool, words: String| {
        if there {
            all.push(words);
        }
    };
    add(!o.env.is_empty(), format!("gets {}", names(&o.env)));
    add(!o.secrets.is_empty(), format!("gets the secrets {}", names(&o.secrets)));
    add(o.cwd.is_some(), format!("in {}", o.cwd.as_deref().unwrap_or_default()));
    add(o.timeout.is_some(), format!("at most {}", spoken(o.timeout.unwrap_or_default())));
    add(
        o.precheck.is_some(),
        format!("first: {}", words::visible(o.precheck.as_deref().unwrap_or_default())),
    );
    add(o.rerun == Rerun::Safe, "may run twice".to_owned());
    if let Some(name) = &o.verify {
        add(true, format!("whether it worked is asked of {name}"));
    }
    if let Some(r) = &o.retry {
        add(true, format!("tried again {} times, every {}", r.times, spoken(r.every)));
    }
    if let Some(p) = &o.poll {
        add(true, format!("asked every {} for {}", spoken(p.every), spoken(p.for_)));
    }
    if let Some(times) = o.times {
        add(true, format!("sent {times} times"));
    }
    let tally: Vec<String> = o.tally.iter().map(|(status, n)| format!("{n} × {status}")).collect();
    add(!tally.is_empty(), format!("expects {}", tally.join(", ")));
    match &o.on_fail {
        OnFail::Stop => {}
        OnFail::Continue => add(true, "goes on after a failure".to_owned()),
        OnFail::Step(name) => add(true, format!("after a failure: {name}")),
    }
    if let Some(name) = &o.undo {
        add(true, format!("taken back by {name}"));
    }
    if let Some(c) = &o.condition {
        add(true, format!("only if {} {}", c.step, if c.passed { "passed" } else { "failed" }));
    }
    let needs: Vec<&str> = o.needs.iter().map(|n| n.as_str()).collect();
    add(!needs.is_empty(), format!("needs {}", needs.join(", ")));
    if let Some(at) = o.at {
        add(true, format!("at T{at:+} m"));
    }
    add(o.warn, "a failure is only a warning".to_owned());
    all
}

/// The whole, as a file. What hides or reorders is spelled out, and nothing is cut.
fn markdown(run: &Run) -> String {
    let plan = &run.plan;
    let one_line = |s: &str| text::escape_markdown(&text::line(s));
    let mut out = format!("# What runs: {}\n\n", title(run));
    let asked = (&run.asked.by.name, run.asked.at);
    let _ = writeln!(out, "- **Asked:** {} by {}", asked.1, one_line(asked.0));
    let _ = writeln!(out, "- **Action:** {} of {}", one_line(&plan.action), one_line(&plan.service));
    let _ = writeln!(out, "- **Plan (SHA-256):** {}", plan.hash());
    let _ = writeln!(out, "- **Runbook (SHA-256):** {}", one_line(&plan.runbook));
    for (name, value) in facts(run) {
        let _ = writeln!(out, "- **{name}:** {}", one_line(&value));
    }
    if let Some(roles) = &plan.roles {
        let _ = writeln!(out, "- **Who may start and steer it:** {}", one_line(&roles.join(", ")));
    }
    if !plan.values.is_empty() {
        let _ = writeln!(out, "\n## Values\n");
        for (name, value) in &plan.values {
            let typed = if plan.params.contains(name) { " (typed by the asker)" } else { "" };
            let value = text::escape_markdown(&words::visible(value).replace('\n', "⟦U+000A⟧"));
            let _ = writeln!(out, "- {} = {value}{typed}", one_line(name));
        }
    }
    for (at, step) in plan.all() {
        let _ = writeln!(out, "\n## {}\n", heading(run, at, step, "", usize::MAX));
        for option in options(&step.options) {
            let _ = writeln!(out, "- {}", one_line(&option));
        }
        let (language, source) = source(step);
        let _ = writeln!(out, "\n{}", fenced(language, &source));
    }
    out
}

/// Code in a fence that is longer than any run of backticks in it.
fn fenced(language: &str, code: &str) -> String {
    let code = words::visible(code);
    let longest = code.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}{}\n{}\n{fence}", words::word(language), code.trim_end())
}
