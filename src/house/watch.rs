//! Reads `[watch]` of `muster.toml`, and finds rules that nobody can look at.

use std::time::Duration;

use super::node::Table;
use super::problem::Notes;
use super::runbook;
use super::runbook::time;
use crate::model::settings::{ServiceSettings, Settings};
use crate::model::watch::Watching;

/// The shortest and the longest that may lie between two looks.
const EVERY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(3600));

/// `[watch]`: `off`, `prometheus`, `every`.
pub fn read(top: &mut Table<'_>, notes: &mut Notes) -> Watching {
    let mut watching = Watching::default();
    let Some(mut table) = top.table("watch", notes) else { return watching };
    watching.off = table.boolean("off", notes).unwrap_or_default();
    watching.prometheus = address(&mut table, "prometheus", notes);
    if let Some(every) = time::of(&mut table, "every", notes) {
        if !(EVERY.0..=EVERY.1).contains(&every) {
            let line = table.get("every").map_or(table.line, |n| n.line);
            notes.add(line, "`every` is not between 1s and 1h", "write it like 15s");
        }
        watching.every = every;
    }
    table.done("[watch]", notes);
    watching
}

/// An http address, without a `/` at its end.
pub fn address(table: &mut Table<'_>, key: &'static str, notes: &mut Notes) -> Option<String> {
    let text = table.text(key, notes)?;
    let host = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    let good = host.is_some_and(|h| !h.is_empty() && !h.contains(['@', ' ', '?', '#']));
    if !good {
        let line = table.get(key).map_or(table.line, |n| n.line);
        let what = format!("`{key}` is `{text}`, which is no http address");
        notes.add(line, what, "write it like http://127.0.0.1:9090, without a name or password in it");
        return None;
    }
    Some(text.trim_end_matches('/').to_owned())
}

/// The rules of a runbook that ask for metrics which nobody tells Muster.
pub fn check(read: &runbook::Read, settings: &Settings, notes: &mut Notes) {
    let none = ServiceSettings::default();
    let service = &read.runbook.service;
    let own = settings.services.get(service).unwrap_or(&none);
    if settings.watch.off || own.prometheus.is_some() || settings.watch.prometheus.is_some() {
        return;
    }
    for rule in &read.runbook.watches {
        let line = read.runbook.step(rule.name.as_str()).map_or(1, |step| read.body(step));
        for query in rule.queries() {
            match (&own.metrics, &query.own) {
                (None, _) => {
                    let what = format!("`{}` watches metrics, and nobody says where they are", rule.name);
                    let cure = format!(
                        "add prometheus = \"http://…\" under [watch] of muster.toml, or metrics = \"http://…/metrics\" under [services.{service}]"
                    );
                    notes.add(line, what, cure);
                    break;
                }
                (Some(_), Err(why)) => {
                    let what = format!("`{}` cannot be worked out without a Prometheus: {why}", rule.name);
                    notes.add(
                        line,
                        what,
                        "add prometheus = \"http://…\" under [watch] of muster.toml, or ask less",
                    );
                }
                (Some(_), Ok(_)) => {}
            }
        }
    }
}
