//! The test before a shift: its person is called by each of their ways, once; where nobody answers, the
//! on-call channel is told what to do.

use std::time::Duration;

use muster::model::button::PageButton;
use muster::model::card::Show;
use muster::model::effect::{Calling, Effect};
use muster::model::event::{Reason, Settlement};
use muster::model::ids::{ChannelId, MessageId};
use muster::model::input::Arg;
use muster::model::oncall::Reach;
use muster::model::page::{About, Way};
use muster::model::rota::{Member, Turns};
use muster::render;
use muster::sandbox::world::seed::Person::{self, Approver, Lead, Onlooker, Responder};

use super::rig::{Desk, person, text};

/// A team with soundlab's rota alone: from Sunday nine o'clock C is first and A second. It is Saturday, ten.
fn desk() -> Desk {
    let mut desk = Desk::new();
    desk.house.oncall.rotas.retain(|name, _| name == "soundlab");
    desk.house.oncall.test_before = Some(Duration::from_secs(2 * 3600));
    let hook = Reach::Webhook("https://pager.example/hook".to_owned());
    desk.house.oncall.people.get_mut("lead").unwrap().reach.push(hook);
    desk.reread();
    desk
}

fn pages(effects: &[Effect]) -> Vec<(&Calling, String)> {
    fn page(effect: &Effect) -> Option<&Calling> {
        if let Effect::Page(calling) = effect { Some(calling) } else { None }
    }
    let who = |c: &Calling| {
        let name = Person::ALL.into_iter().find(|p| c.to.person().is_some_and(|id| id.0 == p.id().0));
        format!("{} by {}", name.map_or("?", Person::name), c.way.word())
    };
    effects.iter().filter_map(page).map(|c| (c, who(c))).collect()
}

fn called(effects: &[Effect]) -> Vec<String> {
    pages(effects).into_iter().map(|(_, who)| who).collect()
}

/// What the channel is told of tests.
fn told(effects: &[Effect]) -> Vec<String> {
    let one = |e: &Effect| match e {
        Effect::Say { show: Show::Notice { text, .. }, .. } => Some(text.clone()),
        _ => None,
    };
    effects.iter().filter_map(one).collect()
}

/// Each call is done, but for those by ways that fail.
fn deliver(desk: &mut Desk, fail: &[Way]) {
    let how = |e: &Effect| match e {
        Effect::Page(c) if fail.contains(&c.way) => {
            let said = "Cannot send messages to this user (50007)".to_owned();
            Settlement::GaveUp { reason: Reason::Forbidden, said }
        }
        Effect::Page(c) if c.way == Way::Direct => {
            Settlement::Posted { channel: ChannelId(7), message: MessageId(9) }
        }
        _ => Settlement::Shown,
    };
    desk.settle(|e| matches!(e, Effect::Page(_)), how);
}

/// What the channel was told of tests in all.
fn all_told(desk: &Desk) -> Vec<String> {
    let all: Vec<Effect> = desk.commits.iter().flat_map(|c| c.effects.clone()).collect();
    told(&all).into_iter().filter(|t| t.contains("oncall override")).collect()
}

#[test]
fn whoever_comes_next_is_tested_once_by_each_of_their_ways() {
    let mut desk = desk();
    assert_eq!(called(&desk.wake()), Vec::<String>::new());
    // Two hours before Sunday, nine o'clock in Berlin: 07:00 there.
    desk.pass(21 * 60 - 1);
    assert_eq!((called(&desk.wake()), called(&desk.start())), (vec![], vec![]), "not a minute before");
    desk.pass(1);
    assert!(muster::core::is_due(&desk.state, desk.now));
    let effects = desk.wake();
    assert_eq!(
        called(&effects),
        ["lead by direct message", "lead by webhook", "responder by direct message"],
        "the first and the second of the shift"
    );
    let (calling, _) = &pages(&effects)[0];
    let face = render::face(&calling.show, None, chrono_tz::Tz::UTC);
    let (words, labels) = (&face.embeds[0].description, face.buttons.iter().map(|b| b.label.as_str()));
    assert!(words.contains("**This is a test**: you are on call from <t:1795334400:f> to"), "{words}");
    assert_eq!(labels.collect::<Vec<_>>(), ["Acknowledge", "I can't"]);
    assert!(face.content.contains("primary of soundlab"), "{}", face.content);
    let Show::Page(card) = &calling.show else { panic!("{calling:?}") };
    let (subject, plain) = render::page::plain(&[(**card).clone()]);
    assert!(subject.contains("Test before your shift") && plain.contains("2026-11-22T08:00:00"), "{plain}");

    // Once, whatever happens in between.
    assert_eq!(
        (called(&desk.wake()), called(&desk.start()), called(&desk.reread())),
        (vec![], vec![], vec![])
    );
    deliver(&mut desk, &[]);
    assert!(desk.answer(Approver, 1, PageButton::Acknowledge).contains("only whoever it calls"), "another's");
    assert!(desk.answer(Lead, 1, PageButton::Acknowledge).contains("you can be reached"));
    assert!(desk.answer(Responder, 2, PageButton::Acknowledge).contains("you can be reached"));
    desk.pass(120);
    desk.wake();
    assert_eq!(all_told(&desk), Vec::<String>::new(), "they were there");
    assert!(desk.state.pages.open().next().is_none());
}

#[test]
fn who_does_not_answer_or_cannot_be_reached_is_told_of_with_what_to_do() {
    let mut desk = desk();
    desk.pass(21 * 60);
    desk.wake();
    // Nothing reaches the second; one of the first's two ways does.
    let reaches = |e: &Effect| match e {
        Effect::Page(c) if c.way == Way::Webhook => Settlement::Shown,
        _ => {
            let said = "Cannot send messages to this user (50007)".to_owned();
            Settlement::GaveUp { reason: Reason::Forbidden, said }
        }
    };
    desk.settle(|e| matches!(e, Effect::Page(_)), reaches);
    let said = all_told(&desk);
    let [second] = said.as_slice() else { panic!("{said:?}") };
    assert!(
        second.contains("**responder** cannot be reached") || second.contains("**A** cannot be reached"),
        "{second}"
    );
    assert!(second.contains("50007") && second.contains("`muster oncall test responder`"), "{second}");
    // The shift begins.
    desk.pass(120);
    desk.wake();
    let said = all_told(&desk);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(
        said[1].contains("did not answer the test. They are primary of soundlab from <t:1795334400:f>"),
        "{}",
        said[1]
    );
    assert!(said[1].contains("webhook delivered, no answer"), "{}", said[1]);
    // It is over: nobody is called again and again for a test.
    desk.pass(60);
    assert_eq!(called(&desk.wake()), Vec::<String>::new());
    assert_eq!(all_told(&desk).len(), 2);
    assert!(desk.answer(Lead, 1, PageButton::Acknowledge).contains("is over"));
}

#[test]
fn an_override_is_tested_too_and_a_shift_that_is_another_s_by_now_is_nobody_s_trouble() {
    let mut desk = desk();
    desk.pass(21 * 60);
    desk.wake();
    deliver(&mut desk, &[]);
    // Half an hour later somebody else takes the Sunday.
    desk.pass(30);
    let over = [
        ("rota", text("soundlab")),
        ("person", Arg::Person(person(Onlooker))),
        ("from", text("9:00")),
        ("for", text("10h")),
    ];
    let (said, effects) = desk.say(Responder, "oncall override", &over);
    assert!(said.contains("OVR-1"), "{said}");
    assert_eq!(called(&effects), ["onlooker by direct message"], "at once: it begins soon");
    deliver(&mut desk, &[]);
    let about: Vec<About> = desk.state.pages.open().map(|p| p.begun.about).collect();
    assert_eq!(about.len(), 3, "{about:?}");
    desk.answer(Responder, 2, PageButton::Acknowledge);
    desk.answer(Onlooker, 3, PageButton::Acknowledge);
    desk.pass(90);
    desk.wake();
    assert_eq!(all_told(&desk), Vec::<String>::new(), "the lead's test matters no more");
    // The override ends in the evening: then it is the lead's after all.
    desk.pass(8 * 60);
    assert_eq!(called(&desk.wake()), ["lead by direct message", "lead by webhook"]);
    assert!(desk.answer(Lead, 4, PageButton::Cannot).contains("noted"));
    let said = all_told(&desk);
    assert!(said.len() == 1 && said[0].contains("says that they cannot"), "{said:?}");
}

#[test]
fn whom_nobody_knows_is_told_of_before_their_shift() {
    let mut desk = desk();
    let rota = desk.house.oncall.rotas.get_mut("soundlab").unwrap();
    for layer in rota.ranks.iter_mut().flat_map(|r| &mut r.layers) {
        if let Turns::Week { days, .. } = &mut layer.turns {
            days[6] = days[6].as_ref().map(|m| Member::Unknown(format!("Engineer {}", m.name())));
        }
    }
    desk.reread();
    desk.pass(21 * 60);
    let said = told(&desk.wake());
    assert!(
        said.len() == 1 && said[0].contains("Engineer C") && said[0].contains("[people]"),
        "both in one message: {said:?}"
    );
    assert_eq!(told(&desk.wake()), Vec::<String>::new());
}
