//! The simulation: hundreds of seeds in which everything goes wrong that can, and one story with
//! a crash at every point of it. What must hold all the same stands in `simulation::invariants`.

use std::collections::BTreeSet;

use muster::simulation::coverage::Coverage;
use muster::simulation::fault::Moment;
use muster::simulation::story::Tale;
use muster::simulation::{self, Options, Summary, invariants, story};

/// Seeds of the run in every test; `tests/run` plays two thousand, and looks whether everything happens
/// in them that can.
const SEEDS: u64 = 30;

fn play(seed: u64) -> Summary {
    simulation::run(seed, Options::default()).unwrap_or_else(|failure| panic!("{failure}"))
}

#[test]
fn whatever_goes_wrong_what_must_hold_holds() {
    let (mut commits, mut crashes, mut posts, mut acts) = (0, 0, 0, 0);
    for seed in 0..SEEDS {
        let summary = play(seed);
        commits += summary.commits;
        crashes += summary.crashes;
        posts += summary.posts;
        acts += summary.acts;
    }
    // A simulation in which nothing happens proves nothing.
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

#[test]
fn what_never_happened_is_named() {
    let nothing = Coverage::default().missing();
    assert!(nothing.contains(&"nobody answered") && nothing.contains(&"overridden"), "{nothing:?}");
    let mut some = Coverage::default();
    some.add(&play(1));
    assert!(some.missing().len() < nothing.len(), "{some:?}");
}
