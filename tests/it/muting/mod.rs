//! What keeps an alert quiet: silences, maintenance windows, and something worse that fires.

mod commands;
mod inhibition;
mod replay;
mod routes;
mod silences;
mod windows;

use muster::core::alerts::state::Alerts;
use muster::house;
use muster::kit::time::Timestamp;
use muster::model::alert::{Alert, AlertState};
use muster::model::alerting::Alerting;
use muster::model::house::House;
use muster::model::ids::GroupId;
use muster::model::labels::{Fingerprint, Labels, Matcher};

/// A Saturday morning, 2026-11-21T09:00:00Z.
pub const BEGIN: Timestamp = Timestamp(1_795_251_600_000);

/// The practice team, and nothing said of its alerts.
pub fn house() -> House {
    let mut house = house::sandbox("http://127.0.0.1:1").expect("the built-in files are right");
    house.settings.administrators.clear();
    house.settings.alerting = Alerting::default();
    house.oncall.role = None;
    house
}

/// `a=1,b=2` as labels.
pub fn labels(text: &str) -> Labels {
    Labels::new(text.split(',').filter_map(|pair| pair.split_once('=')))
}

/// `a=1,b=~x` as matchers.
pub fn matchers(text: &str) -> Vec<Matcher> {
    text.split(',').map(|m| m.parse().expect("a matcher")).collect()
}

/// An alert with these labels fires from now on.
pub fn fires(alerts: &mut Alerts, text: &str) -> Fingerprint {
    let labels = labels(text);
    let fp = labels.fingerprint();
    let alert = Alert {
        labels,
        annotations: Labels::default(),
        link: None,
        source: 0,
        group: GroupId(1),
        since: BEGIN,
        state: AlertState::Firing { until: None },
        ended: None,
    };
    alerts.live.insert(fp, Box::new(alert));
    fp
}

/// It is over.
pub fn ends(alerts: &mut Alerts, fp: Fingerprint) {
    alerts.live.get_mut(&fp).expect("it is kept").state = AlertState::Over { at: BEGIN, heard: BEGIN };
}
