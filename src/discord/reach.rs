//! Whether a mention calls anybody: one that somebody cannot see calls nobody, and so does one of a role, or
//! of everybody who is there, that the bot may not call. Discord posts it all the same.
//!
//! What was asked is remembered for a minute, so that thousands of ladders do not ask thrice as often as
//! they post. A look-up that fails stops no page: it is then posted unseen.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::{Either, select};
use serde_json::Value;

use super::api::{Api, RestError};
use crate::kit::clock::Clock;
use crate::kit::time::Timestamp;
use crate::model::ids::{ChannelId, GuildId, RoleId, UserId};

/// May do everything (Discord, "Permissions").
const ADMINISTRATOR: u64 = 1 << 3;
/// May see a channel.
const VIEW_CHANNEL: u64 = 1 << 10;
/// May call everybody, whoever is there, and any role.
pub const MENTION_EVERYONE: u64 = 1 << 17;
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

/// Whether the bot's mention of a role, or of whoever is there, calls anybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ring {
    /// It does; or nobody could say, and it is tried.
    Rings,
    /// The role is not in the server.
    Gone,
    /// The bot may not call it in that channel, and not everybody may.
    Mute,
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
    /// The roles that everybody may call.
    pub mentionable: BTreeSet<u64>,
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

/// What somebody may in a channel, and in which server that is.
enum Standing {
    /// The channel is in no server.
    Elsewhere,
    /// They are not in the server.
    Gone,
    /// They are.
    Here {
        /// The server.
        guild: Arc<Guild>,
        /// What they may there.
        may: u64,
    },
}

/// Looks up who sees what, and whom the bot may call.
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
        let sight = move |age| async move {
            Ok(match self.standing(rest, clock.now(), channel, user, age).await? {
                Standing::Gone => Sight::Gone,
                Standing::Here { may, .. } if may & VIEW_CHANNEL == 0 => Sight::Hidden,
                Standing::Elsewhere | Standing::Here { .. } => Sight::Sees,
            })
        };
        patiently(sight, Sight::Sees, || format!("whether {user} sees channel {channel}")).await
    }

    /// Whether the bot calls anybody in a channel, or in a thread of it, where it mentions a role; without
    /// one, whoever is there.
    pub async fn rings(
        &self,
        rest: &impl Api,
        clock: &Clock,
        channel: ChannelId,
        bot: UserId,
        role: Option<RoleId>,
    ) -> Ring {
        let ask = move |age| async move {
            Ok(match self.standing(rest, clock.now(), channel, bot, age).await? {
                Standing::Here { guild, may } => ring(&guild, may, role),
                Standing::Elsewhere | Standing::Gone => Ring::Rings,
            })
        };
        patiently(ask, Ring::Rings, || format!("whether the bot calls anybody in channel {channel}")).await
    }

    async fn standing(
        &self,
        rest: &impl Api,
        now: Timestamp,
        channel: ChannelId,
        user: UserId,
        age: Duration,
    ) -> Result<Standing, RestError> {
        let mut place = self.channel(rest, now, channel, age).await?;
        if let Some(parent) = place.parent {
            place = self.channel(rest, now, parent, age).await?;
        }
        let Some(guild) = place.guild else { return Ok(Standing::Elsewhere) };
        let guild = GuildId(guild);
        let member = async { Ok(roles_of(&rest.get(&format!("guilds/{guild}/members/{user}")).await?)) };
        let roles = match self.members.get((guild, user), now, age, member).await {
            Ok(roles) => roles,
            // 10007: unknown member; 10013: unknown user.
            Err(RestError::Refused { code: 10_007 | 10_013, .. }) => return Ok(Standing::Gone),
            Err(e) => return Err(e),
        };
        let found = async { Ok(read_guild(guild.0, &rest.get(&format!("guilds/{guild}")).await?)) };
        let guild = self.guilds.get(guild, now, age, found).await?;
        let may = permissions(&guild, user.0, &roles, &place.overwrites);
        Ok(Standing::Here { guild, may })
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

/// What is found out, asked a second time where it stands in the way of a page; `otherwise` where nobody says
/// it in time.
async fn patiently<T: Copy + PartialEq, F: Future<Output = Result<T, RestError>>>(
    ask: impl Fn(Duration) -> F,
    otherwise: T,
    what: impl Fn() -> String,
) -> T {
    let look = Box::pin(async {
        match ask(FRESH).await {
            Ok(found) if found == otherwise => Ok(found),
            _ => ask(SURE).await,
        }
    });
    // The alarm is set only where there is something to wait for.
    let alarm = Box::pin(async { tokio::time::sleep(PATIENCE).await });
    match select(look, alarm).await {
        Either::Left((Ok(found), _)) => found,
        Either::Left((Err(e), _)) => {
            tracing::warn!("{} cannot be found out, it is posted there: {e}", what());
            otherwise
        }
        Either::Right(_) => {
            tracing::warn!("Discord does not say {}: it is posted there", what());
            otherwise
        }
    }
}

fn ring(guild: &Guild, may: u64, role: Option<RoleId>) -> Ring {
    match role {
        Some(role) if !guild.roles.contains_key(&role.0) => Ring::Gone,
        Some(role) if guild.mentionable.contains(&role.0) => Ring::Rings,
        _ if may & MENTION_EVERYONE != 0 => Ring::Rings,
        _ => Ring::Mute,
    }
}

/// Whether the bot may call everybody in a channel, from what Discord says of the server, of the channel and
/// of the bot as a member.
pub fn may_call(guild: &Value, channel: &Value, bot: u64, member: &Value) -> bool {
    let read = read_guild(id(&guild["id"]).unwrap_or(0), guild);
    let overwrites = read_channel(channel).overwrites;
    permissions(&read, bot, &roles_of(member), &overwrites) & MENTION_EVERYONE != 0
}

/// The roles of a member.
fn roles_of(member: &Value) -> Vec<u64> {
    member["roles"].as_array().into_iter().flatten().filter_map(id).collect()
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
    let all = || value["roles"].as_array().into_iter().flatten();
    let role = |r: &Value| Some((id(&r["id"])?, bits(&r["permissions"])));
    let roles = all().filter_map(role).collect();
    let mentionable = all().filter(|r| r["mentionable"] == true).filter_map(|r| id(&r["id"])).collect();
    Guild { id: guild, owner: id(&value["owner_id"]).unwrap_or(0), roles, mentionable }
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
mod tests;
