//! Every state that a run and its steps can have, with text that wants to break out of the card.

use std::time::Duration;

use crate::model::run::Reminded;

use std::collections::BTreeSet;
use std::sync::Arc;

use super::*;
use crate::core::seen::Printed;
use crate::kit::time::Timestamp;
use crate::model::button::{Button, RunButton};
use crate::model::ids::{ChannelId, IncidentId, RunId};
use crate::model::incident::{Card, Stamp, Thread};
use crate::model::person::Person;
use crate::model::run::{Output, Plan, RunEnd, RunPhase, StepEnd, StepOver, Stopping};
use crate::model::runbook::step::{Manual, Question, Shell, StepOptions};
use crate::model::runbook::{Approve, Step, StepKind, Undo};
use crate::render::FaceButton;

mod cards;
mod files;

/// 2026-11-21T17:00:00Z.
const NOW: Timestamp = Timestamp(1_795_251_600_000);

fn after(seconds: i64) -> Timestamp {
    Timestamp(NOW.0 + seconds * 1000)
}

/// Text that wants to be more than text.
fn hostile() -> String {
    "``` @everyone <@1> `a` ````` \u{202e}\u{1b}[31m**x** # h\n> q ||s|| ".repeat(40)
}

fn person(name: &str) -> Person {
    Person { id: UserId(7), name: name.to_owned() }
}

fn shell(name: &str) -> Step {
    Step {
        name: name.parse().ok(),
        kind: StepKind::Shell(Shell::Script("docker compose up -d".to_owned())),
        line: 1,
        options: StepOptions::default(),
        source: "docker compose up -d".to_owned(),
        beside: String::new(),
    }
}

fn manual(manual: Manual, beside: &str) -> Step {
    Step { name: None, kind: StepKind::Manual(manual), beside: beside.to_owned(), ..shell("x") }
}

fn approve() -> Approve {
    Approve { count: 1, role: "approver".to_owned(), by_other: true, within: Duration::from_secs(900) }
}

fn seen(steps: Vec<Step>) -> RunSeen {
    let n = steps.len();
    let plan = Plan {
        service: "soundlab".to_owned(),
        action: "rollback".to_owned(),
        title: "Quick rollback".to_owned(),
        runbook: "ab".repeat(32),
        steps,
        asides: vec![],
        values: [("version".to_owned(), "0.8.4".to_owned())].into(),
        params: vec!["version".to_owned()],
        lock: Some("soundlab/deploy".to_owned()),
        deadline: Some(Duration::from_secs(120)),
        approve: Some(approve()),
        undo: Undo::Offer,
        roles: None,
        confirm: false,
        danger: Some("The service is away for a minute".to_owned()),
        dry: false,
    };
    let run = Run {
        id: RunId(3),
        hash: plan.hash(),
        plan: Arc::new(plan),
        asked: Stamp { at: NOW, by: person("responder") },
        incident: Some(IncidentId(7)),
        channel: Some(ChannelId(1)),
        phase: RunPhase::Asked { until: after(900) },
        steps: vec![StepState::Waiting; n],
        attempts: vec![0; n],
        captures: Default::default(),
        agreed: vec![],
        confirmed: None,
        glass: None,
        trouble: None,
        card: Card::Owed,
        thread: Thread::Owed,
        commits: vec![],
    };
    RunSeen { run, printed: vec![], live: None }
}

fn three() -> RunSeen {
    seen(vec![shell("before"), shell("swap"), shell("healthy")])
}

fn going() -> RunPhase {
    RunPhase::Going { since: after(60), deadline: Some(after(180)), stopping: None, undoing: None }
}

fn over(how: RunEnd) -> RunPhase {
    RunPhase::Over { began: Some(after(60)), at: after(152), how }
}

fn done(how: StepEnd, words: &str) -> StepState {
    let (words, tail) = (words.to_owned(), String::new());
    StepState::Over(StepOver { how, at: after(70), millis: 1_200, by: None, words, tail })
}

fn says(face: &Face) -> String {
    let embeds =
        face.embeds.iter().map(|e| format!("{}\n{}", e.title.as_deref().unwrap_or(""), e.description));
    format!("{}\n{}", face.content, embeds.collect::<Vec<_>>().join("\n"))
}

fn labels(face: &Face) -> Vec<&str> {
    face.buttons.iter().map(|b| b.label.as_str()).collect()
}

#[track_caller]
fn has(face: &Face, words: &[&str]) {
    let said = says(face);
    for w in words {
        assert!(said.contains(w), "{w:?} is not in:\n{said}");
    }
}

/// Discord's limits, and that nothing broke out.
#[track_caller]
fn holds(face: &Face) {
    let chars = |s: &str| s.chars().count();
    assert!(chars(&face.content) <= 2_000);
    let mut all = 0;
    for e in &face.embeds {
        let (title, footer) = (e.title.clone().unwrap_or_default(), e.footer.clone().unwrap_or_default());
        assert!(chars(&title) <= 256, "{title}");
        assert!(chars(&e.description) <= 4_096, "{}", chars(&e.description));
        assert!(chars(&footer) <= 2_048);
        all += chars(&title) + chars(&e.description) + chars(&footer);
    }
    assert!(all <= 6_000, "{all}");
    assert!(face.buttons.len() <= 25);
    let ids: BTreeSet<String> = face.buttons.iter().map(|b| b.button.to_string()).collect();
    assert_eq!(ids.len(), face.buttons.len(), "two buttons with one id: {:?}", face.buttons);
    for FaceButton { label, button, .. } in &face.buttons {
        assert!((1..=80).contains(&chars(label)) && button.to_string().len() <= 100);
        assert!(matches!(button, Button::Run(RunId(3), _, _)));
    }
    let said = says(face);
    assert!(!said.contains(['\u{202e}', '\u{1b}']), "{said}");
    // Every other part is a block's inside, where nothing is read as a mention.
    let parts: Vec<&str> = said.split("```").collect();
    assert_eq!(parts.len() % 2, 1, "a fence stays open:\n{said}");
    for outside in parts.iter().step_by(2) {
        let bare = outside.replace("\\@", "").replace("\\<", "");
        assert!(!bare.contains("@everyone") && !bare.contains("<@"), "{outside}");
    }
}

fn all_states(text: &str) -> Vec<StepState> {
    let ends = [
        StepEnd::Passed,
        StepEnd::Failed,
        StepEnd::Warned,
        StepEnd::Skipped,
        StepEnd::NotApplicable,
        StepEnd::Stopped,
        StepEnd::Would,
    ];
    let ended = ends.map(|how| {
        let (words, tail, by) = (text.to_owned(), text.to_owned(), Some(person(text)));
        StepState::Over(StepOver { how, at: NOW, millis: 90_000, by, words, tail })
    });
    let mut all = vec![
        StepState::Waiting,
        StepState::Going { attempt: 2, since: NOW, process: None },
        StepState::Again { at: NOW, why: text.to_owned() },
        StepState::Asked { since: NOW, reminded: Reminded { times: 2, last: Some(NOW) } },
        StepState::Approving { since: NOW, until: after(900) },
        StepState::Unknown { since: NOW, asking: Some(0), process: None, reminded: Reminded::default() },
        StepState::Unknown { since: NOW, asking: None, process: None, reminded: Reminded::default() },
    ];
    all.extend(ended);
    all
}

fn all_phases(text: &str) -> Vec<RunPhase> {
    let (why, by) = (text.to_owned(), person(text));
    let because = Some(why.clone());
    let cancelled = Stopping::Cancelled { by: by.clone(), why: because.clone() };
    let under_way =
        |stopping, undoing| RunPhase::Going { since: NOW, deadline: Some(after(120)), stopping, undoing };
    vec![
        RunPhase::Asked { until: after(900) },
        under_way(None, None),
        under_way(Some(cancelled), None),
        under_way(Some(Stopping::Late), None),
        under_way(None, because.clone()),
        over(RunEnd::Passed),
        over(RunEnd::Failed { why: why.clone() }),
        over(RunEnd::Cancelled { by: by.clone(), why: because }),
        over(RunEnd::Refused { by: Some(by) }),
        RunPhase::Over { began: None, at: NOW, how: RunEnd::Refused { by: None } },
        over(RunEnd::Voided { why: why.clone() }),
        over(RunEnd::Undone { why }),
    ]
}

/// A run in which everything that people or programs wrote is this text.
fn full_of(text: &str, steps: usize) -> RunSeen {
    let kinds = [
        StepKind::Shell(Shell::Script(text.to_owned())),
        StepKind::Manual(Manual::Task(text.to_owned())),
        StepKind::Manual(Manual::Code { language: text.to_owned(), code: text.to_owned() }),
        StepKind::Approve(Question { text: Some(text.to_owned()), approve: approve() }),
    ];
    let step = |n: usize| Step {
        name: (n.is_multiple_of(4)).then(|| format!("step-{n}").parse().unwrap()),
        kind: kinds[n % 4].clone(),
        beside: text.to_owned(),
        options: StepOptions { undo: "step-0".parse().ok(), ..StepOptions::default() },
        ..shell("x")
    };
    let mut seen = seen((0..steps).map(step).collect());
    let plan = Arc::make_mut(&mut seen.run.plan);
    plan.asides = vec![shell("restore")];
    for field in [&mut plan.service, &mut plan.title, &mut plan.action] {
        *field = text.to_owned();
    }
    plan.values = [("version".to_owned(), text.to_owned())].into();
    plan.lock = Some(text.to_owned());
    plan.danger = Some(text.to_owned());
    plan.approve = Some(Approve { role: text.to_owned(), count: 3, ..approve() });
    seen.run.steps.push(StepState::Waiting);
    seen.run.asked.by = person(text);
    seen.run.agreed = vec![Stamp { at: NOW, by: person(text) }; 30];
    seen.run.glass = Some(text.to_owned());
    seen
}

#[test]
fn every_phase_and_state_fits_whatever_is_written_in_it() {
    for text in [hostile(), "é".repeat(2_000), "*_\n".repeat(700), String::new()] {
        for steps in [0, 4] {
            let mut seen = full_of(&text, steps);
            for (n, phase) in all_phases(&text).into_iter().enumerate() {
                seen.run.phase = phase;
                for (m, state) in all_states(&text).into_iter().enumerate() {
                    // Under way each state is at each kind of step; else one of each is enough.
                    let (all, one) = (n == 1, m == n);
                    for at in (0..=steps).filter(|at| all || (one && (at + n) % (steps + 1) == 0)) {
                        seen.run.steps.fill(done(StepEnd::Passed, &text));
                        seen.run.steps[at] = state.clone();
                        seen.live = Some(Tail { step: StepAt::try_from(at).unwrap(), text: text.clone() });
                        holds(&card(&seen));
                    }
                }
            }
        }
        let seen = full_of(&text, 4);
        holds(&Face { files: vec![], ..plan(&seen) });
        holds(&Face { files: vec![], ..output(&seen) });
    }
}

#[test]
fn three_hundred_steps_fit_wherever_the_run_is() {
    // Shorter than elsewhere: the hash of the plan, which is on each card, takes its time.
    let text = text::cut(&hostile(), 200);
    let mut seen = full_of(&text, 300);
    for (phase, state) in all_phases(&text).into_iter().zip(all_states(&text)) {
        seen.run.phase = phase;
        for at in [0, 150, 299] {
            seen.run.steps.fill(done(StepEnd::Passed, &text));
            seen.run.steps[at] = state.clone();
            holds(&card(&seen));
        }
    }
    holds(&Face { files: vec![], ..plan(&seen) });
}
