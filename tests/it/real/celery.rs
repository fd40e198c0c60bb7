//! A Celery app with a worker, on a Redis of the test's own.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::redis::{RealRedis, until};

/// Where `tests/run` puts Celery.
fn program(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/celery/bin").join(name);
    assert!(path.exists(), "{} is not there; tests/run installs it", path.display());
    path
}

/// One worker process that runs one task at a time and reserves two more. Tasks end when they are told
/// to, and never by themselves.
pub struct RealCelery {
    /// The broker.
    pub redis: RealRedis,
    /// The ids of the tasks in the order in which they were queued: task 0, task 1, …
    pub tasks: Vec<String>,
    worker: Child,
    folder: TempDir,
}

impl RealCelery {
    /// Queues so many tasks, at least four, and starts a worker. When this returns, the first one runs,
    /// two are reserved, and the others wait.
    pub fn start(tasks: usize) -> RealCelery {
        let redis = RealRedis::start();
        let folder = tempfile::tempdir().unwrap();
        // A copy, so that what Python keeps beside it goes with the folder.
        let app = folder.path().join("celery_app.py");
        std::fs::write(&app, include_str!("celery_app.py")).unwrap();
        let queued = Command::new(program("python"))
            .arg(&app)
            .arg(tasks.to_string())
            .env("MUSTER_TEST_BROKER", redis.url())
            .output()
            .unwrap();
        assert!(queued.status.success(), "{}", String::from_utf8_lossy(&queued.stderr));
        let ids: Vec<String> = String::from_utf8(queued.stdout).unwrap().lines().map(str::to_owned).collect();
        assert_eq!(ids.len(), tasks);

        let log = std::fs::File::create(folder.path().join("worker.log")).unwrap();
        let worker = Command::new(program("celery"))
            .args(["-A", "celery_app", "--workdir"])
            .arg(folder.path())
            .args(["worker", "--pool", "prefork", "--concurrency", "1", "--prefetch-multiplier", "2"])
            .args(["--loglevel", "info", "--without-gossip", "--without-mingle"])
            .env("MUSTER_TEST_BROKER", redis.url())
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            // A group of its own, so that its children end with it.
            .process_group(0)
            .spawn()
            .unwrap();
        let celery = RealCelery { redis, tasks: ids, worker, folder };
        assert_eq!(celery.redis.next("began"), "0", "{}", celery.log());
        until("two tasks to be reserved", || {
            let waiting = celery.redis.count(&["LLEN", "celery"]);
            (waiting + 3 == tasks as u64 && celery.redis.count(&["HLEN", "unacked"]) == 2).then_some(())
        });
        celery
    }

    /// What stands in a service's settings as `CELERY`: the command with its first words.
    pub fn command(&self) -> String {
        let (celery, home) = (program("celery"), self.folder.path());
        format!("{} -A celery_app -b {} --workdir {}", celery.display(), self.redis.url(), home.display())
    }

    /// How many tasks are in the broker's list, which is what a purge removes.
    pub fn waiting(&self) -> u64 {
        self.redis.count(&["LLEN", "celery"])
    }

    /// Lets the task that runs end, and says which one it was.
    pub fn finish_one(&self) -> String {
        self.redis.ask(&["RPUSH", "go", "go"]);
        let ended = self.redis.ask(&["BLPOP", "ended", "30"]);
        ended.get(1).unwrap_or_else(|| panic!("no task ended:\n{}", self.log())).clone()
    }

    /// What the worker wrote.
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("worker.log")).unwrap_or_default()
    }
}

impl Drop for RealCelery {
    fn drop(&mut self) {
        let group = format!("-{}", self.worker.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.worker.wait();
    }
}
