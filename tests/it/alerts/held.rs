//! What an alert that is held costs: memory, and nothing when something else happens.

use muster::core;
use muster::kit::clock::Stopwatch;
use muster::model::alert::{Received, Signal};
use muster::model::labels::Labels;
use std::process::Command;

use super::rig::{MINUTE, Rig};

/// Alerts that are held.
const HELD: usize = 50_000;
/// Bytes for each, in all.
const MOST: u64 = 1_024;
/// Set in the process that only this test runs in: others would need memory beside it.
const ALONE: &str = "MUSTER_TEST_ALONE";

fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1_024
}

/// Six labels, two annotations, an end: what Prometheus sends.
fn alert(n: usize, rig: &Rig) -> Received {
    let labels = Labels::new([
        ("alertname", "InstanceDown".to_owned()),
        ("service", "soundlab".to_owned()),
        ("severity", "warning".to_owned()),
        ("instance", format!("node-{n}.example:9100")),
        ("job", "node".to_owned()),
        ("region", "eu-central".to_owned()),
    ]);
    let annotations = Labels::new([
        ("summary", format!("node-{n} does not answer")),
        ("description", "It was not reached for more than five minutes in a row.".to_owned()),
    ]);
    let until = Some(rig.now.after(MINUTE * 60));
    let signal = Signal::Firing { since: Some(rig.now), until };
    Received { fingerprint: labels.fingerprint(), labels, annotations, link: None, signal }
}

#[test]
fn an_alert_that_is_held_takes_less_than_a_kilobyte() {
    if std::env::var_os(ALONE).is_none() {
        let name = "alerts::held::an_alert_that_is_held_takes_less_than_a_kilobyte";
        let program = std::env::current_exe().unwrap();
        let alone = Command::new(program).args([name, "--exact", "--nocapture"]).env(ALONE, "1").output();
        let alone = alone.unwrap();
        assert!(alone.status.success(), "{}", String::from_utf8_lossy(&alone.stderr));
        println!("{}", String::from_utf8_lossy(&alone.stdout));
        return;
    }
    let mut rig = Rig::new();
    rig.checked = false;
    let receive = |rig: &mut Rig, from: usize| {
        let alerts = (from..from + 64).map(|n| alert(n, rig)).collect();
        rig.receive(alerts);
        rig.commits.clear();
    };
    receive(&mut rig, 0);
    let before = resident();
    let watch = Stopwatch::start();
    for chunk in 1..=HELD / 64 {
        receive(&mut rig, chunk * 64);
    }
    let (took, held) = (watch.elapsed(), rig.state.alerts.live.len() as u64);
    // What is said again is remembered as well.
    for chunk in 0..=HELD / 64 {
        receive(&mut rig, chunk * 64);
    }
    let each = (resident() - before) / held;
    println!("{held} alerts: {each} bytes each; received in {took:?}");
    assert!(each <= MOST, "{each} bytes for each of {held} alerts");
    let watch = Stopwatch::start();
    for _ in 0..10_000 {
        assert!(core::next_wakeup(&rig.state).is_some());
    }
    println!("ten thousand looks at what is next: {:?}", watch.elapsed());
}
