//! Steps inputs and commits what they lead to, many at a time: one group, one flush.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::strike::Unstruck;
use super::{Down, JournalIds};
use crate::core::state::{FOLD, State};
use crate::core::{self, Outcome};
use crate::journal::{AppendError, Body, Journal, Reader};
use crate::kit::time::Timestamp;
use crate::model::commit::{Commit, FORMAT};
use crate::model::effect::Effect;
use crate::model::event::Event;
use crate::model::house::House;
use crate::model::ids::Seq;
use crate::model::incident::Incident;
use crate::model::input::{Act, Input};
use crate::model::reply::{Refusal, Reply};

/// Commits between snapshots. Replaying this many takes a fraction of a second.
const SNAPSHOT_EVERY: u64 = 20_000;
/// Commits after which one is kept even while there is much to do: whoever waits for an answer then
/// waits for it too.
const SNAPSHOT_AT_LAST: u64 = 10 * SNAPSHOT_EVERY;

/// State, and the journal that it is a fold of.
pub struct Committer<J> {
    journal: J,
    state: State,
    house: Arc<House>,
    snapshot_at: Seq,
    down: Option<Down>,
}

/// What a group of inputs led to.
#[derive(Debug, Default)]
pub struct Group {
    /// For each input, in order.
    pub answers: Vec<Result<Reply, Refusal>>,
    /// What is on disk now that was not before.
    pub commits: Vec<Commit>,
}

impl<J: Journal> Committer<J> {
    /// Folds a journal into state: from its newest snapshot, where one can be read.
    ///
    /// # Errors
    /// When the journal is damaged.
    pub fn open(journal: J, house: Arc<House>) -> Result<Committer<J>, Down> {
        let (state, snapshot_at) = folded(&journal)?;
        Ok(Committer { journal, state, house, snapshot_at, down: None })
    }

    /// The journal's random id, and the older ones under which something is still owed.
    pub(super) fn ids(&self) -> JournalIds {
        let current = self.journal.id().to_owned();
        let owed = self.state.unsettled.keys().map(|e| (e.seq, self.journal.id_at(e.seq).to_owned()));
        JournalIds { older: owed.filter(|(_, id)| *id != current).collect(), current }
    }

    /// Reads the journal.
    pub fn reader(&self) -> Arc<dyn Reader> {
        self.journal.reader()
    }

    /// The state after everything committed.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// What people wrote in their files.
    pub fn house(&self) -> &Arc<House> {
        &self.house
    }

    /// Works with this house from the next input on.
    pub fn set_house(&mut self, house: Arc<House>) {
        self.house = house;
        self.state.alerts.timers.doubt();
    }

    /// Steps each input in turn, writes what they led to as one group, and only then says so.
    pub fn commit(&mut self, now: Timestamp, inputs: &[Input]) -> Group {
        if let Some(down) = &self.down {
            return Group {
                answers: inputs.iter().map(|_| Err(Refusal::new(&*down.0))).collect(),
                commits: vec![],
            };
        }
        let mut before = self.state.head;
        let (mut group, mut done) = (Group::default(), vec![]);
        for input in inputs {
            let (mut answer, mut commit) = self.decide(now, input);
            if let Ok(Reply::Strike(ask)) = &answer {
                // What was decided before is on disk first: it is looked through too.
                if let Err(failed) = self.keep(before, &group.commits) {
                    return self.fail(&failed, now, inputs);
                }
                match self.strike(now, input, ask) {
                    Ok((reply, struck)) => {
                        before = struck.seq;
                        done.append(&mut group.commits);
                        done.push(struck);
                        answer = Ok(reply);
                    }
                    Err(Unstruck::Refused(why)) => {
                        before = self.state.head;
                        done.append(&mut group.commits);
                        commit = self.refused(now, input, &why);
                        answer = Err(why);
                    }
                    Err(Unstruck::Failed(failed)) => return self.fail(&failed, now, inputs),
                }
            }
            if let Some(commit) = &commit {
                self.state.apply(commit);
            }
            core::alerts::remember(
                &mut self.state,
                &self.house,
                now,
                input,
                answer.as_ref().ok(),
                commit.as_ref(),
            );
            group.commits.extend(commit);
            group.answers.push(answer);
        }
        if let Err(failed) = self.keep(before, &group.commits) {
            return self.fail(&failed, now, inputs);
        }
        done.append(&mut group.commits);
        Group { commits: done, ..group }
    }

    fn keep(&mut self, after: Seq, commits: &[Commit]) -> Result<(), AppendError> {
        if commits.is_empty() { Ok(()) } else { self.journal.append(after, commits).map(drop) }
    }

    /// The state is ahead of the disk now, and stays unused: nothing more is decided.
    fn fail(&mut self, failed: &AppendError, now: Timestamp, inputs: &[Input]) -> Group {
        tracing::error!("{failed}");
        self.down = Some(Down(format!(
            "Muster cannot tell whether this was kept, and does nothing more until it is started again; \
             look at what is there then, before you ask again. {failed}"
        )));
        self.commit(now, inputs)
    }

    /// The journal, to write in.
    pub(super) fn journal_mut(&mut self) -> &mut J {
        &mut self.journal
    }

    /// Goes on with a state that was folded anew; snapshots of the old one are gone.
    pub(super) fn replace_state(&mut self, state: State) {
        (self.state, self.snapshot_at) = (state, Seq(0));
    }

    /// Why nothing is decided any more, where that is so.
    pub fn down(&self) -> Option<&Down> {
        self.down.as_ref()
    }

    /// Whether enough was committed since the last snapshot that the next moment without work is one
    /// for another: it takes its time.
    pub fn wants_snapshot(&self) -> bool {
        self.down.is_none() && self.state.head.0 - self.snapshot_at.0 >= SNAPSHOT_EVERY
    }

    /// Keeps a snapshot where there was no such moment for long. It comes after the answers.
    pub fn snapshot_at_last(&mut self) {
        if self.state.head.0 - self.snapshot_at.0 >= SNAPSHOT_AT_LAST {
            self.snapshot();
        }
    }

    /// One decision. A mistake in the deciding itself is a refusal for one person, not the end
    /// of everybody's incident.
    fn decide(&mut self, now: Timestamp, input: &Input) -> (Result<Reply, Refusal>, Option<Commit>) {
        let recalled = match self.recall(input) {
            Ok(recalled) => recalled,
            Err(refusal) => return (Err(refusal), None),
        };
        let decided = catch_unwind(AssertUnwindSafe(|| core::step(&self.state, &self.house, now, input)));
        let decided = decided.unwrap_or_else(|_| {
            tracing::error!("deciding panicked; it was about {:?}", core::cause(input));
            Err(Refusal::new(
                "Muster made a mistake while deciding this; nothing was done. Its log has the details.",
            ))
        });
        for incident in &recalled {
            self.state.incidents.remove(&incident.id);
        }
        let decided = decided.map(|mut outcome| {
            core::past::told(&mut outcome, recalled);
            outcome
        });
        match decided {
            Ok(Outcome { events, effects, reply }) => {
                let commit = (!events.is_empty()).then(|| self.commit_of(now, input, events, effects));
                (Ok(reply), commit)
            }
            Err(refusal) => {
                let commit = self.refused(now, input, &refusal);
                (Err(refusal), commit)
            }
        }
    }

    /// The record that somebody was refused something.
    fn refused(&self, now: Timestamp, input: &Input, refusal: &Refusal) -> Option<Commit> {
        let what = self.records(input)?;
        Some(self.commit_of(now, input, vec![Event::Refused { what, why: refusal.0.clone() }], vec![]))
    }

    fn commit_of(&self, now: Timestamp, input: &Input, events: Vec<Event>, effects: Vec<Effect>) -> Commit {
        Commit { v: FORMAT, seq: self.state.head.next(), at: now, cause: core::cause(input), events, effects }
    }

    /// Puts what the input is about, and is not at hand, beside what is, for this one decision.
    fn recall(&mut self, input: &Input) -> Result<Vec<Incident>, Refusal> {
        let mut recalled = vec![];
        for id in core::past::wanted(&self.state, &self.house, input) {
            let seqs = self.state.commits_about(id).unwrap_or_default();
            let commits = self.reader().get(&seqs).map_err(|damage| {
                tracing::error!("{id} cannot be read: {damage}");
                Refusal::new(format!(
                    "{id} cannot be read. `muster verify` says what happened to the journal."
                ))
            })?;
            recalled.extend(core::past::recalled(id, &commits));
        }
        self.state.incidents.extend(recalled.iter().map(|i| (i.id, i.clone())));
        Ok(recalled)
    }

    /// Keeps a copy of the state, so that the next start is fast.
    pub fn snapshot(&mut self) {
        if self.down.is_some() || self.snapshot_at == self.state.head {
            return;
        }
        let (head, mut body) = (self.journal.head(), Body::default());
        let made = serde_json::to_writer(&mut body, &Kept { fold: FOLD, state: &self.state });
        let made = made.map_err(|e| e.to_string());
        match made.and_then(|()| self.journal.put_snapshot(head, body).map_err(|e| e.to_string())) {
            Ok(()) => {}
            Err(why) => tracing::warn!("no snapshot was kept: {why}"),
        }
        // Where it failed, the next one is tried no sooner than any other.
        self.snapshot_at = self.state.head;
    }

    /// What a refusal is recorded as: a person's attempt. Typing is none, and what comes from
    /// elsewhere is not this team's history: a stranger must not make its journal grow.
    fn records(&self, input: &Input) -> Option<String> {
        match input {
            Input::Interaction(i) if i.guild != Some(self.house.settings.guild) => None,
            Input::Interaction(i) if !matches!(i.act, Act::Complete { .. }) => Some(i.what()),
            _ => None,
        }
    }

    /// Gives the journal back.
    pub fn into_journal(self) -> J {
        self.journal
    }
}

/// A snapshot as it is kept.
#[derive(Serialize, Deserialize)]
struct Kept<S> {
    /// Which fold made it; another one's is passed over.
    fold: u32,
    state: S,
}

/// The state after everything in a journal, and where the snapshot was that made it quick.
///
/// # Errors
/// When the journal cannot be read, with the cure.
pub fn folded(journal: &impl Journal) -> Result<(State, Seq), Down> {
    let head = journal.head();
    let kept = journal.snapshot().map_err(|damage| Down(damage.to_string()))?;
    // A snapshot is only a shortcut: one that this build cannot read is passed over.
    let mut state = kept
        .filter(|(at, _)| at.seq <= head.seq)
        .and_then(|(_, bytes)| serde_json::from_slice::<Kept<State>>(&bytes).ok())
        .filter(|kept| kept.fold == FOLD)
        .map(|kept| kept.state)
        .unwrap_or_default();
    let snapshot_at = state.head;
    for commit in journal.reader().from(state.head.next()) {
        state.apply(&commit.map_err(|damage| Down(damage.to_string()))?);
    }
    Ok((state, snapshot_at))
}
