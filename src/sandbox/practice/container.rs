//! The container of a practice service and the images on its host: what `docker` and `docker compose` do
//! to them, in the words of the real ones, as far as a runbook needs it.

use std::collections::BTreeMap;

use serde_json::json;

use super::service::Said;

/// How long a container takes from its start until it answers, in ms.
pub const BOOT_MS: i64 = 5_000;
/// The label that names the release in an image.
pub const LABEL: &str = "org.opencontainers.image.version";

/// Lines of the log that are kept.
const LOG: usize = 500;

/// A container that was started.
#[derive(Debug, Clone)]
struct Running {
    /// The release in it.
    release: String,
    /// When it started, in ms since the epoch.
    started: i64,
    /// From when on it answers.
    ready: i64,
}

/// One service's host: its images, and one container.
#[derive(Debug, Clone)]
pub struct Container {
    service: &'static str,
    image: &'static str,
    /// By tag, the release that the image of that tag holds.
    tags: BTreeMap<String, String>,
    /// The release that the compose file names instead of `latest`.
    pin: Option<&'static str>,
    running: Option<Running>,
    log: Vec<String>,
    /// How long it takes to start, in ms.
    pub boot: i64,
    /// Whether it writes errors.
    ill: bool,
}

impl Container {
    /// A host on which `latest` has been running for a while, with `previous` kept.
    pub fn new(
        service: &'static str,
        image: &'static str,
        latest: &str,
        previous: &str,
        now: i64,
    ) -> Container {
        let tags = [("latest", latest), ("previous", previous), (latest, latest), (previous, previous)];
        let tags = tags.into_iter().map(|(tag, release)| (tag.to_owned(), release.to_owned())).collect();
        let mut host = Container {
            service,
            image,
            tags,
            pin: None,
            running: None,
            log: vec![],
            boot: BOOT_MS,
            ill: false,
        };
        host.start(now);
        host.arrive(now);
        host
    }

    /// The release behind a tag.
    pub fn tagged(&self, tag: &str) -> Option<&str> {
        self.tags.get(tag).map(String::as_str)
    }

    /// The release in the container, whether it answers yet or not.
    pub fn release(&self) -> Option<&str> {
        self.running.as_ref().map(|r| r.release.as_str())
    }

    /// `running`, `starting` or `stopped`.
    pub fn condition(&self, now: i64) -> &'static str {
        match &self.running {
            None => "stopped",
            Some(r) if now < r.ready => "starting",
            Some(_) => "running",
        }
    }

    /// Seconds since the start; 0 while it is stopped.
    pub fn uptime_s(&self, now: i64) -> i64 {
        self.running.as_ref().map_or(0, |r| (now - r.started).max(0) / 1000)
    }

    /// Makes the compose file name this release instead of `latest`, or `latest` again, and puts a
    /// container of it in the place of the one that runs, at once.
    pub fn pin(&mut self, release: Option<&'static str>, now: i64) {
        self.pin = release;
        if self.running.is_some() {
            self.start(now);
            self.arrive(now);
        }
    }

    /// Starts the container anew, without the time that it takes.
    pub fn restarted_at_once(&mut self, now: i64) {
        self.start(now);
        self.arrive(now);
    }

    /// From now on it writes errors, or none any more.
    pub fn ill(&mut self, ill: bool) {
        self.ill = ill;
    }

    fn arrive(&mut self, now: i64) {
        if let Some(running) = &mut self.running {
            running.ready = now;
        }
    }

    fn start(&mut self, now: i64) {
        let release = self.pin.or_else(|| self.tagged("latest")).unwrap_or("latest").to_owned();
        self.note(now, &format!("phi-matrix {release}: starting"));
        self.note(now, "presets: 48 loaded");
        self.running = Some(Running { release, started: now, ready: now + self.boot });
    }

    fn stop(&mut self, now: i64) {
        self.note(now, "SIGTERM: closing 12 WebSocket clients, bye");
        self.running = None;
    }

    fn note(&mut self, now: i64, text: &str) {
        let time = chrono::DateTime::from_timestamp_millis(now).unwrap_or_default();
        self.log.push(format!("{} {text}", time.format("%Y-%m-%dT%H:%M:%SZ")));
        if self.log.len() > LOG {
            self.log.remove(0);
        }
    }

    /// `docker compose` on this host: `down`, `stop`, `up -d`, `start`, `restart`, `ps`, `logs`.
    pub fn compose(&mut self, now: i64, words: &[&str]) -> Said {
        let name = format!("{0}-{0}-1", self.service);
        let running = self.running.is_some();
        match words {
            ["down" | "stop", ..] if !running => Said::default(),
            [how @ ("down" | "stop"), ..] => {
                self.stop(now);
                let gone =
                    if *how == "down" { format!(" Container {name}  Removed\n") } else { String::new() };
                Said::noted(format!(" Container {name}  Stopping\n Container {name}  Stopped\n{gone}"))
            }
            ["up", rest @ ..] if !rest.iter().any(|w| matches!(*w, "-d" | "--detach")) => {
                Said::failed(1, "up without -d stays in the foreground and never ends: add -d\n")
            }
            ["up", ..] if running && self.release() == self.pin.or_else(|| self.tagged("latest")) => {
                Said::noted(format!(" Container {name}  Running\n"))
            }
            ["up" | "start", ..] => {
                self.start(now);
                Said::noted(format!(" Container {name}  Starting\n Container {name}  Started\n"))
            }
            ["restart", ..] if !running => {
                Said::failed(1, format!("no container of {} runs: use up -d\n", self.service))
            }
            ["restart", ..] => {
                // The same container again: another image needs `up -d`.
                let release = self.release().map(str::to_owned);
                self.start(now);
                if let (Some(running), Some(release)) = (&mut self.running, release) {
                    running.release = release;
                }
                Said::noted(format!(" Container {name}  Restarting\n Container {name}  Started\n"))
            }
            ["ps", ..] => {
                let mut text = "NAME                  IMAGE                        STATUS\n".to_owned();
                if let Some(r) = &self.running {
                    let health = if now < r.ready { "health: starting" } else { "healthy" };
                    let up = (now - r.started).max(0) / 1000;
                    text.push_str(&format!("{name:<21} {:<28} Up {up} seconds ({health})\n", self.named(r)));
                }
                Said::out(text)
            }
            ["logs", rest @ ..] => self.logs(rest),
            _ => Said::failed(1, format!("unknown docker command: \"compose {}\"\n", words.join(" "))),
        }
    }

    fn named(&self, running: &Running) -> String {
        let tag = if self.pin.is_some() { running.release.as_str() } else { "latest" };
        format!("{}:{tag}", self.image)
    }

    fn logs(&self, words: &[&str]) -> Said {
        if words.iter().any(|w| matches!(*w, "-f" | "--follow")) {
            return Said::failed(1, "logs -f never ends: leave -f out\n");
        }
        let tail = words.iter().enumerate().find_map(|(n, w)| match w.strip_prefix("--tail=") {
            Some(count) => Some(count),
            None if matches!(*w, "--tail" | "-n") => words.get(n + 1).copied(),
            None => None,
        });
        let count = match tail.map(str::parse::<usize>) {
            None => self.log.len(),
            Some(Ok(count)) => count,
            Some(Err(_)) => return Said::failed(1, "invalid value for --tail: write a number\n"),
        };
        let mut log = self.log.clone();
        log.extend((0..3).filter(|_| self.ill).map(|n| format!("ERROR render {n}: frame buffer lost")));
        let from = log.len().saturating_sub(count);
        let line = |l: &String| format!("{}-1  | {l}\n", self.service);
        Said::out(log[from..].iter().map(line).collect::<String>())
    }

    /// `docker` on this host: `pull IMAGE`, `tag SOURCE TARGET`, `image inspect REF`, `inspect REF`, `images`.
    pub fn docker(&mut self, words: &[&str]) -> Said {
        match words {
            ["tag", source, target] => match (self.find(source), self.tag_of(target)) {
                (Err(said), _) | (_, Err(said)) => said,
                (Ok(release), Ok(tag)) => {
                    self.tags.insert(tag, release);
                    Said::default()
                }
            },
            ["pull", reference] => match self.tag_of(reference) {
                Ok(tag) => {
                    self.tags.insert(tag.clone(), tag);
                    Said::out(format!("Status: Downloaded newer image for {reference}\n"))
                }
                Err(said) => said,
            },
            ["image", "inspect", rest @ ..] | ["inspect", rest @ ..] => self.inspect(rest),
            ["images", ..] | ["image", "ls", ..] => {
                let mut text = "REPOSITORY            TAG         IMAGE ID\n".to_owned();
                for (tag, release) in &self.tags {
                    let id = id_of(release);
                    text.push_str(&format!("{:<21} {tag:<11} {}\n", self.image, &id[7..19]));
                }
                Said::out(text)
            }
            _ => Said::failed(1, format!("docker: '{}' is not a docker command here.\n", words.join(" "))),
        }
    }

    /// The tag in `image:tag`.
    fn tag_of(&self, reference: &str) -> Result<String, Said> {
        let (image, tag) = reference.split_once(':').unwrap_or((reference, "latest"));
        match image == self.image && !tag.is_empty() {
            true => Ok(tag.to_owned()),
            false => Err(Said::failed(1, format!("Error: No such image: {reference}\n"))),
        }
    }

    fn find(&self, reference: &str) -> Result<String, Said> {
        let found = self.tagged(&self.tag_of(reference)?).map(str::to_owned);
        found.ok_or_else(|| {
            Said::failed(1, format!("Error response from daemon: No such image: {reference}\n"))
        })
    }

    fn inspect(&self, words: &[&str]) -> Said {
        let (format, reference) = match words {
            ["-f" | "--format", format, reference] | [reference, "-f" | "--format", format] => {
                (Some(*format), *reference)
            }
            [reference] => (None, *reference),
            _ => return Said::failed(1, "docker image inspect: name one image, and -f FORMAT if you like\n"),
        };
        let release = match self.find(reference) {
            Ok(release) => release,
            Err(said) => return Said { out: "[]\n".to_owned(), ..said },
        };
        let id = id_of(&release);
        let by_label = format!("{{{{index .Config.Labels \"{LABEL}\"}}}}");
        match format.map(|f| f.replace("{{ ", "{{").replace(" }}", "}}")) {
            None => {
                let tags = self.tags.iter().filter(|(_, r)| **r == release);
                let tags: Vec<String> = tags.map(|(tag, _)| format!("{}:{tag}", self.image)).collect();
                let labels = json!({ LABEL: release });
                let all = json!([{ "Id": id, "RepoTags": tags, "Config": { "Labels": labels } }]);
                Said::out(format!("{all:#}\n"))
            }
            Some(f) if f == "{{.Id}}" => Said::out(format!("{id}\n")),
            Some(f) if f == by_label => Said::out(format!("{release}\n")),
            Some(f) => {
                Said::failed(1, format!("template parsing error: {f} is not known to the practice docker\n"))
            }
        }
    }
}

/// An image's id: the same for the same release, and no secret.
fn id_of(release: &str) -> String {
    let fold =
        |seed: u64| release.bytes().fold(seed, |h, b| (h ^ u64::from(b)).wrapping_mul(0x100_0000_01b3));
    let parts: String = (1..=4).map(|n| format!("{:016x}", fold(0xcbf2_9ce4_8422_2325 ^ n))).collect();
    format!("sha256:{parts}")
}
