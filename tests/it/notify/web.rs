//! ntfy, webhooks and the telephone service: what they are sent, and what their answers mean.

use std::time::Duration;

use muster::engine::Delivery;
use muster::kit::hash::hmac_sha256;
use muster::model::event::Reason;
use muster::model::oncall::{Notify, Reach, Twilio};
use muster::notify::PATIENCE;
use serde_json::Value;

use super::receiver::{Does, Receiver};
use super::{Rig, given_up, later, shown};

fn twilio(receiver: &Receiver) -> Notify {
    let twilio = Twilio {
        api: receiver.url(),
        account: "AC00".to_owned(),
        from: "+15550001".to_owned(),
        token: "TWILIO_TOKEN".to_owned(),
    };
    Notify { twilio: Some(twilio), ..Notify::default() }
}

const TOKEN: (&str, &str) = ("TWILIO_TOKEN", "the telephone's token");

/// As docs.ntfy.sh, "Publishing", describes a message with a title, a priority, tags and a click action.
#[tokio::test]
async fn ntfy_gets_a_message_that_wakes_people_up() {
    let receiver = Receiver::that(vec![]).await;
    let notify = Notify { ntfy_token: Some("NTFY_TOKEN".to_owned()), ..Notify::default() };
    let rig = Rig::new(notify, &[("NTFY_TOKEN", "tk_secret")]);
    assert_eq!(rig.deliver(&Reach::Ntfy(format!("{}/topic", receiver.url()))).await, shown());
    let got = &receiver.got()[0];
    assert_eq!((got.method.as_str(), got.path.as_str()), ("POST", "/topic"));
    // INC-7: P1 critical, Encoder läuft nicht (soundlab), as RFC 2047 spells it.
    let title = "=?UTF-8?B?SU5DLTc6IFAxIGNyaXRpY2FsLCBFbmNvZGVyIGzDpHVmdCBuaWNodCAoc291bmRsYWIp?=";
    assert_eq!(got.header("title"), title);
    assert_eq!(got.header("priority"), "5");
    assert_eq!(got.header("tags"), "rotating_light,P1");
    assert_eq!(got.header("click"), "https://discord.com/channels/1/2");
    assert_eq!(got.header("authorization"), "Bearer tk_secret");
    assert_eq!(got.header("x-sequence-id"), "abcdefghij-PAG-7-3");
    assert!(got.body.contains("/ack page:PAG-7"), "{}", got.body);
}

#[tokio::test]
async fn a_webhook_gets_signed_json_with_one_id_for_each_call() {
    let receiver = Receiver::that(vec![Does::Cuts]).await;
    let notify = Notify { webhook_secret: Some("HOOK".to_owned()), ..Notify::default() };
    let rig = Rig::new(notify, &[("HOOK", "a key")]);
    let reach = Reach::Webhook(format!("{}/hook?team=1", receiver.url()));
    assert_eq!(later(rig.deliver(&reach).await).0, None, "nobody knows whether it was taken");
    rig.clock.advance(Duration::from_secs(1));
    assert_eq!(rig.deliver(&reach).await, shown());
    let got = receiver.got();
    for one in &got {
        assert_eq!((one.path.as_str(), one.header("content-type")), ("/hook?team=1", "application/json"));
        assert_eq!(one.header("muster-id"), "PAG-7/3");
        let at = one.header("muster-timestamp");
        let mac = hmac_sha256(b"a key", &[at.as_bytes(), b".", one.body.as_bytes()]);
        let hex: String = mac.iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(one.header("muster-signature"), format!("sha256={hex}"));
        let body: Value = serde_json::from_str(&one.body).unwrap();
        assert_eq!((&body["id"], &body["pages"][0]["page"]), (&"PAG-7/3".into(), &"PAG-7".into()));
        assert_eq!(body["pages"][0]["title"], "Encoder läuft nicht");
    }
    assert_eq!(got.len(), 2);
    assert_ne!(got[0].header("muster-timestamp"), got[1].header("muster-timestamp"));
}

#[tokio::test]
async fn the_telephone_service_gets_forms_as_twilio_takes_them() {
    let receiver = Receiver::that(vec![]).await;
    let rig = Rig::new(twilio(&receiver), &[TOKEN]);
    assert_eq!(rig.deliver(&Reach::Sms("+491700000000".to_owned())).await, shown());
    assert_eq!(rig.deliver(&Reach::Call("+491700000000".to_owned())).await, shown());
    let got = receiver.got();
    let form = |n: usize| -> Vec<(String, String)> {
        let form = reqwest::Url::parse(&format!("http://form/?{}", got[n].body)).unwrap();
        form.query_pairs().into_owned().collect()
    };
    let of = |n: usize, name: &str| form(n).into_iter().find(|(k, _)| k == name).unwrap().1;
    for (n, what) in [(0, "Messages"), (1, "Calls")] {
        assert_eq!(got[n].path, format!("/2010-04-01/Accounts/AC00/{what}.json"));
        assert_eq!(got[n].header("content-type"), "application/x-www-form-urlencoded");
        // AC00:the telephone's token
        assert_eq!(got[n].header("authorization"), "Basic QUMwMDp0aGUgdGVsZXBob25lJ3MgdG9rZW4=");
        assert_eq!((of(n, "To"), of(n, "From")), ("+491700000000".to_owned(), "+15550001".to_owned()));
    }
    assert!(of(0, "Body").starts_with("INC-7: P1 critical, Encoder läuft nicht"), "{}", of(0, "Body"));
    let twiml = of(1, "Twiml");
    assert!(twiml.starts_with("<Response><Say>") && twiml.contains("Encoder läuft nicht"), "{twiml}");
}

#[tokio::test]
async fn what_is_refused_for_good_is_given_up_at_once_with_what_to_do() {
    let refusals = [
        (Does::Answers(401, &[], "{\"error\": \"unauthorized\"}"), Reason::Forbidden, "unauthorized"),
        (Does::Answers(403, &[], "{\"message\": \"forbidden\"}"), Reason::Forbidden, "forbidden"),
        (Does::Answers(404, &[], "<html>nothing</html>"), Reason::Gone, "correct it in muster.toml"),
        (Does::Answers(400, &[], "topic invalid"), Reason::Invalid, "topic invalid"),
        (Does::Answers(301, &[("location", "http://127.0.0.1:1/")], ""), Reason::Invalid, "another address"),
    ];
    for (does, reason, words) in refusals {
        let receiver = Receiver::that(vec![does]).await;
        let rig = Rig::new(Notify::default(), &[]);
        let said = given_up(rig.deliver(&Reach::Ntfy(format!("{}/topic", receiver.url()))).await, reason);
        assert!(said.contains(words) && !said.contains("topic/") && !said.contains("<html>"), "{said}");
        assert_eq!(receiver.got().len(), 1, "no redirect is followed");
    }
}

#[tokio::test]
async fn words_of_a_refusal_tell_nobody_s_number_and_no_secret() {
    let words = "{\"message\": \"The 'To' number +491700000000 is not valid; the telephone's token\"}";
    let receiver = Receiver::that(vec![Does::Answers(400, &[], words)]).await;
    let rig = Rig::new(twilio(&receiver), &[TOKEN]);
    let said = given_up(rig.deliver(&Reach::Sms("+491700000000".to_owned())).await, Reason::Invalid);
    assert!(said.contains("The 'To' number […] is not valid; […]"), "{said}");
}

#[tokio::test]
async fn a_receiver_that_stalls_or_is_overrun_is_asked_again() {
    let receiver = Receiver::that(vec![
        Does::Stalls,
        Does::Answers(503, &[], ""),
        Does::Answers(429, &[("retry-after", "7")], "slow down"),
    ])
    .await;
    let rig = Rig::new(Notify::default(), &[]);
    let reach = Reach::Ntfy(format!("{}/topic", receiver.url()));
    assert_eq!(later(rig.deliver(&reach).await).0, None);
    assert_eq!(later(rig.deliver(&reach).await).0, None);
    assert_eq!(later(rig.deliver(&reach).await).0, Some(Duration::from_secs(7)));
    assert_eq!(rig.deliver(&reach).await, shown(), "it recovered");
}

#[tokio::test]
async fn nobody_is_called_for_ever() {
    let down = || Does::Answers(500, &[], "");
    let receiver = Receiver::that(vec![down(), down(), down(), down()]).await;
    let rig = Rig::new(Notify::default(), &[]);
    let reach = Reach::Ntfy(format!("{}/topic", receiver.url()));
    later(rig.deliver(&reach).await);
    rig.clock.advance(PATIENCE - Duration::from_secs(1));
    later(rig.deliver(&reach).await);
    rig.clock.advance(Duration::from_secs(1));
    let said = given_up(rig.deliver(&reach).await, Reason::Expired);
    assert!(said.contains("not delivered in 2 m 00 s") && said.contains("HTTP 500"), "{said}");
    // The next call has its own time, whatever the clock did meanwhile.
    rig.clock.set(muster::kit::time::Timestamp(0));
    later(rig.deliver(&reach).await);
}

#[tokio::test]
async fn who_is_to_be_asked_after_that_time_is_not_asked_at_all() {
    let receiver = Receiver::that(vec![Does::Answers(429, &[("retry-after", "600")], "")]).await;
    let rig = Rig::new(Notify::default(), &[]);
    given_up(rig.deliver(&Reach::Ntfy(format!("{}/topic", receiver.url()))).await, Reason::Expired);
}

#[tokio::test]
async fn a_secret_without_a_value_and_a_way_without_a_carrier_are_told() {
    let receiver = Receiver::that(vec![]).await;
    let rig = Rig::new(twilio(&receiver), &[]);
    let said = given_up(rig.deliver(&Reach::Sms("+491700000000".to_owned())).await, Reason::Invalid);
    assert!(said.contains("`TWILIO_TOKEN` has no value"), "{said}");
    let rig = Rig::new(Notify::default(), &[]);
    let said = given_up(rig.deliver(&Reach::Call("+491700000000".to_owned())).await, Reason::Invalid);
    assert!(said.contains("[oncall.notify.twilio]"), "{said}");
    let said =
        given_up(rig.deliver(&Reach::Ntfy("http://169.254.169.254/t".to_owned())).await, Reason::Invalid);
    assert!(said.contains("must not be reached"), "{said}");
    assert!(receiver.got().is_empty());
}

#[tokio::test]
async fn nobody_at_the_address_is_no_end() {
    let gone = Receiver::that(vec![]).await;
    let reach = Reach::Webhook(gone.url());
    gone.stop().await;
    let rig = Rig::new(Notify::default(), &[]);
    assert!(matches!(rig.deliver(&reach).await, Delivery::Later { after: None, .. }));
}
