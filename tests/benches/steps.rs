//! How long it takes from handing a shell step to the runner until its first line can be seen,
//! and until its result is there, beside what the same process takes by itself.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use muster::engine::Job;
use muster::engine::live::Live;
use muster::engine::prepare::{Address, StepJob};
use muster::house::runbook_of;
use muster::kit::clock::Clock;
use muster::kit::time::Timestamp;
use muster::model::effect::Effect;
use muster::model::ids::{EffectId, RunId, Seq};
use muster::runner::{Secrets, StepRunner};

const TIMES: u64 = 200;
const SCRIPT: &str = "echo here; sleep 0.05";

fn main() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(measure());
}

async fn measure() {
    let live = Live::default();
    let runner =
        StepRunner::new(live.clone(), Secrets::of(BTreeMap::new()), Clock::system()).expect("a runner");
    runner.set_reporter(std::sync::Arc::new(|_| Box::pin(std::future::ready(()))));
    let text = format!("---\nrunbook: 1\n---\n# Lab\n```sh {{name=a}}\n{SCRIPT}\n```\n");
    let step = runbook_of("lab", "lab.md", &text).expect("a runbook").step("a").expect("a step").clone();
    let (mut first, mut whole, mut alone) = (vec![], vec![], vec![]);
    for n in 1..=TIMES {
        let run = RunId(7);
        let job = Job {
            id: EffectId { seq: Seq(n), index: 0 },
            effect: Effect::RunStep { run, step: 0, attempt: 1 },
            address: Address::Own,
            since: Timestamp(0),
            maybe_done: false,
            journal_id: "bench".to_owned(),
            seen: None,
            reach: None,
            step: Some(Box::new(StepJob {
                run,
                at: 0,
                attempt: 1,
                step: step.clone(),
                values: BTreeMap::new(),
                env: BTreeSet::new(),
                dry: false,
                deadline: None,
                home: None,
                process: None,
            })),
        };
        let mut changes = live.changes();
        let began = Instant::now();
        let attempt = runner.deliver(&job);
        tokio::pin!(attempt);
        tokio::select! {
            changed = changes.changed() => changed.expect("a line"),
            done = &mut attempt => panic!("it ended without a line: {done:?}"),
        }
        first.push(began.elapsed());
        attempt.await;
        whole.push(began.elapsed());

        let began = Instant::now();
        let output = tokio::process::Command::new("bash").args(["-c", SCRIPT]).output().await;
        output.expect("bash");
        alone.push(began.elapsed());
    }
    for (what, mut all) in [("first line", first), ("result", whole), ("the process alone", alone)] {
        all.sort();
        let at = |share: usize| -> Duration { all[(all.len() * share / 100).min(all.len() - 1)] };
        println!("{what:18} p50 {:8.2?}  p99 {:8.2?}", at(50), at(99));
    }
}
