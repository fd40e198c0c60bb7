//! Soundscape's rows.

use super::Proof;

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
