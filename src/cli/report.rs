//! `muster report`: an incident's report as a file, with a running Muster or without one. What is
//! not published is marked as a draft.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use chrono_tz::Tz;

use super::args::{ReportArgs, ReportFormat};
use super::output::failed;
use super::socket::{self, Answer, Ask};
use super::{journal, serve};
use crate::core::history::History;
use crate::core::seen::{self, Seen};
use crate::core::state::State;
use crate::engine::Engine;
use crate::engine::committer::folded;
use crate::journal::{Journal as _, SledJournal};
use crate::model::card::Show;
use crate::model::ids::{IncidentId, Seq};
use crate::render::report;

/// Writes it.
pub fn run(args: &ReportArgs) -> ExitCode {
    let ask = Ask::Report { incident: args.incident, format: args.format };
    let written = socket::ask(&args.journal.data, &ask).unwrap_or_else(|| from_folder(args));
    match written.and_then(|text| put(&text, args.out.as_deref())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => failed(why),
    }
}

fn put(text: &str, out: Option<&Path>) -> Result<(), String> {
    let Some(path) = out else {
        let mut out = std::io::stdout().lock();
        return writeln!(out, "{}", text.trim_end()).map_err(|e| format!("standard output: {e}"));
    };
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .map_err(|e| format!("{} cannot be written: {e}. Name a file that is not there yet.", path.display()))
}

fn shown(incident: IncidentId) -> Show {
    Show::Report { incident, upto: Seq(u64::MAX) }
}

/// The report of an incident that the running Muster keeps.
///
/// # Errors
/// When there is no such incident, or the engine has stopped.
pub async fn of(engine: &Engine, incident: IncidentId, format: ReportFormat) -> Answer {
    let zone = |_: &State, house: &crate::model::house::House| house.settings.timezone;
    let tz = engine.read(zone).await.map_err(|d| d.0)?;
    let seen = engine.seen(&shown(incident)).await.map_err(|d| d.0)?;
    let text = tokio::task::spawn_blocking(move || match seen.as_deref() {
        Some(Seen::Incident(history)) => Ok(written(history, tz, format)),
        _ => Err(unknown(incident)),
    });
    text.await.unwrap_or_else(|e| Err(e.to_string()))
}

/// The same, where no Muster runs on the data.
fn from_folder(args: &ReportArgs) -> Answer {
    let tz = match &args.config {
        Some(config) => serve::house(config)?.settings.timezone,
        None => Tz::UTC,
    };
    let journal = SledJournal::open(&journal::folder(&args.journal.data)).map_err(|e| e.to_string())?;
    let (state, _) = folded(&journal).map_err(|d| d.0)?;
    let show = shown(args.incident);
    let seqs = seen::commits(&state, &show).ok_or_else(|| unknown(args.incident))?;
    let commits = journal.reader().get(&seqs).map_err(|damage| damage.to_string())?;
    match seen::of(&show, &commits) {
        Some(Seen::Incident(history)) => Ok(written(&history, tz, args.format)),
        _ => Err(unknown(args.incident)),
    }
}

fn unknown(incident: IncidentId) -> String {
    format!(
        "there is no {incident} in this journal. `muster status` says whether a Muster runs on it; another folder is named with --data."
    )
}

fn written(history: &History, tz: Tz, format: ReportFormat) -> String {
    match format {
        ReportFormat::Md => report::markdown(history, tz),
        ReportFormat::Html => report::html(history, tz),
        ReportFormat::Json => report::json(history, tz),
    }
}
