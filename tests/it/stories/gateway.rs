//! The gateway from outside: sessions are counted where they begin, the status is true, what
//! cannot be mended says so, and the commands are those of the newest house.

use std::sync::Arc;

use muster::cli::bot::Bot;
use muster::discord::Token;
use muster::discord::gateway::{Gateway, TOKEN_REFUSED};
use muster::house;
use muster::journal::SledJournal;
use muster::kit::clock::Clock;
use muster::model::house::House;
use muster::sandbox::world::seed;
use muster::sandbox::{Fault, Limits, Person, Rule, Sandbox, Setup};
use tempfile::TempDir;

use crate::support::app::START;
use crate::support::{request_log, soon, test_name};

/// A sandbox whose heartbeats are short, so that a lost connection is noticed soon.
async fn sandbox() -> (Sandbox, House) {
    let setup = Setup {
        request_log: Some(request_log(&test_name())),
        limits: Limits::lifted(),
        heartbeat_ms: 2_000,
        ..Setup::new(Arc::new(|| START.0))
    };
    let sandbox = Sandbox::start(setup).await.unwrap();
    let house = house::sandbox(&sandbox.api_url()).unwrap();
    (sandbox, house)
}

async fn start(house: House, token: &str) -> (Bot, TempDir) {
    let data = tempfile::tempdir().unwrap();
    let journal = SledJournal::create(&data.path().join("journal")).unwrap();
    (Bot::start(journal, house, Token::new(token), Clock::driven(START)).await.unwrap(), data)
}

async fn becomes(bot: &Bot, wanted: Gateway) {
    let mut gateway = bot.watch().gateway;
    soon(&format!("{wanted:?}"), gateway.wait_for(|g| *g == wanted)).await.unwrap();
}

async fn commands(sandbox: &Sandbox) -> Vec<String> {
    let commands = sandbox.client(Person::Onlooker).commands().await.unwrap();
    commands.iter().map(|c| c["name"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_token_at_the_start_stops_it_with_the_sentence_of_the_gateway() {
    let (_sandbox, house) = sandbox().await;
    let (bot, _data) = start(house, "not.the.token").await;
    assert_eq!(soon("ready to fail", bot.ready()).await.unwrap_err().0, TOKEN_REFUSED);
    assert_eq!(soon("the end", bot.stopped()).await.0, TOKEN_REFUSED);
    soon("the end of Muster", bot.stop()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_identify_is_counted_and_a_resume_is_none() {
    let (sandbox, house) = sandbox().await;
    let (bot, _data) = start(house, seed::BOT_TOKEN).await;
    becomes(&bot, Gateway::Ready).await;
    let counted = || bot.watch().counts.identifies.load(std::sync::atomic::Ordering::Relaxed);
    sandbox.gateway().cut(None);
    soon("the resume", async {
        while sandbox.gateway().resumes() == 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!((counted(), sandbox.gateway().identifies()), (1, 1));
    sandbox.gateway().invalidate(false);
    becomes(&bot, Gateway::Connecting).await;
    becomes(&bot, Gateway::Ready).await;
    assert_eq!((counted(), sandbox.gateway().identifies()), (2, 2));
    bot.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_that_were_never_ready_count_too() {
    let (sandbox, house) = sandbox().await;
    // Nothing comes through: Discord takes the identify, and READY never arrives.
    sandbox.gateway().zombie(true);
    let (bot, _data) = start(house, seed::BOT_TOKEN).await;
    let counts = bot.watch().counts;
    soon("a second identify", async {
        while sandbox.gateway().identifies() < 2 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(counts.identifies.load(std::sync::atomic::Ordering::Relaxed), 2);
    assert_eq!(*bot.watch().gateway.borrow(), Gateway::Connecting);
    sandbox.gateway().zombie(false);
    // That session's READY is lost for good; the next one's arrives.
    sandbox.gateway().cut(None);
    becomes(&bot, Gateway::Ready).await;
    bot.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn closes_that_serenity_does_not_understand_end_in_a_new_session() {
    // Two kinds: serenity fails inside for the first (as for 4003 and 4011), and resumes after the second.
    for code in [4010, 4012] {
        let (sandbox, house) = sandbox().await;
        let (bot, _data) = start(house, seed::BOT_TOKEN).await;
        becomes(&bot, Gateway::Ready).await;
        sandbox.gateway().cut(Some(code));
        soon("a new connection", async {
            while sandbox.gateway().identifies() + sandbox.gateway().resumes() < 2 {
                tokio::task::yield_now().await;
            }
        })
        .await;
        becomes(&bot, Gateway::Ready).await;
        soon("the end of Muster", bot.stop()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_connection_the_status_is_not_ready_and_stopping_does_not_wait_for_one() {
    let (sandbox, house) = sandbox().await;
    let (bot, _data) = start(house, seed::BOT_TOKEN).await;
    becomes(&bot, Gateway::Ready).await;
    sandbox.stop().await;
    becomes(&bot, Gateway::Connecting).await;
    soon("the end of Muster", bot.stop()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_stop_nothing_of_it_connects_again() {
    let (sandbox, house) = sandbox().await;
    let (bot, _data) = start(house, seed::BOT_TOKEN).await;
    becomes(&bot, Gateway::Ready).await;
    bot.stop().await;
    soon("the goodbye", async {
        while sandbox.gateway().bots_connected() > 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(sandbox.gateway().identifies(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_that_did_not_arrive_are_sent_again() {
    let (sandbox, house) = sandbox().await;
    sandbox.faults().inject(Rule::new(Fault::InternalError).on("PUT", "/applications/**").times(2));
    let (bot, _data) = start(house, seed::BOT_TOKEN).await;
    becomes(&bot, Gateway::Ready).await;
    soon("the commands", async {
        while commands(&sandbox).await.is_empty() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    bot.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_house_wins_over_one_that_waits_for_its_next_try() {
    let (sandbox, house) = sandbox().await;
    // The first house's only try fails, and so would the reloaded one's first.
    sandbox.faults().inject(Rule::new(Fault::BadGateway).on("PUT", "/applications/**").times(2));
    let (bot, _data) = start(house.clone(), seed::BOT_TOKEN).await;
    becomes(&bot, Gateway::Ready).await;
    let mut newer = house;
    newer.commands.retain(|name, _| ["health", "incident"].contains(&name.as_str()));
    soon("the reload", bot.reloader().reload(newer)).await;
    soon("the commands", async {
        while commands(&sandbox).await.is_empty() {
            tokio::task::yield_now().await;
        }
    })
    .await;
    assert_eq!(commands(&sandbox).await, ["health", "incident"]);
    assert!(sandbox.faults().active().is_empty());
    bot.stop().await;
}
