//! SL-5 against the sandbox: the runbook's own words reach the container through `muster practice`.

use std::sync::Arc;
use std::time::Duration;

use muster::house::{self, Practice};
use muster::kit::clock::Clock;
use muster::kit::time::Timestamp;
use muster::model::check::Probe;
use muster::model::house::House;
use muster::runner::HttpRunner;
use muster::sandbox::practice::container::BOOT_MS;
use muster::sandbox::{Sandbox, Setup};
use serde_json::Value;
use tempfile::TempDir;

use super::steps::run;

struct Lab {
    sandbox: Sandbox,
    clock: Clock,
    house: House,
    _folder: TempDir,
}

impl Lab {
    async fn start() -> Lab {
        let clock = Clock::driven(Timestamp(1_795_251_600_000));
        let time = clock.clone();
        let sandbox = Sandbox::start(Setup::new(Arc::new(move || time.now().0))).await.unwrap();
        // A name that a shell takes as one word, wherever this program was built.
        let folder = tempfile::tempdir().unwrap();
        let muster = folder.path().join("muster");
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_muster"), &muster).unwrap();
        let address = sandbox.api_url();
        let practice = Practice { address: &address, muster: muster.to_str().unwrap(), data: "data" };
        let house = house::sandbox_with(practice).unwrap();
        Lab { sandbox, clock, house, _folder: folder }
    }

    fn step(&self, name: &str) -> super::steps::Ran {
        run(&self.house, "soundlab", name, &[])
    }

    fn boot(&self) {
        self.clock.advance(Duration::from_millis(BOOT_MS.unsigned_abs()));
    }

    fn fact(&self, name: &str) -> Value {
        self.sandbox.fleet().state()[2].facts[name].clone()
    }

    /// Whether an http step passes. One that polls waits for that as long as it may.
    async fn passes(&self, step: &str) -> bool {
        let probe = Probe { service: "soundlab".into(), step: step.into() };
        HttpRunner::new().unwrap().ask(&self.house, &probe).await.verdict.passed()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rollback_replaces_the_container_and_can_be_taken_back() {
    let lab = Lab::start().await;
    assert!(lab.passes("version").await);
    lab.step("images").well();
    lab.step("stop").well();
    assert!(!lab.passes("healthz").await, "it is stopped");
    assert_ne!(lab.step("tagged").code, 0, "not tagged yet");
    lab.step("tag").well();
    lab.step("tagged").well();
    lab.step("start").well();
    assert!(!lab.passes("healthz").await, "it takes a while");
    lab.boot();
    assert!(lab.passes("healthy").await);
    assert_eq!(lab.fact("running"), "0.8.4");
    assert!(lab.passes("version").await, "/health has nothing to complain of after a rollback");
    assert!(lab.step("log").well().out.contains("0.8.4: starting"));
    let nothing = lab.step("images");
    assert!(nothing.code == 1 && nothing.err.contains("nothing to go back to"), "{nothing:?}");

    for name in ["undo-start", "undo-tag", "undo-stop"] {
        lab.step(name).well();
    }
    lab.boot();
    assert_eq!(lab.fact("running"), "0.9.0-rc1");
    assert!(lab.passes("version").await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pinned_release_is_seen_before_and_after() {
    let lab = Lab::start().await;
    lab.sandbox.fleet().break_it("soundlab", "version-stuck").unwrap();
    assert!(!lab.passes("version").await);
    let before = lab.fact("running");
    for name in ["stop", "tag", "start"] {
        lab.step(name).well();
    }
    lab.boot();
    assert!(lab.passes("healthy").await, "it answers, and that proves nothing");
    assert_eq!(lab.fact("running"), before, "the version did not change");
    assert!(!lab.passes("version").await, "and /health says so");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_is_kept_nothing_is_stopped() {
    let lab = Lab::start().await;
    let house = {
        let mut house = lab.house.clone();
        let vars = &mut house.settings.services.get_mut("soundlab").unwrap().vars;
        let gone = vars["DOCKER"].replace("docker", "docker no-such-command");
        vars.insert("DOCKER".into(), gone);
        house
    };
    let refused = run(&house, "soundlab", "stop", &[]);
    assert_ne!(refused.code, 0, "the precheck looks for the image first: {refused:?}");
    assert_eq!(lab.fact("container"), "running");
}
