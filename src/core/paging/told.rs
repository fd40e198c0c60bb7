//! What a timeline says of a page: who was called and why, who was not and why not, who answered.

use super::brief;
use super::card::{delivery, name};
use crate::core::state::State;
use crate::kit::text;
use crate::kit::time::{Timestamp, spoken};
use crate::model::alert::PagedFor;
use crate::model::card::{Entry, What};
use crate::model::event::Event;
use crate::model::ids::{GroupId, PageId};
use crate::model::page::{About, Because, Begun, Brief, Call, Delivery, Ended, Page, PageNews, Standing};
use crate::model::person::Person;

/// The line of an event about a page; `None` for what is no line.
pub fn entry(at: Timestamp, event: &Event) -> Option<Entry> {
    let Event::Page { page, news } = event else { return None };
    let (by, text) = words(news)?;
    Some(Entry { at, by, what: What::Page { page: *page, text } })
}

/// What happened, in plain words, and who did it.
fn words(news: &PageNews) -> Option<(Option<Person>, String)> {
    let by = |p: &Person| Some(p.clone()).filter(|p| !p.is_muster());
    Some(match news {
        PageNews::Began(begun) => (by(&begun.by), format!("begins, by the policy {}", begun.policy.name)),
        PageNews::Paged(paged) => {
            let called = called(&paged.calls);
            let why = because(&paged.why);
            let mut text = match called.is_empty() {
                true => format!("rung {}: nobody could be called ({why})", paged.rung + 1),
                false => format!("calls {called} ({why})"),
            };
            for skipped in &paged.skipped {
                text.push_str(&format!("; not {}: {}", skipped.who, skipped.why));
            }
            if let Some(due) = paged.due {
                text.push_str(&format!("; late, it was due at {}", due.rfc3339()));
            }
            (None, text)
        }
        PageNews::Acknowledged { by: who, .. } => (by(who), "acknowledged".to_owned()),
        PageNews::Asked { .. } => (None, "asks whether somebody still is on it".to_owned()),
        PageNews::Still { by: Some(who), .. } => (by(who), "still on it".to_owned()),
        PageNews::Declined(who) => (by(who), "cannot".to_owned()),
        PageNews::Exhausted { .. } => {
            (None, "nobody answered: everybody in the fallback's channel is told".to_owned())
        }
        PageNews::Over(Ended::Resolved | Ended::Answered)
        | PageNews::Still { by: None, .. }
        | PageNews::Retimed => {
            return None;
        }
        PageNews::Over(Ended::Unanswered) => (None, "ends: the test was not answered".to_owned()),
        PageNews::Over(Ended::LessBad) => (None, "ends: it is not bad enough to call anybody".to_owned()),
        PageNews::Over(Ended::Elsewhere(page)) => (None, format!("ends: {page} is about it now")),
        PageNews::Over(Ended::Closed(who)) => (by(who), "ended".to_owned()),
    })
}

/// Who is called, and by which ways.
fn called(calls: &[Call]) -> String {
    let mut all: Vec<(String, Vec<&str>)> = vec![];
    for call in calls {
        let name = name(&call.to);
        match all.iter_mut().find(|(n, _)| *n == name) {
            Some((_, ways)) => ways.push(call.way.word()),
            None => all.push((name, vec![call.way.word()])),
        }
    }
    let words = |(name, ways): (String, Vec<&str>)| format!("{name} by {}", ways.join(", "));
    all.into_iter().map(words).collect::<Vec<_>>().join(" and ")
}

/// Why somebody is called, in plain words.
fn because(why: &Because) -> String {
    match why {
        Because::First => "they come first".to_owned(),
        Because::Again => "again, nobody answered yet".to_owned(),
        Because::NoAnswer => "nobody before answered in time".to_owned(),
        Because::Unreachable => "nobody before could be reached".to_owned(),
        Because::Declined(who) => format!("{} cannot", who.name),
        Because::Escalated(who) => format!("{} asked for the next", who.name),
        Because::WoreOff(who) => format!("no sign of work of {} any more", who.name),
        Because::Unresolved => "it is not resolved in time".to_owned(),
        Because::NewRound => "nobody answered at all, it begins anew".to_owned(),
    }
}

/// What a page is about, in a few words.
pub(super) fn about(begun: &Begun) -> String {
    match begun.about {
        About::Incident(id) => id.to_string(),
        About::Alerts(id) => id.to_string(),
        About::Asked { incident: Some(id) } => format!("asked for in {id}"),
        About::Asked { incident: None } => "asked for".to_owned(),
        About::Test => "a test".to_owned(),
        About::Shift { from, .. } => format!("a test before <t:{}:f>", from.seconds()),
    }
}

/// The pages that are not over, the oldest first, each as a line of Markdown.
pub fn open(state: &State) -> Vec<String> {
    state.pages.open().map(line).collect()
}

/// A page in one line of Markdown.
pub(super) fn line(page: &Page) -> String {
    let stands = match brief::brief(page).stands {
        Brief::Calling { rung, who, until } => {
            let who = if who.is_empty() { "nobody".to_owned() } else { who.join(", ") };
            format!(
                "calls {} ({}) until <t:{}:T>",
                text::escape_markdown(&who),
                text::escape_markdown(&rung),
                until.seconds()
            )
        }
        Brief::Acknowledged(by) => {
            format!("{} is on it since <t:{}:T>", by.by.in_markdown(), by.at.seconds())
        }
        Brief::Exhausted { since } => format!("**nobody answered** since <t:{}:T>", since.seconds()),
        Brief::Over => "over".to_owned(),
    };
    let title = text::escape_markdown(&text::cut(&text::line(&page.begun.title), 80));
    format!("**{}** · {} · {} · {title}: {stands}", page.id(), about(&page.begun), page.begun.severity)
}

/// Why people were called for a page or were not, call by call, as lines of Markdown.
pub fn why(state: &State, id: PageId) -> Option<Vec<String>> {
    let page = state.pages.all.get(&id)?;
    let begun = &page.begun;
    let mut all = vec![
        line(page),
        format!(
            "Policy **{}**: {} rungs, {} rounds; {}.",
            text::escape_markdown(&begun.policy.name),
            begun.policy.rungs.len(),
            begun.policy.rounds,
            match &page.standing {
                Standing::Over { since, .. } => format!("it took {}", spoken(since.since(page.at))),
                _ => format!("it began <t:{}:R>", page.at.seconds()),
            }
        ),
    ];
    for call in &page.calls {
        let rung = begun.policy.rung(call.rung).map_or("last", |r| r.name.as_str());
        let again = if call.round > 0 { format!(", round {}", call.round + 1) } else { String::new() };
        all.push(format!(
            "<t:{}:T> {} ({}{again}) by {}: {}",
            call.at.seconds(),
            text::escape_markdown(&name(&call.to)),
            text::escape_markdown(rung),
            call.way.word(),
            text::escape_markdown(&came_of(page, call)),
        ));
    }
    for skipped in &page.skipped {
        let (who, why) = (text::escape_markdown(&skipped.who), text::escape_markdown(&skipped.why));
        all.push(format!("Not called: {who}, because: {why}"));
    }
    for who in &page.declined {
        let called = page.calls.iter().find(|c| c.to.person() == Some(*who));
        let who = called.map_or_else(|| format!("<@{who}>"), |c| text::escape_markdown(&name(&c.to)));
        all.push(format!("{who} said that they cannot."));
    }
    Some(all)
}

/// What became of a call in words: of whoever answered, that they did.
fn came_of(page: &Page, call: &Call) -> String {
    let answered = page.answered.as_ref().is_some_and(|who| call.to.person() == Some(who.id));
    match call.delivery {
        Delivery::Delivered { .. } if answered => "delivered, they answered".to_owned(),
        _ => delivery(&call.delivery),
    }
}

/// The pages about alerts and about the incident that they belong to, the newest first: whom each called,
/// by which way, and what became of the last try.
pub fn paged_for(state: &State, group: GroupId) -> Vec<PagedFor> {
    let at_hand = state.alerts.groups.get(&group).and_then(|g| g.incident);
    // Of alerts that are over for long only the incident knows.
    let known = || state.incidents.values().find(|i| i.alerts.contains(&group)).map(|i| i.id);
    let incident = at_hand.or_else(known);
    let abouts = [Some(About::Alerts(group)), incident.map(About::Incident)];
    let about = |p: &&Page| abouts.contains(&Some(p.begun.about));
    let pages = state.pages.all.values().rev().filter(about);
    pages.map(|page| paged(state, page)).collect()
}

fn paged(state: &State, page: &Page) -> PagedFor {
    let incident = page.begun.about.incident();
    let private = incident.and_then(|id| state.incidents.get(&id)).is_some_and(|i| i.private);
    let mut tried: Vec<Call> = vec![];
    for call in page.calls.iter().filter(|_| !private) {
        tried.retain(|c| (&c.to, c.way) != (&call.to, call.way));
        tried.push(call.clone());
    }
    let skipped = if private { vec![] } else { page.skipped.clone() };
    let answered = page.answered.clone().filter(|_| !private);
    PagedFor { brief: brief::brief(page), incident, tried, skipped, answered, private }
}
