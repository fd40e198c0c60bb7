//! Pages: somebody is called, then the next, until one answers; or it says loudly that nobody did.

pub mod state;
