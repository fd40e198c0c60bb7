//! Muster and its Discord, for one story.

use std::sync::Arc;
use std::time::Duration;

use muster::cli::bot::Bot;
use muster::cli::sandbox;
use muster::discord::Token;
use muster::discord::gateway::Gateway;
use muster::house::{self, Practice};
use muster::journal::SledJournal;
use muster::kit::clock::Clock;
use muster::kit::time::Timestamp;
use muster::model::house::House;
use muster::sandbox::world::{Id, Message, seed};
use muster::sandbox::{Client, Limits, Person, Sandbox, Setup, client};
use serde_json::Value;
use tempfile::TempDir;

use super::{request_log, soon, test_name};

/// A Saturday morning, 2026-11-21T09:00:00Z.
pub const START: Timestamp = Timestamp(1_795_251_600_000);

/// A sandbox, and Muster in it.
pub struct App {
    /// Discord.
    pub sandbox: Sandbox,
    /// The time of both, driven by hand.
    pub clock: Clock,
    bot: Option<Bot>,
    data: TempDir,
    house: House,
}

impl App {
    /// Starts both.
    pub async fn start() -> App {
        App::with(|_| {}).await
    }

    /// Starts both, with a house that `change` makes different.
    pub async fn with(change: impl FnOnce(&mut House)) -> App {
        App::at(Clock::driven(START), calling_nobody(change)).await
    }

    /// Starts both at this machine's own time: for stories in which a program takes its time.
    pub async fn in_real_time(change: impl FnOnce(&mut House)) -> App {
        App::at(Clock::system(), calling_nobody(change)).await
    }

    /// Starts both, with a team that calls people by its policies.
    pub async fn calling() -> App {
        App::at(Clock::driven(START), |_| {}).await
    }

    /// The same, with a house that `change` makes different.
    pub async fn calling_with(change: impl FnOnce(&mut House)) -> App {
        App::at(Clock::driven(START), change).await
    }

    async fn at(clock: Clock, change: impl FnOnce(&mut House)) -> App {
        let time = clock.clone();
        let setup = Setup {
            request_log: Some(request_log(&test_name())),
            // The clock stands still in most stories, and with it a bucket that is empty.
            limits: Limits::lifted(),
            ..Setup::new(Arc::new(move || time.now().0))
        };
        let sandbox = Sandbox::start(setup).await.expect("the sandbox starts");
        let data = tempfile::tempdir().expect("a folder for the journal");
        let practice = Practice {
            address: &sandbox.api_url(),
            muster: env!("CARGO_BIN_EXE_muster"),
            data: data.path().to_str().expect("a folder with a name in Unicode"),
        };
        let mut house = house::sandbox_with(practice).expect("the built-in files are right");
        // What a story breaks is to become an alert only where it is about alerts.
        house.settings.watch.off = true;
        house.oncall.role = None;
        change(&mut house);
        let mut app = App { sandbox, clock, bot: None, data, house };
        app.start_bot().await;
        app
    }

    /// Starts Muster on its journal, and waits until commands arrive.
    pub async fn start_bot(&mut self) {
        self.start_bot_alone().await;
        soon("the gateway", self.bot().ready()).await.expect("the gateway becomes ready");
    }

    /// The same, with other files.
    pub async fn start_with(&mut self, house: House) {
        self.house = house;
        self.start_bot().await;
    }

    /// Starts Muster on its journal, whether Discord answers or not.
    pub async fn start_bot_alone(&mut self) {
        let journal =
            SledJournal::open_or_create(&self.data.path().join("journal")).expect("the journal opens");
        let token = Token::new(seed::BOT_TOKEN);
        let bot = Bot::start_with(journal, self.house.clone(), token, self.clock.clone(), sandbox::secrets());
        self.bot = Some(bot.await.expect("Muster starts"));
    }

    /// Lets Muster look after itself too, which no other story needs.
    pub fn look_after(&mut self) {
        let bot = self.bot.as_mut().expect("Muster runs");
        bot.look_after(self.data.path()).expect("it can ask elsewhere");
    }

    /// Ends Muster; Discord stays.
    pub async fn stop_bot(&mut self) {
        if let Some(bot) = self.bot.take() {
            bot.stop().await;
        }
    }

    /// The running Muster.
    pub fn bot(&self) -> &Bot {
        self.bot.as_ref().expect("Muster runs")
    }

    /// The folder of its data.
    pub fn data(&self) -> &std::path::Path {
        self.data.path()
    }

    /// What Muster was started with.
    pub fn house(&self) -> House {
        self.house.clone()
    }

    /// A person's client.
    pub fn client(&self, person: Person) -> Client {
        self.sandbox.client(person)
    }

    /// What the gateway is now.
    pub fn gateway(&self) -> Gateway {
        self.bot().watch().gateway.borrow().clone()
    }

    /// Moves the time of everybody on.
    pub fn pass(&self, time: Duration) {
        self.clock.advance(time);
        self.sandbox.tick();
    }

    /// Waits for a message whose visible text has all these words, and gives it.
    pub async fn message(&self, channel: Id, words: &[&str]) -> Message {
        let found = self.sandbox.wait_for(|world| {
            let mut there = world.messages.range((channel, Id(0))..=(channel, Id(u64::MAX)));
            there.find(|(_, m)| has(m, words)).map(|(_, m)| m.clone())
        });
        soon(&format!("a message with {words:?}"), found).await
    }

    /// How many messages of a channel have all these words now.
    pub fn count(&self, channel: Id, words: &[&str]) -> usize {
        self.sandbox.look(|world| {
            let there = world.messages.range((channel, Id(0))..=(channel, Id(u64::MAX)));
            there.filter(|(_, m)| has(m, words)).count()
        })
    }

    /// Waits until nothing is owed any more.
    pub async fn settled(&self) {
        soon("the outbox to drain", self.bot().engine().drained()).await.expect("the engine runs");
    }

    /// Waits until nothing is owed any more, and moves the clock on meanwhile: each wait of the
    /// outbox between two tries is driven by hand.
    pub async fn settled_in_time(&self) {
        let engine = self.bot().engine().clone();
        let mut drained = tokio::spawn(async move { engine.drained().await });
        let all = async {
            // The real moment in between lets requests that are under way come back.
            while tokio::time::timeout(Duration::from_millis(50), &mut drained).await.is_err() {
                self.pass(Duration::from_secs(61));
            }
        };
        soon("the outbox to drain", all).await;
    }

    /// Writes an incident up as the responder and publishes its report as the lead.
    pub async fn published(&self, incident: &str) {
        let words =
            ["root-cause", "resolution", "lessons"].map(|part| (part, Value::from(format!("the {part}"))));
        let options = [&words[..], &[("incident", incident.into())]].concat();
        self.client(Person::Responder).slash("report write", &options).await.expect("written");
        let options = [("incident", incident.into())];
        let answer = self.client(Person::Lead).slash("report publish", &options).await.expect("published");
        assert!(answer.text().contains(&format!("report of **{incident}** goes to")), "{}", answer.text());
    }

    /// Declares an incident as the responder, and gives its thread.
    pub async fn declared(&self, title: &str, severity: &str) -> Id {
        let options: [(&str, Value); 2] = [("title", title.into()), ("severity", severity.into())];
        let answer =
            self.client(Person::Responder).slash("incident declare", &options).await.expect("declared");
        assert!(answer.text().contains("is declared"), "{}", answer.text());
        let id = answer.text().split("**").nth(1).expect("an id").to_owned();
        let thread = self.sandbox.wait_for(move |world| {
            world.channels.values().find(|c| c.name.starts_with(&format!("{id} "))).map(|c| c.id)
        });
        soon("the thread", thread).await
    }
}

fn has(message: &Message, words: &[&str]) -> bool {
    let text = client::text_of(message);
    // What one person alone was told is no post.
    message.only_for.is_none() && words.iter().all(|w| text.contains(w))
}

/// Nobody is called but in stories about that: each page is more messages than the others count with.
fn calling_nobody(change: impl FnOnce(&mut House)) -> impl FnOnce(&mut House) {
    |house| {
        house.oncall.policies.clear();
        change(house);
    }
}
