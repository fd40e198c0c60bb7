//! All that matters of what happened, as a fold over commits.

mod put_away;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::afterwards::fold as after_fold;
use super::alerts::state::Alerts;
use super::alerts::{beats, marks};
use super::incidents::fold as incident_fold;
use super::incidents::quote::{self, Held};
use super::oncall::role;
use super::oncall::state::{self as oncall, Duties};
use super::paging::brief::brief;
use super::paging::state::{self as paging, Pages};
use super::reminders::state::Reminders;
use super::runs::fold;
use crate::kit::time::Timestamp;
use crate::model::check::Asked;
use crate::model::commit::{Cause, Commit};
use crate::model::commits::Commits;
use crate::model::effect::{Effect, Ticket};
use crate::model::event::Event;
use crate::model::ids::{
    ActionId, ChannelId, CheckId, EffectId, IncidentId, InteractionId, PageId, RunId, Seq, TriageId,
};
use crate::model::incident::{Card, Incident};
use crate::model::page::{About, PageNews};
use crate::model::quote::MessageHeld;
use crate::model::report::ActionItem;
use crate::model::run::Run;
use crate::model::strike::TextStruck;
use crate::model::triage::Triaging;

/// How many interactions are remembered against a gateway that says the same twice. A resume
/// replays seconds, not thousands of clicks.
const RECEIPTS: usize = 4096;

/// Which fold this is. Raised whenever a commit comes to mean another state: snapshots of
/// another fold are passed over, and the state is folded anew.
pub const FOLD: u32 = 9;

/// How many incidents that are over are kept at hand; older ones are found in the journal.
pub const INCIDENTS: usize = 32;

/// The fold. Serializable, because a snapshot of it makes the start fast; the snapshot can
/// always be thrown away and made again from the journal.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct State {
    /// The newest commit that is in here.
    pub head: Seq,
    /// The incidents that are not over, and the newest that are.
    pub incidents: BTreeMap<IncidentId, Incident>,
    /// Of each incident that is not at hand any more, the commits that are about it.
    pub past_incidents: BTreeMap<IncidentId, Commits>,
    /// What is owed and not settled.
    pub unsettled: BTreeMap<EffectId, Owed>,
    /// Health checks that have not come back, by the effect that asks.
    pub checks: BTreeMap<EffectId, PendingCheck>,
    /// The slash commands that Discord has, as a hash of what was sent.
    pub commands: Option<String>,
    /// Which incident a thread belongs to.
    pub threads: BTreeMap<ChannelId, IncidentId>,
    /// The runs that are not over, and the newest that are.
    pub runs: BTreeMap<RunId, Run>,
    /// Of each run that is not at hand any more, the commits that are about it.
    pub past_runs: BTreeMap<RunId, Commits>,
    /// Messages that somebody is asked about: which incident they belong to.
    #[serde(default)]
    pub held: BTreeMap<InteractionId, Held>,
    /// Effects whose text was struck while they were owed, and in which incident that was asked for:
    /// what they posted meanwhile is changed.
    #[serde(default)]
    pub amend: BTreeMap<EffectId, IncidentId>,
    /// Which run a thread belongs to, where it is the run's own.
    pub run_threads: BTreeMap<ChannelId, RunId>,
    /// The triages of the last day, decided or not.
    #[serde(default)]
    pub triages: BTreeMap<TriageId, Triaging>,
    #[serde(default)]
    last_triage: TriageId,
    /// What is still to be done after incidents.
    pub actions: BTreeMap<ActionId, ActionItem>,
    /// What is known of alerts.
    #[serde(default)]
    pub alerts: Alerts,
    /// Who is being called.
    #[serde(default)]
    pub pages: Pages,
    /// What changes for a while who is on call.
    #[serde(default)]
    pub oncall: Duties,
    /// What comes round by runbooks' tables.
    #[serde(default)]
    pub reminders: Reminders,
    open: BTreeSet<IncidentId>,
    going: BTreeSet<RunId>,
    last_incident: IncidentId,
    last_run: RunId,
    last_check: CheckId,
    last_action: ActionId,
    receipts: BTreeSet<InteractionId>,
}

/// An effect that is owed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Owed {
    /// What.
    pub effect: Effect,
    /// Since when.
    pub since: Timestamp,
}

/// A health check that has not come back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PendingCheck {
    /// What was asked.
    pub asked: Asked,
    /// Whom to answer.
    pub answer: Ticket,
    /// When it was asked.
    pub at: Timestamp,
}

impl State {
    /// The number that the next incident gets.
    pub fn next_incident(&self) -> IncidentId {
        IncidentId(self.last_incident.0 + 1)
    }

    /// The number that the next check gets.
    pub fn next_check(&self) -> CheckId {
        CheckId(self.last_check.0 + 1)
    }

    /// The number that the next run gets.
    pub fn next_run(&self) -> RunId {
        RunId(self.last_run.0 + 1)
    }

    /// The number that the next triage gets.
    pub fn next_triage(&self) -> TriageId {
        TriageId(self.last_triage.0 + 1)
    }

    /// The number that the next action item gets.
    pub fn next_action(&self) -> ActionId {
        ActionId(self.last_action.0 + 1)
    }

    /// The runs that are not over, oldest first.
    pub fn going(&self) -> impl DoubleEndedIterator<Item = &Run> {
        self.going.iter().filter_map(|id| self.runs.get(id))
    }

    /// The run that holds this lock.
    pub fn holder(&self, lock: &str) -> Option<&Run> {
        self.going().find(|r| r.holds() == Some(lock))
    }

    /// The commits that are about a run; `None` where there is no such run.
    pub fn commits_of(&self, run: RunId) -> Option<Vec<Seq>> {
        let at_hand = self.runs.get(&run).map(|r| r.commits.clone());
        at_hand.or_else(|| self.past_runs.get(&run).map(Commits::list))
    }

    /// The commits that are about an incident; `None` where there is no such incident.
    pub fn commits_about(&self, incident: IncidentId) -> Option<Vec<Seq>> {
        let at_hand = self.incidents.get(&incident).map(|i| i.commits.clone());
        at_hand.or_else(|| self.past_incidents.get(&incident).map(Commits::list))
    }

    /// How many incidents are over.
    pub fn over(&self) -> usize {
        self.last_incident.0 as usize - self.open.len()
    }

    /// Whether this interaction led to a commit before.
    pub fn has_seen(&self, id: InteractionId) -> bool {
        self.receipts.contains(&id)
    }

    /// The incidents that are not over, worst first, then oldest first.
    pub fn open(&self) -> Vec<&Incident> {
        let mut open: Vec<_> = self.open.iter().filter_map(|id| self.incidents.get(id)).collect();
        open.sort_by_key(|i| (i.severity, i.id));
        open
    }

    /// The same in no order that matters to anybody: for what is looked at with each commit.
    pub fn going_on(&self) -> impl Iterator<Item = &Incident> {
        self.incidents.values().filter(|i| i.phase.is_open())
    }

    /// Takes the next commit to be this one: what lies between is not about what is folded.
    pub(super) fn skip_to(&mut self, seq: Seq) {
        self.head = Seq(seq.0.saturating_sub(1));
    }

    /// Takes in one commit. Commits come in order, each once.
    pub fn apply(&mut self, commit: &Commit) {
        debug_assert_eq!(commit.seq, self.head.next());
        self.head = commit.seq;
        if let Cause::Interaction { id, .. } = &commit.cause {
            self.receipts.insert(*id);
            if self.receipts.len() > RECEIPTS {
                self.receipts.pop_first();
            }
        }
        for (id, effect) in commit.owed() {
            self.unsettled.insert(id, Owed { effect: effect.clone(), since: commit.at });
        }
        for event in &commit.events {
            self.take_in(commit, event);
        }
        self.somebody_worked(commit);
        self.alerts_shown(commit);
        // What a board belongs to is there by now.
        for effect in &commit.effects {
            if let Effect::PostBoard { board, .. } = effect {
                self.set_board(commit.seq, *board, Card::Owed);
            }
        }
        self.put_away_incidents();
    }

    /// What a person did in an incident is a sign that somebody works on it.
    fn somebody_worked(&mut self, commit: &Commit) {
        if !matches!(commit.cause, Cause::Interaction { .. } | Cause::Terminal { .. }) {
            return;
        }
        for event in &commit.events {
            let of_run = || fold::about(event).and_then(|run| self.runs.get(&run)?.incident);
            if let Some(incident) = incident_fold::about(event).or_else(of_run) {
                self.pages.worked(incident, commit.at);
            }
        }
    }

    fn take_in(&mut self, commit: &Commit, event: &Event) {
        match event {
            Event::Refused { .. } => {}
            Event::CommandsRegistered { hash } => self.commands = Some(hash.clone()),
            Event::IncidentDeclared { incident, .. } => {
                self.last_incident = self.last_incident.max(*incident);
                self.open.insert(*incident);
                let begun = incident_fold::begun(commit, event).map(|i| self.alerts.with_changes(i));
                self.incidents.extend(begun.map(|i| (*incident, i)));
            }
            Event::CheckAsked { asked, answer } => {
                self.last_check = self.last_check.max(asked.id);
                let effect = commit.owed().find_map(|(id, e)| match e {
                    Effect::Check(a) if a.id == asked.id => Some(id),
                    _ => None,
                });
                if let Some(effect) = effect {
                    let pending =
                        PendingCheck { asked: asked.clone(), answer: answer.clone(), at: commit.at };
                    self.checks.insert(effect, pending);
                }
            }
            Event::IncidentRecalled { incident } => {
                self.past_incidents.remove(&incident.id);
                self.incidents.insert(incident.id, (**incident).clone());
            }
            Event::TriageAsked { .. } | Event::TriageDecided { .. } => {
                if let Event::TriageAsked { triage } = event {
                    self.last_triage = self.last_triage.max(triage.id);
                }
                super::triage::take_in(&mut self.triages, commit.at, event);
            }
            Event::MessageHeld(MessageHeld { held, message, by }) => {
                quote::hold(&mut self.held, *held, Held::new(message, by, commit.at));
            }
            Event::Settled { effect, outcome } => {
                paging::settled(self, commit, *effect, outcome);
                if let Some(Owed { effect: Effect::Role { role, person, held, .. }, .. }) =
                    self.unsettled.get(effect)
                {
                    role::settled(&mut self.oncall, *role, person.id, *held, outcome);
                }
                self.settle(commit.seq, *effect, outcome);
            }
            Event::PagesSent(sent) => paging::sent(&mut self.pages, commit.at, sent),
            Event::Page { page, news } => self.page_went_on(commit, *page, news),
            Event::Marked(marked) => {
                for incident in marks::concerned(self, &marked.mark) {
                    self.about(incident, commit.seq, |_| {});
                }
                marks::take_in(&mut self.alerts, marked);
                self.alerts.remember_change(commit.seq, commit.at, &marked.mark);
            }
            Event::OnCall(news) => oncall::take_in(&mut self.oncall, commit.at, news),
            Event::Reminder(news) => self.reminders.take_in(commit.at, news),
            Event::Pinged(_) | Event::Beats(_) => beats::take_in(&mut self.alerts, commit.at, event),
            event => {
                self.incident_went_on(commit, event);
                self.run_went_on(commit, event);
                self.alerts_went_on(commit, event);
            }
        }
    }

    /// What happened to an incident that is there.
    fn incident_went_on(&mut self, commit: &Commit, event: &Event) {
        let Some(id) = incident_fold::about(event) else { return };
        self.about(id, commit.seq, |i| incident_fold::take_in(i, commit.at, event));
        let open = self.incidents.get(&id).is_some_and(|i| i.phase.is_open());
        if open {
            self.open.insert(id);
        } else {
            self.open.remove(&id);
        }
        if let Event::TextStruck(TextStruck { others, owed, .. }) = event {
            others.iter().for_each(|other| self.about(*other, commit.seq, |_| {}));
            let owed = owed.iter().filter(|effect| self.unsettled.contains_key(effect));
            self.amend.extend(owed.map(|effect| (*effect, id)));
        }
        after_fold::items(&mut self.actions, commit.at, event);
        if let Event::ActionItemAdded(added) = event {
            self.last_action = self.last_action.max(added.action);
        }
        if let Event::IncidentMerged { into, .. } = event {
            // What happened in it is part of the other's history from now on.
            let own = self.incidents.get(&id).map(|i| i.commits.clone()).unwrap_or_default();
            self.about(*into, commit.seq, |i| {
                i.commits.extend(own);
                i.commits.sort_unstable();
                i.commits.dedup();
                i.review.version += 1;
            });
        }
    }

    /// What happened to a page is part of its incident's history.
    fn page_went_on(&mut self, commit: &Commit, page: PageId, news: &PageNews) {
        paging::take_in(&mut self.pages, commit.at, page, news);
        let Some(page) = self.pages.all.get(&page) else { return };
        let brief = Box::new(brief(page));
        match page.begun.about {
            About::Incident(id) => self.about(id, commit.seq, |i| i.page = Some(brief)),
            About::Asked { incident: Some(id) } => self.about(id, commit.seq, |_| {}),
            _ => {}
        }
    }

    /// Everything else is about a run.
    fn run_went_on(&mut self, commit: &Commit, event: &Event) {
        let Some(id) = fold::about(event) else { return };
        if let Some(run) = fold::begun(commit.at, event) {
            self.last_run = self.last_run.max(id);
            self.going.insert(id);
            self.runs.insert(id, run);
        } else if let Some(run) = self.runs.get_mut(&id) {
            fold::take_in(run, commit.at, event);
        }
        let Some(run) = self.runs.get_mut(&id) else { return };
        if run.commits.last() != Some(&commit.seq) {
            run.commits.push(commit.seq);
        }
        let (over, incident) = (run.is_over(), run.incident);
        if let Some(incident) = incident {
            self.about(incident, commit.seq, |_| {});
        }
        if !over {
            self.going.insert(id);
        } else if self.going.remove(&id) {
            self.put_away();
        }
    }

    /// Changes a run and notes that this commit is about it.
    pub(super) fn about_run(&mut self, id: RunId, seq: Seq, change: impl FnOnce(&mut Run)) {
        if let Some(run) = self.runs.get_mut(&id) {
            if run.commits.last() != Some(&seq) {
                run.commits.push(seq);
            }
            change(run);
        }
    }

    /// Changes an incident and notes that this commit is about it.
    pub(super) fn about(&mut self, id: IncidentId, seq: Seq, change: impl FnOnce(&mut Incident)) {
        if let Some(incident) = self.incidents.get_mut(&id) {
            if incident.commits.last() != Some(&seq) {
                incident.commits.push(seq);
            }
            change(incident);
        }
    }
}
