//! The one place that asks what time it is: the machine's clock, or one that is driven by hand.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::time::Timestamp;

type Listener = Box<dyn Fn() + Send>;

/// Tells the time. Cloned freely; clones of a driven clock move together.
#[derive(Clone)]
pub struct Clock(Kind);

#[derive(Clone)]
enum Kind {
    System,
    Driven(Arc<Driven>),
}

struct Driven {
    now: AtomicI64,
    listeners: Mutex<Vec<Listener>>,
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Clock {
        Clock(Kind::System)
    }

    /// A clock that stands at `start` until somebody moves it.
    pub fn driven(start: Timestamp) -> Clock {
        Clock(Kind::Driven(Arc::new(Driven { now: AtomicI64::new(start.0), listeners: Mutex::default() })))
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Kind::System => {
                let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
                Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
            }
            Kind::Driven(d) => Timestamp(d.now.load(Ordering::SeqCst)),
        }
    }

    /// Moves a driven clock on, and tells whoever waits for a time. The machine's clock stays.
    pub fn advance(&self, by: Duration) {
        self.set(self.now().after(by));
    }

    /// Puts a driven clock to `to`, earlier times included: real clocks jump both ways.
    pub fn set(&self, to: Timestamp) {
        if let Kind::Driven(d) = &self.0 {
            d.now.store(to.0, Ordering::SeqCst);
            for tell in d.listeners.lock().unwrap_or_else(PoisonError::into_inner).iter() {
                tell();
            }
        }
    }

    /// Calls `tell` after each move of a driven clock; the machine's clock never calls.
    pub fn on_move(&self, tell: impl Fn() + Send + 'static) {
        if let Kind::Driven(d) = &self.0 {
            d.listeners.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(tell));
        }
    }

    /// How long a thread may sleep until `due`: the real distance, or "until told" (`None`)
    /// for a driven clock, which calls its listeners.
    pub fn sleep_for(&self, due: Timestamp) -> Option<Duration> {
        match &self.0 {
            Kind::System => Some(due.since(self.now())),
            Kind::Driven(_) if due <= self.now() => Some(Duration::ZERO),
            Kind::Driven(_) => None,
        }
    }
}

/// Measures how long something took, by the monotonic clock.
pub struct Stopwatch(Instant);

impl Stopwatch {
    /// Starts now.
    pub fn start() -> Stopwatch {
        Stopwatch(Instant::now())
    }

    /// Time since the start.
    pub fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// The monotonic instant that is this far away, for crates that want one.
pub fn instant_in(d: Duration) -> Instant {
    Instant::now() + d
}

/// Closed for a while, by the monotonic clock: no jump of the machine's clock opens it early or
/// keeps it shut.
#[derive(Default)]
pub struct Gate(Mutex<Option<Instant>>);

impl Gate {
    /// Closes it for this long; where it is closed for longer already, it stays so.
    pub fn close(&self, time: Duration) {
        let until = Instant::now() + time;
        let mut closed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *closed = Some(closed.map_or(until, |earlier| earlier.max(until)));
    }

    /// How long it stays closed; `None` when it is open.
    pub fn closed(&self) -> Option<Duration> {
        let mut closed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = (*closed)?.saturating_duration_since(Instant::now());
        if left.is_zero() {
            *closed = None;
            return None;
        }
        Some(left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    #[test]
    fn a_driven_clock_stands_still_until_moved_and_then_tells() {
        let clock = Clock::driven(Timestamp(1_000));
        let told = Arc::new(AtomicUsize::new(0));
        let count = told.clone();
        clock.on_move(move || {
            count.fetch_add(1, Ordering::SeqCst);
        });
        assert_eq!(clock.now(), Timestamp(1_000));
        assert_eq!(clock.sleep_for(Timestamp(2_000)), None);
        clock.clone().advance(Duration::from_secs(1));
        assert_eq!(clock.now(), Timestamp(2_000));
        assert_eq!(clock.sleep_for(Timestamp(2_000)), Some(Duration::ZERO));
        assert_eq!(told.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn a_gate_opens_by_itself_and_not_before_the_longest_time_it_was_closed_for() {
        let gate = Gate::default();
        assert_eq!(gate.closed(), None);
        gate.close(Duration::ZERO);
        assert_eq!(gate.closed(), None);
        gate.close(Duration::from_secs(60));
        gate.close(Duration::from_secs(1));
        assert!(gate.closed().is_some_and(|left| left > Duration::from_secs(30)));
    }
}
