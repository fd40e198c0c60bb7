//! `tests/rows.toml` holds every row, and nothing that is not so.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

/// What a row says of itself.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    test: Option<String>,
    later: Option<String>,
}

/// The services' letters, their runbooks, and how many rows each has.
const SERVICES: [(&str, &str, u32); 5] = [
    ("SC", "soundscape", 16),
    ("SF", "soundfoundry", 21),
    ("SL", "soundlab", 15),
    ("NX", "nexus", 11),
    ("AS", "astradio", 12),
];

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

fn rows() -> BTreeMap<String, Row> {
    toml::from_str(&read("tests/rows.toml")).unwrap()
}

/// Whether a text has a word, and not only as the beginning of a longer one.
fn says(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| !text[at + word.len()..].starts_with(|c: char| c.is_ascii_digit()))
}

#[test]
fn every_row_has_its_proof_or_a_reason() {
    let wanted: BTreeSet<String> =
        SERVICES.iter().flat_map(|(id, _, count)| (1..=*count).map(move |n| format!("{id}-{n}"))).collect();
    let rows = rows();
    assert_eq!(rows.keys().cloned().collect::<BTreeSet<_>>(), wanted);
    for (id, row) in rows {
        let reason = row.later.as_ref().is_some_and(|why| why.len() > 10);
        assert!(row.test.is_some() != reason, "{id} has neither a test nor a reason, or both");
    }
}

#[test]
fn every_proof_that_is_named_is_there_and_every_proof_is_named() {
    let (mut named, mut there) = (BTreeSet::new(), BTreeSet::new());
    for (id, row) in rows() {
        for test in row.test.iter().flat_map(|t| t.split(", ")) {
            let own = id.to_lowercase().replace('-', "_");
            let name = test.rsplit("::").next().unwrap();
            assert!(
                name == own || name.starts_with(&format!("{own}_")),
                "{test} is no name for a proof of {id}"
            );
            named.insert(test.to_owned());
        }
    }
    for (_, service, _) in SERVICES {
        let source = read(&format!("tests/it/rows/{service}.rs"));
        let lines: Vec<&str> = source.lines().collect();
        for pair in lines.windows(2).filter(|pair| pair[0].starts_with("#[tokio::test")) {
            let name = pair[1].strip_prefix("async fn ").and_then(|l| l.split_once('(')).unwrap().0;
            there.insert(format!("rows::{service}::{name}"));
        }
    }
    assert_eq!(named, there);
}

#[test]
fn every_row_stands_in_its_runbook() {
    for (id, service, count) in SERVICES {
        let book = read(&format!("runbooks/{service}.md"));
        let missing: Vec<String> =
            (1..=count).map(|n| format!("{id}-{n}")).filter(|id| !says(&book, id)).collect();
        assert_eq!(missing, [""; 0], "not in {service}.md");
    }
}
