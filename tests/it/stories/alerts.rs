//! An alert from its source to its card, and its end.

use std::time::Duration;

use muster::model::alert::{Batch, Received, Signal};
use muster::model::input::Input;
use muster::model::labels::Labels;
use muster::model::reply::Reply;
use muster::sandbox::world::seed;

use crate::support::app::{App, START};
use crate::support::soon;

fn batch(labels: &[(&str, &str)], signal: Signal) -> Input {
    let labels = Labels::new(labels.iter().copied());
    let received = Received {
        fingerprint: labels.fingerprint(),
        labels,
        annotations: Labels::new([("summary", "Streams stop")]),
        link: None,
        signal,
    };
    Input::Alerts(Box::new(Batch { source: "prometheus".into(), alerts: vec![received], ..Batch::default() }))
}

const DOWN: [(&str, &str); 3] = [("alertname", "Down"), ("service", "soundlab"), ("severity", "warning")];

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_a_card_that_says_when_it_is_over() {
    let app = App::start().await;
    let engine = app.bot().engine();
    let fires = Signal::Firing { since: Some(START), until: None };
    let reply = engine.submit(batch(&DOWN, fires)).await.expect("it is taken in");
    assert!(matches!(reply, Reply::Taken { .. }), "{reply:?}");
    let card = app.message(seed::ALERTS, &["ALR-1 ·", "P3", "Streams stop", "Firing"]).await;
    // Said again: no second card.
    engine.submit(batch(&DOWN, fires)).await.expect("it is taken in");
    app.settled().await;
    assert_eq!(app.count(seed::ALERTS, &["ALR-1 ·"]), 1);

    app.pass(Duration::from_secs(90));
    engine.submit(batch(&DOWN, Signal::Resolved { at: None })).await.expect("it is taken in");
    let edited = app.sandbox.wait_for(move |w| {
        w.messages.get(&(seed::ALERTS, card.id)).filter(|m| m.edited_at.is_some()).cloned()
    });
    let text = muster::sandbox::client::text_of(&soon("the card to be edited", edited).await);
    assert!(text.contains("Over"), "{text}");
    app.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_critical_opens_its_incident_and_is_over_by_itself() {
    let app = App::start().await;
    let labels = [("alertname", "Down"), ("service", "soundlab"), ("severity", "critical")];
    let until = Some(START.after(Duration::from_secs(240)));
    let fires = batch(&labels, Signal::Firing { since: None, until });
    app.bot().engine().submit(fires).await.expect("it is taken in");
    app.message(seed::ALERTS, &["ALR-1", "P1"]).await;
    app.message(seed::INCIDENTS, &["INC-1", "P1", "Streams stop", "Muster"]).await;
    app.settled().await;
    app.pass(Duration::from_secs(241));
    let thread =
        app.sandbox.look(|w| w.channels.values().find(|c| c.name.starts_with("INC-1 ")).map(|c| c.id));
    app.message(thread.expect("its thread"), &["All its alerts are over"]).await;
    app.settled().await;
}
