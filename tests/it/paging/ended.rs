//! What is over calls nobody.

use muster::model::alert::{Batch, Received, Signal};
use muster::model::input::{Arg, Input};
use muster::model::labels::Labels;

use super::rig::{MINUTE, Rig};

fn alert(signal: Signal) -> Input {
    let labels = Labels::new([("alertname", "Down"), ("service", "nexus"), ("severity", "critical")]);
    let (fingerprint, annotations) = (labels.fingerprint(), Labels::default());
    let alert = Received { fingerprint, labels, annotations, link: None, signal };
    Input::Alerts(Box::new(Batch { source: "p".to_owned(), alerts: vec![alert], ..Batch::default() }))
}

/// An alert that opens an incident, or is paged without one.
fn alerted(opens: bool) -> Rig {
    let mut rig = Rig::new();
    rig.house.settings.alerting = muster::model::alerting::Alerting::default();
    if !opens {
        rig.house.settings.alerting.root.opens.clear();
    }
    rig.step(&alert(Signal::Firing { since: None, until: None }));
    rig
}

#[test]
fn the_end_of_an_alert_calls_nobody() {
    for opens in [false, true] {
        let mut rig = alerted(opens);
        rig.deliver_all();
        if opens {
            rig.command(100, "incident resolve", &[("incident", Arg::Text("INC-1".to_owned()))])
                .expect("resolved");
        }
        let pages = rig.state.pages.all.len();
        rig.pass(MINUTE);
        rig.step(&alert(Signal::Resolved { at: None }));
        rig.pass(10 * MINUTE);
        assert_eq!(rig.state.pages.all.len(), pages, "opens: {opens}");
        assert_eq!(rig.state.pages.open().count(), 0);
    }
}
