//! Whether people are told of a group, and why: each decision is a value that is kept.
//!
//! Whoever decides collects in a [`Teller`] what happens; messages are made last, of what is so then.

mod apart;

use std::collections::BTreeSet;

use super::preview::Preview;
use super::state::Shown;
use super::timers::Key;
use super::{expire, flap, incident, mute, route, storm};
use crate::core::Outcome;
use crate::core::state::State;
use crate::kit::text::escape_markdown;
use crate::kit::time::{Timestamp, spoken};
use crate::model::alert::{Group, GroupNews, GroupPhase, Held, Mute, Opened, Why};
use crate::model::alerting::Route;
use crate::model::card::Show;
use crate::model::effect::{Board, Effect, Place};
use crate::model::event::Event;
use crate::model::house::House;
use crate::model::ids::{GroupId, IncidentId};
use crate::model::incident::Card;
use crate::model::labels::Fingerprint;
use crate::model::reply::Reply;

/// Collects what one decision about groups leads to.
pub(super) struct Teller<'a> {
    pub state: &'a State,
    pub house: &'a House,
    pub now: Timestamp,
    /// What happens.
    pub events: Vec<Event>,
    /// What is owed, but for cards.
    pub effects: Vec<Effect>,
    /// What is known of storms beside the state.
    pub storm: storm::Overlay,
    /// What is known of incidents beside the state.
    pub incidents: incident::Overlay,
    posts: BTreeSet<GroupId>,
    edits: BTreeSet<GroupId>,
}

/// A group as a decision sees it: as it will be once what was received is taken in.
pub(super) struct View<'g> {
    pub opened: &'g Opened,
    /// How many of it fire.
    pub firing: usize,
    pub told: bool,
    pub incident: Option<IncidentId>,
    pub turns: &'g [Timestamp],
    /// Where its card stands, where it has one.
    pub card: Option<Card>,
    /// What of it just began and is muted, where it is not in the state yet.
    pub hushed: &'g [(Fingerprint, Mute)],
}

impl<'g> View<'g> {
    /// As the state has it.
    pub fn of(state: &State, group: &'g Group) -> View<'g> {
        View {
            opened: &group.opened,
            firing: group.firing.len(),
            told: group.told.is_some(),
            incident: incident::open_one(state, group),
            turns: &group.turns,
            card: state.alerts.shown.contains_key(&group.id).then_some(group.card),
            hushed: &[],
        }
    }

    fn route<'h>(&self, house: &'h House) -> &'h Route {
        route::by_path(&house.settings.alerting, &self.opened.route)
    }
}

impl<'a> Teller<'a> {
    pub fn new(state: &'a State, house: &'a House, now: Timestamp) -> Teller<'a> {
        Teller {
            state,
            house,
            now,
            events: vec![],
            effects: vec![],
            storm: storm::Overlay::default(),
            incidents: incident::Overlay::default(),
            posts: BTreeSet::new(),
            edits: BTreeSet::new(),
        }
    }

    /// This happens to a group.
    pub fn news(&mut self, group: GroupId, news: GroupNews) {
        self.events.push(Event::Alerts { group, news });
    }

    /// Nobody is told of it now.
    pub fn held(&mut self, group: GroupId, held: Held) {
        self.news(group, GroupNews::Held(held));
    }

    /// Its card is brought up to date at once, where it has one.
    pub fn edit(&mut self, group: GroupId) {
        let lost = |id| self.state.alerts.groups.get(&id).is_none_or(|g| g.card == Card::Lost);
        if self.state.alerts.shown.contains_key(&group) && !lost(group) {
            self.edits.insert(group);
        }
    }

    /// The same, unless that was done a moment ago: then it is done in a moment.
    pub fn edit_soon(&mut self, group: GroupId) {
        let shown = self.state.alerts.shown.get(&group);
        // A clock that was put back holds nothing up.
        if shown.is_some_and(|s| s.at.after(Shown::FRESH) <= self.now || self.now < s.at) {
            self.edit(group);
        }
    }

    /// People are told for the first time, or for the first time since it was muted; or a storm counts
    /// it.
    pub fn first(&mut self, view: &View<'_>, why: Why) {
        let id = view.opened.group;
        if view.card.is_none()
            && let Some(storm) = storm::counts(self, view)
        {
            self.news(id, GroupNews::InStorm(storm));
            self.held(id, Held::Storm(storm));
            incident::policy(self, view);
            return;
        }
        self.told(view, why);
        incident::policy(self, view);
        match view.card {
            None => {
                self.posts.insert(id);
                self.call(view, false, "fires");
            }
            Some(_) => {
                self.edit(id);
                self.call(view, true, "is not muted any more, and still fires");
            }
        }
    }

    /// People are told again, in a message of its own: an edit of a card calls nobody.
    pub fn again(&mut self, view: &View<'_>, why: Why) {
        self.told(view, why);
        // What it belonged to may be over, and this is not.
        incident::policy(self, view);
        self.edit(view.opened.group);
        let before = self.state.alerts.groups.get(&view.opened.group).and_then(|g| g.told);
        let words = match (why, before) {
            // What they were told last is that it was over.
            (Why::NewInGroup, Some((_, 0))) => "fires again",
            (Why::NewInGroup, _) => "fires more than you were told of",
            _ => "still fires",
        };
        self.call(view, true, words);
    }

    /// Nothing of it fires any more: it is over, or watched for a while where it flaps.
    pub fn ends(&mut self, view: &View<'_>) {
        let id = view.opened.group;
        match flap::until(&self.house.settings.alerting.flapping, view.turns, self.now) {
            Some(until) if view.told => {
                self.news(id, GroupNews::Settling);
                self.held(id, Held::Flaps { until });
            }
            _ => self.over(view),
        }
        self.edit_soon(id);
    }

    /// It is over.
    pub fn over(&mut self, view: &View<'_>) {
        self.news(view.opened.group, GroupNews::Over);
        if view.told {
            self.told(&View { firing: 0, opened: view.opened, ..*view }, Why::Over);
        }
        incident::over(self, view);
    }

    fn told(&mut self, view: &View<'_>, why: Why) {
        if why != Why::Over {
            self.hush(view);
        }
        let firing = u32::try_from(view.firing).unwrap_or(u32::MAX);
        self.news(view.opened.group, GroupNews::Told { why, firing });
    }

    /// Calls whom the route names; without any, only where there is something to say beside the card.
    fn call(&mut self, view: &View<'_>, always: bool, what: &str) {
        let named = &view.route(self.house).mention;
        let of = |name: &String| self.house.settings.roles.get(name).cloned().unwrap_or_default();
        let roles: Vec<_> = named.iter().flat_map(of).collect();
        if roles.is_empty() && !always {
            return;
        }
        let Opened { group, at, title, severity, channel, .. } = view.opened;
        let link = match view.card {
            Some(Card::At { channel, message }) => {
                let guild = self.house.settings.guild;
                format!(" <https://discord.com/channels/{guild}/{channel}/{message}>")
            }
            _ => String::new(),
        };
        // No two messages in one place are the same: one whose answer was lost is looked for there.
        let passed = self.now.since(*at);
        let after = if always { format!(" after {}", spoken(passed)) } else { String::new() };
        let text = format!(
            "**{group}** {what}: {}, {} ({} firing{after}){link}",
            severity.in_words(),
            escape_markdown(title),
            view.firing
        );
        let show = Show::Call { roles, people: vec![], text };
        self.effects.push(Effect::Say { place: Place::Channel(*channel), show });
    }

    /// What it comes to, with the cards that are to be posted and edited.
    pub fn finish(mut self) -> Outcome {
        let ids: BTreeSet<GroupId> = self.posts.union(&self.edits).copied().collect();
        let mut effects = vec![];
        if !ids.is_empty() || self.storm.begun.is_some() {
            let seen = Preview::new(self.state, self.now, &ids, self.storm.begun, &self.events);
            for (id, channel, show) in seen.groups(self.house) {
                let board = Board::Alerts(id);
                effects.push(if self.posts.contains(&id) {
                    Effect::PostBoard { board, place: Place::Channel(channel), show }
                } else {
                    Effect::EditBoard { board, show }
                });
            }
            if let (Some(id), Some((channel, show))) = (self.storm.begun, seen.storm()) {
                let place = Place::Channel(channel);
                effects.push(Effect::PostBoard { board: Board::Storm(id), place, show });
            }
        }
        effects.append(&mut self.effects);
        if self.events.is_empty() && !effects.is_empty() {
            // What is owed stands in a commit, and a commit says what happened.
            let cards = u32::try_from(effects.len()).unwrap_or(u32::MAX);
            self.events.push(Event::AlertsShown { cards });
        }
        Outcome { events: self.events, effects, reply: Reply::None }
    }
}

/// What may be due of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    Waited,
    Again(Why),
    Quiet,
    Edit,
}

fn dues(state: &State, house: &House, g: &Group) -> [Option<(Timestamp, Due)>; 2] {
    let route = route::by_path(&house.settings.alerting, &g.opened.route);
    let telling = match (g.phase, &g.held, g.told) {
        (GroupPhase::Firing, Some(Held::Waits { until }), _) => Some((*until, Due::Waited)),
        (GroupPhase::Firing, Some(Held::Muted(_)), _) => None,
        // Its message counts it, as long as it is kept.
        (GroupPhase::Firing, Some(Held::Storm(id)), _) => {
            (!state.alerts.storms.contains_key(id)).then_some((g.opened.at, Due::Waited))
        }
        (GroupPhase::Firing, None | Some(Held::Flaps { .. }), None) => Some((g.opened.at, Due::Waited)),
        (GroupPhase::Firing, None | Some(Held::Flaps { .. }), Some((at, _))) => {
            let more = !g.untold.is_empty();
            let new = more.then(|| (again_at(house, g, at), Due::Again(Why::NewInGroup)));
            // Whoever has taken it needs no reminder.
            let repeats = g.acknowledged.is_none() && !route.repeat.is_zero();
            let repeat = repeats.then(|| (at.after(route.repeat.max(Shown::FRESH)), Due::Again(Why::Repeat)));
            new.into_iter().chain(repeat).min_by_key(|(at, _)| *at)
        }
        (GroupPhase::Settling { .. }, Some(Held::Flaps { until }), _) => Some((*until, Due::Quiet)),
        (GroupPhase::Settling { since }, _, _) => Some((since, Due::Quiet)),
        (GroupPhase::Over { .. }, ..) => None,
    };
    let edit = state.alerts.shown.get(&g.id).and_then(|s| s.due).filter(|_| g.card != Card::Lost);
    [telling, edit.map(|at| (at, Due::Edit))]
}

/// When something of a group is due.
pub fn next(state: &State, house: &House, group: &Group) -> Option<Timestamp> {
    dues(state, house, group).into_iter().flatten().map(|(at, _)| at).min()
}

/// When people may be told again of a group of which they were told then.
fn again_at(house: &House, group: &Group, told: Timestamp) -> Timestamp {
    let route = route::by_path(&house.settings.alerting, &group.opened.route);
    told.after(route.interval.max(Shown::FRESH))
}

/// Whether people were told of it so long ago that they may be told again.
pub(super) fn rested(house: &House, now: Timestamp, group: &Group) -> bool {
    group.told.is_some_and(|(at, _)| again_at(house, group, at) <= now)
}

/// What mutes a group: what mutes one of its alerts, where all that fire are muted.
pub fn muted(state: &State, house: &House, now: Timestamp, group: &Group) -> Option<Mute> {
    let mut found = None;
    for id in &group.firing {
        found = Some(mute::of(state, house, now, *id)?);
    }
    found
}

/// What is due by now.
pub fn overdue(state: &State, house: &House, now: Timestamp) -> Outcome {
    let mut teller = Teller::new(state, house, now);
    let mut done = BTreeSet::new();
    for (id, gone) in expire::over(state, house, now) {
        let Some(group) = state.alerts.groups.get(&id) else { continue };
        let firing = group.firing.len().saturating_sub(gone.len());
        teller.news(id, GroupNews::Expired(gone));
        if firing == 0 {
            teller.ends(&View { firing, ..View::of(state, group) });
        } else {
            teller.edit_soon(id);
        }
        done.insert(id);
    }
    let alerts = &state.alerts;
    let due: Vec<GroupId> = match alerts.timers.by(now) {
        Some(due) => due.filter_map(|key| if let Key::Group(id) = key { Some(id) } else { None }).collect(),
        None => alerts.groups.keys().copied().collect(),
    };
    for group in due.into_iter().filter(|id| done.insert(*id)).filter_map(|id| alerts.groups.get(&id)) {
        let view = View::of(state, group);
        for (_, due) in dues(state, house, group).into_iter().flatten().filter(|(at, _)| *at <= now) {
            match due {
                Due::Edit => teller.edit(group.id),
                // A few at a time, or there would be another storm.
                Due::Waited if matches!(group.held, Some(Held::Storm(_))) && !storm::has_room(&teller) => {}
                Due::Quiet => {
                    teller.over(&view);
                    teller.edit(group.id);
                }
                // What is muted meanwhile is not told.
                Due::Waited | Due::Again(_) => match (muted(state, house, now, group), due) {
                    (Some(by), _) => {
                        teller.held(group.id, Held::Muted(by));
                        teller.edit_soon(group.id);
                    }
                    (None, Due::Again(why)) => {
                        let muted = teller.muted(&group.untold);
                        if why == Why::NewInGroup && muted.len() == group.untold.len() {
                            teller.hushed(group.id, muted);
                            teller.edit_soon(group.id);
                        } else {
                            teller.again(&view, why);
                        }
                    }
                    (None, _) => teller.first(&view, Why::First),
                },
            }
        }
    }
    if alerts.timers.looks(now) {
        let open = alerts.open.values().filter(|id| !done.contains(id));
        open.filter_map(|id| alerts.groups.get(id)).for_each(|g| look(&mut teller, g));
    }
    storm::overdue(&mut teller, &done);
    teller.finish()
}

/// What is muted may be something else than before.
fn look(teller: &mut Teller<'_>, group: &Group) {
    let (state, house, now) = (teller.state, teller.house, teller.now);
    let was = match (&group.held, group.phase) {
        (Some(Held::Muted(by)), GroupPhase::Firing) => Some(by),
        (None | Some(Held::Flaps { .. }), GroupPhase::Firing) => None,
        _ => return,
    };
    match (was, muted(state, house, now, group)) {
        (Some(_), None) => teller.first(&View::of(state, group), Why::NoLongerMuted),
        (was, Some(by)) if was != Some(&by) => {
            teller.held(group.id, Held::Muted(by));
            teller.edit_soon(group.id);
        }
        (None, None) => teller.unhush(group),
        _ => {}
    }
}
