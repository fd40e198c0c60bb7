//! What must hold of pages. The ladder is told here a second time, from the journal alone, so that a mistake
//! in `core` shows.

use std::collections::BTreeMap;

use super::View;
use super::duty::Duty;
use crate::kit::time::Timestamp;
use crate::model::card::Show;
use crate::model::commit::Commit;
use crate::model::effect::{Calling, Effect};
use crate::model::event::Event;
use crate::model::ids::{EffectId, PageId};
use crate::model::incident::Severity;
use crate::model::page::{About, Because, PageNews, Stands, Way};

/// Where a page stands, as the journal tells it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Told {
    /// Somebody is called, and has so long to answer from then on.
    Calling { from: Timestamp, until: Timestamp },
    /// Somebody is on it.
    Answered,
    /// Everybody was told that nobody answered.
    Loud,
    /// It is over.
    Over,
}

/// The pages as the journal tells them: taken in commit by commit, each once.
#[derive(Default)]
pub struct Ladders {
    /// What each is about, and where it stands.
    all: BTreeMap<PageId, (About, Told)>,
    /// When each person was sent something by each way that is no mention.
    sent: BTreeMap<(u64, Way), Vec<Timestamp>>,
    /// A page that called somebody though it was answered or over.
    called: Option<String>,
    /// Who is on call.
    duty: Duty,
}

impl Ladders {
    /// Takes in the next commit.
    pub fn take(&mut self, commit: &Commit) {
        self.duty.take(commit);
        for event in &commit.events {
            let Event::Page { page, news } = event else { continue };
            if let PageNews::Began(begun) = news {
                let calling = Told::Calling { from: commit.at, until: commit.at };
                self.all.insert(*page, (begun.about, calling));
            }
            let Some((_, stands)) = self.all.get_mut(page) else { continue };
            if let PageNews::Paged(paged) = news
                && matches!(
                    paged.why,
                    Because::First | Because::Again | Because::NoAnswer | Because::Unreachable
                )
                // Whoever is on it may have asked for more.
                && (matches!(stands, Told::Over) || (*stands == Told::Answered && !paged.told))
            {
                self.called = Some(format!("{page} calls though it is {stands:?}: {paged:?}"));
            }
            *stands = match (news, *stands) {
                (PageNews::Paged(paged), _) if !paged.told => {
                    Told::Calling { from: commit.at, until: paged.until }
                }
                (PageNews::Acknowledged { .. }, _) => Told::Answered,
                (PageNews::Exhausted { .. }, _) => Told::Loud,
                (PageNews::Over(_), _) => Told::Over,
                (PageNews::Retimed, Told::Calling { from, until }) => {
                    Told::Calling { from: commit.at, until: commit.at.after(until.since(from)) }
                }
                (_, before) => before,
            };
        }
        for effect in &commit.effects {
            if let Effect::Page(calling) = effect
                && calling.way != Way::Mention
                && let Some(to) = calling.to.person()
            {
                self.sent.entry((to.0, calling.way)).or_default().push(commit.at);
            }
        }
    }
}

/// Each open P1 and P2 has a page that is not over.
pub(super) fn somebody_is_called(view: &View<'_>) -> Result<(), String> {
    // Where the team wrote no policy nobody can be called.
    if view.house.oncall.policies.is_empty() {
        return Ok(());
    }
    let bad = |severity| severity <= Severity::P2;
    let open = view.state.open();
    let mut open = open.iter().filter(|i| bad(i.severity) && !i.drill).peekable();
    if open.peek().is_none() {
        return Ok(());
    }
    let of = |about| view.ladders.all.values().filter(move |(a, _)| *a == about).map(|(_, told)| *told);
    for incident in open {
        let mut theirs = of(About::Incident(incident.id)).filter(|t| *t != Told::Over);
        match (theirs.next(), theirs.next()) {
            (Some(_), None) => {}
            (None, _) => {
                return Err(format!("{} is {} and nobody is called", incident.id, incident.severity));
            }
            (Some(_), Some(_)) => return Err(format!("{} has two pages", incident.id)),
        }
    }
    Ok(())
}

/// A time that has come is not let pass, whatever the state says.
pub(super) fn nobody_is_forgotten(view: &View<'_>) -> Result<(), String> {
    let about_pages =
        |c: &Commit| c.events.iter().any(|e| matches!(e, Event::Page { .. } | Event::Started { .. }));
    if !view.fresh.iter().any(about_pages) {
        return Ok(());
    }
    for (id, (_, stands)) in &view.ladders.all {
        if let Told::Calling { until, .. } = stands
            && *until < view.now
            && crate::core::next_wakeup(view.state).is_none_or(|due| due > view.now)
        {
            return Err(format!("{id} should have gone on at {until}, and nothing is due"));
        }
    }
    Ok(())
}

/// After an answer nobody is called by the ladder, until the answer is void.
pub(super) fn answered_is_silent(view: &View<'_>) -> Result<(), String> {
    view.ladders.called.clone().map_or(Ok(()), Err)
}

/// Nobody is called for a rota but who is on call.
pub(super) fn on_call_then(view: &View<'_>) -> Result<(), String> {
    view.ladders.duty.wrong()
}

/// What calls somebody is not sent after the page was answered, or is over, or they said that they cannot.
/// Asked just before it is sent, of what was decided since, in whichever order.
pub fn still_wanted<'a>(
    commits: impl IntoIterator<Item = &'a Commit>,
    effect: EffectId,
    calling: &Calling,
) -> Result<(), String> {
    let mut left: Vec<PageId> = calling.calls.iter().map(|(page, _)| *page).collect();
    for commit in commits {
        for event in &commit.events {
            let Event::Page { page, news } = event else { continue };
            let ends = match news {
                PageNews::Acknowledged { .. } | PageNews::Over(_) => true,
                PageNews::Declined(by) => calling.to.person() == Some(by.id),
                _ => false,
            };
            left.retain(|p| !ends || p != page);
        }
    }
    if left.is_empty() && !calling.calls.is_empty() {
        return Err(format!(
            "effect {effect} calls {:?} for {:?}, which was answered",
            calling.to, calling.calls
        ));
    }
    Ok(())
}

/// Whoever is there for it is told in the very commit in which nobody is left to call.
pub(super) fn loud(view: &View<'_>) -> Result<(), String> {
    for commit in view.fresh {
        for event in &commit.events {
            let Event::Page { page, news: PageNews::Exhausted { .. } } = event else { continue };
            let says = |e: &Effect| {
                matches!(e, Effect::Say { show: Show::Page(card), .. }
                    if card.page == *page && matches!(card.stands, Stands::Exhausted { .. }))
            };
            if !commit.effects.iter().any(says) {
                return Err(format!("commit {}: nobody hears that nobody answered {page}", commit.seq));
            }
        }
    }
    Ok(())
}

/// Nobody is sent more by one way than their limit allows, but for what had waited.
pub(super) fn limits_hold(view: &View<'_>) -> Result<(), String> {
    if !view.fresh.iter().any(|c| c.effects.iter().any(|e| matches!(e, Effect::Page(_)))) {
        return Ok(());
    }
    for ((to, way), times) in &view.ladders.sent {
        let limit = view.house.oncall.people.values().find(|p| p.id.0 == *to).map(|p| p.limit);
        let limit = limit.unwrap_or_default();
        let Some(last) = times.last().filter(|at| **at <= view.now) else { continue };
        let recent = times.iter().filter(|at| **at <= *last && at.after(limit.within) > *last).count();
        // One more for what had waited.
        if recent > limit.count as usize + 1 {
            return Err(format!("{to} was sent {recent} by {} within {:?}", way.word(), limit.within));
        }
    }
    Ok(())
}
