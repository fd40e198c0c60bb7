//! Discord failing in its usual ways: nothing is lost, nothing is said twice.

use std::time::Duration;

use muster::discord::gateway::Gateway;
use muster::sandbox::world::guild::OverwriteKind;
use muster::sandbox::world::{MANAGE_THREADS, seed};
use muster::sandbox::{Fault, Person, Rule};
use serde_json::json;

use crate::support::app::App;
use crate::support::soon;

/// Declares, and moves the clock on until all is delivered.
async fn delivered_in_spite_of(app: &App, title: &str) {
    let options = [("title", title.into()), ("severity", "P2".into())];
    app.client(Person::Responder).slash("incident declare", &options).await.unwrap();
    app.settled_in_time().await;
    assert_eq!(app.count(seed::INCIDENTS, &[title]), 1, "the card is there once");
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_time_outs_and_refusals_of_the_moment_are_tried_again() {
    for fault in [
        Fault::InternalError,
        Fault::BadGateway,
        Fault::DoneButCut,
        Fault::BucketLimit(800),
        Fault::GlobalLimit(700),
    ] {
        let app = App::start().await;
        let title = format!("in spite of {fault:?}").replace(['(', ')'], " ");
        app.sandbox.faults().inject(Rule::new(fault).on("POST", "/channels/**").times(3));
        delivered_in_spite_of(&app, title.trim()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_done_but_never_answered_is_not_done_twice() {
    let app = App::start().await;
    app.sandbox.faults().inject(Rule::new(Fault::DoneButSilent).on("POST", "/channels/**").times(1));
    delivered_in_spite_of(&app, "done but silent").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_nobody_answers_is_made_again() {
    let app = App::start().await;
    app.sandbox.faults().inject(Rule::new(Fault::Hang).on("POST", "/channels/**").times(1));
    delivered_in_spite_of(&app, "nothing at all").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_channel_and_a_deleted_thread_lose_nothing() {
    let app = App::start().await;
    let thread = app.declared("channel goes", "P3").await;
    app.settled().await;
    app.sandbox.change(|world, _| world.remove_channel(thread));
    app.client(Person::Responder)
        .slash("incident note", &[("text", "after the thread".into())])
        .await
        .unwrap();
    app.message(seed::INCIDENTS, &["after the thread"]).await;
    app.settled().await;

    app.sandbox.change(|world, _| world.remove_channel(seed::REPORTS));
    app.client(Person::Responder).slash("incident resolve", &[]).await.unwrap();
    app.message(seed::INCIDENTS, &["INC-1 · after the incident"]).await;
    app.published("INC-1").await;
    app.message(seed::INCIDENTS, &["Report · INC-1"]).await;
    app.settled().await;
    let timeline =
        app.client(Person::Responder).slash("timeline", &[("incident", "INC-1".into())]).await.unwrap();
    assert!(timeline.text().contains("Not delivered: a message for the thread"), "{}", timeline.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_card_is_posted_anew_when_it_changes() {
    let app = App::start().await;
    app.declared("card goes", "P3").await;
    app.settled().await;
    let card = app.message(seed::INCIDENTS, &["card goes"]).await;
    app.sandbox.change(|world, _| world.delete_message(seed::BOT, seed::INCIDENTS, card.id).unwrap());
    app.client(Person::Responder).slash("incident resolve", &[]).await.unwrap();
    app.message(seed::INCIDENTS, &["card goes", "Resolved"]).await;
    app.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archived_thread_wakes_and_a_locked_one_is_gone_round() {
    let app = App::start().await;
    let thread = app.declared("archived", "P3").await;
    app.settled().await;
    app.sandbox.change(|world, now| world.archive(now, thread, false));
    app.client(Person::Responder).slash("incident note", &[("text", "wakes it".into())]).await.unwrap();
    app.message(thread, &["wakes it"]).await;
    app.settled().await;
    // What the invitation asks for does not open what somebody locked.
    app.sandbox.change(|world, now| {
        world.overwrite(seed::INCIDENTS, OverwriteKind::Role, seed::ROLE_BOT, 0, MANAGE_THREADS);
        world.archive(now, thread, true);
    });
    app.client(Person::Responder).slash("incident note", &[("text", "goes round".into())]).await.unwrap();
    app.settled().await;
    assert_eq!(app.count(thread, &["goes round"]), 0);
    assert_eq!(app.count(seed::INCIDENTS, &["INC-1", "goes round"]), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_gateway_is_cut_and_comes_back_and_posts_go_on_meanwhile() {
    let app = App::start().await;
    app.sandbox.gateway().cut(None);
    app.sandbox.wait_for_bots(1).await;
    soon("the gateway", app.bot().ready()).await.unwrap();
    app.declared("after a cut", "P3").await;
    app.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_refused_stops_it_with_a_sentence() {
    let app = App::start().await;
    app.sandbox.gateway().cut(Some(4004));
    let down = soon("the end", app.bot().stopped()).await;
    assert!(down.0.contains("developer portal"), "{down}");
    assert!(matches!(app.gateway(), Gateway::Stopped(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_owed_at_the_end_is_done_after_the_next_start_once() {
    let mut app = App::start().await;
    app.sandbox.faults().inject(Rule::new(Fault::InternalError).on("POST", "/channels/**"));
    let options = [("title", "owed over a restart".into()), ("severity", "P2".into())];
    app.client(Person::Responder).slash("incident declare", &options).await.unwrap();
    app.stop_bot().await;
    app.sandbox.faults().clear();
    app.start_bot().await;
    app.settled().await;
    assert_eq!(app.count(seed::INCIDENTS, &["owed over a restart"]), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_from_before_a_long_outage_is_found_instead_of_posted_again() {
    let mut app = App::start().await;
    // Done, but nobody hears of it; then Muster is gone for longer than Discord remembers a nonce.
    app.sandbox.faults().inject(Rule::new(Fault::DoneButSilent).on("POST", "/channels/*/messages"));
    let options = [("title", "posted before".into()), ("severity", "P2".into())];
    app.client(Person::Responder).slash("incident declare", &options).await.unwrap();
    app.message(seed::INCIDENTS, &["posted before"]).await;
    app.stop_bot().await;
    app.sandbox.faults().clear();
    app.pass(Duration::from_secs(3600));
    app.start_bot().await;
    app.settled().await;
    assert_eq!(app.count(seed::INCIDENTS, &["posted before"]), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_with_a_link_is_found_though_discord_added_what_the_link_shows() {
    let mut app = App::start().await;
    let thread = app.declared("posted before", "P2").await;
    app.settled().await;
    app.sandbox.faults().inject(Rule::new(Fault::DoneButSilent).on("POST", "/channels/*/messages"));
    let note = [("text", "see https://status.example/17".into()), ("incident", "INC-1".into())];
    app.client(Person::Responder).slash("incident note", &note).await.unwrap();
    let posted = app.message(thread, &["status.example"]).await;
    app.sandbox.change(|world, _| {
        let message = world.messages.get_mut(&(thread, posted.id)).unwrap();
        let page = json!({"type": "link", "url": "https://status.example/17", "title": "All is well"});
        message.embeds.push(page);
    });
    app.stop_bot().await;
    app.sandbox.faults().clear();
    app.pass(Duration::from_secs(3600));
    app.start_bot().await;
    app.settled().await;
    assert_eq!(app.count(thread, &["status.example"]), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_notes_that_say_the_same_each_is_posted() {
    let mut app = App::start().await;
    let thread = app.declared("said twice", "P2").await;
    app.settled().await;
    // The first is posted unseen, the second never; the clock stands still, so both say the same.
    app.sandbox.faults().inject(Rule::new(Fault::DoneButSilent).on("POST", "/channels/*/messages"));
    let note = [("text", "still down".into()), ("incident", "INC-1".into())];
    app.client(Person::Responder).slash("incident note", &note).await.unwrap();
    app.message(thread, &["still down"]).await;
    app.client(Person::Responder).slash("incident note", &note).await.unwrap();
    app.stop_bot().await;
    app.sandbox.faults().clear();
    app.pass(Duration::from_secs(3600));
    app.start_bot().await;
    app.settled().await;
    assert_eq!(app.count(thread, &["still down"]), 2);
}
