//! Keeps the cards of runs fresh while a step prints. This stands outside the journal: what it
//! shows is gone with the next edit that is owed, and whether it arrives is nobody's concern.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{Id, JoinSet};

use super::api::{Api, RestError};
use super::deliver::DiscordDelivery;
use crate::engine::live::Live;
use crate::engine::{Down, Engine};
use crate::model::card::Show;
use crate::model::ids::{RunId, Seq};
use crate::model::incident::Card;
use crate::model::run::Tail;
use crate::render;

/// How often a card is changed.
#[derive(Clone, Copy, Debug)]
struct Pace {
    /// Before the first time: most steps are over by then, and their end is an edit of its own.
    first: Duration,
    /// Between two edits: Discord takes five in five seconds for a whole channel, and those that
    /// are owed must have room among them.
    between: Duration,
    /// After Discord refused one, or did not answer.
    trouble: Duration,
}

const PACE: Pace =
    Pace { first: Duration::from_secs(1), between: Duration::from_secs(2), trouble: Duration::from_secs(30) };

/// Brings the cards of runs up to date as their steps print, until the engine is down. It can be
/// dropped at any moment.
pub async fn keep<A: Api>(engine: Engine, live: Live, delivery: Arc<DiscordDelivery<A>>) {
    keep_at(PACE, engine, live, delivery).await;
}

async fn keep_at<A: Api>(pace: Pace, engine: Engine, live: Live, delivery: Arc<DiscordDelivery<A>>) {
    let mut changes = live.changes();
    let mut tasks = JoinSet::new();
    let mut cards: BTreeMap<RunId, Id> = BTreeMap::new();
    loop {
        for run in live.runs() {
            cards.entry(run).or_insert_with(|| {
                let (engine, live, delivery) = (engine.clone(), live.clone(), delivery.clone());
                tasks.spawn(async move { card(pace, &engine, &live, &delivery, run).await }).id()
            });
        }
        tokio::select! {
            changed = changes.changed() => if changed.is_err() { return },
            Some(ended) = tasks.join_next_with_id() => {
                let id = match ended {
                    Ok((_, Err(_down))) => return,
                    Ok((id, Ok(()))) => id,
                    Err(e) => {
                        tracing::error!("showing what a step prints ended badly: {e}");
                        tokio::time::sleep(pace.trouble).await;
                        e.id()
                    }
                };
                cards.retain(|_, task| *task != id);
            }
            _ = engine.failed() => return,
        }
    }
}

/// Keeps one run's card fresh for as long as its step prints.
async fn card<A: Api>(
    pace: Pace,
    engine: &Engine,
    live: &Live,
    delivery: &DiscordDelivery<A>,
    run: RunId,
) -> Result<(), Down> {
    let mut changes = live.changes();
    let mut shown: Option<Tail> = None;
    tokio::time::sleep(pace.first).await;
    loop {
        // Whatever is printed from here on is a change again.
        changes.mark_unchanged();
        let Some(tail) = live.get(run) else { return Ok(()) };
        if shown.as_ref() == Some(&tail) {
            if changes.changed().await.is_err() {
                return Ok(());
            }
            continue;
        }
        let wait = match show(engine, live, delivery, run).await? {
            Ok(()) => {
                shown = Some(tail);
                pace.between
            }
            Err(e) => {
                tracing::debug!("{run}: its card does not show what its step prints: {e}");
                match e {
                    RestError::Limited(after) => after.max(pace.between),
                    _ => pace.trouble,
                }
            }
        };
        tokio::time::sleep(wait).await;
    }
}

/// Shows what the run's step printed last, once.
async fn show<A: Api>(
    engine: &Engine,
    live: &Live,
    delivery: &DiscordDelivery<A>,
    run: RunId,
) -> Result<Result<(), RestError>, Down> {
    let at = engine.read(move |state, _| state.runs.get(&run).map(|r| r.card)).await?;
    let Some(Card::At { channel, message }) = at else { return Ok(Ok(())) };
    let turn = delivery.turns.take(message).await;
    // Only now: an edit that had its turn before this one may have shown more than was known
    // when this one began to wait.
    let show = Show::Run { run, upto: Seq(u64::MAX) };
    let seen = engine.seen(&show).await?;
    let Some(seen) = seen.zip(live.get(run)).and_then(|(seen, tail)| render::with_tail(&seen, tail)) else {
        return Ok(Ok(()));
    };
    let done = delivery.change(&turn, channel, message, render::face(&show, Some(&seen), delivery.tz)).await;
    Ok(done)
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;
    use futures_util::FutureExt as _;
    use reqwest::Method;
    use serde_json::{Value, json};
    use tokio::sync::{mpsc, oneshot};

    use super::*;
    use crate::engine::prepare::Address;
    use crate::engine::{Deliver, Delivery, Job};
    use crate::journal::Journal as _;
    use crate::journal::memory::MemoryJournal;
    use crate::kit::clock::Clock;
    use crate::kit::time::Timestamp;
    use crate::model::commit::{Cause, Commit, FORMAT};
    use crate::model::effect::{Effect, Place};
    use crate::model::event::{Event, Settlement};
    use crate::model::ids::{ChannelId, EffectId, MessageId, UserId};
    use crate::model::person::Person;
    use crate::model::run::{Plan, RunEnd};
    use crate::model::runbook::step::Shell;
    use crate::model::runbook::{Step, StepKind, Undo};
    use crate::render::File;

    const NOW: Timestamp = Timestamp(1_795_251_600_000);
    const RUN: RunId = RunId(1);
    const AT_ONCE: Pace = Pace { first: Duration::ZERO, between: Duration::ZERO, trouble: Duration::ZERO };

    /// A request that waits for its answer.
    struct Call {
        path: String,
        body: String,
        answer: oneshot::Sender<Result<Value, RestError>>,
    }

    /// A Discord that answers when the test says so.
    struct Slow(mpsc::UnboundedSender<Call>);

    #[async_trait::async_trait]
    impl Api for Slow {
        async fn call(
            &self,
            _: Method,
            path: &str,
            body: Option<&Value>,
            _: &[File],
        ) -> Result<Value, RestError> {
            let (answer, answered) = oneshot::channel();
            let body = body.map(Value::to_string).unwrap_or_default();
            self.0.send(Call { path: path.to_owned(), body, answer }).unwrap();
            answered.await.unwrap()
        }
    }

    struct Nobody;

    #[async_trait::async_trait]
    impl Deliver for Nobody {
        async fn deliver(&self, _: Job) -> Delivery {
            std::future::pending().await
        }
    }

    fn show() -> Show {
        Show::Run { run: RUN, upto: Seq(9) }
    }

    fn asked() -> Event {
        let step = Step {
            name: Some("swap".parse().unwrap()),
            kind: StepKind::Shell(Shell::Script("true".to_owned())),
            line: 1,
            options: Default::default(),
            source: String::new(),
            beside: String::new(),
        };
        let plan = Plan {
            service: "soundlab".to_owned(),
            action: "rollback".to_owned(),
            title: "Quick rollback".to_owned(),
            runbook: String::new(),
            steps: vec![step],
            asides: vec![],
            values: BTreeMap::new(),
            params: vec![],
            lock: None,
            deadline: None,
            approve: None,
            undo: Undo::Offer,
            roles: None,
            confirm: false,
            danger: None,
            dry: false,
        };
        let by = Person { id: UserId(7), name: "responder".to_owned() };
        Event::RunAsked { run: RUN, plan: Box::new(plan), by, incident: None, channel: None }
    }

    /// An engine with a run whose card is message 5 of channel 9, and whose step is under way.
    fn engine(over: bool) -> Engine {
        let place = Place::Channel(ChannelId(9));
        let post = Effect::PostRun { run: RUN, place, show: show() };
        let outcome = Settlement::Posted { channel: ChannelId(9), message: MessageId(5) };
        let posted = Event::Settled { effect: EffectId { seq: Seq(1), index: 0 }, outcome };
        let mut last = vec![Event::RunBegan { run: RUN }, Event::StepBegan { run: RUN, step: 0, attempt: 1 }];
        if over {
            last.push(Event::RunEnded { run: RUN, how: RunEnd::Passed });
        }
        let commits: Vec<Commit> = (1..)
            .zip([(vec![asked()], vec![post]), (vec![posted], vec![]), (last, vec![])])
            .map(|(seq, (events, effects))| Commit {
                v: FORMAT,
                seq: Seq(seq),
                at: NOW,
                cause: Cause::Timer,
                events,
                effects,
            })
            .collect();
        let mut journal = MemoryJournal::new();
        journal.append(Seq(0), &commits).unwrap();
        let house = Arc::new(crate::house::sandbox("http://127.0.0.1:1").unwrap());
        Engine::start(journal, house, Clock::driven(NOW), Arc::new(Nobody)).unwrap()
    }

    struct Scene {
        engine: Engine,
        live: Live,
        delivery: Arc<DiscordDelivery<Slow>>,
        calls: mpsc::UnboundedReceiver<Call>,
    }

    fn scene(over: bool) -> Scene {
        let (calls, received) = mpsc::unbounded_channel();
        let live = Live::default();
        let delivery = DiscordDelivery::new(Arc::new(Slow(calls)), Tz::UTC, Clock::driven(NOW));
        let delivery = Arc::new(delivery.with_live(live.clone()));
        Scene { engine: engine(over), live, delivery, calls: received }
    }

    fn tail(step: u16, text: &str) -> Tail {
        Tail { step, text: text.to_owned() }
    }

    async fn edit_owed(scene: &Scene) -> Job {
        Job {
            id: EffectId { seq: Seq(4), index: 0 },
            effect: Effect::EditRun { run: RUN, show: show() },
            address: Address::Message(ChannelId(9), MessageId(5)),
            since: NOW,
            maybe_done: false,
            journal_id: "j".to_owned(),
            seen: scene.engine.seen(&show()).await.unwrap(),
            step: None,
            reach: None,
        }
    }

    #[tokio::test]
    async fn what_a_step_prints_comes_on_its_card_and_an_edit_that_is_owed_waits_its_turn() {
        let mut scene = scene(false);
        let (engine, live, delivery) = (scene.engine.clone(), scene.live.clone(), scene.delivery.clone());
        let kept = tokio::spawn(keep_at(AT_ONCE, engine, live, delivery));
        scene.live.set(RUN, tail(0, "first line"));
        let first = scene.calls.recv().await.unwrap();
        assert_eq!(first.path, "channels/9/messages/5");
        assert!(first.body.contains("first line") && first.body.contains("RUN-1"), "{}", first.body);
        let (owed, delivery) = (edit_owed(&scene).await, scene.delivery.clone());
        let mut edit = Box::pin(async move { delivery.deliver(owed).await });
        assert!(edit.as_mut().now_or_never().is_none());
        assert!(scene.calls.try_recv().is_err(), "two edits of one message are never under way at once");
        first.answer.send(Ok(json!({}))).unwrap();
        let edit = tokio::spawn(edit);
        let second = scene.calls.recv().await.unwrap();
        assert!(second.body.contains("first line"), "an edit that is owed shows it too: {}", second.body);
        second.answer.send(Ok(json!({}))).unwrap();
        assert_eq!(edit.await.unwrap(), Delivery::Settled(Settlement::Shown));
        scene.live.set(RUN, tail(0, "second line"));
        let third = scene.calls.recv().await.unwrap();
        assert!(third.body.contains("second line"));
        // Refused once, it is shown later, and not forgotten.
        third.answer.send(Err(RestError::Limited(Duration::ZERO))).unwrap();
        let fourth = scene.calls.recv().await.unwrap();
        assert!(fourth.body.contains("second line"));
        fourth.answer.send(Ok(json!({}))).unwrap();
        scene.engine.stop().await;
        scene.live.set(RUN, tail(0, "third line"));
        kept.await.unwrap();
    }

    #[tokio::test]
    async fn a_run_s_end_is_never_overwritten_by_what_a_step_printed_before() {
        for (over, step) in [(true, 0), (false, 7)] {
            let mut scene = scene(over);
            scene.live.set(RUN, tail(step, "late"));
            tokio::select! {
                shown = super::show(&scene.engine, &scene.live, &scene.delivery, RUN) => {
                    assert_eq!(shown, Ok(Ok(())));
                }
                Some(call) = scene.calls.recv() => panic!("this was sent: {}", call.body),
            }
        }
    }

    #[tokio::test]
    async fn what_is_shown_is_read_when_the_turn_has_come() {
        let mut scene = scene(false);
        scene.live.set(RUN, tail(0, "early"));
        let turn = scene.delivery.turns.take(MessageId(5)).await;
        let (engine, live, delivery) = (scene.engine.clone(), scene.live.clone(), scene.delivery.clone());
        let mut shown = Box::pin(async move { super::show(&engine, &live, &delivery, RUN).await });
        // Until it waits for its turn: the engine's answer comes from another thread.
        let _ = scene.engine.read(|_, _| ()).await;
        assert!(shown.as_mut().now_or_never().is_none());
        let _ = scene.engine.read(|_, _| ()).await;
        assert!(shown.as_mut().now_or_never().is_none());
        scene.live.set(RUN, tail(0, "newest"));
        drop(turn);
        let shown = tokio::spawn(shown);
        let call = scene.calls.recv().await.unwrap();
        assert!(call.body.contains("newest"), "{}", call.body);
        call.answer.send(Ok(json!({}))).unwrap();
        assert_eq!(shown.await.unwrap(), Ok(Ok(())));
    }
}
