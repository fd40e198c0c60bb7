//! How sources with an address or a signature of their own are let in, read and answered. What their
//! requests mean stands in a file of their own each.

use axum::http::{Method, header};
use serde_json::{Value, json};

use super::fields::{self, Came};
use super::mapping::Asked;
use super::{Answer, Call, Problem, Protocol, Wants, github, guard, healthchecks, mapping, pagerduty};
use crate::kit::random;
use crate::model::alert::Batch;
use crate::model::input::Input;
use crate::model::intake::Kind;
use crate::model::mapping::{Mapping, Proof};

/// Letters of a key that an alert is given which brings none: as many bits as a UUID.
const FRESH: usize = 26;

/// Keeps what came, if it is small enough.
fn keep(batch: Batch, answer: Answer) -> Result<Wants, Problem> {
    for (n, alert) in batch.alerts.iter().enumerate() {
        guard::bounded(alert, || format!("alerts[{n}]"))?;
    }
    for (n, mark) in batch.marks.iter().enumerate() {
        let link = mark.link.as_ref().map_or(0, |l| l.url.len() + l.label.len());
        let said = [Some(&mark.what), mark.by.as_ref(), mark.service.as_ref()];
        let bytes = said.into_iter().flatten().map(String::len).sum::<usize>() + link;
        if bytes > guard::ALERT {
            let text = format!("it has {bytes} bytes; {} are kept", guard::ALERT);
            return Err(Problem::field(format!("marks[{n}]"), text));
        }
    }
    Ok(Wants::Keep(Box::new(Input::Alerts(Box::new(batch))), answer))
}

fn passed(why: &str) -> Wants {
    Wants::Answer(Answer::json(200, &json!({ "passed over": why })))
}

fn wrong(errors: &[String]) -> Problem {
    Problem::new(400, errors.join("\n"))
}

fn header<'a>(call: &Call<'a>, name: &str) -> Option<&'a str> {
    call.headers.get(name).and_then(|h| h.to_str().ok())
}

/// Whatever calls PagerDuty's Events API v2.
pub struct Pagerduty;

impl Protocol for Pagerduty {
    fn owns(&self, path: &str) -> bool {
        matches!(path, "/v2/enqueue" | "/v2/change/enqueue")
    }

    fn signs_body(&self) -> bool {
        true
    }

    /// The integration key is the secret, and stands in the body. Its clients expect a 400 here.
    fn admit(&self, call: &Call<'_>) -> Result<(), Problem> {
        let secret = guard::secret(call)?;
        let Some(key) = pagerduty::routing_key(call.body) else {
            return Err(Problem::new(400, "the body is no JSON object with a 'routing_key'"));
        };
        match guard::same(key.as_bytes(), secret.as_bytes()) {
            true => Ok(()),
            false => Err(Problem::new(400, "'routing_key' is no key that is known here")),
        }
    }

    fn read(&self, call: &Call<'_>) -> Result<Wants, Problem> {
        if call.method != Method::POST {
            return Err(Problem::new(405, "events are posted"));
        }
        guard::shallow(call.body)?;
        let source = &call.source.name;
        let event = match call.path.trim_end_matches('/') {
            "/v2/enqueue" => {
                let fresh = random::letters(FRESH).map_err(|e| Problem::new(503, e))?;
                pagerduty::enqueue(source, call.body, call.now, &fresh)
            }
            "/v2/change/enqueue" => pagerduty::change(source, call.body, call.now),
            _ => return Err(Problem::new(404, "events are posted to /v2/enqueue and /v2/change/enqueue")),
        };
        let event = event.map_err(|errors| wrong(&errors))?;
        let answer = Answer::json(202, &event.answer());
        keep(event.batch, answer)
    }

    fn refuse(&self, problem: &Problem) -> Answer {
        let errors: Vec<String> = problem.line().split('\n').map(str::to_owned).collect();
        match problem.status {
            429 => Answer::json(429, &pagerduty::too_many()),
            status => Answer::json(status, &pagerduty::invalid(&errors)),
        }
    }

    fn busy(&self) -> u16 {
        429
    }
}

/// GitHub's webhooks.
pub struct Github;

impl Protocol for Github {
    fn signs_body(&self) -> bool {
        true
    }

    fn admit(&self, call: &Call<'_>) -> Result<(), Problem> {
        guard::signed(call, github::SIGNATURE, "sha256=", b"")
    }

    fn read(&self, call: &Call<'_>) -> Result<Wants, Problem> {
        guard::shallow(call.body)?;
        let delivery = github::Delivery {
            source: &call.source.name,
            services: &call.house.settings.intake.services,
            event: header(call, github::EVENT).unwrap_or_default(),
            id: header(call, github::DELIVERY),
            body: call.body,
        };
        match github::read(&delivery, call.now).map_err(|errors| wrong(&errors))? {
            Came::Nothing(why) => Ok(passed(&why)),
            Came::Batch(batch) => keep(batch, Answer::json(200, &json!({ "alerts": 0, "marks": 1 }))),
        }
    }
}

/// The ping API of healthchecks.
pub struct Healthchecks;

impl Healthchecks {
    fn ping(call: &Call<'_>) -> Result<crate::model::heartbeat::Ping, Problem> {
        let way = call.path.strip_prefix("/ping").unwrap_or(call.path).trim_start_matches('/');
        let jobs = &call.house.settings.alerting.heartbeats;
        healthchecks::read(way, call.body, jobs, call.secret).map_err(|refused| match refused {
            healthchecks::Refused::NotFound => Problem::new(404, "not found"),
            healthchecks::Refused::Wrong(what) => Problem::new(400, what),
        })
    }
}

impl Protocol for Healthchecks {
    fn owns(&self, path: &str) -> bool {
        path.starts_with("/ping/")
    }

    /// The address is the secret.
    fn admit(&self, call: &Call<'_>) -> Result<(), Problem> {
        Healthchecks::ping(call).map(drop)
    }

    fn read(&self, call: &Call<'_>) -> Result<Wants, Problem> {
        if ![Method::GET, Method::HEAD, Method::POST].contains(call.method) {
            return Err(Problem::new(405, "use GET, HEAD or POST"));
        }
        let ping = Healthchecks::ping(call)?;
        Ok(Wants::Keep(Box::new(Input::Ping(Box::new(ping))), Answer::text(200, "OK")))
    }

    fn refuse(&self, problem: &Problem) -> Answer {
        Answer::text(problem.status, problem.line())
    }
}

/// Whatever a file describes.
pub struct Mapped;

impl Protocol for Mapped {
    fn signs_body(&self) -> bool {
        true
    }

    fn admit(&self, call: &Call<'_>) -> Result<(), Problem> {
        let proofs = &mapping_of(call)?.proofs;
        if proofs.is_empty() {
            return guard::bearer_or_password(call);
        }
        let secret = guard::secret(call)?.as_bytes();
        let mut why = Problem::stranger("this source's secret is missing");
        for proof in proofs {
            let shown = match proof {
                Proof::Signature(name) => {
                    let hashed = header(call, name).is_some_and(|h| h.trim().starts_with("sha256="));
                    guard::signed(call, name, if hashed { "sha256=" } else { "" }, b"")
                }
                Proof::Header(name) => same(header(call, name), secret, name),
                Proof::Query(name) => {
                    same(fields::at(&fields::form(call.query), &[name]).as_deref(), secret, name)
                }
            };
            match shown {
                Ok(()) => return Ok(()),
                Err(problem) => why = problem,
            }
        }
        Err(why)
    }

    fn read(&self, call: &Call<'_>) -> Result<Wants, Problem> {
        let found = mapping_of(call)?;
        guard::shallow(call.body)?;
        let kind = header(call, header::CONTENT_TYPE.as_str()).unwrap_or_default();
        let body: Value =
            mapping::body(kind, call.body, call.query).map_err(|what| Problem::field("body", what))?;
        let asked = Asked {
            mapping: found,
            source: &call.source.name,
            services: &call.house.settings.intake.services,
            body: &body,
            header: &|name| header(call, name).map(str::to_owned),
            now: call.now,
        };
        let mapped = mapping::read(&asked).map_err(|wrong| {
            let first = wrong.first().map(|told| told.path.clone()).unwrap_or_default();
            let all: Vec<String> = wrong.iter().map(ToString::to_string).collect();
            Problem { status: 422, ..Problem::field(first, all.join("; ")) }
        })?;
        let (alerts, marks) = (mapped.batch.alerts.len(), mapped.batch.marks.len());
        if alerts + marks == 0 {
            return Ok(passed(&mapped.passed.join("; ")));
        }
        keep(mapped.batch, Answer::json(200, &json!({ "alerts": alerts, "marks": marks })))
    }
}

fn mapping_of<'a>(call: &Call<'a>) -> Result<&'a Mapping, Problem> {
    let name = match &call.source.kind {
        Kind::Mapping(name) => name.as_str(),
        _ => "",
    };
    let found = call.house.sources.get(name);
    found.ok_or_else(|| Problem::new(503, format!("there is no mapping `{name}` any more")))
}

fn same(given: Option<&str>, secret: &[u8], name: &str) -> Result<(), Problem> {
    match given {
        None => Err(Problem::stranger(format!("this source's secret is missing: it belongs into `{name}`"))),
        Some(given) if guard::same(given.trim().as_bytes(), secret) => Ok(()),
        Some(_) => Err(Problem::stranger(format!("`{name}` is not this source's secret"))),
    }
}
