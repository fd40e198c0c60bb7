//! Why people were told of alerts, or were not, as a fold over the commits that are about them:
//! *Why?*, `/alerts why` and `muster alerts why` have no second bookkeeping.

use std::collections::BTreeMap;

use serde::Serialize;

use super::card::telling_apart;
use crate::kit::time::Timestamp;
use crate::model::alert::{AlertsReceived, GroupNews, Held, Mute, News, Opened, Why};
use crate::model::commit::Commit;
use crate::model::event::Event;
use crate::model::ids::{GroupId, IncidentId, Seq, StormId};
use crate::model::labels::{Fingerprint, Labels};
use crate::model::person::Person;

/// Alerts of one commit that are named; the others are counted.
const NAMED: usize = 5;

/// What became of a group, up to some commit.
#[derive(Clone, Debug, PartialEq)]
pub struct Chain {
    /// By what it came to be.
    pub opened: Opened,
    /// What happened to it, oldest first.
    pub facts: Vec<Fact>,
}

/// Something that happened to a group.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Fact {
    /// When.
    pub at: Timestamp,
    /// By which commit.
    pub commit: Seq,
    /// What.
    pub what: Happened,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Happened {
    /// A source told of alerts, and something was new about them.
    Received {
        /// Which source.
        source: String,
        /// What the source calls the request.
        receipt: Option<String>,
        /// What was new, and about how many alerts.
        news: Vec<(News, u32)>,
        /// Some of them, by the labels that tell them apart.
        some: Vec<Labels>,
    },
    /// It came to be: a route took it, and these labels are its own.
    Grouped {
        /// Which route, by the names from the root on.
        route: String,
        /// The labels that all its alerts share.
        key: Labels,
    },
    /// People were told.
    Told {
        /// Why.
        why: Why,
        /// How many alerts of it fired.
        firing: u32,
    },
    /// Nobody was told, from then on.
    Held(Held),
    /// Some of it was muted: whoever was told was not told of that.
    Hushed {
        /// What muted it.
        by: Mute,
        /// How many.
        count: u32,
        /// Some of them, by the labels that tell them apart.
        some: Vec<Labels>,
    },
    /// Some of it was not muted any more.
    Unhushed {
        /// How many.
        count: u32,
        /// Some of them, by the labels that tell them apart.
        some: Vec<Labels>,
    },
    /// Alerts of it were over, because nobody said any more that they fire.
    Expired {
        /// How many.
        count: u32,
        /// Some of them, by the labels that tell them apart.
        some: Vec<Labels>,
    },
    /// A person said that all of it is over.
    Dismissed {
        /// Who.
        by: Person,
    },
    /// Nothing of it fired, but it might have come back.
    Settling,
    /// It was over.
    Over,
    /// Somebody took it; `None` where that was done in the source's own place.
    Acknowledged {
        /// Who.
        by: Option<Person>,
    },
    /// It belonged to an incident from then on.
    Linked {
        /// Which.
        incident: IncidentId,
        /// Who said so; `None` where the policy did.
        by: Option<Person>,
        /// Whether the incident began with it.
        opened: bool,
    },
    /// It was part of a storm.
    InStorm(StormId),
}

/// Folds the commits about `group`. They come oldest first and may hold more than is about it.
/// `None` where its beginning is not among them.
pub fn fold<'a>(group: GroupId, commits: impl IntoIterator<Item = &'a Commit>) -> Option<Chain> {
    let mut opened: Option<Opened> = None;
    let mut known: BTreeMap<Fingerprint, Labels> = BTreeMap::new();
    let mut facts: Vec<Fact> = vec![];
    for commit in commits {
        // The route's own news names the labels that the others leave out.
        let first = commit.events.iter().find_map(|e| match e {
            Event::Alerts { group: g, news: GroupNews::Opened(o) } if *g == group => Some((**o).clone()),
            _ => None,
        });
        opened = opened.or(first);
        let Some(opened) = &opened else { continue };
        let key = &opened.key;
        let mut now: Vec<Happened> = vec![];
        for event in &commit.events {
            match event {
                Event::AlertsReceived(all) => now.extend(received(group, all, key, &mut known)),
                Event::Alerts { group: g, news } if *g == group => {
                    now.extend(happened(commit, news, &known));
                }
                _ => {}
            }
        }
        // What was received is why the rest happened, whatever was written first.
        now.sort_by_key(rank);
        let (at, seq) = (commit.at, commit.seq);
        facts.extend(now.into_iter().map(|what| Fact { at, commit: seq, what }));
    }
    opened.map(|opened| Chain { opened, facts })
}

fn rank(what: &Happened) -> u8 {
    match what {
        Happened::Received { .. } => 0,
        Happened::Grouped { .. } => 1,
        _ => 2,
    }
}

/// What of a request was about this group.
fn received(
    group: GroupId,
    all: &AlertsReceived,
    key: &Labels,
    known: &mut BTreeMap<Fingerprint, Labels>,
) -> Option<Happened> {
    let (mut news, mut some): (BTreeMap<News, u32>, Vec<Labels>) = (BTreeMap::new(), vec![]);
    for taken in all.alerts.iter().filter(|t| t.group == group) {
        *news.entry(taken.news).or_default() += 1;
        // What is over may come without its labels: they are those of its beginning.
        let labels = match taken.alert.labels.is_empty() {
            true => known.get(&taken.alert.fingerprint).cloned().unwrap_or_default(),
            false => telling_apart(&taken.alert.labels, key),
        };
        if some.len() < NAMED && !labels.is_empty() && !some.contains(&labels) {
            some.push(labels.clone());
        }
        known.insert(taken.alert.fingerprint, labels);
    }
    (!news.is_empty()).then(|| Happened::Received {
        source: all.source.clone(),
        receipt: all.receipt.clone(),
        news: news.into_iter().collect(),
        some,
    })
}

fn happened(commit: &Commit, news: &GroupNews, known: &BTreeMap<Fingerprint, Labels>) -> Option<Happened> {
    let count = |fps: &[Fingerprint]| u32::try_from(fps.len()).unwrap_or(u32::MAX);
    let some = |fps: &[Fingerprint]| {
        let labels = fps.iter().filter_map(|fp| known.get(fp)).filter(|l| !l.is_empty());
        labels.take(NAMED).cloned().collect()
    };
    Some(match news {
        GroupNews::Opened(o) => Happened::Grouped { route: o.route.clone(), key: o.key.clone() },
        GroupNews::Told { why, firing } => Happened::Told { why: *why, firing: *firing },
        GroupNews::Held(held) => Happened::Held(held.clone()),
        GroupNews::Hushed { by, alerts } => {
            Happened::Hushed { by: by.clone(), count: count(alerts), some: some(alerts) }
        }
        GroupNews::Unhushed(fps) => Happened::Unhushed { count: count(fps), some: some(fps) },
        GroupNews::Expired(fps) => Happened::Expired { count: count(fps), some: some(fps) },
        GroupNews::Dismissed { by } => Happened::Dismissed { by: by.clone() },
        GroupNews::Settling => Happened::Settling,
        GroupNews::Over => Happened::Over,
        GroupNews::Acknowledged { by } => Happened::Acknowledged { by: by.clone() },
        GroupNews::Linked { incident, by } => {
            let begins =
                |e: &Event| matches!(e, Event::IncidentDeclared { incident: i, .. } if i == incident);
            let opened = commit.events.iter().any(begins);
            Happened::Linked { incident: *incident, by: by.clone(), opened }
        }
        GroupNews::InStorm(storm) => Happened::InStorm(*storm),
    })
}
