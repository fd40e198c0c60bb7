//! The body of a message: what is read from it, and what Discord refuses in it (50035).

use super::messages::{COMPONENTS_V2, EPHEMERAL, File, SUPPRESS_NOTIFICATIONS};
use super::{Errors, Id, components, embeds};
use serde_json::Value;

/// Which mentions may ping, as `allowed_mentions` says.
#[derive(Clone, Debug, Default)]
pub struct Allowed {
    /// Every user mentioned.
    pub all_users: bool,
    /// Every role mentioned.
    pub all_roles: bool,
    /// @everyone and @here.
    pub everyone: bool,
    /// These users.
    pub users: Vec<Id>,
    /// These roles.
    pub roles: Vec<Id>,
    /// The author of the message replied to.
    pub replied_user: bool,
}

/// An attachment to keep, or to describe while it is uploaded.
#[derive(Clone, Debug)]
pub struct Keep {
    /// The attachment's id, or the `n` of `files[n]`.
    pub id: String,
    /// The name it shall have.
    pub filename: Option<String>,
    /// The text for those who cannot see it.
    pub description: Option<String>,
}

/// A message's body, checked. `None` means that the field was not sent.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// The text, trimmed as Discord trims it.
    pub content: Option<String>,
    /// The embeds as they will be shown.
    pub embeds: Option<Vec<Value>>,
    /// The components as they will be shown.
    pub components: Option<Vec<Value>>,
    /// The attachments kept or described.
    pub attachments: Option<Vec<Keep>>,
    /// Who may be pinged.
    pub allowed: Option<Allowed>,
    /// The flags.
    pub flags: Option<u64>,
    /// The nonce.
    pub nonce: Option<Value>,
    /// Whether a message with the same nonce is to be given back instead.
    pub enforce_nonce: bool,
    /// The message replied to.
    pub reply_to: Option<Id>,
    /// Whether it is an error if that message is gone.
    pub must_find_reply: bool,
}

impl Draft {
    /// The flags that a sender may set.
    pub const SETTABLE: u64 = 1 << 2 | SUPPRESS_NOTIFICATIONS | COMPONENTS_V2;

    /// Reads a body. Every path in `errors` begins with `prefix` (empty, or `data.`).
    pub fn read(body: &Value, files: &[File], prefix: &str, errors: &mut Errors) -> Draft {
        let mut draft = Draft::default();
        let Some(map) = body.as_object() else {
            errors.add(
                prefix.trim_end_matches('.'),
                "MODEL_TYPE_CONVERT",
                "Only dictionaries may be used in a ModelType",
            );
            return draft;
        };
        let at = |name: &str| format!("{prefix}{name}");
        draft.flags = match map.get("flags") {
            None | Some(Value::Null) => None,
            Some(flags) => flags.as_u64().or_else(|| {
                errors.add(&at("flags"), "NUMBER_TYPE_COERCE", format!("Value {flags} is not int."));
                None
            }),
        };
        let v2 = draft.flags.unwrap_or(0) & COMPONENTS_V2 != 0;
        draft.content = match map.get("content") {
            None => None,
            Some(Value::Null) => Some(String::new()),
            Some(Value::String(text)) => {
                let text = text.trim();
                errors.length(&at("content"), text.chars().count(), 0, 2000);
                Some(text.to_owned())
            }
            // Discord turns numbers into text here; nothing else.
            Some(Value::Number(number)) => Some(number.to_string()),
            Some(_) => {
                errors.add(&at("content"), "STRING_TYPE_CONVERT", "Could not interpret value as string.");
                None
            }
        };
        draft.embeds = list(map.get("embeds"), &at("embeds"), 10, errors).map(|list| {
            let embeds = embeds::check(list, &at("embeds"), errors);
            if embeds.iter().map(embeds::characters).sum::<usize>() > 6000 {
                errors.add(
                    &at("embeds"),
                    "MAX_EMBED_SIZE_EXCEEDED",
                    "Embed size exceeds maximum size of 6000",
                );
            }
            embeds
        });
        draft.components = list(map.get("components"), &at("components"), if v2 { 40 } else { 5 }, errors)
            .map(|list| components::check(list, v2, &at("components"), errors));
        if v2 {
            for (name, given) in [
                ("content", draft.content.as_ref().is_some_and(|content| !content.is_empty())),
                ("embeds", draft.embeds.as_ref().is_some_and(|embeds| !embeds.is_empty())),
            ] {
                if given {
                    let why =
                        format!("The '{name}' field cannot be used when using MessageFlags.IS_COMPONENTS_V2");
                    errors.add(&at(name), "MESSAGE_CANNOT_USE_LEGACY_FIELDS_WITH_COMPONENTS_V2", why);
                }
            }
        }
        draft.attachments = list(map.get("attachments"), &at("attachments"), 10, errors)
            .map(|list| attachments(list, files, &at("attachments"), errors));
        if files.len() > 10 {
            errors.length(&at("attachments"), files.len(), 0, 10);
        }
        draft.allowed = match map.get("allowed_mentions") {
            None | Some(Value::Null) => None,
            Some(value) => Some(allowed(value, &at("allowed_mentions"), errors)),
        };
        draft.nonce = nonce(map.get("nonce"), &at("nonce"), errors);
        draft.enforce_nonce = map.get("enforce_nonce").and_then(Value::as_bool).unwrap_or(false);
        if let Some(reference) = map.get("message_reference").filter(|value| !value.is_null()) {
            draft.reply_to = reference.get("message_id").and_then(snowflake);
            draft.must_find_reply =
                reference.get("fail_if_not_exists").and_then(Value::as_bool).unwrap_or(true);
            if draft.reply_to.is_none() {
                errors.required(&at("message_reference.message_id"));
            }
        }
        draft
    }

    /// Whether nothing would be seen of it.
    pub fn is_empty(&self, files: &[File]) -> bool {
        self.content.as_ref().is_none_or(String::is_empty)
            && self.embeds.as_ref().is_none_or(Vec::is_empty)
            && self.components.as_ref().is_none_or(Vec::is_empty)
            && files.is_empty()
    }

    /// Whether it asks to be seen by one person only.
    pub fn is_ephemeral(&self) -> bool {
        self.flags.unwrap_or(0) & EPHEMERAL != 0
    }

    /// The nonce as the key it is remembered by.
    pub fn nonce_key(&self) -> Option<String> {
        match self.nonce.as_ref()? {
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        }
    }
}

/// An id, which Discord takes as a string or as a number.
pub(super) fn snowflake(value: &Value) -> Option<Id> {
    match value {
        Value::String(text) => text.parse().ok(),
        Value::Number(number) => number.as_u64().map(Id),
        _ => None,
    }
}

/// A list of at most `most`; null is an empty one.
pub(super) fn list<'a>(
    value: Option<&'a Value>,
    path: &str,
    most: usize,
    errors: &mut Errors,
) -> Option<&'a [Value]> {
    match value? {
        Value::Null => Some(&[]),
        Value::Array(list) => {
            errors.length(path, list.len(), 0, most);
            Some(list)
        }
        _ => {
            errors.add(path, "LIST_TYPE_CONVERT", "Only iterables may be used in a ListType");
            None
        }
    }
}

fn attachments(list: &[Value], files: &[File], path: &str, errors: &mut Errors) -> Vec<Keep> {
    let mut kept = Vec::new();
    for (index, value) in list.iter().enumerate() {
        let id = match value.get("id") {
            Some(Value::String(id)) => id.clone(),
            Some(Value::Number(id)) => id.to_string(),
            _ => {
                errors.required(&format!("{path}.{index}.id"));
                continue;
            }
        };
        // A small number is the n of files[n]; an id of Discord's is far larger.
        let small = id.parse::<u64>().is_ok_and(|id| id < 1 << 22);
        if small && !files.iter().any(|file| file.index.to_string() == id) {
            errors.add(
                &format!("{path}.{index}"),
                "ATTACHMENT_NOT_FOUND",
                format!("Attachment data not found for id {id}"),
            );
        }
        let text = |name: &str| value.get(name).and_then(Value::as_str).map(str::to_owned);
        let description = text("description");
        errors.length(
            &format!("{path}.{index}.description"),
            description.as_ref().map_or(0, |text| text.chars().count()),
            0,
            1024,
        );
        kept.push(Keep { id, filename: text("filename"), description });
    }
    kept
}

fn allowed(value: &Value, path: &str, errors: &mut Errors) -> Allowed {
    let mut allowed = Allowed {
        replied_user: value.get("replied_user").and_then(Value::as_bool).unwrap_or(false),
        ..Allowed::default()
    };
    for (index, kind) in
        list(value.get("parse"), &format!("{path}.parse"), 3, errors).unwrap_or(&[]).iter().enumerate()
    {
        match kind.as_str() {
            Some("users") => allowed.all_users = true,
            Some("roles") => allowed.all_roles = true,
            Some("everyone") => allowed.everyone = true,
            _ => errors.choices(&format!("{path}.parse.{index}"), "'users', 'roles', 'everyone'"),
        }
    }
    for (name, all, into) in
        [("users", allowed.all_users, &mut allowed.users), ("roles", allowed.all_roles, &mut allowed.roles)]
    {
        let path = format!("{path}.{name}");
        let ids = list(value.get(name), &path, 100, errors).unwrap_or(&[]);
        if all && !ids.is_empty() {
            let why = format!("parse:[\"{name}\"] and {name}: [ids...] are mutually exclusive.");
            errors.add(
                path.trim_end_matches(&format!(".{name}")),
                "MESSAGE_ALLOWED_MENTIONS_PARSE_EXCLUSIVE",
                why,
            );
        }
        for (index, id) in ids.iter().enumerate() {
            match snowflake(id) {
                Some(id) if into.contains(&id) => errors.add(
                    &path,
                    "SET_TYPE_ALREADY_CONTAINS_VALUE",
                    "The set already contains this value",
                ),
                Some(id) => into.push(id),
                None => not_snowflake(&format!("{path}.{index}"), id, errors),
            }
        }
    }
    allowed
}

pub(super) fn not_snowflake(path: &str, value: &Value, errors: &mut Errors) {
    let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    errors.add(path, "NUMBER_TYPE_COERCE", format!("Value \"{shown}\" is not snowflake."));
}

fn nonce(value: Option<&Value>, path: &str, errors: &mut Errors) -> Option<Value> {
    match value? {
        Value::Null => None,
        Value::String(text) => {
            errors.length(path, text.chars().count(), 0, 25);
            Some(Value::String(text.clone()))
        }
        Value::Number(number) if number.is_i64() || number.is_u64() => Some(Value::Number(number.clone())),
        _ => {
            errors.add(path, "NONCE_TYPE_INVALID", "Nonce must be an integer or a string.");
            None
        }
    }
}
