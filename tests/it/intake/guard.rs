//! Who is let in, and how much of it.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use axum::http::Method;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use muster::model::intake::{Kind, Source};
use muster::sandbox::practice::soundfoundry;

use super::{Sender, source};
use crate::support::app::App;
use crate::support::soon;

/// A variable that the sandbox sets, and its value.
const NAME: &str = "SOUNDFOUNDRY_TOKEN";
const VALUE: &str = soundfoundry::USER_TOKEN;
const JSON: (&str, &str) = ("content-type", "application/json");

async fn door(sources: Vec<Source>) -> (App, Sender) {
    let app = App::with(|house| house.settings.intake.sources = sources).await;
    let sender = Sender::to(&app);
    (app, sender)
}

fn locked(kind: Kind) -> Source {
    Source { secret: Some(NAME.to_owned()), open: false, ..source(kind) }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_whoever_has_the_secret_comes_in() {
    let (_app, sender) = door(vec![locked(Kind::Alertmanager)]).await;
    let basic = |pair: String| format!("Basic {}", STANDARD.encode(pair));
    for path in ["/api/v2/alerts", "/in/alertmanager/api/v2/alerts"] {
        for (given, status) in [
            (Some(format!("Bearer {VALUE}")), 200),
            (Some(format!("bearer {VALUE}")), 200),
            (Some(basic(format!("anybody:{VALUE}"))), 200),
            (Some(basic(format!(":{VALUE}"))), 200),
            (Some(format!("Bearer {VALUE}x")), 401),
            (Some("Bearer ".to_owned()), 401),
            (Some(basic(VALUE.to_owned())), 401),
            (Some("Digest x".to_owned()), 401),
            (Some("Bearer\u{a0}".to_owned()), 401),
            (None, 401),
        ] {
            let mut headers = vec![JSON];
            headers.extend(given.as_deref().map(|given| ("authorization", given)));
            let answered = sender.send(Method::POST, path, &headers, "[]").await;
            assert_eq!(answered.status, status, "{path} with {given:?}: {}", answered.body);
            assert!(!answered.body.contains(VALUE), "a secret is not repeated");
            assert_eq!(answered.headers.contains_key("www-authenticate"), status == 401);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_sources_of_a_kind_the_secret_tells_which() {
    let mut other = locked(Kind::Alertmanager);
    (other.name, other.secret) = ("other".to_owned(), Some("SOUNDFOUNDRY_PRO_TOKEN".to_owned()));
    let (_app, sender) = door(vec![locked(Kind::Alertmanager), other]).await;
    let bearer = format!("Bearer {}", soundfoundry::PRO_TOKEN);
    let headers = [JSON, ("authorization", bearer.as_str())];
    let body = r#"[{"labels": {"alertname": "A"}}]"#;
    assert_eq!(sender.send(Method::POST, "/api/v2/alerts", &headers, body).await.status, 200);
    let figures = sender.get("/metrics").await.body;
    assert!(figures.contains("muster_alerts_received_total{source=\"other\"} 1\n"), "{figures}");
    assert!(figures.contains("muster_http_requests_total{status=\"200\"} 1\n"), "{figures}");
    assert!(figures.contains("muster_gateway_up 1\n"), "{figures}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_source_is_for_programs_of_this_machine_alone() {
    let (_app, sender) = door(vec![source(Kind::Alertmanager)]).await;
    assert_eq!(sender.post("/api/v2/alerts", "[]").await.status, 200);
    for header in ["origin", "x-forwarded-for", "forwarded", "via"] {
        let headers = [JSON, (header, "https://elsewhere.test")];
        let answered = sender.send(Method::POST, "/api/v2/alerts", &headers, "[]").await;
        assert_eq!(answered.status, 403, "{header}: a page in a browser, or somebody behind a proxy");
    }
    let through = [("x-forwarded-for", "203.0.113.9")];
    assert_eq!(sender.send(Method::GET, "/metrics", &through, "").await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_is_not_set_opens_nothing_and_is_tried_again() {
    let mut unset = locked(Kind::AlertmanagerWebhook);
    unset.secret = Some("MUSTER_TEST_NOT_SET".to_owned());
    let (_app, sender) = door(vec![unset]).await;
    let headers = [JSON, ("authorization", "Bearer ")];
    let answered = sender.send(Method::POST, "/in/alertmanager-webhook", &headers, "{}").await;
    assert_eq!(answered.status, 503);
    assert!(!answered.body.contains("MUSTER_TEST_NOT_SET"), "{}", answered.body);
    assert!(answered.headers.contains_key("retry-after"));
}

#[tokio::test(flavor = "multi_thread")]
async fn paths_methods_and_bodies_that_are_none_say_so() {
    let (_app, sender) = door(vec![source(Kind::Alertmanager), source(Kind::AlertmanagerWebhook)]).await;
    for (method, path, status, words) in [
        (Method::GET, "/", 404, "/in/NAME"),
        (Method::POST, "/in/nobody/x", 404, "no source `nobody`"),
        (Method::GET, "/in/alertmanager-webhook", 405, "POST"),
        (Method::POST, "/in/alertmanager-webhook/more", 404, "/in/alertmanager-webhook"),
        (Method::DELETE, "/api/v2/alerts", 405, "but [GET,POST] are"),
        (Method::GET, "/api/v2/silences", 404, "/api/v2/silences was not found"),
        (Method::GET, "/-/healthy", 200, "OK"),
        (Method::GET, "/-/ready", 200, "OK"),
        (Method::GET, "/healthz", 200, "OK"),
        (Method::GET, "/api/v2/status", 200, "\"versionInfo\""),
    ] {
        let answered = sender.send(method.clone(), path, &[], "").await;
        assert_eq!(answered.status, status, "{method} {path}: {}", answered.body);
        assert!(answered.body.contains(words), "{method} {path}: {}", answered.body);
    }
    let broken = sender.post("/in/alertmanager-webhook", "{\"version\": \"4\", \"alerts\": [{}]}").await;
    assert_eq!(broken.status, 400);
    assert!(broken.body.contains("\"field\":\"alerts[0]\""), "{}", broken.body);
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(sender.post("/api/v2/alerts", &deep).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_without_a_length_is_measured_too() {
    let (_app, sender) = door(vec![source(Kind::AlertmanagerWebhook)]).await;
    let address = sender.base.trim_start_matches("http://").to_owned();
    let announced = format!("content-length: {}", 4 * 1024 * 1024 + 1);
    let answered = tokio::task::spawn_blocking(move || {
        let first = |mut stream: TcpStream| {
            let mut answer = [0; 12];
            stream.read_exact(&mut answer).expect("an answer");
            String::from_utf8_lossy(&answer).into_owned()
        };
        let mut stream = TcpStream::connect(&address).expect("connected");
        let head = format!("POST /in/alertmanager-webhook HTTP/1.1\r\nhost: x\r\n{announced}\r\n\r\n");
        stream.write_all(head.as_bytes()).expect("sent");
        assert_eq!(first(stream), "HTTP/1.1 413", "nothing of it need be sent");
        let mut stream = TcpStream::connect(&address).expect("connected");
        let head = "POST /in/alertmanager-webhook HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n";
        stream.write_all(head.as_bytes()).expect("sent");
        let chunk = format!("{:x}\r\n{}\r\n", 1 << 20, " ".repeat(1 << 20));
        // It may answer, and close, before the end.
        for _ in 0..5 {
            if stream.write_all(chunk.as_bytes()).is_err() {
                break;
            }
        }
        first(stream)
    });
    let answered = soon("an answer", answered).await.expect("it ends");
    assert_eq!(answered, "HTTP/1.1 413");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sends_too_often_is_told_when_to_come_again() {
    let slow = |kind| Source { limit: 1, ..source(kind) };
    let (_app, sender) = door(vec![slow(Kind::Alertmanager), source(Kind::AlertmanagerWebhook)]).await;
    let mut last = None;
    for _ in 0..4 {
        last = Some(sender.post("/api/v2/alerts", "[]").await);
    }
    let last = last.expect("an answer");
    assert_eq!(last.status, 503, "what Prometheus tries again: {}", last.body);
    assert_eq!(last.headers["retry-after"], "1");
    assert!(last.body.contains("`alertmanager` may send 1 requests a second"), "{}", last.body);
    let other = sender.post("/in/alertmanager-webhook", r#"{"version": "4", "alerts": []}"#).await;
    assert_eq!(other.status, 200, "another source has a bucket of its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_lets_somebody_else_in() {
    let (app, sender) = door(vec![source(Kind::Alertmanager)]).await;
    assert_eq!(sender.post("/in/grafana", "{\"alerts\": []}").await.status, 404);
    let mut house = app.house();
    house.settings.intake.sources = vec![source(Kind::Grafana)];
    app.bot().reloader().reload(house).await;
    assert_eq!(sender.post("/in/grafana", "{\"alerts\": []}").await.status, 200);
    assert_eq!(sender.post("/api/v2/alerts", "[]").await.status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_muster_that_stops_closes_the_door_and_opens_it_again() {
    let (mut app, sender) = door(vec![source(Kind::Alertmanager)]).await;
    assert_eq!(sender.get("/healthz").await.status, 200);
    let address = app.bot().watch().intake.expect("it listens");
    soon("the end", app.stop_bot()).await;
    assert!(TcpStream::connect(address).is_err());
    app.start_bot().await;
    assert_eq!(Sender::to(&app).get("/healthz").await.status, 200);
}
