//! What is owed to the world: stored with the decision, done after it, settled by an event.

use serde::{Deserialize, Serialize};

use super::card::Show;
use super::check::Asked;
use super::ids::{
    ChannelId, CheckId, GroupId, IncidentId, InteractionId, MessageId, PageId, ReminderId, RoleId, RunId,
    StormId, TriageId, UserId,
};
use super::page::{Target, Way};
use super::person::Person;
use super::run::StepAt;
use crate::kit::time::Timestamp;

/// Something owed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Effect {
    /// Say something in a place.
    Say {
        /// Where.
        place: Place,
        /// What.
        show: Show,
    },
    /// Post the card of an incident, which later effects edit.
    PostCard {
        /// Whose.
        incident: IncidentId,
        /// In which channel.
        channel: ChannelId,
        /// What it shows.
        show: Show,
    },
    /// Bring the card of an incident up to date. Only the last of several matters.
    EditCard {
        /// Whose.
        incident: IncidentId,
        /// What it shows.
        show: Show,
    },
    /// Open the thread under an incident's card.
    OpenThread {
        /// Whose.
        incident: IncidentId,
        /// What it is called.
        name: String,
    },
    /// Open the private thread of an incident, in which its card comes to stand.
    OpenPrivate {
        /// Whose.
        incident: IncidentId,
        /// In which channel.
        channel: ChannelId,
        /// What it is called.
        name: String,
        /// Whoever declared it, who waits to hear whether that worked.
        to: Ticket,
    },
    /// Let somebody into an incident's private thread.
    Bring {
        /// Whose.
        incident: IncidentId,
        /// Whom.
        person: Person,
    },
    /// Complete the answer to an interaction that was told to wait.
    Answer {
        /// To which, and the key to it.
        to: Ticket,
        /// With what.
        show: Show,
    },
    /// Ask services how they are.
    Check(Asked),
    /// Post the card of a run, which later effects edit.
    PostRun {
        /// Whose.
        run: RunId,
        /// Where.
        place: Place,
        /// What it shows.
        show: Show,
    },
    /// Bring the card of a run up to date. Only the last of several matters.
    EditRun {
        /// Whose.
        run: RunId,
        /// What it shows.
        show: Show,
    },
    /// Open the thread under a run's card.
    OpenRunThread {
        /// Whose.
        run: RunId,
        /// What it is called.
        name: String,
    },
    /// Attempt a step. What it is stands in the run's plan. After a crash it is not simply done
    /// again: the runner ends what is left of it and says that it was interrupted.
    RunStep {
        /// Of which run.
        run: RunId,
        /// Which.
        step: StepAt,
        /// Which time, from 1.
        attempt: u32,
    },
    /// End the step of a run that is under way, and all that it started.
    EndStep {
        /// Of which run.
        run: RunId,
    },
    /// Post a message that later effects edit.
    PostBoard {
        /// Which.
        board: Board,
        /// Where.
        place: Place,
        /// What it shows.
        show: Show,
    },
    /// Bring such a message up to date. Only the last of several matters.
    EditBoard {
        /// Which.
        board: Board,
        /// What it shows.
        show: Show,
    },
    /// Call somebody.
    Page(Box<Calling>),
    /// Bring the message of a call up to date. Only the last of several matters.
    EditPage {
        /// Of which page.
        page: PageId,
        /// Which of its calls.
        call: u32,
        /// Whose message it is.
        to: Target,
        /// How they were called.
        way: Way,
        /// What it shows.
        show: Show,
    },
    /// Change a message that Muster posted: something was struck out of what it shows.
    Amend {
        /// In whose thread it is told when that cannot be done.
        incident: IncidentId,
        /// Where it stands.
        channel: ChannelId,
        /// Which.
        message: MessageId,
        /// What it shows now.
        show: Show,
    },
    /// Give a member of the server a role, or take it from them.
    Role {
        /// Which role.
        role: RoleId,
        /// Whom.
        person: Person,
        /// Whether they are to hold it.
        held: bool,
        /// Why, for the server's audit log.
        why: String,
    },
}

/// A call that is owed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calling {
    /// Of which page, and which of its calls; of several where they had waited and go out as one.
    pub calls: Vec<(PageId, u32)>,
    /// Whom.
    pub to: Target,
    /// How.
    pub way: Way,
    /// Where, for a mention.
    pub place: Option<Place>,
    /// What they are shown.
    pub show: Show,
}

/// A message that goes on showing how something stands, and is no incident's or run's card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Board {
    /// What somebody said is wrong, and what was decided.
    Triage(TriageId),
    /// What people are told of an incident.
    Tell(IncidentId),
    /// What is to be done when an incident is over.
    Checklist(IncidentId),
    /// Alerts that people see as one problem.
    Alerts(GroupId),
    /// Many such, counted.
    Storm(StormId),
    /// Something that comes round.
    Reminder(ReminderId),
}

/// Where something is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// A channel.
    Channel(ChannelId),
    /// An incident's thread, looked up when it is said: it may not be there yet.
    Thread(IncidentId),
    /// Where a run is worked on: its incident's thread, or its own.
    Run(RunId),
}

/// What it takes to answer an interaction later. The token is no secret worth stealing: it
/// answers this one interaction, for 15 minutes (Discord, "Receiving and responding").
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// The interaction.
    pub interaction: InteractionId,
    /// Its token.
    pub token: String,
    /// Where it was used; an answer that comes too late is said there.
    pub channel: ChannelId,
    /// Whether only the asker may see the answer.
    pub private: bool,
    /// When the token dies.
    pub expires: Timestamp,
}

/// Effects of one lane are done in their order, one at a time; lanes do not wait for each
/// other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lane {
    /// What is said in a channel.
    Channel(ChannelId),
    /// All about one incident: its card, its thread, what is said in it.
    Incident(IncidentId),
    /// One interaction's answer.
    Interaction(InteractionId),
    /// Asking services: slow, and no message waits for it.
    Check(CheckId),
    /// All that is said about one run.
    Run(RunId),
    /// A run's steps, one at a time.
    Step(RunId),
    /// Ending a run's step, which must not wait for the step.
    End(RunId),
    /// All about one triage.
    Triage(TriageId),
    /// All about alerts that people see as one problem.
    Alerts(GroupId),
    /// All about one storm.
    Storm(StormId),
    /// All about something that comes round.
    Reminder(ReminderId),
    /// Messages of a page that are brought up to date.
    Page(PageId),
    /// What reaches one person by one way that is no mention.
    Way(UserId, Way),
    /// The roles of one member of the server.
    Member(UserId),
}

impl Effect {
    /// The lane it belongs to.
    pub fn lane(&self) -> Lane {
        match self {
            Effect::Say { place: Place::Channel(c), .. } | Effect::Amend { channel: c, .. } => {
                Lane::Channel(*c)
            }
            Effect::Say { place: Place::Thread(i), .. } => Lane::Incident(*i),
            Effect::Say { place: Place::Run(r), .. }
            | Effect::PostRun { run: r, .. }
            | Effect::EditRun { run: r, .. }
            | Effect::OpenRunThread { run: r, .. } => Lane::Run(*r),
            Effect::RunStep { run, .. } => Lane::Step(*run),
            Effect::EndStep { run } => Lane::End(*run),
            Effect::PostCard { incident, .. }
            | Effect::EditCard { incident, .. }
            | Effect::OpenThread { incident, .. }
            | Effect::OpenPrivate { incident, .. }
            | Effect::Bring { incident, .. } => Lane::Incident(*incident),
            Effect::Answer { to, .. } => Lane::Interaction(to.interaction),
            Effect::Check(asked) => Lane::Check(asked.id),
            // Behind the thread that it stands in.
            Effect::PostBoard { board: Board::Tell(i) | Board::Checklist(i), .. }
            | Effect::EditBoard { board: Board::Tell(i) | Board::Checklist(i), .. } => Lane::Incident(*i),
            Effect::PostBoard { board: Board::Triage(t), .. }
            | Effect::EditBoard { board: Board::Triage(t), .. } => Lane::Triage(*t),
            Effect::PostBoard { board: Board::Alerts(g), .. }
            | Effect::EditBoard { board: Board::Alerts(g), .. } => Lane::Alerts(*g),
            Effect::Page(calling) => match (&calling.to, calling.place) {
                (Target::Person { id, .. }, None) => Lane::Way(*id, calling.way),
                (_, Some(Place::Thread(i))) => Lane::Incident(i),
                (_, Some(Place::Run(r))) => Lane::Run(r),
                (_, Some(Place::Channel(c))) => Lane::Channel(c),
                (Target::Channel(c), None) => Lane::Channel(*c),
                // Nobody calls a role without saying where.
                (Target::Role { id, .. }, None) => Lane::Way(UserId(id.0), calling.way),
            },
            // A message that is there needs no thread and waits for nothing.
            Effect::EditPage { page, .. } => Lane::Page(*page),
            Effect::Role { person, .. } => Lane::Member(person.id),
            Effect::PostBoard { board: Board::Storm(s), .. }
            | Effect::EditBoard { board: Board::Storm(s), .. } => Lane::Storm(*s),
            Effect::PostBoard { board: Board::Reminder(r), .. }
            | Effect::EditBoard { board: Board::Reminder(r), .. } => Lane::Reminder(*r),
        }
    }

    /// The incident in whose thread it says something, or whose card it posts.
    pub fn in_thread_of(&self) -> Option<IncidentId> {
        match self {
            Effect::Say { place: Place::Thread(id), .. }
            | Effect::PostBoard { place: Place::Thread(id), .. }
            | Effect::PostCard { incident: id, .. } => Some(*id),
            Effect::Page(calling) => match calling.place {
                Some(Place::Thread(id)) => Some(id),
                _ => None,
            },
            _ => None,
        }
    }

    /// What it shows.
    pub fn show(&self) -> Option<&Show> {
        match self {
            Effect::Say { show, .. }
            | Effect::PostCard { show, .. }
            | Effect::EditCard { show, .. }
            | Effect::Answer { show, .. }
            | Effect::Amend { show, .. }
            | Effect::PostRun { show, .. }
            | Effect::EditRun { show, .. }
            | Effect::PostBoard { show, .. }
            | Effect::EditPage { show, .. }
            | Effect::EditBoard { show, .. } => Some(show),
            Effect::Page(calling) => Some(&calling.show),
            _ => None,
        }
    }

    /// In a few words, for a timeline or a log.
    pub fn in_words(&self) -> &'static str {
        match self {
            Effect::Say { .. } => "a message",
            Effect::PostCard { .. } => "the incident's card",
            Effect::EditCard { .. } => "a change of the incident's card",
            Effect::OpenThread { .. } => "the incident's thread",
            Effect::OpenPrivate { .. } => "the incident's private thread",
            Effect::Bring { .. } => "a person for the incident's private thread",
            Effect::Answer { .. } => "an answer to a command",
            Effect::Check(_) => "a health check",
            Effect::PostRun { .. } => "a run's card",
            Effect::EditRun { .. } => "a change of a run's card",
            Effect::OpenRunThread { .. } => "a run's thread",
            Effect::RunStep { .. } => "a step of a run",
            Effect::EndStep { .. } => "the end of a step",
            Effect::PostBoard { board: Board::Triage(_), .. } => "a triage",
            Effect::EditBoard { board: Board::Triage(_), .. } => "a change of a triage",
            Effect::PostBoard { board: Board::Checklist(_), .. } => "an incident's checklist",
            Effect::EditBoard { board: Board::Checklist(_), .. } => "a change of an incident's checklist",
            Effect::PostBoard { board: Board::Tell(_), .. } => "the drafts of what people are told",
            Effect::EditBoard { board: Board::Tell(_), .. } => "a change of what people are told",
            Effect::PostBoard { board: Board::Alerts(_), .. } => "an alert's card",
            Effect::EditBoard { board: Board::Alerts(_), .. } => "a change of an alert's card",
            Effect::PostBoard { board: Board::Storm(_), .. } => "the count of a storm of alerts",
            Effect::EditBoard { board: Board::Storm(_), .. } => "a change of the count of a storm",
            Effect::PostBoard { board: Board::Reminder(_), .. } => "a reminder",
            Effect::EditBoard { board: Board::Reminder(_), .. } => "a change of a reminder",
            Effect::Page(_) => "a page",
            Effect::EditPage { .. } => "a change of a page",
            Effect::Amend { .. } => "a change of a message",
            Effect::Role { held: true, .. } => "the role of whoever is on call",
            Effect::Role { held: false, .. } => "the end of the role of whoever was on call",
        }
    }
}
