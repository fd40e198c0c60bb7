//! Lines out of which a text was struck, for a secret that should never have been written.
//!
//! A journal is never changed, with this one exception, which shows: the line that stands there now
//! names the hash of the one that stood there, so that the chain goes on through it, and a later
//! commit (`Event::TextStruck`) carries the hash of its new bytes. Whoever reads the journal to its
//! end knows that nothing else was changed, and who answers for what was.

use std::collections::BTreeMap;

use super::chain::{Hash, struck_line, was_of};
use super::group::Group;
use super::refusal::Damage;
use crate::model::commit::Commit;
use crate::model::event::Event;
use crate::model::ids::Seq;
use crate::model::strike::TextStruck;

/// What is to stand in place of some lines.
#[derive(Clone, Debug, Default)]
pub struct StruckLines(BTreeMap<Seq, Vec<u8>>);

impl StruckLines {
    /// This commit is to stand in place of this line. Gives the hash of what will stand there, for
    /// the commit that vouches for it.
    ///
    /// # Errors
    /// When the line is no line of a journal, or the commit has no JSON form.
    pub fn put(&mut self, line: &[u8], commit: &Commit) -> Result<Hash, String> {
        let new =
            struck_line(line, commit).ok_or_else(|| format!("commit {} cannot be written", commit.seq))?;
        let hash = Hash::of(&new);
        self.0.insert(commit.seq, new);
        Ok(hash)
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The group with these lines in it, in place of what stood there.
    pub(super) fn applied(&self, group: Group) -> Group {
        if self.0.range(group.first..=group.last.seq).next().is_none() {
            return group;
        }
        let lines: Vec<&[u8]> =
            group.lines().map(|(seq, line)| self.0.get(&seq).map_or(line, Vec::as_slice)).collect();
        Group { bytes: lines.join(&b'\n'), ..group }
    }
}

/// Whether each line that is not as it was first written is vouched for: only known at the end,
/// because whoever vouches comes later.
#[derive(Debug, Default)]
pub(super) struct Vouching {
    /// What stands where something was struck.
    stands: BTreeMap<Seq, Hash>,
    /// What must stand there, as the last commit about it says.
    said: BTreeMap<Seq, Hash>,
}

impl Vouching {
    /// Takes the next line.
    pub fn take(&mut self, line: &[u8], commit: &Commit) {
        if was_of(line).is_some() {
            self.stands.insert(commit.seq, Hash::of(line));
        }
        for event in &commit.events {
            let Event::TextStruck(TextStruck { lines, .. }) = event else { continue };
            // Nobody vouches for itself, or for what is still to come.
            for struck in lines.iter().filter(|l| l.seq < commit.seq) {
                self.said.extend(struck.now.parse().ok().map(|now| (struck.seq, now)));
            }
        }
    }

    /// Nothing comes any more. Gives how many lines are struck.
    ///
    /// # Errors
    /// The first line that is struck and not vouched for, or the other way round.
    pub fn finish(self) -> Result<u64, Damage> {
        for (seq, stands) in &self.stands {
            match self.said.get(seq) {
                Some(said) if said == stands => {}
                Some(_) => {
                    return Err(Damage::at(
                        *seq,
                        "a text was struck out of its line, and it was changed since",
                    ));
                }
                None => {
                    return Err(Damage::at(
                        *seq,
                        "its line was changed: no later commit vouches for what was struck",
                    ));
                }
            }
        }
        match self.said.keys().find(|seq| !self.stands.contains_key(seq)) {
            Some(seq) => Err(Damage::at(*seq, "a text was struck out of its line, and stands there again")),
            None => Ok(self.stands.len() as u64),
        }
    }
}
