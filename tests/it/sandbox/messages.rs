//! Messages: what Discord takes, what it refuses and with which code, and who is pinged.

use super::rig::Rig;
use muster::sandbox::world::guild::OverwriteKind;
use muster::sandbox::world::{Id, MENTION_EVERYONE, SEND_MESSAGES, VIEW_CHANNEL, seed};
use muster::sandbox::{Person, World};
use serde_json::{Value, json};

fn path(channel: Id) -> String {
    format!("/channels/{channel}/messages")
}

#[tokio::test]
async fn without_a_token_there_is_nothing() {
    let rig = Rig::start().await;
    let token = "Bot wrong";
    let reply = rig.ask(token, "GET", &path(seed::INCIDENTS), Value::Null).await;
    assert_eq!((reply.status, &reply.body["message"]), (401, &json!("401: Unauthorized")));
    // A bot's token without its prefix is nobody's, and so is a person's with it.
    assert_eq!(rig.ask(seed::BOT_TOKEN, "GET", "/users/@me", Value::Null).await.status, 401);
    assert_eq!(rig.ask("Bot sandbox.user.lead", "GET", "/users/@me", Value::Null).await.status, 401);
    assert_eq!(rig.ask("sandbox.user.lead", "GET", "/users/@me", Value::Null).await.body["username"], "lead");
}

#[tokio::test]
async fn what_is_not_there_has_its_code() {
    let rig = Rig::start().await;
    let get = async |path: &str| rig.bot("GET", path, Value::Null).await.refusal();
    assert_eq!(get("/channels/1").await, (404, 10003));
    assert_eq!(get(&format!("{}/1", path(seed::INCIDENTS))).await, (404, 10008));
    assert_eq!(get("/guilds/1").await, (404, 10004));
    assert_eq!(get("/users/1").await, (404, 10013));
    assert_eq!(get(&format!("/guilds/{}/members/1", seed::GUILD)).await, (404, 10013));
    assert_eq!(get("/channels/abc").await, (400, 50035));
    assert_eq!(get("/nowhere").await.0, 404);
    let post = rig.bot("POST", "/channels/1/messages", json!({ "content": "x" })).await;
    assert_eq!(post.refusal(), (404, 10003));
}

#[tokio::test]
async fn a_channel_that_was_deleted_is_unknown() {
    let rig = Rig::start().await;
    let id = rig.post(seed::INCIDENTS, json!({ "content": "x" })).await;
    rig.sandbox.change(|world, _| world.remove_channel(seed::INCIDENTS));
    let edit = rig.bot("PATCH", &format!("{}/{id}", path(seed::INCIDENTS)), json!({ "content": "y" })).await;
    assert_eq!(edit.refusal(), (404, 10003));
}

#[tokio::test]
async fn a_channel_one_may_not_see_or_write_in() {
    let rig = Rig::start().await;
    let deny = |bits| {
        rig.sandbox
            .change(|world, _| world.overwrite(seed::ALERTS, OverwriteKind::Role, seed::ROLE_BOT, 0, bits))
    };
    deny(VIEW_CHANNEL);
    let body = json!({ "content": "x" });
    assert_eq!(rig.bot("POST", &path(seed::ALERTS), body.clone()).await.refusal(), (403, 50001));
    deny(SEND_MESSAGES);
    assert_eq!(rig.bot("POST", &path(seed::ALERTS), body.clone()).await.refusal(), (403, 50013));
    assert_eq!(rig.bot("POST", &path(seed::INCIDENTS), body).await.status, 200);
    assert_eq!(rig.sandbox.invalid_requests(), 2, "403 counts towards a ban");
}

#[tokio::test]
async fn an_enforced_nonce_gives_the_message_back_for_some_minutes() {
    let rig = Rig::start().await;
    let body = json!({ "content": "once", "nonce": "j1-7-0", "enforce_nonce": true });
    let first = rig.post(seed::INCIDENTS, body.clone()).await;
    let again = rig.bot("POST", &path(seed::INCIDENTS), body.clone()).await;
    assert_eq!((again.id(), &again.body["nonce"]), (first.clone(), &body["nonce"]));
    let history = rig.bot("GET", &path(seed::INCIDENTS), Value::Null).await;
    assert_eq!((&history.body[0]["id"], history.body[0].get("nonce")), (&json!(first), None));
    let loose = json!({ "content": "once", "nonce": "j1-7-0" });
    assert_ne!(rig.post(seed::INCIDENTS, loose).await, first, "not enforced");
    rig.pass(300_000);
    assert_ne!(rig.post(seed::INCIDENTS, body).await, first, "forgotten");
}

#[tokio::test]
async fn only_what_is_allowed_pings() {
    let rig = Rig::start().await;
    let pinged = |world: &World| world.pings.iter().map(|ping| ping.user).collect::<Vec<_>>();
    let lead = Person::Lead.id();
    let text = format!("<@{lead}> <@&{}> @everyone", seed::ROLE_RESPONDER);
    let quiet = json!({ "content": text, "allowed_mentions": { "parse": [] } });
    let reply = rig.bot("POST", &path(seed::INCIDENTS), quiet).await;
    assert_eq!((&reply.body["mentions"], &reply.body["mention_everyone"]), (&json!([]), &json!(false)));
    assert_eq!(rig.sandbox.look(pinged), []);
    let named = json!({ "content": text, "allowed_mentions": { "users": [lead] } });
    rig.post(seed::INCIDENTS, named).await;
    assert_eq!(rig.sandbox.look(pinged), [lead]);
    // Who may not ping everyone does not, whatever it allows itself; the role's holder is pinged.
    rig.sandbox.change(|world, _| {
        let roles = &mut world.guilds.get_mut(&seed::GUILD).unwrap().roles;
        roles.iter_mut().for_each(|role| role.permissions &= !MENTION_EVERYONE);
    });
    rig.post(seed::INCIDENTS, json!({ "content": text })).await;
    assert_eq!(rig.sandbox.look(pinged), [lead, Person::Responder.id(), lead]);
    let silent = json!({ "content": text, "flags": 1 << 12 });
    rig.post(seed::INCIDENTS, silent).await;
    assert_eq!(rig.sandbox.look(pinged).len(), 3);
}

#[tokio::test]
async fn messages_older_than_an_hour_take_few_edits() {
    let rig = Rig::start().await;
    let id = rig.post(seed::INCIDENTS, json!({ "content": "0" })).await;
    let at = format!("{}/{id}", path(seed::INCIDENTS));
    for n in 1..=5 {
        assert_eq!(
            rig.bot("PATCH", &at, json!({ "content": n.to_string() })).await.status,
            200,
            "young: {n}"
        );
    }
    rig.pass(3_600_001);
    for n in 6..=8 {
        assert_eq!(rig.bot("PATCH", &at, json!({ "content": n.to_string() })).await.status, 200, "old: {n}");
    }
    let refused = rig.bot("PATCH", &at, json!({ "content": "9" })).await;
    assert_eq!(refused.refusal(), (429, 30046));
    assert_eq!(refused.header("retry-after"), "20");
    rig.pass(20_000);
    assert_eq!(rig.bot("PATCH", &at, json!({ "content": "10" })).await.status, 200);
}

#[tokio::test]
async fn somebody_elses_message_is_not_mine_to_edit() {
    let rig = Rig::start().await;
    let said = rig.sandbox.client(Person::Responder).say(seed::GENERAL, "hello").await.expect("a message");
    let at = format!("{}/{}", path(seed::GENERAL), said["id"].as_str().unwrap());
    assert_eq!(rig.bot("PATCH", &at, json!({ "content": "x" })).await.refusal(), (403, 50005));
    assert_eq!(rig.bot("DELETE", &at, Value::Null).await.refusal(), (403, 50013));
    // Without the privileged intent the bot does not even read what people write.
    assert_eq!(rig.bot("GET", &at, Value::Null).await.body["content"], "");
}

#[tokio::test]
async fn history_reactions_and_pins() {
    let rig = Rig::start().await;
    let mut ids = Vec::new();
    for n in 0..4 {
        ids.push(rig.post(seed::GENERAL, json!({ "content": n.to_string() })).await);
    }
    let list = async |query: String| {
        let reply = rig.bot("GET", &format!("{}?{query}", path(seed::GENERAL)), Value::Null).await;
        let contents =
            reply.body.as_array().expect("a list").iter().map(|m| m["content"].as_str().unwrap().to_owned());
        contents.collect::<Vec<_>>().concat()
    };
    assert_eq!(list("limit=2".into()).await, "32");
    assert_eq!(list(format!("before={}", ids[2])).await, "10");
    assert_eq!(list(format!("after={}&limit=2", ids[0])).await, "21");
    assert_eq!(list(format!("around={}&limit=3", ids[1])).await, "210");
    let wrong = rig.bot("GET", &format!("{}?limit=101", path(seed::GENERAL)), Value::Null).await;
    assert_eq!(wrong.refusal(), (400, 50035));
    let at = format!("{}/{}", path(seed::GENERAL), ids[0]);
    let eyes = format!("{at}/reactions/%F0%9F%91%80/@me");
    assert_eq!(rig.bot("PUT", &eyes, Value::Null).await.status, 204);
    let me = rig.bot("GET", &at, Value::Null).await;
    assert_eq!(me.body["reactions"][0]["me"], true);
    let pin = format!("/channels/{}/messages/pins/{}", seed::GENERAL, ids[0]);
    assert_eq!(rig.bot("PUT", &pin, Value::Null).await.refusal(), (403, 50013));
    rig.sandbox.change(|world, now| {
        let lead = Person::Lead.id();
        world.overwrite(seed::GENERAL, OverwriteKind::Member, lead, muster::sandbox::world::PIN_MESSAGES, 0);
        world.pin(now, lead, seed::GENERAL, ids[0].parse().unwrap(), true).expect("pinned");
    });
    let pins = rig.bot("GET", &format!("/channels/{}/messages/pins", seed::GENERAL), Value::Null).await;
    assert_eq!(pins.body["items"][0]["message"]["id"], json!(ids[0]));
    let old = rig.bot("GET", &format!("/channels/{}/pins", seed::GENERAL), Value::Null).await;
    assert_eq!(old.body[0]["id"], json!(ids[0]));
}

#[tokio::test]
async fn people_may_take_no_direct_messages() {
    let rig = Rig::start().await;
    let open = json!({ "recipient_id": Person::Lead.id() });
    let channel = rig.bot("POST", "/users/@me/channels", open.clone()).await.id();
    assert_eq!(rig.bot("POST", "/users/@me/channels", open).await.id(), channel, "opened once");
    let body = json!({ "content": "you are on call" });
    let at = format!("/channels/{channel}/messages");
    assert_eq!(rig.bot("POST", &at, body.clone()).await.status, 200);
    assert_eq!(rig.sandbox.look(|world| world.pings.len()), 1);
    rig.sandbox.change(|world, _| {
        world.users.get_mut(&Person::Lead.id()).expect("the lead").refuses_direct_messages = true;
    });
    assert_eq!(rig.bot("POST", &at, body).await.refusal(), (403, 50007));
}
