//! `muster check`: what loads and is wrong all the same.

use chrono::NaiveDate;
use muster::house;

use super::{SMALL, Team};

fn told(team: &Team) -> Vec<String> {
    let today = NaiveDate::from_ymd_opt(2026, 6, 1).unwrap();
    team.told(house::check(&team.path("muster.toml"), today))
}

const LAB: &str = "---\nrunbook: 1\nvars: [base]\nreviewed: 2026-05-01\nactions:\n  health: {section: health}\n---\n# Lab\n## Health\n```http {name=a}\nGET {{base}}/\nHTTP 200\n```\n";

const SET: &str = "[services.lab.vars]\nbase = \"https://lab.example\"\n";

fn team(more: &str, lab: &str) -> Team {
    Team::with(&[("muster.toml", &format!("{SMALL}{more}")), ("runbooks/lab.md", lab)])
}

#[test]
fn a_good_house_has_nothing_to_tell() {
    let team = team(SET, LAB);
    assert_eq!(told(&team), [""; 0]);
    assert_eq!(team.load().unwrap().probes(None).len(), 1);
}

#[test]
fn a_var_that_is_not_set_and_one_that_nobody_reads_are_told() {
    assert_eq!(told(&team("", LAB)), ["muster.toml:1: the runbook of `lab` needs `base`"]);
    let more = "[services.lab.vars]\nbas = \"https://lab.example\"\n";
    assert_eq!(
        told(&team(more, LAB)),
        [
            "muster.toml:12: the runbook of `lab` needs `base`",
            "muster.toml:13: the runbook of `lab` has no var `bas`"
        ]
    );
}

#[test]
fn a_service_without_a_runbook_is_told() {
    let more = format!("{SET}[services.api]\n");
    assert_eq!(told(&team(&more, LAB)), ["muster.toml:14: the service `api` has no runbook"]);
}

#[test]
fn a_health_section_with_nothing_to_ask_is_told() {
    let lab = LAB.replace("```http {name=a}", "```text");
    assert_eq!(
        told(&team(SET, &lab)),
        ["runbooks/lab.md:6: /health lab has nothing to ask: the section has no http step"]
    );
}

#[test]
fn a_review_that_is_too_old_or_to_come_is_told() {
    let old = LAB.replace("2026-05-01", "2026-03-02");
    assert_eq!(told(&team(SET, &old)), ["runbooks/lab.md:4: it was last reviewed 91 days ago"]);
    let just = LAB.replace("2026-05-01", "2026-03-03");
    assert_eq!(told(&team(SET, &just)), [""; 0]);
    let ahead = LAB.replace("2026-05-01", "2062-05-01");
    assert!(told(&team(SET, &ahead))[0].starts_with("runbooks/lab.md:4: `reviewed` is"));
}

#[test]
fn placeholders_are_told_where_they_stand() {
    let lab = format!("{LAB}\nCall <ON-CALL NUMBER>.\n");
    let more = SET.replace("https://lab.example", "https://<your-host>");
    assert_eq!(
        told(&team(&more, &lab)),
        [
            "muster.toml:13: `base` was never filled in: `https://<your-host>`",
            "runbooks/lab.md:15: a placeholder was never filled in: `Call <ON-CALL NUMBER>.`",
        ]
    );
}

#[test]
fn roles_and_administrators_that_are_missing_are_told() {
    let bare = SMALL.replace("administrators = [\"1100000000000000042\"]", "");
    let bare = &bare[..bare.find("[roles]").unwrap()];
    let wrong = told(&Team::with(&[("muster.toml", &format!("{bare}[roles]\nops = []\n"))]));
    assert_eq!(
        wrong,
        [
            "muster.toml:1: no administrator is named",
            "muster.toml:8: nobody holds the role `ops`",
            "muster.toml:8: nobody may use /ack",
            "muster.toml:8: nobody may use /action add",
            "muster.toml:8: nobody may use /action done",
            "muster.toml:8: nobody may use /action drop",
            "muster.toml:8: nobody may use /alerts ack",
            "muster.toml:8: nobody may use /alerts close",
            "muster.toml:8: nobody may use /escalate",
            "muster.toml:8: nobody may use /incident assign",
            "muster.toml:8: nobody may use /incident close",
            "muster.toml:8: nobody may use /incident declare",
            "muster.toml:8: nobody may use /incident drafts",
            "muster.toml:8: nobody may use /incident invite",
            "muster.toml:8: nobody may use /incident link",
            "muster.toml:8: nobody may use /incident merge",
            "muster.toml:8: nobody may use /incident note",
            "muster.toml:8: nobody may use /incident reopen",
            "muster.toml:8: nobody may use /incident resolve",
            "muster.toml:8: nobody may use /incident severity",
            "muster.toml:8: nobody may use /incident strike",
            "muster.toml:8: nobody may use /incident update",
            "muster.toml:8: nobody may use /oncall handoff",
            "muster.toml:8: nobody may use /oncall override",
            "muster.toml:8: nobody may use /oncall override-end",
            "muster.toml:8: nobody may use /oncall swap",
            "muster.toml:8: nobody may use /page",
            "muster.toml:8: nobody may use /pages test",
            "muster.toml:8: nobody may use /purge-queue",
            "muster.toml:8: nobody may use /report write",
            "muster.toml:8: nobody may use /rollback",
            "muster.toml:8: nobody may use /runbook",
            "muster.toml:8: nobody may use /runs cancel",
            "muster.toml:8: nobody may use /runs unlock",
            "muster.toml:8: nobody may use /silence add",
            "muster.toml:8: nobody may use /silence end",
            "muster.toml:8: nobody may use /triage",
            "muster.toml:8: nobody may use Add to timeline",
        ]
    );
}

#[test]
fn what_loading_finds_is_told_too_and_once() {
    let team = team(SET, "---\nrunbook: 1\nnonsense: 1\n---\n# Lab\n");
    team.write("muster.toml", format!("{SMALL}{SET}x = 1\n").as_bytes());
    let wrong = told(&team);
    assert!(
        wrong.contains(&"runbooks/lab.md:3: the front matter has no key `nonsense`".to_owned()),
        "{wrong:?}"
    );
    assert!(!wrong.iter().any(|w| w.contains("has no runbook")), "it is there, only broken: {wrong:?}");
}

#[test]
fn rules_that_nobody_can_look_at_are_told() {
    let rule = |promql: &str| {
        let rule = format!("## Alerts\n```yaml {{name=many kind=alert}}\npromql: \"{promql}\"\n```\n");
        format!("{LAB}{rule}")
    };
    let simple = rule("sum(rate(errors_total[5m])) > 1");
    let nowhere = ["runbooks/lab.md:16: `many` watches metrics, and nobody says where they are"];
    assert_eq!(told(&team(SET, &simple)), nowhere);
    let own = format!("{SET}[services.lab]\nmetrics = \"https://lab.example/metrics\"\n");
    assert_eq!(told(&team(&own, &simple)), [""; 0]);
    let more = told(&team(&own, &rule("absent(errors_total)")));
    assert!(more[0].contains("`many` cannot be worked out without a Prometheus"), "{more:?}");
    for known in ["[watch]\nprometheus = \"http://127.0.0.1:9090\"\n", "[watch]\noff = true\n"] {
        assert_eq!(told(&team(&format!("{SET}{known}"), &rule("absent(errors_total)"))), [""; 0]);
    }
    for (wrong, what) in [
        ("[watch]\nprometheus = \"127.0.0.1:9090\"\n", "which is no http address"),
        ("[watch]\nprometheus = \"http://a:b@host\"\n", "which is no http address"),
        ("[watch]\nevery = \"10ms\"\n", "`every` is not between 1s and 1h"),
        ("[watch]\nevry = \"15s\"\n", "[watch] has no key `evry`"),
    ] {
        let all = told(&team(&format!("{SET}{wrong}"), LAB));
        assert!(all.iter().any(|told| told.contains(what)), "{wrong}: {all:?}");
    }
}
