//! How fast the journal is, as a ratio: durable commits of 64 writers that share flushes,
//! against a plain append and fdatasync of the same commits with the same sharing, in
//! alternating rounds of one run. And how long a journal of a million commits takes to open.
//!
//! Figures from a loaded machine say nothing (an fdatasync goes from 0.08 to 4 ms), so there
//! are none from one.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;

use muster::journal::{Journal, SledJournal};
use muster::kit::clock::Stopwatch;
use muster::kit::time::Timestamp;
use muster::model::commit::{Cause, Commit, FORMAT};
use muster::model::event::Event;
use muster::model::ids::{IncidentId, InteractionId, Seq, UserId};
use muster::model::person::Person;

mod quiet;

const WRITERS: usize = 64;
const PAIRS: usize = 11;
/// Commits of each round: some 0.2 to 1 s.
const ROUND: usize = 20_000;
const MILLION: u64 = 1_000_000;

type Trouble = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    match quiet::quiet().map_err(Trouble::from).and_then(|()| bench()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("{e}");
            ExitCode::FAILURE
        }
    }
}

fn bench() -> Result<(), Trouble> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("journal-bench-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let done = against_plain(&folder).and_then(|()| opening(&folder));
    fs::remove_dir_all(&folder)?;
    done
}

/// A commit as a command makes it, some 400 bytes as a line.
fn commit(seq: u64) -> Commit {
    let responder = Person { id: UserId(1_100_000_000_000_000_031), name: "responder".to_owned() };
    Commit {
        v: FORMAT,
        seq: Seq(seq),
        at: Timestamp(1_700_000_000_000 + i64::try_from(seq).unwrap_or(0)),
        cause: Cause::Interaction {
            id: InteractionId(1_100_000_000_000_000_031 + seq),
            by: responder.clone(),
            what: "/incident note".to_owned(),
        },
        events: vec![Event::NoteAdded {
            incident: IncidentId(7),
            text: format!("Restarted the worker, queue length {seq}, going down"),
            by: responder,
        }],
        effects: vec![],
    }
}

/// Commits per second of 64 writers who each wait for their answer before the next. Whoever
/// waits when the last group is done forms the next one.
fn rate(first: u64, mut append: impl FnMut(&[Commit]) -> Result<(), Trouble>) -> Result<(f64, f64), Trouble> {
    let (ask, asked) = mpsc::channel::<mpsc::SyncSender<()>>();
    thread::scope(|scope| {
        for _ in 0..WRITERS {
            let ask = ask.clone();
            scope.spawn(move || {
                loop {
                    let (answer, answered) = mpsc::sync_channel(1);
                    if ask.send(answer).is_err() || answered.recv().is_err() {
                        break;
                    }
                }
            });
        }
        drop(ask);
        let watch = Stopwatch::start();
        let (mut done, mut groups) = (0, 0);
        while done < ROUND {
            let waiting: Vec<_> = asked.recv().into_iter().chain(asked.try_iter()).take(WRITERS).collect();
            let from = first + done as u64;
            let group: Vec<Commit> = (from..from + waiting.len() as u64).map(commit).collect();
            append(&group)?;
            done += group.len();
            groups += 1;
            for answer in waiting {
                let _ = answer.send(());
            }
        }
        let rate = done as f64 / watch.elapsed().as_secs_f64();
        // Ends the writers: nobody takes what they ask, and nobody answers.
        drop(asked);
        Ok((rate, done as f64 / f64::from(groups)))
    })
}

fn against_plain(folder: &Path) -> Result<(), Trouble> {
    let mut journal = SledJournal::create(&folder.join("journal"))?;
    let mut plain = File::create_new(folder.join("plain"))?;
    let mut bytes = Vec::new();
    let (mut ratios, mut ours, mut theirs, mut groups) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for pair in 0..=PAIRS {
        let mut on_journal = || {
            rate(journal.head().seq.0 + 1, |group| {
                journal.append(journal.head().seq, group)?;
                Ok(())
            })
        };
        let mut on_plain = || {
            rate(1, |group| {
                bytes.clear();
                for commit in group {
                    serde_json::to_writer(&mut bytes, commit)?;
                    bytes.push(b'\n');
                }
                plain.write_all(&bytes)?;
                Ok(plain.sync_data()?)
            })
        };
        // Who begins alternates, so that a drift of the machine favours neither.
        let (a, b) = if pair % 2 == 0 {
            let a = on_journal()?;
            (a, on_plain()?)
        } else {
            let b = on_plain()?;
            (on_journal()?, b)
        };
        if pair > 0 {
            ratios.push(a.0 / b.0);
            ours.push(a.0);
            theirs.push(b.0);
            groups.push(a.1);
        }
    }
    println!(
        "durable commits, {WRITERS} writers, {PAIRS} pairs of {ROUND} commits, median (lowest to highest):"
    );
    println!(
        "  journal             {} commits/s, groups of {}",
        spread(&mut ours, 0),
        spread(&mut groups, 0)
    );
    println!("  append + fdatasync  {} commits/s", spread(&mut theirs, 0));
    println!("  ratio               {} (aim: 0.45 or more)", spread(&mut ratios, 2));
    Ok(())
}

fn opening(folder: &Path) -> Result<(), Trouble> {
    let path = folder.join("million");
    drop(SledJournal::create(&path)?);
    // How it is filled is not measured: without syncing.
    let mut journal = SledJournal::open_with(&path, Box::new(|_| Ok(())))?;
    while journal.head().seq.0 < MILLION {
        let head = journal.head().seq;
        let group: Vec<Commit> = (head.0 + 1..=head.0 + 32).map(commit).collect();
        journal.append(head, &group)?;
        if head.0 == MILLION - 32 * 31 {
            journal.put_snapshot(journal.head(), vec![b'{'; 2_000_000].into())?;
        }
    }
    drop(journal);
    let (mut times, mut tails) = (Vec::new(), 0);
    for _ in 0..6 {
        let watch = Stopwatch::start();
        let journal = SledJournal::open(&path)?;
        let (upto, _) = journal.snapshot()?.ok_or("the snapshot is not there")?;
        tails = journal.reader().from(upto.seq.next()).map(|c| c.map(|_| 1)).sum::<Result<u32, _>>()?;
        times.push(watch.elapsed().as_secs_f64() * 1000.0);
    }
    let first = times.remove(0);
    let size: u64 = files(&path)?.iter().filter_map(|f| f.metadata().ok()).map(|m| m.len()).sum();
    println!(
        "opening {MILLION} commits ({} MiB) with a snapshot and the {tails} commits behind it:",
        size >> 20
    );
    println!("  first time {first:.0} ms, then {} ms", spread(&mut times, 0));
    Ok(())
}

fn files(folder: &Path) -> Result<Vec<PathBuf>, Trouble> {
    fs::read_dir(folder)?.map(|e| Ok(e?.path())).collect()
}

/// `median (lowest to highest)`
fn spread(values: &mut [f64], digits: usize) -> String {
    values.sort_by(f64::total_cmp);
    match &*values {
        [] => "nothing".to_owned(),
        [first, .., last] => {
            format!("{:.digits$} ({first:.digits$} to {last:.digits$})", values[values.len() / 2])
        }
        [only] => format!("{only:.digits$}"),
    }
}
