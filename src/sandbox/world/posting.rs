//! Who may post what where: whether the channel is there and seen, and the permissions for text, embeds and files.

use super::guild::ChannelKind;
use super::message_check::Draft;
use super::messages::File;
use super::permissions::{ATTACH_FILES, EMBED_LINKS, SEND_MESSAGES, SEND_MESSAGES_IN_THREADS};
use super::{Answer, Id, Refusal, World, view};

impl World {
    /// 10003 if there is no such channel, 50001 if `actor` does not see it.
    pub(super) fn must_see(&self, channel: Id, actor: Id) -> Answer<()> {
        if !self.channels.contains_key(&channel) {
            return Err(Refusal::unknown_channel());
        }
        if self.sees(channel, actor) { Ok(()) } else { Err(Refusal::missing_access()) }
    }

    pub(super) fn must_be_allowed_to_post(&self, channel: Id, author: Id) -> Answer<()> {
        let Some(at) = self.channels.get(&channel) else {
            return Err(Refusal::unknown_channel());
        };
        let needed = match at.kind {
            ChannelKind::Direct => return self.must_reach(at, author),
            ChannelKind::Text => SEND_MESSAGES,
            ChannelKind::PublicThread | ChannelKind::PrivateThread => SEND_MESSAGES_IN_THREADS,
        };
        if self.permissions(channel, author) & needed == 0 {
            Err(Refusal::missing_permissions())
        } else {
            Ok(())
        }
    }

    pub(super) fn must_be_allowed_content(
        &self,
        channel: Id,
        author: Id,
        draft: &Draft,
        files: &[File],
    ) -> Answer<()> {
        let bits = self.permissions(channel, author);
        let total: u64 = files.iter().map(|file| file.bytes.len() as u64).sum();
        if files.iter().any(|file| file.bytes.len() as u64 > view::ATTACHMENT_LIMIT)
            || total > 25 * 1024 * 1024
        {
            return Err(Refusal::too_large());
        }
        let embeds = draft.embeds.as_ref().is_some_and(|embeds| !embeds.is_empty());
        if embeds && bits & EMBED_LINKS == 0 || !files.is_empty() && bits & ATTACH_FILES == 0 {
            return Err(Refusal::missing_permissions());
        }
        Ok(())
    }
}
