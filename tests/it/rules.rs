//! The house's own rules, held against its source: who may know whom, one clock, every module
//! says why it exists.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// A room, and the rooms that it may use. The same table as in `src/lib.rs`.
const ROOMS: &[(&str, &[&str])] = &[
    ("kit", &[]),
    ("model", &["kit"]),
    ("house", &["kit", "model"]),
    ("core", &["kit", "model"]),
    ("journal", &["kit", "model"]),
    ("engine", &["core", "journal", "model", "kit"]),
    ("render", &["core", "model", "kit"]),
    ("discord", &["engine", "render", "model", "kit"]),
    ("intake", &["engine", "render", "model", "kit"]),
    ("runner", &["engine", "model", "kit"]),
    ("notify", &["engine", "render", "runner", "model", "kit"]),
    ("audit", &["core", "engine", "model", "kit"]),
    ("sandbox", &[]),
    ("simulation", &["core", "engine", "journal", "render", "discord", "model", "kit", "sandbox"]),
    (
        "cli",
        &[
            "kit",
            "model",
            "house",
            "core",
            "journal",
            "engine",
            "render",
            "discord",
            "intake",
            "runner",
            "notify",
            "audit",
            "sandbox",
            "simulation",
        ],
    ),
];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![];
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found
}

/// The lines of a file that are neither comments nor its tests.
fn code(path: &Path) -> Vec<(usize, String)> {
    let text = fs::read_to_string(path).unwrap();
    let before_tests = text.split("#[cfg(test)]").next().unwrap_or("").to_owned();
    let lines = before_tests.lines().enumerate().filter(|(_, l)| !l.trim_start().starts_with("//"));
    lines.map(|(n, l)| (n + 1, l.to_owned())).collect()
}

fn show(path: &Path) -> String {
    path.strip_prefix(source()).unwrap().display().to_string()
}

/// The rooms that a line names: `crate::room`, also in `use crate::{a, b}`.
fn named(line: &str) -> Vec<String> {
    let mut rooms = vec![];
    for (at, _) in line.match_indices("crate::") {
        let rest = &line[at + "crate::".len()..];
        let list = rest.strip_prefix('{').and_then(|r| r.split('}').next());
        let parts: Vec<&str> = list.map_or(vec![rest], |l| l.split(',').collect());
        rooms.extend(
            parts.iter().map(|p| p.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()),
        );
    }
    rooms
}

#[test]
fn every_room_uses_only_those_it_may() {
    let mut wrong = vec![];
    for (room, may) in ROOMS {
        for path in files(&source().join(room)) {
            for (n, line) in code(&path) {
                let strangers = named(&line).into_iter().filter(|r| r != room && !may.contains(&r.as_str()));
                let rooms: BTreeSet<&str> = ROOMS.iter().map(|(r, _)| *r).collect();
                wrong.extend(
                    strangers
                        .filter(|r| rooms.contains(r.as_str()))
                        .map(|r| format!("{}:{n} uses {r}", show(&path))),
                );
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_room_is_in_the_table_and_in_the_map() {
    let map = fs::read_to_string(source().join("lib.rs")).unwrap();
    for entry in fs::read_dir(source()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() && !files(&path).is_empty() {
            assert!(ROOMS.iter().any(|(r, _)| *r == name), "{name} is not in the table");
            assert!(map.contains(&format!("[`{name}`]")), "{name} is not in the map of lib.rs");
        }
    }
}

#[test]
fn no_clock_is_read_outside_kit() {
    let reads = ["Utc::now", "Local::now", "Instant::now", "SystemTime::now"];
    let mut wrong = vec![];
    for path in files(&source()).into_iter().filter(|p| !p.starts_with(source().join("kit"))) {
        for (n, line) in code(&path) {
            if reads.iter().any(|r| line.contains(r)) {
                wrong.push(format!("{}:{n}", show(&path)));
            }
        }
    }
    assert!(wrong.is_empty(), "time is an argument; these read a clock: {wrong:#?}");
}

#[test]
fn nothing_in_core_waits_or_touches_the_world() {
    let worldly = ["async ", ".await", "std::fs", "std::net", "tokio", "reqwest", "getrandom", "rand::"];
    for path in files(&source().join("core")) {
        for (n, line) in code(&path) {
            assert!(!worldly.iter().any(|w| line.contains(w)), "{}:{n}: {line}", show(&path));
        }
    }
}

#[test]
fn every_module_says_why_it_exists() {
    for path in files(&source()) {
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.starts_with("//! "), "{} does not begin with a sentence about itself", show(&path));
    }
}

#[test]
fn a_file_is_one_idea() {
    // One enum, a line or two of words for each of its fields.
    let list = source().join("model/event.rs");
    for path in files(&source()).into_iter().filter(|path| *path != list) {
        let lines = fs::read_to_string(&path).unwrap().lines().count();
        assert!(lines <= 400, "{} has {lines} lines: it is probably two ideas", show(&path));
    }
}

#[test]
fn only_the_sandbox_moves_the_clock_of_a_muster_that_runs() {
    let moves = files(&source())
        .into_iter()
        .filter(|path| !path.starts_with(source().join("kit")))
        .filter(|path| code(path).iter().any(|(_, line)| line.contains("Clock::movable")));
    assert_eq!(moves.map(|path| show(&path)).collect::<Vec<_>>(), ["cli/sandbox.rs"]);
}

#[test]
fn the_page_is_only_in_the_sandbox() {
    for path in files(&source().join("cli")) {
        let name = path.file_name().unwrap().to_str().unwrap();
        let uses = fs::read_to_string(&path).unwrap().contains("crate::sandbox");
        assert!(
            !uses || name == "sandbox.rs",
            "{} may not use the sandbox: `serve` must not be able to",
            show(&path)
        );
    }
}
