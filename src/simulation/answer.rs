//! The first answer to an interaction, as `discord::respond` gives it, without its waiting: the
//! same wire formats, the same second try where no answer came.

use chrono_tz::Tz;
use serde_json::Value;

use super::server::Discord;
use crate::core::seen::{self, Seen};
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
        Reply::None if matches!(to.act, Act::Press(_) | Act::Choose { .. }) => (wire::nothing(), vec![]),
        Reply::None | Reply::Strike(_) | Reply::Taken { .. } | Reply::Watched(_) => return Told::Nothing,
        Reply::Choices(choices) => (wire::choices(&choices), vec![]),
        _ if typing => (wire::choices(&[]), vec![]),
        Reply::Later { private } => (wire::later(private), vec![]),
        Reply::Form(form) => (wire::form(&form), vec![]),
        Reply::Show { show, private } => {
            let seen = seen_for(reader, state, &show);
            wire::show(render::face(&show, seen.as_ref(), tz), private)
        }
        Reply::Run { text, .. } => wire::show(render::done(&text), true),
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

/// What something to show is made from, as the engine reads it.
pub fn seen_for(reader: &dyn Reader, state: &State, show: &Show) -> Option<Seen> {
    seen::at_hand(state, show).or_else(|| {
        let seqs = seen::commits(state, show)?;
        seen::of(show, &reader.get(&seqs).ok()?)
    })
}
