//! Who is on call at a moment, and until when: a function of the rota, its overrides and the time.

use chrono::{Datelike as _, Days, NaiveDate, NaiveTime};
use chrono_tz::Tz;

use crate::kit::time::Timestamp;
use crate::kit::wall;
use crate::model::ids::OverrideId;
use crate::model::rota::{Every, Hours, Layer, Member, Override, Rank, Rota, Shift, Turns};

/// How far one looks for a change, in days: past it a shift simply goes on.
const HORIZON: i64 = 400;
/// A day in milliseconds.
const DAY: i64 = 86_400_000;

/// Who holds a rank of a rota at `at`, since when and until when. Two shifts that follow each other
/// with the same person are one, as far as 400 days go, and time does.
pub fn shift(rota: &Rota, rank: &Rank, overrides: &[Override], at: Timestamp) -> Shift {
    let overrides: Vec<&Override> =
        overrides.iter().filter(|o| o.rota == rota.name && o.rank == rank.name).collect();
    let look = Look { rank, zone: rota.timezone, overrides: &overrides };
    let (who, by) = look.holder(at);
    let far = DAY * HORIZON;
    let (first, last) = (at.0.saturating_sub(far), at.0.saturating_add(far));
    let (mut from, mut until, mut cursor) = (at, at, at);
    while until.0 < last {
        let next = look.after(until);
        until = next;
        if look.holder(next) != (who.clone(), by) {
            break;
        }
    }
    while from.0 > first {
        from = look.before(cursor);
        cursor = Timestamp(from.0.saturating_sub(1));
        if look.holder(cursor) != (who.clone(), by) {
            break;
        }
    }
    Shift { who, from, until, by }
}

/// The shifts of a rank from one moment to another, in order: the first is under way then.
pub fn shifts(
    rota: &Rota,
    rank: &Rank,
    overrides: &[Override],
    from: Timestamp,
    to: Timestamp,
) -> Vec<Shift> {
    let (mut all, mut at) = (vec![], from);
    while at < to {
        let next = shift(rota, rank, overrides, at);
        let until = next.until;
        all.push(next);
        // Whoever does not get on would never end.
        if until <= at {
            break;
        }
        at = until;
    }
    all
}

/// Everybody who is on call at `at`, primary first; ranks that nobody holds are left out, and who
/// holds two is there once.
pub fn on_call(rota: &Rota, overrides: &[Override], at: Timestamp) -> Vec<(String, Member)> {
    let mut all: Vec<(String, Member)> = vec![];
    for rank in &rota.ranks {
        let overrides: Vec<&Override> =
            overrides.iter().filter(|o| o.rota == rota.name && o.rank == rank.name).collect();
        let (who, _) = Look { rank, zone: rota.timezone, overrides: &overrides }.holder(at);
        if let Some(who) = who.filter(|w| !all.iter().any(|(_, there)| same(there, w))) {
            all.push((rank.name.clone(), who));
        }
    }
    all
}

fn same(one: &Member, other: &Member) -> bool {
    match (one.id(), other.id()) {
        (Some(a), Some(b)) => a == b,
        (None, None) => one == other,
        _ => false,
    }
}

struct Look<'a> {
    rank: &'a Rank,
    zone: Tz,
    overrides: &'a [&'a Override],
}

impl Look<'_> {
    /// Who holds the rank: the newest override that counts, else whom the last layer names that names
    /// anybody. One that names nobody then, because its week leaves the day out or its first shift lies ahead,
    /// does not take the rank from whoever is below it.
    fn holder(&self, at: Timestamp) -> (Option<Member>, Option<OverrideId>) {
        if let Some(o) = self.overrides.iter().filter(|o| o.counts(at)).max_by_key(|o| o.id) {
            let who = Member::Known { id: o.who.id, name: o.who.name.clone() };
            return (Some(who), Some(o.id));
        }
        let mut open = self.rank.layers.iter().rev().filter(|l| open(l, self.zone, at));
        (open.find_map(|l| turn(&l.turns, self.zone, at)), None)
    }

    /// The next moment at which something may change.
    fn after(&self, at: Timestamp) -> Timestamp {
        let layers = self.rank.layers.iter().map(|l| edge(l, self.zone, at, Edge::After));
        let overrides = self.overrides.iter().flat_map(|o| [o.from, o.until]).filter(|t| *t > at);
        layers.chain(overrides).min().unwrap_or(Timestamp(at.0.saturating_add(DAY)))
    }

    /// The last moment, not after `at`, at which something may have changed.
    fn before(&self, at: Timestamp) -> Timestamp {
        let layers = self.rank.layers.iter().map(|l| edge(l, self.zone, at, Edge::Before));
        let overrides = self.overrides.iter().flat_map(|o| [o.from, o.until]).filter(|t| *t <= at);
        layers.chain(overrides).max().unwrap_or(Timestamp(at.0.saturating_sub(DAY)))
    }
}

/// Which edge is looked for.
#[derive(Clone, Copy)]
enum Edge {
    /// The first after a moment.
    After,
    /// The last that is not after it.
    Before,
}

impl Edge {
    fn pick(self, at: Timestamp, edges: impl Iterator<Item = Timestamp>) -> Option<Timestamp> {
        match self {
            Edge::After => edges.filter(|t| *t > at).min(),
            Edge::Before => edges.filter(|t| *t <= at).max(),
        }
    }
}

/// Whether a layer says something of this moment.
fn open(layer: &Layer, zone: Tz, at: Timestamp) -> bool {
    layer.hours.is_empty() || layer.hours.iter().any(|h| window(h, zone, at).is_some())
}

/// The window of these hours that a moment lies in.
fn window(hours: &Hours, zone: Tz, at: Timestamp) -> Option<(Timestamp, Timestamp)> {
    let today = wall::day(at, zone);
    around(today, 2).filter_map(|day| span(hours, zone, day)).find(|(from, until)| *from <= at && at < *until)
}

/// These hours where they begin on this day; `None` on a day on which they do not.
fn span(hours: &Hours, zone: Tz, day: NaiveDate) -> Option<(Timestamp, Timestamp)> {
    if !hours.days.is_empty() && !hours.days.contains(&day.weekday()) {
        return None;
    }
    let last = if hours.until > hours.from { day } else { day.succ_opt()? };
    Some((wall::instant(day, hours.from, zone), wall::instant(last, hours.until, zone)))
}

/// The days around one.
fn around(day: NaiveDate, n: u64) -> impl Iterator<Item = NaiveDate> {
    let first = day.checked_sub_days(Days::new(n)).unwrap_or(day);
    first.iter_days().take(usize::try_from(2 * n + 1).unwrap_or(1))
}

/// The day whose shift a moment lies in, where shifts begin at `handoff`.
fn shift_day(at: Timestamp, handoff: NaiveTime, zone: Tz) -> NaiveDate {
    let today = wall::day(at, zone);
    let begun = around(today, 2).filter(|day| wall::instant(*day, handoff, zone) <= at);
    begun.last().unwrap_or(today)
}

/// Whose turn it is.
fn turn(turns: &Turns, zone: Tz, at: Timestamp) -> Option<Member> {
    match turns {
        Turns::Week { days, handoff } => {
            let day = shift_day(at, *handoff, zone);
            days[day.weekday().num_days_from_monday() as usize].clone()
        }
        Turns::Rotation { members, from, handoff, every } => {
            let passed = match every {
                Every::Hours(hours) => {
                    let start = wall::instant(*from, *handoff, zone);
                    at.0.saturating_sub(start.0).div_euclid(3_600_000 * i64::from((*hours).max(1)))
                }
                Every::Days(_) | Every::Weeks(_) => {
                    let day = shift_day(at, *handoff, zone);
                    wall::days_between(*from, day).div_euclid(days_of(*every))
                }
            };
            let turn = usize::try_from(passed).ok()?;
            members.get(turn % members.len().max(1)).cloned()
        }
    }
}

fn days_of(every: Every) -> i64 {
    match every {
        Every::Hours(_) => 1,
        Every::Days(n) => i64::from(n.max(1)),
        Every::Weeks(n) => 7 * i64::from(n.max(1)),
    }
}

/// The edge of a layer: a handoff, or its hours beginning or ending.
fn edge(layer: &Layer, zone: Tz, at: Timestamp, which: Edge) -> Timestamp {
    let today = wall::day(at, zone);
    let (mut edges, never) = (
        vec![],
        match which {
            Edge::After => Timestamp(at.0.saturating_add(DAY)),
            Edge::Before => Timestamp(at.0.saturating_sub(DAY)),
        },
    );
    match &layer.turns {
        Turns::Rotation { from, handoff, every: Every::Hours(hours), .. } => {
            let (start, length) =
                (wall::instant(*from, *handoff, zone), 3_600_000 * i64::from((*hours).max(1)));
            let n = at.0.saturating_sub(start.0).div_euclid(length);
            // Before the first shift there is no handoff but the first.
            let begins = |n: i64| Timestamp(n.max(0).saturating_mul(length).saturating_add(start.0));
            edges.extend([n, n.saturating_add(1)].map(begins));
        }
        Turns::Week { handoff, .. } | Turns::Rotation { handoff, .. } => {
            edges.extend(around(today, 2).map(|day| wall::instant(day, *handoff, zone)));
        }
    }
    for hours in &layer.hours {
        edges.extend(around(today, 8).filter_map(|day| span(hours, zone, day)).flat_map(|(a, b)| [a, b]));
    }
    which.pick(at, edges.into_iter()).unwrap_or(never)
}

#[cfg(test)]
mod tests;
