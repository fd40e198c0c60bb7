//! Events are a format for ever: the journal that an earlier build wrote is opened by this one,
//! and this one writes the same.
//!
//! `tests/golden/v1.jsonl` is an export of the story below. A change of what is written shows as
//! a difference; one that is meant becomes a new golden file beside the old one
//! (`MUSTER_GOLDEN=write` writes it), and the old one stays and must open.

use std::collections::BTreeMap;
use std::io::BufReader;
use std::path::Path;
use std::sync::Arc;

use muster::engine::committer::Committer;
use muster::house;
use muster::journal::{Journal, SledJournal, transfer, verify};
use muster::kit::time::Timestamp;
use muster::model::button::FormKind;
use muster::model::check::{Finding, Probe, Verdict};
use muster::model::event::{Reason, Settlement};
use muster::model::ids::{
    ChannelId, EffectId, GuildId, IncidentId, InteractionId, MessageId, RoleId, Seq, UserId,
};
use muster::model::incident::{Phase, Severity, Thread};
use muster::model::input::{Act, Arg, Input, Interaction, Invocation};
use muster::model::person::{Actor, Person};

const GOLDEN: &str = include_str!("../golden/v1.jsonl");
const RESPONDER: u64 = 1_100_000_000_000_000_020;

fn interaction(n: u64, roles: &[u64], act: Act) -> Input {
    Input::Interaction(Interaction {
        id: InteractionId(n),
        token: format!("token-{n}"),
        guild: Some(GuildId(1_100_000_000_000_000_010)),
        channel: ChannelId(1_100_000_000_000_000_030),
        by: Actor {
            person: Person { id: UserId(1_100_000_000_000_000_040), name: "responder".into() },
            roles: roles.iter().copied().map(RoleId).collect(),
        },
        act,
    })
}

fn command(name: &str, args: &[(&str, &str)]) -> Act {
    let args: BTreeMap<String, Arg> =
        args.iter().map(|(k, v)| ((*k).to_owned(), Arg::Text((*v).to_owned()))).collect();
    Act::Command(Invocation { command: name.to_owned(), args })
}

fn settled(seq: u64, index: u16, outcome: Settlement) -> Input {
    Input::Settled { effect: EffectId { seq: Seq(seq), index }, outcome }
}

/// Everything that this version can write, each at least once.
fn story() -> Vec<Input> {
    let declare = [("title", "Streams stop"), ("severity", "P2"), ("service", "soundlab")];
    let (channel, message) = (ChannelId(1_100_000_000_000_000_030), MessageId(1_573_000_000_000_000_001));
    let thread = ChannelId(1_573_000_000_000_000_001);
    let finding = |verdict| Finding {
        probe: Probe { service: "soundlab".into(), step: "healthz".into() },
        millis: 12,
        expected: "GET /healthz → HTTP 200".into(),
        verdict,
    };
    let findings = vec![
        finding(Verdict::Passed { got: "HTTP 200".into() }),
        finding(Verdict::Failed { got: "HTTP 502".into() }),
        finding(Verdict::Broke { why: "no connection".into() }),
    ];
    let fields = BTreeMap::from([("how".to_owned(), "a relay was replaced".to_owned())]);
    vec![
        Input::Started { version: "0.1.0".into() },
        Input::CommandsRegistered { hash: "abc".into() },
        interaction(1, &[], command("incident declare", &declare)),
        interaction(2, &[RESPONDER], command("incident declare", &declare)),
        settled(4, 0, Settlement::Posted { channel, message }),
        settled(4, 1, Settlement::Opened { thread }),
        settled(4, 2, Settlement::Posted { channel: thread, message }),
        interaction(3, &[RESPONDER], command("incident note", &[("text", "logs read: \"é\"\n2nd line")])),
        settled(8, 0, Settlement::GaveUp { reason: Reason::Gone, said: "Unknown Channel (10003)".into() }),
        interaction(4, &[], command("health", &[("service", "soundlab")])),
        settled(10, 0, Settlement::Checked { findings }),
        settled(11, 0, Settlement::Shown),
        interaction(5, &[RESPONDER], Act::Submit { form: Ok(FormKind::Resolve(IncidentId(1))), fields }),
        settled(13, 0, Settlement::Superseded),
    ]
}

fn write(folder: &Path) -> Committer<SledJournal> {
    let house = house::sandbox("http://127.0.0.1:7700").expect("the built-in files are right");
    let journal = SledJournal::create(folder).expect("a journal");
    let mut committer = Committer::open(journal, Arc::new(house)).expect("it opens");
    for (n, input) in (0..).zip(story()) {
        committer.commit(Timestamp(1_795_251_600_000 + n * 1_000), std::slice::from_ref(&input));
    }
    committer
}

/// Lines without what is random: the hash of the line before, which begins with the journal's id.
fn lines(export: &str) -> Vec<serde_json::Value> {
    let commits = export.lines().skip(1);
    commits
        .map(|line| {
            let mut value: serde_json::Value = serde_json::from_str(line).expect("JSON");
            value.as_object_mut().expect("an object").remove("prev");
            value
        })
        .collect()
}

#[test]
fn this_build_writes_what_version_1_wrote() {
    let folder = tempfile::tempdir().unwrap();
    let journal = write(&folder.path().join("journal")).into_journal();
    let mut export = vec![];
    transfer::export(&*journal.reader(), &mut export).unwrap();
    let export = String::from_utf8(export).unwrap();
    if std::env::var("MUSTER_GOLDEN").as_deref() == Ok("write") {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/v1.jsonl");
        std::fs::write(file, &export).unwrap();
    }
    for (now, then) in lines(&export).iter().zip(lines(GOLDEN)) {
        assert_eq!(*now, then);
    }
    assert_eq!(lines(&export).len(), story().len());
    assert_eq!(lines(GOLDEN).len(), story().len());
}

#[test]
fn the_journal_of_version_1_opens_and_says_what_it_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("journal");
    transfer::import(&mut BufReader::new(GOLDEN.as_bytes()), &path).unwrap();
    let journal = SledJournal::open(&path).unwrap();
    verify(&*journal.reader()).unwrap();
    let house = house::sandbox("http://127.0.0.1:7700").unwrap();
    let committer = Committer::open(journal, Arc::new(house)).unwrap();
    let state = committer.state();
    let incident = &state.incidents[&IncidentId(1)];
    assert_eq!((incident.title.as_str(), incident.severity), ("Streams stop", Severity::P2));
    assert_eq!(incident.thread, Thread::Lost, "its thread was gone when a note was to be said there");
    assert!(
        matches!(&incident.phase, Phase::Resolved { how: Some(how), .. } if how == "a relay was replaced")
    );
    let owed: Vec<String> = state.unsettled.keys().map(ToString::to_string).collect();
    assert_eq!(owed, ["9.0", "13.1", "13.2"], "what was owed is still owed");
    assert_eq!(state.commands.as_deref(), Some("abc"));
}
