//! The first answer to an interaction, which Discord wants within 3 seconds.

use super::button::FormKind;
use super::card::{Show, Tone};
use super::ids::RunId;
use super::labels::Fingerprint;
use super::strike::StrikeAsk;
use super::watch::Memory;
use crate::kit::time::Timestamp;

/// A first answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Reply {
    /// Nobody waits for an answer.
    #[default]
    None,
    /// Show this.
    Show {
        /// What.
        show: Show,
        /// Whether only the asker sees it.
        private: bool,
    },
    /// It takes longer; an `Answer` effect completes it.
    Later {
        /// Whether only the asker sees it.
        private: bool,
    },
    /// A run was asked for, and this is said of it, to the asker alone.
    Run {
        /// Which.
        run: RunId,
        /// The sentence.
        text: String,
    },
    /// Open a form.
    Form(Form),
    /// Propose these for an option.
    Choices(Vec<Choice>),
    /// A source's request is taken in. Of these alerts it only said again that they fire, until then:
    /// that is no history, and whoever keeps the state remembers it.
    Taken {
        /// Which, and until when they fire now.
        renewed: Vec<(Fingerprint, Timestamp)>,
    },
    /// A look was taken; this is remembered until the next.
    Watched(Box<Memory>),
    /// What is to be struck out of the record. Whoever keeps the journal looks for it, and answers
    /// with what follows from what is found; nobody else ever sees this.
    Strike(Box<StrikeAsk>),
}

impl Reply {
    /// It is done; this says what, to the asker alone.
    pub fn done(text: impl Into<String>) -> Reply {
        Reply::Show { show: Show::Notice { tone: Tone::Done, text: text.into() }, private: true }
    }
}

/// A form to fill in.
#[derive(Clone, Debug, PartialEq)]
pub struct Form {
    /// Which.
    pub kind: FormKind,
    /// Its title.
    pub title: String,
    /// Its fields, at most five.
    pub fields: Vec<Field>,
}

/// A text field of a form.
#[derive(Clone, Debug, PartialEq)]
pub struct Field {
    /// Its name in the answer.
    pub name: String,
    /// What is asked.
    pub label: String,
    /// Greatest length in characters.
    pub max: u16,
    /// Whether it may not stay empty.
    pub required: bool,
    /// What stands in it already.
    pub value: Option<String>,
}

/// A proposal for an option.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// What is shown.
    pub name: String,
    /// What is sent when it is taken.
    pub value: String,
}

/// Why not, as a sentence that says what to do instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal(pub String);

impl Refusal {
    /// The refusal with these words.
    pub fn new(why: impl Into<String>) -> Refusal {
        Refusal(why.into())
    }

    /// The answer that tells it to the asker alone.
    pub fn reply(&self) -> Reply {
        Reply::Show { show: Show::Notice { tone: Tone::Refused, text: self.0.clone() }, private: true }
    }
}
