//! What people are told: drafts, who sent what where, and what an exercise tells nobody.

use std::time::Duration;

use muster::core::incidents::telling::draft;
use muster::model::button::{Button, FormKind};
use muster::model::card::{Show, What};
use muster::model::effect::{Board, Effect, Place};
use muster::model::event::{Reason, Settlement};
use muster::model::ids::{ChannelId, IncidentId, MessageId};
use muster::model::reply::{Form, Reply};
use muster::model::telling::{Audience, Stage, TellCard, Told};
use muster::sandbox::world::seed;

use super::rig::{Rig, Who, said, words};

const ONE: IncidentId = IncidentId(1);

fn declared(severity: &str, drill: &str) -> Rig {
    let mut rig = Rig::new();
    let args =
        [("title", "Streams stop."), ("severity", severity), ("service", "soundlab"), ("drill", drill)];
    rig.command(Who::Responder, "incident declare", &args).expect("declared");
    rig
}

fn board(e: &Effect) -> bool {
    matches!(
        e,
        Effect::PostBoard { board: Board::Tell(ONE), .. } | Effect::EditBoard { board: Board::Tell(ONE), .. }
    )
}

fn form(rig: &mut Rig, who: Who, audience: Audience) -> Form {
    match rig.press(who, Button::Tell(ONE, audience)) {
        Ok(Reply::Form(form)) => form,
        other => panic!("{other:?}"),
    }
}

fn send(rig: &mut Rig, who: Who, audience: Audience, text: &str) -> String {
    let form = form(rig, who, audience);
    said(rig.submit(who, form.kind, &[("text", text)]))
}

#[test]
fn a_p1_and_a_p2_have_drafts_and_what_becomes_one_gets_them() {
    for (severity, drafts) in [("P1", true), ("P2", true), ("P3", false), ("P4", false)] {
        let rig = declared(severity, "false");
        assert_eq!(rig.owed().iter().any(board), drafts, "{severity}");
    }
    let mut rig = declared("P3", "false");
    rig.command(Who::Lead, "incident update", &[("status", "identified")]).expect("updated");
    assert!(!rig.owed().iter().any(board));
    rig.command(Who::Lead, "incident severity", &[("severity", "P2")]).expect("it is worse");
    let posted = |e: &&Effect| matches!(e, Effect::PostBoard { place: Place::Thread(ONE), .. });
    assert_eq!(rig.owed().iter().filter(posted).count(), 1);
    let less = [("severity", "P4"), ("why", "a mirror")];
    rig.command(Who::Lead, "incident severity", &less).expect("less bad");
    assert!(rig.owed().iter().any(|e| matches!(e, Effect::EditBoard { .. })), "what is there follows");
}

#[test]
fn the_drafts_follow_the_incident_from_its_cause_to_its_end() {
    let mut rig = declared("P2", "false");
    let first = rig.shown(board);
    for words in [
        "Tell people · INC-1 · investigating",
        "There is a problem with soundlab: Streams stop. It began at 2026-11-21 10:00 CET.",
        "Investigating: Streams stop\n\nAffected: soundlab\nBegan: 2026-11-21 10:00 CET\n\nThe cause is not known yet",
        "☐ Public text: nobody was told yet",
        "☐ Link the tracker's record: `/incident link`",
        "[Public text]",
        "[Status page]",
    ] {
        assert!(first.contains(words), "{words} is not in {first}");
    }
    let link = [("url", "https://tracker.example/7"), ("label", "record")];
    rig.command(Who::Lead, "incident link", &link).expect("linked");
    assert!(rig.shown(board).contains("☑ The tracker's record is linked"));
    for (status, text, says) in [
        ("identified", "A *relay* died", "We know the cause of the problem with soundlab"),
        ("monitoring", "A relay was replaced", "should be over"),
    ] {
        rig.command(Who::Lead, "incident update", &[("status", status), ("text", text)]).expect("updated");
        let shown = rig.shown(board);
        assert!(shown.contains(says) && shown.contains(status), "{shown}");
        assert!(shown.contains(&text.replace('*', "\\*")), "what was said last is in the long one: {shown}");
    }
    rig.pass(Duration::from_secs(3600));
    rig.command(Who::Lead, "incident resolve", &[("how", "a new relay")]).expect("resolved");
    let shown = rig.shown(board);
    let end = "is over: Streams stop. It began at 2026-11-21 10:00 CET and ended at 2026-11-21 11:00 CET.";
    assert!(shown.contains(end), "{shown}");
    // The same for one person's eyes.
    let drafts = said(rig.command(Who::Responder, "incident drafts", &[("incident", "INC-1")]));
    assert!(drafts.contains(end) && drafts.contains("[Status page]"), "{drafts}");
    rig.command(Who::Lead, "incident close", &[("incident", "INC-1")]).expect("closed");
    let shown = rig.shown(board);
    assert!(!shown.contains("[Public text]") && !shown.contains("Draft"), "{shown}");
    rig.press(Who::Lead, Button::Tell(ONE, Audience::Public)).expect_err("it is closed");
}

#[test]
fn what_is_sent_goes_to_the_announcements_and_stands_in_the_timeline() {
    let mut rig = declared("P2", "false");
    let form = form(&mut rig, Who::Responder, Audience::Public);
    let draft = form.fields[0].value.clone().expect("a draft");
    assert!(draft.starts_with("There is a problem with soundlab") && form.fields[0].required);
    let text = "Streams stop. @everyone **sorry** \u{202e}see https://status.example";
    let done = said(rig.submit(Who::Responder, form.kind, &[("text", text)]));
    let general = ChannelId(seed::GENERAL.0);
    assert!(done.contains(&format!("goes to <#{general}>")), "{done}");
    let announced: Vec<&Effect> = rig
        .owed()
        .iter()
        .filter(|e| matches!(e, Effect::Say { place: Place::Channel(c), .. } if *c == general))
        .collect();
    let [Effect::Say { show, .. }] = announced.as_slice() else { panic!("{announced:?}") };
    assert_eq!(words(show), "Streams stop. \\@everyone \\*\\*sorry\\*\\* see https://status.example");
    let entries = rig.history(1).entries;
    let What::Told { audience: Audience::Public, stage: Stage::Investigating, text, place } =
        &entries.last().expect("an entry").what
    else {
        panic!("{entries:?}")
    };
    assert_eq!((text.contains('\u{202e}'), *place), (false, Told::Channel(general)));
    let shown = rig.shown(board);
    assert!(shown.contains("☑ Public text: responder told it in <#"), "{shown}");
    assert_eq!(rig.incident(1).respond_by, None, "who tells people has begun");
    // A new state is something new to tell.
    rig.command(Who::Lead, "incident update", &[("status", "monitoring")]).expect("updated");
    let shown = rig.shown(board);
    assert!(shown.contains("☐ Public text: it is monitoring now; responder told it"), "{shown}");
    assert!(shown.contains("when it was investigating"), "{shown}");
}

#[test]
fn what_muster_cannot_reach_is_recorded_and_given_back_to_be_copied() {
    let mut rig = declared("P1", "false");
    let status = send(&mut rig, Who::Lead, Audience::StatusPage, "Down ``` since 10:00");
    assert!(status.contains("as told. Copy the status page:\n```\nDown ''' since 10:00\n```"), "{status}");
    rig.house.settings.channels.announcements = None;
    let public = send(&mut rig, Who::Lead, Audience::Public, "We are *down*");
    assert!(public.contains("```\nWe are *down*\n```"), "{public}");
    assert!(!rig.owed().iter().any(|e| matches!(e, Effect::Say { place: Place::Channel(_), .. })));
    let shown = rig.shown(board);
    assert!(shown.contains("☑ Public text: lead told it elsewhere"), "{shown}");
    assert!(shown.contains("☑ Status page: lead told it elsewhere"), "{shown}");
}

#[test]
fn an_exercise_says_so_loudly_and_tells_nobody() {
    let mut rig = declared("P1", "true");
    let shown = rig.shown(board);
    assert!(shown.contains("EXERCISE · Tell people") && shown.contains("nobody outside is told"), "{shown}");
    for audience in Audience::ALL {
        let form = form(&mut rig, Who::Lead, audience);
        assert!(form.title.starts_with("EXERCISE") && form.fields[0].label.contains("told to nobody"));
        assert!(form.fields[0].value.as_ref().is_some_and(|v| v.starts_with("[EXERCISE, NOT REAL]")));
        let done = said(rig.submit(Who::Lead, form.kind, &[("text", "all is lost")]));
        assert!(done.contains("nobody was told"), "{done}");
        assert!(rig.owed().iter().all(|e| !matches!(e, Effect::Say { place: Place::Channel(_), .. })));
        let last = rig.history(1).entries.pop().expect("an entry").what;
        assert!(matches!(last, What::Told { place: Told::Nowhere, .. }), "{last:?}");
    }
}

#[test]
fn two_who_send_at_once_tell_it_once_and_no_word_is_lost() {
    let mut rig = declared("P1", "false");
    let (first, second) =
        (form(&mut rig, Who::Responder, Audience::Public), form(&mut rig, Who::Lead, Audience::Public));
    rig.submit(Who::Responder, first.kind.clone(), &[("text", "We are down")]).expect("the first");
    let before = rig.commits.len();
    for late in [second.kind, first.kind] {
        let told = rig.submit(Who::Lead, late, &[("text", "All is down")]).expect_err("told already");
        assert!(told.0.contains("responder did that") && told.0.contains("All is down"), "{}", told.0);
    }
    assert_eq!(rig.commits.len(), before);
    assert!(send(&mut rig, Who::Lead, Audience::Public, "Still down").contains("goes to"), "more to say");
    assert_eq!(rig.incident(1).tellings.told[&Audience::Public].times, 2);
}

#[test]
fn only_who_may_tells_and_only_of_what_goes_on() {
    let mut rig = declared("P1", "false");
    rig.press(Who::Onlooker, Button::Tell(ONE, Audience::Public)).expect_err("no role");
    let kind = FormKind::Tell(ONE, Audience::Public, Stage::Investigating, 0);
    rig.submit(Who::Onlooker, kind.clone(), &[("text", "haha")]).expect_err("no role");
    rig.submit(Who::Lead, kind.clone(), &[("text", " \u{200b}\n")]).expect_err("nothing to see");
    rig.submit(Who::Lead, kind.clone(), &[]).expect_err("no field");
    rig.press(Who::Lead, Button::Tell(IncidentId(9), Audience::Public)).expect_err("there is none");
    rig.command(Who::Lead, "incident declare", &[("title", "All"), ("severity", "P1")]).expect("declared");
    let merge = [("incident", "INC-1"), ("into", "INC-2")];
    rig.command(Who::Lead, "incident merge", &merge).expect("merged");
    let refused = rig.submit(Who::Lead, kind, &[("text", "x")]).expect_err("part of another");
    assert!(refused.0.contains("INC-2"), "{}", refused.0);
}

#[test]
fn an_announcement_that_cannot_be_posted_was_told_to_nobody() {
    let mut rig = declared("P1", "false");
    let (channel, message) = (ChannelId(7), MessageId(8));
    rig.settle(board, Settlement::Posted { channel, message });
    send(&mut rig, Who::Lead, Audience::Public, "We are *down*");
    let announced = |e: &Effect| matches!(e, Effect::Say { show: Show::Announcement { .. }, .. });
    rig.settle(announced, Settlement::GaveUp { reason: Reason::Forbidden, said: "Missing Access".into() });
    assert!(!rig.incident(1).tellings.told.contains_key(&Audience::Public));
    let incidents = ChannelId(seed::INCIDENTS.0);
    let told = rig.shown(|e| matches!(e, Effect::Say { place: Place::Channel(c), .. } if *c == incidents));
    assert!(told.contains("nobody was told") && told.contains("We are \\*down\\*"), "{told}");
    assert!(rig.shown(board).contains("☐ Public text: nobody was told yet"));
    let last = rig.history(1).entries.pop().expect("an entry").what;
    assert!(matches!(&last, What::Undelivered { what, .. } if what.contains("public text")), "{last:?}");
    assert!(send(&mut rig, Who::Lead, Audience::Public, "again").contains("goes to"), "it can be sent again");
}

#[test]
fn a_draft_fits_its_form_whatever_is_in_it() {
    let mut card = TellCard {
        incident: ONE,
        title: "title ".repeat(40),
        service: Some("s".repeat(32)),
        began: super::rig::BEGIN,
        ended: Some(super::rig::BEGIN),
        stage: Stage::Resolved,
        latest: Some("é ".repeat(2_000)),
        told: Default::default(),
        linked: false,
        drill: true,
        goes_on: true,
    };
    for stage in Stage::ALL {
        card.stage = stage;
        for audience in Audience::ALL {
            let text = draft(&card, audience, chrono_tz::America::Argentina::ComodRivadavia);
            assert!(text.chars().count() <= audience.longest().into(), "{text}");
            assert!(audience.longest() <= 4000, "Discord's longest text of a form");
        }
    }
}
