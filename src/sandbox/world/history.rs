//! Reading messages: a channel's history, and one of them.

use super::messages::Message;
use super::permissions::READ_MESSAGE_HISTORY;
use super::{Answer, Errors, Id, Refusal, World};
use serde_json::Value;

/// Which part of a channel's history is asked for.
#[derive(Clone, Copy, Default, Debug)]
pub struct History {
    /// How many, 1 to 100; 50 if not said.
    pub limit: Option<u64>,
    /// Only older than this.
    pub before: Option<Id>,
    /// Only newer than this, the oldest of those first chosen.
    pub after: Option<Id>,
    /// Half older and half newer than this.
    pub around: Option<Id>,
}

impl World {
    /// `GET /channels/{channel}/messages`: the newest first.
    pub fn history(&self, actor: Id, channel: Id, ask: History) -> Answer<Vec<Value>> {
        self.must_see(channel, actor)?;
        let limit = ask.limit.unwrap_or(50);
        if limit == 0 || limit > 100 {
            return Err(Errors::one("limit", "NUMBER_TYPE_MAX", "int value should be between 1 and 100."));
        }
        if self.permissions(channel, actor) & READ_MESSAGE_HISTORY == 0 {
            return Ok(Vec::new());
        }
        let limit = limit as usize;
        let older = |than: Id| {
            let range = self.messages.range((channel, Id(0))..(channel, than));
            range.rev().map(|(_, message)| message).filter(|message| message.only_for.is_none())
        };
        let newer = |than: Id| {
            let range = self.messages.range((channel, Id(than.0 + 1))..=(channel, Id(u64::MAX)));
            range.map(|(_, message)| message).filter(|message| message.only_for.is_none())
        };
        let found: Vec<&Message> = if let Some(middle) = ask.around {
            let mut found: Vec<&Message> = newer(middle).take(limit / 2).collect();
            found.reverse();
            found.extend(older(Id(middle.0 + 1)).take(limit - limit / 2));
            found
        } else if let Some(after) = ask.after {
            let mut found: Vec<&Message> = newer(after).take(limit).collect();
            found.reverse();
            found
        } else {
            older(ask.before.unwrap_or(Id(u64::MAX))).take(limit).collect()
        };
        Ok(found.into_iter().map(|message| self.message_json(message, actor)).collect())
    }

    /// `GET /channels/{channel}/messages/{id}`.
    pub fn message(&self, actor: Id, channel: Id, id: Id) -> Answer<Value> {
        let message = self.visible_message(channel, id, actor)?;
        if self.permissions(channel, actor) & READ_MESSAGE_HISTORY == 0 {
            return Err(Refusal::missing_permissions());
        }
        Ok(self.message_json(message, actor))
    }

    /// A message that the channel's routes give `actor`: an ephemeral one is not among them.
    pub(super) fn visible_message(&self, channel: Id, id: Id, actor: Id) -> Answer<&Message> {
        self.must_see(channel, actor)?;
        match self.messages.get(&(channel, id)) {
            Some(message) if message.only_for.is_none() => Ok(message),
            _ => Err(Refusal::unknown_message()),
        }
    }
}
