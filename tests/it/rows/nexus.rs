//! Nexus's rows.

use std::path::Path;
use std::process::Command;

use muster::sandbox::Person;
use muster::sandbox::client::text_of;
use muster::sandbox::world::{Id, Message, seed};

use super::Proof;
use super::proof::{Ended, app};
use crate::support::app::App;
use crate::support::soon;

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

/// Nexus' incident, declared and resolved by slash command; its thread.
async fn resolved(app: &App) -> Id {
    let responder = app.client(Person::Responder);
    let options =
        [("title", "Audio is silent".into()), ("severity", "P2".into()), ("service", "nexus".into())];
    responder.slash("incident declare", &options).await.unwrap();
    let thread =
        app.sandbox.wait_for(|w| w.channels.values().find(|c| c.name.starts_with("INC-1 ")).map(|c| c.id));
    let thread = soon("the thread", thread).await;
    responder.slash_in(thread, "incident note", &[("text", "The bucket is closed".into())]).await.unwrap();
    let how = [("how", "The bucket was opened".into())];
    responder.slash_in(thread, "incident resolve", &how).await.unwrap();
    thread
}

#[tokio::test(flavor = "multi_thread")]
async fn nx_10_checklist() {
    let app = app("nexus").await;
    let thread = resolved(&app).await;
    let items = [
        "Timeline and root cause documented",
        "Monitoring updated",
        "Follow-ups created",
        "Learnings shared",
    ];
    // Nothing is done, and the list says so of each.
    let open = items.map(|item| format!("⬜ {item}"));
    app.message(thread, &open.each_ref().map(String::as_str)).await;
    let list = app.message(thread, &["INC-1 · after the incident"]).await;
    app.client(Person::Responder).press(list.id, "☐ Monitoring updated").await.unwrap();
    app.client(Person::Responder)
        .slash_in(thread, "action add", &[("what", "Watch the bucket".into()), ("due", "tomorrow".into())])
        .await
        .unwrap();
    // Its fault: nobody wrote why it happened. Then it is not documented, and not shared.
    let publish = app.client(Person::Lead).slash_in(thread, "report publish", &[]).await.unwrap();
    assert!(publish.text().contains("still needs: root cause, lessons learned"), "{}", publish.text());
    app.message(thread, &["⬜ Timeline and root cause documented", "✅ Monitoring updated", "2 of 4 done"])
        .await;
    app.published("INC-1").await;
    let done = items.map(|item| format!("✅ {item}"));
    app.message(thread, &done.each_ref().map(String::as_str)).await;
    app.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nx_11() {
    let app = app("nexus").await;
    let thread = resolved(&app).await;
    let item = [("what", "Watch the bucket".into())];
    app.client(Person::Responder).slash_in(thread, "action add", &item).await.unwrap();
    // Its fault: a part is missing, and nothing is published.
    let refused = app.client(Person::Lead).slash_in(thread, "report publish", &[]).await.unwrap();
    assert!(refused.text().contains("still needs"), "{}", refused.text());
    assert_eq!(app.count(seed::REPORTS, &["INC-1"]), 0);
    let summary = [("summary", "Nobody heard a thing".into())];
    app.client(Person::Responder).slash_in(thread, "report write", &summary).await.unwrap();
    app.published("INC-1").await;
    let report =
        app.message(seed::REPORTS, &["Report · INC-1 · Audio is silent", "P2 high", "resolved"]).await;
    let md = report.attachments.iter().find(|a| a.filename == "inc-1.md").unwrap().id;
    let md = app.sandbox.look(|w| String::from_utf8(w.files[&md].bytes.to_vec()).unwrap());
    // NX-11, in its order.
    let mut from = 0;
    for part in [
        "# Incident report: Audio is silent",
        "- **Date:** 20",
        "- **Severity:** P2 high",
        "- **Duration:** ",
        "(total ",
        "- **Status:** resolved",
        "## Summary\n\nNobody heard a thing",
        "## Timeline",
        " - 📝 **responder**: The bucket is closed",
        "## Root cause\n\nthe root-cause",
        "## Resolution\n\nthe resolution",
        "## Action items\n\n- [ ] **ACT-1**: Watch the bucket",
        "## Lessons learned\n\nthe lessons",
    ] {
        let at = md[from..].find(part).unwrap_or_else(|| panic!("{part} is not behind the others: {md}"));
        from += at + part.len();
    }
    app.settled().await;
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
