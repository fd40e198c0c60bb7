//! The grammar of a runbook is closed: every key parses, every other is told with its line, and
//! what one step names of another can happen.

use std::time::Duration;

use muster::model::runbook::StepKind;
use muster::model::runbook::step::{Manual, Rerun};

use super::Team;

fn lab(text: &str) -> Team {
    Team::small("runbooks/lab.md", text)
}

fn told(text: &str) -> Vec<String> {
    lab(text).wrong().iter().map(|w| w.replace("runbooks/lab.md:", "")).collect()
}

/// A runbook with this text behind a heading; its first line is line 6.
fn under(text: &str) -> String {
    format!("---\nrunbook: 1\nvars: [base, HOST]\n---\n## Do\n{text}\n## Other\n")
}

/// Every key of a step, of every kind that takes it.
const EVERY: &str = r#"---
runbook: 1
service: lab
timezone: Europe/Berlin
working-days: [mon]
params: {version: {type: string, pattern: "[0-9]+", max: 20, leading-dash: false}, n: {type: integer}}
vars: [base, HOST]
tables: {oncall: other}
reviewed: 2026-01-31
actions:
  do:
    section: do
    title: Do it
    lock: deploy
    deadline: 2m
    approve: {count: 2, role: approver, by-other: false, within: 5m}
    confirm: type-name
    undo: offer
    roles: [responder]
    danger: It stops.
    schedule: monthly
    severity: P2
---
## Do
```http {name=before}
#| secrets: [TOKEN]
#| timeout: 5s
#| retry: {times: 2, every: 1s}
#| times: 35
#| tally: {2xx: 30, 429: 5}
#| on-fail: continue
#| warn: true
#| at: T-30m
GET {{base}}/version
HTTP *
[Captures]
bad: jsonpath "$.version"
```
```sh {name=swap}

#| # a comment
```
"#;

#[test]
fn every_key_parses() {
    let text = EVERY.replace(
        "```sh {name=swap}\n\n#| # a comment\n```\n",
        r#"```sh {name=swap}
#| env: [HOST, version]
#| secrets: [TOKEN]
#| timeout: 60s
#| rerun: never
#| verify: healthy
#| precheck: docker image inspect lab:previous
#| on-fail: healthy
#| undo: back
#| if: before passed
#| needs: [before]
#| cwd: /srv/lab
#| at: T+1h
echo "$HOST"
```
```sh {name=list}
#| argv: [ls, -l]
#| rerun: safe
#| retry: {times: 3, every: 5s}
```
```http {name=healthy}
#| poll: {every: 2s, for: 45s}
GET {{base}}/healthz
HTTP 200
```
```yaml {name=sure kind=approve}
question: Is it quiet enough?
count: 2
role: lead
by-other: false
within: 5m
```
```yaml {name=decision kind=gate}
#| poll: {every: 5s, for: 1m}
steps: [healthy]
metrics:
  - {name: errors, promql: "sum(rate(errors[5m]))", is: "< 0.5"}
questions: [Does it sound right?]
```
```yaml {name=down kind=alert}
probe: healthy
consecutive: 2
within: 1m
while: deploying
clear: 3 good ones
then: {open: P1, suggest: do}
```
```yaml {name=errors kind=alert}
count: "errors of the app"
rate: "> 5/min"
for: 5m
```
```yaml {name=day kind=wait}
for: 24h
watch: [down]
```
```yaml {name=tell kind=notify}
to: [lead]
place: incidents
title: It is back
text: "It was {{bad}}."
```
## Other
```sh {name=back}
true
```
"#,
    );
    let house = lab(&text).load().unwrap_or_else(|p| panic!("{p:#?}"));
    let book = house.runbook("lab").unwrap();
    assert_eq!(book.steps("do").count(), 10);
    let StepKind::Approve(question) = &book.step("sure").unwrap().kind else { panic!() };
    assert_eq!(question.text.as_deref(), Some("Is it quiet enough?"));
    let approve = &question.approve;
    assert_eq!((approve.count, approve.role.as_str(), approve.by_other), (2, "lead", false));
    assert_eq!(approve.within, Duration::from_secs(300));
    assert_eq!(book.step("list").unwrap().options.rerun, Rerun::Safe);
    let swap = book.step("swap").unwrap();
    assert_eq!(swap.source, "echo \"$HOST\"");
    assert_eq!(book.step("before").unwrap().source.lines().next(), Some("GET {{base}}/version"));
}

#[test]
fn a_question_has_its_defaults() {
    let house = lab(&under("```yaml {name=sure kind=approve}\nrole: lead\n```")).load().unwrap();
    let book = house.runbook("lab").unwrap();
    let StepKind::Approve(question) = &book.step("sure").unwrap().kind else { panic!() };
    assert_eq!(
        (question.text.as_deref(), question.approve.count, question.approve.by_other),
        (None, 1, true)
    );
    assert_eq!(question.approve.within, Duration::from_secs(900));
}

#[test]
fn every_other_key_of_a_yaml_step_is_told_with_its_line() {
    let yaml = |kind: &str, body: &str| told(&under(&format!("```yaml {{name=a kind={kind}}}\n{body}\n```")));
    for (kind, body, wanted) in [
        ("approve", "question: Sure?", "7: kind=approve has no `role`"),
        ("approve", "role: lead\ncolour: red", "8: kind=approve has no key `colour`"),
        ("approve", "role: nobody", "7: muster.toml names no role `nobody`"),
        ("approve", "role: lead\ncount: 0", "8: `count` is no whole number from 1 to 9"),
        ("approve", "role: lead\nwithin: soon", "8: `within` is no duration"),
        ("approve", "- lead", "7: kind=approve is a list, not a table"),
        ("approve", "", "6: there is nothing in this step"),
        ("gate", "steps: []", "7: this gate decides from nothing"),
        ("gate", "questions: [Well?]\nstep: [a]", "8: kind=gate has no key `step`"),
        ("gate", "steps: [nothere]", "7: `steps` names the step `nothere`, which is not there"),
        ("gate", "metrics: [{promql: up, is: low}]", "7: `is` is `low`, which sets no limit"),
        ("gate", "metrics: [{promql: up}]", "7: a metric has no `is`"),
        ("gate", "metrics: [{is: \"< 1\"}]", "7: a metric has no `promql`"),
        ("gate", "metrics: [{promql: up, is: \"< 1\", x: 1}]", "7: a metric has no key `x`"),
        ("gate", "metrics: up", "7: `metrics` is no list with something in it"),
        ("alert", "for: 5m", "7: this alert watches nothing"),
        ("alert", "promql: up\ncount: x", "7: this alert watches two things"),
        ("alert", "promql: up\nwithin: 5m", "8: `within` says nothing without `consecutive`"),
        ("alert", "count: x\nrate: often", "8: `rate` is `often`, which is no rate"),
        ("alert", "count: x\nrate: \"> 5/week\"", "8: `rate` is `> 5/week`, which is no rate"),
        ("alert", "promql: up\nthen: {open: P9}", "8: `open`:"),
        ("alert", "promql: up\nthen: {run: x}", "8: `then` has no key `run`"),
        ("alert", "promql: up\nthen: {suggest: x}", "8: `suggest` names the action `x`"),
        ("alert", "promql: \"sum(up\"", "7: `promql`: a bracket or a quote is not closed"),
        ("alert", "count: \"x > 5\"", "7: `x > 5` compares, and is counted"),
        ("alert", "count: {step: a}", "7: `count` says not what it counts"),
        ("alert", "count: {step: a, pattern: \"(\"}", "7: `(` is no pattern"),
        (
            "alert",
            "count: {step: a, pattern: x}",
            "7: `count` names `a`, which is no shell step that only looks",
        ),
        ("alert", "promql: up\nuntil: x", "8: kind=alert has no key `until`"),
        ("alert", "probe: b", "7: `probe` names the step `b`, which is not there"),
        ("wait", "watch: [a]", "7: this step says not how long it waits"),
        ("wait", "for: 5m\nuntil: x", "8: kind=wait has no key `until`"),
        ("notify", "text: x", "7: this step tells nobody"),
        ("notify", "to: lead", "7: this step says nothing"),
        ("notify", "to: lead\ntext: x\nfrom: y", "9: kind=notify has no key `from`"),
        ("notify", "to: lead\ntext: \"{{nme}}\"", "8: nothing gives `{{nme}}` a value"),
        ("notify", "to: lead\ntext: \"{{a b}}\"", "8: `{{a b}}` holds no name"),
    ] {
        let wrong = yaml(kind, body);
        assert!(wrong.iter().any(|w| w.starts_with(wanted)), "{kind} {body}: {wrong:#?} lacks {wanted}");
        assert_eq!(wrong.len(), 1, "{wrong:#?}");
    }
}

#[test]
fn what_cannot_happen_is_told_at_its_key() {
    let get =
        |name: &str, head: &str| format!("```http {{name={name}}}\n{head}GET {{{{base}}}}/\nHTTP 200\n```\n");
    let sh = |name: &str, head: &str| format!("```sh {{name={name}}}\n{head}ls\n```\n");
    let other = |text: &str| format!("## Undo\n{text}");
    for (text, wanted) in [
        (sh("a", "") + &sh("b", "#| on-fail: a\n"), "10: `on-fail` jumps back to `a`"),
        (sh("a", "#| on-fail: a\n"), "7: `on-fail` names the step itself"),
        (sh("a", "#| rerun: safe\n#| verify: a\n"), "8: `verify` names the step itself"),
        (sh("a", "#| undo: a\n"), "7: `undo` names the step itself"),
        (sh("a", "#| undo: b\n") + &sh("b", ""), "7: `b` takes this step back, and runs in the same section"),
        (
            sh("a", "#| undo: b\n") + "### Inner\n" + &sh("b", ""),
            "7: `b` takes this step back, and runs in the same section",
        ),
        (sh("a", "#| verify: b\n") + &sh("b", ""), "7: `verify` names `b`, which may change something"),
        (sh("a", "#| if: b passed\n") + &sh("b", ""), "7: `if` names `b`, which does not come before"),
        (sh("a", "#| needs: [b]\n") + &other(&sh("b", "")), "7: `needs` names `b`, which does not come"),
        (sh("a", "#| env: [HOSTT]\n"), "7: `env` names `HOSTT`, which is neither under vars nor"),
        (sh("a", "#| secrets: [HOST]\n"), "7: the secret `HOST` is also under vars or params"),
        (
            get("a", "").replace("}}/", "}}/{{x}}")
                + "```http {name=b}\nGET {{base}}/\nHTTP 200\n[Captures]\nx: body\n```",
            "6: `{{x}}` is captured by no step before this one",
        ),
        (
            get("a", "").replace("HTTP 200", "HTTP 200\nX: {{x}}\n[Captures]\nx: body"),
            "6: `{{x}}` is captured by no step before this one",
        ),
        (
            get("a", "").replace("HTTP 200", "HTTP 200\n[Captures]\nx: body")
                + &other(&get("b", "").replace("}}/", "}}/{{x}}")),
            "13: `{{x}}` is captured by no step before this one",
        ),
        (
            "```yaml {name=g kind=gate}\nsteps: [a]\n```\n".to_owned() + &get("a", ""),
            "7: this gate looks at `a`, which does not come before it",
        ),
        (
            "```yaml {name=g kind=alert}\nprobe: a\n```\n".to_owned() + &sh("a", ""),
            "7: `probe` names `a`, which is no GET or HEAD",
        ),
        (
            sh("a", "#| on-fail: b\n") + &other(&sh("b", "#| on-fail: a\n")),
            "12: these `on-fail` go round in a circle",
        ),
    ] {
        let wrong = told(&under(&text));
        assert!(wrong.iter().any(|w| w.starts_with(wanted)), "{text}: {wrong:#?} lacks {wanted}");
        assert_eq!(wrong.len(), 1, "{text}: {wrong:#?}");
    }
}

#[test]
fn what_can_happen_is_let_through() {
    let text = under(
        "```http {name=a}\nGET {{base}}/\nHTTP 200\n[Captures]\nx: body\n```\n\
         ```sh {name=b}\n#| undo: back\n#| on-fail: z\n#| verify: a\n#| needs: [a]\nls\n```\n\
         ```sh {name=z}\n#| if: b failed\nls\n```\n\
         ## Undo\n```http {name=back}\n#| rerun: safe\n#| needs: [b]\nPOST {{base}}/{{x}}\nHTTP 200\n```\n",
    );
    lab(&text).load().unwrap_or_else(|p| panic!("{p:#?}"));
}

#[test]
fn a_step_has_the_text_that_precedes_it_beside_it() {
    let text = "# Lab\nAn introduction.\n\n## Do\n\nLook *first*.\n\n- at this\n- and that\n\n1. One\n\n   More of one.\n   - a bullet\n     - deeper\n   ```sh\n   ls\n   ```\n   Still one.\n2. Two\n\nBetween.\n\n---\n\n- [ ] Three\n- plain, then:\n  ```sh\n  cd\n  ```\n\n> quoted\n>\n> 1. Four\n\nThe end.\n\n## Next\n\n- [ ] Five\n";
    let house = lab(text).load().unwrap();
    let book = house.runbook("lab").unwrap();
    let told: Vec<(String, String)> = book
        .sections
        .iter()
        .flat_map(|s| &s.steps)
        .map(|s| {
            let what = match &s.kind {
                StepKind::Manual(Manual::Task(t) | Manual::Numbered(t)) => t.clone(),
                StepKind::Manual(Manual::Code { code, .. }) => code.clone(),
                _ => panic!(),
            };
            (what, s.beside.clone())
        })
        .collect();
    let told: Vec<(&str, &str)> = told.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    assert_eq!(
        told,
        [
            (
                "One More of one.\n- a bullet\n  - deeper\nStill one.",
                "Look *first*.\n\n- at this\n- and that"
            ),
            ("ls\n", ""),
            ("Two", ""),
            ("Three", "Between."),
            ("cd\n", "- plain, then:"),
            ("Four", "> quoted"),
            ("Five", ""),
        ]
    );
}
