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
        Ok((application, guild)) => {
            println!("{}\n", invite::link(application, guild));
            println!("It asks for these permissions and no others:");
            for (name, _, why) in invite::NEEDED {
                println!("  {name}: {why}");
            }
            ExitCode::SUCCESS
        }
        Err(why) => failed(why),
    }
}

/// Which application: the one named, the settings', or the token's own.
fn find(args: &InviteArgs) -> Result<(ApplicationId, Option<GuildId>), String> {
    let settings = match &args.config {
        Some(path) => Some(serve::house(path)?.settings),
        None => None,
    };
    let guild = settings.as_ref().map(|s| s.guild);
    if let Some(id) = &args.application {
        return Ok((id.parse()?, guild));
    }
    if let Some(id) = settings.as_ref().and_then(|s| s.application) {
        return Ok((id, guild));
    }
    let token = serve::token().map_err(|_| {
        "which application? Give --application ID (developer portal, General Information), or set DISCORD_TOKEN so that Discord can be asked.".to_owned()
    })?;
    let api_url = settings.and_then(|s| s.api_url);
    let asked = runtime()?.block_on(async {
        let rest = Rest::new(token, api_url.as_deref(), Clock::system())?;
        identity(&rest).await.map_err(|e| format!("Discord does not say which application this is: {e}"))
    })?;
    Ok((asked.application, guild))
}
