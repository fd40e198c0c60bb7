//! A snapshot as it is stored: parts like a group's, void without every part. Only start-up
//! speed depends on them: the commits alone say the same.
//!
//! Each part begins with the same header: number of parts (u16), bytes in all (u64), the hash
//! of the line it is folded up to (16 bytes), and the hash of the snapshot (16 bytes).

use std::io;

use sha2::{Digest as _, Sha256};

use super::Head;
use super::chain::Hash;
use super::group::MOST;
use crate::model::ids::Seq;

const HEADER: usize = 2 + 8 + 16 + 16;

/// A snapshot on its way to the disk, in pieces: a large one is never in memory twice, nor in one piece.
#[derive(Default)]
pub struct Body(Vec<Vec<u8>>);

impl io::Write for Body {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        const PIECE: usize = MOST - HEADER;
        let mut last = self.0.pop().unwrap_or_default();
        if last.len() == PIECE {
            self.0.push(std::mem::replace(&mut last, Vec::with_capacity(PIECE)));
        }
        let taken = bytes.len().min(PIECE - last.len());
        last.extend_from_slice(&bytes[..taken]);
        self.0.push(last);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Body {
    /// All of it in one piece.
    pub(super) fn whole(&self) -> Vec<u8> {
        self.0.concat()
    }
}

impl<T: AsRef<[u8]>> From<T> for Body {
    fn from(bytes: T) -> Body {
        Body(bytes.as_ref().chunks(MOST - HEADER).map(<[u8]>::to_vec).collect())
    }
}

/// The values to store under the key of `upto` and the part's number.
///
/// # Errors
/// When it is too large to number the parts (4 GiB).
pub(super) fn parts(upto: Head, body: Body) -> Result<impl Iterator<Item = Vec<u8>>, String> {
    let Body(mut pieces) = body;
    if pieces.is_empty() {
        pieces.push(vec![]);
    }
    let (mut len, mut hash) = (0, Sha256::new());
    for piece in &pieces {
        len += piece.len() as u64;
        hash.update(piece);
    }
    let count = u16::try_from(pieces.len()).map_err(|_| format!("a snapshot of {} MiB", len >> 20))?;
    let mut header = Vec::with_capacity(HEADER);
    header.extend_from_slice(&count.to_be_bytes());
    header.extend_from_slice(&len.to_be_bytes());
    header.extend_from_slice(&upto.hash.0);
    header.extend_from_slice(&Hash::from(hash).0);
    Ok(pieces.into_iter().map(move |piece| [header.as_slice(), &piece].concat()))
}

/// Puts it together again; `None` when it is not whole.
pub(super) fn join(upto: Seq, mut part: impl FnMut(u16) -> Option<Vec<u8>>) -> Option<(Head, Vec<u8>)> {
    let mut bytes = part(0)?;
    let header: [u8; HEADER] = bytes.get(..HEADER)?.try_into().ok()?;
    let count = u16::from_be_bytes(header[..2].try_into().ok()?);
    let total = u64::from_be_bytes(header[2..10].try_into().ok()?);
    let line = Hash(header[10..26].try_into().ok()?);
    bytes.drain(..HEADER);
    bytes.reserve_exact(
        usize::try_from(total).ok()?.min(usize::from(count) * MOST).saturating_sub(bytes.len()),
    );
    for n in 1..count {
        bytes.extend_from_slice(part(n)?.strip_prefix(&header)?);
    }
    let whole = bytes.len() as u64 == total && Hash::of(&bytes).0 == header[26..];
    whole.then_some((Head { seq: upto, hash: line }, bytes))
}
