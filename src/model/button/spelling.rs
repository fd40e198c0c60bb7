//! The spelling of buttons and forms in Discord's `custom_id`: what a card carries today must be read by
//! every later build.

use std::fmt;
use std::str::FromStr;

use super::{AlertButton, Button, FormKind, PageButton, RunButton, Start, SwapButton, TriageButton};
use crate::model::ids::{GroupId, IncidentId, PageId, ReminderId, RunId, SwapId, TriageId};
use crate::model::report::{AfterButton, AfterForm};
use crate::model::run::StepAt;
use crate::model::telling::{Audience, Stage};

impl fmt::Display for Button {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Button::Timeline(i, page) => write!(f, "m1 timeline {} {page}", i.0),
            Button::Note(i) => write!(f, "m1 note {}", i.0),
            Button::Resolve(i) => write!(f, "m1 resolve {}", i.0),
            Button::After(i, b) => {
                let spelled = b.spelled();
                let (word, numbers) = spelled.split_once(' ').unwrap_or((&spelled, ""));
                let space = if numbers.is_empty() { "" } else { " " };
                write!(f, "m1 after-{word} {}{space}{numbers}", i.0)
            }
            Button::Run(r, tag, b) => {
                let (word, at) = b.spelled();
                write!(f, "m1 run-{word} {} {at} {tag}", r.0)
            }
            Button::Triage(t, b) => write!(f, "m1 {} {}", b.word(), t.0),
            Button::Tell(i, a) => write!(f, "m1 tell-{} {}", audience(*a), i.0),
            Button::Alert(g, AlertButton::Why(page)) => write!(f, "m1 alert-why {} {page}", g.0),
            Button::Alert(g, b) => write!(f, "m1 {} {}", b.word(), g.0),
            Button::Page(p, b) => write!(f, "m1 {} {}", b.word(), p.0),
            Button::Swap(s, b) => write!(f, "m1 {} {}", b.word(), s.0),
            Button::Reminder(r) => write!(f, "m1 reminder-done {}", r.0),
        }
    }
}

impl fmt::Display for FormKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FormKind::Note(i) => write!(f, "m1 form-note {}", i.0),
            FormKind::Resolve(i) => write!(f, "m1 form-resolve {}", i.0),
            FormKind::Strike(i, entry) => write!(f, "m1 form-strike {} {entry}", i.0),
            FormKind::Confirm(r, tag) => write!(f, "m1 form-confirm {} {tag}", r.0),
            FormKind::Glass(r, tag, at) => write!(f, "m1 form-glass {} {} {tag}", r.0, number(*at)),
            FormKind::Failed(r, tag, at) => {
                write!(f, "m1 form-failed {} {} {tag}", r.0, number(Some(*at)))
            }
            FormKind::NotApplicable(r, tag, at) => {
                write!(f, "m1 form-na {} {} {tag}", r.0, number(Some(*at)))
            }
            FormKind::Silence(g) => write!(f, "m1 form-silence {}", g.0),
            FormKind::Level(t) => write!(f, "m1 form-level {}", t.0),
            FormKind::Tell(i, a, stage, times) => {
                write!(f, "m1 form-tell-{} {} {} {times}", audience(*a), i.0, *stage as u32)
            }
            FormKind::After(i, AfterForm::Write(writes)) => write!(f, "m1 form-write {} {writes}", i.0),
            FormKind::After(i, AfterForm::AddAction) => write!(f, "m1 form-action {}", i.0),
            FormKind::Start(s) => write!(
                f,
                "m1 form-start {} {} {} {} {}",
                u8::from(s.dry),
                s.incident.map_or(0, |i| i.0),
                s.runbook,
                s.service,
                s.action
            ),
        }
    }
}

impl TriageButton {
    const ALL: [TriageButton; 3] = [TriageButton::Open, TriageButton::Other, TriageButton::NoIncident];

    fn word(self) -> &'static str {
        match self {
            TriageButton::Open => "triage-open",
            TriageButton::Other => "triage-other",
            TriageButton::NoIncident => "triage-none",
        }
    }
}

impl AlertButton {
    /// Those that take no number.
    const PLAIN: [AlertButton; 4] =
        [AlertButton::Acknowledge, AlertButton::Open, AlertButton::Silence, AlertButton::Playbook];

    fn word(self) -> &'static str {
        match self {
            AlertButton::Acknowledge => "alert-ack",
            AlertButton::Open => "alert-open",
            AlertButton::Silence => "alert-silence",
            AlertButton::Playbook => "alert-playbook",
            AlertButton::Why(_) => "alert-why",
        }
    }
}

impl SwapButton {
    const ALL: [SwapButton; 2] = [SwapButton::Agree, SwapButton::Refuse];

    fn word(self) -> &'static str {
        match self {
            SwapButton::Agree => "swap-agree",
            SwapButton::Refuse => "swap-refuse",
        }
    }
}

impl PageButton {
    const ALL: [PageButton; 4] =
        [PageButton::Acknowledge, PageButton::Cannot, PageButton::Escalate, PageButton::Still];

    fn word(self) -> &'static str {
        match self {
            PageButton::Acknowledge => "page-ack",
            PageButton::Cannot => "page-cannot",
            PageButton::Escalate => "page-escalate",
            PageButton::Still => "page-still",
        }
    }
}

/// An audience in an id.
fn audience(a: Audience) -> &'static str {
    match a {
        Audience::Public => "public",
        Audience::StatusPage => "status",
    }
}

/// The audience that such a word ends with.
fn told(word: &str, before: &str) -> Option<Audience> {
    let word = word.strip_prefix(before)?;
    Audience::ALL.into_iter().find(|a| audience(*a) == word)
}

/// A step in an id: 0 is none, so that every word is a number.
fn number(at: Option<StepAt>) -> u32 {
    at.map_or(0, |at| u32::from(at) + 1)
}

/// What such a number means; `Err` for one that no step can have.
fn place(number: u32) -> Result<Option<StepAt>, String> {
    number.checked_sub(1).map(|n| StepAt::try_from(n).map_err(|_| stale())).transpose()
}

/// The step that it must name.
fn step(number: u32) -> Result<StepAt, String> {
    place(number)?.ok_or_else(stale)
}

impl RunButton {
    fn spelled(self) -> (&'static str, u32) {
        match self {
            RunButton::Plan => ("plan", 0),
            RunButton::Agree(at) => ("agree", number(at)),
            RunButton::Refuse(at) => ("refuse", number(at)),
            RunButton::Glass(at) => ("glass", number(at)),
            RunButton::Confirm => ("confirm", 0),
            RunButton::Cancel => ("cancel", 0),
            RunButton::Done(at) => ("done", number(Some(at))),
            RunButton::Failed(at) => ("failed", number(Some(at))),
            RunButton::NotApplicable(at) => ("na", number(Some(at))),
            RunButton::Worked(at) => ("worked", number(Some(at))),
            RunButton::Again(at) => ("again", number(Some(at))),
            RunButton::Stop(at) => ("stop", number(Some(at))),
            RunButton::Undo => ("undo", 0),
        }
    }

    fn read(word: &str, at: u32) -> Option<RunButton> {
        Some(match (word, place(at).ok()?) {
            ("plan", None) => RunButton::Plan,
            ("agree", at) => RunButton::Agree(at),
            ("refuse", at) => RunButton::Refuse(at),
            ("glass", at) => RunButton::Glass(at),
            ("confirm", None) => RunButton::Confirm,
            ("cancel", None) => RunButton::Cancel,
            ("done", Some(at)) => RunButton::Done(at),
            ("failed", Some(at)) => RunButton::Failed(at),
            ("na", Some(at)) => RunButton::NotApplicable(at),
            ("worked", Some(at)) => RunButton::Worked(at),
            ("again", Some(at)) => RunButton::Again(at),
            ("stop", Some(at)) => RunButton::Stop(at),
            ("undo", None) => RunButton::Undo,
            _ => return None,
        })
    }
}

/// The words of an id that this build made, or why it is none.
fn words(id: &str) -> Result<(&str, Vec<u32>), String> {
    let mut parts = id.split(' ');
    if parts.next() != Some("m1") {
        return Err(stale());
    }
    let name = parts.next().ok_or_else(stale)?;
    let numbers: Result<Vec<u32>, _> = parts.map(str::parse).collect();
    Ok((name, numbers.map_err(|_| stale())?))
}

fn stale() -> String {
    "This button is not one that this version of Muster made. Use the slash command instead.".to_owned()
}

impl FromStr for Button {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        match words(s)? {
            ("timeline", n) if n.len() == 2 => Ok(Button::Timeline(IncidentId(n[0]), n[1])),
            ("alert-why", n) if n.len() == 2 => Ok(Button::Alert(GroupId(n[0]), AlertButton::Why(n[1]))),
            ("reminder-done", n) if n.len() == 1 => Ok(Button::Reminder(ReminderId(n[0]))),
            ("note", n) if n.len() == 1 => Ok(Button::Note(IncidentId(n[0]))),
            ("resolve", n) if n.len() == 1 => Ok(Button::Resolve(IncidentId(n[0]))),
            (word, n) if word.starts_with("after-") && !n.is_empty() => {
                let button = AfterButton::read(&word["after-".len()..], &n[1..]);
                button.map(|b| Button::After(IncidentId(n[0]), b)).ok_or_else(stale)
            }
            (word, n) if n.len() == 1 => {
                let triage = TriageButton::ALL.into_iter().find(|b| b.word() == word);
                let triage = triage.map(|b| Button::Triage(TriageId(n[0]), b));
                let tell = || told(word, "tell-").map(|a| Button::Tell(IncidentId(n[0]), a));
                let alert = || AlertButton::PLAIN.into_iter().find(|b| b.word() == word);
                let alert = || alert().map(|b| Button::Alert(GroupId(n[0]), b));
                let page = || PageButton::ALL.into_iter().find(|b| b.word() == word);
                let page = || page().map(|b| Button::Page(PageId(n[0]), b));
                let swap = || SwapButton::ALL.into_iter().find(|b| b.word() == word);
                let swap = || swap().map(|b| Button::Swap(SwapId(n[0]), b));
                triage.or_else(tell).or_else(alert).or_else(page).or_else(swap).ok_or_else(stale)
            }
            (word, n) if n.len() == 3 => {
                let button = word.strip_prefix("run-").and_then(|word| RunButton::read(word, n[1]));
                button.map(|b| Button::Run(RunId(n[0]), n[2], b)).ok_or_else(stale)
            }
            _ => Err(stale()),
        }
    }
}

impl FromStr for FormKind {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        if let Some(rest) = s.strip_prefix("m1 form-start ") {
            return start(rest).map(FormKind::Start).ok_or_else(stale);
        }
        match words(s)? {
            ("form-confirm", n) if n.len() == 2 => Ok(FormKind::Confirm(RunId(n[0]), n[1])),
            ("form-glass", n) if n.len() == 3 => Ok(FormKind::Glass(RunId(n[0]), n[2], place(n[1])?)),
            ("form-failed", n) if n.len() == 3 => Ok(FormKind::Failed(RunId(n[0]), n[2], step(n[1])?)),
            ("form-na", n) if n.len() == 3 => Ok(FormKind::NotApplicable(RunId(n[0]), n[2], step(n[1])?)),
            ("form-note", n) if n.len() == 1 => Ok(FormKind::Note(IncidentId(n[0]))),
            ("form-strike", n) if n.len() == 2 => Ok(FormKind::Strike(IncidentId(n[0]), n[1])),
            ("form-resolve", n) if n.len() == 1 => Ok(FormKind::Resolve(IncidentId(n[0]))),
            ("form-write", n) if n.len() == 2 => {
                Ok(FormKind::After(IncidentId(n[0]), AfterForm::Write(n[1])))
            }
            ("form-action", n) if n.len() == 1 => Ok(FormKind::After(IncidentId(n[0]), AfterForm::AddAction)),
            ("form-silence", n) if n.len() == 1 => Ok(FormKind::Silence(GroupId(n[0]))),
            ("form-level", n) if n.len() == 1 => Ok(FormKind::Level(TriageId(n[0]))),
            (word, n) if n.len() == 3 => {
                let stage = usize::try_from(n[1]).ok().and_then(|s| Stage::ALL.get(s)).copied();
                let both = told(word, "form-tell-").zip(stage);
                both.map(|(a, stage)| FormKind::Tell(IncidentId(n[0]), a, stage, n[2])).ok_or_else(stale)
            }
            _ => Err(stale()),
        }
    }
}

fn start(words: &str) -> Option<Start> {
    let mut words = words.splitn(5, ' ');
    let dry = match words.next()? {
        "0" => false,
        "1" => true,
        _ => return None,
    };
    let incident = Some(words.next()?.parse::<u32>().ok()?).filter(|n| *n > 0).map(IncidentId);
    let (runbook, service, action) = (words.next()?, words.next()?, words.next()?);
    let good = [runbook, service, action].iter().all(|w| !w.is_empty() && !w.contains(' '));
    let own = |w: &str| w.to_owned();
    good.then(|| Start { service: own(service), action: own(action), runbook: own(runbook), dry, incident })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        for b in [
            Button::Timeline(IncidentId(7), 3),
            Button::Note(IncidentId(1)),
            Button::Resolve(IncidentId(u32::MAX)),
            Button::Run(RunId(u32::MAX), u32::MAX, RunButton::NotApplicable(u16::MAX - 1)),
            Button::Run(RunId(3), 9, RunButton::Agree(None)),
            Button::Run(RunId(3), 9, RunButton::Agree(Some(0))),
            Button::Run(RunId(3), 9, RunButton::Undo),
            Button::After(IncidentId(u32::MAX), AfterButton::Tick(u16::MAX, true)),
            Button::After(IncidentId(3), AfterButton::Tick(0, false)),
            Button::After(IncidentId(3), AfterButton::Write),
            Button::After(IncidentId(3), AfterButton::AddAction),
            Button::After(IncidentId(3), AfterButton::Draft),
            Button::After(IncidentId(3), AfterButton::Publish(u32::MAX)),
            Button::Triage(TriageId(u32::MAX), TriageButton::Open),
            Button::Triage(TriageId(1), TriageButton::Other),
            Button::Triage(TriageId(2), TriageButton::NoIncident),
            Button::Tell(IncidentId(u32::MAX), Audience::Public),
            Button::Tell(IncidentId(1), Audience::StatusPage),
            Button::Alert(GroupId(u32::MAX), AlertButton::Acknowledge),
            Button::Alert(GroupId(1), AlertButton::Open),
            Button::Alert(GroupId(1), AlertButton::Silence),
            Button::Alert(GroupId(1), AlertButton::Playbook),
            Button::Alert(GroupId(u32::MAX), AlertButton::Why(u32::MAX)),
            Button::Page(PageId(u32::MAX), PageButton::Acknowledge),
            Button::Page(PageId(1), PageButton::Cannot),
            Button::Page(PageId(1), PageButton::Escalate),
            Button::Page(PageId(1), PageButton::Still),
            Button::Swap(SwapId(u32::MAX), SwapButton::Agree),
            Button::Swap(SwapId(1), SwapButton::Refuse),
            Button::Reminder(ReminderId(u32::MAX)),
        ] {
            assert_eq!(b.to_string().parse(), Ok(b));
            assert!(b.to_string().len() <= 100, "Discord's limit for custom_id");
        }
        let start = Start {
            service: "s".repeat(32),
            action: Start::spelled(&"a".repeat(500)),
            runbook: "0123abcd".to_owned(),
            dry: true,
            incident: Some(IncidentId(u32::MAX)),
        };
        for form in [
            FormKind::Resolve(IncidentId(9)),
            FormKind::Strike(IncidentId(u32::MAX), u32::MAX),
            FormKind::Glass(RunId(u32::MAX), 7, None),
            FormKind::Confirm(RunId(2), 7),
            FormKind::After(IncidentId(4), AfterForm::Write(u32::MAX)),
            FormKind::After(IncidentId(4), AfterForm::AddAction),
            FormKind::Failed(RunId(1), 7, 0),
            FormKind::NotApplicable(RunId(1), 9, 7),
            FormKind::Level(TriageId(4)),
            FormKind::Silence(GroupId(u32::MAX)),
            FormKind::Tell(IncidentId(u32::MAX), Audience::StatusPage, Stage::Resolved, u32::MAX),
            FormKind::Tell(IncidentId(1), Audience::Public, Stage::Investigating, 0),
            FormKind::Start(start.clone()),
            FormKind::Start(Start { action: Start::spelled(&"ä".repeat(32)), ..start }),
        ] {
            assert_eq!(form.to_string().parse(), Ok(form.clone()));
            assert!(form.to_string().chars().count() <= 100, "{form}");
        }
    }

    #[test]
    fn forged_ids_are_refused() {
        for forged in [
            "",
            "m1",
            "m1 note",
            "m1 note x",
            "m1 note 1 2",
            "m2 note 1",
            "m1 note -1",
            "m1 form-note 1",
            "m1  note 1",
            "m1 after-tick 1 1 2",
            "m1 after-tick 1 65536 1",
            "m1 after-publish 1",
            "m1 after-format-disk 1",
            "m1 after-",
            "m1 run-done 1 0 7",
            "m1 run-done 1",
            "m1 run-plan 1 1 7",
            "m1 run-format-disk 1 1 7",
            "m1 run-agree 1 4294967295 7",
            "m1 triage-open",
            "m1 triage-open 1 2",
            "m1 triage-delete 1",
            "m1 tell-everybody 1",
            "m1 tell-public",
            "m1 alert-ack 1 2",
            "m1 alert-why 1",
            "m1 alert-delete 1",
            "m1 alert-",
            "m1 reminder-done",
            "m1 reminder-done 1 2",
        ] {
            assert!(forged.parse::<Button>().is_err(), "{forged:?}");
        }
    }
}
