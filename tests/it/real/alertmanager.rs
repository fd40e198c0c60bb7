//! Debian's Alertmanager: the same requests to both mean the same, and what it sends on arrives.

use std::collections::BTreeMap;
use std::path::Path;

use axum::http::Method;
use muster::kit::time::Timestamp;
use muster::model::intake::Kind;
use muster::sandbox::world::seed;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::server::RealServer;
use crate::intake::{Sender, source};
use crate::support::app::App;

/// Starts one with a webhook to Muster.
fn start(folder: &Path, webhook: &str) -> RealServer {
    let config = json!({
        "route": {"receiver": "muster", "group_wait": "10ms", "group_interval": "100ms", "group_by": ["alertname"]},
        "receivers": [{"name": "muster", "webhook_configs": [{"url": webhook}]}],
    });
    // JSON is YAML.
    std::fs::write(folder.join("alertmanager.yml"), config.to_string()).unwrap();
    RealServer::start("prometheus-alertmanager", folder, |port| {
        let listen = format!("--web.listen-address=127.0.0.1:{port}");
        let own = ["--config.file=alertmanager.yml", "--storage.path=data", "--cluster.listen-address="];
        own.map(str::to_owned).into_iter().chain([listen]).collect()
    })
}

async fn both(kinds: &[Kind]) -> (App, Sender, Sender, TempDir, RealServer) {
    let sources = kinds.iter().cloned().map(source).collect();
    let app = App::in_real_time(|house| house.settings.intake.sources = sources).await;
    let muster = Sender::to(&app);
    let folder = tempfile::tempdir().unwrap();
    let webhook = format!("{}/in/alertmanager-webhook", muster.base);
    let at = folder.path().to_owned();
    let real = tokio::task::spawn_blocking(move || start(&at, &webhook)).await.expect("it starts");
    let theirs = Sender::new(real.url());
    (app, muster, theirs, folder, real)
}

/// What both are sent, and whether the sentence of the answer is to be the same too.
fn requests() -> Vec<(&'static str, bool)> {
    vec![
        ("[]", true),
        ("null", true),
        ("{}", false),
        ("", true),
        ("nonsense", false),
        ("[{}]", true),
        (r#"[{"labels": {"case": "1"}}, {"annotations": {}}]"#, true),
        (r#"[{"labels": {}}]"#, true),
        (r#"[{"labels": null}]"#, true),
        (r#"[{"labels": {"case": ""}}]"#, true),
        (r#"[{"labels": {"case": "2", "none": null, "empty": ""}}]"#, true),
        (r#"[{"labels": {"1a": "x"}}, {"labels": {"case": "3"}}]"#, true),
        (r#"[{"labels": {"a b": "", "case": "4"}}]"#, true),
        (
            r#"[{"labels": {"a-b": "x", "case": "5"}}, {"labels": {"c": ""}}, {"labels": {"case": "6"}}]"#,
            true,
        ),
        (r#"[{"labels": {"case": "7"}, "annotations": {"a-b": ""}}]"#, true),
        (r#"[{"labels": {"case": "8"}, "annotations": {"summary": "s"}}]"#, true),
        (r#"[{"labels": {"case": "9"}, "startsAt": "nope"}]"#, false),
        (r#"[{"labels": {"case": "10"}, "startsAt": ""}]"#, true),
        (r#"[{"labels": {"case": "11"}, "endsAt": ""}]"#, true),
        (
            r#"[{"labels": {"case": "12"}, "startsAt": "2099-01-02T00:00:00Z", "endsAt": "2099-01-01T00:00:00Z"}]"#,
            true,
        ),
        (
            r#"[{"labels": {"case": "13"}, "startsAt": "0001-01-01T00:00:00Z", "endsAt": "0001-01-01T00:00:00Z"}]"#,
            true,
        ),
        (r#"[{"labels": {"case": "14"}, "endsAt": "2020-01-01T00:00:00Z"}]"#, true),
        (
            r#"[{"labels": {"case": "15"}, "startsAt": "2020-01-01T00:00:00Z", "endsAt": "2020-01-01T00:00:00Z"}]"#,
            true,
        ),
        (r#"[{"labels": {"case": "16"}, "generatorURL": "::not a url"}]"#, true),
        (r#"[{"labels": {"case": "17"}, "generatorURL": ""}]"#, true),
        (
            r#"[{"labels": {"case": "18"}, "generatorURL": "http://p.test/graph?g0.expr=up%20%3D%3D+0&g0.tab=1"}]"#,
            true,
        ),
        (r#"[{"labels": {"case": "19"}, "extra": {"deep": [1]}}]"#, true),
        (r#"[{"labels": {"case": 20}}]"#, false),
        (r#"[{"labels": {"case": "21"}, "startsAt": "2020-01-01T09:00:00"}]"#, true),
        (r#"[{"labels": {"case": "22"}, "startsAt": "2020-01-01"}]"#, false),
        (r#"[{"labels": {"case": "23"}, "startsAt": "2020-01-01T09:00:00+02:00"}]"#, true),
        (r#"[{"labels": {"case": "24"}, "startsAt": "2020-01-01T00:00:00Z"}]"#, true),
        (r#"[{"labels": {"case": "25"}, "startsAt": "2099-01-01T00:00:00Z"}]"#, true),
        (r#"[{"labels": {"case": "26"}, "annotations": null, "startsAt": null}]"#, true),
        (
            r#"[{"labels": {"case": "27"}, "startsAt": "2020-01-01T00:00:00Z", "endsAt": "2099-01-01T00:00:00.123456789Z"}]"#,
            true,
        ),
        (r#"[{"labels": {"case": "x", "case": "28"}}]"#, true),
        (r#"[{"labels": {"case": "29 ä \u00e4 \" \\ 🎵"}}]"#, true),
        // The same again, and over.
        (r#"[{"labels": {"case": "24"}, "startsAt": "2020-01-01T00:00:00Z"}]"#, true),
        (
            r#"[{"labels": {"case": "23"}, "startsAt": "2020-01-01T07:00:00Z", "endsAt": "2020-01-01T08:00:00Z"}]"#,
            true,
        ),
    ]
}

/// The alerts by their labels. A time that no request named is told by what it is: the present, or the
/// timeout after it.
fn told(page: &str) -> BTreeMap<String, Value> {
    let all: Vec<Value> = serde_json::from_str(page).unwrap_or_else(|e| panic!("{e}: {page}"));
    let named = |text: &Value| {
        let time = chrono::DateTime::parse_from_rfc3339(text.as_str().unwrap()).unwrap();
        let said = ["1970", "2020", "2099"].iter().any(|y| text.as_str().unwrap().starts_with(y));
        if said { json!(time.timestamp_millis()) } else { json!("by itself") }
    };
    let one = |a: &Value| {
        let span = |key: &str| chrono::DateTime::parse_from_rfc3339(a[key].as_str().unwrap()).unwrap();
        let both = named(&a["startsAt"]) == "by itself" && named(&a["endsAt"]) == "by itself";
        let lasts = both.then(|| (span("endsAt") - span("startsAt")).num_milliseconds());
        let fields = json!({
            "annotations": a["annotations"], "startsAt": named(&a["startsAt"]),
            "endsAt": named(&a["endsAt"]), "lasts": lasts, "state": a["status"]["state"],
            "silencedBy": a["status"]["silencedBy"], "inhibitedBy": a["status"]["inhibitedBy"],
            "link": a["generatorURL"].as_str().unwrap_or_default(),
        });
        (a["labels"].to_string(), fields)
    };
    all.iter().map(one).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_requests_mean_the_same_to_both() {
    let (app, muster, theirs, _folder, _real) = both(&[Kind::Alertmanager]).await;
    for (body, sentence) in requests() {
        let (ours, real) =
            (muster.post("/api/v2/alerts", body).await, theirs.post("/api/v2/alerts", body).await);
        assert_eq!(ours.status, real.status, "{body}: {} and not {}", ours.body, real.body);
        if sentence {
            assert_eq!(ours.body.trim(), real.body.trim(), "{body}");
        }
    }
    let text = [("content-type", "text/plain")];
    for sender in [&muster, &theirs] {
        assert_eq!(sender.send(Method::POST, "/api/v2/alerts", &text, "[]").await.status, 415);
    }
    for query in [
        "",
        "?filter=case%3D%2224%22",
        "?filter=case%3D24",
        "?filter=case%3D~%222%5B4-7%5D%22&filter=case!%3D%2226%22",
        "?filter=none%3D%22%22",
        "?filter=nonsense",
        "?receiver=nobody",
        "?active=false",
        "?active=maybe",
        "?active=yes&silenced=no&inhibited=0&unprocessed=false",
    ] {
        let path = format!("/api/v2/alerts{query}");
        let (ours, real) = (muster.get(&path).await, theirs.get(&path).await);
        assert_eq!(ours.status, real.status, "{query}: {} and not {}", ours.body, real.body);
        if ours.status == 200 {
            assert_eq!(told(&ours.body), told(&real.body), "{query}");
        } else {
            assert_eq!(ours.body.trim(), real.body.trim(), "{query}");
        }
    }
    assert!(told(&muster.get("/api/v2/alerts").await.body).len() > 15, "there is something to compare");
    app.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_alertmanager_dies_or_guesses_muster_does_not() {
    let (_app, muster, _theirs, _folder, _real) = both(&[Kind::Alertmanager]).await;
    for (body, status) in [
        ("[null]", 400),
        (r#"[{"labels": {"a": "1"}}] x"#, 400),
        (r#"[{"Labels": {"a": "1"}}]"#, 422),
        (r#"[{"labels": {"a": "\ud800"}}]"#, 400),
    ] {
        let answered = muster.post("/api/v2/alerts", body).await;
        assert_eq!(answered.status, status, "{body}: {}", answered.body);
    }
    assert_eq!(muster.get("/api/v2/alerts").await.body, "[]");
    // What begins in the future begins now, and an annotation without a value shows nothing.
    let body = r#"[{"labels": {"a": "1"}, "annotations": {"none": ""}, "endsAt": "2099-01-01T00:00:00Z"}]"#;
    assert_eq!(muster.post("/api/v2/alerts", body).await.status, 200);
    let page = muster.get("/api/v2/alerts").await.body;
    assert!(!page.contains("none") && page.matches("2099").count() == 1, "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_sends_on_is_a_card_and_then_over() {
    let (app, _muster, theirs, _folder, _real) = both(&[Kind::AlertmanagerWebhook]).await;
    let now = muster::kit::clock::Clock::system().now();
    let (began, ended) = (Timestamp(now.0 - 60_000).rfc3339(), Timestamp(now.0 - 1_000).rfc3339());
    let alert = |ends: &str| {
        json!([{
            "labels": {"alertname": "RelayDown", "severity": "warning", "instance": "relay-1"},
            "annotations": {"summary": "relay-1 does not answer"},
            "startsAt": began, "endsAt": ends, "generatorURL": "http://p.test/graph",
        }])
    };
    let sent = theirs.post("/api/v2/alerts", &alert("2099-01-01T00:00:00Z").to_string()).await;
    assert_eq!(sent.status, 200, "{}", sent.body);
    let card = app.message(seed::ALERTS, &["relay-1 does not answer", "Firing", "ALR-1"]).await;
    let sent = theirs.post("/api/v2/alerts", &alert(&ended).to_string()).await;
    assert_eq!(sent.status, 200, "{}", sent.body);
    let over = app.message(seed::ALERTS, &["relay-1 does not answer", "Over"]).await;
    assert_eq!(card.id, over.id, "the same card");
    app.settled().await;
    assert_eq!(app.count(seed::ALERTS, &["relay-1", "Status"]), 1);
}
