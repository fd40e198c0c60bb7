//! `muster replay`: what would have been told of the recorded alerts with other settings.
//!
//! - `record` reads what happened: the alerts that came and ended, silences, who took what.
//! - `world` is a Muster in memory that the same happens to, by a clock of its own; nothing that it
//!   owes is done.
//! - `tally` counts what people were told of, in both; `compare` finds what differs, `text` says it.

mod compare;
mod record;
mod tally;
mod text;
mod world;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use super::args::ReplayArgs;
use super::output::failed;
use super::socket::{self, Answer, Ask};
use super::{journal, serve};
use crate::journal::{Journal as _, Reader, SledJournal};
use crate::kit::clock::Clock;
use crate::kit::time::Timestamp;
use crate::model::house::House;
use record::Recorded;
use world::World;

pub use compare::{Compared, Counts, Difference, Side};

/// Prints the difference.
pub fn run(args: &ReplayArgs) -> ExitCode {
    match answer(args) {
        Ok(text) => {
            println!("{}", text.trim_end());
            ExitCode::SUCCESS
        }
        Err(why) => failed(why),
    }
}

fn answer(args: &ReplayArgs) -> Answer {
    // The running Muster has a working folder of its own.
    let config = std::path::absolute(&args.config).map_err(|e| format!("{}: {e}", args.config.display()))?;
    let since = args.since.0;
    let ask = Ask::Replay { since: since.as_secs(), config: config.clone(), json: args.json };
    socket::ask(&args.journal.data, &ask).unwrap_or_else(|| {
        let journal = SledJournal::open(&journal::folder(&args.journal.data)).map_err(|e| e.to_string())?;
        of(&*journal.reader(), Clock::system().now(), since, &config, args.json)
    })
}

/// How long ago, as it is typed: `7d`, `12h`, `1d 12h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ago(pub Duration);

impl std::str::FromStr for Ago {
    type Err = String;
    fn from_str(s: &str) -> Result<Ago, String> {
        crate::core::alerts::silence::duration(s).map(Ago)
    }
}

/// The difference between what this journal tells and what these settings would have made of it, in
/// words or as JSON.
///
/// # Errors
/// What is wrong with the settings or the journal.
pub fn of(reader: &dyn Reader, now: Timestamp, since: Duration, config: &Path, json: bool) -> Answer {
    let house = serve::house(config)?;
    let compared = compared(reader, now, since, house)?;
    if json {
        return serde_json::to_string_pretty(&compared).map_err(|e| e.to_string());
    }
    Ok(text::of(&compared, &PathBuf::from(config.file_name().unwrap_or_default()).display().to_string()))
}

/// The same as values.
///
/// # Errors
/// What is wrong with the journal.
pub fn compared(
    reader: &dyn Reader,
    now: Timestamp,
    since: Duration,
    house: House,
) -> Result<Compared, String> {
    let ago = i64::try_from(since.as_millis()).unwrap_or(i64::MAX);
    let from = Timestamp(now.0.saturating_sub(ago));
    let recorded = Recorded::read(reader, from, now).map_err(|damage| damage.to_string())?;
    let roles = house.settings.roles.clone();
    let mut world = World::new(house, from)?;
    world.begin(&recorded.carried);
    for (at, fact) in &recorded.facts {
        world.goes_on(*at, fact);
    }
    world.until(now);
    let compared = compare::of((from, now), recorded.facts.len(), &recorded.tally, &world.tally, &roles);
    Ok(Compared { left_out: world.left_out, ..compared })
}

/// The same on a thread of its own, for a running Muster.
///
/// # Errors
/// As for [`of`].
pub async fn beside(
    reader: Arc<dyn Reader>,
    now: Timestamp,
    since: Duration,
    config: PathBuf,
    json: bool,
) -> Answer {
    let work = tokio::task::spawn_blocking(move || of(&*reader, now, since, &config, json));
    work.await.unwrap_or_else(|e| Err(e.to_string()))
}
