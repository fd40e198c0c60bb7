//! `[people]`, `[oncall]` and the tables of runbooks: what is read, and what is said when it is wrong.

use std::time::Duration;

use muster::core::oncall::on_call_now;
use muster::core::state::State;
use muster::house;
use muster::kit::time::Timestamp;
use muster::model::house::House;
use muster::model::ids::{ChannelId, RoleId, UserId};
use muster::model::incident::Severity;
use muster::model::oncall::{Reach, Tls};
use muster::model::page::Way;
use muster::model::policy::{Until, Whom};
use muster::model::rota::{Every, Turns};

use crate::house::{SMALL, Team};

const MINUTE: Duration = Duration::from_secs(60);

const PEOPLE: &str = r#"
[people.opener]
discord = "1100000000000000040"
names = ["Opener", "A"]
ntfy = "https://ntfy.sh/topic"
email = "opener@example.org"
sms = "+49 171 1234567"
limit = { count = 2, within = "1m" }

[people.closer]
discord = "1100000000000000041"
"#;

const FULL: &str = r#"
[oncall]
channel = "1100000000000000031"
role = "1100000000000000024"
test-before = "30m"
handoff = "08:00"

[[oncall.rotas]]
name = "shop"
timezone = "Europe/Berlin"
[[oncall.rotas.ranks]]
name = "Primary"
[[oncall.rotas.ranks.layers]]
name = "base"
members = ["opener", "closer"]
from = "2026-01-05"
every = "1w"
[[oncall.rotas.ranks.layers]]
week = { mon-fri = "closer" }
hours = ["mon-fri 18:00-09:00", "sat, sun"]

[[oncall.policies]]
name = "shop"
severities = ["P1"]
until = "resolved"
rounds = 2
[oncall.policies.fallback]
channel = "1100000000000000032"
people = ["closer"]
[[oncall.policies.rungs]]
whom = ["primary of shop", "person A", "role lead", "channel 1100000000000000030"]
within = "5m"
every = "2m"
ways = ["mention", "direct", "sms"]

[oncall.notify]
ntfy-token = "NTFY_TOKEN"
[oncall.notify.smtp]
host = "mail.example.org"
tls = "starttls"
from = "Muster <muster@example.org>"
user = "muster"
password = "SMTP_PASSWORD"
[oncall.audit]
dead-mans-switch = "https://hc-ping.com/abc"
disk = "2GB"
"#;

fn toml(more: &[&str]) -> String {
    format!("timezone = \"Europe/Berlin\"\n{SMALL}{}", more.concat())
}

#[test]
fn what_a_team_writes_of_being_on_call_is_read() {
    let team = Team::with(&[("muster.toml", &toml(&[PEOPLE, FULL]))]);
    let oncall = team.load().map_err(|p| team.told(p)).unwrap().oncall;
    let opener = oncall.called("a").unwrap();
    assert_eq!(
        (opener.id, opener.name(), opener.limit.count),
        (UserId(1_100_000_000_000_000_040), "Opener", 2)
    );
    let ways: Vec<Way> = opener.reach.iter().map(Reach::way).collect();
    assert_eq!(ways, [Way::Ntfy, Way::Email, Way::Sms]);
    assert_eq!(opener.reach[2], Reach::Sms("+491711234567".to_owned()));
    assert_eq!(oncall.role, Some(RoleId(1_100_000_000_000_000_024)));
    assert_eq!(oncall.test_before, Some(30 * MINUTE));

    let rank = &oncall.rotas["shop"].ranks[0];
    assert_eq!((rank.name.as_str(), rank.layers.len()), ("primary", 2));
    let Turns::Rotation { members, every, handoff, .. } = &rank.layers[0].turns else { panic!() };
    assert_eq!((members.len(), *every, handoff.to_string().as_str()), (2, Every::Weeks(1), "08:00:00"));
    assert_eq!(rank.layers[1].hours.len(), 2);
    assert_eq!(rank.layers[1].hours[1].days.len(), 2);

    let policy = oncall.policy(None, Severity::P1).unwrap();
    assert_eq!((policy.name.as_str(), policy.until, policy.rounds), ("shop", Until::Resolved, 2));
    assert_eq!(policy.fallback.channel, ChannelId(1_100_000_000_000_000_032));
    assert_eq!(policy.fallback.people, [UserId(1_100_000_000_000_000_041)]);
    let rung = &policy.rungs[0];
    assert_eq!((rung.within, rung.every), (5 * MINUTE, Some(2 * MINUTE)));
    assert_eq!(rung.ways, [Way::Mention, Way::Direct, Way::Sms]);
    assert_eq!(rung.whom.len(), 4);
    // What no policy is for has one all the same: an hour in all for a P2 (NX-1).
    let usual = oncall.policy(Some("other"), Severity::P2).unwrap();
    assert_eq!(usual.rungs.iter().map(|r| r.within).sum::<Duration>(), 40 * MINUTE);
    assert_eq!(oncall.policy(None, Severity::P3), None);

    let smtp = oncall.notify.smtp.unwrap();
    assert_eq!((smtp.port, smtp.tls), (587, Tls::StartTls));
    assert_eq!(oncall.audit.disk, Some(2 << 30));
}

#[test]
fn an_upper_layer_counts_only_where_it_names_somebody() {
    let team = Team::with(&[("muster.toml", &toml(&[PEOPLE, FULL]))]);
    let mut house = team.load().map_err(|p| team.told(p)).unwrap();
    let first = |house: &House, at: &str| {
        let at = Timestamp(chrono::DateTime::parse_from_rfc3339(at).unwrap().timestamp_millis());
        let all = on_call_now(&State::default(), house, "shop", at);
        all.first().map(|(_, who)| who.name().to_owned())
    };
    // The week of the 23rd is the opener's; the closer has its nights, and the layer says nothing of the
    // weekend, though its hours name it.
    for (at, who) in [
        ("2026-11-23T12:00:00Z", "Opener"),
        ("2026-11-23T20:00:00Z", "closer"),
        ("2026-11-28T02:00:00Z", "closer"),
        ("2026-11-28T07:30:00Z", "Opener"),
        ("2026-11-28T12:00:00Z", "Opener"),
        ("2026-11-29T12:00:00Z", "Opener"),
    ] {
        assert_eq!(first(&house, at).as_deref(), Some(who), "{at}");
    }
    // A layer of which the first shift lies ahead takes nobody's shift before.
    let layers = &mut house.oncall.rotas.get_mut("shop").unwrap().ranks[0].layers;
    layers[1].hours.clear();
    layers[1].turns = match &layers[0].turns {
        Turns::Rotation { members, handoff, every, .. } => Turns::Rotation {
            members: members[1..].to_vec(),
            from: "2026-11-26".parse().unwrap(),
            handoff: *handoff,
            every: *every,
        },
        Turns::Week { .. } => panic!(),
    };
    assert_eq!(first(&house, "2026-11-26T06:59:59Z").as_deref(), Some("Opener"));
    assert_eq!(first(&house, "2026-11-26T07:00:00Z").as_deref(), Some("closer"));
}

#[test]
fn whatever_is_wrong_is_told_with_its_line_and_what_to_do() {
    let people = "[people.opener]\ndiscord = \"1100000000000000040\"\n";
    for (text, what, cure) in [
        ("[oncall]\ntest-before = \"soon\"\n", "`test-before`", "24h"),
        ("[oncall]\ntest-before = \"30d\"\n", "`test-before` is longer than a week", "2h"),
        ("[people.opener]\nnames = [\"x\"]\n", "`opener` has no account", "discord = "),
        ("[people.opener]\ndiscord = \"1\"\nemial = \"a@b\"\n", "no key `emial`", "did you mean `email`"),
        ("[people.opener]\ndiscord = \"1\"\nsms = \"0171\"\n", "no telephone number", "+491711234567"),
        (
            "[people.a]\ndiscord = \"1\"\n[people.b]\ndiscord = \"2\"\nnames = [\"A\"]\n",
            "called as well",
            "name of their own",
        ),
        (
            "[people.a]\ndiscord = \"1\"\n[people.b]\ndiscord = \"1\"\n",
            "has the account of `a`",
            "one of the two",
        ),
        ("[oncall]\nrole = \"x\"\n", "no Discord id", "correct role"),
        ("[[oncall.rotas]]\nname = \"r\"\n", "no ranks", "oncall.rotas.ranks"),
        (
            "[[oncall.rotas]]\nname = \"r\"\n[[oncall.rotas.ranks]]\nname = \"primary\"\nmembers = [\"openr\"]\nfrom = \"2026-01-05\"\n",
            "called `openr`",
            "did you mean `opener`",
        ),
        (
            "[[oncall.rotas]]\nname = \"r\"\n[[oncall.rotas.ranks]]\nname = \"primary\"\nmembers = [\"opener\"]\n",
            "when it begins",
            "from = ",
        ),
        (
            "[[oncall.rotas]]\nname = \"r\"\n[[oncall.rotas.ranks]]\nname = \"primary\"\nweek = { funday = \"opener\" }\n",
            "no days of the week",
            "mon-wed",
        ),
        ("[[oncall.policies]]\nname = \"p\"\n", "no rungs", "whom = "),
        (
            "[[oncall.policies]]\nname = \"p\"\n[[oncall.policies.rungs]]\nwhom = [\"role leed\"]\nwithin = \"5m\"\n",
            "no role `leed`",
            "did you mean `lead`",
        ),
        (
            "[[oncall.policies]]\nname = \"p\"\n[[oncall.policies.rungs]]\nwhom = []\nwithin = \"5m\"\n",
            "the rung calls nobody",
            "whom = ",
        ),
        (
            "[oncall.notify]\nntfy-token = \"tk_secret\"\n",
            "no name of an environment variable",
            "NAME_OF_SECRET",
        ),
        (
            "[oncall.notify.smtp]\nhost = \"mail.example.org\"\ntls = \"off\"\nfrom = \"a@b\"\n",
            "not this machine",
            "starttls",
        ),
        ("[oncall.audit]\ndisk = \"much\"\n", "no size", "2GB"),
    ] {
        let own = if text.contains("[people") { text.to_owned() } else { format!("{people}{text}") };
        let team = Team::with(&[("muster.toml", &toml(&[&own]))]);
        let problems = team.load().expect_err(text);
        let wrong: Vec<String> = problems.iter().map(ToString::to_string).collect();
        let first = wrong.iter().find(|w| w.contains(what));
        assert!(first.is_some_and(|w| w.contains(cure) && w.contains("muster.toml:1")), "{text}\n{wrong:?}");
        assert!(!wrong.concat().contains("tk_secret"), "{wrong:?}");
    }
}

#[test]
fn the_tables_of_the_shipped_runbooks_are_the_sandbox_s_rotas_and_policies() {
    let oncall = house::sandbox("http://127.0.0.1").unwrap().oncall;
    // SL-13
    let rota = &oncall.rotas["soundlab"];
    let Turns::Week { days, .. } = &rota.ranks[0].layers[0].turns else { panic!() };
    let who: Vec<u64> = days.iter().flatten().filter_map(|m| m.id()).map(|id| id.0 % 100).collect();
    assert_eq!(who, [40, 40, 40, 41, 41, 41, 42]);
    // AS-12
    let ranks: Vec<&str> = oncall.rotas["astradio"].ranks.iter().map(|r| r.name.as_str()).collect();
    assert_eq!(ranks, ["primary", "secondary", "escalation"]);
    let of = |service, severity| oncall.policy(Some(service), severity).unwrap();
    // SL-14
    let path = of("soundlab", Severity::P1);
    let minutes: Vec<u64> = path.rungs.iter().map(|r| r.within.as_secs() / 60).collect();
    assert_eq!(minutes[..3], [30, 30, 60]);
    assert_eq!(path.rungs[0].whom, [Whom::OnCall { rota: None, rank: "primary".to_owned() }]);
    assert!(path.rungs.iter().all(|r| r.whom.iter().all(|w| !matches!(w, Whom::Unknown(_)))));
    // SF-21
    let (p1, p2) = (of("soundfoundry", Severity::P1), of("soundfoundry", Severity::P2));
    assert_eq!((p1.rungs.len(), p1.rungs[0].within, p2.rungs[0].within), (2, 5 * MINUTE, 20 * MINUTE));
    // SC-16: at 15 minutes the owner, at 30 the rollback is proposed, though somebody is on it.
    let path = of("soundscape", Severity::P2);
    assert_eq!(path.until, Until::Resolved);
    assert_eq!(path.rungs[0].within + path.rungs[1].within, 30 * MINUTE);
    assert!(matches!(&path.rungs[1].whom[0], Whom::Person { name, .. } if name == "lead"));
    assert_eq!(path.rungs[2].propose.as_deref(), Some("rollback"));
    // NX-1: at once, and within an hour.
    let (p1, p2) = (of("nexus", Severity::P1), of("nexus", Severity::P2));
    assert_eq!(p1.rungs[0].within, 5 * MINUTE);
    assert_eq!(p2.rungs.iter().map(|r| r.within).sum::<Duration>(), 60 * MINUTE);
    assert_eq!(oncall.rota_of(Some("nexus")).unwrap().name, "team");
}

const BOOK: &str = "---\nrunbook: 1\nservice: shop\ntables: {oncall: on-call, escalation: escalation}\n---\n# Shop\n\n## On-call\n\n| days | primary |\n|---|---|\n| Mon–Sun | Opener |\n\n## Escalation\n\n| level | who | when |\n|---|---|---|\n| L1 | on-call | at once |\n| L2 | the boss | after 30 min |\n";

#[test]
fn who_cannot_be_reached_is_told_by_the_check_and_stops_no_start() {
    let today = chrono::NaiveDate::from_ymd_opt(2026, 3, 2).unwrap();
    let team = Team::with(&[("muster.toml", SMALL), ("runbooks/shop.md", BOOK)]);
    let oncall = team.load().map_err(|p| team.told(p)).unwrap().oncall;
    assert_eq!(
        oncall.policy(Some("shop"), Severity::P1).unwrap().rungs[1].whom,
        [Whom::Unknown("the boss".to_owned())]
    );
    let told = |team: &Team| house::check(&team.path("muster.toml"), today);
    let reach = |all: &[house::Problem], word: &str| {
        all.iter().find(|p| p.rule == Some("reach") && p.what.contains(word)).cloned()
    };
    let problems = told(&team);
    let note = reach(&problems, "`Opener`").unwrap();
    assert!(!note.fails() && note.line == 10 && note.cure.contains("[people"), "{note}");
    // With people it has to be mended, and whoever is named there is nobody to be told of.
    team.write("muster.toml", toml(&[PEOPLE]).as_bytes());
    let problems = told(&team);
    assert_eq!(reach(&problems, "`Opener`"), None);
    let boss = reach(&problems, "`the boss`").unwrap();
    assert!(boss.fails() && boss.line == 19 && boss.file.ends_with("shop.md"), "{boss}");
    // A policy of muster.toml that names what is not there.
    let policy = "[[oncall.policies]]\nname = \"p\"\nservices = [\"shopp\"]\n[[oncall.policies.rungs]]\nwhom = [\"primmary\", \"primary of shoop\"]\npropose = \"x\"\nwithin = \"5m\"\n";
    team.write("muster.toml", toml(&[PEOPLE, policy]).as_bytes());
    let told: String = told(&team).iter().map(|p| format!("{}\n{}\n", p.what, p.cure)).collect();
    for says in [
        "`opener` is called by e-mail, which nobody carries\nadd [oncall.notify.smtp]",
        "`opener` is called by sms, which nobody carries\nadd [oncall.notify.twilio]",
        "no rota has a rank `primmary`",
        "did you mean `primary`",
        "no rota `shoop`",
        "did you mean `shop`",
        "for `shopp`",
    ] {
        assert!(told.contains(says), "{says} in {told}");
    }
    let carried = "[oncall.notify.smtp]\nhost = \"mail.example.org\"\nfrom = \"muster@example.org\"\n";
    team.write("muster.toml", toml(&[PEOPLE, carried]).as_bytes());
    let told: String =
        house::check(&team.path("muster.toml"), today).iter().map(ToString::to_string).collect();
    assert!(!told.contains("by e-mail") && told.contains("by sms"), "{told}");
}
