//! Debian's Prometheus, which takes Muster for its Alertmanager: what fires is a card, what fires on
//! is nothing new, what is over says so, and either side may be killed meanwhile.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::routing::get;
use muster::model::intake::{Kind, Source};
use muster::sandbox::practice::soundfoundry;
use muster::sandbox::world::seed;
use serde_json::json;
use tempfile::TempDir;

use super::server::{RealServer, free_port};
use crate::intake::{Sender, source};
use crate::support::app::App;
use crate::support::soon;

/// A service with one figure: whether it is broken.
async fn service(broken: Arc<AtomicBool>) -> SocketAddr {
    let page = move || {
        let broken = broken.clone();
        async move { format!("relay_broken {}\n", u8::from(broken.load(Ordering::SeqCst))) }
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    let router = axum::Router::new().route("/metrics", get(page));
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

/// Starts a Prometheus that looks at the service each second, and says each second what fires.
fn prometheus(folder: &Path, service: SocketAddr, muster: SocketAddr) -> RealServer {
    let config = json!({
        "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
        "scrape_configs": [{"job_name": "relay", "static_configs": [{"targets": [service.to_string()]}]}],
        "rule_files": ["rules.yml"],
        "alerting": {"alertmanagers": [{
            "path_prefix": "/in/prometheus",
            "basic_auth": {"username": "prometheus", "password": soundfoundry::USER_TOKEN},
            "static_configs": [{"targets": [muster.to_string()]}],
        }]},
    });
    let rules = json!({"groups": [{"name": "relay", "rules": [{
        "alert": "RelayBroken", "expr": "relay_broken == 1", "for": "0s",
        "labels": {"severity": "warning"}, "annotations": {"summary": "the relay is broken"},
    }]}]});
    // JSON is YAML.
    std::fs::write(folder.join("prometheus.yml"), config.to_string()).unwrap();
    std::fs::write(folder.join("rules.yml"), rules.to_string()).unwrap();
    RealServer::start("prometheus", folder, |port| {
        let listen = format!("--web.listen-address=127.0.0.1:{port}");
        let own =
            ["--config.file=prometheus.yml", "--storage.tsdb.path=data", "--rules.alert.resend-delay=1s"];
        own.map(str::to_owned).into_iter().chain([listen]).collect()
    })
}

struct Scene {
    app: App,
    broken: Arc<AtomicBool>,
    service: SocketAddr,
    prometheus: RealServer,
    folder: TempDir,
}

impl Scene {
    async fn open() -> Scene {
        // The same port after a restart: Prometheus knows no other.
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let secret = Some("SOUNDFOUNDRY_TOKEN".to_owned());
        let app = App::in_real_time(|house| {
            house.settings.intake.listen = Some(listen);
            // What was not heard since a restart has so long to be said again.
            house.settings.alerting.resolve_timeout = Duration::from_secs(10);
            let name = "prometheus".to_owned();
            house.settings.intake.sources =
                vec![Source { name, secret, open: false, ..source(Kind::Alertmanager) }];
        })
        .await;
        let broken = Arc::new(AtomicBool::new(true));
        let service = service(broken.clone()).await;
        let folder = tempfile::tempdir().unwrap();
        let prometheus = Scene::prometheus(&folder, service, listen).await;
        Scene { app, broken, service, prometheus, folder }
    }

    async fn prometheus(folder: &TempDir, service: SocketAddr, muster: SocketAddr) -> RealServer {
        let folder = folder.path().to_owned();
        let started = tokio::task::spawn_blocking(move || prometheus(&folder, service, muster));
        started.await.expect("it starts")
    }

    /// How many alerts were taken in, renewals included.
    async fn received(&self) -> u64 {
        let page = Sender::to(&self.app).get("/metrics").await.body;
        let line = page.lines().find_map(|l| {
            l.strip_prefix("muster_alerts_received_total{source=\"prometheus\"} ")?.parse().ok()
        });
        line.unwrap_or_default()
    }

    /// Waits until so many more came.
    async fn renewed(&self, more: u64) {
        let before = self.received().await;
        let came = async {
            while self.received().await < before + more {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        soon("Prometheus to say it again", came).await;
    }

    /// The newest commit: asked of the engine, which tells of its head a moment after its outbox.
    async fn commits(&self) -> u64 {
        self.app.bot().engine().read(|state, _| state.head.0).await.expect("it runs")
    }

    /// What was committed since.
    fn since(&self, seq: u64) -> Vec<String> {
        let reader = self.app.bot().engine().journal().expect("it runs");
        let all = reader.from(muster::model::ids::Seq(seq + 1));
        all.map(|c| serde_json::to_string(&c.expect("a commit")).expect("JSON")).collect()
    }

    fn cards(&self) -> usize {
        self.app.count(seed::ALERTS, &["the relay is broken", "Status"])
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_says_again_is_no_commit_and_what_is_over_says_so() {
    let scene = Scene::open().await;
    let card = scene.app.message(seed::ALERTS, &["the relay is broken", "Firing"]).await;
    scene.app.settled().await;
    let before = scene.commits().await;
    scene.renewed(6).await;
    assert_eq!(scene.since(before), [""; 0], "that it still fires is no history");
    scene.broken.store(false, Ordering::SeqCst);
    let over = scene.app.message(seed::ALERTS, &["the relay is broken", "Over"]).await;
    assert_eq!(over.id, card.id, "the same card");
    scene.app.settled().await;
    assert_eq!(scene.cards(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn either_side_may_be_away_for_a_while() {
    let mut scene = Scene::open().await;
    scene.app.message(seed::ALERTS, &["the relay is broken", "Firing"]).await;
    scene.app.settled().await;
    let address = scene.app.bot().watch().intake.expect("it listens");

    // Muster is away, and knows of the last renewal no more: nothing is over for that.
    scene.app.stop_bot().await;
    scene.app.start_bot().await;
    let firing = Sender::to(&scene.app).get("/metrics").await.body;
    assert!(firing.contains("muster_alerts_firing 1\n"), "{firing}");
    let before = scene.commits().await;
    scene.renewed(2).await;
    scene.app.settled().await;
    assert_eq!(scene.since(before), [""; 0], "it still fires, and nobody is told anew");
    assert_eq!(scene.app.count(seed::ALERTS, &["the relay is broken", "Over"]), 0);

    // Prometheus is away: what it does not say again is over by itself, and back with it.
    scene.prometheus.kill();
    let over = scene.app.message(seed::ALERTS, &["the relay is broken", "Over"]).await;
    scene.prometheus = Scene::prometheus(&scene.folder, scene.service, address).await;
    let back = scene.app.message(seed::ALERTS, &["the relay is broken", "Firing"]).await;
    assert_eq!(over.id, back.id, "the same card");
    scene.broken.store(false, Ordering::SeqCst);
    scene.app.message(seed::ALERTS, &["the relay is broken", "Over"]).await;
    scene.app.settled().await;
    assert_eq!(scene.cards(), 1);
}
