//! Listens for the sources, and answers each request once what it brought is on disk.
//!
//! The server is hyper's own and not axum's: only that one ends a connection whose head never comes.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, to_bytes};
use axum::http::request::Parts;
use axum::http::{Response, header};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, SemaphorePermit, watch};
use tokio::task::JoinHandle;

use super::guard::{self, Buckets};
use super::metrics::Counts;
use super::{Answer, Call, Problem, Protocol, Wants, protocol};
use crate::engine::Engine;
use crate::kit::clock::{Clock, Gate};
use crate::kit::time::Timestamp;
use crate::model::house::House;
use crate::model::input::Input;
use crate::model::intake::Source;
use crate::render::alertmanager as shown;

/// How long what is under way may take to end.
const GOODBYE: Duration = Duration::from_secs(2);
/// Who was not let in is written to the log this often.
const LOG: Duration = Duration::from_secs(10);

/// Where the values of secrets come from, by the names of their variables.
pub type Secrets = Arc<dyn Fn(&str) -> Option<String> + Send + Sync>;

/// Whether Discord is reached.
pub type Up = Arc<dyn Fn() -> bool + Send + Sync>;

/// What stands behind the door.
pub struct Door {
    /// Who keeps what comes.
    pub engine: Engine,
    /// What people wrote in their files; the newest is asked each time.
    pub houses: watch::Receiver<Arc<House>>,
    /// The time.
    pub clock: Clock,
    /// The sources' secrets.
    pub secrets: Secrets,
    /// Whether Discord is reached.
    pub up: Up,
}

/// A door that is open.
pub struct Intake {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    server: JoinHandle<()>,
}

impl Intake {
    /// Listens.
    ///
    /// # Errors
    /// When the address cannot be had, with the cure.
    pub async fn start(door: Door, listen: SocketAddr) -> Result<Intake, String> {
        let failed = |e: std::io::Error| {
            format!(
                "Muster cannot listen on {listen} for alerts: {e}. Choose another `listen` under [intake] in muster.toml"
            )
        };
        let listener = TcpListener::bind(listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let (stop, stopped) = watch::channel(false);
        let serving = Serving {
            door,
            loopback: address.ip().is_loopback(),
            buckets: Buckets::default(),
            bodies: Semaphore::new(guard::BODIES / 1024),
            counts: Counts::default(),
            told: Gate::default(),
        };
        let server = tokio::spawn(accept(listener, Arc::new(serving), stopped));
        Ok(Intake { address, stop, server })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no more in; what is under way has a moment to end.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        if tokio::time::timeout(GOODBYE, &mut self.server).await.is_err() {
            self.server.abort();
        }
    }
}

async fn accept(listener: TcpListener, serving: Arc<Serving>, mut stop: watch::Receiver<bool>) {
    let places = Arc::new(Semaphore::new(guard::CONNECTIONS));
    let mut connections = tokio::task::JoinSet::new();
    let asked = stop.clone();
    loop {
        let next = async {
            let place = places.clone().acquire_owned().await.ok()?;
            Some((listener.accept().await, place))
        };
        let (stream, peer, place) = tokio::select! {
            () = async { drop(stop.wait_for(|stop| *stop).await) } => break,
            next = next => match next {
                Some((Ok((stream, peer)), place)) => (stream, peer.ip(), place),
                Some((Err(e), _)) => {
                    // Too many open files passes; the door must still be there then.
                    tracing::warn!("a source's connection: {e}");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                    continue;
                }
                None => break,
            },
        };
        while connections.try_join_next().is_some() {}
        let (serving, asked) = (serving.clone(), asked.clone());
        connections.spawn(async move {
            converse(stream, peer, serving, asked).await;
            drop(place);
        });
    }
    while connections.join_next().await.is_some() {}
}

async fn converse(stream: TcpStream, peer: IpAddr, serving: Arc<Serving>, mut stop: watch::Receiver<bool>) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let serving = serving.clone();
        async move { Ok::<_, Infallible>(serving.answer(request, peer).await) }
    });
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(guard::HEAD_TIME).max_buf_size(guard::HEAD);
    let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
    let asked = async move { drop(stop.wait_for(|stop| *stop).await) };
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = asked => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(e) = ended {
        tracing::debug!("a source's connection ended: {e}");
    }
}

/// What every connection shares.
pub(super) struct Serving {
    pub(super) door: Door,
    /// Whether only this machine reaches it.
    loopback: bool,
    pub(super) buckets: Buckets,
    /// Bodies that are read now, in KiB.
    bodies: Semaphore,
    pub(super) counts: Counts,
    /// Closed for a while after somebody was not let in.
    told: Gate,
}

/// A request that is let in, up to its body.
struct Admitted<'a> {
    source: &'a Source,
    protocol: &'static dyn Protocol,
    secret: Option<String>,
    path: &'a str,
}

impl Serving {
    async fn answer(&self, request: axum::http::Request<Incoming>, peer: IpAddr) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let house = self.door.houses.borrow().clone();
        let answer = match self.page(&parts, &house, peer).await {
            Some(answer) => answer,
            None => self.source(&parts, Body::new(body), &house).await,
        };
        self.counts.answered(answer.status());
        answer.response()
    }

    async fn source(&self, parts: &Parts, body: Body, house: &House) -> Answer {
        let mut protocol: Option<&'static dyn Protocol> = None;
        match self.taken(parts, body, house, &mut protocol).await {
            Ok(answer) => answer,
            Err(problem) => {
                if matches!(problem.status, 401 | 403) && self.told.closed().is_none() {
                    self.told.close(LOG);
                    tracing::warn!("not let in, {} {}: {}", parts.method, parts.uri.path(), problem.text);
                }
                let answer = protocol.map_or_else(|| problem.answer(), |p| p.refuse(&problem));
                answer.again_after(problem.after)
            }
        }
    }

    async fn taken(
        &self,
        parts: &Parts,
        body: Body,
        house: &House,
        spoken: &mut Option<&'static dyn Protocol>,
    ) -> Result<Answer, Problem> {
        let (mut maybe, path) = candidates(parts.uri.path(), house)?;
        *spoken = maybe.first().map(|s| protocol(&s.kind));
        let now = self.door.clock.now();
        let mut found = None;
        // A protocol that does not sign its body need not have it read for a stranger.
        let mut why = Problem::stranger("nobody with this secret is known here");
        if !maybe.iter().any(|s| protocol(&s.kind).signs_body()) {
            found = Some(self.admit(&maybe, parts, path, &[], (house, now), &mut why).ok_or(why.clone())?);
        }
        if let Some(admitted) = &found {
            maybe = vec![admitted.source];
        }
        let (body, _held) = self.body(parts, body).await?;
        let admitted = match found {
            Some(admitted) => admitted,
            None => self.admit(&maybe, parts, path, &body, (house, now), &mut why).ok_or(why)?,
        };
        *spoken = Some(admitted.protocol);
        let (source, protocol) = (admitted.source, admitted.protocol);
        let busy =
            |text: String, after| Problem { after: Some(after), ..Problem::new(protocol.busy(), text) };
        if let Err(wait) = self.buckets.take(&source.name, source.limit) {
            let text = format!("`{}` may send {} requests a second", source.name, source.limit);
            return Err(busy(text, wait));
        }
        let wants = protocol.read(&call(&admitted, parts, &body, (house, now)))?;
        match wants {
            Wants::Answer(answer) => Ok(answer),
            Wants::Keep(input, answer) => {
                let alerts = alerts_of(&input);
                match self.door.engine.submit(*input).await {
                    Ok(_) => {
                        self.counts.kept(&source.name, alerts);
                        Ok(answer)
                    }
                    // It is never about this one request: what an alert says is no reason to refuse it.
                    Err(refusal) => Err(busy(refusal.0, Duration::from_secs(1))),
                }
            }
            Wants::Alerts(query) => {
                let look = move |state: &_, house: &House| shown::chosen(state, house, now, &query);
                let chosen = self.door.engine.read(look).await;
                let chosen = chosen.map_err(|down| busy(down.0, Duration::from_secs(1)))?;
                Ok(Answer::json(200, &shown::json(&chosen)))
            }
        }
    }

    /// The first source that lets this in.
    fn admit<'a>(
        &self,
        maybe: &[&'a Source],
        parts: &Parts,
        path: &'a str,
        body: &[u8],
        (house, now): (&House, Timestamp),
        why: &mut Problem,
    ) -> Option<Admitted<'a>> {
        for source in maybe {
            let secret = source.secret.as_deref().and_then(|name| (self.door.secrets)(name));
            if source.secret.is_some() && secret.is_none() {
                let name = source.secret.as_deref().unwrap_or_default();
                tracing::error!("the source `{}` lets nobody in: {name} is not set", source.name);
            }
            let admitted = Admitted { source, protocol: protocol(&source.kind), secret, path };
            let let_in = if source.open {
                self.open(parts)
            } else {
                admitted.protocol.admit(&call(&admitted, parts, body, (house, now)))
            };
            match let_in {
                Ok(()) => return Some(admitted),
                Err(problem) => *why = problem,
            }
        }
        None
    }

    /// Whether a request without a secret can only come from this machine, and not from a page in its
    /// browser or through a proxy.
    fn open(&self, parts: &Parts) -> Result<(), Problem> {
        let through = ["forwarded", "x-forwarded-for", "via", "origin"];
        if self.loopback && !through.iter().any(|name| parts.headers.contains_key(*name)) {
            return Ok(());
        }
        let text = "an open source is for programs of this machine alone: give it a secret instead";
        Err(Problem::new(403, text))
    }

    async fn body(
        &self,
        parts: &Parts,
        body: Body,
    ) -> Result<(Vec<u8>, Option<SemaphorePermit<'_>>), Problem> {
        let length = parts.headers.get(header::CONTENT_LENGTH).and_then(|h| h.to_str().ok()?.parse().ok());
        let length: usize = length.unwrap_or(guard::BODY);
        let too_long = || Problem::new(413, format!("a body may have {} MiB", guard::BODY >> 20));
        if length > guard::BODY && parts.headers.contains_key(header::CONTENT_LENGTH) {
            return Err(too_long());
        }
        // What asks for a page has no body at all.
        let none = !parts.headers.contains_key(header::CONTENT_LENGTH)
            && !parts.headers.contains_key(header::TRANSFER_ENCODING);
        let held = if length > guard::SMALL && !none {
            let kib = u32::try_from(length / 1024).unwrap_or(u32::MAX);
            let held = self.bodies.acquire_many(kib);
            let held = tokio::time::timeout(guard::BODY_TIME, held).await;
            let busy = || Problem {
                after: Some(Duration::from_secs(1)),
                ..Problem::new(503, "too much is being sent at once")
            };
            Some(held.map_err(|_| busy())?.map_err(|_| busy())?)
        } else {
            None
        };
        match tokio::time::timeout(guard::BODY_TIME, to_bytes(body, guard::BODY)).await {
            Ok(Ok(bytes)) => Ok((bytes.into(), held)),
            Ok(Err(e)) if std::error::Error::source(&e).is_some_and(|s| s.to_string().contains("limit")) => {
                Err(too_long())
            }
            Ok(Err(_)) => Err(Problem::field("body", "it ended before its end")),
            Err(_) => Err(Problem::new(408, format!("a body may take {} s", guard::BODY_TIME.as_secs()))),
        }
    }
}

/// What a path leads to that leads nowhere.
pub(super) fn nothing_here() -> Problem {
    Problem::new(404, "there is nothing here; a source of muster.toml is reached at /in/NAME")
}

/// Who may be meant by a path, and what follows the source in it.
fn candidates<'a>(path: &'a str, house: &'a House) -> Result<(Vec<&'a Source>, &'a str), Problem> {
    let intake = &house.settings.intake;
    if let Some(rest) = path.strip_prefix("/in/") {
        let (name, rest) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let source = intake.source(name);
        let source = source.ok_or_else(|| {
            Problem::new(404, format!("muster.toml has no source `{name}` under [[intake.sources]]"))
        })?;
        return Ok((vec![source], rest));
    }
    let all: Vec<&Source> = intake.sources.iter().filter(|s| protocol(&s.kind).owns(path)).collect();
    if all.is_empty() {
        return Err(nothing_here());
    }
    Ok((all, path))
}

fn call<'a>(
    admitted: &'a Admitted<'a>,
    parts: &'a Parts,
    body: &'a [u8],
    (house, now): (&'a House, Timestamp),
) -> Call<'a> {
    Call {
        source: admitted.source,
        secret: admitted.secret.as_deref(),
        method: &parts.method,
        path: admitted.path,
        query: parts.uri.query().unwrap_or_default(),
        headers: &parts.headers,
        body,
        now,
        house,
    }
}

fn alerts_of(input: &Input) -> u64 {
    match input {
        Input::Alerts(batch) => u64::try_from(batch.alerts.len()).unwrap_or(u64::MAX),
        _ => 0,
    }
}
