//! Steps that people do, and the locks that they hold meanwhile.

use std::time::Duration;

use muster::core;
use muster::model::button::{FormKind, RunButton};
use muster::model::card::Show;
use muster::model::effect::Effect;
use muster::model::event::Event;
use muster::model::ids::Seq;
use muster::model::input::{Input, Press, RunAsk, TerminalAct};
use muster::model::reply::Reply;
use muster::model::run::{RunEnd, RunPhase};

use super::rig::{Rig, Who};

/// Nothing in it is annotated.
const PLAIN: &str = "# Shop\n## Flush the CDN\nRead this first.\n\n- [ ] Tell the team\n1. Purge `/assets`\n2. Look\n\n   ```sh\n   curl -I https://shop.example/\n   ```\n## Notes\nOnly text.\n";

#[test]
fn an_ordinary_file_is_a_checklist_that_people_tick_in_its_order() {
    let mut rig = Rig::new(PLAIN);
    let run = rig.asked(Who::Responder, "flush-the-cdn");
    assert!(rig.owed().is_empty(), "nothing of it ever runs");
    assert!(rig.press(Who::Responder, run, RunButton::Done(1)).is_err(), "not its turn");
    assert!(rig.press(Who::Onlooker, run, RunButton::Done(0)).is_err());
    rig.press(Who::Responder, run, RunButton::Done(0)).expect("ticked");
    assert!(rig.press(Who::Lead, run, RunButton::Done(0)).is_err(), "ticked already");
    assert!(matches!(rig.press(Who::Responder, run, RunButton::NotApplicable(1)), Ok(Reply::Form(_))));
    let form = FormKind::NotApplicable(run, rig.run(run).tag(), 1);
    assert!(rig.submit(Who::Responder, form.clone(), &[("reason", "")]).is_err(), "no reason");
    rig.submit(Who::Responder, form, &[("reason", "it was purged at noon")]).expect("n/a");
    rig.press(Who::Responder, run, RunButton::Done(2)).expect("ticked");
    rig.press(Who::Responder, run, RunButton::Done(3)).expect("the fence too");
    assert!(matches!(&rig.run(run).phase, RunPhase::Over { how: RunEnd::Passed, .. }));
    assert!(rig.ends(run).contains("n/a"), "{}", rig.ends(run));
}

#[test]
fn a_text_without_steps_is_shown() {
    let mut rig = Rig::new(PLAIN);
    assert!(matches!(
        rig.ask(Who::Responder, "notes", &[]),
        Ok(Reply::Show { show: Show::Section { .. }, .. })
    ));
    assert!(rig.ask(Who::Responder, "nothing", &[]).is_err());
}

#[test]
fn a_step_that_a_person_could_not_do_fails() {
    let mut rig = Rig::new(PLAIN);
    let run = rig.asked(Who::Responder, "flush-the-cdn");
    let form = FormKind::Failed(run, rig.run(run).tag(), 0);
    rig.submit(Who::Responder, form, &[("reason", "nobody answers")]).expect("failed");
    assert!(
        matches!(&rig.run(run).phase, RunPhase::Over { how: RunEnd::Failed { why }, .. } if why.contains("nobody answers"))
    );
}

#[test]
fn whoever_is_waited_for_is_reminded_ever_more_seldom_and_never_passes_by_itself() {
    let mut rig = Rig::new(PLAIN);
    let run = rig.asked(Who::Responder, "flush-the-cdn");
    let calls = |rig: &Rig| {
        let effects = rig.commits.iter().flat_map(|c| &c.effects);
        effects.filter(|e| matches!(e, Effect::Say { show: Show::Call { .. }, .. })).count()
    };
    rig.pass(Duration::from_secs(15 * 60 - 1));
    assert_eq!(calls(&rig), 0);
    rig.pass(Duration::from_secs(1));
    assert_eq!(calls(&rig), 1);
    rig.pass(Duration::from_secs(30 * 60));
    assert_eq!(calls(&rig), 2);
    // Whoever was away for long hears of it once.
    rig.now = rig.now.after(Duration::from_secs(86_400));
    rig.step(&muster::model::input::Input::Wake).expect("a time is no person");
    assert_eq!(calls(&rig), 3);
    rig.pass(Duration::from_secs(30 * 86_400));
    assert_eq!(calls(&rig), 6);
    assert!(!rig.run(run).is_over());
}

#[test]
fn who_was_away_for_hours_is_reminded_once_and_no_two_reminders_say_the_same() {
    let mut rig = Rig::new(PLAIN);
    rig.asked(Who::Responder, "flush-the-cdn");
    let calls = |rig: &Rig| -> Vec<String> {
        let effects = rig.commits.iter().flat_map(|c| &c.effects);
        let texts = effects.filter_map(|e| match e {
            Effect::Say { show: Show::Call { text, .. }, .. } => Some(text.clone()),
            _ => None,
        });
        texts.collect()
    };
    // The program was down for two hours, in which four reminders were due.
    rig.now = rig.now.after(Duration::from_secs(2 * 3_600));
    rig.step(&Input::Wake).expect("a time came");
    assert_eq!(calls(&rig).len(), 1);
    assert!(core::next_wakeup(&rig.state).is_some_and(|due| due > rig.now), "no second one at once");
    rig.now = rig.now.after(Duration::from_secs(3 * 3_600));
    rig.step(&Input::Wake).expect("a time came");
    let said = calls(&rig);
    assert_eq!(said.len(), 2);
    assert_ne!(said[0], said[1]);
}

#[test]
fn a_lock_is_taken_from_its_holder_for_the_record_and_the_holder_ends() {
    let book = "---\nrunbook: 1\nactions:\n  go: {section: go, lock: deploy}\n---\n# Shop\n## Go\n- [ ] wait\n\n```sh {name=a}\n./a\n```\n";
    let mut rig = Rig::new(book);
    let run = rig.asked(Who::Responder, "go");
    assert!(rig.ask(Who::Responder, "go", &[]).is_err());
    let unlock = TerminalAct::Press { run, press: Press::Cancel };
    rig.step(&Input::Terminal { user: "root".to_owned(), act: unlock }).expect("the terminal may");
    assert!(rig.run(run).is_over());
    let second = rig.asked(Who::Responder, "go");
    assert_eq!(rig.run(second).holds(), Some("shop/deploy"));
}

#[test]
fn the_terminal_is_no_second_person() {
    let book = "---\nrunbook: 1\nactions:\n  go: {section: go, approve: {role: approver}}\n---\n# Shop\n## Go\n```sh {name=a}\n./a\n```\n";
    let mut rig = Rig::new(book);
    let ask = RunAsk { service: "shop".to_owned(), action: "go".to_owned(), ..RunAsk::default() };
    let terminal = |act| Input::Terminal { user: "root".to_owned(), act };
    let Ok(Reply::Run { run, .. }) = rig.step(&terminal(TerminalAct::Run(ask))) else { panic!("asked") };
    assert!(rig.owed().is_empty());
    let glass = Press::Glass { step: None, reason: "Discord is down".to_owned() };
    let glass = terminal(TerminalAct::Press { run, press: glass });
    assert!(rig.step(&glass).is_err(), "too early");
    rig.pass(Duration::from_secs(120));
    rig.step(&glass).expect("after two minutes");
    let broken = |e: &&Event| matches!(e, Event::GlassBroken { .. });
    assert_eq!(rig.events_since(Seq(0)).into_iter().filter(broken).count(), 1);
    rig.passed("a");
}
