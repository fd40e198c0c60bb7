//! A person's client, for tests and stories. It does over HTTP what Discord's own client does, and then watches the world
//! for what that person would see.

mod answer;
mod forms;

pub use answer::{Answer, Refused, text_of};

use super::Person;
use super::shared::Shared;
use super::world::{Id, Interaction, Outcome, World, seed};
use answer::settled;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Waits until `what` finds something in the world; asks after every change.
pub(super) async fn wait_for<R>(shared: &Shared, what: impl Fn(&World) -> Option<R>) -> R {
    let mut changes = shared.changes.subscribe();
    loop {
        changes.mark_unchanged();
        if let Some(found) = what(&shared.lock().world) {
            return found;
        }
        if changes.changed().await.is_err() {
            // The sandbox is gone, and with it any hope; the caller's time limit ends this.
            std::future::pending::<()>().await;
        }
    }
}

/// A person's client.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
    person: Person,
    http: reqwest::Client,
    nonces: Arc<AtomicU64>,
}

impl Client {
    pub(super) fn new(shared: Arc<Shared>, person: Person) -> Client {
        // Loopback only: a proxy of the environment must not see it.
        let http = reqwest::Client::builder().no_proxy().build().unwrap_or_default();
        Client { shared, person, http, nonces: Arc::default() }
    }

    /// Whose client it is.
    pub fn person(&self) -> Person {
        self.person
    }

    /// One request with this person's token; `path` without `/api/v10`. Gives the answer's JSON, null if it is empty.
    ///
    /// # Errors
    /// Whatever is no 2xx.
    pub async fn request(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, Refused> {
        let method = reqwest::Method::from_bytes(method.as_bytes()).map_err(Refused::because)?;
        let url = format!("http://127.0.0.1:{}/api/v10{path}", self.shared.port);
        let mut request = self.http.request(method, url).header("authorization", self.person.token());
        if let Some(body) = body {
            request = request.json(body);
        }
        let response = request.send().await.map_err(Refused::because)?;
        let status = response.status();
        let bytes = response.bytes().await.map_err(Refused::because)?;
        let body = if bytes.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&bytes).unwrap_or(Value::Null)
        };
        if status.is_success() { Ok(body) } else { Err(Refused { status: status.as_u16(), body }) }
    }

    /// The commands this person is offered in the practice guild.
    ///
    /// # Errors
    /// Discord's refusal.
    pub async fn commands(&self) -> Result<Vec<Value>, Refused> {
        self.commands_in(seed::GUILD).await
    }

    /// The commands this person is offered in a guild.
    ///
    /// # Errors
    /// Discord's refusal.
    pub async fn commands_in(&self, guild: Id) -> Result<Vec<Value>, Refused> {
        let path = format!("/guilds/{guild}/application-command-index");
        let index = self.request("GET", &path, None).await?;
        Ok(index["application_commands"].as_array().cloned().unwrap_or_default())
    }

    /// The guild of a channel; the practice guild for a direct message, whose commands are the global ones among them.
    pub(super) fn guild_of(&self, channel: Id) -> Id {
        let inner = self.shared.lock();
        let channel = inner.world.channels.get(&channel);
        channel.and_then(|channel| channel.guild).unwrap_or(seed::GUILD)
    }

    /// Uses a slash command in #incidents: `client.slash("incident declare", &[("title", "x".into())])`.
    ///
    /// # Errors
    /// If there is no such command, or Discord refuses it.
    pub async fn slash(&self, command: &str, options: &[(&str, Value)]) -> Result<Answer, Refused> {
        self.slash_in(seed::INCIDENTS, command, options).await
    }

    /// Uses a slash command in a channel.
    ///
    /// # Errors
    /// If there is no such command, or Discord refuses it.
    pub async fn slash_in(
        &self,
        channel: Id,
        command: &str,
        options: &[(&str, Value)],
    ) -> Result<Answer, Refused> {
        let data = self.command_data(channel, command, options, None).await?;
        self.start(channel, 2, json!({ "data": data })).await
    }

    /// Types in an option, the others being filled in already; gives the choices offered.
    ///
    /// # Errors
    /// If there is no such command, or Discord refuses it.
    pub async fn complete(
        &self,
        command: &str,
        option: &str,
        typed: &str,
        others: &[(&str, Value)],
    ) -> Result<Vec<Value>, Refused> {
        let mut options = others.to_vec();
        options.push((option, json!(typed)));
        let data = self.command_data(seed::INCIDENTS, command, &options, Some(option)).await?;
        let answer = self.start(seed::INCIDENTS, 4, json!({ "data": data })).await?;
        match answer.outcome {
            Outcome::Choices(choices) => Ok(choices),
            _ => Ok(Vec::new()),
        }
    }

    /// Uses a command of the context menu on a message.
    ///
    /// # Errors
    /// If there is no such command, or Discord refuses it.
    pub async fn on_message(&self, command: &str, channel: Id, message: Id) -> Result<Answer, Refused> {
        let found = self
            .commands_in(self.guild_of(channel))
            .await?
            .into_iter()
            .find(|known| known["name"] == command && known["type"] == 3);
        let found =
            found.ok_or_else(|| Refused::because(format!("no message command is called “{command}”")))?;
        let data = json!({ "id": found["id"], "version": found["version"], "name": command, "type": 3, "target_id": message });
        self.start(channel, 2, json!({ "data": data })).await
    }

    /// Presses a button, found by its `custom_id` or its label, under any message this person sees.
    ///
    /// # Errors
    /// If there is no such button, or Discord refuses it.
    pub async fn press(&self, message: Id, button: &str) -> Result<Answer, Refused> {
        self.use_component(message, button, None).await
    }

    /// Chooses in a select, found by its `custom_id` or its placeholder.
    ///
    /// # Errors
    /// If there is no such select, or Discord refuses it.
    pub async fn choose(&self, message: Id, select: &str, values: &[&str]) -> Result<Answer, Refused> {
        self.use_component(message, select, Some(json!(values))).await
    }

    pub(super) fn with_interaction<R>(&self, id: Id, read: impl FnOnce(&Interaction) -> R) -> Option<R> {
        self.shared.lock().world.interactions.get(&id).map(read)
    }

    pub(super) async fn start(&self, channel: Id, kind: u8, mut body: Value) -> Result<Answer, Refused> {
        body["type"] = json!(kind);
        body["application_id"] = json!(seed::APPLICATION);
        body["channel_id"] = json!(channel);
        body["session_id"] = json!("client");
        let guild = self.shared.lock().world.channels.get(&channel).and_then(|channel| channel.guild);
        if let Some(guild) = guild {
            body["guild_id"] = json!(guild);
        }
        self.raw(body).await
    }

    /// Starts an interaction with any body (`POST /interactions`), and waits for what comes of it. A nonce is added if there
    /// is none.
    ///
    /// # Errors
    /// Discord's refusal.
    pub async fn raw(&self, mut body: Value) -> Result<Answer, Refused> {
        if body["nonce"].is_null() {
            let count = self.nonces.fetch_add(1, Ordering::Relaxed);
            body["nonce"] = json!(format!("{}-{:p}-{count}", self.person.name(), Arc::as_ptr(&self.nonces)));
        }
        let nonce = body["nonce"].clone();
        self.request("POST", "/interactions", Some(&body)).await?;
        let user = self.person.id();
        let found = |world: &World| {
            let interaction = world.interaction_by_nonce(user, &nonce)?;
            settled(world, interaction)
        };
        Ok(wait_for(&self.shared, found).await)
    }

    /// Clicks on a component that the message does not have; Discord's client could not.
    ///
    /// # Errors
    /// If there is no such message.
    pub async fn forge_click(&self, channel: Id, message: Id, custom_id: &str) -> Result<Answer, Refused> {
        let user = self.person.id();
        let begun =
            self.shared.change(|world, now| world.forge_click(now, user, channel, message, custom_id));
        let id = begun.map_err(|refusal| Refused { status: refusal.status, body: refusal.body() })?;
        super::rest::watch_deadline(&self.shared);
        Ok(wait_for(&self.shared, |world| settled(world, world.interactions.get(&id)?)).await)
    }

    /// Writes in a channel; gives the message.
    ///
    /// # Errors
    /// Discord's refusal.
    pub async fn say(&self, channel: Id, content: &str) -> Result<Value, Refused> {
        self.request("POST", &format!("/channels/{channel}/messages"), Some(&json!({ "content": content })))
            .await
    }

    /// The last 50 messages of a channel as this person sees them, the newest first; without ephemeral ones, which Discord
    /// does not keep.
    ///
    /// # Errors
    /// Discord's refusal.
    pub async fn messages(&self, channel: Id) -> Result<Vec<Value>, Refused> {
        let found = self.request("GET", &format!("/channels/{channel}/messages"), None).await?;
        Ok(found.as_array().cloned().unwrap_or_default())
    }
}
