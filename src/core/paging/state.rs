//! What is known of pages, as a fold over what happened to them.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::core::state::State;
use crate::kit::time::Timestamp;
use crate::model::commit::Commit;
use crate::model::effect::{Calling, Effect};
use crate::model::ids::{EffectId, IncidentId, PageId, UserId};
use crate::model::incident::Stamp;
use crate::model::page::{About, Because, Begun, Call, Delivery, Page, PageNews, PagesSent, Standing, Way};
use crate::model::policy::Until;
use crate::model::settlement::Settlement;

/// How many pages that are over are kept at hand, so that a late click learns what became of them.
const OVER: usize = 64;
/// How many of the messages that somebody was sent are remembered, to know when it is too much.
const REMEMBERED: usize = 64;
/// How many of those who were not called are kept with a page; its timeline has all.
const SKIPPED: usize = 16;
/// A clock that is put right by less than this was not put back.
const TOLERANCE: Duration = Duration::from_secs(1);

/// The pages that are not over, and the newest that are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pages {
    /// By number.
    pub all: BTreeMap<PageId, Page>,
    /// The page that is about something, while it is not over.
    about: BTreeSet<(About, PageId)>,
    /// When each that is not over is to be looked at, the first first.
    due: BTreeSet<(Timestamp, PageId)>,
    /// When each that is not over changed last.
    moved: BTreeSet<(Timestamp, PageId)>,
    /// The numbers of those that are over.
    over: VecDeque<PageId>,
    /// What each person is sent by each way that is no mention.
    #[serde(with = "lines")]
    lines: BTreeMap<(UserId, Way), Line>,
    last: PageId,
}

/// What one person is sent by one way.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Line {
    /// When they were sent something.
    sent: VecDeque<Timestamp>,
    /// What waits, and until when.
    queued: Option<(Timestamp, Vec<(PageId, u32)>)>,
}

/// A JSON object has texts as keys: a list instead.
mod lines {
    use super::*;
    use serde::{Deserializer, Serializer};

    pub fn serialize<S: Serializer>(lines: &BTreeMap<(UserId, Way), Line>, s: S) -> Result<S::Ok, S::Error> {
        s.collect_seq(lines)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<BTreeMap<(UserId, Way), Line>, D::Error> {
        Vec::<((UserId, Way), Line)>::deserialize(d).map(|all| all.into_iter().collect())
    }
}

impl Pages {
    /// The number that the next page gets.
    pub fn next(&self) -> PageId {
        PageId(self.last.0 + 1)
    }

    /// The page that is about something and not over; of several that people asked for, the first.
    pub fn about(&self, about: About) -> Option<&Page> {
        self.all_about(about).next()
    }

    /// The pages that are about something and not over, the oldest first: people may ask for several.
    pub fn all_about(&self, about: About) -> impl Iterator<Item = &Page> {
        let own = self.about.range((about, PageId(0))..=(about, PageId(u32::MAX)));
        own.filter_map(|(_, id)| self.all.get(id))
    }

    /// The pages that are not over, the oldest first.
    pub fn open(&self) -> impl Iterator<Item = &Page> {
        self.about
            .iter()
            .map(|(_, id)| id)
            .collect::<BTreeSet<_>>()
            .into_iter()
            .filter_map(|id| self.all.get(id))
    }

    /// When something is due.
    pub fn first_due(&self) -> Option<Timestamp> {
        let queued = self.lines.values().filter_map(|l| l.queued.as_ref().map(|(at, _)| *at));
        self.due.first().map(|(at, _)| *at).into_iter().chain(queued).min()
    }

    /// What is due by then, the longest due first.
    pub fn due_by(&self, now: Timestamp) -> impl Iterator<Item = (Timestamp, PageId)> {
        self.due.iter().copied().take_while(move |(at, _)| *at <= now)
    }

    /// The pages that changed later than it is now: the clock was put back.
    pub fn from_the_future(&self, now: Timestamp) -> impl Iterator<Item = PageId> {
        let future = now.after(TOLERANCE);
        self.moved.iter().rev().take_while(move |(at, _)| *at > future).map(|(_, id)| *id)
    }

    /// When this person was sent something by this way, the oldest first.
    pub fn sent(&self, to: UserId, way: Way) -> impl Iterator<Item = Timestamp> {
        self.lines.get(&(to, way)).into_iter().flat_map(|l| l.sent.iter().copied())
    }

    /// What waits for this person, and until when.
    pub fn queued(&self, to: UserId, way: Way) -> Option<Timestamp> {
        self.lines.get(&(to, way))?.queued.as_ref().map(|(at, _)| *at)
    }

    /// What waits for somebody: for whom, how, until when, and which calls.
    pub fn all_queued(&self) -> impl Iterator<Item = (UserId, Way, Timestamp, &[(PageId, u32)])> {
        self.lines.iter().filter_map(|((to, way), line)| {
            let (until, calls) = line.queued.as_ref()?;
            Some((*to, *way, *until, calls.as_slice()))
        })
    }

    /// Changes a page, and keeps what is found by it.
    fn change(&mut self, id: PageId, change: impl FnOnce(&mut Page)) {
        let Some(page) = self.all.get_mut(&id) else { return };
        let (before, moved, was_over) = (next(page), page.moved, page.is_over());
        change(page);
        let (after, about, over, moves) = (next(page), page.begun.about, page.is_over(), page.moved);
        if before != after {
            before.map(|at| self.due.remove(&(at, id)));
            after.map(|at| self.due.insert((at, id)));
        }
        self.moved.remove(&(moved, id));
        if !over {
            self.moved.insert((moves, id));
        } else if !was_over {
            self.about.remove(&(about, id));
            self.over.push_back(id);
            if self.over.len() > OVER {
                self.over.pop_front().map(|old| self.all.remove(&old));
            }
        }
    }

    fn began(&mut self, at: Timestamp, begun: &Begun) {
        let (id, about) = (begun.id, begun.about);
        self.last = self.last.max(id);
        self.about.insert((about, id));
        let page = new(at, begun);
        self.due.extend(next(&page).map(|at| (at, id)));
        self.moved.insert((at, id));
        self.all.insert(id, page);
    }

    /// What a person is sent, or what waits for them.
    fn counts(&mut self, id: PageId, first: usize, calls: &[Call]) {
        for (n, call) in (first..).zip(calls) {
            let Some(to) = call.to.person().filter(|_| call.way != Way::Mention) else { continue };
            let line = self.lines.entry((to, call.way)).or_default();
            match call.delivery {
                Delivery::Owed => line.sends(call.at),
                Delivery::Queued { until } => {
                    let number = u32::try_from(n).unwrap_or(u32::MAX);
                    line.queued.get_or_insert((until, vec![])).1.push((id, number));
                }
                _ => {}
            }
        }
    }

    /// Somebody did something in an incident.
    pub fn worked(&mut self, incident: IncidentId, at: Timestamp) {
        if let Some(id) = self.about(About::Incident(incident)).map(Page::id) {
            self.change(id, |page| page.worked = Some(at));
        }
    }
}

impl Line {
    fn sends(&mut self, at: Timestamp) {
        self.sent.push_back(at);
        if self.sent.len() > REMEMBERED {
            self.sent.pop_front();
        }
    }
}

/// A page as it begins. It is due at once; whoever is called first is called in the same commit.
pub fn new(at: Timestamp, begun: &Begun) -> Page {
    let standing = Standing::Climbing { round: 0, rung: 0, until: at, again: None, calls: 0, first: 0 };
    Page {
        begun: begun.clone(),
        at,
        standing,
        calls: vec![],
        skipped: vec![],
        declined: vec![],
        answered: None,
        moved: at,
        worked: None,
    }
}

/// When a page is to be looked at next.
pub fn next(page: &Page) -> Option<Timestamp> {
    match &page.standing {
        Standing::Climbing { until, again, .. } => Some(again.map_or(*until, |again| again.min(*until))),
        Standing::Acknowledged { wears_off, next, .. } => {
            Some(next.map_or(*wears_off, |(_, at)| at.min(*wears_off)))
        }
        Standing::Exhausted { again, .. } => Some(*again),
        Standing::Over { .. } => None,
    }
}

/// What happened to a page, for the page alone.
pub fn went_on(page: &mut Page, at: Timestamp, news: &PageNews) {
    match news {
        PageNews::Began(_) => return,
        PageNews::Paged(paged) => {
            let calls = count(page);
            page.calls.extend(paged.calls.iter().cloned());
            for skipped in &paged.skipped {
                if !page.skipped.contains(skipped) && page.skipped.len() < SKIPPED {
                    page.skipped.push(skipped.clone());
                }
            }
            match &mut page.standing {
                Standing::Acknowledged { next, ahead, asked_for, .. } if paged.told => {
                    let after = paged.rung + 1;
                    *ahead = after.max(*ahead);
                    *asked_for = (paged.why != Because::Unresolved).then_some(calls);
                    // What a later rung waits for is not taken from it.
                    if next.is_none_or(|(rung, _)| rung < after) {
                        let resolved = page.begun.policy.until == Until::Resolved;
                        let later = resolved && page.begun.policy.rung(after).is_some();
                        *next = later.then_some((after, paged.until));
                    }
                }
                Standing::Over { .. } => {}
                standing => {
                    let (round, rung, until, again) = (paged.round, paged.rung, paged.until, paged.again);
                    // Whoever is called again is called on the same rung.
                    let first = match standing {
                        Standing::Climbing { first, .. } if paged.why == Because::Again => *first,
                        _ => calls,
                    };
                    *standing = Standing::Climbing { round, rung, until, again, calls, first };
                }
            }
        }
        PageNews::Acknowledged { by, wears_off, next } => {
            page.answered = Some(by.clone());
            let by = Stamp { at, by: by.clone() };
            let (wears_off, next, calls) = (*wears_off, *next, count(page));
            let (ahead, asked_for) = (ahead(page), None);
            page.standing =
                Standing::Acknowledged { by, wears_off, asked: false, next, calls, ahead, asked_for };
        }
        PageNews::Asked { until, calls } => {
            page.calls.extend(calls.iter().cloned());
            if let Standing::Acknowledged { wears_off, asked, asked_for, .. } = &mut page.standing {
                (*wears_off, *asked, *asked_for) = (*until, true, None);
            }
        }
        PageNews::Still { wears_off: later, .. } => {
            if let Standing::Acknowledged { wears_off, asked, .. } = &mut page.standing {
                (*wears_off, *asked) = (*later, false);
            }
        }
        PageNews::Declined(by) => page.declined.push(by.id),
        PageNews::Exhausted { again, calls } => {
            page.standing = Standing::Exhausted { since: at, again: *again, calls: count(page) };
            page.calls.extend(calls.iter().cloned());
        }
        PageNews::Retimed => retime(&mut page.standing, page.moved, at),
        PageNews::Over(why) => page.standing = Standing::Over { since: at, why: why.clone() },
    }
    page.moved = at;
}

/// The first rung that nobody was called of yet, as somebody answers.
fn ahead(page: &Page) -> u32 {
    match &page.standing {
        Standing::Climbing { .. } if page.just_began() => 0,
        Standing::Climbing { rung, .. } => rung + 1,
        Standing::Acknowledged { ahead, .. } => *ahead,
        Standing::Exhausted { .. } | Standing::Over { .. } => {
            u32::try_from(page.begun.policy.rungs.len()).unwrap_or(u32::MAX)
        }
    }
}

fn count(page: &Page) -> u32 {
    u32::try_from(page.calls.len()).unwrap_or(u32::MAX)
}

/// Puts what is to come as far behind `to` as it was behind `from`.
fn retime(standing: &mut Standing, from: Timestamp, to: Timestamp) {
    let put = |at: &mut Timestamp| *at = to.after(at.since(from));
    match standing {
        Standing::Climbing { until, again, .. } => {
            put(until);
            again.iter_mut().for_each(put);
        }
        Standing::Acknowledged { by, wears_off, next, .. } => {
            by.at = by.at.min(to);
            put(wears_off);
            next.iter_mut().for_each(|(_, at)| put(at));
        }
        Standing::Exhausted { since, again, .. } => {
            *since = (*since).min(to);
            put(again);
        }
        Standing::Over { .. } => {}
    }
}

/// Takes in what happened to a page.
pub fn take_in(pages: &mut Pages, at: Timestamp, id: PageId, news: &PageNews) {
    if let PageNews::Began(begun) = news {
        return pages.began(at, begun);
    }
    let calls = match news {
        PageNews::Paged(paged) => &paged.calls,
        PageNews::Asked { calls, .. } | PageNews::Exhausted { calls, .. } => calls,
        _ => &vec![],
    };
    let first = pages.all.get(&id).map_or(0, |p| p.calls.len());
    pages.counts(id, first, calls);
    pages.change(id, |page| went_on(page, at, news));
}

/// Takes in that what had waited is sent.
pub fn sent(pages: &mut Pages, at: Timestamp, sent: &PagesSent) {
    let line = pages.lines.entry((sent.to, sent.way)).or_default();
    line.queued = None;
    if !sent.calls.is_empty() {
        line.sends(at);
    }
    let set = |pages: &mut Pages, calls: &[(PageId, u32)], delivery: Delivery| {
        for (page, call) in calls {
            pages.change(*page, |p| {
                if let Some(call) = p.calls.get_mut(*call as usize) {
                    call.delivery = delivery.clone();
                }
            });
        }
    };
    set(pages, &sent.calls, Delivery::Owed);
    set(pages, &sent.dropped, Delivery::Dropped);
}

/// Takes in how a call was settled.
pub fn settled(state: &mut State, commit: &Commit, effect: EffectId, outcome: &Settlement) {
    let Some(owed) = state.unsettled.get(&effect) else { return };
    let Effect::Page(calling) = &owed.effect else { return };
    let Calling { calls, .. } = &**calling;
    for (page, call) in calls.clone() {
        state.pages.change(page, |page| {
            let Some(call) = page.calls.get_mut(call as usize) else { return };
            call.delivery = delivery(commit.at, outcome);
            if let Settlement::Posted { channel, message } = outcome {
                call.message = Some((*channel, *message));
            }
        });
    }
}

/// What became of a call that was settled so.
pub fn delivery(at: Timestamp, outcome: &Settlement) -> Delivery {
    match outcome {
        Settlement::Superseded => Delivery::Dropped,
        Settlement::GaveUp { said, .. } => Delivery::Failed { at, why: said.clone() },
        _ => Delivery::Delivered { at },
    }
}
