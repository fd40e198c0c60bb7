//! The key that the addresses of people's calendars are made with: a file of the data folder that nobody
//! else can read. Without it every address is void, and people ask for another.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use crate::kit::random;
use crate::model::calendar::CalendarKey;
use crate::model::house::House;

/// Its name in the data folder.
const NAME: &str = "calendar.key";
/// How many letters it has, with 5 bits each.
const LETTERS: usize = 52;

/// Gives a house the key, where Muster listens for anybody at all. Without it Muster works, but for
/// calendars; the log says why.
pub fn hand_over(house: &mut House, data: &Path) {
    if house.settings.intake.listen.is_none() {
        return;
    }
    match key(data) {
        Ok(key) => house.settings.intake.calendars = Some(key),
        Err(why) => tracing::error!("there are no calendars: {why}"),
    }
}

/// The key of this data folder. The first time it is made.
///
/// # Errors
/// When it cannot be read or written, with the cure.
pub fn key(data: &Path) -> Result<CalendarKey, String> {
    let path = data.join(NAME);
    let failed = |e: std::io::Error| format!("{}: {e}. Let Muster read and write it", path.display());
    match std::fs::read_to_string(&path) {
        Ok(text) if text.trim().len() == LETTERS => return Ok(CalendarKey::new(text.trim())),
        Ok(_) => {
            return Err(format!(
                "{} is not as Muster wrote it. Put it back from a copy, or remove it: then every calendar gets \
                 another address",
                path.display()
            ));
        }
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
        Err(e) => return Err(failed(e)),
    }
    let letters = random::letters(LETTERS)?;
    // Whole or not at all: what a crash leaves must not be taken for a key.
    let new = data.join(format!("{NAME}.new"));
    let written = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new);
    written
        .and_then(|mut file| {
            file.write_all(letters.as_bytes())?;
            file.sync_all()
        })
        .and_then(|()| std::fs::rename(&new, &path))
        .and_then(|()| std::fs::File::open(data)?.sync_all())
        .map_err(failed)?;
    Ok(CalendarKey::new(letters))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn a_key_is_made_once_and_for_nobody_elses_eyes() {
        let data = tempfile::tempdir().unwrap();
        let first = key(data.path()).unwrap();
        assert_eq!(key(data.path()).unwrap(), first);
        let path = data.path().join(NAME);
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_ne!(key(tempfile::tempdir().unwrap().path()).unwrap(), first);

        std::fs::write(&path, "").unwrap();
        let why = key(data.path()).unwrap_err();
        assert!(why.contains("calendar.key is not as Muster wrote it"), "{why}");
        std::fs::remove_file(&path).unwrap();
        assert_ne!(key(data.path()).unwrap(), first);
    }
}
