//! How long the parse and check of a runbook of 1 MB takes: everything that `muster check` does
//! with it, from the file on disk. The aim is less than 50 ms.
//!
//! Figures from a loaded machine say nothing, so there are none from one.

use std::fs;
use std::process::ExitCode;

use chrono::NaiveDate;
use muster::house;
use muster::kit::clock::Stopwatch;

mod long_runbook;
mod quiet;

/// How often it is measured, after a first time that is not.
const ROUNDS: usize = 101;

const SETTINGS: &str = r#"administrators = ["1100000000000000042"]
[discord]
guild = "1100000000000000010"
[channels]
incidents = "1100000000000000030"
alerts = "1100000000000000031"
reports = "1100000000000000032"
[roles]
responder = ["1100000000000000020"]
lead = ["1100000000000000022"]
approver = ["1100000000000000021"]
[services.long.vars]
base = "https://long.internal"
HOST = "long.internal"
"#;

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

fn bench() -> Result<(), Trouble> {
    let folder = tempfile::tempdir()?;
    let settings = folder.path().join("muster.toml");
    fs::write(&settings, SETTINGS)?;
    fs::create_dir(folder.path().join("runbooks"))?;
    let (text, named) = long_runbook::long_runbook(1_000_000);
    fs::write(folder.path().join("runbooks/long.md"), &text)?;
    let today = NaiveDate::from_ymd_opt(2026, 6, 1).ok_or("no such day")?;
    let mut times = Vec::new();
    for round in 0..=ROUNDS {
        let watch = Stopwatch::start();
        let found = house::check(&settings, today);
        let took = watch.elapsed().as_secs_f64() * 1000.0;
        if let Some(problem) = found.first() {
            return Err(format!("{} wrong, first: {problem}", found.len()).into());
        }
        if round > 0 {
            times.push(took);
        }
    }
    times.sort_by(f64::total_cmp);
    println!("parse and check of a runbook of {} bytes with {named} named steps:", text.len());
    println!(
        "  median {:.1} ms, p95 {:.1} ms (aim: less than 50)",
        times[ROUNDS / 2],
        times[ROUNDS * 95 / 100]
    );
    Ok(())
}
