//! That a step ends when it is to end, and everything that it started with it.

use std::process::{Command, Stdio};
use std::time::Duration;

use muster::engine::Delivery;
use muster::kit::clock::Stopwatch;
use muster::model::input::Input;
use muster::model::run::{Process, RanHow};

use super::{RUN, Rig, alive, said, sh, soon};

/// Each starts something that would live on, and prints its number.
const RUNAWAYS: [(&str, &str); 7] = [
    ("a child in the background", "sleep 1000 & echo $!"),
    ("one that does not hear of a hang-up", "nohup sleep 1000 >/dev/null 2>&1 & echo $!"),
    ("one in a session of its own", "setsid sleep 1000 >/dev/null 2>&1 & echo $!"),
    ("one with two parents gone", "(setsid sh -c 'echo $$; exec sleep 1000' &)"),
    ("one that does not hear TERM", "bash -c 'trap \"\" TERM; while :; do sleep 1000; done' & echo $!"),
    ("one that holds the pipe open", "(trap '' TERM HUP; sleep 1000) & echo $!"),
    ("one in its group that has lost its marker", "env -u MUSTER_STEP sleep 1000 >/dev/null 2>&1 & echo $!"),
];

#[tokio::test]
async fn nothing_outlives_a_step_that_ended_by_itself() {
    let all = RUNAWAYS.map(|(what, script)| async move {
        // Enough that it is there before its step is over.
        let rig = Rig::new();
        let ran = rig.sh(&format!("{script}\nsleep 0.3")).await;
        let pid: u32 = ran.output.head.trim().parse().unwrap_or_else(|_| panic!("{what}: {ran:?}"));
        assert!(matches!(ran.how, RanHow::Passed { .. }), "{what}: {ran:?}");
        assert!(!alive(pid), "{what} lives");
    });
    futures_util::future::join_all(all).await;
}

#[tokio::test]
async fn nothing_outlives_a_step_whose_time_is_over() {
    let all = RUNAWAYS.map(|(what, script)| async move {
        let rig = Rig::new();
        let fence = format!("```sh {{name=a}}\n#| timeout: 500ms\n{script}\nsleep 1000\n```");
        let ran = rig.run(&fence, &[]).await;
        let why = "no end in 500 ms; it was ended".to_owned();
        assert_eq!(ran.how, RanHow::Broke { why }, "{what}");
        let pid: u32 = ran.output.head.trim().parse().unwrap_or_else(|_| panic!("{what}: {ran:?}"));
        assert!(!alive(pid), "{what} lives");
        assert!(!alive(rig.process().pid), "{what}: its leader lives");
    });
    futures_util::future::join_all(all).await;
}

#[tokio::test]
async fn what_does_not_hear_is_given_its_time_and_then_ended() {
    let rig = Rig::new();
    let job = rig.job(&sh("trap 'echo heard' TERM; echo ready; while :; do sleep 0.1 || true; done"), &[]);
    let attempt = rig.begin(&job);
    rig.shown(|t| t.contains("ready")).await;
    let pid = rig.process().pid;
    rig.end().await;
    let watch = Stopwatch::start();
    let ran = soon("the end", attempt).await.unwrap();
    assert!(watch.elapsed() >= Duration::from_secs(5), "{:?}", watch.elapsed());
    assert!(!alive(pid));
    assert!(format!("{ran:?}").contains("heard"), "it was asked first: {ran:?}");
}

#[tokio::test]
async fn a_step_that_is_asked_to_end_is_stopped_and_none_of_before_begins() {
    let rig = Rig::new();
    let job = rig.job(&sh("echo ready; sleep 1000"), &[]);
    let attempt = rig.begin(&job);
    rig.shown(|t| t.contains("ready")).await;
    rig.end().await;
    let Delivery::Settled(_) = soon("the end", attempt).await.unwrap() else { panic!("not settled") };
    assert_eq!(rig.deliver(&job).await.how, RanHow::Stopped, "the result is remembered");
    assert!(!alive(rig.process().pid));
    assert_eq!(rig.live.get(RUN), None, "nothing is shown of it any more");

    // The end was asked for before this one's turn came.
    let rig = Rig::new();
    rig.end().await;
    let job = rig.job(&sh("echo ran"), &[]);
    assert_eq!(rig.deliver(&job).await.how, RanHow::Stopped);
    assert!(rig.reported.lock().unwrap().is_empty());
    // And this one was asked for after: what was done is taken back.
    let mut later = job.clone();
    later.id.seq.0 = 12;
    assert!(matches!(rig.deliver(&later).await.how, RanHow::Passed { .. }));
}

#[tokio::test]
async fn the_runs_own_time_ends_a_step() {
    let rig = Rig::new();
    let mut job = rig.job(&sh("echo ready; sleep 1000"), &[]);
    job.step.as_mut().unwrap().deadline = Some(rig.clock.now().after(Duration::from_secs(120)));
    let attempt = rig.begin(&job);
    rig.shown(|t| t.contains("ready")).await;
    rig.clock.advance(Duration::from_secs(119));
    assert!(alive(rig.process().pid));
    rig.clock.advance(Duration::from_secs(1));
    soon("the end", attempt).await.unwrap();
    let ran = rig.deliver(&job).await;
    assert!(said(&ran).starts_with("the run's time was over"), "{ran:?}");
    assert!(!alive(rig.process().pid));
    // Nothing begins past it.
    let mut late = job.clone();
    late.id.seq.0 = 12;
    assert!(said(&rig.deliver(&late).await).starts_with("the run's time was over"));
    assert_eq!(rig.reported.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn who_waits_may_go_away_and_the_step_is_still_ended() {
    let rig = Rig::new();
    let job = rig.job(&sh("setsid sleep 1000 >/dev/null 2>&1 & echo $!; sleep 1000"), &[]);
    let attempt = rig.begin(&job);
    let pid: u32 = rig.shown(|t| !t.is_empty()).await.parse().unwrap();
    attempt.abort();
    assert!(attempt.await.is_err());
    assert_eq!(rig.deliver(&job).await.how, RanHow::Interrupted);
    assert!(!alive(pid) && !alive(rig.process().pid));
}

#[tokio::test]
async fn closing_ends_what_is_under_way_and_begins_nothing() {
    let rig = Rig::new();
    let job = rig.job(&sh("echo ready; sleep 1000"), &[]);
    let attempt = rig.begin(&job);
    rig.shown(|t| t.contains("ready")).await;
    soon("all to be ended", rig.runner.close()).await;
    assert!(!alive(rig.process().pid));
    soon("the attempt", attempt).await.unwrap();
    let mut next = job.clone();
    next.id.seq.0 = 12;
    assert!(matches!(rig.runner.deliver(&next).await, Delivery::Later { .. }));
}

#[test]
fn a_runtime_that_is_gone_leaves_no_process() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let (pid, child) = runtime.block_on(async {
        let rig = Rig::new();
        let job = rig.job(&sh("setsid sleep 1000 >/dev/null 2>&1 & echo $!; sleep 1000"), &[]);
        rig.begin(&job);
        let child: u32 = rig.shown(|t| !t.is_empty()).await.parse().unwrap();
        (rig.spawned().await.pid, child)
    });
    runtime.shutdown_timeout(Duration::from_secs(20));
    // It was killed, which takes the machine a moment.
    let gone = |pid| {
        (0..2_000).any(|_| {
            std::thread::sleep(Duration::from_millis(10));
            !alive(pid)
        })
    };
    assert!(gone(child), "what it started lives");
    assert!(gone(pid), "it lives");
}

#[tokio::test]
async fn a_result_is_given_again_and_the_step_does_not_run_twice() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("count");
    let rig = Rig::new();
    let mut job = rig.job(&sh(&format!("echo x >> {}; wc -l < {0}", file.display())), &[]);
    let first = rig.deliver(&job).await;
    assert_eq!(first.output.head.trim(), "1");
    job.maybe_done = true;
    for _ in 0..3 {
        assert_eq!(rig.deliver(&job).await, first);
    }
    // Two deliveries at once are one attempt.
    job.maybe_done = false;
    job.id.seq.0 = 12;
    let (a, b) = tokio::join!(rig.deliver(&job), rig.deliver(&job));
    assert_eq!((&a, a.output.head.trim()), (&b, "2"));
    // The run went on, so nobody asks for the first one's result again.
    job.id.seq.0 = 10;
    job.maybe_done = true;
    assert_eq!(rig.deliver(&job).await.how, RanHow::Interrupted);
    assert_eq!(std::fs::read_to_string(&file).unwrap().lines().count(), 2);
}

#[tokio::test]
async fn the_process_is_told_before_the_result_and_does_not_wait_for_it() {
    let rig = Rig::new();
    let (tell, mut wait) = tokio::sync::watch::channel(false);
    let log = rig.reported.clone();
    wait.mark_unchanged();
    rig.runner.set_reporter(std::sync::Arc::new(move |input| {
        log.lock().unwrap().push(input);
        let mut wait = wait.clone();
        Box::pin(async move {
            let _ = wait.wait_for(|told| *told).await;
        })
    }));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("made");
    let job = rig.job(&sh(&format!("mkfifo {0}; echo done > {0}", file.display())), &[]);
    let mut attempt = rig.begin(&job);
    // It ran to its end though nobody has noted it.
    let read = file.clone();
    let content = tokio::task::spawn_blocking(move || {
        while !read.exists() {
            std::thread::yield_now();
        }
        std::fs::read_to_string(read).unwrap()
    });
    assert_eq!(soon("its words", content).await.unwrap(), "done\n");
    assert!(tokio::time::timeout(Duration::from_millis(300), &mut attempt).await.is_err());
    tell.send_replace(true);
    soon("the result", attempt).await.unwrap();
    let reported = rig.reported.lock().unwrap();
    let Some(Input::Spawned { run, step: 2, attempt: 1, process }) = reported.first() else {
        panic!("{reported:?}")
    };
    assert_eq!(*run, RUN);
    assert!(process.started > 0 && process.boot.len() == 36, "{process:?}");
}

/// A process of an earlier life of the program, in a session of its own.
fn earlier(script: &str, marker: Option<String>) -> (std::process::Child, Process) {
    let mut command = Command::new("setsid");
    command.args(["bash", "-c", script]).stdin(Stdio::null()).stdout(Stdio::piped());
    if let Some(marker) = marker {
        command.env("MUSTER_STEP", marker);
    }
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    let out = child.stdout.take().unwrap();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(out), &mut line).unwrap();
    let pid: u32 = line.trim().parse().unwrap();
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let started = stat.rsplit_once(')').unwrap().1.split_whitespace().nth(19).unwrap().parse().unwrap();
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap().trim().to_owned();
    (child, Process { pid, started, boot })
}

const LEFT: &str = "trap '' TERM HUP; echo $$; exec >/dev/null; while :; do sleep 0.2 || true; done";

#[tokio::test]
async fn what_an_earlier_life_left_is_ended_and_then_the_attempt_is_interrupted() {
    // Known by its number, its start and the machine's start.
    let rig = Rig::new();
    let (mut child, process) = earlier(LEFT, None);
    let mut job = rig.job(&sh("echo ran"), &[]);
    job.maybe_done = true;
    job.step.as_mut().unwrap().process = Some(process.clone());
    assert_eq!(rig.deliver(&job).await.how, RanHow::Interrupted);
    assert!(!alive(process.pid));
    child.wait().unwrap();

    // Known by its marker alone.
    let rig = Rig::new();
    let (mut child, process) = earlier(LEFT, Some(format!("{}.7.2.1", rig.journal)));
    let mut job = rig.job(&sh("echo ran"), &[]);
    job.maybe_done = true;
    assert_eq!(rig.deliver(&job).await.how, RanHow::Interrupted);
    assert!(!alive(process.pid));
    child.wait().unwrap();
    assert!(rig.reported.lock().unwrap().is_empty(), "nothing was run");
}

#[tokio::test]
async fn a_number_that_is_anothers_now_is_left_alone() {
    let rig = Rig::new();
    // Of another attempt, too.
    let (mut child, process) = earlier(LEFT, Some(format!("{}.7.2.2", rig.journal)));
    let strangers = [
        Process { started: process.started + 1, ..process.clone() },
        Process { boot: "00000000-0000-0000-0000-000000000000".into(), ..process.clone() },
    ];
    for (n, stranger) in (20..).zip(strangers) {
        let mut job = rig.job(&sh("echo ran"), &[]);
        job.id.seq.0 = n;
        job.maybe_done = true;
        job.step.as_mut().unwrap().process = Some(stranger.clone());
        assert_eq!(rig.deliver(&job).await.how, RanHow::Interrupted);
        assert!(alive(process.pid), "{stranger:?} was taken for it");
    }
    let kill = Command::new("kill").args(["-9", &process.pid.to_string()]).status().unwrap();
    assert!(kill.success());
    child.wait().unwrap();
}
