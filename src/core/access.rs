//! Who may do what, decided at the moment of the click.

use crate::model::command::{Action, Allow, Command};
use crate::model::house::House;
use crate::model::ids::{GuildId, RoleId};
use crate::model::input::Interaction;
use crate::model::person::{Actor, Person};
use crate::model::reply::Refusal;

/// One process serves one server; whatever comes from elsewhere is refused, a direct message
/// included: a click there carries no roles.
pub fn server(house: &House, guild: Option<GuildId>) -> Result<(), Refusal> {
    match guild {
        Some(g) if g == house.settings.guild => Ok(()),
        Some(_) => Err(Refusal::new(
            "This Muster serves another Discord server. Whoever runs it can name this one in muster.toml.",
        )),
        None => Err(Refusal::new(
            "In a direct message Discord does not say which roles you hold. Use this in the server.",
        )),
    }
}

/// Whether this person may use this command. Administrators named in muster.toml always may;
/// an empty list means nobody else.
pub fn permits(house: &House, command: &Command, by: &Actor) -> Result<(), Refusal> {
    permits_roles(house, command, &by.person, &by.roles)
}

/// The same, for a person with these roles.
pub fn permits_roles(
    house: &House,
    command: &Command,
    person: &Person,
    roles: &[RoleId],
) -> Result<(), Refusal> {
    let named = match &command.allow {
        Allow::Everyone => return Ok(()),
        Allow::Roles(named) => named,
    };
    let settings = &house.settings;
    let administrator = settings.administrators.contains(&person.id);
    if administrator || named.iter().any(|name| settings.holds(name, roles)) {
        return Ok(());
    }
    Err(Refusal::new(match named.as_slice() {
        [] => format!("Nobody may use {}: its file allows no role.", command.called()),
        named => format!("{} is for {}. Ask one of them.", command.called(), named.join(", ")),
    }))
}

/// A button has the rights of the commands that mean the same, and where a team has several,
/// of the strictest. Commands that preset an argument mean something narrower and do not count.
/// Where no command means it, a team switched it off, and the button with it.
pub fn may(house: &House, i: &Interaction, action: Action) -> Result<(), Refusal> {
    let all = house.command_files().flat_map(|f| f.commands());
    let mut same = all.filter(|c| c.action == action && c.with.is_empty()).peekable();
    if same.peek().is_none() {
        return Err(Refusal::new(
            "This is switched off here: muster.toml disables the command that does it.",
        ));
    }
    same.try_for_each(|command| permits(house, command, &i.by))
}
