//! What a team wants done with its alerts: routes, inhibitions, windows, and how much is too much.

use std::time::Duration;

use chrono::{NaiveTime, Weekday};
use chrono_tz::Tz;

use super::heartbeat::Heartbeat;
use super::ids::ChannelId;
use super::incident::Severity;
use super::labels::{Labels, Matcher};

/// The section `[alerts]` of `muster.toml`, and what belongs to it.
#[derive(Clone, Debug, PartialEq)]
pub struct Alerting {
    /// Where everything begins: it has no matchers, and takes what no other takes.
    pub root: Route,
    /// What keeps quiet while something worse fires.
    pub inhibitions: Vec<Inhibition>,
    /// When nobody is told.
    pub windows: Vec<Window>,
    /// How long an alert fires whose source does not say so again, and set no end.
    pub resolve_timeout: Duration,
    /// What other people's words for a severity mean: `critical` is P1.
    pub severities: Vec<(String, Severity)>,
    /// What flaps.
    pub flapping: Flapping,
    /// What a storm is.
    pub storm: Storm,
    /// Jobs that are to say when they ran.
    pub heartbeats: Vec<Heartbeat>,
}

/// What becomes of alerts with these labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Route {
    /// What it is called.
    pub name: String,
    /// Which alerts: all must match.
    pub matchers: Vec<Matcher>,
    /// Alerts that share these labels are one group.
    pub group_by: Vec<String>,
    /// How long the first of a group waits for others, before anybody is told.
    pub wait: Duration,
    /// How long after that what joined it is told.
    pub interval: Duration,
    /// After how long people are told again of what still fires.
    pub repeat: Duration,
    /// Where its cards stand; the team's alerts channel where nothing is said.
    pub channel: Option<ChannelId>,
    /// Roles of `muster.toml` that are called when people are told.
    pub mention: Vec<String>,
    /// How bad what comes here is, whatever its labels say.
    pub severity: Option<Severity>,
    /// What is so bad that it opens an incident by itself.
    pub opens: Vec<Severity>,
    /// Whether the routes after this one are asked too.
    pub go_on: bool,
    /// Routes below it, asked in order; the first that takes an alert has it.
    pub routes: Vec<Route>,
}

impl Default for Route {
    fn default() -> Route {
        let seconds = Duration::from_secs;
        Route {
            name: "default".to_owned(),
            matchers: vec![],
            group_by: vec!["alertname".to_owned(), "service".to_owned()],
            wait: Duration::ZERO,
            interval: seconds(5 * 60),
            repeat: seconds(4 * 3600),
            channel: None,
            mention: vec![],
            severity: None,
            opens: vec![Severity::P1, Severity::P2],
            go_on: false,
            routes: vec![],
        }
    }
}

/// While something with these labels fires, nobody is told of something with those.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inhibition {
    /// What it is called.
    pub name: String,
    /// What fires.
    pub source: Vec<Matcher>,
    /// What is kept quiet.
    pub target: Vec<Matcher>,
    /// Only where both have the same value for each of these.
    pub equal: Vec<String>,
}

/// When nobody is told, week after week.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// What it is called.
    pub name: String,
    /// Of which alerts.
    pub matchers: Vec<Matcher>,
    /// On which days it begins; every day where none is named.
    pub days: Vec<Weekday>,
    /// At what time of the day it begins, there.
    pub at: NaiveTime,
    /// How long it lasts.
    pub lasts: Duration,
    /// Where the clock hangs.
    pub timezone: Tz,
}

/// What flaps: it ends and comes back so often in so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flapping {
    /// How often it ends or comes back.
    pub turns: u32,
    /// In how long.
    pub within: Duration,
    /// How long it has to be quiet before its end is told.
    pub quiet: Duration,
}

/// A storm: so many groups begin in so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Storm {
    /// How many.
    pub groups: u32,
    /// In how long.
    pub within: Duration,
}

impl Default for Alerting {
    fn default() -> Alerting {
        let minutes = |m: u64| Duration::from_secs(60 * m);
        let words = [
            ("critical", Severity::P1),
            ("page", Severity::P1),
            ("emergency", Severity::P1),
            ("fatal", Severity::P1),
            ("error", Severity::P2),
            ("high", Severity::P2),
            ("major", Severity::P2),
            ("warning", Severity::P3),
            ("warn", Severity::P3),
            ("medium", Severity::P3),
            ("minor", Severity::P3),
            ("info", Severity::P4),
            ("low", Severity::P4),
            ("none", Severity::P4),
        ];
        Alerting {
            root: Route::default(),
            inhibitions: vec![],
            windows: vec![],
            resolve_timeout: minutes(5),
            severities: words.map(|(word, s)| (word.to_owned(), s)).into(),
            flapping: Flapping { turns: 4, within: minutes(30), quiet: minutes(10) },
            storm: Storm { groups: 10, within: minutes(1) },
            heartbeats: vec![],
        }
    }
}

impl Alerting {
    /// How bad an alert with these labels is: its route decides first, then its label `severity`; what
    /// says nothing is P3.
    pub fn severity(&self, route: Option<Severity>, labels: &Labels) -> Severity {
        let word = labels.get("severity").unwrap_or_default();
        let named = || self.severities.iter().find(|(w, _)| w.eq_ignore_ascii_case(word)).map(|(_, s)| *s);
        route.or_else(|| word.parse().ok()).or_else(named).unwrap_or(Severity::P3)
    }
}
