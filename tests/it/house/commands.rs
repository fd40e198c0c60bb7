//! `commands/*.toml`: a slash command without a line of code, and every way to get it wrong.

use muster::model::command::{Action, Allow, CommandBody, OptionKind};

use super::{SMALL, Team};

/// A new command for people who look after the CDN: no code, one file.
const FLUSH_CDN: &str = r#"description = "Show how to flush the CDN"
action = "runbook.section"
allow = ["responder"]

[with]
service = "cdn"
section = "flush"
"#;

const CDN: &str = "# CDN\n\n## Flush\n\n1. Open the console.\n2. Press *Purge*.\n";

#[test]
fn a_file_in_the_teams_folder_adds_a_command() {
    let team = Team::with(&[
        ("muster.toml", SMALL),
        ("commands/flush-cdn.toml", FLUSH_CDN),
        ("runbooks/cdn.md", CDN),
    ]);
    let house = team.load().unwrap();
    let command = house.command("flush-cdn").unwrap();
    assert_eq!(command.action, Action::Section);
    assert_eq!(command.allow, Allow::Roles(vec!["responder".into()]));
    let (service, section) = (command.preset("service").unwrap(), command.preset("section").unwrap());
    let section = house.runbook(service).unwrap().section(section).unwrap();
    assert!(section.markdown.contains("1. Open the console."));
    let names: Vec<&str> = house.command_files().map(|f| f.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "ack",
            "action",
            "add-to-timeline",
            "alerts",
            "escalate",
            "flush-cdn",
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
        ],
        "beside the built-in ones, in one order"
    );
}

#[test]
fn what_a_command_presets_must_be_there() {
    let told = |command: &str| {
        Team::with(&[("muster.toml", SMALL), ("commands/flush-cdn.toml", command), ("runbooks/cdn.md", CDN)])
            .wrong()
    };
    assert_eq!(
        told(&FLUSH_CDN.replace("\"cdn\"", "\"cnd\"")),
        ["commands/flush-cdn.toml:6: the service `cnd` has no runbook"]
    );
    assert_eq!(
        told(&FLUSH_CDN.replace("\"flush\"", "\"flash\"")),
        ["commands/flush-cdn.toml:7: the runbook of `cdn` has no section `flash`"]
    );
}

#[test]
fn a_file_with_the_name_of_a_built_in_command_replaces_it() {
    let text = "description = \"Ours\"\naction = \"health\"\nallow = []\n";
    let house = Team::small("commands/health.toml", text).load().unwrap();
    let command = house.command("health").unwrap();
    assert_eq!((command.description.as_str(), &command.allow), ("Ours", &Allow::Roles(vec![])));
}

#[test]
fn options_of_every_kind_are_read() {
    let text = r#"description = "Declare"
[[subcommands]]
name = "it"
description = "It"
action = "incident.declare"
allow = "everyone"
[[subcommands.options]]
name = "title"
description = "t"
kind = "text"
max = 80
required = true
[[subcommands.options]]
name = "severity"
description = "s"
kind = "severity"
required = true
[[subcommands.options]]
name = "service"
description = "s"
kind = "choice"
choices = ["a", "b"]
"#;
    let house = Team::small("commands/declare.toml", text).load().unwrap();
    let command = house.command("declare it").unwrap();
    assert_eq!(command.name(), "it");
    let kinds: Vec<&OptionKind> = command.options.iter().map(|o| &o.kind).collect();
    let choice = OptionKind::Choice(vec!["a".into(), "b".into()]);
    assert_eq!(kinds, [&OptionKind::Text { max: 80 }, &OptionKind::Severity, &choice]);
    let file = house.command_files().find(|f| f.name == "declare").unwrap();
    assert!(matches!(file.body, CommandBody::Group(_)));
}

/// One wrong file: what stands behind a good beginning, and what is said of it.
fn told(body: &str) -> Vec<String> {
    Team::small("commands/x.toml", body).wrong()
}

#[test]
fn what_discord_would_refuse_is_told_with_its_line() {
    let long = "d".repeat(101);
    let good = "description = \"d\"\naction = \"health\"\nallow = \"everyone\"\n";
    let option = "[[options]]\nname = \"service\"\nkind = \"service\"\ndescription = \"s\"\n";
    let cases: Vec<(String, &str)> = vec![
        (good.replace("\"d\"", &format!("\"{long}\"")), "x.toml:1: the description has 101 characters"),
        (good.replace("description = \"d\"\n", ""), "x.toml:1: the `description` is missing"),
        (
            format!("{good}{}", option.replace("\"service\"\nk", "\"Ser vice\"\nk")),
            "x.toml:5: Discord takes no option called `Ser vice`",
        ),
        (format!("{good}{option}{option}"), "x.toml:9: the name `service` is there twice"),
        (format!("{good}{option}required = \"yes\"\n"), "x.toml:8: `required` is neither true nor false"),
        (format!("{good}{option}max = 5\n"), "x.toml:8: an option of this kind has no key `max`"),
        (
            format!("{good}{}", option.replace("kind = \"service\"", "kind = \"servce\"")),
            "x.toml:6: there is no kind `servce`",
        ),
        (
            format!("{good}{}", option.replace("kind = \"service\"", "kind = \"choice\"\nchoices = []")),
            "x.toml:7: there are 0 choices",
        ),
        (format!("{good}name = \"y\"\n"), "x.toml:4: the name is `y`, but the file is called x.toml"),
        ("description = \"d\"\nsubcommands = []\n".into(), "x.toml:2: there are 0 subcommands"),
        (good.replace("\"everyone\"", "[\"respnder\"]"), "x.toml:3: muster.toml names no role `respnder`"),
        (good.replace("allow = \"everyone\"\n", ""), "x.toml:1: nothing says who may use /x"),
        (good.replace("\"health\"", "\"helth\""), "x.toml:2: `action`: `helth` is no action"),
    ];
    for (text, start) in cases {
        let wrong = told(&text);
        assert!(
            wrong.iter().any(|w| w.starts_with(&format!("commands/{start}"))),
            "{wrong:#?} lacks {start}"
        );
    }
}

#[test]
fn too_many_options_subcommands_and_characters_are_told() {
    let mut text = String::from("description = \"d\"\naction = \"health\"\nallow = \"everyone\"\n");
    for n in 0..26 {
        text += &format!("[[options]]\nname = \"o{n}\"\nkind = \"number\"\ndescription = \"s\"\n");
    }
    assert!(told(&text).contains(&"commands/x.toml:4: there are 26 options".to_owned()));

    let sub = |n: usize, description: &str| {
        format!(
            "[[subcommands]]\nname = \"s{n}\"\ndescription = \"{description}\"\naction = \"health\"\nallow = \"everyone\"\n"
        )
    };
    let many: String = (0..26).map(|n| sub(n, "d")).collect();
    assert_eq!(
        told(&format!("description = \"d\"\n{many}")),
        ["commands/x.toml:2: there are 26 subcommands"]
    );

    let wide = |n| {
        let choices: Vec<String> = (0..25).map(|c| format!("\"{c}{}\"", "w".repeat(90))).collect();
        format!(
            "{}[[subcommands.options]]\nname = \"service\"\nkind = \"choice\"\ndescription = \"s\"\nchoices = [{}]\n",
            sub(n, "d"),
            choices.join(",")
        )
    };
    let wrong = told(&format!("description = \"d\"\n{}{}", wide(1), wide(2)));
    assert_eq!(wrong.len(), 1);
    assert!(
        wrong[0].starts_with("commands/x.toml:1: its names, descriptions and choices have 9"),
        "{wrong:?}"
    );
}

#[test]
fn a_required_option_behind_one_that_is_not_is_told() {
    let text = "description = \"d\"\naction = \"incident.note\"\nallow = \"everyone\"\n\
        [[options]]\nname = \"incident\"\nkind = \"incident\"\ndescription = \"i\"\n\
        [[options]]\nname = \"text\"\nkind = \"text\"\ndescription = \"t\"\nrequired = true\n";
    assert_eq!(told(text), ["commands/x.toml:8: the required option `text` stands behind one that is not"]);
}

#[test]
fn options_are_held_against_what_the_action_takes() {
    let start = "description = \"d\"\nallow = \"everyone\"\naction = ";
    assert_eq!(
        told(&format!("{start}\"incident.declare\"\n")),
        [
            "commands/x.toml:1: /x lacks `severity`, which the action incident.declare needs",
            "commands/x.toml:1: /x lacks `title`, which the action incident.declare needs",
        ]
    );
    let option = |name: &str, kind: &str| {
        format!("[[options]]\nname = \"{name}\"\nkind = \"{kind}\"\ndescription = \"o\"\n")
    };
    let text = format!("{start}\"incident.note\"\n{}", option("text", "text"));
    assert_eq!(told(&text), ["commands/x.toml:4: the action incident.note cannot do without `text`"]);
    let text = format!("{start}\"health\"\n{}", option("service", "person"));
    assert_eq!(told(&text), ["commands/x.toml:4: `service` is of kind person"]);
    let text = format!(
        "{start}\"health\"\n{}[with]\nservice = \"a\"\nservce = \"a\"\n",
        option("service", "service")
    );
    assert_eq!(
        told(&text),
        [
            "commands/x.toml:4: `service` is both an option and set under [with]",
            "commands/x.toml:9: the service `a` has no runbook",
            "commands/x.toml:10: the action health takes no `servce`",
        ]
    );
}

#[test]
fn a_files_name_must_be_one_that_discord_takes() {
    let good = "description = \"d\"\naction = \"health\"\nallow = \"everyone\"\n";
    for name in ["Flush.toml", "flush cdn.toml", "a.b.toml", &format!("{}.toml", "n".repeat(33))] {
        let wrong = Team::small(&format!("commands/{name}"), good).wrong();
        assert!(wrong[0].contains("Discord takes no command called"), "{wrong:?}");
    }
    Team::small("commands/größe_2.toml", good).load().unwrap();
}

#[test]
fn more_commands_than_discord_takes_are_told() {
    let team = Team::with(&[("muster.toml", SMALL)]);
    for n in 0..93 {
        let text = "description = \"d\"\naction = \"health\"\nallow = \"everyone\"\n";
        team.write(&format!("commands/c{n}.toml"), text.as_bytes());
    }
    assert_eq!(team.wrong(), ["muster.toml:1: there are 111 commands"]);
}

#[test]
fn a_command_of_a_messages_menu_has_a_name_as_people_read_it_and_nothing_else() {
    let good = "kind = \"message\"\nname = \"Keep this, please\"\naction = \"incident.quote\"\nallow = \"everyone\"\n";
    let house = Team::small("commands/keep.toml", good).load().unwrap();
    let command = house.message_command("Keep this, please").unwrap();
    assert_eq!((command.action, command.called().as_str()), (Action::IncidentQuote, "“Keep this, please”"));
    assert!(house.command("Keep this, please").is_none(), "it cannot be typed");
    let cases = [
        (good.replace("message", "massage"), "x.toml:1: there is no kind of command `massage`"),
        (
            good.replace("name = \"Keep this, please\"\n", ""),
            "x.toml:1: Discord takes no message command called ``",
        ),
        (
            good.replace("Keep this, please", &"n".repeat(33)),
            &*format!("x.toml:2: Discord takes no message command called `{}`", "n".repeat(33)),
        ),
        (
            format!("{good}description = \"d\"\n"),
            "x.toml:5: a command of a message's menu has no key `description`",
        ),
        (
            format!("{good}[[options]]\nname = \"a\"\nkind = \"number\"\ndescription = \"d\"\n"),
            "x.toml:5: the action incident.quote takes no `a`",
        ),
        (good.replace("incident.quote", "timeline"), "x.toml:1: the action timeline is about no message"),
        (
            "description = \"d\"\naction = \"incident.quote\"\nallow = \"everyone\"\n".to_owned(),
            "x.toml:1: the action incident.quote is about a message",
        ),
    ];
    for (text, start) in cases {
        let wrong = told(&text);
        assert!(
            wrong.iter().any(|w| w.starts_with(&format!("commands/{start}"))),
            "{wrong:#?} lacks {start}"
        );
    }
}
