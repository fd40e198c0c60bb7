//! What Muster counts, as Prometheus reads it. It is kept in memory alone: it is no history.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

use super::Answer;
use crate::render::alertmanager::Figures;

/// What was counted since the program began.
#[derive(Default)]
pub struct Counts(Mutex<Counted>);

#[derive(Default)]
struct Counted {
    /// Requests, by status.
    answered: BTreeMap<u16, u64>,
    /// Alerts that were kept, by source.
    alerts: BTreeMap<String, u64>,
}

impl Counts {
    /// A request was answered.
    pub fn answered(&self, status: u16) {
        *self.lock().answered.entry(status).or_default() += 1;
    }

    /// So many alerts of a source were kept.
    pub fn kept(&self, source: &str, alerts: u64) {
        let mut counted = self.lock();
        match counted.alerts.get_mut(source) {
            Some(sum) => *sum += alerts,
            None => drop(counted.alerts.insert(source.to_owned(), alerts)),
        }
    }

    /// In the text format of Prometheus, 0.0.4.
    pub fn text(&self, figures: &Figures, up: bool) -> String {
        let counted = self.lock();
        let mut page = Page::default();
        page.family("muster_http_requests_total", "counter", "Requests of sources, by status.");
        for (status, n) in &counted.answered {
            page.line(&format!("muster_http_requests_total{{status=\"{status}\"}}"), *n);
        }
        page.family("muster_alerts_received_total", "counter", "Alerts that were taken in, by source.");
        for (source, n) in &counted.alerts {
            page.line(&format!("muster_alerts_received_total{{source=\"{source}\"}}"), *n);
        }
        for (name, help, value) in [
            ("muster_alerts_firing", "Alerts that fire.", figures.alerts),
            ("muster_groups_firing", "Groups of alerts that fire.", figures.groups),
            ("muster_storms", "Storms that are not over.", figures.storms),
            ("muster_incidents_open", "Incidents that are open.", figures.incidents),
            ("muster_outbox_length", "Effects that are owed.", figures.owed),
            ("muster_gateway_up", "Whether Discord is reached.", u64::from(up)),
        ] {
            page.family(name, "gauge", help);
            page.line(name, value);
        }
        page.family("muster_commits_total", "counter", "Commits of the journal.");
        page.line("muster_commits_total", figures.commits);
        page.0
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Counted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[derive(Default)]
struct Page(String);

impl Page {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn line(&mut self, name: &str, value: u64) {
        let _ = writeln!(self.0, "{name} {value}");
    }
}

impl Answer {
    /// A page of figures.
    pub(super) fn metrics(body: String) -> Answer {
        Answer { kind: "text/plain; version=0.0.4; charset=utf-8", ..Answer::text(200, body) }
    }
}
