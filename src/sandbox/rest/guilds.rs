//! Everything that is neither in a channel nor an interaction: guilds and members, users, applications and their commands,
//! and where the gateway is.

use super::super::world::{Answer, Errors, Refusal, World};
use super::Reply;
use super::call::{Call, Caller, id};
use serde_json::json;

pub(super) fn dispatch(
    world: &mut World,
    now: i64,
    call: &Call,
    segments: &[&str],
    port: u16,
) -> Answer<Reply> {
    let method = call.method.as_str();
    let gateway = format!("ws://127.0.0.1:{port}/gateway");
    if (method, segments) == ("GET", &["gateway"]) {
        return Reply::ok(json!({ "url": gateway }));
    }
    let actor = call.actor()?;
    let guild = |text: &str| id("guild_id", text);
    let user = |text: &str| {
        if text == "@me" { Ok(actor) } else { id("user_id", text) }
    };
    match (method, segments) {
        ("GET", ["gateway", "bot"]) => {
            must_be_bot(call)?;
            Reply::ok(world.gateway(now, &gateway))
        }
        ("GET", ["users", "@me"]) => world.me(actor).and_then(Reply::ok),
        ("GET", ["users", "@me", "guilds"]) => Reply::ok(world.my_guilds(actor)),
        ("POST", ["users", "@me", "channels"]) => {
            let other = call.body["recipient_id"].as_str().map(str::to_owned);
            let other = other.or_else(|| call.body["recipient_id"].as_u64().map(|id| id.to_string()));
            let other = other
                .ok_or_else(|| Errors::one("recipient_id", "BASE_TYPE_REQUIRED", "This field is required"))?;
            world.open_direct(now, actor, id("recipient_id", &other)?).and_then(Reply::ok)
        }
        ("GET", ["users", who]) => world.user(user(who)?).and_then(Reply::ok),
        ("GET", ["applications", "@me"] | ["oauth2", "applications", "@me"]) => {
            must_be_bot(call)?;
            Reply::ok(world.application_json())
        }
        ("GET", ["guilds", g]) => world.guild(actor, guild(g)?, call.flag("with_counts")).and_then(Reply::ok),
        ("GET", ["guilds", g, "channels"]) => world.guild_channels(actor, guild(g)?).and_then(Reply::ok),
        ("GET", ["guilds", g, "roles"]) => world.roles(actor, guild(g)?).and_then(Reply::ok),
        ("GET", ["guilds", g, "threads", "active"]) => {
            world.active_threads(actor, guild(g)?).and_then(Reply::ok)
        }
        ("GET", ["guilds", g, "application-command-index"]) => {
            if matches!(call.caller, Caller::Bot(_)) {
                return Err(Refusal::bots_not_allowed());
            }
            world.command_index(actor, guild(g)?).and_then(Reply::ok)
        }
        ("GET", ["guilds", g, "members"]) => world
            .members(actor, guild(g)?, call.number("limit")?, call.id_asked("after")?)
            .and_then(Reply::ok),
        ("GET", ["guilds", g, "members", "search"]) => {
            let query = call.query.get("query").map(String::as_str);
            world.search_members(actor, guild(g)?, query, call.number("limit")?).and_then(Reply::ok)
        }
        ("GET", ["guilds", g, "members", who]) => {
            world.member(actor, guild(g)?, user(who)?).and_then(Reply::ok)
        }
        ("PUT" | "DELETE", ["guilds", g, "members", who, "roles", role]) => {
            let held = method == "PUT";
            let role = id("role_id", role)?;
            let why = call.reason.as_deref();
            world.give_role(actor, guild(g)?, user(who)?, (role, held), why).and_then(|()| Reply::nothing())
        }
        (_, ["applications", app, rest @ ..]) if matches!(rest, ["commands"] | ["guilds", _, "commands"]) => {
            let app = id("application_id", app)?;
            let guild = match rest {
                ["guilds", g, _] => Some(guild(g)?),
                _ => None,
            };
            match method {
                "GET" => world.list_commands(actor, app, guild).and_then(Reply::ok),
                "PUT" => world.put_commands(now, actor, app, guild, &call.body).and_then(Reply::ok),
                _ => Err(Refusal::method_not_allowed()),
            }
        }
        _ => Err(Refusal::not_found()),
    }
}

fn must_be_bot(call: &Call) -> Answer<()> {
    if matches!(call.caller, Caller::Bot(_)) { Ok(()) } else { Err(Refusal::only_bots()) }
}
