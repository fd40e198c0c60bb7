//! The groups as they lie in sled, and how far they are durable.

use std::fs::File;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use super::chain::Hash;
use super::folder::About;
use super::group::{Group, key, unkey};
use super::guard::{Failure, guarded};
use super::reader::Groups;
use super::refusal::Damage;
use super::{Head, Id};
use crate::model::ids::Seq;

/// What is said while sled is closed.
pub(super) const CLOSED: &str = "the journal is closed since it could not be written anew";

/// The commits of one folder.
pub(super) struct Store {
    commits: RwLock<Option<::sled::Tree>>,
    ids: Vec<Id>,
    genesis: Hash,
    durable: Mutex<Head>,
    /// sled is closed only when the last reader is gone, and until then the folder is in use.
    _lock: Option<Arc<File>>,
}

impl Store {
    /// Empty as far as anybody is told, until [`Store::find_head`].
    pub fn new(commits: ::sled::Tree, about: &About, lock: Option<Arc<File>>) -> Store {
        let genesis = about.genesis();
        let durable = Mutex::new(Head { seq: Seq(0), hash: genesis });
        Store { commits: RwLock::new(Some(commits)), ids: about.ids.clone(), genesis, durable, _lock: lock }
    }

    pub fn lock(&self) -> MutexGuard<'_, Head> {
        self.durable.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn head(&self) -> Head {
        *self.lock()
    }

    /// Calls into sled about the commits. Nobody else closes it meanwhile.
    pub fn with<T>(&self, call: impl FnOnce(&::sled::Tree) -> ::sled::Result<T>) -> Result<T, Failure> {
        match &*self.commits.read().unwrap_or_else(PoisonError::into_inner) {
            Some(commits) => guarded(|| call(commits)),
            None => Err(Failure { what: CLOSED.to_owned(), io: None }),
        }
    }

    /// Lets go of sled, once nobody reads; or goes on with another one.
    pub fn exchange(&self, commits: Option<::sled::Tree>) {
        *self.commits.write().unwrap_or_else(PoisonError::into_inner) = commits;
    }

    /// The group that begins with this commit, where all of it is there.
    pub fn group(&self, first: Seq) -> Result<Option<Group>, Damage> {
        let mut trouble = None;
        let group = Group::join(first, |n| match self.with(|c| c.get(key(first, n))) {
            Ok(v) => v.map(|v| v.to_vec()),
            Err(f) => {
                trouble = Some(Damage::at(first, f.what));
                None
            }
        });
        trouble.map_or(Ok(group), Err)
    }
}

impl Store {
    /// Sets the head to the end of the last whole group. Gives the first commit of what stands
    /// behind it: parts that a power cut left of a group that nobody was told about.
    ///
    /// # Errors
    /// When more than that is missing, or what was known to be durable is not there.
    pub fn find_head(&self, known: Option<Head>) -> Result<Option<Seq>, Damage> {
        let last = self.with(|c| c.last()).map_err(|f| Damage::at(Seq(0), f.what))?;
        let Some(first) = last.and_then(|(k, _)| unkey(&k)).map(|(first, _)| first) else {
            return self.expect(known).map(|()| None);
        };
        let (head, void) = match self.group(first)? {
            Some(group) => (group.last, None),
            None if first == Seq(1) => (self.head(), Some(first)),
            None => {
                let before = Seq(first.0 - 1);
                let whole = self.holding(before)?.filter(|g| g.last.seq == before);
                let torn = || Damage::at(before, format!("commits {before} and {first} are not whole"));
                (whole.ok_or_else(torn)?.last, Some(first))
            }
        };
        *self.lock() = head;
        self.expect(known).map(|()| void)
    }

    /// sled takes a damaged tail for one that was never finished; the note of what was durable
    /// tells the two apart.
    fn expect(&self, known: Option<Head>) -> Result<(), Damage> {
        let Some(known) = known else { return Ok(()) };
        let there = if known.seq > self.head().seq { None } else { Some(self.hash_at(known.seq)?) };
        if there == Some(known) {
            return Ok(());
        }
        Err(Damage::at(
            known.seq,
            format!("commit {} was durable, and is not there any more as it was", known.seq),
        ))
    }
}

impl Groups for Store {
    fn durable(&self) -> Head {
        self.head()
    }

    fn ids(&self) -> Vec<Id> {
        self.ids.clone()
    }

    fn genesis(&self) -> Hash {
        self.genesis
    }

    fn starting(&self, seq: Seq) -> Result<Option<Group>, Damage> {
        self.group(seq)
    }

    fn holding(&self, seq: Seq) -> Result<Option<Group>, Damage> {
        let below = self.with(|c| c.range(..=key(seq, u16::MAX)).keys().next_back().transpose());
        let Some((first, _)) = below.map_err(|f| Damage::at(seq, f.what))?.and_then(|k| unkey(&k)) else {
            return Ok(None);
        };
        Ok(self.group(first)?.filter(|g| g.last.seq >= seq))
    }
}
