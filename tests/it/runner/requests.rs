//! What an http step of a run sends, what it makes of the answer, and when it asks again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use muster::model::check::Verdict;
use muster::model::run::RanHow;
use muster::runner::HttpRunner;

use super::{Rig, said, soon};

/// A request as it came: method, address, headers, body.
#[derive(Clone, Debug, PartialEq)]
struct Seen {
    line: String,
    headers: BTreeMap<String, String>,
    body: String,
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<Seen>>>);

impl Log {
    fn all(&self) -> Vec<Seen> {
        self.0.lock().unwrap().clone()
    }

    fn lines(&self) -> Vec<String> {
        self.all().into_iter().map(|s| s.line).collect()
    }
}

/// A service that writes down what it is asked and answers by its path.
async fn service() -> (String, Log) {
    let log = Log::default();
    let app = Router::new().fallback(answer).with_state(log.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (base, log)
}

async fn answer(State(log): State<Log>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap_or_default();
    let n = {
        let mut all = log.0.lock().unwrap();
        all.push(Seen {
            line: format!("{} {}", parts.method, parts.uri),
            headers: parts
                .headers
                .iter()
                .map(|(n, v)| (n.to_string(), String::from_utf8_lossy(v.as_bytes()).into_owned()))
                .collect(),
            body: String::from_utf8_lossy(&body).into_owned(),
        });
        all.len()
    };
    let text = |status, text: String| (status, text).into_response();
    match parts.uri.path() {
        "/moved" => (StatusCode::FOUND, [(header::LOCATION, "http://localhost:1/other")]).into_response(),
        "/never" => std::future::pending().await,
        "/third" if n < 3 => text(StatusCode::SERVICE_UNAVAILABLE, "not yet".into()),
        "/down" => text(StatusCode::SERVICE_UNAVAILABLE, format!("{}tail", "down\n".repeat(2000))),
        "/limited" if n > 30 => StatusCode::TOO_MANY_REQUESTS.into_response(),
        "/echo" => text(StatusCode::INTERNAL_SERVER_ERROR, format!("{:?}", parts.headers)),
        "/tricky" => axum::Json(serde_json::json!({
            "v": "1\" == \"1\r\nHost: evil.example\r\nX-Evil: {{base}}&a=b#/../'$(id)", "n": 3, "list": [1, "a"],
            "nothing": null, "long": "x".repeat(5000),
        }))
        .into_response(),
        _ => "ok".into_response(),
    }
}

fn http(options: &str, text: &str) -> String {
    format!("```http {{name=a}}\n{options}{text}\n```")
}

#[tokio::test]
async fn a_captured_value_changes_neither_a_request_nor_an_expectation() {
    let (base, log) = service().await;
    let rig = Rig::new();
    let text = "GET {{base}}/tricky\nHTTP 200\n[Captures]\nv: jsonpath \"$.v\"\nn: jsonpath \"$.n\"\n\
        list: jsonpath \"$.list\"\ns: status";
    let ran = rig.run(&http("", text), &[("base", &base)]).await;
    let v = "1\" == \"1\r\nHost: evil.example\r\nX-Evil: {{base}}&a=b#/../'$(id)";
    let wanted = [("list", "[1,\"a\"]"), ("n", "3"), ("s", "200"), ("v", v)];
    assert_eq!(ran.captures, wanted.map(|(n, v)| (n.to_owned(), v.to_owned())).into(), "{ran:?}");

    // Into the path, the query, the body and an assertion: one part each time.
    let text = "POST {{base}}/x/{{v}}?q={{v}}\n{\"a\": \"{{v}}\", \"b\": {{v}}, \"c\": 1}\nHTTP 200\n\
        [Asserts]\nbody != \"{{v}}\"\nbody == \"ok\"";
    let mut job = rig.job(&http("", text), &[("base", &base), ("v", v)]);
    job.id.seq.0 = 12;
    let ran = rig.deliver(&job).await;
    assert_eq!(ran.how, RanHow::Passed { got: "HTTP 200".into() }, "{ran:?}");
    let seen = log.all().pop().unwrap();
    let path = seen.line.strip_prefix("POST /x/").unwrap();
    assert_eq!(path.matches(['/', '&', '#', '?', ' ', '"']).collect::<Vec<_>>(), ["?"], "{}", seen.line);
    assert!(base.ends_with(&seen.headers["host"]) && !seen.headers.contains_key("x-evil"), "{seen:?}");
    let body: serde_json::Value = serde_json::from_str(&seen.body).unwrap();
    assert_eq!(body, serde_json::json!({"a": v, "b": v, "c": 1}));

    // A header cannot hold it, and says so.
    let mut job = rig.job(&http("", "GET {{base}}/\nX-V: {{v}}\nHTTP 200"), &[("base", &base), ("v", v)]);
    job.id.seq.0 = 13;
    let ran = rig.deliver(&job).await;
    assert!(matches!(&ran.how, RanHow::Broke { why } if why.contains("header X-V")), "{ran:?}");

    // An expectation that is false stays false.
    let text = "GET {{base}}/\nHTTP 200\n[Asserts]\nbody == \"{{v}}\"";
    let mut job = rig.job(&http("", text), &[("base", &base), ("v", "no\" or body == \"ok")]);
    job.id.seq.0 = 14;
    assert!(matches!(rig.deliver(&job).await.how, RanHow::Failed { .. }));
}

#[tokio::test]
async fn what_is_not_there_is_not_captured() {
    let (base, _) = service().await;
    for (what, why) in [
        ("jsonpath \"$.no\"", "`x` is not captured: nothing is there"),
        ("jsonpath \"$.nothing\"", "`x` is not captured: nothing is there"),
        ("header \"X-No\"", "`x` is not captured: nothing is there"),
        ("jsonpath \"$.long\"", "`x` is not captured: it is longer than 4 KiB; capture a part of it"),
    ] {
        let text = format!("GET {{{{base}}}}/tricky\nHTTP 200\n[Captures]\nx: {what}");
        let ran = Rig::new().run(&http("", &text), &[("base", &base)]).await;
        assert_eq!(ran.how, RanHow::Failed { why: why.into() });
        assert!(ran.captures.is_empty());
    }
}

#[tokio::test]
async fn a_name_that_no_earlier_step_captured_says_so() {
    let (base, log) = service().await;
    let rig = Rig::new();
    let mut job = rig.job(&http("", "GET {{base}}/{{id}}\nHTTP 200"), &[("base", &base), ("id", "1")]);
    job.step.as_mut().unwrap().values.remove("id");
    let ran = rig.deliver(&job).await;
    assert!(
        matches!(&ran.how, RanHow::Broke { why } if why.contains("earlier step that captures it")),
        "{ran:?}"
    );
    assert!(log.all().is_empty());
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_a_metadata_address_is_never_asked() {
    let (base, log) = service().await;
    let ran = Rig::new().run(&http("", "GET {{base}}/moved\nHTTP 200"), &[("base", &base)]).await;
    assert_eq!(ran.how, RanHow::Failed { why: "HTTP 302 instead of 200".into() });
    assert_eq!(log.lines(), ["GET /moved"]);
    for host in ["169.254.169.254", "[fe80::1]", "[::ffff:169.254.169.254]", "0xA9FEA9FE"] {
        let base = format!("http://{host}");
        let ran = Rig::new().run(&http("", "GET {{base}}/latest\nHTTP *"), &[("base", &base)]).await;
        assert!(
            matches!(&ran.how, RanHow::Broke { why } if why.contains("must not reach")),
            "{host}: {ran:?}"
        );
    }
}

#[tokio::test]
async fn it_asks_again_until_it_passes_or_its_time_is_over() {
    let (base, log) = service().await;
    let rig = Rig::new();
    let poll = "#| poll: {every: 250ms, for: 20s}\n";
    let job = rig.job(&http(poll, "GET {{base}}/third\nHTTP 200"), &[("base", &base)]);
    let attempt = rig.begin(&job);
    rig.shown(|t| t == "asked 2 times: HTTP 503 instead of 200").await;
    soon("the pass", attempt).await.unwrap();
    assert_eq!(rig.deliver(&job).await.how, RanHow::Passed { got: "HTTP 200".into() });
    assert_eq!(log.lines().len(), 3);

    let poll = "#| poll: {every: 100ms, for: 350ms}\n";
    let ran = Rig::new().run(&http(poll, "GET {{base}}/down\nHTTP 200"), &[("base", &base)]).await;
    let RanHow::Failed { why } = &ran.how else { panic!("{ran:?}") };
    assert!(why.starts_with("asked ") && why.ends_with("in 350 ms: HTTP 503 instead of 200"), "{why}");
    assert!(
        ran.output.head.starts_with("down\n") && ran.output.head.len() <= 4096,
        "{}",
        ran.output.head.len()
    );
    assert!(ran.output.dropped > 0 && ran.output.tail.is_empty());

    let ran = Rig::new().run(&http(poll, "GET {{base}}/never\nHTTP 200"), &[("base", &base)]).await;
    assert!(
        matches!(&ran.how, RanHow::Broke { why } if why.starts_with("asked once in 350 ms: no answer")),
        "{ran:?}"
    );
}

#[tokio::test]
async fn one_answer_has_its_time_and_the_run_has_its_own() {
    let (base, _) = service().await;
    let fence = http("#| timeout: 200ms\n", "GET {{base}}/never\nHTTP 200");
    let ran = Rig::new().run(&fence, &[("base", &base)]).await;
    assert_eq!(ran.how, RanHow::Broke { why: "no answer in 200 ms".into() });

    let rig = Rig::new();
    let poll = "#| poll: {every: 100ms, for: 10m}\n";
    let mut job = rig.job(&http(poll, "GET {{base}}/down\nHTTP 200"), &[("base", &base)]);
    job.step.as_mut().unwrap().deadline = Some(rig.clock.now().after(Duration::from_secs(60)));
    let attempt = rig.begin(&job);
    rig.shown(|t| t.starts_with("asked")).await;
    rig.clock.advance(Duration::from_secs(60));
    soon("the end", attempt).await.unwrap();
    let why = said(&rig.deliver(&job).await).to_owned();
    assert!(why.starts_with("the run's time was over") && why.contains("HTTP 503 instead of 200"), "{why}");

    let rig = Rig::new();
    let job = rig.job(&http(poll, "GET {{base}}/down\nHTTP 200"), &[("base", &base)]);
    let attempt = rig.begin(&job);
    rig.shown(|t| t.starts_with("asked")).await;
    rig.end().await;
    soon("the end", attempt).await.unwrap();
    assert_eq!(rig.deliver(&job).await.how, RanHow::Stopped);
}

#[tokio::test]
async fn a_tally_is_exact() {
    let tally = |wanted: &str| format!("#| times: 35\n#| tally: {wanted}\n");
    let (base, log) = service().await;
    let fence = http(&tally("{2xx: 30, 429: 5}"), "GET {{base}}/limited\nHTTP *");
    let ran = Rig::new().run(&fence, &[("base", &base)]).await;
    assert_eq!(ran.how, RanHow::Passed { got: "2xx 30, 429 5".into() });
    assert_eq!(log.all().len(), 35);

    let (base, _) = service().await;
    let ran =
        Rig::new().run(&http(&tally("{2xx: 30, 429: 5}"), "GET {{base}}/\nHTTP *"), &[("base", &base)]).await;
    let why = "2xx 35 instead of 30, 429 0 instead of 5 (came 200 35)";
    assert_eq!(ran.how, RanHow::Failed { why: why.into() });

    let (base, log) = service().await;
    let fence = http(&tally("{2xx: 35}"), "POST {{base}}/\nHTTP *");
    let rig = Rig::new();
    assert!(matches!(rig.run(&fence, &[("base", &base)]).await.how, RanHow::Passed { .. }));
    let keys: std::collections::BTreeSet<String> =
        log.all().iter().map(|s| s.headers["idempotency-key"].clone()).collect();
    assert_eq!(keys.len(), 35, "each is another request");
}

#[tokio::test]
async fn what_writes_carries_the_same_key_in_every_attempt() {
    let (base, log) = service().await;
    let rig = Rig::new();
    let mut job = rig.job(&http("", "POST {{base}}/\nHTTP 200"), &[("base", &base)]);
    rig.deliver(&job).await;
    job.id.seq.0 = 12;
    job.step.as_mut().unwrap().attempt = 2;
    rig.deliver(&job).await;
    let mut job = rig.job(&http("", "GET {{base}}/\nHTTP 200"), &[("base", &base)]);
    job.id.seq.0 = 13;
    rig.deliver(&job).await;
    let keys: Vec<Option<String>> =
        log.all().iter().map(|s| s.headers.get("idempotency-key").cloned()).collect();
    let key = Some(format!("{}.7.2", rig.journal));
    assert_eq!(keys, [key.clone(), key, None]);
}

#[tokio::test]
async fn a_secret_is_sent_and_never_seen() {
    let (base, log) = service().await;
    let rig = Rig::with(&[("TOKEN", "s3cret-value")]);
    let fence = |text: &str| http("#| secrets: [TOKEN]\n", text);
    let text =
        "GET {{base}}/echo\nAuthorization: Bearer {{TOKEN}}\nHTTP 200\n[Asserts]\nbody == \"{{TOKEN}}\"";
    let ran = rig.run(&fence(text), &[("base", &base)]).await;
    assert_eq!(log.all()[0].headers["authorization"], "Bearer s3cret-value");
    assert!(ran.output.head.contains("Bearer [TOKEN]"), "{ran:?}");
    assert!(!format!("{ran:?}").contains("s3cret"), "{ran:?}");

    let text = "GET {{base}}/echo\nX-A: {{TOKEN}}\nHTTP *\n[Captures]\nx: body";
    let mut job = rig.job(&fence(text), &[("base", &base)]);
    job.id.seq.0 = 12;
    let ran = rig.deliver(&job).await;
    assert!(said(&ran).starts_with("`x` would have captured the secret TOKEN"), "{ran:?}");
    assert!(ran.captures.is_empty() && matches!(ran.how, RanHow::Failed { .. }));
}

#[tokio::test]
async fn a_sentence_that_is_cut_short_holds_no_half_of_a_secret() {
    let (base, _) = service().await;
    let rig = Rig::with(&[("TOKEN", &"s3cret".repeat(12))]);
    let mut places = 0;
    // Wherever the cut falls.
    for pad in 0..80 {
        let text = format!(
            "POST {{{{base}}}}/\nX-Pad: {}\nX-T: {{{{TOKEN}}}}\nHTTP *\n[Asserts]\nheader \"X-No\" == \"{}{{{{TOKEN}}}}\"",
            "p".repeat(pad),
            "p".repeat(pad),
        );
        let mut job = rig.job(&http("#| secrets: [TOKEN]\n", &text), &[("base", &base)]);
        job.id.seq.0 = 20 + pad as u64;
        let ran = rig.deliver(&job).await;
        assert!(!format!("{ran:?}").contains("s3c"), "{ran:?}");
        places += usize::from(said(&ran).contains("[TOKEN]"));
    }
    assert!(places > 20, "it was there to be found");
}

#[tokio::test]
async fn a_dry_run_sends_only_what_reads_and_only_once() {
    let (base, log) = service().await;
    let rig = Rig::new();
    let mut seq = 100;
    let mut dry = async |fence: String| {
        let mut job = rig.job(&fence, &[("base", base.as_str()), ("id", "1")]);
        seq += 1;
        job.id.seq.0 = seq;
        let step = job.step.as_mut().unwrap();
        step.dry = true;
        step.values.remove("id");
        said(&rig.deliver(&job).await).to_owned()
    };
    assert_eq!(
        dry(http("", "GET {{base}}/version\nHTTP 200")).await,
        "GET /version → HTTP 200 (as expected)"
    );
    let poll = "#| poll: {every: 100ms, for: 10m}\n";
    assert_eq!(dry(http(poll, "GET {{base}}/down\nHTTP 200")).await, "GET /down → HTTP 503 instead of 200");
    assert_eq!(log.lines(), ["GET /version", "GET /down"]);
    assert_eq!(dry(http("", "POST {{base}}/deploy\nHTTP 200")).await, "would send POST /deploy");
    let many = "#| times: 35\n#| tally: {2xx: 35}\n";
    assert_eq!(dry(http(many, "GET {{base}}/x\nHTTP *")).await, "would send GET /x 35 times");
    let later = dry(http("", "GET {{base}}/{{id}}\nHTTP 200")).await;
    assert_eq!(later, "would send GET /{{id}}, with `id` from an earlier step");
    assert_eq!(log.lines().len(), 2);
}

#[tokio::test]
async fn a_health_check_honours_poll_and_retry() {
    let step: muster::model::runbook::StepName = "a".parse().unwrap();
    let check = async |options: &str, path: &str| {
        let (base, log) = service().await;
        let text = format!(
            "---\nrunbook: 1\nvars: [base]\n---\n# Lab\n{}\n",
            http(options, &format!("GET {{{{base}}}}{path}\nHTTP 200"))
        );
        let book = muster::house::runbook_of("lab", "lab.md", &text).unwrap();
        let vars = BTreeMap::from([("base".to_owned(), base)]);
        let finding = HttpRunner::new().unwrap().probe(&book, &step, &vars).await;
        (finding.verdict, log.all().len())
    };
    let passed = Verdict::Passed { got: "HTTP 200".into() };
    let failed = |got: &str| Verdict::Failed { got: got.into() };
    assert_eq!(check("", "/third").await, (failed("HTTP 503 instead of 200"), 1));
    assert_eq!(check("#| poll: {every: 100ms, for: 20s}\n", "/third").await, (passed.clone(), 3));
    assert_eq!(check("#| retry: {times: 2, every: 10ms}\n", "/third").await, (passed, 3));
    let said = failed("asked 2 times: HTTP 503 instead of 200");
    assert_eq!(check("#| retry: {times: 1, every: 10ms}\n", "/third").await, (said, 2));
}
