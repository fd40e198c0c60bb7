//! Writes sled's file anew, so that what was struck leaves the disk: sled keeps what it replaced in
//! its log until it needs the room.
//!
//! The new file is written and synced beside the old one, and takes its place in one rename. Until
//! then nothing has happened, and behind it everything has: whoever is killed in between opens the
//! old journal or the new one, never a mixture.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Write as _};
use std::path::Path;

use super::folder::sync_folder;
use super::group::{Group, key};
use super::guard::guarded;
use super::reader::Groups as _;
use super::refusal::{Kind, Refusal};
use super::sled::start;
use super::store::Store;
use super::struck::StruckLines;
use crate::model::ids::Seq;

/// Where the new file is made.
const FOLDER: &str = "rebuilt";

/// Writes all that the store holds, with these lines in place of what stood there and `last` behind
/// it, to a file of its own. Snapshots are left out: they may hold what was struck.
pub(super) fn copy(folder: &Path, store: &Store, struck: &StruckLines, last: &Group) -> Result<(), Refusal> {
    let new = folder.join(FOLDER);
    let io = |e: io::Error| Refusal::from_io("Writing the journal anew in", &new, &e);
    clear(folder).map_err(io)?;
    let (db, commits, snapshots) = start(&new).map_err(|f| f.refusal(&new))?;
    let put = |group: &Group| {
        let insert = || {
            for (n, part) in (0u16..).zip(group.parts()) {
                commits.insert(key(group.first, n), part)?;
            }
            Ok(())
        };
        guarded(insert).map_err(|f| f.refusal(&new))
    };
    let head = store.head().seq;
    let mut next = Seq(1);
    while next <= head {
        let group = store.starting(next).map_err(|d| Refusal::damaged(folder, d.what))?;
        let group = group.ok_or_else(|| Refusal::damaged(folder, format!("commit {next} is not there")))?;
        next = group.last.seq.next();
        put(&struck.applied(group).storable().map_err(|e| Refusal::new(Kind::System, e.to_string(), ""))?)?;
    }
    put(last)?;
    guarded(|| db.flush()).map_err(|f| f.refusal(&new))?;
    drop((commits, snapshots, db));
    File::open(new.join("db")).and_then(|f| f.sync_all()).map_err(io)?;
    // The journal's own description names this file's hash, and sled must find no value elsewhere.
    let same = fs::read(new.join("conf")).map_err(io)? == fs::read(folder.join("conf")).map_err(io)?;
    let blobs = fs::read_dir(new.join("blobs")).map_or(0, Iterator::count);
    if same && blobs == 0 {
        return Ok(());
    }
    Err(Refusal::new(
        Kind::System,
        format!("The journal that was written anew in `{}` is not made as the old one.", new.display()),
        "Export it and import it into an empty folder.",
    ))
}

/// Puts the new file in place of the old one, which is overwritten before it is forgotten. sled must
/// be closed. `at` is told each step, for tests that look at the folder in between.
pub(super) fn exchange(folder: &Path, at: &mut dyn FnMut(&'static str)) -> io::Result<()> {
    let old = File::options().write(true).open(folder.join("db"))?;
    // sled's own snapshots speak of the old file; without them it reads the new one whole.
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_name().to_string_lossy().starts_with("snap.") {
            fs::remove_file(entry.path())?;
        }
    }
    sync_folder(folder)?;
    at("sled's snapshots are removed");
    fs::rename(folder.join(FOLDER).join("db"), folder.join("db"))?;
    sync_folder(folder)?;
    at("the new file is in place");
    if let Err(e) = overwrite(&old) {
        // It has no name any more, and its blocks are free; only a look at the disk itself finds it.
        tracing::warn!("the old data file is removed, but could not be overwritten: {e}");
    }
    at("the old file is overwritten");
    clear(folder)
}

/// Removes what an exchange that was cut short left.
pub(super) fn clear(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder.join(FOLDER)) {
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

fn overwrite(mut file: &File) -> io::Result<()> {
    let zeros = vec![0; 1 << 20];
    let mut left = file.metadata()?.len();
    while left > 0 {
        let some = usize::try_from(left).unwrap_or(zeros.len()).min(zeros.len());
        file.write_all(&zeros[..some])?;
        left -= some as u64;
    }
    file.sync_data()
}
