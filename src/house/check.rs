//! `muster check`: what a house can be loaded with and is wrong all the same.

use std::collections::BTreeMap;
use std::path::Path;

use chrono::NaiveDate;

use super::alerting::reach;
use super::lint::page::Page;
use super::lint::{self, left_over};
use super::oncall;
use super::problem::{Notes, Problem, Severity, sorted};
use super::runbook::{reminders, tables};
use super::{Practice, Reading, builtin_reading, read, runbook, watch};
use crate::model::command::Allow;
use crate::model::house::HEALTH;
use crate::model::oncall::OnCall;
use crate::model::runbook::{Runbook, StepKind};

/// A runbook that nobody read through for this many days is out of date (SL-15: monthly, with
/// two months of grace).
const REVIEW_DAYS: i64 = 90;

/// Everything that is wrong with a team's files on the day `today`: what [`super::load`] finds,
/// and what it cannot see.
pub fn check(muster_toml: &Path, today: NaiveDate) -> Vec<Problem> {
    judge(read(muster_toml), &muster_toml.display().to_string(), today)
}

/// The same of what is built in.
pub fn check_builtin(today: NaiveDate) -> Vec<Problem> {
    let practice = Practice { address: "http://127.0.0.1", muster: "muster", data: "data" };
    judge(builtin_reading(practice), "data/sandbox.toml", today)
}

fn judge(reading: Reading, muster_toml: &str, today: NaiveDate) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut notes = Notes::new(muster_toml);
    settings(&reading, &mut notes);
    let oncall = reading.oncall();
    on_call(&reading, &oncall, &mut notes);
    problems.extend(notes.into_problems());
    let people = reading.settings.as_ref().is_some_and(|r| r.oncall.lines.people.is_some());
    for (service, (file, read)) in &reading.runbooks {
        let mut notes = Notes::new(file.clone());
        book(service, read, today, &mut notes);
        if reading.settings.is_some() {
            oncall::reach::book(&read.runbook, &oncall, people, &mut notes);
        }
        if let Some(known) = &reading.settings {
            watch::check(read, &known.settings, &mut notes);
        }
        problems.extend(notes.into_problems());
    }
    problems.extend(reading.problems);
    sorted(problems)
}

/// Who is named in policies and is not there.
fn on_call(reading: &Reading, oncall: &OnCall, notes: &mut Notes) {
    let Some(read) = &reading.settings else { return };
    let runbooks: BTreeMap<&str, &Runbook> =
        reading.runbooks.iter().map(|(name, (_, r))| (name.as_str(), &r.runbook)).collect();
    let broken = |service: &str| reading.problems.iter().any(|p| p.file.ends_with(&format!("/{service}.md")));
    oncall::reach::check(oncall, &read.oncall.lines, &runbooks, broken, notes);
}

fn settings(reading: &Reading, notes: &mut Notes) {
    let Some(read) = &reading.settings else {
        return;
    };
    let (settings, lines) = (&read.settings, &read.lines);
    if settings.administrators.is_empty() {
        let cure = "add administrators = [\"…\"] with your own id: nobody could change rights otherwise";
        notes.add(1, "no administrator is named", cure);
    }
    for (name, ids) in &settings.roles {
        if ids.is_empty() {
            let cure = format!("add a role's id, or delete `{name}`: an empty list means nobody");
            notes.add(lines.roles, format!("nobody holds the role `{name}`"), cure);
        }
    }
    for file in reading.commands.values() {
        for command in file.commands() {
            if let Allow::Roles(roles) = &command.allow
                && !roles.is_empty()
                && !roles.iter().any(|r| settings.roles.contains_key(r))
            {
                let what = format!("nobody may use {}", command.called().replace(['`', '“', '”'], ""));
                let cure = format!("add {} under [roles]", roles.join(" or "));
                notes.add(lines.roles, what, cure);
            }
        }
    }
    if let (Some(role), Some(line)) = (read.oncall.oncall.role, read.oncall.lines.role)
        && role.0 == settings.guild.0
    {
        let cure = "make a role of its own for whoever is on call, and write its id";
        notes.add(line, "`role` under [oncall] is @everyone, which nobody can be given", cure);
    }
    reach::check(&settings.alerting.root, &lines.alerts, notes);
    for (name, line) in &lines.alerts.heartbeats {
        let beat = settings.alerting.heartbeats.iter().find(|h| h.name == *name);
        let service = beat.and_then(|h| h.service.as_deref()).unwrap_or_default();
        let broken = reading.problems.iter().any(|p| p.file.ends_with(&format!("/{service}.md")));
        if beat.is_some() && !broken && !reading.runbooks.contains_key(service) {
            let all: Vec<&str> = reading.runbooks.keys().map(String::as_str).collect();
            let what = format!("the heartbeat `{name}` is of `{service}`, which has no runbook");
            notes.add(*line, what, super::problem::nearest(service, &all));
        }
    }
    let line = |service: &str| lines.services.get(service).copied().unwrap_or(1);
    for (service, own) in &settings.services {
        // A runbook that could not be read is there all the same, and its own problem.
        let broken = reading.problems.iter().any(|p| p.file.ends_with(&format!("/{service}.md")));
        match reading.runbooks.get(service) {
            None if !broken => {
                let what = format!("the service `{service}` has no runbook");
                notes.add(line(service), what, format!("write {service}.md in the runbooks folder"));
            }
            None => {}
            Some((_, read)) => {
                for (var, value) in &own.vars {
                    let at = lines.vars.get(&(service.clone(), var.clone())).copied();
                    let at = at.unwrap_or(line(service));
                    if !read.runbook.vars.contains(var) {
                        let what = format!("the runbook of `{service}` has no var `{var}`");
                        notes.add(at, what, super::problem::nearest(var, &words(&read.runbook.vars)));
                    }
                    if left_over(value) {
                        let what = format!("`{var}` was never filled in: `{value}`");
                        notes.add(at, what, "write the real value");
                    }
                }
            }
        }
    }
    for (service, (_, read)) in &reading.runbooks {
        let set = settings.services.get(service).map(|s| &s.vars);
        for var in &read.runbook.vars {
            if !set.is_some_and(|vars| vars.contains_key(var)) {
                let what = format!("the runbook of `{service}` needs `{var}`");
                let cure = format!("add {var} = \"…\" under [services.{service}.vars]");
                notes.add(line(service), what, cure);
            }
        }
    }
}

fn words(all: &[String]) -> Vec<&str> {
    all.iter().map(String::as_str).collect()
}

fn book(service: &str, read: &runbook::Read, today: NaiveDate, notes: &mut Notes) {
    let book = &read.runbook;
    if let Some(reviewed) = book.reviewed {
        let age = (today - reviewed).num_days();
        if age > REVIEW_DAYS {
            let what = format!("it was last reviewed {age} days ago");
            let cure = "read it through, correct it, and set `reviewed` to today";
            notes.found(Severity::Error, "reviewed", read.reviewed, what, cure);
        }
        if age < -1 {
            notes.add(read.reviewed, format!("`reviewed` is {} days ahead", -age), "correct the date");
        }
    }
    match book.actions.get(HEALTH) {
        Some(action) if !book.steps(&action.section).any(|s| matches!(s.kind, StepKind::Http(_))) => {
            let line = read.actions.get(HEALTH).copied().unwrap_or(1);
            let what = format!("/health {service} has nothing to ask: the section has no http step");
            notes.add(line, what, "add a fence ```http {name=healthy} there");
        }
        _ => {}
    }
    let table = |name: &str| book.tables.get(name).and_then(|anchor| book.section(anchor));
    if let Some(section) = table("oncall") {
        tables::on_call(section, notes);
    }
    if let Some(section) = table("escalation") {
        tables::escalation(section, notes);
    }
    if let Some(section) = table("reminders") {
        reminders::read(section, notes);
    }
    lint::lint(&Page::of(read), notes);
}
