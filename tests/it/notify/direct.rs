//! Direct messages, through the real client to the sandbox's Discord.

use std::sync::Arc;

use chrono_tz::Tz;
use muster::discord::{DiscordDelivery, Rest, Token};
use muster::engine::prepare::Address;
use muster::engine::{Deliver as _, Delivery, Job};
use muster::kit::clock::Clock;
use muster::model::effect::Effect;
use muster::model::event::{Reason, Settlement};
use muster::model::ids::{ChannelId, MessageId, PageId, UserId};
use muster::model::page::{Stands, Target, Way};
use muster::sandbox::world::{Id, seed};
use muster::sandbox::{Fault, Limits, Person, Rule, Sandbox, Setup};
use serde_json::Value;

use super::{card, given_up, job, responder};
use crate::support::app::START;
use crate::support::{request_log, test_name};

/// A Discord, and what Muster delivers to it with.
pub struct Scene {
    pub sandbox: Sandbox,
    pub clock: Clock,
    pub delivery: DiscordDelivery<Rest>,
}

impl Scene {
    pub async fn start() -> Scene {
        let clock = Clock::driven(START);
        let time = clock.clone();
        let setup = Setup {
            request_log: Some(request_log(&test_name())),
            limits: Limits::lifted(),
            ..Setup::new(Arc::new(move || time.now().0))
        };
        let sandbox = Sandbox::start(setup).await.unwrap();
        let rest = Rest::new(Token::new(seed::BOT_TOKEN), Some(&sandbox.api_url()), clock.clone()).unwrap();
        let delivery = DiscordDelivery::new(Arc::new(rest), Tz::UTC, clock.clone());
        Scene { sandbox, clock, delivery }
    }

    /// Delivers, and gives the message that is there.
    pub async fn posted(&self, job: Job) -> (Id, Id) {
        match self.delivery.deliver(job).await {
            Delivery::Settled(Settlement::Posted { channel, message }) => (Id(channel.0), Id(message.0)),
            other => panic!("{other:?}"),
        }
    }

    pub fn messages(&self) -> usize {
        self.sandbox.look(|world| world.messages.len())
    }
}

fn direct() -> Job {
    job(Way::Direct, Address::Direct(UserId(Person::Responder.id().0)), None)
}

#[tokio::test]
async fn a_page_comes_to_one_person_who_alone_sees_it() {
    let scene = Scene::start().await;
    let (channel, message) = scene.posted(direct()).await;
    let path = format!("/channels/{channel}/messages");
    let read = scene.sandbox.client(Person::Responder).request("GET", &path, None).await.unwrap();
    assert!(read[0]["content"].as_str().unwrap().contains("Encoder läuft nicht"), "{read}");
    assert_eq!(read[0]["components"][0]["components"][0]["label"], "Acknowledge");
    for other in [Person::Approver, Person::Lead, Person::Onlooker] {
        let refused = scene.sandbox.client(other).request("GET", &path, None).await.unwrap_err();
        assert_eq!(refused.code(), 50001);
    }
    let pinged =
        scene.sandbox.look(|world| world.pings.iter().map(|p| (p.user, p.message)).collect::<Vec<_>>());
    assert_eq!(pinged, [(Person::Responder.id(), message)], "the telephone rings once");

    let mut next = direct();
    next.id.seq.0 += 1;
    let (again, _) = scene.posted(next).await;
    assert_eq!(again, channel, "one channel for two");
    let opened = scene.sandbox.look(|world| world.channels.values().filter(|c| c.guild.is_none()).count());
    assert_eq!(opened, 1);
}

#[tokio::test]
async fn a_page_whose_answer_was_lost_is_not_sent_a_second_time() {
    let scene = Scene::start().await;
    let lost = Rule::new(Fault::DoneButCut).on("POST", "/channels/*/messages").times(1);
    scene.sandbox.faults().inject(lost);
    let first = scene.delivery.deliver(direct()).await;
    assert!(matches!(first, Delivery::Later { after: None, .. }), "{first:?}");
    // So much later that Discord has forgotten the nonce.
    let life = scene.sandbox.look(|world| world.timings.nonce_life);
    scene.sandbox.change(|world, now| world.tick(now + life + 2_000));
    let (channel, message) = scene.posted(Job { maybe_done: true, ..direct() }).await;
    assert_eq!(scene.messages(), 1, "it is found");
    assert!(scene.sandbox.look(|world| world.messages.contains_key(&(channel, message))));
}

#[tokio::test]
async fn who_takes_no_direct_messages_is_not_reached_and_it_says_what_to_do() {
    let scene = Scene::start().await;
    scene.sandbox.refuse_direct_messages(Person::Responder, true);
    let said = given_up(scene.delivery.deliver(direct()).await, Reason::Forbidden);
    assert!(
        said.contains("50007") && said.contains("allow direct messages from this server's members"),
        "{said}"
    );
    scene.sandbox.refuse_direct_messages(Person::Responder, false);
    scene.posted(direct()).await;

    let nobody = job(Way::Direct, Address::Direct(UserId(1_234_567_890_123_456_789)), None);
    let said = given_up(scene.delivery.deliver(nobody).await, Reason::Gone);
    assert!(said.contains("10013") && said.contains("correct the id in [people]"), "{said}");
    scene.sandbox.change(|world, _| world.remove_member(seed::GUILD, Person::Responder.id()));
    let said = given_up(scene.delivery.deliver(direct()).await, Reason::Forbidden);
    assert!(said.contains("50007"), "{said}");
}

/// What Discord refuses only for now is no word on the person.
#[tokio::test]
async fn a_direct_message_that_cannot_be_opened_now_is_opened_later() {
    let scene = Scene::start().await;
    let faults = [
        Fault::BadGateway,
        Fault::Refuse(400, 40003, "You are opening direct messages too fast".to_owned()),
        Fault::Refuse(401, 0, "401: Unauthorized".to_owned()),
    ];
    for fault in faults {
        let rule = Rule::new(fault).on("POST", "/users/@me/channels").times(1);
        scene.sandbox.faults().inject(rule.clone());
        let delivery = scene.delivery.deliver(direct()).await;
        assert!(matches!(delivery, Delivery::Later { .. }), "{rule:?}: {delivery:?}");
    }
    scene.posted(direct()).await;
}

fn edit(channel: Id, message: Id) -> Job {
    let mut shown = card(responder());
    shown.stands = Stands::Declined;
    let show = muster::model::card::Show::Page(Box::new(shown));
    let effect = Effect::EditPage { page: PageId(7), call: 3, to: responder(), way: Way::Direct, show };
    Job { effect, address: Address::Message(ChannelId(channel.0), MessageId(message.0)), ..direct() }
}

#[tokio::test]
async fn a_page_is_brought_up_to_date_and_one_that_is_gone_is_not_posted_anew() {
    let scene = Scene::start().await;
    let (channel, message) = scene.posted(direct()).await;
    let shown = scene.delivery.deliver(edit(channel, message)).await;
    assert_eq!(shown, Delivery::Settled(Settlement::Shown));
    let (components, pings): (Vec<Value>, usize) = scene
        .sandbox
        .look(|world| (world.messages[&(channel, message)].components.clone(), world.pings.len()));
    assert!(components.is_empty() && pings == 1, "nobody presses a button that is stale, and nothing rings");

    let old = Rule::new(Fault::Refuse(429, 30046, "Maximum number of edits".to_owned()));
    scene.sandbox.faults().inject(old.on("PATCH", "/channels/*/messages/*").times(1));
    let delivery = scene.delivery.deliver(edit(channel, message)).await;
    assert!(matches!(delivery, Delivery::Later { after: Some(_), .. }), "{delivery:?}");

    scene.sandbox.change(|world, _| world.delete_message(seed::BOT, channel, message)).unwrap();
    given_up(scene.delivery.deliver(edit(channel, message)).await, Reason::Gone);
    assert_eq!(scene.messages(), 0);
}

/// What arrives when somebody presses a button in a direct message (Discord, "Interaction object": `user`,
/// and no `member`, where it is not in a server).
#[tokio::test]
async fn a_button_in_a_direct_message_says_who_pressed_it() {
    let app = crate::support::app::App::start().await;
    let bot = app.sandbox.look(|world| world.application.id);
    let responder = Person::Responder.id();
    let opened = app.sandbox.change(|world, now| world.open_direct(now, bot, responder)).unwrap();
    let channel: Id = opened["id"].as_str().unwrap().parse().unwrap();
    let body = serde_json::json!({"content": "page", "components": [{"type": 1, "components": [
        {"type": 2, "style": 3, "label": "Acknowledge", "custom_id": "no-button-of-this-version"}]}]});
    let posted =
        app.sandbox.change(|world, now| world.create_message(now, bot, channel, &body, vec![])).unwrap();
    let message: Id = posted["id"].as_str().unwrap().parse().unwrap();
    let answer = app.client(Person::Responder).press(message, "Acknowledge").await.unwrap();
    assert!(!answer.failed(), "Muster answers in a direct message: {}", answer.text());
    let to = app.sandbox.look(|world| world.interactions[&answer.interaction].user);
    assert_eq!(to, responder);
}

#[tokio::test]
async fn a_role_and_everybody_who_is_there_are_called() {
    let scene = Scene::start().await;
    let here = Address::Channel(ChannelId(seed::ALERTS.0));
    let role = Target::Role { id: muster::model::ids::RoleId(seed::ROLE_LEAD.0), name: "lead".to_owned() };
    scene.posted(super::job_to(role, Way::Mention, here, None)).await;
    let mut all = super::job_to(Target::Channel(ChannelId(seed::ALERTS.0)), Way::Mention, here, None);
    all.id.seq.0 += 1;
    scene.posted(all).await;
    let pinged = scene.sandbox.look(|world| world.pings.iter().map(|p| p.user).collect::<Vec<_>>());
    assert!(pinged.contains(&Person::Lead.id()), "{pinged:?}");
    assert!(pinged.contains(&Person::Onlooker.id()), "@here is everybody: {pinged:?}");
}
