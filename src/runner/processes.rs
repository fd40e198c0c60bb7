//! Finds the processes that a step started, wherever they went, and ends them.
//!
//! They are known by their group and session, by the marker that each inherits in its
//! environment, and by their parents. A number alone is never trusted: the machine gives it out
//! again, so a process is its number and its start.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitOptions, kill_process, kill_process_group, waitpid};

use crate::kit::clock::Stopwatch;
use crate::model::run::Process;

/// How long a process may take to end by itself once it was asked to.
pub const GRACE: Duration = Duration::from_secs(5);
/// How long the machine may take to end one that was not asked any more.
const STUBBORN: Duration = Duration::from_secs(10);
/// The name of the marker.
pub const MARKER: &str = "MUSTER_STEP";

/// Which start of the machine this is; empty where it does not say.
pub fn boot() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_owned()
}

/// A process as `/proc/<pid>/stat` tells of it.
#[derive(Clone, Copy, Debug)]
struct Stat {
    pid: u32,
    over: bool,
    parent: u32,
    group: u32,
    session: u32,
    started: u64,
}

fn stat(pid: u32) -> Option<Stat> {
    let text = fs::read(format!("/proc/{pid}/stat")).ok()?;
    let text = String::from_utf8_lossy(&text);
    // The program's name stands in brackets and may hold anything, brackets included.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_ascii_whitespace().collect();
    let number = |n: usize| fields.get(n)?.parse::<u64>().ok();
    let small = |n: usize| number(n).and_then(|n| u32::try_from(n).ok());
    Some(Stat {
        pid,
        over: matches!(*fields.first()?, "Z" | "X"),
        parent: small(1)?,
        group: small(2)?,
        session: small(3).unwrap_or(0),
        started: number(19)?,
    })
}

/// When a process started, in clock ticks since the machine did; 0 where nobody says.
pub fn started(pid: u32) -> u64 {
    stat(pid).map_or(0, |s| s.started)
}

/// What is to be ended.
#[derive(Clone, Debug)]
pub struct Brood {
    /// The process that led the group and the session.
    pub leader: Option<Process>,
    /// Whether the group is still the leader's after the leader is gone: only while the program
    /// that started it lives can nobody else have been given its number.
    pub own: bool,
    /// What stands in the environment of each.
    pub marker: String,
}

impl Brood {
    /// Those that live. A blocking look at the whole process table.
    fn living(&self) -> Vec<Stat> {
        let Ok(folder) = fs::read_dir("/proc") else {
            return vec![];
        };
        let pids = folder.flatten().filter_map(|e| e.file_name().to_str()?.parse::<u32>().ok());
        let all: BTreeMap<u32, Stat> = pids.filter_map(|pid| Some((pid, stat(pid)?))).collect();
        let leader = self.leader.as_ref().filter(|l| match all.get(&l.pid) {
            Some(there) => there.started == l.started,
            None => self.own,
        });
        let grouped = |s: &Stat| leader.is_some_and(|l| s.group == l.pid || s.session == l.pid);
        let mut found: BTreeSet<u32> =
            all.values().filter(|s| grouped(s) || self.marked(s.pid)).map(|s| s.pid).collect();
        // And what they started since, whatever it did to its environment.
        loop {
            let more: Vec<u32> = all
                .values()
                .filter(|s| found.contains(&s.parent) && !found.contains(&s.pid))
                .map(|s| s.pid)
                .collect();
            if more.is_empty() {
                break;
            }
            found.extend(more);
        }
        let me = std::process::id();
        let found = found.iter().filter(|pid| **pid != me && **pid != 1).filter_map(|pid| all.get(pid));
        let (over, living): (Vec<Stat>, Vec<Stat>) = found.partition(|s| s.over);
        // Where Muster is the machine's first process, orphans are its own to bury.
        let orphans = over.iter().filter(|s| s.parent == me && leader.is_none_or(|l| l.pid != s.pid));
        for orphan in orphans {
            if let Some(pid) = number(orphan.pid) {
                let _ = waitpid(Some(pid), WaitOptions::NOHANG);
            }
        }
        living
    }

    fn marked(&self, pid: u32) -> bool {
        let Ok(environment) = fs::read(format!("/proc/{pid}/environ")) else {
            return false;
        };
        environment
            .split(|b| *b == 0)
            .filter_map(|entry| entry.strip_prefix(MARKER.as_bytes())?.strip_prefix(b"="))
            .any(|value| value == self.marker.as_bytes())
    }

    /// Ends all of it, and waits until it is gone: asks with TERM, and after `grace` does not ask
    /// any more. Gives whether it is.
    pub async fn end(&self, grace: Duration) -> bool {
        let watch = Stopwatch::start();
        let mut asked: BTreeSet<(u32, u64)> = BTreeSet::new();
        let (mut clear, mut pause) = (0, Duration::from_millis(2));
        loop {
            let brood = self.clone();
            let living = tokio::task::spawn_blocking(move || brood.living()).await.unwrap_or_default();
            if living.is_empty() {
                clear += 1;
                // One look can miss what is born while it looks.
                if clear == 2 {
                    return true;
                }
                continue;
            }
            clear = 0;
            let elapsed = watch.elapsed();
            if elapsed > grace.saturating_add(STUBBORN) {
                return false;
            }
            if elapsed < grace {
                for s in living.iter().filter(|s| asked.insert((s.pid, s.started))) {
                    signal(s, Signal::TERM);
                }
            } else {
                self.kill(&living);
            }
            tokio::time::sleep(pause.min(grace.saturating_sub(elapsed).max(Duration::from_millis(2)))).await;
            pause = (pause * 2).min(Duration::from_millis(100));
        }
    }

    /// Ends what lives now without asking and without waiting: where there is no time for both.
    pub fn kill_now(&self) {
        self.kill(&self.living());
    }

    fn kill(&self, living: &[Stat]) {
        if let Some(leader) = &self.leader
            && living.iter().any(|s| s.group == leader.pid)
            && let Some(group) = number(leader.pid)
        {
            // The whole group at once: what forks all the time has no time to.
            let _ = kill_process_group(group, Signal::KILL);
        }
        living.iter().for_each(|s| signal(s, Signal::KILL));
    }
}

/// Sends a signal, unless the number has become another's.
fn signal(to: &Stat, signal: Signal) {
    if let (Some(pid), Some(now)) = (number(to.pid), stat(to.pid))
        && now.started == to.started
    {
        let _ = kill_process(pid, signal);
    }
}

fn number(pid: u32) -> Option<Pid> {
    i32::try_from(pid).ok().and_then(Pid::from_raw)
}
