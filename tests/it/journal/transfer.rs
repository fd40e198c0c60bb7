//! Exports, imports and backups.

use std::fs;
use std::io::BufReader;
use std::sync::atomic::{AtomicBool, Ordering};

use muster::journal::backup::backup;
use muster::journal::transfer::{export, import, verify_export};
use muster::journal::{Journal, Kind, Refusal, SledJournal, verify};
use muster::model::ids::Seq;

use super::{Scratch, all, contents, fill, note};

fn sample(s: &Scratch) -> (SledJournal, Vec<u8>) {
    let mut j = SledJournal::create(&s.join("journal")).unwrap();
    fill(&mut j, &[1, 64, 3], 30);
    j.append(Seq(68), &[note(69, 100_000)]).unwrap();
    fill(&mut j, &[2], 30);
    let mut file = Vec::new();
    assert_eq!(export(&*j.reader(), &mut file).unwrap(), j.head());
    (j, file)
}

/// The lines with another one in place of the nth.
fn edited<'a>(lines: &[&'a str], n: usize, to: &'a str) -> Vec<&'a str> {
    let mut l = lines.to_vec();
    l[n] = to;
    l
}

fn import_bytes(bytes: &[u8], to: &std::path::Path) -> Result<muster::journal::Head, Refusal> {
    import(&mut BufReader::new(bytes), to)
}

#[test]
fn an_export_imports_byte_for_byte_under_a_new_id() {
    let s = Scratch::new();
    let (old, file) = sample(&s);
    import_bytes(&file, &s.join("new")).unwrap();
    let mut new = SledJournal::open(&s.join("new")).unwrap();
    assert_eq!((new.head(), all(&new)), (old.head(), all(&old)));
    let lines = |j: &SledJournal| j.reader().lines(Seq(1)).map(|l| l.unwrap().1).collect::<Vec<_>>();
    assert_eq!(lines(&new), lines(&old));

    // What was owed keeps its nonces, what comes does not take the old ones over.
    assert_eq!((new.id_at(Seq(1)), new.id_at(Seq(71))), (old.id(), old.id()));
    assert_ne!(new.id(), old.id());
    assert_eq!(new.id_at(Seq(72)), new.id());
    fill(&mut new, &[3], 10);

    let mut second = Vec::new();
    export(&*new.reader(), &mut second).unwrap();
    import_bytes(&second, &s.join("third")).unwrap();
    let third = SledJournal::open(&s.join("third")).unwrap();
    assert_eq!(third.id_at(Seq(73)), new.id());
    assert_eq!(verify(&*third.reader()).unwrap().commits, 74);
}

#[test]
fn an_empty_journal_can_be_moved_too() {
    let s = Scratch::new();
    let old = SledJournal::create(&s.join("journal")).unwrap();
    let mut file = Vec::new();
    export(&*old.reader(), &mut file).unwrap();
    import_bytes(&file, &s.join("new")).unwrap();
    let mut new = SledJournal::open(&s.join("new")).unwrap();
    assert_ne!(new.id_at(Seq(1)), old.id());
    fill(&mut new, &[2], 10);
    drop(new);
    assert_eq!(SledJournal::open(&s.join("new")).unwrap().head().seq, Seq(2));
}

#[test]
fn a_line_that_was_edited_lost_moved_or_added_is_found_with_its_number() {
    let s = Scratch::new();
    let (_, file) = sample(&s);
    let text = String::from_utf8(file).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let changed = |n: usize| lines[n].replacen("note ", "nope ", 1);
    let (tenth, last) = (changed(10), changed(71));
    let without = |n: usize| [&lines[..n], &lines[n + 1..]].concat();
    let mut swapped = lines.clone();
    swapped.swap(20, 21);
    let twice = [&lines[..31], &lines[30..]].concat();
    let other_journal = lines[0].replace("\"ids\":[{\"from\":1,\"id\":\"", "\"ids\":[{\"from\":1,\"id\":\"x");
    for (what, broken, at) in [
        ("edited", edited(&lines, 10, &tenth), "commit 11"),
        ("the last edited", edited(&lines, 71, &last), "commit 71"),
        ("lost", without(40), "commit 40"),
        ("the last lost", without(71), "commit 70"),
        ("moved", swapped, "commit 20"),
        ("twice", twice, "commit 31"),
        ("of another journal", edited(&lines, 0, &other_journal), "commit 1 "),
    ] {
        let bytes = broken.join("\n") + "\n";
        let r = verify_export(&mut BufReader::new(bytes.as_bytes())).expect_err(what);
        assert_eq!(r.kind, Kind::Damaged, "{what}: {r}");
        assert!(r.to_string().contains(at), "{what}: {r}");
        assert_eq!(import_bytes(bytes.as_bytes(), &s.join("new")).expect_err(what), r);
        assert_eq!(
            super::refused(&s.join("new")).kind,
            Kind::Missing,
            "{what}: half an import is no journal"
        );
    }
    // What failed before stands in nobody's way.
    import_bytes(text.as_bytes(), &s.join("new")).unwrap();
}

#[test]
fn what_is_no_export_is_said_so() {
    let s = Scratch::new();
    let (_, file) = sample(&s);
    for (bytes, kind) in [
        (&b""[..], Kind::NotAJournal),
        (b"{}\n", Kind::NotAJournal),
        (b"\xff\xfe", Kind::NotAJournal),
        (&file[..file.len() - 1], Kind::NotAJournal),
        (&file[..file.len() - 40], Kind::NotAJournal),
        (b"{\"muster_journal\":\"x\"}\n", Kind::Damaged),
        (b"{\"muster_journal\":\"x\",\"format\":9,\"later\":1}\n", Kind::Newer),
    ] {
        let r = import_bytes(bytes, &s.join("new")).unwrap_err();
        assert_eq!(r.kind, kind, "{r}");
        assert_eq!(super::refused(&s.join("new")).kind, Kind::Missing, "no journal came of it");
    }
}

#[test]
fn an_import_goes_into_an_empty_folder_only() {
    let s = Scratch::new();
    let (mut j, file) = sample(&s);
    fill(&mut j, &[1], 10);
    drop(j);
    let before = contents(&s.join("journal"));
    assert_eq!(import_bytes(&file, &s.join("journal")).unwrap_err().kind, Kind::Occupied);
    assert_eq!(contents(&s.join("journal")), before);
    fs::create_dir(s.join("other")).unwrap();
    fs::write(s.join("other").join("notes.txt"), "mine").unwrap();
    assert_eq!(import_bytes(&file, &s.join("other")).unwrap_err().kind, Kind::NotAJournal);
    assert_eq!(contents(&s.join("other")).len(), 1);
}

#[test]
fn a_backup_is_whole_and_consistent_while_commits_go_on() {
    let s = Scratch::new();
    let (mut j, _) = sample(&s);
    let reader = j.reader();
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let backups = scope.spawn(|| {
            let mut heads = Vec::new();
            while heads.len() < 3 || !done.load(Ordering::SeqCst) {
                let to = s.join(&format!("backup-{}", heads.len()));
                heads.push(backup(&*reader, &to).unwrap());
            }
            heads
        });
        for _ in 0..60 {
            fill(&mut j, &[5, 1, 20], 40);
        }
        done.store(true, Ordering::SeqCst);
        let heads = backups.join().unwrap();
        let now = all(&j);
        for (n, head) in heads.iter().enumerate() {
            let folder = s.join(&format!("restored-{n}"));
            import_bytes(&fs::read(s.join(&format!("backup-{n}"))).unwrap(), &folder).unwrap();
            let restored = SledJournal::open(&folder).unwrap();
            assert_eq!(restored.head(), *head);
            assert_eq!(all(&restored), now[..usize::try_from(head.seq.0).unwrap()]);
        }
    });
}

#[test]
fn a_backup_writes_over_nothing_and_leaves_nothing_half() {
    let s = Scratch::new();
    let (j, _) = sample(&s);
    fs::write(s.join("taken"), "mine").unwrap();
    assert_eq!(backup(&*j.reader(), &s.join("taken")).unwrap_err().kind, Kind::Occupied);
    assert_eq!(fs::read(s.join("taken")).unwrap(), b"mine");
    assert_eq!(backup(&*j.reader(), &s.join("no/such/folder")).unwrap_err().kind, Kind::Missing);
    backup(&*j.reader(), &s.join("good")).unwrap();
    let names: Vec<_> = fs::read_dir(s.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names.len(), 3, "journal, taken, good: {names:?}");
}
