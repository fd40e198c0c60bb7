//! A group of commits as the journal stores it: the lines joined by line feeds, in parts small
//! enough to stay in sled's log (larger values go to files that sled never syncs), void without
//! every part.
//!
//! Each part begins with the same header, so that any of them says what the whole must be:
//! number of parts (u16), bytes in all (u32), and the hash of the last line (16 bytes), which
//! through the chain stands for every byte of the group. Numbers are big-endian.

use super::Head;
use super::chain::{Hash, Walk, prev_of, write_line};
use super::refusal::{AppendError, Damage};
use crate::model::commit::Commit;
use crate::model::ids::Seq;

/// No stored value is larger than this.
pub const MOST: usize = 64 * 1024;
const HEADER: usize = 2 + 4 + 16;

/// A whole group.
#[derive(Clone, Debug)]
pub(super) struct Group {
    /// Its first commit.
    pub first: Seq,
    /// Its lines, joined by line feeds.
    pub bytes: Vec<u8>,
    /// Its last commit, with the hash of that line.
    pub last: Head,
}

/// The key of a part: the group's first commit, then the part's number.
pub(super) fn key(first: Seq, part: u16) -> [u8; 10] {
    let mut k = [0; 10];
    k[..8].copy_from_slice(&first.0.to_be_bytes());
    k[8..].copy_from_slice(&part.to_be_bytes());
    k
}

/// What [`key`] made.
pub(super) fn unkey(k: &[u8]) -> Option<(Seq, u16)> {
    let (first, part) = k.split_at_checked(8)?;
    Some((Seq(u64::from_be_bytes(first.try_into().ok()?)), u16::from_be_bytes(part.try_into().ok()?)))
}

/// Builds the group that follows `head`.
///
/// # Errors
/// When the writer stands elsewhere, or the commits do not follow each other.
pub(super) fn build(head: Head, after: Seq, commits: &[Commit]) -> Result<Group, AppendError> {
    if after != head.seq {
        return Err(AppendError::NotTheHead { head: head.seq, after });
    }
    let mut last = head;
    let mut bytes = Vec::with_capacity(commits.len() * 512);
    for c in commits {
        if c.seq != last.seq.next() {
            return Err(AppendError::Malformed(format!("commit {} follows commit {}", c.seq, last.seq)));
        }
        if last.seq != head.seq {
            bytes.push(b'\n');
        }
        last =
            Head { seq: c.seq, hash: write_line(last.hash, c, &mut bytes).map_err(AppendError::Malformed)? };
    }
    Group { first: head.seq.next(), bytes, last }.storable()
}

impl Group {
    /// The group that these lines make behind `head`.
    ///
    /// # Errors
    /// When they do not follow from it.
    pub fn of_lines(head: Head, lines: &[Vec<u8>]) -> Result<Group, AppendError> {
        let mut walk = Walk::behind(head);
        for line in lines {
            walk.take(line).map_err(|d| AppendError::Malformed(d.what))?;
        }
        Group { first: head.seq.next(), bytes: lines.join(&b'\n'), last: walk.head() }.storable()
    }

    /// A header can number its parts and count its bytes.
    pub(super) fn storable(self) -> Result<Group, AppendError> {
        let (size, most) = (self.bytes.len(), (MOST - HEADER) * usize::from(u16::MAX));
        if size > most.min(u32::MAX as usize) {
            return Err(AppendError::Malformed(format!("the group has {} MiB", size >> 20)));
        }
        Ok(self)
    }

    /// The values to store, in the order of their parts.
    pub fn parts(&self) -> Vec<Vec<u8>> {
        let chunks = self.bytes.chunks(MOST - HEADER);
        let count = u16::try_from(chunks.len()).unwrap_or(u16::MAX);
        let total = u32::try_from(self.bytes.len()).unwrap_or(u32::MAX);
        chunks
            .map(|chunk| {
                let mut v = Vec::with_capacity(HEADER + chunk.len());
                v.extend_from_slice(&count.to_be_bytes());
                v.extend_from_slice(&total.to_be_bytes());
                v.extend_from_slice(&self.last.hash.0);
                v.extend_from_slice(chunk);
                v
            })
            .collect()
    }

    /// Puts the group together again; `part` gives what is stored under a number. `None` when
    /// it is not whole: a part is missing, torn, or of another group.
    pub fn join(first: Seq, mut part: impl FnMut(u16) -> Option<Vec<u8>>) -> Option<Group> {
        let mut bytes = part(0)?;
        let header: [u8; HEADER] = bytes.get(..HEADER)?.try_into().ok()?;
        let (count, total, hash) = read_header(&header);
        bytes.drain(..HEADER);
        for n in 1..count {
            bytes.extend_from_slice(part(n)?.strip_prefix(&header)?);
        }
        let lines = u64::try_from(bytes.split(|b| *b == b'\n').count()).ok()?;
        let group = Group { first, last: Head { seq: Seq(first.0 + lines - 1), hash }, bytes };
        (count > 0 && group.bytes.len() == total && group.whole()).then_some(group)
    }

    /// Its lines with their numbers.
    pub fn lines(&self) -> impl Iterator<Item = (Seq, &[u8])> {
        (self.first.0..).map(Seq).zip(self.bytes.split(|b| *b == b'\n'))
    }

    /// The chain inside it, up to the hash that its header names.
    fn whole(&self) -> bool {
        self.inner_chain().is_ok_and(|end| end == self.last)
    }

    fn inner_chain(&self) -> Result<Head, Damage> {
        let begin = self.lines().next().and_then(|(_, l)| prev_of(l)).unwrap_or(Hash([0; 16]));
        let mut walk = Walk::behind(Head { seq: Seq(self.first.0 - 1), hash: begin });
        for (_, line) in self.lines() {
            walk.take(line)?;
        }
        Ok(walk.head())
    }
}

fn read_header(h: &[u8; HEADER]) -> (u16, usize, Hash) {
    let mut hash = [0; 16];
    hash.copy_from_slice(&h[6..]);
    (u16::from_be_bytes([h[0], h[1]]), u32::from_be_bytes([h[2], h[3], h[4], h[5]]) as usize, Hash(hash))
}
