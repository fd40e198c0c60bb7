//! `/interactions` and `/webhooks`: starting an interaction, answering it, and what follows. The token in the path is the
//! right to answer; no other is asked for.

use super::super::world::{Answer, Refusal, Which, World};
use super::Reply;
use super::call::{Call, Caller, id};

pub(super) fn dispatch(world: &mut World, now: i64, call: &mut Call, segments: &[&str]) -> Answer<Reply> {
    let files = call.files.clone();
    let body = &call.body;
    match (call.method.as_str(), segments) {
        ("POST", ["interactions"]) => {
            let actor = call.actor()?;
            if matches!(call.caller, Caller::Bot(_)) {
                return Err(Refusal::bots_not_allowed());
            }
            world.interact(now, actor, body)?;
            Reply::nothing()
        }
        ("POST", ["interactions", interaction, token, "callback"]) => {
            let answer = world.respond(now, id("interaction_id", interaction)?, token, body, files)?;
            if call.flag("with_response") { Reply::ok(answer) } else { Reply::nothing() }
        }
        ("POST", ["webhooks", app, token]) => {
            // Without `wait` a webhook's answer is empty, but an interaction's always has the message.
            world.follow_up(now, id("webhook_id", app)?, token, body, files).and_then(Reply::ok)
        }
        (method, ["webhooks", app, token, "messages", which]) => {
            let app = id("webhook_id", app)?;
            let which = match *which {
                "@original" => Which::Original,
                other => Which::This(id("message_id", other)?),
            };
            match method {
                "GET" => world.interaction_message(now, app, token, which).and_then(Reply::ok),
                "PATCH" => {
                    world.edit_interaction_message(now, app, token, which, body, files).and_then(Reply::ok)
                }
                "DELETE" => {
                    world.delete_interaction_message(now, app, token, which).and_then(|()| Reply::nothing())
                }
                _ => Err(Refusal::method_not_allowed()),
            }
        }
        (_, ["webhooks", _, _] | ["interactions", _, _, "callback"]) => Err(Refusal::method_not_allowed()),
        _ => Err(Refusal::not_found()),
    }
}
