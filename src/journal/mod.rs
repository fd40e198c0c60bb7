//! The one log that everything is a fold over: commits in order, durable before anybody is
//! told, each line chained to the one before it.
//!
//! - [`Journal`] appends and keeps snapshots, [`Reader`] reads while it does: the two traits
//!   are all that the other rooms see. Nothing outside knows which journal it is on.
//! - `sled` keeps it in a folder (`folder` its small files, `check` whether sled may touch it);
//!   `memory` keeps it in memory and loses its unflushed tail, for tests and the simulation.
//! - `chain` is the hash chain, `group` the stored form, `reader` reads either journal.
//! - `struck` is the one exception from never changing anything, `rebuild` how sled's file forgets.
//! - `transfer` exports and imports JSON Lines, `backup` makes a copy while it is in use.
//! - `refusal` says what does not work, with the cure.
//!
//! It does not know what the events mean.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

mod ahead;
pub mod backup;
pub mod chain;
mod check;
mod folder;
pub mod group;
mod guard;
pub mod memory;
mod reader;
mod rebuild;
pub mod refusal;
pub mod sled;
mod snapshots;
mod store;
pub mod struck;
pub mod transfer;

pub use chain::Hash;
pub use memory::{MemoryDisk, MemoryJournal};
pub use refusal::{AppendError, Damage, Kind, Refusal};
pub use sled::SledJournal;
pub use snapshots::Body;
pub use struck::StruckLines;

use struck::Vouching;

use crate::model::commit::Commit;
use crate::model::ids::Seq;

/// How far a journal goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The last commit; 0 when there is none.
    pub seq: Seq,
    /// The hash of its line; of the journal's id when there is none.
    pub hash: Hash,
}

/// An id of the journal, and the first commit that is written under it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Id {
    /// The first commit under it.
    pub from: Seq,
    /// Ten random letters.
    pub id: String,
}

/// Commits in order.
pub type CommitIter = Box<dyn Iterator<Item = Result<Commit, Damage>> + Send>;
/// Lines in order, exactly as stored, without line ends.
pub type LineIter = Box<dyn Iterator<Item = Result<(Seq, Vec<u8>), Damage>> + Send>;

/// Appends. One owner, one thread.
pub trait Journal: Send {
    /// Ten random letters, made when the journal was created or imported. A post's nonce
    /// begins with it, so that a fresh journal never repeats an older one's nonces.
    fn id(&self) -> &str;

    /// The id under which this commit was or will be written. It differs from [`Journal::id`]
    /// for commits that came in by an import: what they owe keeps its old nonces, and what is
    /// decided after a restore does not take over those of the lost time line.
    fn id_at(&self, seq: Seq) -> &str;

    /// The last durable commit.
    fn head(&self) -> Head;

    /// Appends the commits behind `after`, which must be the head; their numbers follow it.
    /// Durable when it returns. An empty group changes nothing.
    ///
    /// # Errors
    /// See [`AppendError`]. After `Failed` every later call is `Poisoned`.
    fn append(&mut self, after: Seq, group: &[Commit]) -> Result<Head, AppendError>;

    /// Puts these lines in place of those that stand there, and appends `vouching`, which vouches for
    /// them, behind `after`, the head. All of it or nothing; durable when it returns, and what stood
    /// there before is not on the disk any more. Snapshots are forgotten: they may hold it too.
    /// Takes as long as writing the whole journal anew.
    ///
    /// # Errors
    /// See [`AppendError`]; after `NotStruck` nothing has changed, and the journal goes on.
    fn strike(&mut self, after: Seq, vouching: &Commit, lines: &StruckLines) -> Result<Head, AppendError>;

    /// A reader that sees what is durable, now and later, from any thread.
    fn reader(&self) -> Arc<dyn Reader>;

    /// Keeps a state, folded up to and with `upto`. Durable when it returns; the newest two
    /// are kept.
    ///
    /// # Errors
    /// See [`AppendError`]; `upto` must not lie beyond the head.
    fn put_snapshot(&mut self, upto: Head, body: Body) -> Result<(), AppendError>;

    /// The newest snapshot that is whole and fits this journal's chain. A torn one is passed
    /// over: the older one, or the commits alone, say the same.
    ///
    /// # Errors
    /// When the commit that it names does not read back.
    fn snapshot(&self) -> Result<Option<(Head, Vec<u8>)>, Damage>;
}

/// Reads what is durable. Each line is checked against the one before it.
pub trait Reader: Send + Sync {
    /// The last durable commit.
    fn head(&self) -> Head;

    /// The ids the commits were written under, oldest first; the first is the chain's.
    fn ids(&self) -> Vec<Id>;

    /// The hash of this commit's line; for 0, what stands before the first.
    ///
    /// # Errors
    /// When the commit is not there.
    fn hash_at(&self, seq: Seq) -> Result<Head, Damage>;

    /// The commits from this one on, up to what is durable when the end is reached. Ends after
    /// the first error.
    fn from(&self, seq: Seq) -> CommitIter;

    /// These commits, in the order asked. Fastest when ascending.
    ///
    /// # Errors
    /// When one of them is not there or does not read back.
    fn get(&self, seqs: &[Seq]) -> Result<Vec<Commit>, Damage>;

    /// The stored lines from this one on, for export.
    fn lines(&self, from: Seq) -> LineIter;
}

/// What [`verify`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many commits, all of them as they were written.
    pub commits: u64,
    /// How many of them are not as they were first written: a text was struck out of them, and later
    /// commits vouch for what stands there now.
    pub struck: u64,
    /// The last one.
    pub head: Head,
}

/// Reads the whole journal, checks the chain, and that every line is a commit.
///
/// # Errors
/// The first place that is not as it was written.
pub fn verify(reader: &dyn Reader) -> Result<Verified, Damage> {
    let mut commits = 0;
    let mut vouching = Vouching::default();
    for line in reader.lines(Seq(1)) {
        let (seq, line) = line?;
        vouching.take(&line, &chain::parse(seq, &line)?);
        commits += 1;
    }
    let struck = vouching.finish()?;
    let head = reader.hash_at(Seq(commits))?;
    Ok(Verified { commits, struck, head })
}
