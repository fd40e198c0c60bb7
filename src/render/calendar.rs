//! One person's shifts as an iCalendar object (RFC 5545), for programs that subscribe to an address.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::core::oncall::calendar::{Entry, entries};
use crate::core::state::State;
use crate::kit::hash::sha256;
use crate::kit::text;
use crate::kit::time::Timestamp;
use crate::model::duty::Absence;
use crate::model::house::House;
use crate::model::ids::{GuildId, UserId};
use crate::model::rota::Override;

/// How many octets a line has at most, without its end (RFC 5545, 3.1).
const LINE: usize = 75;
/// How often a program should ask again (RFC 7986, 5.7).
const REFRESH: &str = "PT1H";

/// What the calendars are made of beside the house.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Who has an address, and the how manyth it is.
    pub calendars: BTreeMap<UserId, u32>,
    overrides: Vec<Override>,
    absences: Vec<Absence>,
}

impl Kept {
    /// Takes it out of the state.
    pub fn of(state: &State) -> Kept {
        let known = &state.oncall;
        Kept {
            calendars: known.calendars.clone(),
            overrides: known.overrides.clone(),
            absences: known.absences.clone(),
        }
    }
}

/// A calendar.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// The iCalendar object.
    pub text: String,
    /// What tells it from one with other entries; not when it was made.
    pub tag: String,
}

/// Somebody's calendar, as it is now.
pub fn calendar(house: &House, kept: &Kept, user: UserId, now: Timestamp) -> Calendar {
    let all = entries(&house.oncall, &kept.overrides, &kept.absences, user, now);
    let name = house.oncall.teammate(user).map(|t| format!("On call: {}", t.name()));
    let name = name.unwrap_or_else(|| "On call".to_owned());
    let guild = house.settings.guild;
    let text = spelled(&name, &all, user, guild, &time(now));
    // The same with a fixed stamp.
    let tag = sha256(spelled(&name, &all, user, guild, "").as_bytes());
    Calendar { text, tag: tag[..32].to_owned() }
}

fn spelled(name: &str, all: &[Entry], user: UserId, guild: GuildId, stamp: &str) -> String {
    let mut out = Lines::default();
    out.line("BEGIN", "VCALENDAR");
    out.line("VERSION", "2.0");
    out.line("PRODID", concat!("-//Muster//Muster ", env!("CARGO_PKG_VERSION"), "//EN"));
    out.line("CALSCALE", "GREGORIAN");
    out.line("METHOD", "PUBLISH");
    out.text("NAME", name);
    out.text("X-WR-CALNAME", name);
    out.line("REFRESH-INTERVAL;VALUE=DURATION", REFRESH);
    out.line("X-PUBLISHED-TTL", REFRESH);
    for entry in all {
        event(&mut out, entry, user, guild, stamp);
    }
    out.line("END", "VCALENDAR");
    out.0
}

fn event(out: &mut Lines, entry: &Entry, user: UserId, guild: GuildId, stamp: &str) {
    out.line("BEGIN", "VEVENT");
    out.line("UID", &uid(entry, user, guild));
    out.line("DTSTAMP", stamp);
    out.line("DTSTART", &time(entry.from));
    out.line("DTEND", &time(entry.until));
    let (rank, rota) = (&entry.rank, &entry.rota);
    let (summary, says) = if entry.away {
        (
            format!("Away, on call: {rank} of {rota}"),
            format!(
                "You are {rank} of {rota}, and said that you are away then: pages pass you by. /oncall swap or \
                 /oncall override finds somebody else."
            ),
        )
    } else {
        let says = format!("You are {rank} of {rota}. /oncall swap finds somebody else for it.");
        (format!("On call: {rank} of {rota}"), says)
    };
    let by = entry.by.map(|id| format!("\nThis is so by {id}.")).unwrap_or_default();
    out.text("SUMMARY", &summary);
    out.text("DESCRIPTION", &format!("{says}{by}"));
    // Whoever is on call can have a meeting all the same.
    out.line("TRANSP", "TRANSPARENT");
    out.line("END", "VEVENT");
}

/// The same for the same shift in each look, and nobody else's anywhere.
fn uid(entry: &Entry, user: UserId, guild: GuildId) -> String {
    let begun = entry.begun.map_or_else(|| "always".to_owned(), |at| at.0.to_string());
    let told = format!("{guild}\n{user}\n{}\n{}\n{begun}", entry.rota, entry.rank);
    format!("{}@muster", &sha256(told.as_bytes())[..32])
}

/// A moment in UTC, to the second (RFC 5545, 3.3.5, form 2).
fn time(at: Timestamp) -> String {
    at.utc().format("%Y%m%dT%H%M%SZ").to_string()
}

/// Content lines.
#[derive(Default)]
struct Lines(String);

impl Lines {
    /// A line of which the value needs no escape.
    fn line(&mut self, name: &str, value: &str) {
        let mut octets = 0;
        for c in name.chars().chain(":".chars()).chain(value.chars()) {
            if octets + c.len_utf8() > LINE {
                // The space that tells a folded line counts.
                self.0.push_str("\r\n ");
                octets = 1;
            }
            octets += c.len_utf8();
            self.0.push(c);
        }
        self.0.push_str("\r\n");
    }

    /// A line of which the value is text (RFC 5545, 3.3.11).
    fn text(&mut self, name: &str, value: &str) {
        let mut escaped = String::with_capacity(value.len());
        for c in text::plain(value).chars() {
            let _ = match c {
                '\\' | ';' | ',' => write!(escaped, "\\{c}"),
                '\n' => write!(escaped, "\\n"),
                '\t' => write!(escaped, " "),
                c => write!(escaped, "{c}"),
            };
        }
        self.line(name, &escaped);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_escaped_and_lines_are_folded_between_characters() {
        let mut out = Lines::default();
        out.text("SUMMARY", "a\\b; c, d\r\nnext\u{1b}[31m");
        assert_eq!(out.0, "SUMMARY:a\\\\b\\; c\\, d\\nnext\r\n");
        let mut out = Lines::default();
        let long = "ä€𝄞, ".repeat(60);
        out.text("DESCRIPTION", &long);
        let lines: Vec<&str> = out.0.split_terminator("\r\n").collect();
        assert!(lines.len() > 3 && lines.iter().all(|l| l.len() <= LINE), "{lines:?}");
        assert!(
            lines[..lines.len() - 1].iter().all(|l| l.len() > LINE - 4),
            "as long as they may be: {lines:?}"
        );
        assert!(lines[1..].iter().all(|l| l.starts_with(' ')), "{lines:?}");
        let whole = out.0.replace("\r\n ", "");
        assert_eq!(whole, format!("DESCRIPTION:{}\r\n", long.replace(',', "\\,")));
    }
}
