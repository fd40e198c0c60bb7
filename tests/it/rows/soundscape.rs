//! Soundscape's rows.

use super::{Proof, Rule, Watched};

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
