//! A copy of the journal while it is in use: an export, written so that the file is there
//! whole or not at all. Restoring it is an import.

use std::fs::{self, File};
use std::io::{BufReader, BufWriter, ErrorKind};
use std::path::{Path, PathBuf};

use super::folder::sync_folder;
use super::refusal::{Kind, Refusal};
use super::transfer::{export, verify_export};
use super::{Head, Reader};
use crate::kit::random;

/// Writes a backup to a file that is not there yet, reads it back, and only then gives it its
/// name. Gives the last commit in it.
///
/// # Errors
/// When there is a file of that name, the journal does not read back, or the disk takes no
/// more. No half a backup stays behind.
pub fn backup(reader: &dyn Reader, to: &Path) -> Result<Head, Refusal> {
    if to.symlink_metadata().is_ok() {
        return Err(occupied(to));
    }
    let letters =
        random::letters(6).map_err(|e| Refusal::new(Kind::System, format!("{e}."), "Start again."))?;
    let mut name = to.file_name().unwrap_or_default().to_owned();
    name.push(format!(".unfinished-{letters}"));
    let temporary = to.with_file_name(name);
    let done = write(reader, &temporary).and_then(|head| publish(&temporary, to).map(|()| head));
    if done.is_err() {
        let _ = fs::remove_file(&temporary);
    }
    done
}

fn write(reader: &dyn Reader, path: &Path) -> Result<Head, Refusal> {
    let io = |e| Refusal::from_io("Writing the backup", path, &e);
    let mut out = BufWriter::new(File::create_new(path).map_err(io)?);
    let head = export(reader, &mut out)?;
    let file = out.into_inner().map_err(|e| io(e.into_error()))?;
    file.sync_all().map_err(io)?;
    let read_back = verify_export(&mut BufReader::new(File::open(path).map_err(io)?))?;
    if read_back == head {
        Ok(head)
    } else {
        Err(Refusal::new(
            Kind::Damaged,
            format!("The backup `{}` does not read back as it was written.", path.display()),
            "Check that disk, and write the backup to another one.",
        ))
    }
}

/// A link instead of a rename, which would replace a file that came in between; where the
/// file system has no links, a rename.
fn publish(temporary: &Path, to: &Path) -> Result<(), Refusal> {
    let io = |e| Refusal::from_io("Writing the backup", to, &e);
    match fs::hard_link(temporary, to) {
        Ok(()) => fs::remove_file(temporary).map_err(io)?,
        Err(e) if e.kind() == ErrorKind::AlreadyExists => return Err(occupied(to)),
        Err(_) => fs::rename(temporary, to).map_err(io)?,
    }
    sync_folder(&folder_of(to)).map_err(io)
}

fn folder_of(file: &Path) -> PathBuf {
    match file.parent() {
        Some(p) if !p.as_os_str().is_empty() => p.to_owned(),
        _ => PathBuf::from("."),
    }
}

fn occupied(to: &Path) -> Refusal {
    Refusal::new(
        Kind::Occupied,
        format!("There is a file `{}` already; nothing is written over it.", to.display()),
        "Name another file for the backup.",
    )
}
