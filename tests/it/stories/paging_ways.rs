//! Somebody is called by every way that they have: a mention, a direct message, ntfy, e-mail and a webhook,
//! through the real client, a mail server and a receiver over HTTP.

use std::time::Duration;

use muster::model::ids::{ChannelId, UserId};
use muster::model::incident::Severity;
use muster::model::oncall::{Limit, Reach, Tls};
use muster::model::policy::{Fallback, Policy, Rung, Until, Whom};
use muster::sandbox::Person;
use muster::sandbox::client::text_of;
use muster::sandbox::world::{Id, Message, World, seed};
use serde_json::Value;

use crate::notify::email::Server;
use crate::notify::receiver::{Got, Receiver};
use crate::support::app::App;
use crate::support::soon;

const MINUTE: Duration = Duration::from_secs(60);

/// Muster, and where the responder is reached beside Discord.
struct Scene {
    app: App,
    receiver: Receiver,
    mails: Server,
}

impl Scene {
    /// The responder has every way and gets at most two messages in five minutes by each; a quarter of an
    /// hour later the approver is called.
    async fn start() -> Scene {
        let (receiver, mails) = (Receiver::that(vec![]).await, Server::start(&[]));
        let (url, smtp) = (receiver.url(), mails.notify(Tls::Off, false).smtp);
        let app = App::calling_with(|house| {
            let responder = house.oncall.people.get_mut("responder").expect("the practice team has one");
            responder.reach = vec![
                Reach::Ntfy(format!("{url}/topic")),
                Reach::Webhook(format!("{url}/hook")),
                Reach::Email("responder@team.example".to_owned()),
            ];
            responder.limit = Limit { count: 2, within: 5 * MINUTE };
            house.oncall.notify.smtp = smtp;
            house.oncall.policies = vec![policy()];
        })
        .await;
        Scene { app, receiver, mails }
    }

    async fn declare(&self, title: &str) {
        let options = [("title", title.into()), ("severity", "P1".into())];
        let answer = self.app.client(Person::Lead).slash("incident declare", &options).await.unwrap();
        assert!(answer.text().contains("is declared"), "{}", answer.text());
        self.app.settled().await;
    }

    /// What came to a path of the receiver.
    fn got(&self, path: &str) -> Vec<Got> {
        self.receiver.got().into_iter().filter(|got| got.path == path).collect()
    }

    fn hooks(&self) -> Vec<Value> {
        self.got("/hook").iter().map(|got| serde_json::from_str(&got.body).unwrap()).collect()
    }

    async fn why(&self, page: &str) -> String {
        let asked = self.app.client(Person::Lead).slash("pages why", &[("page", page.into())]).await.unwrap();
        asked.text().to_owned()
    }

    /// The direct messages to the responder, oldest first.
    fn direct(&self) -> Vec<(Id, String)> {
        self.app.sandbox.look(|w| direct(w).map(|m| (m.id, text_of(m))).collect())
    }
}

/// What the responder reads; the answer to a press of theirs is no call.
fn direct(world: &World) -> impl Iterator<Item = &Message> {
    let channel = world.direct_between(seed::BOT, Person::Responder.id());
    world.messages.values().filter(move |m| Some(m.channel) == channel && m.only_for.is_none())
}

fn policy() -> Policy {
    let rung = |name: &str, who: Person| Rung {
        name: name.to_owned(),
        whom: vec![Whom::Person { id: UserId(who.id().0), name: who.name().to_owned() }],
        within: 15 * MINUTE,
        every: None,
        ways: vec![],
        propose: None,
    };
    Policy {
        name: "story".to_owned(),
        services: vec![],
        severities: vec![Severity::P1],
        rungs: vec![rung("L1", Person::Responder), rung("L2", Person::Approver)],
        rounds: 1,
        fallback: Fallback { channel: ChannelId(seed::INCIDENTS.0), roles: vec![], people: vec![] },
        holds: 30 * MINUTE,
        still: 5 * MINUTE,
        until: Until::Acknowledged,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_every_way_is_called_by_each_once_and_answers_for_all_of_them() {
    let mut scene = Scene::start().await;
    scene.declare("Streams stop").await;
    let mail = scene.mails.mail().await;
    assert_eq!(mail["to"][0], "responder@team.example");
    assert!(mail["data"].as_str().unwrap().contains("Subject: INC-1: P1 critical, Streams stop"), "{mail}");
    let [note] = scene.got("/topic").try_into().expect("one note");
    assert!(note.header("title").contains("Streams stop"), "{note:?}");
    let [hook] = scene.hooks().try_into().expect("one webhook");
    assert_eq!(
        (&hook["pages"][0]["page"], &hook["pages"][0]["title"]),
        (&"PAG-1".into(), &"Streams stop".into())
    );
    let [(message, _)] = scene.direct().try_into().expect("one direct message");
    let card = scene.app.message(seed::INCIDENTS, &["INC-1 · P1 · Streams stop"]).await;
    let thread = Id(card.id.0);
    let mention = scene.app.message(thread, &["PAG-1 · call", "You are first"]).await;
    let pinged = |world: &World| -> Vec<Id> {
        world.pings.iter().filter(|p| p.user == Person::Responder.id()).map(|p| p.message).collect()
    };
    let pinged = scene.app.sandbox.look(pinged);
    assert!(pinged.contains(&mention.id) && pinged.contains(&message), "{pinged:?}");
    let why = scene.why("PAG-1").await;
    for way in ["mention", "direct message", "ntfy", "webhook", "e-mail"] {
        assert!(why.contains(&format!("responder (L1) by {way}: delivered")), "{way}: {why}");
    }

    // One press in the direct message, and every message that can be changed says so.
    scene.app.client(Person::Responder).press(message, "Acknowledge").await.unwrap();
    scene.app.settled().await;
    let says = ["✅ **responder** is on it since"];
    scene.app.message(thread, &says).await;
    assert_eq!(scene.app.count(thread, &says), 1);
    assert!(scene.direct()[0].1.contains(says[0]), "{:?}", scene.direct());
    scene.app.message(seed::INCIDENTS, &["INC-1 · P1 · Streams stop", "✅ responder is on it"]).await;
    scene.app.pass(29 * MINUTE);
    scene.app.settled().await;
    let calls = (scene.direct().len(), scene.got("/topic").len(), scene.hooks().len());
    assert_eq!(calls, (1, 1, 1), "what is acknowledged is silent");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_past_the_limit_waits_visibly_and_comes_as_one_message_of_each_way() {
    let mut scene = Scene::start().await;
    for n in 1..=4 {
        scene.declare(&format!("Problem {n}")).await;
    }
    assert_eq!((scene.direct().len(), scene.got("/topic").len(), scene.hooks().len()), (2, 2, 2));
    let why = scene.why("PAG-3").await;
    assert!(why.contains("by direct message: queued until 2026-11-21T09:05:00"), "{why}");
    assert!(why.contains("by mention: delivered"), "a mention in its own thread waits for nothing: {why}");
    // Somebody is on the third before its time: nobody is called late for it.
    let lead = scene.app.client(Person::Lead);
    lead.slash("ack", &[("page", "PAG-3".into())]).await.unwrap();
    scene.declare("Problem 5").await;
    scene.app.pass(5 * MINUTE);
    let bundle = scene.app.sandbox.wait_for(|w| {
        let waited = direct(w).find(|m| text_of(m).contains("2 pages waited for you"));
        waited.map(|m| (m.id, text_of(m)))
    });
    let (message, text) = soon("what waited", bundle).await;
    assert!(text.contains("**PAG-4**") && text.contains("**PAG-5**") && !text.contains("PAG-3"), "{text}");
    scene.app.settled().await;
    assert_eq!((scene.direct().len(), scene.got("/topic").len(), scene.hooks().len()), (3, 3, 3));
    let pages: Vec<_> =
        scene.hooks()[2]["pages"].as_array().unwrap().iter().map(|p| p["page"].clone()).collect();
    assert_eq!(pages, ["PAG-4", "PAG-5"]);
    for subject in ["Problem 1", "Problem 2", "2 pages waited for you"] {
        let mail = scene.mails.mail().await;
        assert!(mail["data"].as_str().unwrap().contains(subject), "{subject}: {mail}");
    }
    let answer = scene.app.client(Person::Responder).press(message, "Acknowledge PAG-5").await.unwrap();
    assert!(answer.text().contains("**PAG-5** of **INC-5** is yours"), "{}", answer.text());
    scene.app.settled().await;
    assert!(scene.why("PAG-5").await.contains("responder is on it"));
    assert!(!scene.why("PAG-4").await.contains("is on it"));
}
