//! Asking for a run: what is typed, what is missing, and the run's first commit.

use std::collections::BTreeMap;

use super::advance::advance;
use super::desk::{Desk, name};
use super::plan::{self, Target};
use super::who::Who;
use super::{fold, may_run, params};
use crate::core::Outcome;
use crate::core::args::Args;
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
use crate::model::run::{Run, RunPhase};

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
    let confirms = target.confirms() && !dry && ask.confirm.is_none();
    if asks.is_empty() && !confirms {
        return self::ask(state, house, now, who, &ask);
    }
    form(&target, &ask, &asks, confirms)
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
    confirms: bool,
) -> Result<Outcome, Refusal> {
    if params.len() + usize::from(confirms) > FIELDS {
        let names: Vec<String> = params.iter().map(|(name, _)| format!("{name}=…")).collect();
        return Err(Refusal::new(format!(
            "`{}` wants more values than a form of Discord's holds. Type them: `with: {}`.",
            target.name,
            names.join(" ")
        )));
    }
    let mut fields: Vec<Field> = params
        .iter()
        .map(|(name, param)| Field {
            name: format!("p-{name}"),
            label: text::cut(&format!("{name}, like {}", param.pattern), 45),
            max: param.max,
            required: true,
        })
        .collect();
    if confirms {
        let service = &target.runbook.service;
        fields.push(Field {
            name: "confirm".to_owned(),
            label: text::cut(&format!("Type {service} to go on"), 45),
            max: 64,
            required: true,
        });
    }
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
        confirm: fields.get("confirm").cloned(),
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
    let target = plan::target(house, &ask.service, &ask.action)?;
    let plan = plan::make(house, ask)?;
    may_run(house, who, &plan)?;
    if target.confirms() && !plan.dry {
        let typed = ask.confirm.as_deref().map(str::trim);
        if typed != Some(plan.service.as_str()) {
            return Err(Refusal::new(format!(
                "Nothing was done: type the service's name, `{}`, to say that you mean it.",
                plan.service
            )));
        }
    }
    if let Some(id) = ask.incident
        && !state.incidents.contains_key(&id)
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
                name(&twin.asked.by)
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
            let who = name(&who.person);
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
        name(&holder.asked.by),
        since.seconds()
    )
}

/// Begins what was agreed to.
pub fn start(desk: &mut Desk<'_>) {
    let run = desk.id();
    desk.emit(Event::RunBegan { run });
    advance(desk);
}
