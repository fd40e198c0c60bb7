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

use super::ahead::Ahead;
use super::folder::{About, Folder, LOCK_TRIES, LOCK_WAIT, Place};
use super::group::{Group, build, key, unkey};
use super::guard::{Failure, guarded};
use super::reader::GroupReader;
use super::refusal::{AppendError, Damage, Kind, Refusal};
use super::snapshots::Body;
use super::store::{CLOSED, Store};
use super::struck::StruckLines;
use super::{Head, Id, Journal, Reader, check, rebuild, snapshots, verify};
use crate::kit::random;
use crate::model::commit::Commit;
use crate::model::ids::Seq;

/// What makes the data file durable: [`File::sync_data`], or what a test puts in its place.
pub type SyncStep = Box<dyn FnMut(&File) -> io::Result<()> + Send>;

/// A journal in a folder.
pub struct SledJournal {
    // Dropped in this order: sled writes while it closes, and the lock must outlive that.
    store: Arc<Store>,
    files: Option<Files>,
    sync: SyncStep,
    ahead: Ahead,
    about: About,
    id: String,
    poisoned: Option<Refusal>,
    folder: Folder,
}

/// What sled works with.
struct Files {
    snapshots: ::sled::Tree,
    db: ::sled::Db,
    data: File,
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
        rebuild::clear(&folder.path).map_err(io)?;
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
        let store = self.store.clone();
        let put = store.with(|commits| insert(commits, group.first, group.parts()));
        self.durable(put)?;
        *self.store.lock() = group.last;
        self.folder.witness(group.last);
        self.files.iter().for_each(|files| self.ahead.keep(&files.data));
        Ok(group.last)
    }

    fn find_head(&mut self, known: Option<Head>) -> Result<(), Refusal> {
        let void = self.store.find_head(known).map_err(|d| Refusal::damaged(&self.folder.path, d.what))?;
        if let Some(first) = void {
            self.store.with(|c| remove(c, first)).map_err(|f| f.refusal(&self.folder.path))?;
            self.flush()?;
        }
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Refusal> {
        let synced = match &self.files {
            None => Err(Failure { what: CLOSED.to_owned(), io: None }),
            Some(files) => guarded(|| files.db.flush()).and_then(|_| {
                (self.sync)(&files.data).map_err(|e| Failure { what: e.to_string(), io: Some(e) })
            }),
        };
        synced.map_err(|f| f.refusal(&self.folder.path))
    }

    /// Makes what was put in durable; poisons the journal when either fails.
    fn durable(&mut self, put: Result<(), Failure>) -> Result<(), AppendError> {
        let done = put.map_err(|f| f.refusal(&self.folder.path)).and_then(|()| self.flush());
        done.map_err(|r| self.poison(r))
    }

    /// As [`Journal::strike`]; `at` is told each step, for tests that look at the folder in between.
    ///
    /// # Errors
    /// As [`Journal::strike`].
    pub fn strike_in_steps(
        &mut self,
        after: Seq,
        vouching: &Commit,
        lines: &StruckLines,
        at: &mut dyn FnMut(&'static str),
    ) -> Result<Head, AppendError> {
        self.healthy()?;
        let last = build(self.head(), after, std::slice::from_ref(vouching))?;
        let path = self.folder.path.clone();
        if let Err(why) = rebuild::copy(&path, &self.store, lines, &last) {
            let _ = rebuild::clear(&path);
            return Err(AppendError::NotStruck(why));
        }
        at("the new file is written");
        self.store.exchange(None);
        self.files = None;
        let io = |e| Refusal::from_io("Writing the journal anew in", &path, &e);
        let exchanged = rebuild::exchange(&path, at).map_err(io);
        match exchanged.and_then(|()| files(&path)) {
            Ok((commits, files)) => {
                self.files = Some(files);
                self.store.exchange(Some(commits));
                *self.store.lock() = last.last;
                self.folder.witness(last.last);
                Ok(last.last)
            }
            Err(why) => Err(self.poison(why)),
        }
    }

    fn snapshots(&self) -> Result<&::sled::Tree, Failure> {
        let closed = || Failure { what: CLOSED.to_owned(), io: None };
        self.files.as_ref().map(|f| &f.snapshots).ok_or_else(closed)
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

    fn strike(&mut self, after: Seq, vouching: &Commit, lines: &StruckLines) -> Result<Head, AppendError> {
        self.strike_in_steps(after, vouching, lines, &mut |_| {})
    }

    fn reader(&self) -> Arc<dyn Reader> {
        Arc::new(GroupReader(self.store.clone()))
    }

    fn put_snapshot(&mut self, upto: Head, body: Body) -> Result<(), AppendError> {
        self.healthy()?;
        if upto.seq > self.head().seq {
            return Err(AppendError::NotTheHead { head: self.head().seq, after: upto.seq });
        }
        let parts = snapshots::parts(upto, body).map_err(AppendError::Malformed)?;
        let found = self.snapshots().and_then(|tree| Ok((tree.clone(), snapshot_seqs(tree)?)));
        let (tree, old) = match found {
            Ok(found) => found,
            Err(f) => return Err(self.poison(f.refusal(&self.folder.path))),
        };
        self.durable(guarded(|| insert(&tree, upto.seq, parts)))?;
        // Removed only now that the newer one is durable; the removal itself may be lost.
        for seq in old.into_iter().rev().filter(|s| *s != upto.seq).skip(1) {
            if let Err(f) = guarded(|| remove(&tree, seq)) {
                return Err(self.poison(f.refusal(&self.folder.path)));
            }
        }
        Ok(())
    }

    fn snapshot(&self) -> Result<Option<(Head, Vec<u8>)>, Damage> {
        let failed = |f: Failure| Damage::at(self.head().seq, f.what);
        let tree = self.snapshots().map_err(failed)?;
        let seqs = snapshot_seqs(tree).map_err(failed)?;
        for seq in seqs.into_iter().rev().filter(|s| *s <= self.head().seq) {
            let found = snapshots::join(seq, |n| guarded(|| tree.get(key(seq, n))).ok()?.map(|v| v.to_vec()));
            if let Some((upto, bytes)) = found
                && self.reader().hash_at(seq)? == upto
            {
                return Ok(Some((upto, bytes)));
            }
        }
        Ok(None)
    }
}

fn insert(tree: &::sled::Tree, first: Seq, parts: impl IntoIterator<Item = Vec<u8>>) -> ::sled::Result<()> {
    for (n, part) in (0u16..).zip(parts) {
        tree.insert(key(first, n), part)?;
    }
    Ok(())
}

fn remove(tree: &::sled::Tree, first: Seq) -> ::sled::Result<()> {
    for k in tree.range(key(first, 0)..=key(first, u16::MAX)).keys() {
        tree.remove(k?)?;
    }
    Ok(())
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
pub(super) fn start(path: &Path) -> Result<(::sled::Db, ::sled::Tree, ::sled::Tree), Failure> {
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
    let (commits, files) = files(&folder.path)?;
    let store = Arc::new(Store::new(commits, &about, Some(folder.lock())));
    let id = about.id_at(Seq(u64::MAX)).to_owned();
    let ahead = Ahead::default();
    Ok(SledJournal { store, files: Some(files), sync, ahead, about, id, poisoned: None, folder })
}

/// The commits, and everything else that sled works with.
fn files(path: &Path) -> Result<(::sled::Tree, Files), Refusal> {
    let (db, commits, snapshots) = start(path).map_err(|f| f.refusal(path))?;
    let data = File::options().read(true).write(true).open(path.join("db"));
    let data = data.map_err(|e| Refusal::from_io("Opening the journal in", path, &e))?;
    Ok((commits, Files { snapshots, db, data }))
}
