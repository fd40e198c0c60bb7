//! The team of the simulation: what it would have written in its files. By hand, so that no
//! change of a built-in file changes what a seed means.

use std::collections::BTreeMap;
use std::time::Duration;

pub use super::book::SERVICE;
use super::book::{self, SIGNER};
use super::oncall;
use crate::model::alerting::{Alerting, Inhibition, Storm};
use crate::model::command::{Action, Allow, Command, CommandBody, CommandFile, CommandOption, OptionKind};
use crate::model::house::House;
use crate::model::ids::{ChannelId, GuildId, RoleId, UserId};
use crate::model::intake::Intake;
use crate::model::labels::{MatchOp, Matcher};
use crate::model::report::After;
use crate::model::settings::{Channels, Folders, ServiceSettings, Settings};
use crate::model::watch::Watching;
use crate::sandbox::world::seed;

/// The roles whose holders may change an incident, as the team calls them, and in Discord.
const RESPONDERS: [(&str, u64); 2] =
    [("responder", seed::ROLE_RESPONDER.0), ("approver", seed::ROLE_APPROVER.0)];
/// The other roles of the team.
const OTHERS: [(&str, u64); 2] = [("lead", seed::ROLE_LEAD.0), (SIGNER, seed::ROLE_APPROVER.0)];
/// The one who may do everything, without holding any of these roles.
pub const ADMINISTRATOR: UserId = UserId(1_100_000_000_000_000_042);
/// The commands that can be switched off.
pub const COMMANDS: [&str; 9] =
    ["health", "incident", "timeline", "triage", "runbook", "runs", "report", "action", "silence"];

/// Whether somebody with these roles may change an incident. Said here a second time and not
/// asked of `core`, so that a mistake there shows.
pub fn may_change(user: u64, roles: &[u64]) -> bool {
    user == ADMINISTRATOR.0 || RESPONDERS.iter().any(|(_, role)| roles.contains(role))
}

/// Whether somebody with these roles may publish a report.
pub fn may_publish(user: u64, roles: &[u64]) -> bool {
    may_agree(user, roles) || roles.contains(&seed::ROLE_LEAD.0)
}

/// Whether somebody with these roles may ask for a run and steer it.
pub fn may_run(user: u64, roles: &[u64]) -> bool {
    may_change(user, roles) || roles.contains(&seed::ROLE_LEAD.0)
}

/// Whether somebody with these roles may agree to a run.
pub fn may_agree(user: u64, roles: &[u64]) -> bool {
    user == ADMINISTRATOR.0 || roles.contains(&seed::ROLE_APPROVER.0)
}

/// What the team wrote, without the commands that are switched off, with the runbook as it is
/// after so many changes.
pub fn house(off: &[&str], changes: u32) -> House {
    let files = [
        single("health", Action::Health, vec![option("service", OptionKind::Service, false)]),
        group(),
        single("timeline", Action::Timeline, vec![option("incident", OptionKind::Incident, false)]),
        asking(),
        steering(),
        reports(),
        actions(),
        silences(),
        triage(),
        call(),
        answer("ack", Action::PageAck),
        answer("escalate", Action::PageEscalate),
        pages(),
        duties(),
        away(),
    ];
    let files = files.into_iter().filter(|f| !off.contains(&f.name.as_str()));
    House {
        settings: settings(off),
        commands: files.map(|f| (f.name.clone(), f)).collect(),
        runbooks: BTreeMap::from([(SERVICE.to_owned(), book::soundlab(changes))]),
        sources: BTreeMap::new(),
        oncall: oncall::oncall(),
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
            announcements: Some(ChannelId(seed::GENERAL.0)),
        },
        roles: RESPONDERS
            .iter()
            .chain(&OTHERS)
            .map(|(name, id)| ((*name).to_owned(), vec![RoleId(*id)]))
            .collect(),
        administrators: vec![ADMINISTRATOR],
        timezone: chrono_tz::Europe::Berlin,
        services: BTreeMap::from([(SERVICE.to_owned(), ServiceSettings::default())]),
        disabled: off.iter().map(|w| (*w).to_owned()).collect(),
        folders: Folders::default(),
        after: After::default(),
        // Few things are watched: three at once are many.
        alerting: Alerting {
            storm: Storm { groups: 3, within: Duration::from_secs(60) },
            inhibitions: inhibitions(),
            heartbeats: super::quiet::jobs(),
            ..Alerting::default()
        },
        intake: Intake::default(),
        watch: Watching::default(),
    }
}

/// What is down is slow too, and nobody needs to hear both.
fn inhibitions() -> Vec<Inhibition> {
    let named = |name: &str| Matcher::new("alertname", MatchOp::Is, name).ok().into_iter().collect();
    let (source, target) = (named("Down"), named("Slow"));
    vec![Inhibition { name: "down".to_owned(), source, target, equal: vec!["service".to_owned()] }]
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

fn call() -> CommandFile {
    let options = vec![
        option("person", OptionKind::Person, false),
        option("text", OptionKind::Text { max: 300 }, false),
        option("service", OptionKind::Service, false),
        option("incident", OptionKind::Incident, false),
    ];
    let allow = roles(&["responder", "lead", "approver"]);
    let body = CommandBody::Single(command("page", Action::Page, allow, options));
    CommandFile { name: "page".to_owned(), description: "page".to_owned(), body }
}

fn answer(name: &str, action: Action) -> CommandFile {
    let options =
        vec![option("page", OptionKind::Page, false), option("incident", OptionKind::Incident, false)];
    let body = CommandBody::Single(command(name, action, roles(&["responder", "lead", "approver"]), options));
    CommandFile { name: name.to_owned(), description: name.to_owned(), body }
}

fn pages() -> CommandFile {
    let list = command("pages list", Action::PageList, Allow::Everyone, vec![]);
    let body = CommandBody::Group(vec![list]);
    CommandFile { name: "pages".to_owned(), description: "pages".to_owned(), body }
}

fn duties() -> CommandFile {
    let text = |name| option(name, OptionKind::Text { max: 40 }, false);
    let person = option("person", OptionKind::Person, false);
    let mut options = vec![option("rota", OptionKind::Rota, true), person];
    options.extend(["for", "until", "from", "rank"].map(text));
    let which = vec![option("override", OptionKind::Override, true)];
    grouped(
        "oncall",
        vec![
            command("oncall override", Action::OnCallOverride, responders(), options),
            command("oncall override-end", Action::OnCallOverrideEnd, responders(), which),
        ],
    )
}

fn away() -> CommandFile {
    let text = |name| option(name, OptionKind::Text { max: 40 }, false);
    let mut options: Vec<CommandOption> = ["for", "until", "from"].map(text).into();
    options.push(option("back", OptionKind::Boolean, false));
    let body =
        CommandBody::Single(command("unavailable", Action::OnCallUnavailable, Allow::Everyone, options));
    CommandFile { name: "unavailable".to_owned(), description: "unavailable".to_owned(), body }
}

fn roles(names: &[&str]) -> Allow {
    Allow::Roles(names.iter().map(|n| (*n).to_owned()).collect())
}

fn asking() -> CommandFile {
    let options = vec![
        option("service", OptionKind::Service, true),
        option("action", OptionKind::Action, true),
        option("with", OptionKind::Text { max: 1000 }, false),
        option("confirm", OptionKind::Text { max: 100 }, false),
        option("dry-run", OptionKind::Boolean, false),
        option("incident", OptionKind::Incident, false),
    ];
    let allow = roles(&["responder", "lead", "approver"]);
    let body = CommandBody::Single(command("runbook", Action::Run, allow, options));
    CommandFile { name: "runbook".to_owned(), description: "runbook".to_owned(), body }
}

fn triage() -> CommandFile {
    let words = |all: &[&str]| OptionKind::Choice(all.iter().map(|w| (*w).to_owned()).collect());
    let options = vec![
        option("what", OptionKind::Text { max: 500 }, true),
        option("users", words(&["nobody-yet", "some", "many", "everyone", "not-sure"]), true),
        option("feature", words(&["core", "secondary", "not-sure"]), true),
        option("data", words(&["no", "at-risk", "lost", "not-sure"]), true),
        option("service", OptionKind::Service, false),
    ];
    let body =
        CommandBody::Single(command("triage", Action::Triage, roles(&["responder", "approver"]), options));
    CommandFile { name: "triage".to_owned(), description: "triage".to_owned(), body }
}

fn steering() -> CommandFile {
    let run = || option("run", OptionKind::Run, true);
    let reason = |required| option("reason", OptionKind::Text { max: 500 }, required);
    let commands = vec![
        command("runs list", Action::RunList, Allow::Everyone, vec![]),
        command("runs show", Action::RunShow, Allow::Everyone, vec![run()]),
        command(
            "runs cancel",
            Action::RunCancel,
            roles(&["responder", "lead", "approver"]),
            vec![run(), reason(false)],
        ),
        command("runs unlock", Action::RunUnlock, roles(&["lead", "approver"]), vec![run(), reason(true)]),
    ];
    CommandFile {
        name: "runs".to_owned(),
        description: "runs".to_owned(),
        body: CommandBody::Group(commands),
    }
}

fn responders() -> Allow {
    Allow::Roles(RESPONDERS.iter().map(|(name, _)| (*name).to_owned()).collect())
}

fn grouped(name: &str, commands: Vec<Command>) -> CommandFile {
    let body = CommandBody::Group(commands);
    CommandFile { name: name.to_owned(), description: name.to_owned(), body }
}

fn reports() -> CommandFile {
    let incident = || option("incident", OptionKind::Incident, false);
    let text = |name| option(name, OptionKind::Text { max: 4000 }, false);
    let written = vec![text("summary"), text("root-cause"), text("resolution"), text("lessons"), incident()];
    grouped(
        "report",
        vec![
            command("report show", Action::ReportShow, Allow::Everyone, vec![incident()]),
            command("report write", Action::ReportWrite, responders(), written),
            command("report publish", Action::ReportPublish, Allow::Everyone, vec![incident()]),
        ],
    )
}

fn actions() -> CommandFile {
    let text = |name, required| option(name, OptionKind::Text { max: 500 }, required);
    let incident = || option("incident", OptionKind::Incident, false);
    let item = || option("item", OptionKind::ActionItem, true);
    let owner = option("owner", OptionKind::Person, false);
    let added = vec![text("what", true), owner, text("due", false), incident()];
    grouped(
        "action",
        vec![
            command("action add", Action::ItemAdd, responders(), added),
            command("action done", Action::ItemDone, responders(), vec![item()]),
            command("action drop", Action::ItemDrop, responders(), vec![item(), text("why", true)]),
            command("action list", Action::ItemList, Allow::Everyone, vec![incident()]),
        ],
    )
}

fn silences() -> CommandFile {
    let text = |name| option(name, OptionKind::Text { max: 300 }, true);
    let added = vec![text("match"), text("for"), text("why")];
    let ended = vec![option("silence", OptionKind::Silence, true)];
    grouped(
        "silence",
        vec![
            command("silence add", Action::SilenceAdd, responders(), added),
            command("silence end", Action::SilenceEnd, responders(), ended),
            command("silence list", Action::SilenceList, Allow::Everyone, vec![]),
        ],
    )
}

fn group() -> CommandFile {
    let text = |max| OptionKind::Text { max };
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
                option("private", OptionKind::Boolean, false),
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
        command("incident drafts", Action::IncidentDrafts, responders(), vec![incident()]),
        command("incident list", Action::IncidentList, Allow::Everyone, vec![]),
    ];
    CommandFile {
        name: "incident".to_owned(),
        description: "incidents".to_owned(),
        body: CommandBody::Group(commands),
    }
}
