//! What is owed and in which order: one lane per channel or incident, one effect of a lane
//! under way at a time. Pure: time is an argument, and who does the work is not known here.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use crate::core::state::{Owed, State};
use crate::kit::backoff::Backoff;
use crate::kit::time::Timestamp;
use crate::model::commit::Commit;
use crate::model::effect::{Board, Effect, Lane};
use crate::model::event::Event;
use crate::model::ids::{EffectId, IncidentId, PageId, RunId};

/// Discord's outages last minutes to hours: a lane asks again at least once a minute.
const BACKOFF: Backoff = Backoff { first: Duration::from_millis(500), most: Duration::from_secs(60) };

/// What is owed, in lanes.
#[derive(Debug, Default)]
pub struct Outbox {
    lanes: BTreeMap<Lane, VecDeque<Item>>,
    /// In which lane each effect is: a long outage leaves many, and each is settled alone.
    homes: BTreeMap<EffectId, Lane>,
}

#[derive(Debug)]
struct Item {
    id: EffectId,
    effect: Effect,
    since: Timestamp,
    maybe_done: bool,
    failures: u32,
    standing: Standing,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Standing {
    /// `since` is when the wait began: a clock that was put back before it holds nothing up.
    Waiting {
        since: Timestamp,
        not_before: Timestamp,
    },
    UnderWay,
    /// A later effect says the same better.
    Superseded,
}

/// Something to do now.
#[derive(Clone, Debug, PartialEq)]
pub enum Due {
    /// Do it.
    Do(Box<Task>),
    /// Settle it without doing it.
    Supersede(EffectId),
}

/// An effect whose turn it is.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// Which.
    pub id: EffectId,
    /// What.
    pub effect: Effect,
    /// Since when it is owed.
    pub since: Timestamp,
    /// Whether an earlier try may have succeeded unseen.
    pub maybe_done: bool,
}

impl Outbox {
    /// What a journal still owes. Each may have been done just before the process ended.
    pub fn recover(state: &State) -> Outbox {
        let mut outbox = Outbox::default();
        for (id, owed) in &state.unsettled {
            outbox.owe(*id, owed.effect.clone(), owed.since, true);
        }
        outbox
    }

    /// Takes in a commit: what it owes, and what it settles.
    pub fn take_in(&mut self, commit: &Commit) {
        for event in &commit.events {
            if let Event::Settled { effect, .. } = event {
                self.settled(*effect);
            }
        }
        for (id, effect) in commit.owed() {
            self.owe(id, effect.clone(), commit.at, false);
        }
    }

    /// What is owed says something else now: a text was struck out of it.
    pub fn refresh(&mut self, owed: &BTreeMap<EffectId, Owed>) {
        for item in self.lanes.values_mut().flatten() {
            if let Some(owed) = owed.get(&item.id) {
                item.effect = owed.effect.clone();
            }
        }
    }

    fn owe(&mut self, id: EffectId, effect: Effect, since: Timestamp, maybe_done: bool) {
        self.homes.insert(id, effect.lane());
        let lane = self.lanes.entry(effect.lane()).or_default();
        if let Some(edited) = edited(&effect) {
            // Edits are idempotent and only the last one matters: those that wait are dropped.
            for earlier in lane.iter_mut() {
                let waits = matches!(earlier.standing, Standing::Waiting { .. });
                if waits && self::edited(&earlier.effect) == Some(edited) {
                    earlier.standing = Standing::Superseded;
                }
            }
        }
        let standing = Standing::Waiting { since, not_before: since };
        lane.push_back(Item { id, effect, since, maybe_done, failures: 0, standing });
    }

    fn settled(&mut self, id: EffectId) {
        let Some(home) = self.homes.remove(&id) else { return };
        if let Some(lane) = self.lanes.get_mut(&home) {
            lane.retain(|item| item.id != id);
            if lane.is_empty() {
                self.lanes.remove(&home);
            }
        }
    }

    /// What is to be done now. Each is given out once, until [`Outbox::later`] or a commit
    /// that settles it.
    pub fn due(&mut self, now: Timestamp) -> Vec<Due> {
        let mut due = vec![];
        for lane in self.lanes.values_mut() {
            for item in lane.iter_mut().filter(|i| i.standing == Standing::Superseded) {
                item.standing = Standing::UnderWay;
                due.push(Due::Supersede(item.id));
            }
            let Some(first) = lane.front_mut() else {
                continue;
            };
            if matches!(first.standing, Standing::Waiting { since, not_before } if not_before <= now || now < since)
            {
                first.standing = Standing::UnderWay;
                due.push(Due::Do(Box::new(Task {
                    id: first.id,
                    effect: first.effect.clone(),
                    since: first.since,
                    maybe_done: first.maybe_done,
                })));
            }
        }
        due
    }

    /// A try failed: again after `after`, where whoever refused it named a time, or after a
    /// wait that grows with each failure. Without such a time nobody refused it, and it may
    /// have succeeded unseen.
    pub fn later(&mut self, id: EffectId, now: Timestamp, after: Option<Duration>) {
        let lane = self.homes.get(&id).and_then(|home| self.lanes.get_mut(home));
        for item in lane.into_iter().flatten().filter(|i| i.id == id) {
            item.failures += 1;
            item.maybe_done |= after.is_none();
            let wait = after.unwrap_or_else(|| BACKOFF.after(item.failures));
            item.standing = Standing::Waiting { since: now, not_before: now.after(wait) };
        }
    }

    /// When something is to be done next. `None` while nothing waits for a time.
    pub fn next_due(&self) -> Option<Timestamp> {
        let firsts = self.lanes.values().filter_map(VecDeque::front);
        firsts
            .filter_map(|i| match i.standing {
                Standing::Waiting { not_before, .. } => Some(not_before),
                _ => None,
            })
            .min()
    }

    /// How many effects are owed.
    pub fn len(&self) -> usize {
        self.homes.len()
    }

    /// Whether nothing is owed.
    pub fn is_empty(&self) -> bool {
        self.lanes.is_empty()
    }
}

/// What an edit brings up to date.
#[derive(Clone, Copy, PartialEq)]
enum Edited {
    Incident(IncidentId),
    Run(RunId),
    Board(Board),
    Page(PageId, u32),
}

/// What it brings up to date; `None` where it is no edit.
fn edited(effect: &Effect) -> Option<Edited> {
    match effect {
        Effect::EditCard { incident, .. } => Some(Edited::Incident(*incident)),
        Effect::EditRun { run, .. } => Some(Edited::Run(*run)),
        Effect::EditBoard { board, .. } => Some(Edited::Board(*board)),
        Effect::EditPage { page, call, .. } => Some(Edited::Page(*page, *call)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::card::{Show, Tone};
    use crate::model::commit::{Cause, FORMAT};
    use crate::model::effect::Place;
    use crate::model::event::Settlement;
    use crate::model::ids::{ChannelId, RoleId, Seq};
    use crate::model::page::{Target, Way};

    fn say(channel: u64) -> Effect {
        Effect::Say { place: Place::Channel(ChannelId(channel)), show: words() }
    }

    fn edit(incident: u32) -> Effect {
        Effect::EditCard { incident: IncidentId(incident), show: words() }
    }

    fn words() -> Show {
        Show::Notice { tone: Tone::Info, text: "x".into() }
    }

    fn commit(seq: u64, events: Vec<Event>, effects: Vec<Effect>) -> Commit {
        Commit { v: FORMAT, seq: Seq(seq), at: Timestamp(0), cause: Cause::Timer, events, effects }
    }

    fn id(seq: u64, index: u16) -> EffectId {
        EffectId { seq: Seq(seq), index }
    }

    fn settled(effect: EffectId) -> Vec<Event> {
        vec![Event::Settled { effect, outcome: Settlement::Shown }]
    }

    fn done(due: &[Due]) -> Vec<EffectId> {
        due.iter()
            .filter_map(|d| match d {
                Due::Do(t) => Some(t.id),
                Due::Supersede(_) => None,
            })
            .collect()
    }

    #[test]
    fn one_of_a_lane_at_a_time_and_lanes_do_not_wait_for_each_other() {
        let mut outbox = Outbox::default();
        outbox.take_in(&commit(1, vec![], vec![say(1), say(1), say(2)]));
        assert_eq!(done(&outbox.due(Timestamp(0))), [id(1, 0), id(1, 2)]);
        assert!(outbox.due(Timestamp(0)).is_empty(), "each is given out once");
        outbox.take_in(&commit(2, settled(id(1, 0)), vec![]));
        assert_eq!(done(&outbox.due(Timestamp(0))), [id(1, 1)]);
    }

    #[test]
    fn a_failure_waits_longer_each_time_and_is_marked_as_maybe_done() {
        let mut outbox = Outbox::default();
        outbox.take_in(&commit(1, vec![], vec![say(1)]));
        let mut now = Timestamp(0);
        for wait in [500, 1_000, 2_000] {
            assert_eq!(done(&outbox.due(now)), [id(1, 0)]);
            outbox.later(id(1, 0), now, None);
            assert_eq!(outbox.next_due(), Some(Timestamp(now.0 + wait)));
            assert!(outbox.due(Timestamp(now.0 + wait - 1)).is_empty());
            now = Timestamp(now.0 + wait);
        }
        assert!(matches!(&outbox.due(now)[..], [Due::Do(t)] if t.maybe_done));
    }

    #[test]
    fn a_refusal_that_names_a_time_was_certainly_not_done() {
        let mut outbox = Outbox::default();
        outbox.take_in(&commit(1, vec![], vec![say(1)]));
        outbox.due(Timestamp(0));
        outbox.later(id(1, 0), Timestamp(0), Some(Duration::from_secs(5)));
        assert!(outbox.due(Timestamp(4_999)).is_empty());
        assert!(matches!(&outbox.due(Timestamp(5_000))[..], [Due::Do(t)] if !t.maybe_done));
        outbox.later(id(1, 0), Timestamp(5_000), None);
        outbox.due(Timestamp(60_000));
        outbox.later(id(1, 0), Timestamp(60_000), Some(Duration::from_secs(5)));
        assert!(
            matches!(&outbox.due(Timestamp(65_000))[..], [Due::Do(t)] if t.maybe_done),
            "the first is still unknown"
        );
    }

    #[test]
    fn a_clock_that_is_put_back_holds_nothing_up() {
        let mut outbox = Outbox::default();
        let mut late = commit(1, vec![], vec![say(1)]);
        late.at = Timestamp(7_200_000);
        outbox.take_in(&late);
        assert_eq!(done(&outbox.due(Timestamp(1_000))), [id(1, 0)], "owed two hours from now");
        outbox.later(id(1, 0), Timestamp(7_200_000), None);
        assert_eq!(done(&outbox.due(Timestamp(1_000))), [id(1, 0)], "to be tried again two hours from now");
    }

    #[test]
    fn only_the_last_edit_that_waits_is_made() {
        let of_run = || Effect::EditRun { run: RunId(1), show: words() };
        let of_page = || {
            let to = Target::Role { id: RoleId(3), name: "lead".to_owned() };
            Effect::EditPage { page: PageId(1), call: 2, to, way: Way::Mention, show: words() }
        };
        let of_card = || edit(1);
        for edit in [&of_card as &dyn Fn() -> Effect, &of_run, &of_page] {
            let mut outbox = Outbox::default();
            outbox.take_in(&commit(1, vec![], vec![edit()]));
            assert_eq!(done(&outbox.due(Timestamp(0))), [id(1, 0)]);
            outbox.take_in(&commit(2, vec![], vec![edit()]));
            outbox.take_in(&commit(3, vec![], vec![edit()]));
            assert_eq!(outbox.due(Timestamp(0)), [Due::Supersede(id(2, 0))], "the first is under way");
            outbox.take_in(&commit(4, settled(id(2, 0)), vec![]));
            outbox.take_in(&commit(5, settled(id(1, 0)), vec![]));
            assert_eq!(done(&outbox.due(Timestamp(0))), [id(3, 0)]);
            outbox.take_in(&commit(6, settled(id(3, 0)), vec![]));
            assert!(outbox.is_empty());
        }
    }

    #[test]
    fn an_edit_supersedes_no_card_of_another_lane_and_nothing_that_is_said() {
        let run = |n| Effect::EditRun { run: RunId(n), show: words() };
        let said = Effect::Say { place: Place::Run(RunId(1)), show: words() };
        let mut outbox = Outbox::default();
        outbox.take_in(&commit(1, vec![], vec![said, run(2), edit(1)]));
        // The drafts of what people are told stand in the incident's lane, beside its card.
        let board = Effect::EditBoard { board: Board::Tell(IncidentId(1)), show: words() };
        outbox.take_in(&commit(2, vec![], vec![run(1), board]));
        let due = outbox.due(Timestamp(0));
        assert!(!due.iter().any(|d| matches!(d, Due::Supersede(_))), "{due:?}");
        assert_eq!(done(&due).len(), 3, "one of each lane");
    }

    #[test]
    fn what_was_struck_meanwhile_is_said_without_it() {
        let mut outbox = Outbox::default();
        outbox.take_in(&commit(1, vec![], vec![say(1), say(1)]));
        outbox.due(Timestamp(0));
        let effect = edit(9);
        let owed = |id| (id, Owed { effect: effect.clone(), since: Timestamp(0) });
        outbox.refresh(&[owed(id(1, 0)), owed(id(1, 1))].into());
        outbox.later(id(1, 0), Timestamp(0), None);
        let again = outbox.due(Timestamp(60_000));
        assert!(matches!(&again[..], [Due::Do(t)] if t.effect == effect && t.maybe_done), "{again:?}");
        outbox.take_in(&commit(2, settled(id(1, 0)), vec![]));
        assert!(matches!(&outbox.due(Timestamp(60_000))[..], [Due::Do(t)] if t.effect == effect));
    }
}
