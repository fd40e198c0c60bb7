//! What happened: the only thing that changes state.

use serde::{Deserialize, Serialize};

use super::afterwards::{
    ActionItemAdded, ActionItemEnded, ActionItemReminded, ChecklistOpened, ItemTicked, ReportPublished,
    ReportWritten,
};
use super::alert::{AlertsReceived, GroupNews};
use super::check::Asked;
use super::duty::OnCallNews;
use super::effect::Ticket;
use super::heartbeat::{BeatNews, Ping};
use super::ids::{ChannelId, EffectId, GroupId, IncidentId, PageId, RunId, SilenceId, StormId, TriageId};
use super::incident::{Duty, Incident, Link, Severity, Status};
use super::mark::Marked;
use super::page::{PageNews, PagesSent};
use super::person::Person;
use super::quote::{MessageAdded, MessageHeld};
use super::reminder::ReminderNews;
use super::run::{Plan, Process, RunEnd, StepAt, StepEnd, Stopping};
pub use super::settlement::{Reason, Settlement};
use super::silence::Silence;
use super::strike::TextStruck;
use super::telling::PeopleTold;
use super::triage::{Decided, Triage, Triaged};
use crate::kit::time::Timestamp;

/// Something that happened. In the journal for ever: a variant is never renamed or given
/// another meaning; new fields have a default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// The program began to work on this journal.
    Started {
        /// Muster's version.
        version: String,
    },
    /// Discord has these slash commands now.
    CommandsRegistered {
        /// Of the body that was sent; the next start sends again only when it differs.
        hash: String,
    },
    /// Somebody asked for something and did not get it.
    Refused {
        /// What they tried.
        what: String,
        /// What they were told.
        why: String,
    },
    /// An incident began.
    IncidentDeclared {
        /// Its number.
        incident: IncidentId,
        /// What is wrong.
        title: String,
        /// How bad.
        severity: Severity,
        /// Which service.
        service: Option<String>,
        /// Who declared it.
        by: Person,
        /// Whether it is only an exercise.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        drill: bool,
        /// Whether only those see it who were brought in.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        private: bool,
        /// By when somebody should have begun (NX-1).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        respond_by: Option<Timestamp>,
        /// What was asked and answered before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        triage: Option<Box<Triaged>>,
    },
    /// Somebody wrote something down.
    NoteAdded {
        /// Where.
        incident: IncidentId,
        /// Their words.
        text: String,
        /// Who.
        by: Person,
    },
    /// An incident ended.
    IncidentResolved {
        /// Which.
        incident: IncidentId,
        /// What resolved it.
        how: Option<String>,
        /// Who says so.
        by: Person,
    },
    /// People are this far with an incident.
    IncidentUpdated {
        /// Which.
        incident: IncidentId,
        /// How far.
        status: Status,
        /// What they say of it.
        text: Option<String>,
        /// Who.
        by: Person,
    },
    /// An incident is worse, or less bad, than was thought.
    SeverityChanged {
        /// Which.
        incident: IncidentId,
        /// How bad it is.
        severity: Severity,
        /// How bad it was thought to be.
        was: Severity,
        /// Why.
        why: Option<String>,
        /// Who says so.
        by: Person,
    },
    /// Somebody does something in an incident from now on.
    DutyAssigned {
        /// In which.
        incident: IncidentId,
        /// What.
        duty: Duty,
        /// Who does it.
        to: Person,
        /// Who says so.
        by: Person,
    },
    /// Something belongs to an incident.
    LinkAdded {
        /// To which.
        incident: IncidentId,
        /// What.
        link: Link,
        /// Who says so.
        by: Person,
    },
    /// Somebody was brought into a private incident.
    PersonInvited {
        /// Into which.
        incident: IncidentId,
        /// Who.
        person: Person,
        /// By whom.
        by: Person,
    },
    /// An incident is part of another one.
    IncidentMerged {
        /// Which.
        incident: IncidentId,
        /// Part of which.
        into: IncidentId,
        /// Who says so.
        by: Person,
    },
    /// An incident that was over goes on.
    IncidentReopened {
        /// Which.
        incident: IncidentId,
        /// Why.
        why: Option<String>,
        /// Who says so.
        by: Person,
    },
    /// Everything that follows from an incident is done.
    IncidentClosed {
        /// Which.
        incident: IncidentId,
        /// Who says so.
        by: Person,
    },
    /// An incident that was not at hand any more is wanted again: what it was, so that the fold
    /// goes on from there.
    IncidentRecalled {
        /// As it stood.
        incident: Box<Incident>,
    },
    /// Nobody leads an incident that somebody should lead, and they were asked to.
    LeaderMissed {
        /// Which.
        incident: IncidentId,
    },
    /// People were reminded of an incident that nobody said anything of for long.
    IncidentReminded {
        /// Of which.
        incident: IncidentId,
    },
    /// Somebody said what is wrong; how bad it is followed from their answers.
    TriageAsked {
        /// What they said, and what follows.
        triage: Box<Triage>,
    },
    /// Somebody decided what becomes of a triage.
    TriageDecided {
        /// Of which.
        triage: TriageId,
        /// What.
        how: Decided,
        /// Who.
        by: Person,
    },
    /// Somebody told people of an incident.
    PeopleTold(PeopleTold),
    /// Somebody asked after the health of services.
    CheckAsked {
        /// What is asked.
        asked: Asked,
        /// Whom to answer.
        answer: Ticket,
    },
    /// An effect left the outbox.
    Settled {
        /// Which.
        effect: EffectId,
        /// How.
        outcome: Settlement,
    },
    /// Somebody asked for a section of a runbook to be run.
    RunAsked {
        /// Its number.
        run: RunId,
        /// What is done.
        plan: Box<Plan>,
        /// Who asked.
        by: Person,
        /// The incident that it belongs to.
        incident: Option<IncidentId>,
        /// Where it was asked for; `None` in a terminal.
        channel: Option<ChannelId>,
    },
    /// Somebody agreed: to the run, or in a question of its runbook.
    RunAgreed {
        /// To which.
        run: RunId,
        /// In which question; `None` before it begins.
        step: Option<StepAt>,
        /// Who.
        by: Person,
    },
    /// The asker goes on without a second person.
    GlassBroken {
        /// With which run.
        run: RunId,
        /// In which question; `None` before it begins.
        step: Option<StepAt>,
        /// Who.
        by: Person,
        /// Why.
        reason: String,
    },
    /// Somebody typed the service's name, to say that they mean it.
    RunConfirmed {
        /// With which run.
        run: RunId,
        /// Who.
        by: Person,
    },
    /// A run began: from now on it holds its lock, and its time counts.
    RunBegan {
        /// Which.
        run: RunId,
    },
    /// An attempt at a step is owed to the runner, in this commit.
    StepBegan {
        /// Of which run.
        run: RunId,
        /// Which.
        step: StepAt,
        /// Which time, from 1.
        attempt: u32,
    },
    /// A step is another's judge: it is asked whether that one worked.
    VerifyBegan {
        /// Of which run.
        run: RunId,
        /// The step that nobody knows about.
        step: StepAt,
        /// The one that is asked.
        by: StepAt,
        /// Which time that one runs, from 1.
        attempt: u32,
    },
    /// A step's process is there.
    StepSpawned {
        /// Of which run.
        run: RunId,
        /// Which.
        step: StepAt,
        /// Which time.
        attempt: u32,
        /// The process.
        process: Process,
    },
    /// A person is asked to do a step.
    StepAsked {
        /// Of which run.
        run: RunId,
        /// Which.
        step: StepAt,
    },
    /// People were reminded of a step that waits for one of them.
    StepReminded {
        /// Of which run.
        run: RunId,
        /// Which.
        step: StepAt,
    },
    /// A step failed and is tried again.
    StepRetried {
        /// Of which run.
        run: RunId,
        /// Which.
        step: StepAt,
        /// When.
        at: Timestamp,
        /// What went wrong.
        why: String,
    },
    /// A step was cut short, and nobody knows whether it worked.
    StepUnknown {
        /// Of which run.
        run: RunId,
        /// Which.
        step: StepAt,
    },
    /// A step is over.
    StepEnded {
        /// Of which run.
        run: RunId,
        /// Which.
        step: StepAt,
        /// How.
        how: StepEnd,
        /// Who says so, where a person does.
        by: Option<Person>,
        /// How long it took, in milliseconds.
        millis: u64,
        /// What came, or why not: one line.
        words: String,
        /// The last lines that it printed.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        tail: String,
    },
    /// A run is to end before it is through.
    RunStopping {
        /// Which.
        run: RunId,
        /// Why.
        why: Stopping,
    },
    /// What a run did is being taken back.
    UndoBegan {
        /// Which run.
        run: RunId,
        /// Who wants it; the runbook does where there is none.
        by: Option<Person>,
        /// Why.
        why: String,
    },
    /// Somebody took a lock from the run that held it.
    LockBroken {
        /// Which run.
        run: RunId,
        /// Which lock.
        lock: String,
        /// Who.
        by: Person,
        /// Why.
        reason: String,
    },
    /// A run is over.
    RunEnded {
        /// Which.
        run: RunId,
        /// How.
        how: RunEnd,
    },
    /// Somebody added a message to an incident's timeline.
    MessageAdded(MessageAdded),
    /// A text was struck out of the record, everywhere. This commit vouches for what stands there
    /// now; it never says what the text was.
    TextStruck(TextStruck),
    /// Somebody is asked which incident a message belongs to. Discord shows a message's text only
    /// once, with the command that is used on it, so it is held until they say.
    MessageHeld(MessageHeld),
    /// The checklist of an incident that is over lies open.
    ChecklistOpened(ChecklistOpened),
    /// Somebody ticked an item of a checklist, or took the tick back.
    ItemTicked(ItemTicked),
    /// Somebody wrote parts of a report.
    ReportWritten(ReportWritten),
    /// Something is to be done after an incident.
    ActionItemAdded(ActionItemAdded),
    /// It is done, or will not be.
    ActionItemEnded(ActionItemEnded),
    /// Its owner was reminded.
    ActionItemReminded(ActionItemReminded),
    /// An incident's report is published.
    ReportPublished(ReportPublished),
    /// A source told of alerts, and something is new about them.
    AlertsReceived(Box<AlertsReceived>),
    /// Something happened to alerts that people see as one problem.
    Alerts {
        /// Which.
        group: GroupId,
        /// What.
        news: GroupNews,
    },
    /// So much began at once that one message counts it.
    StormBegan {
        /// Its number.
        storm: StormId,
        /// Where that message stands.
        channel: ChannelId,
    },
    /// Messages about alerts are brought up to date, and nothing else happened.
    AlertsShown {
        /// How many.
        cards: u32,
    },
    /// Nothing more began for a while.
    StormEnded {
        /// Which.
        storm: StormId,
    },
    /// For a while nobody is told of some alerts.
    SilenceAdded(Box<Silence>),
    /// A silence ended before its time.
    SilenceEnded {
        /// Which.
        silence: SilenceId,
        /// Who ended it.
        by: Person,
    },
    /// Something changed: a deployment and the like.
    Marked(Box<Marked>),
    /// A job said when it ran.
    Pinged(Box<Ping>),
    /// A job is waited for, or did not say in time that it ran.
    Beats(Box<BeatNews>),
    /// Something happened to a page.
    Page {
        /// Which.
        page: PageId,
        /// What.
        news: PageNews,
    },
    /// What had waited for one person is sent as one message.
    PagesSent(Box<PagesSent>),
    /// Something happened to who is on call.
    OnCall(Box<OnCallNews>),
    /// Something happened to what comes round by a runbook's table.
    Reminder(Box<ReminderNews>),
}
