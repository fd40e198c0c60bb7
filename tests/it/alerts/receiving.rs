//! What of a request is new, and to which group it belongs.

use std::collections::BTreeSet;
use std::time::Duration;

use muster::model::alert::{Batch, GroupPhase, News, Received, Signal};
use muster::model::alerting::Route;
use muster::model::ids::{ChannelId, GroupId};
use muster::model::incident::Severity;
use muster::model::labels::Labels;
use muster::render::alertmanager;

use super::rig::{BEGIN, MINUTE, Rig, fires, labels, over, said};

const DOWN: &str = "alertname=Down service=soundlab severity=warning instance=a";

#[test]
fn what_is_said_again_is_nothing_new() {
    let mut rig = Rig::new();
    let until = |rig: &Rig| Some(rig.now.after(MINUTE * 4));
    let fire = |rig: &Rig| said(DOWN, Signal::Firing { since: Some(BEGIN), until: until(rig) });
    let first = fire(&rig);
    assert_eq!(rig.receive(vec![first.clone(), first.clone()]), 1);
    assert_eq!(rig.taken(), [News::New]);
    rig.settle();
    rig.pass(MINUTE);
    let commits = rig.commits.len();
    for _ in 0..60 {
        let again = fire(&rig);
        assert_eq!(rig.receive(vec![again]), 0, "a renewal is no history");
        rig.pass(MINUTE);
    }
    assert_eq!((rig.commits.len(), rig.messages()), (commits, 1));
    assert_eq!((rig.group(1).firing.len(), rig.group(1).times), (1, 1));
    // Its source says no more: it is over four minutes after it did last.
    rig.pass(MINUTE * 3);
    assert!(matches!(rig.group(1).phase, GroupPhase::Over { at } if at == BEGIN.after(MINUTE * 64)));
}

#[test]
fn what_it_says_of_itself_may_change() {
    let mut rig = Rig::new();
    rig.receive(vec![fires(DOWN)]);
    let changed = Received { annotations: Labels::new([("summary", "worse")]), ..fires(DOWN) };
    assert_eq!((rig.receive(vec![changed.clone()]), rig.receive(vec![changed.clone()])), (1, 0));
    assert_eq!(rig.taken(), [News::New, News::Changed]);
    assert_eq!(rig.state.alerts.live[&changed.fingerprint].annotations.get("summary"), Some("worse"));
}

#[test]
fn a_request_that_comes_late_or_twice_takes_nothing_back() {
    let mut rig = Rig::new();
    let begun = said(DOWN, Signal::Firing { since: Some(BEGIN), until: None });
    rig.receive(vec![begun.clone()]);
    rig.pass(MINUTE);
    let ended = said(DOWN, Signal::Resolved { at: Some(rig.now) });
    assert_eq!((rig.receive(vec![ended.clone()]), rig.receive(vec![ended])), (1, 0));
    assert_eq!(rig.receive(vec![begun]), 0, "it was over when this was said");
    assert!(matches!(rig.group(1).phase, GroupPhase::Over { .. }));
    // It begins anew: the same problem, a moment later.
    rig.pass(MINUTE);
    let again = said(DOWN, Signal::Firing { since: Some(rig.now), until: None });
    rig.receive(vec![again]);
    assert_eq!(rig.taken(), [News::New, News::Over, News::Again]);
    assert_eq!((rig.group(1).phase, rig.group(1).times), (GroupPhase::Firing, 2));
    let early = said(DOWN, Signal::Resolved { at: Some(BEGIN.after(MINUTE)) });
    assert_eq!(rig.receive(vec![early]), 0, "that was the end of the time before");
    // And long after it was over: another one.
    rig.receive(vec![over(DOWN)]);
    rig.pass(MINUTE * 31);
    rig.receive(vec![fires(DOWN)]);
    assert_eq!(rig.group(2).phase, GroupPhase::Firing);
}

#[test]
fn what_a_late_request_ended_goes_on_when_its_source_says_so() {
    let mut rig = Rig::new();
    let fire =
        |rig: &Rig| said(DOWN, Signal::Firing { since: Some(BEGIN), until: Some(rig.now.after(MINUTE * 4)) });
    let first = fire(&rig);
    rig.receive(vec![first.clone()]);
    for _ in 0..5 {
        rig.pass(MINUTE);
        let again = fire(&rig);
        rig.receive(vec![again]);
    }
    assert_eq!(rig.receive(vec![first]), 0, "it held until a minute ago, and was renewed since");
    assert_eq!(rig.group(1).phase, GroupPhase::Firing);
    let newest = fire(&rig);
    rig.receive(vec![over(DOWN)]);
    assert_eq!(rig.receive(vec![newest]), 0, "that was said before it ended");
    rig.pass(MINUTE);
    let later = fire(&rig);
    assert_eq!((rig.receive(vec![later]), rig.group(1).phase), (1, GroupPhase::Firing));
}

#[test]
fn a_request_with_a_receipt_counts_once() {
    let mut rig = Rig::new();
    let batch = |alert: Received| Batch {
        source: "github".to_owned(),
        receipt: Some("delivery-1".to_owned()),
        alerts: vec![alert],
        marks: vec![],
    };
    assert_eq!(rig.request(batch(fires(DOWN))), 1);
    rig.restart();
    assert_eq!(rig.request(batch(over(DOWN))), 0, "the same request");
    let other = Batch { source: "hub".to_owned(), ..batch(over(DOWN)) };
    assert_eq!(rig.request(other), 1, "another source's");
}

#[test]
fn a_group_is_what_shares_route_labels_and_severity() {
    let mut rig = Rig::new();
    let alert = |service: &str, severity: &str, instance: &str| {
        fires(&format!("alertname=Down service={service} severity={severity} instance={instance}"))
    };
    rig.receive(vec![
        alert("soundlab", "warning", "a"),
        alert("soundlab", "warning", "b"),
        alert("nexus", "warning", "a"),
        alert("soundlab", "info", "a"),
    ]);
    let groups: Vec<(usize, Severity, Option<&str>)> = rig
        .state
        .alerts
        .groups
        .values()
        .map(|g| (g.firing.len(), g.opened.severity, g.opened.service.as_deref()))
        .collect();
    assert_eq!(
        groups,
        [
            (2, Severity::P3, Some("soundlab")),
            (1, Severity::P3, Some("nexus")),
            (1, Severity::P4, Some("soundlab"))
        ]
    );
    assert_eq!(rig.messages(), 3, "a card each");
    // It fires and ends in one request: nobody is told.
    rig.receive(vec![fires("alertname=Blip"), over("alertname=Blip")]);
    assert!(matches!(rig.group(4).phase, GroupPhase::Over { .. }));
    assert!(rig.told(4).is_empty() && rig.messages() == 3);
}

#[test]
fn routes_say_where_and_how_bad_and_an_alert_of_two_routes_ends_in_both() {
    let route = |name: &str, matcher: &str, channel: u64, go_on: bool| Route {
        name: name.to_owned(),
        matchers: vec![matcher.parse().unwrap()],
        channel: Some(ChannelId(channel)),
        severity: Some(Severity::P4),
        go_on,
        ..Route::default()
    };
    let mut rig = Rig::with(|house| {
        let routes = vec![route("audit", "service=~.+", 7, true), route("lab", "service=soundlab", 8, false)];
        house.settings.alerting.root.routes = routes;
    });
    rig.receive(vec![fires(DOWN)]);
    let opened = |id| (rig.group(id).opened.route.as_str(), rig.group(id).opened.channel.0);
    assert_eq!([opened(1), opened(2)], [("default › audit", 7), ("default › lab", 8)]);
    assert_eq!(rig.group(2).opened.severity, Severity::P4);
    rig.receive(vec![fires(DOWN)]);
    assert_eq!(rig.taken().len(), 2, "nothing new in either");
    rig.receive(vec![over(DOWN)]);
    for id in [1, 2] {
        assert!(matches!(rig.group(id).phase, GroupPhase::Over { .. }), "{id}");
    }
}

#[test]
fn a_source_that_saw_somebody_take_it_says_so() {
    let mut rig = Rig::new();
    rig.receive(vec![fires(DOWN)]);
    assert_eq!(rig.receive(vec![said(DOWN, Signal::Acknowledged)]), 1);
    assert_eq!(rig.receive(vec![said(DOWN, Signal::Acknowledged)]), 0);
    assert!(rig.group(1).acknowledged.is_some());
    assert_eq!(rig.receive(vec![said("alertname=Else", Signal::Acknowledged)]), 0);
}

#[test]
fn old_groups_are_put_away_and_found_again() {
    let mut rig = Rig::new();
    rig.checked = false;
    for n in 0..200 {
        let text = format!("alertname=A{n} service=soundlab severity=info");
        rig.receive(vec![fires(&text)]);
        rig.settle();
        rig.pass(Duration::from_secs(30));
        rig.receive(vec![over(&text)]);
        rig.settle();
    }
    rig.check();
    let alerts = &rig.state.alerts;
    assert!(alerts.groups.len() < 170 && alerts.live.len() < 170, "{}", alerts.groups.len());
    assert!(alerts.groups.contains_key(&GroupId(200)) && alerts.past.contains_key(&GroupId(1)));
    let commits = rig.state.commits_of_group(GroupId(1)).expect("it is known");
    assert_eq!(commits.len(), 2, "it began, and it ended: {commits:?}");
    assert_eq!(labels(DOWN).len(), 4);
}

#[test]
fn whoever_lists_them_sees_when_a_source_said_so_last() {
    let mut rig = Rig::new();
    let until = |rig: &Rig| Signal::Firing { since: Some(BEGIN), until: Some(rig.now.after(MINUTE * 4)) };
    let updated = |rig: &Rig| {
        let all = alertmanager::chosen(&rig.state, &rig.house, rig.now, &alertmanager::Query::default());
        let json = alertmanager::json(&all);
        (json[0]["updatedAt"].clone(), json[0]["startsAt"].clone(), json[0]["endsAt"].clone())
    };
    for _ in 0..3 {
        rig.receive(vec![said("alertname=Slow severity=warning", until(&rig))]);
        let (last, begun) = (rig.now.rfc3339(), BEGIN.rfc3339());
        let end = rig.now.after(MINUTE * 4).rfc3339();
        assert_eq!(updated(&rig), (last.into(), begun.into(), end.into()));
        rig.pass(MINUTE);
    }
    rig.restart();
    assert_eq!(updated(&rig).0, BEGIN.rfc3339(), "a restart forgets what was only said again");
}

#[test]
fn alerts_of_one_rule_keep_what_they_have_in_common_once() {
    let mut rig = Rig::new();
    let of = |n: u32| {
        let mut alert = fires(&format!("alertname=Slow severity=warning instance={n}"));
        alert.annotations = Labels::new([("summary", "it is slow")]);
        alert.link = Some("https://graphs.example/1".to_owned());
        alert
    };
    rig.receive(vec![of(1), of(2)]);
    rig.receive(vec![of(3)]);
    let shared = |rig: &Rig| {
        let links = rig.state.alerts.live.values().map(|a| a.link.as_ref().map(|l| l.as_ptr()));
        let notes = rig.state.alerts.live.values();
        let notes = notes.map(|a| a.annotations.get("summary").map(|s| s.as_ptr()));
        (links.collect::<BTreeSet<_>>().len(), notes.collect::<BTreeSet<_>>().len())
    };
    assert_eq!(shared(&rig), (1, 1));
    rig.restart();
    assert_eq!(shared(&rig), (1, 1), "and so does a snapshot");
}

#[test]
fn what_its_source_goes_on_saying_is_not_late() {
    let mut rig = Rig::new();
    let fire = || said(DOWN, Signal::Firing { since: Some(BEGIN), until: None });
    rig.receive(vec![fire()]);
    rig.pass(MINUTE * 10);
    // A part of the way could not hear of it, and took it to be over.
    rig.receive(vec![said(DOWN, Signal::Resolved { at: Some(BEGIN.after(MINUTE * 5)) })]);
    rig.pass(MINUTE * 4);
    assert_eq!(rig.receive(vec![fire()]), 0, "it may be a request from before");
    rig.pass(MINUTE * 2);
    assert_eq!((rig.receive(vec![fire()]), rig.group(1).phase), (1, GroupPhase::Firing));
}

#[test]
fn what_a_person_closed_stays_closed_however_much_it_is_and_whatever_clock_its_source_has() {
    let mut rig = Rig::new();
    let ahead = Some(BEGIN.after(Duration::from_millis(200)));
    let all = || -> Vec<Received> {
        let one = |n| said(&format!("{DOWN}{n}"), Signal::Firing { since: ahead, until: None });
        (0..30).map(one).collect()
    };
    rig.receive(all());
    rig.settle();
    rig.pass(MINUTE);
    let by =
        muster::model::person::Person { id: muster::model::ids::UserId(7), name: "responder".to_owned() };
    let outcome = muster::core::alerts::group::dismiss(&rig.state, &rig.house, rig.now, rig.group(1), by);
    rig.keep(outcome.events);
    for _ in 0..3 {
        rig.pass(MINUTE * 6);
        assert_eq!(rig.receive(all()), 0);
    }
    assert!(matches!(rig.group(1).phase, GroupPhase::Over { .. }));
    let anew = said(&format!("{DOWN}7"), Signal::Firing { since: Some(rig.now), until: None });
    assert_eq!(rig.receive(vec![anew]), 1, "it begins anew");
}
