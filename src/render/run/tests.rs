//! Every state that a run and its steps can have, with text that wants to break out of the card.

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

/// 2026-11-21T17:00:00Z.
const NOW: Timestamp = Timestamp(1_795_251_600_000);

fn after(seconds: i64) -> Timestamp {
    Timestamp(NOW.0 + seconds * 1000)
}

/// Text that wants to be more than text.
fn hostile() -> String {
    "``` `a` ````` @everyone <@1> \u{202e}\u{1b}[31m**x** # h\n> q ||s|| ".repeat(40)
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
        danger: Some("The service is away for a minute".to_owned()),
        dry: false,
    };
    let run = Run {
        id: RunId(3),
        plan: Arc::new(plan),
        asked: Stamp { at: NOW, by: person("responder") },
        incident: Some(IncidentId(7)),
        channel: Some(ChannelId(1)),
        phase: RunPhase::Asked { until: after(900) },
        steps: vec![StepState::Waiting; n],
        attempts: vec![0; n],
        captures: Default::default(),
        agreed: vec![],
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
        assert!(matches!(button, Button::Run(RunId(3), _)));
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
        StepState::Asked { since: NOW, reminded: 2 },
        StepState::Approving { since: NOW, until: after(900) },
        StepState::Unknown { since: NOW, asking: Some(0) },
        StepState::Unknown { since: NOW, asking: None },
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
    for text in [hostile(), "é".repeat(2_000), "*_".repeat(1_000), "a\n".repeat(1_000), String::new()] {
        // Its hash stands on each card, and a long plan's takes a while in a build for tests.
        for steps in [0, 1, 4] {
            let mut seen = full_of(&text, steps);
            for phase in all_phases(&text) {
                seen.run.phase = phase;
                for state in all_states(&text) {
                    for at in 0..=steps {
                        seen.run.steps.fill(done(StepEnd::Passed, &text));
                        let Some(slot) = seen.run.steps.get_mut(at) else { continue };
                        *slot = state.clone();
                        seen.live = Some(Tail { step: StepAt::try_from(at).unwrap(), text: text.clone() });
                        holds(&card(&seen));
                    }
                }
            }
        }
        let mut seen = full_of(&text, 300);
        for (phase, state) in all_phases(&text).into_iter().zip(all_states(&text)) {
            seen.run.phase = phase;
            seen.run.steps.fill(done(StepEnd::Passed, &text));
            seen.run.steps[150] = state;
            holds(&card(&seen));
        }
        holds(&Face { files: vec![], ..plan(&seen) });
        holds(&Face { files: vec![], ..output(&seen) });
    }
}

#[test]
fn a_run_that_is_asked_for_says_who_must_agree_and_until_when() {
    let face = card(&three());
    assert_eq!(face.embeds[0].title.as_deref(), Some("RUN-3 · soundlab · Quick rollback"));
    has(&face, &["Waits for approval", "**approver**", "not responder", "<t:1795252500:R>"]);
    has(&face, &["break glass from <t:1795251720:R>", "The service is away", "version = 0.8.4", "for INC-7"]);
    has(&face, &["will hold the lock soundlab/deploy", "□ 1. before", "□ 3. healthy"]);
    assert_eq!(labels(&face), ["Approve", "Refuse", "Break glass", "Cancel run", "What runs"]);
    assert_eq!(face.buttons[0].button, Button::Run(RunId(3), RunButton::Agree(None)));
    let mut dry = three();
    Arc::make_mut(&mut dry.run.plan).dry = true;
    has(&card(&dry), &["Quick rollback · dry run"]);
}

#[test]
fn a_run_under_way_shows_its_step_its_clock_and_what_is_printed() {
    let mut seen = three();
    seen.run.phase = going();
    seen.run.agreed = vec![Stamp { at: NOW, by: person("approver") }];
    seen.run.steps[0] = done(StepEnd::Warned, "HTTP 503");
    seen.run.steps[1] = StepState::Going { attempt: 2, since: after(62), process: None };
    seen.live = Some(Tail { step: 1, text: "pulling\nup".to_owned() });
    let face = card(&seen);
    has(&face, &["**Runs** step 2 of 3: swap", "▰▰▰▰▱▱▱▱▱▱▱▱ 1 of 3 done"]);
    has(&face, &["must be done <t:1795251780:R> (2 m 00 s)", "started <t:1795251660:R>"]);
    has(&face, &["⚠ 1. before · 1.2 s · warning: HTTP 503", "▶ **2. swap**", "attempt 2", "□ 3. healthy"]);
    has(&face, &["```\npulling\nup\n```", "holds the lock soundlab/deploy", "agreed: approver"]);
    assert_eq!(labels(&face), ["Cancel run", "What runs"]);
    seen.live = Some(Tail { step: 2, text: "of another step".to_owned() });
    assert!(!says(&card(&seen)).contains("of another step"));
    seen.run.steps[1] = StepState::Again { at: after(90), why: "exit 1".to_owned() };
    has(&card(&seen), &["↻ **2. swap** · again <t:1795251690:R> · exit 1"]);
    seen.run.phase = RunPhase::Going {
        since: after(60),
        deadline: None,
        stopping: Some(Stopping::Cancelled { by: person("lead"), why: Some("wrong service".to_owned()) }),
        undoing: None,
    };
    let face = card(&seen);
    has(&face, &["Is being cancelled** by lead: wrong service"]);
    assert!(!face.buttons[0].enabled, "it is cancelled already");
}

#[test]
fn a_person_s_step_shows_what_to_do_and_what_to_copy() {
    let code = "docker logs api --tail 50\n# @everyone ``` look";
    let mut seen = seen(vec![
        manual(Manual::Task("Tell *everyone*".to_owned()), "Ask first:\n- in **#ops**"),
        manual(Manual::Code { language: "sh".to_owned(), code: code.to_owned() }, ""),
    ]);
    seen.run.phase = going();
    seen.run.steps[0] = StepState::Asked { since: after(60), reminded: 1 };
    let face = card(&seen);
    has(
        &face,
        &["Waits for a person", "step 1 of 2", "**Tell \\*everyone\\***", "> Ask first:\n> - in **#ops**"],
    );
    has(&face, &["reminded once"]);
    assert_eq!(labels(&face), ["Done", "Could not", "Does not apply", "Cancel run", "What runs"]);
    assert_eq!(face.buttons[1].button, Button::Run(RunId(3), RunButton::Failed(0)));
    seen.run.steps[0] = StepState::Over(StepOver {
        how: StepEnd::NotApplicable,
        at: after(70),
        millis: 0,
        by: Some(person("responder")),
        words: "nobody is awake".to_owned(),
        tail: String::new(),
    });
    seen.run.steps[1] = StepState::Asked { since: after(70), reminded: 0 };
    let face = card(&seen);
    has(&face, &["```sh\ndocker logs api --tail 50\n", "n/a: nobody is awake · by responder"]);
    holds(&face);
    let long = "echo a long line of a long script\n".repeat(100);
    Arc::make_mut(&mut seen.run.plan).steps[1].kind =
        StepKind::Manual(Manual::Code { language: String::new(), code: long });
    has(&card(&seen), &["**What runs** has all of it", "long script\n…\n```"]);
}

#[test]
fn a_question_in_the_middle_asks_for_that_step() {
    let question = Question { text: Some("Is the new one better?".to_owned()), approve: approve() };
    let mut seen = seen(vec![Step { kind: StepKind::Approve(question), ..shell("go-on") }]);
    seen.run.phase = going();
    seen.run.steps[0] = StepState::Approving { since: after(60), until: after(960) };
    let face = card(&seen);
    has(&face, &["Waits for approval** in step 1 of 1: go-on", "Is the new one better?"]);
    has(&face, &["<t:1795252560:R>", "break glass from <t:1795251780:R>"]);
    assert_eq!(labels(&face), ["Approve", "Refuse", "Break glass", "Cancel run", "What runs"]);
    assert_eq!(face.buttons[0].button, Button::Run(RunId(3), RunButton::Agree(Some(0))));
}

#[test]
fn a_step_that_was_cut_short_is_asked_about_with_what_each_choice_means() {
    let mut seen = three();
    seen.run.phase = going();
    seen.run.steps[1] = StepState::Unknown { since: after(70), asking: None };
    let face = card(&seen);
    has(&face, &["A person must decide", "? **2. swap**", "**Run again**: it is started a second time"]);
    assert_eq!(labels(&face), ["It worked", "Run again", "Stop", "Cancel run", "What runs"]);
    seen.run.steps[1] = StepState::Unknown { since: after(70), asking: Some(2) };
    let face = card(&seen);
    has(&face, &["healthy is asked whether it worked"]);
    assert_eq!(labels(&face), ["Cancel run", "What runs"]);
}

#[test]
fn an_end_says_how_and_holds_the_time_against_the_deadline() {
    let mut seen = three();
    let ends = [
        (RunEnd::Passed, "✅ **Passed**"),
        (RunEnd::Failed { why: "swap: exit 1".to_owned() }, "❌ **Failed**: swap: exit 1"),
        (RunEnd::Cancelled { by: person("lead"), why: None }, "🛑 **Cancelled** by lead"),
        (RunEnd::Refused { by: Some(person("approver")) }, "⛔ **Refused** by approver"),
        (RunEnd::Refused { by: None }, "nobody agreed in time"),
        (RunEnd::Voided { why: "the runbook changed".to_owned() }, "**Void**: the runbook changed"),
        (RunEnd::Undone { why: "swap failed".to_owned() }, "**Taken back**: swap failed"),
    ];
    for (how, words) in ends {
        let undone = matches!(how, RunEnd::Undone { .. });
        seen.run.phase = over(how);
        let time = if undone { "took **1 m 32 s** ·" } else { "took **1 m 32 s** of 2 m 00 s ·" };
        has(&card(&seen), &[words, time]);
        has(&output(&seen), &["**RUN-3**", words, time]);
    }
    seen.run.phase = RunPhase::Over { began: Some(NOW), at: after(121), how: RunEnd::Passed };
    has(&card(&seen), &["**2 m 01 s** of 2 m 00 s, which is too long"]);
    seen.run.phase = RunPhase::Over { began: None, at: NOW, how: RunEnd::Refused { by: None } };
    has(&card(&seen), &["it never began"]);
    seen.run.phase = over(RunEnd::Passed);
    seen.run.steps[0] = done(StepEnd::Warned, "slow");
    seen.run.glass = Some("nobody is there".to_owned());
    has(&card(&seen), &["with 1 warning", "went on without a second person: nobody is there"]);
}

#[test]
fn what_failed_shows_what_it_printed_and_offers_to_take_back_what_was_done() {
    let mut seen = three();
    let plan = Arc::make_mut(&mut seen.run.plan);
    plan.asides = vec![shell("restore"), shell("retag")];
    plan.steps[0].options.undo = "restore".parse().ok();
    plan.steps[1].options.undo = "retag".parse().ok();
    seen.run.steps = vec![done(StepEnd::Passed, "exit 0"); 2];
    let (words, tail) = ("exit 1".to_owned(), "no such image\n```".to_owned());
    let failed = StepOver { how: StepEnd::Failed, at: after(80), millis: 10, by: None, words, tail };
    seen.run.steps.extend([StepState::Over(failed), StepState::Waiting, StepState::Waiting]);
    seen.run.phase = over(RunEnd::Failed { why: "healthy: exit 1".to_owned() });
    let face = card(&seen);
    has(&face, &["✗ **3. healthy** · 10 ms · failed: exit 1", "no such image"]);
    assert!(!says(&face).contains("restore"), "what did not come is not listed");
    assert_eq!(labels(&face), ["Undo: retag, restore", "What runs"]);
    holds(&face);
    seen.run.phase = over(RunEnd::Passed);
    assert_eq!(labels(&card(&seen)), ["What runs"]);
    seen.run.phase = over(RunEnd::Failed { why: "x".to_owned() });
    Arc::make_mut(&mut seen.run.plan).dry = true;
    assert_eq!(labels(&card(&seen)), ["What runs"], "a dry run did nothing");
    seen.run.steps[3] = done(StepEnd::Passed, "");
    has(&card(&seen), &["✓ ↳ restore"]);
}

#[test]
fn of_a_long_run_the_part_around_its_step_is_listed() {
    let mut seen = seen((0..300).map(|n| shell(&format!("step-{n}"))).collect());
    seen.run.phase = going();
    seen.run.steps[..150].fill(done(StepEnd::Passed, "exit 0"));
    seen.run.steps[7] = done(StepEnd::Warned, "slow");
    seen.run.steps[150] = StepState::Going { attempt: 1, since: NOW, process: None };
    let face = card(&seen);
    has(&face, &["✓ 150. step-149", "▶ **151. step-150**", "□ 152. step-151"]);
    has(&face, &["-# … 143 before (1 with a warning)", "-# … 142 more"]);
    seen.run.steps[150] = done(StepEnd::Failed, "exit 1");
    seen.run.steps[151..].fill(done(StepEnd::Skipped, ""));
    seen.run.phase = over(RunEnd::Failed { why: "x".to_owned() });
    has(&card(&seen), &["✗ **151. step-150**"]);
    seen.run.steps[150..].fill(done(StepEnd::Passed, ""));
    has(&card(&seen), &["✓ 300. step-299"]);
}

#[test]
fn what_stays_the_same_on_a_card_is_enough_to_find_it_again() {
    let constant = |seen: &RunSeen| {
        let embed = card(seen).embeds.remove(0);
        (embed.title, embed.footer, embed.at)
    };
    let mut seen = full_of("text", 4);
    let first = constant(&seen);
    for phase in all_phases("text") {
        seen.run.phase = phase;
        assert_eq!(constant(&seen), first);
    }
    seen.run.asked.at = after(1);
    assert_ne!(constant(&seen), first, "the same thing asked for again is another run");
}

#[test]
fn the_plan_shows_what_really_runs_and_has_all_of_it_as_a_file() {
    let mut swap = shell("swap");
    swap.kind = StepKind::Shell(Shell::Script("docker tag a b # \u{202e}drawkcab\r\n````\n".to_owned()));
    swap.source = "something harmless".to_owned();
    swap.options = StepOptions {
        env: vec!["COMPOSE".to_owned()],
        secrets: vec!["REGISTRY".to_owned()],
        timeout: Some(Duration::from_secs(60)),
        needs: vec!["before".parse().unwrap()],
        ..StepOptions::default()
    };
    let argv =
        Step { kind: StepKind::Shell(Shell::Argv(vec!["ls".to_owned(), "a b".to_owned()])), ..shell("list") };
    let mut seen = seen(vec![shell("before"), swap, argv]);
    let face = plan(&seen);
    has(
        &face,
        &["**1. before** (a program)", "gets COMPOSE", "gets the secrets REGISTRY", "at most 1 m 00 s"],
    );
    has(&face, &["docker tag a b # ⟦U+202E⟧drawkcab", "needs before", "[\"ls\",\"a b\"]", "version = 0.8.4"]);
    assert!(!says(&face).contains("harmless"));
    holds(&Face { files: vec![], ..face.clone() });
    assert_eq!(face.files[0].name, "RUN-3-plan.md");
    let file = String::from_utf8(face.files[0].bytes.clone()).unwrap();
    let hash = seen.run.plan.hash();
    for words in [
        hash.as_str(),
        &"ab".repeat(32),
        "version = 0.8.4 (typed by the asker)",
        "`````sh\ndocker tag a b # ⟦U+202E⟧drawkcab\n````\n`````",
    ] {
        assert!(file.contains(words), "{words}\n{file}");
    }
    assert!(face.embeds[0].footer.as_deref().unwrap().contains(&hash[..12]));
    Arc::make_mut(&mut seen.run.plan).steps = (0..300).map(|n| shell(&format!("step-{n}"))).collect();
    let face = plan(&seen);
    has(&face, &["more steps: RUN-3-plan.md has all"]);
    let file = String::from_utf8(face.files[0].bytes.clone()).unwrap();
    assert!(file.contains("## 300. step-299"));
}

#[test]
fn what_was_printed_is_a_file_with_a_line_for_each_attempt() {
    let mut seen = three();
    seen.run.phase = over(RunEnd::Passed);
    assert!(output(&seen).files.is_empty());
    let printed = |words: &str, output| Printed { step: 1, words: words.to_owned(), output };
    let whole = Output { head: "first\n".to_owned(), tail: "last".to_owned(), dropped: 9 };
    let short = Output { head: "\u{202e}up\n".to_owned(), ..Output::default() };
    seen.printed = vec![printed("exit 1", whole), printed("exit 0\n=== x", short)];
    let face = output(&seen);
    assert_eq!(face.files[0].name, "RUN-3-output.txt");
    assert_eq!(
        String::from_utf8(face.files[0].bytes.clone()).unwrap(),
        "=== 2. swap · exit 1 ===\nfirst\n\n[… 9 bytes left out …]\nlast\n\n=== 2. swap · exit 0 === x ===\nup\n\n"
    );
}

#[test]
fn a_list_holds_as_many_runs_as_fit_and_counts_the_others() {
    let line = |n| RunLine {
        run: RunId(n),
        what: "soundlab rollback".to_owned(),
        asked: Stamp { at: NOW, by: person("responder") },
        stands: hostile(),
        lock: Some("soundlab/deploy".to_owned()),
    };
    let face = list(&(1..=200).map(line).collect::<Vec<_>>());
    holds(&face);
    has(&face, &["200 runs", "**RUN-1** · soundlab rollback", "holds soundlab/deploy", "more: `/runs show`"]);
    assert_eq!(list(&[]).embeds[0].title.as_deref(), Some("No run yet"));
}

#[test]
fn a_call_names_and_pings_whom_it_calls_and_has_room_for_its_words() {
    let face = call(&[RoleId(20)], &[UserId(10)], "please look");
    assert_eq!(face.content, "<@&20> <@10> please look");
    assert_eq!(face.pings, Pings { roles: vec![RoleId(20)], users: vec![UserId(10)] });
    assert_eq!(card(&three()).pings, Pings::default());
    let many: Vec<RoleId> = (0..200).map(|n| RoleId(1_100_000_000_000_000_000 + n)).collect();
    let face = call(&many, &[], "please look");
    assert!(face.content.chars().count() < 1_500 && face.content.ends_with("please look"));
    assert_eq!(face.pings.roles.len(), 40);
}

#[test]
fn the_tail_of_a_step_is_shown_only_while_it_is_under_way() {
    let mut seen = three();
    let live = |seen: &RunSeen, step| {
        let tail = Tail { step, text: "x".to_owned() };
        with_tail(&Seen::Run(Box::new(seen.clone())), tail).is_some()
    };
    assert!(!live(&seen, 0), "it has not begun");
    seen.run.phase = going();
    seen.run.steps[1] = StepState::Going { attempt: 1, since: NOW, process: None };
    assert!(live(&seen, 1) && !live(&seen, 0) && !live(&seen, 9));
    seen.run.steps[1] = StepState::Unknown { since: NOW, asking: Some(2) };
    assert!(live(&seen, 2) && !live(&seen, 1));
    seen.run.phase = over(RunEnd::Passed);
    assert!(!live(&seen, 2));
}
