//! Calls: by which ways each person is called, what has to wait because they were sent so much, and what
//! is owed for it.

use super::card::message;
use super::hand::Hand;
use crate::kit::time::Timestamp;
use crate::model::card::Show;
use crate::model::effect::{Calling, Effect, Place};
use crate::model::ids::{ChannelId, PageId, UserId};
use crate::model::oncall::{Limit, Teammate};
use crate::model::page::{About, Because, Call, Delivery, LATE, Page, PagesSent, Stands, Target, Way};

use crate::model::event::Event;

/// By which ways somebody is called: what the rung allows of what they have, and a direct message where
/// that is nothing.
fn ways(hand: &Hand<'_>, page: &Page, to: &Target, only: &[Way]) -> Vec<Way> {
    let Some(id) = to.person() else { return vec![Way::Mention] };
    let reach = hand.house.oncall.teammate(id).map(|t| t.reach.as_slice()).unwrap_or_default();
    let mut all = vec![Way::Mention, Way::Direct];
    for reach in reach {
        if !all.contains(&reach.way()) {
            all.push(reach.way());
        }
    }
    if place(hand, page, to).is_none() {
        all.retain(|w| *w != Way::Mention);
    }
    let wanted: Vec<Way> = all.iter().copied().filter(|w| only.is_empty() || only.contains(w)).collect();
    if wanted.is_empty() { vec![Way::Direct] } else { wanted }
}

/// Where somebody is mentioned.
fn place(hand: &Hand<'_>, page: &Page, to: &Target) -> Option<Place> {
    let channel = || hand.house.oncall.channel.unwrap_or(hand.house.settings.channels.incidents);
    match (page.begun.about, to) {
        (_, Target::Channel(channel)) => Some(Place::Channel(*channel)),
        (About::Incident(id) | About::Asked { incident: Some(id) }, _) => Some(Place::Thread(id)),
        (About::Alerts(group), _) => Some(Place::Channel(alert_channel(hand, group))),
        (_, Target::Role { .. }) => Some(Place::Channel(channel())),
        (_, Target::Person { .. }) => None,
    }
}

fn alert_channel(hand: &Hand<'_>, group: crate::model::ids::GroupId) -> ChannelId {
    use crate::model::incident::Card;
    match hand.state.alerts.groups.get(&group).map(|g| g.card) {
        Some(Card::At { channel, .. }) => channel,
        _ => hand.house.settings.channels.alerts,
    }
}

/// The calls to these people, as they stand when they are decided.
pub(super) fn calls(
    hand: &mut Hand<'_>,
    page: PageId,
    at: (u32, u32),
    targets: &[Target],
    only: &[Way],
) -> Vec<Call> {
    let Some(page) = hand.page(page).cloned() else { return vec![] };
    let mut all = vec![];
    for to in targets {
        for way in ways(hand, &page, to, only) {
            let delivery = match to.person().filter(|_| way != Way::Mention) {
                Some(id) => line(hand, id, way),
                None => Delivery::Owed,
            };
            let (round, rung) = at;
            all.push(Call { to: to.clone(), way, round, rung, at: hand.now, delivery, message: None });
        }
    }
    all
}

/// Whether something goes out to somebody now, or has to wait.
fn line(hand: &mut Hand<'_>, to: UserId, way: Way) -> Delivery {
    let limit = hand.house.oncall.teammate(to).map_or(Limit::default(), |t: &Teammate| t.limit);
    let now = hand.now;
    // A clock that was put back makes nothing of before count.
    let counts = |at: &Timestamp| *at <= now && at.after(limit.within) > now;
    let sent: Vec<Timestamp> = hand.state.pages.sent(to, way).filter(counts).collect();
    let known = hand.state.pages.queued(to, way);
    let (fresh, queued) = hand.lines.entry((to, way)).or_default();
    if let Some(until) = queued.or(known) {
        return Delivery::Queued { until };
    }
    if sent.len() + (*fresh as usize) < limit.count.max(1) as usize {
        *fresh += 1;
        return Delivery::Owed;
    }
    let first = sent.first().copied().unwrap_or(now);
    let until = first.after(limit.within);
    *queued = Some(until);
    Delivery::Queued { until }
}

/// What is owed for calls that were put behind the first `first` of a page.
pub(super) fn owe(
    hand: &mut Hand<'_>,
    page: PageId,
    first: usize,
    why: &Because,
    stands: &Stands,
    due: Option<Timestamp>,
) {
    let Some(page) = hand.page(page).cloned() else { return };
    let cards = hand.shower();
    for (n, call) in page.calls.iter().enumerate().skip(first) {
        if call.delivery != Delivery::Owed {
            continue;
        }
        let place = place(hand, &page, &call.to).filter(|_| call.way == Way::Mention);
        let card = cards.card(&page, (n, call), why.clone(), stands.clone(), due);
        let calling = Calling {
            calls: vec![(page.id(), u32::try_from(n).unwrap_or(u32::MAX))],
            to: call.to.clone(),
            way: call.way,
            place,
            show: Show::Page(Box::new(card)),
        };
        hand.effects.push(Effect::Page(Box::new(calling)));
    }
}

/// Calls, each by its page and its place there.
type Numbers = Vec<(PageId, u32)>;

/// What had waited and may go out now: of each person and way one message.
pub(super) fn queued(hand: &mut Hand<'_>) {
    /// Longer than this nothing waits, whatever the clock says.
    const LONGEST: std::time::Duration = std::time::Duration::from_secs(24 * 3600);
    let now = hand.now;
    let due =
        hand.state.pages.all_queued().filter(|(_, _, until, _)| *until <= now || *until > now.after(LONGEST));
    let due: Vec<(UserId, Way, Timestamp, Numbers)> =
        due.map(|(to, way, until, calls)| (to, way, until, calls.to_vec())).collect();
    for (to, way, until, mut calls) in due {
        // Whoever is called in this very decision was put behind what waits, and goes out with it.
        calls.extend(hand.waiting(to, way));
        let wanted =
            |hand: &Hand<'_>, (page, call): &(PageId, u32)| hand.page(*page).is_some_and(|p| p.wants(*call));
        let (calls, dropped): (Vec<_>, Vec<_>) = calls.into_iter().partition(|c| wanted(hand, c));
        let cards = hand.shower();
        let shown: Vec<_> = calls
            .iter()
            .filter_map(|(page, call)| {
                let page = hand.page(*page)?;
                let n = *call as usize;
                let call = page.calls.get(n)?;
                // They waited because they were told to: late is only what waits longer than that.
                let due = (until.after(LATE) < now && call.at <= until).then_some(until);
                Some(cards.card(page, (n, call), Because::Again, cards.stands(page), due))
            })
            .collect();
        let target = shown.first().map(|card| card.to.clone());
        hand.events.push(Event::PagesSent(Box::new(PagesSent { to, way, calls: calls.clone(), dropped })));
        let show = message(shown);
        if let Some(to) = target {
            hand.effects.push(Effect::Page(Box::new(Calling { calls, to, way, place: None, show })));
        }
    }
}
