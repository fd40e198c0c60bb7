//! The team of the simulation: what it would have written in its files. By hand, so that no
//! change of a built-in file changes what a seed means.

use std::collections::BTreeMap;

use crate::model::command::{Action, Allow, Command, CommandBody, CommandFile, CommandOption, OptionKind};
use crate::model::house::{HEALTH, House};
use crate::model::ids::{ChannelId, GuildId, RoleId, UserId};
use crate::model::runbook::http::{HttpStep, Part, Status, Template};
use crate::model::runbook::{self, Runbook, Section, Step, StepKind, Undo};
use crate::model::settings::{Channels, Folders, ServiceSettings, Settings};
use crate::sandbox::world::seed;

/// The roles whose holders may change an incident, as the team calls them, and in Discord.
const RESPONDERS: [(&str, u64); 2] =
    [("responder", seed::ROLE_RESPONDER.0), ("approver", seed::ROLE_APPROVER.0)];
/// The one who may do everything, without holding any of these roles.
pub const ADMINISTRATOR: UserId = UserId(1_100_000_000_000_000_042);
/// The one service.
pub const SERVICE: &str = "soundlab";
/// The commands that can be switched off.
pub const COMMANDS: [&str; 3] = ["health", "incident", "timeline"];

/// Whether somebody with these roles may change an incident. Said here a second time and not
/// asked of `core`, so that a mistake there shows.
pub fn may_change(user: u64, roles: &[u64]) -> bool {
    user == ADMINISTRATOR.0 || RESPONDERS.iter().any(|(_, role)| roles.contains(role))
}

/// What the team wrote, without the commands that are switched off.
pub fn house(off: &[&str]) -> House {
    let files = [
        single("health", Action::Health, vec![option("service", OptionKind::Service, false)]),
        group(),
        single("timeline", Action::Timeline, vec![option("incident", OptionKind::Incident, false)]),
    ];
    let files = files.into_iter().filter(|f| !off.contains(&f.name.as_str()));
    House {
        settings: settings(off),
        commands: files.map(|f| (f.name.clone(), f)).collect(),
        runbooks: BTreeMap::from([(SERVICE.to_owned(), soundlab())]),
    }
}

fn settings(off: &[&str]) -> Settings {
    Settings {
        guild: GuildId(seed::GUILD.0),
        application: None,
        api_url: None,
        channels: Channels {
            incidents: ChannelId(seed::INCIDENTS.0),
            alerts: ChannelId(seed::ALERTS.0),
            reports: ChannelId(seed::REPORTS.0),
        },
        roles: RESPONDERS.iter().map(|(name, id)| ((*name).to_owned(), vec![RoleId(*id)])).collect(),
        administrators: vec![ADMINISTRATOR],
        timezone: chrono_tz::Europe::Berlin,
        services: BTreeMap::from([(SERVICE.to_owned(), ServiceSettings::default())]),
        disabled: off.iter().map(|w| (*w).to_owned()).collect(),
        folders: Folders::default(),
    }
}

fn option(name: &str, kind: OptionKind, required: bool) -> CommandOption {
    CommandOption { name: name.to_owned(), description: format!("The {name}"), kind, required }
}

fn command(path: &str, action: Action, allow: Allow, options: Vec<CommandOption>) -> Command {
    let with = BTreeMap::new();
    Command { path: path.to_owned(), description: path.to_owned(), options, allow, action, with }
}

fn single(name: &str, action: Action, options: Vec<CommandOption>) -> CommandFile {
    let body = CommandBody::Single(command(name, action, Allow::Everyone, options));
    CommandFile { name: name.to_owned(), description: name.to_owned(), body }
}

fn group() -> CommandFile {
    let text = |max| OptionKind::Text { max };
    let responders = || Allow::Roles(RESPONDERS.iter().map(|(name, _)| (*name).to_owned()).collect());
    let incident = || option("incident", OptionKind::Incident, false);
    let commands = vec![
        command(
            "incident declare",
            Action::IncidentDeclare,
            responders(),
            vec![
                option("title", text(200), true),
                option("severity", OptionKind::Severity, true),
                option("service", OptionKind::Service, false),
            ],
        ),
        command(
            "incident note",
            Action::IncidentNote,
            responders(),
            vec![option("text", text(2000), true), incident()],
        ),
        command(
            "incident resolve",
            Action::IncidentResolve,
            responders(),
            vec![option("how", text(1000), false), incident()],
        ),
        command("incident list", Action::IncidentList, Allow::Everyone, vec![]),
    ];
    CommandFile {
        name: "incident".to_owned(),
        description: "incidents".to_owned(),
        body: CommandBody::Group(commands),
    }
}

fn soundlab() -> Runbook {
    let steps = ["alive", "ready"].iter().enumerate().map(|(n, name)| {
        let url = Template(vec![Part::Text(format!("http://soundlab.test/{name}"))]);
        let http = HttpStep {
            method: "GET".to_owned(),
            url,
            query: vec![],
            headers: vec![],
            body: None,
            status: Status::Is(200),
            captures: vec![],
            asserts: vec![],
        };
        Step {
            name: name.parse().ok(),
            kind: StepKind::Http(http),
            line: 10 + n,
            options: Default::default(),
            source: String::new(),
            beside: String::new(),
        }
    });
    let section = Section {
        anchor: HEALTH.to_owned(),
        title: "Health".to_owned(),
        level: 2,
        parents: vec![],
        line: 8,
        last_line: 20,
        markdown: String::new(),
        steps: steps.collect(),
    };
    let action = runbook::Action {
        section: HEALTH.to_owned(),
        title: None,
        lock: None,
        deadline: None,
        approve: None,
        confirm: false,
        undo: Undo::Offer,
        roles: None,
        danger: None,
        schedule: None,
        severity: None,
    };
    Runbook {
        service: SERVICE.to_owned(),
        title: "Soundlab".to_owned(),
        hash: "0".repeat(64),
        timezone: None,
        working_days: vec![],
        params: BTreeMap::new(),
        actions: BTreeMap::from([(HEALTH.to_owned(), action)]),
        vars: vec![],
        tables: BTreeMap::new(),
        reviewed: None,
        sections: vec![section],
    }
}
