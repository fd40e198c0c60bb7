//! Proposals while an option is typed.

use super::state::State;
use crate::kit::text;
use crate::model::command::OptionKind;
use crate::model::house::House;
use crate::model::incident::Phase;
use crate::model::input::Invocation;
use crate::model::reply::Choice;

/// Discord takes 25 at most.
const MOST: usize = 25;

/// What could stand in this option. Nothing where nothing is known: a person can always type.
pub fn choices(state: &State, house: &House, typed: &Invocation, option: &str, so_far: &str) -> Vec<Choice> {
    let kind = house.command(&typed.command).and_then(|c| c.option(option)).map(|o| &o.kind);
    let same = |s: &str| Choice { name: s.to_owned(), value: s.to_owned() };
    let all: Vec<Choice> = match kind {
        Some(OptionKind::Service) => house.services().map(same).collect(),
        Some(OptionKind::Incident) => {
            // Open ones first; of the others the newest.
            let resolved = state.incidents.values().rev().filter(|i| i.phase != Phase::Open);
            let known = state.open().into_iter().chain(resolved);
            known
                .map(|i| Choice {
                    name: text::cut(&format!("{} · {} · {}", i.id, i.severity, i.title), 100),
                    value: i.id.to_string(),
                })
                .filter(|c| matches(c, so_far))
                .take(MOST)
                .collect()
        }
        _ => vec![],
    };
    all.into_iter().filter(|c| matches(c, so_far)).take(MOST).collect()
}

fn matches(choice: &Choice, typed: &str) -> bool {
    choice.name.to_lowercase().contains(&typed.trim().to_lowercase())
}
