//! Proposals while an option is typed.

use super::incidents::{self, private};
use super::state::State;
use super::{access, alerts, oncall, paging, runs};
use crate::kit::text;
use crate::kit::time::Timestamp;
use crate::model::command::OptionKind;
use crate::model::house::House;
use crate::model::incident::Incident;
use crate::model::input::{Arg, Interaction, Invocation};
use crate::model::reply::Choice;

/// Discord takes 25 at most.
const MOST: usize = 25;
/// How many incidents that are over are looked through: typing must stay quick when there are
/// very many, and an old one can always be typed.
const RESOLVED: usize = 1_000;
/// The same for alerts that are not over.
const LOOKED_THROUGH: usize = 2_000;

/// What could stand in this option. Nothing where nothing is known, and nothing for somebody
/// who may not use the command: a list of incidents tells as much as the command would.
pub fn choices(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    typed: &Invocation,
    option: &str,
    so_far: &str,
) -> Vec<Choice> {
    let command = house.command(&typed.command).filter(|c| access::permits(house, c, &i.by).is_ok());
    let wanted = so_far.trim().to_lowercase();
    let fits = |c: &Choice| c.name.to_lowercase().contains(&wanted);
    match command.and_then(|c| c.option(option)).map(|o| &o.kind) {
        Some(OptionKind::Action) => {
            let service = match typed.args.get("service") {
                Some(Arg::Text(service)) => service.as_str(),
                _ => "",
            };
            runs::choices(house, service).into_iter().filter(fits).take(MOST).collect()
        }
        Some(OptionKind::Run) => {
            let all = state
                .going()
                .rev()
                .filter(|r| private::sees_run(state, house, r, &i.by.person, Some(i.channel)));
            let all = all.map(|r| Choice {
                name: text::cut(&format!("{} · {} {}", r.id, r.plan.service, r.plan.action), 100),
                value: r.id.to_string(),
            });
            all.filter(fits).take(MOST).collect()
        }
        Some(OptionKind::ActionItem) => {
            let all = super::afterwards::seen_items(state, house, i).map(|a| Choice {
                name: text::cut(&format!("{} · {} · {}", a.id, a.incident, a.what), 100),
                value: a.id.to_string(),
            });
            all.filter(fits).take(MOST).collect()
        }
        Some(OptionKind::Silence) => alerts::silencing::choices(state, now).filter(fits).take(MOST).collect(),
        Some(OptionKind::Page) => paging::choices(state, house, i).filter(fits).take(MOST).collect(),
        Some(OptionKind::Rota) => oncall::choices(house).filter(fits).take(MOST).collect(),
        Some(OptionKind::Override) => oncall::overrides(state, now).filter(fits).take(MOST).collect(),
        Some(OptionKind::Alert) => {
            let mut going: Vec<_> = alerts::command::going(state).take(LOOKED_THROUGH).collect();
            going.sort_by_key(|g| (g.opened.severity, g.id));
            let all = going.into_iter().map(|g| Choice {
                name: text::cut(
                    &format!("{} · {} · {}", g.id, g.opened.severity, text::line(&g.opened.title)),
                    100,
                ),
                value: g.id.to_string(),
            });
            all.filter(fits).take(MOST).collect()
        }
        Some(OptionKind::Service) => {
            // A command that means one action proposes the services that have it.
            let action = command.and_then(|c| c.preset("action"));
            let has = |s: &&str| match (action, house.runbook(s)) {
                (Some(action), Some(runbook)) => runbook.actions.contains_key(action),
                _ => true,
            };
            let all =
                house.services().filter(has).map(|s| Choice { name: s.to_owned(), value: s.to_owned() });
            all.filter(fits).take(MOST).collect()
        }
        Some(OptionKind::Incident) => {
            let sees = |n: &Incident| private::sees(house, n, &i.by.person, Some(i.channel));
            let over = state.incidents.values().rev().filter(|i| !i.phase.is_open());
            let over = over.take(RESOLVED).filter(|n| sees(n));
            // Open ones first; of the others the newest.
            let known = incidents::seen(state, house, i).into_iter().chain(over);
            let all = known.map(|i| Choice {
                name: text::cut(&format!("{} · {} · {}", i.id, i.severity, i.title), 100),
                value: i.id.to_string(),
            });
            all.filter(fits).take(MOST).collect()
        }
        _ => vec![],
    }
}
