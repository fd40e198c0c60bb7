//! Interactions: three seconds for the first answer, fifteen minutes for the rest, and who sees what.

use super::rig::{Line, Rig};
use muster::sandbox::Person;
use muster::sandbox::world::{Timings, seed};
use serde_json::{Value, json};
use std::time::Duration;

fn ping_command() -> Value {
    json!([{ "name": "ping", "description": "Answers." }])
}

/// A rig with `/ping`, and a bot that listens.
pub async fn listening() -> (Rig, Line) {
    let rig = Rig::start().await;
    assert_eq!(rig.register(ping_command()).await.status, 200);
    let (line, _) = rig.bot_line(0).await;
    (rig, line)
}

/// Starts `/ping` as a person without waiting for what comes of it; gives the interaction as the bot gets it.
async fn ping(rig: &Rig, line: &mut Line, person: Person) -> Value {
    let client = rig.sandbox.client(person);
    let command = client.commands().await.expect("an index").remove(0);
    let body = json!({
        "type": 2, "application_id": seed::APPLICATION, "guild_id": seed::GUILD, "channel_id": seed::INCIDENTS,
        "session_id": "test", "nonce": "1",
        "data": { "id": command["id"], "version": command["version"], "name": "ping", "type": 1, "options": [] },
    });
    client.request("POST", "/interactions", Some(&body)).await.expect("204");
    line.event("INTERACTION_CREATE").await
}

pub fn callback(interaction: &Value) -> String {
    format!(
        "/interactions/{}/{}/callback",
        interaction["id"].as_str().unwrap(),
        interaction["token"].as_str().unwrap()
    )
}

fn webhook(interaction: &Value) -> String {
    format!("/webhooks/{}/{}", seed::APPLICATION, interaction["token"].as_str().unwrap())
}

async fn answer(rig: &Rig, interaction: &Value, body: Value) -> super::rig::Reply {
    rig.ask("", "POST", &callback(interaction), body).await
}

#[tokio::test]
async fn the_first_answer_is_seen_and_a_second_is_40060() {
    let (rig, mut line) = listening().await;
    let interaction = ping(&rig, &mut line, Person::Responder).await;
    assert_eq!(interaction["member"]["user"]["username"], "responder");
    assert_eq!(interaction["member"]["roles"], json!([seed::ROLE_RESPONDER]));
    assert_eq!(interaction["attachment_size_limit"], 10 * 1024 * 1024);
    assert_eq!(interaction["context"], 0);
    let first = answer(&rig, &interaction, json!({ "type": 4, "data": { "content": "pong" } })).await;
    assert_eq!((first.status, first.body), (204, Value::Null));
    let seen = rig.sandbox.client(Person::Onlooker).messages(seed::INCIDENTS).await.expect("messages");
    assert_eq!(seen[0]["content"], "pong");
    assert_eq!(seen[0]["interaction_metadata"]["user"]["username"], "responder");
    let second = answer(&rig, &interaction, json!({ "type": 4, "data": { "content": "again" } })).await;
    assert_eq!(second.refusal(), (400, 40060));
}

#[tokio::test]
async fn with_response_gives_the_message_back() {
    let (rig, mut line) = listening().await;
    let interaction = ping(&rig, &mut line, Person::Responder).await;
    let path = format!("{}?with_response=true", callback(&interaction));
    let reply =
        rig.ask("", "POST", &path, json!({ "type": 4, "data": { "content": "pong", "flags": 64 } })).await;
    assert_eq!(reply.status, 200);
    assert_eq!(reply.body["interaction"]["response_message_ephemeral"], true);
    assert_eq!(reply.body["resource"]["message"]["content"], "pong");
}

#[tokio::test]
async fn after_three_seconds_the_token_is_dead_and_the_person_is_told() {
    let (rig, mut line) = listening().await;
    let (mut person, _) = rig.line("sandbox.user.responder", Value::Null).await;
    let interaction = ping(&rig, &mut line, Person::Responder).await;
    rig.pass(3_001);
    let late = answer(&rig, &interaction, json!({ "type": 4, "data": { "content": "late" } })).await;
    assert_eq!(late.refusal(), (404, 10062));
    assert_eq!(person.event("INTERACTION_FAILURE").await["nonce"], "1");
    // Nothing follows what was never answered.
    let follow = rig.ask("", "POST", &webhook(&interaction), json!({ "content": "x" })).await;
    assert_eq!(follow.refusal(), (404, 10015));
}

#[tokio::test]
async fn a_wrong_token_is_an_unknown_interaction() {
    let (rig, mut line) = listening().await;
    let interaction = ping(&rig, &mut line, Person::Responder).await;
    let path = format!("/interactions/{}/wrong/callback", interaction["id"].as_str().unwrap());
    assert_eq!(rig.ask("", "POST", &path, json!({ "type": 5 })).await.refusal(), (404, 10062));
}

#[tokio::test]
async fn an_ephemeral_answer_reaches_one_person_only() {
    let (rig, mut line) = listening().await;
    let (mut responder, _) = rig.line("sandbox.user.responder", Value::Null).await;
    let (mut onlooker, _) = rig.line("sandbox.user.onlooker", Value::Null).await;
    let interaction = ping(&rig, &mut line, Person::Responder).await;
    answer(&rig, &interaction, json!({ "type": 4, "data": { "content": "for you", "flags": 64 } })).await;
    rig.post(seed::INCIDENTS, json!({ "content": "for all" })).await;
    assert_eq!(responder.event("MESSAGE_CREATE").await["content"], "for you");
    // The onlooker's first message is the second one, and the history does not have the ephemeral one either.
    assert_eq!(onlooker.event("MESSAGE_CREATE").await["content"], "for all");
    let history = rig.sandbox.client(Person::Responder).messages(seed::INCIDENTS).await.expect("messages");
    assert_eq!(history.len(), 1);
    // The bot reaches it by its token, but not as a message of the channel.
    let original = format!("{}/messages/@original", webhook(&interaction));
    let id = rig.ask("", "GET", &original, Value::Null).await.id();
    let path = format!("/channels/{}/messages/{id}", seed::INCIDENTS);
    assert_eq!(rig.bot("GET", &path, Value::Null).await.refusal(), (404, 10008));
}

#[tokio::test]
async fn a_deferred_answer_is_filled_in_by_an_edit_or_by_the_first_followup() {
    let (rig, mut line) = listening().await;
    let interaction = ping(&rig, &mut line, Person::Responder).await;
    assert_eq!(answer(&rig, &interaction, json!({ "type": 5, "data": { "flags": 64 } })).await.status, 204);
    let hook = webhook(&interaction);
    let filled = rig.ask("", "POST", &hook, json!({ "content": "done" })).await;
    assert_eq!(filled.body["content"], "done");
    assert_eq!(filled.body["flags"], 64, "loading no more, and still ephemeral");
    let followup = rig.ask("", "POST", &hook, json!({ "content": "and more" })).await.id();
    let edited =
        rig.ask("", "PATCH", &format!("{hook}/messages/{followup}"), json!({ "content": "less" })).await;
    assert_eq!(edited.body["content"], "less");
    assert_eq!(rig.ask("", "DELETE", &format!("{hook}/messages/{followup}"), Value::Null).await.status, 204);
    let gone = rig.ask("", "PATCH", &format!("{hook}/messages/{followup}"), json!({ "content": "x" })).await;
    assert_eq!(gone.refusal(), (404, 10008));
}

#[tokio::test]
async fn a_token_works_for_fifteen_minutes() {
    let (rig, mut line) = listening().await;
    let interaction = ping(&rig, &mut line, Person::Responder).await;
    answer(&rig, &interaction, json!({ "type": 5 })).await;
    let original = format!("{}/messages/@original", webhook(&interaction));
    rig.pass(899_999);
    assert_eq!(rig.ask("", "PATCH", &original, json!({ "content": "just in time" })).await.status, 200);
    rig.pass(1);
    assert_eq!(rig.ask("", "PATCH", &original, json!({ "content": "late" })).await.refusal(), (401, 50027));
    rig.pass(3_600_000);
    assert_eq!(rig.ask("", "PATCH", &original, json!({ "content": "late" })).await.refusal(), (404, 10015));
}

#[tokio::test]
async fn the_sandbox_itself_notices_that_nobody_answers() {
    // A patience of less than nothing: only the sandbox's own timer can notice, as the clock stands still.
    let impatient = Timings { first_answer: -1, ..Timings::default() };
    let rig = Rig::with(|setup| setup.timings = Some(impatient)).await;
    rig.register(ping_command()).await;
    let client = rig.sandbox.client(Person::Responder);
    let answer = tokio::time::timeout(Duration::from_secs(10), client.slash("ping", &[])).await;
    assert!(answer.expect("in time").expect("started").failed());
}
