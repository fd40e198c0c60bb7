//! Soundlab's rows.

use std::time::Duration;

use muster::sandbox::Person::{Approver, Lead, Responder};

use super::{Calling, MINUTE, Proof};

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

/// Mon–Wed A and B, Thu–Sat B and C, Sun C and A; a day of it begins at nine.
#[tokio::test(flavor = "multi_thread")]
async fn sl_13() {
    let calling = Calling::start().await;
    let week = ["B C", "C A", "A B", "A B", "A B", "B C", "B C"];
    for (day, names) in week.iter().enumerate() {
        let (primary, secondary) = names.split_once(' ').unwrap();
        // At ten, and a minute before the day's turn is over.
        for pass in [Duration::from_secs(23 * 3600 - 60), Duration::from_secs(3600 + 60)] {
            let lines = calling.on_call("soundlab").await;
            let [first, second] = lines.as_slice() else { panic!("{lines:?}") };
            assert!(first.starts_with(&format!("- primary: {primary} (<@")), "day {day}: {first}");
            assert!(second.starts_with(&format!("- secondary: {secondary} (<@")), "day {day}: {second}");
            calling.pass(pass).await;
        }
    }
    // Whoever is on call is called.
    calling.declare("soundlab", "P1").await;
    assert_eq!(calling.minutes(Approver, "You are first** (L1)").len(), 1);
    assert_eq!(calling.minutes(Responder, "").len(), 0);
}

/// L1 has to answer within 15 minutes and is told so again then; L2 at 30, L3 at an hour, L4 at two.
#[tokio::test(flavor = "multi_thread")]
async fn sl_14() {
    let calling = Calling::start().await;
    calling.declare("soundlab", "P1").await;
    calling.pass(122 * MINUTE).await;
    let begins = |who, level: &str| {
        let all = calling.minutes(who, &format!("** ({level})."));
        (all.first().copied(), all)
    };
    let (first, all) = begins(Approver, "L1");
    assert!(first == Some(0) && all.contains(&15) && all.last() < Some(&30), "{all:?}");
    for (who, level, at, next) in [(Approver, "L2", 30, 60), (Lead, "L3", 60, 120), (Lead, "L4", 120, 180)] {
        let (first, all) = begins(who, level);
        assert!(first == Some(at) && all.last() < Some(&next), "{level}: {all:?}");
    }
    // Whoever answers ends it.
    let before = calling.minutes(Lead, "").len();
    let answer = calling.press(Lead, "Acknowledge").await;
    assert!(answer.text().contains("is yours"), "{}", answer.text());
    calling.pass(29 * MINUTE).await;
    assert_eq!(calling.minutes(Lead, "").len(), before);
    assert_eq!(calling.minutes(Responder, "").len(), 0, "no level means them on a Saturday");
}

#[tokio::test(flavor = "multi_thread")]
async fn sl_15() {
    super::reminders::come_round().await;
}
