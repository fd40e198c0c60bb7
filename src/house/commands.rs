//! Reads a file of `commands/`: one slash command, or one with subcommands.
//!
//! Discord refuses the whole registration for one wrong letter, so its rules are checked here,
//! where there is a line to point at (Discord, "Application Commands").

use std::collections::{BTreeMap, BTreeSet};

use super::arguments;
use super::node::{Node, Table, Value};
use super::problem::{Notes, nearest};
use crate::model::command::{Action, Allow, Command, CommandBody, CommandFile, CommandOption, OptionKind};

/// Greatest length of a name, in characters.
const NAME: usize = 32;
/// Greatest length of a description, in characters.
const DESCRIPTION: usize = 100;
/// Greatest number of options, subcommands and choices.
const MANY: usize = 25;
/// Greatest length of a command's names, descriptions and choices together, in characters.
const IN_ALL: usize = 8000;

/// Whether Discord takes it as the name of a command or option: `^[-_'\p{L}\p{N}]{1,32}$`,
/// in lower case.
pub fn good_name(name: &str) -> bool {
    let letter = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '\'');
    let lower = name.to_lowercase() == name;
    (1..=NAME).contains(&name.chars().count()) && lower && name.chars().all(letter)
}

/// What other files decide about commands.
#[derive(Clone, Copy)]
pub struct Known<'a> {
    /// The roles that `muster.toml` names; `None` where any is fine, because a built-in command
    /// may name a role that a team has no use for.
    pub roles: Option<&'a BTreeSet<String>>,
    /// The services that have a runbook, each with the anchors of its sections; `None` for one
    /// that could not be read.
    pub sections: &'a BTreeMap<String, Option<Vec<String>>>,
}

/// The command in the file called `name` (without `.toml`); `None` if anything is wrong.
pub fn read(name: &str, root: &Node, known: &Known<'_>, notes: &mut Notes) -> Option<CommandFile> {
    let mut table = Table::of(root, "the file", notes)?;
    if !good_name(name) {
        let what = format!("Discord takes no command called `{name}`");
        let cure = "rename the file: 1 to 32 lower-case letters, digits, - and _";
        notes.add(1, what, cure);
    }
    let kind = table.get("kind").map(|node| (table.text("kind", notes), node.line));
    match kind {
        Some((Some("message"), _)) => return on_message(name, table, known, notes),
        None | Some((Some("slash"), _)) => {}
        Some((word, line)) => {
            let what = format!("there is no kind of command `{}`", word.unwrap_or_default());
            notes.add(
                line,
                what,
                "write kind = \"slash\", or kind = \"message\" for one in a message's menu",
            );
        }
    }
    if let Some(own) = table.text("name", notes)
        && own != name
    {
        let line = table.get("name").map_or(1, |n| n.line);
        notes.add(
            line,
            format!("the name is `{own}`, but the file is called {name}.toml"),
            "rename the file or delete the line: the file's name is the command's",
        );
    }
    let description = description(&mut table, notes);
    let body = match table.get("subcommands") {
        Some(list) => {
            let group = subcommands(name, list, known, notes);
            table.done("a command with subcommands", notes);
            CommandBody::Group(group)
        }
        None => {
            let single = command(name.to_owned(), description.clone(), &mut table, known, notes);
            table.done("a command", notes);
            CommandBody::Single(single?)
        }
    };
    let file = CommandFile { name: name.to_owned(), description, body };
    if let Some(wrong) = file.commands().iter().find(|c| c.action.is_about_a_message()) {
        let what = format!("the action {} is about a message", wrong.action);
        notes.add(1, what, "write kind = \"message\": it is used from a message's menu");
    }
    let length = in_all(&file);
    if length > IN_ALL {
        let what = format!("its names, descriptions and choices have {length} characters together");
        notes.add(1, what, format!("Discord takes {IN_ALL}: shorten descriptions or choices"));
    }
    notes.is_empty().then_some(file)
}

/// A command of a message's menu. Discord shows its name and nothing else: it has neither a
/// description nor options, and the name may have capitals and spaces.
fn on_message(file: &str, mut table: Table<'_>, known: &Known<'_>, notes: &mut Notes) -> Option<CommandFile> {
    let line = table.get("name").map_or(1, |n| n.line);
    let called = table.text("name", notes).unwrap_or_default().to_owned();
    let good = (1..=NAME).contains(&called.chars().count()) && called.trim() == called;
    if !good {
        let what = format!("Discord takes no message command called `{called}`");
        notes.add(
            line,
            what,
            format!("add name = \"…\" with 1 to {NAME} characters, as people shall read it"),
        );
    }
    let body = command(called, String::new(), &mut table, known, notes);
    table.done("a command of a message's menu", notes);
    let body = body?;
    if !body.action.is_about_a_message() {
        let what = format!("the action {} is about no message", body.action);
        notes.add(1, what, "delete kind and make it a slash command");
    }
    if !body.with.is_empty() {
        notes.add(1, "a command of a message's menu takes no arguments", "delete [with]");
    }
    let file =
        CommandFile { name: file.to_owned(), description: String::new(), body: CommandBody::OnMessage(body) };
    notes.is_empty().then_some(file)
}

fn subcommands(top: &str, list: &Node, known: &Known<'_>, notes: &mut Notes) -> Vec<Command> {
    let Value::List(nodes) = &list.value else {
        notes.add(list.line, "`subcommands` is no list", "write each as [[subcommands]]");
        return Vec::new();
    };
    if nodes.is_empty() || nodes.len() > MANY {
        let what = format!("there are {} subcommands", nodes.len());
        notes.add(list.line, what, format!("Discord takes 1 to {MANY}"));
    }
    let mut seen = BTreeSet::new();
    let mut group = Vec::new();
    for node in nodes {
        let Some(mut table) = Table::of(node, "a subcommand", notes) else {
            continue;
        };
        let Some(name) = name(&mut table, "a subcommand", &mut seen, notes) else {
            continue;
        };
        let description = description(&mut table, notes);
        group.extend(command(format!("{top} {name}"), description, &mut table, known, notes));
        table.done("a subcommand", notes);
    }
    group
}

/// What a command and a subcommand have in common.
fn command(
    path: String,
    description: String,
    table: &mut Table<'_>,
    known: &Known<'_>,
    notes: &mut Notes,
) -> Option<Command> {
    let action = match table.get("action") {
        None => {
            let all: Vec<&str> = Action::ALL.iter().map(|a| a.word()).collect();
            let what = format!("/{path} has no `action`");
            notes.add(table.line, what, format!("add action = \"…\"; there are {}", all.join(", ")));
            None
        }
        Some(_) => table.parse::<Action>("action", notes),
    };
    let allow = allow(&path, table, known, notes);
    let options = options(table, notes);
    let with = with(table, notes);
    let action = action?;
    arguments::check(&path, action, table.line, &options, &with, notes);
    arguments::presets(&with, known, notes);
    let options = options.into_iter().map(|(option, _)| option).collect();
    let with = with.into_iter().map(|(key, (value, _))| (key, value)).collect();
    Some(Command { path, description, options, allow: allow?, action, with })
}

fn name(table: &mut Table<'_>, what: &str, seen: &mut BTreeSet<String>, notes: &mut Notes) -> Option<String> {
    let Some(node) = table.get("name") else {
        notes.add(table.line, format!("{what} has no `name`"), "add name = \"…\"");
        return None;
    };
    let name = table.text("name", notes)?;
    if !good_name(name) {
        let what = what.trim_start_matches("an ").trim_start_matches("a ");
        let wrong = format!("Discord takes no {what} called `{name}`");
        notes.add(node.line, wrong, "use 1 to 32 lower-case letters, digits, - and _");
    }
    if !seen.insert(name.to_owned()) {
        notes.add(node.line, format!("the name `{name}` is there twice"), "rename one of them");
    }
    Some(name.to_owned())
}

fn description(table: &mut Table<'_>, notes: &mut Notes) -> String {
    let Some(node) = table.get("description") else {
        notes.add(table.line, "the `description` is missing", "add description = \"what it does\"");
        return String::new();
    };
    let text = table.text("description", notes).unwrap_or_default();
    let length = text.chars().count();
    if node.text().is_some() && !(1..=DESCRIPTION).contains(&length) {
        let what = format!("the description has {length} characters");
        notes.add(node.line, what, format!("Discord takes 1 to {DESCRIPTION}"));
    }
    text.to_owned()
}

fn allow(path: &str, table: &mut Table<'_>, known: &Known<'_>, notes: &mut Notes) -> Option<Allow> {
    let cure = "add allow = \"everyone\", or a list of roles as in muster.toml";
    let Some(node) = table.get("allow") else {
        notes.add(table.line, format!("nothing says who may use /{path}"), cure);
        return None;
    };
    match &node.value {
        Value::Scalar(text, _) if text == "everyone" => Some(Allow::Everyone),
        Value::List(_) => {
            let texts = node.texts("allow", notes);
            for (role, line) in &texts {
                if let Some(roles) = known.roles
                    && !roles.contains(*role)
                {
                    let all: Vec<&str> = roles.iter().map(String::as_str).collect();
                    let what = format!("muster.toml names no role `{role}`");
                    let cure = format!("{}; or add it under [roles]", nearest(role, &all));
                    notes.add(*line, what, cure);
                }
            }
            Some(Allow::Roles(texts.into_iter().map(|(r, _)| r.to_owned()).collect()))
        }
        _ => {
            notes.add(node.line, "`allow` is neither \"everyone\" nor a list of roles", cure);
            None
        }
    }
}

fn with(table: &mut Table<'_>, notes: &mut Notes) -> BTreeMap<String, (String, usize)> {
    let mut with = BTreeMap::new();
    if let Some(table) = table.table("with", notes) {
        for entry in table.entries() {
            match entry.node.scalar() {
                Some(value) => {
                    with.insert(entry.key.clone(), (value.to_owned(), entry.line));
                }
                None => {
                    let what = format!("`{}` is {}, not text", entry.key, entry.node.kind());
                    notes.add(entry.line, what, "write one value");
                }
            }
        }
    }
    with
}

fn options(table: &mut Table<'_>, notes: &mut Notes) -> Vec<(CommandOption, usize)> {
    let Some(list) = table.get("options") else {
        return Vec::new();
    };
    let Value::List(nodes) = &list.value else {
        notes.add(list.line, "`options` is no list", "write each as [[options]]");
        return Vec::new();
    };
    if nodes.len() > MANY {
        let what = format!("there are {} options", nodes.len());
        notes.add(list.line, what, format!("Discord takes {MANY}"));
    }
    let mut seen = BTreeSet::new();
    let mut options: Vec<(CommandOption, usize)> = Vec::new();
    for node in nodes {
        let Some(mut table) = Table::of(node, "an option", notes) else {
            continue;
        };
        let name = name(&mut table, "an option", &mut seen, notes);
        let description = description(&mut table, notes);
        let kind = kind(&mut table, notes);
        let required = table.boolean("required", notes).unwrap_or(false);
        table.done("an option of this kind", notes);
        let (Some(name), Some(kind)) = (name, kind) else {
            continue;
        };
        if required && options.last().is_some_and(|(o, _)| !o.required) {
            let what = format!("the required option `{name}` stands behind one that is not");
            notes.add(node.line, what, "move it up: Discord wants the required ones first");
        }
        options.push((CommandOption { name, description, kind, required }, node.line));
    }
    options
}

fn kind(table: &mut Table<'_>, notes: &mut Notes) -> Option<OptionKind> {
    let Some(node) = table.get("kind") else {
        let cure = format!("add kind = \"…\"; there are {}", OptionKind::WORDS.join(", "));
        notes.add(table.line, "an option has no `kind`", cure);
        return None;
    };
    let word = table.text("kind", notes)?;
    Some(match word {
        "text" => {
            let max = table.integer("max", (1, 6000), notes).unwrap_or(1000);
            OptionKind::Text { max: u16::try_from(max).unwrap_or(1000) }
        }
        "integer" => {
            // What a double holds exactly; Discord's own bounds.
            let bounds = (-(1 << 53), 1 << 53);
            let (min, max) = (table.integer("min", bounds, notes), table.integer("max", bounds, notes));
            if min.zip(max).is_some_and(|(min, max)| min > max) {
                notes.add(node.line, "`min` is greater than `max`", "swap them");
            }
            OptionKind::Integer { min, max }
        }
        "number" => OptionKind::Number,
        "boolean" => OptionKind::Boolean,
        "service" => OptionKind::Service,
        "incident" => OptionKind::Incident,
        "action" => OptionKind::Action,
        "run" => OptionKind::Run,
        "action-item" => OptionKind::ActionItem,
        "silence" => OptionKind::Silence,
        "rota" => OptionKind::Rota,
        "override" => OptionKind::Override,
        "alert" => OptionKind::Alert,
        "page" => OptionKind::Page,
        "severity" => OptionKind::Severity,
        "person" => OptionKind::Person,
        "channel" => OptionKind::Channel,
        "role" => OptionKind::Role,
        "choice" => OptionKind::Choice(choices(table, notes)?),
        _ => {
            let what = format!("there is no kind `{word}`");
            notes.add(node.line, what, nearest(word, &OptionKind::WORDS));
            return None;
        }
    })
}

fn choices(table: &mut Table<'_>, notes: &mut Notes) -> Option<Vec<String>> {
    let Some(node) = table.get("choices") else {
        notes.add(table.line, "an option of kind choice has no `choices`", "add choices = [\"…\"]");
        return None;
    };
    let texts = node.texts("choices", notes);
    if texts.is_empty() || texts.len() > MANY {
        let what = format!("there are {} choices", texts.len());
        notes.add(node.line, what, format!("Discord takes 1 to {MANY}"));
    }
    let mut seen = BTreeSet::new();
    for (text, line) in &texts {
        let length = text.chars().count();
        if !(1..=100).contains(&length) {
            notes.add(*line, format!("a choice has {length} characters"), "Discord takes 1 to 100");
        }
        if !seen.insert(*text) {
            notes.add(*line, format!("the choice `{text}` is there twice"), "delete one");
        }
    }
    Some(texts.into_iter().map(|(t, _)| t.to_owned()).collect())
}

fn in_all(file: &CommandFile) -> usize {
    let count = |s: &str| s.chars().count();
    let option = |o: &CommandOption| {
        let choices = match &o.kind {
            OptionKind::Choice(all) => all.iter().map(|c| 2 * count(c)).sum(),
            OptionKind::Severity => 40,
            _ => 0,
        };
        count(&o.name) + count(&o.description) + choices
    };
    let commands = file.commands().iter().map(|c| {
        let own = if matches!(file.body, CommandBody::Group(_)) {
            count(c.name()) + count(&c.description)
        } else {
            0
        };
        own + c.options.iter().map(option).sum::<usize>()
    });
    count(&file.name) + count(&file.description) + commands.sum::<usize>()
}
