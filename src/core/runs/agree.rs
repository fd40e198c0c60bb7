//! Agreeing, refusing, and going on without a second person. Every right is that of the click:
//! whoever lost a role since the card was shown has lost it here too.

use std::time::Duration;

use super::advance::{advance, jump};
use super::ask::{free, start};
use super::desk::Desk;
use super::may_run;
use super::plan;
use super::who::Who;
use crate::core::Outcome;
use crate::core::state::State;
use crate::kit::text;
use crate::kit::time::Timestamp;
use crate::model::button::FormKind;
use crate::model::event::Event;
use crate::model::reply::{Field, Form, Refusal, Reply};
use crate::model::run::{RunEnd, RunPhase, StepAt, StepEnd, StepState};
use crate::model::runbook::{Approve, StepKind};

/// How long the asker waits for a second person before the glass may be broken.
pub const GLASS: Duration = Duration::from_secs(2 * 60);
/// The role that hears of it.
const LEAD: &str = "lead";

/// What is asked: before the run begins, or in one of its questions.
struct Asked {
    rule: Approve,
    since: Timestamp,
    until: Timestamp,
}

/// What is asked now, at this place.
fn asked(desk: &Desk<'_>, at: Option<StepAt>) -> Result<Asked, Refusal> {
    let run = &desk.run;
    let over = || Refusal::new(format!("**{}** does not ask this any more.", run.id));
    match at {
        None => match (&run.phase, &run.plan.approve) {
            (RunPhase::Asked { until }, Some(rule)) => {
                Ok(Asked { rule: rule.clone(), since: run.asked.at, until: *until })
            }
            _ => Err(over()),
        },
        Some(at) => {
            let rule = run.step(at).and_then(|s| match &s.kind {
                StepKind::Approve(q) => Some(q.approve.clone()),
                _ => None,
            });
            match (run.steps.get(usize::from(at)), rule) {
                (Some(StepState::Approving { since, until }), Some(rule)) => {
                    Ok(Asked { rule, since: *since, until: *until })
                }
                _ => Err(over()),
            }
        }
    }
}

/// Whether this person answers such questions.
fn answers(desk: &Desk<'_>, who: &Who, rule: &Approve) -> Result<(), Refusal> {
    if who.operator || desk.house.settings.holds(&rule.role, &who.roles) {
        return Ok(());
    }
    Err(Refusal::new(format!(
        "Only somebody of role {} can answer this, and you do not hold it now.",
        rule.role
    )))
}

/// Agrees.
pub fn agree(mut desk: Desk<'_>, state: &State, who: &Who, at: Option<StepAt>) -> Result<Outcome, Refusal> {
    let Asked { rule, until, .. } = asked(&desk, at)?;
    answers(&desk, who, &rule)?;
    let run = desk.id();
    if rule.by_other && desk.run.asked.by.is(&who.person) {
        return Err(Refusal::new(format!(
            "You asked for **{run}** yourself: somebody else has to agree. After two minutes without anybody you can break the glass."
        )));
    }
    if desk.run.agreed.iter().any(|a| a.by.is(&who.person)) {
        return Err(Refusal::new(format!("You agreed to **{run}** already; another person is wanted too.")));
    }
    if until <= desk.now {
        return Ok(too_late(desk, at));
    }
    if let Err(why) = plan::unchanged(desk.house, &desk.run.plan) {
        return Ok(voided(desk, at, why));
    }
    if at.is_none() {
        free(state, desk.run.plan.lock.as_deref())?;
    }
    desk.emit(Event::RunAgreed { run, step: at, by: who.person.clone() });
    // Nobody knows who in Discord sat at the terminal: one more person makes it another one.
    let more = usize::from(rule.by_other && desk.run.asked.by.at_a_terminal());
    let missing = (usize::from(rule.count) + more).saturating_sub(desk.run.agreed.len());
    if missing > 0 {
        let more = if missing == 1 { "one more person".to_owned() } else { format!("{missing} more people") };
        return Ok(desk.done(format!("You agreed to **{run}**; {more} of role {} have to.", rule.role)));
    }
    go_on(&mut desk, who, at, "agreed");
    Ok(desk.done(format!("You agreed: **{run}** goes on.")))
}

fn go_on(desk: &mut Desk<'_>, who: &Who, at: Option<StepAt>, words: &str) {
    match at {
        None => start(desk),
        Some(at) => {
            desk.end(at, StepEnd::Passed, Some(who.person.clone()), words);
            advance(desk);
        }
    }
}

/// Nobody answered in time, which is a refusal.
pub fn too_late(mut desk: Desk<'_>, at: Option<StepAt>) -> Outcome {
    no_answer(&mut desk, at);
    let run = desk.id();
    desk.refused(format!(
        "It is too late for **{run}**: nobody agreed in time, and that is a refusal. Ask again."
    ))
}

/// The same, where nobody is there to hear it.
pub fn no_answer(desk: &mut Desk<'_>, at: Option<StepAt>) {
    match at {
        None => desk.finish(RunEnd::Refused { by: None }),
        Some(at) => {
            desk.end(at, StepEnd::Failed, None, "nobody agreed in time, and that is a refusal");
            jump(desk, at);
            advance(desk);
        }
    }
}

/// What would run is not what was shown.
fn voided(mut desk: Desk<'_>, at: Option<StepAt>, why: String) -> Outcome {
    let run = desk.id();
    match at {
        None => desk.finish(RunEnd::Voided { why: why.clone() }),
        Some(at) => {
            desk.end(at, StepEnd::Failed, None, format!("nothing can be agreed to: {why}"));
            jump(&mut desk, at);
            advance(&mut desk);
        }
    }
    desk.refused(format!("**{run}** does not run: {why}. Look at it, and ask again."))
}

/// Does not agree.
pub fn refuse(mut desk: Desk<'_>, who: &Who, at: Option<StepAt>) -> Result<Outcome, Refusal> {
    let Asked { rule, .. } = asked(&desk, at)?;
    answers(&desk, who, &rule)?;
    match at {
        None => desk.finish(RunEnd::Refused { by: Some(who.person.clone()) }),
        Some(at) => {
            desk.end(at, StepEnd::Failed, Some(who.person.clone()), "refused");
            jump(&mut desk, at);
            advance(&mut desk);
        }
    }
    let run = desk.id();
    Ok(desk.done(format!("You refused: **{run}** does not go on.")))
}

/// Whether the asker may go on alone now.
fn may_break(desk: &Desk<'_>, who: &Who, at: Option<StepAt>) -> Result<(), Refusal> {
    let Asked { since, .. } = asked(desk, at)?;
    let run = desk.id();
    if !desk.run.asked.by.is(&who.person) {
        return Err(Refusal::new(format!(
            "Only {}, who asked for **{run}**, can go on alone. If you may agree, press Approve.",
            desk.run.asked.by.in_markdown()
        )));
    }
    may_run(desk.house, who, &desk.run.plan)?;
    let from = since.after(GLASS);
    if desk.now < from {
        return Err(Refusal::new(format!(
            "Not yet: somebody may still agree. From <t:{}:T> on, <t:{}:R>, you can go on alone.",
            from.seconds(),
            from.seconds()
        )));
    }
    Ok(())
}

/// Opens the form for the reason.
pub fn glass_form(desk: &Desk<'_>, who: &Who, at: Option<StepAt>) -> Result<Outcome, Refusal> {
    may_break(desk, who, at)?;
    let field = Field {
        name: "reason".to_owned(),
        label: "Why can nobody be waited for?".to_owned(),
        max: 500,
        required: true,
        value: None,
    };
    let title = format!("Go on alone with {}", desk.id());
    Ok(Outcome::reply(Reply::Form(Form {
        kind: FormKind::Glass(desk.id(), desk.run.tag(), at),
        title,
        fields: vec![field],
    })))
}

/// The asker goes on alone. Announced to the lead, and in the record for good.
pub fn glass(
    mut desk: Desk<'_>,
    state: &State,
    who: &Who,
    at: Option<StepAt>,
    reason: &str,
) -> Result<Outcome, Refusal> {
    may_break(&desk, who, at)?;
    let reason = text::cut(&text::line(reason), 500);
    if reason.is_empty() {
        return Err(Refusal::new("Write why: it is announced, and stands in the report."));
    }
    let Asked { until, .. } = asked(&desk, at)?;
    if until <= desk.now {
        return Ok(too_late(desk, at));
    }
    if let Err(why) = plan::unchanged(desk.house, &desk.run.plan) {
        return Ok(voided(desk, at, why));
    }
    if at.is_none() {
        free(state, desk.run.plan.lock.as_deref())?;
    }
    let run = desk.id();
    desk.emit(Event::GlassBroken { run, step: at, by: who.person.clone(), reason: reason.clone() });
    let lead = desk.role(LEAD);
    let text = format!(
        "🔨 **{}** goes on alone with **{run}**, without a second person: {}",
        who.person.in_markdown(),
        text::escape_markdown(&reason)
    );
    desk.call(lead, vec![], text);
    go_on(&mut desk, who, at, "went on without a second person");
    Ok(desk.done(format!("You broke the glass: **{run}** goes on, and the lead hears of it.")))
}
