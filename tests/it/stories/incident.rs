//! An incident from its declaration to its report.

use std::time::Duration;

use muster::sandbox::Person;
use muster::sandbox::world::{Id, seed};

use crate::support::app::App;
use crate::support::soon;

#[tokio::test(flavor = "multi_thread")]
async fn declared_noted_resolved_and_the_report_appears() {
    let app = App::start().await;
    let (responder, lead) = (app.client(Person::Responder), app.client(Person::Lead));
    let thread = app.declared("Streams stop after ten seconds", "P2").await;
    let card = app.message(seed::INCIDENTS, &["INC-1", "P2", "Streams stop after ten seconds", "Open"]).await;
    app.message(thread, &["Declared", "responder", "P2 high"]).await;

    app.pass(Duration::from_secs(240));
    let said =
        responder.slash_in(thread, "incident note", &[("text", "Restarted the relay".into())]).await.unwrap();
    assert!(said.ephemeral && said.text().contains("Noted in **INC-1**"), "{}", said.text());
    app.message(thread, &["Restarted the relay", "responder"]).await;

    app.pass(Duration::from_secs(60));
    let noted = lead.slash("incident note", &[("text", "Customers told".into())]).await.unwrap();
    assert!(noted.ephemeral && noted.text().contains("Noted in **INC-1**"), "{}", noted.text());
    app.message(thread, &["Customers told", "lead"]).await;

    let timeline = app.client(Person::Onlooker).slash("timeline", &[]).await.unwrap();
    assert!(timeline.ephemeral);
    for words in ["Declared", "Restarted the relay", "Customers told", "3 entries"] {
        assert!(timeline.text().contains(words), "{words} is not in {}", timeline.text());
    }

    app.pass(Duration::from_secs(300));
    let done = responder
        .slash_in(thread, "incident resolve", &[("how", "A dead relay was replaced".into())])
        .await
        .unwrap();
    assert!(done.text().contains("INC-1** is resolved"), "{}", done.text());
    app.message(thread, &["INC-1 · after the incident", "⬜ Monitoring updated"]).await;
    let card = app
        .sandbox
        .wait_for(|w| w.messages.get(&(seed::INCIDENTS, card.id)).filter(|m| m.edited_at.is_some()).cloned());
    let card = muster::sandbox::client::text_of(&soon("the card to be edited", card).await);
    assert!(card.contains("Resolved <t:") && card.contains("10 m 00 s"), "{card}");
    app.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_one_is_seen_by_those_who_were_brought_in() {
    let app = App::start().await;
    let (responder, onlooker) = (app.client(Person::Responder), app.client(Person::Onlooker));
    let args =
        [("title", "A password was found".into()), ("severity", "P2".into()), ("private", true.into())];
    let said = responder.slash("incident declare", &args).await.unwrap();
    assert!(said.ephemeral && said.text().contains("declared in private"), "{}", said.text());
    let thread =
        app.sandbox.look(|w| w.channels.values().find(|c| c.name.starts_with("INC-1 ")).map(|c| c.id));
    let thread = thread.expect("its thread");
    app.message(thread, &["PRIVATE · INC-1", "A password was found"]).await;
    app.settled().await;
    assert_eq!(app.count(seed::INCIDENTS, &["A password was found"]), 0);
    assert!(onlooker.messages(thread).await.is_err(), "Discord lets nobody else in");
    let shown = onlooker.slash("incident show", &[("incident", "INC-1".into())]).await.unwrap();
    assert!(shown.text().contains("There is no INC-1"), "{}", shown.text());

    let args = [("person", Person::Onlooker.id().to_string().into())];
    responder.slash_in(thread, "incident invite", &args).await.unwrap();
    app.settled().await;
    assert!(onlooker.messages(thread).await.is_ok(), "now it does");
    let shown = onlooker.slash("incident show", &[("incident", "INC-1".into())]).await.unwrap();
    assert!(shown.text().contains("A password was found"), "{}", shown.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn buttons_and_forms_do_what_the_commands_do() {
    let app = App::start().await;
    let thread = app.declared("Queue stands still", "P3").await;
    let responder = app.client(Person::Responder);
    let card = app.message(seed::INCIDENTS, &["INC-1"]).await;

    let form = responder.press(card.id, "Add note").await.unwrap();
    let sent = responder.submit(&form, &[("text", "Redis answers")]).await.unwrap();
    assert!(sent.text().contains("Noted in **INC-1**"), "{}", sent.text());
    app.message(thread, &["Redis answers"]).await;

    let timeline = responder.press(card.id, "Timeline").await.unwrap();
    assert!(timeline.ephemeral && timeline.text().contains("Redis answers"), "{}", timeline.text());

    // Two open the form; the second to send it learns who was first.
    let (first, lead) = (responder.press(card.id, "Resolve").await.unwrap(), app.client(Person::Lead));
    let second = lead.press(card.id, "Resolve").await.unwrap();
    responder.submit(&first, &[("how", "Worker restarted")]).await.unwrap();
    let late = lead.submit(&second, &[("how", "something else")]).await.unwrap();
    assert!(late.ephemeral && late.text().contains("resolved already: responder did it"), "{}", late.text());
    app.settled().await;
    assert_eq!(app.count(thread, &["INC-1 · after the incident"]), 1);
    assert_eq!(app.count(seed::REPORTS, &["Report"]), 0, "nobody published one");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_button_pressed_twice_does_it_once() {
    let app = App::start().await;
    let thread = app.declared("Twice", "P4").await;
    let responder = app.client(Person::Responder);
    let card = app.message(seed::INCIDENTS, &["INC-1"]).await;
    let form = responder.press(card.id, "Resolve").await.unwrap();
    let again = responder.press(card.id, "Resolve").await.unwrap();
    let (a, b) =
        tokio::join!(responder.submit(&form, &[("how", "")]), responder.submit(&again, &[("how", "")]));
    let said = [a.unwrap().text(), b.unwrap().text()];
    assert_eq!(said.iter().filter(|s| s.contains("is resolved.")).count(), 1, "{said:?}");
    assert_eq!(said.iter().filter(|s| s.contains("resolved already")).count(), 1, "{said:?}");
    app.settled().await;
    assert_eq!(app.count(thread, &["INC-1 · after the incident"]), 1);
    assert_eq!(app.count(seed::REPORTS, &["Report"]), 0, "nobody published one");
}

#[tokio::test(flavor = "multi_thread")]
async fn which_incident_is_meant_is_never_guessed() {
    let app = App::start().await;
    let responder = app.client(Person::Responder);
    let none = responder.slash("incident note", &[("text", "x".into())]).await.unwrap();
    assert!(none.text().contains("No incident is open"), "{}", none.text());
    app.declared("The first one", "P3").await;
    let thread = app.declared("The second one", "P1").await;
    let many = responder.slash("incident note", &[("text", "x".into())]).await.unwrap();
    assert!(many.text().contains("Several are open: INC-2, INC-1"), "{}", many.text());
    let here = responder.slash_in(thread, "incident note", &[("text", "meant here".into())]).await.unwrap();
    assert!(here.text().contains("Noted in **INC-2**"), "{}", here.text());
    app.message(thread, &["meant here"]).await;
    let named = responder
        .slash("incident note", &[("text", "x".into()), ("incident", "inc-1".into())])
        .await
        .unwrap();
    assert!(named.text().contains("INC-1"), "{}", named.text());
    let choices = responder.complete("incident note", "incident", "second", &[]).await.unwrap();
    assert!(choices.len() == 1 && format!("{choices:?}").contains("INC-2"), "{choices:?}");
    let list = responder.slash("incident list", &[]).await.unwrap().text();
    assert!(list.find("INC-2").unwrap() < list.find("INC-1").unwrap(), "worst first: {list}");
}

#[tokio::test(flavor = "multi_thread")]
async fn over_long_text_is_cut_where_it_is_shown_and_whole_where_it_is_kept() {
    let app = App::start().await;
    let thread = app.declared(&"long title ".repeat(18), "P3").await;
    let responder = app.client(Person::Responder);
    let text = format!("{} the end", "words and ".repeat(190));
    responder.slash("incident note", &[("text", text.clone().into())]).await.unwrap();
    app.settled().await;
    let entry = app.message(thread, &["words and"]).await;
    assert!(entry.content.chars().count() <= 2000);
    for _ in 0..30 {
        responder.slash_in(thread, "incident note", &[("text", text.clone().into())]).await.unwrap();
    }
    let page = responder.slash_in(thread, "timeline", &[]).await.unwrap();
    assert!(page.text().contains("page 3 of 3 · 32 entries"), "{}", page.text());
    responder.slash_in(thread, "incident resolve", &[("how", "done".into())]).await.unwrap();
    app.published("INC-1").await;
    let report = app.message(seed::REPORTS, &["Report · INC-1"]).await;
    let whole = app.sandbox.look(|w| {
        report
            .attachments
            .iter()
            .filter(|a| a.filename.ends_with(".md"))
            .map(|a| String::from_utf8(w.files[&a.id].bytes.clone()).unwrap())
            .collect::<String>()
    });
    assert_eq!(whole.matches("the end").count(), 31, "every note is in the report whole");
    app.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn names_and_texts_do_not_ping_and_are_not_markup() {
    let app = App::start().await;
    let everyone = "@everyone **bold** <@1100000000000000042> \u{202e}gnp.exe";
    let thread = app.declared("a\u{202e}b @here", "P3").await;
    app.client(Person::Responder).slash("incident note", &[("text", everyone.into())]).await.unwrap();
    let entry = app.message(thread, &["gnp.exe"]).await;
    assert!(!entry.content.contains('\u{202e}') && entry.content.contains("\\*\\*bold"), "{}", entry.content);
    app.settled().await;
    assert_eq!(app.sandbox.look(|w| w.pings.clone()), []);
    let named = app.sandbox.look(|w| w.channels.get(&Id(thread.0)).map(|c| c.name.clone()));
    assert_eq!(named.as_deref(), Some("INC-1 ab @here"));
}
