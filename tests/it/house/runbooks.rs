//! Runbooks: what a Markdown file becomes, and every mistake in one with its line.

use std::time::Duration;

use muster::house;
use muster::model::runbook::step::{Manual, OnFail, Poll, Rerun, Shell};
use muster::model::runbook::{Runbook, Step, StepKind, Undo};

use super::{SMALL, Team};

#[path = "../../benches/long_runbook.rs"]
mod long_runbook;

/// The example of the format, with a drill-down: two sections of one name.
const FULL: &str = r#"---
runbook: 1
service: lab
timezone: Europe/Berlin
working-days: [mon, tue]
vars: [base, COMPOSE]
params:
  version: {type: string, pattern: "[0-9.]+", max: 20}
actions:
  rollback:
    section: quick-rollback
    lock: deploy
    deadline: 2m            # from the approval on
    approve: {count: 1, role: approver, by-other: true, within: 15m}
    confirm: type-name
    undo: auto
    roles: [responder]
    danger: It stops the server.
    severity: P1
tables: {oncall: on-call}
reviewed: 2026-01-31
---
# Lab

## Quick rollback

```http {name=before}
#| on-fail: continue        # a dead service answers nothing
GET {{base}}/version
HTTP *
[Captures]
bad: jsonpath "$.version"
```
```sh {name=swap}
#| env: [COMPOSE]
#| precheck: docker image inspect lab:previous
#| timeout: 60s
#| needs: [before]
$COMPOSE down
$COMPOSE up -d
```

1. Look at the log
   ```sh
   docker logs lab
   ```
- [ ] It sounds right

```http {name=changed}
#| poll: {every: 2s, for: 45s}
#| if: swap passed
GET {{base}}/version
HTTP 200
[Asserts]
jsonpath "$.version" != "{{bad}}"
```

## Leak
### Response
text
## Storm
### Response
## On call
"#;

fn lab(text: &str) -> Team {
    Team::small("runbooks/lab.md", text)
}

fn told(text: &str) -> Vec<String> {
    lab(text).wrong().iter().map(|w| w.replace("runbooks/lab.md:", "")).collect()
}

#[test]
fn the_example_of_the_format_is_read_whole() {
    let house = lab(FULL).load().unwrap();
    let book = house.runbook("lab").unwrap();
    assert_eq!((book.title.as_str(), book.hash.len()), ("Lab", 64));
    assert_eq!(book.timezone, Some(chrono_tz::Europe::Berlin));
    let action = &book.actions["rollback"];
    assert_eq!(action.deadline, Some(Duration::from_secs(120)));
    let approve = action.approve.as_ref().unwrap();
    assert!(approve.by_other && approve.within == Duration::from_secs(900));
    assert!(action.confirm && action.undo == Undo::Auto);
    assert_eq!(book.reviewed.unwrap().to_string(), "2026-01-31");
    assert_eq!(book.params["version"].max, 20);

    let steps: Vec<_> = book.steps("quick-rollback").collect();
    let lines: Vec<usize> = steps.iter().map(|s| s.line).collect();
    assert_eq!(lines, [27, 34, 43, 44, 47, 49]);
    assert_eq!(steps[0].options.on_fail, OnFail::Continue);
    let StepKind::Shell(Shell::Script(script)) = &steps[1].kind else { panic!() };
    assert_eq!(script, "$COMPOSE down\n$COMPOSE up -d");
    assert_eq!(steps[1].options.env, ["COMPOSE"]);
    assert_eq!(steps[1].options.rerun, Rerun::Never);
    assert_eq!(steps[2].kind, StepKind::Manual(Manual::Numbered("Look at the log".into())));
    let code = Manual::Code { language: "sh".into(), code: "docker logs lab\n".into() };
    assert_eq!(steps[3].kind, StepKind::Manual(code));
    assert_eq!(steps[4].kind, StepKind::Manual(Manual::Task("It sounds right".into())));
    let poll = Poll { every: Duration::from_secs(2), for_: Duration::from_secs(45) };
    assert_eq!(steps[5].options.poll, Some(poll));
    assert!(steps[5].options.condition.as_ref().unwrap().passed);
    assert_eq!(book.step("changed").unwrap().line, 49);
}

#[test]
fn sections_of_one_name_are_told_apart_by_number_and_parents() {
    let house = lab(FULL).load().unwrap();
    let book = house.runbook("lab").unwrap();
    let named: Vec<(String, &str)> =
        book.sections.iter().map(|s| (s.full_title(), s.anchor.as_str())).collect();
    let named: Vec<(&str, &str)> = named.iter().map(|(t, a)| (t.as_str(), *a)).collect();
    assert_eq!(
        named,
        [
            ("Lab", "lab"),
            ("Quick rollback", "quick-rollback"),
            ("Leak", "leak"),
            ("Leak › Response", "response"),
            ("Storm", "storm"),
            ("Storm › Response", "response-1"),
            ("On call", "on-call"),
        ]
    );
    assert_eq!(book.section("leak").unwrap().markdown, "### Response\ntext");
    assert_eq!(book.subtree("leak").len(), 2);
}

#[test]
fn a_file_without_front_matter_is_a_checklist_and_runs_nothing() {
    let text = "# Lab\n\n## Health\n\n```http {name=a}\nGET http://x/\nHTTP 200\n```\n\n```js {1,3}\nx\n```\n- [ ] look\n";
    let house = lab(text).load().unwrap();
    let steps: Vec<_> = house.runbook("lab").unwrap().steps("health").collect();
    assert_eq!(steps.len(), 3);
    assert!(steps.iter().all(|s| s.name.is_none() && matches!(s.kind, StepKind::Manual(_))));
    assert!(house.probes(None).is_empty());
}

#[test]
fn the_hash_is_of_the_bytes_and_windows_line_ends_change_no_line() {
    let unix = lab(FULL).load().unwrap();
    let windows = lab(&format!("\u{feff}{}", FULL.replace('\n', "\r\n"))).load().unwrap();
    let (unix, windows) = (unix.runbook("lab").unwrap(), windows.runbook("lab").unwrap());
    assert_ne!(unix.hash, windows.hash);
    assert_eq!(unix.step("changed"), windows.step("changed"));
    assert_eq!(unix.sections, windows.sections);
}

#[test]
fn mistakes_in_the_front_matter_are_told_with_their_lines() {
    let front = "---\nrunbook: 1\nservice: lib\ntimezone: Nowhere\nworking-days: [mon, xyz]\nvars: [base, base, \"a b\"]\n\
params:\n  a: {type: string}\n  b: {type: text}\n  c: {type: string, pattern: \"a)|(b\"}\nactions:\n  go: {section: her, undo: maybe, confirm: yes, deadline: soon, roles: [nobody]}\n  No: {}\n\
tables: {oncall: nowhere}\nreviewed: yesterday\ncolour: red\n---\n# Lab\n## Here\n";
    let wrong = told(front);
    for start in [
        "3: the service is `lib`, but the file is called lab.md",
        "4: `timezone` is no time zone",
        "5: `xyz` is no weekday",
        "6: `a b` is no name for a variable",
        "6: the name `base` is there twice",
        "8: a parameter of type string has no `pattern`",
        "9: there is no type `text`",
        "10: the pattern is no regular expression",
        "12: `deadline` is no duration",
        "12: `go` names the section `her`, which is not there",
        "12: `undo` is `maybe`",
        "12: muster.toml names no role `nobody`",
        "12: there is no way to confirm called `yes`",
        "13: `No` is no name for an action",
        "13: the action `No` has no `section`",
        "14: `oncall` names the section `nowhere`, which is not there",
        "15: `reviewed` is no date",
        "16: the front matter has no key `colour`",
    ] {
        assert!(wrong.iter().any(|w| w.starts_with(start)), "{wrong:#?} lacks {start}");
    }
    assert_eq!(wrong.len(), 18, "{wrong:#?}");
    assert_eq!(told("---\nrunbook: 1\n# Lab\n")[0], "1: the front matter has no end");
    assert_eq!(
        told("---\nrunbook: 2\n---\n# Lab\n"),
        ["2: this is no version of the runbook format that is known here"]
    );
    assert_eq!(told("---\nvars: [a]\n---\n# Lab\n"), ["2: `vars` means nothing here"]);
    assert!(told("---\nrunbook: 1\nvars: [a\n---\n# Lab\n")[0].contains("this is no YAML"));
}

/// A runbook with one fence under a heading; the fence is line 7.
fn step(fence: &str) -> Vec<String> {
    told(&format!("---\nrunbook: 1\nvars: [base]\n---\n# Lab\n\n{fence}\n"))
}

#[test]
fn mistakes_in_a_step_are_told_with_their_lines() {
    let sh = |head: &str| format!("```sh {{name=a}}\n{head}\nls\n```");
    for (fence, wanted) in [
        ("```sh {name=A}\nls\n```".into(), "7: `A` is no name for a step"),
        ("```sh {nam=a}\nls\n```".into(), "7: `nam=a` means nothing between the braces"),
        ("```python {name=a}\nls\n```".into(), "7: `python` has a name, but Muster does not run it"),
        ("```yaml {name=a}\nx: 1\n```".into(), "7: a YAML step says no kind"),
        ("```yaml {name=a kind=gat}\nx: 1\n```".into(), "7: there is no kind `gat`"),
        ("```yaml {name=a kind=gate}\nx: [1\n```".into(), "8: this is no YAML"),
        ("```sh {name=a kind=gate}\nls\n```".into(), "7: `kind=gate` behind `sh`"),
        ("```sh {name=a}\n```".into(), "7: there is nothing to run in this step"),
        ("```sh {name=a}\nls".into(), "7: the step `a` has no end"),
        (sh("#| timout: 5s"), "8: a step has no key `timout`"),
        (sh("#| timeout: 5"), "8: `timeout` is no duration"),
        (sh("#| env: [A-B]"), "8: `A-B` is no name of a variable"),
        (sh("#| rerun: yes"), "8: `rerun` is `yes`"),
        (sh("#| undo: nothere"), "8: `undo` names the step `nothere`, which is not there"),
        (sh("#| on-fail: Nope"), "8: `on-fail`: `Nope` is no name for a step"),
        (sh("#| poll: {every: 2s, for: 4s}"), "8: `poll` means nothing to this step"),
        (sh("#| retry: {times: 2, every: 1s}"), "8: `retry` means nothing to this step"),
        (sh("#| times: 3"), "8: `times` means nothing to this step"),
        (sh("#| if: b"), "8: `if` is no condition"),
        (sh("#| at: soon"), "8: `at` is no moment"),
        (sh("#| argv: [ls]"), "7: the step has both `argv` and a script"),
        (sh("ls\n#| timeout: 5s"), "9: `#|` stands behind the first line of the step"),
        (sh("#| timeout: 5s\n#| timeout: 6s"), "9: the key `timeout` is there twice"),
    ] {
        let fence: String = fence;
        let wrong = step(&fence);
        assert!(wrong.iter().any(|w| w.starts_with(wanted)), "{wrong:#?} lacks {wanted}");
    }
    let twice = step("```sh {name=a}\nls\n```\n\n```sh {name=a}\nls\n```");
    assert_eq!(twice, ["11: the step `a` is there twice, first in line 7"]);
    let above = told("---\nrunbook: 1\n---\n```sh {name=a}\nls\n```\n# Lab\n");
    assert_eq!(above, ["4: the step `a` stands under no heading"]);
}

#[test]
fn mistakes_in_a_request_are_told_with_their_lines() {
    let http = |text: &str| step(&format!("````http {{name=a}}\n{text}\n````"));
    for (text, wanted) in [
        ("", "7: there is no request in this step"),
        ("FETCH {{base}}/\nHTTP 200", "8: `FETCH` is no method"),
        ("GET\nHTTP 200", "8: the request has no address"),
        ("GET {{base}}/", "8: nothing is expected of the answer"),
        ("GET {{base}}/\nHTTP 20x", "9: `HTTP 20x` expects no status"),
        ("GET {{base}}/\n[Cookies]\nHTTP 200", "9: the section [Cookies] is not known here"),
        ("GET {{base}}/\n[Options]\nHTTP 200", "9: the section [Options] is not known here"),
        ("GET {{base}}/\nHost: x\nHTTP 200", "9: a step cannot set the header Host"),
        ("GET {{base}}/\nno header\nHTTP 200", "9: `no header` is no header"),
        ("GET {{base}}/\n{}\nHTTP 200", "8: a GET sends no body"),
        ("POST {{base}}/\n{\"a\": 1,\n}\nHTTP 200", "10: the body is no JSON"),
        ("POST {{base}}/\n```\nopen\nHTTP 200", "9: the body has no end"),
        ("GET {{base}}/\nHTTP 200\n[Asserts]\nstaus == 200", "11: `staus` is no part of an answer"),
        ("GET {{base}}/\nHTTP 200\n[Asserts]\nstatus is 200", "11: `is` is no expectation"),
        ("GET {{base}}/\nHTTP 200\n[Asserts]\nstatus ==", "11: nothing stands behind `==`"),
        ("GET {{base}}/\nHTTP 200\n[Asserts]\njsonpath \"$.[\" exists", "11: `$.[` is no JSONPath"),
        ("GET {{base}}/\nHTTP 200\n[Asserts]\njsonpath \"$.{{base}}\" exists", "11: `jsonpath` wants text"),
        (
            "GET {{base}}/\nHTTP 200\n[Asserts]\nbody matches \"{{base}}\"",
            "11: `matches` wants a pattern without names",
        ),
        ("GET {{base}}/\nHTTP 200\n[Asserts]\nbody matches /(/", "11: the pattern is no regular expression"),
        ("GET {{base}}/\nHTTP 200\n[Asserts]\nbody == \"x", "11: a quotation mark is not closed"),
        ("GET {{base}}/\nHTTP 200\n[Asserts]\nstatus < \"5\"", "11: `<` cannot be asked with this"),
        ("GET {{base}}/\nHTTP 200\n[Asserts]\nstatus == 200 or so", "11: there is something behind the end"),
        ("GET {{base}}/\nHTTP 200\n[Captures]\na: body\na: status", "12: `a` is captured twice"),
        ("GET {{base}}/\nHTTP 200\nGET {{base}}/x\nHTTP 200", "10: a second request begins here"),
        ("GET {{base}}/{{nme}}\nHTTP 200", "7: nothing gives `{{nme}}` a value"),
        ("GET {{base}}/{{a b}}\nHTTP 200", "8: `{{a b}}` holds no name"),
        ("GET {{base}}{{base}}\nHTTP 200", "7: behind `{{base}}` comes no `/`"),
        ("GET {{base}}.other.example/\nHTTP 200", "7: behind `{{base}}` comes no `/`"),
        ("GET ftp://x/\nHTTP 200", "7: the address begins with neither"),
        ("GET http://u:p@x/\nHTTP 200", "7: there is a password or name before an `@`"),
        ("GET {{base}}/#x\nHTTP 200", "7: there is a `#` or a space"),
    ] {
        let wrong = http(text);
        assert!(wrong.iter().any(|w| w.starts_with(wanted)), "{text}: {wrong:#?} lacks {wanted}");
    }
    let param = "---\nrunbook: 1\nparams: {host: {type: string, pattern: \"[a-z.]+\"}}\n---\n# Lab\n```http {name=a}\nGET http://{{host}}/\nHTTP 200\n```\n";
    assert_eq!(told(param), ["6: `{{host}}` stands in the host and is no var"], "only the team names hosts");
    let wrong = told(&param.replace("http://{{host}}", "{{host}}"));
    assert_eq!(wrong, ["6: the address begins with `{{host}}`, which is no var"]);
}

#[test]
fn what_no_file_is_called_by_is_refused_and_a_readme_is_no_runbook() {
    let team = lab(FULL);
    team.write("runbooks/README.md", b"no heading at all");
    team.load().unwrap();
    team.write("runbooks/My Lab.md", b"# x\n");
    assert_eq!(team.wrong(), ["runbooks/My Lab.md:1: `My Lab` cannot be a service's name"]);
    let team = Team::with(&[("muster.toml", SMALL), ("runbooks/empty.md", "")]);
    assert_eq!(team.wrong(), ["runbooks/empty.md:1: there is no heading in this file"]);
}

#[test]
fn a_long_runbook_and_hostile_ones_are_read_to_their_end() {
    let mut long = String::from("# Long\n");
    while long.len() < 1_000_000 {
        long += "\n## Same\n\n1. do\n   - [ ] this\n\n```sh\nls\n```\n";
    }
    let house = lab(&long).load().unwrap();
    assert!(house.runbook("lab").unwrap().section("same-100").is_some());
    for hostile in ["> ".repeat(20_000), "- ".repeat(20_000), "[".repeat(50_000), "`".repeat(50_000)] {
        lab(&format!("# Lab\n{hostile}\n")).load().unwrap();
    }
}

/// What a runbook holds, in bytes of text.
fn held(book: &Runbook) -> usize {
    let step = |s: &Step| s.source.len() + s.beside.len() + s.label().len();
    book.sections.iter().map(|s| s.markdown.len() + s.steps.iter().map(step).sum::<usize>()).sum()
}

#[test]
fn what_is_kept_of_a_long_runbook_grows_as_it_does() {
    let read = |bytes| {
        let (text, named) = long_runbook::long_runbook(bytes);
        let book = house::runbook_of("long", "long.md", &text).unwrap_or_else(|p| panic!("{:#?}", &p[..1]));
        let steps = book.sections.iter().flat_map(|s| &s.steps).filter(|s| s.name.is_some()).count();
        assert_eq!(steps, named);
        held(&book) as f64 / text.len() as f64
    };
    let (short, long) = (read(50_000), read(800_000));
    // The text once below its title, once below its `##` and its `###`, and once in its steps.
    assert!(long < 4.0 && long < short * 1.1, "{short} {long}");
}
