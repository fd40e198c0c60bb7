//! Reads `muster.toml`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use chrono_tz::Tz;

use super::node::{Node, Table};
use super::problem::{Notes, nearest};
use super::{after, alerting, intake, oncall, watch};
use crate::model::ids::{ChannelId, RoleId, UserId};
use crate::model::settings::{Channels, Folders, ServiceSettings, Settings};

/// Settings and the lines of what other files are checked against.
#[derive(Debug)]
pub struct Read {
    /// The settings.
    pub settings: Settings,
    /// What it says of being on call.
    pub oncall: oncall::Read,
    /// Where each folder is named.
    pub lines: Lines,
}

/// Lines in `muster.toml`, for what can only be judged once other files are read.
#[derive(Clone, Debug, Default)]
pub struct Lines {
    /// Of `folders.commands`, if it is there.
    pub commands: Option<usize>,
    /// Of `folders.runbooks`, if it is there.
    pub runbooks: Option<usize>,
    /// Of `folders.sources`, if it is there.
    pub sources: Option<usize>,
    /// Of `[intake]`.
    pub intake: usize,
    /// Of each word in `disable`.
    pub disabled: Vec<(String, usize)>,
    /// Of each service.
    pub services: BTreeMap<String, usize>,
    /// Of each variable of each service.
    pub vars: BTreeMap<(String, String), usize>,
    /// Of `[roles]`.
    pub roles: usize,
    /// Of what becomes of alerts.
    pub alerts: alerting::Lines,
}

/// A service's name as it may stand in a file name, a channel and a command.
pub fn service_name(name: &str) -> bool {
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    name.starts_with(letter) && name.len() <= 32 && name.chars().all(|c| letter(c) || c == '-')
}

/// The settings in a tree of `muster.toml`; `None` when what cannot be done without is missing
/// or wrong. All that is wrong is noted.
pub fn read(root: &Node, notes: &mut Notes) -> Option<Read> {
    let mut top = Table::of(root, "muster.toml", notes)?;
    let mut lines = Lines { roles: 1, ..Lines::default() };

    let (guild, application, api_url) = match section(&mut top, "discord", "guild = \"…\"", notes) {
        Some(mut discord) => {
            let guild = wanted(&mut discord, "discord", "guild", notes);
            let application = discord.parse("application", notes);
            let api_url = discord.text("api_url", notes).map(str::to_owned);
            let line = discord.get("api_url").map_or(1, |n| n.line);
            if let Some(url) = &api_url
                && !(url.starts_with("http://") || url.starts_with("https://"))
            {
                let what = format!("`api_url` is `{url}`, which is no http address");
                notes.add(line, what, "write it like http://127.0.0.1:3000, or delete the line");
            }
            discord.done("[discord]", notes);
            (guild, application, api_url)
        }
        None => (None, None, None),
    };

    let example = "incidents, alerts and reports, each with a channel's id";
    let channels = section(&mut top, "channels", example, notes).and_then(|mut table| {
        let [incidents, alerts, reports]: [Option<ChannelId>; 3] =
            ["incidents", "alerts", "reports"].map(|key| wanted(&mut table, "channels", key, notes));
        let announcements = table.parse("announcements", notes);
        table.done("[channels]", notes);
        Some(Channels { incidents: incidents?, alerts: alerts?, reports: reports?, announcements })
    });

    if let Some(node) = top.get("roles") {
        lines.roles = node.line;
    }
    let roles = top.table("roles", notes).map_or_else(BTreeMap::new, |table| roles(&table, notes));
    let administrators = ids::<UserId>(top.texts("administrators", notes).unwrap_or_default(), notes);
    let timezone = timezone(&mut top, notes);
    let services =
        top.table("services", notes).map_or_else(BTreeMap::new, |table| services(&table, &mut lines, notes));
    lines.disabled = top
        .texts("disable", notes)
        .unwrap_or_default()
        .into_iter()
        .map(|(word, line)| (word.to_owned(), line))
        .collect();
    let folders = top.table("folders", notes).map_or_else(Folders::default, |mut table| {
        lines.commands = table.get("commands").map(|n| n.line);
        lines.runbooks = table.get("runbooks").map(|n| n.line);
        lines.sources = table.get("sources").map(|n| n.line);
        let folders = Folders {
            home: None,
            commands: table.text("commands", notes).map(PathBuf::from),
            runbooks: table.text("runbooks", notes).map(PathBuf::from),
            sources: table.text("sources", notes).map(PathBuf::from),
            data: table.text("data", notes).map(PathBuf::from),
        };
        table.done("[folders]", notes);
        folders
    });
    let after = after::read(&mut top, &roles, notes);
    let known = alerting::Known { roles: &roles, timezone };
    let alerting;
    (alerting, lines.alerts) = alerting::read(&mut top, &known, notes);
    lines.intake = top.get("intake").map_or(1, |n| n.line);
    let intake = intake::read(&mut top, notes);
    let watch = watch::read(&mut top, notes);
    let known = oncall::Known {
        roles: &roles,
        timezone,
        channel: channels.as_ref().map(|c| c.incidents),
        administrators: &administrators,
    };
    let oncall = oncall::read(&mut top, &known, notes);
    top.done("muster.toml", notes);

    let disabled = lines.disabled.iter().map(|(word, _)| word.clone()).collect();
    let (guild, channels) = (guild?, channels?);
    let settings = Settings {
        guild,
        application,
        api_url,
        channels,
        roles,
        administrators,
        timezone,
        services,
        disabled,
        folders,
        after,
        alerting,
        intake,
        watch,
    };
    Some(Read { settings, oncall, lines })
}

/// A section that must be there.
fn section<'a>(top: &mut Table<'a>, key: &'static str, holds: &str, notes: &mut Notes) -> Option<Table<'a>> {
    if top.get(key).is_none() {
        notes.add(1, format!("the section [{key}] is missing"), format!("add it, with {holds}"));
        return None;
    }
    top.table(key, notes)
}

/// An id that must be there.
fn wanted<T: std::str::FromStr<Err = String>>(
    table: &mut Table<'_>,
    section: &str,
    key: &'static str,
    notes: &mut Notes,
) -> Option<T> {
    if table.get(key).is_none() {
        let cure = format!(
            "add `{key} = \"…\"` with the id (in Discord: settings, advanced, developer mode, then right-click, copy id)"
        );
        notes.add(table.line, format!("[{section}] has no `{key}`"), cure);
        return None;
    }
    table.parse(key, notes)
}

fn ids<T: std::str::FromStr<Err = String>>(texts: Vec<(&str, usize)>, notes: &mut Notes) -> Vec<T> {
    let mut good = Vec::new();
    for (text, line) in texts {
        match text.parse() {
            Ok(id) => good.push(id),
            Err(why) => notes.add(line, why, "copy the id from Discord"),
        }
    }
    good
}

fn roles(table: &Table<'_>, notes: &mut Notes) -> BTreeMap<String, Vec<RoleId>> {
    let mut roles = BTreeMap::new();
    for entry in table.entries() {
        let texts = entry.node.texts(&entry.key, notes);
        roles.insert(entry.key.clone(), ids(texts, notes));
    }
    roles
}

fn timezone(top: &mut Table<'_>, notes: &mut Notes) -> Tz {
    let line = top.get("timezone").map_or(1, |n| n.line);
    match top.text("timezone", notes).map(str::parse::<Tz>) {
        None => Tz::UTC,
        Some(Ok(zone)) => zone,
        Some(Err(_)) => {
            notes.add(line, "`timezone` is no time zone", "write it like Europe/Berlin, or UTC");
            Tz::UTC
        }
    }
}

fn services(table: &Table<'_>, lines: &mut Lines, notes: &mut Notes) -> BTreeMap<String, ServiceSettings> {
    let mut services = BTreeMap::new();
    for entry in table.entries() {
        let name = &entry.key;
        if !service_name(name) {
            let what = format!("`{name}` cannot be a service's name");
            notes.add(entry.line, what, "use up to 32 of the letters a to z, digits and `-`");
        }
        let Some(mut service) = Table::of(&entry.node, &format!("[services.{name}]"), notes) else {
            continue;
        };
        let mut settings = ServiceSettings::default();
        if let Some(vars) = service.table("vars", notes) {
            for var in vars.entries() {
                lines.vars.insert((name.clone(), var.key.clone()), var.line);
                match var.node.scalar() {
                    Some(value) => {
                        settings.vars.insert(var.key.clone(), value.to_owned());
                    }
                    None => {
                        let what = format!("`{}` is {}, not text", var.key, var.node.kind());
                        notes.add(var.line, what, "write the value as text between quotes");
                    }
                }
            }
        }
        settings.prometheus = watch::address(&mut service, "prometheus", notes);
        settings.metrics = watch::address(&mut service, "metrics", notes);
        service.done(&format!("[services.{name}]"), notes);
        lines.services.insert(name.clone(), entry.line);
        services.insert(name.clone(), settings);
    }
    services
}

/// Notes every word of `disable` that is no built-in command.
pub fn check_disabled(lines: &Lines, builtin: &[&str], notes: &mut Notes) {
    for (word, line) in &lines.disabled {
        if !builtin.contains(&word.as_str()) {
            notes.add(*line, format!("there is no built-in command `{word}`"), nearest(word, builtin));
        }
    }
}
