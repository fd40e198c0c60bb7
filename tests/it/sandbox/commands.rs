//! Application commands: registered in one go, refused in detail, offered to people.

use super::rig::{Reply, Rig};
use muster::sandbox::Person;
use muster::sandbox::world::seed;
use serde_json::{Value, json};

fn error<'a>(reply: &'a Reply, pointer: &str) -> &'a str {
    assert_eq!(reply.refusal(), (400, 50035), "{}", reply.body);
    reply.body.pointer(&format!("/errors/{pointer}/_errors/0/code")).and_then(Value::as_str).unwrap_or("none")
}

fn command(name: &str, options: Value) -> Value {
    json!({ "name": name, "description": "d", "options": options })
}

fn option(name: &str, more: Value) -> Value {
    let mut option = json!({ "type": 3, "name": name, "description": "d" });
    option.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    option
}

#[tokio::test]
async fn an_overwrite_replaces_all_and_keeps_the_ids_of_what_stays() {
    let rig = Rig::start().await;
    let first = rig.register(json!([command("one", json!([])), command("two", json!([]))])).await;
    let second = rig
        .register(json!([command("two", json!([])), command("three", json!([option("o", json!({}))]))]))
        .await;
    assert_eq!(second.body[0], first.body[1], "unchanged, with id and version");
    let path = format!("/applications/{}/guilds/{}/commands", seed::APPLICATION, seed::GUILD);
    assert_eq!(rig.bot("GET", &path, Value::Null).await.body, second.body);
    let global = format!("/applications/{}/commands", seed::APPLICATION);
    assert_eq!(rig.bot("PUT", &global, json!([command("everywhere", json!([]))])).await.status, 200);
    let offered = rig.sandbox.client(Person::Onlooker).commands().await.expect("an index");
    assert_eq!(
        offered.iter().map(|c| c["name"].as_str().unwrap()).collect::<Vec<_>>(),
        ["two", "three", "everywhere"]
    );
    let other = format!("/applications/{}/guilds/1/commands", seed::APPLICATION);
    assert_eq!(rig.bot("PUT", &other, json!([])).await.refusal(), (403, 50001));
    assert_eq!(rig.bot("PUT", "/applications/2/commands", json!([])).await.refusal(), (404, 10002));
}

#[tokio::test]
async fn what_discord_does_not_take() {
    let rig = Rig::start().await;
    let one = async |command: Value| {
        rig.pass(1_000);
        rig.register(json!([command])).await
    };
    assert_eq!(error(&one(command("Upper", json!([]))).await, "0/name"), "APPLICATION_COMMAND_INVALID_NAME");
    assert_eq!(
        error(&one(command("two words", json!([]))).await, "0/name"),
        "APPLICATION_COMMAND_INVALID_NAME"
    );
    assert_eq!(error(&one(command(&"x".repeat(33), json!([]))).await, "0/name"), "BASE_TYPE_BAD_LENGTH");
    assert_eq!(error(&one(json!({ "name": "x" })).await, "0/description"), "BASE_TYPE_REQUIRED");
    let options: Vec<Value> = (0..26).map(|n| option(&format!("o{n}"), json!({}))).collect();
    assert_eq!(error(&one(command("x", json!(options))).await, "0/options"), "BASE_TYPE_MAX_LENGTH");
    let late = json!([option("a", json!({})), option("b", json!({ "required": true }))]);
    assert_eq!(
        error(&one(command("x", late)).await, "0/options/1"),
        "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID"
    );
    let choices: Vec<Value> = (0..26).map(|n| json!({ "name": "c", "value": n.to_string() })).collect();
    let many = json!([option("a", json!({ "choices": choices }))]);
    assert_eq!(error(&one(command("x", many)).await, "0/options/0/choices"), "BASE_TYPE_MAX_LENGTH");
    let mixed = json!([option("a", json!({})), option("b", json!({ "type": 1 }))]);
    assert_eq!(
        error(&one(command("x", mixed)).await, "0/options/0/type"),
        "APPLICATION_COMMAND_OPTIONS_TYPE_INVALID"
    );
    let twice = json!([command("x", json!([])), command("x", json!([]))]);
    rig.pass(1_000);
    assert_eq!(error(&rig.register(twice).await, "1/name"), "APPLICATION_COMMANDS_DUPLICATE_NAME");
    let long: Vec<Value> =
        (0..25).map(|n| json!({ "name": "n".repeat(100), "value": format!("{n:0100}") })).collect();
    let wide = json!([option("a", json!({ "choices": long })), option("b", json!({ "choices": long }))]);
    assert_eq!(error(&one(command("x", wide)).await, "0"), "APPLICATION_COMMAND_TOO_LARGE");
    let hundred_and_one: Vec<Value> = (0..101).map(|n| command(&format!("c{n}"), json!([]))).collect();
    rig.pass(1_000);
    assert_eq!(rig.register(json!(hundred_and_one)).await.refusal(), (400, 30032));
}

#[tokio::test]
async fn what_people_fill_in_is_checked_before_the_bot_sees_it() {
    let rig = Rig::start().await;
    let options = json!([
        option("service", json!({ "required": true, "choices": [{ "name": "Soundlab", "value": "soundlab" }] })),
        { "type": 4, "name": "count", "description": "d", "min_value": 1, "max_value": 5 },
        { "type": 6, "name": "who", "description": "d" },
    ]);
    let sub = json!([{ "type": 1, "name": "run", "description": "d", "options": options }]);
    let admin = json!({ "name": "secret", "description": "d", "default_member_permissions": "0" });
    assert_eq!(rig.register(json!([command("job", sub), admin])).await.status, 200);
    let (mut line, _) = rig.bot_line(0).await;
    let client = rig.sandbox.client(Person::Responder);
    let wrong =
        async |options: &[(&str, Value)]| client.slash("job run", options).await.expect_err("refused").code();
    assert_eq!(wrong(&[]).await, 50035);
    assert_eq!(wrong(&[("service", json!("other"))]).await, 50035);
    assert_eq!(wrong(&[("service", json!("soundlab")), ("count", json!(6))]).await, 50035);
    assert_eq!(wrong(&[("service", json!("soundlab")), ("unknown", json!("x"))]).await, 50035);
    assert!(client.slash("secret", &[]).await.is_err(), "not even offered");
    let lead = Person::Lead.id();
    let given = [("service", json!("soundlab")), ("count", json!(5)), ("who", json!(lead))];
    let started = tokio::spawn(async move { client.slash("job run", &given).await });
    let interaction = line.event("INTERACTION_CREATE").await;
    let run = &interaction["data"]["options"][0];
    assert_eq!((&run["name"], &run["type"]), (&json!("run"), &json!(1)));
    assert_eq!(run["options"][1], json!({ "type": 4, "name": "count", "value": 5 }));
    assert_eq!(interaction["data"]["resolved"]["users"][lead.to_string()]["username"], "lead");
    assert_eq!(
        interaction["data"]["resolved"]["members"][lead.to_string()]["roles"],
        json!([seed::ROLE_LEAD])
    );
    started.abort();
}
