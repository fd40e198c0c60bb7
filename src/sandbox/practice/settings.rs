//! The environment of a deployment: what is written for the next start, what the running process has, and
//! whether it is what the service needs. What it says of a value is that it is present, absent or wrong; the
//! value itself is never said, because most of them are secrets.

use std::collections::BTreeMap;

use super::service::Said;

/// What must hold for a variable.
#[derive(Debug, Clone, Copy)]
pub enum Must {
    /// It has some value.
    BeSet,
    /// It has exactly this value.
    Be(&'static str),
    /// It is one of these.
    BeOneOf(&'static [&'static str]),
    /// It has no value with any of these words in it.
    NotHave(&'static [&'static str]),
    /// It is not there; where it is, that is only a warning.
    BetterNotBeSet,
    /// Nothing.
    BeAnything,
}

/// A variable of the contract, and what a healthy deployment has.
pub type Wanted = (&'static str, Must, Option<&'static str>);

type Values = BTreeMap<String, String>;

/// The environment of one deployment.
#[derive(Debug, Clone)]
pub struct Settings {
    contract: &'static [Wanted],
    /// What the process was started with.
    live: Values,
    /// What it will be started with.
    written: Values,
    /// What was written before, newest last.
    history: Vec<Values>,
    /// What a fault makes of it, whatever is written; `None` is absent.
    spoilt: BTreeMap<&'static str, Option<&'static str>>,
    /// A fault: what is written never reaches a process.
    pub stale: bool,
    /// A fault: nothing can be written.
    pub locked: bool,
}

impl Settings {
    /// As a healthy deployment has it.
    pub fn new(contract: &'static [Wanted]) -> Settings {
        let values =
            contract.iter().filter_map(|(name, _, value)| Some(((*name).to_owned(), (*value)?.to_owned())));
        let live: Values = values.collect();
        let written = live.clone();
        let (history, spoilt) = (vec![live.clone()], BTreeMap::new());
        Settings { contract, live, written, history, spoilt, stale: false, locked: false }
    }

    /// A value of the running process.
    pub fn get(&self, name: &str) -> Option<&str> {
        match self.spoilt.get(name) {
            Some(spoilt) => *spoilt,
            None => self.live.get(name).map(String::as_str),
        }
    }

    /// Whether a value of the running process is `true`.
    pub fn on(&self, name: &str) -> bool {
        self.get(name) == Some("true")
    }

    /// A fault makes a variable this, or absent, until it is healed.
    pub fn spoil(&mut self, on: bool, name: &'static str, value: Option<&'static str>) {
        match on {
            true => self.spoilt.insert(name, value),
            false => self.spoilt.remove(name),
        };
    }

    /// A process is started anew, with what is written.
    pub fn recreate(&mut self) {
        if !self.stale {
            self.live = self.written.clone();
        }
    }

    /// `check [NAME…]`, `set NAME=VALUE…`, `restore`, `is NAME VALUE`. What is written counts from the next
    /// start on.
    pub fn tool(&mut self, words: &[&str]) -> Said {
        match words {
            ["check", names @ ..] => self.check(names),
            ["is", name, value] => match self.get(name) == Some(*value) {
                true => Said::out(format!("{name} is what it should be\n")),
                false => Said::failed(1, format!("{name} is something else in the running process\n")),
            },
            ["set" | "restore", ..] if self.locked => {
                Said::failed(1, "the store of settings is locked: somebody else is changing it\n")
            }
            ["set", pairs @ ..] if !pairs.is_empty() => self.set(pairs),
            ["restore"] => match self.history.last().cloned() {
                Some(before) => {
                    self.written = before;
                    Said::out(
                        "the settings before the last change are written again; they count from the next start on\n",
                    )
                }
                None => Said::failed(1, "there is nothing to go back to\n"),
            },
            _ => Said::failed(2, "write check [NAME…], set NAME=VALUE…, is NAME VALUE, or restore\n"),
        }
    }

    fn set(&mut self, pairs: &[&str]) -> Said {
        let mut next = self.written.clone();
        for pair in pairs {
            match pair.split_once('=') {
                Some((name, value)) if self.contract.iter().any(|(known, ..)| *known == name) => {
                    next.insert(name.to_owned(), value.to_owned());
                }
                _ => return Said::failed(2, format!("{pair} sets nothing that this service knows\n")),
            }
        }
        self.history.push(std::mem::replace(&mut self.written, next));
        Said::out("written; it counts from the next start on\n")
    }

    fn check(&self, names: &[&str]) -> Said {
        let mut said = Said::default();
        if let Some(name) = names.iter().find(|n| !self.contract.iter().any(|(known, ..)| known == *n)) {
            return Said::failed(2, format!("{name} is no variable of this service\n"));
        }
        for (name, must, _) in self.contract.iter().filter(|(n, ..)| names.is_empty() || names.contains(n)) {
            let (good, word) = judged(*must, self.get(name).filter(|v| !v.is_empty()));
            said.out.push_str(&format!("{name:<32} {word}\n"));
            if !good {
                said.code = 1;
                said.err.push_str(&format!("{name} is {word}\n"));
            }
        }
        said
    }
}

/// Whether a value is as it must be, and what is said of it.
fn judged(must: Must, value: Option<&str>) -> (bool, String) {
    let present = || "present".to_owned();
    match (must, value) {
        (Must::BetterNotBeSet, None) | (Must::BeAnything, None) => (true, "absent, as it may be".to_owned()),
        (Must::BetterNotBeSet, Some(_)) => {
            (true, "present: a warning, it is for development only".to_owned())
        }
        (_, None) => (false, "absent".to_owned()),
        (Must::Be(wanted), Some(value)) if value != wanted => (false, format!("wrong: it must be {wanted}")),
        (Must::BeOneOf(wanted), Some(value)) if !wanted.contains(&value) => {
            (false, format!("wrong: it must be {}", wanted.join(" or ")))
        }
        (Must::NotHave(words), Some(value)) if words.iter().any(|w| value.contains(w)) => {
            (false, "wrong: a value of development or of a test".to_owned())
        }
        (_, Some(_)) => (true, present()),
    }
}
