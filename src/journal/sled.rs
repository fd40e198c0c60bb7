//! The journal in a folder, on sled 0.34.
//!
//! sled's `flush()` alone does not survive a power cut: it never calls fsync (sled issue 1452).
//! So a group is durable only behind `flush()` and an fdatasync of sled's own `db` file, and
//! after any failure of the two nothing more is taken. Groups are one value each, values stay
//! under 64 KiB and segments are 16 MiB, so that nothing moves to `blobs/`, which sled never
//! syncs. 1.0-alpha is 13 times slower at this and did not open after a power cut.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::folder::{About, Folder, LOCK_TRIES, LOCK_WAIT, Place};
use super::group::{Group, build, key, unkey};
use super::guard::{Failure, guarded};
use super::reader::GroupReader;
use super::refusal::{AppendError, Damage, Kind, Refusal};
use super::store::Store;
use super::{Head, Id, Journal, Reader, check, snapshots, verify};
use crate::kit::random;
use crate::model::commit::Commit;
use crate::model::ids::Seq;

/// What makes the data file durable: [`File::sync_data`], or what a test puts in its place.
pub type SyncStep = Box<dyn FnMut(&File) -> io::Result<()> + Send>;

/// A journal in a folder.
pub struct SledJournal {
    // Dropped in this order: sled writes while it closes, and the lock must outlive that.
    store: Arc<Store>,
    snapshots: ::sled::Tree,
    db: ::sled::Db,
    data: File,
    sync: SyncStep,
    about: About,
    id: String,
    poisoned: Option<Refusal>,
    folder: Folder,
}

impl SledJournal {
    /// Opens the journal in this folder.
    ///
    /// # Errors
    /// A refusal with its cure; the folder is as it was.
    pub fn open(folder: &Path) -> Result<SledJournal, Refusal> {
        SledJournal::open_with(folder, Box::new(File::sync_data))
    }

    /// As [`SledJournal::open`], with another way to make the data file durable.
    ///
    /// # Errors
    /// As [`SledJournal::open`].
    pub fn open_with(folder: &Path, sync: SyncStep) -> Result<SledJournal, Refusal> {
        let (folder, about) = Folder::open(folder)?;
        let known = folder.witnessed();
        let io = |e| Refusal::from_io("Reading the journal in", &folder.path, &e);
        if !check::whole(&folder.path, known).map_err(io)? {
            rehearse(&folder.path, &about, known)?;
        }
        check::clear_unfinished(&folder.path).map_err(io)?;
        let mut journal = attach(folder, about, sync)?;
        journal.find_head(known)?;
        journal.folder.take()?;
        Ok(journal)
    }

    /// Makes a new journal in a folder that is empty or not there yet.
    ///
    /// # Errors
    /// When there is something already, or it cannot be written.
    pub fn create(folder: &Path) -> Result<SledJournal, Refusal> {
        let id =
            random::letters(10).map_err(|e| Refusal::new(Kind::System, format!("{e}."), "Start again."))?;
        let mut journal = SledJournal::begin(folder, About::new(id))?;
        journal.finish(None)?;
        Ok(journal)
    }

    /// Opens the journal in this folder, or makes a new one where there is nothing.
    ///
    /// # Errors
    /// As [`SledJournal::open`] and [`SledJournal::create`].
    pub fn open_or_create(folder: &Path) -> Result<SledJournal, Refusal> {
        match Folder::look(folder)? {
            Place::Journal => SledJournal::open(folder),
            Place::Free => SledJournal::create(folder),
        }
    }

    /// Begins a new journal, which is one only behind [`SledJournal::finish`].
    pub(super) fn begin(folder: &Path, about: About) -> Result<SledJournal, Refusal> {
        attach(Folder::begin(folder, &about)?, about, Box::new(File::sync_data))
    }

    /// Makes what was begun a journal; what comes next is written under `id`, where one is given.
    pub(super) fn finish(&mut self, id: Option<Id>) -> Result<(), Refusal> {
        self.flush()?;
        self.id = id.as_ref().map_or_else(|| self.id.clone(), |i| i.id.clone());
        self.about.ids.extend(id);
        self.folder.take()?;
        self.folder.witness(self.head());
        self.folder.finish(&mut self.about)
    }

    /// Appends lines of another journal of the same chain, which were checked.
    pub(super) fn append_lines(&mut self, lines: &[Vec<u8>]) -> Result<(), Refusal> {
        let built = Group::of_lines(self.head(), lines);
        let appended = built.and_then(|group| self.append_group(group));
        appended.map(drop).map_err(|e| match e {
            AppendError::Failed(r) | AppendError::Poisoned(r) => r,
            e => Refusal::new(Kind::System, e.to_string(), ""),
        })
    }

    fn append_group(&mut self, group: Group) -> Result<Head, AppendError> {
        if group.bytes.is_empty() {
            return Ok(self.head());
        }
        self.put(&self.store.commits.clone(), group.first, group.parts())?;
        *self.store.lock() = group.last;
        self.folder.witness(group.last);
        Ok(group.last)
    }

    fn find_head(&mut self, known: Option<Head>) -> Result<(), Refusal> {
        let void = self.store.find_head(known).map_err(|d| Refusal::damaged(&self.folder.path, d.what))?;
        if let Some(first) = void {
            self.remove(&self.store.commits.clone(), first).map_err(|f| f.refusal(&self.folder.path))?;
            self.flush()?;
        }
        Ok(())
    }

    fn remove(&self, tree: &::sled::Tree, first: Seq) -> Result<(), Failure> {
        guarded(|| {
            for k in tree.range(key(first, 0)..=key(first, u16::MAX)).keys() {
                tree.remove(k?)?;
            }
            Ok(())
        })
    }

    fn flush(&mut self) -> Result<(), Refusal> {
        let flushed = guarded(|| self.db.flush());
        let synced = flushed
            .and_then(|_| (self.sync)(&self.data).map_err(|e| Failure { what: e.to_string(), io: Some(e) }));
        synced.map_err(|f| f.refusal(&self.folder.path))
    }

    /// Puts values in and makes them durable; poisons the journal when that fails.
    fn put(&mut self, tree: &::sled::Tree, first: Seq, parts: Vec<Vec<u8>>) -> Result<(), AppendError> {
        let inserted = guarded(|| {
            for (n, part) in (0u16..).zip(parts) {
                tree.insert(key(first, n), part)?;
            }
            Ok(())
        });
        let done = inserted.map_err(|f| f.refusal(&self.folder.path)).and_then(|()| self.flush());
        done.map_err(|r| self.poison(r))
    }

    fn poison(&mut self, because: Refusal) -> AppendError {
        self.poisoned = Some(Refusal {
            kind: Kind::Poisoned,
            what: format!("The journal takes no more commits since a write failed: {}", because.what),
            cure: because.cure.clone(),
        });
        AppendError::Failed(because)
    }

    fn healthy(&self) -> Result<(), AppendError> {
        self.poisoned.clone().map_or(Ok(()), |p| Err(AppendError::Poisoned(p)))
    }
}

impl Journal for SledJournal {
    fn id(&self) -> &str {
        &self.id
    }

    fn id_at(&self, seq: Seq) -> &str {
        self.about.id_at(seq)
    }

    fn head(&self) -> Head {
        self.store.head()
    }

    fn append(&mut self, after: Seq, group: &[Commit]) -> Result<Head, AppendError> {
        self.healthy()?;
        let group = build(self.head(), after, group)?;
        self.append_group(group)
    }

    fn reader(&self) -> Arc<dyn Reader> {
        Arc::new(GroupReader(self.store.clone()))
    }

    fn put_snapshot(&mut self, upto: Head, bytes: &[u8]) -> Result<(), AppendError> {
        self.healthy()?;
        if upto.seq > self.head().seq {
            return Err(AppendError::NotTheHead { head: self.head().seq, after: upto.seq });
        }
        let parts = snapshots::parts(upto, bytes).map_err(AppendError::Malformed)?;
        let tree = self.snapshots.clone();
        let old = match snapshot_seqs(&tree) {
            Ok(old) => old,
            Err(f) => return Err(self.poison(f.refusal(&self.folder.path))),
        };
        self.put(&tree, upto.seq, parts)?;
        // Removed only now that the newer one is durable; the removal itself may be lost.
        for seq in old.into_iter().rev().filter(|s| *s != upto.seq).skip(1) {
            if let Err(f) = self.remove(&tree, seq) {
                return Err(self.poison(f.refusal(&self.folder.path)));
            }
        }
        Ok(())
    }

    fn snapshot(&self) -> Result<Option<(Head, Vec<u8>)>, Damage> {
        let seqs = snapshot_seqs(&self.snapshots).map_err(|f| Damage::at(self.head().seq, f.what))?;
        for seq in seqs.into_iter().rev().filter(|s| *s <= self.head().seq) {
            let found = snapshots::join(seq, |n| {
                guarded(|| self.snapshots.get(key(seq, n))).ok()?.map(|v| v.to_vec())
            });
            if let Some((upto, bytes)) = found
                && self.reader().hash_at(seq)? == upto
            {
                return Ok(Some((upto, bytes)));
            }
        }
        Ok(None)
    }
}

/// Which snapshots there are, whole or not, oldest first.
fn snapshot_seqs(tree: &::sled::Tree) -> Result<Vec<Seq>, Failure> {
    guarded(|| {
        let mut seqs = Vec::new();
        for k in tree.iter().keys() {
            if let Some((seq, _)) = unkey(&k?)
                && seqs.last() != Some(&seq)
            {
                seqs.push(seq);
            }
        }
        Ok(seqs)
    })
}

/// sled on these files: the database, the commits, the snapshots.
///
/// sled locks its data file by itself. `LOCK` is held here, so a lock that is in the way is one
/// that a child of the process had just inherited, for the moment until it became another
/// program: it is waited for.
fn start(path: &Path) -> Result<(::sled::Db, ::sled::Tree, ::sled::Tree), Failure> {
    for _ in 0..LOCK_TRIES {
        match open(path) {
            Err(f) if f.what.contains("could not acquire lock") => std::thread::sleep(LOCK_WAIT),
            other => return other,
        }
    }
    open(path)
}

fn open(path: &Path) -> Result<(::sled::Db, ::sled::Tree, ::sled::Tree), Failure> {
    guarded(|| {
        let db = ::sled::Config::new()
            .path(path)
            .segment_size(check::SEGMENT)
            .cache_capacity(4 * 1024 * 1024)
            .use_compression(false)
            .flush_every_ms(None)
            .open()?;
        let (commits, snapshots) = (db.open_tree("commits")?, db.open_tree("snapshots")?);
        Ok((db, commits, snapshots))
    })
}

/// Lets sled open a copy, and reads all that it makes of it. Slow, and only after a power cut
/// or damage: a tail that was never answered is cut off, anything else is a refusal.
fn rehearse(folder: &Path, about: &About, known: Option<Head>) -> Result<(), Refusal> {
    let copy = folder.join("rehearsal");
    let io = |e| Refusal::from_io("Making a copy to look at in", &copy, &e);
    if let Err(e) = check::copy(folder, &copy) {
        let _ = std::fs::remove_dir_all(&copy);
        return Err(io(e));
    }
    let read = start(&copy).map_err(|f| f.what).and_then(|(_db, commits, _)| {
        let store = Arc::new(Store::new(commits, about, None));
        store.find_head(known).and_then(|_| verify(&GroupReader(store))).map_err(|d| d.what)
    });
    std::fs::remove_dir_all(&copy).map_err(io)?;
    read.map(drop).map_err(|what| Refusal::damaged(folder, what))
}

fn attach(folder: Folder, about: About, sync: SyncStep) -> Result<SledJournal, Refusal> {
    let (db, commits, snapshots) = start(&folder.path).map_err(|f| f.refusal(&folder.path))?;
    let data = File::options().read(true).write(true).open(folder.path.join("db"));
    let data = data.map_err(|e| Refusal::from_io("Opening the journal in", &folder.path, &e))?;
    let store = Arc::new(Store::new(commits, &about, Some(folder.lock())));
    let id = about.id_at(Seq(u64::MAX)).to_owned();
    Ok(SledJournal { store, snapshots, db, data, sync, about, id, poisoned: None, folder })
}
