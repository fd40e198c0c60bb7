//! What a refusal of Discord's means for what is owed, and what whoever runs Muster is told of it.

use std::time::Duration;

use super::api::RestError;
use crate::engine::prepare::Address;
use crate::engine::{Delivery, Job};
use crate::model::effect::Effect;
use crate::model::event::{Reason, Settlement};
use crate::model::ids::ChannelId;

/// A refusal of a request that only prepares an effect: it settles nothing. That the token is
/// not accepted (401) is told as it is.
pub fn aside(e: RestError, what: &str) -> RestError {
    match e {
        RestError::Refused { status, .. } if status != 401 => RestError::Silent(format!("{what}: {e}")),
        e => e,
    }
}

/// What Discord's refusal means for an effect (Discord, "Opcodes and status codes").
pub fn meaning(job: &Job, status: u16, code: u64, message: String) -> Delivery {
    let said = match cure(job, code) {
        Some(cure) => format!("{message} ({code}): {cure}"),
        None => format!("{message} ({code})"),
    };
    let reason = match (status, code) {
        // There are too many edits of messages that are older than an hour; this one must be made.
        (_, 30046) if matches!(job.effect, Effect::Amend { .. } | Effect::EditPage { .. }) => {
            return Delivery::Later { after: Some(Duration::from_secs(60)), why: said };
        }
        // Direct messages are opened too fast: the person can be reached all the same.
        (_, 40003) => {
            return Delivery::Later { after: Some(Duration::from_secs(10)), why: said };
        }
        // Before the next: a dead interaction's token is refused with 401 too.
        (_, 10015 | 10062 | 50027) => Reason::Expired,
        (401, _) => {
            // The token is wrong or was reset: a person mends that, and what is owed stays owed.
            let why = format!("Discord does not accept the token: {said}");
            return Delivery::Later { after: Some(Duration::from_secs(60)), why };
        }
        // 30046: a message that is older than an hour takes no more edits for now. As with one
        // that is gone, a fresh one says it better.
        (_, 10003 | 10008 | 30046) => Reason::Gone,
        (403, _) | (_, 50001 | 50013 | 50007 | 50083 | 50278) => Reason::Forbidden,
        (404, _) => Reason::Gone,
        _ => Reason::Invalid,
    };
    tell(job, reason, &said);
    Delivery::Settled(Settlement::GaveUp { reason, said })
}

/// What somebody has to do about it, where a person waits for it: whoever wanted another to be called, or a
/// role to follow the rota. The words stand on the page, and in the channel.
fn cure(job: &Job, code: u64) -> Option<&'static str> {
    match (&job.effect, code) {
        (Effect::Role { .. }, 50001 | 50013) => {
            return Some(
                "give the bot's own role Manage Roles, and drag it above the on-call role (Server Settings, \
                 Roles): Discord lets nobody give a role that stands above their own",
            );
        }
        (Effect::Role { .. }, 10011 | 50028) => {
            return Some(
                "no such role can be given: correct `role` under [oncall] in muster.toml (Server Settings, \
                 Roles, Copy Role ID)",
            );
        }
        (Effect::Role { .. }, 10007 | 10013) => {
            return Some(
                "they are not in this server: invite them, or take them out of [people] in muster.toml",
            );
        }
        (Effect::Page(_), _) => {}
        _ => return None,
    }
    match code {
        50007 => Some(
            "they have to allow direct messages from this server's members (in Discord: the server's menu, \
             Privacy Settings), and must not have blocked the bot",
        ),
        50278 => Some(
            "they are in no server with the bot: invite them, or take them out of [people] in muster.toml",
        ),
        10013 => Some("there is no such account: correct the id in [people] in muster.toml"),
        50001 | 50013 => Some("let the bot see the channel and write in it"),
        10003 => Some("the channel is gone: name another in muster.toml"),
        _ => None,
    }
}

/// Tells whoever runs Muster what was given up, and what to do about it.
fn tell(job: &Job, reason: Reason, said: &str) {
    let what = job.effect.in_words();
    let channel = match (job.address, &job.effect) {
        (Address::Channel(channel) | Address::Message(channel, _), _) => channel,
        (Address::Own, Effect::Answer { to, .. }) => to.channel,
        (Address::Own | Address::Direct(_) | Address::Member(..), _) => ChannelId(0),
    };
    if let Address::Member(_, user) = job.address {
        return tracing::error!("{what} was refused for {user}: {said}");
    }
    if let Address::Direct(user) = job.address {
        return tracing::warn!("{what} does not reach {user} by a direct message: {said}");
    }
    match reason {
        Reason::Invalid => {
            tracing::error!("Discord refused {what} as it stands, which is a mistake of Muster's: {said}");
        }
        Reason::Forbidden => tracing::error!(
            "Discord does not let Muster put {what} into channel {channel}: {said}. Let the bot see the \
             channel and write in it (View Channel, Send Messages, in threads too, Embed Links, Attach Files, \
             Create Public Threads), or name another channel in muster.toml"
        ),
        // Nobody need do anything: a fresh card is posted.
        Reason::Gone
            if matches!(
                job.effect,
                Effect::EditCard { .. }
                    | Effect::EditRun { .. }
                    | Effect::EditBoard { .. }
                    | Effect::EditPage { .. }
            ) =>
        {
            tracing::warn!("{what} in channel {channel} is not possible any more: {said}");
        }
        Reason::Gone => tracing::error!(
            "what {what} belongs to in channel {channel} is gone: {said}. If muster.toml still names a \
             channel that was deleted, name one that is there"
        ),
        // Discord gives 15 minutes for it, and nothing can be mended afterwards.
        _ => tracing::warn!("{what} came too late: {said}"),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::kit::time::Timestamp;
    use crate::model::card::{Show, Tone};
    use crate::model::effect::Place;
    use crate::model::ids::{EffectId, Seq};

    fn post() -> Job {
        let show = Show::Notice { tone: Tone::Info, text: "said".to_owned() };
        Job {
            id: EffectId { seq: Seq(3), index: 0 },
            effect: Effect::Say { place: Place::Channel(ChannelId(9)), show },
            address: Address::Channel(ChannelId(9)),
            since: Timestamp(0),
            maybe_done: true,
            journal_id: "j".to_owned(),
            seen: None,
            step: None,
            reach: None,
        }
    }

    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);

    impl Write for Log {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn what_is_given_up_is_told_with_the_channel_and_the_cure() {
        let told = |status, code| {
            let log = Log::default();
            let writer = log.clone();
            let subscriber =
                tracing_subscriber::fmt().with_ansi(false).with_writer(move || writer.clone()).finish();
            tracing::subscriber::with_default(subscriber, || {
                meaning(&post(), status, code, "Missing Access".to_owned())
            });
            let bytes = log.0.lock().unwrap().clone();
            String::from_utf8(bytes).unwrap()
        };
        for (status, code, cure) in
            [(403, 50001, "Let the bot see"), (404, 10003, "name one that is there"), (400, 50035, "mistake")]
        {
            let line = told(status, code);
            let all = ["ERROR", "a message", "Missing Access", &code.to_string(), cure];
            assert!(all.iter().all(|words| line.contains(words)), "{line}");
            assert!(code == 50035 || line.contains("channel 9"), "{line}");
        }
    }
}
