//! A state, a policy, people who press buttons, and a clock driven by hand.

use std::collections::BTreeMap;
use std::time::Duration;

use muster::core::state::State;
use muster::core::{self, Outcome, alerts};
use muster::house;
use muster::kit::time::Timestamp;
use muster::model::button::{Button, PageButton};
use muster::model::card::Show;
use muster::model::commit::{Commit, FORMAT};
use muster::model::effect::{Calling, Effect};
use muster::model::event::{Event, Reason, Settlement};
use muster::model::house::House;
use muster::model::ids::{ChannelId, EffectId, InteractionId, MessageId, PageId, UserId};
use muster::model::incident::Severity;
use muster::model::input::{Act, Arg, Input, Interaction, Invocation};
use muster::model::oncall::{OnCall, Teammate};
use muster::model::page::{Because, Page, PageCard, PageNews, Paged, Standing, Stands, Way};
use muster::model::person::{Actor, Person};
use muster::model::policy::{Fallback, Policy, Rung, Until, Whom};
use muster::model::reply::{Refusal, Reply};
use muster::sandbox::world::seed;

/// A Saturday morning, 2026-11-21T09:00:00Z.
pub const BEGIN: Timestamp = Timestamp(1_795_251_600_000);
pub const MINUTE: Duration = Duration::from_secs(60);

/// People of the rungs, by account; the first two are of one rung's way each.
pub const FIRST: u64 = 11;
pub const SECOND: u64 = 12;
pub const THIRD: u64 = 13;

pub struct Rig {
    pub house: House,
    pub now: Timestamp,
    pub state: State,
    pub commits: Vec<Commit>,
    clicks: u64,
}

pub fn person(id: u64) -> Person {
    Person { id: UserId(id), name: format!("somebody {id}") }
}

pub fn whom(id: u64) -> Whom {
    let Person { id, name } = person(id);
    Whom::Person { id, name }
}

pub fn rung(name: &str, whom: Vec<Whom>) -> Rung {
    let name = name.to_owned();
    Rung { name, whom, within: 5 * MINUTE, every: None, ways: vec![], propose: None }
}

/// Three rungs of one person each, twice.
pub fn policy() -> Policy {
    Policy {
        name: "all".to_owned(),
        services: vec![],
        severities: vec![Severity::P1, Severity::P2],
        rungs: vec![
            rung("L1", vec![whom(FIRST)]),
            rung("L2", vec![whom(SECOND)]),
            rung("L3", vec![whom(THIRD)]),
        ],
        rounds: 2,
        fallback: Fallback { channel: ChannelId(seed::INCIDENTS.0), roles: vec![], people: vec![] },
        holds: 30 * MINUTE,
        still: 5 * MINUTE,
        until: Until::Acknowledged,
    }
}

impl Rig {
    pub fn new() -> Rig {
        Rig::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut OnCall)) -> Rig {
        let mut house = house::sandbox("http://127.0.0.1:1").expect("the built-in files are right");
        let team = [FIRST, SECOND, THIRD].map(|id| {
            let names = vec![person(id).name];
            (id.to_string(), Teammate { id: UserId(id), names, reach: vec![], limit: Default::default() })
        });
        house.oncall = OnCall { people: team.into(), policies: vec![policy()], ..OnCall::default() };
        change(&mut house.oncall);
        let mut rig = Rig { house, now: BEGIN, state: State::default(), commits: vec![], clicks: 0 };
        rig.step(&Input::Started { version: "0.1.0".to_owned() });
        rig
    }

    /// The program ends and begins anew, on what it kept.
    pub fn restart(&mut self) {
        let snapshot = serde_json::to_string(&self.state).expect("a state is JSON");
        self.state = serde_json::from_str(&snapshot).expect("it reads");
        self.step(&Input::Started { version: "0.1.0".to_owned() });
    }

    pub fn step(&mut self, input: &Input) -> Reply {
        self.try_step(input).unwrap_or_else(|refusal| panic!("{refusal:?}"))
    }

    /// One decision, and its commit where it leads to one.
    pub fn try_step(&mut self, input: &Input) -> Result<Reply, Refusal> {
        let Outcome { events, effects, reply } = core::step(&self.state, &self.house, self.now, input)?;
        assert!(!events.is_empty() || effects.is_empty(), "what is owed stands in a commit: {effects:?}");
        let commit = (!events.is_empty()).then(|| Commit {
            v: FORMAT,
            seq: self.state.head.next(),
            at: self.now,
            cause: core::cause(input),
            events,
            effects,
        });
        if let Some(commit) = &commit {
            let line = serde_json::to_string(commit).expect("a commit is JSON");
            assert_eq!(serde_json::from_str::<Commit>(&line).expect("it reads"), *commit);
            self.state.apply(commit);
            self.commits.push(commit.clone());
            let mut again = State::default();
            self.commits.iter().for_each(|c| again.apply(c));
            assert_eq!(again, self.state, "replay equals live");
            let snapshot = serde_json::to_string(&self.state).expect("a state is JSON");
            assert_eq!(serde_json::from_str::<State>(&snapshot).expect("it reads"), self.state);
        }
        alerts::remember(&mut self.state, &self.house, self.now, input, Some(&reply), commit.as_ref());
        Ok(reply)
    }

    fn interaction(&mut self, by: u64, act: Act, inside: bool) -> Input {
        self.clicks += 1;
        let roles = if by >= 100 { vec![seed::ROLE_RESPONDER.0] } else { vec![] };
        Input::Interaction(Interaction {
            id: InteractionId(self.clicks),
            token: "token".to_owned(),
            guild: inside.then_some(self.house.settings.guild),
            channel: ChannelId(seed::INCIDENTS.0),
            by: Actor {
                person: person(by),
                roles: roles.into_iter().map(muster::model::ids::RoleId).collect(),
            },
            act,
        })
    }

    pub fn command(&mut self, by: u64, command: &str, args: &[(&str, Arg)]) -> Result<Reply, Refusal> {
        let args: BTreeMap<String, Arg> = args.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
        let act = Act::Command(Invocation { command: command.to_owned(), args });
        let input = self.interaction(by, act, true);
        self.try_step(&input)
    }

    /// A responder declares it.
    pub fn declare(&mut self, severity: &str) {
        let text = |t: &str| Arg::Text(t.to_owned());
        let args = [("title", text("Streams stop")), ("severity", text(severity))];
        self.command(100, "incident declare", &args).unwrap_or_else(|r| panic!("{r:?}"));
    }

    pub fn press(&mut self, by: u64, button: PageButton) -> Result<Reply, Refusal> {
        self.press_in(by, 1, button, true)
    }

    pub fn press_in(
        &mut self,
        by: u64,
        page: u32,
        button: PageButton,
        inside: bool,
    ) -> Result<Reply, Refusal> {
        let input = self.interaction(by, Act::Press(Ok(Button::Page(PageId(page), button))), inside);
        self.try_step(&input)
    }

    /// Somebody presses a button that is no page's.
    pub fn click(&mut self, by: u64, button: Button) -> Result<Reply, Refusal> {
        let input = self.interaction(by, Act::Press(Ok(button)), true);
        self.try_step(&input)
    }

    /// What is owed is done; calls for which `reaches` says no cannot be delivered.
    pub fn deliver(&mut self, reaches: impl Fn(&Calling) -> bool) {
        loop {
            let owed: Vec<(EffectId, Effect)> =
                self.state.unsettled.iter().map(|(id, o)| (*id, o.effect.clone())).collect();
            let Some((effect, what)) = owed.into_iter().next() else { return };
            let channel = ChannelId(seed::INCIDENTS.0);
            let message = MessageId(effect.seq.0 * 1_000 + u64::from(effect.index) + 1);
            let outcome = match &what {
                Effect::Page(calling) if !reaches(calling) => {
                    let said = "Cannot send messages to this user".to_owned();
                    Settlement::GaveUp { reason: Reason::Forbidden, said }
                }
                Effect::OpenThread { .. } => Settlement::Opened { thread: ChannelId(message.0) },
                Effect::EditBoard { .. } | Effect::EditCard { .. } | Effect::EditPage { .. } => {
                    Settlement::Shown
                }
                Effect::Page(c) if !matches!(c.way, Way::Mention | Way::Direct) => Settlement::Shown,
                _ => Settlement::Posted { channel, message },
            };
            self.step(&Input::Settled { effect, outcome });
        }
    }

    pub fn deliver_all(&mut self) {
        self.deliver(|_| true);
    }

    /// Time passes, the engine wakes whenever something is due, and what is owed is done.
    pub fn pass(&mut self, time: Duration) {
        let end = self.now.after(time);
        let mut wakes = 0;
        self.deliver_all();
        while let Some(due) = core::next_wakeup(&self.state).filter(|due| *due <= end) {
            self.now = self.now.max(due);
            self.step(&Input::Wake);
            self.deliver_all();
            wakes += 1;
            assert!(wakes < 2_000, "it wakes again and again at {}", self.now);
        }
        self.now = end;
    }

    pub fn page(&self) -> &Page {
        &self.state.pages.all[&PageId(1)]
    }

    pub fn standing(&self) -> &Standing {
        &self.page().standing
    }

    /// Who was called, when (in seconds from the beginning) and why, in order.
    pub fn paged(&self) -> Vec<(u64, Vec<u64>, Because)> {
        let paged = |p: &Paged, at: Timestamp| {
            let mut who: Vec<u64> = p.calls.iter().filter_map(|c| c.to.person()).map(|u| u.0).collect();
            who.dedup();
            (at.since(BEGIN).as_secs(), who, p.why.clone())
        };
        let mut all = vec![];
        for commit in &self.commits {
            for event in &commit.events {
                if let Event::Page { news: PageNews::Paged(p), .. } = event {
                    all.push(paged(p, commit.at));
                }
            }
        }
        all
    }

    pub fn news(&self) -> Vec<&PageNews> {
        let events = self.commits.iter().flat_map(|c| &c.events);
        events.filter_map(|e| if let Event::Page { news, .. } = e { Some(news) } else { None }).collect()
    }

    /// What the messages of pages showed, in order, and whether each was an edit.
    pub fn cards(&self) -> Vec<(bool, PageCard)> {
        let effects = self.commits.iter().flat_map(|c| &c.effects);
        let shown = effects.filter_map(|e| match (e, e.show()) {
            (Effect::EditPage { .. }, Some(Show::Page(card))) => Some((true, (**card).clone())),
            (Effect::Page(_), Some(Show::Page(card))) => Some((false, (**card).clone())),
            _ => None,
        });
        shown.collect()
    }

    /// Whether somebody was told in the fallback's channel that nobody answered.
    pub fn said_loudly(&self) -> usize {
        let effects = self.commits.iter().flat_map(|c| &c.effects);
        let loud = effects.filter(|e| {
            matches!(e, Effect::Say { show: Show::Page(card), .. } if matches!(card.stands, Stands::Exhausted { .. }))
        });
        loud.count()
    }
}

pub fn said(refused: Result<Reply, Refusal>) -> String {
    match refused {
        Err(Refusal(why)) => why,
        Ok(reply) => panic!("it was not refused: {reply:?}"),
    }
}
