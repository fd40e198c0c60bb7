//! Lets a fault happen.

use std::sync::Arc;

use super::fault::Fault;
use super::house;
use super::run::Run;
use crate::journal::memory::Fault as DiskFault;
use crate::sandbox::world::guild::OverwriteKind;
use crate::sandbox::world::seed::{self, Person};
use crate::sandbox::world::{Id, SEND_MESSAGES, SEND_MESSAGES_IN_THREADS, VIEW_CHANNEL};

/// The channels that can be closed to the bot.
const CHANNELS: [Id; 2] = [seed::INCIDENTS, seed::REPORTS];
/// Whose role can be lost, and which it is.
const ROLES: [(Person, Id); 2] =
    [(Person::Responder, seed::ROLE_RESPONDER), (Person::Approver, seed::ROLE_APPROVER)];

impl Run {
    /// Lets this happen. What finds nothing to happen to is not told of.
    pub fn meddle(&mut self, fault: Fault) {
        match fault {
            Fault::SaidTwice => {
                let mut server = self.discord.lock();
                let Some(event) = server.gateway.back().cloned() else {
                    return;
                };
                server.gateway.push_back(event);
            }
            Fault::Deaf => {
                let mut server = self.discord.lock();
                if server.gateway.is_empty() {
                    return;
                }
                server.gateway.clear();
            }
            Fault::Request(what) => self.discord.lock().faults.push_back(what),
            Fault::Crash(moment) => {
                if self.process.is_none() || self.crash.is_some() {
                    return;
                }
                self.crash = Some((moment, 0));
            }
            Fault::SyncFails => {
                if self.process.is_none() || self.crash.is_some() {
                    return;
                }
                self.disk.next_write_meets(DiskFault::SyncFails);
            }
            Fault::ClockJumps(by) => {
                let now = self.clock.now();
                self.clock.set(crate::kit::time::Timestamp(now.0 + by * 1000));
            }
            Fault::ThreadDeleted => {
                let Some(thread) = self.chance.one(&self.threads()).copied() else {
                    return;
                };
                let mut server = self.discord.lock();
                server.world.remove_channel(thread);
                server.listen();
            }
            Fault::CardDeleted => {
                let cards: Vec<(Id, Id)> = {
                    let server = self.discord.lock();
                    let cards = server
                        .world
                        .messages
                        .values()
                        .filter(|m| m.channel == seed::INCIDENTS && !m.components.is_empty());
                    cards.map(|m| (m.channel, m.id)).collect()
                };
                let Some((channel, card)) = self.chance.one(&cards).copied() else {
                    return;
                };
                let mut server = self.discord.lock();
                // Its author may, and so may a moderator.
                let _ = server.world.delete_message(seed::BOT, channel, card);
                server.listen();
            }
            Fault::ThreadArchived { locked } => {
                let Some(thread) = self.chance.one(&self.threads()).copied() else {
                    return;
                };
                let mut server = self.discord.lock();
                let now = server.now;
                server.world.archive(now, thread, locked);
                server.listen();
            }
            Fault::ChannelClosed { hidden } => {
                let Some(channel) = self.chance.one(&CHANNELS).copied() else {
                    return;
                };
                let deny = if hidden { VIEW_CHANNEL } else { SEND_MESSAGES | SEND_MESSAGES_IN_THREADS };
                self.overwrite(channel, deny);
            }
            Fault::ChannelOpened => CHANNELS.into_iter().for_each(|channel| self.overwrite(channel, 0)),
            Fault::RoleLost | Fault::RoleGiven => {
                // Between opening a form and sending it is where it matters.
                let forms = self.open_forms();
                let holds = |(person, _): &&(Person, Id)| forms.iter().any(|f| f.user == person.id());
                let in_a_form: Vec<_> = ROLES.iter().filter(holds).copied().collect();
                let of = if in_a_form.is_empty() { &ROLES[..] } else { &in_a_form };
                let Some((person, role)) = self.chance.one(of).copied() else {
                    return;
                };
                let mut server = self.discord.lock();
                server.world.set_role(seed::GUILD, person.id(), role, fault == Fault::RoleGiven);
                server.listen();
            }
            Fault::CommandOff => {
                let Some(word) = self.chance.one(&house::COMMANDS).copied() else {
                    return;
                };
                self.off.push(word);
                self.reload();
            }
            Fault::CommandOn => {
                self.off.clear();
                self.reload();
            }
            Fault::RunbookChanged => {
                self.changes += 1;
                self.reload();
            }
        }
        self.note(fault);
    }

    fn overwrite(&mut self, channel: Id, deny: u64) {
        let mut server = self.discord.lock();
        server.world.overwrite(channel, OverwriteKind::Member, seed::BOT, 0, deny);
        server.listen();
    }

    /// The team's files are read again.
    fn reload(&mut self) {
        self.house = Arc::new(house::house(&self.off, self.changes));
        self.register();
    }

    /// No more faults, and what can be mended is mended. The machine's clock stays as wrong as it
    /// is, and what people deleted stays gone.
    pub fn calm(&mut self) {
        self.story("the faults stop");
        self.crash = None;
        self.discord.lock().faults.clear();
        CHANNELS.into_iter().for_each(|channel| self.overwrite(channel, 0));
        self.off.clear();
        self.reload();
    }
}
