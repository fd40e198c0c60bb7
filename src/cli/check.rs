//! `muster check`: what is wrong with people's files, and on request what Discord says to them.

use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};

use super::args::CheckArgs;
use super::output::{failed, runtime};
use super::serve;
use crate::discord::api::{Api as _, RestError};
use crate::discord::{Rest, invite, reach};
use crate::house::{self, Problem};
use crate::kit::clock::Clock;
use crate::model::house::House;
use crate::model::ids::ChannelId;
use crate::model::policy::Whom;
use crate::runner::Secrets;

/// Prints every finding; ends with 1 where there is one.
pub fn run(args: &CheckArgs) -> ExitCode {
    let usual = Path::new("muster.toml");
    let config = args.config.as_deref().or_else(|| usual.exists().then_some(usual));
    if args.online && config.is_none() {
        return failed("there is no muster.toml here: name yours with --config");
    }
    let today = Clock::system().now().utc().date_naive();
    let problems = match config {
        Some(config) => house::check(config, today),
        None => house::check_builtin(today),
    };
    let wrong = problems.iter().filter(|p| p.fails()).count();
    if args.json {
        println!("{}", as_json(&problems));
    } else {
        for problem in &problems {
            println!("{problem}");
        }
    }
    if wrong > 0 {
        return failed(format!("{} to mend", count(wrong)));
    }
    if !args.json {
        let what = config.map_or("what is built in".into(), |c| c.display().to_string());
        let notes = match problems.len() {
            0 => String::new(),
            1 => " One note above is worth a look.".to_owned(),
            n => format!(" The {n} notes above are worth a look."),
        };
        println!("Nothing wrong with {what}.{notes}");
    }
    if !args.online {
        return ExitCode::SUCCESS;
    }
    let Some(config) = config else {
        return ExitCode::SUCCESS;
    };
    match serve::house(config).and_then(|house| ask_discord(&house)) {
        Ok(findings) if findings.is_empty() => {
            println!(
                "Nothing wrong in Discord: the token, the server, the channels, the roles, and what the bot's own roles let it do there. The secrets are set."
            );
            ExitCode::SUCCESS
        }
        Ok(findings) => {
            for finding in &findings {
                println!("{finding}");
            }
            failed(format!("{} to mend", count(findings.len())))
        }
        Err(why) => failed(why),
    }
}

/// A list of findings: `file`, `line`, `severity` (`error` or `note`), `rule` (or null), `what`,
/// `cure`.
pub fn as_json(problems: &[Problem]) -> Value {
    let one = |p: &Problem| {
        let severity = if p.fails() { "error" } else { "note" };
        json!({
            "file": p.file, "line": p.line, "severity": severity, "rule": p.rule,
            "what": p.what, "cure": p.cure,
        })
    };
    problems.iter().map(one).collect()
}

fn count(n: usize) -> String {
    format!("{n} {}", if n == 1 { "thing" } else { "things" })
}

/// What Discord says to these settings, each with its cure.
fn ask_discord(house: &House) -> Result<Vec<String>, String> {
    let token = serve::token()?;
    runtime()?.block_on(async {
        let rest = Rest::new(token, house.settings.api_url.as_deref(), Clock::system())?;
        let me = match rest.get("users/@me").await {
            Ok(me) => me["id"].as_str().unwrap_or_default().to_owned(),
            Err(RestError::Refused { status: 401, .. }) => {
                return Ok(vec!["Discord does not accept DISCORD_TOKEN.\n  Copy it anew from the developer portal (Bot, Reset Token).".to_owned()]);
            }
            Err(e) => return Err(format!("{e}. Try again, or look at https://discordstatus.com.")),
        };
        in_server(&rest, house, &me).await
    })
}

async fn in_server(rest: &Rest, house: &House, me: &str) -> Result<Vec<String>, String> {
    let settings = &house.settings;
    let guild = settings.guild;
    let member = match rest.get(&format!("guilds/{guild}/members/{me}")).await {
        Ok(member) => member,
        Err(RestError::Refused { .. }) => {
            return Ok(vec![format!(
                "The bot is not in the server {guild}.\n  Follow the link that `muster invite` prints, or mend `guild` in muster.toml."
            )]);
        }
        Err(e) => return Err(e.to_string()),
    };
    let list = |v: Result<Value, RestError>| v.map_err(|e| e.to_string());
    let roles = list(rest.get(&format!("guilds/{guild}/roles")).await)?;
    let mut findings = vec![];
    let known = |id: &str| roles.as_array().into_iter().flatten().any(|r| r["id"] == id);
    for (name, ids) in &settings.roles {
        for id in ids.iter().filter(|id| !known(&id.to_string())) {
            findings.push(format!("The role {id}, which muster.toml counts as `{name}`, is not in the server.\n  Copy its id from Discord (right-click the role, Copy Role ID)."));
        }
    }
    let held = permissions(&roles, &member, &guild.to_string());
    let lacks = |bit: u64| held & (bit | ADMINISTRATOR) == 0;
    let role = house.oncall.role;
    for (name, _, why) in invite::needed(role.is_some()).filter(|(_, bit, _)| lacks(*bit)) {
        findings.push(format!("The bot may not “{name}” ({why}).\n  Give its role that permission, or invite it anew with the link of `muster invite`."));
    }
    findings.extend(role.and_then(|role| on_call_role(&roles, &member, &role.to_string())));
    let channels = [
        ("incidents", settings.channels.incidents),
        ("alerts", settings.channels.alerts),
        ("reports", settings.channels.reports),
    ];
    let announcements = settings.channels.announcements.map(|channel| ("announcements", channel));
    for (name, channel) in channels.into_iter().chain(announcements) {
        if let Err(e) = rest.get(&format!("channels/{channel}")).await {
            findings.push(format!("The channel {channel} (`{name}` in muster.toml) cannot be used: {e}.\n  Mend its id, or let the bot see it (channel settings, Permissions)."));
        }
    }
    let unset = house::secrets::missing(house, |name| Secrets::environment().one(name).is_some());
    findings.extend(unset.into_iter().map(|said| {
        format!("{said}\n  Set it in the environment that Muster is started with, beside DISCORD_TOKEN.")
    }));
    if !lacks(invite::CALLS.1) {
        findings.extend(silent(rest, house, me, &member).await?);
    }
    Ok(findings)
}

/// The channels in which roles or whoever is there are called, and that take from the bot what its roles give
/// it for that. What cannot be read is said above, or when it is posted.
async fn silent(rest: &Rest, house: &House, me: &str, member: &Value) -> Result<Vec<String>, String> {
    let guild = rest.get(&format!("guilds/{}", house.settings.guild)).await.map_err(|e| e.to_string())?;
    let mut channels = vec![house.settings.channels.incidents, house.settings.channels.alerts];
    for policy in &house.oncall.policies {
        let named = policy.rungs.iter().flat_map(|rung| &rung.whom).filter_map(|whom| match whom {
            Whom::Channel(channel) => Some(*channel),
            _ => None,
        });
        channels.extend(named.chain([policy.fallback.channel]));
    }
    let mut seen: Vec<ChannelId> = vec![];
    let mut findings = vec![];
    for channel in channels {
        if seen.contains(&channel) {
            continue;
        }
        seen.push(channel);
        let Ok(said) = rest.get(&format!("channels/{channel}")).await else { continue };
        if !reach::may_call(&guild, &said, me.parse().unwrap_or(0), member) {
            findings.push(format!(
                "In the channel {channel} the bot may not “{}” ({}).\n  Allow it to the bot's role there (channel settings, Permissions).",
                invite::CALLS.0,
                invite::CALLS.2
            ));
        }
    }
    Ok(findings)
}

/// What stands in the way of giving the on-call role.
fn on_call_role(roles: &Value, member: &Value, role: &str) -> Option<String> {
    let all = || roles.as_array().into_iter().flatten();
    let Some(wanted) = all().find(|r| r["id"] == role) else {
        return Some(format!(
            "The role {role}, which [oncall] names, is not in the server.\n  Copy its id from Discord (right-click the role, Copy Role ID)."
        ));
    };
    let name = wanted["name"].as_str().unwrap_or(role);
    if wanted["managed"] == true {
        return Some(format!(
            "The role {name}, which [oncall] names, belongs to a bot or an integration.\n  Make a role of its own for whoever is on call: nobody can be given this one."
        ));
    }
    let place = |r: &Value| {
        (
            r["position"].as_i64().unwrap_or(0),
            std::cmp::Reverse(r["id"].as_str().and_then(|id| id.parse::<u64>().ok())),
        )
    };
    let own = |r: &&Value| member["roles"].as_array().into_iter().flatten().any(|id| *id == r["id"]);
    let highest = all().filter(own).map(place).max();
    (highest <= Some(place(wanted))).then(|| {
        format!(
            "The bot cannot give the role {name}, which stands above its own.\n  Drag the bot's role above it (Server Settings, Roles)."
        )
    })
}

const ADMINISTRATOR: u64 = 1 << 3;

/// What a member may do in the whole server: the sum of what their roles may.
fn permissions(roles: &Value, member: &Value, everyone: &str) -> u64 {
    let held = member["roles"].as_array().into_iter().flatten();
    let held: Vec<&str> = held.filter_map(Value::as_str).chain([everyone]).collect();
    let all = roles.as_array().into_iter().flatten();
    all.filter(|r| r["id"].as_str().is_some_and(|id| held.contains(&id)))
        .filter_map(|r| r["permissions"].as_str()?.parse::<u64>().ok())
        .fold(0, |sum, bits| sum | bits)
}
