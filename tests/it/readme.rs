//! What the README shows is what the program takes.

use std::fs;

use muster::house;

const README: &str = include_str!("../../README.md");

/// The text of the block that begins with `first`, without the indentation of a list.
fn block(first: &str) -> String {
    nth_block(first, 0)
}

/// The `n`-th such block, from 0.
fn nth_block(first: &str, n: usize) -> String {
    let at = README
        .match_indices(first)
        .nth(n)
        .map(|(at, _)| at)
        .unwrap_or_else(|| panic!("the README has no block {n} that begins with {first:?}"));
    let indent = README[..at].rsplit('\n').next().unwrap_or_default().len();
    let fence = README[..at].trim_end().rsplit('\n').next().unwrap_or_default().trim().to_owned();
    let fence: String = fence.chars().take_while(|c| *c == '`').collect();
    let lines = README[at..].lines().enumerate();
    let lines = lines.map(|(n, l)| if n == 0 { l } else { l.get(indent..).unwrap_or("") });
    lines.take_while(|l| *l != fence).collect::<Vec<_>>().join("\n") + "\n"
}

#[test]
fn the_examples_are_right_and_add_up_to_a_team() {
    let team = tempfile::tempdir().unwrap();
    for folder in ["runbooks", "commands", "sources"] {
        fs::create_dir(team.path().join(folder)).unwrap();
    }
    let settings = [block("# muster.toml"), block("[after]"), block("[alerts]")].join("\n");
    let settings = format!("{settings}\n{}", block("# muster.toml: sources"));
    let settings = format!("{settings}\n{}", block("# muster.toml: on call"));
    fs::write(team.path().join("sources/covers.toml"), block("# sources/covers.toml")).unwrap();
    fs::write(team.path().join("muster.toml"), settings).unwrap();
    fs::write(team.path().join("runbooks/shop.md"), block("---\nrunbook: 1")).unwrap();
    fs::write(team.path().join("commands/flush-cdn.toml"), block("# commands/flush-cdn.toml")).unwrap();
    let toml = team.path().join("muster.toml");
    let today = muster::kit::time::Timestamp(1_795_251_600_000).utc().date_naive();
    assert_eq!(house::check(&toml, today), [], "what `muster check` says of the README's own examples");
    let house = house::load(&toml).unwrap();
    assert!(house.command("flush-cdn").is_some());
    assert_eq!(house.probes(Some("shop")).len(), 2);
    let after = &house.settings.after;
    assert_eq!(
        (after.checklist.len(), after.by_other, after.reviewers.as_slice()),
        (3, false, &["lead".to_owned()][..])
    );
}

#[test]
fn the_door_that_it_opens_is_right_too() {
    let team = tempfile::tempdir().unwrap();
    fs::create_dir(team.path().join("runbooks")).unwrap();
    let settings = [block("# muster.toml"), block("[intake]")].join("\n");
    fs::write(team.path().join("muster.toml"), settings).unwrap();
    fs::write(team.path().join("runbooks/shop.md"), block("---\nrunbook: 1")).unwrap();
    let intake = house::load(&team.path().join("muster.toml")).unwrap().settings.intake;
    let sources: Vec<(&str, u32)> = intake.sources.iter().map(|s| (s.name.as_str(), s.limit)).collect();
    assert_eq!(sources, [("prometheus", 1_000), ("local", 100)]);
}

#[test]
fn the_runbook_that_runs_is_right_too() {
    let team = tempfile::tempdir().unwrap();
    fs::create_dir(team.path().join("runbooks")).unwrap();
    let vars = "base = \"https://shop.example\"";
    let settings = block("# muster.toml").replace(vars, &format!("{vars}\nCOMPOSE = \"docker compose\""));
    fs::write(team.path().join("muster.toml"), settings).unwrap();
    fs::write(team.path().join("runbooks/shop.md"), nth_block("---\nrunbook: 1", 1)).unwrap();
    let toml = team.path().join("muster.toml");
    let today = muster::kit::time::Timestamp(1_795_251_600_000).utc().date_naive();
    assert_eq!(house::check(&toml, today), [], "what `muster check` says of the README's own examples");
}

#[test]
fn the_rule_of_triage_is_the_one_that_counts() {
    let rule = muster::core::triage::level::markdown();
    assert!(README.contains(&format!("\n\n{rule}\n")), "the README shows another rule than:\n{rule}");
}

#[test]
fn every_command_of_the_terminal_that_is_named_is_there() {
    use clap::CommandFactory as _;
    let cli = muster::cli::Cli::command();
    let known: Vec<&str> = cli.get_subcommands().map(clap::Command::get_name).collect();
    for (at, _) in README.match_indices("muster ") {
        let word: String =
            README[at + 7..].chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect();
        if README[..at].ends_with('`') && !word.is_empty() {
            assert!(
                known.contains(&word.as_str()),
                "`muster {word}` is in the README and not in the program"
            );
        }
    }
    for name in known {
        let shown = README.contains(&format!("muster {name}")) || name == "sandbox" || name == "help";
        assert!(shown, "`muster {name}` is not in the README");
    }
}
