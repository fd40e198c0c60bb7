//! `muster simulate`

use std::process::ExitCode;

use super::args::SimulateArgs;
use super::output::failed;
use crate::simulation;

/// Plays the stories of these seeds, and says at the first that goes wrong what happened.
pub fn run(args: &SimulateArgs) -> ExitCode {
    let seeds = args.seed..args.seed.saturating_add(args.count);
    for seed in seeds {
        match simulation::run(seed, simulation::Options::default()) {
            Ok(s) => {
                if args.count == 1 {
                    s.story.iter().for_each(|line| println!("{line}"));
                }
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
            Err(failure) => return failed(failure),
        }
    }
    ExitCode::SUCCESS
}
