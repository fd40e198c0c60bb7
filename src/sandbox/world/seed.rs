//! The world as it is when the sandbox starts: the practice guild, its channels, and the four people one can be.
//! The ids are fixed, because the sandbox's configuration file names them.

use super::guild::{Channel, Guild, Member, Role, User};
use super::{Application, Id, World, permissions};
use std::collections::BTreeMap;

const BASE: u64 = 1_100_000_000_000_000_000;

/// The application; its bot user has the same id.
pub const APPLICATION: Id = Id(BASE + 1);
/// The bot's user.
pub const BOT: Id = APPLICATION;
/// The practice guild; also the id of its @everyone role.
pub const GUILD: Id = Id(BASE + 10);
/// The role of those who respond to incidents.
pub const ROLE_RESPONDER: Id = Id(BASE + 20);
/// The role of those who approve risky runs.
pub const ROLE_APPROVER: Id = Id(BASE + 21);
/// The role of the lead.
pub const ROLE_LEAD: Id = Id(BASE + 22);
/// The bot's own, managed role.
pub const ROLE_BOT: Id = Id(BASE + 23);
/// The role of whoever is on call.
pub const ROLE_ON_CALL: Id = Id(BASE + 24);
/// #incidents
pub const INCIDENTS: Id = Id(BASE + 30);
/// #alerts
pub const ALERTS: Id = Id(BASE + 31);
/// #incident-reports
pub const REPORTS: Id = Id(BASE + 32);
/// #general
pub const GENERAL: Id = Id(BASE + 33);
/// The bot's token.
pub const BOT_TOKEN: &str = "sandbox.bot.token";
/// The newest id of the seed; whatever is made later has a higher one.
pub const LAST: Id = Id(BASE + 1000);

/// The people of the practice guild. Each holds the role of the same name; the onlooker holds none.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub enum Person {
    /// Responds to incidents.
    Responder,
    /// Approves risky runs.
    Approver,
    /// Leads, and owns the guild's decisions.
    Lead,
    /// Watches, and has no rights.
    Onlooker,
}

impl Person {
    /// Everybody.
    pub const ALL: [Person; 4] = [Person::Responder, Person::Approver, Person::Lead, Person::Onlooker];

    /// The user's id.
    pub fn id(self) -> Id {
        Id(BASE + 40 + self as u64)
    }

    /// The user's name and display name.
    pub fn name(self) -> &'static str {
        match self {
            Person::Responder => "responder",
            Person::Approver => "approver",
            Person::Lead => "lead",
            Person::Onlooker => "onlooker",
        }
    }

    /// What the user's client signs in with.
    pub fn token(self) -> String {
        format!("sandbox.user.{}", self.name())
    }

    fn role(self) -> Option<Id> {
        match self {
            Person::Responder => Some(ROLE_RESPONDER),
            Person::Approver => Some(ROLE_APPROVER),
            Person::Lead => Some(ROLE_LEAD),
            Person::Onlooker => None,
        }
    }
}

/// The practice guild is older than anything that happens in it: 2023-04-24, ms.
const FOUNDED_AT: i64 = 1_682_330_837_000;

/// The world at the start.
pub fn world() -> World {
    let mut world = World::empty(Application {
        id: APPLICATION,
        name: "Muster".to_owned(),
        description: "Brings incidents under control.".to_owned(),
        owner: Person::Lead.id(),
        privileged_intents: 0,
    });
    let bot = User {
        id: BOT,
        username: "Muster".to_owned(),
        global_name: None,
        bot: true,
        token: BOT_TOKEN.to_owned(),
        refuses_direct_messages: false,
    };
    world.users.insert(BOT, bot);
    for person in Person::ALL {
        let user = User {
            id: person.id(),
            username: person.name().to_owned(),
            global_name: Some(person.name().to_owned()),
            bot: false,
            token: person.token(),
            refuses_direct_messages: false,
        };
        world.users.insert(user.id, user);
    }
    world.guilds.insert(GUILD, guild());
    for (position, (id, name)) in
        [(INCIDENTS, "incidents"), (ALERTS, "alerts"), (REPORTS, "incident-reports"), (GENERAL, "general")]
            .into_iter()
            .enumerate()
    {
        world.channels.insert(id, Channel::text(id, GUILD, name, position as i64));
    }
    world
}

fn guild() -> Guild {
    let role = |id, name: &str, permissions, position, color| Role {
        id,
        name: name.to_owned(),
        permissions,
        position,
        color,
        // The lead's is one that not everybody may mention: it takes the bot's own right.
        mentionable: position > 0 && id != ROLE_LEAD,
        bot: None,
    };
    let mut bot = role(ROLE_BOT, "muster", permissions::BOT, 5, 0);
    bot.bot = Some(BOT);
    bot.mentionable = false;
    let member = |user, roles| (user, Member { user, roles, joined_at: FOUNDED_AT, nick: None });
    let mut members: BTreeMap<Id, Member> = Person::ALL
        .into_iter()
        .map(|person| member(person.id(), person.role().into_iter().collect()))
        .collect();
    members.extend([member(BOT, vec![ROLE_BOT])]);
    Guild {
        id: GUILD,
        name: "Practice".to_owned(),
        // Nobody of the four: an owner may do everything, which would hide a missing permission.
        owner: Id(BASE + 50),
        roles: vec![
            role(GUILD, "@everyone", permissions::EVERYONE, 0, 0),
            role(ROLE_ON_CALL, "on-call", 0, 1, 0x00e6_7e22),
            role(ROLE_RESPONDER, "responder", 0, 2, 0x0034_98db),
            role(ROLE_APPROVER, "approver", 0, 3, 0x002e_cc71),
            role(ROLE_LEAD, "lead", 0, 4, 0x009b_59b6),
            bot,
        ],
        members,
    }
}
