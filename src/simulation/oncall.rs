//! Who is on call for the team of the simulation, and whom they call next. By hand, as the rest of it.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{NaiveDate, NaiveTime};

use super::house::ADMINISTRATOR;
use crate::kit::time::Timestamp;
use crate::model::ids::{ChannelId, RoleId, UserId};
use crate::model::incident::Severity;
use crate::model::oncall::{Limit, OnCall, Reach, Teammate};
use crate::model::policy::{Fallback, Policy, Rung, Until, Whom};
use crate::model::rota::{Every, Layer, Member, Rank, Rota, Turns};
use crate::sandbox::world::seed::{self, Person};

const MINUTE: Duration = Duration::from_secs(60);
/// What the rota is called.
pub const TEAM: &str = "team";

/// What the team wrote about being on call.
pub fn oncall() -> OnCall {
    let mate = |person: Person, reach: Vec<Reach>| {
        let limit = Limit { count: 3, within: 4 * MINUTE };
        let names = vec![person.name().to_owned()];
        (person.name().to_owned(), Teammate { id: UserId(person.id().0), names, reach, limit })
    };
    let hook = Reach::Webhook("https://pager.example/hook".to_owned());
    let people =
        [mate(Person::Responder, vec![]), mate(Person::Approver, vec![hook]), mate(Person::Onlooker, vec![])];
    OnCall {
        people: BTreeMap::from(people),
        rotas: BTreeMap::from([(TEAM.to_owned(), rota())]),
        policies: vec![policy("worst", Severity::P1, 2), policy("bad", Severity::P2, 5)],
        ..OnCall::default()
    }
}

/// Whose turn it is by the rota alone. Said here a second time and not asked of `core`: shifts of an hour,
/// in turns, since 2026-01-05T08:00:00Z.
pub fn whose_turn(rank: &str, at: Timestamp) -> Option<u64> {
    const FIRST: i64 = 1_767_600_000_000;
    let even = (at.0 - FIRST).div_euclid(3_600_000) % 2 == 0;
    let turn = match rank {
        "primary" => even,
        "secondary" => !even,
        _ => return None,
    };
    Some(if turn { Person::Responder } else { Person::Approver }.id().0)
}

/// They take turns of an hour each, so that a run sees changes of shift.
fn rota() -> Rota {
    let member = |p: Person| Member::Known { id: UserId(p.id().0), name: p.name().to_owned() };
    let rank = |name: &str, members: Vec<Member>| {
        let turns = Turns::Rotation {
            members,
            from: NaiveDate::from_ymd_opt(2026, 1, 5).unwrap_or_default(),
            handoff: NaiveTime::from_hms_opt(9, 0, 0).unwrap_or_default(),
            every: Every::Hours(1),
        };
        Rank { name: name.to_owned(), layers: vec![Layer { name: "turns".to_owned(), turns, hours: vec![] }] }
    };
    let (responder, approver) = (member(Person::Responder), member(Person::Approver));
    Rota {
        name: TEAM.to_owned(),
        timezone: chrono_tz::Europe::Berlin,
        ranks: vec![
            rank("primary", vec![responder.clone(), approver.clone()]),
            rank("secondary", vec![approver, responder]),
        ],
    }
}

fn policy(name: &str, severity: Severity, minutes: u32) -> Policy {
    let on_call = |rank: &str| Whom::OnCall { rota: Some(TEAM.to_owned()), rank: rank.to_owned() };
    let onlooker =
        Whom::Person { id: UserId(Person::Onlooker.id().0), name: Person::Onlooker.name().to_owned() };
    let lead = Whom::Role { id: RoleId(seed::ROLE_LEAD.0), name: "lead".to_owned() };
    let unknown = Whom::Unknown("whoever built it".to_owned());
    let rung = |name: &str, whom: Vec<Whom>, every: Option<Duration>| {
        let (name, within) = (name.to_owned(), minutes * MINUTE);
        Rung { name, whom, within, every, ways: vec![], propose: None }
    };
    let resolved = severity == Severity::P2;
    Policy {
        name: name.to_owned(),
        services: vec![],
        severities: vec![severity],
        rungs: vec![
            rung("first", vec![on_call("primary")], Some(MINUTE)),
            rung("second", vec![on_call("secondary"), unknown], None),
            rung("third", vec![onlooker, lead], None),
        ],
        rounds: 2,
        fallback: Fallback {
            channel: ChannelId(seed::GENERAL.0),
            roles: vec![RoleId(seed::ROLE_LEAD.0)],
            people: vec![ADMINISTRATOR],
        },
        holds: 4 * minutes * MINUTE,
        still: minutes * MINUTE,
        until: if resolved { Until::Resolved } else { Until::Acknowledged },
    }
}
