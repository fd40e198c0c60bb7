//! The shell steps of the built-in runbooks against the real things: a Celery worker with its Redis, a Git
//! repository with its remote, and the sandbox's containers behind `muster practice`. `tests/run` installs
//! what is not there; everything here is started by the tests, and ended by them.

mod alertmanager;
mod celery;
mod nexus;
mod prometheus;
pub mod redis;
mod repository;
mod server;
mod soundfoundry;
mod soundlab;
mod steps;
mod through;
mod watching;

pub use celery::RealCelery;
pub use repository::RealRepo;
