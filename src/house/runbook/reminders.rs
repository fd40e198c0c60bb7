//! Reads the table of what comes round: what is to be done, and how often.

use super::tables::rows;
use crate::house::problem::Notes;
use crate::model::reminder::{Reminder, Rhythm};
use crate::model::runbook::Section;

/// Longest text of a row, in characters.
const WHAT: usize = 200;

/// What comes round, as the section's table says.
pub fn read(section: &Section, notes: &mut Notes) -> Option<Vec<Reminder>> {
    let rows = rows(section);
    let Some((_, body)) = rows.split_first().filter(|(head, body)| head.cells.len() > 1 && !body.is_empty())
    else {
        let cure = "write a table: | what | when |, and below it | the rollback is tried | every quarter |";
        notes.add(section.line, "there is no table of what comes round here", cure);
        return None;
    };
    let before = notes.len();
    let mut all: Vec<Reminder> = vec![];
    for row in body {
        let cell = |n: usize| row.cells.get(n).map_or("", String::as_str);
        let what = cell(0).to_owned();
        if what.is_empty() || what.chars().count() > WHAT {
            notes.add(
                row.line,
                "this row does not say what is to be done",
                format!("write 1 to {WHAT} characters"),
            );
            continue;
        }
        if all.iter().any(|r| r.what == what) {
            notes.add(row.line, format!("`{what}` is there twice"), "leave it in one row");
            continue;
        }
        match rhythm(cell(1)) {
            Some(every) => all.push(Reminder { what, every, line: row.line }),
            None => notes.add(
                row.line,
                format!("`{}` does not say how often", cell(1)),
                "write every week, every month, every quarter, every year, or every 6 months",
            ),
        }
    }
    (notes.len() == before).then_some(all)
}

/// How often, as people write it.
fn rhythm(cell: &str) -> Option<Rhythm> {
    let text = cell.to_lowercase();
    match text.trim() {
        "weekly" => return Some(Rhythm::Weeks(1)),
        "monthly" => return Some(Rhythm::Months(1)),
        "quarterly" => return Some(Rhythm::Months(3)),
        "half-yearly" | "twice a year" => return Some(Rhythm::Months(6)),
        "yearly" | "annually" | "once a year" => return Some(Rhythm::Months(12)),
        _ => {}
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let (count, unit) = match words.as_slice() {
        ["every" | "each", unit] => (1, *unit),
        ["every", count, unit] => (number(count)?, *unit),
        _ => return None,
    };
    let months = |n: u32| count.checked_mul(n).filter(|n| *n <= 120).map(Rhythm::Months);
    match unit.trim_end_matches('s') {
        "week" => Some(Rhythm::Weeks(count)).filter(|_| count <= 520),
        "month" => months(1),
        "quarter" => months(3),
        "year" => months(12),
        _ => None,
    }
}

fn number(word: &str) -> Option<u32> {
    const WORDS: [&str; 7] = ["", "", "two", "three", "four", "five", "six"];
    let named = WORDS.iter().skip(2).position(|w| *w == word).and_then(|n| u32::try_from(n + 2).ok());
    let second = (word == "other" || word == "second").then_some(2);
    named.or(second).or_else(|| word.parse().ok()).filter(|n| *n > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(body: &str) -> Section {
        Section {
            anchor: "reminders".to_owned(),
            title: "Reminders".to_owned(),
            level: 2,
            parents: vec![],
            line: 10,
            last_line: 20,
            markdown: format!("\n| what | when |\n|---|---|\n{body}"),
            text_line: 11,
            steps: vec![],
        }
    }

    #[test]
    fn how_often_is_read_as_people_write_it() {
        for (text, every) in [
            ("every month", Some(Rhythm::Months(1))),
            ("Monthly", Some(Rhythm::Months(1))),
            ("every three months", Some(Rhythm::Months(3))),
            ("quarterly", Some(Rhythm::Months(3))),
            ("every quarter", Some(Rhythm::Months(3))),
            ("every 6 months", Some(Rhythm::Months(6))),
            ("every year", Some(Rhythm::Months(12))),
            ("annually", Some(Rhythm::Months(12))),
            ("every other week", Some(Rhythm::Weeks(2))),
            ("each week", Some(Rhythm::Weeks(1))),
            ("now and then", None),
            ("every 0 months", None),
            ("every month of may", None),
            ("every 999999999 years", None),
            ("", None),
        ] {
            assert_eq!(rhythm(text), every, "{text}");
        }
    }

    #[test]
    fn what_is_wrong_in_the_table_is_told_with_its_line() {
        let mut notes = Notes::new("soundlab.md");
        let good = "| read it through | every month |\n| try the rollback | quarterly |\n";
        let all = read(&section(good), &mut notes).unwrap();
        assert_eq!(
            all.iter().map(|r| (r.what.as_str(), r.line)).collect::<Vec<_>>(),
            [("read it through", 14), ("try the rollback", 15)]
        );
        for (body, says) in [
            ("| read it | soon |\n", "`soon` does not say how often"),
            ("|  | every month |\n", "what is to be done"),
            ("| a | monthly |\n| a | yearly |\n", "is there twice"),
            ("", "no table of what comes round"),
        ] {
            let mut notes = Notes::new("soundlab.md");
            assert_eq!(read(&section(body), &mut notes), None);
            let told: Vec<String> = notes.into_problems().iter().map(ToString::to_string).collect();
            assert!(
                told.len() == 1 && told[0].contains(says) && told[0].contains("soundlab.md:1"),
                "{told:?}"
            );
        }
    }
}
