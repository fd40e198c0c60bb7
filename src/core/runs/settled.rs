//! What came of an attempt at a step, and what that means: passed, failed, once more, or nobody
//! knows.

use super::advance::{advance, attempt, jump};
use super::desk::Desk;
use super::fold;
use crate::core::Outcome;
use crate::core::state::State;
use crate::kit::text;
use crate::kit::time::Timestamp;
use crate::model::effect::Effect;
use crate::model::event::{Event, Settlement};
use crate::model::house::House;
use crate::model::reply::Reply;
use crate::model::run::{Ran, RanHow, RunPhase, StepAt, StepEnd, StepState};

/// Lines and characters of a step's output that its card keeps.
const TAIL: (usize, usize) = (20, 1_200);

/// What follows an attempt at a step that left the outbox.
pub fn step_settled(
    state: &State,
    house: &House,
    now: Timestamp,
    effect: &Effect,
    outcome: &Settlement,
) -> Outcome {
    let Effect::RunStep { run, step, attempt: nth } = effect else {
        return Outcome::default();
    };
    let Some(run) = state.runs.get(run) else {
        return Outcome::default();
    };
    let mut desk = Desk::of(state, house, now, run);
    fold::captured(&mut desk.run, outcome);
    let cut =
        Ran { how: RanHow::Interrupted, millis: 0, captures: Default::default(), output: Default::default() };
    let ran = match outcome {
        Settlement::Ran(ran) => ran,
        // It was never tried, or nobody can say: as if it had been cut short.
        _ => &cut,
    };
    match verified(&desk, *step, *nth) {
        Some(of) => judged(&mut desk, of, *step, ran),
        None => match run.steps.get(usize::from(*step)) {
            Some(StepState::Going { attempt, .. }) if attempt == nth => tried(&mut desk, *step, *nth, ran),
            // It was decided without it.
            _ => return Outcome::default(),
        },
    }
    advance(&mut desk);
    desk.outcome(Reply::None)
}

/// The step about which this one was asked.
fn verified(desk: &Desk<'_>, by: StepAt, nth: u32) -> Option<StepAt> {
    let last = desk.run.attempts.get(usize::from(by)).copied();
    let of = desk.run.steps.iter().position(|s| {
        matches!(s, StepState::Unknown { asking: Some(asked), .. } if *asked == by) && last == Some(nth)
    })?;
    StepAt::try_from(of).ok()
}

/// What came, with what was read from it: that is what people want to see.
fn with_captures(got: &str, ran: &Ran) -> String {
    let read =
        ran.captures.iter().map(|(name, value)| format!(", {name} {}", text::cut(&text::line(value), 60)));
    format!("{got}{}", read.collect::<String>())
}

fn stopping(desk: &Desk<'_>) -> bool {
    matches!(desk.run.phase, RunPhase::Going { stopping: Some(_), .. })
}

fn tried(desk: &mut Desk<'_>, at: StepAt, nth: u32, ran: &Ran) {
    let tail = ran.output.last(TAIL.0, TAIL.1);
    let run = desk.id();
    let Some(step) = desk.run.step(at).cloned() else { return };
    let over = |desk: &mut Desk<'_>, how, words: &str| {
        desk.ended(at, how, None, ran.millis, words, tail.clone());
    };
    match &ran.how {
        RanHow::Passed { got } => over(desk, StepEnd::Passed, &with_captures(got, ran)),
        RanHow::Would { what } => over(desk, StepEnd::Would, what),
        RanHow::Stopped => over(desk, StepEnd::Stopped, "ended with its run"),
        RanHow::Failed { why } | RanHow::Broke { why } => {
            let retry =
                step.options.retry.filter(|r| nth <= r.times && !stopping(desk) && !desk.run.plan.dry);
            if let Some(retry) = retry {
                let again = desk.now.after(retry.every);
                let why = text::cut(&text::line(why), 300);
                return desk.emit(Event::StepRetried { run, step: at, at: again, why });
            }
            let warns = step.options.warn || desk.run.plan.dry;
            over(desk, if warns { StepEnd::Warned } else { StepEnd::Failed }, why);
            if !warns {
                jump(desk, at);
            }
        }
        RanHow::Interrupted if stopping(desk) => {
            over(desk, StepEnd::Stopped, "cut short; nobody knows whether it worked");
        }
        RanHow::Interrupted if step.repeats() || desk.run.plan.dry => attempt(desk, at),
        RanHow::Interrupted => {
            desk.emit(Event::StepUnknown { run, step: at });
            let verify = step.options.verify.as_ref().and_then(|name| desk.run.plan.named(name.as_str()));
            match verify {
                Some(by) => ask(desk, at, by),
                None => nobody_knows(desk, at),
            }
        }
    }
}

/// Tells whoever asked that a person has to look.
fn nobody_knows(desk: &mut Desk<'_>, at: StepAt) {
    let label = desk.run.step(at).map(|s| s.label()).unwrap_or_default();
    // A post that may have arrived is known again by its words: no two say the same.
    let nth = desk.run.attempts.get(usize::from(at)).copied().unwrap_or(1);
    let again = if nth > 1 { format!(", attempt {nth},") } else { String::new() };
    let text = format!(
        "**{}** was cut short while **{}**{again} ran, and nobody knows whether it worked. Look, then decide on its card: *It worked*, *Run again* or *Stop*.",
        desk.id(),
        text::escape_markdown(&label)
    );
    desk.call_asker(text);
}

/// Asks another step whether one worked.
fn ask(desk: &mut Desk<'_>, at: StepAt, by: StepAt) {
    let run = desk.id();
    let attempt = desk.run.attempts.get(usize::from(by)).copied().unwrap_or(0) + 1;
    desk.emit(Event::VerifyBegan { run, step: at, by, attempt });
    desk.owe(Effect::RunStep { run, step: by, attempt });
}

/// The other step has answered.
fn judged(desk: &mut Desk<'_>, of: StepAt, by: StepAt, ran: &Ran) {
    let label = desk.run.step(by).map(|s| s.label()).unwrap_or_default();
    let run = desk.id();
    match &ran.how {
        RanHow::Interrupted if !stopping(desk) && desk.run.step(by).is_some_and(|s| s.repeats()) => {
            ask(desk, of, by);
        }
        _ if stopping(desk) => {
            desk.end(of, StepEnd::Stopped, None, "cut short; nobody knows whether it worked");
        }
        RanHow::Passed { .. } => {
            desk.end(of, StepEnd::Passed, None, format!("cut short, but it worked: {label} says so"));
        }
        RanHow::Failed { why } => {
            desk.end(of, StepEnd::Failed, None, format!("cut short, and it did not work: {label}: {why}"));
            jump(desk, of);
        }
        // The judge itself could not say: a person decides.
        _ => {
            desk.emit(Event::StepUnknown { run, step: of });
            nobody_knows(desk, of);
        }
    }
}
