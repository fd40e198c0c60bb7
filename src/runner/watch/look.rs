//! One look at one rule: asks what it asks, and says what came, or why nothing is known.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use regex::Regex;
use reqwest::{Method, Request, Url};
use tokio::sync::watch;

use super::lines::Seen;
use super::metrics::{History, Point};
use super::{own, prometheus};
use crate::engine::Job;
use crate::engine::live::Live;
use crate::engine::prepare::{Address, StepJob};
use crate::kit::clock::Clock;
use crate::kit::text::{cut, line};
use crate::kit::time::Timestamp;
use crate::model::check::Verdict;
use crate::model::effect::Effect;
use crate::model::house::House;
use crate::model::ids::{EffectId, RunId, Seq};
use crate::model::run::RanHow;
use crate::model::runbook::{StepKind, StepName};
use crate::model::watch::{Condition, Query, Reading, Source, Watch};
use crate::runner::attempt::{self, Halt, Tools};
use crate::runner::encode;
use crate::runner::http::{self, HttpRunner};
use crate::runner::secrets::Secrets;

/// How long a service may take to tell its metrics.
const PATIENCE: Duration = Duration::from_secs(10);
/// What is kept of metrics beyond the longest window that is asked for.
const MORE: Duration = Duration::from_secs(60);
/// How long a sentence about a look may be, in characters.
const SENTENCE: usize = 300;

/// What a look found.
pub struct Found {
    /// At what is watched.
    pub got: Reading,
    /// At its `while`.
    pub only: Option<Reading>,
    /// At its `clear`.
    pub clear: Option<Reading>,
    /// Where people see more.
    pub link: Option<String>,
}

/// Looks. What it read of metrics and logs before is kept here.
pub struct Looker {
    http: HttpRunner,
    tools: Arc<Tools>,
    clock: Clock,
    stop: watch::Receiver<Option<Halt>>,
    books: Mutex<BTreeMap<String, Arc<tokio::sync::Mutex<Book>>>>,
    logs: Mutex<BTreeMap<(String, StepName), Seen>>,
}

/// What was read of one service's metrics.
#[derive(Default)]
struct Book {
    history: History,
    failed: Option<(Timestamp, String)>,
}

impl Looker {
    /// Looks with secrets that are only taken out of what is printed: no rule has one.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up.
    pub fn new(
        secrets: Secrets,
        clock: Clock,
        stop: watch::Receiver<Option<Halt>>,
    ) -> Result<Looker, String> {
        let http = HttpRunner::new()?;
        let tools = Arc::new(Tools::new(http.clone(), secrets, Live::default(), clock.clone()));
        // Its processes belong to no run, and nobody needs to find them again.
        tools.reporter.send_replace(Some(Arc::new(|_| Box::pin(async {}))));
        Ok(Looker { http, tools, clock, stop, books: Mutex::default(), logs: Mutex::default() })
    }

    /// Looks at a rule of a service.
    pub async fn look(&self, house: &House, service: &str, rule: &Watch) -> Found {
        let got = match &rule.source {
            Source::State(Condition::Probe(step)) => match self.probe(house, service, step).await {
                Ok((passed, said)) => Reading::Holds(!passed, said),
                Err(why) => Reading::Unknown(why),
            },
            Source::State(Condition::Query(query)) => self.holds(house, service, query).await,
            Source::Counter(query) => match self.ask(house, service, query).await {
                Ok(all) if all.is_empty() => Reading::Unknown(format!("there is no `{query}`")),
                Ok(all) => Reading::Counters(all.into_iter().map(|(l, v)| (l.fingerprint(), v)).collect()),
                Err(why) => Reading::Unknown(why),
            },
            Source::Lines { step, pattern } => match self.lines(house, service, rule, step, pattern).await {
                Ok(new) => Reading::Lines(new),
                Err(why) => Reading::Unknown(why),
            },
        };
        let only = self.condition(house, service, rule.only.as_ref()).await;
        let clear = self.condition(house, service, rule.clear.as_ref()).await;
        let base = prometheus_of(house, service);
        let link = rule.queries().next().zip(base).and_then(|(q, base)| prometheus::link(base, &q.text));
        Found { got, only, clear, link }
    }

    async fn condition(&self, house: &House, service: &str, what: Option<&Condition>) -> Option<Reading> {
        Some(match what? {
            Condition::Probe(step) => match self.probe(house, service, step).await {
                Ok((passed, said)) => Reading::Holds(passed, said),
                Err(why) => Reading::Unknown(why),
            },
            Condition::Query(query) => self.holds(house, service, query).await,
        })
    }

    /// Whether what a query asks for is so.
    pub async fn holds(&self, house: &House, service: &str, query: &Query) -> Reading {
        let values: Vec<f64> = match self.ask(house, service, query).await {
            Ok(all) => all.into_iter().map(|(_, value)| value).collect(),
            Err(why) => return Reading::Unknown(why),
        };
        let asked = cut(&line(&query.asked), SENTENCE);
        match (query.holds(&values), query.limit) {
            // What compares by itself leaves out what does not hold.
            (None, None) if values.is_empty() => Reading::Holds(false, format!("nothing fits `{asked}`")),
            (None, _) => Reading::Unknown(format!("`{asked}` gives no number")),
            (Some((so, value)), limit) => {
                let limit = limit.map(|(c, l)| format!(", where the limit is {} {l}", c.sign()));
                Reading::Holds(so, format!("`{asked}` is {}{}", short(value), limit.unwrap_or_default()))
            }
        }
    }

    /// The series that a query gives now: of the Prometheus that knows this service, or of the service's own
    /// metrics.
    async fn ask(&self, house: &House, service: &str, query: &Query) -> Result<Vec<Point>, String> {
        if let Some(base) = prometheus_of(house, service) {
            return prometheus::ask(&self.http, base, &query.asked).await;
        }
        let metrics = house.settings.services.get(service).and_then(|s| s.metrics.as_deref());
        let Some(metrics) = metrics else {
            return Err(format!(
                "nobody says where the metrics of {service} are: `muster check` says what to write in muster.toml"
            ));
        };
        let expr = query.own.as_ref().map_err(|why| format!("without a Prometheus: {why}"))?;
        let book = {
            let mut books = self.books.lock().unwrap_or_else(PoisonError::into_inner);
            books.entry(metrics.to_owned()).or_default().clone()
        };
        let mut book = book.lock().await;
        self.read(house, service, metrics, &mut book).await?;
        own::work_out(expr, &book.history)
    }

    /// Reads a service's metrics, unless that was done a moment ago.
    async fn read(&self, house: &House, service: &str, metrics: &str, book: &mut Book) -> Result<(), String> {
        let now = self.clock.now();
        let fresh = |at: Timestamp| at <= now && now.since(at) * 2 < house.settings.watch.every;
        if let Some((at, why)) = &book.failed
            && fresh(*at)
        {
            return Err(why.clone());
        }
        if book.history.newest().is_some_and(fresh) {
            return Ok(());
        }
        let rules = house.runbook(service).map_or(&[][..], |book| &book.watches);
        let needs: Vec<(&str, Duration)> =
            rules.iter().flat_map(Watch::queries).flat_map(Query::needs).collect();
        let span = needs.iter().map(|(_, span)| *span).max().unwrap_or_default() + MORE;
        let wanted: Vec<String> = needs.iter().map(|(name, _)| (*name).to_owned()).collect();
        let read = async {
            let url = Url::parse(metrics).map_err(|_| "the address of the metrics is none".to_owned())?;
            let answer = self.http.answer(Request::new(Method::GET, url), PATIENCE).await?;
            if answer.status != 200 {
                return Err(format!("HTTP {}", answer.status));
            }
            let text = String::from_utf8(answer.body?).map_err(|_| "the metrics are no text".to_owned())?;
            book.history.take(now, &text, &wanted, span)
        };
        match read.await {
            Ok(()) => {
                book.failed = None;
                Ok(())
            }
            Err(why) => {
                let why = format!("the metrics of {service} cannot be read: {why}");
                book.failed = Some((now, why.clone()));
                Err(why)
            }
        }
    }

    /// Whether a step passes, and what came. One request: whoever looks again and again need not wait.
    ///
    /// # Errors
    /// Why it cannot be asked at all. No answer is an answer: it does not pass.
    async fn probe(&self, house: &House, service: &str, name: &StepName) -> Result<(bool, String), String> {
        let step = house.runbook(service).and_then(|book| book.step(name.as_str()));
        let Some((step, StepKind::Http(http))) = step.map(|s| (s, &s.kind)) else {
            return Err(format!("there is no http step `{name}`"));
        };
        let none = encode::Values::new();
        let vars = house.vars(service).unwrap_or(&none);
        encode::request(http, vars)?;
        let (_, verdict) = self.http.once(step, http, vars).await;
        let passed = verdict.passed();
        let (Verdict::Passed { got: said } | Verdict::Failed { got: said } | Verdict::Broke { why: said }) =
            verdict;
        Ok((passed, format!("{}: {said}", http::title(http))))
    }

    /// How many lines that a step prints are new and have the pattern.
    async fn lines(
        &self,
        house: &House,
        service: &str,
        rule: &Watch,
        name: &StepName,
        pattern: &str,
    ) -> Result<u32, String> {
        let pattern = Regex::new(pattern).map_err(|_| format!("`{pattern}` is no pattern"))?;
        let step = house.runbook(service).and_then(|book| book.step(name.as_str()));
        let step = step.ok_or_else(|| format!("there is no step `{name}`"))?;
        let values = house.vars(service).cloned().unwrap_or_default();
        let effect = Effect::RunStep { run: RunId(0), step: 0, attempt: 1 };
        let job = Job {
            id: EffectId { seq: Seq(0), index: 0 },
            effect,
            address: Address::Own,
            since: self.clock.now(),
            maybe_done: false,
            journal_id: format!("watch.{service}.{}", rule.name),
            seen: None,
            step: None,
            reach: None,
        };
        let step = StepJob {
            run: RunId(0),
            at: 0,
            attempt: 1,
            step: step.clone(),
            env: values.keys().cloned().collect(),
            values,
            dry: false,
            deadline: None,
            home: house.settings.folders.home.clone(),
            process: None,
        };
        let ran = attempt::make(self.tools.clone(), &job, step, self.stop.clone()).await;
        match ran.how {
            RanHow::Passed { .. } => {}
            RanHow::Failed { why } | RanHow::Broke { why } => return Err(format!("`{name}`: {why}")),
            _ => return Err(format!("`{name}` was ended")),
        }
        let text = if ran.output.tail.is_empty() { ran.output.head } else { ran.output.tail };
        let mut logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (service.to_owned(), rule.name.clone());
        Ok(logs.entry(key).or_default().new_lines(&text, &pattern))
    }
}

/// The Prometheus that knows a service's metrics.
fn prometheus_of<'h>(house: &'h House, service: &str) -> Option<&'h str> {
    let own = house.settings.services.get(service).and_then(|s| s.prometheus.as_deref());
    own.or(house.settings.watch.prometheus.as_deref())
}

/// A value in as many digits as anybody reads.
fn short(value: f64) -> String {
    let text = format!("{value:.4}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}
