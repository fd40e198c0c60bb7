//! The slash commands: from the house's command files to Discord's JSON, sent with one PUT
//! when it differs from what Discord has.

use std::sync::Arc;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::api::{Api as _, RestError};
use super::rest::Rest;
use crate::engine::Engine;
use crate::kit::backoff::Backoff;
use crate::kit::hash;
use crate::model::command::{Command, CommandBody, CommandFile, CommandOption, OptionKind};
use crate::model::house::House;
use crate::model::ids::ApplicationId;
use crate::model::incident::Severity;
use crate::model::input::Input;

/// Between two tries to register.
const BACKOFF: Backoff = Backoff { first: Duration::from_secs(1), most: Duration::from_secs(300) };

/// Everything that is registered, in the order of the files.
pub fn body(house: &House) -> Value {
    house.command_files().map(file).collect()
}

/// Keeps Discord's commands those of the newest house; never ends. The one place that registers,
/// so that no older house comes after a newer one. Where Discord refuses, the commands from
/// before go on working. `tried` is told each house for which there was a try.
pub async fn keep(
    rest: &Rest,
    engine: &Engine,
    mut houses: watch::Receiver<Arc<House>>,
    application: ApplicationId,
    tried: &watch::Sender<Option<Arc<House>>>,
) {
    let mut failures = 0;
    loop {
        let house = houses.borrow_and_update().clone();
        let outcome = register(rest, engine, &house, application).await;
        tried.send_replace(Some(house));
        let again = after(outcome, &mut failures);
        let changed = async {
            // Without a sender no other house comes any more.
            if houses.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        match again {
            Some(wait) => tokio::select! {
                () = changed => {}
                () = tokio::time::sleep(wait) => {}
            },
            None => changed.await,
        }
    }
}

/// Says how it went, and after how long to try once more; `None` where only another house helps.
fn after(outcome: Result<bool, RestError>, failures: &mut u32) -> Option<Duration> {
    let e = match outcome {
        Ok(new) => {
            if new {
                tracing::info!("slash commands registered");
            }
            *failures = 0;
            return None;
        }
        Err(e) => e,
    };
    *failures += 1;
    match e {
        RestError::Refused { status: 403 | 404, .. } => {
            tracing::error!(
                "the slash commands were not taken: {e}. Is the bot in the server that muster.toml names, and invited with the scope applications.commands? `muster invite` prints the link; then start Muster again. The commands from before go on working."
            );
            None
        }
        RestError::Refused { .. } => {
            tracing::error!(
                "the slash commands were not taken: {e}. Mend the file that this is about and reload. The commands from before go on working."
            );
            None
        }
        RestError::Limited(_) | RestError::Silent(_) => {
            let wait = match e {
                RestError::Limited(least) => least.max(BACKOFF.after(*failures)),
                _ => BACKOFF.after(*failures),
            };
            tracing::warn!("the slash commands could not be sent: {e}; again in {} s", wait.as_secs());
            Some(wait)
        }
    }
}

/// Registers, where Discord does not have these commands yet. Says whether it did.
async fn register(
    rest: &Rest,
    engine: &Engine,
    house: &House,
    application: ApplicationId,
) -> Result<bool, RestError> {
    let body = body(house);
    let guild = house.settings.guild;
    // Another server or application has other commands, whatever was sent before.
    let hash = hash::sha256(format!("{application} {guild} {body}").as_bytes());
    let known = engine.read(|state, _| state.commands.clone()).await;
    if known.is_ok_and(|k| k.as_deref() == Some(&hash)) {
        return Ok(false);
    }
    let path = format!("applications/{application}/guilds/{guild}/commands");
    rest.call(Method::PUT, &path, Some(&body), &[]).await?;
    let _ = engine.submit(Input::CommandsRegistered { hash }).await;
    Ok(true)
}

fn file(f: &CommandFile) -> Value {
    let options: Vec<Value> = match &f.body {
        // Discord takes neither a description nor options for it.
        CommandBody::OnMessage(one) => return json!({"type": 3, "name": one.path, "contexts": [0]}),
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
        OptionKind::Service
        | OptionKind::Incident
        | OptionKind::Action
        | OptionKind::Run
        | OptionKind::ActionItem
        | OptionKind::Silence
        | OptionKind::Rota
        | OptionKind::Override
        | OptionKind::Alert
        | OptionKind::Page => {
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
