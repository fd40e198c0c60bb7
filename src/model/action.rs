//! What a command can mean, and what each meaning takes.

mod oncall;
mod spelling;

/// What a command can mean. Closed: a command file chooses, it cannot invent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Action {
    /// Runs the checks of one service's runbook, or of every one.
    Health,
    /// Opens an incident.
    IncidentDeclare,
    /// Writes something into an incident's timeline.
    IncidentNote,
    /// Ends an incident.
    IncidentResolve,
    /// Says how far people are with an incident.
    IncidentUpdate,
    /// Says that an incident is worse, or less bad.
    IncidentSeverity,
    /// Says who does what in an incident.
    IncidentAssign,
    /// Adds a link to an incident.
    IncidentLink,
    /// Brings somebody into a private incident.
    IncidentInvite,
    /// Makes an incident part of another one.
    IncidentMerge,
    /// Lets an incident that is over go on.
    IncidentReopen,
    /// Says that everything that follows from an incident is done.
    IncidentClose,
    /// Shows an incident's card.
    IncidentShow,
    /// Shows the open incidents.
    IncidentList,
    /// Shows what could be told of an incident.
    IncidentDrafts,
    /// Says how bad it is, from a few answers.
    Triage,
    /// Shows what happened in an incident.
    Timeline,
    /// Shows a section of a runbook.
    Section,
    /// Runs an action of a runbook.
    Run,
    /// Shows the runs that are not over.
    RunList,
    /// Shows one run.
    RunShow,
    /// Ends a run.
    RunCancel,
    /// Takes a lock from the run that holds it, and ends that run.
    RunUnlock,
    /// Adds a message to an incident's timeline.
    IncidentQuote,
    /// Strikes a text out of the record.
    IncidentStrike,
    /// Shows the draft of an incident's report, and what it still needs.
    ReportShow,
    /// Writes the parts of a report that only people know.
    ReportWrite,
    /// Publishes a report.
    ReportPublish,
    /// Adds something that is to be done after an incident.
    ItemAdd,
    /// Says that it is done.
    ItemDone,
    /// Says that it will not be done.
    ItemDrop,
    /// Shows what is to be done.
    ItemList,
    /// Silences alerts for a while.
    SilenceAdd,
    /// Ends a silence.
    SilenceEnd,
    /// Shows the silences.
    SilenceList,
    /// Shows what fires.
    AlertList,
    /// Shows the card of alerts that are one problem.
    AlertShow,
    /// Says why people were told of them, or were not.
    AlertWhy,
    /// Says that somebody has taken them.
    AlertAck,
    /// Says that they are over.
    AlertClose,
    /// Calls somebody.
    Page,
    /// Calls somebody to show that they can be reached.
    PageTest,
    /// Says that somebody is on it.
    PageAck,
    /// Calls the next.
    PageEscalate,
    /// Shows the pages that are not over.
    PageList,
    /// Says why somebody was called, or was not.
    PageWhy,
    /// Shows who is on call.
    OnCallNow,
    /// Shows the shifts of a rota.
    OnCallSchedule,
    /// Puts somebody else on call for a while.
    OnCallOverride,
    /// Ends that before its time.
    OnCallOverrideEnd,
    /// Asks somebody to swap shifts.
    OnCallSwap,
    /// Shows what is told at a change of shift, or adds to it.
    OnCallHandoff,
    /// Says that somebody is away for a while.
    OnCallUnavailable,
    /// Tells the address of one's calendar.
    OnCallCalendar,
}

/// An argument that an action takes, typed by a person or set in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argument {
    /// Its name, which is the option's.
    pub name: &'static str,
    /// The kinds of option that can hold it, as words.
    pub kinds: &'static [&'static str],
    /// Whether the action cannot do without it.
    pub required: bool,
}

const fn needs(name: &'static str, kinds: &'static [&'static str]) -> Argument {
    Argument { name, kinds, required: true }
}

const fn takes(name: &'static str, kinds: &'static [&'static str]) -> Argument {
    Argument { name, kinds, required: false }
}

impl Action {
    /// All of them.
    pub const ALL: [Action; 54] = [
        Action::Health,
        Action::IncidentDeclare,
        Action::IncidentNote,
        Action::IncidentResolve,
        Action::IncidentUpdate,
        Action::IncidentSeverity,
        Action::IncidentAssign,
        Action::IncidentLink,
        Action::IncidentInvite,
        Action::IncidentMerge,
        Action::IncidentReopen,
        Action::IncidentClose,
        Action::IncidentShow,
        Action::IncidentList,
        Action::IncidentDrafts,
        Action::Triage,
        Action::Timeline,
        Action::Section,
        Action::Run,
        Action::RunList,
        Action::RunShow,
        Action::RunCancel,
        Action::RunUnlock,
        Action::IncidentQuote,
        Action::IncidentStrike,
        Action::ReportShow,
        Action::ReportWrite,
        Action::ReportPublish,
        Action::ItemAdd,
        Action::ItemDone,
        Action::ItemDrop,
        Action::ItemList,
        Action::SilenceAdd,
        Action::SilenceEnd,
        Action::SilenceList,
        Action::AlertList,
        Action::AlertShow,
        Action::AlertWhy,
        Action::AlertAck,
        Action::AlertClose,
        Action::Page,
        Action::PageTest,
        Action::PageAck,
        Action::PageEscalate,
        Action::PageList,
        Action::PageWhy,
        Action::OnCallNow,
        Action::OnCallSchedule,
        Action::OnCallOverride,
        Action::OnCallOverrideEnd,
        Action::OnCallSwap,
        Action::OnCallHandoff,
        Action::OnCallUnavailable,
        Action::OnCallCalendar,
    ];

    /// How a command file names it.
    pub fn word(self) -> &'static str {
        match self {
            Action::Health => "health",
            Action::IncidentDeclare => "incident.declare",
            Action::IncidentNote => "incident.note",
            Action::IncidentResolve => "incident.resolve",
            Action::IncidentUpdate => "incident.update",
            Action::IncidentSeverity => "incident.severity",
            Action::IncidentAssign => "incident.assign",
            Action::IncidentLink => "incident.link",
            Action::IncidentInvite => "incident.invite",
            Action::IncidentMerge => "incident.merge",
            Action::IncidentReopen => "incident.reopen",
            Action::IncidentClose => "incident.close",
            Action::IncidentShow => "incident.show",
            Action::IncidentList => "incident.list",
            Action::IncidentDrafts => "incident.drafts",
            Action::Triage => "triage",
            Action::Timeline => "timeline",
            Action::Section => "runbook.section",
            Action::Run => "runbook.run",
            Action::RunList => "runs.list",
            Action::RunShow => "runs.show",
            Action::RunCancel => "runs.cancel",
            Action::RunUnlock => "runs.unlock",
            Action::IncidentQuote => "incident.quote",
            Action::IncidentStrike => "incident.strike",
            Action::ReportShow => "report.show",
            Action::ReportWrite => "report.write",
            Action::ReportPublish => "report.publish",
            Action::ItemAdd => "action.add",
            Action::ItemDone => "action.done",
            Action::ItemDrop => "action.drop",
            Action::ItemList => "action.list",
            Action::SilenceAdd => "silence.add",
            Action::SilenceEnd => "silence.end",
            Action::SilenceList => "silence.list",
            Action::AlertList => "alerts.list",
            Action::AlertShow => "alerts.show",
            Action::AlertWhy => "alerts.why",
            Action::AlertAck => "alerts.ack",
            Action::AlertClose => "alerts.close",
            Action::Page => "page.call",
            Action::PageTest => "page.test",
            Action::PageAck => "page.ack",
            Action::PageEscalate => "page.escalate",
            Action::PageList => "page.list",
            Action::PageWhy => "page.why",
            Action::OnCallNow => "oncall.now",
            Action::OnCallSchedule => "oncall.schedule",
            Action::OnCallOverride => "oncall.override",
            Action::OnCallOverrideEnd => "oncall.override-end",
            Action::OnCallSwap => "oncall.swap",
            Action::OnCallHandoff => "oncall.handoff",
            Action::OnCallUnavailable => "oncall.unavailable",
            Action::OnCallCalendar => "oncall.calendar",
        }
    }

    /// Whether it is used on a message, and so can be no slash command.
    pub fn is_about_a_message(self) -> bool {
        matches!(self, Action::IncidentQuote)
    }

    /// What it takes. The one place that says so: loading checks files against it, and whoever
    /// carries the action out reads the same names.
    pub fn arguments(self) -> &'static [Argument] {
        const SERVICE: &[&str] = &["service", "choice"];
        const INCIDENT: &[&str] = &["incident"];
        const TEXT: &[&str] = &["text"];
        const RUN: &[&str] = &["run"];
        const ITEM: &[&str] = &["action-item"];
        match self {
            Action::Health => const { &[takes("service", SERVICE)] },
            Action::IncidentDeclare => {
                const {
                    &[
                        needs("title", TEXT),
                        needs("severity", &["severity"]),
                        takes("service", SERVICE),
                        takes("drill", &["boolean"]),
                        takes("private", &["boolean"]),
                    ]
                }
            }
            Action::IncidentUpdate => {
                const { &[needs("status", &["choice"]), takes("text", TEXT), takes("incident", INCIDENT)] }
            }
            Action::IncidentSeverity => {
                const { &[needs("severity", &["severity"]), takes("why", TEXT), takes("incident", INCIDENT)] }
            }
            Action::IncidentAssign => {
                const { &[needs("duty", &["choice"]), needs("person", &["person"]), takes("incident", INCIDENT)] }
            }
            Action::IncidentLink => {
                const { &[needs("url", TEXT), takes("label", TEXT), takes("incident", INCIDENT)] }
            }
            Action::IncidentInvite => const { &[needs("person", &["person"]), takes("incident", INCIDENT)] },
            Action::IncidentMerge => const { &[needs("into", INCIDENT), takes("incident", INCIDENT)] },
            Action::IncidentReopen => const { &[takes("why", TEXT), takes("incident", INCIDENT)] },
            Action::Triage => {
                const {
                    &[
                        needs("what", TEXT),
                        needs("users", &["choice"]),
                        needs("feature", &["choice"]),
                        needs("data", &["choice"]),
                        takes("service", SERVICE),
                    ]
                }
            }
            Action::IncidentClose
            | Action::IncidentShow
            | Action::IncidentDrafts
            | Action::Timeline
            | Action::ReportShow
            | Action::ReportPublish
            | Action::ItemList => const { &[takes("incident", INCIDENT)] },
            Action::IncidentStrike => const { &[takes("entry", &["integer"]), takes("incident", INCIDENT)] },
            Action::IncidentNote => const { &[needs("text", TEXT), takes("incident", INCIDENT)] },
            Action::IncidentResolve => const { &[takes("how", TEXT), takes("incident", INCIDENT)] },
            Action::IncidentList | Action::IncidentQuote | Action::RunList | Action::SilenceList => &[],
            Action::Run => {
                const {
                    &[
                        needs("service", SERVICE),
                        needs("action", &["action", "choice"]),
                        takes("with", TEXT),
                        takes("confirm", TEXT),
                        takes("dry-run", &["boolean"]),
                        takes("incident", INCIDENT),
                    ]
                }
            }
            Action::RunShow => const { &[needs("run", RUN)] },
            Action::RunCancel => const { &[needs("run", RUN), takes("reason", TEXT)] },
            Action::RunUnlock => const { &[needs("run", RUN), needs("reason", TEXT)] },
            Action::ReportWrite => {
                const {
                    &[
                        takes("summary", TEXT),
                        takes("root-cause", TEXT),
                        takes("resolution", TEXT),
                        takes("lessons", TEXT),
                        takes("incident", INCIDENT),
                    ]
                }
            }
            Action::ItemAdd => {
                const {
                    &[
                        needs("what", TEXT),
                        takes("owner", &["person"]),
                        takes("due", TEXT),
                        takes("incident", INCIDENT),
                    ]
                }
            }
            Action::AlertList => const { &[takes("service", SERVICE)] },
            Action::AlertShow | Action::AlertWhy | Action::AlertAck | Action::AlertClose => {
                const { &[needs("alert", &["alert"])] }
            }
            Action::Page
            | Action::PageTest
            | Action::PageAck
            | Action::PageEscalate
            | Action::PageWhy
            | Action::PageList => oncall::arguments(self),
            Action::ItemDone => const { &[needs("item", ITEM)] },
            Action::ItemDrop => const { &[needs("item", ITEM), needs("why", TEXT)] },
            Action::SilenceAdd => const { &[needs("match", TEXT), needs("for", TEXT), needs("why", TEXT)] },
            Action::SilenceEnd => const { &[needs("silence", &["silence"])] },
            Action::OnCallNow
            | Action::OnCallSchedule
            | Action::OnCallOverride
            | Action::OnCallOverrideEnd
            | Action::OnCallSwap
            | Action::OnCallHandoff
            | Action::OnCallUnavailable
            | Action::OnCallCalendar => oncall::arguments(self),
            Action::Section => const { &[needs("service", SERVICE), needs("section", &["text", "choice"])] },
        }
    }
}

#[cfg(test)]
mod tests;
