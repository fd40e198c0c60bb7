//! What must hold of who is called for a rota. Whose turn it is is told here a second time, from the journal
//! and from what the team agreed on, so that a mistake in `core` shows.

use std::collections::BTreeMap;

use crate::kit::time::Timestamp;
use crate::model::commit::Commit;
use crate::model::duty::OnCallNews;
use crate::model::event::Event;
use crate::model::ids::{OverrideId, PageId};
use crate::model::page::{PageNews, Paged};
use crate::model::policy::{Policy, Whom};
use crate::simulation::oncall::whose_turn;

/// What people changed of who is on call, and the first call of somebody who was not.
#[derive(Default)]
pub(super) struct Duty {
    /// In which rank, who, from when on and until when.
    overrides: BTreeMap<OverrideId, (String, u64, Timestamp, Timestamp)>,
    policies: BTreeMap<PageId, Policy>,
    wrong: Option<String>,
}

impl Duty {
    /// Takes in the next commit.
    pub(super) fn take(&mut self, commit: &Commit) {
        for event in &commit.events {
            match event {
                Event::OnCall(news) => self.change(commit.at, news),
                Event::Page { page, news: PageNews::Began(begun) } => {
                    self.policies.insert(*page, begun.policy.clone());
                }
                Event::Page { page, news: PageNews::Paged(paged) } => {
                    let wrong = self.look(*page, commit.at, paged);
                    self.wrong = self.wrong.take().or(wrong);
                }
                _ => {}
            }
        }
    }

    fn change(&mut self, at: Timestamp, news: &OnCallNews) {
        let added = match news {
            OnCallNews::Overridden(new) => std::slice::from_ref(new),
            OnCallNews::SwapAnswered { overrides, .. } => overrides,
            OnCallNews::OverrideEnded { id, .. } => {
                if let Some((_, _, _, until)) = self.overrides.get_mut(id) {
                    *until = at.min(*until);
                }
                return;
            }
            _ => return,
        };
        let entry = |o: &crate::model::rota::Override| (o.id, (o.rank.clone(), o.who.id.0, o.from, o.until));
        self.overrides.extend(added.iter().map(entry));
    }

    /// Who is called for a rank holds it then.
    fn look(&self, page: PageId, at: Timestamp, paged: &Paged) -> Option<String> {
        let rung = self.policies.get(&page)?.rungs.get(paged.rung as usize)?;
        let ranks = ranks(&rung.whom)?;
        let holds = |who: u64| {
            ranks.iter().any(|rank| {
                let theirs = self.overrides.values().filter(|(r, ..)| r == rank);
                whose_turn(rank, at) == Some(who)
                    || theirs.into_iter().any(|(_, o, from, until)| *o == who && *from <= at && at < *until)
            })
        };
        let called = paged.calls.iter().filter_map(|c| c.to.person());
        called.map(|who| who.0).find(|who| !holds(*who)).map(|who| {
            format!("{page} calls {who} as {ranks:?} at {at}, and they are not on call then: {paged:?}")
        })
    }

    /// What contradicts it.
    pub(super) fn wrong(&self) -> Result<(), String> {
        self.wrong.clone().map_or(Ok(()), Err)
    }
}

/// The ranks that a rung means, where it means nobody else whom Muster could call.
fn ranks(whom: &[Whom]) -> Option<Vec<&str>> {
    let known = whom.iter().filter(|w| !matches!(w, Whom::Unknown(_)));
    known.map(|w| if let Whom::OnCall { rank, .. } = w { Some(rank.as_str()) } else { None }).collect()
}
