//! What the tools of the practice hosts do: a container that is replaced, a queue that is purged, a commit
//! that is deployed.

use std::sync::atomic::Ordering;

use serde_json::{Value, json};

use super::rows::{json, send};
use super::{Fleet, fleet};
use crate::sandbox::practice::container::BOOT_MS;
use crate::sandbox::practice::nexus::DEPLOY_MS;
use crate::sandbox::practice::service::Said;
use crate::sandbox::practice::soundfoundry::ADMIN_TOKEN;

fn read(fleet: &Fleet, service: &str, path: &str) -> (u16, Value) {
    let answer = send(fleet, service, "GET", path, &[], "");
    (answer.status, json(&answer))
}

fn tool(fleet: &Fleet, service: &str, line: &str) -> Said {
    let (tool, words) = line.split_once(' ').unwrap();
    fleet.tool(Some(service), tool, &words.split(' ').collect::<Vec<_>>()).unwrap()
}

/// The rollback as people type it, on soundlab.
fn roll_back(fleet: &Fleet) {
    assert_eq!(tool(fleet, "soundlab", "compose down").code, 0);
    let tag = ["tag", "soundlab/phi-matrix:previous", "soundlab/phi-matrix:latest"];
    assert_eq!(fleet.tool(None, "docker", &tag), Ok(Said::default()));
    assert_eq!(tool(fleet, "soundlab", "compose up -d").code, 0);
}

#[test]
fn a_rollback_replaces_the_container_and_takes_its_time() {
    let (fleet, time) = fleet();
    fleet.break_it("soundlab", "bad-release").unwrap();
    assert_eq!(read(&fleet, "soundlab", "/readyz").0, 503);
    tool(&fleet, "soundlab", "compose down");
    assert_eq!(read(&fleet, "soundlab", "/healthz").0, 502, "stopped");
    roll_back(&fleet);
    assert_eq!(read(&fleet, "soundlab", "/healthz").0, 502, "not up yet");
    time.fetch_add(BOOT_MS - 1, Ordering::SeqCst);
    assert_eq!(read(&fleet, "soundlab", "/healthz").0, 502, "not up yet");
    time.fetch_add(1, Ordering::SeqCst);
    assert_eq!(read(&fleet, "soundlab", "/healthz").0, 200);
    let (_, version) = read(&fleet, "soundlab", "/version");
    assert_eq!(version["version"], "0.8.4");
    assert_eq!(version["stale"], Value::Null, "what runs is latest: nothing to complain of after a rollback");
    assert_eq!(read(&fleet, "soundlab", "/readyz").0, 200, "the other release has no such fault");
}

#[test]
fn a_pinned_release_comes_again_whatever_is_tagged() {
    let (fleet, time) = fleet();
    fleet.break_it("soundlab", "version-stuck").unwrap();
    let (_, before) = read(&fleet, "soundlab", "/version");
    assert_eq!(before["stale"], "0.9.0-beta2 runs, but 0.9.0-rc1 is latest");
    roll_back(&fleet);
    time.fetch_add(BOOT_MS, Ordering::SeqCst);
    let (_, after) = read(&fleet, "soundlab", "/version");
    assert_eq!(after["version"], before["version"], "the rollback changed nothing");
    assert_eq!(after["stale"], "0.9.0-beta2 runs, but 0.8.4 is latest");
    fleet.heal("soundlab", Some("version-stuck")).unwrap();
    assert_eq!(read(&fleet, "soundlab", "/version").1["version"], "0.8.4");
}

#[test]
fn compose_and_docker_answer_as_the_real_ones_would() {
    let (fleet, time) = fleet();
    let running = tool(&fleet, "soundlab", "compose up -d");
    assert!(running.code == 0 && running.err.contains("Running"), "what runs is left alone: {running:?}");
    assert_eq!(read(&fleet, "soundlab", "/healthz").0, 200);
    tool(&fleet, "soundlab", "compose restart");
    assert_eq!(read(&fleet, "soundlab", "/healthz").0, 502);
    time.fetch_add(BOOT_MS, Ordering::SeqCst);
    assert!(tool(&fleet, "soundlab", "compose ps").out.contains("(healthy)"));
    assert_eq!(tool(&fleet, "soundlab", "compose logs --tail 2").out.lines().count(), 2);
    for endless in ["compose logs -f", "compose up"] {
        assert_eq!(tool(&fleet, "soundlab", endless).code, 1, "{endless}");
    }
    let unknown = tool(&fleet, "soundlab", "compose frobnicate");
    assert!(unknown.code == 1 && unknown.err.contains("frobnicate"), "{unknown:?}");

    let inspect =
        |tag: &str| tool(&fleet, "soundlab", &format!("docker image inspect soundlab/phi-matrix:{tag}"));
    let told: Value = serde_json::from_str(&inspect("previous").out).unwrap();
    assert_eq!(told[0]["Config"]["Labels"]["org.opencontainers.image.version"], "0.8.4");
    assert_eq!(told[0]["RepoTags"], json!(["soundlab/phi-matrix:0.8.4", "soundlab/phi-matrix:previous"]));
    let missing = inspect("replaced");
    assert!(missing.code == 1 && missing.err.contains("No such image"), "{missing:?}");
    let id = |tag: &str| {
        tool(&fleet, "soundlab", &format!("docker image inspect -f {{{{.Id}}}} soundlab/phi-matrix:{tag}"))
            .out
    };
    assert!(id("latest").starts_with("sha256:") && id("latest").trim().len() == 71);
    assert_ne!(id("latest"), id("previous"));
    assert_eq!(id("latest"), id("0.9.0-rc1"));
    let other = fleet.tool(None, "docker", &["tag", "shop/web:a", "shop/web:b"]).unwrap();
    assert!(other.code == 1 && other.err.contains("No such image: shop/web:a"), "{other:?}");
    let error = fleet.tool(Some("nexus"), "compose", &["down"]).unwrap_err();
    assert!(error.contains("nexus"), "{error}");
}

#[test]
fn a_purge_removes_what_waits_and_nothing_else() {
    let (fleet, time) = fleet();
    fleet.break_it("soundfoundry", "queue-stuck").unwrap();
    time.fetch_add(60_000, Ordering::SeqCst);
    let celery = "celery -A app.workers.celery_app";
    let depth = || read(&fleet, "soundfoundry", "/api/admin/queue").1;
    let before = depth();
    assert_eq!(
        (&before["waiting"], &before["reserved"], &before["active"]),
        (&json!(154), &json!(1), &json!(1))
    );

    assert_eq!(tool(&fleet, "soundfoundry", &format!("{celery} control purge")).code, 2, "no such command");
    assert_eq!(
        tool(&fleet, "soundfoundry", &format!("{celery} purge")).code,
        1,
        "it asks, and nobody answers"
    );
    assert_eq!(tool(&fleet, "soundfoundry", "celery -A app.other purge -f").code, 2, "no such app");
    assert_eq!(depth(), before);

    let purged = tool(&fleet, "soundfoundry", &format!("{celery} purge -f"));
    assert!(purged.code == 0 && purged.out.contains("154"), "{purged:?}");
    let after = depth();
    assert_eq!((&after["waiting"], &after["reserved"], &after["active"]), (&json!(0), &json!(1), &json!(1)));
    time.fetch_add(10_000, Ordering::SeqCst);
    assert_eq!(depth()["waiting"], 2, "the worker still takes nothing");

    let id = after["running"][0].as_str().unwrap();
    let ended = tool(&fleet, "soundfoundry", &format!("{celery} control --timeout 3 terminate SIGTERM {id}"));
    assert_eq!(ended.code, 0);
    assert_eq!((&depth()["active"], &depth()["reserved"]), (&json!(0), &json!(1)));
}

#[test]
fn the_api_purges_only_for_an_operator_and_only_where_the_broker_lets_it() {
    let (fleet, _) = fleet();
    let right = format!("Bearer {ADMIN_TOKEN}");
    let post = |headers: &[(&str, &str)]| {
        let answer = send(&fleet, "soundfoundry", "POST", "/api/admin/queue/purge", headers, "");
        (answer.status, json(&answer)["purged"].as_u64())
    };
    assert_eq!(post(&[]), (401, None));
    assert_eq!(post(&[("authorization", "Bearer guess")]), (401, None));
    fleet.break_it("soundfoundry", "purge-refused").unwrap();
    assert_eq!(post(&[("authorization", &right)]), (503, None));
    let refused = tool(&fleet, "soundfoundry", "celery -A app.workers.celery_app purge -f");
    assert!(refused.code == 1 && refused.err.contains("READONLY"), "{refused:?}");
    assert_eq!(read(&fleet, "soundfoundry", "/api/admin/queue").1["waiting"], 2, "nothing was removed");
    fleet.heal("soundfoundry", None).unwrap();
    assert_eq!(post(&[("authorization", &right)]), (200, Some(2)));
}

#[test]
fn a_pushed_commit_is_deployed_after_a_moment_and_mends_a_bad_deploy() {
    let (fleet, time) = fleet();
    let commit = "0123456789abcdef0123456789abcdef01234567";
    let deployed = || read(&fleet, "nexus", "/api/version").1["commit"].clone();
    let before = deployed();
    fleet.break_it("nexus", "page-error").unwrap();
    assert_eq!(tool(&fleet, "nexus", "platform deploy main").code, 2, "a branch is no commit");
    assert_eq!(tool(&fleet, "nexus", &format!("platform deploy {commit}")).code, 0);
    time.fetch_add(DEPLOY_MS - 1, Ordering::SeqCst);
    assert_eq!(deployed(), before);
    assert_eq!(read(&fleet, "nexus", "/").0, 500);
    time.fetch_add(1, Ordering::SeqCst);
    assert!(fleet.state()[3].healthy, "a look is enough for it to be seen");
    assert_eq!(deployed(), commit);
    assert_eq!(read(&fleet, "nexus", "/").0, 200);

    fleet.break_it("nexus", "deploy-stuck").unwrap();
    assert_eq!(tool(&fleet, "nexus", "platform deploy 9f3c1a7").code, 0, "the push itself went well");
    time.fetch_add(10 * DEPLOY_MS, Ordering::SeqCst);
    assert_eq!(deployed(), commit);
}

#[test]
fn settings_are_judged_and_their_values_never_said() {
    let (fleet, _) = fleet();
    let values = [ADMIN_TOKEN, crate::sandbox::practice::soundscape::WRITE_TOKEN, "practice-hf-token"];
    let silent = |said: &Said| values.iter().all(|v| !said.out.contains(v) && !said.err.contains(v));
    let well = tool(&fleet, "soundscape", "env check");
    assert!(well.code == 0 && silent(&well) && well.out.contains("present"), "{well:?}");
    fleet.break_it("soundscape", "write-token-missing").unwrap();
    let gone = tool(&fleet, "soundscape", "env check SCOPE_PROXY_ENABLE SCOPE_PROXY_WRITE_TOKEN");
    assert!(gone.code == 1 && silent(&gone), "{gone:?}");
    assert_eq!(gone.err, "SCOPE_PROXY_WRITE_TOKEN is absent\n");
    let wrong = tool(&fleet, "soundscape", "env set SCOPE_PROXY_ENABLE=practice-hf-token");
    assert!(wrong.code == 0 && silent(&wrong), "{wrong:?}");
    tool(&fleet, "soundscape", "front redeploy");
    let wrong = tool(&fleet, "soundscape", "env check SCOPE_PROXY_ENABLE");
    assert!(wrong.code == 1 && silent(&wrong) && wrong.out.contains("wrong"), "{wrong:?}");
    let other = tool(&fleet, "soundscape", "env check PATH");
    assert!(other.code == 2 && other.err.contains("PATH"), "{other:?}");
}

#[test]
fn what_is_written_counts_from_the_next_start_on_and_can_be_taken_back() {
    let (fleet, _) = fleet();
    let on = || tool(&fleet, "soundfoundry", "env is FEATURE_COVER_SAVE true").code == 0;
    tool(&fleet, "soundfoundry", "env set FEATURE_COVER_SAVE=false");
    assert!(on(), "the container is still the old one");
    tool(&fleet, "soundfoundry", "compose up -d api");
    assert!(!on());
    tool(&fleet, "soundfoundry", "env restore");
    tool(&fleet, "soundfoundry", "compose up -d api");
    assert!(on());
}

#[test]
fn a_job_is_queued_then_renders_then_is_complete() {
    let (fleet, time) = fleet();
    let token = format!("Bearer {}", crate::sandbox::practice::soundfoundry::USER_TOKEN);
    let headers = [("authorization", token.as_str())];
    let made = json(&send(&fleet, "soundfoundry", "POST", "/api/tracks", &headers, "{}"));
    let path = format!("/api/jobs/{}", made["job_id"].as_str().unwrap());
    let status = || json(&send(&fleet, "soundfoundry", "GET", &path, &headers, ""))["status"].clone();
    let mut seen = vec![status()];
    for _ in 0..2 {
        time.fetch_add(crate::sandbox::practice::tracks::RENDER_MS, Ordering::SeqCst);
        seen.push(status());
    }
    assert_eq!(seen, ["QUEUED", "RENDERING", "COMPLETE"]);
    assert_eq!(send(&fleet, "soundfoundry", "POST", "/api/tracks", &[], "{}").status, 401);
}

#[test]
fn a_limit_holds_for_its_window_and_a_reset_forgets_everything() {
    let (fleet, time) = fleet();
    let token = format!("Bearer {}", crate::sandbox::practice::soundfoundry::FREE_TOKEN);
    let ask = || {
        let headers = [("authorization", token.as_str())];
        send(&fleet, "soundfoundry", "POST", "/api/tracks", &headers, "{}").status
    };
    let six: Vec<u16> = (0..6).map(|_| ask()).collect();
    assert_eq!(six, [201, 201, 201, 201, 201, 429]);
    time.fetch_add(60_000, Ordering::SeqCst);
    assert_eq!(ask(), 201, "a minute later it begins anew");
    fleet.break_it("soundfoundry", "down").unwrap();
    fleet.reset("soundfoundry").unwrap();
    assert!(fleet.state()[1].healthy && ask() == 201);
    assert!(fleet.reset("nobody").unwrap_err().contains("soundscape"));
}
