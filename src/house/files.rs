//! Reads text files that people wrote, with every way in which that fails put into words.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::problem::{Notes, Problem};

/// The largest file that is read, in bytes. Runbooks of a megabyte exist; more is a mistake,
/// and a pipe or a device would never end.
pub const LARGEST: u64 = 4 * 1024 * 1024;

/// A file's bytes and text. The text has no byte order mark and `\n` at the end of each line.
#[derive(Debug)]
pub struct Source {
    /// As it is called in problems.
    pub name: String,
    /// The bytes as they stand on disk, for the hash.
    pub bytes: Vec<u8>,
    /// The same as text.
    pub text: String,
}

impl Source {
    /// The text of bytes that were read.
    ///
    /// # Errors
    /// When they are not UTF-8, with the line of the first wrong byte.
    pub fn new(name: impl Into<String>, bytes: Vec<u8>) -> Result<Source, Problem> {
        let name = name.into();
        match std::str::from_utf8(&bytes) {
            Ok(text) => {
                let text = text.strip_prefix('\u{feff}').unwrap_or(text).replace("\r\n", "\n");
                Ok(Source { name, bytes, text })
            }
            Err(e) => {
                let line = 1 + bytes[..e.valid_up_to()].iter().filter(|b| **b == b'\n').count();
                let byte = bytes.get(e.valid_up_to()).copied().unwrap_or_default();
                let what = format!("byte {} (0x{byte:02x}) is no UTF-8", e.valid_up_to());
                let cure = "save the file as UTF-8; what comes from Windows is often windows-1252: iconv -f WINDOWS-1252 -t UTF-8 OLD > NEW";
                Err(Problem::error(name, line, what, cure))
            }
        }
    }
}

/// Reads one file.
///
/// # Errors
/// When it is missing, may not be read, is no plain file, is too large or is not UTF-8.
pub fn read(path: &Path) -> Result<Source, Problem> {
    let name = path.display().to_string();
    let problem = |what: String, cure: &str| Problem::error(name.clone(), 1, what, cure);
    let io = |e: std::io::Error| match e.kind() {
        std::io::ErrorKind::NotFound => problem("the file is not there".into(), "create it, or name another"),
        _ => problem(
            format!("the file cannot be read: {e}"),
            "give the user that runs Muster the right to read it; a link must lead to a file",
        ),
    };
    // Asked before it is opened: opening a named pipe waits for ever.
    let about = fs::metadata(path).map_err(io)?;
    if !about.is_file() {
        return Err(problem("this is no plain file".into(), "put a text file there"));
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|f| f.take(LARGEST + 1).read_to_end(&mut bytes)).map_err(io)?;
    if bytes.len() as u64 > LARGEST {
        return Err(problem(
            format!("the file is larger than {} MiB", LARGEST / 1024 / 1024),
            "split it, or move it out of the folder",
        ));
    }
    Source::new(name, bytes)
}

/// The files directly in `folder` that end in `.ending`, by name. Hidden ones are left out.
/// What is wrong with the folder is noted at `line` of the file that names it.
pub fn list(folder: &Path, ending: &str, line: usize, notes: &mut Notes) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) => {
            let what = format!("the folder {} cannot be read: {e}", folder.display());
            notes.add(line, what, "create it, or name another; relative names start at this file");
            return found;
        }
    };
    for entry in entries {
        match entry {
            Ok(entry) => {
                let path = entry.path();
                let hidden = entry.file_name().as_encoded_bytes().starts_with(b".");
                if !hidden && path.extension().is_some_and(|e| e == ending) {
                    found.push(path);
                }
            }
            Err(e) => notes.add(
                line,
                format!("the folder {} cannot be read to its end: {e}", folder.display()),
                "look at the disk",
            ),
        }
    }
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_and_windows_line_ends_are_taken_away() {
        let bytes = b"\xef\xbb\xbfone\r\ntwo\r\n".to_vec();
        let source = Source::new("x", bytes.clone()).unwrap();
        assert_eq!((source.text.as_str(), source.bytes), ("one\ntwo\n", bytes));
    }

    #[test]
    fn broken_utf8_is_told_with_its_line() {
        let problem = Source::new("x.md", b"one\ntwo \xff\n".to_vec()).unwrap_err();
        assert_eq!((problem.line, problem.what.as_str()), (2, "byte 8 (0xff) is no UTF-8"));
    }
}
