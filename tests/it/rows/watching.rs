//! What is true of every rule: looks leave no trace, a restart forgets nothing that people were told, what is
//! not known is told and ends nothing, and a rule that is gone is over.

use muster::model::labels::Fingerprint;
use muster::model::watch::Watch;
use muster::sandbox::world::seed;

use super::rule::Watched;

/// Whether an alert fires.
async fn fires(watched: &Watched, fingerprint: Fingerprint) -> bool {
    let look = move |state: &muster::core::state::State, _: &muster::model::house::House| {
        state.alerts.live.get(&fingerprint).is_some_and(|alert| alert.fires())
    };
    watched.app.bot().engine().read(look).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn looks_leave_no_trace_in_the_journal() {
    let mut watched = Watched::start("soundscape", "write-failures").await;
    watched.app.settled().await;
    let head = *watched.app.bot().engine().head().borrow();
    watched.looks(40).await;
    assert_eq!(*watched.app.bot().engine().head().borrow(), head, "nothing happened");
    watched.app.sandbox.fleet().break_it("soundscape", "write-token-missing").unwrap();
    assert!(watched.comes(true).await);
    let words = ["SC-8.", "more than 5 times a minute"];
    watched.app.message(seed::ALERTS, &words).await;
    watched.app.settled_in_time().await;
    let told = watched.app.count(seed::ALERTS, &[]);
    // Muster ends and begins again: what fires is known, and is not told a second time.
    watched.app.stop_bot().await;
    watched.app.start_bot().await;
    assert!(watched.fires().await);
    watched.looks(40).await;
    assert!(watched.fires().await);
    assert_eq!(watched.app.count(seed::ALERTS, &[]), told);
    watched.app.sandbox.fleet().heal("soundscape", None).unwrap();
    assert!(watched.comes(false).await);
    watched.app.settled_in_time().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_known_is_told_and_ends_nothing() {
    let watched = Watched::start("soundfoundry", "storage-errors").await;
    let (own, unknown) = Watch::fingerprints("soundfoundry", &"storage-errors".parse().unwrap());
    let fleet = watched.app.sandbox.fleet();
    fleet.break_it("soundfoundry", "storage").unwrap();
    assert!(watched.comes(true).await);
    // The service and its metrics are gone, and the storage is healed meanwhile.
    fleet.break_it("soundfoundry", "down").unwrap();
    fleet.heal("soundfoundry", Some("storage")).unwrap();
    watched.looks(38).await;
    assert!(!fires(&watched, unknown).await, "nine and a half minutes are not ten");
    watched.looks(4).await;
    assert!(fires(&watched, unknown).await && fires(&watched, own).await);
    watched.app.message(seed::ALERTS, &["Nothing is known of storage-errors of soundfoundry"]).await;
    fleet.heal("soundfoundry", None).unwrap();
    assert!(watched.comes(false).await);
    assert!(!fires(&watched, unknown).await);
    watched.app.settled_in_time().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rule_that_is_gone_is_over() {
    let watched = Watched::start("soundscape", "scope-unwell").await;
    watched.app.sandbox.fleet().break_it("soundscape", "scope-down").unwrap();
    assert!(watched.comes(true).await);
    let mut house = watched.app.house();
    watched.app.bot().reloader().reload(house.clone()).await;
    watched.looks(2).await;
    assert!(watched.fires().await, "it is the same rule");
    house.runbooks.get_mut("soundscape").unwrap().watches.clear();
    watched.app.bot().reloader().reload(house).await;
    let gone = async {
        while watched.fires().await {
            tokio::task::yield_now().await;
        }
    };
    crate::support::soon("the alert to be over", gone).await;
    watched.app.settled_in_time().await;
}
