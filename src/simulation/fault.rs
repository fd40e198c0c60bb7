//! What goes wrong, as values: the seed draws them, the story names them, a test counts them.

use std::fmt;

use super::chance::Chance;

/// Something that goes wrong, or that people change behind Muster's back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The gateway says an interaction twice, as it does after a resume.
    SaidTwice,
    /// The gateway's connection breaks: what it had not said yet is never said.
    Deaf,
    /// Something happens to the next request.
    Request(RequestFault),
    /// The process ends at the next such moment.
    Crash(Moment),
    /// The next sync of the journal fails, and the process goes on.
    SyncFails,
    /// The machine's clock jumps by this many seconds. Discord's does not.
    ClockJumps(i64),
    /// Somebody deletes an incident's thread.
    ThreadDeleted,
    /// Somebody deletes an incident's card.
    CardDeleted,
    /// Somebody archives an incident's thread; a locked one only a moderator brings back.
    ThreadArchived {
        /// Whether it is locked too.
        locked: bool,
    },
    /// The bot may not post in a channel any more.
    ChannelClosed {
        /// Whether it does not even see it.
        hidden: bool,
    },
    /// It may again.
    ChannelOpened,
    /// A person loses their role.
    RoleLost,
    /// A person gets their role back.
    RoleGiven,
    /// The team switches a command off.
    CommandOff,
    /// And on again.
    CommandOn,
    /// The team changes its runbook.
    RunbookChanged,
}

/// What happens to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum RequestFault {
    /// 429: not before this many ms.
    Limited(u64),
    /// 500, and nothing was done.
    ServerError,
    /// It was done, and the answer is lost on the way.
    AnswerLost,
    /// It never arrived.
    RequestLost,
    /// No answer, and it arrives this many ms later; waits for the next new message.
    Delayed(u64),
}

/// When a process ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Moment {
    /// With inputs in its hands, before it decides on them.
    BeforeWrite,
    /// Between the write and the sync: what was written is lost.
    BeforeSync,
    /// Behind the sync, before anybody is answered.
    BeforeAnswers,
    /// After the answers, before anything owed is done.
    AfterAnswers,
    /// Before a request for what is owed.
    BeforeEffect,
    /// After it, before its outcome is handed in.
    AfterEffect,
}

impl Moment {
    /// All of them, in the order in which a decision passes them.
    pub const ALL: [Moment; 6] = [
        Moment::BeforeWrite,
        Moment::BeforeSync,
        Moment::BeforeAnswers,
        Moment::AfterAnswers,
        Moment::BeforeEffect,
        Moment::AfterEffect,
    ];
}

impl Fault {
    /// The next one of this seed.
    pub fn draw(chance: &mut Chance) -> Fault {
        let coin = chance.percent(50);
        match chance.weighted(&[12, 4, 40, 30, 3, 8, 3, 4, 6, 5, 8, 5, 6, 3, 5, 5]) {
            0 => Fault::SaidTwice,
            1 => Fault::Deaf,
            2 => Fault::Request(RequestFault::draw(chance)),
            3 => Fault::Crash(*chance.one(&Moment::ALL).unwrap_or(&Moment::AfterEffect)),
            4 => Fault::SyncFails,
            5 => {
                let by = *chance.one(&[2, 45, 400, 7_200]).unwrap_or(&2);
                Fault::ClockJumps(if coin { by } else { -by })
            }
            6 => Fault::ThreadDeleted,
            7 => Fault::CardDeleted,
            8 => Fault::ThreadArchived { locked: coin },
            9 => Fault::ChannelClosed { hidden: coin },
            10 => Fault::ChannelOpened,
            11 => Fault::RoleLost,
            12 => Fault::RoleGiven,
            13 => Fault::CommandOff,
            14 => Fault::CommandOn,
            _ => Fault::RunbookChanged,
        }
    }

    /// What kind it is, for counting: without its numbers.
    pub fn kind(self) -> &'static str {
        match self {
            Fault::SaidTwice => "said twice",
            Fault::Deaf => "deaf",
            Fault::Request(RequestFault::Limited(_)) => "429",
            Fault::Request(RequestFault::ServerError) => "500",
            Fault::Request(RequestFault::AnswerLost) => "time-out after success",
            Fault::Request(RequestFault::RequestLost) => "time-out before",
            Fault::Request(RequestFault::Delayed(_)) => "time-out on the way",
            Fault::Crash(Moment::BeforeWrite) => "crash before the write",
            Fault::Crash(Moment::BeforeSync) => "crash before the sync",
            Fault::Crash(Moment::BeforeAnswers) => "crash before the answers",
            Fault::Crash(Moment::AfterAnswers) => "crash after the answers",
            Fault::Crash(Moment::BeforeEffect) => "crash before an effect",
            Fault::Crash(Moment::AfterEffect) => "crash after an effect",
            Fault::SyncFails => "failed sync",
            Fault::ClockJumps(by) if by < 0 => "clock back",
            Fault::ClockJumps(_) => "clock on",
            Fault::ThreadDeleted => "thread deleted",
            Fault::CardDeleted => "card deleted",
            Fault::ThreadArchived { locked: true } => "thread locked",
            Fault::ThreadArchived { locked: false } => "thread archived",
            Fault::ChannelClosed { hidden: true } => "channel hidden",
            Fault::ChannelClosed { hidden: false } => "channel closed",
            Fault::ChannelOpened => "channel opened",
            Fault::RoleLost => "role lost",
            Fault::RoleGiven => "role given",
            Fault::CommandOff => "command off",
            Fault::CommandOn => "command on",
            Fault::RunbookChanged => "runbook changed",
        }
    }

    /// Every kind there is.
    pub const KINDS: [&'static str; 28] = [
        "said twice",
        "deaf",
        "429",
        "500",
        "time-out after success",
        "time-out before",
        "time-out on the way",
        "crash before the write",
        "crash before the sync",
        "crash before the answers",
        "crash after the answers",
        "crash before an effect",
        "crash after an effect",
        "failed sync",
        "clock back",
        "clock on",
        "thread deleted",
        "card deleted",
        "thread locked",
        "thread archived",
        "channel hidden",
        "channel closed",
        "channel opened",
        "role lost",
        "role given",
        "command off",
        "command on",
        "runbook changed",
    ];
}

impl RequestFault {
    fn draw(chance: &mut Chance) -> RequestFault {
        match chance.weighted(&[2, 2, 5, 2, 3]) {
            0 => RequestFault::Limited(*chance.one(&[50, 900, 5_000, 40_000]).unwrap_or(&50)),
            1 => RequestFault::ServerError,
            2 => RequestFault::AnswerLost,
            3 => RequestFault::RequestLost,
            _ => RequestFault::Delayed(*chance.one(&[300, 4_000, 20_000]).unwrap_or(&300)),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::ClockJumps(by) => write!(f, "the machine's clock jumps by {by} s"),
            Fault::Request(RequestFault::Limited(ms)) => {
                write!(f, "429 for {ms} ms at the next request")
            }
            Fault::Request(_) => write!(f, "{} at the next request", self.kind()),
            _ => f.write_str(self.kind()),
        }
    }
}
