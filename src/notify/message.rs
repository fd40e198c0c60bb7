//! What goes out: the same words for every way, and what tells two sendings of one call from two calls.

use crate::kit::text::cut;
use crate::kit::time::Timestamp;
use crate::model::card::Show;
use crate::model::effect::Calling;
use crate::model::incident::Severity;
use crate::model::page::PageCard;
use crate::render::page::plain;

/// Longest subject, in characters: a telephone shows less.
const SUBJECT: usize = 200;

/// A message to one person.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// The same for each sending of one call, another for every other: `PAG-7/3`. Of several calls that go
    /// out as one, the first, and how many more.
    pub id: String,
    /// The journal's random id: of another journal, `PAG-7/3` is another call.
    pub journal: String,
    /// One line.
    pub subject: String,
    /// The rest.
    pub text: String,
    /// How bad the worst is.
    pub severity: Severity,
    /// Where the work is done.
    pub link: Option<String>,
    /// The pages; none for a test.
    pub cards: Vec<PageCard>,
    /// When it was sent.
    pub at: Timestamp,
}

impl Message {
    /// What a call says; `None` where it says nothing of a page.
    pub fn of(calling: &Calling, journal: &str, at: Timestamp) -> Option<Message> {
        let cards: Vec<PageCard> = match &calling.show {
            Show::Page(card) => vec![(**card).clone()],
            Show::Pages(cards) => cards.clone(),
            _ => return None,
        };
        let severity = cards.iter().map(|c| c.severity).min()?;
        let (page, call) = calling.calls.first()?;
        let id = match calling.calls.len() {
            1 => format!("{page}/{call}"),
            more => format!("{page}/{call}+{}", more - 1),
        };
        let (subject, text) = plain(&cards);
        let link = cards.first().and_then(|c| c.link.clone());
        let (journal, subject) = (journal.to_owned(), cut(&subject, SUBJECT));
        Some(Message { id, journal, subject, text, severity, link, cards, at })
    }

    /// A message that shows that somebody can be reached; `id` is of no other.
    pub fn test(name: &str, id: &str, at: Timestamp) -> Message {
        Message {
            id: format!("test/{id}"),
            journal: id.to_owned(),
            subject: format!("Test: Muster reaches {name}"),
            text: "This is a test of how you are reached. Nobody waits for an answer.\n".to_owned(),
            severity: Severity::P4,
            link: None,
            cards: vec![],
            at,
        }
    }

    /// In so many characters at most, for ways that are paid by length: the subject, then what fits of the
    /// text, the last line (how to answer) first.
    pub fn short(&self, most: usize) -> String {
        let mut lines: Vec<&str> = self.text.lines().filter(|l| !l.trim().is_empty()).collect();
        let last = lines.pop().unwrap_or_default();
        let whole = [&[self.subject.as_str()], &lines[..], &[last]].concat().join("\n");
        if whole.chars().count() <= most {
            return whole;
        }
        let room = most.saturating_sub(last.chars().count() + 1);
        format!("{}\n{last}", cut(&self.subject, room))
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use crate::model::ids::{IncidentId, PageId, UserId};
    use crate::model::page::{About, Because, Stands, Target, Way};

    /// A page of the worst kind.
    pub fn card(page: u32) -> PageCard {
        PageCard {
            call: 1,
            page: PageId(page),
            about: About::Incident(IncidentId(7)),
            title: Some("Encoder steht, <b>nichts</b> läuft & \"mehr\"".to_owned()),
            severity: Severity::P1,
            service: Some("soundlab".to_owned()),
            since: Timestamp(1_795_251_600_000),
            to: Target::Person { id: UserId(10), name: "responder".to_owned() },
            why: Because::First,
            stands: Stands::Calling {
                rung: "L1".to_owned(),
                until: Timestamp(1_795_252_500_000),
                next: "lead".to_owned(),
            },
            tried: vec![],
            playbooks: vec![],
            link: Some("https://discord.com/channels/1/2".to_owned()),
            due: None,
            sent: None,
        }
    }

    /// A call of these pages.
    pub fn calling(way: Way, pages: &[u32]) -> Calling {
        let cards: Vec<PageCard> = pages.iter().map(|p| card(*p)).collect();
        let show = match &cards[..] {
            [one] => Show::Page(Box::new(one.clone())),
            _ => Show::Pages(cards.clone()),
        };
        let to = cards[0].to.clone();
        Calling { calls: pages.iter().map(|p| (PageId(*p), 3)).collect(), to, way, place: None, show }
    }

    #[test]
    fn one_call_has_one_name_however_often_it_is_sent() {
        let of = |pages: &[u32], at| Message::of(&calling(Way::Ntfy, pages), "j", Timestamp(at)).unwrap();
        assert_eq!(of(&[7], 0).id, "PAG-7/3");
        assert_eq!(of(&[7], 0).id, of(&[7], 60_000).id);
        assert_eq!(of(&[7, 9, 11], 0).id, "PAG-7/3+2");
    }

    #[test]
    fn what_is_short_keeps_what_is_wrong_and_how_to_answer() {
        let message = Message::of(&calling(Way::Sms, &[7]), "j", Timestamp(0)).unwrap();
        assert_eq!(message.short(10_000).lines().count(), message.text.lines().count() + 1);
        let short = message.short(100);
        assert!(short.chars().count() <= 100, "{short}");
        assert!(short.starts_with("INC-7: P1") && short.ends_with("/ack page:PAG-7"), "{short}");
    }
}
