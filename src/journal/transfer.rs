//! An export: JSON Lines that need nothing but themselves to be checked. The first line says
//! which journal it is and how far it goes, the others are the journal's own lines, byte for
//! byte, so that the chain goes through the file as through the folder.
//!
//! An import makes a new folder of it, and a new id for what will be written there: the old
//! one's nonces may be in use behind the point of the export.

use std::io::{self, BufRead, Write};
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::chain::{Walk, parse};
use super::folder::About;
use super::refusal::{Damage, Kind, Refusal};
use super::struck::Vouching;
use super::{Head, Id, Reader, SledJournal};
use crate::kit::random;
use crate::model::commit::FORMAT;
use crate::model::ids::Seq;

/// The first line of an export. How it begins is how an export is recognised.
#[derive(Serialize, Deserialize)]
struct Header {
    /// The chain's id.
    muster_journal: String,
    /// As in the file `FORMAT`.
    format: u16,
    ids: Vec<Id>,
    /// The last line. Without it a file that lost its end would pass.
    head: Head,
    /// The version that made the export. Told, never decided by.
    made_by: String,
}

const BEGINS: &[u8] = b"{\"muster_journal\":";

/// Lines of about this many bytes go into one group at an import.
const GROUP: usize = 48 * 1024;

/// Writes all that is durable when it begins, also while others go on appending. Gives the
/// last commit written.
///
/// # Errors
/// When the journal does not read back, or `out` cannot be written.
pub fn export(reader: &dyn Reader, out: &mut dyn Write) -> Result<Head, Refusal> {
    let (ids, head) = (reader.ids(), reader.head());
    let header = Header {
        muster_journal: ids.first().map(|i| i.id.clone()).unwrap_or_default(),
        format: FORMAT,
        ids,
        head,
        made_by: format!("muster {}", env!("CARGO_PKG_VERSION")),
    };
    let failed = |e: io::Error| Refusal::from_io("Writing the", Path::new("export"), &e);
    let mut line = serde_json::to_vec(&header).map_err(|e| failed(e.into()))?;
    let mut lines = reader.lines(Seq(1));
    for _ in 0..=head.seq.0 {
        line.push(b'\n');
        out.write_all(&line).map_err(failed)?;
        line = match lines.next() {
            Some(next) => next.map_err(in_folder)?.1,
            None => break,
        };
    }
    out.flush().map_err(failed)?;
    Ok(head)
}

/// Reads an export to its end and checks the chain, without keeping anything. Gives the last
/// commit.
///
/// # Errors
/// The first line that is not as it was written, or a file that is no export.
pub fn verify_export(input: &mut dyn BufRead) -> Result<Head, Refusal> {
    read(input, &mut |_, _, _| Ok(())).map(|header| header.head)
}

/// Makes a journal of an export, in a folder that is empty or not there yet. The folder is a
/// journal only when all of it is in and durable. Gives the last commit.
///
/// # Errors
/// A folder that holds something, an export that is not as it was written, a disk that takes
/// no more.
pub fn import(input: &mut dyn BufRead, folder: &Path) -> Result<Head, Refusal> {
    let mut journal: Option<SledJournal> = None;
    let (mut group, mut size) = (Vec::new(), 0);
    let header = read(input, &mut |header, seq, line| {
        let journal = match &mut journal {
            Some(j) => j,
            none => none.insert(SledJournal::begin(folder, About::of(header.ids.clone()))?),
        };
        if seq > Seq(0) {
            size += line.len();
            group.push(line.to_vec());
        }
        if size > GROUP {
            size = 0;
            journal.append_lines(&std::mem::take(&mut group))?;
        }
        Ok(())
    })?;
    let Some(mut journal) = journal else {
        return Err(no_export("it is empty"));
    };
    journal.append_lines(&group)?;
    let id = random::letters(10).map_err(|e| Refusal::new(Kind::System, format!("{e}."), "Start again."))?;
    journal.finish(Some(Id { from: header.head.seq.next(), id }))?;
    Ok(header.head)
}

/// Takes a checked line with its number.
type Take<'a> = dyn FnMut(&Header, Seq, &[u8]) -> Result<(), Refusal> + 'a;

/// Gives each checked line to `take`, the header as number 0.
fn read(input: &mut dyn BufRead, take: &mut Take<'_>) -> Result<Header, Refusal> {
    let mut line = Vec::new();
    if !next_line(input, &mut line)? || !line.starts_with(BEGINS) {
        return Err(no_export("its first line is not that of an export"));
    }
    let about = About::read(&String::from_utf8_lossy(&line), "The export")?;
    let header: Header = serde_json::from_slice(&line).map_err(|e| no_export(&e.to_string()))?;
    if header.head.seq == Seq(0) && header.head.hash != about.genesis() {
        return Err(no_export("its first line contradicts itself"));
    }
    take(&header, Seq(0), &line)?;
    let mut walk = Walk::behind(Head { seq: Seq(0), hash: about.genesis() });
    let mut vouching = Vouching::default();
    while next_line(input, &mut line)? {
        walk.take(&line).map_err(in_export)?;
        let seq = walk.head().seq;
        vouching.take(&line, &parse(seq, &line).map_err(in_export)?);
        take(&header, seq, &line)?;
    }
    let (there, said) = (walk.head(), header.head);
    if there.seq != said.seq {
        let what = format!("it ends there, and was written up to commit {}", said.seq);
        return Err(in_export(Damage::at(there.seq, what)));
    }
    if there != said {
        return Err(in_export(Damage::at(there.seq, "its line was changed")));
    }
    let _struck = vouching.finish().map_err(in_export)?;
    Ok(header)
}

/// The next line without its end. A last line without a line end is one that was cut off.
fn next_line(input: &mut dyn BufRead, line: &mut Vec<u8>) -> Result<bool, Refusal> {
    line.clear();
    input.read_until(b'\n', line).map_err(|e| Refusal::from_io("Reading the", Path::new("export"), &e))?;
    if line.is_empty() {
        return Ok(false);
    }
    if line.pop() != Some(b'\n') {
        return Err(no_export("its last line is cut off"));
    }
    Ok(true)
}

fn no_export(why: &str) -> Refusal {
    Refusal::new(
        Kind::NotAJournal,
        format!("This is no whole export of a journal: {why}."),
        "Name a file that `muster export` or `muster backup` wrote, or take an older one.",
    )
}

fn in_export(d: Damage) -> Refusal {
    Refusal::new(
        Kind::Damaged,
        format!(
            "The export is not as it was written, at commit {} (line {}): {}.",
            d.seq,
            d.seq.0 + 1,
            d.what
        ),
        "Take another copy of it, or an older one. Nothing of it is in use.",
    )
}

fn in_folder(d: Damage) -> Refusal {
    Refusal::new(Kind::Damaged, format!("The journal is damaged at commit {}: {}.", d.seq, d.what), d.cure)
}
