//! What differs between two tallies. Other settings make other groups, so that those belong together
//! in which the same alert fired at the same time.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::tally::{Episode, Tallied, Tally};
use crate::kit::time::Timestamp;
use crate::model::alert::Why;
use crate::model::ids::{GroupId, RoleId};

/// What was, what would be, and where that differs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Compared {
    /// From when on, in RFC 3339.
    pub since: String,
    /// Until when.
    pub until: String,
    /// How many recorded facts were played.
    pub facts: usize,
    /// How often an alert began to fire.
    pub alerts: usize,
    /// What was.
    pub then: Counts,
    /// What would be.
    pub now: Counts,
    /// Of how many problems people would be told as they were.
    pub same: usize,
    /// Where it would be otherwise, the first to begin first.
    pub differences: Vec<Difference>,
    /// What was recorded and cannot happen again.
    pub left_out: Vec<String>,
}

/// How much people were told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    /// How many groups began.
    pub groups: u32,
    /// How often people were told that something is wrong.
    pub told: u32,
    /// How often of these that was a first time.
    pub first: u32,
    /// How often they were told that it is over.
    pub over: u32,
    /// Of how many groups nobody was ever told that something is wrong.
    pub never: u32,
    /// How many groups were held back for a time, by what held them.
    pub held: BTreeMap<&'static str, u32>,
    /// How many incidents were opened.
    pub opened: u32,
    /// How many groups joined one.
    pub joined: u32,
    /// For how many groups a role was mentioned.
    pub mentioned: u32,
    /// For how many groups people were called until somebody answered.
    pub paged: u32,
}

/// Alerts that people would be told of otherwise than they were.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The groups that there were.
    pub then: Vec<Side>,
    /// Those that there would be.
    pub now: Vec<Side>,
}

/// A group, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Side {
    /// Its number; that of a group that would be is its own count.
    pub group: String,
    /// Its route.
    pub route: String,
    /// What it is called.
    pub title: String,
    /// How bad.
    pub severity: String,
    /// Its service.
    pub service: Option<String>,
    /// Where its card stands.
    pub channel: String,
    /// When it began.
    pub at: String,
    /// How many alerts began in it.
    pub alerts: usize,
    /// How often people were told, by why.
    pub told: BTreeMap<&'static str, u32>,
    /// What held it back.
    pub held: BTreeSet<&'static str>,
    /// `opened` or `joined`, where it belongs to an incident by policy.
    pub incident: Option<&'static str>,
    /// The roles that were mentioned: as these settings call them, otherwise their numbers.
    pub mentioned: BTreeSet<String>,
    /// The policy by which people were called, in words: its rungs, and how long each has.
    pub paged: Option<String>,
}

/// What roles are called.
pub type Roles = BTreeMap<String, Vec<RoleId>>;

/// Compares.
pub fn of(
    (since, until): (Timestamp, Timestamp),
    facts: usize,
    then: &Tally,
    now: &Tally,
    roles: &Roles,
) -> Compared {
    let episodes: BTreeSet<Episode> =
        then.groups.values().chain(now.groups.values()).flat_map(|g| g.episodes.iter().copied()).collect();
    let (mut same, mut differences) = (0, vec![]);
    for (before, after) in together(then, now) {
        let sides = |tally: &Tally, all: &[&Tallied]| all.iter().map(|g| side(tally, g, roles)).collect();
        let difference = Difference { then: sides(then, &before), now: sides(now, &after) };
        if alike(&difference) {
            same += 1;
        } else {
            differences.push(difference);
        }
    }
    Compared {
        since: since.rfc3339(),
        until: until.rfc3339(),
        facts,
        alerts: episodes.len(),
        then: counts(then),
        now: counts(now),
        same,
        differences,
        left_out: vec![],
    }
}

/// The groups of both that have an alert in common, over however many steps; the first to begin first.
fn together<'t>(then: &'t Tally, now: &'t Tally) -> Vec<(Vec<&'t Tallied>, Vec<&'t Tallied>)> {
    type Id = (bool, GroupId);
    let of = |tally: &'t Tally, new: bool| {
        tally.groups.iter().filter(|(_, g)| !g.episodes.is_empty()).map(move |(id, g)| ((new, *id), g))
    };
    let all: BTreeMap<Id, &Tallied> = of(then, false).chain(of(now, true)).collect();
    let mut by_episode: BTreeMap<Episode, Vec<Id>> = BTreeMap::new();
    for (id, group) in &all {
        group.episodes.iter().for_each(|e| by_episode.entry(*e).or_default().push(*id));
    }
    let mut seen: BTreeSet<Id> = BTreeSet::new();
    let mut found = vec![];
    for id in all.keys() {
        let (mut part, mut open) = (BTreeSet::new(), vec![*id]);
        while let Some(id) = open.pop() {
            if seen.insert(id) {
                part.insert(id);
                open.extend(all[&id].episodes.iter().flat_map(|e| by_episode[e].iter().copied()));
            }
        }
        if !part.is_empty() {
            let side = |new: bool| part.iter().filter(|id| id.0 == new).map(|id| all[id]).collect::<Vec<_>>();
            found.push((side(false), side(true)));
        }
    }
    found.sort_by_key(|(then, now)| then.iter().chain(now).map(|g| g.opened.at).min());
    found
}

/// Whether people would be told the same.
fn alike(d: &Difference) -> bool {
    // The number and the time of what was carried over are not the settings' doing.
    let plain = |sides: &[Side]| {
        let plain = |side: &Side| Side { group: String::new(), at: String::new(), ..side.clone() };
        sides.iter().map(plain).collect::<BTreeSet<Side>>()
    };
    d.then.len() == d.now.len() && plain(&d.then) == plain(&d.now)
}

fn side(tally: &Tally, group: &Tallied, roles: &Roles) -> Side {
    let opened = &group.opened;
    let called = |id: &RoleId| {
        let names: Vec<&str> =
            roles.iter().filter(|(_, ids)| ids.contains(id)).map(|(name, _)| name.as_str()).collect();
        if names.is_empty() { id.to_string() } else { names.join("/") }
    };
    Side {
        group: opened.group.to_string(),
        route: opened.route.clone(),
        title: opened.title.clone(),
        severity: opened.severity.to_string(),
        service: opened.service.clone(),
        channel: opened.channel.to_string(),
        at: opened.at.rfc3339(),
        alerts: group.episodes.len(),
        told: group.told.iter().map(|(why, n)| (word(*why), *n)).collect(),
        held: group.held.clone(),
        incident: group.incident.map(|(_, opened)| if opened { "opened" } else { "joined" }),
        mentioned: group.mentioned.iter().map(called).collect(),
        paged: tally.policy(group).map(str::to_owned),
    }
}

fn word(why: Why) -> &'static str {
    match why {
        Why::First => "first",
        Why::NewInGroup => "new in the group",
        Why::Repeat => "repeated",
        Why::NoLongerMuted => "no longer muted",
        Why::Over => "over",
    }
}

fn counts(tally: &Tally) -> Counts {
    let mut counts = Counts::default();
    for group in tally.groups.values() {
        let told = |of: &dyn Fn(&Why) -> bool| {
            group.told.iter().filter(|(why, _)| of(why)).map(|(_, n)| *n).sum::<u32>()
        };
        let wrong = told(&|why| *why != Why::Over);
        counts.groups += u32::from(group.new);
        counts.told += wrong;
        counts.first += told(&|why| *why == Why::First);
        counts.over += told(&|why| *why == Why::Over);
        counts.never += u32::from(group.new && wrong == 0);
        group.held.iter().for_each(|held| *counts.held.entry(held).or_default() += 1);
        counts.opened += u32::from(group.incident.is_some_and(|(_, opened)| opened));
        counts.joined += u32::from(group.incident.is_some_and(|(_, opened)| !opened));
        counts.mentioned += u32::from(!group.mentioned.is_empty());
        counts.paged += u32::from(tally.policy(group).is_some());
    }
    counts
}
