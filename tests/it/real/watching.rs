//! A real Prometheus that scrapes the practice services, and Muster that asks it.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use muster::model::house::House;
use muster::model::labels::Fingerprint;
use muster::model::runbook::StepName;
use muster::model::watch::{Condition, Query, Source, Watch};
use serde_json::Value;
use tempfile::TempDir;

use super::redis::until;
use crate::support::app::App;
use crate::support::soon;

/// A port that nobody listens on now.
fn port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A running `prometheus` on loopback. It ends with the test.
struct RealPrometheus {
    child: Child,
    _folder: TempDir,
}

impl RealPrometheus {
    /// Starts one that scrapes these services of a sandbox twice a second, and waits until it answers.
    fn start(port: u16, sandbox: &str, services: &[&str]) -> RealPrometheus {
        let host = sandbox.trim_start_matches("http://");
        let jobs: String = services
            .iter()
            .map(|name| {
                format!(
                    "  - job_name: {name}\n    metrics_path: /practice/{name}/metrics\n    static_configs:\n      - targets: [\"{host}\"]\n"
                )
            })
            .collect();
        let config =
            format!("global:\n  scrape_interval: 500ms\n  scrape_timeout: 400ms\nscrape_configs:\n{jobs}");
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("prometheus.yml"), config).unwrap();
        let child = Command::new("prometheus")
            .arg("--config.file=prometheus.yml")
            .arg("--storage.tsdb.path=data")
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("prometheus can be started; tests/run installs it");
        until("prometheus to listen", || TcpStream::connect(("127.0.0.1", port)).ok());
        RealPrometheus { child, _folder: folder }
    }

    fn end(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for RealPrometheus {
    fn drop(&mut self) {
        self.end();
    }
}

/// What a query gives; null while it is not ready for any.
async fn ask(port: u16, query: &str) -> Value {
    let url = format!("http://127.0.0.1:{port}/api/v1/query");
    let url = reqwest::Url::parse_with_params(&url, [("query", query)]).unwrap();
    reqwest::get(url).await.unwrap().json().await.unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_query_of_the_runbooks_is_answered_by_a_real_prometheus() {
    let app = App::in_real_time(|_| {}).await;
    let port = port();
    let all = ["soundscape", "soundfoundry", "astradio"];
    let address = app.sandbox.api_url();
    let start = move || RealPrometheus::start(port, &address, &all);
    let _prometheus = tokio::task::spawn_blocking(start).await.unwrap();
    let house = app.house();
    let queries: Vec<(String, &Query)> = all
        .iter()
        .flat_map(|service| house.runbook(service).unwrap().watches.iter().map(move |w| (service, w)))
        .flat_map(|(service, watch)| watch.queries().map(move |q| (format!("{service}/{}", watch.name), q)))
        .collect();
    assert!(queries.len() >= 20, "{}", queries.len());
    for (rule, query) in queries {
        let answered = async {
            loop {
                let answer = ask(port, &query.asked).await;
                assert!(answer.is_null() || answer["status"] == "success", "{rule}: {answer}");
                if answer["data"]["result"].as_array().is_some_and(|all| !all.is_empty()) {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        soon(&format!("{rule} to be measured: {query}"), answered).await;
    }
    app.settled().await;
}

/// SF-6 in seconds instead of minutes, asked of this Prometheus.
fn in_seconds(port: u16) -> impl FnOnce(&mut House) {
    move |house: &mut House| {
        house.settings.watch.off = false;
        house.settings.watch.every = Duration::from_millis(500);
        house.settings.watch.prometheus = Some(format!("http://127.0.0.1:{port}"));
        for (name, book) in &mut house.runbooks {
            book.watches.retain(|w| name == "soundfoundry" && w.name.as_str() == "errors");
            for rule in &mut book.watches {
                let Source::State(Condition::Query(query)) = &rule.source else { panic!("a query") };
                let quick = Query::new(&query.text.replace("[5m]", "[4s]")).unwrap();
                rule.source = Source::State(Condition::Query(quick));
                rule.holds = Some(Duration::from_secs(1));
            }
        }
    }
}

async fn fires(app: &App) -> bool {
    let name: StepName = "errors".parse().unwrap();
    let (fingerprint, _): (Fingerprint, _) = Watch::fingerprints("soundfoundry", &name);
    let look = move |state: &muster::core::state::State, _: &House| {
        state.alerts.live.get(&fingerprint).is_some_and(|alert| alert.fires())
    };
    app.bot().engine().read(look).await.unwrap()
}

async fn until_fires(app: &App, wanted: bool) {
    let becomes = async {
        let mut looks = app.bot().looks();
        while fires(app).await != wanted {
            looks.changed().await.unwrap();
        }
    };
    soon(&format!("the alert to fire: {wanted}"), becomes).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_asks_a_real_prometheus_and_one_that_is_gone_ends_nothing() {
    let port = port();
    let app = App::in_real_time(in_seconds(port)).await;
    let address = app.sandbox.api_url();
    let start = move || RealPrometheus::start(port, &address, &["soundfoundry"]);
    let mut prometheus = tokio::task::spawn_blocking(start).await.unwrap();
    let known = |known: bool| {
        let mut looks = app.bot().looks();
        async move {
            let is = |all: &muster::runner::watch::Looks| {
                all.get("soundfoundry/errors").is_some_and(|look| look.unknown.is_none() == known)
            };
            soon("a look", looks.wait_for(is)).await.map(drop).expect("Muster looks");
        }
    };
    known(true).await;
    assert!(!fires(&app).await, "all is well");
    app.sandbox.fleet().break_it("soundfoundry", "errors").unwrap();
    until_fires(&app, true).await;
    tokio::task::block_in_place(|| prometheus.end());
    known(false).await;
    app.sandbox.fleet().heal("soundfoundry", None).unwrap();
    assert!(fires(&app).await, "that nothing is known ends nothing");
    let address = app.sandbox.api_url();
    let start = move || RealPrometheus::start(port, &address, &["soundfoundry"]);
    let _prometheus = tokio::task::spawn_blocking(start).await.unwrap();
    until_fires(&app, false).await;
    app.settled().await;
}
