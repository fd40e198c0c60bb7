//! Which mark each entry of a timeline is, and marks that would stand on each other as one.

use crate::core::history::History;
use crate::kit::time::Timestamp;
use crate::model::card::{Entry, What};

/// The form of a mark: colour is never its only meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// For what people say of the incident.
    Diamond,
    /// For what they write down.
    Circle,
    /// For what changed: a deployment and the like.
    Triangle,
    /// For everything else.
    Square,
}

/// Marks of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Lane {
    /// What they are.
    pub name: &'static str,
    /// How they are drawn.
    pub form: Form,
    /// When each was, in order.
    pub marks: Vec<Timestamp>,
}

/// The lanes in which there is something, in their order.
pub fn of(h: &History) -> Vec<Lane> {
    let mut lanes = [
        ("Updates", Form::Diamond),
        ("Notes", Form::Circle),
        ("Changes", Form::Triangle),
        ("Other", Form::Square),
    ]
    .map(|(name, form)| Lane { name, form, marks: vec![] });
    for entry in h.entries.iter().filter(|e| crate::render::report::happened(e)) {
        if let Some(at) = lane(entry) {
            lanes[at].marks.push(entry.at);
        }
    }
    lanes.into_iter().filter(|l| !l.marks.is_empty()).collect()
}

/// In which lane an entry stands; `None` for what a bar shows.
fn lane(entry: &Entry) -> Option<usize> {
    match &entry.what {
        What::Declared { .. }
        | What::Updated { .. }
        | What::SeverityChanged { .. }
        | What::Reopened { .. }
        | What::Told { .. }
        | What::Resolved { .. } => Some(0),
        What::Noted { .. } | What::Quoted { .. } => Some(1),
        What::Run { .. } | What::Alert { .. } => None,
        What::Changed { .. } => Some(2),
        _ => Some(3),
    }
}

/// Marks that stand for one or more moments.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bundle {
    /// Where, in pixels from the left.
    pub x: f32,
    /// How many.
    pub count: usize,
}

/// Puts marks that are closer than `gap` pixels into one, from the left. However many there are,
/// no two of what comes stand on each other.
pub fn bundled(xs: impl IntoIterator<Item = f32>, gap: f32) -> Vec<Bundle> {
    // The first of a bundle says where the next may begin, so a bundle is never wider than `gap`.
    let mut bundles: Vec<(f32, Bundle)> = vec![];
    for x in xs {
        match bundles.last_mut() {
            Some((first, bundle)) if x - *first < gap => bundle.count += 1,
            _ => bundles.push((x, Bundle { x, count: 1 })),
        }
    }
    bundles.into_iter().map(|(_, bundle)| bundle).collect()
}
