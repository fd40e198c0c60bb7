//! A snapshot as it is stored: parts like a group's, void without every part. Only start-up
//! speed depends on them: the commits alone say the same.
//!
//! Each part begins with the same header: number of parts (u16), bytes in all (u64), the hash
//! of the line it is folded up to (16 bytes), and the hash of the snapshot (16 bytes).

use super::Head;
use super::chain::Hash;
use super::group::MOST;
use crate::model::ids::Seq;

const HEADER: usize = 2 + 8 + 16 + 16;

/// The values to store under the key of `upto` and the part's number.
///
/// # Errors
/// When it is too large to number the parts (4 GiB).
pub(super) fn parts(upto: Head, bytes: &[u8]) -> Result<Vec<Vec<u8>>, String> {
    let count = bytes.len().div_ceil(MOST - HEADER).max(1);
    let count = u16::try_from(count).map_err(|_| format!("a snapshot of {} MiB", bytes.len() >> 20))?;
    let mut header = Vec::with_capacity(HEADER);
    header.extend_from_slice(&count.to_be_bytes());
    header.extend_from_slice(&(bytes.len() as u64).to_be_bytes());
    header.extend_from_slice(&upto.hash.0);
    header.extend_from_slice(&Hash::of(bytes).0);
    let mut chunks = bytes.chunks(MOST - HEADER);
    Ok((0..count).map(|_| [header.as_slice(), chunks.next().unwrap_or_default()].concat()).collect())
}

/// Puts it together again; `None` when it is not whole.
pub(super) fn join(upto: Seq, mut part: impl FnMut(u16) -> Option<Vec<u8>>) -> Option<(Head, Vec<u8>)> {
    let mut bytes = part(0)?;
    let header: [u8; HEADER] = bytes.get(..HEADER)?.try_into().ok()?;
    let count = u16::from_be_bytes(header[..2].try_into().ok()?);
    let total = u64::from_be_bytes(header[2..10].try_into().ok()?);
    let line = Hash(header[10..26].try_into().ok()?);
    bytes.drain(..HEADER);
    for n in 1..count {
        bytes.extend_from_slice(part(n)?.strip_prefix(&header)?);
    }
    let whole = bytes.len() as u64 == total && Hash::of(&bytes).0 == header[26..];
    whole.then_some((Head { seq: upto, hash: line }, bytes))
}
