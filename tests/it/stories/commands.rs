//! Commands are files: a team adds one without a line of code.

use std::fs;

use muster::cli::bot::Bot;
use muster::discord::Token;
use muster::house;
use muster::journal::SledJournal;
use muster::kit::clock::Clock;
use muster::sandbox::world::seed;
use muster::sandbox::{Limits, Person, Sandbox, Setup};
use serde_json::Value;
use std::sync::Arc;

use crate::support::app::{App, START};
use crate::support::{request_log, soon, test_name};

const MUSTER_TOML: &str = r#"
timezone = "Europe/Berlin"

[discord]
guild = "1100000000000000010"
api_url = "API"

[channels]
incidents = "1100000000000000030"
alerts = "1100000000000000031"
reports = "1100000000000000032"

[roles]
responder = ["1100000000000000020"]
approver = []
lead = []
"#;

const RUNBOOK: &str =
    "# Shop\n\n## Flush the CDN\n\n- [ ] Tell the team\n- [ ] Purge `/assets` in the CDN's console\n";

const FLUSH_CDN: &str = r#"
description = "How to flush the CDN"
action = "runbook.section"
allow = ["responder"]
with = { service = "shop", section = "flush-the-cdn" }
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_file_in_a_teams_folder_is_a_slash_command() {
    let clock = Clock::driven(START);
    let time = clock.clone();
    let setup = Setup {
        request_log: Some(request_log(&test_name())),
        limits: Limits::lifted(),
        ..Setup::new(Arc::new(move || time.now().0))
    };
    let sandbox = Sandbox::start(setup).await.unwrap();
    let team = tempfile::tempdir().unwrap();
    for folder in ["commands", "runbooks"] {
        fs::create_dir(team.path().join(folder)).unwrap();
    }
    fs::write(team.path().join("muster.toml"), MUSTER_TOML.replace("API", &sandbox.api_url())).unwrap();
    fs::write(team.path().join("runbooks/shop.md"), RUNBOOK).unwrap();
    let read = || house::load(&team.path().join("muster.toml")).unwrap_or_else(|p| panic!("{p:?}"));
    let journal = SledJournal::create(&team.path().join("journal")).unwrap();
    let bot = Bot::start(journal, read(), Token::new(seed::BOT_TOKEN), clock).await.unwrap();
    soon("the gateway", bot.ready()).await.unwrap();
    let responder = sandbox.client(Person::Responder);
    assert!(responder.slash("flush-cdn", &[]).await.is_err(), "there is no such command yet");

    fs::write(team.path().join("commands/flush-cdn.toml"), FLUSH_CDN).unwrap();
    bot.reloader().reload(read()).await;
    let shown = responder.slash("flush-cdn", &[]).await.unwrap();
    assert!(shown.text().contains("Purge `/assets`"), "{}", shown.text());
    let refused = sandbox.client(Person::Onlooker).slash("flush-cdn", &[]).await.unwrap();
    assert!(refused.ephemeral && refused.text().contains("is for responder"), "{}", refused.text());
    // An empty role is nobody: the approver's has no Discord role in this team.
    let options = [("title", "x".into()), ("severity", "P1".into())];
    let nobody = sandbox.client(Person::Approver).slash("incident declare", &options).await.unwrap();
    assert!(nobody.text().contains("Ask one of them"), "{}", nobody.text());
    bot.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_are_sent_once_and_again_only_when_they_change() {
    let mut app = App::start().await;
    let sent = |app: &App| {
        app.bot()
            .engine()
            .journal()
            .unwrap()
            .from(muster::model::ids::Seq(1))
            .filter(|c| serde_json::to_string(c.as_ref().unwrap()).unwrap().contains("commands-registered"))
            .count()
    };
    assert_eq!(sent(&app), 1);
    app.stop_bot().await;
    app.start_bot().await;
    assert_eq!(sent(&app), 1, "the same commands are not sent again");
    let names: Vec<Value> =
        app.client(Person::Onlooker).commands().await.unwrap().iter().map(|c| c["name"].clone()).collect();
    assert_eq!(
        names,
        [
            "ack",
            "action",
            "Add to timeline",
            "alerts",
            "escalate",
            "health",
            "incident",
            "oncall",
            "page",
            "pages",
            "purge-queue",
            "report",
            "rollback",
            "runbook",
            "runs",
            "silence",
            "timeline",
            "triage",
            "unavailable"
        ]
    );
}
