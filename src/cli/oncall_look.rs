//! `muster oncall now` and `schedule`: who is on call, with a running Muster or without one: for the day
//! Discord is down.

use std::path::Path;
use std::process::ExitCode;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::args::OncallLookArgs;
use super::output::failed;
use super::socket::{self, Answer, Ask};
use super::{alerts_route, journal};
use crate::core::oncall::board::{self, Board, RankNow, Schedule};
use crate::core::oncall::spell::{self, Spelling};
use crate::core::state::State;
use crate::engine::Engine;
use crate::engine::committer::folded;
use crate::journal::SledJournal;
use crate::kit::clock::Clock;
use crate::kit::time::Timestamp;
use crate::model::house::House;
use crate::model::ids::OverrideId;
use crate::model::page::Way;
use crate::model::rota::Member;

/// What somebody wants to see.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnCallLook {
    /// Who is on call now, and next.
    Now,
    /// The shifts of a rota.
    Schedule {
        /// Which; where there is only one, it need not be named.
        rota: Option<String>,
        /// For how many days.
        days: Option<i64>,
    },
}

/// Prints it.
pub fn run(look: OnCallLook, args: &OncallLookArgs) -> ExitCode {
    let json = args.format.is_json();
    let ask = Ask::OnCall { look: look.clone(), json };
    let answer = socket::ask(&args.journal.data, &ask);
    match answer.unwrap_or_else(|| from_folder(&args.journal.data, args.config.as_deref(), &look, json)) {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(why) => failed(why),
    }
}

/// The same of the Muster that runs.
///
/// # Errors
/// When there is no such rota, or the engine has stopped.
pub async fn of(engine: &Engine, now: Timestamp, look: OnCallLook, json: bool) -> Answer {
    let read = move |state: &State, house: &House| told(state, house, now, &look, json);
    engine.read(read).await.map_err(|d| d.0)?
}

fn from_folder(data: &Path, config: Option<&Path>, look: &OnCallLook, json: bool) -> Answer {
    let house = alerts_route::house(config)?;
    let journal = SledJournal::open(&journal::folder(data)).map_err(|e| e.to_string())?;
    let (state, _) = folded(&journal).map_err(|d| d.0)?;
    told(&state, &house, Clock::system().now(), look, json)
}

fn told(state: &State, house: &House, now: Timestamp, look: &OnCallLook, json: bool) -> Answer {
    match look {
        OnCallLook::Now => {
            let (board, zone) = (board::now(state, house, now), house.settings.timezone);
            Ok(match (json, board.rotas.is_empty()) {
                (true, _) => indented(&board_json(&board)),
                (false, true) => spell::no_rota(),
                (false, false) => spell::plain(spell::board(&board, Spelling::Plain(zone)), zone),
            })
        }
        OnCallLook::Schedule { rota, days } => {
            let schedule = board::schedule(state, house, now, rota.as_deref(), *days).map_err(|r| r.0)?;
            let zone = schedule.timezone;
            Ok(match json {
                true => indented(&schedule_json(&schedule)),
                false => spell::plain(spell::schedule(&schedule, Spelling::Plain(zone)), zone),
            })
        }
    }
}

fn indented(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

fn member(who: Option<&Member>) -> Value {
    who.map_or(Value::Null, |who| json!({"name": who.name(), "discord": who.id().map(|id| id.to_string())}))
}

fn time(at: Option<Timestamp>) -> Option<String> {
    at.map(Timestamp::rfc3339)
}

fn id(by: Option<OverrideId>) -> Option<String> {
    by.map(|id| id.to_string())
}

/// For programs: names are stable, times are RFC 3339 in UTC, and what has no end has `null`.
fn board_json(board: &Board) -> Value {
    let rank = |rank: &RankNow| {
        json!({
            "rank": rank.rank,
            "who": member(rank.who.as_ref()),
            "until": time(rank.until),
            "override": id(rank.by),
            "ways": rank.ways.iter().map(|way| Way::word(*way)).collect::<Vec<_>>(),
            "away_until": time(rank.away),
            "next": member(rank.next.as_ref()),
        })
    };
    let rotas = board
        .rotas
        .iter()
        .map(|rota| json!({"rota": rota.rota, "ranks": rota.ranks.iter().map(rank).collect::<Vec<_>>()}));
    json!({
        "format": 1,
        "rotas": rotas.collect::<Vec<_>>(),
        "other_services": board.others,
        "their_rota": board.theirs,
    })
}

/// The same of a schedule.
fn schedule_json(schedule: &Schedule) -> Value {
    let shifts = schedule.ranks.iter().flat_map(|(rank, shifts)| {
        shifts.iter().map(move |shift| {
            json!({
                "rank": rank,
                "who": member(shift.who.as_ref()),
                "from": time(shift.from),
                "until": time(shift.until),
                "override": id(shift.by),
            })
        })
    });
    json!({
        "format": 1,
        "rota": schedule.rota,
        "timezone": schedule.timezone.name(),
        "days": schedule.days,
        "shifts": shifts.collect::<Vec<_>>(),
    })
}
