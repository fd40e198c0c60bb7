//! What a request of a source means: what of it is new, to which groups that belongs, and whether
//! people are told.
//!
//! Nothing here looks at more alerts or groups than the request names: thousands of requests come in a
//! second, while many thousand alerts are held.

mod again;

use std::collections::BTreeMap;

use super::mute::{self, Beside};
use super::route::{self, Routed};
use super::state::Alerts;
use super::tell::{Teller, View};
use super::{expire, group, incident, marks, tell};
use crate::core::Outcome;
use crate::core::state::State;
use crate::kit::time::Timestamp;
use crate::model::alert::{
    AlertState, AlertsReceived, Batch, Ended, Group, GroupNews, GroupPhase, Held, Mute, News, Opened,
    Received, Signal, Taken, Why,
};
use crate::model::event::Event;
use crate::model::house::House;
use crate::model::ids::GroupId;
use crate::model::labels::{Fingerprint, Labels};
use crate::model::reply::Reply;

/// A source told of alerts.
pub fn receive(state: &State, house: &House, now: Timestamp, batch: &Batch) -> Outcome {
    if state.alerts.has_receipt(&batch.source, batch.receipt.as_deref()) {
        // It asks again because it did not hear the answer. What it said is kept.
        return Outcome::reply(Reply::Taken { renewed: vec![] });
    }
    let mut desk = Desk {
        state,
        house,
        now,
        goes_on: route::goes_on(&house.settings.alerting.root),
        taken: vec![],
        renewed: vec![],
        said: BTreeMap::new(),
        groups: BTreeMap::new(),
        opened: BTreeMap::new(),
    };
    batch.alerts.iter().for_each(|received| desk.take(received));
    desk.close(batch)
}

/// What is known of an alert.
#[derive(Clone, Copy)]
struct Known {
    fires: bool,
    since: Timestamp,
    group: GroupId,
    /// How it came to be over, and when that was heard.
    ended: Option<(Ended, Timestamp)>,
    /// Whether the same is said of it, and of the same labels.
    same: bool,
    alike: bool,
    /// When it is over by itself, as far as that is on the disk.
    until: Option<Timestamp>,
}

/// A group, with what was received for it.
struct Sketch<'a> {
    /// As the state has it.
    was: Option<&'a Group>,
    /// By what it comes to be, where it does.
    new: Option<Opened>,
    firing: usize,
    began: bool,
    ended: bool,
    acknowledged: bool,
    /// Why nobody is to be told of something that began, and of what.
    muted: Option<Mute>,
    hushed: Vec<(Fingerprint, Mute)>,
    /// Whether something began of which people are to be told.
    audible: bool,
}

struct Desk<'a> {
    state: &'a State,
    house: &'a House,
    now: Timestamp,
    /// Whether an alert may have several routes.
    goes_on: bool,
    taken: Vec<Taken>,
    renewed: Vec<(Fingerprint, Timestamp)>,
    /// What the request said already.
    said: BTreeMap<Fingerprint, (Known, &'a Received)>,
    groups: BTreeMap<GroupId, Sketch<'a>>,
    opened: BTreeMap<Fingerprint, GroupId>,
}

impl<'a> Desk<'a> {
    /// One alert. Where several routes take it, each has its own, so that it ends in each.
    fn take(&mut self, received: &'a Received) {
        self.one(received, received.fingerprint, None);
        if self.goes_on {
            let known = self.state.alerts.live.get(&received.fingerprint);
            let labels = known.map_or(&received.labels, |alert| &alert.labels);
            for routed in route::route(&self.house.settings.alerting, labels).into_iter().skip(1) {
                let own = Fingerprint(received.fingerprint.0 ^ Fingerprint::of(routed.path.as_bytes()).0);
                self.one(received, own, Some(routed));
            }
        }
    }

    fn one(&mut self, received: &'a Received, id: Fingerprint, routed: Option<Routed<'a>>) {
        let known = self.known(id, received);
        match (received.signal, known) {
            // It held until then, and is late. What was renewed since goes on, and what was not expires.
            (Signal::Firing { until: Some(until), .. }, _) if until <= self.now => {}
            (Signal::Firing { until, .. }, Some(k)) if k.fires => {
                if let Some(until) = until {
                    // A request that comes late takes nothing back.
                    let renewed = self.state.alerts.renewed.0.get(&id);
                    self.renewed.push((id, renewed.map_or(until, |r| r.until.max(until))));
                }
                if k.alike || !self.moved(received, id, k, routed) {
                    let k = Known { until, ..k };
                    if !k.same {
                        self.keep(received, id, k, News::Changed);
                    } else if self.lasts(known, until) {
                        self.keep(received, id, k, News::Renewed);
                    }
                }
            }
            (Signal::Firing { since: Some(since), until }, Some(k)) if self.is_late(id, k, since, until) => {}
            (Signal::Firing { since, until }, known) => {
                let group = self.group_of(received, routed);
                // What is to begin later is so now, or nobody would say it.
                let since = since.unwrap_or(self.now).min(self.now);
                let begun = Known { fires: true, since, group, ended: None, same: true, alike: true, until };
                let news = if known.is_some() { News::Again } else { News::New };
                self.keep(received, id, begun, news);
                self.renewed.extend(until.map(|until| (id, until)));
                let sketch = self.sketch(group, None);
                sketch.firing += 1;
                sketch.began = true;
            }
            (Signal::Resolved { at }, known) => self.end(received, id, known, at),
            (Signal::Acknowledged, Some(k)) if k.fires => {
                self.sketch(k.group, None).acknowledged = true;
            }
            (Signal::Acknowledged, _) => {}
        }
    }

    /// What is said of it now belongs to another problem: a warning has become critical, or its source
    /// names another service. It ends here and begins there, so that nothing hides in the card of something
    /// less bad.
    fn moved(
        &mut self,
        received: &'a Received,
        id: Fingerprint,
        k: Known,
        routed: Option<Routed<'a>>,
    ) -> bool {
        let Signal::Firing { until, .. } = received.signal else { return false };
        let group = self.group_of(received, routed);
        if group == k.group {
            return false;
        }
        let before = self.state.alerts.live.get(&id);
        let labels = before.map_or_else(|| received.labels.clone(), |alert| alert.labels.clone());
        let signal = Signal::Resolved { at: None };
        let left = Received { fingerprint: id, labels, signal, annotations: Labels::default(), link: None };
        self.taken.push(Taken { alert: left, group: k.group, news: News::Left });
        let signal = Signal::Firing { since: Some(k.since), until };
        let alert = Received { fingerprint: id, signal, ..received.clone() };
        self.taken.push(Taken { alert, group, news: News::Joined });
        self.said.insert(id, (Known { group, until, same: true, alike: true, ..k }, received));
        let sketch = self.sketch(k.group, None);
        sketch.firing = sketch.firing.saturating_sub(1);
        sketch.ended = true;
        let sketch = self.sketch(group, None);
        sketch.firing += 1;
        sketch.began = true;
        true
    }

    /// What is known of an alert by now.
    fn known(&self, id: Fingerprint, received: &Received) -> Option<Known> {
        let lasts = matches!(received.signal, Signal::Firing { until: Some(_), .. });
        if let Some((known, before)) = self.said.get(&id) {
            let until = matches!(before.signal, Signal::Firing { until: Some(_), .. });
            let alike = before.labels == received.labels;
            let same =
                alike && (&before.annotations, &before.link) == (&received.annotations, &received.link);
            return Some(Known { same: same && until == lasts, alike, ..*known });
        }
        let alert = self.state.alerts.live.get(&id)?;
        let (until, heard) = match alert.state {
            AlertState::Firing { until } => (until, None),
            AlertState::Over { heard, .. } => (None, Some(heard)),
        };
        let alike = alert.labels == received.labels;
        let same = alike
            && alert.annotations == received.annotations
            && alert.link.as_deref() == received.link.as_deref()
            && until.is_some() == lasts;
        let (since, group, ended) = (alert.since, alert.group, alert.ended.zip(heard));
        Some(Known { fires: alert.fires(), since, group, ended, same, alike, until })
    }

    fn keep(&mut self, received: &'a Received, id: Fingerprint, known: Known, news: News) {
        let alert = Received { fingerprint: id, ..received.clone() };
        self.taken.push(Taken { alert, group: known.group, news });
        self.said.insert(id, (known, received));
    }

    fn end(&mut self, received: &'a Received, id: Fingerprint, known: Option<Known>, at: Option<Timestamp>) {
        // What ended before it began was an earlier one of the same name.
        let Some(k) = known.filter(|k| k.fires && at.is_none_or(|at| at >= k.since)) else { return };
        let over = Known { fires: false, ended: Some((Ended::Said, self.now)), until: None, ..k };
        self.keep(received, id, over, News::Over);
        let sketch = self.sketch(k.group, None);
        sketch.firing = sketch.firing.saturating_sub(1);
        sketch.ended = true;
    }

    /// The group that an alert belongs to that begins: one that is not over, or was over only a moment
    /// ago, or a new one.
    fn group_of(&mut self, received: &Received, routed: Option<Routed<'a>>) -> GroupId {
        let alerting = &self.house.settings.alerting;
        let Some(routed) = routed.or_else(|| route::route(alerting, &received.labels).into_iter().next())
        else {
            return GroupId(0);
        };
        let severity = alerting.severity(routed.route.severity, &received.labels);
        let labels = received.labels.only(&routed.route.group_by);
        let key = group::key(&routed.path, &labels, severity);
        let alerts = &self.state.alerts;
        let recent = |id: &GroupId| match alerts.groups.get(id)?.phase {
            GroupPhase::Over { at } if self.now.since(at) > alerting.flapping.within => None,
            _ => Some(*id),
        };
        let known = self.opened.get(&key).or_else(|| alerts.open.get(&key)).copied();
        if let Some(id) = known.or_else(|| alerts.closed.get(&key).and_then(recent)) {
            return id;
        }
        let count = u32::try_from(self.opened.len()).unwrap_or(0);
        let id = GroupId(alerts.last.group.0 + 1 + count);
        self.opened.insert(key, id);
        let opened = group::begun(self.house, self.now, id, &routed, labels, severity, received);
        self.sketch(id, Some(opened));
        id
    }

    /// Whether something mutes what began, of groups where that matters.
    fn mute(&mut self) {
        let (state, house, now) = (self.state, self.house, self.now);
        let begun = |taken: &&Taken| taken.news.begins();
        let beside = if house.settings.alerting.inhibitions.is_empty() {
            Beside::default()
        } else {
            let firing = self.taken.iter().filter(|t| !t.news.ends());
            let over = self.taken.iter().filter(|t| t.news == News::Over);
            let over = over.map(|t| t.alert.fingerprint);
            Beside::new(house, firing.map(|t| (t.alert.fingerprint, &t.alert.labels)), over)
        };
        for Taken { alert, group, .. } in self.taken.iter().filter(begun) {
            let Some(sketch) = self.groups.get_mut(group) else { continue };
            let (id, labels) = (alert.fingerprint, &alert.labels);
            // Only where people may be told now: it takes its time.
            let tells = |g: &Group| match (&g.held, g.told) {
                (Some(Held::Muted(_)), _) | (None, None) => true,
                (None | Some(Held::Flaps { .. }), Some(_)) => {
                    tell::rested(house, now, g) && !g.gone.contains(&id)
                }
                _ => false,
            };
            if sketch.was.is_none_or(tells) {
                match mute::muted_beside(&state.alerts, house, now, id, labels, &beside) {
                    None => sketch.audible = true,
                    Some(by) => {
                        sketch.hushed.push((id, by.clone()));
                        sketch.muted = Some(by);
                    }
                }
            }
        }
    }

    fn sketch(&mut self, id: GroupId, new: Option<Opened>) -> &mut Sketch<'a> {
        let was = self.state.alerts.groups.get(&id);
        self.groups.entry(id).or_insert_with(|| Sketch {
            firing: was.map_or(0, |g| g.firing.len()),
            was,
            new,
            began: false,
            ended: false,
            acknowledged: false,
            muted: None,
            hushed: vec![],
            audible: false,
        })
    }

    /// What all of it comes to.
    fn close(mut self, batch: &Batch) -> Outcome {
        self.mute();
        let mut teller = Teller::new(self.state, self.house, self.now);
        for opened in self.groups.values().filter_map(|s| s.new.as_ref()) {
            teller.news(opened.group, GroupNews::Opened(Box::new(opened.clone())));
        }
        if !self.taken.is_empty() {
            let (source, receipt) = (batch.source.clone(), batch.receipt.clone());
            let received = AlertsReceived { source, receipt, alerts: self.taken };
            teller.events.push(Event::AlertsReceived(Box::new(received)));
        }
        let marks = marks::received(self.state, self.house, self.now, batch);
        teller.events.extend(marks.events);
        teller.effects.extend(marks.effects);
        // What joins an incident first: then what ends is not the last of it.
        let (begun, others): (Vec<_>, Vec<_>) = self.groups.values().partition(|sketch| sketch.began);
        for sketch in begun.into_iter().chain(others) {
            decide(&mut teller, sketch);
        }
        Outcome { reply: Reply::Taken { renewed: self.renewed }, ..teller.finish() }
    }
}

/// What becomes of one group.
fn decide(teller: &mut Teller<'_>, sketch: &Sketch<'_>) {
    let Some(opened) = sketch.new.as_ref().or(sketch.was.map(|g| &g.opened)) else { return };
    let id = opened.group;
    let was = sketch.was;
    let shown = teller.state.alerts.shown.contains_key(&id);
    let view = View {
        opened,
        firing: sketch.firing,
        told: was.is_some_and(|g| g.told.is_some()),
        incident: was.and_then(|g| incident::open_one(teller.state, g)),
        turns: was.map_or(&[], |g| g.turns.as_slice()),
        card: was.filter(|_| shown).map(|g| g.card),
        hushed: &sketch.hushed,
    };
    if sketch.acknowledged && was.is_none_or(|g| g.acknowledged.is_none()) {
        teller.news(id, GroupNews::Acknowledged { by: None });
        teller.edit_soon(id);
    }
    if sketch.firing == 0 {
        // What was over before cannot end again.
        let fired = sketch.began || was.is_some_and(|g| g.phase == GroupPhase::Firing);
        if sketch.ended && fired {
            teller.ends(&view);
        }
        return;
    }
    if !sketch.began {
        return;
    }
    // Nobody was told of it so far: it is new, or was over before its time to be told came.
    let fresh = was.is_none_or(|g| g.told.is_none() && g.held.is_none());
    match was.and_then(|g| g.held.as_ref()) {
        _ if fresh => match &sketch.muted {
            Some(by) if !sketch.audible => teller.held(id, Held::Muted(by.clone())),
            _ => {
                let wait = route::by_path(&teller.house.settings.alerting, &opened.route).wait;
                if wait.is_zero() {
                    teller.first(&view, Why::First);
                } else {
                    teller.held(id, Held::Waits { until: teller.now.after(wait) });
                }
            }
        },
        Some(Held::Muted(_)) if sketch.audible => teller.first(&view, Why::NoLongerMuted),
        None | Some(Held::Flaps { .. }) if sketch.audible => {
            teller.again(&view, Why::NewInGroup);
        }
        _ => {
            // It is back: its card says so at once.
            if was.is_some_and(|g| g.phase != GroupPhase::Firing) {
                teller.edit_soon(id);
            }
        }
    }
}

/// Until when an alert fires, as it is known; for whoever lists them.
pub fn until(state: &State, house: &House, id: Fingerprint) -> Option<Timestamp> {
    expire::ends(state, house, id)
}

impl Alerts {
    /// Whether this request was taken in before.
    pub fn has_receipt(&self, source: &str, receipt: Option<&str>) -> bool {
        let is = |kept: &String| {
            receipt.is_some_and(|r| {
                kept.strip_prefix(source).and_then(|rest| rest.strip_prefix(' ')).is_some_and(|k| k == r)
            })
        };
        self.receipts.iter().rev().any(is)
    }
}
