//! What a look means together with those before it: so often, so fast, for so long.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::kit::time::{Timestamp, spoken};
use crate::model::labels::Fingerprint;
use crate::model::watch::{Compare, Fires, Memory, Rate, Reading, Sample, Watch};

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    /// It is an alert.
    Fires,
    /// It is none.
    Over,
    /// What was said before stands.
    AsBefore,
}

/// What one look found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    Bad,
    Good,
    /// Good as far as it was watched, which is not long enough to say that something is over.
    Early,
    Unknown,
}

/// A look is taken for the end of what came before it if it comes within so many intervals. What lies longer
/// apart was not watched.
const GAP: u32 = 4;

/// Says what a look means, and why in a few words, and keeps in `memory` what the next look needs.
pub fn judge(
    rule: &Watch,
    every: Duration,
    now: Timestamp,
    sample: &Sample,
    memory: &mut Memory,
) -> (Judged, String) {
    let (found, why) = found(rule, now, sample, memory);
    if found == Found::Unknown {
        memory.unknown.get_or_insert(now);
        // The time until the next look was not seen.
        memory.bad_at = None;
        return (Judged::AsBefore, why);
    }
    memory.unknown = None;
    if matches!(found, Found::Good | Found::Early) {
        memory.bad_at = None;
        memory.bad.clear();
        memory.held = Duration::ZERO;
        return (ends(sample, found == Found::Good), why);
    }
    if let Some(before) = memory.bad_at
        && now.since(before) <= every.saturating_mul(GAP)
    {
        memory.held += now.since(before);
    }
    memory.bad_at = Some(now);
    memory.bad.push_back(now);
    let often = match rule.fires {
        Fires::Rate(_) => true,
        Fires::Consecutive { times, within } => {
            let times = usize::try_from(times).unwrap_or(usize::MAX);
            while memory.bad.len() > times {
                memory.bad.pop_front();
            }
            let first = memory.bad.front().copied().unwrap_or(now);
            memory.bad.len() >= times && within.is_none_or(|w| now.since(first) <= w)
        }
    };
    if matches!(rule.fires, Fires::Rate(_)) {
        memory.bad.clear();
    }
    let long = rule.holds.is_none_or(|wanted| memory.held >= wanted);
    if often && long {
        let since = rule.holds.map(|d| format!(", for {}", spoken(d))).unwrap_or_default();
        return (Judged::Fires, format!("{why}{since}"));
    }
    // Not long enough to begin, and no reason to end what began.
    (ends(sample, false), why)
}

/// What was told is not so any more, says a person: it is looked at anew.
pub fn forgiven(memory: Memory) -> Memory {
    Memory { bad_at: None, bad: Default::default(), held: Duration::ZERO, told: false, ..memory }
}

/// Whether an alert ends that was begun: where the rule says when, only then.
fn ends(sample: &Sample, good: bool) -> Judged {
    let over = match &sample.clear {
        None => good,
        Some(Reading::Holds(holds, _)) => *holds,
        Some(_) => false,
    };
    if over { Judged::Over } else { Judged::AsBefore }
}

fn found(rule: &Watch, now: Timestamp, sample: &Sample, memory: &mut Memory) -> (Found, String) {
    let (found, why) = match (&sample.got, rule.fires) {
        (Reading::Holds(true, why), _) => (Found::Bad, why.clone()),
        (Reading::Holds(false, why), _) => (Found::Good, why.clone()),
        (Reading::Unknown(why), _) => (Found::Unknown, why.clone()),
        (Reading::Counters(all), fires) => match grown(memory, all) {
            Some(by) => counted(fires, now, by, memory),
            None => {
                memory.counted = Some(now);
                (Found::Unknown, "it was counted for the first time".to_owned())
            }
        },
        (Reading::Lines(new), fires) => {
            memory.counted.get_or_insert(now);
            counted(fires, now, f64::from(*new), memory)
        }
    };
    match &sample.only {
        None => (found, why),
        Some(Reading::Holds(true, _)) => (found, why),
        // Whatever is seen, it is not asked for now.
        Some(Reading::Holds(false, why)) => (Found::Good, why.clone()),
        Some(Reading::Unknown(why)) => (Found::Unknown, why.clone()),
        Some(_) => (Found::Unknown, "`while` counts, and says neither yes nor no".to_owned()),
    }
}

/// Series that were there once and are not now, of which the last value is remembered, at most.
const AWAY: usize = 1024;

/// By how much counters grew since the last look; `None` at the first. One that is less than it was began
/// anew at zero, and so did one that never was there. One that was away for a while goes on from what it was:
/// all that it counted in its life did not happen since the last look.
fn grown(memory: &mut Memory, all: &[(Fingerprint, f64)]) -> Option<f64> {
    let now: BTreeMap<Fingerprint, f64> = all.iter().filter(|(_, v)| v.is_finite()).copied().collect();
    let first = memory.counters.is_none();
    let known = memory.counters.get_or_insert_default();
    let grew = |(fp, value): (&Fingerprint, &f64)| match known.get(fp) {
        Some(old) if old <= value => value - old,
        _ => *value,
    };
    let by = now.iter().map(grew).sum();
    let most = now.len() + AWAY;
    known.extend(now.iter());
    if known.len() > most {
        known.retain(|fp, _| now.contains_key(fp));
    }
    (!first).then_some(by)
}

fn counted(fires: Fires, now: Timestamp, by: f64, memory: &mut Memory) -> (Found, String) {
    match fires {
        Fires::Consecutive { .. } => {
            let found = if by > 0.0 { Found::Bad } else { Found::Good };
            (found, format!("{by:.0} more"))
        }
        Fires::Rate(rate) => rated(rate, now, by, memory),
    }
}

/// Whether it grows so fast. What was seen to grow is certain, however short it was watched; that it grew by
/// no more is known only of a time that was watched.
fn rated(rate: Rate, now: Timestamp, by: f64, memory: &mut Memory) -> (Found, String) {
    let window = rate.window();
    memory.grew.push_back((now, by));
    while memory.grew.front().is_some_and(|(at, _)| now.since(*at) >= window) {
        memory.grew.pop_front();
    }
    let sum: f64 = memory.grew.iter().map(|(_, by)| by).sum();
    let per = sum / window.as_secs_f64() * rate.per.as_secs_f64();
    let why = format!("{per:.1} where the limit is {}", rate.in_words());
    let whole = memory.counted.is_some_and(|since| now.since(since) >= window);
    let holds = rate.compare.holds(per, rate.limit);
    let found = match rate.compare {
        Compare::Above | Compare::AtLeast if holds => Found::Bad,
        _ if !whole => Found::Early,
        _ if holds => Found::Bad,
        _ => Found::Good,
    };
    (found, why)
}
