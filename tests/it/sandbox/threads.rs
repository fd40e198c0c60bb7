//! Threads: opened, written in, archived, and awake again.

use super::rig::Rig;
use muster::sandbox::Person;
use muster::sandbox::world::guild::OverwriteKind;
use muster::sandbox::world::{Id, MANAGE_THREADS, seed};
use serde_json::{Value, json};

async fn thread(rig: &Rig) -> (String, Id) {
    let message = rig.post(seed::INCIDENTS, json!({ "content": "INC-1" })).await;
    let path = format!("/channels/{}/messages/{message}/threads", seed::INCIDENTS);
    let opened = rig.bot("POST", &path, json!({ "name": "INC-1", "auto_archive_duration": 1440 })).await;
    assert_eq!(opened.status, 201, "{}", opened.body);
    assert_eq!(opened.id(), message, "a thread has its message's id");
    let again = rig.bot("POST", &path, json!({ "name": "INC-1" })).await;
    assert_eq!(again.refusal(), (400, 160004));
    let id = message.parse().expect("an id");
    (message, id)
}

#[tokio::test]
async fn an_archived_thread_takes_no_edits_but_a_message_wakes_it() {
    let rig = Rig::start().await;
    let (thread, id) = thread(&rig).await;
    let message = rig.post(&thread, json!({ "content": "first" })).await;
    let at = format!("/channels/{thread}/messages/{message}");
    let archived = rig.bot("PATCH", &format!("/channels/{thread}"), json!({ "archived": true })).await;
    assert_eq!(archived.body["thread_metadata"]["archived"], true);
    assert_eq!(rig.bot("PATCH", &at, json!({ "content": "x" })).await.refusal(), (400, 50083));
    let join = format!("/channels/{thread}/thread-members/{}", Person::Lead.id());
    assert_eq!(rig.bot("PUT", &join, Value::Null).await.refusal(), (400, 50083));
    rig.post(&thread, json!({ "content": "second" })).await;
    assert!(!rig.sandbox.look(|world| world.channels[&id].thread.as_ref().unwrap().archived));
    assert_eq!(rig.bot("PUT", &join, Value::Null).await.status, 204);
    let members = rig.bot("GET", &format!("/channels/{thread}/thread-members"), Value::Null).await;
    assert_eq!(members.body.as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn a_locked_thread_stays_shut_for_those_who_do_not_manage_threads() {
    let rig = Rig::start().await;
    let (thread, id) = thread(&rig).await;
    rig.sandbox.change(|world, now| {
        world.overwrite(seed::INCIDENTS, OverwriteKind::Role, seed::ROLE_BOT, 0, MANAGE_THREADS);
        world.archive(now, id, true);
    });
    let post = rig.bot("POST", &format!("/channels/{thread}/messages"), json!({ "content": "x" })).await;
    assert_eq!(post.refusal(), (400, 50083));
    let wake = rig.bot("PATCH", &format!("/channels/{thread}"), json!({ "archived": false })).await;
    assert_eq!(wake.refusal(), (403, 50013));
}

#[tokio::test]
async fn idle_threads_are_archived_and_private_ones_are_private() {
    let rig = Rig::start().await;
    let (_, id) = thread(&rig).await;
    let active = async || {
        let reply = rig.bot("GET", &format!("/guilds/{}/threads/active", seed::GUILD), Value::Null).await;
        reply.body["threads"].as_array().map(Vec::len)
    };
    assert_eq!(active().await, Some(1));
    rig.pass(24 * 3_600_000);
    assert_eq!(active().await, Some(0));
    assert!(rig.sandbox.look(|world| world.channels[&id].thread.as_ref().unwrap().archived));
    let path = format!("/channels/{}/threads", seed::INCIDENTS);
    let private = rig.bot("POST", &path, json!({ "name": "quiet", "type": 12 })).await.id();
    let lead = rig.sandbox.client(Person::Lead);
    let unseen = lead.request("GET", &format!("/channels/{private}"), None).await.expect_err("private");
    assert_eq!((unseen.status, unseen.code()), (403, 50001));
    rig.bot("PUT", &format!("/channels/{private}/thread-members/{}", Person::Lead.id()), Value::Null).await;
    assert!(lead.request("GET", &format!("/channels/{private}"), None).await.is_ok());
    let public = rig.bot("POST", &path, json!({ "name": "open", "type": 11 })).await;
    assert_eq!(public.status, 201);
    let notice = lead.messages(seed::INCIDENTS).await.expect("messages").remove(0);
    assert_eq!((&notice["type"], &notice["content"]), (&json!(18), &json!("open")));
}

#[tokio::test]
async fn roles_are_given_below_ones_own_only() {
    let rig = Rig::start().await;
    let path = |role: Id| format!("/guilds/{}/members/{}/roles/{role}", seed::GUILD, Person::Onlooker.id());
    assert_eq!(rig.bot("PUT", &path(seed::ROLE_ON_CALL), Value::Null).await.status, 204);
    let roles = |world: &muster::sandbox::World| {
        world.guilds[&seed::GUILD].members[&Person::Onlooker.id()].roles.clone()
    };
    assert_eq!(rig.sandbox.look(roles), [seed::ROLE_ON_CALL]);
    assert_eq!(rig.bot("DELETE", &path(seed::ROLE_ON_CALL), Value::Null).await.status, 204);
    assert!(rig.sandbox.look(roles).is_empty());
    assert_eq!(rig.bot("PUT", &path(seed::ROLE_BOT), Value::Null).await.refusal(), (403, 50013));
    assert_eq!(rig.bot("PUT", &path(Id(1)), Value::Null).await.refusal(), (404, 10011));
    let path = format!("/guilds/{}/members/search?query=RESP&limit=5", seed::GUILD);
    let found = rig.bot("GET", &path, Value::Null).await;
    assert_eq!(found.body[0]["user"]["username"], "responder");
}
