//! The slash commands: from the house's command files to Discord's JSON, sent with one PUT
//! when it differs from what Discord has.

use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::api::{Api as _, RestError};
use super::rest::Rest;
use crate::engine::Engine;
use crate::model::command::{Command, CommandBody, CommandFile, CommandOption, OptionKind};
use crate::model::house::House;
use crate::model::ids::ApplicationId;
use crate::model::incident::Severity;
use crate::model::input::Input;

/// Everything that is registered, in the order of the files.
pub fn body(house: &House) -> Value {
    house.command_files().map(file).collect()
}

/// Registers, where Discord does not have these commands yet. Says whether it did.
///
/// # Errors
/// See [`RestError`].
pub async fn register(
    rest: &Rest,
    engine: &Engine,
    house: &House,
    application: ApplicationId,
) -> Result<bool, RestError> {
    let body = body(house);
    let guild = house.settings.guild;
    // Another server or application has other commands, whatever was sent before.
    let hash = hex(&Sha256::digest(format!("{application} {guild} {body}")));
    let known = engine.read(|state, _| state.commands.clone()).await;
    if known.is_ok_and(|k| k.as_deref() == Some(&hash)) {
        return Ok(false);
    }
    let path = format!("applications/{application}/guilds/{guild}/commands");
    rest.call(Method::PUT, &path, Some(&body), &[]).await?;
    let _ = engine.submit(Input::CommandsRegistered { hash }).await;
    Ok(true)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn file(f: &CommandFile) -> Value {
    let options: Vec<Value> = match &f.body {
        CommandBody::Single(one) => options(one),
        CommandBody::Group(many) => many
            .iter()
            .map(
                |c| json!({"type": 1, "name": c.name(), "description": c.description, "options": options(c)}),
            )
            .collect(),
    };
    // Contexts 0: in the server only. What a command may do is decided at each use, so Discord
    // shows it to all.
    json!({"type": 1, "name": f.name, "description": f.description, "options": options, "contexts": [0]})
}

fn options(c: &Command) -> Vec<Value> {
    c.options.iter().map(option).collect()
}

fn option(o: &CommandOption) -> Value {
    let mut out = json!({"name": o.name, "description": o.description, "required": o.required});
    let mut set = |key: &str, value: Value| out[key] = value;
    match &o.kind {
        OptionKind::Text { max } => {
            set("type", 3.into());
            set("max_length", (*max).into());
        }
        OptionKind::Service | OptionKind::Incident => {
            set("type", 3.into());
            set("autocomplete", true.into());
        }
        OptionKind::Severity => {
            set("type", 3.into());
            let all = Severity::ALL.map(|s| json!({"name": s.in_words(), "value": s.to_string()}));
            set("choices", all.to_vec().into());
        }
        OptionKind::Choice(list) => {
            set("type", 3.into());
            set("choices", list.iter().map(|c| json!({"name": c, "value": c})).collect());
        }
        OptionKind::Integer { min, max } => {
            set("type", 4.into());
            if let Some(min) = min {
                set("min_value", (*min).into());
            }
            if let Some(max) = max {
                set("max_value", (*max).into());
            }
        }
        OptionKind::Boolean => set("type", 5.into()),
        OptionKind::Person => set("type", 6.into()),
        OptionKind::Channel => set("type", 7.into()),
        OptionKind::Role => set("type", 8.into()),
        OptionKind::Number => set("type", 10.into()),
    }
    out
}
