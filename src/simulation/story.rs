//! Two fixed stories, each told once for every point at which the process can end, for every
//! length of its absence that makes a difference. Of an incident: declare, seven notes, a health
//! check, a form, resolve, and what follows it up to the published report. Of a run: ask, approve, its steps, a question, a failure, undo.
//! Whoever is not answered looks whether it was done and, where it was not, does it again.

mod of_a_run;

use super::fault::Moment;
use super::invariants::Broken;
use super::run::Run;
use super::{Failure, Summary};
use crate::model::ids::{InteractionId, Seq};
use crate::sandbox::world::Id;
use crate::sandbox::world::seed::{self, Person};

/// Absences in ms: back at once, and back when Discord has forgotten every nonce.
pub const ABSENCES: [i64; 2] = [1_000, 600_000];

/// What is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tale {
    /// From an incident's declaration to its published report.
    Incident,
    /// From asking for a run to taking it back.
    Run,
}

/// The story without a crash.
///
/// # Errors
/// The first invariant that does not hold.
pub fn undisturbed(tale: Tale) -> Result<Summary, Failure> {
    tell(tale, 0, None, 0)
}

/// The story with a crash when `moment` has come by `nth` times, and the program away for
/// `absence` ms. With an odd `seed` a channel's history shows nonces, with an even one it may not.
///
/// # Errors
/// The first invariant that does not hold.
pub fn with_crash(tale: Tale, seed: u64, moment: Moment, nth: u64, absence: i64) -> Result<Summary, Failure> {
    tell(tale, seed, Some((moment, nth)), absence)
}

/// The story once for each point at which a crash can come and each length of absence.
///
/// # Errors
/// The first invariant that does not hold in any of them.
pub fn with_every_crash(tale: Tale) -> Result<Vec<Summary>, Failure> {
    let points = undisturbed(tale)?.moments;
    let mut told = vec![];
    for (moment, times) in points {
        for nth in 0..times {
            for (turn, absence) in (0..).zip(ABSENCES) {
                // What a history shows makes a difference to posts alone: every second is enough.
                told.push(with_crash(tale, (nth + turn) % 2, moment, nth, absence)?);
            }
        }
    }
    Ok(told)
}

fn tell(tale: Tale, seed: u64, crash: Option<(Moment, u64)>, absence: i64) -> Result<Summary, Failure> {
    let mut run = Run::new(seed);
    run.discord.lock().shows_nonces = seed % 2 == 1;
    // Who is called is another story: here each message is counted.
    std::sync::Arc::make_mut(&mut run.house).oncall = crate::model::oncall::OnCall::default();
    run.crash = crash;
    run.fixed_downtime = Some(absence);
    run.fails = Some(&["finish"]);
    let ended = match tale {
        Tale::Incident => chapters(&mut run),
        Tale::Run => of_a_run::chapters(&mut run),
    };
    run.finish(ended)
}

fn chapters(run: &mut Run) -> Result<(), Broken> {
    run.start()?;
    run.come_to_rest()?;
    let (responder, approver) = (Person::Responder.id(), Person::Approver.id());
    let declare = [("title", "the tracks stutter (0)".to_owned()), ("severity", "P1".to_owned())];
    until_done(run, "(0)", |run| run.type_command(responder, seed::GENERAL, "incident declare", &declare))?;
    for n in 1..=4 {
        let text = format!("saw it ({n})");
        let note = [("text", text.clone()), ("incident", "INC-1".to_owned())];
        until_done(run, &text, |run| run.type_command(responder, seed::GENERAL, "incident note", &note))?;
    }
    until_done(run, "in the thread (5)", |run| {
        let thread = run.threads().first().copied()?;
        run.type_command(approver, thread, "incident note", &[("text", "in the thread (5)".to_owned())])
    })?;
    until_done(run, "in the form (6)", |run| fill_in(run, approver, "m1 note 1", "in the form (6)"))?;
    run.type_command(responder, seed::GENERAL, "health", &[("service", super::house::SERVICE.to_owned())]);
    run.come_to_rest()?;
    let note = [("text", "found it (7)".to_owned())];
    until_done(run, "found it (7)", |run| {
        run.type_command(responder, seed::INCIDENTS, "incident note", &note)
    })?;
    until_done(run, "restarted it (8)", |run| fill_in(run, responder, "m1 resolve 1", "restarted it (8)"))?;
    until_done(run, "a full disk (9)", |run| fill_in(run, responder, "m1 after-write 1", "a full disk (9)"))?;
    until_done(run, "item-ticked", |run| {
        let (channel, message, button) =
            run.buttons().into_iter().find(|(_, _, b)| b == "m1 after-tick 1 1 1")?;
        run.press(responder, channel, message, &button)
    })?;
    let item = [("what", "watch disks (10)".to_owned()), ("due", "in 2 days".to_owned())];
    let item = [&item[..], &[("incident", "INC-1".to_owned())]].concat();
    until_done(run, "watch disks (10)", |run| {
        run.type_command(responder, seed::GENERAL, "action add", &item)
    })?;
    let publish = [("incident", "INC-1".to_owned())];
    until_done(run, "report-published", |run| {
        run.type_command(approver, seed::GENERAL, "report publish", &publish)
    })?;
    run.examine_the_end()
}

/// Does something, looks whether the journal has it, and does it again where it has not.
fn until_done(
    run: &mut Run,
    text: &str,
    mut attempt: impl FnMut(&mut Run) -> Option<InteractionId>,
) -> Result<(), Broken> {
    for _ in 0..4 {
        attempt(run);
        run.come_to_rest()?;
        if has(run, text) {
            return Ok(());
        }
    }
    Err(Broken::new(
        "people get things done",
        "What fails because of a crash works when it is done again.",
        text,
    ))
}

/// Whether some commit says this.
fn has(run: &Run, text: &str) -> bool {
    let Some(p) = &run.process else { return false };
    let mut lines = p.reader.lines(Seq(1)).map_while(Result::ok);
    lines.any(|(_, line)| String::from_utf8_lossy(&line).contains(text))
}

/// Presses the button that opens a form, and sends the form.
fn fill_in(run: &mut Run, user: Id, button: &str, text: &str) -> Option<InteractionId> {
    let (channel, message, button) = run.buttons().into_iter().find(|(_, _, b)| b == button)?;
    run.press(user, channel, message, &button)?;
    run.come_to_rest().ok()?;
    let form = run.open_forms().into_iter().rev().find(|f| f.user == user)?;
    run.submit(&form, text)
}
