//! Rate limits, with the headers that a bot lives by.

use super::rig::{BEGIN, Rig};
use muster::sandbox::limits::{Limits, Rate};
use muster::sandbox::world::seed;
use serde_json::{Value, json};

#[tokio::test]
async fn the_sixth_post_to_a_channel_within_five_seconds_is_too_many() {
    let rig = Rig::start().await;
    let at = format!("/channels/{}/messages", seed::ALERTS);
    let first = rig.bot("POST", &at, json!({ "content": "0" })).await;
    assert_eq!((first.header("x-ratelimit-limit"), first.header("x-ratelimit-remaining")), ("5", "4"));
    assert_eq!(first.header("x-ratelimit-reset-after"), "5.000");
    assert_eq!(first.header("x-ratelimit-reset"), format!("{}.000", BEGIN / 1000 + 5));
    let bucket = first.header("x-ratelimit-bucket").to_owned();
    for n in 1..5 {
        rig.post(seed::ALERTS, json!({ "content": n.to_string() })).await;
    }
    rig.pass(1_500);
    let refused = rig.bot("POST", &at, json!({ "content": "5" })).await;
    assert_eq!(refused.status, 429);
    let body = json!({ "message": "You are being rate limited.", "retry_after": 3.5, "global": false });
    assert_eq!(refused.body, body);
    assert_eq!((refused.header("retry-after"), refused.header("x-ratelimit-scope")), ("4", "user"));
    assert_eq!(
        (refused.header("x-ratelimit-remaining"), refused.header("x-ratelimit-bucket")),
        ("0", bucket.as_str())
    );
    assert_eq!(refused.header("x-ratelimit-global"), "");
    // Another channel has its own bucket, edits have theirs, and time fills it again.
    rig.post(seed::INCIDENTS, json!({ "content": "x" })).await;
    let edit = rig.bot("PATCH", &format!("{at}/{}", first.id()), json!({ "content": "x" })).await;
    assert_eq!(edit.status, 200);
    assert_ne!(edit.header("x-ratelimit-bucket"), bucket);
    rig.pass(3_500);
    rig.post(seed::ALERTS, json!({ "content": "5" })).await;
    let seen = rig
        .sandbox
        .look(|world| world.messages.keys().filter(|(channel, _)| *channel == seed::ALERTS).count());
    assert_eq!(seen, 6, "what was refused was not posted");
}

#[tokio::test]
async fn the_fifty_first_request_in_a_second_is_too_many_but_interactions_do_not_count() {
    let rig = Rig::with(|setup| setup.limits = Limits { buckets: false, ..Limits::real() }).await;
    for _ in 0..50 {
        assert_eq!(rig.bot("GET", "/users/@me", Value::Null).await.status, 200);
    }
    let refused = rig.bot("GET", "/users/@me", Value::Null).await;
    assert_eq!((refused.status, &refused.body["global"]), (429, &json!(true)));
    assert_eq!(
        (refused.header("x-ratelimit-global"), refused.header("x-ratelimit-scope")),
        ("true", "global")
    );
    assert_eq!(refused.header("retry-after"), "1");
    let callback = rig.ask("", "POST", "/interactions/1/x/callback", json!({ "type": 5 })).await;
    assert_eq!(callback.refusal(), (404, 10062));
    rig.pass(1_000);
    assert_eq!(rig.bot("GET", "/users/@me", Value::Null).await.status, 200);
}

#[tokio::test]
async fn too_many_refusals_are_a_ban() {
    let invalid = Some(Rate { requests: 3, per_ms: 600_000 });
    let rig = Rig::with(|setup| setup.limits = Limits { invalid, ..Limits::lifted() }).await;
    for _ in 0..3 {
        assert_eq!(rig.ask("Bot wrong", "GET", "/users/@me", Value::Null).await.status, 401);
    }
    let banned = rig.bot("GET", "/users/@me", Value::Null).await;
    assert_eq!((banned.status, banned.header("retry-after"), &banned.body), (429, "600", &Value::Null));
    rig.pass(600_000);
    assert_eq!(rig.bot("GET", "/users/@me", Value::Null).await.status, 200);
}
