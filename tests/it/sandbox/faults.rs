//! Discord in trouble, switched on at will; and a Discord that was away and comes back.

use super::rig::Rig;
use muster::sandbox::world::seed;
use muster::sandbox::{Fault, Person, Rule};
use serde_json::{Value, json};
use std::time::Duration;

#[tokio::test]
async fn each_fault_answers_in_its_way() {
    let rig = Rig::start().await;
    let at = format!("/channels/{}/messages", seed::GENERAL);
    let once =
        |fault| rig.sandbox.faults().inject(Rule::new(fault).on("POST", "/channels/*/messages").times(1));
    let post = async || rig.bot("POST", &at, json!({ "content": "x" })).await;
    once(Fault::InternalError);
    assert_eq!(post().await.status, 500);
    once(Fault::BadGateway);
    let reply = post().await;
    assert_eq!((reply.status, reply.header("content-type")), (502, "text/html"));
    once(Fault::BucketLimit(1_500));
    let reply = post().await;
    assert_eq!(
        (reply.status, &reply.body["retry_after"], reply.header("retry-after")),
        (429, &json!(1.5), "2")
    );
    once(Fault::GlobalLimit(500));
    let reply = post().await;
    assert_eq!((reply.status, reply.header("x-ratelimit-global")), (429, "true"));
    once(Fault::Refuse(403, 50001, "Missing Access".to_owned()));
    assert_eq!(post().await.refusal(), (403, 50001));
    assert_eq!(rig.sandbox.look(|world| world.messages.len()), 0, "none of them did anything");
    once(Fault::Slow(1));
    assert_eq!(post().await.status, 200);
    assert_eq!(rig.sandbox.look(|world| world.messages.len()), 1);
    assert!(rig.sandbox.faults().active().is_empty());
}

#[tokio::test]
async fn silence_with_and_without_effect() {
    let rig = Rig::start().await;
    let url = rig.url(&format!("/channels/{}/messages", seed::GENERAL));
    let send = || {
        let request = rig.http().post(&url).header("authorization", "Bot sandbox.bot.token");
        request.json(&json!({ "content": "x" })).send()
    };
    rig.sandbox.faults().inject(Rule::new(Fault::DoneButSilent).times(1));
    let sent = tokio::spawn(send());
    rig.sandbox.wait_for(|world| (!world.messages.is_empty()).then_some(())).await;
    assert!(!sent.is_finished(), "done, and no answer");
    sent.abort();
    rig.sandbox.faults().inject(Rule::new(Fault::DoneButCut).times(1));
    assert!(send().await.is_err(), "done, and the connection is closed");
    assert_eq!(rig.sandbox.look(|world| world.messages.len()), 2);
    rig.sandbox.faults().inject(Rule::new(Fault::Hang));
    let hung = tokio::spawn(send());
    // People's clients go on meanwhile.
    rig.sandbox.client(Person::Lead).say(seed::GENERAL, "still here").await.expect("a message");
    assert!(!hung.is_finished());
    assert_eq!(rig.sandbox.look(|world| world.messages.len()), 3);
    hung.abort();
}

#[tokio::test]
async fn the_world_survives_a_restart_on_the_same_port() {
    let rig = Rig::start().await;
    rig.post(seed::GENERAL, json!({ "content": "before" })).await;
    let (url, port) = (rig.sandbox.api_url(), rig.sandbox.address().port());
    let Rig { sandbox, .. } = rig;
    let world = tokio::time::timeout(Duration::from_secs(10), sandbox.stop()).await.expect("it stops");
    assert!(reqwest::get(format!("{url}/api/v10/gateway")).await.is_err(), "away");
    let rig = Rig::with(|setup| (setup.port, setup.world) = (port, Some(world))).await;
    let history = rig.bot("GET", &format!("/channels/{}/messages", seed::GENERAL), Value::Null).await;
    assert_eq!(history.body[0]["content"], "before");
}
