//! What follows for pages from what happens to incidents and alerts: one begins, is answered, or is over.

use super::hand::Hand;
use super::ladder;
use crate::core::Outcome;
use crate::core::alerts::incident::open_one;
use crate::model::alert::{GroupNews, Opened, Why};
use crate::model::event::Event;
use crate::model::ids::{GroupId, IncidentId, PageId};
use crate::model::incident::{Duty, Severity};
use crate::model::page::{About, Because, Begun, Ended, Page, Standing};
use crate::model::person::Person;

/// What an incident or an alert is, as far as a page begins with it.
struct Matter<'m> {
    about: About,
    title: &'m str,
    severity: Severity,
    service: Option<&'m str>,
}

/// Looks at what happens, and does what follows.
pub(super) fn follow(hand: &mut Hand<'_>, outcome: &Outcome) {
    for event in &outcome.events {
        match event {
            Event::IncidentDeclared {
                incident, title, severity, service, drill: false, private, by, ..
            } => {
                let (about, severity) = (About::Incident(*incident), *severity);
                let matter = Matter { about, title, severity, service: service.as_deref() };
                hand.private = private.then_some((*incident, by.id));
                match on_it(hand, outcome, *incident, by, severity) {
                    Some(who) => begin_answered(hand, &matter, &who),
                    None => begin(hand, &matter),
                }
                hand.private = None;
            }
            Event::IncidentReopened { incident, .. } => again(hand, *incident, None),
            Event::SeverityChanged { incident, severity, was, .. } => {
                let open = hand.state.incidents.get(incident).is_some_and(|i| i.phase.is_open());
                if open {
                    severity_changed(hand, *incident, *severity, *was);
                }
            }
            Event::IncidentResolved { incident, .. }
            | Event::IncidentClosed { incident, .. }
            | Event::IncidentMerged { incident, .. } => {
                end(hand, About::Incident(*incident), Ended::Resolved);
                // Nobody has to come any more for what somebody was asked to come for.
                end(hand, About::Asked { incident: Some(*incident) }, Ended::Resolved);
            }
            Event::DutyAssigned { incident, duty: Duty::Commander, to, by } if to.is(by) => {
                answered(hand, About::Incident(*incident), by);
            }
            Event::Alerts { group, news } => alerts(hand, outcome, *group, news),
            _ => {}
        }
    }
}

/// The incidents that should have a page and never had one: those of before there were pages, and those
/// that a policy fits since people changed it.
pub(super) fn missing(hand: &mut Hand<'_>) {
    let without = |i: &&crate::model::incident::Incident| i.page.is_none() && !i.drill;
    let mut missing: Vec<_> = hand.state.going_on().filter(without).map(|i| (i.severity, i.id)).collect();
    // The worst first.
    missing.sort_unstable();
    for (_, incident) in missing {
        again(hand, incident, None);
    }
}

/// A page for an incident that is there, where a policy wants one and none is there.
fn again(hand: &mut Hand<'_>, incident: IncidentId, severity: Option<Severity>) {
    let Some(i) = hand.state.incidents.get(&incident).filter(|i| !i.drill) else { return };
    let matter = Matter {
        about: About::Incident(incident),
        title: &i.title,
        severity: severity.unwrap_or(i.severity),
        service: i.service.as_deref(),
    };
    begin(hand, &matter);
}

/// A page begins, where a policy wants one and none is there: whoever is first is called.
fn begin(hand: &mut Hand<'_>, matter: &Matter<'_>) {
    if let Some(id) = begins(hand, matter) {
        ladder::climb(hand, id, 0, 0, Because::First, hand.now);
    }
}

/// The same for what somebody is on already: nobody is called.
fn begin_answered(hand: &mut Hand<'_>, matter: &Matter<'_>, by: &Person) {
    if let Some(id) = begins(hand, matter) {
        ladder::acknowledge(hand, id, by);
    }
}

fn begins(hand: &mut Hand<'_>, matter: &Matter<'_>) -> Option<PageId> {
    if hand.state.pages.about(matter.about).is_some_and(|p| hand.page(p.id()).is_some_and(|p| !p.is_over())) {
        return None;
    }
    let policy = hand.house.oncall.policy(matter.service, matter.severity)?.clone();
    Some(hand.begins(Begun {
        id: hand.next(),
        about: matter.about,
        title: matter.title.to_owned(),
        severity: matter.severity,
        service: matter.service.map(str::to_owned),
        policy,
        by: Person::muster(),
    }))
}

/// Who is on the alerts for which an incident is opened. `None` where somebody is still called for some of
/// them, and where it is worse than what was answered: that they may not know who did not open it themselves.
fn on_it(
    hand: &Hand<'_>,
    outcome: &Outcome,
    opened: IncidentId,
    by: &Person,
    severity: Severity,
) -> Option<Person> {
    let mut who = None;
    for event in &outcome.events {
        let Event::Alerts { group, news: GroupNews::Linked { incident, .. } } = event else { continue };
        let page = hand.state.pages.about(About::Alerts(*group)).filter(|_| *incident == opened);
        let Some(page) = page else { continue };
        let Standing::Acknowledged { by: answered, .. } = &page.standing else { return None };
        if severity < page.begun.severity && !answered.by.is(by) {
            return None;
        }
        who = who.or_else(|| Some(answered.by.clone()));
    }
    who
}

fn severity_changed(hand: &mut Hand<'_>, incident: IncidentId, severity: Severity, was: Severity) {
    let about = About::Incident(incident);
    let service = hand.state.incidents.get(&incident).and_then(|i| i.service.clone());
    let wanted = hand.house.oncall.policy(service.as_deref(), severity).map(|p| p.name.clone());
    let Some(page) = hand.state.pages.about(about) else { return again(hand, incident, Some(severity)) };
    let (id, unanswered) = (page.id(), page.is_unanswered());
    match wanted {
        None => ladder::over(hand, id, Ended::LessBad),
        // It is worse, and nobody has answered yet: the ladder for what is worse begins.
        Some(name) if unanswered && severity < was && name != page.begun.policy.name => {
            let next = hand.next();
            ladder::over(hand, id, Ended::Elsewhere(next));
            again(hand, incident, Some(severity));
        }
        Some(_) => {}
    }
}

fn end(hand: &mut Hand<'_>, about: About, why: Ended) {
    for id in hand.state.pages.all_about(about).map(Page::id).collect::<Vec<_>>() {
        ladder::over(hand, id, why.clone());
    }
}

/// Somebody has taken what a page is about.
fn answered(hand: &mut Hand<'_>, about: About, by: &Person) {
    let page = hand.state.pages.about(about).filter(|p| p.is_unanswered());
    if let Some(id) = page.map(|p| p.id()) {
        ladder::acknowledge(hand, id, by);
    }
}

fn alerts(hand: &mut Hand<'_>, outcome: &Outcome, group: GroupId, news: &GroupNews) {
    let about = About::Alerts(group);
    let incident = hand.state.alerts.groups.get(&group).and_then(|g| open_one(hand.state, g));
    match news {
        GroupNews::Told { why, .. } if *why != Why::Over && incident.is_none() && !linked(outcome, group) => {
            let Some(opened) = opened(hand, outcome, group) else { return };
            let service = opened.service.as_deref();
            let (title, severity) = (opened.title.as_str(), opened.severity);
            begin(hand, &Matter { about, title, severity, service });
        }
        GroupNews::Acknowledged { by: Some(by) } => {
            answered(hand, about, by);
            if let Some(incident) = incident {
                answered(hand, About::Incident(incident), by);
            }
        }
        GroupNews::Acknowledged { by: None } => {
            // It was taken in the source's own place: nobody here has to be called any more.
            end(hand, about, Ended::Answered);
        }
        GroupNews::Dismissed { .. } | GroupNews::Over => end(hand, about, Ended::Resolved),
        GroupNews::Linked { incident, .. } => {
            let theirs = hand.page_about(About::Incident(*incident));
            let why = theirs.map_or(Ended::Resolved, Ended::Elsewhere);
            end(hand, about, why);
        }
        _ => {}
    }
}

/// Whether a group comes to belong to an incident in this decision.
fn linked(outcome: &Outcome, of: GroupId) -> bool {
    let linked =
        |e: &Event| matches!(e, Event::Alerts { group, news: GroupNews::Linked { .. } } if *group == of);
    outcome.events.iter().any(linked)
}

fn opened(hand: &Hand<'_>, outcome: &Outcome, of: GroupId) -> Option<Opened> {
    if let Some(group) = hand.state.alerts.groups.get(&of) {
        return Some(group.opened.clone());
    }
    outcome.events.iter().find_map(|e| match e {
        Event::Alerts { group, news: GroupNews::Opened(opened) } if *group == of => Some((**opened).clone()),
        _ => None,
    })
}
