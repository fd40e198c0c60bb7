//! "Add to timeline": a message that people wrote becomes an entry at its own time.

use std::time::Duration;

use muster::sandbox::world::{Id, seed};
use muster::sandbox::{Client, Person};
use serde_json::{Value, json};

use crate::support::app::App;

const ADD: &str = "Add to timeline";

async fn say(client: &Client, channel: Id, words: &str) -> Id {
    id(&client.say(channel, words).await.expect("said"))
}

fn id(message: &Value) -> Id {
    message["id"].as_str().and_then(|s| s.parse().ok()).expect("an id")
}

async fn timeline(app: &App, of: Id) -> String {
    app.client(Person::Onlooker).slash_in(of, "timeline", &[]).await.expect("a timeline").text()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_stands_in_the_timeline_at_the_time_when_it_was_written() {
    let app = App::start().await;
    let (responder, onlooker) = (app.client(Person::Responder), app.client(Person::Onlooker));
    let early = say(&onlooker, seed::GENERAL, "streams stop since 10:58, **all** of them").await;
    app.pass(Duration::from_secs(120));
    let thread = app.declared("Streams stop", "P2").await;
    app.pass(Duration::from_secs(60));
    let within = say(&onlooker, thread, "the relay is red").await;
    app.pass(Duration::from_secs(60));
    responder.slash_in(thread, "incident note", &[("text", "restarting".into())]).await.unwrap();

    // The only open one; and the thread's own, where one is used in it.
    let added = responder.on_message(ADD, seed::GENERAL, early).await.unwrap();
    assert!(
        added.ephemeral && added.text().contains("Added to the timeline of **INC-1**"),
        "{}",
        added.text()
    );
    responder.on_message(ADD, thread, within).await.unwrap();
    app.message(thread, &["streams stop since", "\\*\\*all", "added by responder", "discord.com/channels/"])
        .await;

    let page = timeline(&app, thread).await;
    let place = |words: &str| page.find(words).unwrap_or_else(|| panic!("{words} is not in {page}"));
    assert!(place("streams stop since") < place("Declared"), "it was written before: {page}");
    assert!(place("Declared") < place("the relay is red") && place("the relay is red") < place("restarting"));
    let link = format!("https://discord.com/channels/{}/{}/{early}", seed::GUILD, seed::GENERAL);
    assert!(page.contains(&link) && page.contains("added by responder"), "{page}");

    let again = app.client(Person::Lead).on_message(ADD, seed::GENERAL, early).await.unwrap();
    assert!(
        again.ephemeral && again.text().contains("in the timeline of **INC-1** already"),
        "{}",
        again.text()
    );
    let report =
        responder.slash_in(thread, "incident resolve", &[("how", "a relay was replaced".into())]).await;
    assert!(report.unwrap().text().contains("resolved"));
    app.published("INC-1").await;
    let report = app.message(seed::REPORTS, &["Report · INC-1"]).await;
    let whole = report.attachments.iter().find(|a| a.filename.ends_with(".md")).unwrap().id;
    let file = app.sandbox.look(|w| w.files[&whole].bytes.clone());
    let md = String::from_utf8(file).unwrap();
    let place = |words: &str| md.find(words).unwrap_or_else(|| panic!("{words} is not in {md}"));
    assert!(place("10:00 - 💬 **onlooker**") < place("10:02 - 🚨"), "{md}");
    app.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn where_several_are_open_a_list_asks_which() {
    let app = App::start().await;
    let (responder, lead) = (app.client(Person::Responder), app.client(Person::Lead));
    let message = say(&app.client(Person::Onlooker), seed::GENERAL, "the queue stands still").await;
    let none = responder.on_message(ADD, seed::GENERAL, message).await.unwrap();
    assert!(none.text().contains("There is no incident yet"), "{}", none.text());

    app.declared("The first one", "P3").await;
    let second = app.declared("The second one", "P1").await;
    let asked = responder.on_message(ADD, seed::GENERAL, message).await.unwrap();
    let list = asked.message.as_ref().expect("a list").components[0]["components"][0].clone();
    assert!(asked.ephemeral && list["options"][0]["value"] == "INC-2", "the worst first: {list}");
    let list = asked.message.as_ref().unwrap().id;
    // The message is gone by the time they choose: what it said was sent along before.
    app.client(Person::Onlooker)
        .request("DELETE", &format!("/channels/{}/messages/{message}", seed::GENERAL), None)
        .await
        .unwrap();
    let chosen = responder.choose(list, "Which incident?", &["INC-2"]).await.unwrap();
    assert!(chosen.text().contains("Added to the timeline of **INC-2**"), "{}", chosen.text());
    app.message(second, &["the queue stands still"]).await;
    let other = responder.choose(list, "Which incident?", &["INC-1"]).await.unwrap();
    assert!(
        other.text().contains("Added to the timeline of **INC-1**"),
        "it may belong to both: {}",
        other.text()
    );
    let twice = responder.choose(list, "Which incident?", &["INC-1"]).await.unwrap();
    assert!(twice.text().contains("already"), "{}", twice.text());

    app.pass(Duration::from_secs(15 * 60));
    let late = responder.choose(list, "Which incident?", &["INC-1"]).await.unwrap();
    assert!(late.text().contains("This list is too old"), "{}", late.text());
    // A list that is another's, or none.
    let card = app.message(seed::INCIDENTS, &["INC-1"]).await;
    for forged in ["m1 pick-quote 1", "m1 pick-quote x"] {
        let forged = lead.forge_click(seed::INCIDENTS, card.id, forged).await.unwrap();
        assert!(forged.text().contains('⛔'), "{}", forged.text());
    }
    app.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_note_may_not_add_and_what_is_gone_or_musters_own_is_not_added() {
    let app = App::start().await;
    let thread = app.declared("Streams stop", "P2").await;
    let (responder, onlooker) = (app.client(Person::Responder), app.client(Person::Onlooker));
    let message = say(&onlooker, thread, "me too").await;
    let refused = onlooker.on_message(ADD, thread, message).await.unwrap();
    assert!(
        refused.ephemeral && refused.text().contains("“Add to timeline” is for responder"),
        "{}",
        refused.text()
    );
    let own = app.message(thread, &["Declared"]).await;
    let own = responder.on_message(ADD, thread, own.id).await.unwrap();
    assert!(own.text().contains("Muster wrote this message itself"), "{}", own.text());
    let path = format!("/channels/{thread}/messages/{message}");
    onlooker.request("DELETE", &path, None).await.unwrap();
    let gone = responder.on_message(ADD, thread, message).await.expect_err("Discord's own refusal");
    assert_eq!(gone.code(), 10008, "Unknown Message: {gone}");
    let page = timeline(&app, thread).await;
    assert!(page.contains("1 entries"), "nothing was added: {page}");
    app.settled().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_are_kept_whole_and_do_nothing_boxes_and_files_are_told() {
    let app = App::start().await;
    let thread = app.declared("Streams stop", "P2").await;
    let (responder, onlooker) = (app.client(Person::Responder), app.client(Person::Onlooker));
    let nasty = format!("@everyone <@{}> [x](http://evil.test) \u{202e}gnp.exe `code`", Person::Lead.id());
    let long = format!("{nasty} {} the end", "word ".repeat(360));
    let long = say(&onlooker, seed::GENERAL, &long).await;
    responder.on_message(ADD, seed::GENERAL, long).await.unwrap();
    let entry = app.message(thread, &["gnp.exe"]).await;
    assert!(
        entry.content.chars().count() <= 2000 && !entry.content.contains('\u{202e}'),
        "{}",
        entry.content
    );
    assert!(entry.content.contains("\\@everyone \\<\\@"), "{}", entry.content);
    let by_muster = app.sandbox.look(|w| w.pings.iter().filter(|p| p.message != long).count());
    assert_eq!(by_muster, 0, "only the person's own message pinged");
    let whole =
        app.sandbox.look(|w| String::from_utf8(w.files[&entry.attachments[0].id].bytes.clone()).unwrap());
    assert!(whole.contains("the end"), "kept whole: {whole}");

    // Another bot's message of boxes alone, with a file.
    let boxes = json!({"embeds": [{"title": "Disk full", "description": "host a", "fields": [{"name": "used", "value": "100 %"}]}]});
    let alert = app.sandbox.change(|world, now| {
        let body = json!({"content": "see the file"});
        let file = muster::sandbox::world::File {
            index: 0,
            filename: "graph_1.png".to_owned(),
            content_type: "image/png".to_owned(),
            bytes: vec![0; 2_500],
        };
        let made =
            world.create_message(now, Person::Lead.id(), seed::GENERAL, &body, vec![file]).expect("posted");
        let made = id(&made);
        if let Some(message) = world.messages.get_mut(&(seed::GENERAL, made)) {
            message.content.clear();
            message.embeds = vec![boxes["embeds"][0].clone()];
        }
        made
    });
    responder.on_message(ADD, seed::GENERAL, alert).await.unwrap();
    app.message(thread, &["Disk full", "host a", "used: 100 %", "graph\\_1.png (3 KiB)"]).await;
    app.settled().await;
}
