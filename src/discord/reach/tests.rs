//! Permissions in the order in which Discord counts them, and look-ups that stop no page.

use std::sync::atomic::{AtomicU16, AtomicUsize, Ordering};

use reqwest::Method;
use serde_json::json;

use super::*;
use crate::render::File;

const EVERYONE: u64 = 1;
const TEAM: u64 = 2;
const MUTED: u64 = 3;
const SOMEBODY: u64 = 10;

fn guild(everyone: u64, team: u64) -> Guild {
    let roles = [(EVERYONE, everyone), (TEAM, team), (MUTED, 0)].into();
    Guild { id: EVERYONE, owner: 99, roles, mentionable: BTreeSet::new() }
}

fn over(id: u64, member: bool, allow: u64, deny: u64) -> Overwrite {
    Overwrite { id, member, allow, deny }
}

/// Discord's own order: everyone's overwrite, then the roles' together, deny before allow, then the
/// member's.
#[test]
fn a_channel_s_overwrites_count_in_discord_s_order() {
    const V: u64 = VIEW_CHANNEL;
    let sees = |guild: &Guild, roles: &[u64], overwrites: &[Overwrite]| {
        permissions(guild, SOMEBODY, roles, overwrites) & V != 0
    };
    let open = guild(V, 0);
    assert!(sees(&open, &[], &[]));
    assert!(!sees(&guild(0, 0), &[], &[]));
    assert!(sees(&guild(0, V), &[TEAM], &[]), "a role allows it everywhere");
    let hidden = over(EVERYONE, false, 0, V);
    assert!(!sees(&open, &[TEAM], std::slice::from_ref(&hidden)));
    let let_in = over(TEAM, false, V, 0);
    assert!(sees(&open, &[TEAM], &[hidden.clone(), let_in.clone()]));
    assert!(!sees(&open, &[], &[hidden.clone(), let_in.clone()]), "another role's");
    let muted = over(MUTED, false, 0, V);
    assert!(sees(&open, &[TEAM, MUTED], &[let_in.clone(), muted.clone()]), "of roles, allowing wins");
    assert!(!sees(&open, &[TEAM, MUTED], &[let_in.clone(), muted, over(SOMEBODY, true, 0, V)]));
    assert!(sees(&open, &[], &[hidden.clone(), over(SOMEBODY, true, V, 0)]));
    assert!(!sees(&open, &[], &[hidden.clone(), over(SOMEBODY, false, V, 0)]), "a role of that number");
    assert!(sees(&guild(0, ADMINISTRATOR), &[TEAM], std::slice::from_ref(&hidden)));
    assert_eq!(permissions(&open, 99, &[], &[hidden]), u64::MAX, "the owner");
}

/// A server with a channel 5, a private thread 6 in it, and one member; it counts what it is asked.
struct Server {
    asked: AtomicUsize,
    refuses: AtomicU16,
    deny: Mutex<u64>,
}

#[async_trait::async_trait]
impl Api for Server {
    async fn call(&self, _: Method, path: &str, _: Option<&Value>, _: &[File]) -> Result<Value, RestError> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let refuses = self.refuses.load(Ordering::SeqCst);
        let refused = |status, code| Err(RestError::Refused { status, code, message: "no".to_owned() });
        if refuses != 0 {
            return refused(refuses, 0);
        }
        let deny = self.deny.lock().unwrap().to_string();
        match path {
            "channels/5" => Ok(json!({"id": "5", "type": 0, "guild_id": "1", "parent_id": "4",
                "permission_overwrites": [{"id": "10", "type": 1, "allow": "0", "deny": deny}]})),
            "channels/6" => Ok(json!({"id": "6", "type": 12, "guild_id": "1", "parent_id": "5"})),
            "guilds/1" => Ok(json!({"id": "1", "owner_id": "99",
                "roles": [{"id": "1", "permissions": VIEW_CHANNEL.to_string()}]})),
            "guilds/1/members/10" => Ok(json!({"roles": []})),
            _ => refused(404, 10_007),
        }
    }
}

#[tokio::test]
async fn it_asks_once_a_minute_and_again_before_it_stops_a_page() {
    let server =
        Server { asked: AtomicUsize::default(), refuses: AtomicU16::default(), deny: Mutex::default() };
    let (reach, clock) = (Reach::default(), Clock::driven(Timestamp(1_795_251_600_000)));
    let asked = || server.asked.swap(0, Ordering::SeqCst);
    let sees = async |user: u64| reach.sees(&server, &clock, ChannelId(6), UserId(user)).await;
    assert_eq!((sees(10).await, asked()), (Sight::Sees, 4));
    assert_eq!((sees(10).await, asked()), (Sight::Sees, 0), "it is remembered");
    assert_eq!(sees(11).await, Sight::Gone);
    asked();
    *server.deny.lock().unwrap() = VIEW_CHANNEL;
    clock.advance(Duration::from_secs(61));
    assert_eq!((sees(10).await, asked()), (Sight::Hidden, 4), "what was just asked is not asked again");
    clock.advance(Duration::from_secs(30));
    *server.deny.lock().unwrap() = 0;
    assert_eq!((sees(10).await, asked()), (Sight::Sees, 4), "somebody let them in meanwhile");
    clock.set(Timestamp(1_795_000_000_000));
    *server.deny.lock().unwrap() = VIEW_CHANNEL;
    assert_eq!(sees(10).await, Sight::Hidden, "a clock that was put back keeps nothing");
}

#[tokio::test]
async fn a_look_up_that_fails_stops_no_page() {
    for status in [403, 404, 500] {
        let refuses = AtomicU16::new(status);
        let server = Server { asked: AtomicUsize::default(), refuses, deny: Mutex::default() };
        let clock = Clock::driven(Timestamp(0));
        let sight = Reach::default().sees(&server, &clock, ChannelId(6), UserId(11)).await;
        assert_eq!(sight, Sight::Sees, "{status}");
    }
}
