//! Pages as decisions: who is called, when, why; who answers, and what becomes of the rest.

mod answers;
mod ladder;
mod limits;
mod rig;
mod times;
