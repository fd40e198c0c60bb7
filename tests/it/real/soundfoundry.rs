//! SF-14 for real: what a purge removes, what it leaves, and how a stuck task is revoked.

use std::process::Command;

use muster::house;
use muster::model::house::House;

use super::RealCelery;
use super::steps::{Ran, run};

/// The built-in house, in which no request of a test goes anywhere.
fn book() -> House {
    house::sandbox("http://127.0.0.1:1").unwrap()
}

fn step(celery: &RealCelery, name: &str, given: &[(&str, &str)]) -> Ran {
    let command = celery.command();
    let all: Vec<(&str, &str)> = given.iter().copied().chain([("CELERY", command.as_str())]).collect();
    run(&book(), "soundfoundry", name, &all)
}

#[test]
fn the_purge_removes_what_waits_and_what_the_worker_holds_is_finished() {
    let celery = RealCelery::start(6);
    assert_eq!(celery.waiting(), 3);
    let purged = step(&celery, "purge", &[]).well();
    assert!(purged.out.contains('3'), "it says how many: {purged:?}");
    assert_eq!(celery.waiting(), 0);
    assert_eq!(celery.redis.count(&["HLEN", "unacked"]), 2, "what is reserved stays so");

    let ended: Vec<String> = (0..3).map(|_| celery.finish_one()).collect();
    assert_eq!(ended, ["0", "1", "2"], "one ran, two were reserved: all three are finished");
    assert_eq!([celery.redis.next("began"), celery.redis.next("began")], ["1", "2"]);
    let left = [["LLEN", "began"], ["LLEN", "ended"], ["LLEN", "celery"]];
    assert_eq!(left.map(|words| celery.redis.count(&words)), [0, 0, 0], "the others never began");

    let again = step(&celery, "purge", &[]).well();
    assert!(again.out.contains("No messages purged"), "{again:?}");
}

#[test]
fn control_purge_is_no_command_and_inspect_active_is_not_the_depth() {
    let celery = RealCelery::start(6);
    let run = |words: &str| {
        let line = format!("{} {words}", celery.command());
        Command::new("bash").args(["-c", &line]).output().unwrap()
    };
    assert_eq!(run("control purge").status.code(), Some(2), "what the team's own note had");
    assert_eq!(celery.waiting(), 3, "it removed nothing");
    let active = String::from_utf8(run("inspect --timeout 3 active").stdout).unwrap();
    assert!(active.contains(&celery.tasks[0]), "{active}");
    assert!(
        celery.tasks[1..].iter().all(|id| !active.contains(id.as_str())),
        "three wait, none is shown: {active}"
    );
}

#[test]
fn a_stuck_task_is_revoked_by_its_id_and_the_next_one_runs() {
    let celery = RealCelery::start(6);
    let (stuck, reserved) = (celery.tasks[0].clone(), celery.tasks[2].clone());
    step(&celery, "purge", &[]).well();
    let revoked = step(&celery, "revoke", &[("task", &stuck)]).well();
    assert!(revoked.out.contains("OK"), "{revoked:?}");
    assert_eq!(celery.redis.next("began"), "1", "the worker goes on with the next: {}", celery.log());
    // One that is only reserved is revoked as well: it never begins.
    step(&celery, "revoke", &[("task", &reserved)]).well();
    assert_eq!(celery.finish_one(), "1", "task 0 never ended");
    super::redis::until("the worker to drop what was revoked", || {
        (celery.redis.count(&["HLEN", "unacked"]) == 0).then_some(())
    });
    assert_eq!(celery.redis.count(&["LLEN", "began"]), 0, "task 2 never began: {}", celery.log());
}
