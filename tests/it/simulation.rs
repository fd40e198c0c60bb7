//! The simulation: hundreds of seeds in which everything goes wrong that can, and one story with
//! a crash at every point of it. What must hold all the same stands in `simulation::invariants`.

use std::collections::{BTreeMap, BTreeSet};

use muster::simulation::fault::{Fault, Moment};
use muster::simulation::story::Tale;
use muster::simulation::{self, Options, Summary, invariants, story};

/// Seeds of the run in every test; `muster simulate` plays others.
const SEEDS: u64 = 120;

/// What has to happen to runs and triages in them.
const RUNS: [&str; 45] = [
    "asked for",
    "agreed to",
    "a question agreed to",
    "glass broken",
    "spawned",
    "retried",
    "reminded",
    "late",
    "cut short before it was begun",
    "cut short in the middle",
    "cut short after it was done",
    "nobody knows",
    "verified",
    "run again",
    "undo begun",
    "lock broken",
    "passed",
    "failed",
    "cancelled",
    "refused",
    "expired",
    "void",
    "taken back",
    "dry",
    "triage asked",
    "triage opened",
    "triage overruled",
    "no incident",
    "people told",
    "alert new",
    "alert back",
    "alert over",
    "alert expired",
    "alert told",
    "alert's end told",
    "alert flaps",
    "alert's incident",
    "storm",
    "silenced",
    "silence ended",
    "alert muted",
    "alert told after all",
    "job late",
    "job failed",
    "job done",
];

fn play(seed: u64) -> Summary {
    simulation::run(seed, Options::default()).unwrap_or_else(|failure| panic!("{failure}"))
}

#[test]
fn whatever_goes_wrong_what_must_hold_holds() {
    let mut faults: BTreeMap<&str, u64> = BTreeMap::new();
    let mut runs: BTreeMap<&str, u64> = BTreeMap::new();
    let (mut commits, mut crashes, mut posts, mut acts) = (0, 0, 0, 0);
    for seed in 0..SEEDS {
        let summary = play(seed);
        for (kind, times) in summary.faults {
            *faults.entry(kind).or_default() += times;
        }
        for (what, times) in summary.runs {
            *runs.entry(what).or_default() += times;
        }
        commits += summary.commits;
        crashes += summary.crashes;
        posts += summary.posts;
        acts += summary.acts;
    }
    // A simulation in which nothing happens proves nothing.
    for kind in Fault::KINDS {
        assert!(faults.get(kind).copied().unwrap_or(0) >= 2, "`{kind}` hardly ever happens: {faults:?}");
    }
    for what in RUNS {
        assert!(runs.get(what).copied().unwrap_or(0) >= 1, "`{what}` never happens: {runs:?}");
    }
    assert!(crashes >= SEEDS, "{crashes} crashes");
    assert!(commits >= 15 * SEEDS, "{commits} commits");
    assert!(posts >= 3 * SEEDS, "{posts} posts");
    assert!(acts >= 20 * SEEDS, "{acts} acts");
}

#[test]
fn a_seed_is_the_same_story_each_time() {
    for seed in [0, 7, 1_000_003, u64::MAX] {
        let told = || simulation::run(seed, Options { tell: true, ..Options::default() });
        let (first, second) = (told().expect("it holds"), told().expect("it holds"));
        assert!(!first.story.is_empty());
        assert_eq!(first.head, second.head, "the journals differ");
        assert_eq!(first, second);
    }
    assert_ne!(play(0).head, play(1).head, "another seed is another story");
}

#[test]
fn a_crash_at_every_point_of_a_story_loses_and_doubles_nothing() {
    let undisturbed = crashes_everywhere(Tale::Incident);
    assert!(undisturbed.commits >= 10, "{} commits", undisturbed.commits);
    assert!(undisturbed.posts >= 6, "{} posts", undisturbed.posts);
}

#[test]
fn a_crash_at_every_point_of_a_run_does_nothing_twice_and_nothing_unasked() {
    let undisturbed = crashes_everywhere(Tale::Run);
    assert!(undisturbed.commits >= 30, "{} commits", undisturbed.commits);
    for what in ["agreed to", "a question agreed to", "failed", "undo begun", "taken back"] {
        assert_eq!(undisturbed.runs.get(what), Some(&1), "{what}: {:?}", undisturbed.runs);
    }
}

/// Tells a story with a crash at every point of it, and gives the one without.
fn crashes_everywhere(tale: Tale) -> Summary {
    let undisturbed = story::undisturbed(tale).unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(undisturbed.crashes, 0);
    let told = story::with_every_crash(tale).unwrap_or_else(|failure| panic!("{failure}"));
    let points: u64 = undisturbed.moments.values().sum();
    assert_eq!(undisturbed.moments.len(), Moment::ALL.len(), "{:?}", undisturbed.moments);
    assert_eq!(told.len() as u64, points * story::ABSENCES.len() as u64);
    for summary in &told {
        assert_eq!(summary.crashes, 1, "{}", summary.story.join("\n"));
    }
    undisturbed
}

#[test]
fn every_invariant_says_what_it_checks() {
    let names: BTreeSet<&str> = invariants::all().map(|i| i.name).collect();
    assert_eq!(names.len(), invariants::all().count(), "two have one name");
    assert!(invariants::all().all(|i| i.sentence.ends_with('.')));
}

#[test]
fn a_failure_names_its_seed_and_tells_its_story() {
    let failure = simulation::Failure {
        seed: 42,
        step: 7,
        invariant: "nothing is shown twice",
        sentence: "Of each effect at most one message stands in Discord.",
        what: "messages 1 and 2".to_owned(),
        story: vec!["the program starts".to_owned()],
    };
    let told = failure.to_string();
    assert!(told.starts_with("the program starts\n"));
    assert!(told.ends_with("`muster simulate --seed 42` plays it again."));
}
