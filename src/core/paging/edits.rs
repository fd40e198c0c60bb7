//! Messages that are there are brought up to date: each says how its page stands, and one of several pages
//! how each of them does.

use super::card::{Cards, message};
use super::hand::Hand;
use crate::model::effect::Effect;
use crate::model::ids::PageId;
use crate::model::incident::Stamp;
use crate::model::page::{Because, Call, Ended, Page, Standing, Stands, Target, Way};

/// Brings the messages of a page up to date: to each person the last by each way.
pub(super) fn edits(hand: &mut Hand<'_>, id: PageId) {
    let Some(page) = hand.page(id).cloned() else { return };
    let mut done: Vec<(&Target, Way)> = vec![];
    for (n, call) in page.calls.iter().enumerate().rev() {
        if call.message.is_none() || done.contains(&(&call.to, call.way)) {
            continue;
        }
        done.push((&call.to, call.way));
        edit(hand, id, n);
    }
}

/// Brings the message of one call up to date, with all that stands in it.
pub(super) fn edit(hand: &mut Hand<'_>, id: PageId, n: usize) {
    let members = together(hand, id, n);
    let cards = hand.shower();
    let shown: Vec<_> = members
        .iter()
        .filter_map(|(id, n)| {
            let page = hand.page(*id)?;
            let call = (*n, page.calls.get(*n)?);
            Some(cards.card(page, call, Because::First, stands(cards, page, call), None))
        })
        .collect();
    // The edits of one message wait for each other, whichever of its pages they are for.
    let Some((first, n)) = members.first().copied() else { return };
    let Some(call) = hand.page(first).and_then(|p| p.calls.get(n)) else { return };
    let (to, way, number) = (call.to.clone(), call.way, u32::try_from(n).unwrap_or(u32::MAX));
    let show = message(shown);
    // Of several edits in one decision only the last matters.
    hand.effects
        .retain(|e| !matches!(e, Effect::EditPage { page, call, .. } if (*page, *call) == (first, number)));
    hand.effects.push(Effect::EditPage { page: first, call: number, to, way, show });
}

/// The calls that went out as one message with this one, the first page first.
fn together(hand: &Hand<'_>, id: PageId, n: usize) -> Vec<(PageId, usize)> {
    let call = hand.page(id).and_then(|p| p.calls.get(n));
    // Only what waited goes out with others, and a mention never waits.
    let posted = call.filter(|c| c.way != Way::Mention).and_then(|c| c.message);
    let Some(posted) = posted else { return vec![(id, n)] };
    let mut all = vec![];
    for page in hand.state.pages.all.keys().filter_map(|id| hand.page(*id)) {
        let own = page.calls.iter().enumerate().filter(|(_, c)| c.message == Some(posted));
        all.extend(own.map(|(n, _)| (page.id(), n)));
    }
    all
}

/// Where a page stands, for whoever has a message of it already.
fn stands(cards: Cards<'_>, page: &Page, (n, call): (usize, &Call)) -> Stands {
    let declined = call.to.person().is_some_and(|id| page.declined.contains(&id));
    match (cards.stands(page), &page.standing) {
        (Stands::Calling { .. }, _) if declined => Stands::Declined,
        // For an acknowledgement that is asked about, only the newest message asks.
        (Stands::Asked { .. }, Standing::Acknowledged { by, .. }) if !asks(page, (n, call), by) => {
            Stands::Acknowledged(by.clone())
        }
        (Stands::Over { why: Ended::Answered, at }, _) => match page.answered.clone() {
            Some(by) => Stands::Acknowledged(Stamp { at, by }),
            None => Stands::Over { why: Ended::Answered, at },
        },
        (stands, _) => stands,
    }
}

/// Whether this call is the newest by its way to whoever is on it.
fn asks(page: &Page, (n, call): (usize, &Call), by: &Stamp) -> bool {
    let newer = page.calls.iter().skip(n + 1).any(|c| (&c.to, c.way) == (&call.to, call.way));
    call.to.person() == Some(by.by.id) && !newer
}
