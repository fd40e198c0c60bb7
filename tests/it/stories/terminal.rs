//! The program as a person types it: while it runs, and after.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use muster::kit::clock::Clock;
use muster::sandbox::world::guild::OverwriteKind;
use muster::sandbox::world::{MENTION_EVERYONE, seed};
use muster::sandbox::{Limits, Person, Sandbox, Setup};
use tokio::process::Command;

use crate::support::{request_log, soon, test_name};

pub(super) const MUSTER: &str = env!("CARGO_BIN_EXE_muster");

/// Runs a command, and gives whether it went well and all that it said.
pub(super) async fn muster(folder: &Path, args: &[&str]) -> (bool, String) {
    let out = Command::new(MUSTER)
        .args(args)
        .current_dir(folder)
        .env_remove("DISCORD_TOKEN")
        .output()
        .await
        .unwrap();
    let said = [out.stdout, out.stderr].concat();
    (out.status.success(), String::from_utf8_lossy(&said).into_owned())
}

pub(super) async fn sandbox() -> Sandbox {
    let clock = Clock::system();
    let setup = Setup {
        request_log: Some(request_log(&test_name())),
        limits: Limits::lifted(),
        ..Setup::new(Arc::new(move || clock.now().0))
    };
    Sandbox::start(setup).await.unwrap()
}

/// A team's folder for this sandbox.
pub(super) fn team(sandbox: &Sandbox) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let toml = include_str!("../../../data/sandbox.toml");
    // A team of its own has none of the practice services, and none of their jobs.
    let services = ["[[heartbeats]]", "[services"].iter().filter_map(|section| toml.find(section)).min();
    let services = services.unwrap_or(toml.len());
    std::fs::write(
        folder.path().join("muster.toml"),
        toml[..services].replace("{sandbox}", &sandbox.api_url()),
    )
    .unwrap();
    std::fs::create_dir(folder.path().join("runbooks")).unwrap();
    folder
}

#[tokio::test(flavor = "multi_thread")]
async fn backup_verify_and_status_work_while_it_runs_and_the_rest_after() {
    let sandbox = sandbox().await;
    let team = team(&sandbox);
    let at = team.path();
    let mut running = Command::new(MUSTER)
        .args(["serve"])
        .current_dir(at)
        .env("DISCORD_TOKEN", seed::BOT_TOKEN)
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    soon("the gateway", sandbox.wait_for_bots(1)).await;
    let responder = sandbox.client(Person::Responder);
    responder
        .slash("incident declare", &[("title", "kept".into()), ("severity", "P3".into())])
        .await
        .unwrap();

    let (well, said) = muster(at, &["status"]).await;
    assert!(well && said.contains("open incidents: 1"), "{said}");
    let (well, said) = muster(at, &["verify"]).await;
    assert!(well && said.contains("all as they were written"), "{said}");
    let (well, said) = muster(at, &["backup", "copy.jsonl"]).await;
    assert!(well && said.contains("copy.jsonl"), "{said}");
    let (well, said) = muster(at, &["backup", "copy.jsonl"]).await;
    assert!(!well, "a backup overwrites nothing: {said}");
    let second =
        Command::new(MUSTER).arg("serve").current_dir(at).env("DISCORD_TOKEN", "x").output().await.unwrap();
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(!second.status.success() && said.contains("muster:"), "two on one folder: {said}");

    // TERM is the ordinary end: a snapshot is kept and the folder is free.
    let pid = running.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().await.unwrap().success());
    assert!(soon("the end", running.wait()).await.unwrap().success());

    let (well, said) = muster(at, &["verify", "copy.jsonl"]).await;
    assert!(well, "{said}");
    let (well, said) = muster(at, &["export"]).await;
    assert!(well && said.contains("incident-declared") && said.contains("muster_journal"), "{said}");
    let (well, said) = muster(at, &["import-journal", "copy.jsonl", "--data", "restored"]).await;
    assert!(well, "{said}");
    let (well, said) = muster(at, &["verify", "--data", "restored"]).await;
    assert!(well, "{said}");
    let (well, said) = muster(at, &["import-journal", "copy.jsonl", "--data", "restored"]).await;
    assert!(!well, "an import overwrites nothing: {said}");
    let (well, said) = muster(at, &["status"]).await;
    assert!(!well && said.contains("no Muster works on"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_report_is_written_with_a_running_muster_and_without() {
    let sandbox = sandbox().await;
    let team = team(&sandbox);
    let at = team.path();
    let mut running = Command::new(MUSTER)
        .args(["serve"])
        .current_dir(at)
        .env("DISCORD_TOKEN", seed::BOT_TOKEN)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    soon("Muster", sandbox.wait_for_bots(1)).await;
    soon("its commands", sandbox.wait_for(|w| (!w.commands.is_empty()).then_some(()))).await;
    let responder = sandbox.client(Person::Responder);
    let declare = [("title", "Streams <stop>".into()), ("severity", "P3".into())];
    responder.slash("incident declare", &declare).await.unwrap();
    responder
        .slash("incident resolve", &[("how", "restarted".into()), ("incident", "INC-1".into())])
        .await
        .unwrap();

    let (well, said) = muster(at, &["report", "INC-1"]).await;
    assert!(well && said.starts_with("# Incident report: Streams \\<stop\\>"), "{said}");
    assert!(
        said.contains("Times in:** Europe/Berlin") && said.contains("## Resolution\n\nrestarted"),
        "{said}"
    );
    let (well, said) = muster(at, &["report", "7", "--format", "json"]).await;
    assert!(!well && said.contains("there is no INC-7"), "{said}");
    let page = ["report", "inc-1", "--format", "html", "--out", "report.html"];
    let (well, said) = muster(at, &page).await;
    assert!(well && said.is_empty(), "{said}");
    let text = std::fs::read_to_string(at.join("report.html")).unwrap();
    assert!(text.starts_with("<!doctype html>") && text.contains("Streams &lt;stop&gt;"), "{text}");
    let (well, said) = muster(at, &page).await;
    assert!(!well && said.contains("Name a file that is not there yet"), "{said}");

    running.kill().await.unwrap();
    let (well, said) = muster(at, &["report", "INC-1", "--format", "json", "--config", "muster.toml"]).await;
    assert!(well, "{said}");
    let report: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!((&report["incident"], &report["timezone"]), (&"INC-1".into(), &"Europe/Berlin".into()));
    let (well, said) = muster(at, &["report", "INC-1"]).await;
    assert!(well && said.contains("Times in:** UTC"), "{said}");
    let (well, said) = muster(at, &["report", "INC-7"]).await;
    assert!(!well && said.contains("there is no INC-7"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_export_is_found() {
    let sandbox = sandbox().await;
    let team = team(&sandbox);
    let text = include_str!("../../golden/v1.jsonl").replacen("\"P2\"", "\"P4\"", 1);
    std::fs::write(team.path().join("edited.jsonl"), text).unwrap();
    let (well, said) = muster(team.path(), &["verify", "edited.jsonl"]).await;
    assert!(!well, "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn check_asks_discord_what_the_bot_may_do() {
    let sandbox = sandbox().await;
    let team = team(&sandbox);
    let online = async |token: &str| {
        let mut check = Command::new(MUSTER);
        check.args(["check", "--config", "muster.toml", "--online"]).current_dir(team.path());
        let out = check.env("DISCORD_TOKEN", token).output().await.unwrap();
        (out.status.success(), String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned())
    };
    let (well, said) = online(seed::BOT_TOKEN).await;
    assert!(well && said.contains("Nothing wrong in Discord"), "{said}");
    // What a secret is for does not work without it.
    let file = team.path().join("muster.toml");
    let settings = std::fs::read_to_string(&file).unwrap();
    let source = "[[intake.sources]]\nname = \"door\"\nkind = \"grafana\"\nsecret = \"DOOR_SECRET\"\n";
    std::fs::write(&file, format!("{settings}{source}")).unwrap();
    let (well, said) = online(seed::BOT_TOKEN).await;
    assert!(!well && said.contains("DOOR_SECRET is not set: the source `door` lets nobody in."), "{said}");
    let mut running = Command::new(MUSTER)
        .arg("serve")
        .current_dir(team.path())
        .env("DISCORD_TOKEN", seed::BOT_TOKEN)
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    soon("Muster", sandbox.wait_for_bots(1)).await;
    let (well, said) = muster(team.path(), &["status"]).await;
    assert!(!well && said.contains("DOOR_SECRET is not set: the source `door` lets nobody in."), "{said}");
    running.kill().await.unwrap();
    std::fs::write(&file, settings).unwrap();
    let (well, said) = online("wrong").await;
    assert!(!well && said.contains("does not accept DISCORD_TOKEN"), "{said}");
    // What the server gives, a channel may take away.
    let deny = |bits| {
        let all = OverwriteKind::Role;
        sandbox.change(|world, _| world.overwrite(seed::INCIDENTS, all, seed::ROLE_BOT, 0, bits));
    };
    deny(MENTION_EVERYONE);
    let (well, said) = online(seed::BOT_TOKEN).await;
    assert!(
        !well
            && said.contains(&format!("In the channel {} the bot may not “Mention", seed::INCIDENTS.0))
            && said.contains("1 thing to mend"),
        "{said}"
    );
    deny(0);
    sandbox.change(|world, _| {
        world.remove_channel(seed::REPORTS);
        let guild = world.guilds.get_mut(&seed::GUILD).unwrap();
        for role in &mut guild.roles {
            role.permissions &= !(1 << 15 | MENTION_EVERYONE);
        }
    });
    let (well, said) = online(seed::BOT_TOKEN).await;
    assert!(said.contains("“Mention @everyone, @here, and All Roles”"), "{said}");
    assert!(!well && said.contains("“Attach Files”") && said.contains("`reports` in muster.toml"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_role_that_follows_the_rota_needs_is_asked_for_and_checked() {
    let sandbox = sandbox().await;
    let team = team(&sandbox);
    let at = team.path();
    let application = ["invite", "--config", "muster.toml", "--application", "1234"];
    let file = at.join("muster.toml");
    let named = std::fs::read_to_string(&file).unwrap();
    let unnamed = named.replace(&format!("role = \"{}\"\n", seed::ROLE_ON_CALL), "");
    assert_ne!(unnamed, named, "the sandbox names one");
    std::fs::write(&file, unnamed).unwrap();
    let (well, said) = muster(at, &application).await;
    assert!(well && !said.contains("Manage Roles"), "{said}");
    std::fs::write(&file, named).unwrap();
    let (well, said) = muster(at, &application).await;
    assert!(well && said.contains("Manage Roles: ") && said.contains("above the on-call role"), "{said}");
    let online = async || {
        let mut check = Command::new(MUSTER);
        check.args(["check", "--config", "muster.toml", "--online"]).current_dir(at);
        let out = check.env("DISCORD_TOKEN", seed::BOT_TOKEN).output().await.unwrap();
        (out.status.success(), String::from_utf8_lossy(&[out.stdout, out.stderr].concat()).into_owned())
    };
    let (well, said) = online().await;
    assert!(well, "{said}");
    let on_call = |change: fn(&mut muster::sandbox::world::guild::Role)| {
        sandbox.change(|world, _| {
            let roles = &mut world.guilds.get_mut(&seed::GUILD).unwrap().roles;
            roles.iter_mut().filter(|r| r.id == seed::ROLE_ON_CALL).for_each(change);
        });
    };
    on_call(|role| role.position = 9);
    let (well, said) = online().await;
    assert!(!well && said.contains("the role on-call, which stands above its own"), "{said}");
    on_call(|role| role.id = muster::sandbox::world::Id(5));
    let (well, said) = online().await;
    assert!(!well && said.contains("which [oncall] names, is not in the server"), "{said}");
    sandbox.change(|world, _| {
        let roles = &mut world.guilds.get_mut(&seed::GUILD).unwrap().roles;
        roles.iter_mut().for_each(|role| role.permissions &= !(1 << 28));
    });
    let (well, said) = online().await;
    assert!(!well && said.contains("“Manage Roles”"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_missing_is_said_with_the_cure() {
    let folder = tempfile::tempdir().unwrap();
    let (well, said) = muster(folder.path(), &["serve"]).await;
    assert!(!well && said.contains("muster.toml"), "{said}");
    let (well, said) = muster(folder.path(), &["invite"]).await;
    assert!(!well && said.contains("--application"), "{said}");
    let (well, said) = muster(folder.path(), &["invite", "--application", "1234"]).await;
    assert!(well && said.contains("client_id=1234") && said.contains("Read Message History"), "{said}");
    std::fs::write(folder.path().join("muster.toml"), "guild = 7\n[discord\n").unwrap();
    let (well, said) = muster(folder.path(), &["check", "--config", "muster.toml"]).await;
    assert!(!well && said.contains("muster.toml:"), "{said}");
    let (well, said) = muster(folder.path(), &["check"]).await;
    assert!(!well && said.contains("muster.toml:"), "{said}");
    std::fs::remove_file(folder.path().join("muster.toml")).unwrap();
    let (well, said) = muster(folder.path(), &["check"]).await;
    assert!(well && said.contains("Nothing wrong with what is built in"), "{said}");
    let (well, said) = muster(folder.path(), &["check", "--online"]).await;
    assert!(!well && said.contains("there is no muster.toml here: name yours with --config"), "{said}");
    let (well, said) = muster(folder.path(), &["verify"]).await;
    assert!(!well && said.contains("data/journal"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_are_asked_for_at_the_terminal_with_a_running_muster_and_without() {
    let sandbox = sandbox().await;
    let team = team(&sandbox);
    let at = team.path();
    let mut running = Command::new(MUSTER)
        .args(["serve"])
        .current_dir(at)
        .env("DISCORD_TOKEN", seed::BOT_TOKEN)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    soon("Muster", sandbox.wait_for_bots(1)).await;
    let (_, said) = muster(at, &["status"]).await;
    let intake = said.lines().find_map(|l| l.strip_prefix("intake: ")).expect("it listens").to_owned();
    let labels = serde_json::json!({"alertname": "Full", "instance": "host-1", "severity": "warning"});
    let alert = serde_json::json!([{"labels": labels, "annotations": {"summary": "The disk is full"}}]);
    let posted = reqwest::Client::new().post(format!("{intake}/api/v2/alerts")).json(&alert).send().await;
    assert_eq!(posted.unwrap().status(), 200);
    let card = sandbox.wait_for(|w| w.messages.keys().find(|(c, _)| *c == seed::ALERTS).map(|_| ()));
    soon("the card", card).await;

    // The same settings, and a window in which nobody is told of it.
    let toml = std::fs::read_to_string(at.join("muster.toml")).unwrap();
    let window = r#"
[[alerts.windows]]
name = "always"
match = ['alertname="Full"']
at = "00:00"
for = "24h"
timezone = "UTC"
"#;
    let later = [&toml, window].concat();
    std::fs::write(at.join("new.toml"), later).unwrap();
    let asks: [(&[&str], &[&str]); 6] = [
        (&["alerts", "list"], &["ALR-1", "The disk is full", "P3"]),
        (&["alerts", "show", "ALR-1"], &["ALR-1", "The disk is full", "host-1"]),
        (&["alerts", "why", "ALR-1"], &["Received", "Routed", "Told"]),
        (
            &["alerts", "route", "alertname=Full", "severity=warning"],
            &["default", "pages: nobody, for no policy is for a P3 of what has no service"],
        ),
        (&["alerts", "route", "alertname=Full", "severity=critical"], &["pages: by the policy `"]),
        (&["replay", "--since", "1d", "--config", "new.toml"], &["The disk is full", "held: in a window"]),
    ];
    let all = async || {
        let mut told = vec![];
        for (args, words) in asks {
            let (well, said) = muster(at, args).await;
            assert!(well && words.iter().all(|word| said.contains(word)), "{args:?}: {said}");
            told.push(said);
        }
        told
    };
    let with = all().await;
    let (well, said) = muster(at, &["alerts", "show", "ALR-9"]).await;
    assert!(!well && said.contains("there is no ALR-9"), "{said}");
    let pid = running.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().await.unwrap().success());
    assert!(soon("the end", running.wait()).await.unwrap().success());
    let without = all().await;
    assert_eq!(with[..5], without[..5], "the folder says what the running Muster said");
}
