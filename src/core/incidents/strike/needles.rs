//! Finding a text in what is kept, however it is spelled there, and putting the mark in its place.
//!
//! What is text and what is structure is not said a second time here: a string that may not be
//! changed without the commit ceasing to be one (an id, a kind, a severity) is structure.

use serde_json::Value;

use super::LEAST;
use crate::kit::text;
use crate::model::commit::Commit;
use crate::model::event::{Event, Settlement};
use crate::model::ids::IncidentId;
use crate::model::quote::MessageAdded;
use crate::model::run::Stopping;
use crate::model::strike::MARK;
use crate::model::telling::PeopleTold;

/// Of a text that was cut, so many of its first characters count as it.
const BEGINNING: usize = 8;
/// What is as long as this and nothing but hexadecimal digits is a hash, and no text.
const HASH: usize = 32;

/// Texts to look for, in every spelling in which they may be kept.
#[derive(Clone)]
pub struct Needles {
    /// Longest first, so that no part of a spelling is left.
    all: Vec<String>,
}

/// A commit without a text that stood in it.
pub struct Struck {
    /// As it stands now.
    pub commit: Commit,
    /// How often the text was replaced.
    pub count: u32,
}

impl Needles {
    /// For these texts. Those that are too short are left out.
    pub fn of<'t>(texts: impl IntoIterator<Item = &'t str>) -> Needles {
        let mut all = vec![];
        for one in texts {
            for kept in [one.trim().to_owned(), text::plain(one).trim().to_owned(), text::line(one)] {
                let in_json = Value::from(kept.as_str()).to_string();
                all.push(text::escape_markdown(&kept));
                all.push(in_json.trim_matches('"').to_owned());
                all.push(kept);
            }
        }
        all.retain(|n| n.chars().count() >= LEAST);
        all.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
        all.dedup();
        Needles { all }
    }

    /// Whether there is nothing to look for.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Whether a line of the journal may hold one: quick, because most lines hold none.
    pub fn may_be_in(&self, line: &str) -> bool {
        let cut = line.contains('…');
        self.all.iter().any(|n| {
            let spelled = Value::from(n.as_str()).to_string();
            let spelled = spelled.get(1..spelled.len() - 1).unwrap_or(&spelled);
            let begun =
                || beginning(n).is_some_and(|b| line.contains(Value::from(b).to_string().trim_matches('"')));
            line.contains(spelled) || cut && begun()
        })
    }

    /// Whether one stands in it, in whatever part.
    pub fn stand_in(&self, commit: &Commit) -> bool {
        serde_json::to_string(commit).is_ok_and(|line| self.may_be_in(&line))
    }

    /// The text with the mark in place of each; says how often it was put there.
    pub fn replace(&self, text: &mut String) -> u32 {
        let is_hash = text.len() >= HASH && text.chars().all(|c| c.is_ascii_hexdigit());
        let (whole, mut count) = (text.len(), 0);
        for needle in self.all.iter().filter(|n| !is_hash || n.len() == whole) {
            let found = text.matches(needle.as_str()).count();
            if found > 0 {
                *text = text.replace(needle.as_str(), MARK);
                count += u32::try_from(found).unwrap_or(u32::MAX);
            }
            // Cut off in the middle of it: what is left of it goes too.
            if let Some(kept) = cut_inside(text, needle).map(|at| text[..at].to_owned()) {
                *text = format!("{kept}{MARK}…");
                count += 1;
            }
        }
        count
    }

    /// The commit of a line without what stood in it; `None` where nothing can be replaced.
    pub fn strike(&self, line: &[u8]) -> Option<Struck> {
        let value: Value = serde_json::from_slice(line).ok()?;
        let mut all = value.clone();
        let mut count = 0;
        visit(&mut all, &mut |text| count += self.replace(text));
        if count == 0 {
            return None;
        }
        if let Ok(commit) = serde_json::from_value(all) {
            return Some(Struck { commit, count });
        }
        self.one_by_one(value)
    }

    /// Some of the strings are structure: each is tried for itself.
    fn one_by_one(&self, mut value: Value) -> Option<Struck> {
        let mut strings = 0;
        visit(&mut value, &mut |_| strings += 1);
        let (mut kept, mut count): (Option<Commit>, u32) = (None, 0);
        for wanted in 0..strings {
            let (mut tried, mut at, mut here) = (value.clone(), 0, 0);
            visit(&mut tried, &mut |text| {
                if at == wanted {
                    here = self.replace(text);
                }
                at += 1;
            });
            if here > 0
                && let Ok(commit) = serde_json::from_value(tried.clone())
            {
                (value, kept, count) = (tried, Some(commit), count + here);
            }
        }
        kept.map(|commit| Struck { commit, count })
    }
}

/// Where a text begins that was cut off in the middle of the needle.
fn cut_inside(text: &str, needle: &str) -> Option<usize> {
    let shown = text.strip_suffix('…')?;
    let at = shown.rfind(beginning(needle)?)?;
    needle.starts_with(&shown[at..]).then_some(at)
}

/// The first characters of a text that is longer than them.
fn beginning(needle: &str) -> Option<&str> {
    needle.char_indices().nth(BEGINNING).map(|(at, _)| &needle[..at])
}

fn visit(value: &mut Value, f: &mut dyn FnMut(&mut String)) {
    match value {
        Value::String(text) => f(text),
        Value::Array(list) => list.iter_mut().for_each(|v| visit(v, f)),
        Value::Object(map) => map.values_mut().for_each(|v| visit(v, f)),
        _ => {}
    }
}

/// What people or programs wrote in an entry: what is struck where no text is given.
pub fn texts(incident: IncidentId, commit: &Commit) -> Vec<&str> {
    let mut all: Vec<&str> = vec![];
    for event in &commit.events {
        let of_it =
            crate::core::incidents::fold::about(event).or(crate::core::incidents::fold::declared(event));
        if of_it.is_some_and(|id| id != incident) {
            continue;
        }
        match event {
            Event::IncidentDeclared { title, .. } => all.push(title),
            Event::NoteAdded { text, .. } | Event::PeopleTold(PeopleTold { text, .. }) => all.push(text),
            Event::IncidentResolved { how: Some(text), .. }
            | Event::IncidentUpdated { text: Some(text), .. }
            | Event::SeverityChanged { why: Some(text), .. }
            | Event::IncidentReopened { why: Some(text), .. }
            | Event::GlassBroken { reason: text, .. }
            | Event::LockBroken { reason: text, .. }
            | Event::UndoBegan { why: text, .. }
            | Event::RunStopping { why: Stopping::Cancelled { why: Some(text), .. }, .. } => all.push(text),
            Event::LinkAdded { link, .. } => all.extend([link.url.as_str(), &link.label]),
            Event::MessageAdded(MessageAdded { message, .. }) => {
                all.push(&message.text);
                all.extend(message.attachments.iter().map(|a| a.name.as_str()));
            }
            Event::StepEnded { words, tail, .. } => all.extend([words.as_str(), tail]),
            Event::Settled { outcome: Settlement::Ran(ran), .. } => {
                all.extend([ran.output.head.as_str(), &ran.output.tail]);
                all.extend(ran.captures.values().map(String::as_str));
            }
            _ => {}
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn struck(secret: &str, line: &str) -> Option<(String, u32)> {
        let needles = Needles::of([secret]);
        let found = needles.strike(line.as_bytes())?;
        assert!(needles.may_be_in(line), "it is looked at: {line}");
        Some((serde_json::to_string(&found.commit).unwrap(), found.count))
    }

    fn line(events: &str) -> String {
        format!(r#"{{"prev":"00","v":1,"seq":7,"at":0,"cause":"timer","events":[{events}]}}"#)
    }

    fn note(text: &str) -> String {
        line(&format!(
            r#"{{"note-added":{{"incident":1,"text":{},"by":{{"id":"11","name":"responder"}}}}}}"#,
            Value::from(text)
        ))
    }

    #[test]
    fn every_spelling_is_found_and_letters_beside_it_stay() {
        let secret = "p*ss_\"word\"\nx";
        for kept in [
            secret.to_owned(),
            text::escape_markdown(secret),
            text::line(secret),
            r#"p*ss_\"word\"\nx"#.to_owned(),
        ] {
            let (after, count) = struck(secret, &note(&format!("it is {kept}, {kept}!"))).expect("found");
            assert_eq!(count, 2, "{kept}");
            assert!(after.contains(&format!("it is {MARK}, {MARK}!")), "{after}");
        }
        assert!(struck("Secret", &note("secret")).is_none(), "case counts");
        // In JSON a line feed is spelled \n: that n is no letter of the text.
        let (after, _) = struck("nabc", &note("a\nabc nabc")).expect("found");
        assert!(after.contains(&format!(r"a\nabc {MARK}")), "{after}");
    }

    #[test]
    fn what_was_cut_in_the_middle_of_it_goes_too() {
        let (after, _) = struck("0123456789abcdef", &note("see 0123456789ab…")).expect("found");
        assert!(after.contains(&format!("see {MARK}…")), "{after}");
        assert!(struck("0123456789abcdef", &note("see 0123456789xy…")).is_none());
        assert!(struck("0123456789abcdef", &note("see 0123456789ab")).is_none());
    }

    #[test]
    fn structure_stays() {
        let events = r#"{"incident-updated":{"incident":1,"status":"identified","text":"identified at 1100000000000000030","by":{"id":"1100000000000000030","name":"identified"}}}"#;
        let (after, count) = struck("identified", &line(events)).expect("found");
        assert!(after.contains(r#""status":"identified""#) && count == 2, "{after}");
        let (after, count) = struck("1100000000000000030", &line(events)).expect("found");
        assert!(after.contains(r#""id":"1100000000000000030""#) && count == 1, "{after}");
        let hash = "0123456789abcdef0123456789abcdef";
        assert!(
            struck("89ab", &line(&format!(r#"{{"commands-registered":{{"hash":"{hash}"}}}}"#))).is_none()
        );
    }

    #[test]
    fn an_entry_names_its_own_texts() {
        let commit: Commit = serde_json::from_str(&note("the words")).unwrap();
        assert_eq!(texts(IncidentId(1), &commit), ["the words"]);
        assert!(texts(IncidentId(2), &commit).is_empty());
        assert!(Needles::of(["abc", " x "]).is_empty(), "too short");
    }
}
