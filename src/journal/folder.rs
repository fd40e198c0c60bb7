//! The small files beside sled's own: what the folder is, who works on it, how far it was
//! known to be durable. They are read before sled may touch anything, so that a refusal
//! leaves the folder as it was.
//!
//! - `FORMAT`: format version, ids, and the hash of sled's `conf`. Written as `CREATING` first
//!   and renamed at the end, so that an unfinished creation is known as one.
//! - `LOCK`: locked while a process works here; holds that process's number.
//! - `HEAD`: the last commit that was made durable, written behind each sync and never synced
//!   itself: it can only be behind. It shows when sled lost a tail without noticing.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::chain::Hash;
use super::refusal::{Kind, Refusal};
use super::{Head, Id};
use crate::model::commit::FORMAT;
use crate::model::ids::Seq;

/// Written in the file `FORMAT`; an export's first line says the same and more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct About {
    /// Version of all that is written, [`FORMAT`].
    pub format: u16,
    /// Which id is in force from which commit on. The first is the chain's.
    pub ids: Vec<Id>,
    /// Hash of sled's `conf`: sled itself would replace a damaged one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conf: Option<Hash>,
}

impl About {
    /// Of a new journal with this id.
    pub fn new(id: String) -> About {
        About::of(vec![Id { from: Seq(1), id }])
    }

    /// Of a new journal with these ids.
    pub fn of(ids: Vec<Id>) -> About {
        About { format: FORMAT, ids, conf: None }
    }

    /// The id in force at this commit.
    pub fn id_at(&self, seq: Seq) -> &str {
        let at = self.ids.iter().rev().find(|i| i.from <= seq).or(self.ids.first());
        at.map_or("", |i| &i.id)
    }

    /// What the first line of the chain carries.
    pub fn genesis(&self) -> Hash {
        Hash::genesis(self.ids.first().map_or("", |i| &i.id))
    }

    /// Reads what one of this or an older version wrote.
    ///
    /// # Errors
    /// A newer version, or no such thing; `place` names where it stood.
    pub fn read(text: &str, place: &str) -> Result<About, Refusal> {
        #[derive(Deserialize)]
        struct Version {
            format: u16,
        }
        match (serde_json::from_str::<Version>(text), serde_json::from_str::<About>(text)) {
            (Ok(Version { format }), _) if format > FORMAT => Err(Refusal::new(
                Kind::Newer,
                format!(
                    "{place} was written by a newer Muster (format {format}); this build reads up to {FORMAT}."
                ),
                "Use the newer Muster, or restore the backup that was made before it.",
            )),
            (_, Ok(about)) if !about.ids.is_empty() => Ok(about),
            (_, Err(e)) => Err(Refusal::new(
                Kind::Damaged,
                format!("{place} does not say what it is: {e}."),
                super::refusal::CURE_DAMAGE,
            )),
            _ => {
                Err(Refusal::new(Kind::Damaged, format!("{place} names no id."), super::refusal::CURE_DAMAGE))
            }
        }
    }
}

/// What is at a path.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// A journal.
    Journal,
    /// Nothing, an empty folder, or a creation that was cut short before anything was in it.
    Free,
}

/// A folder that this process works on, as long as this lives.
pub(super) struct Folder {
    pub path: PathBuf,
    lock: Arc<File>,
    witness: Option<File>,
}

impl Folder {
    /// Looks without touching.
    ///
    /// # Errors
    /// When there is something else, or it cannot be read.
    pub fn look(path: &Path) -> Result<Place, Refusal> {
        let entries = match fs::read_dir(path) {
            Ok(entries) => entries,
            Err(e) if e.kind() == ErrorKind::NotFound => return Ok(Place::Free),
            Err(e) => return Err(Refusal::from_io("Reading the folder", path, &e)),
        };
        let names: Result<Vec<String>, io::Error> =
            entries.map(|e| e.map(|e| e.file_name().to_string_lossy().into_owned())).collect();
        let names = names.map_err(|e| Refusal::from_io("Reading the folder", path, &e))?;
        let has = |n: &str| names.iter().any(|x| x == n);
        if has("FORMAT") {
            return Ok(Place::Journal);
        }
        if has("CREATING") && names.iter().all(|n| made_by_creation(n)) || names.iter().all(|n| n == "LOCK") {
            return Ok(Place::Free);
        }
        Err(Refusal::new(
            Kind::NotAJournal,
            format!(
                "`{}` holds files, but no journal of Muster's (there is no FORMAT in it).",
                path.display()
            ),
            "Name an empty folder for the journal, or the one that the journal is in.",
        ))
    }

    /// Takes the lock of an existing journal and reads what it is.
    ///
    /// # Errors
    /// A newer format, another process, files that are missing or damaged.
    pub fn open(path: &Path) -> Result<(Folder, About), Refusal> {
        if Folder::look(path)? == Place::Free {
            return Err(Refusal::new(
                Kind::Missing,
                format!("There is no journal in `{}`.", path.display()),
                "Check the path; `muster serve` makes a new journal, `muster import-journal` one from an export.",
            ));
        }
        let io = |e: io::Error| Refusal::from_io("Reading the journal in", path, &e);
        let text = fs::read(path.join("FORMAT")).map_err(io)?;
        let about =
            About::read(&String::from_utf8_lossy(&text), &format!("The journal in `{}`", path.display()))?;
        for name in ["db", "conf"] {
            if !path.join(name).is_file() {
                return Err(Refusal::damaged(path, format!("the file `{name}` is missing")));
            }
        }
        let lock = take_lock(path)?;
        let conf = fs::read(path.join("conf")).map_err(io)?;
        if about.conf.is_some_and(|c| c != Hash::of(&conf)) {
            return Err(Refusal::damaged(path, "the file `conf` was changed"));
        }
        Ok((Folder { path: path.to_owned(), lock, witness: None }, about))
    }

    /// Begins a new journal in a free place; [`Folder::finish`] makes it one.
    ///
    /// # Errors
    /// When the place is taken, or cannot be written.
    pub fn begin(path: &Path, about: &About) -> Result<Folder, Refusal> {
        let io = |e: io::Error| Refusal::from_io("Creating the journal in", path, &e);
        if Folder::look(path)? == Place::Journal {
            return Err(occupied(path));
        }
        fs::create_dir_all(path).map_err(io)?;
        let lock = take_lock(path)?;
        // Another process may have been quicker between the look and the lock.
        if Folder::look(path)? == Place::Journal {
            return Err(occupied(path));
        }
        for entry in fs::read_dir(path).map_err(io)? {
            let entry = entry.map_err(io)?;
            match entry.file_name().to_string_lossy().as_ref() {
                "LOCK" | "CREATING" => {}
                "blobs" => fs::remove_dir(entry.path()).map_err(io)?,
                _ => fs::remove_file(entry.path()).map_err(io)?,
            }
        }
        let text = serde_json::to_vec(about).map_err(|e| io(e.into()))?;
        write_synced(&path.join("CREATING"), &text).map_err(io)?;
        sync_folder(path).map_err(io)?;
        if let Some(parent) = path.parent() {
            sync_folder(if parent.as_os_str().is_empty() { Path::new(".") } else { parent }).map_err(io)?;
        }
        Ok(Folder { path: path.to_owned(), lock, witness: None })
    }

    /// From here on it is a journal. sled's files must be durable.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(&self, about: &mut About) -> Result<(), Refusal> {
        let io = |e: io::Error| Refusal::from_io("Creating the journal in", &self.path, &e);
        let conf = self.path.join("conf");
        File::open(&conf).and_then(|f| f.sync_all()).map_err(io)?;
        about.conf = Some(Hash::of(&fs::read(&conf).map_err(io)?));
        let text = serde_json::to_vec(about).map_err(|e| io(e.into()))?;
        write_synced(&self.path.join("CREATING"), &text).map_err(io)?;
        fs::rename(self.path.join("CREATING"), self.path.join("FORMAT")).map_err(io)?;
        sync_folder(&self.path).map_err(io)
    }

    /// The lock, for whatever must not outlive it.
    pub fn lock(&self) -> Arc<File> {
        self.lock.clone()
    }

    /// Says in the folder which process works on it. Behind all checks, since it writes.
    ///
    /// # Errors
    /// When the files cannot be written.
    pub fn take(&mut self) -> Result<(), Refusal> {
        let io = |e: io::Error| Refusal::from_io("Writing in", &self.path, &e);
        self.lock.write_all_at(format!("{:<10}\n", std::process::id()).as_bytes(), 0).map_err(io)?;
        let witness = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(self.path.join("HEAD"));
        self.witness = Some(witness.map_err(io)?);
        sync_folder(&self.path).map_err(io)
    }

    /// How far the journal was known to be durable; `None` when that cannot be read.
    pub fn witnessed(&self) -> Option<Head> {
        let mut text = String::new();
        File::open(self.path.join("HEAD")).ok()?.read_to_string(&mut text).ok()?;
        let (seq, hash) = text.trim_end().split_once(' ')?;
        Some(Head { seq: Seq(seq.parse().ok()?), hash: hash.parse().ok()? })
    }

    /// Notes what is durable. A failure is no harm: the note is then only behind.
    pub fn witness(&self, head: Head) {
        if let Some(f) = &self.witness {
            let _ = f.write_all_at(format!("{:020} {}\n", head.seq.0, head.hash).as_bytes(), 0);
        }
    }
}

fn made_by_creation(name: &str) -> bool {
    matches!(name, "CREATING" | "LOCK" | "HEAD" | "conf" | "db" | "blobs") || name.starts_with("snap.")
}

fn occupied(path: &Path) -> Refusal {
    Refusal::new(
        Kind::Occupied,
        format!("There is a journal in `{}` already; nothing is written over it.", path.display()),
        "Name an empty folder, or move the old one away first.",
    )
}

/// How often, and how long in between, a lock is asked for that is not free. A process that was
/// just killed, or a child that is about to become another program, holds one for a moment.
pub(super) const LOCK_TRIES: u32 = 10;
pub(super) const LOCK_WAIT: Duration = Duration::from_millis(20);

fn take_lock(path: &Path) -> Result<Arc<File>, Refusal> {
    let file = path.join("LOCK");
    let mut lock = OpenOptions::new()
        .create(true)
        .truncate(false)
        .read(true)
        .write(true)
        .open(&file)
        .map_err(|e| Refusal::from_io("Opening", &file, &e))?;
    let mut tried = lock.try_lock();
    for _ in 1..LOCK_TRIES {
        if !matches!(tried, Err(TryLockError::WouldBlock)) {
            break;
        }
        std::thread::sleep(LOCK_WAIT);
        tried = lock.try_lock();
    }
    match tried {
        Ok(()) => Ok(Arc::new(lock)),
        Err(TryLockError::WouldBlock) => {
            let mut who = String::new();
            let _ = lock.read_to_string(&mut who);
            let who = who.trim();
            let process = if who.is_empty() { String::new() } else { format!(" (process {who})") };
            Err(Refusal::new(
                Kind::Locked,
                format!("Another Muster{process} works on the journal in `{}`.", path.display()),
                "Stop that one first, or name another folder for this one. For a copy while it runs: `muster backup`.",
            ))
        }
        Err(TryLockError::Error(e)) => Err(Refusal::from_io("Locking", &file, &e)),
    }
}

fn write_synced(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut f = File::create(path)?;
    f.write_all(bytes)?;
    f.sync_all()
}

/// Makes names in a folder durable: new, renamed, removed.
pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}
