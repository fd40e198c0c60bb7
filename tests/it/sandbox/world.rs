//! The world itself, without HTTP: pure, so that a simulation can trust it.

use super::rig::BEGIN;
use muster::sandbox::Person;
use muster::sandbox::world::{DISCORD_EPOCH_MS, Dispatch, Id, World, seed};
use serde_json::{Value, json};

/// A short story: a command, an answer, a followup, a thread. Gives everything the gateway was to tell.
fn story(world: &mut World) -> Vec<Dispatch> {
    let commands = json!([{ "name": "ping", "description": "Answers." }]);
    let registered = world
        .put_commands(BEGIN, seed::BOT, seed::APPLICATION, Some(seed::GUILD), &commands)
        .expect("registered");
    let body = json!({
        "type": 2, "application_id": seed::APPLICATION, "guild_id": seed::GUILD, "channel_id": seed::INCIDENTS,
        "nonce": "n", "data": { "id": registered[0]["id"], "name": "ping", "type": 1 },
    });
    let id = world.interact(BEGIN + 1, Person::Responder.id(), &body).expect("begun");
    let token = world.interactions[&id].token.clone();
    let answer = json!({ "type": 4, "data": { "content": "pong" } });
    world.respond(BEGIN + 2, id, &token, &answer, Vec::new()).expect("answered");
    let more = json!({ "content": "and more" });
    let followup =
        world.follow_up(BEGIN + 3, seed::APPLICATION, &token, &more, Vec::new()).expect("followed up");
    let message: Id = followup["id"].as_str().and_then(|id| id.parse().ok()).expect("an id");
    world
        .thread_from_message(BEGIN + 4, seed::BOT, seed::INCIDENTS, message, &json!({ "name": "t" }))
        .expect("a thread");
    world.drain()
}

#[test]
fn the_same_story_is_told_the_same_way() {
    let (mut one, mut two) = (seed::world(), seed::world());
    let told = story(&mut one);
    assert_eq!(told, story(&mut two));
    let names: Vec<&str> = told.iter().map(|event| event.name).collect();
    let expected = [
        "GUILD_APPLICATION_COMMAND_INDEX_UPDATE",
        "INTERACTION_CREATE",
        "INTERACTION_CREATE",
        "MESSAGE_CREATE",
        "INTERACTION_SUCCESS",
        "MESSAGE_CREATE",
        "THREAD_CREATE",
        "MESSAGE_UPDATE",
    ];
    assert_eq!(names, expected);
    assert!(one.drain().is_empty(), "told once");
}

#[test]
fn ids_tell_their_time_and_only_grow() {
    let mut world = seed::world();
    let mut post = |at: i64| -> Id {
        let body = json!({ "content": "x" });
        let message: Value =
            world.create_message(at, seed::BOT, seed::GENERAL, &body, Vec::new()).expect("posted");
        message["id"].as_str().and_then(|id| id.parse().ok()).expect("an id")
    };
    let (first, second, earlier) = (post(BEGIN), post(BEGIN), post(BEGIN - 1_000));
    assert!(first < second && second < earlier);
    assert_eq!((first.0 >> 22) as i64 + DISCORD_EPOCH_MS, BEGIN);
}
