//! Discord's gateway: HELLO, IDENTIFY, READY, heartbeats, RESUME, and the events of the world, each to those who may see it.
//! `hub` keeps the sessions, `socket` speaks with one connection, `intents` knows which event needs which.

mod hub;
mod intents;
mod socket;

pub(super) use hub::{Hub, Out};
pub(super) use socket::router;

use super::shared::Shared;

/// What one can do to the bot's connections, to see how it copes. People's clients are left alone.
pub struct Gateway<'a> {
    pub(super) shared: &'a Shared,
}

impl Gateway<'_> {
    /// Ends the bot's connections: with a close code, or without a word as when a cable is pulled.
    pub fn cut(&self, code: Option<u16>) {
        let out = || match code {
            Some(code) => Out::Close(code, "Cut by the sandbox."),
            None => Out::Drop,
        };
        self.shared.lock().hub.send_to_bots(out);
    }

    /// Asks the bot to connect again (opcode 7).
    pub fn reconnect(&self) {
        self.shared
            .lock()
            .hub
            .send_to_bots(|| Out::Text(r#"{"op":7,"d":null,"s":null,"t":null}"#.to_owned()));
    }

    /// Tells the bot that its session is invalid (opcode 9); one that cannot be resumed is forgotten.
    pub fn invalidate(&self, resumable: bool) {
        let text = format!(r#"{{"op":9,"d":{resumable},"s":null,"t":null}}"#);
        let mut inner = self.shared.lock();
        inner.hub.send_to_bots(|| Out::Text(text.clone()));
        if !resumable {
            inner.hub.forget_bots();
        }
    }

    /// While on, the bot's connections stay open but nothing comes through: no event, no acknowledgement. What it missed is
    /// replayed when it resumes.
    pub fn zombie(&self, on: bool) {
        self.shared.lock().hub.set_zombie(on);
    }

    /// Whether nothing comes through, see [`Gateway::zombie`].
    pub fn is_zombie(&self) -> bool {
        self.shared.lock().hub.zombie()
    }

    /// While on, the bot's RESUME is answered with INVALID_SESSION.
    pub fn refuse_resume(&self, on: bool) {
        self.shared.lock().hub.refuse_resume = on;
    }

    /// How many connections of bots are up.
    pub fn bots_connected(&self) -> usize {
        self.shared.lock().hub.bots_connected()
    }

    /// How often bots have identified since the start.
    pub fn identifies(&self) -> u64 {
        self.shared.lock().hub.identifies
    }

    /// How often bots have resumed since the start.
    pub fn resumes(&self) -> u64 {
        self.shared.lock().hub.resumes
    }
}
