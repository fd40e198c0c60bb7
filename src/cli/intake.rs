//! `muster intake`: what a source's payload becomes, before anything is sent.

mod read;

use std::fmt::Write as _;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::output::failed;
use super::serve;
use crate::house;
use crate::intake::mapping::Mapped;
use crate::kit::clock::Clock;
use crate::kit::time::Timestamp;
use crate::model::alert::{Received, Signal};
use crate::model::house::House;
use crate::model::intake::Kind;
use crate::model::mark::{Mark, Went};

/// `muster intake`
#[derive(Debug, Args)]
pub struct IntakeArgs {
    /// What to do.
    #[command(subcommand)]
    pub what: IntakeCommand,
}

/// What can be asked about sources.
#[derive(Debug, Subcommand)]
pub enum IntakeCommand {
    /// Say which alerts and marks a payload becomes, and what of it was not found. Nothing is sent or kept.
    Test(IntakeTestArgs),
    /// List the kinds of source that there are.
    Sources {
        /// Your settings, otherwise muster.toml; where there is none, what is built in.
        #[arg(long, value_name = "FILE")]
        config: Option<PathBuf>,
    },
}

/// `muster intake test`
#[derive(Debug, Args)]
pub struct IntakeTestArgs {
    /// The body of a request; `-` is standard input.
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// The source: its name in muster.toml, a mapping, or one of the kinds that Muster reads by itself.
    #[arg(long, value_name = "NAME")]
    pub source: String,
    /// One of the request's headers, as name=value; may be given several times.
    #[arg(long = "header", value_name = "NAME=VALUE")]
    pub headers: Vec<String>,
    /// It is one of PagerDuty's change events.
    #[arg(long)]
    pub change: bool,
    /// Your settings, otherwise muster.toml; where there is none, what is built in.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Print what is found as JSON.
    #[arg(long)]
    pub json: bool,
}

/// Does what was typed.
pub fn run(args: &IntakeArgs) -> ExitCode {
    let done = match &args.what {
        IntakeCommand::Test(test) => house_of(test.config.as_deref())
            .and_then(|house| Ok((body_of(&test.file)?, house)))
            .and_then(|(body, house)| tested(&house, test, &body, Clock::system().now())),
        IntakeCommand::Sources { config } => house_of(config.as_deref()).map(|house| listed(&house)),
    };
    match done {
        Ok(said) => {
            print!("{said}");
            ExitCode::SUCCESS
        }
        Err(why) => failed(why),
    }
}

/// The team's, or what is built in where there is none.
fn house_of(config: Option<&Path>) -> Result<House, String> {
    let usual = Path::new("muster.toml");
    match config.or(usual.exists().then_some(usual)) {
        Some(config) => serve::house(config),
        None => house::sandbox("http://127.0.0.1:7700")
            .map_err(|p| p.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")),
    }
}

fn body_of(file: &Path) -> Result<Vec<u8>, String> {
    let mut body = vec![];
    if file == Path::new("-") {
        std::io::stdin().read_to_end(&mut body).map_err(|e| format!("standard input cannot be read: {e}"))?;
        return Ok(body);
    }
    std::fs::read(file).map_err(|e| format!("{} cannot be read: {e}", file.display()))
}

/// What there is.
fn listed(house: &House) -> String {
    let mut out = "Kinds of source that Muster reads by itself:\n".to_owned();
    for (name, _) in Kind::NAMED {
        let _ = writeln!(out, "  {name}");
    }
    out.push_str("Those that a file describes (kind = \"mapping NAME\"):\n");
    for mapping in house.sources.values() {
        let _ = writeln!(out, "  {:<14} {}", mapping.name, mapping.called);
    }
    let sources = &house.settings.intake.sources;
    if !sources.is_empty() {
        out.push_str("In muster.toml, each at /in/NAME:\n");
        for source in sources {
            let _ = writeln!(out, "  {:<14} {}", source.name, source.kind);
        }
    }
    out
}

/// What a payload becomes.
fn tested(house: &House, args: &IntakeTestArgs, body: &[u8], now: Timestamp) -> Result<String, String> {
    let mapped = read::understood(house, args, body, now)?;
    if args.json {
        return Ok(format!("{:#}\n", as_json(house, &mapped)));
    }
    let mut out = String::new();
    for alert in &mapped.batch.alerts {
        out.push_str(&in_words(house, alert));
    }
    for mark in &mapped.batch.marks {
        let _ = writeln!(out, "{}", mark_in_words(mark));
    }
    for why in &mapped.passed {
        let _ = writeln!(out, "passed over: {why}");
    }
    for missed in &mapped.missed {
        let _ = writeln!(out, "not found: {missed}");
    }
    if let Some(receipt) = &mapped.batch.receipt {
        let _ = writeln!(out, "receipt: {receipt}");
    }
    if out.is_empty() {
        out.push_str("nothing: there is no alert and no mark in it\n");
    }
    Ok(out)
}

fn in_words(house: &House, alert: &Received) -> String {
    let mut out = String::new();
    let title = alert.annotations.get("summary").or(alert.labels.get("alertname")).unwrap_or("(no title)");
    let state = match alert.signal {
        Signal::Firing { .. } => "firing",
        Signal::Resolved { .. } => "over",
        Signal::Acknowledged => "acknowledged",
    };
    let _ = writeln!(out, "alert {} ({state}): {title}", alert.fingerprint);
    let severity = house.settings.alerting.severity(None, &alert.labels);
    let _ = writeln!(out, "  severity:    {}, unless its route says otherwise", severity.in_words());
    let service = alert.labels.get("service");
    let known = match service {
        Some(name) if house.runbook(name).is_some() => String::new(),
        Some(_) => " (which has no runbook; [intake.services] says what it is called here)".to_owned(),
        None => String::new(),
    };
    let _ = writeln!(out, "  service:     {}{known}", service.unwrap_or("none"));
    let time = |at: Option<Timestamp>| at.map(|at| at.rfc3339());
    match alert.signal {
        Signal::Firing { since, until } => {
            let _ = writeln!(out, "  since:       {}", time(since).unwrap_or("when it is received".into()));
            let _ = writeln!(out, "  until:       {}", time(until).unwrap_or("somebody says so".into()));
        }
        Signal::Resolved { at } => {
            let _ = writeln!(out, "  since:       {}", time(at).unwrap_or("when it is received".into()));
        }
        Signal::Acknowledged => {}
    }
    let _ = writeln!(out, "  labels:      {}", alert.labels);
    let _ = writeln!(out, "  annotations: {}", alert.annotations);
    if let Some(link) = &alert.link {
        let _ = writeln!(out, "  link:        {link}");
    }
    out
}

fn mark_in_words(mark: &Mark) -> String {
    let went = match mark.went {
        Went::Began => " began",
        Went::Done => " is done",
        Went::Failed => " failed",
        Went::Unsaid => "",
    };
    let kind = if mark.post { "information, posted at once" } else { "mark" };
    let by = mark.by.as_deref().unwrap_or("nobody named");
    let link = mark.link.as_ref().map_or("none", |l| l.url.as_str());
    format!(
        "{kind}: {}{went}\n  service:     {}\n  at:          {}\n  by:          {by}\n  link:        {link}",
        mark.what,
        mark.service.as_deref().unwrap_or("none"),
        mark.at.rfc3339(),
    )
}

fn as_json(house: &House, mapped: &Mapped) -> Value {
    let alerts: Vec<Value> = mapped
        .batch
        .alerts
        .iter()
        .map(|alert| {
            let mut value = serde_json::to_value(alert).unwrap_or_default();
            value["level"] = house.settings.alerting.severity(None, &alert.labels).to_string().into();
            value
        })
        .collect();
    let missed: Vec<Value> = mapped
        .missed
        .iter()
        .map(|m| json!({ "part": m.part, "field": m.field, "path": m.path, "what": m.what }))
        .collect();
    json!({
        "source": mapped.batch.source,
        "receipt": mapped.batch.receipt,
        "alerts": alerts,
        "marks": mapped.batch.marks,
        "passed over": mapped.passed,
        "not found": missed,
    })
}
