//! A mention that somebody cannot see calls nobody: whether they can is Discord's to say, and is asked.

use muster::engine::prepare::Address;
use muster::engine::{Deliver as _, Job};
use muster::model::event::Reason;
use muster::model::ids::ChannelId;
use muster::model::page::Way;
use muster::sandbox::world::guild::OverwriteKind;
use muster::sandbox::world::{ADMINISTRATOR, Id, VIEW_CHANNEL, seed};
use muster::sandbox::{Fault, Person, Rule};
use serde_json::json;

use super::direct::Scene;
use super::{given_up, job};

fn mention(channel: Id) -> Job {
    job(Way::Mention, Address::Channel(ChannelId(channel.0)), None)
}

impl Scene {
    /// A thread of the bot's in #incidents.
    fn thread(&self, kind: u64) -> Id {
        let body = json!({"name": "INC-7", "type": kind, "auto_archive_duration": 10_080});
        let made =
            self.sandbox.change(|w, now| w.bare_thread(now, seed::BOT, seed::INCIDENTS, &body)).unwrap();
        made["id"].as_str().unwrap().parse().unwrap()
    }

    fn hide(&self, channel: Id, from: Person) {
        self.sandbox.hide(channel, from);
    }
}

#[tokio::test]
async fn who_does_not_see_the_channel_is_not_reached_in_it_nor_in_its_threads() {
    for kind in [11, 12] {
        let scene = Scene::start().await;
        let thread = scene.thread(kind);
        scene.hide(seed::INCIDENTS, Person::Responder);
        let before = scene.messages();
        for place in [seed::INCIDENTS, thread] {
            let said = given_up(scene.delivery.deliver(mention(place)).await, Reason::Forbidden);
            assert!(said.contains("responder cannot see") && said.contains("View Channel"), "{said}");
        }
        assert_eq!(scene.messages(), before, "nothing is posted that calls nobody");
        // Another rung may call them elsewhere.
        scene.posted(mention(seed::ALERTS)).await;
    }
}

#[tokio::test]
async fn a_mention_lets_somebody_into_a_private_thread_whose_channel_they_see() {
    let scene = Scene::start().await;
    let thread = scene.thread(12);
    scene.posted(mention(thread)).await;
    let rang = scene.sandbox.look(|world| world.pings.iter().any(|p| p.user == Person::Responder.id()));
    assert!(rang);
}

#[tokio::test]
async fn who_left_the_server_is_not_reached() {
    let scene = Scene::start().await;
    scene.sandbox.change(|world, _| world.remove_member(seed::GUILD, Person::Responder.id()));
    let said = given_up(scene.delivery.deliver(mention(seed::INCIDENTS)).await, Reason::Gone);
    assert!(said.contains("take them out of [people]"), "{said}");
    assert_eq!(scene.messages(), 0);
}

#[tokio::test]
async fn who_is_let_in_by_a_role_or_by_name_is_reached() {
    let all = OverwriteKind::Role;
    let scene = Scene::start().await;
    let overwrite = |kind, id, allow, deny| {
        scene.sandbox.change(|world, _| world.overwrite(seed::INCIDENTS, kind, id, allow, deny));
    };
    overwrite(all, seed::GUILD, 0, VIEW_CHANNEL);
    overwrite(all, seed::ROLE_BOT, VIEW_CHANNEL, 0);
    given_up(scene.delivery.deliver(mention(seed::INCIDENTS)).await, Reason::Forbidden);

    let scene = Scene::start().await;
    let overwrite = |kind, id, allow, deny| {
        scene.sandbox.change(|world, _| world.overwrite(seed::INCIDENTS, kind, id, allow, deny));
    };
    overwrite(all, seed::GUILD, 0, VIEW_CHANNEL);
    overwrite(all, seed::ROLE_BOT, VIEW_CHANNEL, 0);
    overwrite(all, seed::ROLE_RESPONDER, VIEW_CHANNEL, 0);
    scene.posted(mention(seed::INCIDENTS)).await;

    let scene = Scene::start().await;
    scene.hide(seed::INCIDENTS, Person::Responder);
    scene.sandbox.change(|world, _| {
        let guild = world.guilds.get_mut(&seed::GUILD).unwrap();
        let role = guild.roles.iter_mut().find(|r| r.id == seed::ROLE_RESPONDER).unwrap();
        role.permissions |= ADMINISTRATOR;
    });
    scene.posted(mention(seed::INCIDENTS)).await;
}

#[tokio::test]
async fn a_look_up_that_fails_stops_no_page() {
    let faults = [
        Fault::InternalError,
        Fault::BadGateway,
        Fault::BucketLimit(60_000),
        Fault::Refuse(403, 50001, "Missing Access".to_owned()),
    ];
    for fault in faults {
        let scene = Scene::start().await;
        scene.sandbox.faults().inject(Rule::new(fault).on("GET", "/guilds/**"));
        scene.posted(mention(seed::INCIDENTS)).await;
    }
}
