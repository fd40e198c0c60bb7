//! `muster run`: an action of a runbook from a terminal, with the same engine and in the same
//! journal as in Discord. For the day when Discord is down.

mod story;
mod way;

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::process::ExitCode;

use tokio::sync::mpsc;

use super::args::RunArgs;
use super::output::{asked_to_stop, failed, runtime};
use super::socket::Watched;
use crate::model::ids::Seq;
use crate::model::input::{Press, RunAsk, TerminalAct};
use crate::model::run::{RunEnd, RunPhase, StepState};
use story::Story;
use way::Way;

/// Runs until the run is over, or whoever started it leaves.
pub fn run(args: &RunArgs) -> ExitCode {
    let ended = runtime().and_then(|rt| {
        let ended = rt.block_on(play(args));
        // A thread may still wait for a line that nobody types.
        rt.shutdown_background();
        ended
    });
    match ended {
        Ok(Some(RunEnd::Passed | RunEnd::Undone { .. }) | None) => ExitCode::SUCCESS,
        Ok(Some(_)) => ExitCode::FAILURE,
        Err(why) => failed(why),
    }
}

async fn play(args: &RunArgs) -> Result<Option<RunEnd>, String> {
    let way = Way::open(args).await?;
    let ended = steer(&way, args).await;
    way.close().await;
    ended
}

/// What was typed, as a run that is asked for.
fn asked(args: &RunArgs) -> Result<RunAsk, String> {
    let mut params = BTreeMap::new();
    for pair in &args.with {
        let (name, value) = pair
            .split_once('=')
            .ok_or_else(|| format!("`{pair}` is no value: write it like --with version=0.8.4"))?;
        params.insert(name.to_owned(), value.to_owned());
    }
    Ok(RunAsk {
        service: args.service.clone(),
        action: args.action.clone(),
        params,
        confirm: args.confirm.clone(),
        dry: args.dry_run,
        incident: args.incident,
    })
}

async fn steer(way: &Way, args: &RunArgs) -> Result<Option<RunEnd>, String> {
    let done = way.act(TerminalAct::Run(asked(args)?)).await?;
    let run = done.run.ok_or("this Muster is older than this program: start it again with this one")?;
    let mut story = Story::default();
    let mut typed = lines();
    let (mut seen, mut live) = (Seq(0), None);
    let mut leaving = false;
    loop {
        tokio::select! {
            watched = way.watch(run, seen, live.clone()) => {
                let watched = watched?;
                story.tell(&watched).into_iter().for_each(|line| println!("{line}"));
                seen = watched.run.commits.last().copied().unwrap_or(seen);
                live.clone_from(&watched.live);
                if let RunPhase::Over { how, .. } = &watched.run.phase
                    && story.question().is_none()
                {
                    return Ok(Some(how.clone()));
                }
                break_glass(way, args, &watched).await;
            }
            Some(line) = typed.recv() => match story.question().cloned() {
                Some(question) => match question.answer(&line) {
                    Ok(Some(press)) => {
                        story.answered();
                        told(way.press(run, press).await);
                    }
                    Ok(None) => return Ok(story.end().cloned()),
                    Err(again) => println!("{again}"),
                },
                None => println!("Nothing is asked just now. Ctrl-C cancels the run."),
            },
            () = asked_to_stop() => {
                if std::mem::replace(&mut leaving, true) {
                    return Err(format!("left; {run} goes on. `/runs show` tells how it is."));
                }
                told(way.press(run, Press::Cancel).await);
            }
        }
    }
}

fn told(answer: Result<String, String>) {
    match answer {
        Ok(text) if text.is_empty() => {}
        Ok(text) => println!("{}", text),
        Err(why) => println!("! {}", why),
    }
}

/// Goes on alone as soon as that is allowed, where the person said so.
async fn break_glass(way: &Way, args: &RunArgs, watched: &Watched) {
    let Some(reason) = &args.break_glass else { return };
    let question = watched.run.steps.iter().enumerate().find_map(|(at, s)| match s {
        StepState::Approving { since, .. } => Some((u16::try_from(at).ok(), *since)),
        _ => None,
    });
    let (step, since) = match (&watched.run.phase, question) {
        (RunPhase::Asked { .. }, _) => (None, watched.run.asked.at),
        (_, Some((step, since))) => (step, since),
        _ => return,
    };
    if watched.now >= since.after(crate::core::runs::GLASS) {
        let reason = reason.clone();
        told(way.press(watched.run.id, Press::Glass { step, reason }).await);
    }
}

/// The lines that a person types. Where nobody sits at the terminal there are none.
fn lines() -> mpsc::Receiver<String> {
    let (send, lines) = mpsc::channel(1);
    if std::io::stdin().is_terminal() {
        std::thread::spawn(move || {
            for line in std::io::stdin().lines() {
                let Ok(line) = line else { return };
                if send.blocking_send(line).is_err() {
                    return;
                }
            }
        });
    } else {
        // Kept, so that the channel stays open and silent.
        std::mem::forget(send);
    }
    lines
}
