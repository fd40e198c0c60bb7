//! The auditor of a running Muster: what it finds is an alert like any other, and whoever keeps its dead
//! man's switch hears nothing meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::response::Redirect;
use muster::audit::{EVERY, Findings};
use muster::sandbox::world::seed;
use tokio::sync::watch;

use crate::support::app::App;
use crate::support::soon;

/// Whoever keeps the switch: counts how often it was asked.
async fn keeper() -> (String, Arc<AtomicU64>) {
    let asked = Arc::new(AtomicU64::new(0));
    let count = asked.clone();
    let answer = move || {
        count.fetch_add(1, Ordering::SeqCst);
        async { "OK" }
    };
    (serving(Router::new().fallback(answer)).await, asked)
}

async fn serving(app: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}/ping/secret")
}

/// Lets the auditor look again and again, until it has found just this many.
async fn until_found(app: &App, count: usize) -> Findings {
    let mut findings: watch::Receiver<Findings> = app.bot().watch().findings;
    let looks = async {
        loop {
            let now = findings.borrow_and_update().clone();
            if now.as_ref().is_some_and(|found| found.len() == count) {
                return now;
            }
            // A real moment, so that a look that is under way comes to its end.
            let _ = tokio::time::timeout(Duration::from_millis(50), findings.changed()).await;
            app.pass(EVERY);
        }
    };
    soon(&format!("{count} findings"), looks).await
}

/// Waits until the keeper was asked more often than this, and lets time pass meanwhile.
async fn until_asked(app: &App, asked: &AtomicU64, before: u64) {
    let all = async {
        while asked.load(Ordering::SeqCst) <= before {
            tokio::time::sleep(Duration::from_millis(20)).await;
            app.pass(EVERY);
        }
    };
    soon("the switch to be asked", all).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_nearly_full_is_an_alert_and_silences_the_switch() {
    let (address, asked) = keeper().await;
    let mut app = App::with(|house| house.oncall.audit.dead_mans_switch = Some(address)).await;
    app.look_after();
    until_found(&app, 0).await;
    until_asked(&app, &asked, 0).await;

    let mut full = app.house();
    full.oncall.audit.disk = Some(u64::MAX);
    app.bot().reloader().reload(full).await;
    let found = until_found(&app, 1).await.unwrap_or_default();
    assert!(found[0].to_string().contains("Make room"), "{}", found[0]);
    app.message(seed::ALERTS, &["ALR-1", "P2", "are free for Muster's data"]).await;

    // Minutes later it is still full: nobody was told that all is well, and the alert is one.
    let before = asked.load(Ordering::SeqCst);
    for _ in 0..12 {
        app.pass(EVERY);
        until_found(&app, 1).await;
    }
    app.settled_in_time().await;
    assert_eq!(asked.load(Ordering::SeqCst), before, "the switch hears that all is well");
    assert_eq!(app.count(seed::ALERTS, &["ALR-2"]), 0, "the same is told twice");

    app.bot().reloader().reload(app.house()).await;
    until_found(&app, 0).await;
    app.message(seed::ALERTS, &["ALR-1", "Over"]).await;
    until_asked(&app, &asked, before).await;
    app.settled_in_time().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_switch_leads_to_no_other_host_and_a_dead_keeper_harms_nothing() {
    let (elsewhere, asked) = keeper().await;
    // Another name is another host.
    let target = elsewhere.replace("127.0.0.1", "localhost");
    let hops = Arc::new(AtomicU64::new(0));
    let count = hops.clone();
    let address = serving(Router::new().fallback(move || {
        count.fetch_add(1, Ordering::SeqCst);
        let target = target.clone();
        async move { Redirect::temporary(&target) }
    }))
    .await;
    let mut app = App::with(|house| house.oncall.audit.dead_mans_switch = Some(address)).await;
    app.look_after();
    until_asked(&app, &hops, 1).await;
    assert_eq!(asked.load(Ordering::SeqCst), 0, "it was led elsewhere");
    until_found(&app, 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_is_gone_asks_no_switch() {
    let (address, asked) = keeper().await;
    let mut app = App::with(|house| house.oncall.audit.dead_mans_switch = Some(address)).await;
    app.look_after();
    until_asked(&app, &asked, 0).await;
    app.bot().engine().stop().await;
    let found = until_found(&app, 1).await.unwrap_or_default();
    assert!(found[0].to_string().starts_with("Muster's engine does not answer"), "{}", found[0]);
    let before = asked.load(Ordering::SeqCst);
    for _ in 0..8 {
        app.pass(EVERY);
        until_found(&app, 1).await;
    }
    assert_eq!(asked.load(Ordering::SeqCst), before);
}
