//! Durations as people write them in a runbook: `500ms`, `45s`, `15m`, `24h`, `7d`.

use std::time::Duration;

use crate::house::node::Table;
use crate::house::problem::Notes;

/// How long the question for an approval stands where nothing is said.
pub const APPROVAL: Duration = Duration::from_secs(15 * 60);

/// The longest that anything may take: a year.
const LONGEST: u64 = 366 * 24 * 60 * 60 * 1000;

/// A duration; `None` if it is none, or zero, or longer than a year.
pub fn parse(text: &str) -> Option<Duration> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let number: u64 = text[..digits].parse().ok()?;
    let unit = match &text[digits..] {
        "ms" => 1,
        "s" => 1000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return None,
    };
    let millis = number.checked_mul(unit)?;
    (1..=LONGEST).contains(&millis).then(|| Duration::from_millis(millis))
}

/// The duration behind `key`. What is none is noted.
pub fn of(table: &mut Table<'_>, key: &'static str, notes: &mut Notes) -> Option<Duration> {
    let node = table.get(key)?;
    let found = node.text().and_then(parse);
    if found.is_none() {
        let what = format!("`{key}` is no duration");
        notes.add(node.line, what, "write it like 500ms, 45s, 15m, 24h or 7d");
    }
    found
}

/// Minutes from the moment a procedure is about: `T-30m`, `T+0`, `T+1h`.
pub fn relative(text: &str) -> Option<i32> {
    let rest = text.strip_prefix('T')?;
    let (sign, rest) = match rest.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, rest.strip_prefix('+')?),
    };
    if rest.trim_matches('0').is_empty() && !rest.is_empty() {
        return Some(0);
    }
    let minutes = parse(rest).filter(|d| d.as_millis() % 60_000 == 0)?.as_secs() / 60;
    Some(sign * i32::try_from(minutes).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_and_moments_are_read_as_people_write_them() {
        assert_eq!(parse("2m"), Some(Duration::from_secs(120)));
        assert_eq!(parse("500ms"), Some(Duration::from_millis(500)));
        for wrong in ["", "5", "m", "0s", "-1s", "1.5h", "99999999999999999999d", "400d", "5 m"] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
        assert_eq!(
            ["T-30m", "T+0", "T+1h", "T+30s", "30m"].map(relative),
            [Some(-30), Some(0), Some(60), None, None]
        );
    }
}
