//! A state and the alerts that reach it, with a clock driven by hand.

use std::time::Duration;

use muster::core::alerts;
use muster::core::state::State;
use muster::core::{self, Outcome};
use muster::house;
use muster::kit::time::Timestamp;
use muster::model::alert::{Batch, Group, GroupNews, News, Received, Signal, Why};
use muster::model::commit::{Commit, FORMAT};
use muster::model::effect::{Board, Effect, Place};
use muster::model::event::{Event, Settlement};
use muster::model::house::House;
use muster::model::ids::{ChannelId, GroupId, MessageId};
use muster::model::input::Input;
use muster::model::labels::Labels;
use muster::model::reply::Reply;
use muster::sandbox::world::seed;

/// A Saturday morning, 2026-11-21T09:00:00Z.
pub const BEGIN: Timestamp = Timestamp(1_795_251_600_000);
pub const MINUTE: Duration = Duration::from_secs(60);

pub struct Rig {
    pub house: House,
    pub now: Timestamp,
    pub state: State,
    pub commits: Vec<Commit>,
    /// Whether each commit is folded again from the first: not where there are thousands.
    pub checked: bool,
}

/// Labels as `a=b c=d`.
pub fn labels(text: &str) -> Labels {
    Labels::new(text.split_whitespace().filter_map(|pair| pair.split_once('=')))
}

/// An alert with these labels of which this is said.
pub fn said(text: &str, signal: Signal) -> Received {
    let labels = labels(text);
    let (fingerprint, annotations) = (labels.fingerprint(), Labels::default());
    Received { fingerprint, labels, annotations, link: None, signal }
}

/// It fires until somebody says otherwise.
pub fn fires(text: &str) -> Received {
    said(text, Signal::Firing { since: None, until: None })
}

/// It is over.
pub fn over(text: &str) -> Received {
    said(text, Signal::Resolved { at: None })
}

impl Rig {
    /// The practice team at its beginning.
    pub fn new() -> Rig {
        Rig::with(|_| {})
    }

    pub fn with(change: impl FnOnce(&mut House)) -> Rig {
        let mut house = house::sandbox("http://127.0.0.1:1").expect("the built-in files are right");
        house.settings.alerting = muster::model::alerting::Alerting::default();
        house.oncall.role = None;
        change(&mut house);
        let mut rig = Rig { house, now: BEGIN, state: State::default(), commits: vec![], checked: true };
        rig.start();
        rig
    }

    fn start(&mut self) {
        self.step(&Input::Started { version: "0.1.0".to_owned() });
    }

    /// The program ends and begins anew, on what it kept.
    pub fn restart(&mut self) {
        let snapshot = serde_json::to_string(&self.state).expect("a state is JSON");
        self.state = serde_json::from_str(&snapshot).expect("it reads");
        self.start();
    }

    /// One decision, and its commit where it leads to one.
    pub fn step(&mut self, input: &Input) -> Reply {
        let decided = core::step(&self.state, &self.house, self.now, input);
        let Outcome { events, effects, reply } = decided.unwrap_or_else(|refusal| panic!("{refusal:?}"));
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
            if self.checked {
                self.check();
            }
        }
        alerts::remember(&mut self.state, &self.house, self.now, input, Some(&reply), commit.as_ref());
        reply
    }

    /// Replay equals live, and so does a snapshot.
    pub fn check(&self) {
        let mut again = State::default();
        self.commits.iter().for_each(|c| again.apply(c));
        assert_eq!(again, self.state, "replay equals live");
        let snapshot = serde_json::to_string(&self.state).expect("a state is JSON");
        assert_eq!(serde_json::from_str::<State>(&snapshot).expect("it reads"), self.state);
    }

    /// A request of a source; gives how many commits it led to.
    pub fn receive(&mut self, alerts: Vec<Received>) -> usize {
        self.request(Batch { source: "prometheus".to_owned(), alerts, ..Batch::default() })
    }

    pub fn request(&mut self, batch: Batch) -> usize {
        let before = self.commits.len();
        let reply = self.step(&Input::Alerts(Box::new(batch)));
        assert!(matches!(reply, Reply::Taken { .. }), "{reply:?}");
        self.commits.len() - before
    }

    /// What is owed is posted.
    pub fn settle(&mut self) {
        let owed: Vec<_> = self.state.unsettled.iter().map(|(id, o)| (*id, o.effect.clone())).collect();
        for (effect, what) in owed {
            let channel = ChannelId(seed::ALERTS.0);
            let message = MessageId(effect.seq.0 * 1_000 + u64::from(effect.index) + 1);
            let outcome = match what {
                Effect::OpenThread { .. } => Settlement::Opened { thread: ChannelId(message.0) },
                Effect::EditBoard { .. } | Effect::EditCard { .. } => Settlement::Shown,
                _ => Settlement::Posted { channel, message },
            };
            self.step(&Input::Settled { effect, outcome });
        }
    }

    /// Time passes, and the engine wakes whenever something is due.
    pub fn pass(&mut self, time: Duration) {
        let end = self.now.after(time);
        let mut wakes = 0;
        while let Some(due) = core::next_wakeup(&self.state).filter(|due| *due <= end) {
            self.now = self.now.max(due);
            self.step(&Input::Wake);
            wakes += 1;
            assert!(wakes < 20_000, "it wakes again and again at {}", self.now);
            let next = core::next_wakeup(&self.state);
            assert!(next.is_none_or(|next| next > self.now), "what was due is still due");
        }
        self.now = end;
    }

    pub fn group(&self, id: u32) -> &Group {
        &self.state.alerts.groups[&GroupId(id)]
    }

    /// What happened to a group, in order.
    pub fn news(&self, id: u32) -> Vec<&GroupNews> {
        let events = self.commits.iter().flat_map(|c| &c.events);
        let own = events.filter_map(|e| match e {
            Event::Alerts { group: GroupId(g), news } if *g == id => Some(news),
            _ => None,
        });
        own.collect()
    }

    /// Why people were told of it, and of how many alerts.
    pub fn told(&self, id: u32) -> Vec<(Why, u32)> {
        let told = self.news(id).into_iter().filter_map(|news| match news {
            GroupNews::Told { why, firing } => Some((*why, *firing)),
            _ => None,
        });
        told.collect()
    }

    /// What was new about alerts.
    pub fn taken(&self) -> Vec<News> {
        let events = self.commits.iter().flat_map(|c| &c.events);
        let taken = events.filter_map(|e| match e {
            Event::AlertsReceived(all) => Some(all.alerts.iter().map(|t| t.news)),
            _ => None,
        });
        taken.flatten().collect()
    }

    pub fn effects(&self) -> impl Iterator<Item = &Effect> {
        self.commits.iter().flat_map(|c| &c.effects)
    }

    /// How many messages were posted in channels for alerts: cards, counts, calls.
    pub fn messages(&self) -> usize {
        let posts = |e: &&Effect| {
            matches!(
                e,
                Effect::PostBoard { board: Board::Alerts(_) | Board::Storm(_), .. }
                    | Effect::Say { place: Place::Channel(_), .. }
            )
        };
        self.effects().filter(posts).count()
    }

    pub fn edits(&self) -> usize {
        self.effects().filter(|e| matches!(e, Effect::EditBoard { board: Board::Alerts(_), .. })).count()
    }
}

impl Rig {
    /// These happen, decided elsewhere.
    pub fn keep(&mut self, events: Vec<Event>) {
        let (seq, input) = (self.state.head.next(), Input::Wake);
        let commit =
            Commit { v: FORMAT, seq, at: self.now, cause: core::cause(&input), events, effects: vec![] };
        self.state.apply(&commit);
        let input = Input::CommandsRegistered { hash: String::new() };
        alerts::remember(&mut self.state, &self.house, self.now, &input, None, Some(&commit));
        self.commits.push(commit);
    }
}
