//! SoundFoundry's rows.

use muster::sandbox::Person::{Approver, Onlooker, Responder};

use super::{Calling, MINUTE, Proof, Rule};

/// A proof on soundfoundry.
fn on(action: &'static str, fault: &'static str, at: &'static str) -> Proof {
    Proof::of("soundfoundry", action, fault, at)
}

#[tokio::test(flavor = "multi_thread")]
async fn sf_1() {
    on("preflight", "development-values", "contract").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sf_2() {
    on("infrastructure", "tls-expired", "infrastructure").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sf_3() {
    on("deploy", "migration-fails", "migrate").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sf_4() {
    on("health", "degraded", "status").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sf_5() {
    on("smoke-test", "render-fails", "smoke-job").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sf_11_seed() {
    on("flag-style-seed", "settings-stale", "seed-given").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sf_11_unlocks() {
    on("flag-style-unlocks", "settings-stale", "unlocks-computed").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sf_11_series() {
    on("flag-style-series", "settings-stale", "series-given").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sf_11_provider() {
    on("flag-provider", "fal-down", "provider-track").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sf_12() {
    on("rollback", "image-stuck", "app-changed").with("image=1.5.2").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sf_13() {
    on("rollback-provider", "fallback-down", "fallback-track").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sf_14_purge() {
    on("purge-queue", "purge-refused", "purge").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sf_14_revoke() {
    on("revoke-task", "worker-deaf", "revoke")
        .with("task=5f0c2a9e-7d41-4c1b-9a57-3e6f2b8d1c04")
        .holds()
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sf_15() {
    on("cover-save-off", "settings-stale", "save-refused").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sf_16() {
    on("limits", "limits-off", "limit-covers").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sf_17() {
    on("covers", "svg-unchecked", "cover-script").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sf_18() {
    on("backup", "dump-unreadable", "dump").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sf_19() {
    on("owner-checks", "og-missing", "owner-share").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sf_20() {
    on("quick", "queue-stuck", "quick-depth").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sf_6() {
    Rule::of("soundfoundry", "errors", "errors").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sf_7() {
    Rule::of("soundfoundry", "queue-latency", "queue-slow").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sf_8() {
    Rule::of("soundfoundry", "provider-refuses", "fal-down").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sf_9() {
    Rule::of("soundfoundry", "storage-errors", "storage").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sf_10_job_p95() {
    Rule::of("soundfoundry", "slo-job-p95", "render-slow").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sf_10_job_p99() {
    Rule::of("soundfoundry", "slo-job-p99", "render-slow").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sf_10_lcp() {
    Rule::of("soundfoundry", "slo-lcp", "page-slow").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sf_10_uptime() {
    Rule::of("soundfoundry", "slo-uptime", "database").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sf_10_errors() {
    Rule::of("soundfoundry", "slo-errors", "errors").holds().await;
}

/// The engineer on call, then the manager; whom else one may ask stands in the runbook.
#[tokio::test(flavor = "multi_thread")]
async fn sf_21() {
    let calling = Calling::start().await;
    calling.declare("soundfoundry", "P1").await;
    calling.pass(9 * MINUTE).await;
    assert_eq!(calling.minutes(Responder, "** (L1)."), [0, 2, 4]);
    assert_eq!(calling.minutes(Approver, "** (L2)."), [5, 7, 9]);
    let (_, text) = calling.newest(Approver);
    assert!(text.contains("L1: responder was called"), "what was tried: {text}");
    let contacts = [("service", "soundfoundry"), ("action", "contacts")];
    let said = calling.say(Responder, "runbook", &contacts).await;
    assert!(said.contains("The provider") && said.contains("The infrastructure"), "{said}");
    let said =
        calling.say(Responder, "runbook", &[("service", "soundfoundry"), ("action", "escalation")]).await;
    assert!(said.contains("on-call engineer") && said.contains("manager"), "{said}");
    let refused = calling.say(Onlooker, "runbook", &contacts).await;
    assert!(refused.contains("is for"), "{refused}");
}
