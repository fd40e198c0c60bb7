//! A run in which the seed decides who does what, and what goes wrong.

use super::fault::Fault;
use super::invariants::{self, Broken};
use super::run::Run;
use super::{Failure, Options, Summary};

/// How long a card may be behind, in ms, and more.
const MOMENT: i64 = 5_000;
/// In ms.
const HOUR: i64 = 60 * 60_000;

/// Plays this seed: `options.steps` steps with faults among them, then the faults stop and
/// everything comes to rest.
///
/// # Errors
/// The first invariant that does not hold, with the story that led to it.
pub fn run(seed: u64, options: Options) -> Result<Summary, Failure> {
    let mut run = Run::new(seed);
    run.tells = options.tell;
    let ended = play(&mut run, options);
    // Most stories are never read: one that is worth it is told when it is played again.
    match run.finish(ended) {
        Err(_) if !options.tell => self::run(seed, Options { tell: true, ..options }),
        ended => ended,
    }
}

fn play(run: &mut Run, options: Options) -> Result<(), Broken> {
    run.start()?;
    // A run takes more of everything than an incident does.
    let steps = if run.keen { options.steps * 2 } else { options.steps };
    for _ in 0..steps {
        run.summary.steps += 1;
        if run.keen && run.process.is_none() {
            let left = run.down_until - run.discord.lock().now;
            run.pass(left.max(0));
        }
        run.rise()?;
        if run.chance.percent(options.faults) {
            let fault = Fault::draw(&mut run.chance);
            run.meddle(fault);
        } else {
            step(run)?;
        }
    }
    run.calm();
    run.come_to_rest()?;
    run.all_say()?;
    run.examine(invariants::WHEN_ALL_IS_SAID)?;
    run.come_to_rest()?;
    // What changed is shown in a moment.
    run.let_be(MOMENT)?;
    run.examine(invariants::AT_REST)?;
    // Some runs are left alone with their questions; those that then still wait are ended.
    if run.chance.percent(50) {
        run.let_be(HOUR)?;
    }
    run.end_runs()?;
    run.examine(invariants::WHEN_ALL_IS_OVER)?;
    run.examine_the_end()
}

fn step(run: &mut Run) -> Result<(), Broken> {
    match run.chance.weighted(&[22, 22, 26, 22, 30, 16, 1, 9, 7]) {
        0 if run.keen && run.chance.percent(75) => run.act_on_runs(),
        0 => run.act(),
        1 => {
            // Each event comes in a task of its own, so they arrive in any order.
            let waiting = run.discord.lock().gateway.len();
            let index = run.chance.below(waiting);
            run.hear(index)?;
        }
        2 => {
            let most = 1 + run.chance.below(4);
            run.turn(most)?;
        }
        3 => run.work()?,
        4 => {
            let now = run.discord.lock().now;
            let ready: Vec<usize> = run
                .process
                .iter()
                .flat_map(|p| p.under_way.iter().enumerate())
                .filter(|(_, u)| u.ready <= now)
                .map(|(n, _)| n)
                .collect();
            if let Some(index) = run.chance.one(&ready).copied() {
                run.hand_in_one(index);
            }
        }
        5 => {
            // Who waits for approval waits minutes, and a run's time is over in twenty.
            let long = run.chance.weighted(if run.keen { &[55, 35, 9, 1] } else { &[60, 25, 10, 5] });
            let most = [400, 2_500, 60_000, 1_500_000];
            let ms = run.chance.below(most.get(long).copied().unwrap_or(400));
            run.pass(i64::try_from(ms).unwrap_or(0));
        }
        7 => run.watch(),
        8 => run.hush(),
        _ => {
            if let Some(p) = &mut run.process {
                p.committer.snapshot();
                run.story("a snapshot is kept");
            }
        }
    }
    Ok(())
}
