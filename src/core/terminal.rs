//! What somebody does in a terminal on Muster's machine. Whoever may open its socket may do what any role may; who
//! they are in Discord nobody knows.

use super::state::State;
use super::{Outcome, paging, runs};
use crate::kit::time::Timestamp;
use crate::model::house::House;
use crate::model::input::{PageAnswer, TerminalAct};
use crate::model::reply::Refusal;

/// What follows from it.
pub fn act(
    state: &State,
    house: &House,
    now: Timestamp,
    user: &str,
    act: &TerminalAct,
) -> Result<Outcome, Refusal> {
    match act {
        TerminalAct::Run(ask) => runs::asked_at_terminal(state, house, now, user, ask),
        TerminalAct::Press { run, press } => {
            runs::pressed_at_terminal(state, house, now, user, (*run, press))
        }
        TerminalAct::Page { page, answer } => {
            paging::answered_at_terminal(state, house, now, user, (*page, *answer))
        }
        TerminalAct::Call(ask) => paging::called_at_terminal(state, house, now, user, ask),
    }
}

/// The same, for the record.
pub fn in_words(act: &TerminalAct) -> String {
    match act {
        TerminalAct::Run(ask) => {
            let dry = if ask.dry { " --dry-run" } else { "" };
            format!("muster run {} {}{dry}", ask.service, ask.action)
        }
        TerminalAct::Press { run, .. } => format!("muster run, about {run}"),
        TerminalAct::Page { page, answer } => {
            let what = match answer {
                PageAnswer::Acknowledge => "ack",
                PageAnswer::Escalate => "escalate",
            };
            let page = page.map(|page| format!(" {page}")).unwrap_or_default();
            format!("muster pages {what}{page}")
        }
        TerminalAct::Call(ask) => {
            let who = ask.who.as_ref().map(|who| format!(" {who}")).unwrap_or_default();
            format!("muster pages call{who}")
        }
    }
}
