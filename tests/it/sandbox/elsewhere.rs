//! A second server that the bot is in: its people and channels are its own.

use super::rig::Rig;
use muster::sandbox::Person;
use muster::sandbox::world::{Id, seed};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn interactions_from_another_server_say_where_they_are_from() {
    let rig = Rig::start().await;
    rig.register(json!([{ "name": "ping", "description": "Answers." }])).await;
    let (mut line, _) = rig.bot_line(1).await;
    line.event("GUILD_CREATE").await;
    let members = [Person::Lead.id(), seed::BOT];
    let (other, channel) = rig.sandbox.change(|world, now| {
        let other = world.add_guild(now, "Elsewhere", &members);
        let known = world.commands[&Some(seed::GUILD)].clone();
        world.commands.insert(Some(other), known);
        let channel = world.channels.values().find(|channel| channel.guild == Some(other));
        (other, channel.expect("a channel").id)
    });
    assert_eq!(line.event("GUILD_CREATE").await["id"], json!(other));
    let lead = rig.sandbox.client(Person::Lead);
    let started = tokio::spawn(async move { lead.slash_in(channel, "ping", &[]).await });
    let interaction = line.event("INTERACTION_CREATE").await;
    assert_eq!(interaction["guild_id"], json!(other));
    assert_eq!(interaction["member"]["roles"], json!([]));
    started.abort();
    let responder = rig.sandbox.client(Person::Responder);
    let refused = responder.slash_in(channel, "ping", &[]).await.expect_err("not a member");
    assert_eq!((refused.status, refused.code()), (403, 50001));
}

#[tokio::test]
async fn a_direct_message_has_a_user_and_no_member() {
    let rig = Rig::start().await;
    let global = format!("/applications/{}/commands", seed::APPLICATION);
    let commands = json!([{ "name": "ping", "description": "Answers." }]);
    assert_eq!(rig.bot("PUT", &global, commands).await.status, 200);
    let (mut line, _) = rig.bot_line(0).await;
    let open = json!({ "recipient_id": Person::Lead.id() });
    let channel: Id = rig.bot("POST", "/users/@me/channels", open).await.id().parse().expect("an id");
    let lead = rig.sandbox.client(Person::Lead);
    let started = tokio::spawn(async move { lead.slash_in(channel, "ping", &[]).await });
    let interaction = line.event("INTERACTION_CREATE").await;
    assert_eq!((&interaction["context"], &interaction["guild_id"]), (&json!(1), &Value::Null));
    assert_eq!(interaction["user"]["username"], "lead");
    assert_eq!(interaction["member"], Value::Null);
    // Nobody answers: after Discord's patience the person is told, and the client gives up.
    rig.pass(3_001);
    let answer = tokio::time::timeout(Duration::from_secs(10), started).await;
    let answer = answer.expect("in time").expect("no panic");
    assert!(answer.expect("started").failed());
}
