//! Application commands: registered by the application, listed for people's clients.

use super::command_check;
use super::guild::Guild;
use super::{Answer, Errors, Id, Refusal, World};
use serde_json::{Value, json};

/// A registered command.
#[derive(Clone, PartialEq, Debug)]
pub struct Command {
    /// Its id.
    pub id: Id,
    /// Changes with every change of the command.
    pub version: Id,
    /// The guild it is for; none for a global one.
    pub guild: Option<Id>,
    /// 1 slash command, 2 on a user, 3 on a message.
    pub kind: u64,
    /// Its name.
    pub name: String,
    /// The rest as it was registered: description, options, permissions.
    pub body: Value,
}

impl Command {
    /// The application command object.
    pub fn json(&self, application: Id) -> Value {
        let mut value = self.body.clone();
        value["id"] = json!(self.id);
        value["application_id"] = json!(application);
        value["version"] = json!(self.version);
        value["type"] = json!(self.kind);
        value["name"] = json!(self.name);
        if let Some(guild) = self.guild {
            value["guild_id"] = json!(guild);
        }
        value
    }
}

impl World {
    fn must_own_commands(&self, actor: Id, application: Id, guild: Option<Id>) -> Answer<()> {
        if application != self.application.id {
            return Err(Refusal::unknown_application());
        }
        if actor != application {
            return Err(Refusal::only_bots());
        }
        match guild {
            Some(guild)
                if !self.guilds.get(&guild).is_some_and(|guild| guild.members.contains_key(&actor)) =>
            {
                Err(Refusal::missing_access())
            }
            _ => Ok(()),
        }
    }

    /// `GET /applications/{application}[/guilds/{guild}]/commands`.
    pub fn list_commands(&self, actor: Id, application: Id, guild: Option<Id>) -> Answer<Vec<Value>> {
        self.must_own_commands(actor, application, guild)?;
        Ok(self.commands.get(&guild).into_iter().flatten().map(|command| command.json(application)).collect())
    }

    /// `PUT /applications/{application}[/guilds/{guild}]/commands`: these and no others. A command that was there keeps its
    /// id, and its version too if nothing in it changed.
    pub fn put_commands(
        &mut self,
        now: i64,
        actor: Id,
        application: Id,
        guild: Option<Id>,
        body: &Value,
    ) -> Answer<Vec<Value>> {
        self.must_own_commands(actor, application, guild)?;
        let Some(list) = body.as_array() else {
            return Err(Errors::one("", "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType"));
        };
        let checked = command_check::all(list)?;
        let known = self.commands.remove(&guild).unwrap_or_default();
        let commands: Vec<Command> = checked
            .into_iter()
            .map(|(kind, name, body)| {
                let old = known.iter().find(|command| command.kind == kind && command.name == name);
                match old {
                    Some(old) if old.body == body => old.clone(),
                    Some(old) => Command { version: self.mint.next(now), body, ..old.clone() },
                    None => {
                        let id = self.mint.next(now);
                        Command { id, version: self.mint.next(now), guild, kind, name, body }
                    }
                }
            })
            .collect();
        let values = commands.iter().map(|command| command.json(application)).collect();
        self.commands.insert(guild, commands);
        self.tell_new_commands(guild);
        Ok(values)
    }

    /// People's clients look for the commands anew; bots are not told.
    fn tell_new_commands(&mut self, guild: Option<Id>) {
        let told: Vec<Id> = self.guilds.keys().copied().filter(|id| guild.is_none_or(|g| g == *id)).collect();
        for guild in told {
            let members = self.guilds.get(&guild).into_iter().flat_map(|guild| guild.members.keys());
            let people = members.filter(|id| self.users.get(id).is_some_and(|user| !user.bot)).copied();
            let people = people.collect();
            self.tell(people, "GUILD_APPLICATION_COMMAND_INDEX_UPDATE", json!({ "guild_id": guild }));
        }
    }

    /// `GET /guilds/{guild}/application-command-index`: what a person's client offers when they type a slash.
    pub fn command_index(&self, actor: Id, guild: Id) -> Answer<Value> {
        let found = self.must_be_in(guild, actor)?;
        let commands: Vec<Value> = self
            .commands_in(Some(guild))
            .filter(|command| self.may_use(command, found, actor))
            .map(|command| command.json(self.application.id))
            .collect();
        Ok(json!({
            "applications": [{
                "id": self.application.id, "name": self.application.name, "description": self.application.description,
                "icon": null, "bot": self.user_json(self.application.id), "flags": self.application_flags(),
            }],
            "application_commands": commands,
            "version": self.commands_in(Some(guild)).map(|command| command.version).max().unwrap_or(Id(0)),
        }))
    }

    /// The commands that exist in a guild, or in a direct message with the bot.
    pub(super) fn commands_in(&self, guild: Option<Id>) -> impl Iterator<Item = &Command> {
        let own = self.commands.get(&guild).filter(|_| guild.is_some());
        let global = self.commands.get(&None);
        own.into_iter().chain(global).flatten()
    }

    /// Whether a command's `default_member_permissions` let a member use it.
    pub(super) fn may_use(&self, command: &Command, guild: &Guild, user: Id) -> bool {
        let needed =
            command.body["default_member_permissions"].as_str().and_then(|bits| bits.parse::<u64>().ok());
        match needed {
            None => true,
            // "0" is for administrators only, who have every bit.
            Some(0) => self.guild_permissions(guild.id, user) == super::permissions::ALL,
            Some(needed) => self.guild_permissions(guild.id, user) & needed == needed,
        }
    }
}
