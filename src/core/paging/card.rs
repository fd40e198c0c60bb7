//! What whoever is called is shown: what is wrong, how bad, since when, what was tried, what may help.

use crate::core::state::State;
use crate::core::triage;
use crate::kit::text;
use crate::kit::time::Timestamp;
use crate::model::card::Show;
use crate::model::house::House;
use crate::model::ids::IncidentId;
use crate::model::incident::{Incident, Thread};
use crate::model::page::{About, Because, Call, Delivery, Page, PageCard, Standing, Stands, Target, Way};
use crate::model::policy::{Policy, Whom};
use crate::model::run::{RunEnd, RunPhase};

/// How many lines of what was tried are shown.
const TRIED: usize = 5;

/// Makes cards of pages.
#[derive(Clone, Copy)]
pub(super) struct Cards<'a> {
    state: &'a State,
    house: &'a House,
    /// A private incident that the state does not know yet.
    private: Option<IncidentId>,
}

impl<'a> Cards<'a> {
    pub fn of(state: &'a State, house: &'a House, private: Option<IncidentId>) -> Cards<'a> {
        Cards { state, house, private }
    }

    /// The message of one call.
    pub fn card(
        &self,
        page: &Page,
        (n, call): (usize, &Call),
        why: Because,
        stands: Stands,
        due: Option<Timestamp>,
    ) -> PageCard {
        let begun = &page.begun;
        let incident = begun.about.incident().and_then(|id| self.state.incidents.get(&id));
        // In its thread everybody may read what a private incident is about; elsewhere nobody.
        let begins = self.private.is_some() && self.private == begun.about.incident();
        let private = begins || incident.is_some_and(|i| i.private);
        let hidden = private && call.way != Way::Mention;
        let since = match begun.about {
            About::Incident(_) => incident.map_or(page.at, |i| i.declared.at),
            _ => page.at,
        };
        PageCard {
            page: page.id(),
            call: u32::try_from(n + 1).unwrap_or(u32::MAX),
            about: begun.about,
            title: (!hidden).then(|| begun.title.clone()),
            severity: begun.severity,
            service: begun.service.clone().filter(|_| !hidden),
            since,
            to: call.to.clone(),
            why,
            stands,
            tried: incident.filter(|_| !hidden).map(|i| self.tried(page, i)).unwrap_or_default(),
            playbooks: if hidden { vec![] } else { self.playbooks(page) },
            link: self.link(page, incident, call.way),
            due,
            sent: None,
        }
    }

    /// Where the work is done. What a decision has only just opened has no thread yet: its channel is where it
    /// comes to stand, and whoever is called elsewhere than there has to find it.
    fn link(&self, page: &Page, incident: Option<&Incident>, way: Way) -> Option<String> {
        let channels = &self.house.settings.channels;
        let channel = match (incident.map(|i| i.thread), page.begun.about) {
            (Some(Thread::At(thread)), _) => thread,
            (Some(Thread::Owed | Thread::Lost), _) => channels.incidents,
            (None, _) if way == Way::Mention => return None,
            (None, About::Incident(_)) => channels.incidents,
            (None, About::Alerts(id)) => {
                self.state.alerts.groups.get(&id).map_or(channels.alerts, |g| g.opened.channel)
            }
            (None, About::Asked { .. } | About::Test | About::Shift { .. }) => return None,
        };
        Some(format!("https://discord.com/channels/{}/{channel}", self.house.settings.guild))
    }

    fn playbooks(&self, page: &Page) -> Vec<(String, String)> {
        let begun = &page.begun;
        if begun.about.is_test() {
            return vec![];
        }
        let books = triage::playbooks(self.house, begun.service.as_deref(), &begun.title, begun.severity);
        books
            .into_iter()
            .map(|p| (p.title, format!("/runbook service:{} action:{}", p.service, p.action)))
            .collect()
    }

    /// What was done in an incident so far: its runs, and who was called before.
    fn tried(&self, page: &Page, incident: &Incident) -> Vec<(Timestamp, String)> {
        let runs = self.state.runs.values().filter(|r| r.incident == Some(incident.id));
        let mut all: Vec<(Timestamp, String)> = runs
            .map(|r| {
                let how = match &r.phase {
                    RunPhase::Over { how: RunEnd::Passed, .. } => "passed",
                    RunPhase::Over { .. } => "ended without success",
                    _ => "is under way",
                };
                let title = text::escape_markdown(&text::line(&r.plan.title));
                (r.asked.at, format!("**{}** {title} {how}", r.id))
            })
            .collect();
        let mut rungs: Vec<(u32, u32)> = vec![];
        for call in &page.calls {
            if rungs.contains(&(call.round, call.rung)) || matches!(call.to, Target::Channel(_)) {
                continue;
            }
            rungs.push((call.round, call.rung));
            let rung = page.begun.policy.rung(call.rung).map_or("", |r| r.name.as_str());
            let rung = text::escape_markdown(rung);
            all.push((call.at, format!("{rung}: {} was called", self.names(page, call.round, call.rung))));
        }
        all.sort_by_key(|(at, _)| *at);
        all.split_off(all.len().saturating_sub(TRIED))
    }

    fn names(&self, page: &Page, round: u32, rung: u32) -> String {
        let mut names: Vec<String> = vec![];
        for call in page.calls.iter().filter(|c| (c.round, c.rung) == (round, rung)) {
            let name = text::escape_markdown(&name(&call.to));
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.join(", ")
    }

    /// Where a page stands, for whoever is called.
    pub fn stands(&self, page: &Page) -> Stands {
        match &page.standing {
            Standing::Climbing { round, rung, until, .. } => {
                let policy = &page.begun.policy;
                let name = policy.rung(*rung).map_or_else(String::new, |r| r.name.clone());
                Stands::Calling { rung: name, until: *until, next: after(policy, *round, *rung) }
            }
            Standing::Acknowledged { by, wears_off, asked: true, .. } if !by.by.is_muster() => {
                Stands::Asked { until: *wears_off }
            }
            Standing::Acknowledged { by, .. } => Stands::Acknowledged(by.clone()),
            Standing::Exhausted { again, .. } => Stands::Exhausted { again: *again, tried: tried(page) },
            Standing::Over { since, why } => Stands::Over { at: *since, why: why.clone() },
        }
    }
}

/// The message of these: one alone is shown whole, of several each in a line.
pub(super) fn message(cards: Vec<PageCard>) -> Show {
    match <[_; 1]>::try_from(cards) {
        Ok([one]) => Show::Page(Box::new(one)),
        Err(several) => Show::Pages(several),
    }
}

/// What somebody is called.
pub(super) fn name(to: &Target) -> String {
    match to {
        Target::Person { name, .. } => name.clone(),
        Target::Role { name, .. } => format!("everybody with the role {name}"),
        Target::Channel(_) => "everybody in the channel".to_owned(),
    }
}

/// Who is called after a rung, in words.
fn after(policy: &Policy, round: u32, rung: u32) -> String {
    match policy.rung(rung + 1) {
        Some(next) if next.whom.is_empty() => {
            format!("{} is proposed", next.propose.as_deref().unwrap_or("nothing"))
        }
        Some(next) => {
            let who: Vec<String> = next.whom.iter().map(Whom::in_words).collect();
            format!("{} is called ({})", who.join(", "), next.name)
        }
        None if round + 1 < policy.rounds => "it begins with the first again".to_owned(),
        None => "everybody is told that nobody answered".to_owned(),
    }
}

/// Who was called, and what became of the last try by each way.
pub(super) fn tried(page: &Page) -> Vec<(String, String)> {
    let mut all: Vec<(String, Vec<(Way, String)>)> = vec![];
    for call in &page.calls {
        let name = name(&call.to);
        let at = all.iter().position(|(n, _)| *n == name).unwrap_or_else(|| {
            all.push((name, vec![]));
            all.len() - 1
        });
        let ways = &mut all[at].1;
        ways.retain(|(way, _)| *way != call.way);
        ways.push((call.way, delivery(&call.delivery)));
    }
    let words = |(way, what): &(Way, String)| format!("{} {what}", way.word());
    all.into_iter()
        .map(|(name, ways)| (name, ways.iter().map(words).collect::<Vec<_>>().join(", ")))
        .collect()
}

/// What became of a try, in words.
pub(super) fn delivery(delivery: &Delivery) -> String {
    match delivery {
        Delivery::Owed => "under way".to_owned(),
        Delivery::Queued { until } => format!("queued until {}", until.rfc3339()),
        Delivery::Delivered { .. } => "delivered, no answer".to_owned(),
        Delivery::Failed { why, .. } => format!("failed: {}", text::cut(&text::line(why), 200)),
        Delivery::Dropped => "not sent any more".to_owned(),
    }
}
