//! What the commands about being on call and about pages take.

use super::{Action, Argument, needs, takes};

/// Of one that is about being on call, or a page.
pub(super) fn arguments(action: Action) -> &'static [Argument] {
    const TEXT: &[&str] = &["text"];
    const SERVICE: &[&str] = &["service", "choice"];
    const INCIDENT: &[&str] = &["incident"];
    const ROTA: &[&str] = &["rota"];
    match action {
        Action::Page => {
            const {
                &[
                    takes("person", &["person"]),
                    takes("text", TEXT),
                    takes("service", SERVICE),
                    takes("incident", INCIDENT),
                ]
            }
        }
        Action::PageTest => const { &[takes("person", &["person"])] },
        Action::PageAck | Action::PageEscalate | Action::PageWhy => {
            const { &[takes("page", &["page"]), takes("incident", INCIDENT)] }
        }
        Action::OnCallSchedule => const { &[takes("rota", ROTA), takes("days", &["integer"])] },
        Action::OnCallOverride => {
            const {
                &[
                    needs("rota", ROTA),
                    takes("person", &["person"]),
                    takes("for", TEXT),
                    takes("until", TEXT),
                    takes("from", TEXT),
                    takes("rank", TEXT),
                ]
            }
        }
        Action::OnCallOverrideEnd => const { &[needs("override", &["override"])] },
        Action::OnCallSwap => {
            const { &[needs("rota", ROTA), needs("with", &["person"]), takes("when", TEXT), takes("rank", TEXT)] }
        }
        Action::OnCallHandoff => const { &[takes("note", TEXT)] },
        Action::OnCallUnavailable => {
            const {
                &[
                    takes("until", TEXT),
                    takes("for", TEXT),
                    takes("from", TEXT),
                    takes("why", TEXT),
                    takes("back", &["boolean"]),
                ]
            }
        }
        Action::OnCallCalendar => const { &[takes("new", &["boolean"])] },
        _ => &[],
    }
}
