//! The card of alerts that people see as one problem, and the count of a storm.

use super::Face;
use crate::kit::text::escape_markdown;
use crate::model::alert::{AlertCard, GroupPhase, StormCard};

/// The card of a group.
pub fn card(card: &AlertCard) -> Face {
    let (opened, since) = (&card.opened, card.since.seconds());
    let state = match card.phase {
        GroupPhase::Firing => format!("{} firing since <t:{since}:R>", card.firing),
        GroupPhase::Settling { .. } => "quiet, and watched: it comes and goes".to_owned(),
        GroupPhase::Over { at } => format!("over since <t:{}:R>", at.seconds()),
    };
    Face::text(format!(
        "**{}** {} · {} · {state}",
        opened.group,
        opened.severity.in_words(),
        escape_markdown(&opened.title)
    ))
}

/// The count of a storm.
pub fn storm(card: &StormCard) -> Face {
    let (groups, firing) = card.groups;
    Face::text(format!(
        "**{}** {groups} problems at once, {firing} of them fire: {} alerts",
        card.id, card.alerts
    ))
}
