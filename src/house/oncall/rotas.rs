//! `[[oncall.rotas]]`: who is on call, rank by rank, in turns or by the day of the week.

use chrono::{NaiveDate, Weekday};

use super::{Known, Read, clock, member, name, tables, time_of_day};
use crate::house::node::Table;
use crate::house::problem::Notes;
use crate::house::runbook::tables::days;
use crate::model::oncall::OnCall;
use crate::model::rota::{Every, Hours, Layer, Member, Rank, Rota, Turns};

const WEEKDAYS: [Weekday; 7] =
    [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];
/// The longest shift: a year.
const LONGEST: u32 = 366;

/// All of them.
pub fn read(table: &mut Table<'_>, read: &mut Read, known: &Known<'_>, notes: &mut Notes) {
    let mut seen: Vec<String> = vec![];
    for (mut table, line) in tables(table, "rotas", "oncall.rotas", notes) {
        let name = name(&mut table, "a rota", &seen, notes);
        seen.extend(name.clone());
        let mut timezone = known.timezone;
        if let (Some(node), Some(text)) = (table.get("timezone"), table.text("timezone", notes)) {
            match text.parse() {
                Ok(zone) => timezone = zone,
                Err(_) => {
                    notes.add(node.line, "`timezone` is no time zone", "write it like Europe/Berlin, or UTC");
                }
            }
        }
        let ranks = ranks(&mut table, line, read, notes);
        table.done("[[oncall.rotas]]", notes);
        if let Some(name) = name.filter(|_| !ranks.is_empty()) {
            read.lines.rotas.insert(name.clone(), line);
            read.oncall.rotas.insert(name.clone(), Rota { name, timezone, ranks });
        }
    }
}

fn ranks(table: &mut Table<'_>, line: usize, read: &Read, notes: &mut Notes) -> Vec<Rank> {
    let mut seen: Vec<String> = vec![];
    let mut ranks = vec![];
    let all = tables(table, "ranks", "oncall.rotas.ranks", notes);
    if all.is_empty() {
        let cure = "add [[oncall.rotas.ranks]] with name = \"primary\", members, from and every";
        notes.add(line, "the rota has no ranks", cure);
    }
    for (mut table, line) in all {
        let rank = name(&mut table, "a rank", &seen, notes).map(|n| n.to_lowercase());
        seen.extend(rank.clone());
        let layers = if table.get("layers").is_some() {
            let mut layers = vec![];
            for (mut table, line) in tables(&mut table, "layers", "oncall.rotas.ranks.layers", notes) {
                let called = table.text("name", notes).map(str::to_owned);
                let called = called.unwrap_or_else(|| format!("layer {}", layers.len() + 1));
                layers.extend(layer(called, &mut table, line, read, notes));
                table.done("[[oncall.rotas.ranks.layers]]", notes);
            }
            layers
        } else {
            layer("turns".to_owned(), &mut table, line, read, notes).into_iter().collect()
        };
        table.done("[[oncall.rotas.ranks]]", notes);
        ranks.extend(rank.filter(|_| !layers.is_empty()).map(|name| Rank { name, layers }));
    }
    ranks
}

fn layer(name: String, table: &mut Table<'_>, line: usize, read: &Read, notes: &mut Notes) -> Option<Layer> {
    let handoff = clock(table, "handoff", notes).unwrap_or(read.handoff);
    let hours = hours(table, notes);
    let week = table.table("week", notes).map(|t| week(&t, &read.oncall, notes));
    let members = table.texts("members", notes);
    let from = date(table, notes);
    let every = every(table, notes);
    let turns = match (week, members) {
        (Some(_), Some(_)) => {
            notes.add(line, "there are `week` and `members`", "keep one, or make two layers of it");
            return None;
        }
        (Some(days), None) => Turns::Week { days, handoff },
        (None, Some(texts)) => {
            let members: Vec<Member> =
                texts.iter().filter_map(|(text, line)| member(&read.oncall, text, *line, notes)).collect();
            if texts.is_empty() {
                notes.add(line, "`members` names nobody", "write members = [\"…\", \"…\"]");
            }
            if from.is_none() && table.get("from").is_none() {
                let cure = "add from = \"2026-01-05\": the day on which the first one's first shift begins";
                notes.add(line, "the rotation does not say when it begins: `from`", cure);
            }
            let every = every.unwrap_or(Every::Weeks(1));
            Turns::Rotation { members: some(members)?, from: from?, handoff, every }
        }
        (None, None) => {
            let cure = "add members = [\"…\"] with from and every, or week = { mon-fri = \"…\" }";
            notes.add(line, "nobody takes turns here", cure);
            return None;
        }
    };
    Some(Layer { name, turns, hours })
}

fn some(members: Vec<Member>) -> Option<Vec<Member>> {
    (!members.is_empty()).then_some(members)
}

fn week(table: &Table<'_>, oncall: &OnCall, notes: &mut Notes) -> [Option<Member>; 7] {
    let mut week: [Option<Member>; 7] = Default::default();
    for entry in table.entries() {
        let Some(named) = days(&entry.key) else {
            let what = format!("`{}` names no days of the week", entry.key);
            notes.add(entry.line, what, "write them like mon-wed, or \"sat, sun\" between quotes");
            continue;
        };
        let Some(text) = entry.node.text() else {
            let what = format!("`{}` is {}, not text", entry.key, entry.node.kind());
            notes.add(entry.line, what, "write who has these days: mon-wed = \"…\"");
            continue;
        };
        let who = member(oncall, text, entry.line, notes);
        for day in named {
            if week[day].is_some() {
                let what = format!("{} is there twice", WEEKDAYS[day]);
                notes.add(entry.line, what, "leave each day to one person");
            }
            week[day] = who.clone();
        }
    }
    week
}

fn date(table: &mut Table<'_>, notes: &mut Notes) -> Option<NaiveDate> {
    let node = table.get("from")?;
    let date = node.scalar().and_then(|t| NaiveDate::parse_from_str(t.trim(), "%Y-%m-%d").ok());
    if date.is_none() {
        notes.add(node.line, "`from` is no day", "write it like 2026-01-05");
    }
    date
}

fn every(table: &mut Table<'_>, notes: &mut Notes) -> Option<Every> {
    let node = table.get("every")?;
    let every = node.text().and_then(shift);
    if every.is_none() {
        notes.add(node.line, "`every` is no length of a shift", "write it like 12h, 1d or 1w");
    }
    every
}

fn shift(text: &str) -> Option<Every> {
    let text = text.trim();
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let number: u32 = text[..digits].parse().ok()?;
    let (every, days) = match &text[digits..] {
        "h" => (Every::Hours(number), number / 24),
        "d" => (Every::Days(number), number),
        "w" => (Every::Weeks(number), number.saturating_mul(7)),
        _ => return None,
    };
    (number > 0 && days <= LONGEST).then_some(every)
}

fn hours(table: &mut Table<'_>, notes: &mut Notes) -> Vec<Hours> {
    let mut all = vec![];
    for (text, line) in table.texts("hours", notes).unwrap_or_default() {
        match span(text) {
            Some(hours) => all.push(hours),
            None => {
                let cure = "write them like mon-fri 18:00-09:00, 08:00-20:00, or sat, sun";
                notes.add(line, format!("`{text}` names no hours"), cure);
            }
        }
    }
    all
}

/// `mon-fri 18:00-09:00`: the days may be left out, or the times.
fn span(text: &str) -> Option<Hours> {
    let text = text.trim();
    let (named, times) = match text.rsplit_once(char::is_whitespace) {
        _ if text.contains(':') && !text.contains(char::is_whitespace) => ("", Some(text)),
        Some((named, times)) if times.contains(':') => (named.trim(), Some(times)),
        _ => (text, None),
    };
    let on = if named.is_empty() { vec![] } else { days(named)? };
    let on = on.into_iter().map(|n| WEEKDAYS[n]).collect();
    let (from, until) = match times {
        Some(times) => {
            let (from, until) = times.replace(['–', '—'], "-").split_once('-').map(|(a, b)| {
                // A day's end is the next one's beginning.
                let end = if b.trim() == "24:00" { "00:00" } else { b };
                (time_of_day(a), time_of_day(end))
            })?;
            (from?, until?)
        }
        None => Default::default(),
    };
    Some(Hours { days: on, from, until })
}
