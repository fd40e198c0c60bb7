//! That memory stays flat however much a step prints.

use std::process::Command;

use super::{Rig, said};

/// How much more memory than before may be in use, in KiB.
const FLAT: u64 = 30 * 1024;
/// Set in the process that only this test runs in: others would need memory beside it.
const ALONE: &str = "MUSTER_TEST_ALONE";

fn resident(field: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|l| l.starts_with(field)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[tokio::test]
async fn a_gigabyte_is_printed_and_memory_stays_flat() {
    if std::env::var_os(ALONE).is_none() {
        let name = "runner::memory::a_gigabyte_is_printed_and_memory_stays_flat";
        let program = std::env::current_exe().unwrap();
        let alone = Command::new(program).args([name, "--exact", "--nocapture"]).env(ALONE, "1").output();
        let alone = tokio::task::spawn_blocking(|| alone).await.unwrap().unwrap();
        assert!(alone.status.success(), "{}", String::from_utf8_lossy(&alone.stderr));
        println!("{}", String::from_utf8_lossy(&alone.stdout));
        return;
    }
    let rig = Rig::with(&[("TOKEN", "s3cret-value")]);
    rig.sh("echo warm").await;
    let before = resident("VmHWM");
    let fence = "```sh {name=a}\n#| secrets: [TOKEN]\n#| timeout: 10m\n\
        yes \"a line of $TOKEN and more\" | head -c 1G || test ${PIPESTATUS[1]} = 0\n```";
    let mut job = rig.job(fence, &[]);
    job.id.seq.0 = 11;
    let ran = rig.runner.deliver(&job).await;
    let peak = resident("VmHWM");
    let muster::engine::Delivery::Settled(muster::model::event::Settlement::Ran(ran)) = ran else {
        panic!("{ran:?}")
    };
    assert_eq!(said(&ran), "exit 0");
    assert_eq!(ran.output.dropped, (1 << 30) - 128 * 1024);
    assert!(!ran.output.whole().contains("s3c"));
    println!("1 GiB in {} ms; resident at most {} KiB more", ran.millis, peak - before);
    assert!(peak - before < FLAT, "{before} KiB before, {peak} KiB at most");
}
