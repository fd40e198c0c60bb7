//! A folder whose files are not as they were written: it either opens with all that was
//! answered, or it is refused and stays as it is. Never a panic, never a silent loss.

use std::fs;
use std::path::{Path, PathBuf};

use muster::journal::{Journal, Kind, SledJournal, verify};
use muster::model::commit::Commit;
use muster::model::ids::Seq;

use super::{Scratch, all, contents, fill, note};

/// A folder with some of everything in it, opened twice so that sled has a snapshot of its own.
fn sample(s: &Scratch) -> (PathBuf, Vec<Commit>) {
    let folder = s.join("journal");
    let mut j = SledJournal::create(&folder).unwrap();
    fill(&mut j, &[1, 20, 3], 100);
    j.append(Seq(24), &[note(25, 70_000)]).unwrap();
    j.put_snapshot(j.head(), vec![1u8; 70_000].into()).unwrap();
    drop(j);
    let mut j = SledJournal::open(&folder).unwrap();
    fill(&mut j, &[1, 20, 3, 1], 100);
    let commits = all(&j);
    (folder, commits)
}

fn copy(from: &Path, to: &Path) {
    let _ = fs::remove_dir_all(to);
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_dir() {
            fs::create_dir(to.join(entry.file_name())).unwrap();
        } else {
            fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

/// Opens it; says whether it was refused.
fn opens_whole_or_stays(folder: &Path, commits: &[Commit], how: &str) -> bool {
    let before = contents(folder);
    match SledJournal::open(folder) {
        Ok(j) => {
            let there = verify(&*j.reader()).unwrap_or_else(|d| panic!("{how}: opened, and then {d}"));
            assert_eq!(there.commits as usize, commits.len(), "{how}: opened with another number of commits");
            assert_eq!(all(&j), commits, "{how}");
            false
        }
        Err(r) => {
            assert_eq!(r.kind, Kind::Damaged, "{how}: {r}");
            assert!(r.to_string().contains("backup"), "{how}: {r}");
            assert!(contents(folder) == before, "{how}: refused, and changed the folder");
            true
        }
    }
}

#[test]
fn a_damaged_data_file_is_refused_untouched_or_opens_with_everything() {
    let s = Scratch::new();
    let (folder, commits) = sample(&s);
    let good = fs::read(folder.join("db")).unwrap();
    let used = good.iter().rposition(|b| *b != 0).unwrap() + 1;
    let broken = s.join("broken");
    let (mut refused, mut tried) = (0, 0);
    let mut attempt = |bytes: &[u8], how: String| {
        copy(&folder, &broken);
        fs::write(broken.join("db"), bytes).unwrap();
        tried += 1;
        refused += u32::from(opens_whole_or_stays(&broken, &commits, &how));
    };
    for n in 0..=12 {
        let at = n * used / 12;
        attempt(&good[..at], format!("cut off at {at}"));
        let mut bytes = good.clone();
        bytes[at..used.min(at + 700).max(at)].fill(0);
        attempt(&bytes, format!("zeros at {at}"));
        let mut bytes = good.clone();
        for (i, b) in bytes[at..used.min(at + 40).max(at)].iter_mut().enumerate() {
            *b = b.wrapping_mul(31).wrapping_add(u8::try_from(i).unwrap());
        }
        attempt(&bytes, format!("garbled at {at}"));
        let mut bytes = good.clone();
        bytes[at.min(used - 1)] ^= 4;
        attempt(&bytes, format!("one bit at {at}"));
    }
    attempt(&vec![0; good.len()], "nothing but zeros".to_owned());
    attempt(&vec![0x5a; good.len()], "nothing but rubbish".to_owned());
    assert!(refused > 30 && refused < tried, "{refused} of {tried} were refused");
}

#[test]
fn other_files_that_are_damaged_or_missing_are_refused_untouched_or_do_no_harm() {
    let s = Scratch::new();
    let (folder, commits) = sample(&s);
    let broken = s.join("broken");
    let names: Vec<String> =
        fs::read_dir(&folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    assert!(names.iter().any(|n| n.starts_with("snap.")), "{names:?}");
    for name in names.iter().filter(|n| *n != "blobs" && *n != "db") {
        let good = fs::read(folder.join(name)).unwrap();
        for change in ["empty", "half", "garbled", "missing"] {
            copy(&folder, &broken);
            let mut bytes = good.clone();
            match change {
                "empty" => bytes.clear(),
                "half" => bytes.truncate(good.len() / 2),
                _ => bytes.iter_mut().for_each(|b| *b ^= 0x15),
            }
            fs::write(broken.join(name), bytes).unwrap();
            if change == "missing" {
                fs::remove_file(broken.join(name)).unwrap();
            }
            if name == "FORMAT" && change == "missing" {
                assert_eq!(super::refused(&broken).kind, Kind::NotAJournal);
            } else {
                opens_whole_or_stays(&broken, &commits, &format!("{name} {change}"));
            }
        }
    }
    copy(&folder, &broken);
    fs::remove_file(broken.join("db")).unwrap();
    assert!(opens_whole_or_stays(&broken, &commits, "db missing"));
}

#[test]
fn a_tail_that_was_answered_and_is_gone_is_damage_and_not_a_shorter_journal() {
    let s = Scratch::new();
    let folder = s.join("journal");
    let mut j = SledJournal::create(&folder).unwrap();
    fill(&mut j, &[3], 10);
    drop(j);
    copy(&folder, &s.join("older"));
    let mut j = SledJournal::open(&folder).unwrap();
    fill(&mut j, &[3], 10);
    drop(j);
    // sled's files of yesterday, the note of today.
    fs::copy(folder.join("HEAD"), s.join("older").join("HEAD")).unwrap();
    let r = super::refused(&s.join("older"));
    assert_eq!(r.kind, Kind::Damaged);
    assert!(r.to_string().contains("commit 6 was durable"), "{r}");
}

#[test]
fn a_broken_chain_is_found_with_its_number() {
    let s = Scratch::new();
    let folder = s.join("journal");
    let mut j = SledJournal::create(&folder).unwrap();
    fill(&mut j, &[4, 4, 4], 10);
    drop(j);
    // Somebody replaces the middle group by an older one of another journal of the same shape.
    let mut other = SledJournal::create(&s.join("other")).unwrap();
    fill(&mut other, &[4, 4, 4], 10);
    drop(other);
    let open =
        |f: &Path| sled::Config::new().path(f).segment_size(16 << 20).flush_every_ms(None).open().unwrap();
    let key = [&5u64.to_be_bytes()[..], &[0, 0]].concat();
    let (db, from) = (open(&folder), open(&s.join("other")));
    let foreign = from.open_tree("commits").unwrap().get(&key).unwrap().unwrap();
    db.open_tree("commits").unwrap().insert(&key, foreign).unwrap();
    drop((db, from));
    let j = SledJournal::open(&folder).unwrap();
    let d = verify(&*j.reader()).unwrap_err();
    assert_eq!(d.seq, Seq(5), "{d}");
    assert!(d.to_string().contains("damaged at commit 5") && d.to_string().contains("backup"), "{d}");
    assert!(j.reader().from(Seq(1)).take_while(Result::is_ok).count() == 4, "nothing of it is given out");
    drop(j);

    let db = open(&folder);
    db.open_tree("commits").unwrap().remove(&key).unwrap();
    drop(db);
    let d = verify(&*SledJournal::open(&folder).unwrap().reader()).unwrap_err();
    assert_eq!(d.seq, Seq(5), "a gap: {d}");
}

#[test]
fn what_sled_left_of_a_start_that_was_cut_short_is_in_nobodys_way() {
    let s = Scratch::new();
    let (folder, commits) = sample(&s);
    for left in [&b""[..], b"half of an index"] {
        fs::write(folder.join("snap.00000000FFFFFFFF.generating"), left).unwrap();
        assert_eq!(all(&SledJournal::open(&folder).unwrap()), commits);
    }
}
