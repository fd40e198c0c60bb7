//! Discord's rate limits: a bucket for each route and channel, one for everything a bot sends, and the count of refused
//! requests that gets an address banned. Numbers are those Discord's documentation names, and for buckets, which it leaves
//! open, those that bots have observed.

use std::collections::HashMap;
use std::collections::VecDeque;

/// How many requests within how many ms.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Rate {
    /// Requests.
    pub requests: u32,
    /// Milliseconds.
    pub per_ms: i64,
}

/// Which limits hold.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Requests of one bot in all; none for no limit. Interaction endpoints do not count.
    pub global: Option<Rate>,
    /// Whether each route has its bucket.
    pub buckets: bool,
    /// 401, 403 and 429 that one may earn.
    pub invalid: Option<Rate>,
}

impl Limits {
    /// As Discord does it.
    pub fn real() -> Limits {
        Limits {
            global: Some(Rate { requests: 50, per_ms: 1_000 }),
            buckets: true,
            invalid: Some(Rate { requests: 10_000, per_ms: 600_000 }),
        }
    }

    /// None at all, for measuring the bot and not the limits.
    pub fn lifted() -> Limits {
        Limits { global: None, buckets: false, invalid: None }
    }
}

/// A request too many, or the state of its bucket.
#[derive(Clone, PartialEq, Debug)]
pub struct Bucket {
    /// Discord's opaque name of the bucket.
    pub name: String,
    /// Its size.
    pub limit: u32,
    /// What is left.
    pub remaining: u32,
    /// When it is full again, ms since the Unix epoch.
    pub reset_at: i64,
}

/// What the limiter says to a request.
#[derive(Clone, PartialEq, Debug)]
pub enum Verdict {
    /// Go on; with the bucket's state where the route has one.
    Pass(Option<Bucket>),
    /// This route's bucket is empty for so many ms.
    Bucket(Bucket, i64),
    /// The bot sends too much in all; wait so many ms.
    Global(i64),
    /// The address is banned for so many ms.
    Banned(i64),
}

/// Counts requests.
#[derive(Debug, Default)]
pub struct Limiter {
    windows: HashMap<String, Window>,
    invalid: VecDeque<i64>,
}

#[derive(Debug)]
struct Window {
    began: i64,
    used: u32,
}

impl Window {
    /// Takes one from the window if there is any; tells what is left, or that nothing is.
    fn take(&mut self, now: i64, rate: Rate) -> Option<u32> {
        if now - self.began >= rate.per_ms || now < self.began {
            (self.began, self.used) = (now, 0);
        }
        if self.used >= rate.requests {
            return None;
        }
        self.used += 1;
        Some(rate.requests - self.used)
    }
}

impl Limiter {
    /// Judges one request. `global` is false for the interaction endpoints.
    pub fn judge(&mut self, now: i64, limits: &Limits, route: &Route, global: bool) -> Verdict {
        if let Some(rate) = limits.invalid {
            self.forget_invalid(now, rate);
            if self.invalid.len() >= rate.requests as usize {
                let oldest = self.invalid.front().copied().unwrap_or(now);
                return Verdict::Banned(oldest + rate.per_ms - now);
            }
        }
        if let Some(rate) = limits.global.filter(|_| global) {
            let window = self.windows.entry("global".to_owned()).or_insert(Window { began: now, used: 0 });
            if window.take(now, rate).is_none() {
                return Verdict::Global(window.began + rate.per_ms - now);
            }
        }
        let Some(rate) = route.rate.filter(|_| limits.buckets) else {
            return Verdict::Pass(None);
        };
        let window = self.windows.entry(route.key.clone()).or_insert(Window { began: now, used: 0 });
        let left = window.take(now, rate);
        let bucket = Bucket {
            name: route.bucket.clone(),
            limit: rate.requests,
            remaining: left.unwrap_or(0),
            reset_at: window.began + rate.per_ms,
        };
        match left {
            Some(_) => Verdict::Pass(Some(bucket)),
            None => {
                let wait = bucket.reset_at - now;
                Verdict::Bucket(bucket, wait)
            }
        }
    }

    fn forget_invalid(&mut self, now: i64, rate: Rate) {
        while self.invalid.front().is_some_and(|at| now - at >= rate.per_ms) {
            self.invalid.pop_front();
        }
    }

    /// Notes an answer of 401, 403 or 429.
    pub fn note_invalid(&mut self, now: i64) {
        self.invalid.push_back(now);
    }

    /// The refused requests that count now.
    pub fn invalid_requests(&self) -> usize {
        self.invalid.len()
    }
}

/// Which bucket a request falls into.
#[derive(Clone, PartialEq, Debug)]
pub struct Route {
    /// The bucket and its major parameter: what is counted together.
    pub key: String,
    /// The bucket's opaque name.
    pub bucket: String,
    /// Its size.
    pub rate: Option<Rate>,
}

impl Route {
    /// The route of a request; `segments` is the path behind the API version.
    pub fn of(method: &str, segments: &[&str]) -> Route {
        let template: Vec<&str> = segments
            .iter()
            .enumerate()
            .map(|(place, segment)| {
                let id = segment.bytes().all(|byte| byte.is_ascii_digit());
                let emoji = place == 5 && segments.get(4) == Some(&"reactions");
                let token = place == 2 && matches!(segments.first(), Some(&("webhooks" | "interactions")));
                if id || emoji || token { "*" } else { *segment }
            })
            .collect();
        let template = format!("{method} /{}", template.join("/"));
        let major = match segments {
            ["webhooks" | "interactions", id, token, ..] => format!("{id}/{token}"),
            ["channels" | "guilds", id, ..] => (*id).to_owned(),
            _ => String::new(),
        };
        let rate = |requests, per_ms| Some(Rate { requests, per_ms });
        let rate = match (method, segments) {
            (_, ["interactions", ..]) => None,
            ("POST", ["channels", _, "messages"]) => rate(5, 5_000),
            ("PATCH", ["channels", _, "messages", _]) => rate(5, 5_000),
            ("DELETE", ["channels", _, "messages", _]) => rate(5, 1_000),
            ("PUT" | "DELETE", ["channels", _, "messages", _, "reactions", ..]) => rate(1, 250),
            ("GET", ["channels", _, "messages", ..]) => rate(10, 5_000),
            ("PATCH", ["channels", _]) => rate(5, 10_000),
            (_, ["webhooks", ..]) => rate(5, 5_000),
            _ => rate(10, 1_000),
        };
        // Posting to, reading and editing an interaction's messages share a bucket.
        let shared = if segments.first() == Some(&"webhooks") { "webhooks".to_owned() } else { template };
        Route { bucket: opaque(&shared), key: format!("{shared} {major}"), rate }
    }
}

/// A stable name that tells nothing, as Discord's are (FNV-1a, twice).
fn opaque(text: &str) -> String {
    let hash = |seed: u64| {
        text.bytes().fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    };
    format!("{:016x}{:016x}", hash(0xcbf2_9ce4_8422_2325), hash(0x9747_b28c_8422_2325))
}
