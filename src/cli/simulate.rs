//! `muster simulate`

use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::args::SimulateArgs;
use super::output::failed;
use crate::kit::clock::Stopwatch;
use crate::simulation::coverage::Coverage;
use crate::simulation::{self, Failure, Options, Summary};

/// Plays the stories of these seeds, on every core, and says of the first that goes wrong what happened.
pub fn run(args: &SimulateArgs) -> ExitCode {
    let (time, played) = (Stopwatch::start(), AtomicU64::new(0));
    let (found, covered) = (Mutex::new(None::<Failure>), Mutex::new(Coverage::default()));
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    std::thread::scope(|scope| {
        for _ in 0..cores.min(usize::try_from(args.count).unwrap_or(cores)) {
            scope.spawn(|| play(args, &played, &found, &covered));
        }
    });
    if let Some(failure) = found.into_inner().unwrap_or_else(PoisonError::into_inner) {
        return failed(failure);
    }
    if args.count > 1 {
        let seconds = time.elapsed().as_secs_f64();
        println!(
            "{} seeds in {seconds:.1} s: {:.1} a second on {cores} cores; every invariant held",
            args.count,
            args.count as f64 / seconds.max(0.001)
        );
    }
    let missing = covered.into_inner().unwrap_or_else(PoisonError::into_inner).missing();
    if args.covers && !missing.is_empty() {
        return failed(format!(
            "In none of these seeds there was: {}. Play more of them with --count, or let it happen more often.",
            missing.join(", ")
        ));
    }
    ExitCode::SUCCESS
}

/// Takes one seed after the other, until all are played or one has gone wrong. Seeds are given out in
/// order and each is played to its end, so that the lowest that goes wrong is the one that is told.
fn play(args: &SimulateArgs, played: &AtomicU64, found: &Mutex<Option<Failure>>, covered: &Mutex<Coverage>) {
    loop {
        let next = played.fetch_add(1, Ordering::Relaxed);
        let gone_wrong = found.lock().unwrap_or_else(PoisonError::into_inner).is_some();
        let Some(seed) = args.seed.checked_add(next).filter(|_| next < args.count && !gone_wrong) else {
            return;
        };
        let ended = simulation::run(seed, Options { tell: args.count == 1, ..Options::default() });
        if let Ok(summary) = &ended {
            covered.lock().unwrap_or_else(PoisonError::into_inner).add(summary);
        }
        match ended {
            Ok(summary) if args.count == 1 => {
                summary.story.iter().for_each(|line| println!("{line}"));
                told(seed, &summary);
            }
            Ok(summary) => {
                if !args.quiet {
                    told(seed, &summary);
                }
            }
            Err(failure) => {
                let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                if found.as_ref().is_none_or(|f| f.seed > seed) {
                    *found = Some(failure);
                }
            }
        }
    }
}

fn told(seed: u64, s: &Summary) {
    println!(
        "seed {seed}: {} steps, {} commits, {} crashes, {} faults, {} posts; every invariant held; last hash {}",
        s.steps,
        s.commits,
        s.crashes,
        s.faults.values().sum::<u64>(),
        s.posts,
        s.head
    );
}
