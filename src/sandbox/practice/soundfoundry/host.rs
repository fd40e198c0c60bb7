//! The host of the practice soundfoundry: its settings, its containers and images, its backups.

use super::Soundfoundry;
use crate::sandbox::practice::jobs::{self, Job, always, unless};
use crate::sandbox::practice::service::Said;
use crate::sandbox::practice::settings::{Must, Wanted};

/// What counts as a value of development or of a test.
const NOT_PRODUCTION: &[&str] = &["localhost", "127.0.0.1", "test", "dev", "example.org"];

/// What a deployment's environment must be. The values are the practice services' own.
pub const CONTRACT: &[Wanted] = &[
    ("DATABASE_URL", Must::NotHave(NOT_PRODUCTION), Some("postgresql://db.practice.example/soundfoundry")),
    ("REDIS_URL", Must::NotHave(NOT_PRODUCTION), Some("redis://redis.practice.example/0")),
    ("S3_ENDPOINT", Must::NotHave(NOT_PRODUCTION), Some("https://s3.practice.example")),
    ("S3_ACCESS_KEY", Must::BeSet, Some("practice")),
    ("S3_SECRET_KEY", Must::BeSet, Some("practice")),
    ("S3_BUCKET", Must::Be("soundfoundry-prod"), Some("soundfoundry-prod")),
    ("S3_REGION", Must::BeSet, Some("eu-central-1")),
    ("MUSIC_PROVIDER", Must::BeOneOf(&["fal", "replicate"]), Some("fal")),
    ("FAL_KEY", Must::BeSet, Some("practice")),
    ("REPLICATE_API_TOKEN", Must::BeSet, Some("practice")),
    ("STYLE_SEED_ENABLED", Must::BeOneOf(&["true", "false"]), Some("false")),
    ("STYLE_UNLOCKS_ENABLED", Must::BeOneOf(&["true", "false"]), Some("false")),
    ("STYLE_SERIES_ENABLED", Must::BeOneOf(&["true", "false"]), Some("false")),
    ("FEATURE_COVER_SAVE", Must::BeOneOf(&["true", "false"]), Some("true")),
    ("NEXTAUTH_URL", Must::NotHave(NOT_PRODUCTION), Some("https://soundfoundry.practice.example")),
    ("CORS_ORIGINS", Must::NotHave(NOT_PRODUCTION), Some("https://soundfoundry.practice.example")),
    ("SENTRY_DSN", Must::BeSet, Some("practice")),
    ("ENVIRONMENT", Must::Be("production"), Some("production")),
];

/// What the host's other commands say.
const JOBS: &[Job] = &[
    always("images build", "api, worker and web are built"),
    always("images push", "api, worker and web are pushed"),
    unless(
        "compose run --rm api alembic upgrade head",
        "upgraded to 20f1c3a (head)",
        "migration-fails",
        "relation style_seeds already exists",
    ),
    always("compose run --rm api alembic current", "20f1c3a (head)"),
    always("compose run --rm api backfill style-seeds", "backfilled 3 users"),
    always("compose run --rm api counts", "users 1203 seeds 1203"),
    always(
        "compose ps",
        "postgres healthy, redis healthy, minio healthy, api healthy, worker healthy, web healthy",
    ),
    always("infra check dns", "the names lead where they should"),
    unless("infra check tls", "valid for 61 days", "tls-expired", "the certificate has expired"),
    always("infra check cdn", "the CDN answers"),
    always("infra check bucket", "soundfoundry-prod is there"),
    always("infra check lifecycle", "cold after 30 days"),
    always("infra check versioning", "Enabled"),
    always("infra check backups", "last night's dump is there"),
    always("infra check redis-persistence", "appendonly yes"),
    always("backup dump", "soundfoundry.sql.gz, 214 MB"),
    unless(
        "backup verify",
        "the dump is readable: 42 tables",
        "dump-unreadable",
        "gzip: unexpected end of file",
    ),
    always("backup tokens", "the design tokens are exported with release 1.6.0"),
];

impl Soundfoundry {
    /// A tool of the host.
    pub(super) fn host(&mut self, now: i64, tool: &str, words: &[&str]) -> Option<Said> {
        Some(match (tool, words) {
            ("celery", words) => self.queue.celery(now, words),
            ("env", words) => self.settings.tool(words),
            ("images", ["current", tag]) => {
                self.chosen = Some((*tag).to_owned());
                Said::out(format!("{tag} is what the next start takes\n"))
            }
            ("compose", ["up", rest @ ..]) if !rest.contains(&"-d") => {
                Said::failed(1, "up without -d stays in the foreground and never ends: add -d\n")
            }
            ("compose", ["up", ..]) => {
                self.settings.recreate();
                self.limits.clear();
                match self.chosen.take().map(|tag| self.image.deploy(&tag)) {
                    Some(Err(why)) => Said::failed(1, why),
                    _ => Said::noted(" Container soundfoundry-api-1  Started\n"),
                }
            }
            ("compose", ["images", ..]) => {
                Said::out(format!("soundfoundry-api-1 soundfoundry/api {}\n", self.image.current))
            }
            ("compose", ["logs", rest @ ..]) => {
                let stuck = self.broken.has("queue-stuck");
                let last =
                    if stuck { "worker: no task taken for 600 s" } else { "worker: render_track succeeded" };
                let lines = ["api: GET /api/health 200", "api: POST /api/tracks 201", last];
                jobs::tail(&lines.map(str::to_owned), rest)
            }
            _ => return jobs::run(JOBS, &self.broken, tool, words),
        })
    }
}
