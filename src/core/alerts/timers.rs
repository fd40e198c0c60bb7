//! When something about alerts is due, in the order of time: a hundred thousand of them cost no look at
//! each whenever something happens.
//!
//! It is kept in memory alone, and follows from state and settings. What stands here may come too early:
//! whoever looks holds it against the state, and it is put down again for its right time.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::state::Renewal;
use super::{expire, mute, storm, tell};
use crate::core::state::State;
use crate::kit::time::Timestamp;
use crate::model::alert::News;
use crate::model::commit::Commit;
use crate::model::effect::{Board, Effect};
use crate::model::event::Event;
use crate::model::house::House;
use crate::model::ids::{GroupId, StormId};
use crate::model::input::Input;
use crate::model::labels::{Fingerprint, Matcher};
use crate::model::reply::Reply;

/// How long after something that may mute others it is looked at what is muted.
const LOOK: Duration = Duration::from_secs(1);
/// The same where a person did something, and at the beginning.
const SOON: Duration = Duration::from_millis(50);

/// What is due at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// An alert is over unless it was renewed.
    Alert(Fingerprint),
    /// Something about a group.
    Group(GroupId),
    /// Something about a storm.
    Storm(StormId),
}

/// What is due, and when.
#[derive(Clone, Debug, Default)]
pub struct Timers {
    due: BTreeSet<(Timestamp, Key)>,
    /// When it is to be looked at what is muted.
    look: Option<Timestamp>,
    /// Whether it follows from the state at hand; otherwise everything is looked at.
    ready: bool,
}

/// Two states that differ in it alone are the same.
impl PartialEq for Timers {
    fn eq(&self, _: &Timers) -> bool {
        true
    }
}

impl Timers {
    /// What is due by now; `None` where everything has to be looked at.
    pub fn by(&self, now: Timestamp) -> Option<impl Iterator<Item = Key>> {
        let last = (now, Key::Storm(StormId(u32::MAX)));
        self.ready.then(|| self.due.range(..=last).map(|(_, key)| *key))
    }

    /// Whether it is to be looked at what is muted.
    pub fn looks(&self, now: Timestamp) -> bool {
        !self.ready || self.look.is_some_and(|at| at <= now)
    }

    /// What was put down does not follow from the settings any more.
    pub fn doubt(&mut self) {
        self.ready = false;
    }

    fn look_by(&mut self, at: Timestamp) {
        self.look = Some(self.look.map_or(at, |look| look.min(at)));
    }

    fn put(&mut self, at: Option<Timestamp>, key: Key) {
        self.due.extend(at.map(|at| (at, key)));
    }
}

/// When something about alerts is due next.
pub fn next(state: &State) -> Option<Timestamp> {
    let timers = &state.alerts.timers;
    if !timers.ready {
        // At once: what is due is not known before somebody looked.
        return (!state.alerts.groups.is_empty()).then(Timestamp::default);
    }
    timers.due.first().map(|(at, _)| *at).into_iter().chain(timers.look).min()
}

/// Keeps what memory alone keeps of a decision: what was only renewed, and when what is due. Whoever
/// keeps the state calls it after each input.
pub fn remember(
    state: &mut State,
    house: &House,
    now: Timestamp,
    input: &Input,
    reply: Option<&Reply>,
    commit: Option<&Commit>,
) {
    if let Some(Reply::Taken { renewed }) = reply {
        let heard = |(id, until): &(Fingerprint, Timestamp)| (*id, Renewal { until: *until, heard: now });
        state.alerts.renewed.0.extend(renewed.iter().map(heard));
    }
    let wake = matches!(input, Input::Wake | Input::Started { .. });
    if !state.alerts.timers.ready || matches!(input, Input::Started { .. }) {
        all(state, house, now);
        return;
    }
    if wake && !commit.is_some_and(receives) {
        passed(state, house, now);
    }
    for (key, at) in commit.map(|c| touched(state, house, c)).unwrap_or_default() {
        // What a decision leaves due is done by the next.
        state.alerts.timers.put(at.map(|at| at.max(now.after(SOON))), key);
    }
    if commit.is_some_and(|c| mutes(state, house, c)) {
        state.alerts.timers.look_by(now.after(SOON));
    }
    if commit.is_some_and(|c| inhibits(house, c)) {
        state.alerts.timers.look_by(now.after(LOOK));
    }
}

/// Everything anew.
fn all(state: &mut State, house: &House, now: Timestamp) {
    let mut timers = Timers { ready: true, ..Timers::default() };
    let live = state.alerts.live.iter().filter(|(_, alert)| alert.fires());
    live.for_each(|(id, _)| timers.put(expire::ends(state, house, *id), Key::Alert(*id)));
    state.alerts.groups.values().for_each(|g| timers.put(tell::next(state, house, g), Key::Group(g.id)));
    let storms = state.alerts.storms.values();
    for s in storms {
        // What it left waits for room: that was looked at now.
        let soon = |at: Timestamp| if at <= now && s.over.is_some() { now.after(LOOK) } else { at };
        timers.put(storm::next(&state.alerts, house, s).map(soon), Key::Storm(s.id));
    }
    // A silence may have ended meanwhile, or a window in the settings have changed. Where there is no
    // alert yet, one may come before that.
    let soon = (!state.alerts.groups.is_empty()).then(|| now.after(SOON));
    timers.look = soon.or_else(|| mute::changes(&state.alerts, house, now));
    state.alerts.timers = timers;
}

/// What was due by now is put down again for its right time, where it has one.
fn passed(state: &mut State, house: &House, now: Timestamp) {
    let mut due: BTreeMap<Key, Timestamp> = BTreeMap::new();
    let timers = &mut state.alerts.timers;
    while let Some((at, key)) = timers.due.pop_first() {
        if at > now {
            timers.due.insert((at, key));
            break;
        }
        due.insert(key, at);
    }
    for key in due.into_keys() {
        let at = at(state, house, key);
        // What was due and is not done by now is tried again, but not over and over.
        let at = at.map(|at| if at <= now { now.after(LOOK) } else { at });
        state.alerts.timers.put(at, key);
        if let (Key::Alert(id), None) = (key, at) {
            state.alerts.renewed.0.remove(&id);
        }
    }
    if state.alerts.timers.looks(now) {
        state.alerts.timers.look = mute::changes(&state.alerts, house, now);
    }
}

fn at(state: &State, house: &House, key: Key) -> Option<Timestamp> {
    match key {
        Key::Alert(id) => expire::ends(state, house, id),
        Key::Group(id) => state.alerts.groups.get(&id).and_then(|g| tell::next(state, house, g)),
        Key::Storm(id) => state.alerts.storms.get(&id).and_then(|s| storm::next(&state.alerts, house, s)),
    }
}

/// What a commit is about, and when something of it is due.
fn touched(state: &State, house: &House, commit: &Commit) -> Vec<(Key, Option<Timestamp>)> {
    let mut keys = BTreeSet::new();
    for event in &commit.events {
        match event {
            Event::AlertsReceived(received) => {
                for taken in &received.alerts {
                    keys.insert(Key::Alert(taken.alert.fingerprint));
                    keys.insert(Key::Group(taken.group));
                }
            }
            Event::Alerts { group, .. } => {
                keys.insert(Key::Group(*group));
            }
            Event::StormBegan { storm, .. } | Event::StormEnded { storm } => {
                keys.insert(Key::Storm(*storm));
            }
            _ => {}
        }
    }
    for effect in &commit.effects {
        match effect {
            Effect::PostBoard { board: Board::Alerts(id), .. } => keys.insert(Key::Group(*id)),
            Effect::PostBoard { board: Board::Storm(id), .. } => keys.insert(Key::Storm(*id)),
            _ => false,
        };
    }
    let storms: BTreeSet<Key> = keys
        .iter()
        .filter_map(|key| match key {
            Key::Group(id) => state.alerts.groups.get(id).and_then(|g| g.storm).map(Key::Storm),
            _ => None,
        })
        .collect();
    keys.into_iter().chain(storms).map(|key| (key, at(state, house, key))).collect()
}

/// Whether it took something in: a job that is late is told by itself, and the rest is still due.
fn receives(commit: &Commit) -> bool {
    commit.events.iter().any(|e| matches!(e, Event::AlertsReceived(_) | Event::Beats(_)))
}

/// Whether what is muted may be something else after this commit.
fn mutes(_state: &State, _house: &House, commit: &Commit) -> bool {
    commit.events.iter().any(|e| matches!(e, Event::SilenceAdded(_) | Event::SilenceEnded { .. }))
}

/// Whether something began or ended that keeps others quiet.
fn inhibits(house: &House, commit: &Commit) -> bool {
    let rules = &house.settings.alerting.inhibitions;
    if rules.is_empty() {
        return false;
    }
    commit.events.iter().any(|e| match e {
        // What ends may say nothing of itself, and what changed does not say what it was.
        Event::AlertsReceived(received) => received.alerts.iter().any(|taken| {
            !matches!(taken.news, News::New | News::Again)
                || rules.iter().any(|rule| Matcher::all(&rule.source, &taken.alert.labels))
        }),
        // What was said of them is not in here.
        Event::Alerts { news, .. } => super::ends_alerts(news),
        _ => false,
    })
}
