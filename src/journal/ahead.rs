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
        // As much as there is already. To make it is slow, and rare: one group in thousands waits for it.
        let room = len.min(rest);
        // A full segment is followed by one that sled begins by itself.
        if len < SMALL || rest == SEGMENT as u64 {
            return;
        }
        let zeros = vec![0; usize::try_from(room).unwrap_or_default()];
        if file.write_all_at(&zeros, len).is_ok() {
            self.end = len + room;
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
        assert_eq!(write(0, 5 << 20), 10 << 20);
        assert_eq!(write(10 << 20, 1), SEGMENT as u64, "and no further than the segment");
        assert_eq!(write(0, SEGMENT as u64), SEGMENT as u64, "a segment that is full");
        assert_eq!(write(SEGMENT as u64, 100), 2 * SEGMENT as u64);
    }
}
