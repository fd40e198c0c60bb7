//! What a journal tells of alerts, as it can happen again.
//!
//! Only what changed something is in the journal: that an alert was said again is not, but that it
//! ended because nobody did is. So here an alert fires until it ended then.

use std::collections::{BTreeMap, BTreeSet};

use super::tally::Tally;
use crate::core::state::State;
use crate::journal::{Damage, Reader};
use crate::kit::time::Timestamp;
use crate::model::alert::{Alert, AlertsReceived, Batch, GroupNews, News, Received, Signal};
use crate::model::commit::Commit;
use crate::model::event::Event;
use crate::model::ids::{GroupId, Seq, SilenceId};
use crate::model::labels::Fingerprint;
use crate::model::silence::Silence;

/// Something that happened, whatever the settings.
#[derive(Clone, Debug)]
pub enum Fact {
    /// A source told of alerts.
    Came(Box<Batch>),
    /// Somebody silenced some.
    Silenced(Box<Silence>),
    /// Somebody ended that.
    Unsilenced(SilenceId),
    /// Somebody resolved an incident that alerts belong to, of this service.
    Resolved(Option<String>),
}

/// What a journal tells.
pub struct Recorded {
    /// What fired when it began, a batch a source.
    pub carried: Vec<Batch>,
    /// What happened since, in order.
    pub facts: Vec<(Timestamp, Fact)>,
    /// What people were told of it.
    pub tally: Tally,
}

impl Recorded {
    /// What happened between these times, and what was so before.
    pub fn read(reader: &dyn Reader, from: Timestamp, to: Timestamp) -> Result<Recorded, Damage> {
        let mut state = State::default();
        let mut recorded: Option<Recorded> = None;
        for commit in reader.from(Seq(1)) {
            let commit = commit?;
            if commit.at > to {
                break;
            }
            if commit.at >= from {
                let recorded = recorded.get_or_insert_with(|| Recorded::at(&state, from));
                recorded.take(&state, &commit);
            }
            state.apply(&commit);
        }
        Ok(recorded.unwrap_or_else(|| Recorded::at(&state, from)))
    }

    /// What is so when it begins.
    fn at(state: &State, from: Timestamp) -> Recorded {
        let mut tally = Tally::default();
        for group in state.alerts.groups.values() {
            tally.opened(&group.opened, false);
        }
        state.alerts.live.keys().for_each(|fp| tally.know(*fp));
        let mut by_source: BTreeMap<u16, Vec<Received>> = BTreeMap::new();
        for (fp, alert) in state.alerts.live.iter().filter(|(_, a)| a.fires()) {
            if tally.alert(alert.group, *fp, from).is_some() {
                let signal = Signal::Firing { since: Some(alert.since), until: None };
                by_source.entry(alert.source).or_default().push(said(*fp, alert, signal));
            }
        }
        let batch = |(source, alerts)| Batch { source: name(state, source), alerts, ..Batch::default() };
        let mut facts = vec![];
        for silence in state.alerts.silences.values().filter(|s| s.until > from) {
            facts.push((from, Fact::Silenced(Box::new(silence.clone()))));
        }
        Recorded { carried: by_source.into_iter().map(batch).collect(), facts, tally }
    }

    fn take(&mut self, before: &State, commit: &Commit) {
        let at = commit.at;
        self.tally.take(commit);
        for event in &commit.events {
            let facts: Vec<Fact> = match event {
                Event::AlertsReceived(received) => self.came(received).into_iter().collect(),
                Event::Alerts { group, news } => self.ended(before, *group, news),
                Event::SilenceAdded(silence) => vec![Fact::Silenced(silence.clone())],
                Event::SilenceEnded { silence, .. } => vec![Fact::Unsilenced(*silence)],
                Event::IncidentResolved { incident, .. } => {
                    let linked = before.alerts.groups.values().any(|g| g.incident == Some(*incident));
                    let incident = before.incidents.get(incident).filter(|_| linked);
                    incident.map(|i| Fact::Resolved(i.service.clone())).into_iter().collect()
                }
                _ => vec![],
            };
            self.facts.extend(facts.into_iter().map(|fact| (at, fact)));
        }
    }

    /// A request, without what was made of it for further routes.
    fn came(&self, received: &AlertsReceived) -> Option<Fact> {
        let own = received.alerts.iter().filter(|taken| self.tally.own(taken.group, taken.alert.fingerprint));
        // Where it went is said of the same alert.
        let own = own.filter(|taken| taken.news != News::Left);
        let alerts = own.map(|taken| {
            let signal = match (taken.news, taken.alert.signal) {
                (News::Over, _) => Signal::Resolved { at: None },
                (News::New, Signal::Firing { since, .. }) => Signal::Firing { since, until: None },
                // It is back whatever its source says of its beginning, or it would not be here.
                (_, Signal::Firing { .. }) => Signal::Firing { since: None, until: None },
                (_, other) => other,
            };
            Received { signal, ..taken.alert.clone() }
        });
        let (source, receipt) = (received.source.clone(), received.receipt.clone());
        let batch = Batch { source, receipt, alerts: alerts.collect(), marks: vec![] };
        (!batch.alerts.is_empty()).then(|| Fact::Came(Box::new(batch)))
    }

    /// What ended, or was taken, without its source saying so.
    fn ended(&self, before: &State, group: GroupId, news: &GroupNews) -> Vec<Fact> {
        let firing = || before.alerts.groups.get(&group).map(|g| g.firing.clone()).unwrap_or_default();
        let (which, signal): (BTreeSet<Fingerprint>, Signal) = match news {
            GroupNews::Expired(gone) => (gone.iter().copied().collect(), Signal::Resolved { at: None }),
            GroupNews::Dismissed { .. } => (firing(), Signal::Resolved { at: None }),
            GroupNews::Acknowledged { .. } => (firing(), Signal::Acknowledged),
            _ => return vec![],
        };
        let mut by_source: BTreeMap<u16, Vec<Received>> = BTreeMap::new();
        for fp in which.into_iter().filter(|fp| self.tally.own(group, *fp)) {
            if let Some(alert) = before.alerts.live.get(&fp) {
                by_source.entry(alert.source).or_default().push(said(fp, alert, signal));
            }
        }
        let batch = |(source, alerts)| Batch { source: name(before, source), alerts, ..Batch::default() };
        by_source.into_iter().map(batch).map(|b| Fact::Came(Box::new(b))).collect()
    }
}

fn said(fingerprint: Fingerprint, alert: &Alert, signal: Signal) -> Received {
    Received {
        fingerprint,
        labels: alert.labels.clone(),
        annotations: alert.annotations.clone(),
        link: alert.link.as_deref().map(str::to_owned),
        signal,
    }
}

fn name(state: &State, source: u16) -> String {
    state.alerts.sources.get(usize::from(source)).cloned().unwrap_or_default()
}
