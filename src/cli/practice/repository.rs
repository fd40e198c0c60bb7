//! The repository of the practice nexus: a bare remote and a clone with a few commits, made with the `git` of
//! this machine. A push to its `main` tells the practice platform, as a Git host would.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What was pushed so far, oldest first: file, content, message. The last one is what a rollback reverts.
const HISTORY: [(&str, &str, &str); 4] = [
    ("README.md", "# Nexus\n\nMusic, an AI panel, a cinema.\n", "feat: begin"),
    ("app/player.js", "export const bucket = \"tracks\";\n", "feat: play tracks from the bucket"),
    ("app/cinema.js", "export const whip = \"https://whip.example\";\n", "feat: open the cinema"),
    ("app/player.js", "export const bucket = undefined;\n", "refactor: read the bucket from the settings"),
];

/// The repository of the practice nexus.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// The clone that the runbook works in, an absolute path.
    pub clone: PathBuf,
    /// The newest commit of `main`, which is what is deployed.
    pub newest: String,
}

/// Opens the repository in `folder`, or makes it there. `muster` is this program and `at` the sandbox's
/// address: from now on the remote's hook tells the platform there what was pushed.
///
/// # Errors
/// When git is not there or fails, with its own words, or the folder cannot be written to.
pub fn open(folder: &Path, muster: &Path, at: &str) -> Result<Repository, String> {
    let told = |e: std::io::Error| format!("{}: {e}", folder.display());
    std::fs::create_dir_all(folder).map_err(told)?;
    let folder = folder.canonicalize().map_err(told)?;
    let (remote, clone) = (folder.join("remote.git"), folder.join("clone"));
    if !clone.exists() {
        create(&folder, &remote, &clone)?;
    }
    hook(&remote, muster, at).map_err(told)?;
    let newest = git(&remote, &["rev-parse", "main"])?.trim().to_owned();
    Ok(Repository { clone, newest })
}

fn create(folder: &Path, remote: &Path, clone: &Path) -> Result<(), String> {
    git(folder, &["init", "--quiet", "--bare", "--initial-branch=main", "remote.git"])?;
    git(folder, &["init", "--quiet", "--initial-branch=main", "clone"])?;
    let settings = [
        ("user.name", "Nexus on-call"),
        ("user.email", "nexus@practice.example"),
        ("commit.gpgsign", "false"),
    ];
    for (key, value) in settings {
        git(clone, &["config", key, value])?;
    }
    git(clone, &["remote", "add", "origin", &remote.display().to_string()])?;
    for (file, text, message) in HISTORY {
        let path = clone.join(file);
        let parent = path.parent().unwrap_or(clone);
        let written = std::fs::create_dir_all(parent).and_then(|()| std::fs::write(&path, text));
        written.map_err(|e| format!("{}: {e}", path.display()))?;
        git(clone, &["add", file])?;
        git(clone, &["commit", "--quiet", "-m", message])?;
    }
    git(clone, &["push", "--quiet", "origin", "main"])?;
    git(clone, &["fetch", "--quiet", "origin"])?;
    Ok(())
}

/// The hook that a push runs. What it says is shown to whoever pushed, and its failure is not the push's.
fn hook(remote: &Path, muster: &Path, at: &str) -> std::io::Result<()> {
    let script = format!(
        "#!/bin/sh\nwhile read -r old new ref; do\n  if [ \"$ref\" = refs/heads/main ]; then\n    {} practice --at {} nexus deploy \"$new\" || true\n  fi\ndone\n",
        quoted(&muster.display().to_string()),
        quoted(at),
    );
    let path = remote.join("hooks/post-receive");
    std::fs::create_dir_all(remote.join("hooks"))?;
    std::fs::write(&path, script)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))
}

/// One word for a shell, whatever is in it.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

/// What git says on standard output. Neither the settings of a person nor those of the machine count.
fn git(folder: &Path, words: &[&str]) -> Result<String, String> {
    let mut git = Command::new("git");
    git.arg("-C").arg(folder).args(words).stdin(Stdio::null());
    git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_TERMINAL_PROMPT", "0");
    for inherited in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"] {
        git.env_remove(inherited);
    }
    let done = git.output().map_err(|e| format!("git cannot be started: {e}. Install git."))?;
    match done.status.success() {
        true => Ok(String::from_utf8_lossy(&done.stdout).into_owned()),
        false => Err(format!("git {}: {}", words.join(" "), String::from_utf8_lossy(&done.stderr).trim())),
    }
}
