//! `muster alerts route`: what it says is where alerts go.

use muster::cli::alerts_route::{labels, told};
use muster::core::alerts::route::route;
use muster::model::alerting::{Alerting, Route};
use muster::model::incident::Severity;

use super::{house, matchers};

fn below(name: &str, match_: &str, go_on: bool, routes: Vec<Route>) -> Route {
    let matchers = if match_.is_empty() { vec![] } else { matchers(match_) };
    Route { name: name.to_owned(), matchers, go_on, routes, ..Route::default() }
}

fn tree() -> Alerting {
    let quiet =
        Route { mention: vec![], opens: vec![], ..below("quiet", "severity=~info|P4", false, vec![]) };
    let audio =
        Route { mention: vec!["lead".to_owned()], ..below("audio", "service=~sound.*", false, vec![quiet]) };
    let audit = Route { severity: Some(Severity::P4), ..below("audit", "env=live", true, vec![]) };
    let routes = vec![audit, audio, below("late", "service=soundlab", false, vec![])];
    Alerting { root: Route { routes, ..Route::default() }, ..Alerting::default() }
}

#[test]
fn it_says_why_each_route_takes_it_or_does_not_and_what_the_last_one_does() {
    let mut house = house();
    house.settings.alerting = tree();
    let said = told(&house, &labels("alertname=Down, service=\"soundlab\" severity=critical").unwrap());
    let expected = "{alertname=\"Down\", service=\"soundlab\", severity=\"critical\"}\n  \
                    audit: no, it wants env=\"live\", and there is no env\n  \
                    audio: yes, service=~\"sound.*\"\n    \
                    quiet: no, it wants severity=~\"info|P4\", and severity is \"critical\"\n  \
                    late: not asked, `audio` has it\n\
                    takes: default › audio\n  P1, which opens an incident by itself\n  \
                    group: {alertname=\"Down\", service=\"soundlab\"}\n  \
                    channel: 1100000000000000031, mentions: lead\n  \
                    pages: by the policy `soundlab P1`: L1 (the primary; 30 m 00 s), then L2 (approver; 30 m 00 s), \
                    then L3 (lead; 1 h 00 m), then L4 (lead; 5 m 00 s)\n  \
                    waits 0 ms, tells what is new after 5 m 00 s, and again after 4 h 00 m\n";
    assert_eq!(said, expected);
    let said = told(&house, &labels("service=soundlab,severity=info,env=live").unwrap());
    assert!(
        said.contains("takes: default › audit\n  P4")
            && said.contains("takes: default › audio › quiet\n  P4, which opens no incident"),
        "{said}"
    );
}

/// What it says and what decides are two walks of the same tree.
#[test]
fn it_names_the_routes_that_alerts_really_take() {
    let mut house = house();
    for alerting in [
        tree(),
        house.settings.alerting.clone(),
        muster::house::sandbox("http://127.0.0.1:1").unwrap().settings.alerting,
    ] {
        house.settings.alerting = alerting;
        for service in ["soundlab", "soundscape", "nexus", "blog"] {
            for severity in ["critical", "info", "P4", "odd"] {
                for env in ["live", "dev"] {
                    let labels = labels(&format!("service={service} severity={severity} env={env}")).unwrap();
                    let said = told(&house, &labels);
                    let named: Vec<&str> = said.lines().filter_map(|l| l.strip_prefix("takes: ")).collect();
                    let taken = route(&house.settings.alerting, &labels);
                    assert_eq!(named, taken.iter().map(|r| r.path.as_str()).collect::<Vec<_>>(), "{labels}");
                }
            }
        }
    }
}

#[test]
fn what_is_no_label_is_refused() {
    for wrong in ["", "soundlab", "service=~sound.*", "service!=soundlab"] {
        assert!(labels(wrong).is_err(), "{wrong}");
    }
}
