//! A finding as an alert of Muster's own.

use super::look::Finding;
use crate::kit::time::Timestamp;
use crate::model::alert::{Received, Signal};
use crate::model::labels::Labels;

/// What the auditor is called as a source of alerts.
pub const SOURCE: &str = "muster";

/// What tells a finding from others of its kind.
fn labels(finding: &Finding) -> Labels {
    let named = |name: &str| Labels::new([("alertname", name), ("severity", "P2")]);
    match finding {
        Finding::PageLate { page, .. } => named("MusterPageLate").with("page", &page.to_string()),
        Finding::NobodyPaged { incident, .. } => {
            named("MusterNobodyPaged").with("incident", &incident.to_string())
        }
        Finding::LaneStandsStill { lane, .. } => {
            named("MusterLaneStandsStill").with("lane", &format!("{lane:?}"))
        }
        Finding::GatewayDown { .. } => named("MusterGatewayDown"),
        Finding::DiskNearlyFull { .. } => named("MusterDiskNearlyFull"),
        Finding::EngineSilent { .. } => named("MusterEngineSilent"),
    }
}

/// The finding as it is told to the engine.
pub fn of(finding: &Finding, signal: Signal) -> Received {
    let labels = labels(finding);
    let annotations = Labels::new([("summary", finding.to_string())]);
    Received { fingerprint: labels.fingerprint(), labels, annotations, link: None, signal }
}

/// That it is so, until then if nobody says it again.
pub fn fires(since: Timestamp, until: Timestamp) -> Signal {
    Signal::Firing { since: Some(since), until: Some(until) }
}
