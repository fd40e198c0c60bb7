//! People keep alerts quiet, and are told of what still fires when that is over.

use std::time::Duration;

use chrono::{NaiveTime, Weekday};
use muster::model::alert::{Batch, Received, Signal};
use muster::model::alerting::Window;
use muster::model::input::Input;
use muster::model::labels::Labels;
use muster::sandbox::Person;
use muster::sandbox::world::seed;

use crate::support::app::{App, START};

/// Something fires until somebody says otherwise.
async fn fires(app: &App, name: &str) {
    let labels = Labels::new([("alertname", name), ("service", "soundlab"), ("severity", "warning")]);
    let received = Received {
        fingerprint: labels.fingerprint(),
        labels,
        annotations: Labels::new([("summary", format!("{name} of soundlab"))]),
        link: None,
        signal: Signal::Firing { since: Some(START), until: None },
    };
    let batch = Batch { source: "prometheus".into(), alerts: vec![received], ..Batch::default() };
    app.bot().engine().submit(Input::Alerts(Box::new(batch))).await.expect("it is taken in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silence_is_typed_listed_and_ended_and_what_still_fires_is_told_then() {
    let app = App::start().await;
    let (responder, onlooker) = (app.client(Person::Responder), app.client(Person::Onlooker));
    let add = [
        ("match", "service=soundlab, severity=warning".into()),
        ("for", "1h".into()),
        ("why", "a *new* disk".into()),
    ];
    let refused = onlooker.slash("silence add", &add).await.unwrap();
    assert!(refused.ephemeral && refused.text().contains("`/silence add` is for"), "{}", refused.text());
    let added = responder.slash("silence add", &add).await.unwrap();
    assert!(!added.ephemeral, "everybody sees what is quiet: {}", added.text());
    for words in ["**SIL-1** for 1 h 00 m", "Nothing that fires now is meant.", "a \\*new\\* disk"] {
        assert!(added.text().contains(words), "{words} is not in {}", added.text());
    }
    fires(&app, "Slow").await;
    app.settled().await;
    assert_eq!(app.count(seed::ALERTS, &["ALR-1"]), 0, "nobody is told");
    let list = onlooker.slash("silence list", &[]).await.unwrap();
    assert!(list.ephemeral, "{}", list.text());
    for words in ["One silence:", "**SIL-1**", "1 firing · responder"] {
        assert!(list.text().contains(words), "{words} is not in {}", list.text());
    }
    let unknown = responder.slash("silence end", &[("silence", "SIL-7".into())]).await.unwrap();
    assert!(unknown.text().contains("Now there is: SIL-1."), "{}", unknown.text());
    let ended = responder.slash("silence end", &[("silence", "SIL-1".into())]).await.unwrap();
    assert!(ended.text().contains("One alert that it muted still fires"), "{}", ended.text());
    app.pass(Duration::from_secs(2));
    let card = app.message(seed::ALERTS, &["ALR-1 ·", "Slow of soundlab", "Firing"]).await;
    app.settled().await;
    let why = onlooker.press(card.id, "Why?").await.unwrap();
    assert!(why.text().contains("**Nobody was told**: **SIL-1** by responder"), "{}", why.text());
    let none = onlooker.slash("silence list", &[]).await.unwrap();
    assert_eq!(none.text(), "Nothing is silenced. `/silence add` does it.");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_still_fires_when_a_silence_runs_out_or_a_window_closes_is_told_then() {
    let app = App::with(|house| {
        // 09:30 to 10:30 there; the story begins at 10:00.
        house.settings.alerting.windows = vec![Window {
            name: "saturdays".to_owned(),
            matchers: vec!["alertname=Slow".parse().unwrap()],
            days: vec![Weekday::Sat],
            at: NaiveTime::from_hms_opt(9, 30, 0).unwrap(),
            lasts: Duration::from_secs(3600),
            timezone: chrono_tz::Europe::Berlin,
        }];
    })
    .await;
    let add =
        [("match", "alertname=Full".into()), ("for", "10m".into()), ("why", "it is being emptied".into())];
    app.client(Person::Responder).slash("silence add", &add).await.unwrap();
    fires(&app, "Slow").await;
    fires(&app, "Full").await;
    app.settled().await;
    app.pass(Duration::from_secs(9 * 60));
    app.settled().await;
    assert_eq!(app.count(seed::ALERTS, &["ALR-"]), 0, "nobody is told of either");
    app.pass(Duration::from_secs(61));
    app.message(seed::ALERTS, &["Full of soundlab", "Firing"]).await;
    app.settled().await;
    assert_eq!(app.count(seed::ALERTS, &["Slow of soundlab"]), 0, "the window is still open");
    app.pass(Duration::from_secs(20 * 60));
    app.message(seed::ALERTS, &["Slow of soundlab", "Firing"]).await;
    app.settled().await;
}
