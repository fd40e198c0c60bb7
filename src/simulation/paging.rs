//! People who are called: they answer late, twice, or never; where they read it, or with a command.

use serde_json::json;

use super::oncall::TEAM;
use super::run::Run;
use super::work::UnderWay;
use crate::engine::Delivery;
use crate::engine::outbox::Task;
use crate::model::input::{CallAsk, Input, PageAnswer, TerminalAct};
use crate::model::page::Page;
use crate::model::settlement::{Reason, Settlement};
use crate::sandbox::world::guild::ChannelKind;
use crate::sandbox::world::seed::Person;
use crate::sandbox::world::{Id, interactive};

impl Run {
    /// Somebody answers a page, or says something about one.
    pub fn answer_a_page(&mut self) {
        let buttons = self.page_buttons();
        let people = Person::ALL.map(Person::id);
        if let Some((channel, message, button, whose)) = self.chance.one(&buttons).cloned()
            && self.chance.percent(75)
        {
            let user = whose.or_else(|| self.chance.one(&people).copied());
            let Some(user) = user else { return };
            let twice = self.chance.percent(15);
            self.press(user, channel, message, &button);
            if twice {
                self.press(user, channel, message, &button);
            }
            return;
        }
        let (Some(user), Some(place)) =
            (self.chance.one(&people).copied(), self.chance.one(&self.places()).copied())
        else {
            return;
        };
        match self.chance.below(7) {
            0 => drop(self.type_command(user, place, "ack", &[])),
            1 => drop(self.type_command(user, place, "escalate", &[])),
            2 => drop(self.type_command(user, place, "pages list", &[])),
            3 | 4 => self.change_who_is_on_call(user, place),
            5 => self.answer_at_a_terminal(),
            _ => {
                let text = self.text("come and look");
                let mut options = vec![json!({"name": "text", "value": text})];
                if self.chance.percent(60) {
                    let whom = self.chance.one(&people).copied().unwrap_or(user);
                    options.push(json!({"name": "person", "value": whom}));
                }
                self.command(user, place, 2, "page", options);
            }
        }
    }

    /// Somebody answers at a terminal of Muster's machine, or calls somebody from there.
    fn answer_at_a_terminal(&mut self) {
        let Some(p) = &mut self.process else { return };
        let open: Vec<_> = p.committer.state().pages.open().map(Page::id).collect();
        let page = self.chance.one(&open).copied().filter(|_| self.chance.percent(90));
        let act = match self.chance.weighted(&[60, 20, 20]) {
            0 => TerminalAct::Page { page, answer: PageAnswer::Acknowledge },
            1 => TerminalAct::Page { page, answer: PageAnswer::Escalate },
            _ => {
                let who = self.chance.percent(60).then(|| Person::Approver.name().to_owned());
                let text = Some("come and look".to_owned());
                TerminalAct::Call(CallAsk { who, text, ..CallAsk::default() })
            }
        };
        p.inbox.push_back(Input::Terminal { user: "operator".to_owned(), act });
    }

    /// Somebody else is on call for a while, or somebody cannot be.
    fn change_who_is_on_call(&mut self, user: Id, place: Id) {
        let text = |name: &str, value: &str| json!({"name": name, "value": value});
        let lasts = (*self.chance.one(&["1m", "5m", "30m", "2h"]).unwrap_or(&"5m")).to_owned();
        match self.chance.weighted(&[60, 20, 14, 6]) {
            0 => {
                let whom = self.chance.one(&Person::ALL.map(Person::id)).copied().unwrap_or(user);
                let rank = if self.chance.percent(60) { "primary" } else { "secondary" };
                let mut options = vec![text("rota", TEAM), text("for", &lasts), text("rank", rank)];
                options.push(json!({"name": "person", "value": whom}));
                if self.chance.percent(30) {
                    options.push(text("from", "in 2m"));
                }
                self.command(user, place, 2, "oncall override", options);
            }
            1 => {
                let known = self.process.as_ref().map(|p| p.committer.state().oncall.overrides.clone());
                let known: Vec<String> = known.iter().flatten().map(|o| o.id.to_string()).collect();
                let which = self.chance.one(&known).cloned().unwrap_or_else(|| "OVR-1".to_owned());
                self.command(user, place, 2, "oncall override-end", vec![text("override", &which)]);
            }
            2 => drop(self.command(user, place, 2, "unavailable", vec![text("for", &lasts)])),
            _ => {
                let back = json!({"name": "back", "value": true});
                self.command(user, place, 2, "unavailable", vec![back]);
            }
        }
    }

    /// The buttons under messages of pages: where, which, and whose they are in a direct message.
    fn page_buttons(&self) -> Vec<(Id, Id, String, Option<Id>)> {
        let server = self.discord.lock();
        let world = &server.world;
        let of = |m: &crate::sandbox::world::Message| -> Vec<(Id, Id, String, Option<Id>)> {
            let channel = world.channels.get(&m.channel);
            let direct = channel.filter(|c| c.kind == ChannelKind::Direct);
            let whose = direct.and_then(|c| c.recipients.iter().copied().find(|r| *r != m.author));
            let page = |id: &str| id.starts_with("m1 page-");
            let found = interactive(&m.components).into_iter().filter_map(|c| c["custom_id"].as_str());
            found.filter(|id| page(id)).map(|id| (m.channel, m.id, id.to_owned(), whose)).collect()
        };
        world.messages.values().flat_map(of).collect()
    }

    /// A way that is not Discord's: it takes a page, refuses it, or is not there at this moment.
    pub fn notify(&mut self, task: &Task, now: i64) -> UnderWay {
        let outcome = match self.chance.weighted(&[70, 15, 15]) {
            0 => Delivery::Settled(Settlement::Shown),
            1 => Delivery::Settled(Settlement::GaveUp {
                reason: Reason::Invalid,
                said: "HTTP 410: nobody listens there any more".to_owned(),
            }),
            _ => Delivery::Later { after: None, why: "timed out".to_owned() },
        };
        UnderWay::of(task.id, outcome, now)
    }
}
