//! What the card of a group and the message of a storm show, from what is known now: small values,
//! however much their sources wrote.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::time::Duration;

use super::state::{Alerts, Storming};
use crate::core::incidents::address;
use crate::core::state::State;
use crate::core::triage::fit;
use crate::kit::text;
use crate::kit::time::Timestamp;
use crate::model::alert::{
    Alert, AlertCard, AlertLine, AlertListed, AlertState, Group, GroupPhase, Held, Mute, RunbookSection,
    StormCard,
};
use crate::model::house::House;
use crate::model::ids::ChannelId;
use crate::model::incident::{Link, Thread};
use crate::model::labels::Labels;
use crate::model::mark::Mark;
use crate::model::triage::Playbook;

/// Alerts in a card; the others are counted.
const ALERTS: usize = 10;
/// Labels of each of them, and characters of a name and of a value.
const LABELS: usize = 6;
const LABEL: usize = 60;
/// Characters of what a source says in one line, and in more.
const SUMMARY: usize = 300;
const DESCRIPTION: usize = 1_200;
/// How long before a group something that changed may have to do with it.
pub const LATELY: Duration = Duration::from_secs(2 * 3600);
/// Changes in a card.
const CHANGES: usize = 3;
/// Playbooks in a card.
const PLAYBOOKS: usize = 3;
/// Groups that a storm's message names.
const SOME: usize = 10;
/// Services that it counts one by one.
const SERVICES: usize = 10;
/// The annotation in which a runbook's own rule names what helps.
const SUGGEST: &str = "muster_suggest";
/// The annotation in which it says where in the runbook it stands.
const SECTION: &str = "muster_section";
/// Annotations that lead somewhere, and what they are called in a card. Prometheus' rules have
/// `runbook_url` and `dashboard_url`, Grafana's the two others.
const LINKS: [(&str, &str); 4] = [
    ("runbook_url", "Runbook"),
    ("dashboard_url", "Dashboard"),
    ("__dashboardURL__", "Dashboard"),
    ("__panelURL__", "Panel"),
];

/// What a group's card shows now.
pub fn card(state: &State, house: &House, group: &Group) -> AlertCard {
    let alerts = &state.alerts;
    let firing = || group.firing.iter().filter_map(|fp| alerts.live.get(fp));
    let over = || group.over.iter().filter_map(|fp| alerts.live.get(fp));
    // What is said now counts; of what began together, what says most; of what is over, what was said last.
    let speaks: Option<&Alert> = firing()
        .min_by_key(|a| (a.since, Reverse(a.annotations.len())))
        .or_else(|| over().max_by_key(|a| a.since))
        .map(|a| &**a);
    let said = |name: &str, most: usize| {
        let words = speaks.and_then(|a| a.annotations.get(name)).map(|w| text::plain(w).trim().to_owned());
        words.filter(|w| !w.is_empty()).map(|w| text::cut(&w, most))
    };
    let summary = said("summary", SUMMARY).map(|s| text::line(&s));
    let description = ["description", "message"].iter().find_map(|name| said(name, DESCRIPTION));
    let held = held(group);
    let (silence, worse) = match &held {
        Some(Held::Muted(Mute::Silence(id))) => (alerts.silences.get(id).cloned().map(Box::new), None),
        Some(Held::Muted(Mute::Inhibited { by, .. })) => {
            let worse = alerts.live.get(by).and_then(|a| alerts.groups.get(&a.group));
            (None, worse.map(|g| format!("{} · {}", g.id, text::cut(&text::line(&g.opened.title), 120))))
        }
        _ => (None, None),
    };
    AlertCard {
        opened: group.opened.clone(),
        phase: group.phase,
        since: since(alerts, group),
        firing: count(group.firing.len()),
        times: group.times,
        summary,
        description,
        alerts: lines(alerts, group),
        links: speaks.map(links).unwrap_or_default(),
        section: speaks.and_then(|alert| section(house, group, alert)),
        playbooks: playbooks(house, group, speaks),
        changes: changes(alerts, group),
        acknowledged: group.acknowledged.clone(),
        incident: group.incident,
        thread: thread(state, group),
        held,
        silence,
        worse,
        flaps: count(group.turns.len()).saturating_mul(u32::from(flaps(house, group))),
    }
}

/// Why nobody is told of it: what is over is told as that.
fn held(group: &Group) -> Option<Held> {
    group.held.clone().filter(|_| !matches!(group.phase, GroupPhase::Over { .. }))
}

fn flaps(house: &House, group: &Group) -> bool {
    let often = group.turns.len() >= house.settings.alerting.flapping.turns as usize;
    often || matches!(group.held, Some(Held::Flaps { .. }))
}

fn thread(state: &State, group: &Group) -> Option<ChannelId> {
    match state.incidents.get(&group.incident?)?.thread {
        Thread::At(thread) => Some(thread),
        Thread::Owed | Thread::Lost => None,
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// Since when the oldest of a group fires; of one that is over, since when it did.
fn since(alerts: &Alerts, group: &Group) -> Timestamp {
    let oldest = |fps: &std::collections::BTreeSet<_>| {
        fps.iter().filter_map(|fp| alerts.live.get(fp)).map(|a| a.since).min()
    };
    match oldest(&group.firing) {
        Some(since) => since,
        None => oldest(&group.over).map_or(group.opened.at, |since| since.min(group.opened.at)),
    }
}

/// Some alerts of a group, those that fire first, the oldest of them first.
fn lines(alerts: &Alerts, group: &Group) -> Vec<AlertLine> {
    let live = |fp| alerts.live.get(fp).map(|a| &**a);
    let mut firing: Vec<&Alert> = group.firing.iter().filter_map(live).collect();
    let mut over: Vec<&Alert> = group.over.iter().filter_map(live).filter(|a| !a.fires()).collect();
    firing.sort_by_key(|a| a.since);
    over.sort_by_key(|a| Reverse(ended(a)));
    let line = |a: &Alert| AlertLine {
        labels: telling_apart(&a.labels, &group.opened.key),
        since: a.since,
        over: ended(a),
    };
    firing.into_iter().chain(over).take(ALERTS).map(line).collect()
}

fn ended(alert: &Alert) -> Option<Timestamp> {
    match alert.state {
        AlertState::Over { at, .. } => Some(at),
        AlertState::Firing { .. } => None,
    }
}

/// The labels of an alert that its group does not say already.
pub(in crate::core) fn telling_apart(labels: &Labels, key: &Labels) -> Labels {
    let own = labels.iter().filter(|(name, value)| key.get(name) != Some(value));
    // What the card says in words elsewhere.
    let own = own.filter(|(name, _)| !["alertname", "severity"].contains(name)).take(LABELS);
    Labels::new(own.map(|(name, value)| (short(name), short(value))))
}

fn short(words: &str) -> String {
    text::cut(&text::line(words), LABEL)
}

/// Where an alert leads to: its source, and what its rule names. What is no plain address is left out.
fn links(alert: &Alert) -> Vec<Link> {
    let named = LINKS.iter().filter_map(|(name, label)| {
        let url = alert.annotations.get(name).or_else(|| alert.labels.get(name))?;
        Some((url, *label))
    });
    let source = alert.link.as_deref().map(|url| (url, "Source"));
    let mut links: Vec<Link> = vec![];
    for (url, label) in source.into_iter().chain(named) {
        if let Ok(url) = address(url.trim())
            && links.iter().all(|l| l.url != url && l.label != label)
        {
            links.push(Link { url, label: label.to_owned() });
        }
    }
    links
}

/// Where the runbook of its service speaks of it: only Muster's own rules say so, and a section may be gone
/// since.
fn section(house: &House, group: &Group, alert: &Alert) -> Option<RunbookSection> {
    let service = group.opened.service.as_deref()?;
    let anchor = alert.annotations.get(SECTION)?;
    let section = house.runbook(service)?.sections.iter().find(|s| s.anchor == anchor)?;
    let title = text::cut(&text::line(&section.title), LABEL);
    Some(RunbookSection { service: service.to_owned(), anchor: anchor.to_owned(), title })
}

/// What may help: what a rule names itself, then what fits by its words.
pub(in crate::core) fn playbooks(house: &House, group: &Group, speaks: Option<&Alert>) -> Vec<Playbook> {
    let opened = &group.opened;
    let mut all: Vec<Playbook> = vec![];
    let named = speaks.and_then(|a| a.annotations.get(SUGGEST)).unwrap_or_default();
    let service = opened.service.as_deref();
    for name in named.split(',').map(str::trim) {
        all.extend(service.and_then(|s| suggested(house, s, name)));
    }
    let summary = speaks.and_then(|a| a.annotations.get("summary")).unwrap_or_default();
    let name = speaks.and_then(|a| a.labels.get("alertname")).unwrap_or_default();
    let what = format!("{} {} {}", opened.title, apart(name), summary);
    let fitting = fit::playbooks(house, service, &text::cut(&what, 1_000), opened.severity);
    for playbook in fitting {
        if all.iter().all(|p| (&p.service, &p.action) != (&playbook.service, &playbook.action)) {
            all.push(playbook);
        }
    }
    all.truncate(PLAYBOOKS);
    all
}

/// The playbook that a rule of a runbook names: an action, or the section of one.
fn suggested(house: &House, service: &str, name: &str) -> Option<Playbook> {
    let book = house.runbook(service)?;
    let found = book.actions.get_key_value(name);
    let (action, found) = found.or_else(|| book.actions.iter().find(|(_, action)| action.section == name))?;
    let section = book.section(&found.section).map(|s| s.title.clone());
    let title = found.title.clone().or(section).unwrap_or_else(|| action.clone());
    Some(Playbook { service: service.to_owned(), action: action.clone(), title, words: vec![] })
}

/// `HighErrorRate` as the words that it is made of.
fn apart(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 8);
    let mut before = ' ';
    for c in name.chars() {
        if c.is_uppercase() && before.is_lowercase() {
            out.push(' ');
        }
        out.push(c);
        before = c;
    }
    out
}

/// What changed of a group's service not long before it, or since; the newest first.
fn changes(alerts: &Alerts, group: &Group) -> Vec<Mark> {
    let Some(service) = &group.opened.service else { return vec![] };
    let from = Timestamp(group.opened.at.0.saturating_sub(LATELY.as_millis() as i64));
    let own = alerts.marks.iter().filter(|m| m.service.as_ref() == Some(service) && m.at >= from);
    let mut own: Vec<&Mark> = own.collect();
    own.sort_by_key(|m| Reverse(m.at));
    own.into_iter().take(CHANGES).map(clean).collect()
}

/// A mark as it may be shown: its address leads somewhere, or is left out.
pub(in crate::core) fn clean(mark: &Mark) -> Mark {
    let link = mark.link.as_ref().filter(|l| address(&l.url).is_ok()).cloned();
    Mark { what: text::cut(&text::line(&mark.what), 200), link, ..mark.clone() }
}

/// What a storm's message shows now.
pub fn storm(alerts: &Alerts, storm: &Storming) -> StormCard {
    let mut groups: Vec<&Group> = storm.groups.iter().filter_map(|id| alerts.groups.get(id)).collect();
    let fires = |g: &&Group| !g.firing.is_empty();
    let mut services: BTreeMap<&str, u32> = BTreeMap::new();
    for group in groups.iter().filter(|g| fires(g)) {
        *services.entry(group.opened.service.as_deref().unwrap_or("no service named")).or_default() += 1;
    }
    let mut services: Vec<(String, u32)> = services.into_iter().map(|(s, n)| (short(s), n)).collect();
    services.sort_by_key(|(_, n)| Reverse(*n));
    services.truncate(SERVICES);
    let firing = count(groups.iter().filter(|g| fires(g)).count());
    let all = groups.iter().map(|g| count(g.firing.len())).sum();
    groups.sort_by_key(|g| (g.firing.is_empty(), g.opened.severity, g.opened.at));
    let some = groups.into_iter().take(SOME);
    StormCard {
        id: storm.id,
        since: storm.since,
        over: storm.over,
        groups: (count(storm.groups.len()), firing),
        alerts: all,
        services,
        some: some.map(|g| (g.id, g.opened.severity, text::cut(&text::line(&g.opened.title), 100))).collect(),
    }
}

/// A group as it stands in a list.
pub fn listed(alerts: &Alerts, group: &Group) -> AlertListed {
    AlertListed {
        group: group.id,
        severity: group.opened.severity,
        title: text::cut(&text::line(&group.opened.title), 120),
        service: group.opened.service.clone(),
        since: since(alerts, group),
        firing: count(group.firing.len()),
        held: group.held.is_some(),
        acknowledged: group.acknowledged.clone(),
        incident: group.incident,
    }
}
