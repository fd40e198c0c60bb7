//! SIGKILL in every state of a ladder, through the real program: before the first call is delivered, between
//! two calls of a rung, while an answer is waited for, between rungs, when nobody answered, while somebody is
//! on it, and when that wears off. Each life begins later than the one before ended, by a clock that is put
//! ahead for the process alone: due times are kept, what is late goes out at once and says how late, nobody is
//! called doubly, and what is acknowledged is silent.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use muster::kit::clock::Clock;
use muster::sandbox::client::text_of;
use muster::sandbox::world::{Id, Message, World, seed};
use muster::sandbox::{Fault, Limits, Person, Rule, Sandbox, Setup};
use tempfile::TempDir;
use tokio::process::{Child, Command};

use crate::support::soon;

const MUSTER: &str = env!("CARGO_BIN_EXE_muster");
const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

const POLICY: &str = r#"
[[oncall.policies]]
name = "story"
severities = ["P1"]
rounds = 1
holds = "30m"
still = "5m"
[oncall.policies.fallback]
channel = "1100000000000000030"
people = ["lead"]
[[oncall.policies.rungs]]
whom = ["person responder"]
within = "5m"
every = "2m"
[[oncall.policies.rungs]]
whom = ["person approver"]
within = "5m"
"#;

/// What puts a process' clock ahead, built once.
static AHEAD: LazyLock<PathBuf> = LazyLock::new(|| {
    let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join("ahead.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/stories/ahead.c");
    let mut cc = std::process::Command::new("cc");
    cc.args(["-shared", "-fPIC", "-o"]).arg(&library).arg(source);
    assert!(cc.status().is_ok_and(|s| s.success()), "cc builds it, as it links this test");
    library
});

/// A sandbox that lives on, and the folder of the Muster that is killed.
struct Scene {
    sandbox: Sandbox,
    clock: Clock,
    folder: TempDir,
    ahead: Duration,
}

impl Scene {
    async fn open() -> Scene {
        let clock = Clock::movable();
        let time = clock.clone();
        let setup = Setup { limits: Limits::lifted(), ..Setup::new(Arc::new(move || time.now().0)) };
        let sandbox = Sandbox::start(setup).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("runbooks")).unwrap();
        let toml = include_str!("../../../data/sandbox.toml");
        let services = toml.find("[services").unwrap_or(toml.len());
        let toml = toml[..services].replace("{sandbox}", &sandbox.api_url());
        // Jobs that are waited for would be late in this story.
        let jobs = toml.find("[[heartbeats]]").unwrap_or(toml.len());
        std::fs::write(folder.path().join("muster.toml"), format!("{}{POLICY}", &toml[..jobs])).unwrap();
        Scene { sandbox, clock, folder, ahead: Duration::ZERO }
    }

    /// Time passes for everybody, while nobody is there to see it.
    fn pass(&mut self, time: Duration) {
        self.ahead += time;
        self.clock.advance(time);
        self.sandbox.tick();
    }

    /// A life of the program, up to where nothing is due and nothing is owed.
    async fn life(&self) -> Life<'_> {
        let life = self.start();
        soon("a start", self.sandbox.wait_for_bots(1)).await;
        life.rest().await;
        life
    }

    fn start(&self) -> Life<'_> {
        let mut command = Command::new(MUSTER);
        command.args(["serve", "--config", "muster.toml", "--data", "data"]);
        command.current_dir(self.folder.path()).env("DISCORD_TOKEN", seed::BOT_TOKEN);
        command.env("LD_PRELOAD", AHEAD.as_path()).env("AHEAD", self.ahead.as_secs().to_string());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).kill_on_drop(true);
        Life { scene: self, child: command.spawn().expect("muster can be started") }
    }

    /// A life that begins after this time, and ends at rest.
    async fn later(&mut self, time: Duration) {
        self.pass(time);
        self.life().await.kill().await;
    }

    /// The direct messages that somebody got, oldest first.
    fn got(&self, who: Person) -> Vec<String> {
        self.sandbox.look(|world| direct(world, who).map(text_of).collect())
    }

    /// How many direct messages the responder, the approver and the lead got.
    fn calls(&self) -> [usize; 3] {
        [Person::Responder, Person::Approver, Person::Lead].map(|who| self.got(who).len())
    }

    /// The newest direct message to somebody.
    fn newest(&self, who: Person) -> (Id, String) {
        let newest = |world: &World| direct(world, who).last().map(|m| (m.id, text_of(m)));
        self.sandbox.look(newest).expect("they were called")
    }

    /// How often somebody was mentioned where the work is done.
    fn mentions(&self, who: Person) -> usize {
        let call = format!("<@{}> INC-1 ·", who.id());
        self.sandbox
            .look(|w| w.messages.values().filter(|m| !directly(w, m) && m.content.contains(&call)).count())
    }

    fn verified(&self) {
        let mut verify = std::process::Command::new(MUSTER);
        let out = verify.args(["verify", "--data", "data"]).current_dir(self.folder.path()).output().unwrap();
        assert!(out.status.success(), "{out:?}");
    }
}

fn directly(world: &World, message: &Message) -> bool {
    world.channels.get(&message.channel).is_some_and(|c| c.guild.is_none())
}

/// What somebody reads; the answer to a press of theirs is no call.
fn direct(world: &World, who: Person) -> impl Iterator<Item = &Message> {
    let channel = world.direct_between(seed::BOT, who.id());
    world.messages.values().filter(move |m| Some(m.channel) == channel && m.only_for.is_none())
}

/// A running Muster.
struct Life<'a> {
    scene: &'a Scene,
    child: Child,
}

impl Life<'_> {
    /// Waits until it owes nothing and nothing is due, as `muster status` tells: the engine does what is due
    /// before it answers.
    async fn rest(&self) {
        let resting = async {
            loop {
                let mut status = Command::new(MUSTER);
                let said = status.args(["status", "--data", "data"]).current_dir(self.scene.folder.path());
                let said = String::from_utf8_lossy(&said.output().await.unwrap().stdout).into_owned();
                if said.contains("gateway: ready") && said.contains("owed: 0") {
                    return;
                }
            }
        };
        soon("everything to come to rest", resting).await;
    }

    /// A P1 that the lead declares; the ladder begins.
    async fn declare(&self) {
        let options = [("title", "Streams stop".into()), ("severity", "P1".into())];
        let declared =
            self.scene.sandbox.client(Person::Lead).slash("incident declare", &options).await.unwrap();
        assert!(declared.text().contains("is declared"), "{}", declared.text());
    }

    /// Somebody presses a button under their newest direct message.
    async fn press(&self, who: Person, button: &str) -> String {
        let message = self.scene.newest(who).0;
        self.scene.sandbox.client(who).press(message, button).await.unwrap().text().to_owned()
    }

    /// SIGKILL.
    async fn kill(mut self) {
        self.child.kill().await.unwrap();
        soon("the connection to be gone", self.scene.sandbox.wait_for_no_bots()).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_state_of_a_ladder_outlives_a_kill_and_its_due_times_are_kept() {
    let mut scene = Scene::open().await;
    let life = scene.life().await;
    life.declare().await;
    life.rest().await;
    assert_eq!(scene.calls(), [1, 0, 0]);
    life.kill().await;
    // Between two calls of a rung, and on: minutes since it began, and what each had got by then.
    let mut at = Duration::ZERO;
    for (then, calls, what) in [
        (MINUTE, [1, 0, 0], "the second call of the rung is due at two minutes"),
        (2 * MINUTE, [2, 0, 0], "it goes out"),
        (2 * MINUTE + SECOND, [2, 0, 0], "and only once"),
        (4 * MINUTE, [3, 0, 0], "the third"),
        (5 * MINUTE - 20 * SECOND, [3, 0, 0], "an answer is waited for"),
        (5 * MINUTE, [3, 1, 0], "the next rung"),
        (5 * MINUTE + SECOND, [3, 1, 0], "which is called once"),
        (10 * MINUTE - 20 * SECOND, [3, 1, 0], "an answer is waited for"),
        (10 * MINUTE, [3, 1, 1], "nobody answered: the fallback is told"),
        (10 * MINUTE + SECOND, [3, 1, 1], "once"),
        (25 * MINUTE - 20 * SECOND, [3, 1, 1], "it rests for a quarter of an hour"),
        (25 * MINUTE + SECOND, [4, 1, 1], "and begins anew"),
    ] {
        scene.later(then - at).await;
        at = then;
        assert_eq!(scene.calls(), calls, "after {at:?}: {what}");
        assert_eq!(scene.mentions(Person::Responder), calls[0], "after {at:?}: {what}");
    }
    for who in [Person::Responder, Person::Approver] {
        let late: Vec<String> = scene.got(who).into_iter().filter(|t| t.contains("Late")).collect();
        assert_eq!(late, [""; 0], "all came in time");
    }

    // Somebody is on it: it is silent until that wears off.
    let life = scene.life().await;
    let said = life.press(Person::Responder, "Acknowledge").await;
    assert!(said.contains("is yours"), "{said}");
    life.kill().await;
    scene.later(29 * MINUTE).await;
    assert_eq!(scene.calls(), [4, 1, 1], "what is acknowledged is silent");
    assert!(scene.newest(Person::Responder).1.contains("is on it since"), "its message says so");
    scene.later(MINUTE).await;
    assert_eq!(scene.calls(), [5, 1, 1]);
    assert!(scene.newest(Person::Responder).1.contains("Are you still on it?"));
    scene.later(4 * MINUTE).await;
    assert_eq!(scene.calls(), [5, 1, 1], "they are asked once, and have five minutes");
    scene.later(MINUTE + SECOND).await;
    assert_eq!(scene.calls(), [6, 1, 1]);
    let (_, text) = scene.newest(Person::Responder);
    assert!(text.contains("was on it, and does not answer any more"), "{text}");
    scene.later(SECOND).await;
    assert_eq!(scene.calls(), [6, 1, 1]);

    // Over is over, in every later life.
    let life = scene.life().await;
    life.press(Person::Responder, "Acknowledge").await;
    let resolved = scene.sandbox.client(Person::Lead);
    let resolved =
        resolved.slash("incident resolve", &[("how", "a relay was replaced".into())]).await.unwrap();
    assert!(resolved.text().contains("is resolved"), "{}", resolved.text());
    life.kill().await;
    scene.later(60 * MINUTE).await;
    assert_eq!(scene.calls(), [6, 1, 1]);
    scene.verified();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_due_while_it_was_dead_goes_out_at_once_once_and_says_how_late() {
    let mut scene = Scene::open().await;
    let life = scene.life().await;
    life.declare().await;
    life.rest().await;
    life.kill().await;
    // Four calls were missed and a rung: the next is called, and nobody for what is past.
    scene.later(20 * MINUTE).await;
    assert_eq!(scene.calls(), [1, 1, 0]);
    let (_, text) = scene.newest(Person::Approver);
    assert!(text.contains("Late by 15 m") && text.contains("it was due <t:"), "{text}");
    scene.later(SECOND).await;
    assert_eq!(scene.calls(), [1, 1, 0]);
    // Nobody answered, and nobody was there to say so.
    scene.later(15 * MINUTE).await;
    assert_eq!(scene.calls(), [1, 1, 1]);
    let (_, text) = scene.newest(Person::Lead);
    assert!(text.contains("Late by 10 m") && text.contains("Nobody answered"), "{text}");
    scene.later(60 * MINUTE).await;
    assert_eq!(scene.calls(), [2, 1, 1]);
    let (_, text) = scene.newest(Person::Responder);
    assert!(text.contains("Late by 45 m"), "{text}");
    let life = scene.life().await;
    life.press(Person::Responder, "Acknowledge").await;
    life.kill().await;
    scene.later(50 * MINUTE).await;
    assert_eq!(scene.calls(), [3, 1, 1]);
    let (_, text) = scene.newest(Person::Responder);
    assert!(text.contains("Are you still on it?") && text.contains("Late by 20 m"), "{text}");
    scene.verified();
}

/// Kills it at a request of the ladder's beginning, and starts it 90 seconds later: whoever was not reached is
/// reached then, and told how late. Gives whether there was such a request.
async fn killed_at(n: u32, fault: Fault) -> bool {
    let mut scene = Scene::open().await;
    let life = scene.life().await;
    let rule = Rule::new(fault.clone()).times(1).after(n);
    scene.sandbox.faults().inject(rule);
    let hit = tokio::select! {
        () = scene.sandbox.faults().have_hit(1) => true,
        () = async {
            life.declare().await;
            life.rest().await;
        } => false,
    };
    life.kill().await;
    let before = scene.calls();
    scene.sandbox.faults().clear();
    scene.later(90 * SECOND).await;
    let declared = scene.sandbox.look(|w| w.messages.values().any(|m| text_of(m).contains("INC-1 ·")));
    assert!(declared, "{n}, {fault:?}: what was declared is there");
    assert_eq!(scene.calls(), [1, 0, 0], "{n}, {fault:?}: called once");
    assert_eq!(scene.mentions(Person::Responder), 1, "{n}, {fault:?}: mentioned once");
    let (_, text) = scene.newest(Person::Responder);
    assert_eq!(text.contains("Late by 1 m"), before == [0, 0, 0], "{n}, {fault:?}: {text}");
    scene.verified();
    hit
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_before_each_request_of_the_first_call_it_is_made_once_and_says_how_late() {
    let mut n = 0;
    while killed_at(n, Fault::Hang).await {
        n += 1;
    }
    assert!(n > 6, "only {n} requests");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_after_each_request_of_the_first_call_it_is_made_once() {
    let mut n = 0;
    while killed_at(n, Fault::DoneButSilent).await {
        n += 1;
    }
    assert!(n > 6, "only {n} requests");
}
