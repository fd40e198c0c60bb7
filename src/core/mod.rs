//! The decisions. `step` says what an input means, given all that happened and what people
//! wrote in their files.
//!
//! Absent on purpose: clock, randomness, I/O, async. Whoever gives the same state, house, time
//! and input gets the same outcome, which is why a crash can be simulated at every commit.

mod access;
pub mod afterwards;
pub mod alerts;
mod args;
mod boards;
mod checks;
mod complete;
pub mod figures;
pub mod history;
pub mod incidents;
pub mod oncall;
pub mod paging;
pub mod past;
mod placed;
pub mod reminders;
pub mod runs;
pub mod seen;
mod settle;
pub mod state;
mod terminal;
pub mod triage;
pub mod watch;

pub use incidents::strike;

use crate::kit::time::Timestamp;
use crate::model::button::{Button, FormKind};
use crate::model::command::Action;
use crate::model::commit::Cause;
use crate::model::effect::{Effect, Ticket};
use crate::model::event::Event;
use crate::model::house::House;
use crate::model::input::{Act, Input, Interaction, Invocation};
use crate::model::person::Person;
use crate::model::pick::Pick;
use crate::model::reply::{Refusal, Reply};
use crate::model::watch::SOURCE;
use state::State;

/// What an input leads to. Without events it changes nothing and is no commit.
#[derive(Debug, Default, PartialEq)]
pub struct Outcome {
    /// What happened.
    pub events: Vec<Event>,
    /// What is owed for it.
    pub effects: Vec<Effect>,
    /// The first answer to whoever asked.
    pub reply: Reply,
}

impl Outcome {
    /// Nothing happened; this is the answer.
    pub fn reply(reply: Reply) -> Outcome {
        Outcome { reply, ..Outcome::default() }
    }

    /// This happened, and nobody waits for an answer.
    pub fn event(event: Event) -> Outcome {
        Outcome { events: vec![event], ..Outcome::default() }
    }
}

/// Decides.
///
/// # Errors
/// A sentence for the person who asked. The caller records it.
pub fn step(state: &State, house: &House, now: Timestamp, input: &Input) -> Result<Outcome, Refusal> {
    let mut outcome = decide(state, house, now, input)?;
    // Whatever it was: who is called for it is decided in one place.
    let wake = matches!(input, Input::Wake | Input::Started { .. });
    oncall::follow(state, house, now, input, &mut outcome);
    paging::follow(state, house, now, wake, &mut outcome);
    Ok(outcome)
}

fn decide(state: &State, house: &House, now: Timestamp, input: &Input) -> Result<Outcome, Refusal> {
    match input {
        Input::Interaction(interaction) => interact(state, house, now, interaction),
        Input::Settled { effect, outcome } => Ok(settle::settled(state, house, now, *effect, outcome)),
        Input::Started { version } => {
            let mut started = Outcome::event(Event::Started { version: version.clone() });
            started.events.extend(alerts::beats::expected(state, house));
            started.events.extend(oncall::began(state, house, now));
            started.events.extend(reminders::began(state, house, now));
            Ok(started)
        }
        Input::CommandsRegistered { hash } => {
            Ok(Outcome::event(Event::CommandsRegistered { hash: hash.clone() }))
        }
        Input::Wake => {
            // By itself: it may open what gets a number, and so may the others. They are due at once again.
            let late = alerts::beats::overdue(state, house, now);
            if !late.events.is_empty() {
                return Ok(late);
            }
            let mut due = checks::overdue(state, now);
            for more in [
                runs::overdue(state, house, now),
                incidents::overdue(state, house, now),
                afterwards::overdue(state, house, now),
                alerts::overdue(state, house, now),
                oncall::overdue(state, house, now),
                reminders::overdue(state, house, now),
            ] {
                due.events.extend(more.events);
                due.effects.extend(more.effects);
            }
            Ok(due)
        }
        Input::Terminal { user, act } => terminal::act(state, house, now, user, act),
        Input::Alerts(batch) => Ok(alerts::receive(state, house, now, batch)),
        Input::Ping(ping) => Ok(alerts::pinged(state, house, now, ping)),
        Input::Sampled(sample) => Ok(watch::sampled(state, house, now, sample)),
        Input::Watching => Ok(watch::began(state, house, now)),
        Input::Reread => {
            let turned = oncall::began(state, house, now).into_iter();
            let events = turned.chain(reminders::began(state, house, now)).collect();
            Ok(Outcome { events, ..Outcome::default() })
        }
        Input::Spawned { run, step, attempt, process } => {
            Ok(runs::spawned(state, *run, *step, *attempt, process))
        }
    }
}

/// When `Input::Wake` is wanted next, if nothing else happens.
pub fn next_wakeup(state: &State) -> Option<Timestamp> {
    [
        checks::next_deadline(state),
        runs::next(state),
        incidents::next(state),
        afterwards::next(state),
        alerts::next(state),
        paging::next(state),
        oncall::next(state),
        reminders::next(state),
    ]
    .into_iter()
    .flatten()
    .min()
}

/// Whether `Input::Wake` is wanted now: a time came, or the clock was put back behind what is known.
pub fn is_due(state: &State, now: Timestamp) -> bool {
    next_wakeup(state).is_some_and(|due| due <= now) || paging::put_back(state, now)
}

/// Why an input came, for the record.
pub fn cause(input: &Input) -> Cause {
    match input {
        Input::Interaction(i) => Cause::Interaction { id: i.id, by: i.by.person.clone(), what: i.what() },
        Input::Settled { effect, .. } => Cause::Delivery { effect: *effect },
        Input::Started { .. } | Input::CommandsRegistered { .. } => Cause::Start,
        Input::Terminal { user, act } => {
            Cause::Terminal { by: Person::at_terminal(user), what: terminal::in_words(act) }
        }
        Input::Alerts(batch) => Cause::Intake { source: batch.source.clone() },
        Input::Ping(_) => Cause::Intake { source: "heartbeats".to_owned() },
        Input::Sampled(_) | Input::Watching => Cause::Intake { source: SOURCE.to_owned() },
        Input::Spawned { .. } => Cause::Process,
        Input::Reread => Cause::Files,
        Input::Wake => Cause::Timer,
    }
}

/// What somebody did in Discord: first whether it counts at all, then what it means.
fn interact(state: &State, house: &House, now: Timestamp, i: &Interaction) -> Result<Outcome, Refusal> {
    // Whoever was called may answer where they read it; that is looked at there.
    if i.guild.is_some() || !matches!(i.act, Act::Press(Ok(Button::Page(..)))) {
        access::server(house, i.guild)?;
    }
    if let Act::Complete { command, option, typed } = &i.act {
        return Ok(Outcome::reply(Reply::Choices(complete::choices(
            state, house, now, i, command, option, typed,
        ))));
    }
    if state.has_seen(i.id) {
        // The gateway said it twice after a resume. The first one is answered already.
        return Ok(Outcome::default());
    }
    match &i.act {
        Act::Command(invocation) => command(state, house, now, i, invocation),
        Act::Press(Ok(Button::Run(run, tag, button))) => {
            runs::press(state, house, now, i, *run, *tag, *button)
        }
        Act::Press(Ok(Button::Triage(id, button))) => triage::press(state, house, now, i, *id, *button),
        Act::Press(Ok(Button::Tell(id, audience))) => {
            incidents::telling::press(state, house, i, *id, *audience)
        }
        Act::Press(Ok(Button::After(id, button))) => afterwards::press(state, house, now, i, *id, *button),
        Act::Press(Ok(Button::Alert(id, button))) => alerts::press(state, house, now, i, *id, *button),
        Act::Press(Ok(Button::Page(id, button))) => paging::press(state, house, now, i, *id, *button),
        Act::Press(Ok(Button::Swap(id, button))) => oncall::press(state, house, now, i, *id, *button),
        Act::Press(Ok(Button::Reminder(id))) => reminders::press(state, house, now, i, *id),
        Act::Press(Ok(button)) => incidents::press(state, house, i, *button),
        Act::Submit { form: Ok(form @ (FormKind::Note(_) | FormKind::Resolve(_))), fields } => {
            incidents::submit(state, house, now, i, form, fields)
        }
        Act::Submit { form: Ok(FormKind::Level(id)), fields } => {
            triage::submit(state, house, now, i, *id, fields)
        }
        Act::Submit { form: Ok(FormKind::Tell(id, audience, stage, times)), fields } => {
            let form = (*id, *audience, *stage, *times);
            incidents::telling::submit(state, house, now, i, form, fields)
        }
        Act::Submit { form: Ok(FormKind::Strike(id, entry)), fields } => {
            strike::submit(state, house, i, *id, *entry, fields)
        }
        Act::Submit { form: Ok(FormKind::After(id, form)), fields } => {
            afterwards::submit(state, house, now, i, *id, *form, fields)
        }
        Act::Submit { form: Ok(FormKind::Silence(id)), fields } => {
            alerts::hush::submit(state, house, now, i, *id, fields)
        }
        Act::Submit { form: Ok(form), fields } => runs::submit(state, house, now, i, form, fields),
        Act::OnMessage { command, message } => incidents::quote::add(state, house, now, i, command, message),
        Act::Choose { list: Ok(Pick::QuoteInto(held)), chosen } => {
            incidents::quote::choose(state, house, now, i, *held, chosen)
        }
        Act::Press(Err(why)) | Act::Choose { list: Err(why), .. } | Act::Submit { form: Err(why), .. } => {
            Err(Refusal::new(why))
        }
        Act::Unknown(what) => Err(Refusal::new(format!(
            "This version of Muster does not know {what}. Use a slash command, or update Muster."
        ))),
        Act::Complete { .. } => Ok(Outcome::default()),
    }
}

fn command(
    state: &State,
    house: &House,
    now: Timestamp,
    i: &Interaction,
    typed: &Invocation,
) -> Result<Outcome, Refusal> {
    let command = house.command(&typed.command).ok_or_else(|| {
        Refusal::new(format!(
            "`/{}` is not a command any more. Discord shows the new list after a moment.",
            typed.command
        ))
    })?;
    access::permits(house, command, &i.by)?;
    let args = args::Args::of(command, typed);
    match command.action {
        Action::Health => checks::health(state, house, now, i, &args),
        Action::IncidentDeclare => incidents::declare(state, house, now, i, &args),
        Action::IncidentNote => incidents::note(state, house, now, i, &args),
        Action::IncidentResolve => incidents::resolve(state, house, now, i, &args),
        Action::IncidentUpdate
        | Action::IncidentSeverity
        | Action::IncidentAssign
        | Action::IncidentLink
        | Action::IncidentMerge
        | Action::IncidentInvite
        | Action::IncidentReopen
        | Action::IncidentClose
        | Action::IncidentShow => incidents::course(state, house, now, i, command.action, &args),
        Action::IncidentList => Ok(incidents::list(state, house, i)),
        Action::IncidentDrafts => incidents::telling::drafts(state, house, i, &args),
        Action::Triage => triage::ask(state, house, now, i, &args),
        Action::Timeline => incidents::timeline(state, house, i, &args),
        Action::IncidentStrike => strike::open(state, house, i, &args),
        Action::IncidentQuote => Err(incidents::quote::not_typed()),
        Action::SilenceAdd | Action::SilenceEnd | Action::SilenceList => {
            alerts::silencing::command(state, now, i, command.action, &args)
        }
        Action::OnCallNow
        | Action::OnCallSchedule
        | Action::OnCallOverride
        | Action::OnCallOverrideEnd
        | Action::OnCallSwap
        | Action::OnCallHandoff
        | Action::OnCallUnavailable
        | Action::OnCallCalendar => oncall::command(state, house, now, i, command.action, &args),
        Action::Section => section(house, &args),
        Action::Run | Action::RunList | Action::RunShow | Action::RunCancel | Action::RunUnlock => {
            runs::command(state, house, now, i, command, &args)
        }
        Action::ReportShow
        | Action::ReportWrite
        | Action::ReportPublish
        | Action::ItemAdd
        | Action::ItemDone
        | Action::ItemDrop
        | Action::ItemList => afterwards::command(state, house, now, i, command.action, &args),
        Action::Page
        | Action::PageTest
        | Action::PageAck
        | Action::PageEscalate
        | Action::PageList
        | Action::PageWhy => paging::command(state, house, now, i, command.action, &args),
        Action::AlertList | Action::AlertShow | Action::AlertWhy | Action::AlertAck | Action::AlertClose => {
            alerts::command::command(state, house, now, i, command.action, &args)
        }
    }
}

/// A section of a runbook, for people to follow.
fn section(house: &House, args: &args::Args<'_>) -> Result<Outcome, Refusal> {
    use crate::model::card::Show;
    let (service, anchor) = (args.needed("service")?, args.needed("section")?);
    let runbook = house.runbook(service).ok_or_else(|| checks::no_such_service(house, service))?;
    let section = runbook.section(anchor).ok_or_else(|| {
        let known: Vec<&str> = runbook.sections.iter().map(|s| s.anchor.as_str()).collect();
        Refusal::new(format!("{service}'s runbook has no section `{anchor}`. It has: {}.", known.join(", ")))
    })?;
    Ok(Outcome::reply(Reply::Show {
        show: Show::Section {
            service: service.to_owned(),
            section: section.anchor.clone(),
            title: section.full_title(),
            markdown: section.markdown.clone(),
        },
        private: false,
    }))
}

/// The key to answering this interaction later. Discord keeps a token for 15 minutes; one is
/// given up a minute before, so that no answer is on its way when it dies.
fn ticket(now: Timestamp, i: &Interaction, private: bool) -> Ticket {
    Ticket {
        interaction: i.id,
        token: i.token.clone(),
        channel: i.channel,
        private,
        expires: now.after(std::time::Duration::from_secs(14 * 60)),
    }
}
