//! PagerDuty's events, field by field.

use super::*;

const NOW: Timestamp = Timestamp(1_795_251_600_000);

fn full() -> Value {
    json!({
        "routing_key": "0123456789abcdef0123456789abcdef",
        "event_action": "trigger",
        "dedup_key": "disk-full soundlab-1",
        "payload": {
            "summary": "The disk of soundlab-1 is full",
            "timestamp": "2026-11-21T08:59:00.250+0000",
            "source": "soundlab-1.example.test",
            "severity": "critical",
            "component": "soundlab",
            "group": "audio",
            "class": "disk full",
            "custom_details": {"used": 0.98, "mount": "/var", "inodes": {"free": 3}}
        },
        "links": [{"href": "https://graphs.example.test/d/7", "text": "Graph"}, {"href": "https://example.test"}],
        "images": [{"src": "https://graphs.example.test/7.png", "alt": "Disk"}],
        "client": "Watcher",
        "client_url": "https://watcher.example.test/alerts/7"
    })
}

fn read(body: &Value) -> Result<Event, Vec<String>> {
    enqueue("pd", body.to_string().as_bytes(), NOW, "fresh-key")
}

#[test]
fn a_trigger_is_an_alert_with_everything_it_said() {
    let event = read(&full()).unwrap();
    assert_eq!(event.answer()["dedup_key"], "disk-full soundlab-1");
    let [alert] = &event.batch.alerts[..] else { panic!("one alert") };
    assert_eq!(alert.fingerprint, Fingerprint::named("pd", "disk-full soundlab-1"));
    assert_eq!(
        alert.labels.to_string(),
        r#"{alertname="disk full", class="disk full", component="soundlab", group="audio", service="soundlab", severity="critical", source="soundlab-1.example.test"}"#
    );
    for (name, value) in [
        ("summary", "The disk of soundlab-1 is full"),
        ("used", "0.98"),
        ("inodes", r#"{"free":3}"#),
        ("Graph", "https://graphs.example.test/d/7"),
        ("link 2", "https://example.test"),
        ("Disk", "https://graphs.example.test/7.png"),
        ("client", "Watcher"),
    ] {
        assert_eq!(alert.annotations.get(name), Some(value));
    }
    assert_eq!(alert.link.as_deref(), Some("https://watcher.example.test/alerts/7"));
    let since = Some(Timestamp(1_795_251_540_250));
    assert_eq!(alert.signal, Signal::Firing { since, until: None });
}

#[test]
fn without_a_key_the_given_one_is_told_and_leads_back_to_the_alert() {
    let mut body = full();
    body.as_object_mut().unwrap().remove("dedup_key");
    let event = read(&body).unwrap();
    let key = event.answer()["dedup_key"].as_str().unwrap().to_owned();
    assert_eq!(key, "fresh-key");
    for (action, signal) in
        [("acknowledge", Signal::Acknowledged), ("resolve", Signal::Resolved { at: None })]
    {
        let after = json!({"routing_key": "k", "event_action": action, "dedup_key": key});
        let after = read(&after).unwrap();
        assert_eq!(after.batch.alerts[0].fingerprint, event.batch.alerts[0].fingerprint);
        assert_eq!(after.batch.alerts[0].signal, signal);
    }
}

#[test]
fn every_wrong_field_is_named_at_once() {
    let mut body = full();
    body["payload"] = json!({"severity": "bad", "timestamp": "noon", "source": ""});
    body["links"] = json!([{}]);
    body["images"] = json!("x");
    body["dedup_key"] = json!("k".repeat(256));
    body["routing_key"] = Value::Null;
    let errors = read(&body).unwrap_err().join("\n");
    for field in [
        "routing_key",
        "dedup_key",
        "payload.summary",
        "payload.source",
        "payload.severity",
        "payload.timestamp",
        "links[0].href",
        "images",
    ] {
        assert!(errors.contains(&format!("'{field}'")), "{field} in {errors}");
    }
    for (body, field) in [
        (json!({"routing_key": "k", "event_action": "trigger"}), "payload"),
        (json!({"routing_key": "k", "event_action": "close"}), "event_action"),
        (json!({"routing_key": "k", "event_action": "resolve"}), "dedup_key"),
        (json!({"routing_key": "k"}), "event_action"),
    ] {
        let errors = read(&body).unwrap_err();
        assert!(errors.len() == 1 && errors[0].contains(&format!("'{field}'")), "{errors:?}");
    }
    assert!(enqueue("pd", b"{", NOW, "").is_err() && enqueue("pd", b"[]", NOW, "").is_err());
}

#[test]
fn a_change_is_a_mark() {
    let body = json!({
        "routing_key": "k",
        "payload": {
            "summary": "Build 2 of soundlab",
            "timestamp": "2026-11-21T08:59:00Z",
            "source": "soundlab",
            "custom_details": {"build_state": "failed", "user": "lead"}
        },
        "links": [{"href": "https://builds.example.test/2", "text": "Build"}]
    });
    let event = change("pd", body.to_string().as_bytes(), NOW).unwrap();
    assert_eq!(event.answer(), json!({"status": "success", "message": "Change event processed"}));
    let link = Link { url: "https://builds.example.test/2".into(), label: "Build".into() };
    let mark = Mark {
        what: "Build 2 of soundlab".into(),
        service: Some("soundlab".into()),
        at: Timestamp(1_795_251_540_000),
        went: Went::Failed,
        by: Some("lead".into()),
        link: Some(link),
        ..Mark::default()
    };
    assert_eq!(event.batch.marks, [mark]);
    let errors = change("pd", br#"{"payload": {}}"#, NOW).unwrap_err();
    assert_eq!(errors.len(), 2, "{errors:?}");
}

#[test]
fn an_alert_without_a_class_is_called_by_its_summary_cut_at_a_letter() {
    let mut body = full();
    body["payload"]["class"] = Value::Null;
    body["payload"]["summary"] = json!("ä".repeat(100));
    let labels = read(&body).unwrap().batch.alerts.remove(0).labels;
    assert_eq!(labels.get("alertname"), Some("ä".repeat(64).as_str()));
}
