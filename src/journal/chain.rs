//! The hash chain: each commit is one JSON line that carries the hash of the line before it, so
//! that a line edited, lost or put in shows, in the journal as in an export.
//!
//! A line out of which a text was struck says, behind that hash, which hash it had before: with it
//! the line keeps its place in the chain, and a later commit vouches for what stands there now (see
//! `struck`).
//!
//! The chain is over the exact bytes of the lines, not over what they mean: two builds need not
//! agree about how a commit is spelled to agree about what was written.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};

use super::Head;
use super::refusal::Damage;
use crate::model::commit::{Commit, FORMAT};
use crate::model::ids::Seq;

/// The first 16 bytes of a SHA-256. Half is enough: nobody gains by finding two lines of the
/// same hash, and finding a second line for a given hash takes 2^128 tries.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Hash(pub [u8; 16]);

const PREFIX: &[u8] = b"{\"prev\":\"";
const WAS: &[u8] = b"\",\"was\":\"";
const HEX: usize = 32;
const DIGITS: &[u8; 16] = b"0123456789abcdef";

impl From<Sha256> for Hash {
    fn from(all: Sha256) -> Hash {
        let mut short = [0; 16];
        short.copy_from_slice(&all.finalize()[..16]);
        Hash(short)
    }
}

impl Hash {
    /// The hash of these bytes.
    pub fn of(bytes: &[u8]) -> Hash {
        Hash::from(Sha256::new_with_prefix(bytes))
    }

    /// What the first line of a journal carries, so that lines of another journal do not fit.
    pub fn genesis(journal: &str) -> Hash {
        Hash::of(format!("muster journal {journal}").as_bytes())
    }

    fn hex(self) -> [u8; HEX] {
        let mut out = [0; HEX];
        for (pair, b) in out.chunks_exact_mut(2).zip(self.0) {
            pair[0] = DIGITS[usize::from(b >> 4)];
            pair[1] = DIGITS[usize::from(b & 15)];
        }
        out
    }

    fn from_hex(hex: &[u8]) -> Option<Hash> {
        if hex.len() != HEX {
            return None;
        }
        let digit = |c: u8| match c {
            b'0'..=b'9' => Some(c - b'0'),
            b'a'..=b'f' => Some(c - b'a' + 10),
            _ => None,
        };
        let mut out = [0; 16];
        for (b, pair) in out.iter_mut().zip(hex.chunks_exact(2)) {
            *b = digit(pair[0])? << 4 | digit(pair[1])?;
        }
        Some(Hash(out))
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.hex()))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Hash {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        Hash::from_hex(s.as_bytes())
            .ok_or_else(|| format!("`{s}` is no hash: those are 32 digits of 0-9 and a-f"))
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<'de, str>::deserialize(d)?.parse().map_err(de::Error::custom)
    }
}

/// Appends the line of this commit to `out`, without a line end, and gives the line's hash.
///
/// # Errors
/// When the commit has no JSON form.
pub(super) fn write_line(prev: Hash, commit: &Commit, out: &mut Vec<u8>) -> Result<Hash, String> {
    let start = out.len();
    out.extend_from_slice(PREFIX);
    out.extend_from_slice(&prev.hex());
    out.push(b'"');
    let brace = out.len();
    serde_json::to_writer(&mut *out, commit).map_err(|e| format!("commit {}: {e}", commit.seq))?;
    // The commit's own opening brace becomes the comma after `prev`.
    out[brace] = b',';
    Ok(Hash::of(&out[start..]))
}

/// What the line says is the hash of the line before it.
pub(super) fn prev_of(line: &[u8]) -> Option<Hash> {
    Hash::from_hex(line.strip_prefix(PREFIX)?.get(..HEX)?)
}

/// What the line says that it was before a text was struck out of it.
pub(super) fn was_of(line: &[u8]) -> Option<Hash> {
    let behind = line.strip_prefix(PREFIX)?.get(HEX..)?;
    Hash::from_hex(behind.strip_prefix(WAS)?.get(..HEX)?)
}

/// The hash that the next line carries: the line's own, or the one that it had at first.
pub(super) fn place_of(line: &[u8]) -> Hash {
    was_of(line).unwrap_or_else(|| Hash::of(line))
}

/// The line that stands in place of this one, with this commit in it; `None` where it is no line
/// of a chain, or the commit has no JSON form.
pub(super) fn struck_line(line: &[u8], commit: &Commit) -> Option<Vec<u8>> {
    let (prev, place) = (prev_of(line)?, place_of(line));
    let json = serde_json::to_vec(commit).ok()?;
    let behind = json.strip_prefix(b"{")?;
    Some([PREFIX, &prev.hex(), WAS, &place.hex(), b"\",", behind].concat())
}

/// Goes along the chain, one line at a time.
#[derive(Clone, Copy, Debug)]
pub struct Walk {
    head: Head,
}

impl Walk {
    /// Begins behind this commit.
    pub fn behind(head: Head) -> Walk {
        Walk { head }
    }

    /// The last line that fitted.
    pub fn head(&self) -> Head {
        self.head
    }

    /// Takes the next line.
    ///
    /// # Errors
    /// When it does not follow from the line before: one of the two was changed, or a line
    /// between them is lost.
    pub fn take(&mut self, line: &[u8]) -> Result<(), Damage> {
        let seq = self.head.seq.next();
        match prev_of(line) {
            Some(prev) if prev == self.head.hash => {
                self.head = Head { seq, hash: place_of(line) };
                Ok(())
            }
            Some(prev) if self.head.seq == Seq(0) => {
                Err(Damage::at(seq, format!("its line belongs to another journal (it follows {prev})")))
            }
            Some(prev) => Err(Damage::at(
                seq,
                format!(
                    "its line says that the line before has the hash {prev}, but that is {}: commit {} was changed, \
                     or lines are missing or moved",
                    self.head.hash, self.head.seq
                ),
            )),
            None => Err(Damage::at(seq, "its line does not begin with the hash of the line before")),
        }
    }
}

/// Reads the commit of a line that fits the chain at `seq`.
///
/// # Errors
/// When the line is not that commit, or a newer Muster wrote it.
pub fn parse(seq: Seq, line: &[u8]) -> Result<Commit, Damage> {
    match serde_json::from_slice::<Commit>(line) {
        Ok(c) if c.v > FORMAT => Err(newer(seq, c.v)),
        Ok(c) if c.seq != seq => Err(Damage::at(seq, format!("its line says that it is commit {}", c.seq))),
        Ok(c) => Ok(c),
        Err(e) => Err(match serde_json::from_slice::<Version>(line) {
            Ok(Version { v }) if v > FORMAT => newer(seq, v),
            _ => Damage::at(seq, format!("its line is no commit: {e}")),
        }),
    }
}

/// Only the version: a newer build's events need not parse here for it to be named.
#[derive(Deserialize)]
struct Version {
    v: u16,
}

fn newer(seq: Seq, v: u16) -> Damage {
    Damage {
        seq,
        what: format!("a newer Muster wrote it (format {v}; this build reads up to {FORMAT})"),
        cure: "Use the newer Muster, or restore the backup that was made before it.".to_owned(),
    }
}
