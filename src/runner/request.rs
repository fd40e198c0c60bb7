//! Attempts an http step of a run: once, until it passes, or many times for a tally.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use reqwest::header::HeaderValue;

use super::attempt::{Attempt, Outcome};
use super::encode::{self, Values};
use super::http::{HttpRunner, PATIENCE, SENTENCE, title};
use super::judge::{self, Answer};
use super::output::Collector;
use super::secrets::Redactor;
use crate::kit::clock::Stopwatch;
use crate::kit::text::{cut, line};
use crate::kit::time::spoken;
use crate::model::run::{Output, RanHow};
use crate::model::runbook::http::HttpStep;
use crate::model::runbook::step::Poll;

/// How much of a body is kept when it is not as expected, in bytes.
const BODY: usize = 4 * 1024;
/// How many requests of a tally are under way at once.
const AT_ONCE: usize = 8;
/// The header by which a service knows a request that it had before.
const KEY: &str = "idempotency-key";

/// One step, ready to be sent.
struct Ask<'a> {
    attempt: &'a Attempt,
    http: &'a HttpStep,
    runner: &'a HttpRunner,
    values: Values,
}

/// Runs the step.
pub async fn run(attempt: &Attempt, runner: &HttpRunner, http: &HttpStep) -> Outcome {
    if let Some(halt) = attempt.halted_already() {
        return Outcome::new(halt.how());
    }
    let mut values = attempt.job.values.clone();
    values.extend(attempt.secrets.clone());
    let missing = http.names().into_iter().find(|name| !values.contains_key(*name)).map(str::to_owned);
    let ask = Ask { attempt, http, runner, values };
    let options = &attempt.job.step.options;
    if attempt.job.dry {
        return ask.dry(missing, options.times).await;
    }
    if let Some(name) = missing {
        return Outcome::broke(format!(
            "`{name}` has no value: the earlier step that captures it did not, or it is missing in muster.toml, \
             under the vars of this service"
        ));
    }
    // What came last is told also where the end comes from outside.
    let mut last = None;
    let halt = {
        let work = async {
            match (options.times, options.poll) {
                (Some(times), _) => ask.tally(times).await,
                (None, Some(poll)) => ask.poll(poll, &mut last).await,
                (None, None) => ask.once(ask.patience()).await,
            }
        };
        tokio::pin!(work);
        tokio::select! {
            outcome = &mut work => return outcome,
            halt = attempt.halted() => halt,
        }
    };
    let mut outcome = Outcome::new(halt.how());
    if let (RanHow::Broke { why }, Some(last)) = (&mut outcome.how, last) {
        *why = format!("{why}; {last}");
    }
    outcome
}

impl Ask<'_> {
    /// How long one answer may take.
    fn patience(&self) -> Duration {
        self.attempt.job.step.options.timeout.unwrap_or(PATIENCE)
    }

    fn request(&self, n: Option<u32>) -> Result<reqwest::Request, String> {
        let mut request = encode::request(self.http, &self.values)?;
        if !self.http.reads() {
            // The same for every attempt, so that the service does not do it twice.
            let key = match n {
                Some(n) => format!("{}.{n}", self.attempt.key),
                None => self.attempt.key.clone(),
            };
            let key = HeaderValue::from_str(&key).map_err(|_| "the journal's id is no header".to_owned())?;
            request.headers_mut().entry(KEY).or_insert(key);
        }
        Ok(request)
    }

    async fn once(&self, patience: Duration) -> Outcome {
        let request = match self.request(None) {
            Ok(request) => request,
            Err(why) => return Outcome::broke(why),
        };
        match self.runner.answer(request, patience).await {
            Ok(answer) => self.judged(&answer),
            Err(why) => Outcome::broke(why),
        }
    }

    fn judged(&self, answer: &Answer) -> Outcome {
        let redactor = &self.attempt.redactor;
        let mut failed = judge::failures(self.http, answer, &self.values, redactor);
        let captures = judge::captures(self.http, answer).unwrap_or_else(|why| {
            failed.push(why);
            BTreeMap::new()
        });
        if failed.is_empty() {
            let how = RanHow::Passed { got: format!("HTTP {}", answer.status) };
            return Outcome { captures, ..Outcome::new(how) };
        }
        let how = RanHow::Failed { why: cut(&failed.join("; "), SENTENCE) };
        Outcome::new(how).with(body(answer, redactor))
    }

    /// Asks again until it passes or its time is over.
    async fn poll(&self, poll: Poll, last: &mut Option<String>) -> Outcome {
        let began = Stopwatch::start();
        let mut kept: Option<Outcome> = None;
        let mut times = 0_u32;
        loop {
            times += 1;
            let left = poll.for_.saturating_sub(began.elapsed());
            let outcome = self.once(self.patience().min(left)).await;
            if matches!(outcome.how, RanHow::Passed { .. }) {
                return outcome;
            }
            // An answer that only the end of the time cut off says less than the one before.
            let cut_off = left < self.patience() && matches!(outcome.how, RanHow::Broke { .. });
            if !(cut_off && kept.is_some()) {
                kept = Some(outcome);
            }
            let came = kept.as_ref().map_or("", |k| words(&k.how));
            let told = format!("asked {times} {}: {came}", if times == 1 { "time" } else { "times" });
            self.attempt.screen.show(told.clone());
            *last = Some(told);
            if began.elapsed() + poll.every >= poll.for_ {
                break;
            }
            tokio::time::sleep(poll.every).await;
        }
        let mut outcome = kept.unwrap_or_else(|| Outcome::broke("nothing was asked"));
        if let RanHow::Failed { why } | RanHow::Broke { why } = &mut outcome.how {
            let often = if times == 1 { "once".to_owned() } else { format!("{times} times") };
            *why = format!("asked {often} in {}: {why}", spoken(poll.for_));
        }
        outcome
    }

    /// Sends it `times` times, and holds the statuses against what was expected of them.
    async fn tally(&self, times: u32) -> Outcome {
        let requests = (1..=times).map(|n| async move {
            let request = self.request(Some(n))?;
            self.runner.answer(request, self.patience()).await
        });
        let mut answers = futures_util::stream::iter(requests).buffer_unordered(AT_ONCE);
        let (mut counts, mut silent): (BTreeMap<u16, u32>, Vec<String>) = Default::default();
        let mut wrong = None;
        let mut captures = BTreeMap::new();
        let mut done = 0_u32;
        while let Some(answer) = answers.next().await {
            done += 1;
            match answer {
                Err(why) => silent.push(why),
                Ok(answer) => {
                    *counts.entry(answer.status).or_default() += 1;
                    let redactor = &self.attempt.redactor;
                    let mut failed = judge::broken_asserts(self.http, &answer, &self.values, redactor);
                    match judge::captures(self.http, &answer) {
                        Ok(all) => captures = all,
                        Err(why) => failed.push(why),
                    }
                    if !failed.is_empty() && wrong.is_none() {
                        wrong = Some((failed.join("; "), body(&answer, redactor)));
                    }
                }
            }
            if self.attempt.screen.pause().is_zero() {
                self.attempt.screen.show(format!("sent {done} of {times}: {}", counted(&counts)));
            }
        }
        if let Some(why) = silent.first() {
            return Outcome::broke(format!("{} of {times} got no answer: {why}", silent.len()));
        }
        let tally = &self.attempt.job.step.options.tally;
        let came = |status: &str| -> u32 {
            let fits = |code: u16| match status.strip_suffix("xx") {
                Some(class) => code.to_string().starts_with(class),
                None => code.to_string() == status,
            };
            counts.iter().filter(|(code, _)| fits(**code)).map(|(_, n)| n).sum()
        };
        let differs: Vec<String> = tally
            .iter()
            .filter(|(status, wanted)| came(status) != **wanted)
            .map(|(status, wanted)| format!("{status} {} instead of {wanted}", came(status)))
            .collect();
        if !differs.is_empty() {
            let why = format!("{} (came {})", differs.join(", "), counted(&counts));
            return Outcome::new(RanHow::Failed { why });
        }
        if let Some((why, body)) = wrong {
            return Outcome::new(RanHow::Failed { why: cut(&why, SENTENCE) }).with(body);
        }
        let got = tally.keys().map(|status| format!("{status} {}", came(status))).collect::<Vec<_>>();
        Outcome { captures, ..Outcome::new(RanHow::Passed { got: got.join(", ") }) }
    }

    /// What would be done; what only reads is done, once.
    async fn dry(&self, missing: Option<String>, times: Option<u32>) -> Outcome {
        let title = cut(&line(&title(self.http)), SENTENCE);
        let would = |what: String| Outcome::new(RanHow::Would { what });
        if let Some(name) = missing {
            return would(format!("would send {title}, with `{name}` from an earlier step"));
        }
        match times {
            _ if !self.http.reads() && times.is_none() => return would(format!("would send {title}")),
            Some(times) => return would(format!("would send {title} {times} times")),
            None => {}
        }
        let outcome = tokio::select! {
            outcome = self.once(self.patience()) => outcome,
            halt = self.attempt.halted() => return Outcome::new(halt.how()),
        };
        let what = match &outcome.how {
            RanHow::Passed { got } => format!("{title} → {got} (as expected)"),
            how => format!("{title} → {}", words(how)),
        };
        Outcome { how: RanHow::Would { what }, ..outcome }
    }
}

/// The beginning of an answer that was not as expected.
fn body(answer: &Answer, redactor: &Arc<Redactor>) -> Output {
    let Ok(body) = &answer.body else {
        return Output::default();
    };
    let mut collector = Collector::new(redactor.clone());
    collector.push(body);
    let mut kept = collector.finish();
    if kept.head.len() > BODY {
        let mut end = BODY;
        while !kept.head.is_char_boundary(end) {
            end -= 1;
        }
        kept.dropped += (kept.head.len() - end + kept.tail.len()) as u64;
        kept.head.truncate(end);
        kept.tail.clear();
    }
    kept
}

fn words(how: &RanHow) -> &str {
    match how {
        RanHow::Passed { got } => got,
        RanHow::Failed { why } | RanHow::Broke { why } => why,
        RanHow::Would { what } => what,
        RanHow::Interrupted | RanHow::Stopped => "",
    }
}

fn counted(counts: &BTreeMap<u16, u32>) -> String {
    let all: Vec<String> = counts.iter().map(|(code, n)| format!("{code} {n}")).collect();
    if all.is_empty() { "nothing".to_owned() } else { all.join(", ") }
}
