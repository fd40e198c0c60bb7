//! Who may begin what, and to what exactly they agree.

use std::time::Duration;

use muster::model::button::{FormKind, RunButton};
use muster::model::ids::RunId;
use muster::model::input::Arg;
use muster::model::reply::Reply;
use muster::model::run::{RunEnd, RunPhase};

use super::rig::{Rig, Who};

const ROLLBACK: &str = r#"---
runbook: 1
vars: [base]
params:
  version: {type: string, pattern: "[0-9]+\\.[0-9]+", max: 8}
actions:
  rollback: {section: rollback, lock: deploy, deadline: 2m, approve: {role: approver}}
  twice: {section: restart, lock: deploy, approve: {role: approver, count: 2, within: 1h}}
  restart: {section: restart, lock: deploy}
  pin: {section: pin, confirm: type-name, roles: [lead]}
---
# Shop
## Rollback
```sh {name=swap}
./swap
```
```http {name=healthy}
GET {{base}}/healthz
HTTP 200
```
## Restart
```sh {name=restart}
./restart
```
## Pin
```sh {name=pin}
#| env: [version]
./pin "$version"
```
"#;

fn end(rig: &Rig, run: RunId) -> &RunEnd {
    match &rig.run(run).phase {
        RunPhase::Over { how, .. } => how,
        other => panic!("{run} is not over: {other:?}"),
    }
}

#[test]
fn nothing_runs_before_another_person_with_the_role_agrees() {
    let mut rig = Rig::new(ROLLBACK);
    let run = rig.asked(Who::Approver, "rollback");
    assert!(rig.owed().is_empty());
    for who in [Who::Approver, Who::Responder, Who::Onlooker, Who::Former, Who::Lead] {
        let refused = rig.press(who, run, RunButton::Agree(None));
        assert!(refused.is_err(), "{who:?} must not agree: {refused:?}");
        assert!(rig.owed().is_empty());
    }
    rig.press(Who::Deputy, run, RunButton::Agree(None)).expect("another one may");
    rig.passed("swap");
    rig.passed("healthy");
    assert_eq!(end(&rig, run), &RunEnd::Passed);
    assert!(rig.press(Who::Deputy, run, RunButton::Agree(None)).is_err(), "it is over");
}

#[test]
fn two_are_two_different_people() {
    let mut rig = Rig::new(ROLLBACK);
    let run = rig.asked(Who::Responder, "twice");
    rig.press(Who::Approver, run, RunButton::Agree(None)).expect("the first");
    assert!(rig.owed().is_empty());
    assert!(rig.press(Who::Approver, run, RunButton::Agree(None)).is_err(), "the same person twice");
    assert!(rig.owed().is_empty());
    rig.press(Who::Deputy, run, RunButton::Agree(None)).expect("the second");
    rig.passed("restart");
}

#[test]
fn nobody_in_time_is_a_refusal() {
    let mut rig = Rig::new(ROLLBACK);
    let run = rig.asked(Who::Responder, "rollback");
    rig.pass(Duration::from_secs(15 * 60 - 1));
    assert!(!rig.run(run).is_over());
    rig.pass(Duration::from_secs(1));
    assert_eq!(end(&rig, run), &RunEnd::Refused { by: None });
    assert!(rig.press(Who::Approver, run, RunButton::Agree(None)).is_err());
    assert!(rig.owed().is_empty());
}

#[test]
fn an_approval_in_the_last_moment_that_comes_too_late_is_none() {
    let mut rig = Rig::new(ROLLBACK);
    let run = rig.asked(Who::Responder, "rollback");
    // The clock's own turn has not come yet.
    rig.now = rig.now.after(Duration::from_secs(15 * 60));
    rig.press(Who::Approver, run, RunButton::Agree(None)).expect("it is recorded");
    assert_eq!(end(&rig, run), &RunEnd::Refused { by: None });
    assert!(rig.owed().is_empty());
}

#[test]
fn what_changed_since_it_was_shown_does_not_run() {
    for change in ["./swap --harder", "./swap # as before"] {
        let mut rig = Rig::new(ROLLBACK);
        let run = rig.asked(Who::Responder, "rollback");
        rig.write(&ROLLBACK.replace("./swap", change));
        rig.press(Who::Approver, run, RunButton::Agree(None)).expect("it is recorded");
        assert!(matches!(end(&rig, run), RunEnd::Voided { why } if why.contains("runbook")), "{change}");
        assert!(rig.owed().is_empty());
    }
    let mut rig = Rig::new(ROLLBACK);
    let run = rig.asked(Who::Responder, "rollback");
    let vars = &mut rig.house.settings.services.get_mut("shop").expect("its settings").vars;
    vars.insert("base".to_owned(), "http://other.test".to_owned());
    rig.press(Who::Approver, run, RunButton::Agree(None)).expect("it is recorded");
    assert!(matches!(end(&rig, run), RunEnd::Voided { why } if why.contains("settings")));
}

#[test]
fn what_began_goes_on_as_it_was_shown() {
    let mut rig = Rig::new(ROLLBACK);
    let run = rig.asked(Who::Responder, "rollback");
    rig.press(Who::Approver, run, RunButton::Agree(None)).expect("agreed");
    rig.write(&ROLLBACK.replace("{{base}}/healthz", "{{base}}/other"));
    rig.passed("swap");
    let step = rig.run(run).step(1).expect("the second step");
    assert!(step.source.contains("/healthz"), "{step:?}");
    rig.passed("healthy");
}

#[test]
fn a_refusal_ends_it() {
    let mut rig = Rig::new(ROLLBACK);
    let run = rig.asked(Who::Responder, "rollback");
    assert!(rig.press(Who::Onlooker, run, RunButton::Refuse(None)).is_err());
    rig.press(Who::Approver, run, RunButton::Refuse(None)).expect("refused");
    assert!(matches!(end(&rig, run), RunEnd::Refused { by: Some(_) }));
}

#[test]
fn the_glass_is_the_askers_alone_after_two_minutes_and_with_a_reason() {
    let mut rig = Rig::new(ROLLBACK);
    let run = rig.asked(Who::Responder, "rollback");
    assert!(rig.press(Who::Responder, run, RunButton::Glass(None)).is_err(), "too early");
    let form = FormKind::Glass(run, rig.run(run).tag(), None);
    assert!(rig.submit(Who::Responder, form.clone(), &[("reason", "all are asleep")]).is_err(), "forged");
    rig.pass(Duration::from_secs(120));
    assert!(rig.press(Who::Former, run, RunButton::Glass(None)).is_err(), "somebody else");
    assert!(matches!(rig.press(Who::Responder, run, RunButton::Glass(None)), Ok(Reply::Form(_))));
    assert!(rig.submit(Who::Responder, form.clone(), &[("reason", " ")]).is_err(), "no reason");
    rig.submit(Who::Responder, form, &[("reason", "all are asleep")]).expect("broken");
    assert_eq!(rig.run(run).glass.as_deref(), Some("all are asleep"));
    rig.passed("swap");
}

#[test]
fn one_lock_has_one_holder_who_is_named() {
    let mut rig = Rig::new(ROLLBACK);
    let waiting = rig.asked(Who::Responder, "rollback");
    assert!(rig.ask(Who::Responder, "rollback", &[]).is_err(), "the same is asked already");
    let run = rig.asked(Who::Responder, "restart");
    let refused = rig.ask(Who::Lead, "restart", &[]).expect_err("it is held");
    assert!(refused.0.contains(&run.to_string()) && refused.0.contains("responder"), "{}", refused.0);
    let refused = rig.press(Who::Approver, waiting, RunButton::Agree(None)).expect_err("it is held");
    assert!(refused.0.contains(&run.to_string()), "{}", refused.0);
    rig.passed("restart");
    rig.press(Who::Approver, waiting, RunButton::Agree(None)).expect("it is free now");
    assert!(rig.ask(Who::Lead, "restart", &[]).is_err());
}

#[test]
fn a_parameter_is_typed_in_a_form_and_matches_its_pattern_or_nothing_runs() {
    let mut rig = Rig::new(ROLLBACK);
    let Ok(Reply::Form(form)) = rig.ask(Who::Lead, "pin", &[]) else { panic!("no form") };
    assert_eq!(form.fields.len(), 1);
    let send = |rig: &mut Rig, version| rig.submit(Who::Lead, form.kind.clone(), &[("p-version", version)]);
    for wrong in ["0.8; id", "$(id)", "-0.8", "", "0.8\n", "123456.789"] {
        assert!(send(&mut rig, wrong).is_err(), "{wrong:?}");
    }
    assert!(rig.state.runs.is_empty());
    let responder = rig.submit(Who::Responder, form.kind.clone(), &[("p-version", "0.8")]);
    assert!(responder.is_err(), "the action is the lead's");
    assert!(matches!(send(&mut rig, "0.8"), Ok(Reply::Run { .. })));
    let run = RunId(1);
    assert_eq!(rig.run(run).plan.values["version"], "0.8");
    assert!(rig.owed().is_empty(), "the name comes first");
    assert!(rig.press(Who::Lead, run, RunButton::Done(0)).is_err(), "a tick is no name");
    let Ok(Reply::Form(name)) = rig.press(Who::Lead, run, RunButton::Confirm) else { panic!("no form") };
    assert!(rig.press(Who::Responder, run, RunButton::Confirm).is_err(), "the action is the lead's");
    assert!(rig.submit(Who::Lead, name.kind.clone(), &[("confirm", "shopp")]).is_err(), "another name");
    assert!(rig.submit(Who::Responder, name.kind.clone(), &[("confirm", "shop")]).is_err());
    assert!(rig.owed().is_empty());
    rig.submit(Who::Lead, name.kind.clone(), &[("confirm", " shop ")]).expect("typed");
    assert!(rig.submit(Who::Lead, name.kind, &[("confirm", "shop")]).is_err(), "it is typed already");
    rig.passed("pin");
    rig.write(&ROLLBACK.replace("./pin \"$version\"", "./pin --force \"$version\""));
    assert!(send(&mut rig, "0.8").is_err(), "the runbook changed since the form was opened");
    let typed = [("with", Arg::Text("version=0.9".to_owned())), ("confirm", Arg::Text("shop".to_owned()))];
    assert!(matches!(rig.ask(Who::Lead, "pin", &typed), Ok(Reply::Run { .. })));
    rig.passed("pin");
    let wrong = [("with", Arg::Text("version=0.9".to_owned())), ("confirm", Arg::Text("shopp".to_owned()))];
    assert!(rig.ask(Who::Lead, "pin", &wrong).is_err());
}

#[test]
fn a_dry_run_asks_nobody_holds_nothing_and_is_no_run_of_the_lock() {
    let mut rig = Rig::new(ROLLBACK);
    let Ok(Reply::Run { run, .. }) = rig.ask(Who::Responder, "rollback", &[("dry-run", Arg::Boolean(true))])
    else {
        panic!("a dry run begins")
    };
    assert_eq!(rig.owed().len(), 1);
    let other = rig.asked(Who::Responder, "restart");
    assert_eq!(rig.run(other).holds(), Some("shop/deploy"));
    assert_eq!(rig.run(run).holds(), None);
    assert!(rig.ask(Who::Onlooker, "rollback", &[("dry-run", Arg::Boolean(true))]).is_err());
}
