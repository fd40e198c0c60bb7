//! Nexus's rows.

use std::path::Path;
use std::process::Command;

use muster::sandbox::Person;
use muster::sandbox::client::text_of;
use muster::sandbox::world::{Message, seed};

use super::Proof;
use super::proof::{Ended, app};
use crate::support::app::App;

/// A proof on nexus.
fn on(action: &'static str, fault: &'static str, at: &'static str) -> Proof {
    Proof::of("nexus", action, fault, at)
}

/// Somebody asks for a triage, and gives what everybody reads then.
async fn triage(app: &App, n: u32, users: &str, feature: &str, data: &str) -> Message {
    let options = [
        ("what", "something is wrong".into()),
        ("users", users.into()),
        ("feature", feature.into()),
        ("data", data.into()),
        ("service", "nexus".into()),
    ];
    app.client(Person::Responder).slash("triage", &options).await.unwrap();
    app.message(seed::INCIDENTS, &[&format!("TRI-{n} · ")]).await
}

/// A template without a fault of its own: it fails when the runbook's table and what Muster does
/// say different things.
#[tokio::test(flavor = "multi_thread")]
async fn nx_1() {
    let app = App::start().await;
    let book = app.house().runbooks.remove("nexus").unwrap();
    let table = &book.section(&book.tables["severities"]).unwrap().markdown;
    let rows: Vec<Vec<&str>> = table
        .lines()
        .filter(|l| l.starts_with("| P"))
        .map(|l| l.split('|').map(str::trim).filter(|cell| !cell.is_empty()).collect())
        .collect();
    let answers = [
        ("everyone", "core", "no"),
        ("many", "core", "no"),
        ("some", "core", "no"),
        ("some", "secondary", "no"),
    ];
    assert_eq!(rows.len(), answers.len());
    for (n, (row, (users, feature, data))) in (1..).zip(rows.iter().zip(answers)) {
        let shown = text_of(&triage(&app, n, users, feature, data).await);
        assert!(shown.contains(&format!("Level\n{}", row[0])), "{row:?}: {shown}");
        assert!(shown.contains(&format!("Respond\n{}", row[2])), "{row:?}: {shown}");
    }
}

/// A procedure without a fault of its own: it fails when another level follows from the answers
/// than NX-1 and NX-3 say, or when nobody may change it.
#[tokio::test(flavor = "multi_thread")]
async fn nx_3() {
    let app = App::start().await;
    for (n, (users, feature, data, level)) in (1..).zip([
        ("nobody-yet", "secondary", "lost", "P1 critical"),
        ("nobody-yet", "secondary", "not-sure", "P1 critical"),
        ("not-sure", "secondary", "no", "P2 high"),
        ("many", "not-sure", "no", "P2 high"),
        ("nobody-yet", "secondary", "no", "P4 low"),
    ]) {
        let shown = text_of(&triage(&app, n, users, feature, data).await);
        assert!(shown.contains(&format!("Level\n{level}")), "{users} {feature} {data}: {shown}");
    }
    let lead = app.client(Person::Lead);
    let last = triage(&app, 6, "some", "secondary", "no").await;
    let form = lead.press(last.id, "Another level").await.unwrap();
    lead.submit(&form, &[("level", "P2"), ("why", "it spreads")]).await.unwrap();
    app.message(seed::INCIDENTS, &["INC-1", "P2 high"]).await;
    let words = ["TRI-6", "as P2 high, instead of what followed: it spreads"];
    app.message(seed::INCIDENTS, &words).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nx_2() {
    on("health", "unhealthy", "api").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nx_4() {
    on("communicate", "status-page-down", "status-page").holds().await;
}

/// The texts themselves: it fails when a P2 has none, when a P3 has some, or when nothing is written
/// down of what was told.
#[tokio::test(flavor = "multi_thread")]
async fn nx_4_drafts() {
    let app = App::start().await;
    let responder = app.client(Person::Responder);
    let minor = app.declared("A typo", "P3").await;
    let thread = app.declared("Tracks do not play", "P2").await;
    let board = app.message(thread, &["Tell people", "It began at 2026-11-21 10:00 CET"]).await;
    for (button, entry) in [("Public text", "Told the public"), ("Status page", "Told the status page")] {
        let form = responder.press(board.id, button).await.unwrap();
        responder.submit(&form, &[]).await.unwrap();
        app.message(thread, &[entry, "responder", "Tracks do not play"]).await;
    }
    app.settled().await;
    assert_eq!(app.count(minor, &["Tell people"]), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn nx_5() {
    on("investigate", "unhealthy", "endpoint-health").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nx_6() {
    on("rollback", "deploy-stuck", "redeployed").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nx_8_audio() {
    on("audio", "audio", "audio-well").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nx_8_panel() {
    on("ai-panel", "ai-panel", "panel-key").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nx_8_cinema() {
    on("cinema", "cinema", "cinema-whip").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nx_8_errors() {
    on("errors", "errors", "errors-log").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nx_8_slow() {
    on("slow", "slow", "slow-over").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nx_9_daily() {
    on("daily", "down", "daily-site").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nx_9_weekly() {
    on("weekly", "advisory", "weekly-audit").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nx_9_monthly() {
    on("monthly", "contacts-old", "monthly-contacts").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nx_10() {
    on("afterwards", "page-error", "over").holds().await;
}

/// What a person does between the two: a commit on the branch, and a push.
fn commit(clone: &Path, branch: &str, message: &str) {
    let refs = [format!("origin/{branch}"), format!("HEAD:refs/heads/{branch}")];
    let steps: [&[&str]; 4] = [
        &["fetch", "--quiet", "origin"],
        &["checkout", "--quiet", "--detach", &refs[0]],
        &["commit", "--quiet", "--allow-empty", "-m", message],
        &["push", "--quiet", "origin", &refs[1]],
    ];
    for words in steps {
        let done = Command::new("git").arg("-C").arg(clone).args(words).status().unwrap();
        assert!(done.success(), "git {words:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nx_7() {
    let app = app("nexus").await;
    let clone = app.data().join("practice/nexus/clone");
    let run = async |action, with, n| {
        let asked = Proof { service: "nexus", action, with, fault: "", at: "" };
        asked.run(&app, n).await
    };
    let (good, bad) = ("branch=hotfix/incident-20260117", "branch=hotfix/incident-20260118");
    assert_eq!(run("hotfix", good, 1).await, Ended::Passed);
    commit(&clone, "hotfix/incident-20260117", "fix: read the bucket again");
    assert_eq!(run("hotfix-check", good, 2).await, Ended::Passed);
    assert_eq!(run("hotfix", bad, 3).await, Ended::Passed);
    commit(&clone, "hotfix/incident-20260118", "quick change");
    match run("hotfix-check", bad, 4).await {
        Ended::Failed(card) => assert!(card.contains("**Failed**: hotfix-named: "), "{card}"),
        Ended::Passed => panic!("a hotfix that is not called fix: passed"),
    }
}
