//! Five practice services that a team can break and heal, so that a runbook can be rehearsed with
//! something at stake. They answer over HTTP as the five real ones do, below `/practice/<service>`,
//! keep their state in memory, and know nothing of who is asking or why.
//!
//! Each service is a value with one method that turns a request into an answer ([`service::Service`]);
//! time comes in from outside and waiting is part of the answer, so that a test of a slow service
//! does not have to wait for it.

pub mod astradio;
pub mod container;
pub mod jobs;
pub mod limit;
pub mod meters;
pub mod nexus;
pub mod queue;
pub mod release;
mod routes;
pub mod service;
pub mod settings;
pub mod soundfoundry;
pub mod soundlab;
pub mod soundscape;
pub mod tracks;

#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;

pub use routes::router;
use service::{Answer, Ask, Said, Service};

/// Milliseconds since the Unix epoch, asked whenever a service needs to know the time.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The five practice services with everything they remember.
pub struct Fleet {
    clock: Clock,
    services: Mutex<Vec<Box<dyn Service>>>,
    hasty: AtomicBool,
}

/// What a person sees of one service: is it well, what is broken, what could be.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ServiceState {
    /// The service's name as it stands in addresses and commands, e.g. `soundlab`.
    pub name: &'static str,
    /// The name people use, e.g. `Soundlab Φ-Matrix`.
    pub title: &'static str,
    /// True while no fault is switched on.
    pub healthy: bool,
    /// Every fault that this service has, switched on or not, in the order they are worth trying.
    pub faults: Vec<FaultState>,
    /// What the service remembers: versions, queue, flags, limits. An object; its keys are the service's own.
    pub facts: serde_json::Value,
}

/// One fault of one service.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FaultState {
    /// The word that switches it, e.g. `version-stuck`.
    pub name: &'static str,
    /// One sentence: what goes wrong.
    pub about: &'static str,
    /// When it was switched on, in ms since the epoch; `None` while it is off.
    pub since: Option<i64>,
}

impl Fleet {
    /// Five healthy services that read the time from `clock`.
    pub fn new(clock: Clock) -> Arc<Fleet> {
        let now = clock();
        let services = NAMES.iter().filter_map(|name| fresh(name, now)).collect();
        Arc::new(Fleet { clock, services: Mutex::new(services), hasty: AtomicBool::new(false) })
    }

    /// From now on nothing takes its time to start or to be deployed: for tests that have no use for it.
    pub fn hasten(&self) {
        self.hasty.store(true, Ordering::Relaxed);
        self.lock().iter_mut().for_each(|service| service.hasten());
    }

    /// Puts a service back to how it was in the beginning, with everything that it remembers.
    ///
    /// # Errors
    /// As for [`Fleet::break_it`].
    pub fn reset(&self, service: &str) -> Result<(), String> {
        let now = (self.clock)();
        let mut services = self.lock();
        let found = find(&mut services, service)?;
        if let Some(mut new) = fresh(service, now) {
            if self.hasty.load(Ordering::Relaxed) {
                new.hasten();
            }
            *found = new;
        }
        Ok(())
    }

    /// Switches a fault on; switching on what is on already changes nothing.
    ///
    /// # Errors
    /// A sentence that lists the services, or the faults of this service, when there is no such one.
    pub fn break_it(&self, service: &str, fault: &str) -> Result<(), String> {
        let now = (self.clock)();
        let mut services = self.lock();
        let service = find(&mut services, service)?;
        let fault = known(service.as_ref(), fault)?;
        service.pass(now);
        if service.broken_mut().switch_on(fault, now) {
            service.changed(fault, true, now);
        }
        Ok(())
    }

    /// Switches one fault off, or all of this service's when `fault` is `None`.
    ///
    /// # Errors
    /// As for [`Fleet::break_it`]. Healing what is not broken is no error.
    pub fn heal(&self, service: &str, fault: Option<&str>) -> Result<(), String> {
        let now = (self.clock)();
        let mut services = self.lock();
        let service = find(&mut services, service)?;
        let off = match fault {
            Some(fault) => vec![known(service.as_ref(), fault)?],
            None => service.faults().iter().map(|f| f.name).collect(),
        };
        service.pass(now);
        for fault in off {
            if service.broken_mut().switch_off(fault) {
                service.changed(fault, false, now);
            }
        }
        Ok(())
    }

    /// All five, in the order in which they are always listed.
    pub fn state(&self) -> Vec<ServiceState> {
        let now = (self.clock)();
        let mut services = self.lock();
        services.iter_mut().for_each(|s| s.pass(now));
        services.iter().map(|s| view(s.as_ref(), now)).collect()
    }

    /// Does what a tool of a service's host was told, as [`Service::tool`]. Without a service it is the
    /// first whose host has such a tool: a word like `docker` does not say which host is meant.
    ///
    /// # Errors
    /// A sentence that says what there is, when there is no such service, or none has such a tool.
    pub fn tool(&self, service: Option<&str>, tool: &str, words: &[&str]) -> Result<Said, String> {
        let now = (self.clock)();
        let mut services = self.lock();
        services.iter_mut().for_each(|s| s.pass(now));
        match service {
            Some(name) => {
                let said = find(&mut services, name)?.tool(now, tool, words);
                said.ok_or_else(|| format!("the practice host of {name} has no `{tool}`"))
            }
            None => {
                let said = services.iter_mut().find_map(|s| s.tool(now, tool, words));
                said.ok_or_else(|| format!("no practice host has a `{tool}`"))
            }
        }
    }

    /// What `service` answers to `ask`; `None` when there is no such service. The answer may ask for
    /// time to pass before it is given (`Answer::after`): that is the caller's to wait.
    pub fn answer(&self, service: &str, ask: &Ask<'_>) -> Option<Answer> {
        let now = (self.clock)();
        let mut services = self.lock();
        let service = services.iter_mut().find(|s| s.name() == service)?;
        service.pass(now);
        Some(service.answer(now, ask))
    }

    /// A panic inside one answer must not take the other services away, and no state is left half-changed
    /// by one: so a poisoned lock is taken as it is.
    fn lock(&self) -> MutexGuard<'_, Vec<Box<dyn Service>>> {
        self.services.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The services in the order in which they are always listed.
const NAMES: [&str; 5] = ["soundscape", "soundfoundry", "soundlab", "nexus", "astradio"];

/// A healthy service of this name.
fn fresh(name: &str, now: i64) -> Option<Box<dyn Service>> {
    Some(match name {
        "soundscape" => Box::new(soundscape::Soundscape::new()),
        "soundfoundry" => Box::new(soundfoundry::Soundfoundry::new()),
        "soundlab" => Box::new(soundlab::Soundlab::new(now)),
        "nexus" => Box::new(nexus::Nexus::new()),
        "astradio" => Box::new(astradio::Astradio::new()),
        _ => return None,
    })
}

fn view(service: &dyn Service, now: i64) -> ServiceState {
    ServiceState {
        name: service.name(),
        title: service.title(),
        healthy: service.broken().is_empty(),
        faults: service
            .faults()
            .iter()
            .map(|fault| FaultState {
                name: fault.name,
                about: fault.about,
                since: service.broken().since(fault.name),
            })
            .collect(),
        facts: service.facts(now),
    }
}

fn find<'a>(services: &'a mut [Box<dyn Service>], name: &str) -> Result<&'a mut Box<dyn Service>, String> {
    let names: Vec<&str> = services.iter().map(|s| s.name()).collect();
    let sentence = format!("there is no practice service {name:?}; there are {}", names.join(", "));
    services.iter_mut().find(|s| s.name() == name).ok_or(sentence)
}

fn known(service: &dyn Service, fault: &str) -> Result<&'static str, String> {
    let found = service.faults().iter().find(|f| f.name == fault);
    found.map(|f| f.name).ok_or_else(|| {
        let names: Vec<&str> = service.faults().iter().map(|f| f.name).collect();
        format!("{} has no fault {fault:?}; it can be broken by {}", service.name(), names.join(", "))
    })
}
