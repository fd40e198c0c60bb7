//! What follows an incident: its checklist, what people write down of it, its action items, and
//! the report that is published (NX-10, NX-11).

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::ids::{ActionId, IncidentId};
use super::incident::{Card, Severity, Stamp};
use super::person::Person;
use crate::kit::time::Timestamp;

/// A part of a report that a person writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// What happened, in a few sentences.
    Summary,
    /// Why it happened.
    RootCause,
    /// What ended it.
    Resolution,
    /// What to do otherwise next time.
    Lessons,
}

impl Part {
    /// All, in the order of a report.
    pub const ALL: [Part; 4] = [Part::Summary, Part::RootCause, Part::Resolution, Part::Lessons];

    /// As a command's option and a form's field call it.
    pub fn word(self) -> &'static str {
        match self {
            Part::Summary => "summary",
            Part::RootCause => "root-cause",
            Part::Resolution => "resolution",
            Part::Lessons => "lessons",
        }
    }

    /// As a heading.
    pub fn title(self) -> &'static str {
        match self {
            Part::Summary => "Summary",
            Part::RootCause => "Root cause",
            Part::Resolution => "Resolution",
            Part::Lessons => "Lessons learned",
        }
    }

    /// As a form asks for it.
    pub fn question(self) -> &'static str {
        match self {
            Part::Summary => "Summary: what happened?",
            Part::RootCause => "Root cause: why did it happen?",
            Part::Resolution => "Resolution: what ended it?",
            Part::Lessons => "Lessons learned: what next time?",
        }
    }
}

/// What somebody wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// Their words.
    pub text: String,
    /// When, and who.
    pub when: Stamp,
}

/// What follows an incident, as far as deciding needs it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)] // an incident that was recalled stands in the journal for ever
pub struct Review {
    /// What is written.
    pub parts: BTreeMap<Part, Written>,
    /// The items of its checklist; none before it lies open.
    pub items: Vec<CheckItem>,
    /// The message that shows the checklist; `None` before it lies open.
    pub list: Option<Card>,
    /// How many action items it ever had.
    pub actions: u16,
    /// When and by whom the first of them was added.
    pub followed: Option<Stamp>,
    /// How often somebody wrote parts of it.
    pub writes: u32,
    /// Counts what changes the report.
    pub version: u32,
    /// The newest report.
    pub published: Option<Published>,
}

/// A report that was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// Which, from 1.
    pub revision: u32,
    /// When and by whom.
    pub when: Stamp,
    /// What [`Review::version`] was.
    pub version: u32,
}

/// An item of a checklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckItem {
    /// What is to be done.
    pub text: String,
    /// What Muster sees of it by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sees: Option<Sees>,
    /// When and by whom it was ticked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ticked: Option<Stamp>,
}

/// What Muster can see for itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sees {
    /// The root cause is written; the timeline is there by itself.
    RootCause,
    /// An action item was added. Where none is needed a person says so.
    FollowUps,
    /// A report with its lessons is published.
    Shared,
}

impl Sees {
    /// Whether a person may tick it too.
    pub fn by_hand(self) -> bool {
        self != Sees::RootCause
    }
}

impl CheckItem {
    /// NX-10's items.
    pub const DEFAULT: [(&'static str, Option<Sees>); 4] = [
        ("Timeline and root cause documented", Some(Sees::RootCause)),
        ("Monitoring updated", None),
        ("Follow-ups created", Some(Sees::FollowUps)),
        ("Learnings shared", Some(Sees::Shared)),
    ];

    /// The item with these words. One of NX-10's is seen as far as it can be.
    pub fn of(text: &str) -> CheckItem {
        let known = CheckItem::DEFAULT.iter().find(|(t, _)| t.eq_ignore_ascii_case(text.trim()));
        CheckItem { text: text.to_owned(), sees: known.and_then(|(_, s)| *s), ticked: None }
    }
}

impl Review {
    /// What is written of a part.
    pub fn text(&self, part: Part) -> Option<&str> {
        self.parts.get(&part).map(|w| w.text.as_str())
    }

    /// When and by whom an item was done: ticked, or seen.
    pub fn done<'a>(&'a self, item: &'a CheckItem) -> Option<&'a Stamp> {
        let seen = match item.sees {
            Some(Sees::RootCause) => self.parts.get(&Part::RootCause).map(|w| &w.when),
            Some(Sees::FollowUps) => self.followed.as_ref(),
            Some(Sees::Shared) => {
                self.published.as_ref().filter(|_| self.parts.contains_key(&Part::Lessons)).map(|p| &p.when)
            }
            None => None,
        };
        seen.or(item.ticked.as_ref())
    }

    /// What a report of this severity cannot be published without, and is not there. `how` is
    /// what was said when the incident was resolved.
    pub fn missing(&self, severity: Severity, how: Option<&str>) -> Vec<Part> {
        let needed = |part: &Part| match part {
            Part::Summary => false,
            Part::RootCause => true,
            Part::Resolution => how.is_none(),
            Part::Lessons => severity <= Severity::P2,
        };
        Part::ALL.into_iter().filter(|p| needed(p) && !self.parts.contains_key(p)).collect()
    }
}

/// Something that is to be done after an incident.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionItem {
    /// Its number.
    pub id: ActionId,
    /// The incident that it follows from.
    pub incident: IncidentId,
    /// What.
    pub what: String,
    /// Who does it.
    pub owner: Option<Person>,
    /// Until when.
    pub due: Option<Due>,
    /// When and by whom it was added.
    pub added: Stamp,
    /// What became of it.
    pub state: ActionState,
}

/// Until when something is to be done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    /// The day, in the team's zone.
    pub day: NaiveDate,
    /// When the owner is reminded next: that day's morning in the team's zone, as it was decided.
    pub remind: Timestamp,
}

/// What became of an action item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActionState {
    /// It is to be done.
    Open,
    /// It is done.
    Done {
        /// When, and who says so.
        when: Stamp,
    },
    /// It will not be done.
    Dropped {
        /// When, and who says so.
        when: Stamp,
        /// Why.
        why: String,
    },
}

/// How a team wants it after an incident: `[after]` and `[report]` in `muster.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct After {
    /// The checklist's items.
    pub checklist: Vec<String>,
    /// The team's roles whose holders publish reports.
    pub reviewers: Vec<String>,
    /// Whether somebody else publishes than who wrote the root cause.
    pub by_other: bool,
}

impl Default for After {
    fn default() -> After {
        After {
            checklist: CheckItem::DEFAULT.iter().map(|(text, _)| (*text).to_owned()).collect(),
            reviewers: vec!["lead".to_owned(), "approver".to_owned()],
            by_other: true,
        }
    }
}

/// What the message of a checklist shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChecklistCard {
    /// Of which incident.
    pub incident: IncidentId,
    /// What was wrong.
    pub title: String,
    /// Whether it was only an exercise.
    #[serde(default)]
    pub drill: bool,
    /// Each item, and when and by whom it was done.
    pub items: Vec<CheckLine>,
    /// What the report still needs.
    pub missing: Vec<Part>,
    /// The revision that is published.
    pub published: Option<u32>,
}

/// An item as a checklist shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckLine {
    /// The item as it stands.
    pub item: CheckItem,
    /// When and by whom it was done, ticked or seen.
    pub done: Option<Stamp>,
}

/// A button of what follows an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterButton {
    /// Tick an item, or take the tick back.
    Tick(u16, bool),
    /// Open the form for the report's parts.
    Write,
    /// Open the form for an action item.
    AddAction,
    /// Show the draft.
    Draft,
    /// Publish the report as it was at this version.
    Publish(u32),
}

impl AfterButton {
    /// Its word and numbers in an id.
    pub fn spelled(self) -> String {
        match self {
            AfterButton::Tick(item, on) => format!("tick {item} {}", u8::from(on)),
            AfterButton::Write => "write".to_owned(),
            AfterButton::AddAction => "action".to_owned(),
            AfterButton::Draft => "draft".to_owned(),
            AfterButton::Publish(version) => format!("publish {version}"),
        }
    }

    /// What such a word and numbers mean.
    pub fn read(word: &str, numbers: &[u32]) -> Option<AfterButton> {
        Some(match (word, numbers) {
            ("tick", [item, on @ (0 | 1)]) => AfterButton::Tick(u16::try_from(*item).ok()?, *on == 1),
            ("write", []) => AfterButton::Write,
            ("action", []) => AfterButton::AddAction,
            ("draft", []) => AfterButton::Draft,
            ("publish", [version]) => AfterButton::Publish(*version),
            _ => return None,
        })
    }
}

/// A form of what follows an incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AfterForm {
    /// The report's parts, as they were prefilled when it had been written so often.
    Write(u32),
    /// An action item.
    AddAction,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ids::UserId;

    fn stamp() -> Stamp {
        Stamp { at: Timestamp(0), by: Person { id: UserId(7), name: "responder".into() } }
    }

    #[test]
    fn what_a_report_needs_depends_on_how_bad_it_was() {
        let mut review = Review::default();
        assert_eq!(review.missing(Severity::P1, None), [Part::RootCause, Part::Resolution, Part::Lessons]);
        assert_eq!(review.missing(Severity::P3, Some("restarted")), [Part::RootCause]);
        let text = "a full disk".to_owned();
        review.parts.insert(Part::RootCause, Written { text, when: stamp() });
        assert_eq!(review.missing(Severity::P4, Some("restarted")), []);
        assert_eq!(review.missing(Severity::P2, Some("restarted")), [Part::Lessons]);
    }

    #[test]
    fn what_can_be_seen_is_not_ticked_by_hand() {
        let mut review = Review::default();
        let item = CheckItem::of("timeline and root cause documented");
        assert_eq!((item.sees, review.done(&item)), (Some(Sees::RootCause), None));
        let text = "a full disk".to_owned();
        review.parts.insert(Part::RootCause, Written { text, when: stamp() });
        assert_eq!(review.done(&item), Some(&stamp()));
        assert_eq!(CheckItem::of("Status page is green").sees, None);
    }
}
