//! Appending and reading back, on both journals.

use muster::journal::group::MOST;
use muster::journal::{AppendError, Journal, MemoryDisk, MemoryJournal, SledJournal, memory::Fault, verify};
use muster::model::ids::Seq;

use super::{Scratch, all, fill, note, notes};

#[test]
fn what_is_appended_is_read_back_also_after_opening_it_again() {
    let s = Scratch::new();
    let mut j = SledJournal::create(&s.join("journal")).unwrap();
    let id = j.id().to_owned();
    assert_eq!((id.len(), j.head().seq), (10, Seq(0)));
    fill(&mut j, &[1, 3, 64, 1, 7], 50);
    let (written, head) = (all(&j), j.head());
    assert_eq!(written, notes(0, 76, 50));
    drop(j);
    let mut j = SledJournal::open(&s.join("journal")).unwrap();
    assert_eq!((j.id(), j.head()), (id.as_str(), head));
    assert_eq!(all(&j), written);
    fill(&mut j, &[2], 50);
    assert_eq!(verify(&*j.reader()).unwrap().commits, 78);
}

#[test]
fn commits_are_found_by_their_numbers() {
    let s = Scratch::new();
    let mut j = SledJournal::create(&s.join("journal")).unwrap();
    fill(&mut j, &[5, 1, 5], 20);
    let r = j.reader();
    let wanted = [1, 2, 5, 6, 7, 11, 3].map(Seq);
    let found: Vec<Seq> = r.get(&wanted).unwrap().iter().map(|c| c.seq).collect();
    assert_eq!(found, wanted);
    assert!(r.get(&[Seq(12)]).unwrap_err().to_string().contains("commit 12"));
    let from_the_middle: Vec<u64> = r.from(Seq(9)).map(|c| c.unwrap().seq.0).collect();
    assert_eq!(from_the_middle, [9, 10, 11]);
    assert_eq!(r.from(Seq(12)).count(), 0);
}

#[test]
fn a_commit_larger_than_a_value_comes_back_whole() {
    let s = Scratch::new();
    for size in [MOST - 400, MOST - 22, MOST, 128 * 1024, 1024 * 1024] {
        let folder = s.join(&format!("of-{size}"));
        let mut j = SledJournal::create(&folder).unwrap();
        fill(&mut j, &[2], 10);
        let group = [note(3, 10), note(4, size), note(5, 10)];
        j.append(Seq(2), &group).unwrap();
        fill(&mut j, &[1], 10);
        drop(j);
        let j = SledJournal::open(&folder).unwrap();
        assert_eq!(all(&j)[2..5], group);
        assert_eq!(j.head().seq, Seq(6));
    }
}

#[test]
fn a_writer_that_stands_elsewhere_is_refused_and_nothing_is_written() {
    let s = Scratch::new();
    let journals: [Box<dyn Journal>; 2] =
        [Box::new(MemoryJournal::new()), Box::new(SledJournal::create(&s.join("journal")).unwrap())];
    for mut j in journals {
        fill(&mut *j, &[2], 10);
        let behind = j.append(Seq(1), &notes(1, 1, 10));
        assert_eq!(behind, Err(AppendError::NotTheHead { head: Seq(2), after: Seq(1) }));
        let gap = j.append(Seq(2), &[note(3, 10), note(5, 10)]);
        assert!(matches!(gap, Err(AppendError::Malformed(_))), "{gap:?}");
        assert_eq!(j.append(Seq(2), &[]).map(|h| h.seq), Ok(Seq(2)));
        assert_eq!(all(&*j), notes(0, 2, 10));
        fill(&mut *j, &[1], 10);
    }
}

#[test]
fn readers_see_what_is_durable_and_nothing_else() {
    let mut j = MemoryJournal::new();
    fill(&mut j, &[2], 10);
    let r = j.reader();
    j.write(Seq(2), &notes(2, 1, 10)).unwrap();
    assert_eq!((r.head().seq, r.from(Seq(1)).count()), (Seq(2), 2));
    j.sync().unwrap();
    assert_eq!((r.head().seq, r.from(Seq(1)).count()), (Seq(3), 3));
}

#[test]
fn memory_loses_what_was_not_synced_and_keeps_what_was() {
    let mut j = MemoryJournal::new();
    fill(&mut j, &[2], 10);
    j.write(Seq(2), &notes(2, 3, 10)).unwrap();
    let mut j = j.crash();
    assert_eq!(j.sync().map(|head| head.seq), Ok(Seq(2)));
    assert_eq!(all(&j), notes(0, 2, 10));
    fill(&mut j, &[1], 10);

    let disk: MemoryDisk = j.disk();
    for (fault, kept) in [(Fault::CutBeforeSync, 3), (Fault::CutAfterSync, 4)] {
        let mut j = disk.open();
        disk.next_write_meets(fault);
        assert!(matches!(j.append(Seq(3), &notes(3, 1, 10)), Err(AppendError::Failed(_))));
        assert!(matches!(j.append(Seq(3), &notes(3, 1, 10)), Err(AppendError::Poisoned(_))));
        disk.cut();
        assert_eq!(disk.open().head().seq, Seq(kept));
    }
}

#[test]
fn a_commit_that_a_newer_build_wrote_is_not_guessed_at() {
    let mut j = MemoryJournal::new();
    fill(&mut j, &[2], 10);
    let mut newer = note(3, 10);
    newer.v += 1;
    j.append(Seq(2), &[newer]).unwrap();
    let d = verify(&*j.reader()).unwrap_err();
    assert_eq!(d.seq, Seq(3));
    assert!(d.to_string().contains("newer Muster"), "{d}");
    assert!(d.to_string().contains("restore the backup"), "{d}");
}
