//! Being on call: what people write of it, who is on call, and what they change for a while.

mod before;
mod calendar;
mod commands;
mod house;
mod reminders;
mod rig;
mod role;
