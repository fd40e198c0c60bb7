//! Reads the tables that people already have in their runbooks where they stand: who is on call by
//! weekday, and whom to call next.

use std::time::Duration;

use super::time;
use crate::house::problem::Notes;
use crate::model::rota::{EscalationRow, OnCallTable};
use crate::model::runbook::Section;

const DAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];

/// A row of a Markdown table: its cells, and its line.
pub(super) struct Row {
    pub cells: Vec<String>,
    pub line: usize,
}

/// The first table below a section's heading; the first row is its head.
pub(super) fn rows(section: &Section) -> Vec<Row> {
    let lines = section.markdown.lines().zip(section.text_line..);
    let table = lines.skip_while(|(text, _)| !text.trim_start().starts_with('|'));
    let table = table.take_while(|(text, _)| text.trim_start().starts_with('|'));
    let cells = |text: &str| -> Vec<String> {
        let inner = text.trim().trim_start_matches('|').trim_end_matches('|');
        inner.split('|').map(|cell| cell.trim().trim_matches(['*', '_', '`']).to_owned()).collect()
    };
    let rule = |row: &Row| row.cells.iter().all(|c| !c.is_empty() && c.chars().all(|c| "-: ".contains(c)));
    table.map(|(text, line)| Row { cells: cells(text), line }).filter(|row| !rule(row)).collect()
}

/// Who is on call, by weekday.
pub fn on_call(section: &Section, notes: &mut Notes) -> Option<OnCallTable> {
    let rows = rows(section);
    let Some((head, body)) = rows.split_first().filter(|(head, _)| head.cells.len() > 1) else {
        let cure =
            "write a table: a column with the days, and one for each rank: | days | primary | secondary |";
        notes.add(section.line, "there is no table of who is on call here", cure);
        return None;
    };
    let ranks: Vec<String> = head.cells[1..].iter().map(|r| r.to_lowercase()).collect();
    let mut table = OnCallTable { days: vec![Default::default(); ranks.len()], ranks, line: head.line };
    let before = notes.len();
    for row in body {
        let Some(days) = days(&row.cells[0]) else {
            let what = format!("`{}` names no days of the week", row.cells[0]);
            notes.add(row.line, what, "write them like Mon–Wed, or Sat, Sun");
            continue;
        };
        for day in days {
            for (rank, name) in table.days.iter_mut().zip(&row.cells[1..]) {
                let name = Some(name.clone()).filter(|n| !n.is_empty() && n != "-" && n != "–");
                if let (Some(twice), Some(_)) = (&rank[day], &name) {
                    let what = format!("{} is there twice: {twice} has it already", DAYS[day]);
                    notes.add(row.line, what, "leave each day in one row");
                }
                rank[day] = name.or_else(|| rank[day].clone());
            }
        }
    }
    if let Some(first) = table.days.first()
        && let Some(day) = first.iter().position(Option::is_none)
        && notes.len() == before
    {
        let what = format!("nobody is {} on {}", table.ranks[0], DAYS[day]);
        notes.add(table.line, what, "add a row for that day: an alert comes on every day");
    }
    (notes.len() == before).then_some(table)
}

/// The days of the week that a text names, Monday as 0: `Mon–Wed`, `sat, sun`, `weekdays`.
pub fn days(cell: &str) -> Option<Vec<usize>> {
    let text = cell.to_lowercase().replace(['–', '—'], "-").replace(" to ", "-");
    match text.trim() {
        "daily" | "every day" | "all" | "always" => return Some((0..7).collect()),
        "weekdays" | "working days" => return Some((0..5).collect()),
        "weekend" | "weekends" => return Some(vec![5, 6]),
        _ => {}
    }
    let mut all = vec![];
    for part in text.split([',', '&', '/', '+']) {
        let day = |word: &str| {
            let word = word.trim().trim_end_matches('.');
            DAYS.iter().position(|d| word.len() >= 2 && d.starts_with(word))
        };
        match part.split_once('-') {
            Some((from, to)) => {
                let (from, to) = (day(from)?, day(to)?);
                let many = (to + 7 - from) % 7;
                all.extend((0..=many).map(|n| (from + n) % 7));
            }
            None => all.push(day(part)?),
        }
    }
    Some(all)
}

/// Whom to call next, and when.
pub fn escalation(section: &Section, notes: &mut Notes) -> Option<Vec<EscalationRow>> {
    let rows = rows(section);
    let Some((_, body)) = rows.split_first().filter(|(head, body)| head.cells.len() > 2 && !body.is_empty())
    else {
        let cure = "write a table with level, who and when: | L2 | senior engineer | after 30 min |";
        notes.add(section.line, "there is no escalation path here", cure);
        return None;
    };
    let before = notes.len();
    let mut path: Vec<EscalationRow> = vec![];
    for row in body {
        let cell = |n: usize| row.cells.get(n).cloned().unwrap_or_default();
        let after = match when(&cell(2)) {
            Ok(after) => after,
            Err(()) => {
                let what = format!("`{}` does not say when", cell(2));
                notes.add(row.line, what, "write at once, after 30 min, after 1 h, or next");
                continue;
            }
        };
        let earlier = path.iter().filter_map(|r| r.after).max();
        // The first row's time is how long it has to answer; it is called at once.
        let after = if path.is_empty() { Some(Duration::ZERO) } else { after };
        if after.zip(earlier).is_some_and(|(after, earlier)| after < earlier) {
            notes.add(row.line, format!("{} comes before the level above it", cell(0)), "order them by time");
        }
        path.push(EscalationRow { level: cell(0), who: cell(1), after, line: row.line });
    }
    (notes.len() == before).then_some(path)
}

/// The time that a cell names; `None` where it says only that they come next.
fn when(cell: &str) -> Result<Option<Duration>, ()> {
    let text = cell.trim().to_lowercase();
    if ["at once", "immediately", "now"].contains(&text.as_str()) {
        return Ok(Some(Duration::ZERO));
    }
    if text == "next" {
        return Ok(None);
    }
    let digits = text.find(|c: char| c.is_ascii_digit()).ok_or(())?;
    let rest = &text[digits..];
    let number: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let unit = match rest[number.len()..].trim() {
        "min" | "minutes" | "minute" | "m" => "m",
        "h" | "hour" | "hours" => "h",
        "s" | "sec" | "seconds" => "s",
        "d" | "day" | "days" => "d",
        _ => return Err(()),
    };
    time::parse(&format!("{number}{unit}")).map(Some).ok_or(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(markdown: &str) -> Section {
        Section {
            anchor: "on-call".to_owned(),
            title: "On-call".to_owned(),
            level: 2,
            parents: vec![],
            line: 10,
            last_line: 20,
            markdown: markdown.to_owned(),
            text_line: 11,
            steps: vec![],
        }
    }

    fn told(notes: Notes) -> Vec<String> {
        notes.into_problems().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn the_rota_of_a_runbook_is_read_by_its_days() {
        let mut notes = Notes::new("soundlab.md");
        let text = "\nSL-13.\n\n| days | primary | Secondary |\n|---|---|---|\n| Mon–Wed | A | B |\n| thu - sat | B | C |\n| Sun | C | A |\n";
        let table = on_call(&section(text), &mut notes).unwrap();
        assert_eq!(table.ranks, ["primary", "secondary"]);
        let names = |rank: usize| table.days[rank].iter().flatten().map(String::as_str).collect::<String>();
        assert_eq!((names(0).as_str(), names(1).as_str()), ("AAABBBC", "BBBCCCA"));
        assert_eq!(table.line, 14);
        for (cell, named) in [
            ("Mon–Sun", vec![0, 1, 2, 3, 4, 5, 6]),
            ("Sat, Sun", vec![5, 6]),
            ("Fri-Mon", vec![4, 5, 6, 0]),
            ("weekend", vec![5, 6]),
        ] {
            assert_eq!(days(cell), Some(named), "{cell}");
        }
        assert_eq!(days("Funday"), None);
    }

    #[test]
    fn a_day_that_nobody_has_or_two_have_is_told_with_its_line() {
        for (body, says) in [
            ("| Mon–Sat | A |\n", "nobody is primary on sunday"),
            ("| Mon–Sun | A |\n| Tue | B |\n", "tuesday is there twice"),
            ("| Mo–Funday | A |\n", "names no days"),
        ] {
            let mut notes = Notes::new("soundlab.md");
            let text = format!("\n| days | primary |\n|---|---|\n{body}");
            assert_eq!(on_call(&section(&text), &mut notes), None);
            let told = told(notes);
            assert!(told.iter().any(|t| t.contains(says) && t.contains("soundlab.md:1")), "{told:?}");
        }
        let mut notes = Notes::new("soundlab.md");
        assert_eq!(on_call(&section("\nnothing\n"), &mut notes), None);
        assert!(told(notes)[0].contains("no table"));
    }

    #[test]
    fn an_escalation_path_says_who_comes_when() {
        let mut notes = Notes::new("soundlab.md");
        let text = "\n| level | who | when |\n|---|---|---|\n| L1 | on-call | responds within 15 min |\n| L2 | senior engineer | after 30 min |\n| L3 | tech lead | after 1 h |\n| L4 | CTO | next |\n";
        let path = escalation(&section(text), &mut notes).unwrap();
        let minutes: Vec<Option<u64>> = path.iter().map(|r| r.after.map(|d| d.as_secs() / 60)).collect();
        assert_eq!(minutes, [Some(0), Some(30), Some(60), None]);
        let mut notes = Notes::new("soundlab.md");
        let text = "\n| level | who | when |\n|---|---|---|\n| L1 | a | at once |\n| L2 | b | after 1 h |\n| L3 | c | after 30 min |\n| L4 | d | soon |\n";
        assert_eq!(escalation(&section(text), &mut notes), None);
        let told = told(notes);
        assert!(
            told.len() == 2 && told[0].contains("comes before") && told[1].contains("does not say when"),
            "{told:?}"
        );
    }
}
