//! What an incident's timeline, report and picture say of its alerts and of what changed.

use std::time::Duration;

use chrono_tz::UTC;
use muster::model::button::{AlertButton, Button};
use muster::model::card::{AlertTurn, What};
use muster::model::ids::GroupId;
use muster::render::{picture, report};

use super::{ENDS, FIRES, alert, changed, labels, sent};
use crate::triage::rig::{Rig, Who};

const ONE: GroupId = GroupId(1);

fn turns(rig: &Rig) -> Vec<AlertTurn> {
    let history = rig.history(1);
    let turn = |what: &What| match what {
        What::Alert { group, turn, .. } if *group == ONE => Some(turn.clone()),
        _ => None,
    };
    history.entries.iter().filter_map(|e| turn(&e.what)).collect()
}

fn changes(rig: &Rig) -> Vec<String> {
    let history = rig.history(1);
    let what = |what: &What| match what {
        What::Changed { mark } => Some(mark.what.clone()),
        _ => None,
    };
    history.entries.iter().filter_map(|e| what(&e.what)).collect()
}

#[test]
fn alerts_of_an_incident_are_lines_from_before_it_to_their_end() {
    let mut rig = Rig::new();
    sent(&mut rig, vec![alert(labels("a"), FIRES)]);
    rig.pass(Duration::from_secs(60));
    rig.press(Who::Lead, Button::Alert(ONE, AlertButton::Open)).expect("opened");
    rig.press(Who::Responder, Button::Alert(ONE, AlertButton::Acknowledge)).expect("taken");
    rig.pass(Duration::from_secs(60));
    sent(&mut rig, vec![alert(labels("b"), FIRES), alert(labels("c"), FIRES)]);
    rig.pass(Duration::from_secs(60));
    sent(&mut rig, vec![alert(labels("b"), ENDS)]);
    rig.pass(Duration::from_secs(60));
    sent(&mut rig, vec![alert(labels("a"), ENDS), alert(labels("c"), ENDS)]);
    let [began, linked, taken, more, one, over] = <[AlertTurn; 6]>::try_from(turns(&rig)).expect("six lines");
    assert!(
        matches!(&began, AlertTurn::Began { count: 1, labels: Some(l) } if l.get("instance") == Some("a"))
    );
    assert_eq!((linked, taken), (AlertTurn::Linked, AlertTurn::Acknowledged));
    assert_eq!(more, AlertTurn::Began { count: 2, labels: None });
    assert!(matches!(&one, AlertTurn::Ended { count: 1, labels: Some(l) } if l.get("instance") == Some("b")));
    assert_eq!(over, AlertTurn::Over);
    let history = rig.history(1);
    let span = history.alerts.first().expect("a bar");
    assert_eq!(span.over.expect("it is over").since(span.from), Duration::from_secs(240));
    let markdown = report::markdown(&history, UTC);
    for words in ["ALR-1", "fires", "is acknowledged by responder", "is over"] {
        assert!(markdown.contains(words), "{words} is not in {markdown}");
    }
    let json: serde_json::Value = serde_json::from_str(&report::json(&history, UTC)).expect("JSON");
    assert_eq!(json["alerts"][0]["alert"], "ALR-1");
    assert_eq!(json["alerts"][0]["over"], "2026-11-21T09:04:00+00:00");
    assert!(
        picture::alt(&history, UTC)
            .contains("Alerts: ALR-1 soundlab answers with errors: over after 4 m 00 s.")
    );
    assert_eq!(history.card.alerts, [ONE]);
}

#[test]
fn what_changed_before_and_during_an_incident_of_its_service_is_in_its_history() {
    let mut rig = Rig::new();
    changed(&mut rig, "long before", "soundlab", 180);
    changed(&mut rig, "shortly before", "soundlab", 20);
    changed(&mut rig, "elsewhere", "nexus", 20);
    let args = [("title", "errors"), ("severity", "P2"), ("service", "soundlab")];
    rig.command(Who::Responder, "incident declare", &args).expect("declared");
    rig.pass(Duration::from_secs(600));
    changed(&mut rig, "during", "soundlab", 1);
    assert_eq!(changes(&rig), ["shortly before", "during"]);
    let history = rig.history(1);
    let json: serde_json::Value = serde_json::from_str(&report::json(&history, UTC)).expect("JSON");
    assert_eq!(json["changes"][0]["what"], "shortly before");
    assert!(report::html(&history, UTC).contains("shortly before"));
    // What came long before stretches no axis: the picture begins with the incident.
    assert!(picture::alt(&history, UTC).contains("from 09:00 to"));
    rig.command(Who::Responder, "incident resolve", &[]).expect("resolved");
    changed(&mut rig, "afterwards", "soundlab", 0);
    assert_eq!(changes(&rig), ["shortly before", "during"]);
}

#[test]
fn an_exercise_has_no_changes_and_a_flood_is_no_flood_of_lines() {
    let mut rig = Rig::new();
    changed(&mut rig, "shortly before", "soundlab", 20);
    let args = [("title", "drill"), ("severity", "P2"), ("service", "soundlab"), ("drill", "true")];
    rig.command(Who::Responder, "incident declare", &args).expect("declared");
    assert!(changes(&rig).is_empty());
    let mut rig = Rig::new();
    sent(&mut rig, vec![alert(labels("a"), FIRES)]);
    rig.press(Who::Lead, Button::Alert(ONE, AlertButton::Open)).expect("opened");
    for n in 0..60 {
        sent(&mut rig, vec![alert(labels(&format!("h{n}")), FIRES)]);
    }
    assert!(turns(&rig).len() <= 42, "{}", turns(&rig).len());
}
