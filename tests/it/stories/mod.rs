//! What people do with Muster, from their client to what everybody sees, through the real
//! gateway client.

mod alert_cards;
mod alerts;
mod answers;
mod calendar;
mod commands;
mod crash;
mod crash_pages;
mod crash_runs;
mod faults;
mod gateway;
mod health;
mod hostile;
mod incident;
mod paging;
mod paging_ways;
mod quote;
mod report;
mod role;
mod runs;
mod silences;
mod strike;
mod terminal;
mod terminal_oncall;
mod terminal_pages;
mod triage;
