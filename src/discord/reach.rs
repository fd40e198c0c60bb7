//! Whether somebody can see where they are to be called: a mention that they cannot see calls nobody, and
//! Discord posts it all the same.
//!
//! What was asked is remembered for a minute, so that thousands of ladders do not ask thrice as often as
//! they post. A look-up that fails stops no page: it is then posted unseen.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::{Either, select};
use serde_json::Value;

use super::api::{Api, RestError};
use crate::kit::clock::Clock;
use crate::kit::time::Timestamp;
use crate::model::ids::{ChannelId, GuildId, UserId};

/// May do everything (Discord, "Permissions").
const ADMINISTRATOR: u64 = 1 << 3;
/// May see a channel.
const VIEW_CHANNEL: u64 = 1 << 10;
/// How long an answer is believed.
const FRESH: Duration = Duration::from_secs(60);
/// How old what stands in the way of a page may be: somebody may just have been let in.
const SURE: Duration = Duration::from_secs(2);
/// How long a page waits for the look-up.
const PATIENCE: Duration = Duration::from_secs(5);
/// Answers of each kind that are kept before old ones are put away.
const KEPT: usize = 5_000;
/// Discord's type of an announcement thread, a public and a private one.
const THREADS: [u64; 3] = [10, 11, 12];

/// Whether somebody sees a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sight {
    /// They do; or nobody could say, and it is tried.
    Sees,
    /// They are not in the server.
    Gone,
    /// They are, and do not see it.
    Hidden,
}

/// A server, as far as permissions go.
#[derive(Clone, Debug, PartialEq)]
pub struct Guild {
    /// Its id, which is also that of the role @everyone.
    pub id: u64,
    /// Who may do everything.
    pub owner: u64,
    /// What each role allows.
    pub roles: BTreeMap<u64, u64>,
}

/// What a channel allows and denies to one role or member.
#[derive(Clone, Debug, PartialEq)]
pub struct Overwrite {
    /// The role or the account.
    pub id: u64,
    /// Whether it is a member's, not a role's.
    pub member: bool,
    /// What is added.
    pub allow: u64,
    /// What is taken away first.
    pub deny: u64,
}

/// What somebody with these roles may in a channel with these overwrites (Discord, "Permission overwrites":
/// the roles' permissions together, then what the channel says of everyone, of their roles together, of
/// themselves).
pub fn permissions(guild: &Guild, user: u64, roles: &[u64], overwrites: &[Overwrite]) -> u64 {
    if guild.owner == user {
        return u64::MAX;
    }
    let of = |role: &u64| guild.roles.get(role).copied().unwrap_or(0);
    let base = roles.iter().map(of).fold(of(&guild.id), |all, one| all | one);
    if base & ADMINISTRATOR != 0 {
        return u64::MAX;
    }
    let apply = |bits: u64, which: &dyn Fn(&&Overwrite) -> bool| {
        let (allow, deny) =
            overwrites.iter().filter(which).fold((0, 0), |(allow, deny), o| (allow | o.allow, deny | o.deny));
        bits & !deny | allow
    };
    let bits = apply(base, &|o| !o.member && o.id == guild.id);
    let bits = apply(bits, &|o| !o.member && o.id != guild.id && roles.contains(&o.id));
    apply(bits, &|o| o.member && o.id == user)
}

/// A channel, as far as permissions go; a thread has its parent's overwrites.
#[derive(Clone, Debug)]
struct Channel {
    guild: Option<u64>,
    parent: Option<ChannelId>,
    overwrites: Vec<Overwrite>,
}

/// Looks up who sees what.
#[derive(Default)]
pub struct Reach {
    channels: Cache<ChannelId, Channel>,
    guilds: Cache<GuildId, Guild>,
    members: Cache<(GuildId, UserId), Vec<u64>>,
}

impl Reach {
    /// Whether somebody sees a channel or the channel that a thread is in: who is mentioned in a private
    /// thread is let into it if they see that.
    pub async fn sees(&self, rest: &impl Api, clock: &Clock, channel: ChannelId, user: UserId) -> Sight {
        let look = Box::pin(async {
            match self.look(rest, clock.now(), channel, user, FRESH).await {
                Ok(Sight::Sees) => Ok(Sight::Sees),
                _ => self.look(rest, clock.now(), channel, user, SURE).await,
            }
        });
        // The alarm is set only where there is something to wait for.
        let alarm = Box::pin(async { tokio::time::sleep(PATIENCE).await });
        match select(look, alarm).await {
            Either::Left((Ok(sight), _)) => sight,
            Either::Left((Err(e), _)) => {
                tracing::warn!(
                    "whether {user} sees channel {channel} cannot be found out, they are called there: {e}"
                );
                Sight::Sees
            }
            Either::Right(_) => {
                tracing::warn!(
                    "Discord does not say whether {user} sees channel {channel}: they are called there"
                );
                Sight::Sees
            }
        }
    }

    async fn look(
        &self,
        rest: &impl Api,
        now: Timestamp,
        channel: ChannelId,
        user: UserId,
        age: Duration,
    ) -> Result<Sight, RestError> {
        let mut place = self.channel(rest, now, channel, age).await?;
        if let Some(parent) = place.parent {
            place = self.channel(rest, now, parent, age).await?;
        }
        let Some(guild) = place.guild else { return Ok(Sight::Sees) };
        let guild = GuildId(guild);
        let member = async {
            let member = rest.get(&format!("guilds/{guild}/members/{user}")).await?;
            Ok(member["roles"].as_array().into_iter().flatten().filter_map(id).collect())
        };
        let roles = match self.members.get((guild, user), now, age, member).await {
            Ok(roles) => roles,
            // 10007: unknown member; 10013: unknown user.
            Err(RestError::Refused { code: 10_007 | 10_013, .. }) => return Ok(Sight::Gone),
            Err(e) => return Err(e),
        };
        let found = async { Ok(read_guild(guild.0, &rest.get(&format!("guilds/{guild}")).await?)) };
        let guild = self.guilds.get(guild, now, age, found).await?;
        let may = permissions(&guild, user.0, &roles, &place.overwrites);
        Ok(if may & VIEW_CHANNEL == 0 { Sight::Hidden } else { Sight::Sees })
    }

    async fn channel(
        &self,
        rest: &impl Api,
        now: Timestamp,
        channel: ChannelId,
        age: Duration,
    ) -> Result<Arc<Channel>, RestError> {
        let ask = async { Ok(read_channel(&rest.get(&format!("channels/{channel}")).await?)) };
        self.channels.get(channel, now, age, ask).await
    }
}

fn id(value: &Value) -> Option<u64> {
    value.as_str()?.parse().ok()
}

/// Permissions are numbers in a string.
fn bits(value: &Value) -> u64 {
    id(value).unwrap_or(0)
}

fn read_channel(value: &Value) -> Channel {
    let thread = value["type"].as_u64().is_some_and(|kind| THREADS.contains(&kind));
    let overwrite = |o: &Value| {
        let (member, allow, deny) = (o["type"] == 1, bits(&o["allow"]), bits(&o["deny"]));
        Some(Overwrite { id: id(&o["id"])?, member, allow, deny })
    };
    Channel {
        guild: id(&value["guild_id"]),
        parent: id(&value["parent_id"]).filter(|_| thread).map(ChannelId),
        overwrites: value["permission_overwrites"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(overwrite)
            .collect(),
    }
}

fn read_guild(guild: u64, value: &Value) -> Guild {
    let role = |r: &Value| Some((id(&r["id"])?, bits(&r["permissions"])));
    let roles = value["roles"].as_array().into_iter().flatten().filter_map(role).collect();
    Guild { id: guild, owner: id(&value["owner_id"]).unwrap_or(0), roles }
}

/// An answer and when it was given; whoever asks for it meanwhile waits for the one who fetches it.
type Slot<V> = Arc<tokio::sync::Mutex<Option<(Timestamp, Arc<V>)>>>;

/// Answers that are believed for a while. A refusal is not kept.
struct Cache<K, V>(Mutex<BTreeMap<K, Slot<V>>>);

impl<K, V> Default for Cache<K, V> {
    fn default() -> Cache<K, V> {
        Cache(Mutex::default())
    }
}

impl<K: Ord + Copy, V> Cache<K, V> {
    async fn get(
        &self,
        key: K,
        now: Timestamp,
        age: Duration,
        fetch: impl Future<Output = Result<V, RestError>>,
    ) -> Result<Arc<V>, RestError> {
        let slot = {
            let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            if slots.len() >= KEPT {
                slots.retain(|_, slot| match slot.try_lock() {
                    Ok(held) => held.as_ref().is_some_and(|(at, _)| young(*at, now, FRESH)),
                    Err(_) => true,
                });
            }
            slots.entry(key).or_default().clone()
        };
        let mut held = slot.lock().await;
        if let Some((at, value)) = &*held
            && young(*at, now, age)
        {
            return Ok(value.clone());
        }
        let value = Arc::new(fetch.await?);
        *held = Some((now, value.clone()));
        Ok(value)
    }
}

/// What lies ahead was asked before the clock was put back, nobody knows when.
fn young(at: Timestamp, now: Timestamp, age: Duration) -> bool {
    at <= now && now.since(at) <= age
}

#[cfg(test)]
mod tests {
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
        Guild { id: EVERYONE, owner: 99, roles: [(EVERYONE, everyone), (TEAM, team), (MUTED, 0)].into() }
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
        async fn call(
            &self,
            _: Method,
            path: &str,
            _: Option<&Value>,
            _: &[File],
        ) -> Result<Value, RestError> {
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
}
