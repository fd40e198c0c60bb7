//! The first answer to an interaction, as `discord::respond` gives it, without its waiting: the
//! same wire formats, the same second try where no answer came.

use chrono_tz::Tz;
use serde_json::Value;

use super::server::Discord;
use crate::core::history::{self, History};
use crate::core::state::State;
use crate::discord::api::RestError;
use crate::discord::wire;
use crate::journal::Reader;
use crate::model::card::Show;
use crate::model::input::{Act, Interaction};
use crate::model::reply::Reply;
use crate::render::{self, File};

/// How an answer went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// Discord has it.
    Answered,
    /// Nobody waits for one.
    Nothing,
    /// It did not arrive, or nobody knows whether it did.
    Lost(String),
}

/// Answers. What shows a history reads it from the journal.
pub fn answer(
    discord: &Discord,
    reader: &dyn Reader,
    state: &State,
    tz: Tz,
    to: &Interaction,
    reply: Reply,
) -> Told {
    let typing = matches!(to.act, Act::Complete { .. });
    let (body, files) = match reply {
        Reply::None if matches!(to.act, Act::Press(_)) => (wire::nothing(), vec![]),
        Reply::None => return Told::Nothing,
        Reply::Choices(choices) => (wire::choices(&choices), vec![]),
        _ if typing => (wire::choices(&[]), vec![]),
        Reply::Later { private } => (wire::later(private), vec![]),
        Reply::Form(form) => (wire::form(&form), vec![]),
        Reply::Show { show, private } => {
            let history = history_for(reader, state, &show);
            wire::show(render::face(&show, history.as_ref(), tz), private)
        }
    };
    send(discord, to, &body, &files)
}

fn send(discord: &Discord, to: &Interaction, body: &Value, files: &[File]) -> Told {
    let mut why = String::new();
    for _ in 0..2 {
        match discord.lock().respond(to.id.0, &to.token, body, files) {
            Ok(()) | Err(RestError::Refused { code: 40060, .. }) => return Told::Answered,
            Err(RestError::Silent(silence)) => why = silence,
            Err(e) => return Told::Lost(e.to_string()),
        }
    }
    Told::Lost(why)
}

/// The history that something to show is made from, as the engine reads it.
pub fn history_for(reader: &dyn Reader, state: &State, show: &Show) -> Option<History> {
    let (incident, upto) = match show {
        Show::Timeline { incident, upto, .. } | Show::Report { incident, upto } => (*incident, *upto),
        _ => return None,
    };
    let seqs: Vec<_> =
        state.incidents.get(&incident)?.commits.iter().copied().filter(|s| *s <= upto).collect();
    history::fold(incident, &reader.get(&seqs).ok()?)
}
