//! Every interaction is answered within 3 seconds, whatever happens behind it.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use muster::cli::bot::Bot;
use muster::discord::Token;
use muster::house;
use muster::journal::{AppendError, Body, Damage, Head, Journal, MemoryJournal, Reader, StruckLines};
use muster::kit::clock::Clock;
use muster::model::commit::Commit;
use muster::model::ids::Seq;
use muster::sandbox::world::seed;
use muster::sandbox::{Limits, Person, Sandbox, Setup};

use crate::support::app::START;
use crate::support::{request_log, soon, test_name};

/// A disk that takes as long as somebody lets it.
struct Slow {
    inner: MemoryJournal,
    go: Receiver<()>,
    slow: Arc<std::sync::atomic::AtomicBool>,
}

impl Journal for Slow {
    fn id(&self) -> &str {
        self.inner.id()
    }
    fn id_at(&self, seq: Seq) -> &str {
        self.inner.id_at(seq)
    }
    fn head(&self) -> Head {
        self.inner.head()
    }
    fn append(&mut self, after: Seq, group: &[Commit]) -> Result<Head, AppendError> {
        if self.slow.load(std::sync::atomic::Ordering::SeqCst) {
            let _ = self.go.recv();
        }
        self.inner.append(after, group)
    }
    fn strike(&mut self, after: Seq, by: &Commit, lines: &StruckLines) -> Result<Head, AppendError> {
        self.inner.strike(after, by, lines)
    }
    fn reader(&self) -> Arc<dyn Reader> {
        self.inner.reader()
    }
    fn put_snapshot(&mut self, upto: Head, body: Body) -> Result<(), AppendError> {
        self.inner.put_snapshot(upto, body)
    }
    fn snapshot(&self) -> Result<Option<(Head, Vec<u8>)>, Damage> {
        self.inner.snapshot()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_hangs_makes_people_wait_with_a_sign_and_then_answers() {
    let clock = Clock::driven(START);
    let time = clock.clone();
    let setup = Setup {
        request_log: Some(request_log(&test_name())),
        limits: Limits::lifted(),
        ..Setup::new(Arc::new(move || time.now().0))
    };
    let sandbox = Sandbox::start(setup).await.unwrap();
    let house = house::sandbox(&sandbox.api_url()).unwrap();
    let slow = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let (let_go, go) = channel();
    let journal = Slow { inner: MemoryJournal::new(), go, slow: slow.clone() };
    let bot = Bot::start(journal, house, Token::new(seed::BOT_TOKEN), clock).await.unwrap();
    soon("the gateway", bot.ready()).await.unwrap();

    slow.store(true, std::sync::atomic::Ordering::SeqCst);
    let client = sandbox.client(Person::Responder);
    let asked = tokio::spawn(async move {
        client.slash("incident declare", &[("title", "slow disk".into()), ("severity", "P3".into())]).await
    });
    let waiting = sandbox.wait_for(|w| w.messages.values().find(|m| m.is_loading()).map(|m| m.id));
    soon("the sign that it takes longer", waiting).await;
    slow.store(false, std::sync::atomic::Ordering::SeqCst);
    let_go.send(()).unwrap();
    let answer = soon("the answer", asked).await.unwrap().unwrap();
    assert!(answer.text().contains("INC-1** is declared"), "{}", answer.text());
    bot.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_cannot_be_written_any_more_says_so_and_does_nothing() {
    let clock = Clock::driven(START);
    let time = clock.clone();
    let sandbox =
        Sandbox::start(Setup { limits: Limits::lifted(), ..Setup::new(Arc::new(move || time.now().0)) })
            .await
            .unwrap();
    let house = house::sandbox(&sandbox.api_url()).unwrap();
    let journal = MemoryJournal::new();
    let disk = journal.disk();
    let bot = Bot::start(journal, house, Token::new(seed::BOT_TOKEN), clock).await.unwrap();
    soon("the gateway", bot.ready()).await.unwrap();
    disk.next_write_meets(muster::journal::memory::Fault::SyncFails);
    let client = sandbox.client(Person::Responder);
    for _ in 0..2 {
        let answer = client
            .slash("incident declare", &[("title", "lost".into()), ("severity", "P3".into())])
            .await
            .unwrap();
        assert!(
            answer.ephemeral && answer.text().contains("cannot tell whether this was kept"),
            "{}",
            answer.text()
        );
    }
    let posted = sandbox.look(|w| w.messages.values().filter(|m| m.only_for.is_none()).count());
    assert_eq!(posted, 0, "what is not on disk is not told");
    bot.stop().await;
}
