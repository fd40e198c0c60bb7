//! What Discord's Markdown says, for a terminal.

use std::sync::LazyLock;

use chrono_tz::Tz;
use regex::{Captures, Regex};

use crate::kit::time::Timestamp;

/// A time as Discord is told it, a mark, and a character that was kept from being one.
static MARKS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"<t:(\d+):([A-Za-z])>|\*\*|`|\\([^\sA-Za-z0-9])").ok());

/// The same without its marks; times as the clock in this zone shows them, with the day where the time says it.
pub fn plain(markdown: &str, zone: Tz) -> String {
    let Some(marks) = &*MARKS else { return markdown.to_owned() };
    let one = |c: &Captures<'_>| match (c.get(1), c.get(3)) {
        (Some(seconds), _) => {
            let at = seconds.as_str().parse::<i64>().unwrap_or_default();
            let form = if matches!(&c[2], "t" | "T") { "%H:%M:%S %Z" } else { "%Y-%m-%d %H:%M:%S %Z" };
            Timestamp(at.saturating_mul(1000)).utc().with_timezone(&zone).format(form).to_string()
        }
        (None, Some(kept)) => kept.as_str().to_owned(),
        (None, None) if &c[0] == "`" => "'".to_owned(),
        (None, None) => String::new(),
    };
    marks.replace_all(markdown, one).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_go_what_was_kept_from_being_one_stays_and_times_are_read() {
        let told =
            plain("**PAG-1** · a\\*\\*b \\<c\\> `x`: <t:1700000000:T>, <t:1700000000:R>", Tz::Europe__Berlin);
        assert_eq!(told, "PAG-1 · a**b <c> 'x': 23:13:20 CET, 2023-11-14 23:13:20 CET");
    }
}
