//! Who is on call, asked at the terminal: with a running Muster, and from its folder on the day it is down.

use std::process::Stdio;

use muster::sandbox::Person;
use muster::sandbox::world::seed;
use serde_json::Value;
use tokio::process::Command;

use super::terminal::{MUSTER, muster, sandbox, team};
use crate::support::soon;

#[tokio::test(flavor = "multi_thread")]
async fn who_is_on_call_is_said_with_a_running_muster_and_without() {
    let sandbox = sandbox().await;
    let team = team(&sandbox);
    let at = team.path();
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
    let over = [
        ("rota", "team".into()),
        ("person", Person::Onlooker.id().to_string().into()),
        ("for", "2 days".into()),
    ];
    let answer = sandbox.client(Person::Responder).slash("oncall override", &over).await.unwrap();
    assert!(answer.text().contains("**OVR-1**"), "{}", answer.text());

    let asks: [(&[&str], &[&str]); 4] = [
        (
            &["oncall", "now"],
            &[
                "Who is on call now:\nteam\n- primary: onlooker, until ",
                "(OVR-1) · mention, direct message · then ",
                "- secondary: ",
                "\nTimes in Europe/Berlin.",
            ],
        ),
        (&["oncall", "now", "--format", "json"], &["\"override\": \"OVR-1\"", "\"name\": \"onlooker\""]),
        (
            &["oncall", "schedule", "--days", "30"],
            &[
                "The rota team, the next 30 days:\nprimary\n",
                ": onlooker (OVR-1)\n",
                "\nTimes in Europe/Berlin.",
            ],
        ),
        (&["oncall", "schedule", "--rota", "Team", "--format", "json"], &["\"timezone\": \"Europe/Berlin\""]),
    ];
    let all = async || {
        let mut told = vec![];
        for (args, words) in asks {
            let (well, said) = muster(at, args).await;
            assert!(well && words.iter().all(|word| said.contains(word)), "{args:?}: {said}");
            assert!(
                !said.contains("<t:") && !said.contains("**") && !said.contains("<@"),
                "{args:?}: {said}"
            );
            told.push(said);
        }
        told
    };
    let with = all().await;
    let now: Value = serde_json::from_str(&with[1]).unwrap();
    let first = &now["rotas"][0]["ranks"][0];
    assert_eq!((&now["format"], &first["rank"]), (&1.into(), &"primary".into()));
    assert_eq!(first["who"]["discord"], Person::Onlooker.id().to_string());
    let schedule: Value = serde_json::from_str(&with[3]).unwrap();
    let shifts = schedule["shifts"].as_array().unwrap();
    assert!(shifts.len() >= 6 && shifts.iter().any(|s| s["override"] == "OVR-1"), "{schedule:#}");
    assert_eq!(schedule["days"], 14);
    for wrong in [["oncall", "schedule", "--rota", "nobody"], ["oncall", "schedule", "--days", "61"]] {
        let (well, said) = muster(at, &wrong).await;
        assert!(!well && (said.contains("There are: team.") || said.contains("1..=60")), "{said}");
    }

    let pid = running.id().unwrap().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().await.unwrap().success());
    assert!(soon("the end", running.wait()).await.unwrap().success());
    assert_eq!(all().await, with, "the folder says what the running Muster said");
    let (well, said) = muster(at, &["oncall", "schedule", "--rota", "nobody"]).await;
    assert!(!well && said.contains("There is no rota “nobody”. There are: team."), "{said}");
    let (well, said) = muster(at, &["oncall", "now", "--data", "elsewhere"]).await;
    assert!(!well && said.contains("elsewhere"), "{said}");
}
