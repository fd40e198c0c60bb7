//! Runs as people see them: the three that are for real, a checklist, and the terminal.

use std::process::Stdio;
use std::time::Duration;

use muster::sandbox::Person;
use muster::sandbox::client::text_of;
use muster::sandbox::world::{Id, Message, seed};
use serde_json::Value;
use tokio::process::Command;

use crate::support::app::App;
use crate::support::soon;

/// Waits until a card says all these words, and gives it.
async fn card(app: &App, words: &[&str]) -> Message {
    app.message(seed::INCIDENTS, words).await
}

/// The thread under a run's card.
async fn thread(app: &App, run: &str) -> Id {
    let name = format!("{run} ");
    let thread =
        app.sandbox.wait_for(move |w| w.channels.values().find(|c| c.name.starts_with(&name)).map(|c| c.id));
    soon("the run's thread", thread).await
}

fn fact(app: &App, service: &str, name: &str) -> Value {
    let state =
        app.sandbox.fleet().state().into_iter().find(|s| s.name == service).expect("a practice service");
    state.facts[name].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_is_asked_for_approved_and_seen_to_work() {
    let app = App::in_real_time(|_| {}).await;
    let (responder, approver) = (app.client(Person::Responder), app.client(Person::Approver));
    let before = fact(&app, "soundlab", "running");
    let asked = responder.slash("rollback", &[("service", "soundlab".into())]).await.unwrap();
    assert!(asked.ephemeral && asked.text().contains("RUN-1"), "{}", asked.text());
    let shown = card(&app, &["RUN-1", "soundlab"]).await;
    let thread = thread(&app, "RUN-1").await;
    let call = app.message(thread, &["waits for you"]).await;
    assert!(text_of(&call).contains(&format!("<@&{}>", seed::ROLE_APPROVER.0)), "{}", text_of(&call));
    let plan = responder.press(shown.id, "What runs").await.unwrap();
    assert!(plan.ephemeral && plan.text().contains("soundlab/phi-matrix:previous"), "{}", plan.text());

    let own = responder.press(shown.id, "Approve").await.unwrap();
    assert!(own.text().contains("role approver"), "{}", own.text());
    assert_eq!(fact(&app, "soundlab", "running"), before);
    approver.press(shown.id, "Approve").await.unwrap();
    let passed = card(&app, &["RUN-1", "**Passed**", "of 2 m"]).await;
    assert_eq!(passed.id, shown.id, "the card is edited, not posted anew");
    let running = fact(&app, "soundlab", "running");
    assert_ne!(running, before, "another version runs");
    let output = app.message(thread, &["RUN-1", "assed"]).await;
    let file = app.sandbox.look(|w| w.files.get(&output.attachments[0].id).cloned()).unwrap();
    let text = String::from_utf8(file.bytes.clone()).unwrap();
    assert!(text.contains("start") && text.contains("images"), "{text}");
    app.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rollback_that_changes_nothing_says_that_it_failed() {
    let app = App::in_real_time(|_| {}).await;
    app.sandbox.fleet().break_it("soundlab", "version-stuck").unwrap();
    let (responder, approver) = (app.client(Person::Responder), app.client(Person::Approver));
    responder.slash("rollback", &[("service", "soundlab".into())]).await.unwrap();
    let shown = card(&app, &["RUN-1"]).await;
    approver.press(shown.id, "Approve").await.unwrap();
    let failed = card(&app, &["RUN-1", "**Failed**", "changed"]).await;
    responder.press(failed.id, "Undo: undo-start, undo-tag, undo-stop").await.unwrap();
    card(&app, &["RUN-1", "aken back"]).await;
    app.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_shows_what_would_happen_and_changes_nothing() {
    let app = App::in_real_time(|_| {}).await;
    let before = fact(&app, "soundlab", "running");
    let options = [("service", "soundlab".into()), ("dry-run", true.into())];
    let asked = app.client(Person::Responder).slash("rollback", &options).await.unwrap();
    assert!(asked.text().contains("without changing anything"), "{}", asked.text());
    card(&app, &["RUN-1", "dry run", "GET"]).await;
    app.settled().await;
    assert_eq!(fact(&app, "soundlab", "running"), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_is_purged_after_its_name_is_typed() {
    let app = App::in_real_time(|_| {}).await;
    app.sandbox.fleet().break_it("soundfoundry", "queue-stuck").unwrap();
    let responder = app.client(Person::Responder);
    responder.slash("purge-queue", &[("service", "soundfoundry".into())]).await.unwrap();
    // What is in the queue is seen before the name is typed.
    let shown = card(&app, &["RUN-1", "waiting 14", "reserved 1", "Type soundfoundry to go on"]).await;
    let form = responder.press(shown.id, "Type soundfoundry to go on").await.unwrap();
    let wrong = responder.submit(&form, &[("confirm", "soundlab")]).await.unwrap();
    assert!(wrong.text().contains("Nothing was done"), "{}", wrong.text());
    let form = responder.press(shown.id, "Type soundfoundry to go on").await.unwrap();
    responder.submit(&form, &[("confirm", "soundfoundry")]).await.unwrap();
    card(&app, &["RUN-1", "assed"]).await;
    assert!(fact(&app, "soundfoundry", "queue_waiting").as_u64().unwrap() < 100, "what waited is gone");
    assert_eq!(fact(&app, "soundfoundry", "queue_reserved"), 1, "what the worker holds is spared");
    app.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checklist_is_ticked_in_the_card() {
    let book = "# Soundlab\n## Outage\n1. Tell people\n2. Read the log\n3. Start it again\n4. Watch it\n5. Write it down\n";
    let app = App::with(|house| {
        let read = muster::house::runbook_of("soundlab", "soundlab.md", book).expect("a runbook");
        house.runbooks.insert("soundlab".to_owned(), read);
    })
    .await;
    let responder = app.client(Person::Responder);
    let incident = app.declared("Soundlab does not answer", "P1").await;
    let options = [("service", "soundlab".into()), ("action", "outage".into())];
    let asked = responder.slash_in(incident, "runbook", &options).await.unwrap();
    assert!(asked.text().contains("INC-1"), "{}", asked.text());
    let shown = app.message(incident, &["RUN-1", "Outage"]).await;
    let onlooker = app.client(Person::Onlooker).press(shown.id, "Done").await.unwrap();
    assert!(onlooker.text().contains("may not"), "{}", onlooker.text());
    responder.press(shown.id, "Done").await.unwrap();
    app.message(incident, &["RUN-1", "step 2 of 5"]).await;
    let form = responder.press(shown.id, "Does not apply").await.unwrap();
    responder.submit(&form, &[("reason", "the log is empty")]).await.unwrap();
    for step in ["step 3 of 5", "step 4 of 5", "step 5 of 5"] {
        app.message(incident, &["RUN-1", step]).await;
        responder.press(shown.id, "Done").await.unwrap();
    }
    app.message(incident, &["RUN-1", "assed"]).await;
    let timeline = responder.slash_in(incident, "timeline", &[]).await.unwrap();
    assert!(timeline.text().contains("the log is empty"), "{}", timeline.text());
    app.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_day_discord_is_down_the_terminal_runs_it_and_discord_hears_of_it_later() {
    let mut app = App::in_real_time(|_| {}).await;
    app.stop_bot().await;
    let before = fact(&app, "soundlab", "running");
    let config = app.data().join("muster.toml");
    let house = include_str!("../../../data/sandbox.toml")
        .replace("{sandbox}", &app.sandbox.api_url())
        .replace("{muster}", env!("CARGO_BIN_EXE_muster"))
        .replace("{data}", app.data().to_str().unwrap());
    std::fs::write(&config, house).unwrap();
    let books = concat!(env!("CARGO_MANIFEST_DIR"), "/runbooks");
    std::os::unix::fs::symlink(books, app.data().join("runbooks")).unwrap();
    let run = |more: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_muster"));
        command.args(["run", "soundlab", "rollback"]).args(more).arg("--config").arg(&config);
        command.arg("--data").arg(app.data()).stdin(Stdio::null()).kill_on_drop(true);
        command.output()
    };
    let dry = soon("the dry run", run(&["--dry-run"])).await.unwrap();
    let said = String::from_utf8_lossy(&dry.stdout).into_owned();
    assert!(dry.status.success() && said.contains("RUN-1 passed"), "{said}");
    assert_eq!(fact(&app, "soundlab", "running"), before);

    app.start_bot().await;
    card(&app, &["RUN-1", "dry run"]).await;
    app.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn cancel_ends_what_runs_at_any_moment() {
    let book = "---\nrunbook: 1\nactions:\n  sleep: {section: sleep, lock: bed}\n---\n# Soundlab\n## Sleep\n```sh {name=asleep}\n#| timeout: 10m\necho going to sleep\nsleep 600\n```\n";
    let app = App::in_real_time(|house| {
        let read = muster::house::runbook_of("soundlab", "soundlab.md", book).expect("a runbook");
        house.runbooks.insert("soundlab".to_owned(), read);
    })
    .await;
    let responder = app.client(Person::Responder);
    let options = [("service", "soundlab".into()), ("action", "sleep".into())];
    responder.slash("runbook", &options).await.unwrap();
    // What it prints comes on the card while it runs.
    let shown = card(&app, &["RUN-1", "going to sleep"]).await;
    let held = responder.slash("runbook", &options).await.unwrap();
    assert!(held.text().contains("soundlab/bed") && held.text().contains("RUN-1"), "{}", held.text());
    responder.press(shown.id, "Cancel run").await.unwrap();
    card(&app, &["RUN-1", "**Cancelled**"]).await;
    let free = responder.slash("runbook", &options).await.unwrap();
    assert!(free.text().contains("RUN-2"), "{}", free.text());
    let second = card(&app, &["RUN-2", "going to sleep"]).await;
    responder.press(second.id, "Cancel run").await.unwrap();
    card(&app, &["RUN-2", "**Cancelled**"]).await;
    soon("rest", async { tokio::time::timeout(Duration::from_secs(20), app.settled()).await.unwrap() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_terminal_joins_the_muster_that_runs_and_everybody_sees_it() {
    let app = App::in_real_time(|_| {}).await;
    let listening = muster::cli::socket::listen(app.data(), app.bot().watch()).unwrap();
    let run = |action: &'static str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_muster"));
        command.args(["run", "soundlab", action, "--data"]).arg(app.data()).stdin(Stdio::null());
        command.kill_on_drop(true).output()
    };
    let done = soon("the run", run("health")).await.unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success() && said.contains("RUN-1 passed") && said.contains("healthz"), "{said}");
    card(&app, &["RUN-1", "**Passed**", "at the terminal"]).await;

    app.sandbox.fleet().break_it("soundlab", "down").unwrap();
    let failed = soon("the run", run("health")).await.unwrap();
    assert_eq!(failed.status.code(), Some(1), "{failed:?}");
    assert!(String::from_utf8_lossy(&failed.stdout).contains("RUN-2 failed"), "{failed:?}");
    let wrong = soon("the run", run("no-such-action")).await.unwrap();
    assert!(String::from_utf8_lossy(&wrong.stderr).contains("no action or section"), "{wrong:?}");
    listening.abort();
    app.settled().await;
}
