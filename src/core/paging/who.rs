//! Who is called on a rung, looked up at that moment; and who is not, and why.

use crate::core::oncall;
use crate::core::state::State;
use crate::kit::time::Timestamp;
use crate::model::house::House;
use crate::model::page::{Page, Skipped, Target};
use crate::model::policy::Whom;
use crate::model::rota::Member;

/// Those whom a rung means now, each once, and those who would have been.
pub(super) fn who(
    state: &State,
    house: &House,
    now: Timestamp,
    page: &Page,
    whom: &[Whom],
) -> (Vec<Target>, Vec<Skipped>) {
    let mut look = Look { state, house, now, page, targets: vec![], skipped: vec![] };
    whom.iter().for_each(|w| look.add(w));
    (look.targets, look.skipped)
}

struct Look<'a> {
    state: &'a State,
    house: &'a House,
    now: Timestamp,
    page: &'a Page,
    targets: Vec<Target>,
    skipped: Vec<Skipped>,
}

impl Look<'_> {
    fn add(&mut self, whom: &Whom) {
        match whom {
            Whom::OnCall { rota, rank } => self.on_call(rota.as_deref(), rank),
            Whom::Person { id, name } => self.take(Target::Person { id: *id, name: name.clone() }),
            Whom::Role { id, name } => self.take(Target::Role { id: *id, name: name.clone() }),
            Whom::Channel(channel) => self.take(Target::Channel(*channel)),
            Whom::Unknown(name) => self.unknown(name),
        }
    }

    fn skip(&mut self, who: impl Into<String>, why: impl Into<String>) {
        self.skipped.push(Skipped { who: who.into(), why: why.into() });
    }

    fn unknown(&mut self, name: &str) {
        self.skip(name, "nobody has told Muster who that is: add the name to somebody in [people]");
    }

    fn on_call(&mut self, rota: Option<&str>, rank: &str) {
        let service = self.page.begun.service.as_deref();
        let known = match rota {
            Some(name) => self.house.oncall.rotas.get(name),
            None => self.house.oncall.rota_of(service),
        };
        let Some(name) = known.map(|rota| rota.name.as_str()) else {
            return match rota.or(service) {
                Some(name) => self.skip(rank, format!("there is no rota for {name}")),
                None => self.skip(rank, "no service is named, and the rung names no rota"),
            };
        };
        let all = oncall::on_call_now(self.state, self.house, name, self.now);
        match all.into_iter().find(|(r, _)| r == rank).map(|(_, member)| member) {
            Some(Member::Known { id, name }) => self.take(Target::Person { id, name }),
            Some(Member::Unknown(who)) => self.unknown(&who),
            None => self.skip(
                format!("{rank} of {name}"),
                "nobody is on call there now, or only who is called anyway",
            ),
        }
    }

    fn take(&mut self, target: Target) {
        if self.targets.iter().any(|t| same(t, &target)) {
            return;
        }
        if let Target::Person { id, name } = &target {
            if self.page.declined.contains(id) {
                return self.skip(name.clone(), "said that they cannot");
            }
            if let Some(until) = oncall::away(self.state, *id, self.now) {
                return self.skip(name.clone(), format!("is away until {}", until.rfc3339()));
            }
        }
        self.targets.push(target);
    }
}

/// Whether both are the same, whatever they are called.
fn same(one: &Target, other: &Target) -> bool {
    match (one, other) {
        (Target::Person { id: a, .. }, Target::Person { id: b, .. }) => a == b,
        (Target::Role { id: a, .. }, Target::Role { id: b, .. }) => a == b,
        (Target::Channel(a), Target::Channel(b)) => a == b,
        _ => false,
    }
}
