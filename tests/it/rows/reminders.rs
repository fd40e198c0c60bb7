//! SL-15: what comes round by the runbook's own table is asked for in its channel, and whoever did it says so.

use std::time::Duration;

use muster::sandbox::Person;
use muster::sandbox::client::text_of;
use muster::sandbox::world::seed;

use crate::support::app::App;

const READ: &str = "this runbook is read through";

/// From the list to the message, the week after, and the button.
pub async fn come_round() {
    let mut app = App::with(|_| {}).await;
    let listed = app.client(Person::Onlooker).slash("oncall now", &[]).await.unwrap().text();
    for row in [READ, "the rollback is tried (every quarter)", "disaster recovery is tried (every year)"] {
        assert!(listed.contains(row), "{row}: {listed}");
    }
    app.settled().await;
    assert_eq!(app.count(seed::INCIDENTS, &[READ]), 0, "nothing is due on the 21st of November");

    // The first of December, nine o'clock in Berlin, and Muster is down at that moment.
    app.stop_bot().await;
    app.clock.advance(Duration::from_secs((10 * 24 - 1) * 3600 + 60));
    app.start_bot().await;
    let first = app.message(seed::INCIDENTS, &["REM-1", READ, "due since"]).await;
    app.settled().await;
    assert_eq!(app.count(seed::INCIDENTS, &[READ]), 1, "the others come round with the year");

    // Nobody did it for a week: it is asked again, under a message of its own.
    app.pass(Duration::from_secs(7 * 86_400));
    let again = app.sandbox.wait_for(move |world| {
        let mut all = world.messages.values();
        all.find(|m| m.id > first.id && text_of(m).contains(READ)).cloned()
    });
    let again = crate::support::soon("the second message", again).await;
    app.settled().await;
    let refused = app.client(Person::Onlooker).press(again.id, "Done").await.unwrap();
    assert!(refused.ephemeral && refused.text().contains("is for"), "{}", refused.text());
    let done = app.client(Person::Approver).press(again.id, "Done").await.unwrap();
    assert!(done.text().contains("**REM-1** is done, by you"), "{}", done.text());
    app.message(seed::INCIDENTS, &[READ, "approver** did it", "It comes round again"]).await;
    // The older message still has its button: it says who was first.
    let late = app.client(Person::Lead).press(first.id, "Done").await.unwrap();
    assert!(late.ephemeral && late.text().contains("approver did it"), "{}", late.text());
    app.pass(Duration::from_secs(7 * 86_400));
    app.settled().await;
    assert_eq!(app.count(seed::INCIDENTS, &[READ]), 2, "it is not asked again before it comes round");
    let listed = app.client(Person::Onlooker).slash("oncall now", &[]).await.unwrap().text();
    assert!(listed.contains("last done by approver"), "{listed}");
}
