//! Heartbeats: late, failed, back again, and what a restart and new settings mean.

use std::time::Duration;

use muster::core::alerts::beats;
use muster::kit::time::Timestamp;
use muster::model::alert::{Received, Signal};
use muster::model::event::Event;
use muster::model::heartbeat::{Beat, Heartbeat, Ping, Said};
use muster::model::incident::Severity;
use muster::model::input::Input;

use super::{NOW, Rig};

const HOUR: Duration = Duration::from_secs(3600);
const GRACE: Duration = Duration::from_secs(600);

fn job(name: &str) -> Heartbeat {
    Heartbeat {
        name: name.to_owned(),
        uuid: None,
        service: Some("soundfoundry".to_owned()),
        every: HOUR,
        grace: GRACE,
        severity: Severity::P3,
    }
}

fn rig() -> Rig {
    Rig::with(|house| house.settings.alerting.heartbeats = vec![job("backup")])
}

fn ping(rig: &mut Rig, said: Said, body: &str) -> Vec<Event> {
    rig.step(&Input::Ping(Box::new(Ping { heartbeat: "backup".into(), said, body: body.into() })))
}

/// What these events say of the job's alert.
fn alerts(events: &[Event]) -> Vec<Received> {
    let received = events.iter().filter_map(|e| match e {
        Event::AlertsReceived(received) => Some(received),
        _ => None,
    });
    received.flat_map(|r| r.alerts.iter().map(|t| t.alert.clone())).collect()
}

fn late(events: &[Event]) -> bool {
    events.iter().any(|e| matches!(e, Event::Beats(news) if news.what == Beat::Late))
}

fn after(d: Duration) -> Timestamp {
    NOW.after(d)
}

#[test]
fn a_job_that_was_never_heard_is_late_counted_from_when_it_is_waited_for() {
    let mut rig = rig();
    assert!(matches!(&rig.commits[0].events[1], Event::Beats(n) if matches!(n.what, Beat::Expected { .. })));
    let just = after(HOUR + GRACE - Duration::from_millis(1));
    assert!(!late(&rig.until(just)));
    let events = rig.until(after(HOUR + GRACE));
    assert!(late(&events), "{events:?}");
    let alert = &alerts(&events)[0];
    assert_eq!(alert.fingerprint, beats::fingerprint("backup"));
    assert_eq!(alert.labels.get("service"), Some("soundfoundry"));
    assert_eq!(alert.labels.get("severity"), Some("P3"));
    let summary = alert.annotations.get("summary").unwrap();
    assert_eq!(summary, "backup has not said for 1 h 10 m that it ran; it is to run every 1 h 00 m");
    assert!(!late(&rig.until(after(HOUR * 48))), "it is told once");
}

#[test]
fn a_job_that_says_so_in_time_is_not_late_and_one_that_comes_late_ends_its_alert() {
    let mut rig = rig();
    for hour in 1..=24 {
        assert!(!late(&rig.until(after(HOUR * hour))));
        assert_eq!(alerts(&ping(&mut rig, Said::Done, "")), []);
    }
    assert!(late(&rig.until(after(HOUR * 26))));
    let events = ping(&mut rig, Said::Done, "");
    assert_eq!(alerts(&events)[0].signal, Signal::Resolved { at: None });
    assert!(!rig.state.alerts.beats["backup"].late);
    assert_eq!(alerts(&ping(&mut rig, Said::Done, "")), [], "it ended once");
    assert!(late(&rig.until(after(HOUR * 28))), "and it may be late again");
}

#[test]
fn a_job_that_fails_is_an_alert_at_once_with_its_last_lines() {
    let mut rig = rig();
    let lines: Vec<String> = (1..=12).map(|n| format!("line {n}")).collect();
    let events = ping(&mut rig, Said::Failed(Some(3)), &lines.join("\n"));
    let alert = &alerts(&events)[0];
    assert_eq!(alert.annotations.get("summary"), Some("backup failed with exit status 3"));
    let tail = alert.annotations.get("description").unwrap();
    assert!(tail.starts_with("line 3\n") && tail.ends_with("line 12"), "{tail}");
    assert!(!late(&rig.until(after(HOUR * 3))), "its alert fires already");
    assert_eq!(alerts(&ping(&mut rig, Said::Done, ""))[0].signal, Signal::Resolved { at: None });
}

#[test]
fn a_job_that_begins_and_does_not_end_is_late_and_a_log_line_changes_nothing() {
    let mut rig = rig();
    rig.until(after(HOUR / 2));
    ping(&mut rig, Said::Began, "");
    ping(&mut rig, Said::Log, "half of it");
    let events = rig.until(after(HOUR / 2 + GRACE));
    assert!(late(&events));
    assert_eq!(
        alerts(&events)[0].annotations.get("summary"),
        Some("backup began 10 m 00 s ago, and has not said that it is done")
    );
}

#[test]
fn after_a_restart_a_job_has_its_grace_once_more() {
    let mut rig = rig();
    ping(&mut rig, Said::Done, "");
    // Muster was away while the job was due.
    rig.now = after(HOUR * 5);
    rig.step(&Input::Started { version: "1".to_owned() });
    assert!(!late(&rig.until(after(HOUR * 5 + GRACE - Duration::from_millis(1)))));
    assert!(late(&rig.until(after(HOUR * 5 + GRACE))));
}

#[test]
fn new_settings_count_from_the_next_look_and_a_job_that_is_gone_is_forgotten() {
    let mut rig = rig();
    rig.until(after(HOUR));
    rig.house.settings.alerting.heartbeats[0].every = HOUR * 3;
    let events = rig.step(&Input::Wake);
    assert!(
        matches!(&events[0], Event::Beats(n) if n.what == Beat::Expected { every: HOUR * 3, grace: GRACE })
    );
    assert!(!late(&rig.until(after(HOUR * 3))));
    assert!(late(&rig.until(after(HOUR * 3 + GRACE))));
    rig.house.settings.alerting.heartbeats.clear();
    let events = rig.step(&Input::Wake);
    assert_eq!(alerts(&events)[0].signal, Signal::Resolved { at: None }, "nobody can end it any more");
    assert!(rig.state.alerts.beats.is_empty());
    assert_eq!(ping(&mut rig, Said::Done, ""), [], "nobody waits for it");
}
