//! An incident is opened for alerts whose page somebody answered: they are on it already.

use muster::model::alert::{Batch, Received, Signal};
use muster::model::alerting::Alerting;
use muster::model::button::{AlertButton, Button, PageButton};
use muster::model::ids::{ChannelId, GroupId, PageId};
use muster::model::input::Input;
use muster::model::labels::Labels;
use muster::model::page::{Ended, PageNews, Standing};
use muster::model::policy::Until;

use super::rig::{FIRST, MINUTE, Rig, SECOND};

/// An alert of which people are told, and for which no incident is opened by itself.
fn fires() -> Rig {
    let mut rig = Rig::with(|on| on.policies[0].until = Until::Resolved);
    rig.house.settings.alerting = Alerting::default();
    rig.house.settings.alerting.root.opens = vec![];
    let labels = Labels::new([("alertname", "Down"), ("severity", "critical")]);
    let (fingerprint, annotations) = (labels.fingerprint(), Labels::default());
    let signal = Signal::Firing { since: None, until: None };
    let alerts = vec![Received { fingerprint, labels, annotations, link: None, signal }];
    rig.step(&Input::Alerts(Box::new(Batch { source: "prometheus".to_owned(), alerts, ..Batch::default() })));
    rig.deliver_all();
    assert_eq!(rig.paged().len(), 1, "the first is called for the alert");
    rig
}

#[test]
fn whoever_is_called_first_is_led_to_where_the_work_will_be() {
    let link = |rig: &Rig, to: ChannelId| {
        let direct = rig.cards().into_iter().filter(|(edit, card)| !edit && card.link.is_some());
        let links: Vec<_> = direct.filter_map(|(_, card)| card.link).collect();
        let guild = rig.house.settings.guild;
        assert_eq!(links.last(), Some(&format!("https://discord.com/channels/{guild}/{to}")), "{links:?}");
    };
    let mut rig = fires();
    link(&rig, rig.house.settings.channels.alerts);
    // The incident and its page are of one decision: there is no thread yet.
    rig.click(100, Button::Alert(GroupId(1), AlertButton::Open)).expect("a responder may");
    link(&rig, rig.house.settings.channels.incidents);
}

#[test]
fn whoever_answered_an_alerts_page_is_not_called_again_for_its_incident() {
    let mut rig = fires();
    rig.press(FIRST, PageButton::Acknowledge).expect("they were called");
    rig.click(100, Button::Alert(GroupId(1), AlertButton::Open)).expect("a responder may");
    assert_eq!(rig.paged().len(), 1, "nobody is called: {:?}", rig.paged());
    let page = |id| &rig.state.pages.all[&PageId(id)];
    assert!(matches!(&page(2).standing, Standing::Acknowledged { by, .. } if by.by.id.0 == FIRST));
    assert!(matches!(page(1).standing, Standing::Over { why: Ended::Elsewhere(PageId(2)), .. }));
    // Its time runs all the same: the next hears of what is not resolved.
    rig.pass(4 * MINUTE);
    assert_eq!(rig.paged().len(), 1);
    rig.pass(MINUTE);
    assert_eq!(rig.paged().last().map(|p| p.1.clone()), Some(vec![SECOND]));
}

#[test]
fn whoever_answers_an_alerts_page_has_taken_the_alert() {
    let mut rig = fires();
    let taken = |rig: &Rig| rig.state.alerts.groups[&GroupId(1)].acknowledged.clone().map(|who| who.by.id.0);
    let answers =
        |rig: &Rig| rig.news().iter().filter(|n| matches!(n, PageNews::Acknowledged { .. })).count();
    assert_eq!(taken(&rig), None);
    rig.press(FIRST, PageButton::Acknowledge).expect("they were called");
    assert_eq!((taken(&rig), answers(&rig)), (Some(FIRST), 1), "one click is one answer");
    assert!(rig.press(SECOND, PageButton::Acknowledge).is_err(), "the first was faster");
    // The first shows no sign of work: whoever is called then, and answers, has it.
    while matches!(rig.standing(), Standing::Acknowledged { .. }) {
        rig.pass(MINUTE);
    }
    rig.press(SECOND, PageButton::Acknowledge).expect("it wants an answer again");
    assert_eq!((taken(&rig), answers(&rig)), (Some(SECOND), 2));
    assert!(matches!(rig.standing(), Standing::Acknowledged { by, .. } if by.by.id.0 == SECOND));
    // It is the first's again, who had it before.
    rig.press(SECOND, PageButton::Cannot).expect("they were called");
    rig.press(FIRST, PageButton::Acknowledge).expect("they were called");
    rig.press(FIRST, PageButton::Cannot).expect("they were called");
    assert_eq!((taken(&rig), answers(&rig)), (Some(FIRST), 3));
}

#[test]
fn help_that_they_ask_for_begins_with_the_first() {
    let mut rig = fires();
    rig.press(100, PageButton::Acknowledge).expect("a responder may");
    rig.click(100, Button::Alert(GroupId(1), AlertButton::Open)).expect("a responder may");
    rig.press_in(100, 2, PageButton::Escalate, true).expect("a responder may");
    assert_eq!(rig.paged().last().map(|p| p.1.clone()), Some(vec![FIRST]));
}

#[test]
fn where_nobody_has_answered_the_incident_calls_from_the_first_on() {
    let mut rig = fires();
    rig.click(100, Button::Alert(GroupId(1), AlertButton::Open)).expect("a responder may");
    assert_eq!(rig.paged().len(), 2);
    assert!(matches!(rig.state.pages.all[&PageId(2)].standing, Standing::Climbing { .. }));
}
