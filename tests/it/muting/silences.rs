//! Silences: how the state keeps them, and how long they count.

use std::time::Duration;

use muster::core::alerts::mute::{changes, muted};
use muster::core::alerts::silence::take_in;
use muster::core::alerts::state::Alerts;
use muster::kit::time::Timestamp;
use muster::model::alert::Mute;
use muster::model::event::Event;
use muster::model::ids::{SilenceId, UserId};
use muster::model::incident::Stamp;
use muster::model::person::Person;
use muster::model::silence::Silence;

use super::{BEGIN, house, labels, matchers};

fn minutes(n: u64) -> Timestamp {
    BEGIN.after(Duration::from_secs(60 * n))
}

fn person() -> Person {
    Person { id: UserId(1001), name: "responder".to_owned() }
}

fn silence(id: u32, match_: &str, from: Timestamp, until: Timestamp) -> Event {
    Event::SilenceAdded(Box::new(Silence {
        id: SilenceId(id),
        matchers: matchers(match_),
        from,
        until,
        why: "the disk is being exchanged".to_owned(),
        asked: Stamp { at: BEGIN, by: person() },
    }))
}

#[test]
fn a_silence_counts_from_its_beginning_to_its_end_and_for_what_all_its_matchers_mean() {
    let (mut alerts, house) = (Alerts::default(), house());
    take_in(&mut alerts, BEGIN, &silence(3, "service=soundlab,severity!=critical", minutes(10), minutes(20)));
    assert_eq!(alerts.last.silence, SilenceId(3));
    let told = |alerts: &Alerts, text: &str, now| {
        let labels = labels(text);
        muted(alerts, &house, now, labels.fingerprint(), &labels)
    };
    let quiet = Some(Mute::Silence(SilenceId(3)));
    assert_eq!(told(&alerts, "service=soundlab", minutes(9)), None);
    assert_eq!(changes(&alerts, &house, BEGIN), Some(minutes(10)));
    assert_eq!(told(&alerts, "service=soundlab", minutes(10)), quiet);
    assert_eq!(told(&alerts, "service=soundlab,severity=critical", minutes(10)), None);
    assert_eq!(told(&alerts, "service=nexus", minutes(10)), None);
    assert_eq!(changes(&alerts, &house, minutes(10)), Some(minutes(20)));
    assert_eq!(told(&alerts, "service=soundlab", minutes(20)), None);
    assert_eq!(changes(&alerts, &house, minutes(20)), None);
    let ended = Event::SilenceEnded { silence: SilenceId(3), by: person() };
    take_in(&mut alerts, minutes(12), &ended);
    assert_eq!(told(&alerts, "service=soundlab", minutes(12)), None, "somebody ended it");
    assert_eq!(alerts.silences[&SilenceId(3)].until, minutes(12));
    take_in(&mut alerts, minutes(30), &ended);
    assert_eq!(alerts.silences[&SilenceId(3)].until, minutes(12), "once is enough");
}

#[test]
fn a_silence_without_matchers_means_nothing_at_all() {
    let (mut alerts, house) = (Alerts::default(), house());
    let Event::SilenceAdded(mut none) = silence(1, "a=b", BEGIN, minutes(60)) else { unreachable!() };
    none.matchers.clear();
    take_in(&mut alerts, BEGIN, &Event::SilenceAdded(none));
    let labels = labels("service=soundlab");
    assert_eq!(muted(&alerts, &house, minutes(1), labels.fingerprint(), &labels), None);
}

#[test]
fn those_that_are_over_are_not_kept_for_ever_and_those_that_count_are() {
    let mut alerts = Alerts::default();
    take_in(&mut alerts, BEGIN, &silence(1, "a=b", BEGIN, minutes(10_000)));
    for n in 2..400_u32 {
        let at = minutes(u64::from(n) * 2);
        take_in(&mut alerts, at, &silence(n, "a=b", at, at.after(Duration::from_secs(60))));
    }
    assert!(alerts.silences.contains_key(&SilenceId(1)), "it still counts");
    assert!(alerts.silences.contains_key(&SilenceId(399)) && !alerts.silences.contains_key(&SilenceId(2)));
    assert!(alerts.silences.len() <= 102, "{}", alerts.silences.len());
    assert_eq!(alerts.last.silence, SilenceId(399));
}
