//! Private threads: opened without a message, and whoever belongs in is let in.

use reqwest::Method;
use serde_json::json;

use super::api::{Api, RestError};
use super::deliver::{DiscordDelivery, snowflake};
use super::history::{SKEW, posted};
use super::refusal::aside;
use crate::engine::Job;
use crate::model::event::Settlement;
use crate::model::ids::{ChannelId, MessageId, UserId};

impl<A: Api> DiscordDelivery<A> {
    /// A private thread. Nothing in the request tells Discord that it is the same one, so after an
    /// uncertain try it is looked for by its name, which begins with the incident's number.
    pub(super) async fn open_private(
        &self,
        job: &Job,
        channel: ChannelId,
        name: &str,
    ) -> Result<Settlement, RestError> {
        if job.maybe_done
            && let Some(thread) = self.opened_before(job, channel, name).await?
        {
            return Ok(Settlement::Opened { thread });
        }
        let path = format!("channels/{channel}/threads");
        let body = json!({"name": name, "type": 12, "invitable": false, "auto_archive_duration": 10_080});
        let thread = self.rest.call(Method::POST, &path, Some(&body), &[]).await?;
        Ok(Settlement::Opened { thread: ChannelId(snowflake(&thread)?) })
    }

    /// The private thread that an earlier try opened unseen.
    async fn opened_before(
        &self,
        job: &Job,
        channel: ChannelId,
        name: &str,
    ) -> Result<Option<ChannelId>, RestError> {
        let me = self.me().await?.user.to_string();
        let found = async {
            let parent = self.rest.get(&format!("channels/{channel}")).await?;
            let guild = parent["guild_id"].as_str().unwrap_or_default();
            self.rest.get(&format!("guilds/{guild}/threads/active")).await
        };
        // Who may not look is told the same when the thread is opened: what becomes of it is decided
        // there.
        let active = match found.await {
            Err(RestError::Refused { status: 403 | 404, .. }) => return Ok(None),
            found => found.map_err(|e| aside(e, "the server's threads cannot be listed"))?,
        };
        // Of another journal's incident of this number, long ago: Discord's clock says when.
        let oldest = job.since.0 - SKEW;
        let ours = active["threads"].as_array().into_iter().flatten().find(|t| {
            t["name"] == name
                && t["owner_id"] == *me
                && snowflake(t).is_ok_and(|id| posted(MessageId(id)) >= oldest)
        });
        ours.map(|t| snowflake(t).map(ChannelId)).transpose()
    }

    /// Lets somebody in. Who is in already stays in.
    pub(super) async fn bring(&self, thread: ChannelId, person: UserId) -> Result<Settlement, RestError> {
        let path = format!("channels/{thread}/thread-members/{person}");
        self.rest.call(Method::PUT, &path, None, &[]).await.map(|_| Settlement::Shown)
    }
}
