//! What may be in a message: texts, embeds, components, files, and the tree of errors for what may not.

use super::rig::{Reply, Rig};
use muster::sandbox::Person;
use muster::sandbox::world::{Id, seed};
use serde_json::{Value, json};

fn path(channel: Id) -> String {
    format!("/channels/{channel}/messages")
}

/// The code of the first error at a place of the tree.
fn error<'a>(reply: &'a Reply, pointer: &str) -> &'a str {
    assert_eq!(reply.refusal(), (400, 50035), "{}", reply.body);
    reply.body.pointer(&format!("/errors/{pointer}/_errors/0/code")).and_then(Value::as_str).unwrap_or("none")
}

#[tokio::test]
async fn bad_bodies_are_refused_field_by_field() {
    let rig = Rig::start().await;
    let post = async |body: Value| rig.bot("POST", &path(seed::INCIDENTS), body).await;
    assert_eq!(post(json!({ "content": "  " })).await.refusal(), (400, 50006));
    let reply = post(json!({ "content": "x".repeat(2001) })).await;
    assert_eq!(error(&reply, "content"), "BASE_TYPE_MAX_LENGTH");
    assert_eq!(post(json!({ "content": "x".repeat(2000) })).await.status, 200);
    let reply = post(json!({ "embeds": [{ "title": "t" }, { "title": "x".repeat(257) }] })).await;
    assert_eq!(error(&reply, "embeds/1/title"), "BASE_TYPE_MAX_LENGTH");
    let field = json!({ "name": "", "value": "v" });
    let reply = post(json!({ "embeds": [{ "title": "t", "fields": [field] }] })).await;
    assert_eq!(error(&reply, "embeds/0/fields/0/name"), "BASE_TYPE_REQUIRED");
    rig.pass(5_000);
    let big = json!({ "description": "x".repeat(3001) });
    assert_eq!(error(&post(json!({ "embeds": [big, big] })).await, "embeds"), "MAX_EMBED_SIZE_EXCEEDED");
    assert_eq!(
        error(&post(json!({ "embeds": vec![json!({ "title": "t" }); 11] })).await, "embeds"),
        "BASE_TYPE_MAX_LENGTH"
    );
    let image = json!({ "title": "t", "url": "javascript:alert(1)" });
    assert_eq!(error(&post(json!({ "embeds": [image] })).await, "embeds/0/url"), "URL_TYPE_INVALID_URL");
    let reply = post(json!({ "content": "x", "nonce": "x".repeat(26) })).await;
    assert_eq!(error(&reply, "nonce"), "BASE_TYPE_MAX_LENGTH");
    let mentions = json!({ "parse": ["users"], "users": [Person::Lead.id()] });
    let reply = post(json!({ "content": "x", "allowed_mentions": mentions })).await;
    assert_eq!(error(&reply, "allowed_mentions"), "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE");
}

#[tokio::test]
async fn components_have_their_limits() {
    let rig = Rig::start().await;
    let row = |buttons: Vec<Value>| json!({ "type": 1, "components": buttons });
    let button = |id: &str| json!({ "type": 2, "style": 1, "label": "b", "custom_id": id });
    let post = async |components: Value| {
        rig.pass(1_000);
        rig.bot("POST", &path(seed::INCIDENTS), json!({ "content": "x", "components": components })).await
    };
    let reply = post(json!([row(vec![button(&"x".repeat(101))])])).await;
    assert_eq!(error(&reply, "components/0/components/0/custom_id"), "BASE_TYPE_BAD_LENGTH");
    let reply = post(json!([row(vec![button("a"), button("a")])])).await;
    assert_eq!(error(&reply, "components/0/components/1/custom_id"), "COMPONENT_CUSTOM_ID_DUPLICATED");
    let rows: Vec<Value> = (0..6).map(|n| row(vec![button(&n.to_string())])).collect();
    assert_eq!(error(&post(json!(rows)).await, "components"), "BASE_TYPE_MAX_LENGTH");
    let six: Vec<Value> = (0..6).map(|n| button(&n.to_string())).collect();
    assert_eq!(error(&post(json!([row(six)])).await, "components/0/components"), "BASE_TYPE_BAD_LENGTH");
    let link = json!({ "type": 2, "style": 5, "label": "l", "url": "https://example.com", "custom_id": "a" });
    assert_eq!(
        error(&post(json!([row(vec![link])])).await, "components/0/components/0"),
        "BUTTON_COMPONENT_CUSTOM_ID_AND_URL"
    );
    let select = |options: usize| {
        let options: Vec<Value> =
            (0..options).map(|n| json!({ "label": "l", "value": n.to_string() })).collect();
        json!([row(vec![json!({ "type": 3, "custom_id": "s", "options": options })])])
    };
    assert_eq!(error(&post(select(26)).await, "components/0/components/0/options"), "BASE_TYPE_BAD_LENGTH");
    assert_eq!(post(select(25)).await.status, 200);
}

#[tokio::test]
async fn a_message_of_components_has_nothing_else() {
    let rig = Rig::start().await;
    let text = json!({ "type": 17, "components": [{ "type": 10, "content": "# All is well" }] });
    let body = json!({ "flags": 1 << 15, "components": [text], "content": "x" });
    let reply = rig.bot("POST", &path(seed::INCIDENTS), body).await;
    assert_eq!(error(&reply, "content"), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2");
    let body = json!({ "flags": 1 << 15, "components": [text] });
    let reply = rig.bot("POST", &path(seed::INCIDENTS), body).await;
    assert_eq!((reply.status, &reply.body["flags"]), (200, &json!(1 << 15)), "{}", reply.body);
    // Without the flag such components do not exist.
    let reply = rig.bot("POST", &path(seed::INCIDENTS), json!({ "components": [text] })).await;
    assert_eq!(error(&reply, "components/0/type"), "BASE_TYPE_CHOICES");
}

#[tokio::test]
async fn files_are_sent_and_served() {
    let rig = Rig::start().await;
    let body = json!({
        "content": "the report", "attachments": [{ "id": 0, "filename": "report.md", "description": "All of it." }],
        "embeds": [{ "title": "t", "image": { "url": "attachment://report.md" } }],
    });
    let file = reqwest::multipart::Part::bytes(b"# Report".to_vec())
        .file_name("x.md")
        .mime_str("text/markdown")
        .unwrap();
    let form = reqwest::multipart::Form::new().text("payload_json", body.to_string()).part("files[0]", file);
    let request =
        rig.http().post(rig.url(&path(seed::REPORTS))).header("authorization", "Bot sandbox.bot.token");
    let reply = Rig::reply(request.multipart(form).send().await.expect("an answer")).await;
    assert_eq!(reply.status, 200, "{}", reply.body);
    let attachment = &reply.body["attachments"][0];
    assert_eq!((&attachment["filename"], &attachment["size"]), (&json!("report.md"), &json!(8)));
    assert_eq!(reply.body["embeds"][0]["image"]["url"], attachment["url"]);
    let served = rig.http().get(attachment["url"].as_str().unwrap()).send().await.expect("an answer");
    assert_eq!(served.headers()["content-type"], "text/markdown");
    assert_eq!(served.text().await.expect("text"), "# Report");
    let missing = json!({ "content": "x", "attachments": [{ "id": 3 }] });
    let refused = rig.bot("POST", &path(seed::REPORTS), missing).await;
    assert_eq!(error(&refused, "attachments/0"), "ATTACHMENT_NOT_FOUND");
}
