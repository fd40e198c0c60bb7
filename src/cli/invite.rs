//! `muster invite`

use std::process::ExitCode;

use super::args::InviteArgs;
use super::output::{failed, runtime};
use super::serve;
use crate::discord::deliver::identity;
use crate::discord::{Rest, invite};
use crate::kit::clock::Clock;
use crate::model::ids::{ApplicationId, GuildId};

/// Prints the link, and what each permission is for.
pub fn run(args: &InviteArgs) -> ExitCode {
    match find(args) {
        Ok((application, guild, role)) => {
            println!("{}\n", invite::link(application, guild, role));
            println!("It asks for these permissions and no others:");
            for (name, _, why) in invite::needed(role) {
                println!("  {name}: {why}");
            }
            if role {
                println!(
                    "\nDrag the bot's own role above the on-call role (Server Settings, Roles): Discord lets nobody give a role that stands above their own."
                );
            } else if args.config.is_none() {
                println!(
                    "\nWhere a role of the server is to follow the rota (`role` under [oncall]), call it with --config muster.toml: it asks for {} then too.",
                    invite::ROLE.0
                );
            }
            ExitCode::SUCCESS
        }
        Err(why) => failed(why),
    }
}

/// Which application: the one named, the settings', or the token's own; which server; and whether a role of
/// it follows the rotas.
fn find(args: &InviteArgs) -> Result<(ApplicationId, Option<GuildId>, bool), String> {
    let house = match &args.config {
        Some(path) => Some(serve::house(path)?),
        None => None,
    };
    let role = house.as_ref().is_some_and(|h| h.oncall.role.is_some());
    let settings = house.map(|h| h.settings);
    let guild = settings.as_ref().map(|s| s.guild);
    if let Some(id) = &args.application {
        return Ok((id.parse()?, guild, role));
    }
    if let Some(id) = settings.as_ref().and_then(|s| s.application) {
        return Ok((id, guild, role));
    }
    let token = serve::token().map_err(|_| {
        "which application? Give --application ID (developer portal, General Information), or set DISCORD_TOKEN so that Discord can be asked.".to_owned()
    })?;
    let api_url = settings.and_then(|s| s.api_url);
    let asked = runtime()?.block_on(async {
        let rest = Rest::new(token, api_url.as_deref(), Clock::system())?;
        identity(&rest).await.map_err(|e| format!("Discord does not say which application this is: {e}"))
    })?;
    Ok((asked.application, guild, role))
}
