//! The check rows of the five services: all hold while nothing is broken, and every fault makes exactly
//! the checks fail that are about it, until it is healed.

mod expected;
mod rows;
mod tools;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;
use expected::EXPECTED;
use rows::{checks, compose, json, send};

/// A fleet, and the clock that drives it.
fn fleet() -> (Arc<Fleet>, Arc<AtomicI64>) {
    let time = Arc::new(AtomicI64::new(1_700_000_000_000));
    let reads = time.clone();
    let fleet = Fleet::new(Arc::new(move || reads.load(Ordering::SeqCst)));
    (fleet, time)
}

/// Every check that fails now, as `service/check`.
fn failing(fleet: &Fleet) -> BTreeSet<String> {
    let mut failing = BTreeSet::new();
    for service in fleet.state() {
        for (name, holds) in checks(service.name) {
            if !holds(fleet) {
                failing.insert(format!("{}/{name}", service.name));
            }
        }
    }
    failing
}

#[test]
fn every_fault_fails_exactly_its_own_checks_and_heals() {
    let (fleet, _) = fleet();
    assert_eq!(failing(&fleet), BTreeSet::new(), "a healthy fleet passes all");
    for (service, fault, checks) in EXPECTED {
        fleet.break_it(service, fault).expect("a known fault");
        let expected: BTreeSet<String> = checks.iter().map(|c| format!("{service}/{c}")).collect();
        assert_eq!(failing(&fleet), expected, "{service} broken by {fault}");
        fleet.heal(service, Some(fault)).expect("a known fault");
        assert_eq!(failing(&fleet), BTreeSet::new(), "{service} healed of {fault}");
    }
}

#[test]
fn every_fault_is_expected_to_fail_something_and_each_service_has_three() {
    let (fleet, _) = fleet();
    for service in fleet.state() {
        assert!(service.faults.len() >= 3, "{} has too few", service.name);
        for fault in service.faults {
            let listed = EXPECTED
                .iter()
                .any(|(s, f, checks)| *s == service.name && *f == fault.name && !checks.is_empty());
            assert!(listed, "{} {} fails no check", service.name, fault.name);
        }
    }
}

#[test]
fn a_wrong_name_is_told_what_there_is() {
    let (fleet, _) = fleet();
    let error = fleet.break_it("soundlab", "gremlins").unwrap_err();
    assert!(error.contains("gremlins") && error.contains("version-stuck"), "{error}");
    let error = fleet.heal("soundlbb", None).unwrap_err();
    assert!(error.contains("soundlbb") && error.contains("soundlab"), "{error}");
    assert!(fleet.state().iter().all(|service| service.healthy));
}

#[test]
fn heal_without_a_fault_heals_everything_of_that_service_alone() {
    let (fleet, time) = fleet();
    fleet.break_it("soundlab", "memory").unwrap();
    fleet.break_it("soundlab", "storm").unwrap();
    fleet.break_it("nexus", "down").unwrap();
    time.fetch_add(60_000, Ordering::SeqCst);
    fleet.break_it("soundlab", "memory").unwrap();
    let soundlab = &fleet.state()[2];
    let memory = soundlab.faults.iter().find(|f| f.name == "memory").unwrap();
    assert_eq!(memory.since, Some(1_700_000_000_000), "the first time counts");
    fleet.heal("soundlab", None).unwrap();
    let well: Vec<bool> = fleet.state().iter().map(|s| s.healthy).collect();
    assert_eq!(well, [true, true, true, false, true]);
}

#[test]
fn what_is_stuck_grows_and_what_restarts_begins_anew() {
    let (fleet, time) = fleet();
    fleet.break_it("soundfoundry", "queue-stuck").unwrap();
    let before = fleet.state()[1].facts["queue_waiting"].as_u64();
    time.fetch_add(60_000, Ordering::SeqCst);
    let after = fleet.state()[1].facts["queue_waiting"].as_u64();
    assert_eq!(after, before.map(|n| n + 12));

    assert_eq!(fleet.state()[2].facts["uptime_s"], 60);
    fleet.break_it("soundlab", "down").unwrap();
    fleet.heal("soundlab", None).unwrap();
    assert_eq!(fleet.state()[2].facts["uptime_s"], 0);
}

#[test]
fn another_seed_is_another_composition_and_a_bad_wish_is_refused() {
    let (fleet, _) = fleet();
    assert_ne!(compose(&fleet, 123).body, compose(&fleet, 124).body);
    for body in ["", "{}", "{\"mode\":1,\"seed\":2}", "{\"mode\":\"x\",\"seed\":-1}"] {
        let answer = send(&fleet, "astradio", "POST", "/api/compose", &[], body);
        assert_eq!(answer.status, 400, "{body}");
        assert_eq!(json(&answer)["error"]["code"], "BAD_REQUEST");
    }
}

#[test]
fn the_proxy_refuses_a_body_past_its_limit() {
    let (fleet, _) = fleet();
    let headers = [("x-scope-proxy-token", soundscape::WRITE_TOKEN)];
    let path = "/api/scope/api/v1/pipeline/load";
    let status = |bytes: usize| {
        let body = "x".repeat(bytes);
        send(&fleet, "soundscape", "POST", path, &headers, &body).status
    };
    assert_eq!(status(524_288), 202);
    assert_eq!(status(524_289), 413);
}

/// One request over a real connection: status line and body.
async fn over_the_wire(address: std::net::SocketAddr, request: &str) -> (String, String) {
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).await.unwrap();
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    (head.lines().next().unwrap().to_owned(), body.to_owned())
}

fn post(path: &str, content_type: &str, body: &str) -> String {
    format!(
        "POST {path} HTTP/1.0\r\nHost: localhost\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

#[tokio::test]
async fn the_routes_reach_services_and_control() {
    let (fleet, _) = fleet();
    let app = axum::Router::new().nest("/practice", router(fleet.clone()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(async move { axum::serve(listener, app).await });
    let read = async |path: &str| {
        let request = format!("GET /practice{path} HTTP/1.0\r\nHost: localhost\r\n\r\n");
        over_the_wire(address, &request).await
    };

    assert!(read("/soundlab/healthz").await.0.contains("200"));
    assert!(read("/nexus/").await.1.contains("MetaDJ Nexus"));
    assert!(read("/nexus").await.0.contains("200"));
    let (status, body) = read("/nobody/healthz").await;
    assert!(status.contains("404") && body.contains("soundscape"), "{body}");
    let (_, body) = read("/_control").await;
    let state: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(state["services"].as_array().unwrap().len(), 5);

    let order = "{\"service\":\"soundlab\",\"fault\":\"not-ready\"}";
    let json = "application/json";
    let request = post("/practice/_control/break", json, order);
    let (status, body) = over_the_wire(address, &request).await;
    assert!(status.contains("200") && body.contains("\"healthy\":false"), "{body}");
    assert!(read("/soundlab/readyz").await.0.contains("503"));

    let request = post("/practice/_control/heal", json, "{\"service\":\"soundlab\"}");
    assert!(over_the_wire(address, &request).await.0.contains("200"));
    assert!(read("/soundlab/readyz").await.0.contains("200"));

    // A form of another site can send plain text, and only that.
    let request = post("/practice/_control/break", "text/plain", order);
    assert!(over_the_wire(address, &request).await.0.contains("415"));
    let wrong = "{\"service\":\"soundlab\",\"fault\":\"gremlins\"}";
    let request = post("/practice/_control/break", json, wrong);
    let (status, body) = over_the_wire(address, &request).await;
    assert!(status.contains("404") && body.contains("gremlins"), "{body}");

    let order = "{\"service\":\"soundlab\",\"tool\":\"compose\",\"words\":[\"up\"]}";
    let (status, body) = over_the_wire(address, &post("/practice/_control/tool", json, order)).await;
    assert!(
        status.contains("200") && body.contains("\"code\":1"),
        "a tool's failure is no HTTP error: {body}"
    );
    let (status, _) = over_the_wire(address, &post("/practice/_control/tool", "text/plain", order)).await;
    assert!(status.contains("415"), "{status}");
    let order = "{\"tool\":\"podman\",\"words\":[\"tag\"]}";
    let (status, body) = over_the_wire(address, &post("/practice/_control/tool", json, order)).await;
    assert!(status.contains("404") && body.contains("podman"), "{body}");
    assert!(fleet.state().iter().all(|service| service.healthy));
    server.abort();
}
