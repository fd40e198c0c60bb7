//! From what somebody says is wrong to what people are told of it.

use muster::sandbox::client::text_of;
use muster::sandbox::world::{Id, seed};
use muster::sandbox::{Client, Person};
use serde_json::Value;

use crate::support::app::App;
use crate::support::soon;

/// Somebody asks, in `#general`, and gives the triage's message.
async fn asked(app: &App, client: &Client, what: &str, more: &[(&str, &str)]) -> Id {
    let mut options: Vec<(&str, Value)> = vec![("what", what.into())];
    options.extend(more.iter().map(|(name, value)| (*name, Value::from(*value))));
    let answer = client.slash_in(seed::GENERAL, "triage", &options).await.unwrap();
    assert!(answer.ephemeral, "{}", answer.text());
    let id = answer.text().split("**").nth(1).expect("an id").to_owned();
    app.message(seed::GENERAL, &[&format!("{id} · ")]).await.id
}

/// Waits until a message says this.
async fn says(app: &App, channel: Id, message: Id, words: &str) -> String {
    let found = app
        .sandbox
        .wait_for(|w| w.messages.get(&(channel, message)).map(text_of).filter(|t| t.contains(words)));
    soon(&format!("{words} in message {message}"), found).await
}

const CORE: [(&str, &str); 3] = [("users", "many"), ("feature", "core"), ("data", "no")];

#[tokio::test(flavor = "multi_thread")]
async fn asked_opened_and_told() {
    let app = App::start().await;
    let (responder, lead) = (app.client(Person::Responder), app.client(Person::Lead));
    let triage = asked(&app, &responder, "Tracks do not play @everyone", &CORE).await;
    let shown = says(&app, seed::GENERAL, triage, "P2 high").await;
    for words in ["within 1 h: by <t:", "service:nexus action:audio", "fits: tracks, play", "\\@everyone"] {
        assert!(shown.contains(words), "{words} is not in {shown}");
    }
    let opened = lead.press(triage, "Open incident as P2").await.unwrap();
    assert!(
        opened.ephemeral && opened.text().contains("**INC-1** is declared as P2 high"),
        "{}",
        opened.text()
    );
    let late = responder.press(triage, "Open incident as P2").await;
    let late = late.map_or_else(|refused| format!("{refused:?}"), |a| a.text());
    // Where the message is changed already, Discord or the person's own client says that there is no such button.
    let gone = ["lead opened **INC-1**", "nothing called", "COMPONENT_VALIDATION_FAILED"];
    assert!(gone.iter().any(|words| late.contains(words)), "{late}");
    let card = app.message(seed::INCIDENTS, &["INC-1", "Open", "Respond", "within 1 h"]).await;
    let thread = Id(card.id.0);
    app.message(thread, &["Declared", "TRI-1", "Many people are affected", "Respond within 1 h"]).await;
    says(&app, seed::GENERAL, triage, &format!("**INC-1** in <#{thread}> opened by lead")).await;

    // The drafts stand in the thread; one of them is changed and sent.
    let board = app.message(thread, &["Tell people · INC-1 · investigating"]).await;
    let form = responder.press(board.id, "Public text").await.unwrap();
    let modal = form.modal().expect("a form").to_string();
    assert!(modal.contains("There is a problem: Tracks do not play"), "{modal}");
    let text = "Some tracks do not play. We are on it. @here";
    let told = responder.submit(&form, &[("text", text)]).await.unwrap();
    assert!(told.text().contains(&format!("goes to <#{}>", seed::GENERAL)), "{}", told.text());
    app.message(seed::GENERAL, &["Some tracks do not play. We are on it. \\@here"]).await;
    says(&app, thread, board.id, "☑ Public text: responder told it").await;
    app.settled().await;
    let card = says(&app, seed::INCIDENTS, card.id, "Open: investigating").await;
    assert!(!card.contains("Respond"), "somebody has begun: {card}");

    // As it stands in the form: a draft that nobody changed is sent too.
    let form = lead.press(board.id, "Status page").await.unwrap();
    let copied = lead.submit(&form, &[]).await.unwrap();
    assert!(copied.text().contains("Investigating: Tracks do not play"), "{}", copied.text());
    lead.slash_in(thread, "incident resolve", &[("how", "a bucket was full".into())]).await.unwrap();
    says(&app, thread, board.id, "Tell people · INC-1 · resolved").await;
    let drafts = lead.slash_in(thread, "incident drafts", &[]).await.unwrap();
    assert!(drafts.ephemeral && drafts.text().contains("The problem is over"), "{}", drafts.text());
    app.settled().await;
    // Whoever is on call is called in the thread; what people wrote called nobody.
    let called = app.sandbox.look(|w| w.pings.iter().filter(|p| p.channel == seed::GENERAL).count());
    assert_eq!(called, 0, "nobody was pinged where the text stands");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_decide_at_once_and_one_is_told() {
    let app = App::start().await;
    let (responder, lead) = (app.client(Person::Responder), app.client(Person::Lead));
    let triage = asked(&app, &responder, "The queue stands still", &CORE).await;
    let (a, b) =
        tokio::join!(responder.press(triage, "Open incident as P2"), lead.press(triage, "No incident"),);
    // Whoever was later may find no button any more, or one that Discord knows to be gone: answers, too.
    let said: Vec<String> =
        [a, b].into_iter().map(|r| r.map_or_else(|e| format!("{e:?}"), |a| a.text())).collect();
    let done = said.iter().filter(|s| s.contains("is declared") || s.contains("is no incident.")).count();
    let late = ["is decided", "nothing called", "COMPONENT_VALIDATION_FAILED"];
    assert!(done >= 1 && said.iter().any(|s| late.iter().any(|words| s.contains(words))), "{said:?}");
    app.settled().await;
    assert!(app.count(seed::INCIDENTS, &["INC-1"]) <= 1 && app.count(seed::INCIDENTS, &["INC-2"]) == 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_level_and_no_incident() {
    let app = App::start().await;
    let responder = app.client(Person::Responder);
    let safe = [("users", "some"), ("feature", "secondary"), ("data", "no"), ("service", "soundlab")];
    let first = asked(&app, &responder, "a typo on the dashboard", &safe).await;
    says(&app, seed::GENERAL, first, "P4 low").await;
    let form = responder.press(first, "Another level").await.unwrap();
    let sent = responder.submit(&form, &[("level", "P3"), ("why", "it is a price")]).await.unwrap();
    assert!(sent.text().contains("P3 medium"), "{}", sent.text());
    says(&app, seed::GENERAL, first, "as P3 medium, instead of what followed: it is a price").await;
    let second = asked(&app, &responder, "nothing is wrong", &safe).await;
    responder.press(second, "No incident").await.unwrap();
    says(&app, seed::GENERAL, second, "No incident, says responder").await;
    let onlooker = app.client(Person::Onlooker);
    let third = asked(&app, &responder, "something", &safe).await;
    let refused = onlooker.press(third, "No incident").await.unwrap();
    assert!(refused.ephemeral && refused.text().contains("is for"), "{}", refused.text());
    app.settled().await;
    assert_eq!(app.count(seed::INCIDENTS, &["INC-2"]), 0);
}
