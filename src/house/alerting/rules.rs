//! What keeps alerts quiet by plan: `[[alerts.inhibit]]` and `[[alerts.windows]]`.

use std::collections::BTreeSet;
use std::time::Duration;

use chrono::{NaiveTime, Weekday};
use chrono_tz::Tz;

use super::{label_names, name, some_matchers, tables};
use crate::house::node::Table;
use crate::house::problem::Notes;
use crate::house::runbook::time;
use crate::model::alerting::{Inhibition, Window};

/// A window comes every week, so that it may last no longer.
const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);
const MINUTE: Duration = Duration::from_secs(60);

/// `[[alerts.inhibit]]`
pub fn inhibitions(table: &mut Table<'_>, notes: &mut Notes) -> Vec<Inhibition> {
    let mut seen = BTreeSet::new();
    let mut all = vec![];
    for (mut table, line) in tables(table, "inhibit", "alerts.inhibit", notes) {
        let what = "an inhibition";
        let name = name((&mut table, line), what, &mut seen, notes);
        let source = some_matchers((&mut table, line), "source", what, notes);
        let target = some_matchers((&mut table, line), "target", what, notes);
        let equal = label_names(&mut table, "equal", notes).unwrap_or_default();
        table.done("[[alerts.inhibit]]", notes);
        all.extend(name.map(|name| Inhibition { name, source, target, equal }));
    }
    all
}

/// `[[alerts.windows]]`
pub fn windows(table: &mut Table<'_>, timezone: Tz, notes: &mut Notes) -> Vec<Window> {
    let mut seen = BTreeSet::new();
    let mut all = vec![];
    for (mut table, line) in tables(table, "windows", "alerts.windows", notes) {
        let what = "a window";
        let name = name((&mut table, line), what, &mut seen, notes);
        let matchers = some_matchers((&mut table, line), "match", what, notes);
        let days = days(&mut table, notes);
        let at = at(&mut table, line, notes);
        let lasts = lasts(&mut table, line, notes);
        let timezone = zone(&mut table, notes).unwrap_or(timezone);
        table.done("[[alerts.windows]]", notes);
        if let (Some(name), Some(at), Some(lasts)) = (name, at, lasts) {
            all.push(Window { name, matchers, days, at, lasts, timezone });
        }
    }
    all
}

fn days(table: &mut Table<'_>, notes: &mut Notes) -> Vec<Weekday> {
    let mut days = vec![];
    for (text, line) in table.texts("days", notes).unwrap_or_default() {
        match text.parse::<Weekday>() {
            Ok(day) if days.contains(&day) => {
                notes.add(line, format!("`days` has {day} twice"), "delete one")
            }
            Ok(day) => days.push(day),
            Err(_) => {
                notes.add(
                    line,
                    format!("`{text}` is no weekday"),
                    "write mon, tue, wed, thu, fri, sat or sun",
                );
            }
        }
    }
    days
}

fn at(table: &mut Table<'_>, line: usize, notes: &mut Notes) -> Option<NaiveTime> {
    let Some(node) = table.get("at") else {
        notes.add(line, "a window does not say when it begins: `at`", "add at = \"22:30\"");
        return None;
    };
    let read = |text: &str| {
        let formats = ["%H:%M", "%H:%M:%S"];
        formats.iter().find_map(|format| NaiveTime::parse_from_str(text, format).ok())
    };
    let at = node.scalar().and_then(read);
    if at.is_none() {
        notes.add(node.line, "`at` is no time of the day", "write it like 22:30, between quotes");
    }
    at
}

fn lasts(table: &mut Table<'_>, line: usize, notes: &mut Notes) -> Option<Duration> {
    let Some(node) = table.get("for") else {
        notes.add(line, "a window does not say how long it lasts: `for`", "add for = \"90m\"");
        return None;
    };
    let lasts = time::of(table, "for", notes)?;
    if !(MINUTE..=WEEK).contains(&lasts) {
        notes.add(node.line, "`for` is shorter than a minute or longer than a week", "write 1m to 7d");
    }
    Some(lasts)
}

fn zone(table: &mut Table<'_>, notes: &mut Notes) -> Option<Tz> {
    let line = table.get("timezone")?.line;
    let zone = table.text("timezone", notes)?.parse().ok();
    if zone.is_none() {
        notes.add(line, "`timezone` is no time zone", "write it like Europe/Berlin, or UTC");
    }
    zone
}
