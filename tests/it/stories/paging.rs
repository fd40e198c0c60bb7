//! Somebody is called through Discord itself: where the work is, and by a direct message that they answer.

use std::time::Duration;

use muster::sandbox::Person;
use muster::sandbox::client::text_of;
use muster::sandbox::world::{Id, Message, World, seed};

use crate::support::app::App;
use crate::support::soon;

/// The direct message to somebody that says all of this.
fn direct(world: &World, to: Person, says: &[&str]) -> Option<(Id, String)> {
    let channel = world.direct_between(seed::BOT, to.id())?;
    let said = |m: &&Message| m.channel == channel && says.iter().all(|s| text_of(m).contains(s));
    world.messages.values().find(said).map(|m| (m.id, text_of(m)))
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_called_answers_where_they_read_it() {
    let app = App::calling().await;
    let options = [("title", "Streams stop".into()), ("severity", "P1".into())];
    app.client(Person::Lead).slash("incident declare", &options).await.unwrap();
    app.settled().await;
    let (message, text) =
        soon("the direct message", app.sandbox.wait_for(|w| direct(w, Person::Responder, &["Streams stop"])))
            .await;
    assert!(text.contains("You are first"), "{text}");
    let called = app.sandbox.look(|w| w.pings.iter().filter(|p| p.user == Person::Responder.id()).count());
    assert!(called >= 1, "the mention calls them");

    let answer = app.client(Person::Responder).press(message, "Acknowledge").await.unwrap();
    assert!(answer.text().contains("is yours"), "{}", answer.text());
    app.settled().await;
    let card = app.message(seed::INCIDENTS, &["INC-1 · P1 · Streams stop"]).await;
    assert!(text_of(&card).contains("✅ responder is on it"), "{}", text_of(&card));
    let after = app.sandbox.look(|w| direct(w, Person::Responder, &["is on it since"]));
    assert_eq!(after.map(|(id, _)| id), Some(message), "the same message says so");

    // A second click changes nothing, and says so.
    let lead = app.client(Person::Lead).slash("ack", &[]).await.unwrap();
    assert!(lead.ephemeral && lead.text().contains("responder was faster"), "{}", lead.text());
    let why = app.client(Person::Lead).slash("pages why", &[]).await.unwrap();
    assert!(why.text().contains("direct message: delivered"), "{}", why.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_direct_message_that_is_refused_and_a_thread_that_is_hidden_lead_to_the_next_at_once() {
    let app = App::calling().await;
    app.sandbox.refuse_direct_messages(Person::Responder, true);
    app.sandbox.hide(seed::INCIDENTS, Person::Responder);
    let options = [("title", "Streams stop".into()), ("severity", "P1".into())];
    app.client(Person::Lead).slash("incident declare", &options).await.unwrap();
    let next = app.sandbox.wait_for(|w| direct(w, Person::Approver, &["Nobody before you could be reached"]));
    soon("the next is called", next).await;
    app.settled().await;
    let why = app.client(Person::Lead).slash("pages why", &[]).await.unwrap();
    assert!(why.text().contains("failed"), "{}", why.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn due_times_outlive_a_restart_and_what_is_late_says_so() {
    let mut app = App::calling().await;
    let options = [("title", "Streams stop".into()), ("severity", "P1".into())];
    app.client(Person::Lead).slash("incident declare", &options).await.unwrap();
    app.settled().await;
    app.stop_bot().await;
    app.clock.advance(Duration::from_secs(20 * 60));
    app.start_bot().await;
    let late = app.sandbox.wait_for(|w| direct(w, Person::Approver, &["Late", "it was due"]));
    soon("the next is called, late", late).await;
}
