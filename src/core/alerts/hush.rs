//! The form under an alert's card that silences it for a while: the labels that its alerts share.

use std::collections::BTreeMap;
use std::time::Duration;

use super::card;
use super::press::{edit, going_on, known};
use crate::core::Outcome;
use crate::core::access::may;
use crate::core::state::State;
use crate::kit::text::{self, escape_markdown};
use crate::kit::time::{Timestamp, spoken};
use crate::model::alert::{AlertCard, Group, GroupNews, Held, Mute};
use crate::model::button::FormKind;
use crate::model::command::Action;
use crate::model::event::Event;
use crate::model::house::House;
use crate::model::ids::{GroupId, SilenceId};
use crate::model::incident::Stamp;
use crate::model::input::Interaction;
use crate::model::labels::{MatchOp, Matcher};
use crate::model::reply::{Field, Form, Refusal, Reply};
use crate::model::silence::Silence;

/// How long somebody may silence something from a card.
const LONGEST: Duration = Duration::from_secs(366 * 24 * 3600);
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
            "{} is everything that its route takes: silencing that would silence all of it. `/silence` takes labels.",
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
    may(house, i, Action::AlertAck)?;
    let group = known(state, id).and_then(going_on)?;
    let matchers = key(group)?;
    let field = |name: &str| fields.get(name).map(|t| text::line(t)).unwrap_or_default();
    let (typed, why) = (field("for"), field("why"));
    let lasts = lasting(&typed).ok_or_else(|| {
        Refusal::new(format!(
            "`{}` is no length of time: write it like 30m, 2h, 1h30m or 1d, and at most a year.",
            escape_markdown(&typed)
        ))
    })?;
    if why.is_empty() {
        return Err(Refusal::new("Say why: whoever meets the silence later reads it."));
    }
    let silence = Silence {
        id: SilenceId(state.alerts.last.silence.0 + 1),
        matchers,
        from: now,
        until: now.after(lasts),
        why,
        asked: Stamp { at: now, by: i.by.person.clone() },
    };
    let held = Held::Muted(Mute::Silence(silence.id));
    let words = silence.matchers.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    let reply = Reply::done(format!(
        "**{}** silences {} for {}, until <t:{}:f>. What still fires then is told.",
        silence.id,
        escape_markdown(&words),
        spoken(lasts),
        silence.until.seconds()
    ));
    let mut effects = vec![];
    let mut news = vec![];
    // Others that the same labels mean are found when what is muted is looked at next.
    if !matches!(group.held, Some(Held::Muted(_))) {
        news.push(Event::Alerts { group: id, news: GroupNews::Held(held.clone()) });
        let shown = AlertCard {
            held: Some(held),
            silence: Some(Box::new(silence.clone())),
            ..card::card(state, house, group)
        };
        effects.push(edit(id, shown));
    }
    let mut events = vec![Event::SilenceAdded(Box::new(silence))];
    events.extend(news);
    Ok(Outcome { events, effects, reply })
}

/// A length of time as people type it: `30m`, `1h30m`, `2 h`, `1d`.
fn lasting(typed: &str) -> Option<Duration> {
    let (mut seconds, mut number, mut any) = (0u64, String::new(), false);
    for c in typed.chars().filter(|c| !c.is_whitespace()) {
        if c.is_ascii_digit() {
            number.push(c);
            continue;
        }
        let unit = match c.to_ascii_lowercase() {
            's' => 1,
            'm' => 60,
            'h' => 3_600,
            'd' => 86_400,
            'w' => 7 * 86_400,
            _ => return None,
        };
        seconds = seconds.checked_add(number.parse::<u64>().ok()?.checked_mul(unit)?)?;
        number.clear();
        any = true;
    }
    let lasts = Duration::from_secs(seconds);
    (any && number.is_empty() && seconds > 0 && lasts <= LONGEST).then_some(lasts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_read_as_people_type_them() {
        for (typed, seconds) in [
            ("30m", 1_800),
            ("2h", 7_200),
            ("1h30m", 5_400),
            (" 1 H 30 M ", 5_400),
            ("1d", 86_400),
            ("2w", 1_209_600),
        ] {
            assert_eq!(lasting(typed), Some(Duration::from_secs(seconds)), "{typed}");
        }
        for none in ["", "2", "h", "0m", "-1h", "2y", "99999999999999999999h", "400d", "1h30", "é"] {
            assert_eq!(lasting(none), None, "{none}");
        }
    }
}
