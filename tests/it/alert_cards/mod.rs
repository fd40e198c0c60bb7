//! Cards of alerts: what they show, what each button does, why people were told, and what an incident's
//! history says of its alerts.

mod history;
mod paged;
mod pressing;
mod showing;

use muster::kit::time::Timestamp;
use muster::model::alert::{AlertCard, Batch, Received, Signal};
use muster::model::card::Show;
use muster::model::effect::{Board, Effect};
use muster::model::input::Input;
use muster::model::labels::Labels;
use muster::model::mark::{Mark, Went};

use crate::triage::rig::{Rig, words};

/// A warning of soundlab, on one host.
pub fn labels(host: &str) -> Labels {
    Labels::new([
        ("alertname", "HighErrorRate"),
        ("service", "soundlab"),
        ("severity", "warning"),
        ("instance", host),
    ])
}

pub fn alert(labels: Labels, signal: Signal) -> Received {
    Received {
        fingerprint: labels.fingerprint(),
        labels,
        annotations: Labels::new([
            ("summary", "soundlab answers with errors"),
            ("description", "5 % of *all* requests fail @everyone"),
            ("runbook_url", "https://runbooks.example/soundlab#errors"),
            ("dashboard_url", "javascript:alert(1)"),
        ]),
        link: Some("https://prometheus.example/graph?g0.expr=up".to_owned()),
        signal,
    }
}

pub const FIRES: Signal = Signal::Firing { since: None, until: None };
pub const ENDS: Signal = Signal::Resolved { at: None };

/// A source sends these.
pub fn sent(rig: &mut Rig, alerts: Vec<Received>) {
    let batch = Batch { source: "prometheus".to_owned(), alerts, ..Batch::default() };
    rig.step(&Input::Alerts(Box::new(batch))).expect("it is taken in");
}

/// Something of a service changed, so long ago.
pub fn changed(rig: &mut Rig, what: &str, service: &str, minutes_ago: i64) {
    let mark = Mark {
        what: what.to_owned(),
        service: Some(service.to_owned()),
        at: Timestamp(rig.now.0 - minutes_ago * 60_000),
        went: Went::Done,
        ..Mark::default()
    };
    let batch = Batch { source: "github".to_owned(), marks: vec![mark], ..Batch::default() };
    rig.step(&Input::Alerts(Box::new(batch))).expect("it is taken in");
}

/// The card that the newest commit owes.
pub fn owed(rig: &Rig) -> AlertCard {
    let of = |e: &Effect| match e {
        Effect::PostBoard { board: Board::Alerts(_), show: Show::Alerts(card), .. }
        | Effect::EditBoard { board: Board::Alerts(_), show: Show::Alerts(card) } => Some((**card).clone()),
        _ => None,
    };
    rig.owed().iter().rev().find_map(of).expect("a card is owed")
}

/// What can be read on it.
pub fn read(card: AlertCard) -> String {
    words(&Show::Alerts(Box::new(card)))
}
