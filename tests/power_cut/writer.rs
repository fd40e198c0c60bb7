//! Writes a journal as the bot does, while its writes and syncs are recorded, and says behind
//! each append how far it was told to be durable. The same program later looks at what a power
//! cut would have left.
//!
//! - `journal_writer write FOLDER` writes; each acknowledgement is one line on standard output.
//! - `journal_writer verify` reads lines `FOLDER ACKNOWLEDGED` from standard input, opens each
//!   folder as the bot would, and answers each with `ok HEAD` or `lost WHY`.

use std::io::{self, BufRead, Write};
use std::path::Path;
use std::process::ExitCode;

use muster::journal::{Journal, SledJournal, verify};
use muster::kit::time::Timestamp;
use muster::model::commit::{Cause, Commit, FORMAT};
use muster::model::event::Event;
use muster::model::ids::{IncidentId, Seq, UserId};
use muster::model::person::Person;

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    let done = match args[..] {
        ["write", folder] => write(Path::new(folder)),
        ["verify"] => verify_all(),
        _ => Err("usage: journal_writer write FOLDER | journal_writer verify < LINES".into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            eprintln!("{e}");
            ExitCode::FAILURE
        }
    }
}

type Trouble = Box<dyn std::error::Error>;

/// 2,300 commits in groups of 1 to 64, an output of 128 KiB, a snapshot, and a restart.
fn write(folder: &Path) -> Result<(), Trouble> {
    let mut journal = SledJournal::create(folder)?;
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let mut stage = 0;
    while journal.head().seq < Seq(2_300) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let size = 30 + usize::try_from(random >> 40)? % 400;
        let head = journal.head().seq;
        let group: Vec<Commit> = (head.0 + 1..=head.0 + 1 + random % 64).map(|seq| note(seq, size)).collect();
        acknowledge(journal.append(head, &group)?.seq)?;
        match (stage, journal.head().seq.0) {
            (0, 700..) => {
                let head = journal.head().seq;
                acknowledge(journal.append(head, &[note(head.0 + 1, 128 * 1024)])?.seq)?;
                stage = 1;
            }
            (1, 1_000..) => {
                journal.put_snapshot(journal.head(), vec![b'{'; 200_000].into())?;
                acknowledge(journal.head().seq)?;
                stage = 2;
            }
            (2, 1_500..) => {
                drop(journal);
                journal = SledJournal::open(folder)?;
                stage = 3;
            }
            _ => {}
        }
    }
    Ok(())
}

/// One write of one line, so that the record shows where between the syncs it was said.
fn acknowledge(seq: Seq) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(format!("acknowledged {seq}\n").as_bytes())?;
    out.flush()
}

fn note(seq: u64, size: usize) -> Commit {
    let text: String = format!("note {seq} ").chars().cycle().take(size).collect();
    let by = Person { id: UserId(11), name: "responder".to_owned() };
    Commit {
        v: FORMAT,
        seq: Seq(seq),
        at: Timestamp(1_700_000_000_000),
        cause: Cause::Timer,
        events: vec![Event::NoteAdded { incident: IncidentId(1), text, by }],
        effects: vec![],
    }
}

fn verify_all() -> Result<(), Trouble> {
    for line in io::stdin().lock().lines() {
        let line = line?;
        let (folder, acknowledged) = line.rsplit_once(' ').ok_or("a line is not `FOLDER ACKNOWLEDGED`")?;
        match look(Path::new(folder), Seq(acknowledged.parse()?)) {
            Ok(head) => println!("ok {head}"),
            Err(why) => println!("lost {}", why.to_string().replace('\n', " ")),
        }
    }
    Ok(())
}

fn look(folder: &Path, acknowledged: Seq) -> Result<Seq, Trouble> {
    let mut journal = SledJournal::open_or_create(folder)?;
    let there = verify(&*journal.reader())?.head.seq;
    if there < acknowledged {
        return Err(format!("commit {acknowledged} was acknowledged, and the journal ends at {there}").into());
    }
    let as_written =
        journal.reader().get(&[acknowledged]).map_or(acknowledged == Seq(0), |c| c[0].seq == acknowledged);
    if !as_written {
        return Err(format!("commit {acknowledged} does not read back").into());
    }
    // It must also go on from here.
    Ok(journal.append(there, &[note(there.0 + 1, 100)])?.seq)
}
