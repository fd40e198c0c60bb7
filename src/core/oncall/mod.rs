//! On-call: who answers, and when.
//!
//! - [`shifts`] is who holds which rank of a rota, as a function of time.

pub mod shifts;
