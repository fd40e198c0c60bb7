//! `muster intake` as a person types it.

use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::sample_file;

fn muster(folder: &Path, args: &[&str]) -> (bool, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_muster")).args(args).current_dir(folder).output().unwrap();
    let said = [out.stdout, out.stderr].concat();
    (out.status.success(), String::from_utf8(said).unwrap())
}

fn intake(args: &[&str]) -> (bool, String) {
    let folder = tempfile::tempdir().unwrap();
    muster(folder.path(), &[&["intake"], args].concat())
}

#[test]
fn a_payload_is_shown_as_what_it_becomes() {
    let file = sample_file("uptime-kuma/down.json");
    let (good, said) = intake(&["test", file.to_str().unwrap(), "--source", "uptime-kuma"]);
    assert!(good, "{said}");
    for words in [
        "(firing): soundlab: connect ECONNREFUSED",
        "P1",
        "service:     soundlab\n",
        "since:       2026-11-21T08:58:35.527Z",
        "alertname=\"soundlab\"",
        "link:        https://soundlab.example.test/health",
    ] {
        assert!(said.contains(words), "{words} in {said}");
    }
    let (good, said) = intake(&["test", file.to_str().unwrap(), "--source", "uptime-kuma", "--json"]);
    let json: Value = serde_json::from_str(&said).unwrap();
    assert!(good && json["alerts"][0]["level"] == "P1", "{json:#}");
    assert_eq!(json["alerts"][0]["labels"]["monitor"], "soundlab");
}

#[test]
fn what_is_not_understood_is_shown_with_its_path() {
    let file = sample_file("uptime-kuma/down.json");
    let (good, said) = intake(&["test", file.to_str().unwrap(), "--source", "datadog"]);
    assert!(!good && said.contains("`title` ($.alert_title, $.title): nothing is there"), "{said}");
    let (good, said) = intake(&["test", file.to_str().unwrap(), "--source", "kuma"]);
    assert!(!good && said.contains("there is no source `kuma`") && said.contains("uptime-kuma"), "{said}");
    let (good, said) = intake(&["test", "nowhere.json", "--source", "sentry"]);
    assert!(!good && said.contains("nowhere.json cannot be read"), "{said}");
}

#[test]
fn headers_a_marks_card_and_those_with_code_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deploy.json");
    let body = r#"{"deployment_status": {"state": "failure", "environment": "production"},
        "deployment": {"ref": "main"}, "repository": {"name": "soundlab", "full_name": "team/soundlab"}}"#;
    std::fs::write(&path, body).unwrap();
    let file = path.to_str().unwrap();
    let event = "X-GitHub-Event=deployment_status";
    let (good, said) = intake(&["test", file, "--source", "github", "--header", event]);
    assert!(good && said.contains("mark: Deployment of main to production failed"), "{said}");
    let (good, said) = intake(&["test", file, "--source", "github"]);
    assert!(!good && said.contains("--header X-GitHub-Event"), "{said}");
    let (good, said) = intake(&["test", file, "--source", "pagerduty"]);
    assert!(!good && said.contains("'event_action' is missing"), "{said}");
    let file = sample_file("uptimerobot/certificate.json");
    let (good, said) = intake(&["test", file.to_str().unwrap(), "--source", "uptimerobot"]);
    assert!(good && said.contains("information, posted at once: astradio"), "{said}");
}

#[test]
fn whatever_posts_alerts_is_read_as_at_the_door() {
    let folder = tempfile::tempdir().unwrap();
    let tried = |source: &str, body: &Value| {
        let path = folder.path().join("body.json");
        std::fs::write(&path, body.to_string()).unwrap();
        intake(&["test", path.to_str().unwrap(), "--source", source])
    };
    let labels = json!({"alertname": "SoundlabDown", "severity": "critical", "service": "soundlab"});
    let (good, said) = tried("prometheus", &json!([{"labels": labels}, {"labels": {}}]));
    assert!(good && said.contains("(firing): SoundlabDown\n  severity:    P1"), "{said}");
    assert!(said.contains("answered with 400: \"at least one label pair required\""), "{said}");
    let (good, said) = tried("prometheus", &json!([{"labels": labels, "startsAt": "tomorrow"}]));
    assert!(!good && said.contains("refused with 400:\n  0.startsAt: `tomorrow` is no time"), "{said}");
    let alert = json!({"status": "resolved", "labels": labels, "startsAt": "2026-11-21T08:58:00Z",
        "endsAt": "2026-11-21T08:59:00Z", "dashboardURL": "https://graphs.example.test/d/1"});
    let (good, said) = tried("grafana", &json!({"version": "1", "alerts": [alert]}));
    assert!(
        good && said.contains("(over): SoundlabDown\n") && said.contains("graphs.example.test"),
        "{said}"
    );
    let (good, said) = tried("alertmanager-webhook", &json!({"version": "4", "alerts": [alert]}));
    assert!(good && said.contains("(over): SoundlabDown\n"), "{said}");
    let (good, said) = tried("alertmanager-webhook", &json!({"version": "3", "alerts": [alert]}));
    assert!(!good && said.contains("refused with 400:\n  version: `3` is no version"), "{said}");
    let (good, said) = tried("alertmanager-webhook", &json!([{"labels": labels}]));
    assert!(!good && said.contains("name this source's kind `alertmanager`"), "{said}");
    let (good, said) = tried("healthchecks", &json!({}));
    assert!(!good && said.contains("a ping has no payload: call its address"), "{said}");
}

#[test]
fn what_there_is_is_listed() {
    let (good, said) = intake(&["sources"]);
    assert!(good, "{said}");
    for words in
        ["  pagerduty\n", "  github\n", "  sentry         Sentry\n", "  uptime-kuma    Uptime Kuma\n"]
    {
        assert!(said.contains(words), "{words:?} in {said}");
    }
}
