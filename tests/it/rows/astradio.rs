//! Astradio's rows.

use muster::sandbox::Person::{Approver, Lead, Responder};

use super::{Calling, MINUTE, Proof, Rule};

/// A proof on astradio.
fn on(action: &'static str, fault: &'static str, at: &'static str) -> Proof {
    Proof::of("astradio", action, fault, at)
}

#[tokio::test(flavor = "multi_thread")]
async fn as_1_health() {
    on("health", "viz-unloaded", "ready").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn as_1_seed() {
    on("determinism", "nondeterministic", "seed-again").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn as_2() {
    on("visual-off", "settings-stale", "viz-is-off").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn as_3() {
    on("rollback", "model-stuck", "model-composes").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn as_4() {
    on("raise-limit", "settings-stale", "limit-raised").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn as_7_timeout() {
    on("timeout", "slow", "timeout-over").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn as_7_limit() {
    on("rate-limit", "rate-limited", "limit-over").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn as_7_csrf() {
    on("csrf", "csrf-cookie", "csrf-cookie").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn as_7_visual() {
    on("visual", "viz-unloaded", "visual-well").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn as_8() {
    on("log", "log-lost", "log-request").with("request=req-1").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn as_9_before() {
    on("pre-deploy", "cdn-headers", "before-cdn").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn as_9_after() {
    on("post-deploy", "compat", "after-endpoints").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn as_10() {
    on("security", "csrf-kept", "token-rotated").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn as_11() {
    on("backup", "backup-unreadable", "backup").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn as_5_compose() {
    Rule::of("astradio", "slo-compose", "slow").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn as_5_compat() {
    Rule::of("astradio", "slo-compat", "compat-slow").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn as_5_visual_start() {
    Rule::of("astradio", "slo-visual-start", "viz-slow").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn as_5_visual_frames() {
    Rule::of("astradio", "slo-visual-frames", "viz-slow").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn as_5_4xx() {
    Rule::of("astradio", "slo-4xx", "rate-limited").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn as_5_5xx() {
    Rule::of("astradio", "slo-5xx", "compat").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn as_6_rate_limited() {
    Rule::of("astradio", "rate-limited", "rate-limited").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn as_6_csrf() {
    Rule::of("astradio", "csrf-failed", "csrf-cookie").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn as_6_request_id() {
    Rule::of("astradio", "no-request-id", "log-lost").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn as_6_determinism() {
    Rule::of("astradio", "not-deterministic", "nondeterministic").holds().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn as_6_cdn() {
    Rule::of("astradio", "cdn-mismatch", "cdn-headers").holds().await;
}

/// Primary, secondary, escalation contact: each is on call, and each is called when the one before is silent.
#[tokio::test(flavor = "multi_thread")]
async fn as_12() {
    let calling = Calling::start().await;
    let lines = calling.on_call("astradio").await;
    for (line, says) in lines.iter().zip([
        "- primary: primary (<@1100000000000000040>), always",
        "- secondary: secondary (<@1100000000000000041>), always",
        "- escalation: escalation contact (<@1100000000000000042>), always",
    ]) {
        assert!(line.starts_with(says), "{line}");
    }
    assert_eq!(lines.len(), 3, "{lines:?}");
    calling.declare("astradio", "P1").await;
    calling.pass(14 * MINUTE).await;
    for (who, at) in [(Responder, 0), (Approver, 5), (Lead, 10)] {
        assert_eq!(calling.minutes(who, "Since"), [at, at + 2, at + 4], "{who:?}");
    }
    let said = calling.say(Lead, "runbook", &[("service", "astradio"), ("action", "contacts")]).await;
    for what in ["The CDN", "model hosting", "monitoring"] {
        assert!(said.contains(what), "{what}: {said}");
    }
}
