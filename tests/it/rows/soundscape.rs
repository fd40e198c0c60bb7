//! Soundscape's rows.

use std::time::Duration;

use muster::core::state::State;
use muster::model::ids::RunId;
use muster::model::run::RunPhase;
use muster::sandbox::Person::{Approver, Lead, Responder};
use muster::sandbox::world::{Id, seed};

use super::{Calling, MINUTE, Proof, Rule, Watched};

/// A proof on soundscape.
fn on(action: &'static str, fault: &'static str, at: &'static str) -> Proof {
    Proof::of("soundscape", action, fault, at)
}

#[tokio::test(flavor = "multi_thread")]
async fn sc_1() {
    on("health", "proxy-open", "refuses-write").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sc_2() {
    on("environment", "write-token-missing", "contract").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sc_3() {
    on("pre-deploy", "tests-red", "ci-green").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sc_4() {
    on("deploy-scope", "pipeline-unloaded", "launched-pipeline").with("template=stable-12").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sc_5() {
    on("smoke-test", "page-down", "smoke-page").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sc_6() {
    on("audit", "audit-finding", "audit").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sc_11() {
    on("scope-offline", "scope-down", "offline-again").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sc_12() {
    on("proxy-write-errors", "write-token-missing", "write-again").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sc_13() {
    on("no-frames", "gpu-full", "frames-gpu").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sc_14() {
    on("degradation", "dropped-frames", "recovered").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sc_15_front_end() {
    on("rollback", "release-stuck", "front-changed").with("release=2.2.4").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sc_15_configuration() {
    on("rollback-configuration", "settings-locked", "settings-back").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sc_15_scope() {
    on("rollback-scope", "no-capacity", "scope-back").with("template=stable-11").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sc_7() {
    Rule::of("soundscape", "scope-unwell", "scope-down").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sc_8_unset() {
    Rule::of("soundscape", "write-failures", "write-token-missing").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sc_8_forgotten() {
    Rule::of("soundscape", "write-failures", "clients-without-token").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sc_9() {
    Rule::of("soundscape", "frames-dropped", "dropped-frames").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sc_10() {
    Rule::of("soundscape", "reconnect-loops", "reconnect-loop").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sc_9_idle() {
    let watched = Watched::start("soundscape", "frames-dropped").await;
    let fleet = watched.app.sandbox.fleet();
    fleet.break_it("soundscape", "idle").unwrap();
    fleet.break_it("soundscape", "dropped-frames").unwrap();
    watched.looks(40).await;
    assert!(watched.known() && !watched.fires().await, "nobody plays, so nobody misses a frame");
    fleet.heal("soundscape", Some("idle")).unwrap();
    assert!(watched.comes(true).await, "somebody plays again");
    watched.app.settled_in_time().await;
}

/// The first responder is on it; at 15 minutes the owner hears of it, at 30 the rollback is proposed, and
/// nothing is rolled back before somebody approves it.
#[tokio::test(flavor = "multi_thread")]
async fn sc_16() {
    let calling = Calling::start().await;
    let app = &calling.app;
    app.sandbox.fleet().hasten();
    calling.declare("soundscape", "P1").await;
    let answer = calling.press(Responder, "Acknowledge").await;
    assert!(answer.text().contains("is yours"), "{}", answer.text());
    calling.pass(14 * MINUTE).await;
    assert_eq!(calling.minutes(Lead, "").len(), 0);
    calling.pass(15 * MINUTE).await;
    assert_eq!(calling.minutes(Lead, "**It is not resolved yet**. responder is on it"), [15]);
    assert!(calling.newest(Lead).1.contains("responder"), "who is on it");
    assert_eq!(calling.minutes(Responder, "").len(), 1);
    assert_eq!(app.count(seed::INCIDENTS, &["RUN-"]), 0);

    let thread = Id(app.message(seed::INCIDENTS, &["INC-1 ·"]).await.id.0);
    let proposed = ["it is not resolved in time. Proposed", "action:rollback`"];
    assert_eq!(app.count(thread, &proposed), 0, "29 minutes are not 30");
    calling.pass(2 * MINUTE).await;
    // Which release was good is for a person to say.
    assert_eq!(app.count(thread, &proposed), 1);
    assert_eq!(app.count(thread, &["Proposed", "rollback-configuration", "before somebody approves it"]), 1);
    let card = app.message(thread, &["RUN-1", "Approve"]).await;
    calling.pass(10 * MINUTE).await;
    let waits = |state: &State, _: &_| state.runs[&RunId(1)].phase.clone();
    let waits = app.bot().engine().read(waits).await.unwrap();
    assert!(matches!(waits, RunPhase::Asked { .. }), "nothing begins by itself: {waits:?}");

    let refused = app.client(Responder).press(card.id, "Approve").await.unwrap();
    assert!(refused.text().contains("role approver"), "{}", refused.text());
    app.client(Approver).press(card.id, "Approve").await.unwrap();
    let ticked = app.message(thread, &["RUN-1", "smoke test", "Done"]).await;
    app.client(Responder).press(ticked.id, "Done").await.unwrap();
    app.message(thread, &["RUN-1", "**Passed**"]).await;
    calling.pass(Duration::from_secs(1)).await;
}
