//! Whom an alert's page called: *Why?* says it of each, by which way, whether it reached them, and why not
//! others.

use muster::core::alerts::why;
use muster::core::seen::Seen;
use muster::model::card::Show;
use muster::model::effect::Effect;
use muster::model::event::{Reason, Settlement};
use muster::model::ids::{ChannelId, MessageId};
use muster::model::page::Way;
use muster::model::policy::Whom;
use muster::model::reply::Reply;
use muster::render;

use super::{FIRES, alert, labels, sent};
use crate::triage::rig::{Rig, Who};

/// A P1 of soundlab on a Saturday: B is on call, and the first rung names somebody whom nobody knows.
fn paging() -> Rig {
    let mut rig = Rig::new();
    for policy in &mut rig.house.oncall.policies {
        policy.rungs[0].whom.push(Whom::Unknown("the boss".to_owned()));
    }
    sent(&mut rig, vec![alert(labels("a").with("severity", "critical"), FIRES)]);
    rig
}

fn call(way: Way) -> impl Fn(&Effect) -> bool {
    move |e| matches!(e, Effect::Page(calling) if calling.way == way)
}

fn asked(rig: &mut Rig) -> (Show, Seen) {
    let asked = rig.command(Who::Onlooker, "alerts why", &[("alert", "1")]);
    let Ok(Reply::Show { show, .. }) = asked else { panic!("{asked:?}") };
    let Show::AlertWhy(ask) = &show else { panic!("{show:?}") };
    let chain = why::fold(ask.group, &rig.commits).expect("it came to be");
    (show.clone(), Seen::Alert(Box::new(chain)))
}

/// The field that says whom it paged.
fn field(rig: &mut Rig) -> String {
    let (show, seen) = asked(rig);
    let face = render::face(&show, Some(&seen), chrono_tz::UTC);
    let field = face.embeds[0].fields.iter().find(|(name, ..)| name == "Paged");
    field.map(|(_, words, _)| words.clone()).expect("it says whom it paged")
}

#[test]
fn each_try_is_told_with_its_way_and_what_became_of_it_and_who_was_not_called() {
    let mut rig = paging();
    let now = rig.now.seconds();
    let lines = field(&mut rig);
    for says in [
        "**PAG-1** of **INC-1**: B may answer until <t:",
        "- B by mention: under way",
        "- B by direct message: under way",
        "- not the boss: nobody has told Muster who that is",
        "Its route calls responder.",
    ] {
        assert!(lines.contains(says), "{says} is not in\n{lines}");
    }
    let said = "they cannot see *that* channel".to_owned();
    rig.settle(call(Way::Mention), Settlement::GaveUp { reason: Reason::Forbidden, said });
    let posted = Settlement::Posted { channel: ChannelId(5), message: MessageId(6) };
    rig.settle(call(Way::Direct), posted);
    let lines = field(&mut rig);
    assert!(lines.contains(r"- B by mention: failed: they cannot see \*that\* channel"), "{lines}");
    assert!(lines.contains(&format!("- B by direct message: delivered <t:{now}:T>")), "{lines}");

    rig.command(Who::Responder, "ack", &[("page", "PAG-1")]).expect("they may");
    let lines = field(&mut rig);
    assert!(
        lines.contains(&format!("**PAG-1** of **INC-1**: responder is on it since <t:{now}:T>")),
        "{lines}"
    );
    rig.command(Who::Lead, "incident resolve", &[("how", "a disk was freed")]).expect("they may");
    assert!(field(&mut rig).contains("it is over; responder had answered"), "{}", field(&mut rig));
    // In a terminal without Markdown, and for programs.
    let (show, seen) = asked(&mut rig);
    let (Show::AlertWhy(ask), Seen::Alert(chain)) = (&show, &seen) else { panic!("{show:?}") };
    let text = render::alerts::facts(ask, chain, chrono_tz::UTC);
    assert!(text.contains("Paged: PAG-1 of INC-1: it is over; responder had answered"), "{text}");
    let json: serde_json::Value =
        serde_json::from_str(&render::alerts::plain::why_json(ask, chain)).expect("it is JSON");
    assert_eq!(json["paged"][0]["tried"][1]["way"], "direct", "{json}");
    assert_eq!(json["paged"][0]["skipped"][0]["who"], "the boss", "{json}");
}

#[test]
fn of_a_private_incident_nobody_is_named() {
    let mut rig = paging();
    rig.state.incidents.values_mut().for_each(|i| i.private = true);
    let (show, seen) = asked(&mut rig);
    let face = render::face(&show, Some(&seen), chrono_tz::UTC);
    let all = format!("{face:?}");
    assert!(all.contains("PAG-1** of **INC-1**: it is private") && !all.contains("by mention"), "{all}");
}

#[test]
fn each_who_was_not_called_is_told_once_also_by_why_of_the_page() {
    let mut rig = paging();
    rig.pass(std::time::Duration::from_secs(6 * 60));
    rig.step(&muster::model::input::Input::Wake).expect("time passes");
    let lines = field(&mut rig);
    assert_eq!(lines.matches("not the boss").count(), 1, "{lines}");
    let why = crate::triage::rig::said(rig.command(Who::Lead, "pages why", &[("page", "PAG-1")]));
    assert_eq!(why.matches("Not called: the boss").count(), 1, "{why}");
}
