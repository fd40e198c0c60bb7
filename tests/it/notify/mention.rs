//! A mention that somebody cannot see calls nobody: whether they can is Discord's to say, and is asked.

use std::time::Duration;

use muster::engine::prepare::Address;
use muster::engine::{Deliver as _, Job};
use muster::model::card::Show;
use muster::model::effect::{Effect, Place};
use muster::model::event::Reason;
use muster::model::ids::ChannelId;
use muster::model::ids::RoleId;
use muster::model::page::{Target, Way};
use muster::sandbox::world::guild::{OverwriteKind, Role};
use muster::sandbox::world::{ADMINISTRATOR, Id, MENTION_EVERYONE, VIEW_CHANNEL, seed};
use muster::sandbox::{Fault, Person, Rule};
use serde_json::json;

use super::direct::Scene;
use super::{card, given_up, job, job_to};

/// After so long it is asked again what Discord said.
const MINUTE: Duration = Duration::from_secs(61);

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

    /// What the bot's own role may not any more.
    fn deny_bot(&self, bit: u64) {
        self.role(seed::ROLE_BOT, |role| role.permissions &= !bit);
    }

    fn role(&self, id: Id, change: impl Fn(&mut Role)) {
        self.sandbox.change(|world, _| {
            let roles = &mut world.guilds.get_mut(&seed::GUILD).unwrap().roles;
            roles.iter_mut().filter(|r| r.id == id).for_each(change);
        });
    }

    fn rang(&self, who: Person) -> bool {
        self.sandbox.look(|world| world.pings.iter().any(|p| p.user == who.id()))
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

fn lead(place: Id) -> Job {
    let role = Target::Role { id: RoleId(seed::ROLE_LEAD.0), name: "lead".to_owned() };
    job_to(role, Way::Mention, Address::Channel(ChannelId(place.0)), None)
}

fn here(place: Id) -> Job {
    let channel = ChannelId(place.0);
    job_to(Target::Channel(channel), Way::Mention, Address::Channel(channel), None)
}

#[tokio::test]
async fn a_role_or_a_channel_that_the_bot_may_not_call_is_not_reached() {
    let scene = Scene::start().await;
    scene.role(seed::ROLE_LEAD, |role| role.mentionable = false);
    scene.deny_bot(MENTION_EVERYONE);
    let thread = scene.thread(11);
    let before = scene.messages();
    for job in [lead(seed::INCIDENTS), lead(thread), here(seed::ALERTS)] {
        let said = given_up(scene.delivery.deliver(job).await, Reason::Forbidden);
        assert!(said.contains("Mention @everyone, @here, and All Roles"), "{said}");
    }
    assert_eq!(scene.messages(), before, "nothing is posted that calls nobody");
    // A role that anybody may call needs no right of the bot's.
    scene.clock.advance(MINUTE);
    scene.role(seed::ROLE_LEAD, |role| role.mentionable = true);
    scene.posted(lead(seed::INCIDENTS)).await;
    assert!(scene.rang(Person::Lead));

    // With the right, what the channel takes away counts all the same.
    let scene = Scene::start().await;
    scene.role(seed::ROLE_LEAD, |role| role.mentionable = false);
    scene.role(seed::ROLE_BOT, |role| role.permissions |= MENTION_EVERYONE);
    scene.sandbox.change(|world, _| {
        world.overwrite(seed::ALERTS, OverwriteKind::Role, seed::ROLE_BOT, 0, MENTION_EVERYONE);
    });
    given_up(scene.delivery.deliver(lead(seed::ALERTS)).await, Reason::Forbidden);
    given_up(scene.delivery.deliver(here(seed::ALERTS)).await, Reason::Forbidden);
    scene.posted(lead(seed::INCIDENTS)).await;
    assert!(scene.rang(Person::Lead) && !scene.rang(Person::Onlooker));

    let scene = Scene::start().await;
    scene.role(seed::ROLE_LEAD, |role| role.id = Id(5));
    let said = given_up(scene.delivery.deliver(lead(seed::INCIDENTS)).await, Reason::Gone);
    assert!(said.contains("lead is not in this server any more"), "{said}");
}

/// Nothing comes behind the last message, so that it is posted all the same, and says what to mend.
#[tokio::test]
async fn what_is_posted_though_it_calls_nobody_says_so() {
    let scene = Scene::start().await;
    let channel = ChannelId(seed::ALERTS.0);
    let last = |show: Show| Job {
        effect: Effect::Say { place: Place::Channel(channel), show },
        ..here(seed::ALERTS)
    };
    let page = || Show::Page(Box::new(card(Target::Channel(channel))));
    let content = async |job: Job| {
        let at = scene.posted(job).await;
        scene.sandbox.look(|world| world.messages[&at].content.clone())
    };
    let mut first = last(page());
    first.id.seq.0 += 1;
    assert!(!content(first).await.contains("calls nobody"));
    assert!(scene.rang(Person::Onlooker), "the sandbox's bot may");
    scene.role(seed::ROLE_LEAD, |role| role.mentionable = false);
    scene.deny_bot(MENTION_EVERYONE);
    scene.sandbox.change(|world, _| world.pings.clear());
    scene.clock.advance(MINUTE);
    let said = content(last(page())).await;
    assert!(said.contains("@here calls nobody") && said.contains("All Roles"), "{said}");
    let roles = vec![RoleId(seed::ROLE_LEAD.0), RoleId(seed::ROLE_RESPONDER.0)];
    let mut call = last(Show::Call { roles, people: vec![], text: "Take it.".to_owned() });
    call.id.seq.0 += 2;
    let said = content(call).await;
    assert!(
        said.contains("Take it.") && said.contains(&format!("<@&{}> calls nobody", seed::ROLE_LEAD.0)),
        "{said}"
    );
    assert!(scene.rang(Person::Responder) && !scene.rang(Person::Lead));
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
        let mut role = lead(seed::INCIDENTS);
        role.id.seq.0 += 1;
        scene.posted(role).await;
    }
}
