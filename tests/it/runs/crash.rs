//! A step that was cut short: again, asked about, or a person's to decide. Never by itself twice.

use muster::model::button::RunButton;
use muster::model::event::Event;
use muster::model::ids::{RunId, Seq};
use muster::model::input::Input;
use muster::model::run::{Process, RanHow, RunEnd, RunPhase, StepState};

use super::rig::{Rig, Who};

const BOOK: &str = r#"---
runbook: 1
vars: [base]
actions:
  once: {section: once}
  safe: {section: safe}
  judged: {section: judged}
  reads: {section: reads}
---
# Shop
## Once
```sh {name=once}
./once
```
## Safe
```sh {name=safe}
#| rerun: safe
./safe
```
## Judged
```sh {name=swap}
#| verify: healthy
./swap
```
```http {name=healthy}
GET {{base}}/healthz
HTTP 200
```
## Reads
```http {name=look}
GET {{base}}/healthz
HTTP 200
```
"#;

fn begun(action: &str) -> (Rig, RunId) {
    let mut rig = Rig::new(BOOK);
    let run = rig.asked(Who::Responder, action);
    (rig, run)
}

fn over(rig: &Rig, run: RunId) -> &RunEnd {
    match &rig.run(run).phase {
        RunPhase::Over { how, .. } => how,
        other => panic!("not over: {other:?}"),
    }
}

#[test]
fn what_may_run_once_only_is_asked_about() {
    for (button, wanted) in [
        (RunButton::Worked(0), Some(RunEnd::Passed)),
        (RunButton::Stop(0), None),
        (RunButton::Again(0), Some(RunEnd::Passed)),
    ] {
        let (mut rig, run) = begun("once");
        rig.went("once", RanHow::Interrupted);
        assert!(rig.owed().is_empty(), "it does not run again by itself");
        assert!(matches!(rig.run(run).steps[0], StepState::Unknown { asking: None, .. }));
        assert!(rig.press(Who::Onlooker, run, button).is_err());
        rig.press(Who::Responder, run, button).expect("decided");
        if button == RunButton::Again(0) {
            assert_eq!(rig.owed()[0].2, 2);
            rig.passed("once");
        }
        match wanted {
            Some(end) => assert_eq!(over(&rig, run), &end),
            None => assert!(matches!(over(&rig, run), RunEnd::Failed { .. })),
        }
        for stale in [RunButton::Worked(0), RunButton::Again(0), RunButton::Stop(0)] {
            assert!(rig.press(Who::Responder, run, stale).is_err(), "{stale:?} is stale");
        }
    }
}

#[test]
fn what_may_run_again_does() {
    for (action, label) in [("safe", "safe"), ("reads", "look")] {
        let (mut rig, run) = begun(action);
        for attempt in 1..4 {
            assert_eq!(rig.owed()[0].2, attempt);
            rig.went(label, RanHow::Interrupted);
        }
        rig.passed(label);
        assert_eq!(over(&rig, run), &RunEnd::Passed);
    }
}

#[test]
fn a_judge_decides_and_still_has_its_own_turn() {
    let (mut rig, run) = begun("judged");
    rig.went("swap", RanHow::Interrupted);
    assert!(matches!(rig.run(run).steps[0], StepState::Unknown { asking: Some(1), .. }));
    rig.went("healthy", RanHow::Interrupted);
    rig.passed("healthy");
    assert_eq!(rig.ends(run), "swap passed, healthy -");
    rig.passed("healthy");
    assert_eq!(over(&rig, run), &RunEnd::Passed);

    let (mut rig, run) = begun("judged");
    rig.went("swap", RanHow::Interrupted);
    rig.failed("healthy");
    assert_eq!(rig.ends(run), "swap failed, healthy -");

    let (mut rig, run) = begun("judged");
    rig.went("swap", RanHow::Interrupted);
    rig.went("healthy", RanHow::Broke { why: "no connection".to_owned() });
    assert!(matches!(rig.run(run).steps[0], StepState::Unknown { asking: None, .. }), "a person decides");
    rig.press(Who::Responder, run, RunButton::Worked(0)).expect("decided");
    rig.passed("healthy");
    assert_eq!(over(&rig, run), &RunEnd::Passed);
}

#[test]
fn a_run_that_was_to_end_ends_when_it_was_cut_short_too() {
    for label in ["once", "safe"] {
        let (mut rig, run) = begun(label);
        rig.press(Who::Responder, run, RunButton::Cancel).expect("cancelled");
        rig.went(label, RanHow::Interrupted);
        assert!(matches!(over(&rig, run), RunEnd::Cancelled { .. }));
        assert!(rig.owed().is_empty());
    }
    let (mut rig, run) = begun("judged");
    rig.went("swap", RanHow::Interrupted);
    rig.press(Who::Responder, run, RunButton::Cancel).expect("cancelled");
    assert!(rig.ends_a_step());
    rig.went("healthy", RanHow::Stopped);
    assert!(matches!(over(&rig, run), RunEnd::Cancelled { .. }));
}

#[test]
fn a_process_is_noted_for_the_attempt_that_started_it_and_once() {
    let (mut rig, run) = begun("once");
    let process = |pid| Process { pid, started: 7, boot: "boot".to_owned() };
    let spawned = |attempt, pid| Input::Spawned { run, step: 0, attempt, process: process(pid) };
    rig.step(&spawned(2, 1)).expect("no person");
    rig.step(&spawned(1, 2)).expect("no person");
    rig.step(&spawned(1, 3)).expect("no person");
    let noted = rig.events_since(Seq(0)).iter().filter(|e| matches!(e, Event::StepSpawned { .. })).count();
    assert_eq!(noted, 1);
    assert!(matches!(&rig.run(run).steps[0], StepState::Going { process: Some(p), .. } if p.pid == 2));
}

#[test]
fn a_result_of_an_attempt_that_was_decided_without_it_changes_nothing() {
    let (mut rig, run) = begun("once");
    let effect = rig.owed()[0].0;
    rig.went("once", RanHow::Interrupted);
    rig.press(Who::Responder, run, RunButton::Again(0)).expect("again");
    let before = rig.commits.len();
    let late = muster::model::event::Settlement::Superseded;
    rig.step(&Input::Settled { effect, outcome: late }).expect("no person");
    assert_eq!(rig.commits.len(), before);
    assert_eq!(rig.owed()[0].2, 2);
}
