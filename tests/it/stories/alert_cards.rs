//! A card, and each of its buttons, through Discord.

use muster::model::alert::{Batch, Received, Signal};
use muster::model::input::Input;
use muster::model::labels::Labels;
use muster::sandbox::Person;
use muster::sandbox::client::text_of;
use muster::sandbox::world::{Id, seed};

use crate::support::app::App;
use crate::support::soon;

async fn sent(app: &App, hosts: &[&str], signal: Signal) {
    let alert = |host: &&str| {
        let labels = Labels::new([
            ("alertname", "HighErrorRate"),
            ("service", "soundlab"),
            ("severity", "warning"),
            ("instance", host),
        ]);
        Received {
            fingerprint: labels.fingerprint(),
            labels,
            annotations: Labels::new([("summary", "soundlab answers with errors @everyone")]),
            link: Some("https://prometheus.example/graph".to_owned()),
            signal,
        }
    };
    let alerts = hosts.iter().map(alert).collect();
    let batch = Batch { source: "prometheus".to_owned(), alerts, ..Batch::default() };
    app.bot().engine().submit(Input::Alerts(Box::new(batch))).await.expect("it is taken in");
}

/// Waits until a message says this.
async fn says(app: &App, message: Id, words: &str) -> String {
    let found = app
        .sandbox
        .wait_for(|w| w.messages.get(&(seed::ALERTS, message)).map(text_of).filter(|t| t.contains(words)));
    soon(&format!("{words} on the card"), found).await
}

const FIRES: Signal = Signal::Firing { since: None, until: None };

#[tokio::test(flavor = "multi_thread")]
async fn each_button_of_a_card_does_what_it_says() {
    let app = App::start().await;
    let (responder, lead) = (app.client(Person::Responder), app.client(Person::Lead));
    sent(&app, &["a:9100", "b:9100"], FIRES).await;
    let card = app.message(seed::ALERTS, &["ALR-1", "P3", "\\@everyone", "a:9100", "Firing"]).await.id;
    app.settled().await;

    let taken = responder.press(card, "Acknowledge").await.unwrap();
    assert!(taken.ephemeral && taken.text().contains("is yours"), "{}", taken.text());
    says(&app, card, "Acknowledged").await;
    let playbooks = responder.press(card, "Run playbook").await.unwrap();
    assert!(
        playbooks.ephemeral && playbooks.text().contains("/runbook service:soundlab"),
        "{}",
        playbooks.text()
    );

    let opened = lead.press(card, "Open incident").await.unwrap();
    assert!(opened.text().contains("**INC-1** is declared as P3 medium"), "{}", opened.text());
    app.settled().await;
    let incident = app.message(seed::INCIDENTS, &["INC-1", "soundlab answers with errors", "ALR-1"]).await;
    let thread = Id(incident.id.0);
    app.message(thread, &["ALR-1", "belongs to this incident"]).await;
    says(&app, card, &format!("**INC-1** in <#{thread}>")).await;

    let form = responder.press(card, "Silence").await.unwrap();
    let modal = form.modal().expect("a form").to_string();
    assert!(modal.contains("For how long?") && modal.contains("2h"), "{modal}");
    let silenced = responder.submit(&form, &[("for", "30m"), ("why", "we are on it")]).await.unwrap();
    assert!(silenced.text().contains("**SIL-1**"), "{}", silenced.text());
    says(&app, card, "**SIL-1** by responder").await;

    let why = app.client(Person::Onlooker).press(card, "Why?").await.unwrap();
    assert!(why.ephemeral, "{}", why.text());
    for words in [
        "**Received** from prometheus: 2 alerts",
        "**Routed** to default › audio",
        "**Told**: the first time",
        "**Acknowledged** by responder",
        "**Opened INC-1** by lead",
        "**Nobody was told**: **SIL-1** by responder",
        "Nobody: no page began for it",
    ] {
        assert!(why.text().contains(words), "{words} is not in {}", why.text());
    }
    let listed = lead.slash("alerts list", &[]).await.unwrap();
    assert!(listed.text().contains("ALR-1") && listed.text().contains("INC-1"), "{}", listed.text());

    sent(&app, &["a:9100", "b:9100"], Signal::Resolved { at: None }).await;
    let closed = lead.slash("alerts close", &[("alert", "ALR-1".into())]).await.unwrap();
    assert!(closed.text().contains("ALR-1 is over since"), "{}", closed.text());
    app.pass(std::time::Duration::from_secs(5));
    says(&app, card, "Over").await;
    app.settled().await;
    let pings = app.sandbox.look(|w| w.pings.clone());
    assert!(pings.iter().all(|p| p.message != card), "a card calls nobody: its route does, beside it");
    assert_eq!(app.count(seed::ALERTS, &["ALR-1 ·"]), 1, "one card");
}
