//! `muster oncall test`: each way of one person at once, and what came of each.

use std::collections::BTreeMap;
use std::sync::Arc;

use muster::cli::oncall_test::{Tried, test};
use muster::discord::Token;
use muster::house;
use muster::kit::clock::Clock;
use muster::model::house::House;
use muster::model::ids::UserId;
use muster::model::oncall::{Limit, Reach, Teammate};
use muster::model::page::Way;
use muster::runner::Secrets;
use muster::sandbox::world::seed;
use muster::sandbox::{Limits, Person, Sandbox, Setup};

use super::receiver::{Does, Receiver};
use crate::support::app::START;
use crate::support::{request_log, test_name};

fn team(sandbox: &Sandbox, reach: Vec<Reach>) -> House {
    let mut house = house::sandbox(&sandbox.api_url()).unwrap();
    let id = UserId(Person::Responder.id().0);
    let names = vec!["responder".to_owned(), "the one who responds".to_owned()];
    house.oncall.people.insert("resp".to_owned(), Teammate { id, names, reach, limit: Limit::default() });
    house
}

async fn tried(house: House, who: &str, only: Option<Way>) -> Result<Vec<Tried>, String> {
    let (secrets, token) = (Secrets::of(BTreeMap::new()), Ok(Token::new(seed::BOT_TOKEN)));
    test(house, who, only, secrets, token, Clock::driven(START)).await
}

#[tokio::test]
async fn each_way_says_whether_it_works_and_what_to_do() {
    let setup = Setup {
        request_log: Some(request_log(&test_name())),
        limits: Limits::lifted(),
        ..Setup::new(Arc::new(|| START.0))
    };
    let sandbox = Sandbox::start(setup).await.unwrap();
    let ntfy = Receiver::that(vec![]).await;
    let hook = Receiver::that(vec![Does::Answers(404, &[], "")]).await;
    let reach = vec![
        Reach::Ntfy(format!("{}/topic", ntfy.url())),
        Reach::Webhook(hook.url()),
        Reach::Email("responder@team.example".to_owned()),
    ];
    sandbox.refuse_direct_messages(Person::Responder, true);
    let all = tried(team(&sandbox, reach.clone()), "the one who responds", None).await.unwrap();
    let words = |way: Way| {
        let one = all.iter().find(|t| t.way == way).unwrap();
        one.outcome.clone().err().unwrap_or_else(|| "delivered".to_owned())
    };
    assert_eq!((words(Way::Mention), words(Way::Ntfy)), ("delivered".to_owned(), "delivered".to_owned()));
    assert!(words(Way::Direct).contains("allow direct messages"), "{}", words(Way::Direct));
    assert!(words(Way::Webhook).contains("HTTP 404"), "{}", words(Way::Webhook));
    assert!(words(Way::Email).contains("[oncall.notify.smtp]"), "{}", words(Way::Email));
    assert_eq!(all.len(), 5);
    assert!(ntfy.got()[0].header("title").starts_with("Test: Muster reaches responder"));
    let rang = sandbox.look(|w| w.pings.iter().map(|p| (p.user, p.channel)).collect::<Vec<_>>());
    assert_eq!(rang, [(Person::Responder.id(), seed::INCIDENTS)]);

    let one = tried(team(&sandbox, reach), "resp", Some(Way::Ntfy)).await.unwrap();
    assert_eq!(one, [Tried { way: Way::Ntfy, outcome: Ok(()) }]);
    assert_ne!(ntfy.got()[0].header("x-sequence-id"), ntfy.got()[1].header("x-sequence-id"));
    let nobody = tried(team(&sandbox, vec![]), "stranger", None).await.unwrap_err();
    assert!(nobody.contains("`stranger`") && nobody.contains("resp"), "{nobody}");
    let unknown = tried(team(&sandbox, vec![]), "resp", Some(Way::Sms)).await.unwrap_err();
    assert!(unknown.contains("sms"), "{unknown}");
}
