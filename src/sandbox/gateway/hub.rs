//! The gateway's sessions: what each was sent and with which number, so that a client that lost its connection can resume.

use super::intents;
use crate::sandbox::world::{Dispatch, Id, World, message_view};
use serde_json::json;
use std::collections::{BTreeMap, VecDeque};
use tokio::sync::mpsc::UnboundedSender;

/// Events that a session keeps for a resume.
const KEPT: usize = 5_000;
/// How long a session outlives its connection, ms.
const LIFE: i64 = 180_000;

/// What goes to a connection.
#[derive(Debug)]
pub(in crate::sandbox) enum Out {
    /// A payload.
    Text(String),
    /// The end, with a code.
    Close(u16, &'static str),
    /// The end, without a word.
    Drop,
}

/// One session.
#[derive(Debug)]
pub(super) struct Session {
    pub user: Id,
    pub bot: bool,
    pub intents: u64,
    pub sequence: u64,
    kept: VecDeque<(u64, String)>,
    sender: Option<UnboundedSender<Out>>,
    left_at: Option<i64>,
}

/// All sessions.
#[derive(Debug, Default)]
pub(in crate::sandbox) struct Hub {
    sessions: BTreeMap<String, Session>,
    opened: u64,
    zombie: bool,
    pub refuse_resume: bool,
    pub identifies: u64,
    pub resumes: u64,
}

/// Why a session cannot be resumed.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::sandbox) enum NoResume {
    /// It is unknown or over: identify again.
    Unknown,
    /// The sequence number was never sent.
    BadSequence,
}

impl Hub {
    /// Opens a session; its first event is number 1.
    pub fn open(&mut self, user: Id, bot: bool, intents: u64, sender: UnboundedSender<Out>) -> String {
        self.opened += 1;
        if bot {
            self.identifies += 1;
        }
        let id = format!("{:08x}{:024x}", self.opened, user.0);
        let session = Session {
            user,
            bot,
            intents,
            sequence: 0,
            kept: VecDeque::new(),
            sender: Some(sender),
            left_at: None,
        };
        self.sessions.insert(id.clone(), session);
        id
    }

    /// Whether nothing comes through to bots.
    pub fn zombie(&self) -> bool {
        self.zombie
    }

    /// Sends one event to one session, whatever its intents.
    pub fn send(&mut self, session: &str, name: &str, data: &serde_json::Value) {
        let zombie = self.zombie;
        if let Some(session) = self.sessions.get_mut(session) {
            session.push(name, data, zombie);
        }
    }

    /// Sends an event of the world to the sessions of those it is for.
    pub fn deliver(&mut self, world: &World, event: Dispatch) {
        let zombie = self.zombie;
        let needed = intents::needed(event.name, &event.data);
        for session in self.sessions.values_mut().filter(|session| event.to.contains(&session.user)) {
            if !session.bot {
                session.push(event.name, &event.data, false);
                continue;
            }
            let about_itself =
                event.name == "GUILD_MEMBER_UPDATE" && event.data["user"]["id"] == json!(session.user);
            if needed != 0 && session.intents & needed == 0 && !about_itself {
                continue;
            }
            let granted =
                world.application.privileged_intents & session.intents & intents::MESSAGE_CONTENT != 0;
            if matches!(event.name, "MESSAGE_CREATE" | "MESSAGE_UPDATE") && !granted {
                let mut data = event.data.clone();
                let direct = data["guild_id"].is_null();
                message_view::withhold_content(&mut data, session.user, direct);
                session.push(event.name, &data, zombie);
            } else {
                session.push(event.name, &event.data, zombie);
            }
        }
    }

    /// Takes a session up again: replays what came after `sequence`.
    pub fn resume(
        &mut self,
        id: &str,
        user: Id,
        sequence: u64,
        now: i64,
        sender: UnboundedSender<Out>,
    ) -> Result<(), NoResume> {
        self.forget_old(now);
        let refuse = self.refuse_resume;
        let session = self.sessions.get_mut(id).filter(|session| session.user == user);
        let Some(session) = session.filter(|session| !(refuse && session.bot)) else {
            return Err(NoResume::Unknown);
        };
        if sequence > session.sequence {
            return Err(NoResume::BadSequence);
        }
        let first_kept = session.kept.front().map_or(session.sequence + 1, |(number, _)| *number);
        if sequence + 1 < first_kept {
            return Err(NoResume::Unknown);
        }
        for (_, text) in session.kept.iter().filter(|(number, _)| *number > sequence) {
            // The connection's end is noticed by the connection itself.
            let _ = sender.send(Out::Text(text.clone()));
        }
        if let Some(old) = session.sender.replace(sender) {
            let _ = old.send(Out::Close(4000, "Resumed elsewhere."));
        }
        session.left_at = None;
        if session.bot {
            self.resumes += 1;
        }
        let zombie = self.zombie;
        if let Some(session) = self.sessions.get_mut(id) {
            session.push("RESUMED", &json!({}), zombie);
        }
        Ok(())
    }

    /// The connection of a session is gone. A session left with 1000 or 1001 is over.
    pub fn leave(&mut self, id: &str, sender: &UnboundedSender<Out>, over: bool, now: i64) {
        let Some(session) = self.sessions.get_mut(id) else {
            return;
        };
        if !session.sender.as_ref().is_some_and(|known| known.same_channel(sender)) {
            return;
        }
        session.sender = None;
        session.left_at = Some(now);
        if over {
            self.sessions.remove(id);
        }
    }

    fn forget_old(&mut self, now: i64) {
        self.sessions.retain(|_, session| session.left_at.is_none_or(|at| now - at < LIFE));
    }

    /// Whether that session's connection is to be deaf and dumb now.
    pub fn is_zombie(&self, id: &str) -> bool {
        self.zombie && self.sessions.get(id).is_some_and(|session| session.bot)
    }

    pub fn set_zombie(&mut self, on: bool) {
        self.zombie = on;
    }

    /// Sends something to every connection of a bot.
    pub fn send_to_bots(&self, out: impl Fn() -> Out) {
        for session in self.sessions.values().filter(|session| session.bot) {
            if let Some(sender) = &session.sender {
                let _ = sender.send(out());
            }
        }
    }

    pub fn forget_bots(&mut self) {
        self.sessions.retain(|_, session| !session.bot);
    }

    pub fn bots_connected(&self) -> usize {
        self.sessions.values().filter(|session| session.bot && session.sender.is_some()).count()
    }
}

impl Session {
    fn push(&mut self, name: &str, data: &serde_json::Value, zombie: bool) {
        self.sequence += 1;
        let text = json!({ "op": 0, "t": name, "s": self.sequence, "d": data }).to_string();
        if let Some(sender) = self.sender.as_ref().filter(|_| !zombie) {
            let _ = sender.send(Out::Text(text.clone()));
        }
        self.kept.push_back((self.sequence, text));
        if self.kept.len() > KEPT {
            self.kept.pop_front();
        }
    }
}
