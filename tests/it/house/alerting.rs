//! `[alerts]` and `[[heartbeats]]`: what is read, and what is said when it is wrong.

use std::time::Duration;

use chrono::{NaiveDate, NaiveTime, Weekday};
use muster::house;
use muster::model::alerting::{Alerting, Route};
use muster::model::ids::ChannelId;
use muster::model::incident::Severity;
use muster::model::labels::Labels;

use super::{SMALL, Team};

fn read(more: &str) -> Alerting {
    Team::with(&[("muster.toml", &format!("{SMALL}{more}"))]).load().expect("it is right").settings.alerting
}

fn wrong(more: &str) -> Vec<String> {
    Team::with(&[("muster.toml", &format!("{SMALL}{more}"))]).wrong()
}

/// What `muster check` says of a file that loads.
fn told(more: &str) -> Vec<String> {
    let team = Team::with(&[("muster.toml", &format!("{SMALL}{more}"))]);
    team.load().expect("it loads");
    team.told(house::check(&team.path("muster.toml"), NaiveDate::from_ymd_opt(2026, 6, 1).unwrap()))
}

fn minutes(n: u64) -> Duration {
    Duration::from_secs(60 * n)
}

#[test]
fn without_a_word_it_is_as_usual() {
    assert_eq!(read(""), Alerting::default());
}

#[test]
fn a_route_has_from_the_one_above_it_what_it_does_not_say() {
    let root = read(
        "[alerts]\ngroup-by = [\"alertname\"]\nwait = \"30s\"\nrepeat = \"12h\"\nchannel = \"1100000000000000031\"\n\
         mention = [\"lead\"]\nopen = [\"P1\"]\n\
         [[alerts.routes]]\nname = \"audio\"\nmatch = ['service=\"soundlab\"', 'env!=dev']\ncontinue = true\nwait = \"0s\"\n\
         [[alerts.routes.routes]]\nname = \"quiet\"\nmatch = ['severity=~\"info|P4\"']\nmention = []\nseverity = \"P4\"\n\
         open = []\ngroup-by = []\n\
         [[alerts.routes]]\nname = \"rest\"\ninterval = \"1m\"\n",
    )
    .root;
    let Route { routes, .. } = &root;
    assert_eq!(
        (root.name.as_str(), root.wait, root.repeat),
        ("default", Duration::from_secs(30), minutes(720))
    );
    assert_eq!(root.interval, Route::default().interval);
    let [audio, rest] = routes.as_slice() else { panic!("{routes:?}") };
    assert_eq!(
        audio.matchers.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["service=\"soundlab\"", "env!=\"dev\""]
    );
    assert!(audio.go_on && !rest.go_on && rest.matchers.is_empty());
    assert_eq!((audio.wait, audio.repeat, audio.group_by.len()), (Duration::ZERO, minutes(720), 1));
    assert_eq!(
        (audio.channel, audio.mention.as_slice()),
        (Some(ChannelId(1_100_000_000_000_000_031)), &["lead".to_owned()][..])
    );
    let [quiet] = audio.routes.as_slice() else { panic!("{audio:?}") };
    assert_eq!((quiet.wait, quiet.severity), (Duration::ZERO, Some(Severity::P4)));
    assert!(quiet.mention.is_empty() && quiet.opens.is_empty() && quiet.group_by.is_empty());
    assert!(!quiet.go_on, "that is nothing one has from above");
    assert_eq!(
        (rest.wait, rest.interval, rest.opens.as_slice()),
        (root.wait, minutes(1), &[Severity::P1][..])
    );
}

#[test]
fn rules_windows_words_and_bounds_are_read() {
    let alerting = read(
        "[alerts]\nresolve-timeout = \"10m\"\n[alerts.severities]\nurgent = \"P1\"\nCritical = \"P2\"\n\
         [alerts.flapping]\nturns = 6\nquiet = \"20m\"\n[alerts.storm]\ngroups = 50\nwithin = \"5m\"\n\
         [[alerts.inhibit]]\nname = \"worse\"\nsource = ['severity=critical']\ntarget = 'severity=warning'\nequal = [\"service\", \"zone\"]\n\
         [[alerts.windows]]\nname = \"night\"\nmatch = ['service=shop']\ndays = [\"sat\", \"sun\"]\nat = \"22:30\"\nfor = \"3h\"\n\
         timezone = \"Asia/Tokyo\"\n[[alerts.windows]]\nname = \"daily\"\nmatch = ['service=shop']\nat = 05:00:00\nfor = \"1m\"\n",
    );
    assert_eq!(alerting.resolve_timeout, minutes(10));
    let severity = |word: &str| alerting.severity(None, &Labels::new([("severity", word)]));
    assert_eq!(severity("URGENT"), Severity::P1);
    assert_eq!(severity("critical"), Severity::P2, "the team's word goes before the usual one");
    assert_eq!((severity("warning"), severity("p4")), (Severity::P3, Severity::P4));
    assert_eq!(
        (alerting.flapping.turns, alerting.flapping.within, alerting.flapping.quiet),
        (6, minutes(30), minutes(20))
    );
    assert_eq!((alerting.storm.groups, alerting.storm.within), (50, minutes(5)));
    let [rule] = alerting.inhibitions.as_slice() else { panic!() };
    assert_eq!(
        (rule.name.as_str(), rule.source.len(), rule.target.len(), rule.equal.len()),
        ("worse", 1, 1, 2)
    );
    let [night, daily] = alerting.windows.as_slice() else { panic!() };
    assert_eq!(
        (night.days.as_slice(), night.timezone),
        (&[Weekday::Sat, Weekday::Sun][..], chrono_tz::Asia::Tokyo)
    );
    assert_eq!((night.at, night.lasts), (NaiveTime::from_hms_opt(22, 30, 0).unwrap(), minutes(180)));
    assert_eq!(
        (daily.days.len(), daily.timezone, daily.at.to_string().as_str()),
        (0, chrono_tz::UTC, "05:00:00")
    );
}

#[test]
fn heartbeats_are_read_and_a_grace_that_is_not_said_is_no_longer_than_the_round() {
    let beats = read(
        "[[heartbeats]]\nname = \"shop-backup\"\nuuid = \"5F0E3F8B-9c1d-4a4e-8f63-1d9c2a7b6e54\"\nservice = \"shop\"\nevery = \"24h\"\n\
         grace = \"2h\"\nseverity = \"P2\"\n[[heartbeats]]\nname = \"ticks\"\nevery = \"5m\"\n",
    )
    .heartbeats;
    let [backup, ticks] = beats.as_slice() else { panic!() };
    assert_eq!(backup.uuid.as_deref(), Some("5f0e3f8b-9c1d-4a4e-8f63-1d9c2a7b6e54"));
    assert_eq!((backup.every, backup.grace, backup.severity), (minutes(1_440), minutes(120), Severity::P2));
    assert_eq!((ticks.service.as_deref(), ticks.grace, ticks.severity), (None, minutes(5), Severity::P3));
}

#[test]
fn everything_that_is_wrong_is_told_with_its_line() {
    let told = wrong(
        "[alerts]\ngroup-by = [\"...\", \"a b\"]\ninterval = \"soon\"\nrepeat = \"1s\"\nchannel = \"alerts\"\nmention = [\"leed\"]\n\
         severity = \"P9\"\nopen = [\"P1\", \"P1\", \"bad\"]\ncolour = 1\n\
         [alerts.severities]\nurgent = 1\n[alerts.flapping]\nturns = 1\n[alerts.storm]\nmany = 1\n\
         [[alerts.routes]]\nmatch = ['service']\n[[alerts.routes]]\nname = \"a › b\"\n[[alerts.routes]]\nname = \"a › b\"\n\
         [[alerts.inhibit]]\nname = \"x\"\nsource = ['a=~(']\n\
         [[alerts.windows]]\nname = \"x\"\nmatch = []\ndays = [\"sunday\", \"Sun\", \"someday\"]\nat = \"25:00\"\nfor = \"8d\"\ntimezone = \"Berlin\"\n\
         [[alerts.windows]]\nname = \"y\"\nmatch = ['a=b']\n",
    );
    let starts = [
        "muster.toml:13: `...` is no label's name",
        "muster.toml:13: `a b` is no label's name",
        "muster.toml:14: `interval` is no duration",
        "muster.toml:15: `repeat` is shorter than `interval`",
        "muster.toml:16: `channel`: `alerts` is no Discord id",
        "muster.toml:17: muster.toml names no role `leed`",
        "muster.toml:18: `severity`: `P9` is no severity",
        "muster.toml:19: `open` has P1 twice",
        "muster.toml:19: `open`: `bad` is no severity",
        "muster.toml:20: [alerts] has no key `colour`",
        "muster.toml:22: `urgent` is given no severity",
        "muster.toml:24: `turns` is no whole number from 2 to 1000",
        "muster.toml:26: [alerts.storm] has no key `many`",
        "muster.toml:27: a route has no `name`",
        "muster.toml:28: `match`: `service` compares nothing",
        "muster.toml:30: `a › b` cannot be the name of a route",
        "muster.toml:32: `a › b` cannot be the name of a route",
        "muster.toml:32: the name `a › b` is there twice",
        "muster.toml:33: an inhibition does not say which alerts are meant: `target`",
        "muster.toml:35: `source`: `(` is no pattern",
        "muster.toml:36: a window does not say which alerts are meant: `match`",
        "muster.toml:39: `days` has Sun twice",
        "muster.toml:39: `someday` is no weekday",
        "muster.toml:40: `at` is no time of the day",
        "muster.toml:41: `for` is shorter than a minute or longer than a week",
        "muster.toml:42: `timezone` is no time zone",
        "muster.toml:43: a window does not say how long it lasts: `for`",
        "muster.toml:43: a window does not say when it begins: `at`",
    ];
    assert_eq!(told.len(), starts.len(), "{told:#?}");
    for (line, start) in told.iter().zip(starts) {
        assert!(line.starts_with(start), "{line} is not {start}");
    }
    let one_table = wrong("[alerts.routes]\nname = \"x\"\n");
    assert_eq!(one_table, ["muster.toml:12: `routes` is a table, not a list"]);
}

#[test]
fn a_heartbeat_that_is_wrong_is_told_with_its_line() {
    let told = wrong(
        "[[heartbeats]]\nname = \"Shop Backup\"\nuuid = \"5f0e\"\n[[heartbeats]]\nname = \"a\"\nevery = \"24h\"\n\
         [[heartbeats]]\nname = \"a\"\nevery = \"0s\"\ngrace = \"x\"\nhow = 1\n[[heartbeats]]\nevery = \"1h\"\n",
    );
    let starts = [
        "muster.toml:12: a heartbeat does not say how often",
        "muster.toml:13: `Shop Backup` cannot be a heartbeat's name",
        "muster.toml:14: `5f0e` is no UUID",
        "muster.toml:19: the name `a` is there twice",
        "muster.toml:20: `every` is no duration",
        "muster.toml:21: `grace` is no duration",
        "muster.toml:22: [[heartbeats]] has no key `how`",
        "muster.toml:23: a heartbeat has no `name`",
    ];
    assert_eq!(told.len(), starts.len(), "{told:#?}");
    for (line, start) in told.iter().zip(starts) {
        assert!(line.starts_with(start), "{line} is not {start}");
    }
}

#[test]
fn a_route_that_no_alert_can_take_is_told() {
    let route = |name: &str, more: &str| format!("[[alerts.routes]]\nname = \"{name}\"\n{more}");
    let ok = route("a", "match = ['service=shop']\n") + &route("rest", "");
    assert_eq!(told(&ok), [""; 0], "the last may take what is left");
    let all = route("all", "match = ['alertname=~\".*\"']\n") + &route("late", "match = ['service=shop']\n");
    assert_eq!(
        told(&all),
        ["muster.toml:15: no alert can take the route `default › late`: `all` before it takes all of them"]
    );
    let goes_on = all.replacen("match", "continue = true\nmatch", 1);
    assert_eq!(told(&goes_on), [""; 0]);
    let wider = route("wide", "match = ['service=~\"shop|till\"']\n")
        + &route("narrow", "match = ['service=shop', 'env=live']\n")
        + &route("blog", "match = ['service=blog']\n");
    assert_eq!(
        told(&wider),
        [
            "muster.toml:15: no alert can take the route `default › narrow`: `wide` before it takes all of them"
        ]
    );
    let below = "[[alerts.routes]]\nname = \"shop\"\nmatch = ['service=shop']\n\
                 [[alerts.routes.routes]]\nname = \"blog\"\nmatch = ['service=blog']\n";
    let said = "muster.toml:15: no alert can take the route `default › shop › blog`: service=\"shop\" and service=\"blog\" cannot both be";
    assert_eq!(told(below), [said]);
}

#[test]
fn a_heartbeat_of_a_service_without_a_runbook_is_told() {
    let more = "[[heartbeats]]\nname = \"a\"\nservice = \"shop\"\nevery = \"1h\"\n";
    assert_eq!(told(more), ["muster.toml:14: the heartbeat `a` is of `shop`, which has no runbook"]);
}

#[test]
fn the_sandbox_has_routes_a_rule_a_window_and_the_heartbeats_of_its_backups() {
    let alerting = house::sandbox("http://127.0.0.1:1").unwrap().settings.alerting;
    let names: Vec<&str> = alerting.root.routes.iter().map(|r| r.name.as_str()).collect();
    assert_eq!(names, ["audio", "community"]);
    assert_eq!((alerting.inhibitions.len(), alerting.windows.len()), (1, 1));
    let beats: Vec<&str> = alerting.heartbeats.iter().map(|h| h.name.as_str()).collect();
    assert_eq!(beats, ["soundfoundry-backup", "soundlab-backup"]);
    assert_eq!(house::check_builtin(NaiveDate::from_ymd_opt(2026, 11, 21).unwrap()), []);
}
