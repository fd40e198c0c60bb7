//! The five services' check rows as predicates over a fleet, and which of them each fault makes fail.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::Value;

use crate::sandbox::practice::service::{Answer, Ask, SLOW};
use crate::sandbox::practice::{Fleet, soundfoundry, soundscape};

pub fn send(
    fleet: &Fleet,
    service: &str,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &str,
) -> Answer {
    let headers: BTreeMap<String, String> =
        headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let ask = Ask { method, path, headers: &headers, body: body.as_bytes() };
    fleet.answer(service, &ask).expect("the service exists")
}

fn get(fleet: &Fleet, service: &str, path: &str) -> Answer {
    send(fleet, service, "GET", path, &[], "")
}

pub fn json(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap_or(Value::Null)
}

/// 200, in time.
fn well(answer: &Answer) -> bool {
    answer.status == 200 && answer.after < SLOW
}

fn metric(answer: &Answer, name: &str) -> Option<f64> {
    let line = answer.body.lines().find(|line| line.split(' ').next() == Some(name))?;
    line.rsplit(' ').next()?.parse().ok()
}

/// Whether a tool of the service's host ends well; `line` is its words.
fn does(fleet: &Fleet, service: &str, line: &str) -> bool {
    said(fleet, service, line).is_some()
}

/// What a tool says, if it ends well.
fn said(fleet: &Fleet, service: &str, line: &str) -> Option<String> {
    let (tool, words) = line.split_once(' ').expect("a tool and its words");
    let said = fleet.tool(Some(service), tool, &words.split(' ').collect::<Vec<_>>());
    let said = said.expect("the host has this tool");
    (said.code == 0).then_some(said.out)
}

pub type Check = (&'static str, fn(&Fleet) -> bool);

const SOUNDSCAPE: &[Check] = &[
    ("scope-health", |f| well(&get(f, "soundscape", "/health"))),
    ("pipeline", |f| {
        let answer = get(f, "soundscape", "/api/v1/pipeline/status");
        well(&answer) && json(&answer)["status"] == "loaded"
    }),
    ("schemas", |f| {
        let answer = get(f, "soundscape", "/api/v1/pipelines/schemas");
        let some = |v: &Value| v["pipelines"].as_object().is_some_and(|p| !p.is_empty());
        well(&answer) && some(&json(&answer))
    }),
    ("page", |f| well(&get(f, "soundscape", "/soundscape"))),
    ("page-online", |f| get(f, "soundscape", "/soundscape").body.contains("Scope online")),
    ("proxy-read", |f| well(&get(f, "soundscape", "/api/scope/health"))),
    ("proxy-refuses-path", |f| get(f, "soundscape", "/api/scope/etc").status == 403),
    ("proxy-refuses-method", |f| {
        let path = "/api/scope/health";
        send(f, "soundscape", "DELETE", path, &[], "").status == 403
    }),
    ("proxy-refuses-origin", |f| {
        let headers = [("host", "127.0.0.1:1"), ("origin", "https://other.example")];
        let path = "/api/scope/health";
        send(f, "soundscape", "GET", path, &headers, "").status == 403
    }),
    ("proxy-refuses-no-token", |f| {
        let path = "/api/scope/api/v1/pipeline/load";
        send(f, "soundscape", "POST", path, &[], "{}").status == 401
    }),
    ("proxy-write", |f| {
        let headers = [("x-scope-proxy-token", soundscape::WRITE_TOKEN)];
        let path = "/api/scope/api/v1/pipeline/load";
        send(f, "soundscape", "POST", path, &headers, "{}").status == 202
    }),
    ("environment", |f| does(f, "soundscape", "env check")),
    ("stats", |f| {
        let answer = get(f, "soundscape", "/api/v1/stats");
        !well(&answer) || json(&answer)["dropped_frame_ratio"].as_f64() < Some(0.12)
    }),
    ("reconnects", |f| metric(&get(f, "soundscape", "/metrics"), "scope_reconnecting") != Some(4.0)),
    ("token-sent", |f| metric(&get(f, "soundscape", "/metrics"), "front_sends_write_token") == Some(1.0)),
    ("sessions", |f| {
        let answer = get(f, "soundscape", "/metrics");
        metric(&answer, "scope_up") == Some(0.0) || metric(&answer, "scope_active_sessions") > Some(0.0)
    }),
    ("gpu", |f| said(f, "soundscape", "pod gpu").is_some_and(|used| used.trim() == "61")),
    ("pod", |f| does(f, "soundscape", "pod status")),
    ("tests", |f| does(f, "soundscape", "npm run test")),
    ("audit", |f| does(f, "soundscape", "npm audit --omit=dev --audit-level=high")),
    ("settings", |f| does(f, "soundscape", "env restore")),
    ("launches", |f| does(f, "soundscape", "pod launch stable-12")),
    ("deploys", |f| {
        does(f, "soundscape", "front deploy 2.2.4");
        let back = f.state()[0].facts["release"] == "2.2.4";
        does(f, "soundscape", "front deploy 2.3.0") && back
    }),
];

const SOUNDFOUNDRY: &[Check] = &[
    ("status", |f| {
        let answer = get(f, "soundfoundry", "/api/health");
        answer.status == 200 && json(&answer)["status"] == "ok"
    }),
    ("in-time", |f| get(f, "soundfoundry", "/api/health").after < SLOW),
    ("queue", |f| {
        let answer = get(f, "soundfoundry", "/api/admin/queue");
        well(&answer) && json(&answer)["waiting"].as_u64().is_some_and(|n| n < 100)
    }),
    ("purge", |f| {
        let token = format!("Bearer {}", soundfoundry::ADMIN_TOKEN);
        let headers = [("authorization", token.as_str())];
        send(f, "soundfoundry", "POST", "/api/admin/queue/purge", &headers, "").status == 200
    }),
    ("environment", |f| does(f, "soundfoundry", "env check")),
    ("worker", |f| does(f, "soundfoundry", "celery -A app.workers.celery_app inspect active")),
    ("tls", |f| does(f, "soundfoundry", "infra check tls")),
    ("migration", |f| does(f, "soundfoundry", "compose run --rm api alembic upgrade head")),
    ("dump", |f| does(f, "soundfoundry", "backup verify")),
    ("flags", |f| {
        does(f, "soundfoundry", "env set STYLE_SEED_ENABLED=true");
        does(f, "soundfoundry", "compose up -d api");
        let on = does(f, "soundfoundry", "env is STYLE_SEED_ENABLED true");
        does(f, "soundfoundry", "env set STYLE_SEED_ENABLED=false");
        does(f, "soundfoundry", "compose up -d api") && on
    }),
    ("images", |f| {
        does(f, "soundfoundry", "images current 1.5.2");
        does(f, "soundfoundry", "compose up -d");
        let back = f.state()[1].facts["image"] == "1.5.2";
        does(f, "soundfoundry", "images current 1.6.0");
        does(f, "soundfoundry", "compose up -d") && back
    }),
    ("fallback", |f| {
        does(f, "soundfoundry", "env set MUSIC_PROVIDER=replicate");
        does(f, "soundfoundry", "compose up -d api worker");
        let made = !as_user(f, "POST", "/api/tracks", "{}").body.contains("replicate refuses");
        does(f, "soundfoundry", "env set MUSIC_PROVIDER=fal");
        does(f, "soundfoundry", "compose up -d api worker") && made
    }),
    ("provider", |f| !as_user(f, "POST", "/api/tracks", "{}").body.contains("fal refuses")),
    ("limits", |f| {
        does(f, "soundfoundry", "compose up -d api");
        let series = |_: u32| as_user(f, "POST", "/api/series", "{}").status;
        let last = (0..11).map(series).last();
        does(f, "soundfoundry", "compose up -d api") && last != Some(201)
    }),
    ("svg", |f| {
        let path = "/api/tracks/none/cover";
        as_user(f, "POST", path, "<svg><script>1</script></svg>").status != 404
    }),
    ("waits", |f| {
        let answer = get(f, "soundfoundry", "/api/admin/queue");
        !well(&answer) || json(&answer)["waits_seconds"].as_f64() < Some(60.0)
    }),
    ("makes", |f| {
        let answer = get(f, "soundfoundry", "/api/admin/queue");
        !well(&answer) || json(&answer)["takes_seconds"].as_f64() < Some(120.0)
    }),
    ("saves", |f| {
        let track = json(&as_user(f, "POST", "/api/tracks", "{}"))["track_id"].clone();
        let path = format!("/api/tracks/{}/cover", track.as_str().unwrap_or("none"));
        !as_user(f, "POST", &path, "<svg/>").body.contains("the bucket refuses")
    }),
    ("paints", |f| get(f, "soundfoundry", "/share/trk-000001").after < Duration::from_secs(3)),
    ("pages", |f| (0..20).all(|_| get(f, "soundfoundry", "/share/trk-000001").status != 500)),
    ("og", |f| {
        let answer = get(f, "soundfoundry", "/share/trk-000001");
        answer.status != 200 || answer.body.contains("og:title")
    }),
    ("renders", |f| {
        let answer = as_user(f, "POST", "/api/tracks", "{}");
        let path = format!("/api/jobs/{}", json(&answer)["job_id"].as_str().unwrap_or("none"));
        json(&as_user(f, "GET", &path, ""))["status"] != "FAILED"
    }),
];

fn as_user(fleet: &Fleet, method: &str, path: &str, body: &str) -> Answer {
    let token = format!("Bearer {}", soundfoundry::USER_TOKEN);
    send(fleet, "soundfoundry", method, path, &[("authorization", &token)], body)
}

const SOUNDLAB: &[Check] = &[
    ("healthz", |f| get(f, "soundlab", "/healthz").status == 200),
    ("in-time", |f| get(f, "soundlab", "/healthz").after < SLOW),
    ("readyz", |f| well(&get(f, "soundlab", "/readyz"))),
    ("version", |f| {
        let answer = get(f, "soundlab", "/version");
        well(&answer) && json(&answer)["version"] == "0.9.0-rc1" && json(&answer)["stale"].is_null()
    }),
    ("clients", |f| {
        let answer = get(f, "soundlab", "/api/status");
        well(&answer) && json(&answer)["metrics_clients"].as_u64() > Some(0)
    }),
    ("memory", |f| {
        let answer = get(f, "soundlab", "/metrics");
        metric(&answer, "soundlab_memory_percent").is_some_and(|m| m <= 90.0)
    }),
    ("load", |f| {
        let answer = get(f, "soundlab", "/metrics");
        let read = |name| metric(&answer, name);
        read("soundlab_cpu_percent").is_some_and(|v| v < 80.0)
            && read("soundlab_clients").is_some_and(|v| v < 100.0)
            && read("soundlab_websocket_latency_ms").is_some_and(|v| v < 100.0)
            && read("soundlab_metrics_stream_hz").is_some_and(|v| v >= 25.0)
            && read("soundlab_fps").is_some_and(|v| v >= 30.0)
    }),
    ("sync", |f| {
        let answer = get(f, "soundlab", "/api/dashboard/sync-health");
        well(&answer) && json(&answer)["status"] == "ok"
    }),
    ("sessions", |f| {
        let answer = get(f, "soundlab", "/api/recorder/sessions");
        well(&answer) && json(&answer)["sessions"].is_array()
    }),
    ("scan", |f| does(f, "soundlab", "make security-scan")),
    ("pull", |f| does(f, "soundlab", "docker pull soundlab/phi-matrix:0.9.0")),
    ("nginx", |f| does(f, "soundlab", "nginx limit 600")),
    ("backup", |f| does(f, "soundlab", "backup verify") && does(f, "soundlab", "backup restore presets")),
    ("disk", |f| said(f, "soundlab", "disk used").is_some()),
    ("standby", |f| does(f, "soundlab", "standby smoke")),
    ("log", |f| said(f, "soundlab", "compose logs --tail 100").is_some_and(|log| !log.contains("ERROR"))),
    ("benchmark", |f| does(f, "soundlab", "make benchmark")),
];

const NEXUS: &[Check] = &[
    ("page", |f| get(f, "nexus", "/").status == 200),
    ("in-time", |f| get(f, "nexus", "/").after < SLOW),
    ("health", |f| {
        let answer = get(f, "nexus", "/api/health");
        well(&answer) && json(&answer)["status"] == "ok"
    }),
    ("deploys", |f| {
        let said = f.tool(Some("nexus"), "platform", &["deploy", "9f3c1a7"]);
        said.is_ok_and(|said| said.out.contains("is being deployed"))
    }),
    ("music", |f| get(f, "nexus", "/").body.contains("Music: playing")),
    ("panel", |f| get(f, "nexus", "/").body.contains("AI panel: answers")),
    ("cinema", |f| get(f, "nexus", "/").body.contains("Cinema: opens")),
    ("environment", |f| does(f, "nexus", "env check")),
    ("storage", |f| !get(f, "nexus", "/around/storage").body.contains("bucket")),
    ("whip", |f| !get(f, "nexus", "/around/whip").body.contains("forbidden host")),
    ("status-page", |f| get(f, "nexus", "/around/status").status != 503),
    ("log", |f| said(f, "nexus", "platform logs --tail 10").is_some_and(|log| !log.contains("ERROR"))),
    ("audit", |f| does(f, "nexus", "npm audit --omit=dev")),
    ("contacts", |f| does(f, "nexus", "contacts check")),
];

pub fn compose(fleet: &Fleet, seed: u64) -> Answer {
    let body = format!("{{\"mode\":\"transit\",\"seed\":{seed}}}");
    send(fleet, "astradio", "POST", "/api/compose", &[], &body)
}

const ASTRADIO: &[Check] = &[
    // The clock stands still, and with it the window of the limit.
    ("restarts", |f| does(f, "astradio", "service restart")),
    ("ready", |f| well(&get(f, "astradio", "/readyz"))),
    ("viz", |f| json(&get(f, "astradio", "/readyz"))["checks"]["viz_engine_loaded"] == true),
    ("compose", |f| compose(f, 123).status == 200),
    ("in-time", |f| compose(f, 123).after < SLOW),
    ("same-seed", |f| compose(f, 123).body == compose(f, 123).body),
    ("compat", |f| well(&get(f, "astradio", "/api/compat/health"))),
    ("settings", |f| {
        does(f, "astradio", "env set RATE_LIMIT_MAX=1000");
        does(f, "astradio", "service restart");
        let raised = does(f, "astradio", "env is RATE_LIMIT_MAX 1000");
        does(f, "astradio", "env restore") && does(f, "astradio", "service restart") && raised
    }),
    ("model", |f| {
        does(f, "astradio", "env set AUDIO_MODEL_VERSION=v1.0");
        does(f, "astradio", "service deploy");
        let stuck = f.state()[4].facts["audio_model"] == "v1.1";
        let told = does(f, "astradio", "env is AUDIO_MODEL_VERSION v1.0");
        does(f, "astradio", "env restore") && does(f, "astradio", "service deploy") && !(told && stuck)
    }),
    ("cookie", |f| {
        let answer = send(f, "astradio", "POST", "/api/login", &[], "");
        answer.headers.iter().all(|(name, value)| *name != "set-cookie" || value.contains("SameSite"))
    }),
    ("rotates", |f| {
        let login = || json(&send(f, "astradio", "POST", "/api/login", &[], ""))["rotation"].clone();
        let first = login();
        first.is_null() || first != login()
    }),
    ("origins", |f| {
        let headers = [("origin", "https://other.example")];
        send(f, "astradio", "GET", "/api/compat/health", &headers, "").status != 200
    }),
    ("log", |f| said(f, "astradio", "log --tail 20").is_some_and(|log| log.contains("req-1"))),
    ("searches", |f| {
        let answer = get(f, "astradio", "/api/compat/health");
        !well(&answer) || json(&answer)["search_ms"].as_u64() < Some(500)
    }),
    ("frames", |f| {
        let answer = get(f, "astradio", "/metrics");
        !well(&answer) || metric(&answer, "viz_fps") > Some(55.0)
    }),
    ("cdn", |f| {
        let answer = get(f, "astradio", "/cdn/visuals.js");
        answer.headers.iter().all(|(_, value)| value.contains("immutable"))
    }),
    ("endpoints", |f| does(f, "astradio", "endpoints validate")),
    ("backup", |f| does(f, "astradio", "backup verify")),
];

pub fn checks(service: &str) -> &'static [Check] {
    match service {
        "soundscape" => SOUNDSCAPE,
        "soundfoundry" => SOUNDFOUNDRY,
        "soundlab" => SOUNDLAB,
        "nexus" => NEXUS,
        _ => ASTRADIO,
    }
}
