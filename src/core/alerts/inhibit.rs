//! Inhibition: while something worse fires, nobody is told of what follows from it. The rules are
//! Alertmanager's (its documentation, "Inhibition").

use std::collections::{BTreeSet, HashMap};

use super::mute::Beside;
use super::state::Alerts;
use crate::model::alert::Mute;
use crate::model::alerting::Inhibition;
use crate::model::house::House;
use crate::model::labels::{Fingerprint, Labels, Matcher};

/// What may keep others quiet: for each rule, by the values of the labels that must be equal.
#[derive(Debug, Default)]
pub struct Index {
    rules: Vec<HashMap<Labels, Sources>>,
    entries: usize,
}

/// What matches the source of a rule, where the labels that must be equal have these values.
#[derive(Debug, Default)]
struct Sources {
    alone: BTreeSet<Fingerprint>,
    /// These match the rule's target as well.
    as_well: BTreeSet<Fingerprint>,
}

impl Index {
    /// How many places are taken in it.
    pub fn len(&self) -> usize {
        self.entries
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.entries == 0
    }

    /// One more alert that fires.
    pub fn add(&mut self, rules: &[Inhibition], fp: Fingerprint, labels: &Labels) {
        self.rules.resize_with(rules.len(), HashMap::new);
        for (rule, sources) in rules.iter().zip(&mut self.rules) {
            if is_source(rule, labels) {
                let sources = sources.entry(labels.only(&rule.equal)).or_default();
                let new = if is_target(rule, labels) {
                    sources.as_well.insert(fp)
                } else {
                    sources.alone.insert(fp)
                };
                self.entries += usize::from(new);
            }
        }
    }

    /// Forgets what does not fire any more, of what comes first.
    fn forget(&mut self, n: usize, equal: &Labels, fires: impl Fn(Fingerprint) -> bool) {
        let Some(sources) = self.rules.get_mut(n).and_then(|all| all.get_mut(equal)) else { return };
        for set in [&mut sources.alone, &mut sources.as_well] {
            while set.first().is_some_and(|fp| !fires(*fp)) {
                set.pop_first();
                self.entries -= 1;
            }
        }
    }

    /// The first source of the rule with this number that has these values and that `holds` vouches
    /// for. Two that could each keep the other quiet keep neither: for what is itself a source only
    /// those count that are no target.
    pub fn first(
        &self,
        n: usize,
        equal: &Labels,
        two_sided: bool,
        holds: impl Fn(&Fingerprint) -> bool,
    ) -> Option<Fingerprint> {
        let sources = self.rules.get(n)?.get(equal)?;
        let alone = sources.alone.iter().find(|fp| holds(fp));
        let as_well = sources.as_well.iter().filter(|_| !two_sided).find(|fp| holds(fp));
        alone.into_iter().chain(as_well).min().copied()
    }
}

fn is_source(rule: &Inhibition, labels: &Labels) -> bool {
    Matcher::all(&rule.source, labels)
}

fn is_target(rule: &Inhibition, labels: &Labels) -> bool {
    Matcher::all(&rule.target, labels)
}

/// By which alert this one is kept quiet, and by which rule. The first rule of `muster.toml` that
/// does says so; a label that neither has is equal in both. It matters only that the other fires:
/// one that is muted itself still does.
pub fn inhibited(
    alerts: &Alerts,
    house: &House,
    fp: Fingerprint,
    labels: &Labels,
    beside: &Beside<'_>,
) -> Option<Mute> {
    let rules = &house.settings.alerting.inhibitions;
    let mut fit = rules.iter().enumerate().filter(|(_, rule)| is_target(rule, labels)).peekable();
    fit.peek()?;
    alerts.live.indexed(rules, |index| {
        fit.find_map(|(n, rule)| {
            let two_sided = is_source(rule, labels);
            let equal = labels.only(&rule.equal);
            // The index may be behind: what it names must still be so.
            let still = |by: &Fingerprint, its: &Labels| {
                *by != fp
                    && is_source(rule, its)
                    && !(two_sided && is_target(rule, its))
                    && its.only(&rule.equal) == equal
            };
            let fires = |by: &Fingerprint| alerts.live.get(by).filter(|a| a.fires());
            index.forget(n, &equal, |by| fires(&by).is_some());
            let kept =
                |by: &Fingerprint| !beside.knows(by) && fires(by).is_some_and(|a| still(by, &a.labels));
            let known = index.first(n, &equal, two_sided, kept);
            let new = beside.first(n, &equal, two_sided, still);
            let by = known.into_iter().chain(new).min()?;
            Some(Mute::Inhibited { by, rule: rule.name.clone() })
        })
    })
}
