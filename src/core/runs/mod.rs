//! Runs: what somebody asked to be done, from the plan to the last step.

pub mod fold;

use std::collections::BTreeMap;

use super::Outcome;
use super::args::Args;
use super::state::State;
use crate::kit::time::Timestamp;
use crate::model::button::{FormKind, RunButton};
use crate::model::command::Command;
use crate::model::house::House;
use crate::model::ids::RunId;
use crate::model::input::{Interaction, TerminalAct};
use crate::model::reply::Refusal;
use crate::model::run::{Process, StepAt};

pub fn terminal(_: &State, _: &House, _: Timestamp, _: &str, _: &TerminalAct) -> Result<Outcome, Refusal> {
    Err(Refusal::new("x"))
}
pub fn spawned(_: &State, _: RunId, _: StepAt, _: u32, _: &Process) -> Outcome {
    Outcome::default()
}
pub fn in_words(_: &TerminalAct) -> String {
    String::new()
}
pub fn press(
    _: &State,
    _: &House,
    _: Timestamp,
    _: &Interaction,
    _: RunId,
    _: RunButton,
) -> Result<Outcome, Refusal> {
    Err(Refusal::new("x"))
}
pub fn submit(
    _: &State,
    _: &House,
    _: Timestamp,
    _: &Interaction,
    _: &FormKind,
    _: &BTreeMap<String, String>,
) -> Result<Outcome, Refusal> {
    Err(Refusal::new("x"))
}
pub fn command(
    _: &State,
    _: &House,
    _: Timestamp,
    _: &Interaction,
    _: &Command,
    _: &Args<'_>,
) -> Result<Outcome, Refusal> {
    Err(Refusal::new("x"))
}
