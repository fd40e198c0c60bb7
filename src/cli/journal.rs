//! `muster verify`, `export`, `import-journal`, `backup`: what a person does with the journal.
//!
//! While Muster runs on a journal nobody else may open it, so these ask the running one over
//! its socket, and open the folder themselves only when nobody answers.

use std::fs::File;
use std::io::{BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::args::{BackupArgs, ExportArgs, ImportArgs, VerifyArgs};
use super::output::failed;
use super::socket::{self, Answer, Ask};
use crate::journal::{self, Journal as _, Kind, Reader, SledJournal, Verified, backup, transfer};

/// Where the journal is in a data folder.
pub fn folder(data: &Path) -> PathBuf {
    data.join("journal")
}

fn say(answer: Answer) -> ExitCode {
    match answer {
        Ok(said) => {
            println!("{said}");
            ExitCode::SUCCESS
        }
        Err(why) => failed(why),
    }
}

fn open(data: &Path) -> Result<SledJournal, String> {
    SledJournal::open(&folder(data)).map_err(|e| e.to_string())
}

/// `muster verify`
pub fn verify(args: &VerifyArgs) -> ExitCode {
    say(match &args.file {
        Some(file) => verify_file(file),
        None => socket::ask(&args.journal.data, &Ask::Verify).unwrap_or_else(|| {
            let journal = open(&args.journal.data)?;
            journal::verify(&*journal.reader()).map(|v| whole(&v)).map_err(|d| d.to_string())
        }),
    })
}

fn verify_file(file: &Path) -> Answer {
    let head = transfer::verify_export(&mut BufReader::new(read(file)?)).map_err(|e| e.to_string())?;
    Ok(format!("{} commits, all as they were written; the last hash is {}.", head.seq, head.hash))
}

/// What a journal is that nothing is wrong with.
pub fn whole(v: &Verified) -> String {
    let struck = match v.struck {
        0 => String::new(),
        n => format!(" but {n}, out of which a text was struck; later commits vouch for each of them"),
    };
    format!(
        "{} commits, all as they were written{struck}; the last hash is {}. Write that down elsewhere and nobody can exchange the journal unseen.",
        v.commits, v.head.hash
    )
}

/// `muster export`
pub fn export(args: &ExportArgs) -> ExitCode {
    if args.file != Path::new("-") {
        return say(make_copy(&args.journal.data, &args.file));
    }
    match to_stdout(&args.journal.data) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => failed(why),
    }
}

fn to_stdout(data: &Path) -> Result<(), String> {
    let journal = SledJournal::open(&folder(data)).map_err(|e| match e.kind {
        Kind::Locked => format!("{e}\nWhile Muster runs, name a file instead: it writes one itself."),
        _ => e.to_string(),
    })?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    transfer::export(&*journal.reader(), &mut out).map_err(|e| e.to_string())?;
    out.flush().map_err(|e| format!("standard output: {e}"))
}

/// `muster backup`
pub fn backup(args: &BackupArgs) -> ExitCode {
    say(make_copy(&args.journal.data, &args.file))
}

fn make_copy(data: &Path, to: &Path) -> Answer {
    // The running Muster has a working folder of its own.
    let to = std::path::absolute(to).map_err(|e| format!("{}: {e}", to.display()))?;
    match socket::ask(data, &Ask::Backup(to.clone())) {
        Some(answer) => answer,
        None => copied(&*open(data)?.reader(), &to),
    }
}

/// Copies what `reader` reads to a file, whole or not at all.
pub fn copied(reader: &dyn Reader, to: &Path) -> Answer {
    let head = backup::backup(reader, to).map_err(|e| e.to_string())?;
    let (seq, to) = (head.seq, to.display());
    Ok(format!(
        "{seq} commits are in {to}. `muster verify {to}` checks them, `muster import-journal {to}` makes a journal of them."
    ))
}

/// `muster import-journal`
pub fn import(args: &ImportArgs) -> ExitCode {
    let to = folder(&args.journal.data);
    say(read(&args.file).and_then(|file| {
        let head = transfer::import(&mut BufReader::new(file), &to).map_err(|e| e.to_string())?;
        Ok(format!(
            "{} commits are in {}. What was owed when the export was made is still owed.",
            head.seq,
            to.display()
        ))
    }))
}

fn read(file: &Path) -> Result<File, String> {
    File::open(file).map_err(|e| format!("{} cannot be read: {e}", file.display()))
}
