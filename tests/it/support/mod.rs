//! What the stories stand on: a sandbox, and Muster in it with the real gateway client.

pub mod app;

use std::path::PathBuf;
use std::time::Duration;

use tokio::process::Child;

/// Nothing in a story takes this long; a story that waits longer waits for what will not come.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// Waits for something, but not for ever.
pub async fn soon<T>(what: &str, wait: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, wait).await {
        Ok(got) => got,
        Err(_) => panic!("waited in vain for {what}"),
    }
}

/// Where the bot's requests are logged, for the judge: one file a test.
pub fn request_log(test: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("requests");
    std::fs::create_dir_all(&folder).expect("the folder for request logs can be made");
    let file = folder.join(format!("{test}.jsonl"));
    let _ = std::fs::remove_file(&file);
    file
}

/// The name of the test that runs now, as a file may be called.
pub fn test_name() -> String {
    std::thread::current().name().unwrap_or("story").replace("::", "-")
}

/// Kills a program. Where that is strace, what it runs goes first: it would go on without it.
pub async fn kill_whole(child: &mut Child) {
    let children = child.id().map(|pid| std::fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")));
    for pid in children.and_then(Result::ok).unwrap_or_default().split_whitespace() {
        let pid = pid.parse().ok().and_then(rustix::process::Pid::from_raw);
        let _ = pid.map(|pid| rustix::process::kill_process(pid, rustix::process::Signal::KILL));
    }
    child.kill().await.ok();
}
