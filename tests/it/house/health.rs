//! The five runbooks against the five practice services: healthy, and broken in every way.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::StreamExt as _;
use muster::house;
use muster::model::check::Probe;
use muster::model::house::House;
use muster::model::runbook::StepKind;
use muster::model::runbook::http::Of;
use muster::runner::HttpRunner;
use muster::sandbox::practice::{Fleet, router};

async fn sandbox() -> (House, Arc<Fleet>) {
    let fleet = Fleet::new(Arc::new(|| 1_800_000_000_000));
    let app = axum::Router::new().nest("/practice", router(fleet.clone()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (house::sandbox(&address).unwrap(), fleet)
}

/// The same house with time limits only in the steps `kept`: how long a healthy service takes is
/// the machine's business, and a test must not depend on it.
fn patient(mut house: House, kept: &[&str]) -> House {
    for section in house.runbooks.values_mut().flat_map(|r| &mut r.sections) {
        for step in &mut section.steps {
            let keep = step.name.as_ref().is_some_and(|n| kept.contains(&n.as_str()));
            if let StepKind::Http(http) = &mut step.kind
                && !keep
            {
                http.asserts.retain(|a| a.subject.part != Of::Duration);
            }
        }
    }
    house
}

/// The names of the probes that do not pass.
async fn ill(house: &House, runner: &HttpRunner, probes: Vec<Probe>) -> Vec<String> {
    let asked = probes.iter().map(|p| runner.ask(house, p));
    let findings = futures_util::future::join_all(asked).await;
    findings.into_iter().filter(|f| !f.verdict.passed()).map(|f| f.probe.step).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_healthy_sandbox_passes_every_check() {
    let (house, _fleet) = sandbox().await;
    let house = patient(house, &[]);
    let probes = house.probes(None);
    let mut count = BTreeMap::new();
    for probe in &probes {
        *count.entry(probe.service.as_str()).or_insert(0) += 1;
    }
    let wanted = [("astradio", 3), ("nexus", 2), ("soundfoundry", 2), ("soundlab", 7), ("soundscape", 8)];
    assert_eq!(count, BTreeMap::from(wanted));
    let runner = HttpRunner::new().unwrap();
    assert_eq!(ill(&house, &runner, probes).await, [""; 0]);
}

/// Which checks see which fault. What no http check can see takes a person, and is not here.
const SEEN: &[(&str, &str, &[&str])] = &[
    ("soundscape", "scope-down", &["scope", "pipeline", "schemas", "page", "proxy"]),
    ("soundscape", "pipeline-unloaded", &["pipeline"]),
    ("soundscape", "schemas-missing", &["schemas"]),
    ("soundscape", "page-down", &["page", "proxy", "refuses-path", "refuses-origin", "refuses-write"]),
    ("soundscape", "proxy-disabled", &["proxy", "refuses-path", "refuses-origin", "refuses-write"]),
    ("soundscape", "write-token-missing", &["refuses-write"]),
    ("soundscape", "proxy-throttled", &["refuses-write"]),
    ("soundscape", "proxy-open", &["refuses-write"]),
    ("soundfoundry", "down", &["status", "queue"]),
    ("soundfoundry", "degraded", &["status"]),
    ("soundfoundry", "database", &["status"]),
    ("soundfoundry", "slow", &["status"]),
    ("soundfoundry", "queue-stuck", &["queue"]),
    ("soundfoundry", "purge-refused", &[]),
    ("soundlab", "down", &["healthz", "readyz", "version", "clients", "load", "sync", "sessions"]),
    ("soundlab", "version-stuck", &["version"]),
    ("soundlab", "bad-release", &["readyz"]),
    ("soundlab", "not-ready", &["readyz"]),
    ("soundlab", "no-clients", &["clients"]),
    ("soundlab", "memory", &["load"]),
    ("soundlab", "storm", &["load"]),
    ("soundlab", "slow", &["healthz"]),
    ("soundlab", "sync-drift", &["sync"]),
    ("soundlab", "sessions-lost", &["sessions"]),
    ("nexus", "down", &["site", "api"]),
    ("nexus", "page-error", &["site"]),
    ("nexus", "deploy-stuck", &[]),
    ("nexus", "unhealthy", &["api"]),
    ("nexus", "slow", &["site"]),
    ("nexus", "audio", &[]),
    ("nexus", "ai-panel", &[]),
    ("nexus", "cinema", &[]),
    ("astradio", "down", &["ready", "compose", "compat"]),
    ("astradio", "viz-unloaded", &["ready"]),
    ("astradio", "not-ready", &["ready"]),
    ("astradio", "nondeterministic", &[]),
    ("astradio", "rate-limited", &["compose"]),
    ("astradio", "slow", &["compose"]),
    ("astradio", "compat", &["compat"]),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_fault_shows_in_the_checks_that_are_about_it_and_in_no_other() {
    let (_, fleet) = sandbox().await;
    let all: Vec<(&str, &str)> = fleet
        .state()
        .iter()
        .flat_map(|s| s.faults.iter().map(|f| (s.name, f.name)).collect::<Vec<_>>())
        .collect();
    let mut seen = SEEN.to_vec();
    // What is not listed shows in no check of anybody's health: `tests/rows.toml` says what proves it.
    let listed = |(s, f): &(&str, &str)| SEEN.iter().any(|(service, fault, _)| (service, fault) == (s, f));
    seen.extend(all.iter().filter(|fault| !listed(fault)).map(|(s, f)| (*s, *f, &[][..])));
    // Each fault in a sandbox of its own, at once: the slow ones take their time side by side.
    let runner = HttpRunner::new().unwrap();
    let cases = seen.iter().map(|(service, fault, seen)| {
        let runner = &runner;
        async move {
            let (house, fleet) = sandbox().await;
            let house = patient(house, if *fault == "slow" { seen } else { &[] });
            fleet.break_it(service, fault).unwrap();
            let ill = ill(&house, runner, house.probes(Some(service))).await;
            assert_eq!(ill, *seen, "{service} {fault}");
            let others = house.probes(None).into_iter().filter(|p| p.service != *service).collect();
            assert_eq!(self::ill(&house, runner, others).await, [""; 0], "{service} {fault}");
        }
    });
    // Some at a time: a machine that is busy with all of them answers none in time.
    let mut cases = futures_util::stream::iter(cases).buffer_unordered(8);
    while cases.next().await.is_some() {}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_whose_step_is_gone_is_told_and_not_a_panic() {
    let (house, _fleet) = sandbox().await;
    let runner = HttpRunner::new().unwrap();
    for (service, step) in [("soundlab", "gone"), ("gone", "healthz"), ("soundlab", "No Name")] {
        let finding = runner.ask(&house, &Probe { service: service.into(), step: step.into() }).await;
        assert!(!finding.verdict.passed(), "{finding:?}");
    }
}
