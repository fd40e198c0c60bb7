//! What is known of pages, as a fold over what happened to them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::core::state::State;
use crate::kit::time::Timestamp;
use crate::model::commit::Commit;
use crate::model::effect::{Calling, Effect};
use crate::model::ids::{EffectId, PageId};
use crate::model::incident::Stamp;
use crate::model::page::{About, Begun, Delivery, Page, PageNews, Standing};
use crate::model::settlement::Settlement;

/// How many pages that are over are kept at hand, so that a late click learns what became of them.
const OVER: usize = 64;

/// The pages that are not over, and the newest that are.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Pages {
    /// By number.
    pub all: BTreeMap<PageId, Page>,
    /// The page that is about something, while it is not over.
    about: Vec<(About, PageId)>,
    /// When each that is not over is to be looked at, the first first.
    due: BTreeSet<(Timestamp, PageId)>,
    last: PageId,
}

impl Pages {
    /// The number that the next page gets.
    pub fn next(&self) -> PageId {
        PageId(self.last.0 + 1)
    }

    /// The page that is about something and not over.
    pub fn about(&self, about: About) -> Option<&Page> {
        let at = self.about.binary_search_by_key(&about, |(a, _)| *a).ok()?;
        self.all.get(&self.about[at].1)
    }

    /// The pages that are not over, the oldest first.
    pub fn open(&self) -> impl Iterator<Item = &Page> {
        self.all.values().filter(|p| !p.is_over())
    }

    /// When something is due.
    pub fn first_due(&self) -> Option<Timestamp> {
        self.due.first().map(|(at, _)| *at)
    }

    /// What is due by then, the longest due first.
    pub fn due_by(&self, now: Timestamp) -> impl Iterator<Item = (Timestamp, PageId)> {
        self.due.iter().copied().take_while(move |(at, _)| *at <= now)
    }

    /// Changes a page, and keeps what is found by it.
    fn change(&mut self, id: PageId, change: impl FnOnce(&mut Page)) {
        let Some(page) = self.all.get_mut(&id) else { return };
        let (before, was_over) = (next(page), page.is_over());
        change(page);
        let (after, about, over) = (next(page), page.begun.about, page.is_over());
        if before != after {
            before.map(|at| self.due.remove(&(at, id)));
            after.map(|at| self.due.insert((at, id)));
        }
        if over && !was_over {
            self.about.retain(|(a, p)| (*a, *p) != (about, id));
            self.put_away();
        }
    }

    fn put_away(&mut self) {
        let over: Vec<PageId> = self.all.values().filter(|p| p.is_over()).map(Page::id).collect();
        for id in over.iter().take(over.len().saturating_sub(OVER)) {
            self.all.remove(id);
        }
    }

    fn began(&mut self, at: Timestamp, begun: &Begun) {
        let (id, about) = (begun.id, begun.about);
        self.last = self.last.max(id);
        // It is due at once; whoever is called first is called in the same commit.
        let standing = Standing::Climbing { round: 0, rung: 0, until: at, again: None };
        let page = Page { begun: begun.clone(), at, standing, calls: vec![], declined: vec![] };
        self.all.insert(id, page);
        self.due.insert((at, id));
        // Of what people ask for there may be several at a time; each stands for itself.
        if matches!(about, About::Incident(_) | About::Alerts(_)) {
            let place = self.about.partition_point(|(a, _)| *a < about);
            self.about.insert(place, (about, id));
        }
    }
}

/// When a page is to be looked at next.
pub fn next(page: &Page) -> Option<Timestamp> {
    let standing = match &page.standing {
        Standing::Climbing { until, again, .. } => Some(again.map_or(*until, |again| again.min(*until))),
        Standing::Acknowledged { wears_off, next, .. } => {
            Some(next.map_or(*wears_off, |(_, at)| at.min(*wears_off)))
        }
        Standing::Exhausted { again, .. } => Some(*again),
        Standing::Over { .. } => None,
    };
    // What waits goes out in its time though the page stands still meanwhile.
    let queued = page.calls.iter().enumerate().filter_map(|(n, call)| match call.delivery {
        Delivery::Queued { until } if page.wants(u32::try_from(n).ok()?) => Some(until),
        _ => None,
    });
    standing.into_iter().chain(queued).min()
}

/// Takes in what happened to a page.
pub fn take_in(pages: &mut Pages, at: Timestamp, id: PageId, news: &PageNews) {
    if let PageNews::Began(begun) = news {
        return pages.began(at, begun);
    }
    pages.change(id, |page| match news {
        PageNews::Began(_) => {}
        PageNews::Paged(paged) => {
            page.calls.extend(paged.calls.iter().cloned());
            match &mut page.standing {
                // Somebody is on it: the rung only hears of it.
                Standing::Acknowledged { next, .. } => {
                    let later = page.begun.policy.rung(paged.rung + 1).is_some();
                    *next = later.then_some((paged.rung + 1, paged.until));
                }
                standing => {
                    let Standing::Over { .. } = standing else {
                        let (round, rung) = (paged.round, paged.rung);
                        *standing = Standing::Climbing { round, rung, until: paged.until, again: paged.again };
                        return;
                    };
                }
            }
        }
        PageNews::Sent { calls } => {
            for call in calls {
                if let Some(call) = page.calls.get_mut(*call as usize) {
                    call.delivery = Delivery::Owed;
                }
            }
        }
        PageNews::Acknowledged { by, wears_off, next } => {
            let by = Stamp { at, by: by.clone() };
            page.standing = Standing::Acknowledged { by, wears_off: *wears_off, asked: false, next: *next };
        }
        PageNews::Asked { until, calls } => {
            page.calls.extend(calls.iter().cloned());
            if let Standing::Acknowledged { wears_off, asked, .. } = &mut page.standing {
                (*wears_off, *asked) = (*until, true);
            }
        }
        PageNews::Still { wears_off: later, .. } => {
            if let Standing::Acknowledged { wears_off, asked, .. } = &mut page.standing {
                (*wears_off, *asked) = (*later, false);
            }
        }
        PageNews::Declined(by) => page.declined.push(by.id),
        PageNews::Exhausted { again } => page.standing = Standing::Exhausted { since: at, again: *again },
        PageNews::Over(why) => page.standing = Standing::Over { since: at, why: why.clone() },
    });
}

/// Takes in how a call was settled.
pub fn settled(state: &mut State, commit: &Commit, effect: EffectId, outcome: &Settlement) {
    let Some(owed) = state.unsettled.get(&effect) else { return };
    let Effect::Page(calling) = &owed.effect else { return };
    let Calling { calls, .. } = &**calling;
    for (page, call) in calls.clone() {
        state.pages.change(page, |page| {
            let Some(call) = page.calls.get_mut(call as usize) else { return };
            call.delivery = match outcome {
                Settlement::Superseded => Delivery::Dropped,
                Settlement::GaveUp { said, .. } => Delivery::Failed { at: commit.at, why: said.clone() },
                _ => Delivery::Delivered { at: commit.at },
            };
            if let Settlement::Posted { channel, message } = outcome {
                call.message = Some((*channel, *message));
            }
        });
    }
}
