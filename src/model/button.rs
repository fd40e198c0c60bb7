//! What a button or a form means, and its spelling in Discord's `custom_id`.
//!
//! Whoever can send an interaction can forge a `custom_id`. So it names what is wanted and
//! never says that it is allowed: rights are decided at the click.

mod spelling;

use super::ids::{GroupId, IncidentId, PageId, ReminderId, RunId, SwapId, TriageId};
use super::report::{AfterButton, AfterForm};
use super::run::StepAt;
use super::telling::{Audience, Stage};
use crate::kit::hash;

/// What a button asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Button {
    /// Show a page of the timeline, to the one who asks. Past the end is the last page.
    Timeline(IncidentId, u32),
    /// Open the form for a note.
    Note(IncidentId),
    /// Open the form for resolving.
    Resolve(IncidentId),
    /// Something about a run, and the tag of its plan (`Run::tag`).
    Run(RunId, u32, RunButton),
    /// Something about a triage.
    Triage(TriageId, TriageButton),
    /// Open the form for telling people of an incident.
    Tell(IncidentId, Audience),
    /// Something that follows an incident.
    After(IncidentId, AfterButton),
    /// Something about alerts that people see as one problem.
    Alert(GroupId, AlertButton),
    /// Something about a page.
    Page(PageId, PageButton),
    /// The answer to whoever wants to swap shifts.
    Swap(SwapId, SwapButton),
    /// Somebody did what comes round.
    Reminder(ReminderId),
}

/// What a button of a page asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageButton {
    /// They are on it.
    Acknowledge,
    /// They cannot.
    Cannot,
    /// The next is to be called now.
    Escalate,
    /// They still are on it.
    Still,
}

/// What a button under the question for a swap means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SwapButton {
    /// They take the shift.
    Agree,
    /// They do not.
    Refuse,
}

/// What a button of an alert's card asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AlertButton {
    /// Somebody has taken it.
    Acknowledge,
    /// Open an incident for it.
    Open,
    /// Open the form for a silence.
    Silence,
    /// Name the playbooks that may help, to the one who asks.
    Playbook,
    /// Show a page of why people were told or were not, to the one who asks. Past the end is the
    /// last page.
    Why(u32),
}

/// What a button of a triage asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TriageButton {
    /// Open an incident as bad as it follows.
    Open,
    /// Open the form for another level.
    Other,
    /// It is no incident.
    NoIncident,
}

impl Button {
    /// The incident that it names.
    pub fn incident(&self) -> Option<IncidentId> {
        match self {
            Button::Timeline(id, _)
            | Button::Note(id)
            | Button::Resolve(id)
            | Button::Tell(id, _)
            | Button::After(id, _) => Some(*id),
            Button::Run(..) | Button::Triage(..) | Button::Alert(..) => None,
            Button::Page(..) | Button::Swap(..) | Button::Reminder(_) => None,
        }
    }
}

/// What a button of a run asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunButton {
    /// Show what runs, to the one who asks.
    Plan,
    /// Agree: to the run, or in one of its questions.
    Agree(Option<StepAt>),
    /// Do not agree.
    Refuse(Option<StepAt>),
    /// Open the form for the service's name.
    Confirm,
    /// Open the form for going on without a second person.
    Glass(Option<StepAt>),
    /// End it.
    Cancel,
    /// A person did the step.
    Done(StepAt),
    /// Open the form for a step that a person could not do.
    Failed(StepAt),
    /// Open the form for a step that does not apply.
    NotApplicable(StepAt),
    /// A step that was cut short worked.
    Worked(StepAt),
    /// A step that was cut short is to run again.
    Again(StepAt),
    /// A step that was cut short is taken as failed.
    Stop(StepAt),
    /// Take back what was done.
    Undo,
}

/// Which form was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FormKind {
    /// A note.
    Note(IncidentId),
    /// What resolved it.
    Resolve(IncidentId),
    /// What to strike out of an incident: of an entry, by its commit's number; 0 is everything.
    Strike(IncidentId, u32),
    /// What a run needs before it is asked for.
    Start(Start),
    /// The service's name, before something is changed.
    Confirm(RunId, u32),
    /// Why somebody goes on without a second person.
    Glass(RunId, u32, Option<StepAt>),
    /// Why a step could not be done.
    Failed(RunId, u32, StepAt),
    /// Why a step does not apply.
    NotApplicable(RunId, u32, StepAt),
    /// Another level for a triage, and why.
    Level(TriageId),
    /// What people are told of an incident: how far it was when the form was opened, and how
    /// often they had been told something then.
    Tell(IncidentId, Audience, Stage, u32),
    /// Something that follows an incident.
    After(IncidentId, AfterForm),
    /// For how long nobody is told of alerts like these, and why.
    Silence(GroupId),
}

impl FormKind {
    /// The incident that it names.
    pub fn incident(&self) -> Option<IncidentId> {
        match self {
            FormKind::Note(id)
            | FormKind::Resolve(id)
            | FormKind::Strike(id, _)
            | FormKind::Tell(id, ..)
            | FormKind::After(id, _) => Some(*id),
            FormKind::Start(start) => start.incident,
            _ => None,
        }
    }
}

/// Which action a form is about. It has to fit into 100 characters with everything else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// The service.
    pub service: String,
    /// The action or anchor; one that is too long is `~` and the beginning of its hash.
    pub action: String,
    /// The beginning of the runbook's hash when the form was shown: what changed meanwhile is
    /// not what was shown.
    pub runbook: String,
    /// Whether nothing is to be changed.
    pub dry: bool,
    /// The incident that it belongs to.
    pub incident: Option<IncidentId>,
}

impl Start {
    /// An action's spelling in a form: itself, or its hash where it is long.
    pub fn spelled(action: &str) -> String {
        if action.chars().count() <= 24 && !action.contains(' ') {
            action.to_owned()
        } else {
            format!("~{}", &hash::sha256(action.as_bytes())[..12])
        }
    }
}
