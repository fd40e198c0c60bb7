//! `muster.toml`, and the folders that it names.

use std::os::unix::fs::symlink;

use muster::house;
use muster::model::ids::{GuildId, RoleId};

use super::{SMALL, Team};

#[test]
fn the_smallest_file_is_enough_and_brings_the_built_in_commands() {
    let house = Team::with(&[("muster.toml", SMALL)]).load().unwrap();
    assert_eq!(house.settings.guild, GuildId(1_100_000_000_000_000_010));
    assert_eq!(house.settings.timezone, chrono_tz::UTC);
    assert!(house.settings.holds("lead", &[RoleId(1_100_000_000_000_000_022)]));
    assert!(!house.settings.holds("lead", &[]));
    assert!(house.command("incident declare").is_some());
    assert_eq!(house.services().count(), 0, "no practice service in a team's own house");
}

#[test]
fn malformed_toml_is_told_with_every_line() {
    let wrong = Team::with(&[("muster.toml", "a = 1\nb = \nc = [1\n")]).wrong();
    assert!(wrong.iter().any(|w| w.starts_with("muster.toml:2: this is no TOML")), "{wrong:?}");
    assert!(wrong.len() > 1, "{wrong:?}");
}

#[test]
fn everything_that_is_missing_or_misspelt_is_told_at_once() {
    let text = "administrators = [\"me\"]\ntimezone = \"Berlin\"\ncolour = 1\n[discord]\ngild = \"1\"\n\
                [channels]\nincidents = \"x\"\nalerts = 1100000000000000031\nreports = true\n\
                [services.Big.vars]\nbase = 5\nlist = [1]\n[roles]\nlead = { a = 1 }\n";
    let wrong = Team::with(&[("muster.toml", text)]).wrong();
    let starts = [
        "muster.toml:1: `me` is no Discord id",
        "muster.toml:2: `timezone` is no time zone",
        "muster.toml:3: muster.toml has no key `colour`",
        "muster.toml:4: [discord] has no `guild`",
        "muster.toml:5: [discord] has no key `gild`",
        "muster.toml:7: `incidents`: `x` is no Discord id",
        "muster.toml:9: `reports`: `true` is no Discord id",
        "muster.toml:10: `Big` cannot be a service's name",
        "muster.toml:12: `list` is a list, not text",
        "muster.toml:14: `lead` holds a table where text is wanted",
    ];
    assert_eq!(wrong.len(), starts.len(), "{wrong:#?}");
    for (line, start) in wrong.iter().zip(starts) {
        assert!(line.starts_with(start), "{line} is not {start}");
    }
}

#[test]
fn a_missing_file_and_a_missing_folder_say_so() {
    let team = Team::with(&[]);
    assert_eq!(team.wrong(), ["muster.toml:1: the file is not there"]);
    let text = format!("{SMALL}[folders]\nrunbooks = \"books\"\n");
    let team = Team::with(&[("muster.toml", &text)]);
    let wrong = team.wrong();
    assert_eq!(wrong.len(), 1);
    assert!(wrong[0].starts_with("muster.toml:13: the folder"), "{wrong:?}");
    team.write("books/.keep", b"");
    team.load().unwrap();
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_change_no_line() {
    let text = format!("\u{feff}{SMALL}[oops]\n").replace('\n', "\r\n");
    let wrong = Team::with(&[("muster.toml", &text)]).wrong();
    assert_eq!(wrong, ["muster.toml:12: muster.toml has no key `oops`"]);
}

#[test]
fn bytes_that_are_no_utf8_are_told_with_their_line() {
    let team = Team::with(&[("muster.toml", SMALL)]);
    team.write("runbooks/api.md", b"# API\n\nfine\n\xff\n");
    assert_eq!(team.wrong(), ["runbooks/api.md:4: byte 12 (0xff) is no UTF-8"]);
}

#[test]
fn a_file_of_ten_megabytes_is_refused() {
    let team = Team::with(&[("muster.toml", SMALL)]);
    team.write("runbooks/api.md", &vec![b'#'; 10 * 1024 * 1024]);
    assert_eq!(team.wrong(), ["runbooks/api.md:1: the file is larger than 4 MiB"]);
}

#[test]
fn links_in_a_circle_and_what_is_no_file_are_refused_without_waiting() {
    let team =
        Team::small("commands/ok.toml", "description = \"x\"\naction = \"health\"\nallow = \"everyone\"\n");
    symlink(team.path("commands/b.toml"), team.path("commands/a.toml")).unwrap();
    symlink(team.path("commands/a.toml"), team.path("commands/b.toml")).unwrap();
    std::fs::create_dir(team.path("commands/c.toml")).unwrap();
    // Opening a pipe that nobody writes to would wait for ever.
    let pipe = std::process::Command::new("mkfifo").arg(team.path("commands/d.toml")).status();
    assert!(pipe.unwrap().success());
    let wrong = team.wrong();
    assert!(wrong[0].starts_with("commands/a.toml:1: the file cannot be read"), "{wrong:?}");
    assert!(wrong[1].starts_with("commands/b.toml:1: the file cannot be read"), "{wrong:?}");
    assert_eq!(
        wrong[2..],
        ["commands/c.toml:1: this is no plain file", "commands/d.toml:1: this is no plain file"]
    );
}

#[test]
fn a_broken_reload_leaves_the_caller_with_the_house_it_has() {
    let team = Team::with(&[("muster.toml", SMALL)]);
    let mut house = team.load().unwrap();
    team.write("muster.toml", b"guild = ");
    if let Ok(new) = team.load() {
        house = new;
    }
    assert_eq!(house.settings.guild, GuildId(1_100_000_000_000_000_010));
}

#[test]
fn a_built_in_command_is_switched_off_by_one_line_and_only_a_known_one() {
    let team = Team::with(&[("muster.toml", &format!("disable = [\"timeline\"]\n{SMALL}"))]);
    let house = team.load().unwrap();
    assert!(house.command("timeline").is_none() && house.command("health").is_some());
    let team = Team::with(&[("muster.toml", &format!("disable = [\n  \"timelime\",\n]\n{SMALL}"))]);
    assert_eq!(team.wrong(), ["muster.toml:2: there is no built-in command `timelime`"]);
}

#[test]
fn an_address_of_discord_that_is_none_is_told() {
    let text = SMALL.replace("[discord]\n", "[discord]\napi_url = \"localhost:1\"\n");
    let wrong = Team::with(&[("muster.toml", &text)]).wrong();
    assert_eq!(wrong, ["muster.toml:3: `api_url` is `localhost:1`, which is no http address"]);
}

#[test]
fn the_sandbox_has_its_address_in_every_var() {
    let house = house::sandbox("http://127.0.0.1:4321").unwrap();
    assert_eq!(house.settings.api_url.as_deref(), Some("http://127.0.0.1:4321"));
    assert_eq!(house.vars("soundlab").unwrap()["base"], "http://127.0.0.1:4321/practice/soundlab");
    assert_eq!(
        house.services().collect::<Vec<_>>(),
        ["astradio", "nexus", "soundfoundry", "soundlab", "soundscape"]
    );
}

#[test]
fn how_it_is_after_an_incident_is_the_team_s_to_say() {
    let with = |text: &str| Team::with(&[("muster.toml", &format!("{SMALL}{text}"))]);
    let after = with("").load().unwrap().settings.after;
    assert_eq!(after.checklist[0], "Timeline and root cause documented");
    assert_eq!((after.checklist.len(), after.by_other), (4, true));
    assert_eq!(after.reviewers, ["lead", "approver"]);
    let one = with("[report]\nreviewers = \"lead\"\nby-other = false\n[after]\nchecklist = []\n");
    let after = one.load().unwrap().settings.after;
    assert_eq!((after.reviewers.as_slice(), after.by_other), (&["lead".to_owned()][..], false));
    assert_eq!(after.checklist, [""; 0]);
    let many = (0..16).map(|n| format!("\"{n}\"")).collect::<Vec<_>>().join(", ");
    let long = "x".repeat(71);
    for (text, told) in [
        ("[report]\nreviewers = [\"leed\"]\n".to_owned(), "muster.toml names no role `leed`"),
        ("[report]\nreviewers = []\n".to_owned(), "`reviewers` names nobody"),
        ("[report]\nbyother = true\n".to_owned(), "[report] has no key `byother`"),
        (format!("[after]\nchecklist = [{many}]\n"), "the checklist has 16 items"),
        (format!("[after]\nchecklist = [\"{long}\"]\n"), "an item of the checklist has 71 characters"),
        ("[after]\nchecklist = [\"\"]\n".to_owned(), "an item of the checklist has 0 characters"),
        ("[after]\nchecklist = [\"a\", \"a\"]\n".to_owned(), "`a` is on the checklist twice"),
    ] {
        let wrong = with(&text).wrong();
        assert!(wrong.len() == 1 && wrong[0].contains(told), "{text}: {wrong:?}");
    }
}
