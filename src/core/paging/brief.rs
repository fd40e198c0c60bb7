//! A page in a few words, as its incident's card has it.

use super::card::name;
use crate::model::page::{Brief, Page, PageBrief, Standing};

/// What an incident's card says of its page.
pub fn brief(page: &Page) -> PageBrief {
    let stands = match &page.standing {
        Standing::Climbing { round, rung, until, .. } => {
            let mut who: Vec<String> = vec![];
            for call in page.calls.iter().filter(|c| (c.round, c.rung) == (*round, *rung)) {
                let name = name(&call.to);
                if !who.contains(&name) {
                    who.push(name);
                }
            }
            let name = page.begun.policy.rung(*rung).map_or_else(String::new, |r| r.name.clone());
            Brief::Calling { rung: name, who, until: *until }
        }
        Standing::Acknowledged { by, .. } => Brief::Acknowledged(by.clone()),
        Standing::Exhausted { since, .. } => Brief::Exhausted { since: *since },
        Standing::Over { .. } => Brief::Over,
    };
    PageBrief { page: page.id(), stands }
}
