//! What must always hold, whatever goes wrong: each with a name, a sentence, and a function that
//! looks. They judge what people see in Discord and what is on the disk, not how it came there.

mod alerts;
mod boards;
mod disk;
mod duty;
mod pages;
mod places;
mod quiet;
mod reports;
mod rest;
mod run_cards;
mod runs;

pub use pages::{Ladders, still_wanted};

use std::collections::BTreeSet;

use crate::core::state::State;
use crate::journal::Reader;
use crate::kit::time::Timestamp;
use crate::model::commit::Commit;
use crate::model::house::House;
use crate::model::ids::EffectId;

use super::ledger::Ledger;
use super::monitors::Monitors;
use super::server::Server;

/// What an invariant may look at.
pub struct View<'a> {
    /// The live state.
    pub state: &'a State,
    /// What is on the disk.
    pub journal: &'a dyn Reader,
    /// Discord, and every message that ever stood there.
    pub server: &'a Server,
    /// What people did and were told.
    pub ledger: &'a Ledger,
    /// What the sources of alerts say.
    pub monitors: &'a Monitors,
    /// What the team wrote.
    pub house: &'a House,
    /// What time the machine says it is.
    pub now: Timestamp,
    /// The pages, as what is on the disk tells of them.
    pub ladders: &'a Ladders,
    /// The effects that were given up, as what is on the disk tells of them.
    pub given_up: &'a BTreeSet<EffectId>,
    /// The commits of the turn that just ended.
    pub fresh: &'a [Commit],
    /// Everything on the disk, in order.
    pub commits: &'a [Commit],
}

impl View<'_> {
    /// Everything on the disk, in order.
    pub fn commits(&self) -> &[Commit] {
        self.commits
    }
}

/// Something that must hold.
pub struct Invariant {
    /// What it is called.
    pub name: &'static str,
    /// What it says.
    pub sentence: &'static str,
    holds: fn(&View<'_>) -> Result<(), String>,
}

impl Invariant {
    /// Looks whether it holds.
    ///
    /// # Errors
    /// What contradicts it.
    pub fn check(&self, view: &View<'_>) -> Result<(), Broken> {
        (self.holds)(view).map_err(|what| Broken::new(self.name, self.sentence, what))
    }
}

/// An invariant that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// Which.
    pub invariant: &'static str,
    /// What it says.
    pub sentence: &'static str,
    /// What contradicts it.
    pub what: String,
}

impl Broken {
    /// This one, contradicted so.
    pub fn new(invariant: &'static str, sentence: &'static str, what: impl Into<String>) -> Broken {
        Broken { invariant, sentence, what: what.into() }
    }
}

/// Hold at the end of each turn of the engine.
pub const EACH_TURN: &[Invariant] = &[
    Invariant {
        name: "the next wake-up lies ahead",
        sentence: "After a turn nothing is due that the turn could have done.",
        holds: disk::wakes_ahead,
    },
    Invariant {
        name: "only those who may change anything",
        sentence: "An incident changes only by somebody who had the right when they acted, through a command that is switched on.",
        holds: disk::only_those_who_may,
    },
    Invariant {
        name: "a lock has one holder",
        sentence: "Two runs never hold one lock.",
        holds: runs::one_holder,
    },
    Invariant {
        name: "over is over",
        sentence: "When a run is over nothing of it goes on, and nothing begins any more.",
        holds: runs::over_is_over,
    },
    Invariant {
        name: "what is agreed to is what is there",
        sentence: "Nobody agrees to a run whose runbook has changed since it was shown.",
        holds: runs::agreed_to_what_is_there,
    },
    Invariant {
        name: "somebody is called",
        sentence: "Each open P1 and P2 that is no exercise has one page that is not over: somebody is called, is on it, or everybody was told that nobody answered.",
        holds: pages::somebody_is_called,
    },
    Invariant {
        name: "nobody is forgotten",
        sentence: "When whoever was called did not answer in time, the next is called.",
        holds: pages::nobody_is_forgotten,
    },
    Invariant {
        name: "answered is silent",
        sentence: "Nobody is called for what somebody has answered, or what is over.",
        holds: pages::answered_is_silent,
    },
    Invariant {
        name: "who is on call is called",
        sentence: "Whoever is called for a rota is on call then: by their turn, or by an override that is in force at that moment.",
        holds: pages::on_call_then,
    },
    Invariant {
        name: "nobody answered is said aloud",
        sentence: "When nobody is left to call, whoever is there for that is told in the same commit.",
        holds: pages::loud,
    },
    Invariant {
        name: "nobody is buried",
        sentence: "Nobody is sent more by one way than their limit; what is more waits, and goes out as one.",
        holds: pages::limits_hold,
    },
];

/// Hold after each request for something that is owed.
pub const IN_DISCORD: &[Invariant] = &[
    Invariant {
        name: "nothing is shown twice",
        sentence: "Of each effect at most one message stands in Discord.",
        holds: places::shown_once,
    },
    Invariant {
        name: "a thread keeps the order",
        sentence: "The entries of an incident stand in its thread in the order of their commits.",
        holds: places::threads_in_order,
    },
    Invariant {
        name: "private stays private",
        sentence: "Nothing that names a private incident stands outside a private thread.",
        holds: places::private_stays_private,
    },
];

/// Hold whenever the program starts, and at the end.
pub const ON_DISK: &[Invariant] = &[
    Invariant {
        name: "the chain holds",
        sentence: "The commits on the disk are contiguous, whole, and each follows the one before it.",
        holds: disk::chain_holds,
    },
    Invariant {
        name: "replay equals live",
        sentence: "The journal folded from nothing is the live state, however that was reached.",
        holds: disk::replay_equals_live,
    },
    Invariant {
        name: "what was told is kept",
        sentence: "Whatever somebody was told is done is on the disk, after every crash.",
        holds: disk::told_is_kept,
    },
    Invariant {
        name: "a refusal changes nothing",
        sentence: "Of what somebody was told was not done, nothing is on the disk but the attempt.",
        holds: disk::refusals_change_nothing,
    },
    Invariant {
        name: "one interaction, one commit",
        sentence: "However often the gateway says an interaction, it leads to one commit at most.",
        holds: disk::one_commit_each,
    },
    Invariant {
        name: "a triage is decided once",
        sentence: "A triage leads to one incident at most, of the level that followed, or of another with its reason.",
        holds: boards::decided_once,
    },
    Invariant {
        name: "a report is read by another",
        sentence: "A report is published when its incident is over, with a root cause, by somebody else than who wrote that.",
        holds: reports::read_by_another,
    },
    Invariant {
        name: "an alert begins and ends in turn",
        sentence: "However often a source says the same, the journal has it once: an alert begins, ends, and begins again.",
        holds: alerts::begins_and_ends,
    },
    Invariant {
        name: "what is silenced is silent",
        sentence: "Nobody is told of alerts while all of them that fire are silenced.",
        holds: quiet::nobody_is_told_of_silence,
    },
    Invariant {
        name: "a job is late once",
        sentence: "A job that does not say in time that it ran, or that it failed, is one alert, until it says that it ran.",
        holds: quiet::jobs_are_watched,
    },
    Invariant {
        name: "stored before done",
        sentence: "Whatever was done for a run, just that attempt at that step was owed on the disk before.",
        holds: runs::stored_before_done,
    },
    Invariant {
        name: "once is once",
        sentence: "A step that may run once was never done twice, unless a person pressed Run again.",
        holds: runs::at_most_once,
    },
    Invariant {
        name: "nothing before the approval",
        sentence: "Nothing was done before enough others agreed in time, each with the right at that click, or the asker broke the glass after two minutes.",
        holds: runs::approved_before,
    },
    Invariant {
        name: "done as shown",
        sentence: "What was done is the step and the values of the plan that was shown, and every card of it names that plan's hash.",
        holds: runs::done_as_shown,
    },
    Invariant {
        name: "locks keep apart",
        sentence: "No steps of two runs with one lock are done at the same time, whatever a crash left behind.",
        holds: runs::locks_keep_apart,
    },
    Invariant {
        name: "only those who may run",
        sentence: "Runs are asked for, answered, unlocked and taken back by those alone who had the right at that click.",
        holds: runs::only_those_who_may_run,
    },
];

/// Hold when the faults have stopped and nothing is left to do.
pub const AT_REST: &[Invariant] = &[
    Invariant {
        name: "nothing is owed",
        sentence: "When the faults stop, everything owed is settled.",
        holds: rest::nothing_is_owed,
    },
    Invariant {
        name: "posted means there",
        sentence: "What is settled as posted was there, and said what was owed.",
        holds: rest::posted_means_there,
    },
    Invariant {
        name: "an open incident has its card",
        sentence: "Each incident has its card, or the journal says why not; a card that stands tells the truth, or a message does.",
        holds: rest::cards_stand,
    },
    Invariant {
        name: "an entry is read where people look",
        sentence: "Each declaration, note and resolution is shown once where people look, or the journal says why not.",
        holds: rest::entries_are_read,
    },
    Invariant {
        name: "one report each",
        sentence: "Each revision of a report that was published is posted once, and none that was not.",
        holds: reports::one_report_each,
    },
    Invariant {
        name: "an incident that is over has its checklist",
        sentence: "Each incident that is over has its checklist, or the journal says why not; one that stands shows what is done.",
        holds: reports::checklists_stand,
    },
    Invariant {
        name: "a board is true",
        sentence: "A triage's message says what became of it, the drafts of a P1 or P2 stand and follow it, or the journal says why not.",
        holds: boards::boards_are_true,
    },
    Invariant {
        name: "what was told was told once",
        sentence: "What somebody told the public stands once in its channel, or the journal says why not; an exercise stands nowhere.",
        holds: boards::told_once,
    },
    Invariant {
        name: "who asks is answered",
        sentence: "Whoever asked for a health check gets its result, or the journal says why not.",
        holds: rest::checks_are_answered,
    },
    Invariant {
        name: "alerts that are one problem have one card",
        sentence: "Of each group of alerts at most one card stands, unless the journal says that one was lost.",
        holds: alerts::one_card,
    },
    Invariant {
        name: "an alert's card is true",
        sentence: "What fires has its card or is counted by a storm's, or the journal says why not; a card says whether its alerts are over.",
        holds: alerts::cards_are_true,
    },
    Invariant {
        name: "what is over keeps nothing quiet",
        sentence: "Nobody is left untold of an alert because of another that its source says is over.",
        holds: alerts::over_inhibits_nothing,
    },
    Invariant {
        name: "silence ends",
        sentence: "What still fires when its silence is over is told then.",
        holds: quiet::told_when_silence_is_over,
    },
    Invariant {
        name: "what joins is told",
        sentence: "What begins to fire beside what people were told of is told when its time has come, unless it is muted.",
        holds: quiet::told_in_time,
    },
    Invariant {
        name: "a run ends or waits",
        sentence: "Every run is over or waits for a person.",
        holds: run_cards::ends_or_waits,
    },
    Invariant {
        name: "a run has one card",
        sentence: "Each run has its one card, or the journal says why not.",
        holds: run_cards::one_card,
    },
    Invariant {
        name: "a run's card is true",
        sentence: "A run's card that may be edited shows how it ended, or for what it waits.",
        holds: run_cards::card_is_true,
    },
    Invariant {
        name: "a run's end is told",
        sentence: "Each end of a run is told once where people look, or the journal says why not.",
        holds: run_cards::end_is_told,
    },
];

/// Hold when every source of alerts was heard.
pub const WHEN_ALL_IS_SAID: &[Invariant] = &[Invariant {
    name: "what a source said last is known",
    sentence: "However late, often and out of order a source's requests came: what it says last is so.",
    holds: alerts::truth_is_known,
}];

/// Hold when every run that still waited for a person was ended.
pub const WHEN_ALL_IS_OVER: &[Invariant] = &[Invariant {
    name: "every run ends",
    sentence: "When somebody ends the runs that wait for people, no run is left.",
    holds: run_cards::all_over,
}];

/// All of them, for whoever wants to read what is checked.
pub fn all() -> impl Iterator<Item = &'static Invariant> {
    EACH_TURN
        .iter()
        .chain(IN_DISCORD)
        .chain(ON_DISK)
        .chain(AT_REST)
        .chain(WHEN_ALL_IS_SAID)
        .chain(WHEN_ALL_IS_OVER)
}
