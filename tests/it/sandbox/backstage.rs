//! What the page's side panel asks and switches: the news, Discord's faults, the clock.

use super::rig::{BEGIN, Rig};
use futures_util::StreamExt;
use muster::sandbox::Beside;
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;
use tokio::sync::watch;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// A journal of nothing but numbers, and the clock of the rig.
struct Numbers {
    head: watch::Sender<u64>,
    moved: AtomicI64,
}

#[async_trait::async_trait]
impl Beside for Numbers {
    fn journal(&self) -> String {
        "numbers".to_owned()
    }

    fn head(&self) -> u64 {
        *self.head.borrow()
    }

    async fn commits_after(&self, seq: u64, most: usize) -> Vec<String> {
        let mut head = self.head.subscribe();
        let last = *head.wait_for(|head| *head > seq).await.expect("the sender lives");
        (seq + 1..=last).take(most).map(|n| format!("{{\"seq\":{n}}}")).collect()
    }

    fn advance(&self, by: Duration) {
        self.moved.fetch_add(by.as_secs() as i64, Ordering::SeqCst);
    }
}

type News = WebSocketStream<MaybeTlsStream<tokio::net::TcpStream>>;

async fn news(rig: &Rig, known: &str) -> News {
    let url = format!("ws://{}/sandbox/news{known}", rig.sandbox.address());
    connect_async(url).await.expect("the news").0
}

/// The next that has this key.
async fn next(news: &mut News, key: &str) -> Value {
    loop {
        let text = news.next().await.expect("more news").expect("whole").into_text().expect("text");
        let value: Value = serde_json::from_str(&text).expect("JSON");
        if !value[key].is_null() {
            return value[key].clone();
        }
    }
}

async fn switch(rig: &Rig, path: &str, body: Value) -> (u16, Value) {
    let url = format!("{}/sandbox/{path}", rig.sandbox.api_url());
    let reply = Rig::reply(rig.http().post(url).json(&body).send().await.expect("an answer")).await;
    (reply.status, reply.body)
}

fn seqs(commits: &Value) -> Vec<u64> {
    commits.as_array().into_iter().flatten().filter_map(|c| c["seq"].as_u64()).collect()
}

#[tokio::test]
async fn the_journal_is_told_as_it_grows_and_goes_on_where_somebody_left() {
    let rig = Rig::start().await;
    let numbers = Arc::new(Numbers { head: watch::Sender::new(2), moved: AtomicI64::new(0) });
    let mut early = news(&rig, "").await;
    assert_eq!(next(&mut early, "state").await["clock"], false, "nobody gave a clock yet");
    rig.sandbox.show_beside(numbers.clone());
    assert_eq!(next(&mut early, "journal").await, json!({ "id": "numbers", "head": 2 }));
    assert_eq!(seqs(&next(&mut early, "commits").await), [1, 2]);
    numbers.head.send_replace(4);
    assert_eq!(seqs(&next(&mut early, "commits").await), [3, 4]);
    let mut again = news(&rig, "?journal=numbers&after=3").await;
    assert_eq!(seqs(&next(&mut again, "commits").await), [4]);
    let mut stranger = news(&rig, "?journal=another&after=3").await;
    assert_eq!(seqs(&next(&mut stranger, "commits").await), [1, 2, 3, 4], "that was another journal's place");
}

#[tokio::test]
async fn switches_hit_the_bot_and_are_seen_by_every_window() {
    let rig = Rig::start().await;
    let mut window = news(&rig, "").await;
    assert_eq!(next(&mut window, "state").await["discord"]["down"], false);
    let (status, state) = switch(&rig, "discord", json!({ "switch": "down", "on": true })).await;
    assert_eq!((status, &state["discord"]["down"]), (200, &json!(true)));
    assert_eq!(next(&mut window, "state").await["discord"]["down"], true);
    assert_eq!(rig.bot("GET", "/users/@me", Value::Null).await.status, 502);
    assert_eq!(rig.ask("sandbox.user.lead", "GET", "/users/@me", Value::Null).await.status, 200);
    // Twice on is still off with one.
    switch(&rig, "discord", json!({ "switch": "down", "on": true })).await;
    switch(&rig, "discord", json!({ "switch": "down", "on": false })).await;
    assert_eq!(rig.bot("GET", "/users/@me", Value::Null).await.status, 200);
    switch(&rig, "discord", json!({ "switch": "limited", "on": true })).await;
    assert_eq!(rig.bot("GET", "/users/@me", Value::Null).await.status, 429);
    let (status, said) = switch(&rig, "discord", json!({ "switch": "nonsense", "on": true })).await;
    assert_eq!(status, 400);
    assert!(said["error"].as_str().is_some_and(|e| e.contains("slow, down, limited, deaf")), "{said}");
}

#[tokio::test]
async fn direct_messages_are_switched_off_and_on_for_everybody() {
    let rig = Rig::start().await;
    let lead = json!({ "recipient_id": muster::sandbox::Person::Lead.id() });
    let opened = rig.bot("POST", "/users/@me/channels", lead).await;
    let path = format!("/channels/{}/messages", opened.body["id"].as_str().expect("an id"));
    for (on, expected) in [(true, 403), (false, 200)] {
        let (status, state) = switch(&rig, "discord", json!({ "switch": "closed", "on": on })).await;
        assert_eq!((status, &state["discord"]["closed"]), (200, &json!(on)));
        let said = rig.bot("POST", &path, json!({ "content": "a page" })).await;
        assert_eq!(said.status, expected, "{}", said.body);
    }
}

#[tokio::test]
async fn the_gateway_is_cut_and_told_to_come_back() {
    let rig = Rig::start().await;
    let mut bot = rig.bot_line(0).await.0;
    let (status, _) = switch(&rig, "gateway", json!({ "do": "reconnect" })).await;
    assert_eq!(status, 200);
    while bot.next().await["op"] != 7 {}
    let (status, state) = switch(&rig, "gateway", json!({ "do": "cut" })).await;
    assert_eq!((status, &state["discord"]["deaf"]), (200, &json!(false)));
    assert_eq!(bot.close_code().await, None, "without a word");
}

#[tokio::test]
async fn the_clock_is_moved_by_whoever_gave_it_and_only_on() {
    let rig = Rig::start().await;
    let (status, said) = switch(&rig, "clock", json!({ "by_s": 60 })).await;
    assert_eq!(status, 400, "{said}");
    let numbers = Arc::new(Numbers { head: watch::Sender::new(0), moved: AtomicI64::new(0) });
    rig.sandbox.show_beside(numbers.clone());
    let (status, state) = switch(&rig, "clock", json!({ "by_s": 60 })).await;
    assert_eq!((status, &state["clock"], &state["now"]), (200, &json!(true), &json!(BEGIN)));
    assert_eq!(numbers.moved.load(Ordering::SeqCst), 60);
    assert_eq!(switch(&rig, "clock", json!({ "by_s": -60 })).await.0, 422);
    assert_eq!(switch(&rig, "clock", json!({ "by_s": 40 * 86_400 })).await.0, 400);
    assert_eq!(numbers.moved.load(Ordering::SeqCst), 60);
}
