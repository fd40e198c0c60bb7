//! The world of the sandbox: guilds, channels, messages, permissions, commands and interactions as Discord keeps them, and
//! its refusals. Pure: no clock (every operation is given `now`, in ms since the Unix epoch), no async, no I/O; the same
//! operations in the same order give the same ids, answers and events. It knows nothing of HTTP but the status of a
//! refusal, and nothing of Muster.
//!
//! Events that an operation causes are queued; whoever drives the world takes them with [`World::drain`].

mod channels;
mod command_check;
mod commands;
mod components;
mod direct;
mod embeds;
mod events;
mod followups;
pub mod guild;
mod history;
mod id;
mod interaction_data;
mod interaction_start;
mod interactions;
mod members;
mod mentions;
mod message_check;
pub mod message_view;
mod messages;
mod modals;
mod people;
mod permissions;
mod posting;
mod reactions;
mod refusal;
mod responses;
pub mod seed;
mod thread_members;
mod threads;
pub mod time;
mod view;

pub use commands::Command;
pub use components::interactive;
pub use events::Dispatch;
pub use followups::Which;
pub use history::History;
pub use id::{DISCORD_EPOCH_MS, Id};
pub use interactions::{Interaction, Outcome};
pub use members::Audited;
pub use messages::{Attachment, File, Message};
pub use permissions::*;
pub use refusal::{Errors, Refusal};
pub use view::ATTACHMENT_LIMIT;

use guild::{Channel, Guild, User};
use std::collections::{BTreeMap, BTreeSet};

/// What an operation gives: its answer, or Discord's refusal.
pub type Answer<T> = Result<T, Refusal>;

/// The one application of the sandbox.
#[derive(Clone, Debug)]
pub struct Application {
    /// Its id, and its bot's.
    pub id: Id,
    /// Its name.
    pub name: String,
    /// What it says of itself.
    pub description: String,
    /// The user who owns it.
    pub owner: Id,
    /// The privileged intents switched on in the developer portal (bits of the gateway's intents).
    pub privileged_intents: u64,
}

/// Discord's times, in ms. They are values so that a test can shorten what it has to wait for.
#[derive(Clone, Debug)]
pub struct Timings {
    /// How long an interaction waits for its first answer.
    pub first_answer: i64,
    /// How long an interaction's token works after it.
    pub token_life: i64,
    /// How long a nonce is remembered.
    pub nonce_life: i64,
    /// Edits of messages older than an hour that a channel takes within `old_edit_window`. Discord does not publish its
    /// numbers; what users have observed is three in twenty seconds.
    pub old_edits: usize,
    /// See `old_edits`.
    pub old_edit_window: i64,
}

impl Default for Timings {
    fn default() -> Timings {
        Timings {
            first_answer: 3_000,
            token_life: 900_000,
            nonce_life: 300_000,
            old_edits: 3,
            old_edit_window: 20_000,
        }
    }
}

/// Somebody was pinged: what a phone would have buzzed for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ping {
    /// Who.
    pub user: Id,
    /// Where.
    pub channel: Id,
    /// By which message.
    pub message: Id,
    /// When, ms.
    pub at: i64,
}

/// Everything there is.
#[derive(Clone, Debug)]
pub struct World {
    /// The application and its bot.
    pub application: Application,
    /// All accounts.
    pub users: BTreeMap<Id, User>,
    /// All guilds.
    pub guilds: BTreeMap<Id, Guild>,
    /// All channels, direct messages and threads.
    pub channels: BTreeMap<Id, Channel>,
    /// All messages, by channel and id; ephemeral ones included.
    pub messages: BTreeMap<(Id, Id), Message>,
    /// Application commands by guild; `None` holds the global ones.
    pub commands: BTreeMap<Option<Id>, Vec<Command>>,
    /// The interactions of the last hour.
    pub interactions: BTreeMap<Id, Interaction>,
    /// Whoever was pinged, in order.
    pub pings: Vec<Ping>,
    /// Who was given a role, or lost it, by whom and why, in order.
    pub audited: Vec<Audited>,
    /// The bytes of attachments by attachment id.
    pub files: BTreeMap<Id, File>,
    /// Discord's times.
    pub timings: Timings,
    /// What the URLs of attachments begin with, for instance `http://127.0.0.1:4321`.
    pub base_url: String,
    mint: id::Mint,
    /// By author and nonce: the message's channel and id, and when.
    nonces: BTreeMap<(Id, String), (Id, Id, i64)>,
    /// The interactions whose first answer may still come.
    waiting: BTreeSet<Id>,
    next_sweep: i64,
    old_edits: BTreeMap<Id, Vec<i64>>,
    session_starts: (i64, u64),
    events: Vec<Dispatch>,
}

impl World {
    /// A world with nobody and nothing in it.
    pub fn empty(application: Application) -> World {
        World {
            application,
            users: BTreeMap::new(),
            guilds: BTreeMap::new(),
            channels: BTreeMap::new(),
            messages: BTreeMap::new(),
            commands: BTreeMap::new(),
            interactions: BTreeMap::new(),
            pings: Vec::new(),
            audited: Vec::new(),
            files: BTreeMap::new(),
            timings: Timings::default(),
            base_url: "http://127.0.0.1".to_owned(),
            mint: id::Mint::above(seed::LAST),
            nonces: BTreeMap::new(),
            waiting: BTreeSet::new(),
            next_sweep: 0,
            old_edits: BTreeMap::new(),
            session_starts: (0, 0),
            events: Vec::new(),
        }
    }

    /// Lets time do its work: interactions without an answer fail, idle threads are archived, old tokens and nonces are
    /// forgotten.
    pub fn tick(&mut self, now: i64) {
        self.fail_unanswered(now);
        // The rest looks at everything, and a second more or less does not matter to it.
        if (self.next_sweep - 1_000..self.next_sweep).contains(&now) {
            return;
        }
        self.next_sweep = now + 1_000;
        self.archive_idle_threads(now);
        let life = self.timings.nonce_life;
        self.nonces.retain(|_, (_, _, at)| now - *at < life);
        // Past its life a token is refused as expired; an hour later it is not even known.
        let gone = self.timings.token_life + 3_600_000;
        self.interactions.retain(|_, interaction| now - interaction.created_at < gone);
    }
}
