//! What alerts and changes are in an incident's history: a line for each turn that matters, and a bar
//! for as long as something of a group fired.

use std::collections::{BTreeMap, BTreeSet};

use super::card::{LATELY, clean, telling_apart};
use super::state::Alerts;
use crate::kit::time::Timestamp;
use crate::model::alert::{AlertsReceived, GroupNews, News, Opened, Taken};
use crate::model::card::{AlertTurn, Entry, What};
use crate::model::commit::Commit;
use crate::model::event::Event;
use crate::model::ids::{GroupId, IncidentId, Seq};
use crate::model::incident::Incident;
use crate::model::mark::Mark;
use crate::model::person::Person;

/// Lines about single alerts of one group; after those only the group's own turns are told.
const LINES: u32 = 40;
/// How many changes are remembered, so that an incident finds those before it.
const REMEMBERED: usize = 256;

/// Alerts that are one problem, as far as an incident's picture shows them.
#[derive(Clone, Debug, PartialEq)]
pub struct AlertSpan {
    /// Which.
    pub group: GroupId,
    /// What it is called.
    pub title: String,
    /// When it began to fire.
    pub from: Timestamp,
    /// When it was over; `None` while it fires.
    pub over: Option<Timestamp>,
}

/// Reads an incident's commits for what they say of alerts and changes.
#[derive(Debug, Default)]
pub struct Reader {
    /// The groups that belong to it at some time.
    groups: BTreeSet<GroupId>,
    opened: BTreeMap<GroupId, Opened>,
    told: BTreeMap<GroupId, u32>,
    /// When each service's own incident began: what changed long before has nothing to do with it.
    services: BTreeMap<String, Timestamp>,
    /// Whether the incident is over: what changes then is no part of it.
    over: bool,
    /// The bars, in the order in which they begin.
    pub spans: Vec<AlertSpan>,
}

impl Reader {
    /// Of these incidents, which are one; an exercise has no changes of its own.
    pub fn new(parts: &BTreeSet<IncidentId>, commits: &[&Commit]) -> Reader {
        let mut reader = Reader::default();
        for commit in commits {
            for event in &commit.events {
                match event {
                    Event::Alerts { group, news: GroupNews::Linked { incident, .. } }
                        if parts.contains(incident) =>
                    {
                        reader.groups.insert(*group);
                    }
                    Event::IncidentDeclared { incident, service: Some(service), drill: false, .. }
                        if parts.contains(incident) =>
                    {
                        reader.services.entry(service.clone()).or_insert(commit.at);
                    }
                    _ => {}
                }
            }
        }
        reader
    }

    /// The lines that an event of a commit is.
    pub fn entries(&mut self, parts: &BTreeSet<IncidentId>, commit: &Commit, event: &Event) -> Vec<Entry> {
        match event {
            Event::AlertsReceived(all) => self.received(commit, all),
            Event::Alerts { group, news } if self.groups.contains(group) => {
                self.news(parts, commit, *group, news).into_iter().collect()
            }
            Event::IncidentResolved { incident, .. } if parts.contains(incident) => {
                self.over = true;
                vec![]
            }
            Event::IncidentReopened { incident, .. } if parts.contains(incident) => {
                self.over = false;
                vec![]
            }
            Event::Marked(_) if self.over => vec![],
            Event::Marked(marked) => self.marked(commit, &marked.mark).into_iter().collect(),
            _ => vec![],
        }
    }

    fn line(&self, group: GroupId, at: Timestamp, by: Option<&Person>, turn: AlertTurn) -> Entry {
        let title = self.opened.get(&group).map(|o| o.title.clone()).unwrap_or_default();
        Entry { at, by: by.cloned(), what: What::Alert { group, title, turn } }
    }

    fn received(&mut self, commit: &Commit, all: &AlertsReceived) -> Vec<Entry> {
        // A group's own beginning may be written behind what it began with.
        for event in &commit.events {
            if let Event::Alerts { group, news: GroupNews::Opened(o) } = event
                && self.groups.contains(group)
            {
                self.opened.entry(*group).or_insert_with(|| (**o).clone());
            }
        }
        let mut turns: BTreeMap<(GroupId, News), Vec<&Taken>> = BTreeMap::new();
        for taken in all.alerts.iter().filter(|t| self.groups.contains(&t.group)) {
            turns.entry((taken.group, taken.news)).or_default().push(taken);
        }
        let mut lines = vec![];
        for ((group, news), taken) in turns {
            if news.begins() {
                self.begins(group, commit.at);
            }
            let many = u32::try_from(taken.len()).unwrap_or(u32::MAX);
            let key = self.opened.get(&group).map(|o| &o.key);
            let own = match (taken.as_slice(), key) {
                ([one], Some(key)) => Some(telling_apart(&one.alert.labels, key)),
                _ => None,
            };
            let labels = own.filter(|l| !l.is_empty());
            let turn = match news {
                News::New => AlertTurn::Began { count: many, labels },
                News::Again | News::Joined => AlertTurn::Again { count: many, labels },
                // That all of it is over is said once.
                News::Over if !says(commit, group, |n| matches!(n, GroupNews::Over)) => {
                    AlertTurn::Ended { count: many, labels }
                }
                News::Over | News::Left | News::Changed | News::Renewed => continue,
            };
            if self.room(group) {
                lines.push(self.line(group, commit.at, None, turn));
            }
        }
        lines
    }

    /// Whether another line about single alerts of a group is told.
    fn room(&mut self, group: GroupId) -> bool {
        let told = self.told.entry(group).or_default();
        *told += 1;
        *told <= LINES
    }

    fn begins(&mut self, group: GroupId, at: Timestamp) {
        if self.spans.iter().all(|s| s.group != group || s.over.is_some()) {
            let title = self.opened.get(&group).map(|o| o.title.clone()).unwrap_or_default();
            self.spans.push(AlertSpan { group, title, from: at, over: None });
        }
    }

    fn news(
        &mut self,
        parts: &BTreeSet<IncidentId>,
        commit: &Commit,
        group: GroupId,
        news: &GroupNews,
    ) -> Option<Entry> {
        let (by, turn) = match news {
            GroupNews::Opened(opened) => {
                self.opened.entry(group).or_insert_with(|| (**opened).clone());
                self.begins(group, commit.at);
                return None;
            }
            GroupNews::Linked { incident, by } if parts.contains(incident) => {
                (by.as_ref(), AlertTurn::Linked)
            }
            GroupNews::Acknowledged { by } => (by.as_ref(), AlertTurn::Acknowledged),
            GroupNews::Dismissed { by } => (Some(by), AlertTurn::Dismissed),
            GroupNews::Expired(gone) if !says(commit, group, |n| matches!(n, GroupNews::Over)) => {
                let count = u32::try_from(gone.len()).unwrap_or(u32::MAX);
                if !self.room(group) {
                    return None;
                }
                (None, AlertTurn::Ended { count, labels: None })
            }
            GroupNews::Over => {
                for span in self.spans.iter_mut().filter(|s| s.group == group) {
                    span.over.get_or_insert(commit.at);
                }
                if says(commit, group, |n| matches!(n, GroupNews::Dismissed { .. })) {
                    return None;
                }
                (None, AlertTurn::Over)
            }
            _ => return None,
        };
        Some(self.line(group, commit.at, by, turn))
    }

    fn marked(&self, commit: &Commit, mark: &Mark) -> Option<Entry> {
        let declared = self.services.get(mark.service.as_ref()?)?;
        let at = mark.at.min(commit.at);
        let from = Timestamp(declared.0.saturating_sub(LATELY.as_millis() as i64));
        (at >= from).then(|| Entry { at, by: None, what: What::Changed { mark: Box::new(clean(mark)) } })
    }
}

fn says(commit: &Commit, group: GroupId, of: impl Fn(&GroupNews) -> bool) -> bool {
    commit.events.iter().any(|e| matches!(e, Event::Alerts { group: g, news } if *g == group && of(news)))
}

impl Alerts {
    /// A commit is about a change of a service: an incident that begins soon finds it.
    pub(in crate::core) fn remember_change(&mut self, seq: Seq, at: Timestamp, mark: &Mark) {
        if let Some(service) = &mark.service {
            self.changed.push_back((seq, mark.at.min(at), service.clone()));
            while self.changed.len() > REMEMBERED {
                self.changed.pop_front();
            }
        }
    }

    /// An incident that begins, with the commits about what changed of its service shortly before. An
    /// exercise has a history of its own.
    pub(in crate::core) fn with_changes(&self, mut incident: Incident) -> Incident {
        let at = incident.declared.at;
        if let Some(service) = incident.service.as_ref().filter(|_| !incident.drill) {
            let near = |then: Timestamp| at.since(then) <= LATELY;
            let own = self.changed.iter().filter(|(_, then, s)| s == service && near(*then));
            incident.commits.splice(0..0, own.map(|(seq, ..)| *seq));
            incident.commits.sort_unstable();
            incident.commits.dedup();
        }
        incident
    }
}
