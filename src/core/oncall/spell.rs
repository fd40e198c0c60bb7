//! Who is on call, in words: the same for Discord and for a terminal.

use chrono_tz::Tz;

use super::board::{Board, Planned, RankNow, Schedule};
use crate::kit::text;
use crate::kit::time::Timestamp;
use crate::model::page::Way;
use crate::model::rota::Member;

/// How names and times are written.
#[derive(Clone, Copy, Debug)]
pub enum Spelling {
    /// As Discord's Markdown has them: times follow each reader.
    Discord,
    /// Plain, with times in this zone.
    Plain(Tz),
}

impl Spelling {
    fn word(self, word: &str) -> String {
        match self {
            Spelling::Discord => text::escape_markdown(&text::line(word)),
            Spelling::Plain(_) => text::line(word),
        }
    }

    fn strong(self, words: &str) -> String {
        match self {
            Spelling::Discord => format!("**{words}**"),
            Spelling::Plain(_) => words.to_owned(),
        }
    }

    fn time(self, at: Timestamp) -> String {
        match self {
            Spelling::Discord => format!("<t:{}:f>", at.seconds()),
            Spelling::Plain(tz) => at.utc().with_timezone(&tz).format("%a %Y-%m-%d %H:%M").to_string(),
        }
    }

    fn named(self, who: Option<&Member>) -> String {
        match (who, self) {
            (None, _) => "nobody".to_owned(),
            (Some(Member::Known { id, name }), Spelling::Discord) => format!("{} (<@{id}>)", self.word(name)),
            (Some(who), _) => self.word(who.name()),
        }
    }
}

/// What there is to say where nobody wrote a rota.
pub fn no_rota() -> String {
    "Nobody is on call: there is no rota. Write one under [oncall] in muster.toml, or a table in a runbook."
        .to_owned()
}

/// Somebody as it may stand in Markdown. A mention in an answer to one person pings nobody.
pub fn named(member: &Member) -> String {
    Spelling::Discord.named(Some(member))
}

/// Who is on call now: a heading, and a line for each rank.
pub fn board(board: &Board, as_in: Spelling) -> (String, Vec<String>) {
    let mut lines = vec![];
    for rota in &board.rotas {
        lines.push(as_in.strong(&as_in.word(&rota.rota)));
        lines.extend(rota.ranks.iter().map(|rank| rank_line(rank, as_in)));
    }
    let own = board.others.join(", ");
    lines.extend(match (&board.theirs, own.is_empty()) {
        (_, true) => None,
        (Some(rota), _) => Some(format!("{own}: the rota {}", as_in.word(rota))),
        (None, _) => Some(format!("{own}: no rota; a page goes to the roles of its policy")),
    });
    ("Who is on call now:".to_owned(), lines)
}

fn rank_line(rank: &RankNow, as_in: Spelling) -> String {
    let until = rank.until.map_or_else(|| "always".to_owned(), |at| format!("until {}", as_in.time(at)));
    let mut line = format!("- {}: {}, {until}", as_in.word(&rank.rank), as_in.named(rank.who.as_ref()));
    if let Some(by) = rank.by {
        line.push_str(&format!(" ({by})"));
    }
    match &rank.who {
        Some(Member::Unknown(_)) => {
            let cannot = as_in.strong("cannot be reached");
            line.push_str(&format!(" · {cannot}: nobody under [people] is called so"));
        }
        Some(_) => {
            let ways: Vec<&str> = rank.ways.iter().map(|way| Way::word(*way)).collect();
            line.push_str(&format!(" · {}", ways.join(", ")));
        }
        None => {}
    }
    if let Some(until) = rank.away {
        line.push_str(&format!(" · {}", as_in.strong(&format!("away until {}", as_in.time(until)))));
    }
    if rank.until.is_some() {
        line.push_str(&format!(" · then {}", as_in.named(rank.next.as_ref())));
    }
    line
}

/// The shifts of a rota: a heading, and a line for each.
pub fn schedule(schedule: &Schedule, as_in: Spelling) -> (String, Vec<String>) {
    let mut lines = vec![];
    for (rank, shifts) in &schedule.ranks {
        lines.push(as_in.strong(&as_in.word(rank)));
        lines.extend(shifts.iter().map(|shift| shift_line(shift, as_in)));
    }
    let rota = as_in.strong(&as_in.word(&schedule.rota));
    (format!("The rota {rota}, the next {} days:", schedule.days), lines)
}

fn shift_line(shift: &Planned, as_in: Spelling) -> String {
    let when = match (shift.from, shift.until) {
        (Some(from), Some(until)) => format!("{} to {}", as_in.time(from), as_in.time(until)),
        (Some(from), None) => format!("from {} on", as_in.time(from)),
        (None, Some(until)) => format!("until {}", as_in.time(until)),
        (None, None) => "always".to_owned(),
    };
    let by = shift.by.map(|id| format!(" ({id})")).unwrap_or_default();
    format!("- {when}: {}{by}", as_in.named(shift.who.as_ref()))
}

/// The same for a terminal, whole.
pub fn plain((title, lines): (String, Vec<String>), zone: Tz) -> String {
    format!("{title}\n{}\nTimes in {zone}.", lines.join("\n"))
}
