//! A journal in memory, for tests and the simulation. Like a disk it has a part that is
//! synced and a tail that is only written, and a power cut loses the tail.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::chain::Hash;
use super::group::{Group, build};
use super::reader::{GroupReader, Groups};
use super::refusal::{AppendError, Damage, Kind, Refusal};
use super::snapshots::Body;
use super::struck::StruckLines;
use super::{Head, Id, Journal, Reader};
use crate::model::commit::Commit;
use crate::model::ids::Seq;

/// What goes wrong at the next write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The sync fails: the tail stays unsynced, the journal is poisoned.
    SyncFails,
    /// The power goes between the write and the sync: the group is lost, and nobody is told.
    CutBeforeSync,
    /// The power goes behind the sync: the group is kept, and nobody is told.
    CutAfterSync,
}

/// What stays when a [`MemoryJournal`] is gone. Clones are the same disk.
#[derive(Clone)]
pub struct MemoryDisk(Arc<Mutex<Disk>>);

struct Disk {
    id: String,
    groups: BTreeMap<Seq, Group>,
    snapshots: Vec<(Head, Vec<u8>)>,
    durable: Head,
    tail: Vec<Group>,
    next_fault: Option<Fault>,
}

impl MemoryDisk {
    /// An empty disk for a journal with this id.
    pub fn new(id: &str) -> MemoryDisk {
        let durable = Head { seq: Seq(0), hash: Hash::genesis(id) };
        MemoryDisk(Arc::new(Mutex::new(Disk {
            id: id.to_owned(),
            groups: BTreeMap::new(),
            snapshots: Vec::new(),
            durable,
            tail: Vec::new(),
            next_fault: None,
        })))
    }

    fn lock(&self) -> MutexGuard<'_, Disk> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets the next append or snapshot meet this.
    pub fn next_write_meets(&self, fault: Fault) {
        self.lock().next_fault = Some(fault);
    }

    /// The power goes: what was not synced is lost. No journal that was open on it may be used
    /// any more.
    pub fn cut(&self) {
        self.lock().tail.clear();
    }

    /// Opens what is synced, as after a power cut: a tail that a journal left is gone.
    pub fn open(&self) -> MemoryJournal {
        self.cut();
        let (id, head) = {
            let d = self.lock();
            (d.id.clone(), d.durable)
        };
        MemoryJournal { disk: self.clone(), id, head, poisoned: None }
    }
}

/// A journal on a [`MemoryDisk`].
pub struct MemoryJournal {
    disk: MemoryDisk,
    id: String,
    /// Behind the last group written, synced or not.
    head: Head,
    poisoned: Option<Refusal>,
}

impl Default for MemoryJournal {
    fn default() -> Self {
        MemoryJournal::new()
    }
}

impl MemoryJournal {
    /// A new one on a disk of its own, always with the same id.
    pub fn new() -> MemoryJournal {
        MemoryDisk::new("memory0000").open()
    }

    /// Its disk: for faults, and for opening it again.
    pub fn disk(&self) -> MemoryDisk {
        self.disk.clone()
    }

    /// The power goes; what was synced is opened again.
    #[must_use]
    pub fn crash(self) -> MemoryJournal {
        self.disk.cut();
        self.disk.open()
    }

    /// The first half of an append: written, not yet durable, not seen by readers.
    ///
    /// # Errors
    /// As [`Journal::append`].
    pub fn write(&mut self, after: Seq, group: &[Commit]) -> Result<(), AppendError> {
        self.healthy()?;
        if group.is_empty() && after == self.head.seq {
            return Ok(());
        }
        let group = build(self.head, after, group)?;
        self.head = group.last;
        self.disk.lock().tail.push(group);
        Ok(())
    }

    /// The second half: all that was written is durable when it returns.
    ///
    /// # Errors
    /// As [`Journal::append`].
    pub fn sync(&mut self) -> Result<Head, AppendError> {
        self.healthy()?;
        let fault = self.disk.lock().next_fault.take();
        match fault {
            None | Some(Fault::CutAfterSync) => self.settle(),
            Some(Fault::CutBeforeSync) => self.disk.cut(),
            Some(Fault::SyncFails) => {}
        }
        fault.map_or(Ok(self.head), |fault| Err(self.poison(fault)))
    }

    fn poison(&mut self, fault: Fault) -> AppendError {
        let said = match fault {
            Fault::SyncFails => "the sync of the memory journal was made to fail",
            Fault::CutBeforeSync => "the power was cut before the sync",
            Fault::CutAfterSync => "the power was cut behind the sync",
        };
        let why = Refusal::new(
            Kind::Poisoned,
            format!("The journal could not be made durable: {said}."),
            "Start again.",
        );
        self.poisoned = Some(why.clone());
        AppendError::Failed(why)
    }

    fn settle(&self) {
        let mut d = self.disk.lock();
        for group in std::mem::take(&mut d.tail) {
            d.durable = group.last;
            d.groups.insert(group.first, group);
        }
    }

    fn healthy(&self) -> Result<(), AppendError> {
        self.poisoned.clone().map_or(Ok(()), |p| Err(AppendError::Poisoned(p)))
    }
}

impl Journal for MemoryJournal {
    fn id(&self) -> &str {
        &self.id
    }

    fn id_at(&self, _: Seq) -> &str {
        &self.id
    }

    fn head(&self) -> Head {
        self.disk.lock().durable
    }

    fn append(&mut self, after: Seq, group: &[Commit]) -> Result<Head, AppendError> {
        self.write(after, group)?;
        self.sync()
    }

    fn strike(&mut self, after: Seq, vouching: &Commit, lines: &StruckLines) -> Result<Head, AppendError> {
        self.healthy()?;
        let last = build(self.head, after, std::slice::from_ref(vouching))?;
        let fault = self.disk.lock().next_fault.take();
        if matches!(fault, None | Some(Fault::CutAfterSync)) {
            let mut d = self.disk.lock();
            let all = std::mem::take(&mut d.groups);
            d.groups = all.into_iter().map(|(first, group)| (first, lines.applied(group))).collect();
            d.snapshots.clear();
            d.durable = last.last;
            self.head = last.last;
            d.groups.insert(last.first, last);
        }
        fault.map_or(Ok(self.head), |fault| Err(self.poison(fault)))
    }

    fn reader(&self) -> Arc<dyn Reader> {
        Arc::new(GroupReader(Arc::new(self.disk.clone())))
    }

    fn put_snapshot(&mut self, upto: Head, body: Body) -> Result<(), AppendError> {
        self.sync()?;
        let mut d = self.disk.lock();
        d.snapshots.push((upto, body.whole()));
        if d.snapshots.len() > 2 {
            d.snapshots.remove(0);
        }
        Ok(())
    }

    fn snapshot(&self) -> Result<Option<(Head, Vec<u8>)>, Damage> {
        Ok(self.disk.lock().snapshots.last().cloned())
    }
}

impl Groups for MemoryDisk {
    fn durable(&self) -> Head {
        self.lock().durable
    }

    fn ids(&self) -> Vec<Id> {
        vec![Id { from: Seq(1), id: self.lock().id.clone() }]
    }

    fn genesis(&self) -> Hash {
        Hash::genesis(&self.lock().id)
    }

    fn starting(&self, seq: Seq) -> Result<Option<Group>, Damage> {
        Ok(self.lock().groups.get(&seq).cloned())
    }

    fn holding(&self, seq: Seq) -> Result<Option<Group>, Damage> {
        let found = self.lock().groups.range(..=seq).next_back().map(|(_, g)| g.clone());
        Ok(found.filter(|g| g.last.seq >= seq))
    }
}
