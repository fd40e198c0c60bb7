//! `muster pages`: who is called and why, and answering from here: for whoever was called on the day Discord is
//! down.

use std::path::Path;
use std::process::ExitCode;

use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::args::{PagesAnswerArgs, PagesCallArgs, PagesCommand, PagesLookArgs};
use super::output::failed;
use super::plain::plain;
use super::socket::{self, Answer, Ask, Done};
use super::{alerts_route, journal};
use crate::core::paging;
use crate::core::state::State;
use crate::engine::Engine;
use crate::engine::committer::folded;
use crate::journal::SledJournal;
use crate::kit::time::Timestamp;
use crate::model::ids::PageId;
use crate::model::input::{CallAsk, PageAnswer, TerminalAct};
use crate::model::page::{About, Call, Delivery, Page, Standing, Target};

/// What somebody wants to see.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PagesLook {
    /// The pages that are not over.
    List,
    /// Who was called for one, who was not, and why.
    Why(PageId),
}

/// Does what was typed.
pub fn run(what: &PagesCommand) -> ExitCode {
    let answer = match what {
        PagesCommand::List(args) => look(PagesLook::List, args),
        PagesCommand::Why(args) => look(PagesLook::Why(args.page), &args.look),
        PagesCommand::Ack(args) => answered(args, PageAnswer::Acknowledge),
        PagesCommand::Escalate(args) => answered(args, PageAnswer::Escalate),
        PagesCommand::Call(args) => called(args),
    };
    match answer {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(why) => failed(why),
    }
}

fn look(look: PagesLook, args: &PagesLookArgs) -> Answer {
    let json = args.format.is_json();
    let answer = socket::ask(&args.journal.data, &Ask::Pages { look, json });
    answer.unwrap_or_else(|| from_folder(&args.journal.data, args.config.as_deref(), look, json))
}

fn answered(args: &PagesAnswerArgs, answer: PageAnswer) -> Answer {
    act(&args.journal.data, TerminalAct::Page { page: args.page, answer })
}

fn called(args: &PagesCallArgs) -> Answer {
    let PagesCallArgs { who, text, incident, service, journal } = args;
    let ask = CallAsk { who: who.clone(), text: text.clone(), service: service.clone(), incident: *incident };
    act(&journal.data, TerminalAct::Call(ask))
}

/// Does something about a page. Without a running Muster nobody is called, so there is nothing to do.
fn act(data: &Path, act: TerminalAct) -> Answer {
    let said = socket::ask(data, &Ask::Act(act)).ok_or_else(|| {
        format!(
            "no Muster runs on {}, so nobody is called. `muster serve` starts it; `muster pages list` shows what it knew.",
            data.display()
        )
    })?;
    let done: Done = serde_json::from_str(&said?).map_err(|e| e.to_string())?;
    Ok(done.text)
}

/// The same of the Muster that runs.
///
/// # Errors
/// When there is no such page at hand, or the engine has stopped.
pub async fn of(engine: &Engine, look: PagesLook, json: bool) -> Answer {
    engine
        .read(move |state, house| told(state, house.settings.timezone, look, json))
        .await
        .map_err(|d| d.0)?
}

fn from_folder(data: &Path, config: Option<&Path>, look: PagesLook, json: bool) -> Answer {
    let house = alerts_route::house(config)?;
    let journal = SledJournal::open(&journal::folder(data)).map_err(|e| e.to_string())?;
    let (state, _) = folded(&journal).map_err(|d| d.0)?;
    told(&state, house.settings.timezone, look, json)
}

fn told(state: &State, zone: Tz, look: PagesLook, json: bool) -> Answer {
    match look {
        PagesLook::List if json => {
            let pages = state.pages.open().map(summary).collect::<Vec<_>>();
            Ok(indented(&json!({"format": 1, "pages": pages})))
        }
        PagesLook::List => {
            let lines = paging::open(state);
            let none = || "Nobody is called at this moment.".to_owned();
            Ok(if lines.is_empty() { none() } else { plain(&lines.join("\n"), zone) })
        }
        PagesLook::Why(id) => {
            let gone =
                || format!("there is no {id} at hand. `muster pages list` shows those that are not over.");
            let page = state.pages.all.get(&id).ok_or_else(gone)?;
            if json {
                return Ok(indented(&whole(page)));
            }
            Ok(plain(&paging::why(state, id).ok_or_else(gone)?.join("\n"), zone))
        }
    }
}

fn indented(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// For programs: names are stable, times are RFC 3339 in UTC, and what is not there is `null`.
fn summary(page: &Page) -> Value {
    let begun = &page.begun;
    let (stands, by) = match &page.standing {
        Standing::Climbing { .. } => ("calling", None),
        Standing::Acknowledged { by, .. } => ("acknowledged", Some(by.by.name.clone())),
        Standing::Exhausted { .. } => ("nobody-answered", None),
        Standing::Over { .. } => ("over", None),
    };
    let about = match begun.about {
        About::Incident(id) => json!({"incident": id.to_string()}),
        About::Alerts(id) => json!({"alert": id.to_string()}),
        About::Asked { incident } => json!({"asked_for_in": incident.map(|id| id.to_string())}),
        About::Test => json!({"test": null}),
        About::Shift { from, until } => {
            json!({"shift_from": from.rfc3339(), "shift_until": until.map(Timestamp::rfc3339)})
        }
    };
    let until = match &page.standing {
        Standing::Climbing { until, .. } => Some(*until),
        _ => None,
    };
    json!({
        "page": begun.id.to_string(),
        "about": about,
        "severity": begun.severity.to_string(),
        "title": begun.title,
        "service": begun.service,
        "policy": begun.policy.name,
        "began": page.at.rfc3339(),
        "stands": stands,
        "by": by,
        "since": page.moved.rfc3339(),
        "answer_until": until.map(Timestamp::rfc3339),
    })
}

/// The same with every call.
fn whole(page: &Page) -> Value {
    let call = |call: &Call| {
        let (delivery, why) = match &call.delivery {
            Delivery::Owed => ("under-way", None),
            Delivery::Queued { until } => ("queued", Some(until.rfc3339())),
            Delivery::Delivered { .. } => ("delivered", None),
            Delivery::Failed { why, .. } => ("failed", Some(why.clone())),
            Delivery::Dropped => ("not-sent-any-more", None),
        };
        let to = match &call.to {
            Target::Person { id, name } => json!({"person": name, "discord": id.to_string()}),
            Target::Role { id, name } => json!({"role": name, "discord": id.to_string()}),
            Target::Channel(id) => json!({"channel": id.to_string()}),
        };
        json!({
            "at": call.at.rfc3339(),
            "to": to,
            "way": call.way.word(),
            "round": call.round,
            "rung": page.begun.policy.rung(call.rung).map(|r| r.name.clone()),
            "delivery": delivery,
            "why": why,
        })
    };
    let mut all = summary(page);
    all["format"] = json!(1);
    all["calls"] = page.calls.iter().map(call).collect();
    all["not_called"] = page.skipped.iter().map(|s| json!({"who": s.who, "why": s.why})).collect();
    all["declined"] = page.declined.iter().map(ToString::to_string).collect();
    all
}
