//! A calendar of one person's shifts, at an address that only they were told. Whoever does not have it
//! learns nothing: each wrong one is answered like any path that leads nowhere.

use std::sync::Arc;

use axum::http::header::{ALLOW, CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};

use super::guard::same;
use super::server::{Serving, nothing_here};
use super::{Answer, Problem};
use crate::model::calendar::CalendarKey;
use crate::model::house::House;
use crate::model::ids::UserId;
use crate::render::calendar::{Kept, calendar};

/// Where calendars are: `/calendar/WORD.ics`.
pub(super) const AT: &str = "/calendar/";
/// Requests a second, from all programs together: each asks once in an hour or so.
const REQUESTS: u32 = 50;

impl Serving {
    /// Somebody's calendar.
    pub(super) async fn calendar(&self, parts: &Parts, house: &Arc<House>) -> Answer {
        match self.fetched(parts, house).await {
            Ok(answer) => answer,
            Err(problem) => problem.answer().again_after(problem.after),
        }
    }

    async fn fetched(&self, parts: &Parts, house: &Arc<House>) -> Result<Answer, Problem> {
        if ![Method::GET, Method::HEAD].contains(&parts.method) {
            let problem = Problem::new(405, "a calendar is fetched with GET");
            return Ok(problem.answer().with(ALLOW, "GET, HEAD"));
        }
        // No source is called so.
        if let Err(wait) = self.buckets.take(AT, REQUESTS) {
            let text = "calendars are asked for too often";
            return Err(Problem { after: Some(wait), ..Problem::new(503, text) });
        }
        let word = parts.uri.path().strip_prefix(AT).and_then(|rest| rest.strip_suffix(".ics"));
        let word = word.ok_or_else(nothing_here)?;
        let key = house.settings.intake.calendars.as_ref().ok_or_else(nothing_here)?;
        let down = |why: String| Problem {
            after: Some(std::time::Duration::from_secs(1)),
            ..Problem::new(503, why)
        };
        let kept = self.door.engine.read(|state, _| Kept::of(state)).await.map_err(|why| down(why.0))?;
        let user = whose(key, &kept, word).ok_or_else(nothing_here)?;
        let (house, now) = (house.clone(), self.door.clock.now());
        // Half a year of every rota takes its time.
        let made = tokio::task::spawn_blocking(move || calendar(&house, &kept, user, now));
        let made = made.await.map_err(|why| down(why.to_string()))?;
        // Weak, because the time at which it was made differs.
        let tag = format!("W/\"{}\"", made.tag);
        let answer =
            if known(&parts.headers, &tag) { Answer::empty(304) } else { Answer::calendar(made.text) };
        Ok(answer.with(ETAG, tag).with(CACHE_CONTROL, "private, no-cache"))
    }
}

/// Whose address has this word. It takes the same time whichever it is, and for none.
fn whose(key: &CalendarKey, kept: &Kept, word: &str) -> Option<UserId> {
    let mut found = None;
    for (user, version) in &kept.calendars {
        if same(word.as_bytes(), key.word(*user, *version).as_bytes()) {
            found = Some(*user);
        }
    }
    found
}

/// Whether the asker has it already, by the weak comparison (RFC 9110, 13.1.2).
fn known(headers: &HeaderMap, tag: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let all = headers.get_all(IF_NONE_MATCH).iter().filter_map(|h| h.to_str().ok());
    all.flat_map(|h| h.split(',')).any(|one| one.trim() == "*" || bare(one) == bare(tag))
}
