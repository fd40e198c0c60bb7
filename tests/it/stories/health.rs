//! `/health`: what the runbook says is asked, and what came is shown.

use muster::sandbox::Person;
use muster::sandbox::world::seed;

use crate::support::app::App;

#[tokio::test(flavor = "multi_thread")]
async fn a_healthy_service_shows_each_check_with_what_it_expected_and_got() {
    let app = App::start().await;
    let answer =
        app.client(Person::Onlooker).slash("health", &[("service", "soundlab".into())]).await.unwrap();
    let card = answer.text();
    assert!(card.contains("soundlab: healthy"), "{card}");
    for words in
        ["expected GET /healthz", "got HTTP 200", "GET /version", r#""$.stale" == null"#, "CHK-1", "ms"]
    {
        assert!(card.contains(words), "{words:?} is not in {card}");
    }
    assert!(!answer.ephemeral, "everybody may see how a service is");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_down_says_which_check_failed_and_how() {
    let app = App::start().await;
    app.sandbox.fleet().break_it("soundlab", "down").unwrap();
    let card = app
        .client(Person::Responder)
        .slash("health", &[("service", "soundlab".into())])
        .await
        .unwrap()
        .text();
    assert!(card.contains("❌ soundlab: not healthy"), "{card}");
    assert!(card.contains("checks did not pass"), "{card}");

    app.sandbox.fleet().heal("soundlab", None).unwrap();
    let card = app
        .client(Person::Responder)
        .slash("health", &[("service", "soundlab".into())])
        .await
        .unwrap()
        .text();
    assert!(card.contains("soundlab: healthy"), "{card}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_service_every_one_is_asked_and_the_ill_come_first() {
    let app = App::start().await;
    app.sandbox.fleet().break_it("soundlab", "down").unwrap();
    let card = app.client(Person::Responder).slash("health", &[]).await.unwrap().text();
    let at = |words: &str| card.find(words).unwrap_or_else(|| panic!("{words:?} is not in {card}"));
    for service in ["astradio: healthy", "nexus: healthy", "soundfoundry: healthy", "soundscape: healthy"] {
        assert!(at("soundlab: not healthy") < at(service), "{card}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_service_is_refused_with_those_that_there_are() {
    let app = App::start().await;
    let client = app.client(Person::Responder);
    let answer = client.slash("health", &[("service", "soundlap".into())]).await.unwrap();
    assert!(answer.ephemeral);
    assert!(
        answer.text().contains("There are: astradio, nexus, soundfoundry, soundlab, soundscape"),
        "{}",
        answer.text()
    );

    let choices = client.complete("health", "service", "LAB", &[]).await.unwrap();
    assert_eq!(choices.len(), 1, "{choices:?}");
    assert!(format!("{choices:?}").contains("soundlab"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_that_comes_after_the_token_died_is_said_in_the_channel() {
    let app = App::start().await;
    // The answer to the waiting person cannot be completed for a quarter of an hour.
    let rule = muster::sandbox::Rule::new(muster::sandbox::Fault::InternalError);
    app.sandbox.faults().inject(rule.on("PATCH", "/webhooks/**"));
    let body = app.client(Person::Responder);
    let asked = tokio::spawn(async move { body.slash("health", &[("service", "nexus".into())]).await });
    let engine = app.bot().engine().clone();
    crate::support::soon("the check to come back", async {
        while engine.read(|s, _| s.checks.len() + s.unsettled.len()).await.unwrap() != 1
            || engine.read(|s, _| s.head.0).await.unwrap() < 4
        {
            tokio::task::yield_now().await;
        }
    })
    .await;
    app.pass(std::time::Duration::from_secs(16 * 60));
    app.settled_in_time().await;
    assert_eq!(app.count(seed::INCIDENTS, &["nexus: healthy"]), 1);
    drop(asked);
}
