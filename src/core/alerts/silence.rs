//! Silences that people ask for: how one is typed, what it may be, and how the state keeps it.

use std::time::Duration;

use super::state::Alerts;
use crate::kit::text;
use crate::kit::time::Timestamp;
use crate::model::event::Event;
use crate::model::ids::SilenceId;
use crate::model::incident::Stamp;
use crate::model::labels::{Labels, Matcher};
use crate::model::person::Person;
use crate::model::reply::Refusal;
use crate::model::silence::Silence;

/// How many silences that are over are kept at hand, so that people may still see them.
const OVER: usize = 100;
/// How many matchers one may have.
const MATCHERS: usize = 20;
/// The shortest and the longest: what is quiet for longer belongs into the rules of its source.
const LASTS: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(30 * 24 * 3600));

/// Takes in what happened to a silence; anything else changes nothing.
pub fn take_in(alerts: &mut Alerts, at: Timestamp, event: &Event) {
    match event {
        Event::SilenceAdded(silence) => {
            alerts.last.silence = alerts.last.silence.max(silence.id);
            alerts.silences.insert(silence.id, (**silence).clone());
        }
        Event::SilenceEnded { silence, .. } => {
            if let Some(silence) = alerts.silences.get_mut(silence) {
                silence.until = silence.until.min(at);
            }
        }
        _ => return,
    }
    let over = alerts.silences.values().filter(|s| s.until <= at);
    let mut over: Vec<_> = over.map(|s| (s.until, s.id)).collect();
    over.sort_unstable();
    for (_, id) in over.iter().take(over.len().saturating_sub(OVER)) {
        alerts.silences.remove(id);
    }
}

/// The silence that somebody asks for, from now on.
///
/// # Errors
/// What it may not be: without matchers, of everything, for too long, without a reason.
pub fn asked(
    alerts: &Alerts,
    now: Timestamp,
    by: &Person,
    matchers: Vec<Matcher>,
    lasts: Duration,
    why: &str,
) -> Result<Silence, Refusal> {
    let how = "Say which: `match: service=soundlab, severity=warning`.";
    if matchers.is_empty() {
        return Err(Refusal::new(format!("A silence without matchers would silence everything. {how}")));
    }
    if matchers.len() > MATCHERS {
        return Err(Refusal::new(format!("A silence has at most {MATCHERS} matchers.")));
    }
    // What matches an alert without any label narrows nothing down: `service!=soundlab` is nearly all.
    if Matcher::all(&matchers, &Labels::default()) {
        return Err(Refusal::new(format!(
            "These also match what has no labels at all, so nearly everything would be silent. {how}"
        )));
    }
    if !(LASTS.0..=LASTS.1).contains(&lasts) {
        return Err(Refusal::new(
            "A silence lasts from 1 minute to 30 days. What is to be quiet for longer belongs into the rules of its source.",
        ));
    }
    let why = text::line(why);
    if why.is_empty() {
        return Err(Refusal::new("Say why: whoever reads it later has nothing else."));
    }
    let asked = Stamp { at: now, by: by.clone() };
    let id = SilenceId(alerts.last.silence.0 + 1);
    Ok(Silence { id, matchers, from: now, until: now.after(lasts), why, asked })
}

/// The matchers in what somebody typed: between commas or spaces, a value with either between
/// quotes; braces around all of them are those of PromQL.
///
/// # Errors
/// Which of them is none, and how they are written.
pub fn matchers(typed: &str) -> Result<Vec<Matcher>, String> {
    let typed = typed.trim();
    let inner = typed.strip_prefix('{').and_then(|t| t.strip_suffix('}')).unwrap_or(typed);
    let mut all: Vec<String> = vec![];
    for word in words(inner) {
        let compares = |w: &str| w.contains(['=', '!']);
        let goes_on = all.last().is_some_and(|last| {
            !compares(last) && word.starts_with(['=', '!']) || last.ends_with(['=', '~']) && !compares(&word)
        });
        match all.last_mut() {
            Some(last) if goes_on => last.push_str(&word),
            _ => all.push(word),
        }
    }
    all.iter().map(|m| m.parse()).collect()
}

/// What stands between commas and spaces that are not between quotes.
fn words(text: &str) -> Vec<String> {
    let (mut all, mut word, mut quoted, mut escaped) = (vec![], String::new(), false, false);
    for c in text.chars() {
        if !quoted && (c == ',' || c.is_whitespace()) {
            all.push(std::mem::take(&mut word));
            continue;
        }
        quoted ^= c == '"' && !escaped;
        escaped = quoted && c == '\\' && !escaped;
        word.push(c);
    }
    all.push(word);
    all.retain(|w| !w.is_empty());
    all
}

/// How long, as people type it: `2h`, `1h 30m`, `90 minutes`, `3 days`.
///
/// # Errors
/// How it is written.
pub fn duration(typed: &str) -> Result<Duration, String> {
    let wrong =
        || format!("“{}” is no time: write 30m, 2h, 1h 30m or 3 days", text::cut(&text::line(typed), 40));
    let mut seconds = 0_u64;
    let mut rest = typed.trim();
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number: u64 = rest[..digits].parse().map_err(|_| wrong())?;
        rest = rest[digits..].trim_start();
        let letters = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let unit = match rest[..letters].to_ascii_lowercase().as_str() {
            "s" | "sec" | "second" | "seconds" => 1,
            "m" | "min" | "mins" | "minute" | "minutes" => 60,
            "h" | "hour" | "hours" => 3_600,
            "d" | "day" | "days" => 86_400,
            "w" | "week" | "weeks" => 604_800,
            _ => return Err(wrong()),
        };
        seconds = number.checked_mul(unit).and_then(|n| seconds.checked_add(n)).ok_or_else(wrong)?;
        rest = rest[letters..].trim_start();
    }
    if seconds == 0 { Err(wrong()) } else { Ok(Duration::from_secs(seconds)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matchers_are_read_as_people_type_and_paste_them() {
        for (typed, read) in [
            ("service=soundlab", vec!["service=\"soundlab\""]),
            ("service=soundlab severity!=critical", vec!["service=\"soundlab\"", "severity!=\"critical\""]),
            ("service = soundlab , severity =~ \"a|b\"", vec!["service=\"soundlab\"", "severity=~\"a|b\""]),
            (
                "{alertname=\"Disk is full, again\", host=\"\"}",
                vec!["alertname=\"Disk is full, again\"", "host=\"\""],
            ),
            ("a=\"x \\\" y\" b=c", vec!["a=\"x \\\" y\"", "b=\"c\""]),
            (" , ", vec![]),
        ] {
            let all = matchers(typed).map(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>());
            assert_eq!(all, Ok(read.iter().map(|m| (*m).to_owned()).collect()), "{typed}");
        }
        for wrong in ["soundlab", "service=soundlab critical", "a=~(", "a=\"b"] {
            assert!(matchers(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn times_are_read_as_people_type_them() {
        for (typed, seconds) in [
            ("30m", 1_800),
            ("2h", 7_200),
            ("1h30m", 5_400),
            ("1 h 30 min", 5_400),
            ("3 days", 259_200),
            ("1w", 604_800),
        ] {
            assert_eq!(duration(typed), Ok(Duration::from_secs(seconds)), "{typed}");
        }
        for wrong in
            ["", "soon", "2", "h", "0m", "-1h", "99999999999999999999d", "18446744073709551615w", "2h later"]
        {
            assert!(duration(wrong).is_err(), "{wrong}");
        }
    }
}
