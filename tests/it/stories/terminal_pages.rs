//! Pages at the terminal: who is called and why, and answering from there on the day Discord is down.

use std::process::Stdio;

use muster::sandbox::client::text_of;
use muster::sandbox::world::{World, seed};
use muster::sandbox::{Fault, Person, Rule};
use serde_json::Value;
use tokio::process::Command;

use super::terminal::{MUSTER, muster, sandbox, team};
use crate::support::soon;

/// First the responder, then the approver, whatever day it is.
const POLICY: &str = r#"
[[oncall.policies]]
name = "story"
severities = ["P1"]
[[oncall.policies.rungs]]
whom = ["person responder"]
within = "10m"
[[oncall.policies.rungs]]
whom = ["person approver"]
within = "10m"
"#;

/// Whether somebody was called by a direct message for this.
fn called(world: &World, who: Person, about: &str) -> bool {
    let channel = world.direct_between(seed::BOT, who.id());
    world.messages.values().any(|m| Some(m.channel) == channel && text_of(m).contains(about))
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_listed_explained_and_answered_with_a_running_muster_and_told_without() {
    let sandbox = sandbox().await;
    let team = team(&sandbox);
    let at = team.path();
    let settings = std::fs::read_to_string(at.join("muster.toml")).unwrap();
    std::fs::write(at.join("muster.toml"), settings + POLICY).unwrap();
    let mut running = Command::new(MUSTER)
        .args(["serve"])
        .current_dir(at)
        .env("DISCORD_TOKEN", seed::BOT_TOKEN)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    soon("Muster", sandbox.wait_for_bots(1)).await;
    soon("its commands", sandbox.wait_for(|w| (!w.commands.is_empty()).then_some(()))).await;
    let (well, said) = muster(at, &["pages", "ack"]).await;
    assert!(!well && said.contains("Nobody is called at this moment."), "{said}");

    let lead = sandbox.client(Person::Lead);
    for title in ["Streams *stop*", "Logins fail"] {
        let options = [("title", title.into()), ("severity", "P1".into())];
        lead.slash("incident declare", &options).await.unwrap();
    }
    soon("the calls", sandbox.wait_for(|w| called(w, Person::Responder, "INC-2").then_some(()))).await;
    let (well, said) = muster(at, &["pages", "list"]).await;
    assert!(
        well && said.contains("PAG-1 · INC-1 · P1 · Streams *stop*: calls responder (L1) until "),
        "{said}"
    );
    assert!(said.lines().count() == 2 && !said.contains("<t:") && !said.contains("**"), "{said}");
    let (well, said) = muster(at, &["pages", "ack"]).await;
    assert!(
        !well && said.contains("Several are open: PAG-1, PAG-2. Name it as in 'muster pages ack PAG-1'"),
        "{said}"
    );

    // The next of one is called; the other is taken, and the card says by whom. Discord is down meanwhile.
    let down = Rule::new(Fault::InternalError);
    sandbox.faults().inject(down.clone());
    let (well, said) = muster(at, &["pages", "ack", "pag-1"]).await;
    let yours =
        "PAG-1 of INC-1 is yours: nobody else is called. Without a sign of work others are called again 2";
    assert!(well && said.contains(yours), "{said}");
    let (well, said) = muster(at, &["pages", "escalate", "PAG-2"]).await;
    assert!(well && said.contains("PAG-2: the next is called now."), "{said}");
    sandbox.faults().withdraw(&down);
    soon("the next", sandbox.wait_for(|w| called(w, Person::Approver, "INC-2").then_some(()))).await;
    let on_it = |w: &World| {
        w.messages.values().any(|m| text_of(m).contains("at the terminal is on it")).then_some(())
    };
    soon("the card", sandbox.wait_for(on_it)).await;
    assert!(!sandbox.look(|w| called(w, Person::Approver, "INC-1")), "whoever comes next is left in peace");
    let (well, said) = muster(at, &["pages", "ack", "PAG-1"]).await;
    assert!(!well && said.contains("you are on it since "), "{said}");
    let (well, said) = muster(at, &["pages", "ack", "PAG-9"]).await;
    assert!(!well && said.contains("PAG-9 is over for long."), "{said}");

    let asks: [(&[&str], &[&str]); 4] = [
        (
            &["pages", "list"],
            &["at the terminal is on it since ", "PAG-2 · INC-2 · P1 · Logins fail: calls approver (L2)"],
        ),
        (
            &["pages", "why", "PAG-2"],
            &["responder (L1) by direct message: delivered", "approver (L2) by direct message"],
        ),
        (&["pages", "list", "--format", "json"], &["\"stands\": \"acknowledged\""]),
        (
            &["pages", "why", "PAG-1", "--format", "json"],
            &[
                "\"format\": 1",
                "\"incident\": \"INC-1\"",
                "\"person\": \"responder\"",
                "\"delivery\": \"delivered\"",
            ],
        ),
    ];
    let all = async || {
        for (args, words) in asks {
            let (well, said) = muster(at, args).await;
            assert!(well && words.iter().all(|word| said.contains(word)), "{args:?}: {said}");
        }
    };
    all().await;
    let (_, said) = muster(at, asks[2].0).await;
    let list: Value = serde_json::from_str(&said).unwrap();
    assert_eq!((&list["format"], &list["pages"][1]["stands"]), (&1.into(), &"calling".into()), "{list:#}");
    let (well, said) = muster(at, &["pages", "why", "PAG-9"]).await;
    assert!(!well && said.contains("there is no PAG-9 at hand"), "{said}");

    let (well, said) = muster(at, &["pages", "call", "approver", "--text", "Come and *see*"]).await;
    assert!(well && said.contains("PAG-3 calls approver. 'muster pages why PAG-3' shows"), "{said}");
    soon("the call", sandbox.wait_for(|w| called(w, Person::Approver, "Come and \\*see").then_some(())))
        .await;
    let wrong: [(&[&str], &str); 4] = [
        (
            &["nobody", "--text", "x"],
            "Nobody in [people] of muster.toml is called 'nobody'; there is approver",
        ),
        (&["approver"], "Say in 'text' what you need them for, or name the 'incident'."),
        (&["approver", "--incident", "INC-9"], "There is no INC-9 that is open; there is INC-"),
        (&["--text", "x", "--service", "nothing"], "PAG-4 calls the policy story."),
    ];
    for (args, words) in wrong {
        let (_, said) = muster(at, &[&["pages", "call"], args].concat()).await;
        assert!(said.contains(words), "{args:?}: {said}");
    }
    // The ladder of an incident is there already: the next of it is called.
    let (well, said) = muster(at, &["pages", "call", "--incident", "INC-1"]).await;
    assert!(well && said.contains("PAG-1: the next is called now."), "{said}");

    running.kill().await.unwrap();
    all().await;
    let (well, said) = muster(at, &["pages", "call", "approver", "--text", "x"]).await;
    assert!(!well && said.contains("no Muster runs on data, so nobody is called."), "{said}");
    let (well, said) = muster(at, &["pages", "ack", "PAG-2"]).await;
    assert!(!well && said.contains("no Muster runs on data, so nobody is called."), "{said}");
}
