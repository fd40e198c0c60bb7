//! Bad input and bad people: a clear answer, nothing changed, nobody let in.

use muster::model::ids::Seq;
use muster::sandbox::Person;
use muster::sandbox::world::seed;
use serde_json::json;

use crate::support::app::App;

/// The journal as text.
fn journal(app: &App) -> String {
    let commits = app.bot().engine().journal().unwrap().from(Seq(1));
    commits.map(|c| serde_json::to_string(&c.unwrap()).unwrap() + "\n").collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn somebody_without_the_role_is_refused_and_the_attempt_is_recorded() {
    let app = App::start().await;
    let onlooker = app.client(Person::Onlooker);
    let answer = onlooker
        .slash("incident declare", &[("title", "mine".into()), ("severity", "P1".into())])
        .await
        .unwrap();
    assert!(answer.ephemeral, "a refusal is for the one who asked");
    assert!(answer.text().contains("is for responder"), "{}", answer.text());
    assert!(journal(&app).contains(r#""refused":{"what":"/incident declare""#), "{}", journal(&app));
    assert_eq!(app.count(seed::INCIDENTS, &["mine"]), 0);

    app.declared("real", "P2").await;
    let card = app.message(seed::INCIDENTS, &["INC-1"]).await;
    let pressed = onlooker.press(card.id, "Resolve").await.unwrap();
    assert!(pressed.ephemeral && pressed.text().contains("is for"), "{}", pressed.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_is_lost_while_a_form_is_open_does_not_count_any_more() {
    let app = App::start().await;
    app.declared("held open", "P2").await;
    let card = app.message(seed::INCIDENTS, &["INC-1"]).await;
    let responder = app.client(Person::Responder);
    let form = responder.press(card.id, "Resolve").await.unwrap();
    app.sandbox.change(|world, _| {
        let guild = world.guilds.get_mut(&seed::GUILD).unwrap();
        guild.members.get_mut(&Person::Responder.id()).unwrap().roles.clear();
    });
    let sent = responder.submit(&form, &[("how", "x")]).await.unwrap();
    assert!(sent.text().contains("is for"), "{}", sent.text());
    assert!(!journal(&app).contains("incident-resolved"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forged_button_is_nobodys() {
    let app = App::start().await;
    app.declared("forged", "P2").await;
    let card = app.message(seed::INCIDENTS, &["INC-1"]).await;
    let onlooker = app.client(Person::Onlooker);
    for (forged, said) in [
        ("m1 resolve 1", "is for"),
        ("m1 resolve 999", "is for"),
        ("m1 timeline 999 0", "There is no INC-999"),
        ("m1 resolve 1 2 3", "not one that this version of Muster made"),
        ("drop everything", "not one that this version of Muster made"),
        ("", "not one that this version of Muster made"),
    ] {
        let answer = onlooker.forge_click(seed::INCIDENTS, card.id, forged).await.unwrap();
        assert!(answer.text().contains(said), "{forged:?}: {}", answer.text());
    }
    assert!(!journal(&app).contains("incident-resolved"));
}

#[tokio::test(flavor = "multi_thread")]
async fn another_servers_interaction_is_refused_and_leaves_no_trace() {
    let app = App::start().await;
    // From now on Muster serves another server, and this one still has its commands.
    let mut house = app.house();
    house.settings.guild = muster::model::ids::GuildId(77);
    app.bot().reloader().reload(house).await;
    let before = journal(&app);
    for person in [Person::Responder, Person::Lead] {
        let answer = app.client(person).slash("health", &[("service", "soundlab".into())]).await.unwrap();
        assert!(answer.ephemeral);
        assert!(answer.text().contains("serves another Discord server"), "{}", answer.text());
    }
    assert_eq!(journal(&app), before, "a stranger does not make the journal grow");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shape_that_nobody_knows_is_answered_and_counted() {
    let app = App::start().await;
    // An interaction as a later Discord might send it: serenity cannot read it, so it arrives raw.
    app.sandbox.change(|world, now| {
        let command = world.commands[&Some(seed::GUILD)].iter().find(|c| c.name == "health").unwrap().id;
        let body = json!({
            "type": 2, "application_id": seed::APPLICATION, "guild_id": seed::GUILD, "channel_id": seed::INCIDENTS,
            "session_id": "a", "nonce": "1", "data": {"id": command, "name": "health", "type": 1, "options": []},
        });
        world.interact(now, Person::Responder.id(), &body).unwrap();
        for mut event in world.drain() {
            if event.name == "INTERACTION_CREATE" {
                event.data["member"] = json!("not a member any more");
            }
            world.queue(event);
        }
    });
    let count = app.bot().watch().counts;
    crate::support::soon("it to be counted", async {
        while count.unreadable.load(std::sync::atomic::Ordering::Relaxed) == 0 {
            tokio::task::yield_now().await;
        }
    })
    .await;
    let told = app.sandbox.wait_for(|w| {
        w.messages
            .values()
            .find(|m| m.content.contains("in a shape that this version of Muster does not know"))
            .map(|m| m.only_for)
    });
    let told = crate::support::soon("the answer", told).await;
    assert_eq!(told, Some(Person::Responder.id()));
}
