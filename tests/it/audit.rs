//! The auditor of a running Muster: what it finds is an alert like any other, and whoever keeps its dead
//! man's switch hears nothing meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::response::Redirect;
use muster::audit::look::Finding;
use muster::audit::{Auditor, EVERY, Findings, Looked};
use muster::cli::{socket, status};
use muster::discord::gateway::Gateway;
use muster::journal::{Journal as _, SledJournal};
use muster::kit::clock::Clock;
use muster::model;
use muster::model::commit::{Cause, Commit, FORMAT};
use muster::model::event::Event;
use muster::model::ids::{IncidentId, PageId, UserId};
use muster::model::incident::Severity;
use muster::model::page::{About, Because, Begun, PageNews, Paged};
use muster::sandbox::world::seed;
use muster::sandbox::{Fault, Person, Rule};
use tokio::process::Command;
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

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_is_down_is_told_by_rest_until_commands_arrive_again() {
    let mut app = App::start().await;
    app.look_after();
    until_found(&app, 0).await;
    app.sandbox.gateway().invalidate(false);
    let mut gateway = app.bot().watch().gateway;
    soon("the end of the session", gateway.wait_for(|g| *g == Gateway::Connecting)).await.unwrap();
    // The next session's READY never comes.
    app.sandbox.gateway().zombie(true);
    let found = until_found(&app, 1).await.unwrap_or_default();
    assert!(matches!(found[0], Finding::GatewayDown { .. }), "{found:?}");
    app.message(seed::ALERTS, &["ALR-1", "P2", "No commands have arrived from Discord since"]).await;

    app.sandbox.gateway().zombie(false);
    app.sandbox.gateway().cut(None);
    soon("commands", app.bot().ready()).await.unwrap();
    until_found(&app, 0).await;
    app.message(seed::ALERTS, &["ALR-1", "Over"]).await;
    app.settled_in_time().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lane_that_stands_still_is_told_elsewhere_until_it_moves() {
    let mut app = App::start().await;
    app.look_after();
    until_found(&app, 0).await;
    let path = format!("/channels/{}/**", seed::INCIDENTS);
    app.sandbox.faults().inject(Rule::new(Fault::InternalError).on("POST", &path));
    let options = [("title", "the card is not taken".into()), ("severity", "P3".into())];
    app.client(Person::Responder).slash("incident declare", &options).await.unwrap();
    let begun = app.clock.now();
    let found = until_found(&app, 1).await.unwrap_or_default();
    assert!(matches!(found[0], Finding::LaneStandsStill { .. }), "{found:?}");
    assert!(app.clock.now().since(begun) > Duration::from_secs(600), "it is told too early");
    let card = ["ALR-1", "P2", "What is to be said about INC-1 has stood still since"];
    app.message(seed::ALERTS, &card).await;
    assert_eq!(app.count(seed::INCIDENTS, &["the card is not taken"]), 0);

    app.sandbox.faults().clear();
    until_found(&app, 0).await;
    app.message(seed::INCIDENTS, &["the card is not taken"]).await;
    app.message(seed::ALERTS, &["ALR-1", "Over"]).await;
    app.settled_in_time().await;
}

/// What only a mistake of Muster's could write: a page for the first incident, and nobody called for an hour.
fn page_without_calls(app: &App) -> Vec<Event> {
    let (incident, severity, now) = (IncidentId(1), Severity::P1, app.clock.now());
    let by = model::person::Person { id: UserId(Person::Lead.id().0), name: "lead".to_owned() };
    let title = "nobody hears of it".to_owned();
    let policy = app.house().oncall.policy(None, severity).cloned().expect("a policy for it");
    let (page, about) = (PageId(1), About::Incident(incident));
    let begun =
        Begun { id: page, about, title: title.clone(), severity, service: None, policy, by: by.clone() };
    let paged = Paged {
        page,
        round: 0,
        rung: 0,
        until: now.after(Duration::from_secs(3600)),
        again: None,
        why: Because::First,
        told: false,
        calls: vec![],
        skipped: vec![],
        due: None,
    };
    let declared = Event::IncidentDeclared {
        incident,
        title,
        severity,
        service: None,
        by,
        drill: false,
        private: false,
        respond_by: Some(now),
        triage: None,
    };
    let news = |news| Event::Page { page, news };
    vec![declared, news(PageNews::Began(Box::new(begun))), news(PageNews::Paged(Box::new(paged)))]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_incident_for_which_nobody_is_called_is_told_until_somebody_is() {
    let mut app = App::calling().await;
    app.stop_bot().await;
    let mut journal = SledJournal::open(&app.data().join("journal")).unwrap();
    let after = journal.reader().head().seq;
    let cause = Cause::Terminal {
        by: model::person::Person { id: UserId(Person::Lead.id().0), name: "lead".to_owned() },
        what: "a mistake".to_owned(),
    };
    let (seq, at, events) = (after.next(), app.clock.now(), page_without_calls(&app));
    journal.append(after, &[Commit { v: FORMAT, seq, at, cause, events, effects: vec![] }]).unwrap();
    drop(journal);
    app.start_bot().await;
    app.look_after();
    let found = until_found(&app, 1).await.unwrap_or_default();
    assert!(matches!(found[0], Finding::NobodyPaged { .. }), "{found:?}");
    app.message(seed::ALERTS, &["ALR-1", "P2", "INC-1 is P1", "nobody is called for it"]).await;

    let options = [("person", Person::Responder.id().to_string().into()), ("incident", "INC-1".into())];
    let answer = app.client(Person::Lead).slash("page", &options).await.unwrap();
    assert!(answer.text().contains("PAG-"), "{}", answer.text());
    until_found(&app, 0).await;
    app.message(seed::ALERTS, &["ALR-1", "Over"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_does_not_go_on_in_time_is_told_until_somebody_answers() {
    let app = App::calling().await;
    let options = [("title", "Streams stop".into()), ("severity", "P1".into())];
    app.client(Person::Lead).slash("incident declare", &options).await.unwrap();
    app.settled().await;
    // What decides stands still: its clock does. The auditor's goes on.
    let clock = Clock::driven(app.clock.now());
    let (_houses, houses) = watch::channel(Arc::new(app.house()));
    let (tell, mut findings) = watch::channel(None);
    let looked = Looked {
        engine: app.bot().engine().clone(),
        houses,
        clock: clock.clone(),
        up: Arc::new(|| true),
        folder: app.data().to_owned(),
    };
    let auditor = Auditor::start(looked, tell).unwrap();
    let mut until = async |count: usize| {
        let looks = async {
            loop {
                let now: Findings = findings.borrow_and_update().clone();
                if let Some(found) = now.filter(|found| found.len() == count) {
                    return found;
                }
                let _ = tokio::time::timeout(Duration::from_millis(50), findings.changed()).await;
                clock.advance(EVERY);
            }
        };
        soon(&format!("{count} findings"), looks).await
    };
    let found = until(1).await;
    assert!(matches!(found[0], Finding::PageLate { .. }), "{found:?}");
    app.message(seed::ALERTS, &["ALR-1", "P2", "PAG-1 should have gone on at", "Call whoever is on call"])
        .await;
    assert_eq!(app.count(seed::ALERTS, &["ALR-2"]), 0);

    let answer = app.client(Person::Responder).slash("ack", &[("incident", "INC-1".into())]).await.unwrap();
    assert!(answer.text().contains("is yours"), "{}", answer.text());
    until(0).await;
    app.pass(Duration::from_secs(60));
    app.message(seed::ALERTS, &["ALR-1", "Over"]).await;
    auditor.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_that_stands_still_asks_no_switch_until_it_goes_on() {
    let (address, asked) = keeper().await;
    let mut app = App::with(|house| house.oncall.audit.dead_mans_switch = Some(address)).await;
    app.look_after();
    until_asked(&app, &asked, 0).await;
    let (release, held) = std::sync::mpsc::channel::<()>();
    let engine = app.bot().engine().clone();
    let stuck = tokio::spawn(async move { engine.read(move |_, _| held.recv().is_err()).await });
    let found = until_found(&app, 1).await.unwrap_or_default();
    assert!(matches!(found[0], Finding::EngineSilent { .. }), "{found:?}");
    let before = asked.load(Ordering::SeqCst);
    for _ in 0..8 {
        app.pass(EVERY);
        until_found(&app, 1).await;
    }
    assert_eq!(asked.load(Ordering::SeqCst), before, "the switch hears that all is well");
    drop(release);
    assert!(soon("the engine", stuck).await.unwrap().unwrap());
    until_found(&app, 0).await;
    until_asked(&app, &asked, before).await;
}

/// `muster status` as a person types it: whether it ends well, and what it says.
async fn status_of(app: &App, more: &[&str]) -> (bool, String) {
    let mut muster = Command::new(env!("CARGO_BIN_EXE_muster"));
    let out = muster.arg("status").arg("--data").arg(app.data()).args(more).output().await.unwrap();
    let said = [out.stdout, out.stderr].concat();
    (out.status.success(), String::from_utf8(said).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_status_says_what_is_wrong_and_ends_with_it() {
    let mut app = App::calling().await;
    app.look_after();
    until_found(&app, 0).await;
    let listening = socket::listen(app.data(), app.bot().watch()).unwrap();
    let (well, said) = status_of(&app, &[]).await;
    assert!(well, "{said}");
    for line in
        ["version: 0", "gateway: ready", "open incidents: 0", "pages: 0 waiting", "auditor: all is well"]
    {
        assert!(said.contains(line), "{line} is not in {said}");
    }

    let options = [("title", "Streams stop".into()), ("severity", "P1".into())];
    app.client(Person::Lead).slash("incident declare", &options).await.unwrap();
    app.settled().await;
    let (well, said) = status_of(&app, &["--format", "json"]).await;
    let json: status::Status = serde_json::from_str(&said).unwrap();
    assert!(well && json.wrong().is_empty(), "{said}");
    assert_eq!((json.format, json.open_incidents, json.pages_waiting, json.owed), (1, 1, 1, 0));
    app.client(Person::Responder).slash("ack", &[]).await.unwrap();
    let json = status::of(&app.bot().watch()).await.unwrap();
    assert_eq!((json.pages_waiting, json.pages_acknowledged), (0, 1));

    let mut full = app.house();
    full.oncall.audit.disk = Some(u64::MAX);
    app.bot().reloader().reload(full).await;
    until_found(&app, 1).await;
    let (well, said) = status_of(&app, &[]).await;
    assert!(!well && said.contains("auditor: \n  Less than") && said.contains("Make room"), "{said}");
    let (well, said) = status_of(&app, &["--format", "json"]).await;
    let json: status::Status = serde_json::from_str(&said).unwrap();
    assert!(!well && json.wrong().len() == 1, "{said}");

    app.bot().engine().stop().await;
    let (well, said) = status_of(&app, &[]).await;
    assert!(!well && said.starts_with("muster: "), "{said}");
    listening.abort();
}
