//! Alertmanager's webhook, version 4: what an Alertmanager that a team keeps sends on.
//!
//! Each alert has a status of its own; the envelope's is the worst of them, and is not looked at.

use std::collections::BTreeMap;

use axum::http::Method;
use serde::Deserialize;

use super::guard;
use super::posted::{Pairs, Text, moment};
use super::{Answer, Call, Problem, Protocol, Wants};
use crate::model::alert::{Batch, Received, Signal};
use crate::model::input::Input;
use crate::model::labels::Labels;

/// An Alertmanager with a `webhook_config`. It tries again on 5xx.
pub struct Webhook;

impl Protocol for Webhook {
    fn read(&self, call: &Call<'_>) -> Result<Wants, Problem> {
        let envelope = envelope(call, &[Method::POST])?;
        match envelope.version.as_ref().map(|v| v.0.as_ref()) {
            Some("4") => {}
            None => {
                return Err(Problem::field("version", "it is missing: Alertmanager's webhook is version 4"));
            }
            Some(other) => {
                let text = format!("`{other}` is no version that is known here: Alertmanager's webhook is 4");
                return Err(Problem::field("version", text));
            }
        }
        envelope.wants(call, |_, _| {})
    }
}

/// The request's body.
///
/// # Errors
/// What is wrong with it.
pub(super) fn envelope<'a>(call: &Call<'a>, methods: &[Method]) -> Result<Envelope<'a>, Problem> {
    if !methods.contains(call.method) {
        return Err(Problem::new(405, format!("alerts are sent with {}", methods[0])));
    }
    if !matches!(call.path, "" | "/") {
        let text = format!("there is nothing at {}: send to /in/{}", call.path, call.source.name);
        return Err(Problem::new(404, text));
    }
    if call.body.trim_ascii_start().starts_with(b"[") {
        let text = "a list of alerts is what Prometheus posts to an Alertmanager: name this source's kind \
                    `alertmanager` for it; here an object with `alerts` is expected";
        return Err(Problem::field("body", text));
    }
    guard::json(call.body)
}

/// What Alertmanager and Grafana send: an envelope and its alerts.
#[derive(Deserialize)]
#[serde(expecting = "an object with `alerts`")]
pub(super) struct Envelope<'a> {
    #[serde(borrow, default)]
    version: Option<Text<'a>>,
    #[serde(borrow)]
    alerts: Vec<Told<'a>>,
    #[serde(default, rename = "truncatedAlerts")]
    truncated: Option<u64>,
}

/// One alert. What stands behind `generatorURL` is Grafana's.
#[derive(Deserialize)]
#[serde(expecting = "an alert, which is an object")]
pub(super) struct Told<'a> {
    #[serde(borrow)]
    status: Text<'a>,
    #[serde(borrow)]
    labels: Pairs<'a>,
    #[serde(borrow, default)]
    annotations: Option<Pairs<'a>>,
    #[serde(borrow, default, rename = "startsAt")]
    starts: Option<Text<'a>>,
    #[serde(borrow, default, rename = "endsAt")]
    ends: Option<Text<'a>>,
    #[serde(borrow, default, rename = "generatorURL")]
    link: Option<Text<'a>>,
    #[serde(default)]
    pub(super) values: Option<BTreeMap<String, serde_json::Value>>,
    #[serde(borrow, default, rename = "dashboardURL")]
    pub(super) dashboard: Option<Text<'a>>,
    #[serde(borrow, default, rename = "panelURL")]
    pub(super) panel: Option<Text<'a>>,
    #[serde(borrow, default, rename = "silenceURL")]
    pub(super) silence: Option<Text<'a>>,
    #[serde(borrow, default, rename = "imageURL")]
    pub(super) image: Option<Text<'a>>,
}

impl<'a> Envelope<'a> {
    /// What the envelope wants; `more` adds annotations of its own kind.
    ///
    /// # Errors
    /// What is wrong with an alert: nothing is kept then, and the sender says so in its log.
    pub(super) fn wants(
        self,
        call: &Call<'_>,
        more: impl Fn(&Told<'a>, &mut Vec<(&'static str, String)>),
    ) -> Result<Wants, Problem> {
        let mut alerts = Vec::with_capacity(self.alerts.len());
        for (n, told) in self.alerts.into_iter().enumerate() {
            let mut added = vec![];
            more(&told, &mut added);
            if let (0, Some(cut @ 1..)) = (n, self.truncated) {
                added.push(("truncated", format!("{cut} more alerts of this group were not sent")));
            }
            alerts.push(told.received(n, added)?);
        }
        if let Some(cut @ 1..) = self.truncated {
            tracing::warn!(
                "`{}` did not send {cut} alerts of a group: raise its max_alerts",
                call.source.name
            );
        }
        let answer = Answer::empty(200);
        if alerts.is_empty() {
            return Ok(Wants::Answer(answer));
        }
        let batch = Batch { source: call.source.name.clone(), receipt: None, alerts, marks: vec![] };
        Ok(Wants::Keep(Box::new(Input::Alerts(Box::new(batch))), answer))
    }
}

impl Told<'_> {
    fn received(self, n: usize, added: Vec<(&'static str, String)>) -> Result<Received, Problem> {
        let at = |field: &str| format!("alerts[{n}].{field}");
        let starts = moment(self.starts.as_ref(), || at("startsAt"))?;
        let ends = moment(self.ends.as_ref(), || at("endsAt"))?;
        let signal = match self.status.as_ref() {
            // Until it says that it is over: what it knows of an end is not sent while it fires.
            "firing" => Signal::Firing { since: starts, until: None },
            "resolved" => Signal::Resolved { at: ends },
            other => {
                let text = format!("`{other}` is no status: an alert is firing or resolved");
                return Err(Problem::field(at("status"), text));
            }
        };
        let labels = self.labels.labels();
        if labels.is_empty() {
            return Err(Problem::field(at("labels"), "an alert needs at least one"));
        }
        let annotations = self.annotations.unwrap_or_default().0;
        let own = annotations.iter().map(|(n, v)| (n.as_ref(), v.as_ref()));
        let annotations = Labels::new(added.iter().map(|(n, v)| (*n, v.as_str())).chain(own));
        let link = self.link.filter(|l| !l.0.is_empty()).map(|l| l.0.into_owned());
        let received = Received { fingerprint: labels.fingerprint(), labels, annotations, link, signal };
        guard::bounded(&received, || format!("alerts[{n}]"))?;
        Ok(received)
    }
}
