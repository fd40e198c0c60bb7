//! Buttons, forms and completion: what a person does with a message, and what they may not.

use super::interactions::{callback, listening};
use super::rig::{Line, Rig};
use muster::sandbox::world::guild::OverwriteKind;
use muster::sandbox::world::{Outcome, USE_APPLICATION_COMMANDS, VIEW_CHANNEL, seed};
use muster::sandbox::{Person, Sandbox};
use serde_json::{Value, json};
use std::time::Duration;

/// A bot that answers every interaction with what the function says, until the rig is gone.
fn answering(rig: &Rig, mut line: Line, how: impl Fn(&Value) -> Value + Send + 'static) {
    let (http, base) = (rig.http().clone(), rig.url(""));
    tokio::spawn(async move {
        loop {
            let interaction = line.event("INTERACTION_CREATE").await;
            let url = format!("{base}{}", callback(&interaction));
            http.post(url).json(&how(&interaction)).send().await.expect("an answer");
        }
    });
}

async fn soon<T>(what: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(10), what).await.expect("within 10 s")
}

#[tokio::test]
async fn buttons_update_their_message_and_forms_come_back_filled_in() {
    let (rig, line) = listening().await;
    answering(&rig, line, |interaction| {
        match (interaction["type"].as_u64(), interaction["data"]["custom_id"].as_str()) {
            (Some(3), Some("ack")) => {
                json!({ "type": 7, "data": { "content": "seen", "components": [] } })
            }
            (Some(3), _) => {
                json!({ "type": 9, "data": { "custom_id": "why", "title": "Why?", "components": [
            { "type": 1, "components": [{ "type": 4, "custom_id": "reason", "style": 1, "label": "Reason" }] } ] } })
            }
            (Some(5), _) => {
                let reason = interaction["data"]["components"][0]["components"][0]["value"].clone();
                json!({ "type": 4, "data": { "content": reason, "flags": 64 } })
            }
            _ => json!({ "type": 6 }),
        }
    });
    let buttons = json!([{ "type": 1, "components": [
        { "type": 2, "style": 1, "label": "Acknowledge", "custom_id": "ack" },
        { "type": 2, "style": 2, "label": "Explain", "custom_id": "explain" },
        { "type": 2, "style": 2, "label": "Never", "custom_id": "never", "disabled": true } ] }]);
    let message = rig.post(seed::INCIDENTS, json!({ "content": "paged", "components": buttons })).await;
    let message = message.parse().expect("an id");
    let client = rig.sandbox.client(Person::Responder);
    let opened = soon(client.press(message, "Explain")).await.expect("a form");
    let sent = soon(client.submit(&opened, &[("reason", "because")])).await.expect("an answer");
    assert_eq!((sent.text().as_str(), sent.ephemeral), ("because", true));
    let missing = client.submit(&opened, &[]).await.expect_err("the field is required");
    assert_eq!((missing.status, missing.code()), (400, 50035));
    let disabled = client.press(message, "Never").await.expect_err("a disabled button");
    assert_eq!(disabled.code(), 50035);
    let pressed = soon(client.press(message, "ack")).await.expect("an answer");
    assert_eq!((pressed.outcome.clone(), pressed.text().as_str()), (Outcome::Updated, "seen"));
    assert!(client.press(message, "ack").await.is_err(), "the button is gone");
}

#[tokio::test]
async fn completion_reaches_the_person_who_types() {
    let rig = Rig::start().await;
    let option = json!({ "type": 3, "name": "service", "description": "Which.", "autocomplete": true });
    rig.register(json!([{ "name": "health", "description": "Checks.", "options": [option] }])).await;
    let (line, _) = rig.bot_line(0).await;
    answering(&rig, line, |interaction| {
        assert_eq!(interaction["data"]["options"][0]["focused"], true);
        let typed = interaction["data"]["options"][0]["value"].clone();
        json!({ "type": 8, "data": { "choices": [{ "name": typed, "value": "soundlab" }] } })
    });
    let client = rig.sandbox.client(Person::Onlooker);
    let choices = soon(client.complete("health", "service", "so", &[])).await.expect("choices");
    assert_eq!(choices, [json!({ "name": "so", "value": "soundlab" })]);
}

#[tokio::test]
async fn what_a_person_may_not_start_is_refused() {
    let (rig, _line) = listening().await;
    let everyone = |sandbox: &Sandbox, deny| {
        sandbox.change(|world, _| world.overwrite(seed::ALERTS, OverwriteKind::Role, seed::GUILD, 0, deny));
    };
    let client = rig.sandbox.client(Person::Onlooker);
    everyone(&rig.sandbox, USE_APPLICATION_COMMANDS);
    let refused = client.slash_in(seed::ALERTS, "ping", &[]).await.expect_err("no commands here");
    assert_eq!((refused.status, refused.code()), (403, 50013));
    everyone(&rig.sandbox, VIEW_CHANNEL);
    let refused = client.slash_in(seed::ALERTS, "ping", &[]).await.expect_err("not even seen");
    assert_eq!((refused.status, refused.code()), (403, 50001));
    // A second registration makes what the client still has outdated.
    let old = client.commands().await.expect("an index").remove(0);
    rig.register(json!([{ "name": "ping", "description": "Answers differently." }])).await;
    let outdated = client
        .raw(json!({
            "type": 2, "application_id": seed::APPLICATION, "guild_id": seed::GUILD, "channel_id": seed::INCIDENTS,
            "data": { "id": old["id"], "version": old["version"], "name": "ping", "type": 1 },
        }))
        .await
        .expect_err("outdated");
    assert_eq!(outdated.code(), 50035);
}
