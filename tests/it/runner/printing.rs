//! What is seen of what a step prints: in its order, without secrets, at its two ends.

use muster::model::run::RanHow;

use super::{Rig, said};

const SECRET: &str = "s3cret/va+lue 'x'";

/// A step with the secret that prints it, and pieces of it.
async fn printed(script: &str) -> (String, Vec<String>) {
    let rig = Rig::with(&[("TOKEN", SECRET)]);
    let job = rig.job(&format!("```sh {{name=a}}\n#| secrets: [TOKEN]\n{script}\n```"), &[]);
    let (live, mut changes) = (rig.live.clone(), rig.live.changes());
    let (over, mut is_over) = tokio::sync::oneshot::channel::<()>();
    let watch = tokio::spawn(async move {
        let mut seen = vec![];
        loop {
            tokio::select! {
                _ = changes.changed() => seen.extend(live.get(super::RUN).map(|t| t.text)),
                _ = &mut is_over => return seen,
            }
        }
    });
    let ran = rig.deliver(&job).await;
    drop(over);
    let mut seen = super::soon("the last lines", watch).await.unwrap();
    seen.push(format!("{ran:?}"));
    (ran.output.whole(), seen)
}

#[tokio::test]
async fn a_secret_in_pieces_is_seen_nowhere() {
    // Slower than the card is brought up to date.
    let script =
        "printf 'it is s3cr'; sleep 0.3; printf 'et/va+l'; sleep 0.3; printf \"ue 'x'\\n\"; echo done";
    let (whole, seen) = printed(script).await;
    assert_eq!(whole, "it is [TOKEN]\ndone\n");
    assert!(seen.len() > 2, "it was shown while it ran: {seen:?}");
    for text in &seen {
        assert!(!text.contains("s3c") && !text.contains("lue"), "{text}");
    }
}

#[tokio::test]
async fn a_secret_in_another_spelling_is_seen_nowhere() {
    for script in [
        "printf %s \"$TOKEN\" | base64",
        "printf %s \"$TOKEN\" | base64 -w 5",
        "printf 'user:%s' \"$TOKEN\" | base64",
        "printf 'me:%s' \"$TOKEN\" | base64 | tr '+/' '-_' | tr -d =",
        "printf %s \"$TOKEN\" | od -An -v -tx1 | tr -d ' \\n'",
        "python3 -c 'import os,urllib.parse as u; print(u.quote(os.environ[\"TOKEN\"], safe=\"\"))'",
        "python3 -c 'import os,urllib.parse as u; print(u.quote_plus(os.environ[\"TOKEN\"]).lower())'",
        "python3 -c 'import os,json; print(json.dumps(os.environ[\"TOKEN\"]))'",
        "printf '\\033[1ms3cr\\033[0met/va+lue '; echo \"'x'\"",
        "set -x; : \"$TOKEN\"",
        "echo \"$TOKEN\" >&2; exit 3",
        "printf '%s' 's3cret/va+lu'",
    ] {
        let (whole, seen) = printed(script).await;
        assert!(whole.contains("[TOKEN]"), "{script}: {whole}");
        for text in &seen {
            for piece in ["s3c", "va+lue", "czNj", "M2NyZXQ", "NjcmV0", "733363", "%2F"] {
                assert!(!text.contains(piece), "{script}: {text}");
            }
        }
    }
}

#[tokio::test]
async fn both_streams_come_in_their_order_and_made_plain() {
    let script = "for n in 1 2 3; do echo out $n; echo err $n >&2; done\n\
        printf '\\033[31mred\\033[0m\\a\\r\\n'\n\
        for n in 10 55 100; do printf '\\r%s%%' $n; done; echo\n\
        printf 'bad \\377 byte\\n'";
    let ran = Rig::new().sh(script).await;
    let wanted = "out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\nred\n100%\nbad \u{fffd} byte\n";
    assert_eq!(ran.output.whole(), wanted);
    assert_eq!(said(&ran), "exit 0");
}

#[tokio::test]
async fn the_last_lines_are_shown_while_it_runs() {
    let rig = Rig::new();
    let job = rig.job(&super::sh("for n in $(seq 100); do echo line $n; done; sleep 1000"), &[]);
    let attempt = rig.begin(&job);
    let shown = rig.shown(|t| t.ends_with("line 100")).await;
    assert_eq!(shown.lines().next(), Some("line 89"), "twelve of them: {shown}");
    assert!(shown.chars().count() <= 900);
    rig.end().await;
    super::soon("the end", attempt).await.unwrap();
    assert_eq!(rig.deliver(&job).await.how, RanHow::Stopped);
}
