//! What something that is shown is made from, where it is made from the journal: which commits
//! it takes, and what they say. Engine and simulation read the same way.

use super::alerts::why::{self, Chain};
use super::history::{self, History};
use super::runs::fold;
use super::state::State;
use crate::model::card::Show;
use crate::model::commit::Commit;
use crate::model::event::{Event, Settlement};
use crate::model::ids::Seq;
use crate::model::run::{Output, Run, StepAt, Tail};

/// What something is made from.
#[derive(Clone, Debug, PartialEq)]
pub enum Seen {
    /// An incident's history.
    Incident(Box<History>),
    /// A run.
    Run(Box<RunSeen>),
    /// What became of alerts that are one problem.
    Alert(Box<Chain>),
}

/// A run, and what its steps printed.
#[derive(Clone, Debug, PartialEq)]
pub struct RunSeen {
    /// The run.
    pub run: Run,
    /// What its steps printed, in the order in which they ended. Only where it is asked for.
    pub printed: Vec<Printed>,
    /// What the step that runs now printed last.
    pub live: Option<Tail>,
}

/// What one attempt at a step printed.
#[derive(Clone, Debug, PartialEq)]
pub struct Printed {
    /// Which step.
    pub step: StepAt,
    /// How it went, in a line.
    pub words: String,
    /// What it printed.
    pub output: Output,
}

/// What is at hand without reading the journal: a run's card shows it as it is now, because of
/// several edits only the last matters.
pub fn at_hand(state: &State, show: &Show) -> Option<Seen> {
    match show {
        Show::Run { run, .. } | Show::Plan { run, .. } => {
            let run = state.runs.get(run)?.clone();
            Some(Seen::Run(Box::new(RunSeen { run, printed: vec![], live: None })))
        }
        _ => None,
    }
}

/// The commits that it takes; `None` where it takes none.
pub fn commits(state: &State, show: &Show) -> Option<Vec<Seq>> {
    let (all, upto) = match show {
        Show::Timeline { incident, upto, .. }
        | Show::Report { incident, upto }
        | Show::Draft { incident, upto, .. } => (state.commits_about(*incident)?, upto),
        Show::Run { run, upto } | Show::Plan { run, upto } | Show::RunOutput { run, upto } => {
            (state.commits_of(*run)?, upto)
        }
        Show::AlertWhy(ask) => (state.commits_of_group(ask.group)?, &ask.upto),
        _ => return None,
    };
    Some(all.into_iter().filter(|s| s <= upto).collect())
}

/// What those commits say.
pub fn of(show: &Show, commits: &[Commit]) -> Option<Seen> {
    match show {
        Show::Timeline { incident, .. } | Show::Report { incident, .. } | Show::Draft { incident, .. } => {
            history::fold(*incident, commits).map(|h| Seen::Incident(Box::new(h)))
        }
        Show::Run { run, .. } | Show::Plan { run, .. } | Show::RunOutput { run, .. } => {
            let run = fold::fold(*run, commits)?;
            let printed = commits.iter().filter_map(|c| printed(&run, c)).collect();
            Some(Seen::Run(Box::new(RunSeen { run, printed, live: None })))
        }
        Show::AlertWhy(ask) => why::fold(ask.group, commits).map(|c| Seen::Alert(Box::new(c))),
        _ => None,
    }
}

/// What a step printed whose attempt this commit settles.
fn printed(run: &Run, commit: &Commit) -> Option<Printed> {
    let ran = commit.events.iter().find_map(|e| match e {
        Event::Settled { outcome: Settlement::Ran(ran), .. } => Some(ran),
        _ => None,
    })?;
    let (step, words) = commit.events.iter().find_map(|e| match e {
        Event::StepEnded { run: r, step, words, .. } if *r == run.id => Some((*step, words.clone())),
        Event::StepRetried { run: r, step, why, .. } if *r == run.id => Some((*step, why.clone())),
        Event::StepUnknown { run: r, step } if *r == run.id => {
            Some((*step, "cut short; nobody knows whether it worked".to_owned()))
        }
        _ => None,
    })?;
    (!ran.output.is_empty()).then(|| Printed { step, words, output: ran.output.clone() })
}
