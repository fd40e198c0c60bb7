//! Questions in the middle of a run, stale cards, and taking back too late.

use std::time::Duration;

use muster::model::button::RunButton;
use muster::model::input::{Input, RunAsk, TerminalAct};
use muster::model::reply::Reply;
use muster::model::run::{RunEnd, RunPhase};

use super::rig::{Rig, Who};

const BOOK: &str = r#"---
runbook: 1
actions:
  go: {section: go, lock: deploy}
  other: {section: other, lock: deploy}
  asked: {section: other-one, approve: {role: approver}}
---
# Shop
## Go
```sh {name=show}
./show
```
```yaml {name=agree kind=approve}
#| on-fail: tidy
question: Really?
role: approver
```
```sh {name=change}
#| undo: unchange
./change
```
```sh {name=fails}
./fails
```
```sh {name=tidy}
./tidy
```
## Undo
```sh {name=unchange}
./unchange
```
## Other
```sh {name=other}
./other
```
## Other one
```sh {name=one}
./one
```
"#;

/// How somebody answers, or does not.
type Answer<'a> = &'a dyn Fn(&mut Rig, muster::model::ids::RunId);

#[test]
fn whoever_says_no_and_whoever_says_nothing_is_not_gone_past() {
    let no: [Answer<'_>; 3] = [
        &|rig, run| drop(rig.press(Who::Approver, run, RunButton::Refuse(Some(1))).expect("refused")),
        &|rig, _| rig.pass(Duration::from_secs(15 * 60)),
        &|rig, run| {
            rig.write(&BOOK.replace("./change", "./change --all"));
            rig.press(Who::Approver, run, RunButton::Agree(Some(1))).expect("it is recorded");
        },
    ];
    for answer in no {
        let mut rig = Rig::new(BOOK);
        let run = rig.asked(Who::Responder, "go");
        rig.passed("show");
        assert!(rig.press(Who::Responder, run, RunButton::Agree(Some(1))).is_err(), "the asker");
        assert!(rig.press(Who::Former, run, RunButton::Agree(Some(1))).is_err());
        assert!(rig.press(Who::Approver, run, RunButton::Agree(None)).is_err(), "another question");
        answer(&mut rig, run);
        rig.passed("tidy");
        assert_eq!(
            rig.ends(run),
            "show passed, agree failed, change skipped, fails skipped, tidy passed, unchange -"
        );
    }
}

#[test]
fn a_yes_goes_on_and_the_question_is_asked_once() {
    let mut rig = Rig::new(BOOK);
    let run = rig.asked(Who::Responder, "go");
    rig.passed("show");
    rig.press(Who::Approver, run, RunButton::Agree(Some(1))).expect("agreed");
    assert!(rig.press(Who::Deputy, run, RunButton::Agree(Some(1))).is_err(), "it is answered");
    rig.passed("change");
}

#[test]
fn a_card_of_another_run_with_the_same_number_presses_nothing() {
    let mut rig = Rig::new(BOOK);
    let run = rig.asked(Who::Responder, "asked");
    for button in [RunButton::Agree(None), RunButton::Refuse(None), RunButton::Cancel, RunButton::Plan] {
        assert!(rig.press_stale(Who::Approver, run, button).is_err(), "{button:?}");
    }
    assert!(matches!(rig.run(run).phase, RunPhase::Asked { .. }));
}

fn failed_with_something_to_take_back() -> (Rig, muster::model::ids::RunId) {
    let mut rig = Rig::new(BOOK);
    let run = rig.asked(Who::Responder, "go");
    rig.passed("show");
    rig.press(Who::Approver, run, RunButton::Agree(Some(1))).expect("agreed");
    rig.passed("change");
    rig.failed("fails");
    (rig, run)
}

#[test]
fn what_others_did_since_is_not_taken_back() {
    let (mut rig, run) = failed_with_something_to_take_back();
    rig.pass(Duration::from_secs(60));
    let other = rig.asked(Who::Responder, "other");
    assert!(rig.press(Who::Responder, run, RunButton::Undo).is_err(), "the lock is held");
    rig.passed("other");
    assert!(matches!(&rig.run(other).phase, RunPhase::Over { how: RunEnd::Passed, .. }));
    let refused = rig.press(Who::Responder, run, RunButton::Undo).expect_err("another one ran since");
    assert!(refused.0.contains(&other.to_string()), "{}", refused.0);

    let (mut rig, run) = failed_with_something_to_take_back();
    rig.pass(Duration::from_secs(31 * 60));
    assert!(rig.press(Who::Responder, run, RunButton::Undo).is_err(), "too long ago");
    let (mut rig, run) = failed_with_something_to_take_back();
    rig.write(&BOOK.replace("./unchange", "./unchange --all"));
    assert!(rig.press(Who::Responder, run, RunButton::Undo).is_err(), "the runbook changed");
    let (mut rig, run) = failed_with_something_to_take_back();
    rig.press(Who::Responder, run, RunButton::Undo).expect("at once it may");
    rig.passed("unchange");
}

#[test]
fn what_was_asked_for_in_a_terminal_wants_one_more_person() {
    let mut rig = Rig::new(BOOK);
    let ask = RunAsk { service: "shop".to_owned(), action: "asked".to_owned(), ..RunAsk::default() };
    let input = Input::Terminal { user: "root".to_owned(), act: TerminalAct::Run(ask) };
    let Ok(Reply::Run { run, .. }) = rig.step(&input) else { panic!("asked") };
    rig.press(Who::Approver, run, RunButton::Agree(None)).expect("the first");
    assert!(rig.owed().is_empty(), "nobody knows whether that is who sat at the terminal");
    rig.press(Who::Deputy, run, RunButton::Agree(None)).expect("the second");
    rig.passed("one");
}
