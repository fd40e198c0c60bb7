//! The journal: what it keeps, what it refuses, and that it says why.

mod appending;
mod damage;
mod durable;
mod refusing;
mod striking;
mod transfer;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use muster::journal::{Journal, SledJournal};
use muster::kit::time::Timestamp;
use muster::model::commit::{Cause, Commit, FORMAT};
use muster::model::event::Event;
use muster::model::ids::{IncidentId, Seq, UserId};
use muster::model::person::Person;

/// A folder of a test's own, gone with it.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new() -> Scratch {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("muster-journal-{}-{n}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Scratch(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn join(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A commit with a note of `size` characters that differs from commit to commit.
pub fn note(seq: u64, size: usize) -> Commit {
    let responder = Person { id: UserId(11), name: "responder".to_owned() };
    let text: String = format!("note {seq} ").chars().cycle().take(size).collect();
    Commit {
        v: FORMAT,
        seq: Seq(seq),
        at: Timestamp(1_700_000_000_000 + i64::try_from(seq).unwrap()),
        cause: Cause::Timer,
        events: vec![Event::NoteAdded { incident: IncidentId(1), text, by: responder }],
        effects: vec![],
    }
}

/// The `count` commits behind `after`.
pub fn notes(after: u64, count: u64, size: usize) -> Vec<Commit> {
    (after + 1..=after + count).map(|seq| note(seq, size)).collect()
}

/// Appends in groups of these sizes.
pub fn fill(journal: &mut dyn Journal, groups: &[u64], size: usize) {
    for count in groups {
        let after = journal.head().seq;
        journal.append(after, &notes(after.0, *count, size)).unwrap();
    }
}

/// All that a journal holds.
pub fn all(journal: &dyn Journal) -> Vec<Commit> {
    journal.reader().from(Seq(1)).map(Result::unwrap).collect()
}

/// Why it is not opened.
pub fn refused(folder: &Path) -> muster::journal::Refusal {
    match SledJournal::open(folder) {
        Ok(_) => panic!("it opened"),
        Err(r) => r,
    }
}

/// Every file of a folder with its bytes, to see that nothing was changed.
pub fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.push((path.clone(), Vec::new()));
            files.extend(contents(&path));
        } else {
            let bytes = std::fs::read(&path).unwrap();
            files.push((path, bytes));
        }
    }
    files.sort();
    files
}
