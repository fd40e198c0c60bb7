//! What a button or a form means, and its spelling in Discord's `custom_id`.
//!
//! Whoever can send an interaction can forge a `custom_id`. So it names what is wanted and
//! never says that it is allowed: rights are decided at the click.

use std::fmt;
use std::str::FromStr;

use super::ids::IncidentId;

/// What a button asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Button {
    /// Show a page of the timeline, to the one who asks. Past the end is the last page.
    Timeline(IncidentId, u32),
    /// Open the form for a note.
    Note(IncidentId),
    /// Open the form for resolving.
    Resolve(IncidentId),
}

/// Which form was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormKind {
    /// A note.
    Note(IncidentId),
    /// What resolved it.
    Resolve(IncidentId),
}

impl fmt::Display for Button {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Button::Timeline(i, page) => write!(f, "m1 timeline {} {page}", i.0),
            Button::Note(i) => write!(f, "m1 note {}", i.0),
            Button::Resolve(i) => write!(f, "m1 resolve {}", i.0),
        }
    }
}

impl fmt::Display for FormKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FormKind::Note(i) => write!(f, "m1 form-note {}", i.0),
            FormKind::Resolve(i) => write!(f, "m1 form-resolve {}", i.0),
        }
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
            ("note", n) if n.len() == 1 => Ok(Button::Note(IncidentId(n[0]))),
            ("resolve", n) if n.len() == 1 => Ok(Button::Resolve(IncidentId(n[0]))),
            _ => Err(stale()),
        }
    }
}

impl FromStr for FormKind {
    type Err = String;
    fn from_str(s: &str) -> Result<Self, String> {
        match words(s)? {
            ("form-note", n) if n.len() == 1 => Ok(FormKind::Note(IncidentId(n[0]))),
            ("form-resolve", n) if n.len() == 1 => Ok(FormKind::Resolve(IncidentId(n[0]))),
            _ => Err(stale()),
        }
    }
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
        ] {
            assert_eq!(b.to_string().parse(), Ok(b));
            assert!(b.to_string().len() <= 100, "Discord's limit for custom_id");
        }
        let form = FormKind::Resolve(IncidentId(9));
        assert_eq!(form.to_string().parse(), Ok(form));
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
        ] {
            assert!(forged.parse::<Button>().is_err(), "{forged:?}");
        }
    }
}
