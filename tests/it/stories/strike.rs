//! A pasted secret is struck out: from the journal's folder, from what Muster posted, from what it
//! shows; and whoever wanted it is told what only they can do.

use std::path::Path;

use muster::journal;
use muster::model::strike::MARK;
use muster::sandbox::world::{Id, seed};
use muster::sandbox::{Person, client};

use crate::support::app::App;

const SECRET: &str = "hunter2_hunter2*";

fn on_disk(folder: &Path) -> Vec<String> {
    let mut found = vec![];
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(on_disk(&path));
        } else if std::fs::read(&path).unwrap().windows(7).any(|w| w == b"hunter2") {
            found.push(path.display().to_string());
        }
    }
    found
}

/// Muster's messages that everybody can read and that tell it, in a file too.
fn shown(app: &App) -> Vec<String> {
    app.sandbox.look(|w| {
        let own = w.messages.values().filter(|m| m.author == seed::BOT && m.only_for.is_none());
        let texts = own.map(|m| {
            let files =
                m.attachments.iter().map(|a| String::from_utf8_lossy(&w.files[&a.id].bytes).into_owned());
            format!("{}\n{}", client::text_of(m), files.collect::<String>())
        });
        texts.filter(|t| t.contains("hunter2")).collect()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pasted_secret_is_struck_out_everywhere_that_muster_reaches() {
    let mut app = App::start().await;
    let (responder, lead) = (app.client(Person::Responder), app.client(Person::Lead));
    let thread = app.declared("Streams stop", "P2").await;
    let said =
        app.client(Person::Onlooker).say(thread, &format!("the password is {SECRET}, try it")).await.unwrap();
    let said: Id = said["id"].as_str().unwrap().parse().unwrap();
    responder.on_message("Add to timeline", thread, said).await.unwrap();
    responder.slash_in(thread, "incident note", &[("text", format!("it is {SECRET}").into())]).await.unwrap();
    responder.slash_in(thread, "incident resolve", &[("how", "logged in".into())]).await.unwrap();
    app.published("INC-1").await;
    app.settled().await;
    assert_eq!(shown(&app).len(), 3, "two entries and the report's file: {:?}", shown(&app));
    assert!(!on_disk(app.data()).is_empty(), "or this story proves nothing");

    let refused = responder.slash_in(thread, "incident strike", &[]).await.unwrap();
    assert!(
        refused.ephemeral && refused.text().contains("`/incident strike` is for lead"),
        "{}",
        refused.text()
    );
    let form = lead.slash_in(thread, "incident strike", &[]).await.unwrap();
    let done = lead.submit(&form, &[("text", SECRET), ("why", "a password")]).await.unwrap();
    let text = done.text();
    assert!(done.ephemeral && text.contains("Struck out in INC-1") && !text.contains("hunter2"), "{text}");
    let link = format!("https://discord.com/channels/{}/{thread}/{said}", seed::GUILD);
    assert!(text.contains(&link), "the person's own message is theirs to delete: {text}");
    app.message(thread, &["Struck out", "lead", "a password"]).await;
    app.settled().await;
    assert_eq!(shown(&app), Vec::<String>::new());
    assert_eq!(on_disk(app.data()), Vec::<String>::new(), "while Muster runs");
    assert_eq!(app.count(thread, &[MARK, "added by responder"]), 1);
    let reader = app.bot().engine().journal().unwrap();
    journal::verify(&*reader).expect("nothing else was changed");
    drop(reader);

    let page = responder.slash_in(thread, "timeline", &[]).await.unwrap().text();
    assert!(page.contains(MARK) && page.contains("Struck out") && !page.contains("hunter2"), "{page}");
    // An entry by its number, whole; and Muster is started again.
    let number = page.split("`#").skip(1).find(|e| e.contains("it is")).and_then(|e| e.split('`').next());
    let number: i64 = number.expect("each entry has its number").parse().unwrap();
    app.stop_bot().await;
    assert_eq!(on_disk(app.data()), Vec::<String>::new(), "when it is stopped");
    app.start_bot().await;
    let form = lead.slash_in(thread, "incident strike", &[("entry", number.into())]).await.unwrap();
    let done = lead.submit(&form, &[("text", ""), ("why", "")]).await.unwrap();
    assert!(done.text().contains("Struck out in INC-1"), "{}", done.text());
    app.settled().await;
    assert_eq!(app.count(thread, &["it is"]), 0);
    app.stop_bot().await;
    app.start_bot().await;
    let page = responder.slash_in(thread, "timeline", &[]).await.unwrap().text();
    assert!(!page.contains("it is") && page.matches("Struck out").count() == 2, "{page}");
    app.settled().await;
}
