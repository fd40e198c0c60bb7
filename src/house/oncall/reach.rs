//! Who is named and cannot be reached: somebody wrote them down, and counts on it that they are called.

use std::collections::{BTreeMap, BTreeSet};

use super::{Lines, nobody};
use crate::house::problem::{Notes, Severity, nearest};
use crate::model::oncall::{OnCall, Reach};
use crate::model::page::Way;
use crate::model::policy::Whom;
use crate::model::runbook::Runbook;

/// The rule that names people of a runbook whom `muster.toml` does not.
const RULE: &str = "reach";

/// What policies of `muster.toml` name: rotas, ranks, services and actions. `broken` says of which
/// runbooks nothing is known.
pub fn check(
    oncall: &OnCall,
    lines: &Lines,
    runbooks: &BTreeMap<&str, &Runbook>,
    broken: impl Fn(&str) -> bool,
    notes: &mut Notes,
) {
    let rotas: Vec<&str> = oncall.rotas.keys().map(String::as_str).collect();
    for (whom, line) in &lines.whom {
        let Whom::OnCall { rota, rank } = whom else { continue };
        if let Some(name) = rota.as_deref().filter(|r| !oncall.rotas.contains_key(*r)) {
            if !broken(name) {
                let cure = format!("{}; or add [[oncall.rotas]]", nearest(name, &rotas));
                notes.add(*line, format!("there is no rota `{name}`"), cure);
            }
            continue;
        }
        let of = oncall.rotas.values().filter(|r| rota.as_ref().is_none_or(|name| *name == r.name));
        let ranks: BTreeSet<&str> = of.flat_map(|r| &r.ranks).map(|r| r.name.as_str()).collect();
        if !ranks.contains(rank.as_str()) {
            let known: Vec<&str> = ranks.into_iter().collect();
            let cure = format!("{}; or write person NAME, role NAME, or channel ID", nearest(rank, &known));
            notes.add(*line, format!("no rota has a rank `{rank}`"), cure);
        }
    }
    carried(oncall, lines, notes);
    let services: Vec<&str> = runbooks.keys().copied().collect();
    for (service, line) in &lines.services {
        // Where there is no runbook at all, no service has one yet.
        if !runbooks.is_empty() && !runbooks.contains_key(service.as_str()) && !broken(service) {
            let what = format!("a policy is for `{service}`, which has no runbook");
            notes.add(*line, what, nearest(service, &services));
        }
    }
    for (action, of, line) in &lines.proposed {
        if of.is_empty() {
            let cure = "add services = [\"…\"]: the action is looked for in their runbooks";
            notes.add(*line, format!("`{action}` is proposed for every service"), cure);
        }
        for service in of {
            let Some(book) = runbooks.get(service.as_str()) else { continue };
            if !book.actions.contains_key(action) {
                let known: Vec<&str> = book.actions.keys().map(String::as_str).collect();
                let what = format!("the runbook of `{service}` has no action `{action}`");
                notes.add(*line, what, nearest(action, &known));
            }
        }
    }
}

/// Who is to be reached in a way that nobody carries: each such call would fail.
fn carried(oncall: &OnCall, lines: &Lines, notes: &mut Notes) {
    for (key, person) in &oncall.people {
        for way in person.reach.iter().map(Reach::way) {
            let needs = match way {
                Way::Email => "smtp",
                Way::Sms | Way::Call => "twilio",
                Way::Mention | Way::Direct | Way::Ntfy | Way::Webhook => continue,
            };
            if !lines.carriers.contains(&needs) {
                let what = format!("`{key}` is called by {}, which nobody carries", way.word());
                let cure = format!("add [oncall.notify.{needs}], or delete the line of `{key}`");
                notes.add(lines.each.get(key).copied().unwrap_or(1), what, cure);
            }
        }
    }
}

/// What the tables of a runbook name. Where a team has told nothing of its people yet, that is worth a
/// look; otherwise it has to be mended.
pub fn book(book: &Runbook, oncall: &OnCall, people: bool, notes: &mut Notes) {
    let severity = if people { Severity::Error } else { Severity::Note };
    let mut seen: BTreeSet<String> = BTreeSet::new();
    if let Some(table) = &book.on_call
        && oncall.rotas.contains_key(&book.service)
    {
        for name in table.days.iter().flatten().flatten() {
            if oncall.called(name).is_none() && seen.insert(name.to_lowercase()) {
                let what = format!("`{name}` is on call, and cannot be reached: nobody says who that is");
                notes.found(severity, RULE, table.line, what, nobody(oncall, name));
            }
        }
    }
    let policies = oncall.policies.iter().filter(|p| p.services.contains(&book.service));
    let rungs: Vec<&Whom> = policies.flat_map(|p| &p.rungs).flat_map(|r| &r.whom).collect();
    for row in &book.escalation {
        let meant = |w: &&&Whom| matches!(w, Whom::Unknown(name) if *name == row.who);
        if rungs.iter().find(meant).is_some() && seen.insert(row.who.to_lowercase()) {
            let what =
                format!("{} is `{}`, who cannot be reached: nobody says who that is", row.level, row.who);
            let cure = format!("{}; or name a role so under [roles]", nobody(oncall, &row.who));
            notes.found(severity, RULE, row.line, what, cure);
        }
    }
}
