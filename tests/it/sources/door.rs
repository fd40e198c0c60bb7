//! Who is let in, what they are answered, and what comes of it in Discord.

use std::time::Duration;

use axum::http::Method;
use muster::kit::hash::hmac_sha256;
use muster::model::heartbeat::Heartbeat;
use muster::model::incident::Severity;
use muster::model::intake::{Kind, REQUESTS, Source};
use muster::sandbox::world::seed;
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use super::sample;
use crate::support::app::App;

/// A secret that the practice team has.
const VARIABLE: &str = "SOUNDFOUNDRY_TOKEN";
const UUID: &str = "d1665499-e827-441f-bf13-8f15e8f4c0b9";

struct Door {
    app: App,
    client: Client,
    secret: String,
}

impl Door {
    async fn open() -> Door {
        let sources = [
            ("pd", Kind::Pagerduty),
            ("github", Kind::Github),
            ("jobs", Kind::Healthchecks),
            ("kuma", Kind::Mapping("uptime-kuma".to_owned())),
            ("sentry", Kind::Mapping("sentry".to_owned())),
            ("robot", Kind::Mapping("uptimerobot".to_owned())),
        ];
        let app = App::with(|house| {
            let intake = &mut house.settings.intake;
            intake.listen = Some("127.0.0.1:0".parse().expect("an address"));
            intake.sources = sources
                .map(|(name, kind)| Source {
                    name: name.to_owned(),
                    kind,
                    secret: Some(VARIABLE.to_owned()),
                    open: false,
                    limit: REQUESTS,
                })
                .into();
            house.settings.alerting.heartbeats = vec![Heartbeat {
                name: "backup".to_owned(),
                uuid: Some(UUID.to_owned()),
                service: Some("soundfoundry".to_owned()),
                every: Duration::from_secs(3600),
                grace: Duration::from_secs(600),
                severity: Severity::P3,
            }];
        })
        .await;
        let secret = muster::cli::sandbox::secrets().one(VARIABLE).expect("the practice team has it");
        Door { app, client: Client::builder().no_proxy().build().expect("a client"), secret }
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> (u16, String) {
        let at = self.app.bot().watch().intake.expect("it listens");
        let mut request = self.client.request(method, format!("http://{at}{path}")).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await.expect("an answer");
        (response.status().as_u16(), response.text().await.expect("a body"))
    }

    async fn post(&self, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> (u16, Value) {
        let (status, body) = self.send(Method::POST, path, headers, body).await;
        (status, serde_json::from_str(&body).unwrap_or(Value::String(body)))
    }

    fn signature(&self, body: &[u8]) -> String {
        hmac_sha256(self.secret.as_bytes(), &[body]).iter().map(|b| format!("{b:02x}")).collect()
    }
}

#[tokio::test]
async fn pagerdutys_clients_need_another_address_and_nothing_else() {
    let door = Door::open().await;
    let event = json!({
        "routing_key": door.secret, "event_action": "trigger",
        "payload": {"summary": "The disk is full", "source": "soundlab-1", "severity": "critical",
                    "component": "soundlab", "class": "disk"}
    });
    let (status, answer) = door.post("/v2/enqueue", &[], event.to_string().into()).await;
    assert_eq!((status, &answer["status"]), (202, &json!("success")));
    let key = answer["dedup_key"].as_str().expect("a key").to_owned();
    assert_eq!(key.len(), 26, "{key}");
    let (_, again) = door.post("/v2/enqueue", &[], event.to_string().into()).await;
    assert_ne!(again["dedup_key"], key, "each has a key of its own");
    let after = json!({"routing_key": door.secret, "event_action": "resolve", "dedup_key": key});
    assert_eq!(door.post("/v2/enqueue", &[], after.to_string().into()).await.0, 202);
    let mut wrong = event.clone();
    wrong["payload"]["severity"] = json!("dreadful");
    let (status, answer) = door.post("/v2/enqueue", &[], wrong.to_string().into()).await;
    assert_eq!((status, &answer["status"]), (400, &json!("invalid event")));
    assert!(answer["errors"][0].as_str().unwrap().contains("'payload.severity'"), "{answer}");
    wrong["routing_key"] = json!("somebody-elses");
    let (status, answer) = door.post("/v2/enqueue", &[], wrong.to_string().into()).await;
    assert!(status == 400 && answer["errors"][0].as_str().unwrap().contains("'routing_key'"), "{answer}");
    let (status, answer) = door.post("/v2/enqueue", &[], "{\"routing_key\": ".into()).await;
    let says = "the body is no JSON object with a 'routing_key'";
    assert!(status == 400 && answer["errors"][0] == says, "{answer}");
    let change = json!({"routing_key": door.secret, "payload": {"summary": "Build 7", "source": "soundlab"}});
    let (status, answer) = door.post("/v2/change/enqueue", &[], change.to_string().into()).await;
    assert_eq!((status, answer["dedup_key"].is_null()), (202, true));
}

#[tokio::test]
async fn github_is_believed_by_its_signature_alone_and_a_delivery_counts_once() {
    let door = Door::open().await;
    let body = json!({
        "deployment_status": {"state": "success", "environment": "production"},
        "deployment": {"ref": "main"}, "repository": {"name": "soundlab", "full_name": "team/soundlab"}
    });
    let body = body.to_string().into_bytes();
    let right = format!("sha256={}", door.signature(&body));
    let headers = [
        ("x-github-event", "deployment_status"),
        ("x-github-delivery", "one"),
        ("x-hub-signature-256", right.as_str()),
    ];
    for _ in 0..2 {
        assert_eq!(door.post("/in/github", &headers, body.clone()).await.0, 200);
    }
    let marks = door.app.bot().watch().engine.read(|state, _| state.alerts.marks.len()).await.unwrap();
    assert_eq!(marks, 1);
    let mut other = body.clone();
    other.push(b' ');
    assert_eq!(door.post("/in/github", &headers, other).await.0, 401, "other bytes");
    assert_eq!(door.post("/in/github", &headers[..2], body.clone()).await.0, 401, "no signature");
    let ping = b"{}".to_vec();
    let signed = format!("sha256={}", door.signature(&ping));
    let headers = [("x-github-event", "ping"), ("x-hub-signature-256", signed.as_str())];
    let (status, answer) = door.post("/in/github", &headers, ping).await;
    assert!(status == 200 && answer["passed over"].is_string(), "{answer}");
}

#[tokio::test]
async fn a_job_needs_an_address_and_no_more() {
    let door = Door::open().await;
    let by_slug = format!("/ping/{}/backup/0", door.secret);
    for (method, path, status, said) in [
        (Method::GET, format!("/ping/{UUID}"), 200, "OK"),
        (Method::HEAD, format!("/ping/{UUID}"), 200, ""),
        (Method::POST, format!("/ping/{UUID}/start"), 200, "OK"),
        (Method::POST, by_slug, 200, "OK"),
        (Method::GET, "/ping/wrong-key/backup".to_owned(), 404, "not found"),
        (Method::GET, "/ping/00000000-0000-0000-0000-000000000000".to_owned(), 404, "not found"),
        (Method::PUT, format!("/ping/{UUID}"), 405, "use GET, HEAD or POST"),
    ] {
        let answer = door.send(method.clone(), &path, &[], b"rows: 7".to_vec()).await;
        assert_eq!(answer, (status, said.to_owned()), "{method} {path}");
    }
    door.send(Method::GET, &format!("/ping/{UUID}/2"), &[], vec![]).await;
    let late =
        door.app.bot().watch().engine.read(|state, _| state.alerts.beats["backup"].late).await.unwrap();
    assert!(late, "it said that it failed");
}

#[tokio::test]
async fn a_mapping_says_how_its_source_proves_itself() {
    let door = Door::open().await;
    let down = sample("uptime-kuma/down.json");
    let bearer = format!("Bearer {}", door.secret);
    let (status, answer) = door.post("/in/kuma", &[("authorization", &bearer)], down.clone()).await;
    assert_eq!((status, answer), (200, json!({"alerts": 1, "marks": 0})));
    assert_eq!(door.post("/in/kuma", &[("authorization", "Bearer x")], down.clone()).await.0, 401);
    let (status, answer) =
        door.post("/in/kuma", &[("authorization", &bearer)], b"{\"heartbeat\": {}}".to_vec()).await;
    assert_eq!(
        (status, answer["field"].as_str().is_some_and(|f| f.contains("$.monitor.name"))),
        (422, true),
        "{answer}"
    );
    let sentry = sample("sentry/metric-alert.json");
    let signature = door.signature(&sentry);
    assert_eq!(
        door.post("/in/sentry", &[("sentry-hook-signature", &signature)], sentry.clone()).await.0,
        200
    );
    assert_eq!(door.post("/in/sentry", &[("authorization", &bearer)], sentry).await.0, 401, "it signs");
    // As a form, and as a query without a body.
    let form = "monitorID=7&monitorFriendlyName=astradio&alertType=1&alertDetails=Connection+Timeout";
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    let path = format!("/in/robot?token={}", door.secret);
    assert_eq!(door.post(&path, &kind, form.into()).await.0, 200);
    let (status, _) = door.send(Method::GET, &format!("{path}&{form}"), &[], vec![]).await;
    assert_eq!(status, 200);
    assert_eq!(door.post("/in/robot?token=x", &kind, form.into()).await.0, StatusCode::UNAUTHORIZED.as_u16());
}

#[tokio::test]
async fn a_certificate_that_ends_soon_is_a_card_in_the_alerts_channel() {
    let door = Door::open().await;
    let bearer = format!("Bearer {}", door.secret);
    let body = sample("uptime-kuma/certificate.json");
    assert_eq!(door.post("/in/kuma", &[("authorization", &bearer)], body).await.0, 200);
    door.app.message(seed::ALERTS, &["certificate", "will expire in 7 days"]).await;
}
