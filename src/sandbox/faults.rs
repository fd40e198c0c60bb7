//! What can go wrong with Discord, as values that are switched on and off while the sandbox runs. They hit the bot's
//! requests only: people's clients go on, so that one can watch.

use std::sync::{Mutex, PoisonError};

/// One way of failing.
#[derive(Clone, PartialEq, Debug)]
pub enum Fault {
    /// Answers, but so many ms later.
    Slow(u64),
    /// 500 with a JSON body.
    InternalError,
    /// 502 with an HTML page, as from a proxy in front.
    BadGateway,
    /// Takes the request, does nothing and never answers.
    Hang,
    /// Does what was asked, and never answers.
    DoneButSilent,
    /// Does what was asked, and closes the connection instead of answering.
    DoneButCut,
    /// 429 for this route, with so many ms to wait.
    BucketLimit(u64),
    /// 429 for everything, with so many ms to wait.
    GlobalLimit(u64),
    /// Any refusal: status, code and sentence.
    Refuse(u16, u32, String),
}

/// A fault, and which requests it hits.
#[derive(Clone, PartialEq, Debug)]
pub struct Rule {
    /// What happens.
    pub fault: Fault,
    /// Only this method.
    pub method: Option<String>,
    /// Only paths that fit, without the API version: `/channels/*/messages`, where `*` is one segment and a last `**` any
    /// number.
    pub path: Option<String>,
    /// How many requests that fit are let through before the first is hit.
    pub after: u32,
    /// How many requests are still hit; none for all.
    pub times: Option<u32>,
}

impl Rule {
    /// Hits every request of the bot until it is cleared.
    pub fn new(fault: Fault) -> Rule {
        Rule { fault, method: None, path: None, after: 0, times: None }
    }

    /// Only this method and path.
    pub fn on(mut self, method: &str, path: &str) -> Rule {
        (self.method, self.path) = (Some(method.to_owned()), Some(path.to_owned()));
        self
    }

    /// Only the next so many.
    pub fn times(mut self, times: u32) -> Rule {
        self.times = Some(times);
        self
    }

    /// Lets so many through first.
    pub fn after(mut self, requests: u32) -> Rule {
        self.after = requests;
        self
    }

    fn hits(&self, method: &str, segments: &[&str]) -> bool {
        self.times != Some(0)
            && self.method.as_deref().is_none_or(|wanted| wanted == method)
            && self.path.as_deref().is_none_or(|pattern| fits(pattern, segments))
    }
}

fn fits(pattern: &str, segments: &[&str]) -> bool {
    let wanted: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty()).collect();
    if let Some((&"**", head)) = wanted.split_last() {
        return segments.len() >= head.len()
            && head.iter().zip(segments).all(|(want, got)| *want == "*" || want == got);
    }
    wanted.len() == segments.len()
        && wanted.iter().zip(segments).all(|(want, got)| *want == "*" || want == got)
}

/// The faults that are switched on.
#[derive(Debug, Default)]
pub struct Faults {
    rules: Mutex<Vec<Rule>>,
    hits: tokio::sync::watch::Sender<u64>,
}

impl Faults {
    fn rules(&self) -> std::sync::MutexGuard<'_, Vec<Rule>> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Switches a fault on. Where several fit a request, the first switched on hits it.
    pub fn inject(&self, rule: Rule) {
        self.rules().push(rule);
    }

    /// Switches everything off.
    pub fn clear(&self) {
        self.rules().clear();
    }

    /// Switches one off, wherever it stands.
    pub fn withdraw(&self, rule: &Rule) {
        self.rules().retain(|known| known != rule);
    }

    /// Waits until so many requests were hit since the sandbox began.
    pub async fn have_hit(&self, count: u64) {
        // It cannot fail while `self` keeps the other side.
        let _ = self.hits.subscribe().wait_for(|hits| *hits >= count).await;
    }

    /// What is switched on, with what is left of each.
    pub fn active(&self) -> Vec<Rule> {
        self.rules().clone()
    }

    /// The fault that hits this request, used up by one.
    pub fn take(&self, method: &str, segments: &[&str]) -> Option<Fault> {
        let mut rules = self.rules();
        let place = rules.iter().position(|rule| rule.hits(method, segments))?;
        if rules[place].after > 0 {
            rules[place].after -= 1;
            return None;
        }
        self.hits.send_modify(|hits| *hits += 1);
        let fault = rules[place].fault.clone();
        if let Some(times) = &mut rules[place].times {
            *times -= 1;
            if *times == 0 {
                rules.remove(place);
            }
        }
        Some(fault)
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, Faults, Rule};

    #[test]
    fn a_fault_hits_what_it_names_and_as_often_as_it_says() {
        let faults = Faults::default();
        faults.inject(Rule::new(Fault::Hang).on("POST", "/channels/*/messages").times(1));
        faults.inject(Rule::new(Fault::BadGateway).on("PATCH", "/channels/**"));
        assert_eq!(faults.take("GET", &["channels", "1", "messages"]), None);
        assert_eq!(faults.take("POST", &["channels", "1", "messages"]), Some(Fault::Hang));
        assert_eq!(faults.take("POST", &["channels", "1", "messages"]), None);
        assert_eq!(faults.take("PATCH", &["channels", "1", "messages", "2"]), Some(Fault::BadGateway));
        faults.clear();
        assert!(faults.active().is_empty());
    }
}
