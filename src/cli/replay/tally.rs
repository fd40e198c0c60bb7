//! What people were told of alerts, group by group, as commits tell it.

use std::collections::{BTreeMap, BTreeSet};

use crate::kit::time::Timestamp;
use crate::model::alert::{GroupNews, Held, Mute, News, Opened, Why};
use crate::model::card::Show;
use crate::model::commit::Commit;
use crate::model::effect::Effect;
use crate::model::event::Event;
use crate::model::ids::{GroupId, IncidentId, RoleId};
use crate::model::labels::Fingerprint;
use crate::model::page::{About, Begun, PageNews};

/// An alert from its beginning to its end: which, and when that was.
pub type Episode = (Fingerprint, Timestamp);

/// Every group, and what came of it.
#[derive(Debug, Default)]
pub struct Tally {
    /// In the order in which they began.
    pub groups: BTreeMap<GroupId, Tallied>,
    /// The alerts as their sources call them.
    known: BTreeSet<Fingerprint>,
    /// By which policy people were called for an incident.
    policies: BTreeMap<IncidentId, String>,
    /// Whether what happens counts; what is only carried over from before does not.
    pub quiet: bool,
}

/// A group, and what came of it.
#[derive(Clone, Debug)]
pub struct Tallied {
    /// By what it came to be.
    pub opened: Opened,
    /// Whether it began in the time that is looked at.
    pub new: bool,
    /// Its alerts.
    pub episodes: BTreeSet<Episode>,
    /// How often people were told of it, and why.
    pub told: BTreeMap<Why, u32>,
    /// What held it back, in words.
    pub held: BTreeSet<&'static str>,
    /// The incident that it belongs to, and whether it was opened for it.
    pub incident: Option<(IncidentId, bool)>,
    /// The roles that were mentioned beside its card.
    pub mentioned: BTreeSet<RoleId>,
    /// By which policy people were called for itself; for those of its incident, [`Tally::policy`].
    policy: Option<String>,
}

impl Tally {
    /// A group began; `new` where that is in the time that is looked at.
    pub fn opened(&mut self, opened: &Opened, new: bool) {
        let group = Tallied {
            opened: opened.clone(),
            new,
            episodes: BTreeSet::new(),
            told: BTreeMap::new(),
            held: BTreeSet::new(),
            incident: None,
            mentioned: BTreeSet::new(),
            policy: None,
        };
        self.groups.insert(opened.group, group);
    }

    /// This is an alert as its source calls it, or one that was made of that.
    pub fn know(&mut self, fp: Fingerprint) {
        self.known.insert(fp);
    }

    /// An alert of a group began; what its source calls it, unless it was made for a further route.
    pub fn alert(&mut self, group: GroupId, fp: Fingerprint, at: Timestamp) -> Option<Fingerprint> {
        let own = self.source_of(group, fp);
        if let Some(group) = self.groups.get_mut(&group) {
            group.episodes.insert((own, at));
        }
        self.known.insert(own);
        (own == fp).then_some(own)
    }

    /// Whether an alert is as its source told it, and not made of that for a further route.
    pub fn own(&self, group: GroupId, fp: Fingerprint) -> bool {
        self.source_of(group, fp) == fp
    }

    /// What its source calls an alert: where several routes take one, each has its own, which is
    /// named after the route.
    fn source_of(&self, group: GroupId, fp: Fingerprint) -> Fingerprint {
        let path = self.groups.get(&group).map(|g| g.opened.route.as_str()).unwrap_or_default();
        let source = Fingerprint(fp.0 ^ Fingerprint::of(path.as_bytes()).0);
        if self.known.contains(&source) { source } else { fp }
    }

    /// By which policy people were called for a group, or for the incident that it belongs to.
    pub fn policy<'t>(&'t self, group: &'t Tallied) -> Option<&'t str> {
        let of_incident = group.incident.and_then(|(incident, _)| self.policies.get(&incident));
        of_incident.or(group.policy.as_ref()).map(String::as_str)
    }

    /// A page began. What people ask for by hand is not the settings' doing.
    fn paged(&mut self, begun: &Begun) {
        let words = begun.policy.in_words();
        match begun.about {
            About::Incident(incident) => {
                self.policies.entry(incident).or_insert(words);
            }
            About::Alerts(group) => {
                if let Some(group) = self.groups.get_mut(&group) {
                    group.policy.get_or_insert(words);
                }
            }
            About::Asked { .. } | About::Test | About::Shift { .. } => {}
        }
    }

    /// Roles are mentioned: what is said beside a card begins with the number of its group.
    fn mentioned(&mut self, roles: &[RoleId], text: &str) {
        let number = text.strip_prefix("**").and_then(|rest| rest.split("**").next());
        if let Some(group) = number.and_then(|n| n.parse().ok()).and_then(|id| self.groups.get_mut(&id)) {
            group.mentioned.extend(roles);
        }
    }

    /// What a decision came to.
    pub fn take(&mut self, commit: &Commit) {
        let declared = |id: &IncidentId| {
            commit
                .events
                .iter()
                .any(|e| matches!(e, Event::IncidentDeclared { incident, .. } if incident == id))
        };
        for event in &commit.events {
            match event {
                Event::AlertsReceived(received) => {
                    for taken in received.alerts.iter().filter(|t| matches!(t.news, News::New | News::Again))
                    {
                        self.alert(taken.group, taken.alert.fingerprint, commit.at);
                    }
                }
                Event::Alerts { news: GroupNews::Opened(opened), .. } => self.opened(opened, !self.quiet),
                Event::Page { news: PageNews::Began(begun), .. } if !self.quiet => self.paged(begun),
                Event::Alerts { group, news } if !self.quiet => {
                    let Some(group) = self.groups.get_mut(group) else { continue };
                    match news {
                        GroupNews::Told { why, .. } => {
                            *group.told.entry(*why).or_default() += 1;
                        }
                        GroupNews::Held(held) => {
                            group.held.insert(word(held));
                        }
                        GroupNews::InStorm(_) => {
                            group.held.insert(STORM);
                        }
                        GroupNews::Settling => {
                            group.held.insert(FLAPS);
                        }
                        GroupNews::Linked { incident, by: None } => {
                            group.incident = Some((*incident, declared(incident)));
                        }
                        _ => {}
                    }
                }
                _ => {}
            }
        }
        let quiet = self.quiet;
        for (_, effect) in commit.owed().filter(|_| !quiet) {
            if let Effect::Say { show: Show::Call { roles, text, .. }, .. } = effect {
                self.mentioned(roles, text);
            }
        }
    }
}

const STORM: &str = "part of a storm";
const FLAPS: &str = "flapping";

fn word(held: &Held) -> &'static str {
    match held {
        Held::Waits { .. } => "waiting for more",
        Held::Muted(Mute::Silence(_)) => "silenced",
        Held::Muted(Mute::Window(_)) => "in a window",
        Held::Muted(Mute::Inhibited { .. }) => "inhibited",
        Held::Flaps { .. } => FLAPS,
        Held::Storm(_) => STORM,
    }
}
