//! The gateway: signing in, being refused, missing events and getting them back.

use super::rig::Rig;
use muster::sandbox::Person;
use muster::sandbox::world::guild::OverwriteKind;
use muster::sandbox::world::{VIEW_CHANNEL, seed};
use serde_json::{Value, json};
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

const GUILDS_AND_MESSAGES: u64 = 1 | 1 << 9;

#[tokio::test]
async fn hello_ready_guild_and_heartbeat() {
    let rig = Rig::start().await;
    let bot = rig.bot("GET", "/gateway/bot", Value::Null).await;
    assert_eq!(bot.body["url"], format!("ws://{}/gateway", rig.sandbox.address()));
    assert_eq!(bot.body["session_start_limit"]["remaining"], 1000);
    let mut line = rig.connect().await;
    line.send(json!({ "op": 2, "d": { "token": seed::BOT_TOKEN, "intents": 1, "properties": {}, "shard": [0, 1] } })).await;
    let ready = line.event("READY").await;
    assert_eq!(ready["guilds"], json!([{ "id": seed::GUILD, "unavailable": true }]));
    assert_eq!((&ready["application"]["id"], &ready["shard"]), (&json!(seed::APPLICATION), &json!([0, 1])));
    let guild = line.event("GUILD_CREATE").await;
    assert_eq!(guild["channels"].as_array().map(Vec::len), Some(4));
    line.send(json!({ "op": 1, "d": line.sequence })).await;
    assert_eq!(line.next().await["op"], 11);
    let bot = rig.bot("GET", "/gateway/bot", Value::Null).await;
    assert_eq!(bot.body["session_start_limit"]["remaining"], 999, "one session was started");
}

#[tokio::test]
async fn who_is_not_let_in() {
    let rig = Rig::start().await;
    let refused = async |payload: Value| {
        let mut line = rig.connect().await;
        line.send(payload).await;
        line.close_code().await
    };
    let identify = |token: &str, intents: Value| json!({ "op": 2, "d": { "token": token, "intents": intents, "properties": {} } });
    assert_eq!(refused(identify("wrong", json!(0))).await, Some(4004));
    assert_eq!(refused(json!({ "op": 3, "d": {} })).await, Some(4003));
    assert_eq!(refused(json!({ "op": 99 })).await, Some(4001));
    assert_eq!(refused(identify(seed::BOT_TOKEN, json!(1 << 15))).await, Some(4014));
    assert_eq!(refused(identify(seed::BOT_TOKEN, json!(1u64 << 40))).await, Some(4013));
    let resume = json!({ "op": 6, "d": { "token": seed::BOT_TOKEN, "session_id": "x", "seq": null } });
    assert_eq!(refused(resume).await, Some(4007));
    let (mut line, _) = rig.bot_line(0).await;
    line.send(identify(seed::BOT_TOKEN, json!(0))).await;
    assert_eq!(line.close_code().await, Some(4005));
}

#[tokio::test]
async fn who_sends_no_heartbeat_is_timed_out() {
    let rig = Rig::with(|setup| setup.heartbeat_ms = 40).await;
    let (mut line, _) = rig.bot_line(0).await;
    assert_eq!(line.close_code().await, Some(4009));
}

#[tokio::test]
async fn a_resume_replays_what_was_missed() {
    let rig = Rig::start().await;
    let (mut line, session) = rig.bot_line(GUILDS_AND_MESSAGES).await;
    rig.post(seed::INCIDENTS, json!({ "content": "seen" })).await;
    assert_eq!(line.event("MESSAGE_CREATE").await["content"], "seen");
    let sequence = line.sequence.expect("a sequence number");
    line.leave(4000).await;
    for content in ["missed 1", "missed 2"] {
        rig.post(seed::INCIDENTS, json!({ "content": content })).await;
    }
    let resume =
        |seq: u64| json!({ "op": 6, "d": { "token": seed::BOT_TOKEN, "session_id": session, "seq": seq } });
    let mut line = rig.connect().await;
    line.send(resume(sequence)).await;
    for content in ["missed 1", "missed 2"] {
        assert_eq!(line.event("MESSAGE_CREATE").await["content"], content);
    }
    assert_eq!(line.next().await["t"], "RESUMED");
    rig.post(seed::INCIDENTS, json!({ "content": "live" })).await;
    assert_eq!(line.event("MESSAGE_CREATE").await["content"], "live");
    assert_eq!((rig.sandbox.gateway().identifies(), rig.sandbox.gateway().resumes()), (1, 1));
    line.leave(4000).await;
    let mut ahead = rig.connect().await;
    ahead.send(resume(10_000)).await;
    assert_eq!(ahead.close_code().await, Some(4007));
    // Three minutes later Discord has forgotten.
    rig.pass(180_000);
    let mut late = rig.connect().await;
    late.send(resume(sequence)).await;
    assert_eq!(late.next().await, json!({ "op": 9, "d": false, "s": null, "t": null }));
}

#[tokio::test]
async fn a_session_left_for_good_is_over() {
    let rig = Rig::start().await;
    let (line, session) = rig.bot_line(0).await;
    line.leave(1000).await;
    let mut line = rig.connect().await;
    line.send(json!({ "op": 6, "d": { "token": seed::BOT_TOKEN, "session_id": session, "seq": 1 } })).await;
    assert_eq!(line.next().await["op"], 9);
}

#[tokio::test]
async fn the_gateway_can_be_cut_confused_and_deaf() {
    let rig = Rig::start().await;
    let (mut line, _) = rig.bot_line(GUILDS_AND_MESSAGES).await;
    line.event("GUILD_CREATE").await;
    rig.sandbox.gateway().reconnect();
    assert_eq!(line.next().await["op"], 7);
    rig.sandbox.gateway().invalidate(true);
    assert_eq!(line.next().await["d"], true);
    rig.sandbox.gateway().zombie(true);
    rig.post(seed::INCIDENTS, json!({ "content": "unheard" })).await;
    line.send(json!({ "op": 1, "d": null })).await;
    rig.sandbox.gateway().cut(Some(4000));
    // Between the two nothing came: the next thing is the end.
    assert_eq!(line.close_code().await, Some(4000));
    assert!(line.sequence.is_some_and(|sequence| sequence == 2), "READY and GUILD_CREATE only");
}

#[tokio::test]
async fn everybody_gets_what_they_may_see() {
    let rig = Rig::start().await;
    let deny = |role| {
        move |world: &mut muster::sandbox::World, _| {
            world.overwrite(seed::ALERTS, OverwriteKind::Role, role, 0, VIEW_CHANNEL);
        }
    };
    rig.sandbox.change(deny(seed::GUILD));
    rig.sandbox.change(|world, _| {
        world.overwrite(seed::ALERTS, OverwriteKind::Role, seed::ROLE_LEAD, VIEW_CHANNEL, 0)
    });
    rig.sandbox.change(|world, _| {
        world.overwrite(seed::ALERTS, OverwriteKind::Role, seed::ROLE_BOT, VIEW_CHANNEL, 0)
    });
    let (mut bot, _) = rig.bot_line(GUILDS_AND_MESSAGES).await;
    let (mut lead, _) = rig.line("sandbox.user.lead", Value::Null).await;
    let (mut onlooker, _) = rig.line("sandbox.user.onlooker", Value::Null).await;
    assert_eq!(onlooker.event("GUILD_CREATE").await["channels"].as_array().map(Vec::len), Some(3));
    rig.post(seed::ALERTS, json!({ "content": "secret" })).await;
    let said = rig.sandbox.client(Person::Responder).say(seed::GENERAL, "public").await.expect("a message");
    assert_eq!(lead.event("MESSAGE_CREATE").await["content"], "secret");
    assert_eq!(onlooker.event("MESSAGE_CREATE").await["content"], "public");
    // The bot has no message content intent: its own text it sees, other people's only if they mention it.
    assert_eq!(bot.event("MESSAGE_CREATE").await["content"], "secret");
    let withheld = bot.event("MESSAGE_CREATE").await;
    assert_eq!((&withheld["id"], &withheld["content"]), (&said["id"], &json!("")));
    let mention = format!("<@{}> hello", seed::BOT);
    rig.sandbox.client(Person::Responder).say(seed::GENERAL, &mention).await.expect("a message");
    assert_eq!(bot.event("MESSAGE_CREATE").await["content"], json!(mention));
}

#[tokio::test]
async fn other_hosts_and_other_sites_are_refused() {
    let rig = Rig::start().await;
    let address = rig.sandbox.address();
    for (name, value) in [("host", "rebound.example"), ("origin", "https://elsewhere.example")] {
        let request = rig.http().get(rig.url("/gateway")).header(name, value);
        assert_eq!(request.send().await.expect("an answer").status(), 403, "{name}");
        let mut upgrade = format!("ws://{address}/gateway?v=10").into_client_request().expect("a request");
        upgrade.headers_mut().insert(name, value.parse().expect("a header"));
        assert!(connect_async(upgrade).await.is_err(), "{name} on the gateway");
    }
    assert_eq!(rig.http().get(rig.url("/gateway")).send().await.expect("an answer").status(), 200);
}
