//! Which step comes next: conditions, failures, retries, time, taking back.

use std::time::Duration;

use muster::model::button::RunButton;
use muster::model::ids::RunId;
use muster::model::input::Arg;
use muster::model::reply::Reply;
use muster::model::run::{RanHow, RunEnd, RunPhase, StepState};

use super::rig::{Rig, Who};

/// A runbook of one section with these fences, and one of asides.
fn book(action: &str, fences: &[(&str, &str)], asides: &[(&str, &str)]) -> String {
    let fence = |(name, options): &(&str, &str)| format!("```sh {{name={name}}}\n{options}./{name}\n```\n");
    let all = |fences: &[(&str, &str)]| fences.iter().map(fence).collect::<String>();
    format!(
        "---\nrunbook: 1\nactions:\n  go: {{section: go{action}}}\n---\n# Shop\n## Go\n{}\n## Asides\n{}",
        all(fences),
        all(asides)
    )
}

fn go(action: &str, fences: &[(&str, &str)], asides: &[(&str, &str)]) -> (Rig, RunId) {
    let mut rig = Rig::new(&book(action, fences, asides));
    let run = rig.asked(Who::Responder, "go");
    (rig, run)
}

fn how(rig: &Rig, run: RunId) -> RunEnd {
    match &rig.run(run).phase {
        RunPhase::Over { how, .. } => how.clone(),
        other => panic!("not over: {other:?}"),
    }
}

#[test]
fn a_failure_stops_the_line_and_the_rest_is_left() {
    let (mut rig, run) = go("", &[("a", ""), ("b", ""), ("c", "")], &[]);
    rig.passed("a");
    rig.failed("b");
    assert_eq!(rig.ends(run), "a passed, b failed, c -");
    assert_eq!(how(&rig, run), RunEnd::Failed { why: "b: exit 1".to_owned() });
}

#[test]
fn what_may_fail_goes_on_and_a_warning_is_one() {
    let (mut rig, run) = go("", &[("a", "#| on-fail: continue\n"), ("b", "#| warn: true\n"), ("c", "")], &[]);
    rig.failed("a");
    rig.failed("b");
    rig.passed("c");
    assert_eq!(rig.ends(run), "a failed, b warned, c passed");
    assert_eq!(how(&rig, run), RunEnd::Passed);
}

#[test]
fn conditions_and_needs_pass_steps_over() {
    let steps = [
        ("a", "#| on-fail: continue\n"),
        ("b", "#| if: a passed\n"),
        ("c", "#| if: a failed\n"),
        ("d", "#| needs: [b]\n"),
        ("e", "#| needs: [c]\n"),
    ];
    let (mut rig, run) = go("", &steps, &[]);
    rig.failed("a");
    rig.passed("c");
    rig.passed("e");
    assert_eq!(rig.ends(run), "a failed, b skipped, c passed, d skipped, e passed");
    assert_eq!(how(&rig, run), RunEnd::Passed);
}

#[test]
fn a_failure_may_lead_to_a_later_step() {
    let (mut rig, run) = go("", &[("a", "#| on-fail: c\n"), ("b", ""), ("c", "")], &[]);
    rig.failed("a");
    rig.passed("c");
    assert_eq!(rig.ends(run), "a failed, b skipped, c passed");
    assert_eq!(how(&rig, run), RunEnd::Passed);
}

#[test]
fn a_failure_may_have_a_step_of_its_own_and_is_still_one() {
    let (mut rig, run) = go("", &[("a", "#| on-fail: tidy\n"), ("b", "")], &[("tidy", "")]);
    rig.failed("a");
    rig.passed("tidy");
    assert_eq!(rig.ends(run), "a failed, b -, tidy passed");
    assert_eq!(how(&rig, run), RunEnd::Failed { why: "a: exit 1".to_owned() });
}

#[test]
fn what_was_done_is_taken_back_only_when_somebody_wants_it_last_deed_first() {
    let steps = [("a", "#| undo: un-a\n"), ("b", "#| undo: un-b\n"), ("c", "")];
    let (mut rig, run) = go("", &steps, &[("un-a", ""), ("un-b", "")]);
    rig.passed("a");
    rig.passed("b");
    rig.failed("c");
    assert!(rig.owed().is_empty(), "it is offered, not run");
    assert!(rig.press(Who::Onlooker, run, RunButton::Undo).is_err());
    rig.press(Who::Responder, run, RunButton::Undo).expect("taken back");
    rig.passed("un-b");
    rig.passed("un-a");
    assert_eq!(how(&rig, run), RunEnd::Undone { why: "c: exit 1".to_owned() });
    assert!(rig.press(Who::Responder, run, RunButton::Undo).is_err(), "nothing is left to take back");
}

#[test]
fn taking_back_by_itself_is_a_rule_of_the_runbook_and_may_fail() {
    let steps = [("a", "#| undo: un-a\n"), ("b", "#| undo: un-b\n"), ("c", "")];
    let (mut rig, run) = go(", undo: auto", &steps, &[("un-a", ""), ("un-b", "")]);
    rig.passed("a");
    rig.passed("b");
    rig.failed("c");
    rig.failed("un-b");
    assert!(
        matches!(how(&rig, run), RunEnd::Failed { why } if why.contains("c: exit 1") && why.contains("un-b"))
    );
    assert!(rig.owed().is_empty(), "nothing goes on after that");
}

#[test]
fn a_step_that_may_is_tried_again_after_its_wait_and_not_for_ever() {
    let (mut rig, run) = go("", &[("a", "#| rerun: safe\n#| retry: {times: 2, every: 5s}\n")], &[]);
    for attempt in 1..=2 {
        assert_eq!(rig.owed()[0].2, attempt);
        rig.failed("a");
        assert!(rig.owed().is_empty());
        rig.pass(Duration::from_millis(4_999));
        assert!(rig.owed().is_empty());
        rig.pass(Duration::from_millis(1));
    }
    rig.failed("a");
    assert_eq!(rig.ends(run), "a failed");
}

#[test]
fn the_deadline_counts_from_the_approval_and_ends_what_runs() {
    let mut rig = Rig::new(&book(", deadline: 2m, approve: {role: approver}", &[("a", ""), ("b", "")], &[]));
    let run = rig.asked(Who::Responder, "go");
    rig.pass(Duration::from_secs(10 * 60));
    rig.press(Who::Approver, run, RunButton::Agree(None)).expect("agreed");
    rig.pass(Duration::from_secs(119));
    assert!(!rig.ends_a_step());
    rig.pass(Duration::from_secs(1));
    assert!(rig.ends_a_step(), "its program is ended");
    assert!(!rig.run(run).is_over(), "it is over when the program is");
    assert_eq!(rig.run(run).holds(), None.or(rig.run(run).plan.lock.as_deref()));
    rig.went("a", RanHow::Stopped);
    assert_eq!(rig.ends(run), "a stopped, b -");
    assert!(matches!(how(&rig, run), RunEnd::Failed { why } if why.contains("2 m")));
}

#[test]
fn cancelling_ends_what_runs_and_what_waits() {
    let (mut rig, run) = go("", &[("a", ""), ("b", "")], &[]);
    assert!(rig.press(Who::Onlooker, run, RunButton::Cancel).is_err());
    rig.press(Who::Lead, run, RunButton::Cancel).expect("cancelled");
    assert!(rig.ends_a_step());
    assert!(rig.press(Who::Lead, run, RunButton::Cancel).is_err(), "it is being ended");
    // The program was quicker.
    rig.passed("a");
    assert_eq!(rig.ends(run), "a passed, b -");
    assert!(matches!(how(&rig, run), RunEnd::Cancelled { .. }));

    let steps = [("a", "#| rerun: safe\n#| retry: {times: 9, every: 5m}\n")];
    let (mut rig, run) = go("", &steps, &[]);
    rig.failed("a");
    rig.press(Who::Lead, run, RunButton::Cancel).expect("cancelled");
    assert!(rig.run(run).is_over(), "nobody has to be waited for");
    rig.pass(Duration::from_secs(3_600));
    assert!(rig.owed().is_empty());
}

#[test]
fn a_dry_run_goes_through_whatever_would_fail() {
    let mut rig =
        Rig::new(&book("", &[("a", "#| retry: {times: 2, every: 1s}\n#| rerun: safe\n"), ("b", "")], &[]));
    let Ok(Reply::Run { run, .. }) = rig.ask(Who::Responder, "go", &[("dry-run", Arg::Boolean(true))]) else {
        panic!("a dry run begins")
    };
    rig.failed("a");
    rig.went("b", RanHow::Would { what: "runs 1 line".to_owned() });
    assert_eq!(rig.ends(run), "a warned, b would");
    assert_eq!(how(&rig, run), RunEnd::Passed);
    assert!(!rig.run(run).steps.contains(&StepState::Waiting));
}
