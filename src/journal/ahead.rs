//! Room ahead of what is written. Where a file does not grow, a sync need not write where its bytes lie
//! beside the bytes themselves: it takes half as long.
//!
//! sled fills the rest of its last segment with zeros whenever it opens a log that goes on there, so
//! zeros behind the end are nothing new to it. They never reach into a segment that it has not begun.

use std::fs::File;
use std::os::unix::fs::FileExt as _;

use super::check::SEGMENT;

/// A journal smaller than this needs no room.
const SMALL: u64 = 64 * 1024;

/// How much is made at once: it all goes to the disk with the next sync.
const MOST: u64 = 4 * 1024 * 1024;

/// What room is made of.
const ZEROS: &[u8] = &[0; 64 * 1024];

/// How far the data file was filled.
#[derive(Default)]
pub(super) struct Ahead {
    end: u64,
}

impl Ahead {
    /// Makes room where what was written last went past the end. Nobody writes meanwhile. Where there is
    /// no room to be had the next write finds that out by itself.
    pub fn keep(&mut self, file: &File) {
        let Ok(len) = file.metadata().map(|m| m.len()) else { return };
        if len == self.end {
            return;
        }
        self.end = len;
        let rest = SEGMENT as u64 - len % SEGMENT as u64;
        // As much as there is already. To make it is slow, and rare: one group in hundreds waits for it.
        let room = len.min(rest).min(MOST);
        // A full segment is followed by one that sled begins by itself.
        if len < SMALL || rest == SEGMENT as u64 {
            return;
        }
        for at in (len..len + room).step_by(ZEROS.len()) {
            let some = usize::try_from(len + room - at).map_or(ZEROS, |left| &ZEROS[..left.min(ZEROS.len())]);
            if file.write_all_at(some, at).is_err() {
                return;
            }
            self.end = at + some.len() as u64;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn room_grows_with_the_file_and_ends_with_the_segment() {
        let file = tempfile::tempfile().unwrap();
        let size = || file.metadata().unwrap().len();
        let mut ahead = Ahead::default();
        let mut write = |at: u64, len: u64| {
            file.write_all_at(&vec![1; usize::try_from(len).unwrap()], at).unwrap();
            ahead.keep(&file);
            size()
        };
        assert_eq!(write(0, 1000), 1000, "a small one needs none");
        assert_eq!(write(1000, SMALL), 2 * (SMALL + 1000));
        assert_eq!(write(SMALL + 1000, 1000), 2 * (SMALL + 1000), "there is room still");
        assert_eq!(write(0, 3 << 20), 6 << 20);
        assert_eq!(write(0, 7 << 20), 11 << 20, "and never very much");
        assert_eq!(write(0, 13 << 20), SEGMENT as u64, "and no further than the segment");
        assert_eq!(write(0, SEGMENT as u64), SEGMENT as u64, "a segment that is full");
        assert_eq!(write(SEGMENT as u64, 100), SEGMENT as u64 + 100 + MOST, "the next one has its own");
    }
}
