//! NX-6 for real: exactly the commit that was shown is reverted, at most once, and nothing is forced.

use std::sync::Arc;

use muster::kit::clock::Clock;
use muster::kit::time::Timestamp;
use muster::sandbox::practice::nexus::DEPLOY_MS;
use muster::sandbox::{Sandbox, Setup};

use super::RealRepo;
use super::steps::{Ran, run};

/// Nobody listens there; a push is a push all the same.
const NOWHERE: &str = "http://127.0.0.1:1";

fn step(repo: &RealRepo, name: &str) -> Ran {
    run(&repo.house(NOWHERE), "nexus", name, &[])
}

#[test]
fn the_commit_that_was_shown_is_reverted_and_pushed() {
    let repo = RealRepo::new(NOWHERE);
    let shown = step(&repo, "show").well();
    assert!(shown.out.contains(&repo.newest), "{shown:?}");
    assert!(shown.out.contains("refactor: read the bucket from the settings"), "{shown:?}");
    assert_eq!(repo.remote_main(), repo.newest, "looking changes nothing");
    assert_ne!(step(&repo, "reverted").code, 0, "it is not reverted yet");

    step(&repo, "revert").well();
    step(&repo, "reverted").well();
    assert_eq!(repo.remote_main(), repo.newest, "nothing is pushed yet");
    assert_ne!(step(&repo, "pushed").code, 0, "it is not pushed yet");
    step(&repo, "push").well();
    step(&repo, "pushed").well();

    let now = repo.remote_main();
    assert_eq!(repo.git(&["rev-parse", &format!("{now}^")]), repo.newest, "one commit more, on top");
    assert!(repo.git(&["log", "-1", "--format=%B", &now]).contains(&repo.newest), "it names what it reverts");
    assert_eq!(repo.git(&["diff", &format!("{}^", repo.newest), &now]), "", "as it was before that commit");
}

#[test]
fn a_second_time_changes_nothing() {
    let repo = RealRepo::new(NOWHERE);
    step(&repo, "show").well();
    step(&repo, "revert").well();
    let made = repo.git(&["rev-parse", "refs/muster/reverted"]);
    let again = step(&repo, "revert").well();
    assert!(again.out.contains("reverted already"), "{again:?}");
    assert_eq!(repo.git(&["rev-parse", "refs/muster/reverted"]), made);
    step(&repo, "push").well();
    assert_eq!(repo.remote_main(), made);

    let late = step(&repo, "revert");
    assert_ne!(late.code, 0, "main has moved on, by the revert itself: {late:?}");
    step(&repo, "push").well();
    assert_eq!(repo.remote_main(), made, "what is there is not pushed again");
    assert_eq!(repo.git(&["rev-parse", "refs/muster/reverted"]), made);
}

#[test]
fn a_push_of_somebody_else_in_between_stops_the_revert() {
    let repo = RealRepo::new(NOWHERE);
    step(&repo, "show").well();
    let theirs = repo.push_of_another("theirs.js");
    let refused = step(&repo, "revert");
    assert_ne!(refused.code, 0);
    assert!(refused.err.contains(&theirs) && refused.err.contains(&repo.newest), "it says both: {refused:?}");
    assert_ne!(step(&repo, "push").code, 0, "there is nothing to push");
    assert_eq!(repo.remote_main(), theirs, "nothing was pushed");
}

#[test]
fn a_push_of_somebody_else_after_the_revert_is_not_overwritten() {
    let repo = RealRepo::new(NOWHERE);
    step(&repo, "show").well();
    step(&repo, "revert").well();
    let theirs = repo.push_of_another("theirs.js");
    let rejected = step(&repo, "push");
    assert_ne!(rejected.code, 0);
    assert!(rejected.err.contains("rejected"), "{rejected:?}");
    assert_eq!(repo.remote_main(), theirs, "without force");
    assert_ne!(step(&repo, "pushed").code, 0);

    // Shown again, the other commit is the one to revert, and the old revert is in nobody's way.
    step(&repo, "show").well();
    step(&repo, "revert").well();
    step(&repo, "push").well();
    assert_eq!(repo.git(&["diff", &repo.newest, &repo.remote_main()]), "", "their commit alone is reverted");
}

#[test]
fn a_merge_is_reverted_against_its_first_parent() {
    let repo = RealRepo::new(NOWHERE);
    let merge = repo.merge_of_another();
    assert!(step(&repo, "show").well().out.contains(&merge));
    step(&repo, "revert").well();
    step(&repo, "push").well();
    assert_eq!(repo.git(&["diff", &repo.newest, &repo.remote_main()]), "", "the whole branch is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_platform_deploys_the_revert() {
    let clock = Clock::driven(Timestamp(1_795_251_600_000));
    let time = clock.clone();
    let sandbox = Sandbox::start(Setup::new(Arc::new(move || time.now().0))).await.unwrap();
    let repo = RealRepo::new(&sandbox.api_url());
    let house = repo.house(&sandbox.api_url());
    for name in ["show", "revert", "push"] {
        run(&house, "nexus", name, &[]).well();
    }
    let deployed = || sandbox.fleet().state()[3].facts["commit"].clone();
    assert_ne!(deployed(), repo.remote_main(), "it takes its time");
    clock.advance(std::time::Duration::from_millis(DEPLOY_MS.unsigned_abs()));
    assert_eq!(deployed(), repo.remote_main());
}
