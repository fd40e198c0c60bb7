//! The form under an alert's card that silences it for a while: the labels that its alerts share.

use std::collections::BTreeMap;

use super::press::{going_on, known};
use super::tell::Teller;
use super::{silence, silencing};
use crate::core::Outcome;
use crate::core::access::may;
use crate::core::state::State;
use crate::kit::text;
use crate::kit::time::Timestamp;
use crate::model::alert::{Group, GroupPhase, Held, Mute};
use crate::model::button::FormKind;
use crate::model::command::Action;
use crate::model::event::Event;
use crate::model::house::House;
use crate::model::ids::GroupId;
use crate::model::input::Interaction;
use crate::model::labels::{MatchOp, Matcher};
use crate::model::reply::{Field, Form, Refusal, Reply};

/// What the form proposes.
const PROPOSED: &str = "2h";

/// The form for a silence.
pub(super) fn form(group: &Group) -> Result<Outcome, Refusal> {
    key(group)?;
    let field = |name: &str, label: &str, max, value: Option<&str>| Field {
        name: name.to_owned(),
        label: label.to_owned(),
        max,
        required: true,
        value: value.map(str::to_owned),
    };
    let fields = vec![
        field("for", "For how long? 30m, 2h, 1d", 20, Some(PROPOSED)),
        field("why", "Why? It stands on the card.", 300, None),
    ];
    let kind = FormKind::Silence(group.id);
    let title = text::cut(&format!("Silence {}", group.id), 45);
    Ok(Outcome::reply(Reply::Form(Form { kind, title, fields })))
}

/// What silences a group and those that will be like it: the labels that its alerts share.
fn key(group: &Group) -> Result<Vec<Matcher>, Refusal> {
    let key = &group.opened.key;
    let matchers = key.iter().map(|(name, value)| Matcher::new(name, MatchOp::Is, value));
    let matchers: Result<Vec<Matcher>, String> = matchers.collect();
    let matchers = matchers.map_err(Refusal::new)?;
    if matchers.is_empty() {
        return Err(Refusal::new(format!(
            "{} is everything that its route takes: silencing that would silence all of it. `/silence add` takes labels.",
            group.id
        )));
    }
    Ok(matchers)
}

/// The form for a silence was sent. Rights and state may have changed since it was opened.
pub fn submit(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    id: GroupId,
    fields: &BTreeMap<String, String>,
) -> Result<Outcome, Refusal> {
    may(house, i, Action::SilenceAdd)?;
    let group = known(state, id).and_then(going_on)?;
    let field = |name: &str| fields.get(name).map(String::as_str).unwrap_or_default();
    let lasts = silence::duration(field("for")).map_err(Refusal::new)?;
    let asked = silence::asked(&state.alerts, now, &i.by.person, key(group)?, lasts, field("why"))?;
    let reply = Reply::done(silencing::added(state, &asked, lasts));
    let by = Mute::Silence(asked.id);
    let mut teller = Teller::new(state, house, now);
    teller.events.push(Event::SilenceAdded(Box::new(asked)));
    // Its card says so at once. Others that the same labels mean are found in a moment.
    if group.phase == GroupPhase::Firing && !matches!(group.held, Some(Held::Muted(_))) {
        teller.held(id, Held::Muted(by));
        teller.edit(id);
    }
    Ok(Outcome { reply, ..teller.finish() })
}
