//! What is built in: that it is right by its own rules, and says what people need.

use std::path::Path;

use muster::house;
use muster::model::command::Allow;
use muster::model::oncall::Reach;
use muster::model::page::Way;

#[test]
fn the_built_in_files_are_right() {
    let house = house::sandbox("http://127.0.0.1:1").unwrap_or_else(|p| panic!("{p:#?}"));
    let top: Vec<&str> = house.command_files().map(|f| f.name.as_str()).collect();
    assert_eq!(
        top,
        [
            "ack",
            "action",
            "add-to-timeline",
            "alerts",
            "escalate",
            "health",
            "incident",
            "oncall",
            "page",
            "pages",
            "purge-queue",
            "report",
            "rollback",
            "runbook",
            "runs",
            "silence",
            "timeline",
            "triage",
            "unavailable"
        ]
    );
    for book in house.runbooks.values() {
        for var in &book.vars {
            assert!(house.vars(&book.service).unwrap().contains_key(var), "{} lacks {var}", book.service);
        }
        assert!(!house.probes(Some(&book.service)).is_empty(), "{}", book.service);
    }
}

#[test]
fn an_onlooker_may_look_and_change_nothing() {
    let house = house::sandbox("http://127.0.0.1:1").unwrap();
    let commands = house.command_files().flat_map(|f| f.commands());
    let open: Vec<&str> = commands.filter(|c| c.allow == Allow::Everyone).map(|c| c.path.as_str()).collect();
    assert_eq!(
        open,
        [
            "action list",
            "alerts list",
            "alerts show",
            "alerts why",
            "health",
            "incident show",
            "incident list",
            "oncall now",
            "oncall schedule",
            "oncall calendar",
            "pages list",
            "pages why",
            "report show",
            // The reviewers are named in muster.toml: the decision asks for them.
            "report publish",
            "runs list",
            "runs show",
            "silence list",
            "timeline",
            "unavailable"
        ]
    );
}

#[test]
fn the_sandboxs_own_settings_pass_the_check_as_a_team_would_run_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let team = super::Team::with(&[]);
    let text = std::fs::read_to_string(root.join("data/sandbox.toml")).unwrap();
    team.write("muster.toml", text.replace("{sandbox}", "http://127.0.0.1:1").as_bytes());
    for book in std::fs::read_dir(root.join("runbooks")).unwrap() {
        let path = book.unwrap().path();
        let name = format!("runbooks/{}", path.file_name().unwrap().to_str().unwrap());
        team.write(&name, &std::fs::read(path).unwrap());
    }
    let today = chrono::NaiveDate::from_ymd_opt(2026, 6, 1).unwrap();
    assert_eq!(team.told(house::check(&team.path("muster.toml"), today)), [""; 0]);
}

/// Behind this line of the sandbox's settings is what a team may write besides, each line behind a `#`.
const BESIDES: &str = "# What a team may write besides: take the first # of each line away.\n";

#[test]
fn what_the_sandboxs_settings_show_besides_is_right_where_it_counts() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("data/sandbox.toml")).unwrap();
    let (counts, besides) = text.split_once(BESIDES).expect("it shows something besides");
    let besides: Vec<&str> =
        besides.lines().map(|l| l.strip_prefix('#').expect("it is behind a #")).collect();
    // A team of its own: without the practice services, whose runbooks are not there.
    let counts = counts.split("[[heartbeats]]").next().unwrap_or_default();
    let team = super::Team::with(&[]);
    let toml = format!("{counts}\n{}\n", besides.join("\n")).replace("{sandbox}", "http://127.0.0.1:1");
    team.write("muster.toml", toml.as_bytes());
    let today = chrono::NaiveDate::from_ymd_opt(2026, 6, 1).unwrap();
    let wrong = house::check(&team.path("muster.toml"), today).into_iter().filter(|p| p.fails()).collect();
    assert_eq!(team.told(wrong), [""; 0]);
    let oncall = team.load().map_err(|p| team.told(p)).unwrap().oncall;
    let rota = &oncall.rotas["shop"];
    assert!(rota.ranks[0].layers.len() > 1 && !rota.ranks[0].layers[1].hours.is_empty());
    assert!(oncall.notify.smtp.is_some() && oncall.notify.twilio.is_some());
    let ways: Vec<Way> = oncall.called("opener").unwrap().reach.iter().map(Reach::way).collect();
    assert_eq!(ways, [Way::Ntfy, Way::Email, Way::Sms, Way::Call]);
    let policy = oncall.policy(Some("shop"), muster::model::incident::Severity::P1).unwrap();
    assert!(!policy.fallback.people.is_empty() && !policy.fallback.roles.is_empty());
}
