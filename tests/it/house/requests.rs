//! What the runner sends: that no value can change a request or an expectation, where it does
//! not go, and how long and how much it takes.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use muster::house::runbook_of;
use muster::model::check::{Finding, Verdict};
use muster::runner::HttpRunner;

/// A request as it came.
#[derive(Clone, Debug, PartialEq)]
struct Seen {
    method: String,
    uri: String,
    headers: Vec<(String, String)>,
    body: String,
}

type Log = Arc<Mutex<Vec<Seen>>>;

/// A service that writes down what it is asked and answers by its path.
async fn service() -> (String, Log) {
    let log = Log::default();
    let app = Router::new().fallback(answer).with_state(log.clone());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, app).await });
    (address, log)
}

async fn answer(State(log): State<Log>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let body = axum::body::to_bytes(body, 1 << 20).await.unwrap_or_default();
    let headers = parts.headers.iter();
    log.lock().unwrap().push(Seen {
        method: parts.method.to_string(),
        uri: parts.uri.to_string(),
        headers: headers
            .map(|(n, v)| (n.to_string(), String::from_utf8_lossy(v.as_bytes()).into_owned()))
            .collect(),
        body: String::from_utf8_lossy(&body).into_owned(),
    });
    match parts.uri.path() {
        "/moved" => (StatusCode::FOUND, [(header::LOCATION, "/elsewhere")]).into_response(),
        "/never" => std::future::pending().await,
        "/huge" => vec![b'x'; 2 << 20].into_response(),
        "/endless" => {
            let chunk = || Ok::<_, std::io::Error>(vec![b'x'; 65536]);
            let chunks = futures_util::stream::repeat_with(chunk);
            Body::from_stream(chunks).into_response()
        }
        "/json" => axum::Json(serde_json::json!({
            "version": "1\" == \"1", "n": 3, "f": 0.5, "empty": [], "list": [1, 2], "yes": true, "null": null
        }))
        .into_response(),
        _ => "ok".into_response(),
    }
}

/// Asks one http step, written below a runbook that has the vars `base` and `v`.
async fn ask(http: &str, base: &str, v: &str) -> Finding {
    let text = format!("---\nrunbook: 1\nvars: [base, v]\n---\n# Lab\n```http {{name=a}}\n{http}\n```\n");
    let book = runbook_of("lab", "lab.md", &text).unwrap();
    let vars = BTreeMap::from([("base".to_owned(), base.to_owned()), ("v".to_owned(), v.to_owned())]);
    HttpRunner::new().unwrap().probe(&book, &"a".parse().unwrap(), &vars).await
}

fn got(finding: &Finding) -> &str {
    match &finding.verdict {
        Verdict::Passed { got } | Verdict::Failed { got } => got,
        Verdict::Broke { why } => why,
    }
}

/// Tricks that have worked somewhere: quotes, line ends, spaces, separators, escapes, our own
/// braces; and every single byte that is a character.
fn tricks() -> Vec<String> {
    let mut all: Vec<String> = [
        "\"",
        "' or 1",
        "\"}, \"admin\": true, {\"",
        "a\r\nX-Evil: 1",
        "a\nHTTP 200",
        "a b",
        "../../etc",
        "..",
        ".",
        "%2e%2e",
        "%0d%0a",
        "?x=1",
        "&x=1",
        "#f",
        "/",
        "//evil.example/",
        "@evil.example",
        "\\",
        "{{base}}",
        "{{v}}",
        "\u{0}",
        "é",
        "🔥",
        "\u{202e}",
        "-",
        "",
        " ",
        "null",
        "true",
        "1e999",
        "[1]",
        "{\"a\":1}",
        ";x",
        "$.n",
        ".*",
        "\u{2028}",
        "+",
    ]
    .map(str::to_owned)
    .to_vec();
    all.extend((0u8..128).map(|b| char::from(b).to_string()));
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn no_value_changes_the_request_that_it_stands_in() {
    let (base, log) = service().await;
    let http = "#| rerun: safe\nPOST {{base}}/a/{{v}}/b?q={{v}}&r=1\nX-Value: {{v}}\n[Query]\ns: {{v}}\n{\"t\": \"{{v}}\", \"w\": {{v}}, \"z\": 1}\nHTTP 200";
    let mut sent = 0;
    for v in tricks() {
        let finding = ask(http, &base, &v).await;
        let seen: Vec<Seen> = std::mem::take(&mut *log.lock().unwrap());
        if matches!(finding.verdict, Verdict::Broke { .. }) {
            // A value that cannot stand there is refused before anything is sent.
            assert!(seen.is_empty(), "{v:?}: {seen:?}");
            continue;
        }
        sent += 1;
        let [seen] = seen.as_slice() else { panic!("{v:?}: {seen:?}") };
        let (path, query) = seen.uri.split_once('?').unwrap();
        assert_eq!(path.matches('/').count(), 3, "{v:?}: {path}");
        assert!(path.starts_with("/a/") && path.ends_with("/b"), "{v:?}: {path}");
        let keys: Vec<&str> = query.split('&').map(|p| p.split('=').next().unwrap()).collect();
        assert_eq!(keys, ["q", "r", "s"], "{v:?}: {query}");
        let ours: Vec<&str> =
            seen.headers.iter().filter(|(n, _)| n.starts_with("x-")).map(|(n, _)| n.as_str()).collect();
        assert_eq!(ours, ["x-value"], "{v:?}");
        let body: serde_json::Value = serde_json::from_str(&seen.body).unwrap();
        assert_eq!(body["t"], serde_json::json!(v));
        assert_eq!(body["z"], 1);
        assert_eq!(body.as_object().unwrap().len(), 3);
        assert!(!body["w"].is_object() && !body["w"].is_array(), "{v:?}");
    }
    assert!(sent > 80, "only {sent} values were sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_value_changes_what_is_expected() {
    let (base, _) = service().await;
    for v in tricks() {
        let http = "GET {{base}}/json\nHTTP 200\n[Asserts]\njsonpath \"$.version\" == \"{{v}}\"";
        let finding = ask(http, &base, &v).await;
        assert!(matches!(finding.verdict, Verdict::Failed { .. }), "{v:?}: {finding:?}");
        let finding = ask(&http.replace("==", "!="), &base, &v).await;
        assert!(finding.verdict.passed(), "{v:?}: {finding:?}");
    }
    let http = "GET {{base}}/json\nHTTP 200\n[Asserts]\njsonpath \"$.version\" == \"{{v}}\"";
    assert!(ask(http, &base, "1\" == \"1").await.verdict.passed());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_expectation_can_hold_and_can_fail() {
    let (base, _) = service().await;
    for (holds, fails) in [
        ("status == 200", "status == 201"),
        ("jsonpath \"$.n\" == 3", "jsonpath \"$.n\" == \"3\""),
        ("jsonpath \"$.n\" == 3.0", "jsonpath \"$.n\" != 3"),
        ("jsonpath \"$.n\" < 4", "jsonpath \"$.n\" < 3"),
        ("jsonpath \"$.n\" <= 3", "jsonpath \"$.n\" <= 2"),
        ("jsonpath \"$.n\" > {{v}}", "jsonpath \"$.n\" < {{v}}"),
        ("jsonpath \"$.n\" >= 3", "jsonpath \"$.n\" >= 4"),
        ("jsonpath \"$.n\" isInteger", "jsonpath \"$.f\" isInteger"),
        ("jsonpath \"$.f\" isFloat", "jsonpath \"$.n\" isFloat"),
        ("jsonpath \"$.f\" isNumber", "jsonpath \"$.version\" isNumber"),
        ("jsonpath \"$.version\" isString", "jsonpath \"$.n\" isString"),
        ("jsonpath \"$.yes\" isBoolean", "jsonpath \"$.null\" isBoolean"),
        ("jsonpath \"$.list\" isCollection", "jsonpath \"$.n\" isCollection"),
        ("jsonpath \"$.empty\" isEmpty", "jsonpath \"$.list\" isEmpty"),
        ("jsonpath \"$.yes\" == true", "jsonpath \"$.yes\" == \"true\""),
        ("jsonpath \"$.null\" == null", "jsonpath \"$.gone\" == null"),
        ("jsonpath \"$.null\" exists", "jsonpath \"$.gone\" exists"),
        ("jsonpath \"$.gone\" not exists", "jsonpath \"$.n\" not exists"),
        ("jsonpath \"$.list\" contains 2", "jsonpath \"$.list\" contains 3"),
        ("jsonpath \"$.list\" count == 2", "jsonpath \"$.list[*]\" count == 1"),
        ("jsonpath \"$.*\" count > 6", "jsonpath \"$.gone\" count == 0"),
        ("jsonpath \"$.version\" startsWith \"1\\\"\"", "jsonpath \"$.gone\" not startsWith \"1\""),
        ("jsonpath \"$.version\" endsWith \"1\"", "jsonpath \"$.version\" endsWith \"2\""),
        ("body contains \"version\"", "body contains \"verzion\""),
        ("body matches /\"n\":\\s*3/", "body matches /^n/"),
        ("body not contains \"verzion\"", "body not contains \"version\""),
        ("header \"Content-Type\" == \"application/json\"", "header \"X-None\" != \"x\""),
        ("duration < 9000", "duration < 0"),
    ] {
        let http = |assert| format!("GET {{{{base}}}}/json\nHTTP 200\n[Asserts]\n{assert}");
        let (good, bad) = (ask(&http(holds), &base, "2").await, ask(&http(fails), &base, "2").await);
        assert!(good.verdict.passed(), "{holds}: {}", got(&good));
        assert!(matches!(bad.verdict, Verdict::Failed { .. }), "{fails}: {}", got(&bad));
    }
    let implied = "GET {{base}}/json\nHTTP 200\nContent-Type: text/plain";
    assert_eq!(got(&ask(implied, &base, "").await), "Content-Type: text/plain: came application/json");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_names_each_expectation_and_what_came() {
    let (base, _) = service().await;
    let http = "GET {{base}}/json\nHTTP 204\n[Asserts]\njsonpath \"$.n\" == 4 # four\njsonpath \"$.gone\" == 1\njsonpath \"$.n\" == 3";
    let finding = ask(http, &base, "").await;
    assert_eq!(
        got(&finding),
        "HTTP 200 instead of 204; jsonpath \"$.n\" == 4: came 3; jsonpath \"$.gone\" == 1: nothing is there"
    );
    assert!(finding.expected.starts_with("GET /json → HTTP 204, jsonpath"), "{}", finding.expected);
    let finding = ask("GET {{base}}/x\nHTTP 200\n[Asserts]\njsonpath \"$.n\" exists", &base, "").await;
    assert_eq!(got(&finding), "jsonpath \"$.n\" exists: the body is no JSON");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_is_shown_and_never_followed() {
    let (base, log) = service().await;
    let finding = ask("GET {{base}}/moved\nHTTP 200", &base, "").await;
    assert_eq!(got(&finding), "HTTP 302 instead of 200");
    assert_eq!(log.lock().unwrap().len(), 1);
    assert!(ask("GET {{base}}/moved\nHTTP 302\nLocation: /elsewhere", &base, "").await.verdict.passed());
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_addresses_are_not_reached_in_any_spelling() {
    for base in [
        "http://169.254.169.254",
        "http://[::ffff:169.254.169.254]",
        "http://2852039166",
        "http://0xa9fea9fe",
        "http://169.254.43518",
        "http://[fe80::1]",
        "http://0.0.0.0:1",
    ] {
        let finding = ask("GET {{base}}/latest\nHTTP 200", base, "").await;
        assert!(got(&finding).contains("must not reach"), "{base}: {}", got(&finding));
    }
    for base in ["ftp://x", "http://u:p@x", "http://x?y", "http://x#y", "x", "http://a b", "http://x\\@y", ""]
    {
        let finding = ask("GET {{base}}/latest\nHTTP 200", base, "").await;
        assert!(got(&finding).contains("`base`"), "{base}: {}", got(&finding));
        assert!(!got(&finding).contains("u:p"), "what may be a password is not shown");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_leads_to_loopback_is_reached() {
    let (base, _) = service().await;
    let base = base.replace("127.0.0.1", "localhost");
    let finding = ask("GET {{base}}/x\nHTTP 200", &base, "").await;
    assert!(finding.verdict.passed(), "{}", got(&finding));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_never_comes_or_never_ends_is_given_up() {
    let (base, _) = service().await;
    let finding = ask("#| timeout: 50ms\nGET {{base}}/never\nHTTP 200", &base, "").await;
    assert_eq!(got(&finding), "no answer in 50 ms");
    assert!(matches!(finding.verdict, Verdict::Broke { .. }));
    for path in ["huge", "endless"] {
        let finding = ask(&format!("GET {{{{base}}}}/{path}\nHTTP 200"), &base, "").await;
        assert!(finding.verdict.passed(), "the status is known: {}", got(&finding));
        let finding =
            ask(&format!("GET {{{{base}}}}/{path}\nHTTP 200\n[Asserts]\nbody contains \"x\""), &base, "")
                .await;
        assert_eq!(got(&finding), "body contains \"x\": the body is longer than 1 MiB");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_service_is_told_without_its_address() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let finding = ask("GET {{base}}/secret-path\nHTTP 200", &base, "").await;
    assert!(matches!(finding.verdict, Verdict::Broke { .. }));
    assert!(got(&finding).starts_with("no connection"), "{}", got(&finding));
    assert!(!got(&finding).contains("secret-path"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_sends_only_what_changes_nothing() {
    let (base, log) = service().await;
    for head in [
        "POST {{base}}/x",
        "DELETE {{base}}/x",
        "#| secrets: [T]\nGET {{base}}/x",
        "#| times: 3\n#| tally: {2xx: 3}\nGET {{base}}/x",
    ] {
        let finding = ask(&format!("{head}\nHTTP 200"), &base, "").await;
        assert!(got(&finding).starts_with("a health check"), "{head}: {}", got(&finding));
    }
    assert!(log.lock().unwrap().is_empty());
    for head in ["HEAD {{base}}/x", "#| rerun: safe\nPOST {{base}}/x"] {
        assert!(ask(&format!("{head}\nHTTP 200"), &base, "").await.verdict.passed(), "{head}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_var_that_nobody_set_is_named() {
    let text = "---\nrunbook: 1\nvars: [base]\n---\n# Lab\n```http {name=a}\nGET {{base}}/\nHTTP 200\n```\n";
    let book = runbook_of("lab", "lab.md", text).unwrap();
    let runner = HttpRunner::new().unwrap();
    let finding = runner.probe(&book, &"a".parse().unwrap(), &BTreeMap::new()).await;
    assert!(got(&finding).starts_with("`base` has no value: set it in muster.toml"), "{}", got(&finding));
    let finding = runner.probe(&book, &"b".parse().unwrap(), &BTreeMap::new()).await;
    assert!(got(&finding).contains("no such step any more"));
    assert_eq!(finding.millis, u64::try_from(Duration::ZERO.as_millis()).unwrap());
}
