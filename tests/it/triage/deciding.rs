//! A level, an incident or none, and that it is decided once.

use std::time::Duration;

use muster::model::button::{Button, FormKind, TriageButton};
use muster::model::card::What;
use muster::model::effect::{Board, Effect, Place};
use muster::model::event::{Event, Reason, Settlement};
use muster::model::ids::{ChannelId, MessageId, TriageId};
use muster::model::incident::{Card, Severity};
use muster::model::reply::Reply;
use muster::model::triage::{Because, Feature, Users};
use muster::sandbox::world::seed;

use super::rig::{BEGIN, Rig, Who, said, words};

const ONE: TriageId = TriageId(1);
const MANY_CORE: [(&str, &str); 4] =
    [("what", "Tracks do not play"), ("users", "many"), ("feature", "core"), ("data", "no")];

fn asked(rig: &mut Rig) -> String {
    said(rig.command(Who::Responder, "triage", &MANY_CORE))
}

fn post(e: &Effect) -> bool {
    matches!(e, Effect::PostBoard { board: Board::Triage(_), .. })
}

fn edit(e: &Effect) -> bool {
    matches!(e, Effect::EditBoard { board: Board::Triage(_), .. })
}

#[test]
fn the_message_says_level_reason_time_and_playbooks_where_it_was_asked() {
    let mut rig = Rig::new();
    assert!(asked(&mut rig).contains("**TRI-1**: P2 high"));
    let place =
        |e: &Effect| matches!(e, Effect::PostBoard { place: Place::Channel(c), .. } if c.0 == seed::ALERTS.0);
    let shown = rig.shown(place);
    let by = BEGIN.seconds() + 3600;
    for words in [
        "TRI-1 · P2 high",
        "Tracks do not play",
        "Said by responder",
        &format!("within 1 h: by <t:{by}:f> (<t:{by}:R>)"),
        "Many people are affected, it is a core feature, and no data is at risk.",
        "`/runbook service:nexus action:audio`",
        "(fits: tracks, play)",
        "[Open incident as P2]",
        "[Another level]",
        "[No incident]",
    ] {
        assert!(shown.contains(words), "{words} is not in {shown}");
    }
    assert!(rig.state.incidents.is_empty() && rig.state.runs.is_empty(), "nothing starts by itself");
}

#[test]
fn the_zone_and_the_days_are_those_of_the_service() {
    let mut rig = Rig::new();
    let book = rig.house.runbooks.get_mut("nexus").expect("it is built in");
    // Saturday 22:00 there; the next working day is Sunday.
    book.timezone = Some(chrono_tz::Asia::Tokyo);
    book.working_days = vec![chrono::Weekday::Sun, chrono::Weekday::Tue];
    rig.now = rig.now.after(Duration::from_secs(4 * 3600));
    let ask = |service| {
        [
            ("what", "a typo"),
            ("users", "some"),
            ("feature", "secondary"),
            ("data", "no"),
            ("service", service),
        ]
    };
    rig.command(Who::Responder, "triage", &ask("nexus")).expect("asked");
    let by = |rig: &Rig, id| rig.state.triages[&TriageId(id)].triage.respond_by.rfc3339();
    assert_eq!(by(&rig, 1), "2026-11-22T14:59:00.000Z");
    // Another service: Berlin, Monday to Friday.
    rig.command(Who::Responder, "triage", &ask("soundlab")).expect("asked");
    assert_eq!(by(&rig, 2), "2026-11-23T22:59:00.000Z");
    assert!(said(rig.command(Who::Responder, "triage", &ask("shop"))).contains("shop"));
}

#[test]
fn it_opens_an_incident_whose_first_entry_tells_all_of_it() {
    let mut rig = Rig::new();
    asked(&mut rig);
    rig.pass(Duration::from_secs(600));
    let answer = said(rig.press(Who::Lead, Button::Triage(ONE, TriageButton::Open)));
    assert!(answer.contains("**INC-1** is declared as P2 high"), "{answer}");
    let history = rig.history(1);
    let What::Declared { title, severity, respond_by, triage: Some(triage) } = &history.entries[0].what
    else {
        panic!("{:?}", history.entries)
    };
    assert_eq!((title.as_str(), *severity), ("Tracks do not play", Severity::P2));
    // The hour counts from when it was said.
    assert_eq!(*respond_by, Some(BEGIN.after(Duration::from_secs(3600))));
    assert_eq!(triage.because, Because::Reach { users: Users::Many, feature: Feature::Core });
    assert_eq!((triage.overruled.as_ref(), triage.playbooks.len()), (None, 1));
    assert_eq!(history.card.declared.by.name, "lead");
    let shown = rig.shown(edit);
    assert!(shown.contains("Decided: **INC-1** opened by lead"), "{shown}");
    assert!(!shown.contains('['), "no button is left: {shown}");
    let thread = rig.shown(|e| matches!(e, Effect::Say { place: Place::Thread(_), .. }));
    for words in
        ["TRI-1", "Many people are affected", "`/runbook service:nexus action:audio`", "within 1 h: by <t:"]
    {
        assert!(thread.contains(words), "{words} is not in {thread}");
    }
    // Once the thread is there, the message leads to it.
    let (channel, message) = (ChannelId(seed::INCIDENTS.0), MessageId(7));
    rig.settle(|e| matches!(e, Effect::PostCard { .. }), Settlement::Posted { channel, message });
    rig.settle(|e| matches!(e, Effect::OpenThread { .. }), Settlement::Opened { thread: ChannelId(7) });
    assert!(rig.shown(edit).contains("**INC-1** in <#7> opened by lead"));
}

#[test]
fn who_comes_second_learns_what_the_first_decided() {
    for (first, learned) in [
        (TriageButton::Open, "lead opened **INC-1** as P2 high"),
        (TriageButton::NoIncident, "lead said <t:1795251600:R> that it is no incident"),
    ] {
        let mut rig = Rig::new();
        asked(&mut rig);
        // Both opened the form, or see the buttons.
        let form = rig.press(Who::Responder, Button::Triage(ONE, TriageButton::Other));
        assert!(matches!(form, Ok(Reply::Form(_))), "{form:?}");
        rig.press(Who::Lead, Button::Triage(ONE, first)).expect("the first decides");
        let before = rig.commits.len();
        for late in [TriageButton::Open, TriageButton::Other, TriageButton::NoIncident] {
            let told = rig.press(Who::Responder, Button::Triage(ONE, late)).expect_err("it is decided");
            assert!(told.0.contains(learned), "{}", told.0);
        }
        let told =
            rig.submit(Who::Responder, FormKind::Level(ONE), &[("level", "P1"), ("why", "it is worse")]);
        assert!(told.as_ref().is_err_and(|r| r.0.contains(learned)), "{told:?}");
        assert_eq!(rig.commits.len(), before);
        assert!(rig.state.incidents.len() <= 1);
    }
}

#[test]
fn another_level_takes_a_reason_and_is_told_with_it() {
    let mut rig = Rig::new();
    asked(&mut rig);
    for (level, why, told) in [
        ("P5", "x", "P5"),
        ("", "x", "severity"),
        ("P1", " \u{202e}\n", "Say why TRI-1 is P1 and not P2"),
        ("p2", "same", "P2 is what follows"),
    ] {
        let refused = rig.submit(Who::Lead, FormKind::Level(ONE), &[("level", level), ("why", why)]);
        assert!(refused.as_ref().is_err_and(|r| r.0.contains(told)), "{level:?} {why:?}: {refused:?}");
    }
    let done =
        rig.submit(Who::Lead, FormKind::Level(ONE), &[("level", " p1 "), ("why", "a **paying** customer")]);
    assert!(said(done).contains("P1 critical"));
    assert_eq!((rig.incident(1).severity, rig.incident(1).respond_by), (Severity::P1, Some(BEGIN)));
    let shown = rig.shown(edit);
    assert!(
        shown.contains("as P1 critical, instead of what followed: a \\*\\*paying\\*\\* customer"),
        "{shown}"
    );
    let thread = rig.shown(|e| matches!(e, Effect::Say { place: Place::Thread(_), .. }));
    assert!(thread.contains("So it is P2 high, and was opened as P1 critical: a \\*\\*paying"), "{thread}");
    assert!(thread.ends_with("Respond at once"), "{thread}");
}

#[test]
fn only_who_may_declare_may_ask_and_decide() {
    let mut rig = Rig::new();
    let refused = rig.command(Who::Onlooker, "triage", &MANY_CORE).expect_err("no role");
    assert!(refused.0.contains("`/triage` is for"), "{}", refused.0);
    asked(&mut rig);
    for button in [TriageButton::Open, TriageButton::Other, TriageButton::NoIncident] {
        rig.press(Who::Onlooker, Button::Triage(ONE, button)).expect_err("no role");
    }
    let form = FormKind::Level(ONE);
    rig.submit(Who::Onlooker, form.clone(), &[("level", "P1"), ("why", "x")]).expect_err("no role any more");
    for command in ["triage", "incident"] {
        let mut rig = Rig::new();
        asked(&mut rig);
        rig.house.commands.remove(command);
        rig.press(Who::Lead, Button::Triage(ONE, TriageButton::Open)).expect_err("it is switched off");
        rig.submit(Who::Lead, form.clone(), &[("level", "P1"), ("why", "x")]).expect_err("switched off");
        assert!(rig.state.incidents.is_empty());
    }
}

#[test]
fn forged_old_and_forgotten_ones_are_refused_with_a_sentence() {
    let mut rig = Rig::new();
    let open = |id| Button::Triage(TriageId(id), TriageButton::Open);
    let told = said(rig.press(Who::Lead, open(1)));
    assert!(told.contains("TRI-1 is not remembered any more. `/triage` asks anew."), "{told}");
    asked(&mut rig);
    rig.pass(Duration::from_secs(24 * 3600));
    assert!(matches!(rig.press(Who::Lead, Button::Triage(ONE, TriageButton::Other)), Ok(Reply::Form(_))));
    rig.pass(Duration::from_millis(1));
    assert!(said(rig.press(Who::Lead, open(1))).contains("more than a day old"));
    // A new one lets go of those of yesterday, and of the oldest where there are very many.
    asked(&mut rig);
    assert_eq!(rig.state.triages.keys().copied().collect::<Vec<_>>(), [TriageId(2)]);
    for _ in 0..70 {
        asked(&mut rig);
    }
    assert_eq!(rig.state.triages.len(), 64);
    assert!(said(rig.press(Who::Lead, open(2))).contains("not remembered"));
    rig.press(Who::Lead, open(72)).expect("the newest is there");
    assert_eq!(rig.state.next_triage(), TriageId(73), "no number comes twice");
}

#[test]
fn what_is_wrong_is_shown_as_typed_and_pings_nobody() {
    let mut rig = Rig::new();
    let tricks = "a\u{202e}b **bold** @everyone <@1> [x](http://y)\n# head \u{1b}[31m";
    let mut ask = MANY_CORE;
    ask[0].1 = tricks;
    rig.command(Who::Responder, "triage", &ask).expect("asked");
    let shown = rig.shown(post);
    assert!(
        shown.contains("ab \\*\\*bold\\*\\* \\@everyone \\<\\@1\\> \\[x\\](http://y) \\# head"),
        "{shown}"
    );
    ask[0].1 = "\u{202e}\u{200b}\n";
    assert!(said(rig.command(Who::Responder, "triage", &ask)).contains("Nothing of that can be seen"));
    let long = "very long words ".repeat(31);
    ask[0].1 = &long;
    rig.command(Who::Responder, "triage", &ask).expect("asked");
    rig.press(Who::Lead, Button::Triage(TriageId(2), TriageButton::Open)).expect("opened");
    assert!(rig.incident(1).title.chars().count() <= 200);
    let What::Declared { triage: Some(triage), .. } = &rig.history(1).entries[0].what else { panic!() };
    assert_eq!(triage.what, long.trim(), "the whole of it is kept");
}

#[test]
fn wrong_answers_are_told_which_there_are() {
    let mut rig = Rig::new();
    for (at, wrong, told) in [(1, "few", "nobody-yet"), (2, "main", "secondary"), (3, "yes", "at-risk")] {
        let mut ask = MANY_CORE;
        ask[at].1 = wrong;
        let refused = rig.command(Who::Responder, "triage", &ask).expect_err("no such answer");
        assert!(refused.0.contains(told), "{}", refused.0);
    }
}

#[test]
fn a_deleted_message_comes_again_and_a_closed_channel_is_no_end() {
    let mut rig = Rig::new();
    asked(&mut rig);
    let gone = |reason| Settlement::GaveUp { reason, said: "no".to_owned() };
    rig.settle(post, gone(Reason::Forbidden));
    let incidents = ChannelId(seed::INCIDENTS.0);
    assert!(matches!(rig.owed(), [Effect::PostBoard { place: Place::Channel(c), .. }] if *c == incidents));
    rig.settle(post, Settlement::Posted { channel: incidents, message: MessageId(5) });
    assert_eq!(rig.state.triages[&ONE].card, Card::At { channel: incidents, message: MessageId(5) });
    rig.press(Who::Lead, Button::Triage(ONE, TriageButton::NoIncident)).expect("decided");
    rig.settle(edit, gone(Reason::Gone));
    assert!(rig.shown(post).contains("No incident, says lead"), "it is posted anew as it stands");
    rig.settle(post, gone(Reason::Gone));
    rig.settle(post, gone(Reason::Gone));
    assert_eq!(rig.state.triages[&ONE].card, Card::Lost);
    assert!(rig.state.unsettled.is_empty(), "{:?}", rig.state.unsettled);
}

#[test]
fn what_is_asked_in_a_private_thread_is_said_nowhere_else() {
    let mut rig = Rig::new();
    let declare = [("title", "A leak"), ("severity", "P3"), ("private", "true")];
    rig.command(Who::Responder, "incident declare", &declare).expect("declared");
    let thread = ChannelId(seed::ALERTS.0);
    rig.settle(|e| matches!(e, Effect::OpenPrivate { .. }), Settlement::Opened { thread });
    asked(&mut rig);
    rig.settle(post, Settlement::GaveUp { reason: Reason::Forbidden, said: "no".to_owned() });
    assert_eq!(rig.owed(), [], "{:?}", rig.owed());
    asked(&mut rig);
    rig.settle(post, Settlement::Posted { channel: thread, message: MessageId(5) });
    rig.press(Who::Lead, Button::Triage(TriageId(2), TriageButton::NoIncident)).expect("decided");
    rig.settle(edit, Settlement::GaveUp { reason: Reason::Forbidden, said: "no".to_owned() });
    assert_eq!(rig.owed(), [], "{:?}", rig.owed());
}

#[test]
fn the_card_asks_for_a_response_until_somebody_does_something() {
    let acts: [(&str, &[(&str, &str)]); 4] = [
        ("incident note", &[("text", "looking")]),
        ("incident update", &[("status", "identified")]),
        ("incident severity", &[("severity", "P1")]),
        ("incident link", &[("url", "https://tracker.example/1")]),
    ];
    for (command, args) in acts {
        let mut rig = Rig::new();
        let declare = [("title", "Slow"), ("severity", "P2"), ("service", "nexus")];
        rig.command(Who::Responder, "incident declare", &declare).expect("declared");
        let card = |e: &Effect| matches!(e, Effect::PostCard { .. } | Effect::EditCard { .. });
        let by = BEGIN.seconds() + 3600;
        assert!(rig.shown(card).contains(&format!("Respond: within 1 h: by <t:{by}:f>")));
        let show = said(rig.command(Who::Onlooker, "incident show", &[]));
        assert!(show.contains("Respond: within 1 h"), "{show}");
        rig.command(Who::Responder, command, args).expect("done");
        assert!(!rig.shown(card).contains("Respond"), "{command}");
        assert_eq!(rig.incident(1).respond_by, None);
        assert_eq!(rig.history(1).card.respond_by, None, "the history says the same");
    }
}

#[test]
fn reminders_are_no_response() {
    let mut rig = Rig::new();
    rig.command(Who::Responder, "incident declare", &[("title", "Down"), ("severity", "P1")])
        .expect("declared");
    rig.pass(Duration::from_secs(31 * 60));
    rig.step(&muster::model::input::Input::Wake).expect("a time is no person");
    let reminded = rig
        .commits
        .last()
        .expect("a commit")
        .events
        .iter()
        .any(|e| matches!(e, Event::IncidentReminded { .. }));
    assert!(reminded && rig.incident(1).respond_by == Some(BEGIN));
    assert!(words(&muster::core::incidents::telling::show(rig.incident(1))).contains("Tell people"));
}
