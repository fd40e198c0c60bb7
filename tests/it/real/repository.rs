//! A Git repository with a bare remote, as the practice nexus has one, and somebody else who pushes to it.

use std::path::{Path, PathBuf};
use std::process::Command;

use muster::cli::practice;
use muster::house::{self, Practice};
use muster::model::house::House;
use tempfile::TempDir;

/// The repository in a data folder of its own, which is gone with it.
pub struct RealRepo {
    data: TempDir,
    /// The clone that the runbook works in.
    pub clone: PathBuf,
    /// What was pushed last when it was made.
    pub newest: String,
}

impl RealRepo {
    /// Makes one whose pushes are told to the sandbox at `address`.
    pub fn new(address: &str) -> RealRepo {
        let data = tempfile::tempdir().unwrap();
        let muster = Path::new(env!("CARGO_BIN_EXE_muster"));
        let made = practice::repository(&data.path().join("practice/nexus"), muster, address).unwrap();
        RealRepo { data, clone: made.clone, newest: made.newest }
    }

    /// The built-in house, with this repository in it.
    pub fn house(&self, address: &str) -> House {
        let data = self.data.path().canonicalize().unwrap();
        let practice = Practice { address, muster: "muster", data: data.to_str().unwrap() };
        house::sandbox_with(practice).unwrap_or_else(|p| panic!("{p:?}"))
    }

    /// What git says in the clone.
    pub fn git(&self, words: &[&str]) -> String {
        git(&self.clone, words)
    }

    /// The newest commit of the remote's `main`.
    pub fn remote_main(&self) -> String {
        git(&self.remote(), &["rev-parse", "main"])
    }

    /// The remote.
    pub fn remote(&self) -> PathBuf {
        self.clone.with_file_name("remote.git")
    }

    /// Somebody else pushes a commit to `main`; its SHA.
    pub fn push_of_another(&self, file: &str) -> String {
        let other = self.another();
        std::fs::write(other.join(file), "theirs\n").unwrap();
        git(&other, &["add", file]);
        git(&other, &["commit", "--quiet", "-m", "feat: something else"]);
        git(&other, &["push", "--quiet", "origin", "HEAD:main"]);
        git(&other, &["rev-parse", "HEAD"])
    }

    /// Somebody else merges a branch with two commits into `main`; the merge's SHA.
    pub fn merge_of_another(&self) -> String {
        let other = self.another();
        git(&other, &["checkout", "--quiet", "-b", "feature"]);
        for file in ["one.js", "two.js"] {
            std::fs::write(other.join(file), "new\n").unwrap();
            git(&other, &["add", file]);
            git(&other, &["commit", "--quiet", "-m", file]);
        }
        git(&other, &["checkout", "--quiet", "--detach", "origin/main"]);
        git(&other, &["merge", "--quiet", "--no-ff", "-m", "Merge feature", "feature"]);
        git(&other, &["push", "--quiet", "origin", "HEAD:main"]);
        git(&other, &["rev-parse", "HEAD"])
    }

    /// A fresh clone of somebody else's.
    fn another(&self) -> PathBuf {
        let folder = self.data.path().join("another");
        let _ = std::fs::remove_dir_all(&folder);
        git(self.data.path(), &["clone", "--quiet", &self.remote().display().to_string(), "another"]);
        git(&folder, &["config", "user.name", "Another"]);
        git(&folder, &["config", "user.email", "another@practice.example"]);
        folder
    }
}

fn git(folder: &Path, words: &[&str]) -> String {
    let done = Command::new("git").arg("-C").arg(folder).args(words).output().expect("git can be started");
    assert!(done.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap().trim().to_owned()
}
