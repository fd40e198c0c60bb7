//! Who is to be reached, and how: what a team writes under `[people]` and `[oncall]` in `muster.toml`,
//! with the rotas and escalation paths of its runbooks.

use std::collections::BTreeMap;
use std::time::Duration;

use super::ids::{ChannelId, RoleId, UserId};
use super::incident::Severity;
use super::policy::Policy;
use super::rota::Rota;

/// Everything that people wrote about being on call.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OnCall {
    /// The team's people, by the key that they have in `[people]`.
    pub people: BTreeMap<String, Teammate>,
    /// The rotas by name. One that a runbook's table makes is called like its service.
    pub rotas: BTreeMap<String, Rota>,
    /// The escalation policies; the first whose services and severities fit counts.
    pub policies: Vec<Policy>,
    /// Where changes of shift are told; the incidents channel where nothing is said.
    pub channel: Option<ChannelId>,
    /// The role of the server that follows the rotas: whoever is on call first holds it.
    pub role: Option<RoleId>,
    /// How long before a shift its person gets a page as a test; `None`: never.
    pub test_before: Option<Duration>,
    /// What Muster needs to reach people beside Discord.
    pub notify: Notify,
    /// What looks after Muster itself.
    pub audit: Audit,
}

impl OnCall {
    /// The policy for what is this bad in this service.
    pub fn policy(&self, service: Option<&str>, severity: Severity) -> Option<&Policy> {
        self.policies.iter().find(|p| p.fits(service, severity))
    }

    /// The rota of a service: the one that is called like it, else the one called `team`, else the only
    /// one that there is.
    pub fn rota_of(&self, service: Option<&str>) -> Option<&Rota> {
        let own = service.and_then(|name| self.rotas.get(name));
        let only = || Some(self.rotas.values().next()?).filter(|_| self.rotas.len() == 1);
        own.or_else(|| self.rotas.get("team")).or_else(only)
    }

    /// Somebody of the team by their account.
    pub fn teammate(&self, id: UserId) -> Option<&Teammate> {
        self.people.values().find(|p| p.id == id)
    }

    /// Somebody of the team by what runbooks and rotas call them: their key or one of their names,
    /// whichever case.
    pub fn called(&self, name: &str) -> Option<&Teammate> {
        let is = |known: &str| known.eq_ignore_ascii_case(name.trim());
        self.people.iter().find(|(key, p)| is(key) || p.names.iter().any(|n| is(n))).map(|(_, p)| p)
    }
}

/// Somebody of the team.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Teammate {
    /// Their account.
    pub id: UserId,
    /// What they are called, first as they are shown; then as runbooks call them.
    pub names: Vec<String>,
    /// Where else they can be reached, in the order in which it is tried.
    pub reach: Vec<Reach>,
    /// How much they are sent at most.
    pub limit: Limit,
}

impl Teammate {
    /// What they are called.
    pub fn name(&self) -> &str {
        self.names.first().map_or("somebody", String::as_str)
    }
}

/// Where somebody can be reached beside Discord.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// A topic of ntfy: its whole address.
    Ntfy(String),
    /// An e-mail address.
    Email(String),
    /// A telephone number for short messages, in E.164: `+491711234567`.
    Sms(String),
    /// A telephone number to call, in E.164.
    Call(String),
    /// An address that takes JSON.
    Webhook(String),
}

impl Reach {
    /// Which way that is.
    pub fn way(&self) -> super::page::Way {
        use super::page::Way;
        match self {
            Reach::Ntfy(_) => Way::Ntfy,
            Reach::Email(_) => Way::Email,
            Reach::Sms(_) => Way::Sms,
            Reach::Call(_) => Way::Call,
            Reach::Webhook(_) => Way::Webhook,
        }
    }
}

/// How much somebody is sent at most by each way but a mention. What is more waits, and goes out as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// So many messages. At least 1.
    pub count: u32,
    /// In so long.
    pub within: Duration,
}

impl Default for Limit {
    fn default() -> Limit {
        Limit { count: 6, within: Duration::from_secs(5 * 60) }
    }
}

/// What Muster needs to reach people beside Discord. Secrets are named, and come from the environment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notify {
    /// The server that takes e-mail.
    pub smtp: Option<Smtp>,
    /// A service that sends short messages and calls, as Twilio does.
    pub twilio: Option<Twilio>,
    /// The variable that holds a token for ntfy, where the server wants one.
    pub ntfy_token: Option<String>,
    /// The variable that holds the key with which webhooks are signed (HMAC-SHA256 of the body).
    pub webhook_secret: Option<String>,
}

/// A server that takes e-mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Smtp {
    /// Its name.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is kept secret.
    pub tls: Tls,
    /// Who it is from: an address, with or without a name.
    pub from: String,
    /// Who Muster is there, and the variable that holds the password.
    pub login: Option<(String, String)>,
}

/// How a connection is kept secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tls {
    /// From its first byte (RFC 8314).
    Implicit,
    /// From STARTTLS on, or not at all.
    StartTls,
    /// Not: only to a server on this machine.
    Off,
}

/// A service that sends short messages and calls, as Twilio does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Twilio {
    /// Where its API is: `https://api.twilio.com`.
    pub api: String,
    /// The account's id.
    pub account: String,
    /// The number it is from.
    pub from: String,
    /// The variable that holds the account's token.
    pub token: String,
}

/// What looks after Muster itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Audit {
    /// An address that is asked each minute while all is well, so that somebody else notices Muster's
    /// own death: a check of healthchecks.io, or of another Muster.
    pub dead_mans_switch: Option<String>,
    /// How little room the disk may have before that is an alert, in bytes; `None`: 500 MiB.
    pub disk: Option<u64>,
}
