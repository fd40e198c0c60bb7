//! The judgement: what is wrong with Muster, of what was seen.

use std::fmt;
use std::time::Duration;

use super::seen::Seen;
use crate::kit::time::Timestamp;
use crate::model::effect::Lane;
use crate::model::ids::{EffectId, IncidentId, PageId};
use crate::model::incident::Severity;

/// How late a page may be, and how long an incident may be without anybody called.
const LATE: Duration = Duration::from_secs(60);
/// How long the first of a lane may stay owed.
const STILL: Duration = Duration::from_secs(10 * 60);
/// How long the gateway may be down.
const DOWN: Duration = Duration::from_secs(2 * 60);
/// How many of one kind are told: more say nothing new.
const MOST: usize = 5;

/// Something that is wrong with Muster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// A page should have moved on.
    PageLate {
        /// Which.
        page: PageId,
        /// When.
        due: Timestamp,
    },
    /// A bad incident is open, and nobody is called.
    NobodyPaged {
        /// Which.
        incident: IncidentId,
        /// How bad.
        severity: Severity,
    },
    /// What is owed in a lane stays owed.
    LaneStandsStill {
        /// Which.
        lane: Lane,
        /// What is next in it.
        next: EffectId,
        /// Since when it is.
        since: Timestamp,
    },
    /// Commands do not arrive.
    GatewayDown {
        /// Since when.
        since: Timestamp,
    },
    /// There is hardly room for the journal.
    DiskNearlyFull {
        /// How much there should be, in bytes.
        least: u64,
    },
    /// The engine does not answer, or cannot go on.
    EngineSilent {
        /// What it said, or how long it was waited for.
        why: String,
    },
}

/// What is wrong now.
pub fn look(seen: &Seen, now: Timestamp) -> Vec<Finding> {
    let mut found = vec![];
    let late = seen.pages.iter().filter(|(_, due)| now.since(*due) > LATE);
    found.extend(late.take(MOST).map(|(page, due)| Finding::PageLate { page: *page, due: *due }));
    let alone = seen.incidents.iter().filter(|i| !i.called && now.since(i.since) > LATE);
    let alone = alone.map(|i| Finding::NobodyPaged { incident: i.id, severity: i.severity });
    found.extend(alone.take(MOST));
    let still = seen.lanes.iter().filter(|(_, (_, since))| now.since(*since) > STILL);
    let still = still.map(|(lane, (next, since))| Finding::LaneStandsStill {
        lane: *lane,
        next: *next,
        since: *since,
    });
    found.extend(still.take(MOST));
    let down = seen.gateway.filter(|since| now.since(*since) > DOWN);
    found.extend(down.map(|since| Finding::GatewayDown { since }));
    let full = seen.disk.filter(|(free, least)| free < least);
    found.extend(full.map(|(_, least)| Finding::DiskNearlyFull { least }));
    found
}

impl fmt::Display for Finding {
    /// What is wrong, and what to do. The same words as long as it is the same.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let at = |at: &Timestamp| at.utc().format("%H:%M UTC").to_string();
        match self {
            Finding::PageLate { page, due } => write!(
                f,
                "{page} should have gone on at {}, and did not. Call whoever is on call by hand; `muster \
                 status` and Muster's log say more.",
                at(due)
            ),
            Finding::NobodyPaged { incident, severity } => write!(
                f,
                "{incident} is {severity}, and nobody is called for it. Call somebody with /page, and look at \
                 the policies in muster.toml with `muster check`."
            ),
            Finding::LaneStandsStill { lane, next, since } => write!(
                f,
                "{} has stood still since {}: effect {next} is not done. Muster's log says what stands in its \
                 way.",
                words(*lane),
                at(since)
            ),
            Finding::GatewayDown { since } => write!(
                f,
                "No commands have arrived from Discord since {}. Alerts and pages still go out; look at \
                 https://discordstatus.com and at Muster's log.",
                at(since)
            ),
            Finding::DiskNearlyFull { least } => write!(
                f,
                "Less than {} MiB are free for Muster's data. Make room: without it Muster stops.",
                least >> 20
            ),
            Finding::EngineSilent { why } => {
                write!(f, "Muster's engine does not answer ({why}). Look at its log, and start it again.")
            }
        }
    }
}

/// What a lane is for.
fn words(lane: Lane) -> String {
    match lane {
        Lane::Channel(id) => format!("What is to be posted in <#{id}>"),
        Lane::Incident(id) => format!("What is to be said about {id}"),
        Lane::Run(id) | Lane::Step(id) | Lane::End(id) => format!("What is to be done about {id}"),
        Lane::Triage(id) => format!("What is to be said about {id}"),
        Lane::Alerts(id) => format!("What is to be said about {id}"),
        Lane::Storm(id) => format!("What is to be said about {id}"),
        Lane::Page(id) => format!("What is to be said about {id}"),
        Lane::Way(id, way) => format!("What is to reach <@{id}> by {}", way.word()),
        Lane::Reminder(id) => format!("What is to be said about {id}"),
        Lane::Member(id) => format!("The on-call role of <@{id}>"),
        other => format!("The outbox's lane {other:?}"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::audit::seen::Urgent;
    use crate::model::ids::{ChannelId, Seq};

    const NOW: Timestamp = Timestamp(1_795_251_600_000);

    fn ago(seconds: i64) -> Timestamp {
        Timestamp(NOW.0 - seconds * 1000)
    }

    #[test]
    fn a_page_may_be_a_minute_late_and_no_more() {
        let seen = Seen { pages: vec![(PageId(1), ago(60)), (PageId(2), ago(-5))], ..Seen::default() };
        assert_eq!(look(&seen, NOW), []);
        let found = look(&seen, Timestamp(NOW.0 + 1));
        assert_eq!(found, [Finding::PageLate { page: PageId(1), due: ago(60) }]);
        assert!(found[0].to_string().starts_with("PAG-1 should have gone on at 08:59 UTC"), "{}", found[0]);
    }

    #[test]
    fn a_bad_incident_needs_somebody_called() {
        let urgent = |n, since, called| Urgent { id: IncidentId(n), severity: Severity::P1, since, called };
        let incidents = vec![urgent(1, ago(61), true), urgent(2, ago(61), false), urgent(3, ago(30), false)];
        let found = look(&Seen { incidents, ..Seen::default() }, NOW);
        assert_eq!(found, [Finding::NobodyPaged { incident: IncidentId(2), severity: Severity::P1 }]);
    }

    #[test]
    fn a_lane_the_gateway_and_the_disk_have_their_limits() {
        let effect = EffectId { seq: Seq(7), index: 0 };
        let lane = Lane::Channel(ChannelId(5));
        let at = |still, down, free| Seen {
            lanes: BTreeMap::from([(lane, (effect, ago(still)))]),
            gateway: Some(ago(down)),
            disk: Some((free, 500 << 20)),
            ..Seen::default()
        };
        assert_eq!(look(&at(600, 120, 500 << 20), NOW), []);
        let found = look(&at(601, 121, (500 << 20) - 1), NOW);
        assert_eq!(
            found,
            [
                Finding::LaneStandsStill { lane, next: effect, since: ago(601) },
                Finding::GatewayDown { since: ago(121) },
                Finding::DiskNearlyFull { least: 500 << 20 },
            ]
        );
        assert!(found[2].to_string().contains("500 MiB"), "{}", found[2]);
    }

    #[test]
    fn of_ten_thousand_a_few_are_told() {
        let pages = (1..=10_000).map(|n| (PageId(n), ago(3600))).collect();
        assert_eq!(look(&Seen { pages, ..Seen::default() }, NOW).len(), MOST);
    }
}
