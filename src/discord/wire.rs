//! Faces, forms and choices as Discord's JSON, made with serenity's builders.

use serde_json::{Map, Value, json};
use serenity::builder::{
    CreateActionRow, CreateButton, CreateEmbed, CreateEmbedFooter, CreateInputText, CreateModal,
    CreateSelectMenu, CreateSelectMenuKind, CreateSelectMenuOption,
};
use serenity::model::Timestamp as DiscordTime;
use serenity::model::application::{ButtonStyle, InputTextStyle};

use super::limits::{self, CHOICE, CHOICES, FIELD_LABEL, FIELD_TEXT, FORM_TITLE};
use crate::kit::text::cut;
use crate::model::reply::{Choice, Form};
use crate::render::{Embed, Face, FaceList, File, Pings, Style};

/// Most roles, and most people, that one message may ping (Discord, "Allowed mentions object").
const MENTIONS: usize = 100;
/// Discord's flag for a message that only one person sees.
const EPHEMERAL: u64 = 1 << 6;

/// An edit as Discord takes it. As [`message`], but it calls nobody a second time.
pub fn edit(face: Face) -> (Map<String, Value>, Vec<File>) {
    message(Face { pings: Pings::default(), ..face })
}

/// A message as Discord takes it for posting: every field is there, so that an edit leaves
/// nothing of what stood before. Text never pings: whoever is to be pinged is named by
/// `allowed_mentions`, and nobody else is.
pub fn message(face: Face) -> (Map<String, Value>, Vec<File>) {
    let Face { content, embeds, buttons, apart, list, files, pings } = limits::fit(face);
    let (first, rest) = buttons.split_at(apart.min(buttons.len()));
    let mut rows: Vec<CreateActionRow> = first
        .chunks(5)
        .chain(rest.chunks(5))
        .map(|row| {
            CreateActionRow::Buttons(
                row.iter()
                    .map(|b| {
                        CreateButton::new(b.button.to_string())
                            .label(b.label.as_str())
                            .style(match b.style {
                                Style::Primary => ButtonStyle::Primary,
                                Style::Quiet => ButtonStyle::Secondary,
                                Style::Success => ButtonStyle::Success,
                                Style::Danger => ButtonStyle::Danger,
                            })
                            .disabled(!b.enabled)
                    })
                    .collect(),
            )
        })
        .collect();
    rows.extend(list.map(select));
    let attachments: Vec<Value> = files
        .iter()
        .enumerate()
        .map(|(id, f)| json!({"id": id, "filename": f.name, "description": cut(&f.description, 1024)}))
        .collect();
    let embeds: Vec<CreateEmbed> = embeds.into_iter().map(embed).collect();
    let mut message = Map::new();
    message.insert("content".into(), content.into());
    message.insert("embeds".into(), json!(embeds));
    message.insert("components".into(), json!(rows));
    message.insert("allowed_mentions".into(), allowed(&pings));
    message.insert("attachments".into(), attachments.into());
    (message, files)
}

fn select(list: FaceList) -> CreateActionRow {
    let option = |(value, read, below): (String, String, String)| {
        CreateSelectMenuOption::new(read, value).description(below)
    };
    let options = list.options.into_iter().map(option).collect();
    let menu = CreateSelectMenu::new(list.pick.to_string(), CreateSelectMenuKind::String { options });
    CreateActionRow::SelectMenu(menu.placeholder(list.placeholder))
}

/// Whom a text may ping. `parse` is empty, so that nothing in the text decides it; but for `@here`,
/// which is no id: whoever writes that sees to it that nothing else in the text is one.
fn allowed(pings: &Pings) -> Value {
    let everyone: &[&str] = if pings.here { &["everyone"] } else { &[] };
    let mut allowed = json!({"parse": everyone});
    if !pings.roles.is_empty() {
        allowed["roles"] = pings.roles.iter().take(MENTIONS).map(ToString::to_string).collect();
    }
    if !pings.users.is_empty() {
        allowed["users"] = pings.users.iter().take(MENTIONS).map(ToString::to_string).collect();
    }
    allowed
}

fn embed(e: Embed) -> CreateEmbed {
    let mut out = CreateEmbed::new();
    if let Some(title) = e.title {
        out = out.title(title);
    }
    if !e.description.is_empty() {
        out = out.description(e.description);
    }
    if let Some(colour) = e.colour {
        out = out.colour(colour.rgb());
    }
    if let Some(footer) = e.footer {
        out = out.footer(CreateEmbedFooter::new(footer));
    }
    if let Some(at) = e.at.and_then(|at| DiscordTime::from_millis(at.0).ok()) {
        out = out.timestamp(at);
    }
    out.fields(e.fields)
}

/// A first answer that shows something.
pub fn show(face: Face, private: bool) -> (Value, Vec<File>) {
    let (mut data, files) = message(face);
    if private {
        data.insert("flags".into(), EPHEMERAL.into());
    }
    (json!({"type": 4, "data": data}), files)
}

/// A first answer that says: wait.
pub fn later(private: bool) -> Value {
    json!({"type": 5, "data": {"flags": if private { EPHEMERAL } else { 0 }}})
}

/// A first answer that opens a form.
pub fn form(form: &Form) -> Value {
    let rows = form
        .fields
        .iter()
        .map(|f| {
            let style = if f.max > 200 { InputTextStyle::Paragraph } else { InputTextStyle::Short };
            let most = f.max.min(FIELD_TEXT);
            let mut input = CreateInputText::new(style, cut(&f.label, FIELD_LABEL), f.name.as_str())
                .max_length(most)
                .required(f.required);
            // Discord takes no empty one, and none that is longer than what may be typed.
            if let Some(value) = f.value.as_deref().filter(|v| !v.is_empty()) {
                input = input.value(cut(value, most.into()));
            }
            CreateActionRow::InputText(input)
        })
        .collect();
    let modal = CreateModal::new(form.kind.to_string(), cut(&form.title, FORM_TITLE)).components(rows);
    json!({"type": 9, "data": modal})
}

/// Proposals for an option.
pub fn choices(choices: &[Choice]) -> Value {
    let list: Vec<Value> = choices
        .iter()
        .take(CHOICES)
        .map(|c| json!({"name": cut(&c.name, CHOICE), "value": cut(&c.value, CHOICE)}))
        .collect();
    json!({"type": 8, "data": {"choices": list}})
}

/// What a component is answered with when nothing is to be shown.
pub fn nothing() -> Value {
    json!({"type": 6})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ids::{RoleId, UserId};

    #[test]
    fn a_message_pings_whom_it_calls_and_an_edit_of_it_nobody() {
        let face = Face {
            pings: Pings { roles: vec![RoleId(20)], users: vec![UserId(10)], here: false },
            ..Face::text("<@&20> <@10> @everyone <@11>".to_owned())
        };
        let (posted, _) = message(face.clone());
        assert_eq!(posted["allowed_mentions"], json!({"parse": [], "roles": ["20"], "users": ["10"]}));
        assert_eq!(edit(face).0["allowed_mentions"], json!({"parse": []}));
        let (plain, _) = message(Face::text("<@&20> <@10>".to_owned()));
        assert_eq!(plain["allowed_mentions"], json!({"parse": []}));
    }
}
