//! The same through the whole program: asked for, agreed to and confirmed in Discord, run by the
//! engine, against real Redis, Celery and Git.

use std::sync::Arc;

use axum::Json;
use axum::routing::get;
use muster::sandbox::Person;
use muster::sandbox::client::text_of;
use muster::sandbox::world::seed;
use serde_json::json;

use super::{RealCelery, RealRepo};
use crate::support::app::App;

/// The API in front of the real broker: how much waits, and what the worker holds.
async fn api(celery: Arc<RealCelery>) -> String {
    let depth = move || {
        let (redis, held) = (celery.clone(), celery.clone());
        async move {
            let held = held.redis.count(&["HLEN", "unacked"]);
            Json(json!({"waiting": redis.waiting(), "reserved": held, "active": 1}))
        }
    };
    let router = axum::Router::new().route("/api/admin/queue", get(depth));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_real_queue_is_purged_from_discord() {
    let celery = Arc::new(tokio::task::spawn_blocking(|| RealCelery::start(6)).await.expect("a worker"));
    let base = api(celery.clone()).await;
    let command = celery.command();
    let app = App::in_real_time(move |house| {
        let vars = &mut house.settings.services.get_mut("soundfoundry").expect("its settings").vars;
        vars.insert("base".to_owned(), base);
        vars.insert("CELERY".to_owned(), command);
    })
    .await;
    let responder = app.client(Person::Responder);
    responder.slash("purge-queue", &[("service", "soundfoundry".into())]).await.expect("asked");
    let shown =
        app.message(seed::INCIDENTS, &["RUN-1", "waiting 3", "reserved 2", "Type soundfoundry"]).await;
    assert_eq!(celery.waiting(), 3, "nothing is purged before the name is typed");
    let form = responder.press(shown.id, "Type soundfoundry to go on").await.expect("a form");
    responder.submit(&form, &[("confirm", "soundfoundry")]).await.expect("typed");
    app.message(seed::INCIDENTS, &["RUN-1", "**Passed**", "left 0", "spared-reserved 2"]).await;
    assert_eq!(celery.waiting(), 0);
    let finished = celery.clone();
    let ended =
        tokio::task::spawn_blocking(move || (0..3).map(|_| finished.finish_one()).collect::<Vec<_>>());
    assert_eq!(ended.await.expect("they end"), ["0", "1", "2"], "what the worker held is finished");
    app.settled().await;
}

/// Nexus in the sandbox, with a repository of its own.
async fn nexus() -> (App, RealRepo) {
    let app = App::in_real_time(|_| {}).await;
    let repo = RealRepo::new(&app.sandbox.api_url());
    let house = repo.house(&app.sandbox.api_url());
    app.bot().reloader().reload(house).await;
    (app, repo)
}

#[tokio::test(flavor = "multi_thread")]
async fn exactly_the_commit_that_the_approver_saw_is_reverted() {
    let (app, repo) = nexus().await;
    let (responder, approver) = (app.client(Person::Responder), app.client(Person::Approver));
    responder.slash("rollback", &[("service", "nexus".into())]).await.expect("asked");
    // The approver reads on the card what would be reverted.
    let shown = app.message(seed::INCIDENTS, &["RUN-1", &repo.newest, "Revert exactly the commit"]).await;
    let own = responder.press(shown.id, "Approve").await.expect("answered");
    assert!(own.text().contains("role approver"), "{}", own.text());
    assert_eq!(repo.remote_main(), repo.newest);
    approver.press(shown.id, "Approve").await.expect("agreed");
    app.message(seed::INCIDENTS, &["RUN-1", "**Passed**"]).await;
    let now = repo.remote_main();
    assert_eq!(repo.git(&["fetch", "--quiet", "origin"]), "");
    assert_eq!(repo.git(&["rev-parse", &format!("{now}^")]), repo.newest, "one commit more, on top");
    app.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_elses_push_in_between_stops_it() {
    let (app, repo) = nexus().await;
    let (responder, approver) = (app.client(Person::Responder), app.client(Person::Approver));
    responder.slash("rollback", &[("service", "nexus".into())]).await.expect("asked");
    let shown = app.message(seed::INCIDENTS, &["RUN-1", &repo.newest]).await;
    let theirs = repo.push_of_another("theirs.txt");
    approver.press(shown.id, "Approve").await.expect("agreed");
    let card = app.message(seed::INCIDENTS, &["RUN-1", "**Failed**", "revert"]).await;
    assert!(text_of(&card).contains("begin again"), "{}", text_of(&card));
    assert_eq!(repo.remote_main(), theirs, "what they pushed stands");
    app.settled().await;
}
