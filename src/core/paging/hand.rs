//! What one decision does to pages: it collects events and effects, and sees each page as it will be.

use std::collections::{BTreeMap, BTreeSet};

use super::brief::brief;
use super::card::Cards;
use super::state;
use crate::core::Outcome;
use crate::core::state::State;
use crate::kit::time::Timestamp;
use crate::model::effect::Effect;
use crate::model::event::Event;
use crate::model::house::House;
use crate::model::ids::{IncidentId, PageId, UserId};
use crate::model::page::{About, Begun, Delivery, Page, PageBrief, PageNews, Way};
use crate::model::settlement::Settlement;

/// Collects what one decision does to pages.
pub(super) struct Hand<'a> {
    pub state: &'a State,
    pub house: &'a House,
    pub now: Timestamp,
    /// What happens.
    pub events: Vec<Event>,
    /// What is owed.
    pub effects: Vec<Effect>,
    /// What people are sent beside what the state knows of: how often, and until when what waits waits.
    pub lines: BTreeMap<(UserId, Way), (u32, Option<Timestamp>)>,
    /// Incidents whose card says something else now.
    pub cards: BTreeSet<IncidentId>,
    /// A private incident that begins in this decision, and who declares it.
    pub private: Option<(IncidentId, UserId)>,
    /// Whether something was proposed that has a number of its own: that is done once a decision.
    pub proposed: bool,
    /// The pages as they will be.
    pages: BTreeMap<PageId, Page>,
    began: u32,
}

impl<'a> Hand<'a> {
    pub fn new(state: &'a State, house: &'a House, now: Timestamp) -> Hand<'a> {
        Hand {
            state,
            house,
            now,
            events: vec![],
            effects: vec![],
            lines: BTreeMap::new(),
            cards: BTreeSet::new(),
            private: None,
            proposed: false,
            pages: BTreeMap::new(),
            began: 0,
        }
    }

    /// Makes cards of pages.
    pub fn shower(&self) -> Cards<'a> {
        Cards::of(self.state, self.house, self.private.map(|(id, _)| id))
    }

    /// The number that the next page gets.
    pub fn next(&self) -> PageId {
        PageId(self.state.pages.next().0 + self.began)
    }

    /// A page begins.
    pub fn begins(&mut self, begun: Begun) -> PageId {
        let id = begun.id;
        self.began += 1;
        self.pages.insert(id, state::new(self.now, &begun));
        self.touch(id);
        self.events.push(Event::Page { page: id, news: PageNews::Began(Box::new(begun)) });
        id
    }

    /// A page as it will be.
    pub fn page(&self, id: PageId) -> Option<&Page> {
        self.pages.get(&id).or_else(|| self.state.pages.all.get(&id))
    }

    /// This happens to a page.
    pub fn news(&mut self, id: PageId, news: PageNews) {
        let Some(mut page) = self.page(id).cloned() else { return };
        state::went_on(&mut page, self.now, &news);
        self.pages.insert(id, page);
        self.touch(id);
        self.events.push(Event::Page { page: id, news });
    }

    /// The page that is about something and not over, as it will be.
    pub fn page_about(&self, about: About) -> Option<PageId> {
        let new = self.pages.values().find(|p| p.begun.about == about && !p.is_over());
        new.or_else(|| self.state.pages.about(about)).map(Page::id)
    }

    /// The calls of this decision that wait for somebody to be sent less by one way.
    pub fn waiting(&self, to: UserId, way: Way) -> Vec<(PageId, u32)> {
        let mut all = vec![];
        for (id, page) in &self.pages {
            let known = self.state.pages.all.get(id).map_or(0, |p| p.calls.len());
            for (n, call) in page.calls.iter().enumerate().skip(known) {
                let waits = matches!(call.delivery, Delivery::Queued { .. });
                if waits && call.way == way && call.to.person() == Some(to) {
                    all.push((*id, u32::try_from(n).unwrap_or(u32::MAX)));
                }
            }
        }
        all
    }

    /// How a call was settled, which the state does not know yet.
    pub fn settles(&mut self, id: PageId, call: u32, outcome: &Settlement) {
        let Some(mut page) = self.page(id).cloned() else { return };
        if let Some(call) = page.calls.get_mut(call as usize) {
            call.delivery = state::delivery(self.now, outcome);
            if let Settlement::Posted { channel, message } = outcome {
                call.message = Some((*channel, *message));
            }
        }
        self.pages.insert(id, page);
    }

    /// What the card of an incident says of its page.
    pub fn brief_of(&self, incident: IncidentId) -> Option<PageBrief> {
        let about = About::Incident(incident);
        let touched = self.pages.values().filter(|p| p.begun.about == about);
        let newest = touched.max_by_key(|p| (!p.is_over(), p.id()))?;
        Some(brief(newest))
    }

    fn touch(&mut self, id: PageId) {
        let incident = self.page(id).and_then(|p| p.begun.about.incident());
        self.cards.extend(incident);
    }

    /// What it all comes to.
    pub fn outcome(self) -> Outcome {
        Outcome { events: self.events, effects: self.effects, ..Outcome::default() }
    }
}
