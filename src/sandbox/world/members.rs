//! Guilds and their members: reading them, and giving and taking roles.

use super::guild::{Guild, Member};
use super::permissions::MANAGE_ROLES;
use super::{Answer, Errors, Id, Refusal, World};
use serde_json::{Value, json};

/// A line of a guild's audit log: somebody gave a member a role, or took it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Audited {
    /// Who did it.
    pub actor: Id,
    /// To whom.
    pub user: Id,
    /// Which role.
    pub role: Id,
    /// Whether they hold it now.
    pub held: bool,
    /// The reason that was given.
    pub reason: Option<String>,
}

impl World {
    /// The guild, if `actor` is in it; 10004 if there is none, 50001 if they are not.
    pub(super) fn must_be_in(&self, guild: Id, actor: Id) -> Answer<&Guild> {
        match self.guilds.get(&guild) {
            None => Err(Refusal::unknown_guild()),
            Some(found) if found.members.contains_key(&actor) => Ok(found),
            Some(_) => Err(Refusal::missing_access()),
        }
    }

    /// `GET /guilds/{guild}`.
    pub fn guild(&self, actor: Id, guild: Id, with_counts: bool) -> Answer<Value> {
        let guild = self.must_be_in(guild, actor)?;
        let mut value = self.guild_json(guild);
        if with_counts {
            value["approximate_member_count"] = json!(guild.members.len());
            value["approximate_presence_count"] = json!(guild.members.len());
        }
        Ok(value)
    }

    /// `GET /guilds/{guild}/roles`.
    pub fn roles(&self, actor: Id, guild: Id) -> Answer<Vec<Value>> {
        Ok(self.must_be_in(guild, actor)?.roles.iter().map(super::guild::Role::json).collect())
    }

    /// `GET /guilds/{guild}/members/{user}`.
    pub fn member(&self, actor: Id, guild: Id, user: Id) -> Answer<Value> {
        let guild = self.must_be_in(guild, actor)?;
        if !self.users.contains_key(&user) {
            return Err(Refusal::unknown_user());
        }
        match guild.members.get(&user) {
            Some(member) => Ok(self.member_json(member, true)),
            None => Err(Refusal::unknown_member()),
        }
    }

    /// `GET /guilds/{guild}/members`: the privileged members intent is needed (50001 without).
    pub fn members(&self, actor: Id, guild: Id, limit: Option<u64>, after: Option<Id>) -> Answer<Vec<Value>> {
        let guild = self.must_be_in(guild, actor)?;
        let bot = self.users.get(&actor).is_some_and(|user| user.bot);
        if bot && self.application.privileged_intents & (1 << 1) == 0 {
            return Err(Refusal::missing_access());
        }
        let limit = within(limit.unwrap_or(1), 1000)?;
        let after = after.unwrap_or(Id(0));
        let members = guild.members.values().filter(|member| member.user > after).take(limit);
        Ok(members.map(|member| self.member_json(member, true)).collect())
    }

    /// `GET /guilds/{guild}/members/search`: names that begin with `query`.
    pub fn search_members(
        &self,
        actor: Id,
        guild: Id,
        query: Option<&str>,
        limit: Option<u64>,
    ) -> Answer<Vec<Value>> {
        let guild = self.must_be_in(guild, actor)?;
        let Some(query) = query.filter(|query| !query.is_empty()) else {
            return Err(Errors::one("query", "BASE_TYPE_REQUIRED", "This field is required"));
        };
        let limit = within(limit.unwrap_or(1), 1000)?;
        let query = query.to_lowercase();
        let fits = |member: &&Member| {
            let user = self.users.get(&member.user);
            let names = [user.map(|user| user.username.as_str()), member.nick.as_deref()];
            names.into_iter().flatten().any(|name| name.to_lowercase().starts_with(&query))
        };
        Ok(guild
            .members
            .values()
            .filter(fits)
            .take(limit)
            .map(|member| self.member_json(member, true))
            .collect())
    }

    /// `PUT` (`held`) or `DELETE /guilds/{guild}/members/{user}/roles/{role}`.
    pub fn give_role(
        &mut self,
        actor: Id,
        guild: Id,
        user: Id,
        (role, held): (Id, bool),
        reason: Option<&str>,
    ) -> Answer<()> {
        let found = self.must_be_in(guild, actor)?;
        let Some(wanted) = found.role(role) else {
            return Err(Refusal::unknown_role());
        };
        if !found.members.contains_key(&user) {
            return Err(Refusal::unknown_member());
        }
        let may = self.guild_permissions(guild, actor) & MANAGE_ROLES != 0;
        // A role can only be given by somebody whose highest role is above it; a managed one by nobody.
        if !may || wanted.position >= self.rank(guild, actor) || wanted.bot.is_some() || role == guild {
            return Err(Refusal::missing_permissions());
        }
        self.set_role(guild, user, role, held);
        self.audited.push(Audited { actor, user, role, held, reason: reason.map(str::to_owned) });
        Ok(())
    }

    /// Gives a member a role or takes it, as an administrator would.
    pub fn set_role(&mut self, guild: Id, user: Id, role: Id, held: bool) {
        let Some(member) = self.guilds.get_mut(&guild).and_then(|guild| guild.members.get_mut(&user)) else {
            return;
        };
        if member.roles.contains(&role) == held {
            return;
        }
        member.roles.retain(|known| *known != role);
        if held {
            member.roles.push(role);
        }
        let member = member.clone();
        let mut data = self.member_json(&member, true);
        data["guild_id"] = json!(guild);
        self.tell_guild(guild, "GUILD_MEMBER_UPDATE", data);
    }

    /// Makes a guild with @everyone and these members, the first of them its owner, and tells them of it.
    pub fn add_guild(&mut self, now: i64, name: &str, members: &[Id]) -> Id {
        let id = self.mint.next(now);
        let everyone = super::guild::Role {
            id,
            name: "@everyone".to_owned(),
            permissions: super::permissions::EVERYONE,
            position: 0,
            color: 0,
            mentionable: false,
            bot: None,
        };
        let joined =
            |user: &Id| (*user, Member { user: *user, roles: Vec::new(), joined_at: now, nick: None });
        let guild = Guild {
            id,
            name: name.to_owned(),
            owner: members.first().copied().unwrap_or(Id(0)),
            roles: vec![everyone],
            members: members.iter().map(joined).collect(),
        };
        self.guilds.insert(id, guild.clone());
        let general = self.mint.next(now);
        self.channels.insert(general, super::guild::Channel::text(general, id, "general", 0));
        for user in members {
            let data = self.guild_create_json(&guild, *user);
            self.tell(vec![*user], "GUILD_CREATE", data);
        }
        id
    }

    /// Takes somebody out of a guild.
    pub fn remove_member(&mut self, guild: Id, user: Id) {
        let Some(member) = self.guilds.get_mut(&guild).and_then(|guild| guild.members.remove(&user)) else {
            return;
        };
        self.tell(vec![user], "GUILD_DELETE", json!({ "id": guild }));
        let data = json!({ "guild_id": guild, "user": self.user_json(member.user) });
        self.tell_guild(guild, "GUILD_MEMBER_REMOVE", data);
    }
}

fn within(limit: u64, most: u64) -> Answer<usize> {
    if limit == 0 || limit > most {
        let why = format!("int value should be between 1 and {most}.");
        return Err(Errors::one("limit", "NUMBER_TYPE_MAX", why));
    }
    Ok(limit as usize)
}
