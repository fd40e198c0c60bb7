//! Reading along the chain, whichever journal holds the groups. Every line is checked against
//! the one before it, so that what is read is what was written, or an error.

use std::sync::Arc;

use super::chain::{Hash, Walk, parse, place_of};
use super::group::Group;
use super::refusal::Damage;
use super::{CommitIter, Head, Id, LineIter, Reader};
use crate::model::commit::Commit;
use crate::model::ids::Seq;

/// Where whole groups are found.
pub(super) trait Groups: Send + Sync {
    /// The last commit that is durable: readers see nothing beyond.
    fn durable(&self) -> Head;
    /// The journal's ids.
    fn ids(&self) -> Vec<Id>;
    /// What the journal's first line carries.
    fn genesis(&self) -> Hash;
    /// The group that begins with this commit.
    fn starting(&self, seq: Seq) -> Result<Option<Group>, Damage>;
    /// The group that this commit is in.
    fn holding(&self, seq: Seq) -> Result<Option<Group>, Damage>;

    /// As [`Reader::hash_at`].
    fn hash_at(&self, seq: Seq) -> Result<Head, Damage> {
        if seq == Seq(0) {
            return Ok(Head { seq, hash: self.genesis() });
        }
        let group = self.holding(seq)?.ok_or_else(|| missing(seq))?;
        let hash = group.lines().find(|(s, _)| *s == seq).map(|(_, line)| place_of(line));
        Ok(Head { seq, hash: hash.ok_or_else(|| missing(seq))? })
    }
}

/// Reads what a [`Groups`] holds.
pub(super) struct GroupReader<G>(pub Arc<G>);

fn missing(seq: Seq) -> Damage {
    Damage::at(seq, "it is not there, or not whole")
}

impl<G: Groups + 'static> Reader for GroupReader<G> {
    fn head(&self) -> Head {
        self.0.durable()
    }

    fn ids(&self) -> Vec<Id> {
        self.0.ids()
    }

    fn hash_at(&self, seq: Seq) -> Result<Head, Damage> {
        self.0.hash_at(seq)
    }

    fn lines(&self, from: Seq) -> LineIter {
        let from = Seq(from.0.max(1));
        let groups = self.0.clone();
        let begin = if from > groups.durable().seq { None } else { Some(groups.hash_at(Seq(from.0 - 1))) };
        match begin {
            None => Box::new(std::iter::empty()),
            Some(Err(d)) => Box::new(std::iter::once(Err(d))),
            Some(Ok(head)) => Box::new(Lines {
                groups,
                walk: Walk::behind(head),
                waiting: Vec::new().into_iter(),
                ended: false,
            }),
        }
    }

    fn from(&self, seq: Seq) -> CommitIter {
        Box::new(self.lines(seq).map(|line| line.and_then(|(seq, line)| parse(seq, &line))))
    }

    fn get(&self, seqs: &[Seq]) -> Result<Vec<Commit>, Damage> {
        let mut near: Option<Group> = None;
        let mut found = Vec::with_capacity(seqs.len());
        for seq in seqs {
            let group = match near.take() {
                Some(g) if (g.first..=g.last.seq).contains(seq) => g,
                _ => self.0.holding(*seq)?.ok_or_else(|| missing(*seq))?,
            };
            let line = group.lines().find(|(s, _)| s == seq).ok_or_else(|| missing(*seq))?.1;
            found.push(parse(*seq, line)?);
            near = Some(group);
        }
        Ok(found)
    }
}

struct Lines<G> {
    groups: Arc<G>,
    walk: Walk,
    waiting: std::vec::IntoIter<Vec<u8>>,
    ended: bool,
}

impl<G: Groups> Lines<G> {
    /// The lines of the next group, from the one that the walk has not taken yet.
    fn refill(&mut self) -> Result<bool, Damage> {
        let next = self.walk.head().seq.next();
        let durable = self.groups.durable();
        if next > durable.seq {
            return if self.walk.head() == durable {
                Ok(false)
            } else {
                Err(Damage::at(durable.seq, "its line was changed"))
            };
        }
        let group = match self.groups.starting(next)? {
            Some(g) => g,
            None => self.groups.holding(next)?.ok_or_else(|| missing(next))?,
        };
        let lines: Vec<Vec<u8>> =
            group.lines().filter(|(s, _)| *s >= next).map(|(_, l)| l.to_vec()).collect();
        self.waiting = lines.into_iter();
        Ok(true)
    }

    fn step(&mut self) -> Result<Option<(Seq, Vec<u8>)>, Damage> {
        loop {
            if let Some(line) = self.waiting.next() {
                self.walk.take(&line)?;
                return Ok(Some((self.walk.head().seq, line)));
            }
            if !self.refill()? {
                return Ok(None);
            }
        }
    }
}

impl<G: Groups> Iterator for Lines<G> {
    type Item = Result<(Seq, Vec<u8>), Damage>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let item = self.step().transpose();
        self.ended = !matches!(item, Some(Ok(_)));
        item
    }
}
