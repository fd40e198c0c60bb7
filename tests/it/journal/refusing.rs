//! What the journal does not open, and that it leaves it as it was.

use std::fs;
use std::process::Command;

use muster::journal::{AppendError, Journal, Kind, SledJournal, verify};
use muster::model::ids::Seq;

use super::{Scratch, contents, fill, notes, refused};

#[test]
fn a_newer_format_is_refused_before_anything_is_touched() {
    let s = Scratch::new();
    let folder = s.join("journal");
    fill(&mut SledJournal::create(&folder).unwrap(), &[3], 10);
    let format = fs::read_to_string(folder.join("FORMAT")).unwrap();
    fs::write(folder.join("FORMAT"), format.replace("\"format\":1", "\"format\":2,\"new\":{}")).unwrap();
    let before = contents(&folder);
    let r = refused(&folder);
    assert_eq!(r.kind, Kind::Newer);
    let said = r.to_string();
    assert!(said.contains("newer Muster (format 2)") && said.contains("reads up to 1"), "{said}");
    assert!(said.contains("restore the backup"), "{said}");
    assert_eq!(contents(&folder), before);
}

#[test]
fn a_folder_in_use_is_refused_and_named_until_it_is_free() {
    let s = Scratch::new();
    let folder = s.join("journal");
    let mut first = SledJournal::create(&folder).unwrap();
    fill(&mut first, &[3], 10);
    let r = refused(&folder);
    assert_eq!(r.kind, Kind::Locked);
    let said = r.to_string();
    assert!(said.contains(&format!("process {}", std::process::id())), "{said}");
    assert!(said.contains(&folder.display().to_string()), "{said}");
    fill(&mut first, &[1], 10);
    let reader = first.reader();
    drop(first);
    assert_eq!(refused(&folder).kind, Kind::Locked, "somebody still reads it");
    drop(reader);
    assert_eq!(SledJournal::open(&folder).unwrap().head().seq, Seq(4));
}

#[test]
fn a_folder_with_other_things_is_no_journal_and_never_becomes_one() {
    let s = Scratch::new();
    fs::write(s.join("holiday.jpg"), "a picture").unwrap();
    let before = contents(s.path());
    for r in [
        SledJournal::create(s.path()).err(),
        SledJournal::open_or_create(s.path()).err(),
        Some(refused(s.path())),
    ] {
        assert_eq!(r.unwrap().kind, Kind::NotAJournal);
    }
    assert_eq!(contents(s.path()), before);
    assert_eq!(refused(&s.join("nowhere")).kind, Kind::Missing);
}

#[test]
fn a_journal_is_not_created_over_another() {
    let s = Scratch::new();
    let folder = s.join("journal");
    fill(&mut SledJournal::create(&folder).unwrap(), &[3], 10);
    assert_eq!(SledJournal::create(&folder).err().unwrap().kind, Kind::Occupied);
    assert_eq!(SledJournal::open_or_create(&folder).unwrap().head().seq, Seq(3));
}

#[test]
fn a_creation_that_was_cut_short_is_begun_again() {
    let s = Scratch::new();
    let folder = s.join("journal");
    drop(SledJournal::create(&folder).unwrap());
    fs::rename(folder.join("FORMAT"), folder.join("CREATING")).unwrap();
    fs::write(folder.join("db"), "half").unwrap();
    let mut j = SledJournal::open_or_create(&folder).unwrap();
    fill(&mut j, &[2], 10);
    drop(j);
    assert_eq!(SledJournal::open(&folder).unwrap().head().seq, Seq(2));
}

/// A small file system of the test's own, or `None` where the user may not mount.
struct Mounted(Scratch);

impl Mounted {
    fn new(options: &str) -> Option<Mounted> {
        let s = Scratch::new();
        let done = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(s.path()).output();
        done.is_ok_and(|d| d.status.success()).then(|| Mounted(s))
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0.path()).output();
    }
}

#[test]
fn a_full_disk_is_said_so_and_keeps_what_was_answered() {
    let full = || std::io::Error::from(std::io::ErrorKind::StorageFull);
    let mounted = Mounted::new("size=24m");
    let s = Scratch::new();
    let folder = mounted.as_ref().map_or(s.path(), |m| m.0.path()).join("journal");
    drop(SledJournal::create(&folder).unwrap());
    let mut room = 40;
    let mut j = match &mounted {
        Some(_) => SledJournal::open(&folder).unwrap(),
        // No right to mount: the sync says what the system would say.
        None => SledJournal::open_with(
            &folder,
            Box::new(move |f| {
                room -= 1;
                if room == 0 { Err(full()) } else { f.sync_data() }
            }),
        )
        .unwrap(),
    };
    let (answered, error) = loop {
        let after = j.head().seq;
        if let Err(e) = j.append(after, &notes(after.0, 8, 20_000)) {
            break (after, e);
        }
    };
    let AppendError::Failed(r) = error else { panic!("{error}") };
    assert_eq!(r.kind, Kind::Full, "{r}");
    assert!(r.to_string().contains("Make room"), "{r}");
    let next = j.append(answered, &notes(answered.0, 1, 10));
    assert!(matches!(next, Err(AppendError::Poisoned(_))));
    drop(j);
    if let Some(m) = &mounted {
        let more = Command::new("mount").args(["-o", "remount,size=96m"]).arg(m.0.path()).output().unwrap();
        assert!(more.status.success());
    }
    let j = SledJournal::open(&folder).unwrap();
    assert!(answered >= Seq(8) && j.head().seq >= answered);
    assert_eq!(verify(&*j.reader()).unwrap().commits, j.head().seq.0);
}

#[test]
fn no_room_or_no_right_to_create_is_said_so() {
    if let Some(m) = Mounted::new("size=8k") {
        let r = SledJournal::create(&m.0.join("journal")).err().unwrap();
        assert_eq!(r.kind, Kind::Full, "{r}");
    }
    if let Some(m) = Mounted::new("size=96m") {
        let folder = m.0.join("journal");
        fill(&mut SledJournal::create(&folder).unwrap(), &[3], 10);
        let done = Command::new("mount").args(["-o", "remount,ro"]).arg(m.0.path()).output().unwrap();
        assert!(done.status.success());
        let r = refused(&folder);
        assert_eq!(r.kind, Kind::ReadOnly, "{r}");
        assert!(r.to_string().contains("mount the disk for writing"), "{r}");
    }
    let r = SledJournal::create(std::path::Path::new("/proc/muster-journal")).err().unwrap();
    assert!(matches!(r.kind, Kind::ReadOnly | Kind::Missing | Kind::System), "{r}");
}
