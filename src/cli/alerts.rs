//! `muster alerts list`, `show` and `why`: what fires and why people were told, with a running Muster or
//! without one: for the day Discord is down.

use std::path::Path;
use std::process::ExitCode;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::args::AlertsLookArgs;
use super::output::failed;
use super::socket::{self, Answer, Ask};
use super::{alerts_route, journal};
use crate::core::alerts::{card, command, press};
use crate::core::seen::{self, Seen};
use crate::core::state::State;
use crate::engine::Engine;
use crate::engine::committer::folded;
use crate::journal::{Journal as _, SledJournal};
use crate::model::card::Show;
use crate::model::house::House;
use crate::model::ids::GroupId;
use crate::render::alerts::plain;

/// Lines of a list.
const LINES: usize = 1_000;

/// What somebody wants to see.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Look {
    /// What fires.
    List {
        /// Of this service alone.
        service: Option<String>,
    },
    /// One card.
    Show(GroupId),
    /// Why people were told of it, or were not.
    Why(GroupId),
}

/// Prints it.
pub fn run(look: Look, args: &AlertsLookArgs) -> ExitCode {
    let ask = Ask::Alerts { look: look.clone(), json: args.json };
    let answer = socket::ask(&args.journal.data, &ask);
    match answer.unwrap_or_else(|| from_folder(&args.journal.data, args.config.as_deref(), look, args.json)) {
        Ok(text) => {
            println!("{}", text.trim_end());
            ExitCode::SUCCESS
        }
        Err(why) => failed(why),
    }
}

/// The same of the Muster that runs.
///
/// # Errors
/// When there is no such alert, or the engine has stopped.
pub async fn of(engine: &Engine, look: Look, json: bool) -> Answer {
    let read =
        move |state: &State, house: &House| (first(state, house, &look, json), house.settings.timezone);
    let (first, tz) = engine.read(read).await.map_err(|d| d.0)?;
    match first? {
        First::Told(text) => Ok(text),
        First::Journal(show) => match engine.seen(&show).await.map_err(|d| d.0)?.as_deref() {
            Some(seen) => why(&show, seen, tz, json),
            None => Err(gone()),
        },
    }
}

fn from_folder(data: &Path, config: Option<&Path>, look: Look, json: bool) -> Answer {
    let house = alerts_route::house(config)?;
    let journal = SledJournal::open(&journal::folder(data)).map_err(|e| e.to_string())?;
    let (state, _) = folded(&journal).map_err(|d| d.0)?;
    match first(&state, &house, &look, json)? {
        First::Told(text) => Ok(text),
        First::Journal(show) => {
            let seqs = seen::commits(&state, &show).ok_or_else(gone)?;
            let commits = journal.reader().get(&seqs).map_err(|damage| damage.to_string())?;
            why(&show, &seen::of(&show, &commits).ok_or_else(gone)?, house.settings.timezone, json)
        }
    }
}

/// What the state says by itself, or what the journal is asked for.
enum First {
    Told(String),
    Journal(Box<Show>),
}

fn first(state: &State, house: &House, look: &Look, json: bool) -> Result<First, String> {
    let tz = house.settings.timezone;
    let told = match look {
        Look::List { service } => {
            let (lines, more) = command::list(state, service.as_deref(), LINES);
            if json { plain::list_json(&lines) } else { plain::list(&lines, more, tz) }
        }
        Look::Show(id) => {
            let group = state.alerts.groups.get(id).ok_or_else(|| unknown(*id))?;
            let card = card::card(state, house, group);
            if json { plain::card_json(&card) } else { plain::card(&card, tz) }
        }
        Look::Why(id) => {
            return press::asked(state, house, *id, 0)
                .map(|show| First::Journal(Box::new(show)))
                .map_err(|_| unknown(*id));
        }
    };
    Ok(First::Told(told))
}

fn why(show: &Show, seen: &Seen, tz: Tz, json: bool) -> Answer {
    match (show, seen) {
        (Show::AlertWhy(ask), Seen::Alert(chain)) if json => Ok(plain::why_json(ask, chain)),
        (Show::AlertWhy(ask), Seen::Alert(chain)) => Ok(crate::render::alerts::facts(ask, chain, tz)),
        _ => Err(gone()),
    }
}

fn unknown(id: GroupId) -> String {
    format!(
        "there is no {id} at hand. `muster alerts list` shows what fires; `muster alerts why {id}` also tells of what is over for long."
    )
}

fn gone() -> String {
    "this is not in the journal any more. `muster verify` says what happened to it".to_owned()
}
