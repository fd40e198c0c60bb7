//! `muster serve`: in a team's own Discord server.

use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use super::args::ServeArgs;
use super::bot::Bot;
use super::output::{asked_to_stop, failed, log, runtime};
use super::{calendar_key, journal, socket};
use crate::discord::Token;
use crate::house;
use crate::journal::SledJournal;
use crate::kit::clock::Clock;
use crate::model::house::House;
use crate::runner::Secrets;

/// Runs until it is asked to stop, or cannot go on.
pub fn run(args: &ServeArgs) -> ExitCode {
    log();
    match serve(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => failed(why),
    }
}

fn serve(args: &ServeArgs) -> Result<(), String> {
    let mut house = house(&args.config)?;
    let token = token()?;
    let data = args
        .data
        .clone()
        .or_else(|| house.settings.folders.data.clone())
        .unwrap_or_else(|| PathBuf::from("data"));
    // Others on this machine need not read what is in it.
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&data)
        .map_err(|e| format!("the data folder {} cannot be made: {e}", data.display()))?;
    let journal = SledJournal::open_or_create(&journal::folder(&data)).map_err(|e| e.to_string())?;
    // Only now: whoever has the journal has the folder.
    calendar_key::hand_over(&mut house, &data);
    say_missing(&house);
    runtime()?.block_on(async {
        let mut bot = Bot::start(journal, house, token, Clock::system()).await.map_err(|d| d.0)?;
        bot.look_after(&data).map_err(|d| d.0)?;
        if let Some(address) = bot.watch().intake {
            tracing::info!("alerts come in at http://{address}");
        }
        let listening = socket::listen(&data, bot.watch())?;
        tokio::spawn(reload_on_hangup(bot.reloader(), args.config.clone(), data.clone()));
        let ended = tokio::select! {
            () = asked_to_stop() => Ok(()),
            down = bot.stopped() => Err(down.0),
            // Whoever keeps Muster running starts it again; a journal that is full or damaged
            // says so then, before anything is answered.
            down = bot.engine().failed() => Err(down.0),
            () = tell_when_ready(&bot) => Ok(()),
        };
        listening.abort();
        bot.stop().await;
        ended
    })
}

/// Says once that commands arrive.
async fn tell_when_ready(bot: &Bot) {
    if bot.ready().await.is_ok() {
        tracing::info!("commands arrive; Ctrl-C ends");
    }
    std::future::pending().await
}

/// Reads the files again at each HUP; where they are wrong, the last good ones stay.
async fn reload_on_hangup(reloader: super::bot::Reloader, config: PathBuf, data: PathBuf) {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut hangups) = signal(SignalKind::hangup()) else {
        return;
    };
    while hangups.recv().await.is_some() {
        match self::house(&config) {
            Ok(mut house) => {
                calendar_key::hand_over(&mut house, &data);
                say_missing(&house);
                reloader.reload(house).await;
                tracing::info!("the files are read again");
            }
            Err(why) => tracing::error!("the files are not taken, the last good ones stay:\n{why}"),
        }
    }
}

/// Says what does not work because its secret is not set.
fn say_missing(house: &House) {
    for said in house::secrets::missing(house, |name| Secrets::environment().one(name).is_some()) {
        tracing::warn!("{said} Set it in Muster's environment, and start Muster again");
    }
}

/// A team's house, or all that is wrong with its files.
pub fn house(config: &Path) -> Result<House, String> {
    house::load(config).map_err(|problems| {
        let list: Vec<String> = problems.iter().map(ToString::to_string).collect();
        format!("these files cannot be used yet:\n{}", list.join("\n"))
    })
}

/// The bot's token, from the environment and nowhere else.
pub fn token() -> Result<Token, String> {
    match std::env::var("DISCORD_TOKEN") {
        Ok(token) if !token.trim().is_empty() => Ok(Token::new(token)),
        _ => Err("DISCORD_TOKEN is not set. Copy the bot's token from the developer portal (Bot, Reset Token) into the environment: DISCORD_TOKEN=… muster serve".to_owned()),
    }
}
