//! Whether sled may be let at a folder's files. When sled opens its log it writes: it cuts off
//! what it takes for a tail that was never finished, and clears segments it takes for free. On
//! a damaged log that destroys what is left. So the log is read first, without a write, and
//! when anything in it is not whole, sled shows on a copy what it would make of it.
//!
//! The format is that of sled 0.34 (`pagecache/logger.rs`). Where this file is wrong about it,
//! the folder counts as not whole, and the copy decides.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::Path;

use super::Head;

/// Size of sled's segments in this journal.
pub(super) const SEGMENT: usize = 16 * 1024 * 1024;
const SEGMENT_HEADER: usize = 20;
/// sled begins no message so close to a segment's end.
const RED_ZONE: usize = 32;
const FREED: u8 = 0;
const CAP: u8 = 2;

/// Whether every message in the log is as it was written, and the commit that was known to be
/// durable is among them.
pub(super) fn whole(folder: &Path, known: Option<Head>) -> io::Result<bool> {
    let file = File::open(folder.join("db"))?;
    let size = file.metadata()?.len();
    let mut ends = Vec::new();
    let mut buf = Vec::new();
    for base in (0..size).step_by(SEGMENT) {
        read_segment(&file, size, base, &mut buf)?;
        match walk(&buf) {
            Segment::Free => {}
            Segment::Used { lsn, full, end } => ends.push((lsn, full, base, end)),
            Segment::Broken => return Ok(false),
        }
    }
    ends.sort_unstable();
    let earlier_are_full = ends.iter().rev().skip(1).all(|(_, full, ..)| *full);
    if !earlier_are_full {
        return Ok(false);
    }
    let Some(known) = known.filter(|k| k.seq.0 > 0) else {
        return Ok(true);
    };
    let (mut found, mut wanted) = (0, 1);
    for (_, _, base, end) in ends.iter().rev() {
        read_segment(&file, size, *base, &mut buf)?;
        for at in backwards(&buf[..*end], &known.hash.0) {
            // Each part of a group begins with how many there are; see `group`.
            wanted = at.checked_sub(6).map_or(1, |c| usize::from(u16::from_be_bytes([buf[c], buf[c + 1]])));
            found += 1;
            if found >= wanted {
                return Ok(true);
            }
        }
    }
    Ok(found >= wanted)
}

enum Segment {
    /// All zeros: sled cleared it, or never used it.
    Free,
    /// `end` is behind the last message that is whole; `full` when nothing may follow it.
    Used { lsn: u64, full: bool, end: usize },
    /// Its header is not as sled writes it.
    Broken,
}

fn read_segment(file: &File, size: u64, base: u64, buf: &mut Vec<u8>) -> io::Result<()> {
    buf.resize(usize::try_from(size - base).unwrap_or(SEGMENT).min(SEGMENT), 0);
    file.read_exact_at(buf, base)
}

fn walk(segment: &[u8]) -> Segment {
    let Some((header, _)) = segment.split_at_checked(SEGMENT_HEADER) else {
        return Segment::Broken;
    };
    if header.iter().all(|b| *b == 0) {
        return if segment.chunks(4096).all(|c| c == &[0; 4096][..c.len()]) {
            Segment::Free
        } else {
            Segment::Broken
        };
    }
    let (crc, rest) = header.split_at(4);
    if le(crc) != u64::from(!crc32fast::hash(rest)) {
        return Segment::Broken;
    }
    let lsn = le(&rest[..8]) ^ 0x7FFF_FFFF_FFFF_FFFF;
    let number = lsn / SEGMENT as u64;
    let mut at = SEGMENT_HEADER;
    while at + RED_ZONE <= SEGMENT {
        match message(&segment[at..], number) {
            Some((CAP, _)) => {
                return Segment::Used { lsn, full: true, end: at };
            }
            Some((_, len)) => at += len,
            None => {
                return Segment::Used { lsn, full: false, end: at };
            }
        }
    }
    Segment::Used { lsn, full: true, end: at.min(segment.len()) }
}

/// Kind and length of the message at the front, when it is whole and of this segment.
fn message(bytes: &[u8], segment: u64) -> Option<(u8, usize)> {
    let crc = le(bytes.get(..4)?);
    let kind = *bytes.get(4)?;
    let mut rest = &bytes[5..];
    let len = usize::try_from(varint(&mut rest)?).ok()?;
    let number = varint(&mut rest)?;
    varint(&mut rest)?; // which page it is about
    let header = bytes.len() - rest.len();
    let body = rest.get(..len)?;
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(body);
    hasher.update(&bytes[4..header]);
    let sound = kind != FREED && number == segment && crc == u64::from(!hasher.finalize());
    sound.then_some((kind, header + len))
}

/// sled's numbers of one to nine bytes.
fn varint(bytes: &mut &[u8]) -> Option<u64> {
    let (first, rest) = bytes.split_first()?;
    let byte = |n: usize| rest.get(n).map(|b| u64::from(*b));
    let (value, more) = match first {
        0..=240 => (u64::from(*first), 0),
        241..=248 => (240 + 256 * (u64::from(*first) - 241) + byte(0)?, 1),
        249 => (2288 + 256 * byte(0)? + byte(1)?, 2),
        _ => {
            let len = usize::from(*first) - 247;
            (le(rest.get(..len)?), len)
        }
    };
    *bytes = &rest[more..];
    Some(value)
}

fn le(bytes: &[u8]) -> u64 {
    bytes.iter().rev().fold(0, |n, b| n << 8 | u64::from(*b))
}

/// Where the needle stands, from the end: what was written last is looked for.
fn backwards<'a>(hay: &'a [u8], needle: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    (0..=hay.len().saturating_sub(needle.len())).rev().filter(move |at| hay[*at..].starts_with(needle))
}

/// Copies sled's files of a folder to another, where sled may do as it likes.
pub(super) fn copy(folder: &Path, to: &Path) -> io::Result<()> {
    if to.exists() {
        fs::remove_dir_all(to)?; // what an earlier look left when it was interrupted
    }
    fs::create_dir(to)?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let text = name.to_string_lossy();
        if name == "db" || name == "conf" || text.starts_with("snap.") && !is_unfinished(&text) {
            fs::copy(entry.path(), to.join(name))?;
        }
    }
    Ok(())
}

/// Removes what sled left of a start that was cut short. It writes its index as
/// `snap.N.generating`, renames it when it is whole, and only then removes the older one; but
/// at the next start it would read the unfinished one, and refuse.
pub(super) fn clear_unfinished(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if is_unfinished(&entry.file_name().to_string_lossy()) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

fn is_unfinished(name: &str) -> bool {
    name.starts_with("snap.") && name.ends_with(".generating")
}
