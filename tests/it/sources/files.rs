//! `sources/*.toml`: a team's own mappings, and every way to get them wrong.

use muster::kit::time::Timestamp;
use muster::model::alert::Signal;

use super::{NOW, mapped};
use crate::house::{SMALL, Team};

/// What a team writes for a service that posts a cover when it is saved (SF-20).
const COVERS: &str = r#"called = "soundfoundry"
information = true
title = "Cover saved: {$.track}"
by = "$.user"
service = "soundfoundry"
link = "$.address"
"#;

#[test]
fn a_saved_cover_is_a_card_that_needs_no_end() {
    let team = Team::small("sources/covers.toml", COVERS);
    let house = team.load().unwrap();
    let body =
        br#"{"track": "Track 17", "user": "listener", "address": "https://covers.example.test/17.png"}"#;
    let read = mapped(&house, "covers", body, &[]).unwrap();
    assert!(read.batch.alerts.is_empty() && read.missed.is_empty(), "{read:?}");
    let mark = &read.batch.marks[0];
    assert_eq!((mark.what.as_str(), mark.by.as_deref()), ("Cover saved: Track 17", Some("listener")));
    assert!(mark.post && mark.link.as_ref().unwrap().url == "https://covers.example.test/17.png");
}

#[test]
fn lists_words_patterns_and_times_are_read_as_the_file_says() {
    let file = r#"
each = "$.problems[*]"
key = "{whole $.host}/{$.id}"
title = ["$.text", "{{{$.id} without a text"]
severity = "$.level"
service = { from = "$.tags", like = "svc=([a-z]+)" }
lasts = "30m"
ends = "$.until"
receipt = "{header X-Delivery}"

[status]
value = "$.state"
firing = ["bad*"]
resolved = ["good"]
acknowledged = ["seen"]

[severities]
"1*" = "P1"
"*" = "P4"

[services]
lab = "soundlab"

[labels]
host = "{whole $.host}"
"#;
    let team = Team::small("sources/own.toml", file);
    let house = team.load().unwrap();
    let body = br#"{"host": "h1", "problems": [
        {"id": 1, "text": "one", "level": 17, "tags": ["a", "svc=lab"], "state": "BAD-ish"},
        {"id": 2, "level": "low", "state": "good", "until": "2026-11-21T08:00:00Z"},
        {"id": 3, "state": "seen", "text": "three"},
        {"id": 4, "text": "four", "state": "bad", "until": "2026-11-21T08:59:00Z"}
    ]}"#;
    let read = mapped(&house, "own", body, &[]).unwrap();
    let alerts = &read.batch.alerts;
    let until = NOW.after(std::time::Duration::from_secs(1800));
    assert_eq!(alerts[0].signal, Signal::Firing { since: None, until: Some(until) });
    assert_eq!(
        alerts[0].labels.to_string(),
        r#"{alertname="one", host="h1", service="soundlab", severity="P1"}"#
    );
    assert_eq!(alerts[1].signal, Signal::Resolved { at: Some(Timestamp(1_795_248_000_000)) });
    assert_eq!(alerts[1].annotations.get("summary"), Some("{2 without a text"));
    assert_eq!(alerts[1].labels.get("severity"), Some("P4"));
    assert_eq!(alerts[2].signal, Signal::Acknowledged);
    // What says that it fires, and that it ended before now, is over.
    assert_eq!(alerts[3].signal, Signal::Resolved { at: Some(Timestamp(1_795_251_540_000)) });
    let empty = mapped(&house, "own", br#"{"host": "h1"}"#, &[]).unwrap_err();
    assert_eq!(empty[0].to_string(), "`each` ($.problems[*]): nothing is there");
}

#[test]
fn a_teams_own_file_takes_the_place_of_a_built_in_one() {
    let team = Team::small("sources/sentry.toml", "called = \"ours\"\ntitle = \"$.x\"\n");
    let house = team.load().unwrap();
    assert_eq!(house.sources["sentry"].called, "ours");
    assert_eq!(house.sources["datadog"].called, "Datadog");
}

#[test]
fn another_folder_can_be_named_and_must_be_there() {
    let settings = format!("{SMALL}[folders]\nsources = \"from\"\n");
    let team = Team::with(&[("muster.toml", &settings), ("from/own.toml", "title = \"$.x\"\n")]);
    assert!(team.load().unwrap().sources.contains_key("own"));
    let team = Team::with(&[("muster.toml", &settings)]);
    assert!(team.wrong()[0].starts_with("muster.toml:13: the folder"), "{:?}", team.wrong());
}

#[test]
fn every_mistake_is_told_with_its_line() {
    let file = r#"called = 7
title = "$.a["
key = "{$.b"
severity = "{b}"
service = { from = "$.t" }
link = { from = "$.t", like = "(" }
starts = []
ends = [["$.x"]]
lasts = "soon"
each = "x"
secret = ["header", "cookie x"]
nonsense = 1

[status]
value = "$.s"

[severities]
a = ["b"]

[labels]
"" = "x"

[[ignore-when]]
is = ["x"]

[[ignore-when]]
value = "$.x"

[[information-when]]
value = "$.x"
missing = true
is = ["x"]
"#;
    let team = Team::small("sources/Own.toml", file);
    let wrong = team.wrong();
    let told = |line: usize, words: &str| {
        let at = format!("sources/Own.toml:{line}: ");
        let found = wrong.iter().any(|w| w.starts_with(&at) && w.contains(words));
        assert!(found, "{at}{words} in {wrong:#?}");
    };
    told(1, "cannot be a source's name");
    told(1, "`called` is a bare value, not text");
    told(2, "no JSONPath");
    told(3, "does not end");
    told(4, "looks at nothing");
    told(5, "needs both");
    told(6, "no pattern");
    told(7, "empty list");
    told(8, "a list in a list");
    told(9, "no duration");
    told(10, "no JSONPath");
    told(11, "no place for a secret");
    told(12, "no key `nonsense`");
    told(14, "when something fires");
    told(18, "not text");
    told(21, "this is no name");
    told(23, "looks at nothing");
    told(26, "does not say what it is about");
    told(29, "does not say what it is about");
    let none = Team::small("sources/own.toml", "key = \"$.a\"\n");
    assert_eq!(none.wrong(), ["sources/own.toml:1: the file has no `title`"]);
}

#[test]
fn a_source_that_no_file_describes_is_told_where_it_is_named() {
    let own = "[intake]\nlisten = \"127.0.0.1:0\"\n[[intake.sources]]\nname = \"errors\"\nkind = \"mapping sentri\"\nopen = true\n";
    let team = Team::with(&[("muster.toml", &format!("{SMALL}{own}"))]);
    assert_eq!(team.wrong(), ["muster.toml:12: there is no mapping `sentri`"]);
    let right = own.replace("sentri", "sentry");
    assert!(Team::with(&[("muster.toml", &format!("{SMALL}{right}"))]).load().is_ok());
    let services =
        format!("{SMALL}{right}[intake.services]\n\"team/lab\" = \"soundlab\"\nother = \"No Name\"\n");
    let team = Team::with(&[("muster.toml", &services)]);
    assert!(
        team.wrong()[0].ends_with("what stands behind `other` is no service's name"),
        "{:?}",
        team.wrong()
    );
}
