//! What the tables of runbooks mean: a rota where one says who is on call, a policy where one says whom
//! to call next. And a policy for everything else, so that a P1 always has somebody.

use std::collections::BTreeMap;
use std::time::Duration;

use super::policies::{HOLDS, ROUNDS, STILL, usual_fallback};
use super::{Known, Read};
use crate::model::incident::Severity;
use crate::model::oncall::OnCall;
use crate::model::policy::{Policy, Rung, Until, Whom};
use crate::model::rota::EscalationRow;
use crate::model::runbook::Runbook;

/// The rank that is called first.
pub const PRIMARY: &str = "primary";
const SECONDARY: &str = "secondary";
/// The roles that are called where no rota names anybody, the first that there is.
const ROLES: [&str; 4] = ["on-call", "oncall", "responder", "responders"];
/// The name of the policy that counts where no other fits.
const USUAL: &str = "usual";

/// Everything about being on call: `muster.toml`'s, then what runbooks say that it does not.
pub fn join<'a>(
    read: &Read,
    known: &Known<'_>,
    runbooks: impl Iterator<Item = &'a Runbook> + Clone,
) -> OnCall {
    let mut oncall = read.oncall.clone();
    for book in runbooks.clone() {
        let Some(table) = &book.on_call else { continue };
        let zone = book.timezone.unwrap_or(known.timezone);
        let who = |name: &str| read.oncall.called(name).map(|p| p.id);
        let rota = table.rota(&book.service, zone, read.handoff, who);
        oncall.rotas.entry(book.service.clone()).or_insert(rota);
    }
    let Some(channel) = known.channel else { return oncall };
    let fallback = usual_fallback(channel, known);
    let policy = |name: String, services, severities, rungs| Policy {
        name,
        services,
        severities,
        rungs,
        rounds: ROUNDS,
        fallback: fallback.clone(),
        holds: HOLDS,
        still: STILL,
        until: Until::Acknowledged,
    };
    let services = runbooks.clone().filter(|b| b.on_call.is_some()).map(|b| b.service.as_str());
    for book in runbooks.filter(|b| !b.escalation.is_empty()) {
        let own = |p: &&Policy| p.services.contains(&book.service);
        let said: Vec<Severity> =
            read.oncall.policies.iter().filter(own).flat_map(|p| p.severities.clone()).collect();
        let mut made: Vec<Policy> = vec![];
        for severity in [Severity::P1, Severity::P2].into_iter().filter(|s| !said.contains(s)) {
            let rungs = path(book, &oncall, known.roles, severity);
            match made.iter_mut().find(|p| p.rungs == rungs) {
                Some(same) => same.severities.push(severity),
                None => {
                    let name = format!("{} {severity}", book.service);
                    made.push(policy(name, vec![book.service.clone()], vec![severity], rungs));
                }
            }
        }
        if let [only] = made.as_mut_slice() {
            only.name = book.service.clone();
        }
        oncall.policies.extend(made);
    }
    for service in services {
        for severity in [Severity::P1, Severity::P2] {
            let rungs = ranks(&oncall, service, severity);
            if !rungs.is_empty() && oncall.policy(Some(service), severity).is_none() {
                let name = format!("{service} {severity}");
                oncall.policies.push(policy(name, vec![service.to_owned()], vec![severity], rungs));
            }
        }
    }
    for severity in [Severity::P1, Severity::P2] {
        let rungs = usual(&oncall, known, severity);
        if !rungs.is_empty() {
            oncall.policies.push(policy(format!("{USUAL} {severity}"), vec![], vec![severity], rungs));
        }
    }
    oncall
}

/// The rungs that a runbook's own rota means where it says no path: its ranks one after the other (AS-12).
/// Empty where they are those that are called anyway.
fn ranks(oncall: &OnCall, service: &str, severity: Severity) -> Vec<Rung> {
    let Some(rota) = oncall.rotas.get(service) else { return vec![] };
    if rota.ranks.iter().all(|r| [PRIMARY, SECONDARY].contains(&r.name.as_str())) {
        return vec![];
    }
    let whom = |rank: &str| vec![Whom::OnCall { rota: None, rank: rank.to_owned() }];
    rota.ranks.iter().map(|r| rung(r.name.clone(), whom(&r.name), step(severity))).collect()
}

/// How long a rung has where nobody says it (NX-1): a P1 is answered at once, a P2 within an hour, which
/// three rungs share.
fn step(severity: Severity) -> Duration {
    match severity {
        Severity::P1 => Duration::from_secs(5 * 60),
        _ => Duration::from_secs(20 * 60),
    }
}

/// Whoever has long to answer is called again meanwhile.
fn every(within: Duration) -> Option<Duration> {
    let often = Duration::from_secs(if within <= Duration::from_secs(5 * 60) { 2 * 60 } else { 5 * 60 });
    (often < within).then_some(often)
}

fn rung(name: String, whom: Vec<Whom>, within: Duration) -> Rung {
    Rung { name, whom, within, every: every(within), ways: vec![], propose: None }
}

/// The rungs that a runbook's escalation path means: each has until the next one's time.
fn path(
    book: &Runbook,
    oncall: &OnCall,
    roles: &BTreeMap<String, Vec<crate::model::ids::RoleId>>,
    severity: Severity,
) -> Vec<Rung> {
    let rows = &book.escalation;
    let mut begins = Duration::ZERO;
    let mut rungs = vec![];
    for (n, row) in rows.iter().enumerate() {
        begins = row.after.map_or(begins, |after| after.max(begins));
        let next = rows.get(n + 1).and_then(|next| next.after).filter(|next| *next > begins);
        let within = next.map_or_else(|| step(severity), |next| next.saturating_sub(begins));
        begins += within;
        rungs.push(rung(row.level.clone(), whom(row, book, oncall, roles), within));
    }
    rungs
}

/// Whom a row's words mean.
fn whom(
    row: &EscalationRow,
    book: &Runbook,
    oncall: &OnCall,
    roles: &BTreeMap<String, Vec<crate::model::ids::RoleId>>,
) -> Vec<Whom> {
    let words = row.who.trim();
    let lower = words.to_lowercase();
    let rank = |name: &str| Whom::OnCall { rota: None, rank: name.to_owned() };
    if lower.starts_with("on-call") || lower.starts_with("on call") || lower.starts_with("oncall") {
        return vec![rank(PRIMARY)];
    }
    if let Some(person) = oncall.called(words) {
        return vec![Whom::Person { id: person.id, name: person.name().to_owned() }];
    }
    let rota = oncall.rotas.get(&book.service);
    if let Some(known) = rota.and_then(|rota| rota.ranks.iter().find(|r| r.name == lower)) {
        return vec![rank(&known.name)];
    }
    match roles.iter().find(|(name, ids)| name.eq_ignore_ascii_case(words) && !ids.is_empty()) {
        Some((name, ids)) => ids.iter().map(|id| Whom::Role { id: *id, name: name.clone() }).collect(),
        None => vec![Whom::Unknown(words.to_owned())],
    }
}

/// Whoever is on call, then the second, then everybody who responds; empty where there is nobody.
fn usual(oncall: &OnCall, known: &Known<'_>, severity: Severity) -> Vec<Rung> {
    let (within, mut all) = (step(severity), vec![]);
    let has = |name: &str| oncall.rotas.values().any(|r| r.ranks.iter().any(|rank| rank.name == name));
    all.extend(
        [PRIMARY, SECONDARY]
            .into_iter()
            .filter(|name| has(name))
            .map(|name| vec![Whom::OnCall { rota: None, rank: name.to_owned() }]),
    );
    let role = ROLES.iter().find_map(|name| {
        let (name, ids) = known.roles.iter().find(|(known, _)| known.eq_ignore_ascii_case(name))?;
        (!ids.is_empty()).then(|| ids.iter().map(|id| Whom::Role { id: *id, name: name.clone() }).collect())
    });
    match role {
        Some(role) => all.push(role),
        None => {
            let everybody = oncall.people.values();
            let everybody: Vec<Whom> =
                everybody.map(|p| Whom::Person { id: p.id, name: p.name().to_owned() }).collect();
            all.extend(Some(everybody).filter(|whom| !whom.is_empty()));
        }
    }
    all.into_iter().enumerate().map(|(n, whom)| rung(format!("L{}", n + 1), whom, within)).collect()
}
