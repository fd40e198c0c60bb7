//! Striking a text out of the journal: it leaves the disk, the record says so, nothing else was
//! changed, and whoever is killed in between opens the old journal or the new one.

use std::fs;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;

use muster::journal::memory::Fault;
use muster::journal::transfer::{export, import, verify_export};
use muster::journal::{AppendError, Hash, Journal, MemoryJournal, SledJournal, StruckLines, verify};
use muster::model::commit::Commit;
use muster::model::event::Event;
use muster::model::ids::{IncidentId, Seq, UserId};
use muster::model::person::Person;
use muster::model::strike::TextStruck;
use muster::model::strike::{MARK, StruckLine};

use super::{Scratch, all, contents, fill, note, notes};

const SECRET: &str = "hunter2-hunter2";

fn text(commit: &mut Commit) -> &mut String {
    match &mut commit.events[0] {
        Event::NoteAdded { text, .. } => text,
        other => panic!("{other:?}"),
    }
}

/// A note that tells the secret, with so many characters beside it.
fn telling(seq: u64, size: usize) -> Commit {
    let mut commit = note(seq, size);
    text(&mut commit).push_str(SECRET);
    commit
}

/// A journal that tells the secret in commits 3, 5 and 6, in small groups and in one of parts.
fn told(journal: &mut dyn Journal) -> Vec<Commit> {
    fill(journal, &[2], 30);
    journal.append(Seq(2), &[telling(3, 30), note(4, 30), telling(5, 30)]).unwrap();
    journal.append(Seq(5), &[telling(6, 150_000)]).unwrap();
    journal.put_snapshot(journal.head(), format!("the state says {SECRET}").into()).unwrap();
    fill(journal, &[3, 1], 30);
    journal.reader().from(Seq(1)).map(Result::unwrap).collect()
}

/// What is to stand there, and the commit that vouches for it.
fn struck(journal: &dyn Journal) -> (StruckLines, Commit) {
    let (mut lines, mut said) = (StruckLines::default(), vec![]);
    for line in journal.reader().lines(Seq(1)) {
        let (seq, line) = line.unwrap();
        let mut commit = journal.reader().get(&[seq]).unwrap().remove(0);
        if String::from_utf8_lossy(&line).contains(SECRET) {
            *text(&mut commit) = text(&mut commit).replace(SECRET, MARK);
            said.push(StruckLine { seq, now: lines.put(&line, &commit).unwrap().to_string() });
        }
    }
    (lines, vouching(journal.head().seq.next(), said))
}

fn vouching(seq: Seq, lines: Vec<StruckLine>) -> Commit {
    let by = Person { id: UserId(12), name: "lead".to_owned() };
    let struck = Event::TextStruck(TextStruck {
        incident: IncidentId(1),
        others: vec![],
        count: 3,
        lines,
        owed: vec![],
        why: None,
        by,
    });
    Commit { seq, events: vec![struck], ..note(seq.0, 10) }
}

fn expected(told: &[Commit], vouching: &Commit) -> Vec<Commit> {
    let mut all = told.to_vec();
    for commit in &mut all {
        let text = text(commit);
        *text = text.replace(SECRET, MARK);
    }
    all.push(vouching.clone());
    all
}

/// Whether the secret stands anywhere in a folder.
fn holds(folder: &Path) -> bool {
    contents(folder).iter().any(|(_, bytes)| bytes.windows(SECRET.len()).any(|w| w == SECRET.as_bytes()))
}

#[test]
fn what_is_struck_leaves_the_disk_and_the_rest_is_proved_to_be_as_it_was() {
    let s = Scratch::new();
    let folder = s.join("journal");
    let mut j = SledJournal::create(&folder).unwrap();
    let before = told(&mut j);
    let places: Vec<_> = (1..=10).map(|seq| j.reader().hash_at(Seq(seq)).unwrap()).collect();
    assert!(holds(&folder), "or this test proves nothing");
    let mut reading = j.reader().from(Seq(1));
    assert_eq!(reading.next().unwrap().unwrap(), before[0]);

    let (lines, vouching) = struck(&j);
    let head = j.strike(Seq(10), &vouching, &lines).unwrap();
    assert_eq!((head.seq, lines.len()), (Seq(11), 3));
    let after = expected(&before, &vouching);
    assert_eq!(all(&j), after);
    assert!(!holds(&folder), "while it goes on");
    assert_eq!(j.snapshot().unwrap(), None, "it held the secret");
    assert_eq!(reading.map(Result::unwrap).count(), 10, "who was reading reads on");
    // Each line keeps its place, so that what was written down elsewhere still proves it.
    for place in places {
        assert_eq!(j.reader().hash_at(place.seq).unwrap(), place);
    }
    fill(&mut j, &[2], 30);
    j.put_snapshot(j.head(), b"state".into()).unwrap();
    drop(j);

    let mut j = SledJournal::open(&folder).unwrap();
    let verified = verify(&*j.reader()).unwrap();
    assert_eq!((verified.commits, verified.struck), (13, 3));
    assert_eq!(all(&j)[..11], after);
    assert_eq!(j.snapshot().unwrap().unwrap().1, b"state");
    assert!(!holds(&folder), "after another start");

    // Struck once more, what is left of it: the newest word counts.
    let line = j.reader().lines(Seq(3)).next().unwrap().unwrap().1;
    let (mut lines, mut commit) = (StruckLines::default(), after[2].clone());
    *text(&mut commit) = MARK.to_owned();
    let said = vec![StruckLine { seq: Seq(3), now: lines.put(&line, &commit).unwrap().to_string() }];
    j.strike(Seq(13), &self::vouching(Seq(14), said), &lines).unwrap();
    assert_eq!(all(&j)[2], commit);

    let mut file = Vec::new();
    export(&*j.reader(), &mut file).unwrap();
    assert_eq!(verify_export(&mut BufReader::new(&file[..])).unwrap(), j.head());
    import(&mut BufReader::new(&file[..]), &s.join("new")).unwrap();
    let new = SledJournal::open(&s.join("new")).unwrap();
    assert_eq!(verify(&*new.reader()).unwrap().commits, 14);
    assert_eq!(all(&new), all(&j));
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

#[test]
fn killed_at_any_step_it_is_the_old_journal_or_the_new_one() {
    let s = Scratch::new();
    let folder = s.join("journal");
    let mut j = SledJournal::create(&folder).unwrap();
    let before = told(&mut j);
    drop(j);
    // Opened again, so that sled has a snapshot of its own.
    let mut j = SledJournal::open(&folder).unwrap();
    let (lines, vouching) = struck(&j);
    let mut steps = vec![];
    j.strike_in_steps(Seq(10), &vouching, &lines, &mut |step| {
        // What a kill leaves: the files as they are at this moment.
        let here = s.join(&format!("step-{}", steps.len()));
        copy(&folder, &here);
        steps.push((step, here));
    })
    .unwrap();
    let after = expected(&before, &vouching);
    let mut became_new = vec![];
    for (step, here) in &steps {
        let mut j = SledJournal::open(here).unwrap_or_else(|r| panic!("{step}: {r}"));
        verify(&*j.reader()).unwrap_or_else(|d| panic!("{step}: {d}"));
        let new = j.head().seq == Seq(11);
        assert_eq!(all(&j), if new { after.clone() } else { before.clone() }, "{step}");
        assert_eq!(holds(here), !new, "{step}: the secret goes with the old journal");
        assert!(!here.join("rebuilt").exists(), "{step}: nothing is left of it");
        let head = j.head().seq;
        j.append(head, &notes(head.0, 2, 10)).unwrap_or_else(|e| panic!("{step}: {e}"));
        drop(j);
        let mut j = SledJournal::open(here).unwrap_or_else(|r| panic!("{step}, once more: {r}"));
        if !new {
            // Whoever asked was not answered, and asks again.
            let (lines, vouching) = struck(&j);
            j.strike(j.head().seq, &vouching, &lines).unwrap();
            assert!(!holds(here), "{step}");
        }
        became_new.push(new);
    }
    assert_eq!(became_new, [false, false, true, true], "{steps:?}");
}

#[test]
fn a_copy_that_cannot_be_written_changes_nothing() {
    let s = Scratch::new();
    let folder = s.join("journal");
    let mut j = SledJournal::create(&folder).unwrap();
    let before = told(&mut j);
    let (lines, vouching) = struck(&j);
    // As if the disk were full: something is in the way.
    fs::write(folder.join("rebuilt"), "x").unwrap();
    let refused = j.strike(Seq(10), &vouching, &lines);
    let Err(AppendError::NotStruck(why)) = refused else { panic!("{refused:?}") };
    assert!(why.what.contains("rebuilt"), "{why}");
    assert_eq!(all(&j), before);
    fill(&mut j, &[1], 10);
    fs::remove_file(folder.join("rebuilt")).unwrap();
    let (lines, vouching) = struck(&j);
    j.strike(Seq(11), &vouching, &lines).unwrap();
    assert!(!holds(&folder));
    let after = j.strike(Seq(11), &vouching, &lines);
    assert!(matches!(after, Err(AppendError::NotTheHead { .. })), "{after:?}");
}

#[test]
fn a_line_that_nobody_vouches_for_is_found() {
    let s = Scratch::new();
    let mut j = SledJournal::create(&s.join("journal")).unwrap();
    told(&mut j);
    let mut old = Vec::new();
    export(&*j.reader(), &mut old).unwrap();
    let (lines, vouching) = struck(&j);
    j.strike(Seq(10), &vouching, &lines).unwrap();
    fill(&mut j, &[2], 30);
    let mut file = Vec::new();
    export(&*j.reader(), &mut file).unwrap();
    let (old, file) = (String::from_utf8(old).unwrap(), String::from_utf8(file).unwrap());
    let (old, good): (Vec<&str>, Vec<&str>) = (old.lines().collect(), file.lines().collect());
    let with = |n: usize, line: &str| {
        let mut lines: Vec<&str> = good.clone();
        lines[n] = line;
        lines.join("\n") + "\n"
    };
    // Somebody makes another line look struck: the chain alone would not show it.
    let hash = Hash::of(good[4].as_bytes()).to_string();
    let forged = good[4]
        .replacen("\",\"v\":1", &format!("\",\"was\":\"{hash}\",\"v\":1"), 1)
        .replace("note 4", "nope 4");
    assert_ne!(forged, good[4]);
    for (what, broken, at) in [
        ("as it was", with(1, good[1]), None),
        ("struck by nobody", with(4, &forged), Some("commit 4")),
        ("changed behind the strike", with(5, &good[5].replace("note 5", "nope 5")), Some("commit 5")),
        ("put back", with(3, old[3]), Some("commit 3")),
        ("another edited", with(2, &good[2].replace("note 2", "nope 2")), Some("commit 3")),
        ("who vouches edited", with(11, &good[11].replace("\"count\":3", "\"count\":1")), Some("commit 12")),
    ] {
        let read = verify_export(&mut BufReader::new(broken.as_bytes()));
        match (read, at) {
            (Ok(_), None) => {}
            (Err(r), Some(at)) => assert!(r.what.contains(at), "{what}: {r}"),
            (read, at) => panic!("{what}: {read:?}, expected {at:?}"),
        }
    }
}

#[test]
fn the_journal_in_memory_does_the_same() {
    let mut j = MemoryJournal::new();
    let before = told(&mut j);
    let (lines, vouching) = struck(&j);
    j.disk().next_write_meets(Fault::CutBeforeSync);
    assert!(matches!(j.strike(Seq(10), &vouching, &lines), Err(AppendError::Failed(_))));
    let mut j = j.crash();
    assert_eq!(all(&j), before);
    j.disk().next_write_meets(Fault::CutAfterSync);
    assert!(matches!(j.strike(Seq(10), &vouching, &lines), Err(AppendError::Failed(_))));
    let j = j.crash();
    assert_eq!(all(&j), expected(&before, &vouching));
    assert_eq!(verify(&*j.reader()).unwrap().commits, 11);
    assert_eq!(j.snapshot().unwrap(), None);
    let reader: Arc<dyn muster::journal::Reader> = j.reader();
    assert!(reader.lines(Seq(1)).all(|l| !String::from_utf8(l.unwrap().1).unwrap().contains(SECRET)));
}
