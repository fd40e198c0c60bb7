//! The alerts that are kept, and beside them what of them keeps others quiet: found without
//! looking through all, because ten thousand may fire at once.

use std::collections::{BTreeMap, btree_map};
use std::fmt;
use std::ops::{Deref, DerefMut};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::inhibit::Index;
use crate::model::alert::Alert;
use crate::model::alerting::Inhibition;
use crate::model::ids::GroupId;
use crate::model::labels::Fingerprint;

/// How many changes are noted one by one, beyond as many as there are alerts.
const NOTED: usize = 1_024;

/// The alerts by fingerprint: a map. What changes them through `insert`, `remove` and `get_mut` is
/// noted one by one; any other change makes the next look go through all of them once.
#[derive(Default)]
pub struct Live {
    all: BTreeMap<Fingerprint, Box<Alert>>,
    /// A cache: thrown away at will, and no part of the state.
    cache: Mutex<Cache>,
}

#[derive(Default)]
struct Cache {
    /// The rules that `index` is for; `None` while it has to be made anew.
    rules: Option<Vec<Inhibition>>,
    index: Index,
    /// What changed since.
    changed: Vec<Fingerprint>,
}

impl Live {
    /// Keeps an alert.
    pub fn insert(&mut self, fp: Fingerprint, alert: Box<Alert>) -> Option<Box<Alert>> {
        self.note(fp);
        self.all.insert(fp, alert)
    }

    /// Keeps an alert no longer.
    pub fn remove(&mut self, fp: &Fingerprint) -> Option<Box<Alert>> {
        self.note(*fp);
        self.all.remove(fp)
    }

    /// An alert, to change it.
    pub fn get_mut(&mut self, fp: &Fingerprint) -> Option<&mut Box<Alert>> {
        self.note(*fp);
        self.all.get_mut(fp)
    }

    fn note(&mut self, fp: Fingerprint) {
        let most = self.all.len() + NOTED;
        let cache = self.cache.get_mut().unwrap_or_else(PoisonError::into_inner);
        if cache.rules.is_some() {
            cache.changed.push(fp);
            if cache.changed.len() > most {
                *cache = Cache::default();
            }
        }
    }

    /// Looks something up in the index of those that fire and match the source of a rule. It may
    /// still hold what fires no more.
    pub(super) fn indexed<T>(&self, rules: &[Inhibition], look: impl FnOnce(&mut Index) -> T) -> T {
        let mut cache = self.cache.lock().unwrap_or_else(PoisonError::into_inner);
        let cache = &mut *cache;
        let known = cache.rules.as_deref() == Some(rules);
        if known && cache.index.len() <= 2 * rules.len() * (self.all.len() + NOTED) {
            for fp in cache.changed.drain(..) {
                if let Some(alert) = self.all.get(&fp).filter(|a| a.fires()) {
                    cache.index.add(rules, fp, &alert.labels);
                }
            }
        } else {
            *cache = Cache { rules: Some(rules.to_vec()), ..Cache::default() };
            for (fp, alert) in self.all.iter().filter(|(_, a)| a.fires()) {
                cache.index.add(rules, *fp, &alert.labels);
            }
        }
        look(&mut cache.index)
    }
}

impl Deref for Live {
    type Target = BTreeMap<Fingerprint, Box<Alert>>;
    fn deref(&self) -> &Self::Target {
        &self.all
    }
}

/// Whoever changes it this way may change anything.
impl DerefMut for Live {
    fn deref_mut(&mut self) -> &mut Self::Target {
        *self.cache.get_mut().unwrap_or_else(PoisonError::into_inner) = Cache::default();
        &mut self.all
    }
}

impl<'a> IntoIterator for &'a Live {
    type Item = (&'a Fingerprint, &'a Box<Alert>);
    type IntoIter = btree_map::Iter<'a, Fingerprint, Box<Alert>>;
    fn into_iter(self) -> Self::IntoIter {
        self.all.iter()
    }
}

impl FromIterator<(Fingerprint, Box<Alert>)> for Live {
    fn from_iter<I: IntoIterator<Item = (Fingerprint, Box<Alert>)>>(alerts: I) -> Live {
        Live { all: alerts.into_iter().collect(), cache: Mutex::default() }
    }
}

impl Clone for Live {
    fn clone(&self) -> Live {
        Live { all: self.all.clone(), cache: Mutex::default() }
    }
}

impl PartialEq for Live {
    fn eq(&self, other: &Live) -> bool {
        self.all == other.all
    }
}

impl fmt::Debug for Live {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.all.fmt(f)
    }
}

impl Serialize for Live {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        self.all.serialize(s)
    }
}

impl<'de> Deserialize<'de> for Live {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Live, D::Error> {
        let mut all: BTreeMap<Fingerprint, Box<Alert>> = BTreeMap::deserialize(d)?;
        // What was kept once is written for each.
        let mut first: BTreeMap<GroupId, Alert> = BTreeMap::new();
        for alert in all.values_mut() {
            alert.share(first.entry(alert.group).or_insert_with(|| (**alert).clone()));
        }
        Ok(Live { all, cache: Mutex::default() })
    }
}
