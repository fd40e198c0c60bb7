//! How Discord says no: an HTTP status, a JSON error code, a sentence, and for a bad body the tree of what is wrong where.
//! Codes and sentences are those of Discord's table of JSON error codes.

use serde_json::{Map, Value, json};

/// A refusal as Discord answers it.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// Discord's JSON error code; 0 for a plain HTTP error.
    pub code: u32,
    /// Discord's sentence.
    pub message: String,
    /// For 50035: which fields, nested as the body is.
    pub errors: Option<Value>,
    /// Seconds to wait, where the refusal is a limit.
    pub retry_after: Option<f64>,
}

impl Refusal {
    fn new(status: u16, code: u32, message: &str) -> Refusal {
        Refusal { status, code, message: message.to_owned(), errors: None, retry_after: None }
    }

    /// The body of the HTTP answer.
    pub fn body(&self) -> Value {
        let mut body = json!({ "message": self.message, "code": self.code });
        if let Some(errors) = &self.errors {
            body["errors"] = errors.clone();
        }
        if let Some(seconds) = self.retry_after {
            body["retry_after"] = json!(seconds);
        }
        body
    }
}

macro_rules! refusals {
    ($($(#[$doc:meta])* $name:ident = $status:literal, $code:literal, $message:literal;)*) => {
        impl Refusal {
            $($(#[$doc])* pub fn $name() -> Refusal { Refusal::new($status, $code, $message) })*
        }
    };
}

refusals! {
    /// The token is missing or wrong.
    unauthorized = 401, 0, "401: Unauthorized";
    /// No such route.
    not_found = 404, 0, "404: Not Found";
    /// The route exists, the method does not.
    method_not_allowed = 405, 0, "405: Method Not Allowed";
    /// A bot asks for what only a user may.
    bots_not_allowed = 403, 20001, "Bots cannot use this endpoint";
    /// A user asks for what only a bot may.
    only_bots = 403, 20002, "Only bots can use this endpoint";
    /// No such application.
    unknown_application = 404, 10002, "Unknown Application";
    /// No such channel.
    unknown_channel = 404, 10003, "Unknown Channel";
    /// No such guild, or one the asker is not in.
    unknown_guild = 404, 10004, "Unknown Guild";
    /// Not a member of that guild.
    unknown_member = 404, 10007, "Unknown Member";
    /// No such message.
    unknown_message = 404, 10008, "Unknown Message";
    /// No such role.
    unknown_role = 404, 10011, "Unknown Role";
    /// No such user.
    unknown_user = 404, 10013, "Unknown User";
    /// No such emoji.
    unknown_emoji = 400, 10014, "Unknown Emoji";
    /// No such webhook; also an interaction's token before the first answer.
    unknown_webhook = 404, 10015, "Unknown Webhook";
    /// The interaction is unknown, or its three seconds are over.
    unknown_interaction = 404, 10062, "Unknown interaction";
    /// No such application command.
    unknown_command = 404, 10063, "Unknown application command";
    /// A message already has its thread.
    thread_exists = 400, 160004, "A thread has already been created for this message";
    /// A pinned message too many.
    too_many_pins = 400, 30003, "Maximum number of pins reached (50)";
    /// Uploads beyond the size limit.
    too_large = 413, 40005, "Request entity too large. Try sending a smaller file/files";
    /// A second first answer.
    already_acknowledged = 400, 40060, "Interaction has already been acknowledged.";
    /// The channel is there, the asker may not see it.
    missing_access = 403, 50001, "Missing Access";
    /// Somebody else's message.
    not_the_author = 403, 50005, "Cannot edit a message authored by another user";
    /// A message with nothing in it.
    empty_message = 400, 50006, "Cannot send an empty message";
    /// The person takes no direct messages.
    cannot_message_user = 403, 50007, "Cannot send messages to this user";
    /// Seen, but not allowed.
    missing_permissions = 403, 50013, "Missing Permissions";
    /// The kind of channel does not have this.
    wrong_channel_type = 400, 50024, "Cannot execute action on this channel type";
    /// An interaction's token after its 15 minutes.
    invalid_webhook_token = 401, 50027, "Invalid Webhook Token";
    /// A system message that cannot be acted on.
    system_message = 403, 50021, "Cannot execute action on a system message";
    /// A thread that is archived.
    thread_archived = 400, 50083, "Thread is archived";
    /// The body is no JSON.
    invalid_json = 400, 50109, "The request body contains invalid JSON.";
}

impl Refusal {
    /// 30046: too many edits of messages older than an hour. Discord sends it with status 429.
    pub fn too_many_old_edits(retry_after: f64) -> Refusal {
        let mut refusal = Refusal::new(
            429,
            30046,
            "Maximum number of edits to messages older than 1 hour reached. Try again later",
        );
        refusal.retry_after = Some(retry_after);
        refusal
    }
}

/// Collects what is wrong in a body, and where, as Discord's nested `errors`.
#[derive(Debug, Default)]
pub struct Errors {
    tree: Map<String, Value>,
}

impl Errors {
    /// Notes that the field at `path` (keys and indexes joined by dots; empty for the body itself) is wrong.
    pub fn add(&mut self, path: &str, code: &str, message: impl Into<String>) {
        let mut at = &mut self.tree;
        for key in path.split('.').filter(|key| !key.is_empty()) {
            let next = at.entry(key).or_insert_with(|| json!({}));
            match next {
                Value::Object(map) => at = map,
                _ => return,
            }
        }
        let list = at.entry("_errors").or_insert_with(|| json!([]));
        if let Value::Array(list) = list {
            list.push(json!({ "code": code, "message": message.into() }));
        }
    }

    /// A field that must be there.
    pub fn required(&mut self, path: &str) {
        self.add(path, "BASE_TYPE_REQUIRED", "This field is required");
    }

    /// A string or list whose length must be within bounds.
    pub fn length(&mut self, path: &str, length: usize, min: usize, max: usize) {
        if min == 0 && length > max {
            self.add(path, "BASE_TYPE_MAX_LENGTH", format!("Must be {max} or fewer in length."));
        } else if length < min || length > max {
            self.add(path, "BASE_TYPE_BAD_LENGTH", format!("Must be between {min} and {max} in length."));
        }
    }

    /// A value outside an enumeration.
    pub fn choices(&mut self, path: &str, allowed: &str) {
        self.add(path, "BASE_TYPE_CHOICES", format!("Value must be one of ({allowed})."));
    }

    /// Whether nothing is wrong so far.
    pub fn is_empty(&self) -> bool {
        self.tree.is_empty()
    }

    /// `Ok` if nothing is wrong, else the 50035.
    pub fn done(self) -> Result<(), Refusal> {
        if self.tree.is_empty() {
            return Ok(());
        }
        let mut refusal = Refusal::new(400, 50035, "Invalid Form Body");
        refusal.errors = Some(Value::Object(self.tree));
        Err(refusal)
    }

    /// A 50035 for one field.
    pub fn one(path: &str, code: &str, message: impl Into<String>) -> Refusal {
        let mut errors = Errors::default();
        errors.add(path, code, message);
        match errors.done() {
            Err(refusal) => refusal,
            Ok(()) => Refusal::not_found(),
        }
    }
}
