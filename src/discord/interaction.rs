//! What serenity makes of an interaction, as Muster's own value. Values only: what it means is
//! decided in `core`.

use std::collections::BTreeMap;

use serenity::model::application::{
    ActionRowComponent, CommandDataOption, CommandDataOptionValue as Given, CommandDataResolved,
    CommandInteraction, CommandType, ComponentInteractionDataKind as Kind, Interaction as FromDiscord,
};
use serenity::model::guild::Member;
use serenity::model::user::User;

use super::quote;
use crate::model::ids::{ChannelId, GuildId, InteractionId, RoleId, UserId};
use crate::model::input::{Act, Arg, Interaction, Invocation};
use crate::model::person::{Actor, Person};

/// Muster's value for it; `None` for a ping, which only HTTP interactions have.
pub fn of(from: FromDiscord) -> Option<Interaction> {
    Some(match from {
        FromDiscord::Command(c) => {
            let act = match c.data.kind {
                CommandType::ChatInput => {
                    Act::Command(invocation(&c.data.name, &c.data.options, &c.data.resolved).0)
                }
                CommandType::Message => match quote::pointed(&c) {
                    Some(message) => Act::OnMessage { command: c.data.name.clone(), message },
                    None => Act::Unknown("a command on a message that Discord did not send along".to_owned()),
                },
                _ => Act::Unknown("a command on a person".to_owned()),
            };
            command(c, act)
        }
        FromDiscord::Autocomplete(c) => {
            let (invocation, typed) = invocation(&c.data.name, &c.data.options, &c.data.resolved);
            let act = match typed {
                Some((option, typed)) => Act::Complete { command: invocation, option, typed },
                None => Act::Unknown("a completion without an option".to_owned()),
            };
            command(c, act)
        }
        FromDiscord::Component(c) => Interaction {
            id: InteractionId(c.id.get()),
            token: c.token,
            guild: c.guild_id.map(|g| GuildId(g.get())),
            channel: ChannelId(c.channel_id.get()),
            by: actor(c.member.as_ref(), &c.user),
            act: match c.data.kind {
                Kind::StringSelect { values } => {
                    Act::Choose { list: c.data.custom_id.parse(), chosen: values }
                }
                _ => Act::Press(c.data.custom_id.parse()),
            },
        },
        FromDiscord::Modal(m) => {
            let inputs = m.data.components.iter().flat_map(|row| &row.components);
            let fields = inputs.filter_map(|c| match c {
                ActionRowComponent::InputText(t) => {
                    Some((t.custom_id.clone(), t.value.clone().unwrap_or_default()))
                }
                _ => None,
            });
            let fields: BTreeMap<_, _> = fields.collect();
            Interaction {
                id: InteractionId(m.id.get()),
                token: m.token,
                guild: m.guild_id.map(|g| GuildId(g.get())),
                channel: ChannelId(m.channel_id.get()),
                by: actor(m.member.as_ref(), &m.user),
                act: Act::Submit { form: m.data.custom_id.parse(), fields },
            }
        }
        _ => return None,
    })
}

fn command(c: CommandInteraction, act: Act) -> Interaction {
    Interaction {
        id: InteractionId(c.id.get()),
        token: c.token,
        guild: c.guild_id.map(|g| GuildId(g.get())),
        channel: ChannelId(c.channel_id.get()),
        by: actor(c.member.as_deref(), &c.user),
        act,
    }
}

fn actor(member: Option<&Member>, user: &User) -> Actor {
    Actor {
        person: Person {
            id: UserId(user.id.get()),
            name: member.map_or_else(|| user.name.clone(), |m| m.display_name().to_owned()),
        },
        roles: member.map(|m| m.roles.iter().map(|r| RoleId(r.get())).collect()).unwrap_or_default(),
    }
}

/// The command with its subcommand and arguments, and the option that is being typed.
fn invocation(
    name: &str,
    options: &[CommandDataOption],
    resolved: &CommandDataResolved,
) -> (Invocation, Option<(String, String)>) {
    let mut path = name.to_owned();
    let mut options = options;
    while let [
        CommandDataOption { name, value: Given::SubCommand(inner) | Given::SubCommandGroup(inner), .. },
    ] = options
    {
        path = format!("{path} {name}");
        options = inner;
    }
    let mut args = BTreeMap::new();
    let mut typed = None;
    for option in options {
        let arg = match &option.value {
            Given::String(s) => Arg::Text(s.clone()),
            Given::Integer(n) => Arg::Integer(*n),
            Given::Number(n) => Arg::Number(*n),
            Given::Boolean(b) => Arg::Boolean(*b),
            Given::User(id) => Arg::Person(Person { id: UserId(id.get()), name: named(*id, resolved) }),
            Given::Role(id) => Arg::Id(id.get()),
            Given::Channel(id) => Arg::Id(id.get()),
            Given::Mentionable(id) => Arg::Id(id.get()),
            Given::Autocomplete { value, .. } => {
                typed = Some((option.name.clone(), value.clone()));
                Arg::Text(value.clone())
            }
            _ => continue,
        };
        args.insert(option.name.clone(), arg);
    }
    (Invocation { command: path, args }, typed)
}

/// What a member is called in the server, else what they call themselves.
fn named(id: serenity::model::id::UserId, resolved: &CommandDataResolved) -> String {
    let nick = resolved.members.get(&id).and_then(|m| m.nick.clone());
    let user = resolved.users.get(&id).map(|u| u.global_name.clone().unwrap_or_else(|| u.name.clone()));
    nick.or(user).unwrap_or_else(|| format!("somebody ({id})"))
}
