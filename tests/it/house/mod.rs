//! Files that people write: what is read from them, and what is said when they are wrong.

mod alerting;
mod check;
mod commands;
mod grammar;
mod health;
mod import;
mod lint;
mod requests;
mod runbooks;
mod settings;
mod shipped;

use std::path::{Path, PathBuf};

use muster::house::{self, Problem};
use muster::model::house::House;

/// A team's folder that is gone when the test is over.
pub struct Team {
    folder: tempfile::TempDir,
}

/// The smallest `muster.toml` that is right. Eleven lines; the test's own come behind.
pub const SMALL: &str = r#"administrators = ["1100000000000000042"]
[discord]
guild = "1100000000000000010"
[channels]
incidents = "1100000000000000030"
alerts = "1100000000000000031"
reports = "1100000000000000032"
[roles]
responder = ["1100000000000000020"]
lead = "1100000000000000022"
approver = ["1100000000000000021"]
"#;

impl Team {
    /// A team with these files: name and content.
    pub fn with(files: &[(&str, &str)]) -> Team {
        let team = Team { folder: tempfile::tempdir().unwrap() };
        for (name, text) in files {
            team.write(name, text.as_bytes());
        }
        team
    }

    /// A team with [`SMALL`] and one more file.
    pub fn small(name: &str, text: &str) -> Team {
        Team::with(&[("muster.toml", SMALL), (name, text)])
    }

    pub fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn load(&self) -> Result<House, Vec<Problem>> {
        house::load(&self.path("muster.toml"))
    }

    /// What is wrong, as `file:line: what`, with the folder's own name left out.
    pub fn wrong(&self) -> Vec<String> {
        self.told(self.load().expect_err("something is wrong"))
    }

    /// The same of problems at hand. Each must say what to do.
    pub fn told(&self, problems: Vec<Problem>) -> Vec<String> {
        let inside = |file: &str| {
            let short = Path::new(file).strip_prefix(self.folder.path()).map(Path::to_path_buf);
            short.unwrap_or_else(|_| file.into()).display().to_string()
        };
        problems
            .iter()
            .map(|p| {
                assert!(!p.cure.is_empty(), "{p} has no cure");
                format!("{}:{}: {}", inside(&p.file), p.line, p.what)
            })
            .collect()
    }
}
