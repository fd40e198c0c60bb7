//! The server's on-call role follows the rota, in Discord itself: what members hold, what the audit log says,
//! and what a server that does not allow it is told. And whoever's shift begins is tested before it.

use std::time::Duration;

use muster::model::ids::RoleId;
use muster::sandbox::Person;
use muster::sandbox::client::text_of;
use muster::sandbox::world::{Audited, Id, Message, World, seed};

use crate::support::app::App;
use crate::support::soon;

/// Who holds the role.
fn holders(world: &World) -> Vec<&'static str> {
    let holds = |p: &Person| {
        let member = world.guilds[&seed::GUILD].members.get(&p.id());
        member.is_some_and(|m| m.roles.contains(&seed::ROLE_ON_CALL))
    };
    Person::ALL.into_iter().filter(holds).map(Person::name).collect()
}

async fn held_by(app: &App, who: &'static [&'static str]) {
    let there = app.sandbox.wait_for(move |world| (holders(world) == who).then_some(()));
    soon(&format!("{who:?} to hold the role"), there).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_on_call_role_is_held_by_whoever_is_on_call() {
    // Soundlab's rota alone: on Saturday B, whom the practice team calls approver; on Sunday C.
    let mut app = App::with(|house| house.oncall.rotas.retain(|name, _| name == "soundlab")).await;
    app.settled().await;
    assert_eq!(app.sandbox.look(holders), Vec::<&str>::new(), "nobody asked for it");
    let mut house = app.house();
    house.oncall.role = Some(RoleId(seed::ROLE_ON_CALL.0));
    app.bot().reloader().reload(house.clone()).await;
    held_by(&app, &["approver"]).await;

    // Somebody gave it to the onlooker by hand: that is theirs.
    app.sandbox
        .change(|world, _| world.set_role(seed::GUILD, Person::Onlooker.id(), seed::ROLE_ON_CALL, true));
    let over = [("rota", "soundlab".into()), ("for", "1h".into())];
    let answer = app.client(Person::Lead).slash("oncall override", &over).await.unwrap();
    assert!(answer.text().contains("OVR-1"), "{}", answer.text());
    held_by(&app, &["lead", "onlooker"]).await;
    app.settled().await;
    let last = app.sandbox.look(|world| world.audited.clone());
    let reason = |held: bool, user: Person| {
        let line = last.iter().find(|a: &&Audited| (a.held, a.user) == (held, user.id()));
        line.map(|a| (a.actor, a.reason.clone().unwrap_or_default()))
    };
    assert_eq!(
        reason(true, Person::Lead),
        Some((seed::BOT, "Muster: on call, primary of soundlab".to_owned()))
    );
    assert_eq!(reason(false, Person::Approver), Some((seed::BOT, "Muster: not on call any more".to_owned())));

    // The override ends while Muster is down.
    app.stop_bot().await;
    app.clock.advance(Duration::from_secs(2 * 3600));
    app.start_with(house).await;
    held_by(&app, &["approver", "onlooker"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_does_not_allow_it_is_told_how_to() {
    let app = App::with(|house| house.oncall.rotas.retain(|name, _| name == "soundlab")).await;
    let allow = |app: &App, bits: u64| {
        app.sandbox.change(move |world, _| {
            let roles = &mut world.guilds.get_mut(&seed::GUILD).unwrap().roles;
            roles.iter_mut().find(|r| r.id == seed::ROLE_BOT).unwrap().permissions = bits;
        });
    };
    let before = app.sandbox.look(|w| w.guilds[&seed::GUILD].role(seed::ROLE_BOT).unwrap().permissions);
    allow(&app, before & !(1 << 28));
    let mut house = app.house();
    house.oncall.role = Some(RoleId(seed::ROLE_ON_CALL.0));
    app.bot().reloader().reload(house.clone()).await;
    let words = ["on-call role could not be given to B", "50013", "Manage Roles", "drag it above"];
    app.message(seed::INCIDENTS, &words).await;
    assert_eq!(app.sandbox.look(holders), Vec::<&str>::new());

    // Whoever mended it lets Muster read its files anew.
    allow(&app, before);
    app.bot().reloader().reload(house.clone()).await;
    held_by(&app, &["approver"]).await;
    // A role that is not there, or stands above the bot's own.
    house.oncall.role = Some(RoleId(5));
    app.bot().reloader().reload(house.clone()).await;
    held_by(&app, &[]).await;
    app.message(seed::INCIDENTS, &["Unknown Role", "10011", "Copy Role ID"]).await;
    app.settled().await;
}

/// The direct message to somebody that says all of this.
fn direct(world: &World, to: Person, says: &[&str]) -> Option<Id> {
    let channel = world.direct_between(seed::BOT, to.id())?;
    let said = |m: &&Message| m.channel == channel && says.iter().all(|s| text_of(m).contains(s));
    world.messages.values().find(said).map(|m| m.id)
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_comes_next_is_tested_and_who_cannot_be_reached_is_told_of() {
    let app = App::with(|house| {
        house.oncall.rotas.retain(|name, _| name == "soundlab");
        house.oncall.test_before = Some(Duration::from_secs(2 * 3600));
    })
    .await;
    app.sandbox.refuse_direct_messages(Person::Responder, true);
    // Sunday, seven in Berlin: at nine C is first, and A, whom nothing reaches, is second.
    app.pass(Duration::from_secs(21 * 3600));
    let says = ["Test before your shift", "primary of soundlab", "you are on call from"];
    let message = soon("the test", app.sandbox.wait_for(move |w| direct(w, Person::Lead, &says))).await;
    let words = [
        "A** cannot be reached",
        "secondary of soundlab",
        "50007",
        "/oncall override",
        "muster oncall test responder",
    ];
    app.message(seed::INCIDENTS, &words).await;
    let answer = app.client(Person::Lead).press(message, "Acknowledge").await.unwrap();
    assert!(answer.text().contains("The rota knows that you can be reached"), "{}", answer.text());
    let answered = app.sandbox.wait_for(|w| direct(w, Person::Lead, &["can be reached: answered"]));
    assert_eq!(soon("the message to say so", answered).await, message);
    app.pass(Duration::from_secs(2 * 3600));
    app.message(seed::INCIDENTS, &["Change of shift"]).await;
    app.settled().await;
    assert_eq!(app.count(seed::INCIDENTS, &["did not answer"]), 0);
}
