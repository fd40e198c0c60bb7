//! `/channels/...`: messages, reactions, pins, threads.

use super::super::world::{Answer, History, Refusal, World};
use super::Reply;
use super::call::{Call, id};
use serde_json::Value;

pub(super) fn dispatch(world: &mut World, now: i64, call: &mut Call, segments: &[&str]) -> Answer<Reply> {
    let actor = call.actor()?;
    let [_, channel, rest @ ..] = segments else {
        return Err(Refusal::not_found());
    };
    let channel = id("channel_id", channel)?;
    let message = |text: &str| id("message_id", text);
    let user = |text: &str| {
        if text == "@me" { Ok(actor) } else { id("user_id", text) }
    };
    let files = std::mem::take(&mut call.files);
    let put_back = files.clone();
    let result = match (call.method.as_str(), rest) {
        ("GET", []) => world.channel(actor, channel).and_then(Reply::ok),
        ("PATCH", []) => world.change_channel(now, actor, channel, &call.body).and_then(Reply::ok),
        ("DELETE", []) => world.delete_channel(actor, channel).and_then(Reply::ok),
        ("POST", ["typing"]) => world.type_in(now, actor, channel).and_then(|()| Reply::nothing()),
        ("GET", ["messages"]) => {
            let ask = History {
                limit: call.number("limit")?,
                before: call.id_asked("before")?,
                after: call.id_asked("after")?,
                around: call.id_asked("around")?,
            };
            world.history(actor, channel, ask).and_then(Reply::ok)
        }
        ("POST", ["messages"]) => {
            world.create_message(now, actor, channel, &call.body, files).and_then(Reply::ok)
        }
        ("GET", ["messages", "pins"]) => {
            world.pins(actor, channel, call.number("limit")?).and_then(Reply::ok)
        }
        ("GET", ["pins"]) => {
            let pins = world.pins(actor, channel, None)?;
            let messages: Vec<Value> =
                pins["items"].as_array().into_iter().flatten().map(|item| item["message"].clone()).collect();
            Reply::ok(messages)
        }
        ("PUT", ["messages", "pins", pinned] | ["pins", pinned]) => {
            world.pin(now, actor, channel, message(pinned)?, true).and_then(|()| Reply::nothing())
        }
        ("DELETE", ["messages", "pins", pinned] | ["pins", pinned]) => {
            world.pin(now, actor, channel, message(pinned)?, false).and_then(|()| Reply::nothing())
        }
        ("GET", ["messages", found]) => world.message(actor, channel, message(found)?).and_then(Reply::ok),
        ("PATCH", ["messages", found]) => {
            world.edit_message(now, actor, channel, message(found)?, &call.body, files).and_then(Reply::ok)
        }
        ("DELETE", ["messages", found]) => {
            world.delete_message(actor, channel, message(found)?).and_then(|()| Reply::nothing())
        }
        ("PUT", ["messages", found, "reactions", emoji, "@me"]) => {
            world.react(actor, channel, message(found)?, emoji).and_then(|()| Reply::nothing())
        }
        ("DELETE", ["messages", found, "reactions", emoji, "@me"]) => {
            world.unreact(actor, channel, message(found)?, emoji).and_then(|()| Reply::nothing())
        }
        ("POST", ["messages", found, "threads"]) => world
            .thread_from_message(now, actor, channel, message(found)?, &call.body)
            .and_then(Reply::created),
        ("POST", ["threads"]) => world.bare_thread(now, actor, channel, &call.body).and_then(Reply::created),
        ("GET", ["thread-members"]) => world.thread_members(actor, channel).and_then(Reply::ok),
        ("PUT", ["thread-members", who]) => {
            world.join_thread(now, actor, channel, user(who)?).and_then(|()| Reply::nothing())
        }
        ("DELETE", ["thread-members", who]) => {
            world.leave_thread(actor, channel, user(who)?).and_then(|()| Reply::nothing())
        }
        (_, [] | ["messages" | "threads" | "typing" | "pins", ..]) => Err(Refusal::method_not_allowed()),
        _ => Err(Refusal::not_found()),
    };
    // The log still names them.
    call.files = put_back;
    result
}
