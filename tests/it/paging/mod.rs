//! Pages as decisions: who is called, when, why; who answers, and what becomes of the rest.

mod answers;
mod ended;
mod ladder;
mod limits;
mod more;
mod opened;
mod rig;
mod times;
mod together;
