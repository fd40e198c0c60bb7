//! What Alertmanager, its webhook and Grafana say, read.

use muster::kit::time::Timestamp;
use muster::model::alert::Signal;
use muster::model::intake::Kind;
use serde_json::json;

use super::Reading;

fn at(text: &str) -> Timestamp {
    Timestamp(chrono::DateTime::parse_from_rfc3339(text).expect("a time").timestamp_millis())
}

/// As an Alertmanager 0.25 sends it: the group fires, one of its alerts is over.
const WEBHOOK: &str = r#"{
  "version": "4", "groupKey": "{}:{alertname=\"Down\"}", "truncatedAlerts": 2, "status": "firing",
  "receiver": "muster", "groupLabels": {"alertname": "Down"}, "commonLabels": {"alertname": "Down"},
  "commonAnnotations": {}, "externalURL": "http://alertmanager.test:9093", "somethingNew": [{"deep": 1}],
  "alerts": [
    {"status": "firing", "labels": {"alertname": "Down", "instance": "a"},
     "annotations": {"summary": "a is down"}, "startsAt": "2026-11-21T08:59:00Z",
     "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "http://p.test/graph?g0.expr=up+%3D%3D+0",
     "fingerprint": "0123456789abcdef"},
    {"status": "resolved", "labels": {"alertname": "Down", "instance": "b"}, "annotations": {},
     "startsAt": "2026-11-21T08:50:00Z", "endsAt": "2026-11-21T08:58:00.5Z", "generatorURL": "",
     "fingerprint": "fedcba9876543210"}
  ]}"#;

#[test]
fn each_alert_of_the_webhook_has_its_own_status() {
    let (batch, status) = Reading::new().batch(Kind::AlertmanagerWebhook, WEBHOOK).expect("read");
    assert_eq!((status, batch.source.as_str(), batch.alerts.len()), (200, "alertmanager-webhook", 2));
    let [a, b] = &batch.alerts[..] else { panic!("two") };
    let since = Some(at("2026-11-21T08:59:00Z"));
    assert_eq!(a.signal, Signal::Firing { since, until: None });
    assert_eq!(a.link.as_deref(), Some("http://p.test/graph?g0.expr=up+%3D%3D+0"));
    assert_eq!(a.annotations.get("summary"), Some("a is down"));
    assert_eq!(a.annotations.get("truncated"), Some("2 more alerts of this group were not sent"));
    assert_eq!(b.signal, Signal::Resolved { at: Some(at("2026-11-21T08:58:00.500Z")) });
    assert_eq!((b.link.as_deref(), b.annotations.len()), (None, 0));
    assert_eq!(a.fingerprint, a.labels.fingerprint(), "the same alert from Prometheus itself is the same");
}

#[test]
fn what_the_webhook_cannot_mean_is_refused_by_its_field() {
    for (from, to, field) in [
        ("\"4\"", "\"5\"", "version"),
        ("\"version\": \"4\",", "", "version"),
        ("\"status\": \"resolved\"", "\"status\": \"gone\"", "alerts[1].status"),
        ("\"status\": \"resolved\"", "\"status\": 5", "alerts[1].status"),
        ("{\"alertname\": \"Down\", \"instance\": \"b\"}", "{}", "alerts[1].labels"),
        ("\"instance\": \"b\"", "\"instance\": {}", "alerts[1].labels.instance"),
        ("2026-11-21T08:59:00Z", "yesterday", "alerts[0].startsAt"),
        ("\"a is down\"", &format!("\"{}\"", "x".repeat(17_000)), "alerts[0]"),
        ("\"summary\"", &format!("\"{}\"", "x".repeat(129)), "alerts[0].annotations"),
        ("[{\"deep\": 1}]", &format!("{}{}", "[".repeat(70), "]".repeat(70)), "body"),
    ] {
        assert!(WEBHOOK.contains(from), "{from}");
        let problem = Reading::new()
            .batch(Kind::AlertmanagerWebhook, &WEBHOOK.replacen(from, to, 1))
            .expect_err("refused");
        assert_eq!((problem.status, problem.field.as_deref()), (400, Some(field)), "{}", problem.text);
    }
    let missing =
        Reading::new().batch(Kind::AlertmanagerWebhook, r#"{"version": "4"}"#).expect_err("refused");
    assert!(missing.line().contains("alerts"), "{}", missing.line());
    for (body, says) in [
        ("7", "expected an object with `alerts`"),
        ("{\"alerts\": [7]}", "expected an alert, which is an object"),
    ] {
        let line = Reading::new().batch(Kind::AlertmanagerWebhook, body).expect_err("refused").line();
        assert!(line.contains(says), "{line}");
    }
}

#[test]
fn grafana_brings_its_figures_and_links() {
    let body = json!({
        "receiver": "muster", "status": "firing", "orgId": 1, "version": "1", "groupKey": "{}",
        "title": "[FIRING:1] Latency", "state": "alerting", "message": "…", "truncatedAlerts": 0,
        "alerts": [{
            "status": "firing", "labels": {"alertname": "Latency", "grafana folder": "Audio"},
            "annotations": {"summary": "slow", "values": "own"}, "startsAt": "2026-11-21T10:59:00+02:00",
            "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "https://grafana.test/alerting/1",
            "fingerprint": "c6eadffa33fcdf37", "silenceURL": "https://grafana.test/silence",
            "dashboardURL": "https://grafana.test/d/1", "panelURL": "https://grafana.test/d/1?viewPanel=2",
            "values": {"B": 44.25, "C": 1, "D": null}, "valueString": "[ var='B' value=44.25 ]",
        }],
    });
    let (batch, _) = Reading::new().batch(Kind::Grafana, &body.to_string()).expect("read");
    let alert = &batch.alerts[0];
    assert_eq!(alert.labels.get("grafana folder"), Some("Audio"), "a label's name is Grafana's own");
    let notes: Vec<(&str, &str)> = alert.annotations.iter().collect();
    let all = [
        ("dashboard_url", "https://grafana.test/d/1"),
        ("panel_url", "https://grafana.test/d/1?viewPanel=2"),
        ("silence_url", "https://grafana.test/silence"),
        ("summary", "slow"),
        ("values", "own"),
    ];
    assert_eq!(notes, all, "what a team writes itself is not written over");
    let mut without = body;
    without["alerts"][0]["annotations"] = json!({});
    let (batch, _) = Reading::new().batch(Kind::Grafana, &without.to_string()).expect("read");
    assert_eq!(batch.alerts[0].annotations.get("values"), Some("B=44.25, C=1"));
    assert_eq!(batch.alerts[0].link.as_deref(), Some("https://grafana.test/alerting/1"));
}

#[test]
fn grafana_proves_itself_by_its_signature() {
    let hex = |parts: &[&[u8]]| -> String {
        let mac = muster::kit::hash::hmac_sha256(b"shared secret", parts);
        mac.iter().map(|b| format!("{b:02x}")).collect()
    };
    let reading = || Reading { secret: Some("shared secret"), ..Reading::new() };
    let right = hex(&[b"body"]);
    let admitted = |r: Reading, body: &str| r.admit(Kind::Grafana, body).map_err(|p| p.status);
    const SIGNATURE: &str = "x-grafana-alerting-signature";
    const TIME: &str = "x-grafana-alerting-timestamp";
    assert_eq!(admitted(reading().with(SIGNATURE, &right), "body"), Ok(()));
    assert_eq!(admitted(reading().with(SIGNATURE, &right), "another"), Err(401));
    assert_eq!(admitted(reading(), "body"), Err(401));
    assert_eq!(admitted(reading().with(SIGNATURE, ""), "body"), Err(401));
    let now = crate::support::app::START.seconds();
    for (time, expected) in [(now, Ok(())), (now - 301, Err(401)), (now + 301, Err(401))] {
        let time = time.to_string();
        let signed = hex(&[time.as_bytes(), b":body"]);
        assert_eq!(admitted(reading().with(SIGNATURE, &signed).with(TIME, &time), "body"), expected);
        assert_eq!(admitted(reading().with(SIGNATURE, &right).with(TIME, &time), "body"), Err(401));
    }
    let bearer = reading().with("authorization", "Bearer shared secret");
    assert_eq!(admitted(bearer, "body"), Ok(()), "it can send the secret itself instead");
    let empty = Reading { secret: Some(""), ..Reading::new() }.with(SIGNATURE, &right);
    assert_eq!(admitted(empty, "body"), Err(503), "a variable that is set to nothing opens no door");
}

#[test]
fn a_missing_end_is_the_teams_timeout_and_a_missing_beginning_is_the_end_or_now() {
    let reading = Reading::new();
    let timeout = reading.house.settings.alerting.resolve_timeout;
    let later = reading.now.after(std::time::Duration::from_secs(60));
    let signal = |fields: serde_json::Value| {
        let mut alert = json!({"labels": {"alertname": "A"}});
        alert.as_object_mut().expect("an object").extend(fields.as_object().expect("an object").clone());
        reading.batch(Kind::Alertmanager, &json!([alert]).to_string()).expect("read").0.alerts[0].signal
    };
    let past = Timestamp(reading.now.0 - 1000);
    let (now, until) = (reading.now, Some(now_and(reading.now, timeout)));
    assert_eq!(signal(json!({})), Signal::Firing { since: Some(now), until });
    assert_eq!(signal(json!({"startsAt": past.rfc3339()})), Signal::Firing { since: Some(past), until });
    let ends = Signal::Firing { since: Some(later), until: Some(later) };
    assert_eq!(signal(json!({"endsAt": later.rfc3339()})), ends);
    // Without a beginning nothing says that it ended after the one that was received: their clocks differ.
    assert_eq!(signal(json!({"endsAt": past.rfc3339()})), Signal::Resolved { at: None });
    assert_eq!(signal(json!({"endsAt": now.rfc3339()})), Signal::Resolved { at: None });
    let before = Timestamp(past.0 - 1000).rfc3339();
    let both = json!({"startsAt": before, "endsAt": past.rfc3339()});
    assert_eq!(signal(both), Signal::Resolved { at: Some(past) });
    let zero = json!({"startsAt": "0001-01-01T00:00:00Z", "endsAt": "0001-01-01T00:00:00Z"});
    assert_eq!(signal(zero), Signal::Firing { since: Some(now), until });
}

fn now_and(now: Timestamp, time: std::time::Duration) -> Timestamp {
    now.after(time)
}

#[test]
fn what_is_right_in_a_batch_is_kept_beside_what_is_wrong() {
    let body = json!([
        {"labels": {"alertname": "", "service": ""}},
        {"labels": {"alertname": "A", "empty": ""}},
        {"labels": {"1st": "x"}},
        {"labels": {"alertname": "B"}, "annotations": {"much": "x".repeat(17_000)}},
        {"labels": {"alertname": "C"}},
    ]);
    let (batch, status) = Reading::new().batch(Kind::Alertmanager, &body.to_string()).expect("read");
    let names: Vec<&str> = batch.alerts.iter().filter_map(|a| a.labels.get("alertname")).collect();
    assert_eq!((status, names), (400, vec!["A", "C"]));
    assert_eq!(batch.alerts[0].labels.len(), 1, "a label without a value is none");
}
