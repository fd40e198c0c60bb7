//! How a row about being on call is proved: from the service's own runbook, through Discord. The clock is
//! driven by hand, from one thing that is due to the next, and Discord's own messages say when who was called.

use std::time::Duration;

use muster::core;
use muster::kit::time::Timestamp;
use muster::sandbox::Person;
use muster::sandbox::client::{Answer, text_of};
use muster::sandbox::world::{Id, Message, World, seed};

use crate::support::app::{App, START};

pub const MINUTE: Duration = Duration::from_secs(60);

/// A Muster that calls people, and nobody who answers unless a row says so.
pub struct Calling {
    pub app: App,
}

impl Calling {
    /// Saturday, 10:00 in Berlin.
    pub async fn start() -> Calling {
        // Jobs that are waited for would be late here, and call people too.
        let app = App::calling_with(|house| house.settings.alerting.heartbeats.clear()).await;
        Calling { app }
    }

    /// The lead declares an incident of a service.
    pub async fn declare(&self, service: &str, severity: &str) {
        let options =
            [("title", "It is down".into()), ("severity", severity.into()), ("service", service.into())];
        let answer = self.app.client(Person::Lead).slash("incident declare", &options).await.unwrap();
        assert!(answer.text().contains("is declared"), "{}", answer.text());
        self.rest().await;
    }

    /// Time passes: everything is done at the moment it is due.
    pub async fn pass(&self, time: Duration) {
        let end = self.app.clock.now().after(time);
        loop {
            self.rest().await;
            let due = self.app.bot().engine().read(|state, _| core::next_wakeup(state)).await.unwrap();
            let now = self.app.clock.now();
            let Some(due) = due.filter(|due| *due <= end && *due > now) else { break };
            self.app.pass(due.since(now));
        }
        self.app.pass(end.since(self.app.clock.now()));
        self.rest().await;
    }

    /// Waits until nothing is due and nothing is owed.
    async fn rest(&self) {
        let clock = self.app.clock.clone();
        loop {
            let clock = clock.clone();
            let due = move |state: &core::state::State, _: &_| core::is_due(state, clock.now());
            if !self.app.bot().engine().read(due).await.unwrap() {
                break;
            }
            tokio::task::yield_now().await;
        }
        self.app.settled().await;
    }

    /// The minutes, from the beginning on, at which somebody got a direct message that says this.
    pub fn minutes(&self, to: Person, says: &str) -> Vec<u64> {
        self.app.sandbox.look(|world| {
            let got = direct(world, to).filter(|m| text_of(m).contains(says));
            got.map(|m| Timestamp(m.created_at).since(START).as_secs() / 60).collect()
        })
    }

    /// The newest direct message to somebody.
    pub fn newest(&self, to: Person) -> (Id, String) {
        self.app.sandbox.look(|world| {
            let newest = direct(world, to).max_by_key(|m| m.id).expect("they were called");
            (newest.id, text_of(newest))
        })
    }

    /// Somebody presses a button under the newest direct message that they got.
    pub async fn press(&self, who: Person, button: &str) -> Answer {
        let answer = self.app.client(who).press(self.newest(who).0, button).await.unwrap();
        self.rest().await;
        answer
    }

    /// What an answer to somebody's command says.
    pub async fn say(&self, who: Person, command: &str, options: &[(&str, &str)]) -> String {
        let options: Vec<_> = options.iter().map(|(name, value)| (*name, (*value).into())).collect();
        let answer = self.app.client(who).slash(command, &options).await.unwrap();
        answer.text().to_owned()
    }

    /// The lines of `/oncall now` about a rota.
    pub async fn on_call(&self, rota: &str) -> Vec<String> {
        let said = self.say(Person::Onlooker, "oncall now", &[]).await;
        let own = said.split(&format!("**{rota}**\n")).nth(1).unwrap_or_else(|| panic!("{rota}: {said}"));
        own.lines().take_while(|line| line.starts_with("- ")).map(str::to_owned).collect()
    }
}

/// What somebody reads; the answer to a press of theirs is no call.
fn direct(world: &World, to: Person) -> impl Iterator<Item = &Message> {
    let channel = world.direct_between(seed::BOT, to.id());
    world.messages.values().filter(move |m| Some(m.channel) == channel && m.only_for.is_none())
}
