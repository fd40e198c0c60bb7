//! How long the report of an incident with 10,000 entries takes: from its commits to the message
//! with its files, and the picture apart. The aim is less than 50 ms without the picture, and less
//! than 300 ms with it.
//!
//! Figures from a loaded machine say nothing, so there are none from one.

use std::process::ExitCode;

use muster::core::history::{self, History};
use muster::kit::clock::Stopwatch;
use muster::kit::time::Timestamp;
use muster::model::commit::{Cause, Commit, FORMAT};
use muster::model::event::Event;
use muster::model::ids::{IncidentId, Seq, UserId};
use muster::model::incident::{Severity, Status};
use muster::model::person::Person;
use muster::render::{picture, report};

mod quiet;

/// How often it is measured, after a first time that is not.
const ROUNDS: usize = 21;
const ENTRIES: u32 = 10_000;
const INCIDENT: IncidentId = IncidentId(1);
const ZONE: chrono_tz::Tz = chrono_tz::Europe::Berlin;

type Trouble = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    match quiet::quiet().map_err(Trouble::from).and_then(|()| bench()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("{e}");
            ExitCode::FAILURE
        }
    }
}

/// An incident of eight hours in which somebody notes something every three seconds.
fn commits() -> Vec<Commit> {
    let person =
        |n: u32| Person { id: UserId(1_000 + u64::from(n % 7)), name: format!("responder {}", n % 7) };
    let statuses = [(2_000, Status::Identified), (7_000, Status::Monitoring)];
    (0..ENTRIES)
        .map(|n| {
            let by = person(n);
            let event = match (n, statuses.iter().find(|(at, _)| *at == n)) {
                (0, _) => Event::IncidentDeclared {
                    incident: INCIDENT,
                    title: "Streams stop after ten seconds".to_owned(),
                    severity: Severity::P2,
                    service: Some("soundlab".to_owned()),
                    by,
                    drill: false,
                    private: false,
                    respond_by: None,
                    triage: None,
                },
                (_, Some((_, status))) => {
                    Event::IncidentUpdated { incident: INCIDENT, status: *status, text: None, by }
                }
                (last, _) if last == ENTRIES - 1 => {
                    Event::IncidentResolved { incident: INCIDENT, how: Some("a larger disk".to_owned()), by }
                }
                _ => {
                    let text =
                        format!("looked at relay {n}: *nothing* in its log, load {}.{}", n % 9, n % 10);
                    Event::NoteAdded { incident: INCIDENT, text, by }
                }
            };
            let at = Timestamp(1_795_251_600_000 + i64::from(n) * 3_000);
            let seq = Seq(u64::from(n) + 1);
            Commit { v: FORMAT, seq, at, cause: Cause::Timer, events: vec![event], effects: vec![] }
        })
        .collect()
}

/// Median and p95 in ms of what `work` takes, and what it gave last.
fn measured<T>(mut work: impl FnMut() -> T) -> (f64, f64, T) {
    let mut last = work();
    let mut times = Vec::new();
    for _ in 0..ROUNDS {
        let watch = Stopwatch::start();
        last = work();
        times.push(watch.elapsed().as_secs_f64() * 1000.0);
    }
    times.sort_by(f64::total_cmp);
    (times[ROUNDS / 2], times[ROUNDS * 95 / 100], last)
}

fn bench() -> Result<(), Trouble> {
    let commits = commits();
    let fold = || history::fold(INCIDENT, &commits);
    let whole = |h: &History| report::markdown(h, ZONE);
    let (median, p95, text) = measured(|| fold().map(|h| whole(&h)));
    let text = text.ok_or("the history has no beginning")?;
    println!("report of {ENTRIES} entries, {} KB of Markdown:", text.len() / 1024);
    println!("  without the picture: median {median:.1} ms, p95 {p95:.1} ms (aim: less than 50)");
    let (median, p95, face) = measured(|| fold().map(|h| report::face(&h, ZONE)));
    let files = face.ok_or("the history has no beginning")?.files;
    let picture = files.iter().find(|f| f.name.ends_with(".png")).ok_or("there is no picture")?;
    println!(
        "  the whole message with the picture: median {median:.1} ms, p95 {p95:.1} ms (aim: less than 300)"
    );
    let history = fold().ok_or("the history has no beginning")?;
    let (median, p95, _) = measured(|| picture::png(&history, ZONE));
    let size = picture.bytes.len() / 1024;
    println!("  of that the picture, {size} KB: median {median:.1} ms, p95 {p95:.1} ms");
    let (median, p95, page) = measured(|| report::html(&history, ZONE));
    println!("  as a page, {} KB: median {median:.1} ms, p95 {p95:.1} ms", page.len() / 1024);
    Ok(())
}
