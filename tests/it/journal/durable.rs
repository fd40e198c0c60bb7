//! When a commit counts as durable, and what happens when it cannot be made so.

use std::fs;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use muster::journal::{AppendError, Journal, Kind, SledJournal, verify};
use muster::model::ids::Seq;

use super::{Scratch, all, fill, note, notes};

#[test]
fn every_append_and_every_snapshot_is_synced_before_it_returns() {
    let s = Scratch::new();
    drop(SledJournal::create(&s.join("journal")).unwrap());
    let syncs = Arc::new(AtomicU32::new(0));
    let count = syncs.clone();
    let step = move |f: &fs::File| {
        count.fetch_add(1, Ordering::SeqCst);
        f.sync_data()
    };
    let mut j = SledJournal::open_with(&s.join("journal"), Box::new(step)).unwrap();
    for expected in 1..=5 {
        fill(&mut j, &[64], 10);
        assert_eq!(syncs.load(Ordering::SeqCst), expected);
    }
    j.put_snapshot(j.head(), b"state".into()).unwrap();
    assert_eq!(syncs.load(Ordering::SeqCst), 6);
}

#[test]
fn after_a_failed_sync_nothing_more_is_taken_and_the_sync_is_not_tried_again() {
    let s = Scratch::new();
    let folder = s.join("journal");
    fill(&mut SledJournal::create(&folder).unwrap(), &[3], 10);
    let tries = Arc::new(AtomicU32::new(0));
    let count = tries.clone();
    let fails = move |_: &fs::File| {
        count.fetch_add(1, Ordering::SeqCst);
        Err(io::Error::other("the disk is gone"))
    };
    let mut j = SledJournal::open_with(&folder, Box::new(fails)).unwrap();
    let first = j.append(Seq(3), &notes(3, 1, 10));
    let Err(AppendError::Failed(r)) = first else { panic!("{first:?}") };
    assert!(r.to_string().contains("the disk is gone"), "{r}");
    for _ in 0..3 {
        let next = j.append(Seq(3), &notes(3, 1, 10));
        let Err(AppendError::Poisoned(r)) = next else { panic!("{next:?}") };
        assert_eq!(r.kind, Kind::Poisoned);
        assert!(
            r.to_string().contains("takes no more commits") && r.to_string().contains("start again"),
            "{r}"
        );
    }
    assert!(matches!(j.put_snapshot(j.head(), b"x".into()), Err(AppendError::Poisoned(_))));
    assert_eq!(tries.load(Ordering::SeqCst), 1);
    assert_eq!(
        (j.head().seq, j.reader().from(Seq(1)).count()),
        (Seq(3), 3),
        "nobody is shown what may be lost"
    );
}

#[test]
fn sled_never_moves_values_to_files_that_it_does_not_sync() {
    let s = Scratch::new();
    let folder = s.join("journal");
    // Without the real sync: this is about where sled puts things, and takes 20,000 commits.
    let quick = |_: &fs::File| Ok(());
    drop(SledJournal::create(&folder).unwrap());
    let mut j = SledJournal::open_with(&folder, Box::new(quick)).unwrap();
    let mut round = 0;
    while j.head().seq < Seq(20_000) {
        fill(&mut j, &[1, 64, 7, 30, 2, 64, 16], 80 + round % 500);
        if round % 10 == 0 {
            fill(&mut j, &[1], 128 * 1024);
            fill(&mut j, &[24], 4_000);
        }
        if round % 25 == 0 {
            j.put_snapshot(j.head(), vec![b's'; 300 * 1024].into()).unwrap();
        }
        round += 1;
    }
    drop(j);
    let blobs: Vec<_> = fs::read_dir(folder.join("blobs")).unwrap().collect();
    assert!(blobs.is_empty(), "{blobs:?}");
    let j = SledJournal::open(&folder).unwrap();
    assert_eq!(verify(&*j.reader()).unwrap().commits, j.head().seq.0);
    assert_eq!(j.snapshot().unwrap().unwrap().1.len(), 300 * 1024);
}

#[test]
fn the_newest_whole_snapshot_is_found_and_two_are_kept() {
    let s = Scratch::new();
    let folder = s.join("journal");
    let mut j = SledJournal::create(&folder).unwrap();
    assert_eq!(j.snapshot().unwrap(), None);
    let mut heads = Vec::new();
    for n in 0..4u8 {
        fill(&mut j, &[5], 10);
        heads.push(j.head());
        j.put_snapshot(j.head(), vec![n; 150_000].into()).unwrap();
    }
    fill(&mut j, &[2], 10);
    drop(j);
    let j = SledJournal::open(&folder).unwrap();
    assert_eq!(j.snapshot().unwrap(), Some((heads[3], vec![3; 150_000])));
    drop(j);

    let (db, tree) = raw(&folder, "snapshots");
    let mut kept: Vec<_> =
        tree.iter().keys().map(|k| u64::from_be_bytes(k.unwrap()[..8].try_into().unwrap())).collect();
    kept.dedup();
    assert_eq!(kept, [15, 20], "two are kept");
    // A byte of the newest is not as it was written.
    let (last, mut part) = tree.last().unwrap().unwrap();
    *part.last_mut().unwrap() ^= 1;
    tree.insert(last, part).unwrap();
    drop((db, tree));
    let j = SledJournal::open(&folder).unwrap();
    assert_eq!(j.snapshot().unwrap(), Some((heads[2], vec![2; 150_000])));
    drop(j);

    // A part of the older one is missing, as after a power cut.
    let (db, tree) = raw(&folder, "snapshots");
    let part = [&15u64.to_be_bytes()[..], &2u16.to_be_bytes()[..]].concat();
    assert!(tree.remove(part).unwrap().is_some());
    drop((db, tree));
    let j = SledJournal::open(&folder).unwrap();
    assert_eq!(j.snapshot().unwrap(), None);
}

#[test]
fn a_snapshot_of_what_is_not_there_is_refused() {
    let s = Scratch::new();
    let mut j = SledJournal::create(&s.join("journal")).unwrap();
    fill(&mut j, &[2], 10);
    let beyond = muster::journal::Head { seq: Seq(3), ..j.head() };
    assert!(matches!(j.put_snapshot(beyond, b"".into()), Err(AppendError::NotTheHead { .. })));
}

/// What is stored, seen past the journal, to take something away.
fn raw(folder: &std::path::Path, tree: &str) -> (sled::Db, sled::Tree) {
    let open = || sled::Config::new().path(folder).segment_size(16 << 20).flush_every_ms(None).open();
    // Whoever held it last lets go of the lock a moment after it was dropped.
    let locked =
        |e: &sled::Error| matches!(e, sled::Error::Io(io) if io.to_string().contains("acquire lock"));
    let db = loop {
        match open() {
            Err(e) if locked(&e) => std::thread::yield_now(),
            opened => break opened.unwrap(),
        }
    };
    let tree = db.open_tree(tree).unwrap();
    (db, tree)
}

#[test]
fn parts_without_the_others_are_void_and_the_journal_goes_on_before_them() {
    let s = Scratch::new();
    for lost in [3u16, 1, 0] {
        let folder = s.join(&format!("without-{lost}"));
        let mut j = SledJournal::create(&folder).unwrap();
        fill(&mut j, &[2, 3], 10);
        let before = all(&j);
        let noted = fs::read(folder.join("HEAD")).unwrap();
        j.append(Seq(5), &[note(6, 200_000)]).unwrap();
        drop(j);
        // As a power cut leaves it: the note says commit 5, and some of commit 6 is there.
        fs::write(folder.join("HEAD"), noted).unwrap();
        let (db, tree) = raw(&folder, "commits");
        let key = [&6u64.to_be_bytes()[..], &lost.to_be_bytes()[..]].concat();
        assert!(tree.remove(key).unwrap().is_some());
        drop((tree, db));
        let mut j = SledJournal::open(&folder).unwrap();
        assert_eq!((j.head().seq, all(&j)), (Seq(5), before.clone()));
        // A smaller group in its place: nothing of the void one may show through.
        j.append(Seq(5), &[note(6, 10)]).unwrap();
        drop(j);
        let j = SledJournal::open(&folder).unwrap();
        assert_eq!(verify(&*j.reader()).unwrap().commits, 6);
        assert_eq!(all(&j)[5], note(6, 10));
        drop(j);
        let (db, tree) = raw(&folder, "commits");
        let parts = tree.scan_prefix(6u64.to_be_bytes()).count();
        assert_eq!(parts, 1, "without {lost}");
        drop((tree, db));
    }
}
