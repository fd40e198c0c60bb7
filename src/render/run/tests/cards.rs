//! What a card says in each state, and which buttons it has.

use super::*;

#[test]
fn a_run_that_is_asked_for_says_who_must_agree_and_until_when() {
    let face = card(&three());
    assert_eq!(face.embeds[0].title.as_deref(), Some("RUN-3 · soundlab · Quick rollback"));
    has(&face, &["Waits for approval", "**approver**", "not responder", "<t:1795252500:R>"]);
    has(&face, &["break glass from <t:1795251720:R>", "The service is away", "version = 0.8.4", "for INC-7"]);
    has(&face, &["will hold the lock soundlab/deploy", "□ 1. before", "□ 3. healthy"]);
    assert_eq!(labels(&face), ["Approve", "Refuse", "Break glass", "Cancel run", "What runs"]);
    assert!(matches!(face.buttons[0].button, Button::Run(RunId(3), _, RunButton::Agree(None))));
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
    seen.run.steps[0] = StepState::Asked { since: after(60), reminded: Reminded { times: 1, last: None } };
    let face = card(&seen);
    has(
        &face,
        &["Waits for a person", "step 1 of 2", "**Tell \\*everyone\\***", "> Ask first:\n> - in **#ops**"],
    );
    has(&face, &["reminded once"]);
    assert_eq!(labels(&face), ["Done", "Could not", "Does not apply", "Cancel run", "What runs"]);
    assert_eq!(face.buttons[1].button, Button::Run(RunId(3), seen.run.tag(), RunButton::Failed(0)));
    seen.run.steps[0] = StepState::Over(StepOver {
        how: StepEnd::NotApplicable,
        at: after(70),
        millis: 0,
        by: Some(person("responder")),
        words: "nobody is awake".to_owned(),
        tail: String::new(),
    });
    seen.run.steps[1] = StepState::Asked { since: after(70), reminded: Reminded { times: 0, last: None } };
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
    assert_eq!(face.buttons[0].button, Button::Run(RunId(3), seen.run.tag(), RunButton::Agree(Some(0))));
}

#[test]
fn a_step_that_was_cut_short_is_asked_about_with_what_each_choice_means() {
    let mut seen = three();
    seen.run.phase = going();
    seen.run.steps[1] =
        StepState::Unknown { since: after(70), asking: None, process: None, reminded: Reminded::default() };
    let face = card(&seen);
    has(&face, &["A person must decide", "? **2. swap**", "**Run again**: it is started a second time"]);
    assert_eq!(labels(&face), ["It worked", "Run again", "Stop", "Cancel run", "What runs"]);
    seen.run.steps[1] = StepState::Unknown {
        since: after(70),
        asking: Some(2),
        process: None,
        reminded: Reminded::default(),
    };
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
