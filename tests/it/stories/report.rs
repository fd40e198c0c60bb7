//! From resolving an incident to the report in its channel: checklist, write-up, action items,
//! publication, and what comes after it.

use std::time::Duration;

use muster::sandbox::Person;
use muster::sandbox::client::text_of;
use muster::sandbox::world::{Id, Message, seed};

use crate::support::app::App;
use crate::support::soon;

/// A P2 that was resolved after ten minutes; its thread.
async fn resolved(app: &App) -> Id {
    let responder = app.client(Person::Responder);
    let thread = app.declared("Streams stop after ten seconds", "P2").await;
    app.pass(Duration::from_secs(240));
    let update = [("status", "identified".into()), ("text", "A relay is dead".into())];
    responder.slash_in(thread, "incident update", &update).await.unwrap();
    responder.slash_in(thread, "incident note", &[("text", "Restarted the relay".into())]).await.unwrap();
    app.pass(Duration::from_secs(360));
    let how = [("how", "A dead relay was replaced".into())];
    responder.slash_in(thread, "incident resolve", &how).await.unwrap();
    thread
}

/// The message with these words, as it is once it says this too.
async fn once(app: &App, channel: Id, words: &'static str, says: &'static str) -> Message {
    let found = app.sandbox.wait_for(|world| {
        let mut there = world.messages.range((channel, Id(0))..=(channel, Id(u64::MAX)));
        let has = |m: &Message| {
            let text = text_of(m);
            m.only_for.is_none() && text.contains(words) && text.contains(says)
        };
        there.find(|(_, m)| has(m)).map(|(_, m)| m.clone())
    });
    soon(&format!("{words} to say {says}"), found).await
}

#[tokio::test(flavor = "multi_thread")]
async fn resolved_ticked_written_up_and_published() {
    let app = App::start().await;
    let (responder, lead) = (app.client(Person::Responder), app.client(Person::Lead));
    let thread = resolved(&app).await;
    let list = app.message(thread, &["INC-1 · after the incident", "0 of 4 done"]).await;
    assert_eq!(app.count(seed::REPORTS, &["INC-1"]), 0, "nobody has published anything");

    // A person ticks, and takes it back; the message is edited.
    responder.press(list.id, "☐ Monitoring updated").await.unwrap();
    once(&app, thread, "after the incident", "✅ Monitoring updated · responder").await;
    responder.press(list.id, "☑ Monitoring updated").await.unwrap();
    once(&app, thread, "after the incident", "⬜ Monitoring updated").await;
    lead.press(list.id, "☐ Monitoring updated").await.unwrap();
    once(&app, thread, "after the incident", "✅ Monitoring updated · lead").await;

    // The form is filled with what is there.
    let form = responder.press(list.id, "Write it up").await.unwrap();
    assert!(form.modal().unwrap().to_string().contains("A dead relay was replaced"));
    let words = [("root-cause", "Its disk was full"), ("lessons", "Watch disks"), ("summary", "No sound.")];
    let said = responder.submit(&form, &words).await.unwrap();
    assert!(said.text().contains("in the report of **INC-1**"), "{}", said.text());
    once(&app, thread, "after the incident", "✅ Timeline and root cause documented · responder").await;

    let form = responder.press(list.id, "Action item").await.unwrap();
    let item = [("what", "Alert on full disks"), ("owner", "me"), ("due", "in 3 days")];
    let said = responder.submit(&form, &item).await.unwrap();
    assert!(said.text().contains("**ACT-1**") && said.text().contains("2026-11-24"), "{}", said.text());
    once(&app, thread, "after the incident", "✅ Follow-ups created").await;

    // Who wrote why it happened does not publish it, and an onlooker does not at all.
    let own = responder.slash_in(thread, "report publish", &[]).await.unwrap();
    assert!(own.text().contains("published by lead or approver"), "{}", own.text());
    let draft = lead.press(list.id, "Report").await.unwrap();
    assert!(draft.ephemeral && draft.text().contains("It has all that it needs"), "{}", draft.text());
    let said = lead.press(draft.message.unwrap().id, "Publish").await.unwrap();
    assert!(said.text().contains("The report of **INC-1** goes to"), "{}", said.text());

    let report = app.message(seed::REPORTS, &["Report · INC-1", "10 m 00 s", "Its disk was full"]).await;
    let text = text_of(&report);
    for words in [
        "resolved",
        "Time to identify: **4 m 00 s**",
        // Whoever publishes it was not in it for that.
        "People: **1**",
        "10:00 - 🚨",
        "10:04 - 📝 **responder**: Restarted the relay",
        "A dead relay was replaced",
        "☐ ACT-1: Alert on full disks (responder, due 2026-11-24)",
        "Watch disks",
        "No sound.",
    ] {
        assert!(text.contains(words), "{words} is not in {text}");
    }
    let md = file(&app, &report, ".md");
    for words in [
        "# Incident report: Streams stop after ten seconds",
        "(total 10 m 00 s)",
        "- **Status:** resolved",
        "- **Revision:** 1, published by lead",
        "## Summary\n\nNo sound.",
        "- 10:04 - 📝 **responder**: Restarted the relay",
        "## Root cause\n\nIts disk was full",
        "## Resolution\n\nA dead relay was replaced",
        "- [ ] **ACT-1**: Alert on full disks (responder, due 2026-11-24)",
        "## Lessons learned\n\nWatch disks",
    ] {
        assert!(md.contains(words), "{words} is not in {md}");
    }
    once(&app, thread, "after the incident", "4 of 4 done").await;
    app.settled().await;
    let called = app.sandbox.look(|w| w.pings.iter().filter(|p| p.channel == seed::REPORTS).count());
    assert_eq!(called, 0, "a report calls nobody");

    // What changes afterwards is another revision, and without a change there is none.
    let again = lead.slash_in(thread, "report publish", &[]).await.unwrap();
    assert!(again.text().contains("nothing has changed since"), "{}", again.text());
    responder.slash_in(thread, "action done", &[("item", "ACT-1".into())]).await.unwrap();
    let again = lead.slash_in(thread, "report publish", &[]).await.unwrap();
    assert!(again.text().contains("Revision 2"), "{}", again.text());
    let second = app.message(seed::REPORTS, &["(revision 2)", "☑ ACT-1"]).await;
    assert!(file(&app, &second, ".md").contains("- [x] **ACT-1**"));
    app.settled().await;
    assert_eq!(app.count(seed::REPORTS, &["Report · INC-1"]), 2);
}

/// A text that is attached to a message.
fn file(app: &App, message: &Message, ending: &str) -> String {
    String::from_utf8(bytes(app, message, ending)).unwrap()
}

fn bytes(app: &App, message: &Message, ending: &str) -> Vec<u8> {
    let attached = message.attachments.iter().find(|a| a.filename.ends_with(ending));
    let id = attached.unwrap_or_else(|| panic!("no {ending} is attached")).id;
    app.sandbox.look(|w| w.files[&id].bytes.to_vec())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_picture_is_there_with_its_words() {
    let app = App::start().await;
    resolved(&app).await;
    app.published("INC-1").await;
    let report = app.message(seed::REPORTS, &["Report · INC-1"]).await;
    let png = bytes(&app, &report, ".png");
    assert!(png.starts_with(b"\x89PNG") && png.len() < 1_000_000, "{} bytes", png.len());
    let alt = report.attachments.iter().find(|a| a.filename == "inc-1.png").unwrap().description.clone();
    let alt = alt.expect("whoever cannot see it reads it");
    assert!(alt.contains("investigating (P2 high) from 10:00, identified (P2 high) from 10:04"), "{alt}");
    app.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_reviewers_press_at_the_same_time_and_one_report_stands_there() {
    let app = App::start().await;
    let thread = resolved(&app).await;
    let responder = app.client(Person::Responder);
    let words = ["root-cause", "lessons"].map(|part| (part, part.into()));
    responder.slash_in(thread, "report write", &words).await.unwrap();
    let (lead, approver) = (app.client(Person::Lead), app.client(Person::Approver));
    let first = lead.slash_in(thread, "report show", &[]).await.unwrap().message.unwrap().id;
    let second = approver.slash_in(thread, "report show", &[]).await.unwrap().message.unwrap().id;
    let (a, b) = tokio::join!(lead.press(first, "Publish"), approver.press(second, "Publish"));
    let said = [a.unwrap().text(), b.unwrap().text()];
    assert_eq!(said.iter().filter(|s| s.contains("goes to")).count(), 1, "{said:?}");
    assert_eq!(said.iter().filter(|s| s.contains("nothing has changed since")).count(), 1, "{said:?}");
    app.settled().await;
    assert_eq!(app.count(seed::REPORTS, &["Report · INC-1"]), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_checklist_in_a_thread_that_sleeps_is_woken_and_one_that_is_gone_is_posted_where_people_look() {
    let app = App::start().await;
    let thread = resolved(&app).await;
    let responder = app.client(Person::Responder);
    let list = app.message(thread, &["INC-1 · after the incident"]).await;
    app.settled().await;
    app.sandbox.change(|world, now| world.archive(now, thread, false));
    let write = [("root-cause", "a full disk".into()), ("incident", "INC-1".into())];
    responder.slash("report write", &write).await.unwrap();
    once(&app, thread, "after the incident", "✅ Timeline and root cause documented").await;
    // Somebody deletes the message: the next change posts it anew.
    app.sandbox.change(|world, _| world.delete_message(seed::BOT, thread, list.id).unwrap());
    let item = [("what", "watch disks".into()), ("due", "tomorrow".into()), ("incident", "INC-1".into())];
    responder.slash("action add", &item).await.unwrap();
    once(&app, thread, "after the incident", "✅ Follow-ups created").await;
    app.settled().await;
    // And the thread: what should be said there is said in the incidents channel, reminders too.
    app.sandbox.change(|world, _| world.remove_channel(thread));
    let lessons = [("lessons", "watch disks".into()), ("incident", "INC-1".into())];
    responder.slash("report write", &lessons).await.unwrap();
    app.message(seed::INCIDENTS, &["INC-1 · after the incident", "✅ Follow-ups created"]).await;
    app.settled().await;
    app.pass(Duration::from_secs(24 * 3_600));
    app.message(seed::INCIDENTS, &["**ACT-1** of **INC-1** is due today: watch disks"]).await;
    app.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_write_pings_nobody_and_hides_nothing() {
    let app = App::start().await;
    let thread = app.declared("a\u{202e}b @here", "P3").await;
    let responder = app.client(Person::Responder);
    let evil = "@everyone **bold** <@1100000000000000042> \u{202e}gnp.exe";
    responder.slash_in(thread, "incident resolve", &[("how", evil.into())]).await.unwrap();
    let words = ["summary", "root-cause", "lessons"].map(|part| (part, evil.into()));
    responder.slash_in(thread, "report write", &words).await.unwrap();
    responder.slash_in(thread, "action add", &[("what", evil.into())]).await.unwrap();
    app.client(Person::Lead).slash_in(thread, "report publish", &[]).await.unwrap();
    let report = app.message(seed::REPORTS, &["Report · INC-1"]).await;
    let texts = [text_of(&report), file(&app, &report, ".md")];
    for text in &texts {
        assert!(!text.contains('\u{202e}') && !text.contains("**bold**"), "{text}");
        assert!(text.contains("\\@everyone \\*\\*bold\\*\\* \\<\\@1100000000000000042\\>"), "{text}");
    }
    app.settled().await;
    assert_eq!(app.sandbox.look(|w| w.pings.clone()), []);
}
