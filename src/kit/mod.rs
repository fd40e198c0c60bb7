//! What every room may use and what uses nothing: the clock, random ids, backoff, text, the wall.
//!
//! This is the only room that reads a clock or the system's randomness. Everywhere else both
//! are arguments, so that a decision can be played again.

pub mod backoff;
pub mod clock;
pub mod hash;
pub mod millis;
pub mod random;
pub mod text;
pub mod time;
pub mod wall;
