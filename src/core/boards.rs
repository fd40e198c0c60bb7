//! Messages that are edited and are no incident's or run's card: where each stands, and what
//! becomes of it when it cannot be posted or changed.

use super::afterwards;
use super::alerts;
use super::incidents::telling;
use super::state::State;
use super::triage;
use crate::kit::text::escape_markdown;
use crate::model::card::{Show, Tone};
use crate::model::effect::{Board, Effect, Place};
use crate::model::event::{Reason, Settlement};
use crate::model::house::House;
use crate::model::ids::{ChannelId, IncidentId, Seq};
use crate::model::incident::{Card, Thread};
use crate::model::telling::Audience;
use crate::model::triage::{Decided, Triaging};

impl State {
    /// Where a board stands; `None` where nothing is known of it.
    pub fn board(&self, board: Board) -> Option<Card> {
        match board {
            Board::Triage(id) => self.triages.get(&id).map(|t| t.card),
            Board::Tell(id) => self.incidents.get(&id).and_then(|i| i.tellings.board),
            Board::Checklist(id) => self.incidents.get(&id).and_then(|i| i.review.list),
            Board::Alerts(id) => self.alerts.groups.get(&id).map(|g| g.card),
            Board::Storm(id) => self.alerts.storms.get(&id).map(|s| s.card),
            Board::Reminder(id) => self.reminders.all.get(&id).and_then(|r| r.card),
        }
    }

    /// A board stands so from now on, by this commit.
    pub(super) fn set_board(&mut self, seq: Seq, board: Board, card: Card) {
        match board {
            Board::Triage(id) => {
                if let Some(t) = self.triages.get_mut(&id) {
                    t.card = card;
                }
            }
            Board::Tell(id) => self.about(id, seq, |i| i.tellings.board = Some(card)),
            Board::Checklist(id) => self.about(id, seq, |i| i.review.list = Some(card)),
            Board::Alerts(id) => {
                if let Some(g) = self.alerts.groups.get_mut(&id) {
                    g.card = card;
                }
            }
            Board::Storm(id) => {
                if let Some(s) = self.alerts.storms.get_mut(&id) {
                    s.card = card;
                }
            }
            Board::Reminder(id) => {
                if let Some(r) = self.reminders.all.get_mut(&id) {
                    r.card = Some(card);
                }
            }
        }
    }

    /// The post of a board left the outbox.
    pub(super) fn board_posted(&mut self, seq: Seq, board: Board, outcome: &Settlement) {
        let card = match outcome {
            Settlement::Posted { channel, message } => Card::At { channel: *channel, message: *message },
            _ => Card::Lost,
        };
        self.set_board(seq, board, card);
    }

    /// What was to be announced cannot be: nobody was told.
    pub(super) fn not_announced(&mut self, seq: Seq, incident: IncidentId) {
        self.about(incident, seq, |i| {
            i.tellings.told.remove(&Audience::Public);
        });
    }

    /// Whether a channel is the thread of a private incident.
    fn is_private_thread(&self, channel: ChannelId) -> bool {
        self.threads.get(&channel).and_then(|id| self.incidents.get(id)).is_some_and(|i| i.private)
    }

    /// The thread of the incident that a triage opened.
    fn leads_to(&self, t: &Triaging) -> Option<ChannelId> {
        let Some((Decided::Opened { incident, .. }, _)) = &t.decided else { return None };
        match self.incidents.get(incident)?.thread {
            Thread::At(thread) => Some(thread),
            Thread::Owed | Thread::Lost => None,
        }
    }

    /// What a board shows now.
    pub fn board_shows(&self, house: &House, board: Board) -> Option<Show> {
        match board {
            Board::Triage(id) => self.triages.get(&id).map(|t| triage::show(t, self.leads_to(t))),
            Board::Tell(id) => self.incidents.get(&id).map(telling::show),
            Board::Checklist(id) => {
                self.incidents.get(&id).map(|i| Show::Checklist(afterwards::checklist(i)))
            }
            Board::Alerts(id) => self
                .alerts
                .groups
                .get(&id)
                .map(|g| Show::Alerts(Box::new(alerts::card::card(self, house, g)))),
            Board::Storm(id) => self
                .alerts
                .storms
                .get(&id)
                .map(|s| Show::Storm(Box::new(alerts::card::storm(&self.alerts, s)))),
            Board::Reminder(id) => self.reminders.all.get(&id).map(|r| Show::Reminder(Box::new(r.shows()))),
        }
    }
}

/// What to do where a board cannot be posted or changed, or nobody could be told.
pub fn instead(state: &State, house: &House, effect: &Effect, reason: Reason) -> Vec<Effect> {
    let incidents = house.settings.channels.incidents;
    let home = |board: Board| match board {
        Board::Tell(id) | Board::Checklist(id) => Place::Thread(id),
        Board::Triage(id) => Place::Channel(state.triages.get(&id).map_or(incidents, |t| t.triage.channel)),
        Board::Alerts(id) => {
            Place::Channel(state.alerts.groups.get(&id).map_or(incidents, |g| g.opened.channel))
        }
        Board::Storm(id) => Place::Channel(state.alerts.storms.get(&id).map_or(incidents, |s| s.channel)),
        Board::Reminder(_) => Place::Channel(super::reminders::channel(house)),
    };
    // What was asked in a private incident's thread is said nowhere else.
    let private = |board: Board| match board {
        Board::Triage(id) => {
            state.triages.get(&id).is_some_and(|t| state.is_private_thread(t.triage.channel))
        }
        Board::Tell(_) | Board::Checklist(_) | Board::Alerts(_) | Board::Storm(_) | Board::Reminder(_) => {
            false
        }
    };
    match effect {
        Effect::PostBoard { board, .. } if private(*board) => vec![],
        // Its place is closed or gone: the incidents channel is where people look next.
        // It shows what there is to show now: a change that came meanwhile stands before it in its
        // lane, and found nothing to edit.
        Effect::PostBoard { board, place, .. } if *place != Place::Channel(incidents) => {
            let (board, place) = (*board, Place::Channel(incidents));
            let show = state.board_shows(house, board);
            show.map(|show| Effect::PostBoard { board, place, show }).into_iter().collect()
        }
        // Somebody deleted it: it is posted anew, with what there is to show now.
        Effect::EditBoard { board, .. } if reason == Reason::Gone => {
            let (board, place) = (*board, home(*board));
            let show = state.board_shows(house, board);
            show.map(|show| Effect::PostBoard { board, place, show }).into_iter().collect()
        }
        Effect::EditBoard { board, .. } if private(*board) => vec![],
        // It may not be edited now: the change is told where people work on it.
        Effect::EditBoard { board, show } => vec![Effect::Say { place: home(*board), show: show.clone() }],
        // Whoever was to be told was not: the team hears of it, and of the text.
        Effect::Say { show: Show::Announcement { incident, text }, .. } => {
            let text = format!(
                "**{incident}**: this public text could not be posted in the announcements channel, and nobody was told. Tell it elsewhere, or mend the channel and send it again:\n{}",
                escape_markdown(text)
            );
            let show = Show::Notice { tone: Tone::Refused, text };
            let say = Effect::Say { place: Place::Channel(incidents), show };
            let untold = state.incidents.get(incident).cloned().and_then(|mut i| {
                i.tellings.told.remove(&Audience::Public);
                telling::follow(&i)
            });
            std::iter::once(say).chain(untold).collect()
        }
        _ => vec![],
    }
}
