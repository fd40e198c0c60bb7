//! Asking for a run: what is typed, what is missing, and the run's first commit.

use std::collections::BTreeMap;

use super::advance::{advance, attempt};
use super::desk::Desk;
use super::plan::{self, Target};
use super::who::Who;
use super::{fold, may_run, params};
use crate::core::Outcome;
use crate::core::args::Args;
use crate::core::incidents::private::sees;
use crate::core::state::State;
use crate::kit::text;
use crate::kit::time::Timestamp;
use crate::model::button::{FormKind, Start};
use crate::model::card::Show;
use crate::model::effect::{Effect, Place};
use crate::model::event::Event;
use crate::model::house::House;
use crate::model::ids::IncidentId;
use crate::model::input::{Interaction, RunAsk};
use crate::model::reply::{Field, Form, Refusal, Reply};
use crate::model::run::{Run, RunPhase, StepAt, StepState};

/// Longest name of a thread (Discord, "Channel").
const THREAD_NAME: usize = 100;
/// Discord takes five fields in a form.
const FIELDS: usize = 5;
/// How much of the runbook's hash a form carries.
const HASH: usize = 8;

/// `/runbook`, `/rollback` and whatever else a team calls it.
pub fn command(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    who: &Who,
    args: &Args<'_>,
) -> Result<Outcome, Refusal> {
    let (service, action) = (args.needed("service")?, args.needed("action")?);
    let target = plan::target(house, service, action)?;
    if target.steps().0.is_empty() {
        return Ok(read_it(&target));
    }
    let incident = match args.read::<IncidentId>("incident")? {
        Some(id) => Some(id),
        None => state.threads.get(&i.channel).copied(),
    };
    let dry = args.boolean("dry-run").unwrap_or(false);
    let with = args.text("with");
    let params = with.map(params::read).transpose()?.unwrap_or_default();
    let confirm = args.text("confirm").map(str::to_owned);
    let ask = RunAsk {
        service: service.to_owned(),
        action: target.name.to_owned(),
        params,
        confirm,
        dry,
        incident,
    };
    let asks = if with.is_none() { target.params() } else { vec![] };
    if asks.is_empty() {
        return self::ask(state, house, now, who, &ask);
    }
    form(&target, &ask, &asks)
}

/// A section without steps is a text.
fn read_it(target: &Target<'_>) -> Outcome {
    Outcome::reply(Reply::Show {
        show: Show::Section {
            service: target.runbook.service.clone(),
            section: target.section.anchor.clone(),
            title: target.section.full_title(),
            markdown: target.section.markdown.clone(),
        },
        private: false,
    })
}

/// Asks for what is missing.
fn form(
    target: &Target<'_>,
    ask: &RunAsk,
    params: &[(&str, &crate::model::runbook::Param)],
) -> Result<Outcome, Refusal> {
    if params.len() > FIELDS {
        let names: Vec<String> = params.iter().map(|(name, _)| format!("{name}=…")).collect();
        return Err(Refusal::new(format!(
            "`{}` wants more values than a form of Discord's holds. Type them: `with: {}`.",
            target.name,
            names.join(" ")
        )));
    }
    let fields: Vec<Field> = params
        .iter()
        .map(|(name, param)| Field {
            name: format!("p-{name}"),
            label: text::cut(&format!("{name}, like {}", param.pattern), 45),
            max: param.max,
            required: true,
            value: None,
        })
        .collect();
    let start = Start {
        service: target.runbook.service.clone(),
        action: Start::spelled(target.name),
        runbook: target.runbook.hash.chars().take(HASH).collect(),
        dry: ask.dry,
        incident: ask.incident,
    };
    let title = format!("{} · {}", target.runbook.service, target.title());
    Ok(Outcome::reply(Reply::Form(Form {
        kind: FormKind::Start(start),
        title: text::cut(&title, 45),
        fields,
    })))
}

/// The form was sent.
pub fn submitted(
    state: &State,
    house: &House,
    now: Timestamp,
    who: &Who,
    start: &Start,
    fields: &BTreeMap<String, String>,
) -> Result<Outcome, Refusal> {
    let target = plan::target(house, &start.service, &start.action)?;
    if !target.runbook.hash.starts_with(&start.runbook) {
        return Err(Refusal::new(
            "The runbook has changed since this form was opened. Read it again, and ask again.",
        ));
    }
    let typed =
        fields.iter().filter_map(|(field, v)| Some((field.strip_prefix("p-")?.to_owned(), v.clone())));
    let ask = RunAsk {
        service: start.service.clone(),
        action: target.name.to_owned(),
        params: typed.collect(),
        confirm: None,
        dry: start.dry,
        incident: start.incident,
    };
    self::ask(state, house, now, who, &ask)
}

/// Begins a run, or asks those who have to agree first.
pub fn ask(
    state: &State,
    house: &House,
    now: Timestamp,
    who: &Who,
    ask: &RunAsk,
) -> Result<Outcome, Refusal> {
    let plan = plan::make(house, ask)?;
    may_run(house, who, &plan)?;
    let confirmed = match &ask.confirm {
        Some(typed) => named(&plan.service, typed).map(|()| plan.confirm && !plan.dry)?,
        None => false,
    };
    if let Some(id) = ask.incident
        && !state.incidents.get(&id).is_some_and(|i| who.operator || sees(house, i, &who.person, who.channel))
    {
        return Err(Refusal::new(format!("There is no {id}. `/incident list` shows those that are open.")));
    }
    if !plan.dry {
        free(state, plan.lock.as_deref())?;
        let twin = state.going().find(|r| {
            let same = r.plan.service == plan.service && r.plan.action == plan.action && !r.plan.dry;
            same && matches!(r.phase, RunPhase::Asked { .. })
        });
        if let Some(twin) = twin {
            return Err(Refusal::new(format!(
                "**{}** by {} asks for the same and waits for somebody to agree. Agree there, or cancel it first.",
                twin.id,
                twin.asked.by.in_markdown()
            )));
        }
    }
    let run = state.next_run();
    let (waits, title) = (plan.approve.clone().filter(|_| !plan.dry), plan.title.clone());
    let (service, dry) = (plan.service.clone(), plan.dry);
    let event = Event::RunAsked {
        run,
        plan: Box::new(plan),
        by: who.person.clone(),
        incident: ask.incident,
        channel: who.channel,
    };
    let Some(begun) = fold::begun(now, &event) else {
        return Err(Refusal::new("Muster made a mistake: the run could not be begun."));
    };
    let mut desk = Desk::of(state, house, now, &begun);
    desk.began_with(event);
    let place = match ask.incident {
        Some(id) => Place::Thread(id),
        None => Place::Channel(house.settings.channels.incidents),
    };
    if confirmed {
        desk.emit(Event::RunConfirmed { run, by: who.person.clone() });
    }
    let show = desk.card();
    desk.owe(Effect::PostRun { run, place, show });
    if ask.incident.is_none() {
        let thread = text::cut(&format!("{run} {service} · {}", text::line(&title)), THREAD_NAME);
        desk.owe(Effect::OpenRunThread { run, name: thread });
    }
    let place = match ask.incident {
        Some(id) => format!("the thread of **{id}**"),
        None => format!("<#{}>", house.settings.channels.incidents),
    };
    let text = match &waits {
        Some(rule) => {
            let roles = desk.role(&rule.role);
            let who = who.person.in_markdown();
            let asks = format!(
                "**{run}** waits for you: {who} asks for *{}* of **{service}**. Look at its card, then approve or refuse <t:{}:R> at the latest.",
                text::escape_markdown(&text::line(&title)),
                now.after(rule.within).seconds()
            );
            desk.call(roles, vec![], asks);
            format!("**{run}** waits for somebody of role {} to agree. Its card is in {place}.", rule.role)
        }
        None => {
            desk.emit(Event::RunBegan { run });
            advance(&mut desk);
            let what = if dry { "tries it without changing anything" } else { "is under way" };
            format!("**{run}** {what}. Its card is in {place}.")
        }
    };
    Ok(desk.outcome(Reply::Run { run, text }))
}

/// Whether the service's name was typed.
fn named(service: &str, typed: &str) -> Result<(), Refusal> {
    if typed.trim() == service {
        return Ok(());
    }
    Err(Refusal::new(format!(
        "Nothing was done: type the service's name, `{service}`, to say that you mean it."
    )))
}

/// The step that waits for the name.
fn unnamed(desk: &Desk<'_>, who: &Who) -> Result<StepAt, Refusal> {
    may_run(desk.house, who, &desk.run.plan)?;
    let waits = |at: &StepAt| {
        let asked = matches!(desk.run.steps.get(usize::from(*at)), Some(StepState::Asked { .. }));
        asked && desk.run.wants_name(*at)
    };
    let found = desk.run.plan.all().map(|(at, _)| at).find(waits);
    found.ok_or_else(|| Refusal::new(format!("**{}** does not wait for a name now.", desk.id())))
}

/// Opens the form for the name.
pub fn name_form(desk: &Desk<'_>, who: &Who) -> Result<Outcome, Refusal> {
    unnamed(desk, who)?;
    let label = text::cut(&format!("Type {} to go on", desk.run.plan.service), 45);
    let field = Field { name: "confirm".to_owned(), label, max: 64, required: true, value: None };
    let kind = FormKind::Confirm(desk.id(), desk.run.tag());
    let title = format!("{} goes on", desk.id());
    Ok(Outcome::reply(Reply::Form(Form { kind, title, fields: vec![field] })))
}

/// Somebody typed the name, having seen what the first steps say.
pub fn confirm(mut desk: Desk<'_>, who: &Who, typed: &str) -> Result<Outcome, Refusal> {
    let at = unnamed(&desk, who)?;
    named(&desk.run.plan.service, typed)?;
    let run = desk.id();
    desk.emit(Event::RunConfirmed { run, by: who.person.clone() });
    attempt(&mut desk, at);
    Ok(desk.done(format!("**{run}** goes on.")))
}

/// Whether nobody holds this lock.
///
/// # Errors
/// Who does, since when, and what can be done.
pub fn free(state: &State, lock: Option<&str>) -> Result<(), Refusal> {
    let Some(holder) = lock.and_then(|lock| state.holder(lock)) else {
        return Ok(());
    };
    Err(Refusal::new(held(lock.unwrap_or_default(), holder)))
}

fn held(lock: &str, holder: &Run) -> String {
    let since = match holder.phase {
        RunPhase::Going { since, .. } => since,
        _ => holder.asked.at,
    };
    format!(
        "The lock `{lock}` is held by **{}** ({} of {}, asked for by {}, since <t:{}:R>). Wait for it or cancel it; a lead takes the lock from it with `/runs unlock`.",
        holder.id,
        holder.plan.action,
        holder.plan.service,
        holder.asked.by.in_markdown(),
        since.seconds()
    )
}

/// Begins what was agreed to.
pub fn start(desk: &mut Desk<'_>) {
    let run = desk.id();
    desk.emit(Event::RunBegan { run });
    advance(desk);
}
