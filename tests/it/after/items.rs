//! Action items: what is still to be done, and who is reminded of it when.

use chrono::{DateTime, NaiveDate};
use muster::core;
use muster::kit::time::Timestamp;
use muster::model::card::Show;
use muster::model::effect::{Effect, Place};
use muster::model::ids::{ActionId, IncidentId, UserId};
use muster::model::report::{ActionState, AfterForm};

use super::rig::{DAY, MINUTE, Rig, Who, refused, said};

fn at(text: &str) -> Timestamp {
    Timestamp(DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis())
}

/// Every call so far about an action item: where, whom, and what it says.
fn calls(rig: &Rig) -> Vec<(Place, Vec<UserId>, String)> {
    let call = |e: &Effect| match e {
        Effect::Say { place, show: Show::Call { people, text, .. } } if text.contains("ACT-") => {
            Some((*place, people.clone(), text.clone()))
        }
        _ => None,
    };
    rig.effects().filter_map(call).collect()
}

#[test]
fn an_owner_is_reminded_on_the_morning_and_every_week_until_it_is_ticked() {
    let mut rig = Rig::resolved("P2");
    let text = said(rig.add("watch disks", Some(Who::Lead), "2026-11-23"));
    assert!(text.contains("lead is reminded on 2026-11-23"), "{text}");
    // Nine o'clock in Berlin.
    let morning = at("2026-11-23T08:00:00Z");
    assert_eq!(core::next_wakeup(&rig.state), Some(morning));
    rig.now = Timestamp(morning.0 - 1);
    rig.wake();
    assert_eq!(calls(&rig), []);
    rig.now = morning;
    rig.wake();
    let (place, people, text) = calls(&rig).pop().unwrap();
    assert_eq!((place, people), (Place::Thread(IncidentId(1)), vec![Who::Lead.person().id]));
    assert!(text.starts_with("**ACT-1** of **INC-1** is due today: watch disks."), "{text}");
    rig.wake();
    assert_eq!(calls(&rig).len(), 1, "once is enough");
    rig.now = at("2026-11-30T08:00:00Z");
    rig.wake();
    assert_eq!(calls(&rig).len(), 2);
    assert!(calls(&rig)[1].2.contains("was due on 2026-11-23"), "{:?}", calls(&rig));
    rig.command(Who::Responder, "action done", &[("item", "ACT-1")]).unwrap();
    assert_eq!(core::next_wakeup(&rig.state), None);
    assert!(refused(rig.command(Who::Responder, "action done", &[("item", "1")])).contains("already"));
}

#[test]
fn whoever_was_away_for_weeks_is_reminded_once() {
    let mut rig = Rig::resolved("P2");
    rig.add("watch disks", Some(Who::Lead), "tomorrow").unwrap();
    rig.now.0 += 100 * DAY;
    rig.wake();
    rig.wake();
    assert_eq!(calls(&rig).len(), 1);
    let next = core::next_wakeup(&rig.state).unwrap();
    assert!(next > rig.now && next.0 <= rig.now.0 + 7 * DAY, "{next}");
}

#[test]
fn a_reminder_comes_at_nine_by_the_wall_also_when_clocks_are_changed() {
    let mut rig = Rig::resolved("P2");
    // Berlin's clocks go forward on 2027-03-28.
    rig.add("watch disks", Some(Who::Lead), "2027-03-22").unwrap();
    rig.now = at("2027-03-22T08:00:00Z");
    rig.wake();
    assert_eq!(calls(&rig).len(), 1);
    assert_eq!(core::next_wakeup(&rig.state), Some(at("2027-03-29T07:00:00Z")));
}

#[test]
fn an_exercise_calls_nobody_and_a_merged_incident_is_followed_to_where_people_are() {
    let mut rig = Rig::resolved("P2");
    rig.add("watch disks", Some(Who::Lead), "tomorrow").unwrap();
    rig.command(Who::Lead, "incident reopen", &[("incident", "INC-1")]).unwrap();
    rig.command(Who::Lead, "incident declare", &[("title", "the same"), ("severity", "P4")]).unwrap();
    rig.command(Who::Lead, "incident merge", &[("incident", "INC-1"), ("into", "INC-2")]).unwrap();
    rig.now.0 += 2 * DAY;
    rig.wake();
    assert_eq!(calls(&rig)[0].0, Place::Thread(IncidentId(2)));
    assert!(refused(rig.add("more", None, "")).contains("part of **INC-2**"));
    for incident in rig.state.incidents.values_mut() {
        incident.drill = true;
    }
    let outcome = core::step(
        &rig.state,
        &rig.house,
        Timestamp(rig.now.0 + 7 * DAY),
        &muster::model::input::Input::Wake,
    )
    .unwrap();
    let called: Vec<_> = outcome
        .effects
        .iter()
        .filter_map(|e| match e.show() {
            Some(Show::Call { people, text, .. }) if text.contains("ACT-1") => Some(people.len()),
            _ => None,
        })
        .collect();
    assert_eq!(called, [0]);
}

#[test]
fn an_incident_has_at_most_fifty() {
    let mut rig = Rig::resolved("P2");
    for n in 0..50 {
        rig.add(&format!("item {n}"), None, "").unwrap();
    }
    assert!(refused(rig.add("one more", None, "")).contains("has had 50 action items"));
    assert_eq!(rig.state.actions.len(), 50);
}

#[test]
fn the_form_knows_the_people_of_the_incident_and_gives_back_what_it_cannot_keep() {
    let mut rig = Rig::resolved("P2");
    let fields = |owner, due| [("what", "watch disks"), ("owner", owner), ("due", due)];
    rig.submit(Who::Lead, AfterForm::AddAction, &fields("Responder", "friday")).unwrap();
    let item = &rig.state.actions[&ActionId(1)];
    assert_eq!(item.owner, Some(Who::Responder.person()));
    assert_eq!(item.due.as_ref().map(|d| d.day), NaiveDate::from_ymd_opt(2026, 11, 27));
    rig.submit(Who::Lead, AfterForm::AddAction, &fields("me", "")).unwrap();
    assert_eq!(rig.state.actions[&ActionId(2)].owner, Some(Who::Lead.person()));
    let why = refused(rig.submit(Who::Lead, AfterForm::AddAction, &fields("@everyone", "friday")));
    assert!(why.contains("nobody that INC-1 knows") && why.contains("watch disks"), "{why}");
    assert!(!why.contains(" @everyone"), "{why}");
    let why = refused(rig.submit(Who::Lead, AfterForm::AddAction, &fields("me", "yesterday")));
    assert!(why.contains("is no day: write 2026-12-01") && why.contains("watch disks"), "{why}");
    let why = refused(rig.add("watch disks", None, "2026-11-20"));
    assert!(why.contains("2026-11-20 is over; today is 2026-11-21"), "{why}");
    assert!(refused(rig.add("\u{200b}", None, "")).contains("no visible character"));
}

#[test]
fn one_that_is_dropped_says_why_and_stays_in_the_report() {
    let mut rig = Rig::resolved("P2");
    rig.add("watch disks", None, "").unwrap();
    assert!(refused(rig.command(Who::Lead, "action drop", &[("item", "ACT-1")])).contains("needs `why`"));
    let why = [("item", "ACT-1"), ("why", "the disk is gone")];
    rig.command(Who::Lead, "action drop", &why).unwrap();
    assert!(rig.state.actions.is_empty());
    let h = rig.history();
    assert!(matches!(&h.actions[0].state, ActionState::Dropped { why, .. } if why == "the disk is gone"));
    assert!(
        refused(rig.command(Who::Lead, "action done", &[("item", "ACT-9")])).contains("There is no ACT-9")
    );
}

#[test]
fn an_item_stays_when_its_incident_is_put_away() {
    let mut rig = Rig::resolved("P2");
    rig.add("watch disks", Some(Who::Lead), "in 2 days").unwrap();
    rig.now.0 += MINUTE;
    rig.command(Who::Lead, "incident close", &[("incident", "INC-1")]).unwrap();
    assert!(refused(rig.add("more", None, "")).contains("INC-1 is closed"));
    rig.now.0 += 3 * DAY;
    rig.wake();
    assert_eq!(calls(&rig).len(), 1);
    rig.command(Who::Lead, "action done", &[("item", "ACT-1")]).unwrap();
}
