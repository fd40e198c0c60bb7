//! `muster import`: ugly Markdown as teams really have it, what it becomes, and its copy.

use std::path::Path;
use std::process::{Command, Output};

use chrono::NaiveDate;
use muster::house::import::Proposal;
use muster::house::{self, Problem};
use serde_json::Value;

use super::{SMALL, Team};

/// A runbook as it is found: CRLF, tabs, HTML, a table, two headings of one name, lists in lists,
/// a fence that is never closed.
const UGLY: &str = "Ops notes\r\n=========\r\n\r\n<details><summary>old</summary>\r\n\r\n</details>\r\n\r\n\
## 1. Service is DOWN!!\r\n\r\n* Look:\r\n\t1. is it up?\r\n\t\t```bash\r\n\t\tdocker ps | grep app\r\n\t\t```\r\n\t2. is the disk full\r\n\r\n\
- [ ] tell people\r\n- [x] breathe\r\n\r\n### Fix\r\n\r\n```sh\r\ncd /srv\r\nsystemctl restart $SERVICE\r\n```\r\n\r\n\
```bash\r\ncurl -s localhost:8000/healthz\r\n```\r\n\r\n## Logs\r\n\r\n```\r\nsome output\r\n```\r\n\r\n```sh\r\ndocker logs -f app\r\n```\r\n\r\n\
```sh\r\n$ ls\r\n```\r\n\r\n```sh\r\nssh <host>\r\n```\r\n\r\n### Fix\r\n\r\n| a | b |\r\n|---|---|\r\n| 1. | - [ ] no step |\r\n\r\n\
## Health\r\n\r\n1. look\r\n\r\n## \u{1f525}\r\n\r\n1. run\r\n\r\n~~~sh\r\nthe rest is in here\r\n## not a heading\r\n";

fn import(text: &str) -> house::import::Import {
    house::import::import("docs/Ops Notes.md", text.as_bytes().to_vec(), None)
        .unwrap_or_else(|p| panic!("{p:#?}"))
}

fn refused(file: &str, bytes: &[u8]) -> Vec<String> {
    let problems = house::import::import(file, bytes.to_vec(), None).expect_err("it cannot be read");
    problems.iter().map(Problem::to_string).collect()
}

/// What `muster check` says of a copy in its place.
fn checked(service: &str, copy: &str) -> Vec<String> {
    let team = Team::with(&[("muster.toml", SMALL), (&format!("runbooks/{service}.md"), copy)]);
    let today = NaiveDate::from_ymd_opt(2026, 6, 1).unwrap();
    let problems = house::check(&team.path("muster.toml"), today);
    team.told(problems.into_iter().filter(Problem::fails).collect())
}

#[test]
fn every_section_says_what_it_becomes() {
    let found = import(UGLY);
    assert_eq!((found.title.as_str(), found.service.as_str()), ("Ops notes", "ops-notes"));
    let told: Vec<String> = found
        .sections
        .iter()
        .map(|s| {
            let action = s.action.as_deref().unwrap_or("-");
            format!("{} {} {action} {}/{}/{}", s.line, s.anchor, s.tasks, s.numbered, s.fences)
        })
        .collect();
    assert_eq!(
        told,
        [
            "1 ops-notes - 0/0/0",
            "8 1-service-is-down 1-service-is-down 2/2/1",
            "20 fix - 0/0/2",
            "31 logs logs 0/0/4",
            "49 fix-1 - 0/0/0",
            "55 health guide-health 0/1/0",
            "59  - 0/1/1",
        ]
    );
}

#[test]
fn what_could_run_is_proposed_and_what_could_not_is_left() {
    let found = import(UGLY);
    let told: Vec<String> = found
        .candidates
        .iter()
        .map(|c| match &c.proposal {
            Proposal::Name { info, env } => format!("{} {info} {env:?}", c.line),
            Proposal::Http(fence) => format!("{} {fence}", c.line),
        })
        .collect();
    assert_eq!(
        told,
        [
            "12 bash {name=1-service-is-down} []",
            "22 sh {name=fix} [\"SERVICE\"]",
            "28 ```http {name=fix-check}\nGET http://localhost:8000/healthz\nHTTP 200\n```",
        ]
    );
    for (bad, why) in [
        ("tail -f x", "endless"),
        ("vi x", "a keyboard"),
        ("echo 'x", "a quote is open"),
        ("a |", "a pipe is open"),
        ("ssh <host> ls", "a placeholder"),
        ("cp A YOUR_FILE", "a placeholder"),
        ("$ ls", "a prompt"),
        ("ls\n...", "an ellipsis"),
        ("# only words", "nothing to run"),
    ] {
        assert!(import(&format!("# T\n```sh\n{bad}\n```\n")).candidates.is_empty(), "{bad}: {why}");
    }
    for bad in ["curl -X POST localhost/a", "curl -d x localhost", "curl \"$URL\"", "curl a b"] {
        let found = import(&format!("# T\n```console\n{bad}\n```\n"));
        assert!(found.candidates.is_empty(), "{bad}");
    }
}

#[test]
fn what_is_wrong_has_its_line_and_is_a_note() {
    let found = import(UGLY);
    let told: Vec<String> =
        found.findings.iter().map(|p| format!("{} {}", p.line, p.rule.unwrap_or_default())).collect();
    assert_eq!(
        told,
        ["13 pipe-grep", "24 unquoted", "28 curl-fail", "38 endless", "46 placeholder", "63 unclosed"]
    );
    assert!(found.findings.iter().all(|p| !p.fails()));
}

#[test]
fn the_copy_is_the_same_bytes_below_front_matter_and_passes_the_check_and_runs_nothing() {
    let foreign = "---\ntitle: Ops\ntags: [a, b]\n---\n# Ops\n\n## Do\n\n1. x\n";
    let bom = format!("\u{feff}{UGLY}");
    let rule = "---\n\n# Ops\n\n---\n\n## Do it\n1. x\n";
    let long =
        format!("# T\n\n## {}\n\n1. x\n\n## {}\n\n1. y\n", "Very long ".repeat(9), "Very long ".repeat(9));
    let odd = "# T\n\n## null\n\n1. x\n\n## \u{c4}rger \"mit\" Umlaut: #1\n\n1. y\n\n## 1\n\n- [ ] z\n";
    for (text, body) in [
        (UGLY, UGLY),
        (foreign, "# Ops\n\n## Do\n\n1. x\n"),
        (&bom, UGLY),
        (rule, rule),
        (&long, &long),
        (odd, odd),
        ("# Only text\n\nNothing to do.\n", "# Only text\n\nNothing to do.\n"),
    ] {
        let found = import(text);
        let copy = found.copy.as_ref().unwrap_or_else(|p| panic!("{p:#?}"));
        assert!(copy.ends_with(body), "{copy:?}");
        assert_eq!(copy.starts_with('\u{feff}'), text.starts_with('\u{feff}'));
        assert_eq!(text.contains("\r\n"), copy.contains("runbook: 1\r\n"), "{copy:?}");
        assert_eq!(checked(&found.service, copy), [""; 0], "{copy}");
        let book = house::runbook_of(&found.service, "x.md", copy).unwrap();
        assert!(book.sections.iter().flat_map(|s| &s.steps).all(|s| s.name.is_none()));
        let actions = found.sections.iter().filter(|s| s.action.is_some()).count();
        assert_eq!(book.actions.len(), actions);
    }
    assert!(import(foreign).copy.unwrap().contains("\n# title: Ops\n# tags: [a, b]\n---\n# Ops\n"));
}

#[test]
fn a_fence_that_the_front_matter_would_make_a_step_is_told_and_no_copy_is_made() {
    let text = "# T\n\n```sh {name=rm}\nrm -r /srv\n```\n\n1. x\n   ```js {1,3}\n   y\n   ```\n";
    let problems = import(text).copy.expect_err("it would run");
    assert_eq!(problems.iter().map(|p| p.line).collect::<Vec<_>>(), [3, 8]);
    assert!(problems.iter().all(|p| p.cure.contains("braces")));
}

#[test]
fn what_cannot_be_read_says_why_and_what_to_do() {
    let windows = refused("x.md", b"# Ops\n\nGr\xfc\xdfe\n");
    assert!(windows[0].starts_with("x.md:3: byte 9 (0xfc) is no UTF-8"), "{windows:?}");
    assert!(windows[0].contains("iconv -f WINDOWS-1252 -t UTF-8"));
    assert!(refused("x.md", b"just text\n")[0].starts_with("x.md:1: there is no heading"));
    let ours = refused("x.md", b"---\nservice: x\nrunbook: 1\n---\n# X\n");
    assert!(ours[0].starts_with("x.md:3: this is a runbook of Muster already"), "{ours:?}");
}

fn muster(folder: &Path, args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_muster")).current_dir(folder).args(args).output().unwrap()
}

#[test]
fn the_command_writes_where_nothing_is_and_over_a_file_only_by_force() {
    let team = Team::with(&[("Ops Notes.md", UGLY)]);
    let home = team.path("");
    let written = || std::fs::read_to_string(team.path("ops-notes.md"));

    let told = muster(&home, &["import", "Ops Notes.md"]);
    assert!(told.status.success() && written().is_err());
    let text = String::from_utf8(told.stdout).unwrap();
    assert!(text.contains("begin the fence with ```sh {name=fix}"), "{text}");

    let told = muster(&home, &["import", "Ops Notes.md", "--json"]);
    let json: Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!(json["sections"][1]["action"], "1-service-is-down");
    assert_eq!(
        (json["candidates"][1]["kind"].as_str(), json["findings"][3]["rule"].as_str()),
        (Some("shell"), Some("endless"))
    );

    assert!(muster(&home, &["import", "Ops Notes.md", "--write"]).status.success());
    let first = written().unwrap();
    assert!(first.ends_with(UGLY));

    team.write("ops-notes.md", b"mine");
    let told = muster(&home, &["import", "Ops Notes.md", "--write"]);
    assert!(!told.status.success() && String::from_utf8_lossy(&told.stderr).contains("--force"));
    assert_eq!(written().unwrap(), "mine");
    assert!(muster(&home, &["import", "Ops Notes.md", "--write", "--force"]).status.success());
    assert_eq!(written().unwrap(), first);

    assert!(muster(&home, &["import", "Ops Notes.md", "--write", "lab.md"]).status.success());
    assert!(std::fs::read_to_string(team.path("lab.md")).unwrap().contains("service: lab\r\n"));
    let left: Vec<_> = std::fs::read_dir(&home).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left.len(), 3, "{left:?}");
}

#[test]
fn check_prints_json_and_fails_only_for_what_runs() {
    let lab = "---\nrunbook: 1\n---\n# Lab\n## Do\n```sh\ntail -f x\n```\n";
    let team = Team::with(&[("muster.toml", SMALL), ("runbooks/lab.md", lab)]);
    let check =
        |args: &[&str]| muster(&team.path(""), &[&["check", "--config", "muster.toml"], args].concat());
    let told = check(&["--json"]);
    assert!(told.status.success());
    let json: Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!((json[0]["line"].as_u64(), json[0]["rule"].as_str()), (Some(7), Some("endless")));
    assert_eq!(json[0]["severity"], "note");
    assert!(
        String::from_utf8(check(&[]).stdout)
            .unwrap()
            .contains("lab.md:7: note: [endless] `tail -f` never ends")
    );

    team.write("runbooks/lab.md", lab.replace("```sh\n", "```sh {name=a}\n").as_bytes());
    let told = check(&["--json"]);
    assert!(!told.status.success());
    let json: Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!(json[0]["severity"], "error");
}
