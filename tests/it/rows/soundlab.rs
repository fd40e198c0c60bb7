//! Soundlab's rows.

use super::Proof;

/// A proof on soundlab.
fn on(action: &'static str, fault: &'static str, at: &'static str) -> Proof {
    Proof::of("soundlab", action, fault, at)
}

#[tokio::test(flavor = "multi_thread")]
async fn sl_1() {
    on("health", "sync-drift", "sync").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sl_2() {
    on("pre-deploy", "scan-finding", "candidate").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sl_3() {
    on("deploy", "pull-refused", "deploy-pull").with("version=0.9.0").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sl_4() {
    on("go-no-go", "storm", "gate-metrics").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sl_5() {
    on("rollback", "version-stuck", "changed").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sl_6_configuration() {
    on("restore-configuration", "backup-corrupt", "presets-restore").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sl_6_sessions() {
    on("restore-sessions", "sessions-lost", "sessions-there").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sl_7() {
    on("outage", "down", "outage-back").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sl_8() {
    on("memory-leak", "memory", "memory-well").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sl_9() {
    on("storm", "nginx-stuck", "storm-limit").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sl_10() {
    on("corruption", "backup-corrupt", "corrupt-restore").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sl_11_morning() {
    on("morning", "log-errors", "morning-log").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sl_11_evening() {
    on("evening", "disk-full", "evening-disk").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sl_11_weekly() {
    on("weekly", "benchmark-slow", "weekly-benchmark").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sl_11_monthly() {
    on("monthly", "backup-corrupt", "monthly-verify").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sl_12() {
    on("disaster-recovery", "standby-down", "standby-smoke").holds().await;
}
