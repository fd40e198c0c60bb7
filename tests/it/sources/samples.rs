//! Each mapping that is built in, and what a payload of its vendor becomes.

use muster::intake::mapping::Mapped;
use muster::kit::time::Timestamp;
use muster::model::alert::{Received, Signal};
use muster::model::incident::Severity;
use muster::model::labels::Fingerprint;
use muster::model::mark::Mark;

use super::{NOW, mapped, practice, sample};

fn read(name: &str, file: &str, headers: &[(&str, &str)]) -> Mapped {
    let house = practice();
    let body = sample(&format!("{name}/{file}"));
    mapped(&house, name, &body, headers).unwrap_or_else(|wrong| panic!("{file}: {wrong:?}"))
}

fn alert(name: &str, file: &str) -> Received {
    let mut all = read(name, file, &[]).batch;
    assert_eq!((all.alerts.len(), all.marks.len()), (1, 0), "{file}");
    all.alerts.remove(0)
}

fn mark(name: &str, file: &str) -> Mark {
    let mut all = read(name, file, &[]).batch;
    assert_eq!((all.alerts.len(), all.marks.len()), (0, 1), "{file}");
    all.marks.remove(0)
}

fn fires(alert: &Received) -> bool {
    matches!(alert.signal, Signal::Firing { .. })
}

fn severity(alert: &Received) -> Severity {
    practice().settings.alerting.severity(None, &alert.labels)
}

fn label<'a>(alert: &'a Received, name: &str) -> &'a str {
    alert.labels.get(name).unwrap_or_default()
}

fn note<'a>(alert: &'a Received, name: &str) -> &'a str {
    alert.annotations.get(name).unwrap_or_default()
}

#[test]
fn sentry() {
    let fired = alert("sentry", "issue-alert.json");
    assert_eq!(fired.fingerprint, Fingerprint::named("sentry", "issue 1170820242"));
    assert_eq!(note(&fired, "summary"), "OSError: no space left on device");
    assert_eq!(note(&fired, "description"), "app.workers.render in write_cover");
    assert_eq!(
        (label(&fired, "alertname"), label(&fired, "environment")),
        ("Covers are not written", "production")
    );
    assert_eq!(severity(&fired), Severity::P2);
    assert_eq!(fired.signal, Signal::Firing { since: Some(Timestamp(1_795_251_510_677)), until: None });
    assert!(fired.link.as_deref().unwrap().ends_with("/events/e4874d664c3540c1a32eab185f12c5ab/"));
    let over = alert("sentry", "issue-resolved.json");
    assert_eq!(over.fingerprint, fired.fingerprint, "the issue that is resolved is the one that fired");
    assert_eq!(over.signal, Signal::Resolved { at: None });
    let metric = alert("sentry", "metric-alert.json");
    assert_eq!((label(&metric, "alertname"), label(&metric, "service")), ("Too many errors", "soundlab"));
    assert_eq!((severity(&metric), fires(&metric)), (Severity::P1, true));
    assert!(note(&metric, "description").starts_with("1000 events in the last 10 minutes"));
    let twice = read("sentry", "metric-alert.json", &[("request-id", "r-1")]);
    assert_eq!(twice.batch.receipt.as_deref(), Some("r-1"));
    let other = read("sentry", "issue-alert.json", &[("sentry-hook-resource", "comment")]);
    assert!(other.batch.alerts.is_empty() && other.passed[0].contains("no alert"), "{:?}", other.passed);
}

#[test]
fn uptime_kuma() {
    let down = alert("uptime-kuma", "down.json");
    assert_eq!(note(&down, "summary"), "soundlab: connect ECONNREFUSED 10.0.0.7:8000");
    assert_eq!((label(&down, "service"), label(&down, "type")), ("soundlab", "http"));
    assert_eq!(down.signal, Signal::Firing { since: Some(Timestamp(1_795_251_515_527)), until: None });
    assert_eq!(severity(&down), Severity::P1);
    let up = alert("uptime-kuma", "up.json");
    assert_eq!((up.fingerprint, up.signal), (down.fingerprint, Signal::Resolved { at: None }));
    let certificate = mark("uptime-kuma", "certificate.json");
    assert!(certificate.post && certificate.what.contains("will expire in 7 days"), "{certificate:?}");
    let test = read("uptime-kuma", "test.json", &[]);
    assert!(test.batch.marks.is_empty() && test.passed[0].contains("test"), "{:?}", test.passed);
}

#[test]
fn datadog() {
    let fired = alert("datadog", "triggered.json");
    assert_eq!(note(&fired, "summary"), "Queue is long on host:soundfoundry-1");
    assert_eq!((label(&fired, "service"), label(&fired, "environment")), ("soundfoundry", "production"));
    assert_eq!((severity(&fired), fires(&fired)), (Severity::P2, true));
    let over = alert("datadog", "recovered.json");
    assert_eq!((over.fingerprint, over.signal), (fired.fingerprint, Signal::Resolved { at: None }));
    let (one, two) = (read("datadog", "triggered.json", &[]), read("datadog", "recovered.json", &[]));
    assert_ne!(one.batch.receipt, two.batch.receipt);
}

#[test]
fn uptimerobot() {
    let down = alert("uptimerobot", "down.json");
    assert_eq!(note(&down, "summary"), "astradio: Connection Timeout");
    assert_eq!(label(&down, "service"), "astradio");
    assert_eq!(down.signal, Signal::Firing { since: Some(Timestamp(1_795_251_480_000)), until: None });
    let up = alert("uptimerobot", "up.json");
    assert_eq!((up.fingerprint, fires(&up)), (down.fingerprint, false));
    assert!(mark("uptimerobot", "certificate.json").what.contains("ends in 7 days"));
}

#[test]
fn cloudflare() {
    let began = alert("cloudflare", "start.json");
    assert_eq!(note(&began, "summary"), "Origin errors");
    assert_eq!((label(&began, "alertname"), severity(&began)), ("http_alert_origin_error", Severity::P3));
    assert_eq!(label(&began, "service"), "nexus.example.test");
    assert_eq!(began.signal, Signal::Firing { since: Some(Timestamp(1_795_251_535_000)), until: None });
    let ended = alert("cloudflare", "end.json");
    assert_eq!((ended.fingerprint, fires(&ended)), (began.fingerprint, false));
    assert_eq!(mark("cloudflare", "certificate.json").what, "Certificates");
    assert!(read("cloudflare", "test.json", &[]).passed[0].contains("test"));
}

#[test]
fn cloudevents() {
    let fired = alert("cloudevents", "alert.json");
    assert_eq!(note(&fired, "summary"), "The disk of soundscape-1 is nearly full");
    assert_eq!(
        (label(&fired, "alertname"), label(&fired, "service")),
        ("test.example.disk.full", "soundscape")
    );
    assert_eq!((severity(&fired), fires(&fired)), (Severity::P3, true));
    // The same event's end, with its attributes as headers.
    let headers = [
        ("ce-specversion", "1.0"),
        ("ce-id", "A234-1234-1235"),
        ("ce-source", "/practice/soundscape"),
        ("ce-type", "test.example.disk.full"),
        ("ce-subject", "soundscape-1"),
    ];
    let binary = read("cloudevents", "binary.json", &headers).batch;
    assert_eq!(binary.receipt.as_deref(), Some("/practice/soundscape A234-1234-1235"));
    assert_eq!((binary.alerts[0].fingerprint, fires(&binary.alerts[0])), (fired.fingerprint, false));
    let saved = mark("cloudevents", "information.json");
    assert_eq!(
        (saved.what.as_str(), saved.by.as_deref()),
        ("A cover was saved for track 17", Some("listener"))
    );
    assert_eq!((saved.service.as_deref(), saved.at), (Some("soundfoundry"), Timestamp(1_795_251_510_000)));
    let batch = read("cloudevents", "batch.json", &[]).batch;
    assert_eq!(batch.alerts.iter().map(fires).collect::<Vec<_>>(), [true, false]);
    assert_eq!(batch.receipt, None, "one event's id is not the batch's");
}

#[test]
fn what_is_not_understood_is_told_with_its_path_and_nothing_is_kept() {
    let house = practice();
    let wrong = |name: &str, body: &str| {
        let told = mapped(&house, name, body.as_bytes(), &[]).expect_err("it is not understood");
        told.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
    };
    let told = wrong("uptime-kuma", r#"{"heartbeat": {"status": 7}, "monitor": {"id": 1, "name": "x"}}"#);
    assert_eq!(told, "`status` ($.heartbeat.status): `7` is none of 0, 1, 2, 3");
    let told = wrong("datadog", r#"{"title": "x"}"#);
    assert_eq!(told, "`status` ($.alert_transition): nothing is there");
    let told = wrong("uptimerobot", "[{}, {}]");
    assert!(told.contains("part 1: `title` ("), "{told}");
    // One part that is wrong keeps the others out, so that the sender may send all of it again.
    let told = wrong(
        "cloudevents",
        r#"[{"type": "a", "data": {"status": "up"}}, {"type": "b", "data": {"status": "sideways"}}]"#,
    );
    assert!(told.starts_with("part 1: `status`"), "{told}");
}

#[test]
fn what_can_be_done_without_is_noted() {
    let house = practice();
    let body =
        br#"{"heartbeat": {"status": 0, "msg": "no", "time": "noon"}, "monitor": {"name": "soundlab"}}"#;
    let read = mapped(&house, "uptime-kuma", body, &[]).unwrap();
    let missed: Vec<String> = read.missed.iter().map(ToString::to_string).collect();
    assert!(
        missed.iter().any(|m| m.starts_with("`starts` ($.heartbeat.time): `noon` is no time")),
        "{missed:?}"
    );
    assert!(missed.iter().any(|m| m == "`key` ({$.monitor.id}): nothing is there"), "{missed:?}");
    assert_eq!(read.batch.alerts[0].signal, Signal::Firing { since: None, until: None });
    let ahead = format!(
        r#"{{"heartbeat": {{"status": 0, "time": "{}"}}, "monitor": {{"id": 1, "name": "x"}}}}"#,
        NOW.0 + 60_000
    );
    let read = mapped(&house, "uptime-kuma", ahead.as_bytes(), &[]).unwrap();
    assert_eq!(
        read.batch.alerts[0].signal,
        Signal::Firing { since: None, until: None },
        "its clock is ahead"
    );
}

#[test]
fn every_sample_is_in_a_test_and_every_mapping_has_some() {
    let tests = include_str!("samples.rs");
    let house = practice();
    for name in house.sources.keys() {
        let folder = super::sample_file(name);
        let files = std::fs::read_dir(&folder).unwrap_or_else(|e| panic!("{name} has no samples: {e}"));
        for file in files {
            let file = file.unwrap().file_name().into_string().unwrap();
            assert!(tests.contains(&format!("{file:?}")), "{name}/{file} is in no test");
        }
    }
}
