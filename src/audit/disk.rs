//! How much room there is for Muster's data.

use std::path::Path;

/// The bytes that are free for Muster on the disk of this folder; `None` where nobody can say.
pub async fn free(folder: &Path) -> Option<u64> {
    let folder = folder.to_owned();
    // A disk that hangs must not hang whoever asks.
    let asked = tokio::task::spawn_blocking(move || rustix::fs::statvfs(&folder));
    match asked.await {
        Ok(Ok(disk)) => Some(disk.f_bavail.saturating_mul(disk.f_frsize)),
        Ok(Err(why)) => {
            tracing::warn!("the auditor cannot tell how full the disk is: {why}");
            None
        }
        Err(_) => None,
    }
}
