//! Asks http steps, and makes them checks of a service's health.

use std::time::Duration;

use super::address;
use super::encode::{self, Values};
use super::judge::{self, Answer};
use super::secrets::Redactor;
use crate::kit::clock::Stopwatch;
use crate::kit::text::{cut, line};
use crate::model::check::{Finding, Probe, Verdict};
use crate::model::house::House;
use crate::model::runbook::http::{HttpStep, Part, Status};
use crate::model::runbook::step::Rerun;
use crate::model::runbook::{Runbook, Step, StepKind, StepName};

/// How long an answer may take where the step says nothing.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);
/// How much of a body is read, in bytes.
const LARGEST: usize = 1024 * 1024;
/// How long a sentence about an answer may be, in characters.
pub(super) const SENTENCE: usize = 600;

/// Sends the requests of http steps. Cloned freely; clones share connections.
#[derive(Clone)]
pub struct HttpRunner {
    client: reqwest::Client,
}

impl HttpRunner {
    /// A runner with a client of its own: it follows no redirect (a step says where it goes,
    /// and another host is not it), knows no proxy (which would look up names by itself), and
    /// reaches no link-local or metadata address.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub fn new() -> Result<HttpRunner, String> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .dns_resolver(std::sync::Arc::new(address::Guarded))
            .user_agent(concat!("muster/", env!("CARGO_PKG_VERSION")))
            .build();
        client.map(|client| HttpRunner { client }).map_err(|e| format!("no HTTP client: {e}"))
    }

    /// Asks a probe of this house. What is not there any more is told as a finding too: the
    /// files may have changed since it was asked for.
    pub async fn ask(&self, house: &House, probe: &Probe) -> Finding {
        let known = house.runbook(&probe.service).zip(probe.step.parse::<StepName>().ok());
        let none = Values::new();
        match known {
            Some((runbook, step)) => {
                self.probe(runbook, &step, house.vars(&probe.service).unwrap_or(&none)).await
            }
            None => Finding {
                probe: probe.clone(),
                millis: 0,
                expected: "a step in a runbook".to_owned(),
                verdict: Verdict::Broke {
                    why: format!(
                        "there is no runbook `{}` with a step `{}` any more; ask again",
                        probe.service, probe.step
                    ),
                },
            },
        }
    }

    /// Asks the step called `step` with `vars` for its names: as often as its `poll` or `retry`
    /// says while it does not pass, else once. The time is that of the last request.
    pub async fn probe(&self, runbook: &Runbook, step: &StepName, vars: &Values) -> Finding {
        let probe = Probe { service: runbook.service.clone(), step: step.to_string() };
        let finding =
            |millis, expected: String, verdict| Finding { probe: probe.clone(), millis, expected, verdict };
        let broke = |why: &str| Verdict::Broke { why: why.to_owned() };
        let Some(found) = runbook.step(step.as_str()) else {
            return finding(
                0,
                "a step in the runbook".into(),
                broke("the runbook has no such step any more; ask again"),
            );
        };
        let StepKind::Http(http) = &found.kind else {
            return finding(0, "an http step".into(), broke("a health check asks only http steps"));
        };
        let expected = expected(http, vars);
        if let Err(why) = harmless(found, http) {
            return finding(0, expected, broke(why));
        }
        let began = Stopwatch::start();
        let mut times = 0;
        loop {
            times += 1;
            let (millis, verdict) = self.once(found, http, vars).await;
            if verdict.passed() {
                return finding(millis, expected, verdict);
            }
            let options = &found.options;
            let again = match (options.poll, options.retry) {
                (Some(poll), _) => (began.elapsed() + poll.every < poll.for_).then_some(poll.every),
                (None, Some(retry)) => (times <= retry.times).then_some(retry.every),
                (None, None) => None,
            };
            match again {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return finding(millis, expected, often(verdict, times)),
            }
        }
    }

    /// One request, and how long it took in milliseconds.
    pub(super) async fn once(&self, step: &Step, http: &HttpStep, vars: &Values) -> (u64, Verdict) {
        let request = match encode::request(http, vars) {
            Ok(request) => request,
            Err(why) => return (0, Verdict::Broke { why }),
        };
        let watch = Stopwatch::start();
        let answer = self.answer(request, step.options.timeout.unwrap_or(PATIENCE)).await;
        let millis = u64::try_from(watch.elapsed().as_millis()).unwrap_or(u64::MAX);
        let verdict = match answer {
            Err(why) => Verdict::Broke { why },
            Ok(answer) => {
                let failed = judge::failures(http, &answer, vars, &Redactor::default());
                match failed.is_empty() {
                    true => Verdict::Passed { got: format!("HTTP {}", answer.status) },
                    false => Verdict::Failed { got: cut(&failed.join("; "), SENTENCE) },
                }
            }
        };
        (millis, verdict)
    }

    /// What comes back within `patience`.
    ///
    /// # Errors
    /// Why nothing came, without the address.
    pub(super) async fn answer(
        &self,
        request: reqwest::Request,
        patience: Duration,
    ) -> Result<Answer, String> {
        let watch = Stopwatch::start();
        match tokio::time::timeout(patience, self.send(request, &watch)).await {
            Ok(answer) => answer,
            Err(_) => Err(format!("no answer in {}", crate::kit::time::spoken(patience))),
        }
    }

    async fn send(&self, request: reqwest::Request, watch: &Stopwatch) -> Result<Answer, String> {
        let mut response = self.client.execute(request).await.map_err(|e| said(&e))?;
        let mut body = Vec::new();
        let mut too_long = false;
        while let Some(chunk) = response.chunk().await.map_err(|e| said(&e))? {
            too_long = body.len() + chunk.len() > LARGEST;
            if too_long {
                break;
            }
            body.extend_from_slice(&chunk);
        }
        let body = if too_long { Err("the body is longer than 1 MiB".to_owned()) } else { Ok(body) };
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Answer { status, headers, body, took: watch.elapsed() })
    }
}

/// A verdict that came only after more than one request says so.
fn often(verdict: Verdict, times: u32) -> Verdict {
    let said = |what: String| if times > 1 { format!("asked {times} times: {what}") } else { what };
    match verdict {
        Verdict::Passed { got } => Verdict::Passed { got },
        Verdict::Failed { got } => Verdict::Failed { got: said(got) },
        Verdict::Broke { why } => Verdict::Broke { why: said(why) },
    }
}

/// Whether a step may be sent because somebody wondered how a service is.
fn harmless(step: &Step, http: &HttpStep) -> Result<(), &'static str> {
    let reads = matches!(http.method.as_str(), "GET" | "HEAD");
    if !reads && step.options.rerun != Rerun::Safe {
        return Err(
            "a health check sends only GET and HEAD; mark the step `#| rerun: safe` if it changes nothing",
        );
    }
    if step.options.times.is_some() {
        return Err("a health check sends a request once; move the step with `times` to another section");
    }
    if !step.options.secrets.is_empty() {
        return Err("a health check gets no secrets; move the step to another section");
    }
    Ok(())
}

/// What a step expects, in a line: `GET /healthz → HTTP 200, duration < 2000`. The team's base
/// address is left out: everybody knows it, and it makes the line long.
fn expected(http: &HttpStep, vars: &Values) -> String {
    let status = match http.status {
        Status::Any => "any status".to_owned(),
        Status::Is(code) => format!("HTTP {code}"),
    };
    let asserts = http.asserts.iter().map(|a| format!(", {}", encode::filled(&a.source, vars)));
    cut(&line(&format!("{} → {status}{}", title(http), asserts.collect::<String>())), SENTENCE)
}

/// A request in a few words, as it stands in the runbook: `GET /healthz`.
pub(super) fn title(http: &HttpStep) -> String {
    let mut url = http.url.clone();
    if url.0.len() > 1 && matches!(url.0.first(), Some(Part::Value(_))) {
        url.0.remove(0);
    }
    format!("{} {url}", http.method)
}

/// Why no answer came, without the address, which may hold what nobody should read.
fn said(error: &reqwest::Error) -> String {
    let mut root: &dyn std::error::Error = error;
    while let Some(deeper) = root.source() {
        root = deeper;
    }
    let deepest = if std::ptr::eq(root, error) { String::new() } else { format!(": {root}") };
    let what = if error.is_connect() {
        "no connection"
    } else if error.is_timeout() {
        "no answer in time"
    } else {
        "the answer broke off"
    };
    cut(&line(&format!("{what}{deepest}")), SENTENCE)
}
