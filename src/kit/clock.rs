//! The one place that asks what time it is: the machine's clock, that clock put ahead, or one that is
//! driven by hand.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use super::time::Timestamp;

type Listener = Box<dyn Fn() + Send>;

/// Tells the time. Cloned freely; clones of a clock that can be moved move together.
#[derive(Clone)]
pub struct Clock(Kind);

#[derive(Clone)]
enum Kind {
    System,
    Ahead(Arc<Moved>),
    Driven(Arc<Moved>),
}

struct Moved {
    /// The time in ms; for a clock that is put ahead, how far it is.
    at: AtomicI64,
    listeners: Mutex<Vec<Listener>>,
}

impl Clock {
    /// The machine's clock.
    pub fn system() -> Clock {
        Clock(Kind::System)
    }

    /// A clock that stands at `start` until somebody moves it.
    pub fn driven(start: Timestamp) -> Clock {
        Clock(Kind::Driven(Arc::new(Moved { at: AtomicI64::new(start.0), listeners: Mutex::default() })))
    }

    /// The machine's clock, which somebody may put ahead: for rehearsing what takes hours.
    pub fn movable() -> Clock {
        Clock(Kind::Ahead(Arc::new(Moved { at: AtomicI64::new(0), listeners: Mutex::default() })))
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Kind::System => machine(),
            Kind::Ahead(m) => Timestamp(machine().0.saturating_add(m.at.load(Ordering::SeqCst))),
            Kind::Driven(m) => Timestamp(m.at.load(Ordering::SeqCst)),
        }
    }

    /// Moves the clock on, and tells whoever waits for a time. The machine's clock stays.
    pub fn advance(&self, by: Duration) {
        if let Kind::Ahead(m) | Kind::Driven(m) = &self.0 {
            let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
            // It cannot fail: there is always a next value.
            let _ = m.at.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |at| Some(at.saturating_add(by)));
            m.tell();
        }
    }

    /// Puts the clock to `to`, earlier times included: real clocks jump both ways.
    pub fn set(&self, to: Timestamp) {
        match &self.0 {
            Kind::System => {}
            Kind::Ahead(m) => {
                m.at.store(to.0.saturating_sub(machine().0), Ordering::SeqCst);
                m.tell();
            }
            Kind::Driven(m) => {
                m.at.store(to.0, Ordering::SeqCst);
                m.tell();
            }
        }
    }

    /// Calls `tell` after each move of this clock; the machine's clock never calls.
    pub fn on_move(&self, tell: impl Fn() + Send + 'static) {
        if let Kind::Ahead(m) | Kind::Driven(m) = &self.0 {
            m.listeners.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(tell));
        }
    }

    /// How long a thread may sleep until `due`: the real distance, or "until told" (`None`)
    /// for a driven clock, which calls its listeners.
    pub fn sleep_for(&self, due: Timestamp) -> Option<Duration> {
        match &self.0 {
            Kind::System | Kind::Ahead(_) => Some(due.since(self.now())),
            Kind::Driven(_) if due <= self.now() => Some(Duration::ZERO),
            Kind::Driven(_) => None,
        }
    }
}

impl Moved {
    fn tell(&self) {
        for tell in self.listeners.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            tell();
        }
    }
}

fn machine() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
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
    fn a_clock_put_ahead_goes_on_from_there_and_tells() {
        let clock = Clock::movable();
        let told = Arc::new(AtomicUsize::new(0));
        let count = told.clone();
        clock.on_move(move || {
            count.fetch_add(1, Ordering::SeqCst);
        });
        let before = clock.now();
        clock.clone().advance(Duration::from_secs(3600));
        let after = clock.now();
        assert!(after.since(before) >= Duration::from_secs(3600));
        assert_eq!(told.load(Ordering::SeqCst), 1);
        let sleep = clock.sleep_for(after.after(Duration::from_secs(60)));
        assert!(sleep.is_some_and(|s| s <= Duration::from_secs(60)), "it still goes on by itself");
        let system = Clock::system();
        system.advance(Duration::from_secs(3600));
        assert!(clock.now().since(system.now()) > Duration::from_secs(3500), "the machine's clock stays");
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
