//! How much one person is sent: past a limit it waits, visibly, and goes out as one message.

use muster::model::card::Show;
use muster::model::effect::Effect;
use muster::model::ids::PageId;
use muster::model::oncall::Limit;
use muster::model::page::{Delivery, Way};

use super::rig::{FIRST, MINUTE, Rig};

pub(super) fn limited() -> Rig {
    Rig::with(|on| {
        on.people.values_mut().for_each(|p| p.limit = Limit { count: 2, within: 3 * MINUTE });
        on.policies[0].rungs[0].within = 20 * MINUTE;
    })
}

/// What became of the direct message of a page's first call.
fn direct(rig: &Rig, page: u32) -> Delivery {
    let page = &rig.state.pages.all[&PageId(page)];
    page.calls.iter().find(|c| c.way == Way::Direct).expect("they have that way").delivery.clone()
}

#[test]
fn past_the_limit_messages_wait_and_go_out_as_one() {
    let mut rig = limited();
    for _ in 0..5 {
        rig.declare("P1");
        rig.deliver_all();
        rig.now = rig.now.after(std::time::Duration::from_secs(10));
    }
    let until = super::rig::BEGIN.after(3 * MINUTE);
    assert!(matches!(direct(&rig, 2), Delivery::Delivered { .. }));
    for page in 3..=5 {
        assert_eq!(direct(&rig, page), Delivery::Queued { until }, "page {page}");
    }
    // Mentions are where the work is: they never wait.
    let mentions = rig.state.pages.all.values().flat_map(|p| &p.calls).filter(|c| c.way == Way::Mention);
    assert!(mentions.clone().all(|c| matches!(c.delivery, Delivery::Delivered { .. })));
    assert_eq!(mentions.count(), 5);
    rig.pass(3 * MINUTE);
    let bundles: Vec<usize> = rig
        .commits
        .iter()
        .flat_map(|c| &c.effects)
        .filter_map(|e| match (e, e.show()) {
            (Effect::Page(_), Some(Show::Pages(cards))) => Some(cards.len()),
            _ => None,
        })
        .collect();
    assert_eq!(bundles, [3]);
    assert!((3..=5).all(|page| matches!(direct(&rig, page), Delivery::Delivered { .. })));
}

#[test]
fn what_waits_and_is_answered_meanwhile_is_not_sent() {
    let mut rig = limited();
    for _ in 0..4 {
        rig.declare("P1");
        rig.deliver_all();
    }
    for page in 3..=4 {
        let button = muster::model::button::PageButton::Acknowledge;
        rig.press_in(FIRST, page, button, true).expect("they were called");
    }
    rig.pass(4 * MINUTE);
    assert!((3..=4).all(|page| direct(&rig, page) == Delivery::Dropped));
    let bundles = rig.commits.iter().flat_map(|c| &c.effects);
    assert_eq!(bundles.filter(|e| matches!(e.show(), Some(Show::Pages(_)))).count(), 0);
}

#[test]
fn who_is_called_in_the_moment_in_which_what_waited_goes_out_gets_it_with_that() {
    let mut rig = limited();
    // Each is called again just when what waited goes out.
    rig.house.oncall.policies[0].rungs[0].every = Some(3 * MINUTE);
    for _ in 0..4 {
        rig.declare("P1");
        rig.deliver_all();
    }
    rig.pass(3 * MINUTE);
    let again = super::rig::BEGIN.after(3 * MINUTE);
    for page in rig.state.pages.all.values() {
        let last = page.calls.iter().rfind(|c| c.way == Way::Direct).expect("they have that way");
        assert_eq!((last.at, &last.delivery), (again, &Delivery::Delivered { at: again }), "{}", page.id());
    }
    let waits = rig.state.pages.all.values().flat_map(|p| &p.calls);
    let waits = waits.filter(|c| matches!(c.delivery, Delivery::Queued { .. })).count();
    assert_eq!((waits, rig.state.pages.all_queued().count()), (0, 0), "nothing waits any more");
}
