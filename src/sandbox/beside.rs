//! What stands beside the sandbox's Discord on its page: the journal of whatever bot is tried in it, and the clock
//! that both go by. The sandbox knows no bot, so whoever starts the two hands this in.

use async_trait::async_trait;
use std::time::Duration;

/// A bot's journal and clock, as the page shows and moves them.
#[async_trait]
pub trait Beside: Send + Sync {
    /// What tells this journal from another one: a page that remembers places in it forgets them when it changes.
    fn journal(&self) -> String;

    /// The team's time zone by its IANA name, in which the bot's pictures and reports are: the page shows its times in
    /// the same. The browser's own where there is none.
    fn zone(&self) -> Option<String> {
        None
    }

    /// The number of the newest commit; 0 where there is none.
    fn head(&self) -> u64;

    /// The commits after the one with this number, oldest first, each a JSON object with its number as `seq`; at most
    /// `most` of them. Waits until there is one. Nothing when the journal cannot be read any more.
    async fn commits_after(&self, seq: u64, most: usize) -> Vec<String>;

    /// Moves the clock on, for the bot and for this sandbox alike.
    fn advance(&self, by: Duration);
}
