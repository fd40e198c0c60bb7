//! Calls people: by a mention where they see it, or by a direct message.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use reqwest::Method;
use serde_json::json;

use super::api::{Api, RestError};
use super::deliver::{DiscordDelivery, snowflake};
use super::reach::{Reach, Sight};
use crate::engine::Job;
use crate::model::card::Show;
use crate::model::effect::Calling;
use crate::model::event::{Reason, Settlement};
use crate::model::ids::{ChannelId, UserId};
use crate::model::page::Target;

/// What is remembered of how people are reached in Discord.
#[derive(Default)]
pub struct Ways {
    reach: Reach,
    /// The direct message with each: Discord minds when they are opened too often.
    directs: Mutex<BTreeMap<UserId, ChannelId>>,
}

impl<A: Api> DiscordDelivery<A> {
    /// A mention. Where the person cannot see it, it is none, and nothing is posted.
    pub(super) async fn mention(
        &self,
        job: &Job,
        calling: &Calling,
        channel: ChannelId,
    ) -> Result<Settlement, RestError> {
        if let Target::Person { id, name } = &calling.to {
            let (reason, said) = match self.ways.reach.sees(&*self.rest, &self.clock, channel, *id).await {
                Sight::Sees => return self.post(job, channel, &calling.show).await,
                Sight::Gone => (
                    Reason::Gone,
                    format!(
                        "{name} is not in this server any more: take them out of [people] in muster.toml"
                    ),
                ),
                Sight::Hidden => (
                    Reason::Forbidden,
                    format!(
                        "{name} cannot see <#{channel}>: give them View Channel there, by a role or by name"
                    ),
                ),
            };
            tracing::warn!("a mention calls nobody: {said}");
            return Ok(Settlement::GaveUp { reason, said });
        }
        self.post(job, channel, &calling.show).await
    }

    /// A direct message.
    pub(super) async fn direct(&self, job: &Job, user: UserId, show: &Show) -> Result<Settlement, RestError> {
        let known = self.directs().get(&user).copied();
        let channel = match known {
            Some(channel) => channel,
            None => {
                let body = json!({"recipient_id": user.to_string()});
                let opened = self.rest.call(Method::POST, "users/@me/channels", Some(&body), &[]).await?;
                ChannelId(snowflake(&opened)?)
            }
        };
        let posted = self.post(job, channel, show).await;
        match posted {
            // Opened anew the next time: nobody can tell whether it was this one that was refused.
            Err(RestError::Refused { .. }) => self.directs().remove(&user),
            _ => self.directs().insert(user, channel),
        };
        posted
    }

    fn directs(&self) -> std::sync::MutexGuard<'_, BTreeMap<UserId, ChannelId>> {
        self.ways.directs.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
