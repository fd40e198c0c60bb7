//! Which playbooks are named for which words: those of the five services, by their symptoms.

use muster::core::triage::fit::playbooks;
use muster::house;
use muster::model::incident::Severity;

/// What somebody says, of which service, and what comes first.
const FITS: [(&str, Option<&str>, &str); 19] = [
    // NX-8
    ("tracks don't play, the spinner stays", None, "nexus audio"),
    ("The AI panel gives no answers", None, "nexus ai-panel"),
    ("cinema stream doesn't start", None, "nexus cinema"),
    ("we see many 500s", Some("nexus"), "nexus errors"),
    ("exceptions everywhere, high error rate", None, "nexus errors"),
    ("pages are terribly sluggish", Some("nexus"), "nexus slow"),
    // SL-7 to SL-10
    ("soundlab is down", Some("soundlab"), "soundlab outage"),
    ("Total outage!", None, "soundlab outage"),
    ("memory keeps growing until it is killed", Some("soundlab"), "soundlab memory-leak"),
    ("websocket connection storm", None, "soundlab storm"),
    ("presets look corrupted", None, "soundlab corruption"),
    // SC-11 to SC-14
    ("Scope is offline", None, "soundscape scope-offline"),
    ("proxy answers with write errors", None, "soundscape proxy-write-errors"),
    ("connected, but no frames", None, "soundscape no-frames"),
    ("severe degradation, frames are dropped", None, "soundscape degradation"),
    // AS-7
    ("compositions time out: timeout after 30s", None, "astradio timeout"),
    ("real people hit the rate limit", None, "astradio rate-limit"),
    ("CSRF failures at login", None, "astradio csrf"),
    ("the visual engine does not load", None, "astradio visual"),
];

fn named(what: &str, service: Option<&str>) -> Vec<String> {
    let house = house::sandbox("http://127.0.0.1:1").unwrap();
    let found = playbooks(&house, service, what, Severity::P2);
    for p in &found {
        assert!(!p.words.is_empty(), "{what}: {p:?} does not say why");
        assert!(p.words.iter().all(|w| what.to_lowercase().contains(w)), "{what}: {p:?}");
        assert!(house.runbooks[&p.service].actions.contains_key(&p.action), "`/runbook` knows it");
    }
    found.iter().map(|p| format!("{} {}", p.service, p.action)).collect()
}

#[test]
fn every_playbook_of_the_five_is_found_by_its_symptoms() {
    let wrong: Vec<String> = FITS
        .iter()
        .map(|(what, service, first)| (what, first, named(what, *service)))
        .filter(|(_, first, found)| found.first().is_none_or(|f| f != *first))
        .map(|(what, first, found)| format!("{what}: {found:?}, and not {first}"))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn never_more_than_three_never_another_service_and_often_none() {
    let all = "error memory stream frames visual csrf limit offline slow corrupt audio deploy backup";
    assert_eq!(named(all, None).len(), 3);
    assert!(named(all, Some("soundlab")).iter().all(|p| p.starts_with("soundlab ")));
    for nothing in ["", "it does not work", "!!! \u{1f525}", "soundlab", "the and for with", "é"] {
        assert_eq!(named(nothing, None), [""; 0], "{nothing}");
    }
    assert_eq!(named("anything at all", Some("no-such-service")), [""; 0]);
}

#[test]
fn what_comes_round_and_the_health_check_are_no_playbooks() {
    let house = house::sandbox("http://127.0.0.1:1").unwrap();
    let all: String =
        house.runbooks.values().flat_map(|b| &b.sections).map(|s| format!("{} ", s.title)).collect();
    for word in all.split_whitespace() {
        for p in playbooks(&house, None, &format!("{word} {all}"), Severity::P1) {
            let action = &house.runbooks[&p.service].actions[&p.action];
            assert!(p.action != "health" && action.schedule.is_none(), "{p:?}");
        }
    }
}
