//! Something worse that fires keeps what follows from it quiet.

use muster::core::alerts::mute::{Beside, muted, muted_beside};
use muster::core::alerts::state::Alerts;
use muster::model::alert::{AlertState, Mute};
use muster::model::alerting::Inhibition;
use muster::model::house::House;
use muster::model::labels::Fingerprint;

use super::{BEGIN, ends, fires, labels, matchers};

fn house(rules: &[(&str, &str, &str, &[&str])]) -> House {
    let rule = |(name, source, target, equal): &(&str, &str, &str, &[&str])| Inhibition {
        name: (*name).to_owned(),
        source: matchers(source),
        target: matchers(target),
        equal: equal.iter().map(|l| (*l).to_owned()).collect(),
    };
    let mut house = super::house();
    house.settings.alerting.inhibitions = rules.iter().map(rule).collect();
    house
}

fn by(alerts: &Alerts, house: &House, text: &str) -> Option<(Fingerprint, String)> {
    let labels = labels(text);
    match muted(alerts, house, BEGIN, labels.fingerprint(), &labels) {
        Some(Mute::Inhibited { by, rule }) => Some((by, rule)),
        None => None,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_worse_one_keeps_the_others_of_its_service_quiet_while_it_fires() {
    let house = house(&[("worse", "severity=critical", "severity=~warning|info", &["service"])]);
    let mut alerts = Alerts::default();
    assert_eq!(by(&alerts, &house, "service=soundlab,severity=warning"), None);
    let worse = fires(&mut alerts, "alertname=Down,service=soundlab,severity=critical");
    let quiet = Some((worse, "worse".to_owned()));
    assert_eq!(by(&alerts, &house, "service=soundlab,severity=warning"), quiet);
    assert_eq!(by(&alerts, &house, "service=soundlab,severity=error"), None, "it is no target");
    assert_eq!(by(&alerts, &house, "service=nexus,severity=warning"), None, "another service");
    ends(&mut alerts, worse);
    assert_eq!(
        by(&alerts, &house, "service=soundlab,severity=warning"),
        None,
        "what is over keeps nobody quiet"
    );
    alerts.live.get_mut(&worse).unwrap().state = AlertState::Firing { until: None };
    assert_eq!(by(&alerts, &house, "service=soundlab,severity=warning"), quiet, "it is back");
    alerts.live.remove(&worse);
    assert_eq!(by(&alerts, &house, "service=soundlab,severity=warning"), None);
}

#[test]
fn a_label_that_neither_has_is_equal_and_one_that_one_has_is_not() {
    let house = house(&[("worse", "severity=critical", "severity=warning", &["service", "zone"])]);
    let mut alerts = Alerts::default();
    fires(&mut alerts, "service=soundlab,severity=critical");
    assert!(by(&alerts, &house, "service=soundlab,severity=warning").is_some());
    assert!(by(&alerts, &house, "service=soundlab,severity=warning,zone=a").is_none());
}

#[test]
fn nothing_keeps_itself_quiet_and_two_do_not_keep_each_other_quiet() {
    let house = house(&[("all", "service=soundlab", "service=soundlab", &[])]);
    let mut alerts = Alerts::default();
    fires(&mut alerts, "service=soundlab,alertname=One");
    assert_eq!(by(&alerts, &house, "service=soundlab,alertname=One"), None);
    fires(&mut alerts, "service=soundlab,alertname=Two");
    assert_eq!(by(&alerts, &house, "service=soundlab,alertname=One"), None);
    assert_eq!(by(&alerts, &house, "service=soundlab,alertname=Two"), None);
}

#[test]
fn the_first_rule_that_does_says_so_and_of_many_always_the_same_alert() {
    let rules: [(&str, &str, &str, &[&str]); 2] = [
        ("first", "severity=critical", "severity=info", &[]),
        ("second", "severity=error", "severity=info", &[]),
    ];
    let house = house(&rules);
    let mut alerts = Alerts::default();
    let error = fires(&mut alerts, "severity=error");
    assert_eq!(by(&alerts, &house, "severity=info"), Some((error, "second".to_owned())));
    let all: Vec<_> = (0..20).map(|n| fires(&mut alerts, &format!("severity=critical,n={n}"))).collect();
    let first = *all.iter().min().unwrap();
    assert_eq!(by(&alerts, &house, "severity=info"), Some((first, "first".to_owned())));
    assert_eq!(by(&alerts.clone(), &house, "severity=info"), Some((first, "first".to_owned())));
    ends(&mut alerts, first);
    let next = *all.iter().filter(|fp| **fp != first).min().unwrap();
    assert_eq!(by(&alerts, &house, "severity=info"), Some((next, "first".to_owned())));
}

#[test]
fn what_comes_in_the_same_request_counts_and_other_rules_count_at_once() {
    let rules: [(&str, &str, &str, &[&str]); 1] =
        [("worse", "severity=critical", "severity=info", &["service"])];
    let house_ = house(&rules);
    let mut alerts = Alerts::default();
    let (source, target) = (labels("service=a,severity=critical"), labels("service=a,severity=info"));
    let beside = Beside::new(&house_, [(source.fingerprint(), &source)], []);
    let fp = target.fingerprint();
    let quiet = Some(Mute::Inhibited { by: source.fingerprint(), rule: "worse".to_owned() });
    assert_eq!(muted_beside(&alerts, &house_, BEGIN, fp, &target, &beside), quiet);
    let worse = fires(&mut alerts, "service=a,severity=critical");
    assert_eq!(muted(&alerts, &house_, BEGIN, fp, &target), quiet);
    let over = Beside::new(&house_, [], [worse]);
    assert_eq!(muted_beside(&alerts, &house_, BEGIN, fp, &target, &over), None, "it is over in this request");
    assert_eq!(
        muted(&alerts, &house(&[]), BEGIN, fp, &target),
        None,
        "another muster.toml, without a restart"
    );
    assert_eq!(muted(&alerts, &house_, BEGIN, fp, &target), quiet);
}

/// The quick way and the plain way agree, whatever happens in between.
#[test]
fn through_thousands_of_changes_it_is_as_if_all_were_looked_through() {
    let rules: [(&str, &str, &str, &[&str]); 3] = [
        ("worse", "severity=critical", "severity=~warning|info", &["service"]),
        ("both", "team=~a|b", "team=~b|c", &["n"]),
        ("host", "alertname=HostDown", "host!=\"\"", &["host"]),
    ];
    let house = house(&rules);
    let mut alerts = Alerts::default();
    let mut seed = 7_u64;
    let mut dice = |sides: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        usize::try_from(seed % 1_000_003).unwrap() % sides
    };
    let severities = ["critical", "warning", "info", "error"];
    let text = |dice: &mut dyn FnMut(usize) -> usize| {
        let (severity, team) = (severities[dice(4)], ["a", "b", "c"][dice(3)]);
        let name = ["HostDown", "Slow", "Disk"][dice(3)];
        format!(
            "alertname={name},severity={severity},team={team},service=s{},host=h{},n={}",
            dice(30),
            dice(60),
            dice(60)
        )
    };
    let mut quiet = 0;
    for _ in 0..4_000 {
        match dice(4) {
            0 | 1 => {
                let text = text(&mut dice);
                fires(&mut alerts, &text);
            }
            what => {
                let n = dice(alerts.live.len().max(1));
                let fp = alerts.live.keys().nth(n).copied();
                match (fp, what) {
                    (Some(fp), 2) => ends(&mut alerts, fp),
                    (Some(fp), _) => assert!(alerts.live.remove(&fp).is_some()),
                    _ => {}
                }
            }
        }
        let target = labels(&text(&mut dice));
        let fp = target.fingerprint();
        let fits = |r: &Inhibition, by: &muster::model::labels::Labels| {
            let all = muster::model::labels::Matcher::all;
            let mutual = all(&r.source, &target) && all(&r.target, by);
            all(&r.target, &target)
                && all(&r.source, by)
                && !mutual
                && by.only(&r.equal) == target.only(&r.equal)
        };
        let plain = house.settings.alerting.inhibitions.iter().find_map(|r| {
            let mut all = alerts.live.iter().filter(|(by, a)| **by != fp && a.fires() && fits(r, &a.labels));
            all.next().map(|(by, _)| Mute::Inhibited { by: *by, rule: r.name.clone() })
        });
        let quick = muted(&alerts, &house, BEGIN, fp, &target);
        assert_eq!(quick, plain);
        quiet += usize::from(quick.is_some());
    }
    assert!((500..3_500).contains(&quiet), "both happen often: {quiet}");
}

/// Ten thousand alerts that one keeps quiet, each looked up: no look goes through all. Were one to
/// do so, these would be two hundred million comparisons.
#[test]
fn ten_thousand_targets_are_looked_up_without_going_through_ten_thousand_alerts() {
    let house = house(&[("worse", "severity=critical", "severity=warning", &["service"])]);
    let mut alerts = Alerts::default();
    let all: Vec<String> =
        (0..10_000).map(|n| format!("severity=warning,service=s{},n={n}", n % 100)).collect();
    for text in &all {
        fires(&mut alerts, text);
    }
    let worse = fires(&mut alerts, "severity=critical,service=s7");
    let quiet = all.iter().filter(|text| by(&alerts, &house, text).is_some()).count();
    assert_eq!(quiet, 100);
    ends(&mut alerts, worse);
    assert!(all.iter().all(|text| by(&alerts, &house, text).is_none()));
}
