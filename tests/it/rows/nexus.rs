//! Nexus's rows.

use std::path::Path;
use std::process::Command;

use super::Proof;
use super::proof::{Ended, app};

/// A proof on nexus.
fn on(action: &'static str, fault: &'static str, at: &'static str) -> Proof {
    Proof::of("nexus", action, fault, at)
}

#[tokio::test(flavor = "multi_thread")]
async fn nx_2() {
    on("health", "unhealthy", "api").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nx_4() {
    on("communicate", "status-page-down", "status-page").holds().await;
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
