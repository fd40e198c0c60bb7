//! What a team says about the door for its sources: where Muster listens, and who may come in.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::str::FromStr;

use super::calendar::CalendarKey;

/// Requests a second that a source may send, where nothing else is said: a Prometheus sends one for
/// 64 alerts.
pub const REQUESTS: u32 = 1_000;

/// The section `[intake]` of `muster.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Intake {
    /// Where Muster listens; it does not where nothing is said. Port 0 is any that is free.
    pub listen: Option<SocketAddr>,
    /// How others reach it: `https://muster.example.org`. The addresses of calendars begin with it.
    pub public_url: Option<String>,
    /// Whether a reverse proxy stands before it that says who is asking (`X-Forwarded-For`).
    pub trust_proxy: bool,
    /// Who may come in.
    pub sources: Vec<Source>,
    /// What sources call the services: a repository, a project, a component, each with the name of its
    /// runbook.
    pub services: BTreeMap<String, String>,
    /// What the addresses of people's calendars are made with; no file of the team holds it, and where
    /// there is none, there are no calendars.
    pub calendars: Option<CalendarKey>,
}

impl Intake {
    /// The source with this name.
    pub fn source(&self, name: &str) -> Option<&Source> {
        self.sources.iter().find(|s| s.name == name)
    }
}

/// Something that tells Muster what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// What it is called, in its address too: `/in/NAME/…`.
    pub name: String,
    /// How it speaks.
    pub kind: Kind,
    /// The environment variable that holds its secret; never the secret.
    pub secret: Option<String>,
    /// Whether it needs no secret. Only where Muster listens on loopback.
    pub open: bool,
    /// Requests a second.
    pub limit: u32,
}

/// How a source speaks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Prometheus, or whatever else posts to an Alertmanager: its API v2.
    Alertmanager,
    /// An Alertmanager, with its webhook.
    AlertmanagerWebhook,
    /// Grafana's webhook.
    Grafana,
    /// PagerDuty's Events API v2.
    Pagerduty,
    /// GitHub's webhooks.
    Github,
    /// The ping API of healthchecks.
    Healthchecks,
    /// Whatever a file of `data/sources/` describes, by its name.
    Mapping(String),
}

impl Kind {
    /// Those with code of their own, by name.
    pub const NAMED: [(&'static str, Kind); 6] = [
        ("alertmanager", Kind::Alertmanager),
        ("alertmanager-webhook", Kind::AlertmanagerWebhook),
        ("grafana", Kind::Grafana),
        ("pagerduty", Kind::Pagerduty),
        ("github", Kind::Github),
        ("healthchecks", Kind::Healthchecks),
    ];
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Kind::Mapping(name) => write!(f, "mapping {name}"),
            named => f.write_str(Kind::NAMED.iter().find(|(_, k)| k == named).map_or("", |(name, _)| name)),
        }
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(s: &str) -> Result<Kind, String> {
        if let Some((_, kind)) = Kind::NAMED.iter().find(|(name, _)| *name == s) {
            return Ok(kind.clone());
        }
        match s.strip_prefix("mapping ").map(str::trim) {
            Some(name) if !name.is_empty() => Ok(Kind::Mapping(name.to_owned())),
            _ => {
                let names: Vec<&str> = Kind::NAMED.iter().map(|(name, _)| *name).collect();
                Err(format!("`{s}` is no kind of source; there are {} and `mapping NAME`", names.join(", ")))
            }
        }
    }
}
