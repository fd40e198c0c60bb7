//! Whom an alert called: the pages about it and its incident, each try by its way and what became of it, and
//! who was not called and why.

use super::super::name;
use super::{fitting, said};
use crate::kit::text::cut;
use crate::kit::time::Timestamp;
use crate::model::alert::{AlertWhy, PagedFor, RouteSaid};
use crate::model::page::{Brief, Call, Delivery, Target};

/// Whom it paged and called, and why not others.
pub(super) fn paged(ask: &AlertWhy, at: &dyn Fn(Timestamp) -> String) -> String {
    let mut lines: Vec<String> = ask.paged.iter().flat_map(|page| one(page, at)).collect();
    if lines.is_empty() {
        lines.push("Nobody: no page began for it, or it is over for long.".to_owned());
    }
    lines.extend(route(&ask.routes));
    fitting(lines.into_iter(), "\n", 0)
}

/// Whom its route calls beside that.
fn route(routes: &[RouteSaid]) -> Option<String> {
    Some(match routes.last()?.mention.as_slice() {
        [] => "Its route calls no role.".to_owned(),
        roles => format!("Its route calls {}.", said(&cut(&roles.join(", "), 200))),
    })
}

/// The lines of a page.
fn one(page: &PagedFor, at: &dyn Fn(Timestamp) -> String) -> Vec<String> {
    let about = page.incident.map(|id| format!(" of **{id}**")).unwrap_or_default();
    let head = format!("**{}**{about}", page.brief.page);
    if page.private {
        return vec![format!("{head}: it is private, so whom it called stands in its thread alone.")];
    }
    let answered = match (&page.brief.stands, &page.answered) {
        (Brief::Over, Some(who)) => format!("; {} had answered", name(who)),
        _ => String::new(),
    };
    let mut lines = vec![format!("{head}: {}{answered}", stands(&page.brief.stands, at))];
    lines.extend(page.tried.iter().map(|call| tried(call, at)));
    let skipped = |s: &crate::model::page::Skipped| {
        format!("- not {}: {}", said(&cut(&s.who, 80)), said(&cut(&s.why, 200)))
    };
    lines.extend(page.skipped.iter().map(skipped));
    lines
}

fn stands(brief: &Brief, at: &dyn Fn(Timestamp) -> String) -> String {
    match brief {
        Brief::Calling { who, until, .. } if who.is_empty() => {
            format!("nobody of this rung could be called; the next is at {}", at(*until))
        }
        Brief::Calling { who, until, .. } => {
            format!("{} may answer until {}", said(&cut(&who.join(", "), 200)), at(*until))
        }
        Brief::Acknowledged(by) => format!("{} is on it since {}", name(&by.by), at(by.at)),
        Brief::Exhausted { since } => format!("nobody answered, and everybody was told at {}", at(*since)),
        Brief::Over => "it is over".to_owned(),
    }
}

fn tried(call: &Call, at: &dyn Fn(Timestamp) -> String) -> String {
    let who = match &call.to {
        Target::Person { name, .. } => said(&cut(name, 80)),
        Target::Role { name, .. } => format!("everybody with the role {}", said(&cut(name, 80))),
        Target::Channel(_) => "everybody in the channel".to_owned(),
    };
    let what = match &call.delivery {
        Delivery::Owed => "under way".to_owned(),
        Delivery::Queued { until } => format!("queued until {}", at(*until)),
        Delivery::Delivered { at: when } => format!("delivered {}", at(*when)),
        Delivery::Failed { why, .. } => format!("failed: {}", said(&cut(why, 160))),
        Delivery::Dropped => "not sent any more".to_owned(),
    };
    format!("- {who} by {}: {what}", call.way.word())
}
