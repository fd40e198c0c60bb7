//! What a process sees: its named variables and nothing else, and each as a value alone.

use std::collections::BTreeSet;

use muster::model::run::RanHow;

use super::{Rig, said, sh};

#[tokio::test]
async fn a_process_sees_what_it_named_and_nothing_else() {
    let rig = Rig::with(&[("TOKEN", "s3cret-value"), ("OTHER", "another-secret")]);
    let fence = "```sh {name=a}\n#| env: [region]\n#| secrets: [TOKEN]\n#| argv: [env]\n```";
    let ran = rig.run(fence, &[("region", "eu"), ("hidden", "x")]).await;
    assert_eq!(ran.how, RanHow::Passed { got: "exit 0".into() }, "{ran:?}");
    let ours = |name: &str| format!("{name}={}", std::env::var(name).unwrap());
    let expected: BTreeSet<String> = [
        ours("PATH"),
        ours("HOME"),
        "LANG=C.UTF-8".into(),
        format!("MUSTER_STEP={}.7.2.1", rig.journal),
        "region=eu".into(),
        "TOKEN=[TOKEN]".into(),
    ]
    .into();
    assert_eq!(ran.output.head.lines().map(str::to_owned).collect::<BTreeSet<_>>(), expected);
}

#[tokio::test]
async fn a_name_without_a_value_says_so_and_nothing_runs() {
    let rig = Rig::new();
    let mut job = rig.job("```sh {name=a}\n#| env: [region]\ntouch /nowhere/x\n```", &[("region", "eu")]);
    // Captured by an earlier step, and so never for a shell.
    job.step.as_mut().unwrap().env.clear();
    let ran = rig.deliver(&job).await;
    assert!(said(&ran).starts_with("`region` has no value: set it in muster.toml"), "{ran:?}");
    assert!(rig.reported.lock().unwrap().is_empty());
    let rig = Rig::new();
    let ran = rig.run("```sh {name=a}\n#| secrets: [NOT_SET]\ntrue\n```", &[]).await;
    assert!(said(&ran).starts_with("the secret `NOT_SET` has no value"), "{ran:?}");
    assert!(rig.reported.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_name_that_steers_the_shell_is_not_handed_over() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("made");
    // Bash runs what is in this variable before anything else.
    let trick = format!("$(touch {})", file.display());
    for name in ["BASH_ENV", "ENV", "PS4", "SHELLOPTS", "LD_PRELOAD", "PATH", "MUSTER_STEP"] {
        let fence = format!("```sh {{name=a}}\n#| env: [{name}]\ntrue\n```");
        let ran = Rig::new().run(&fence, &[(name, &trick)]).await;
        assert!(said(&ran).contains("steers the shell itself"), "{name}: {ran:?}");
    }
    assert!(!file.exists());
}

/// Every byte that can stand in a value, and what has worked somewhere as a way out of one.
fn tricks(file: &str) -> Vec<String> {
    let mut all: Vec<String> = (1..=127_u8).map(|b| char::from(b).to_string()).collect();
    all.extend((1..=127_u8).map(|b| format!("a{}b", char::from(b))));
    let touch = format!("touch {file}");
    all.extend([
        format!("$({touch})"),
        format!("`{touch}`"),
        format!("; {touch}"),
        format!("| {touch}"),
        format!("&& {touch} &"),
        format!("\n{touch}\n"),
        format!("'; {touch}; '"),
        format!("\"; {touch}; \""),
        format!("\"$({touch})\""),
        format!("() {{ :; }}; {touch}"),
        format!("a[$({touch})]"),
        format!("${{IFS}}{touch}"),
        format!("\\\n{touch}"),
        format!("> {file}"),
        "-rf".into(),
        "--help".into(),
        "-n".into(),
        "-e".into(),
        "*".into(),
        "~".into(),
        "!!".into(),
        "%s%n".into(),
        "{{v}}".into(),
        "é🔥\u{202e}".into(),
        String::new(),
    ]);
    all
}

#[tokio::test]
async fn a_value_is_never_read_as_shell() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("made");
    let rig = Rig::new();
    // Written in hexadecimal: what comes back is the value to the byte, or it is not.
    let fence = "```sh {name=a}\n#| env: [v]\nprintf %s \"$v\" | od -An -v -tx1 | tr -d ' \\n'\n```";
    for value in tricks(file.to_str().unwrap()) {
        let hex: String = value.bytes().map(|b| format!("{b:02x}")).collect();
        let mut job = rig.job(fence, &[("v", &value)]);
        job.id.seq.0 = 100 + u64::try_from(rig.reported.lock().unwrap().len()).unwrap();
        let ran = rig.deliver(&job).await;
        assert_eq!(ran.output.head, hex, "{value:?}: {ran:?}");
        assert!(!file.exists(), "{value:?} was run");
    }
    let ran = Rig::new().run(fence, &[("v", "a\0b")]).await;
    assert!(said(&ran).contains("zero byte"), "{ran:?}");
}

#[tokio::test]
async fn a_program_without_a_shell_gets_its_words_as_they_are() {
    let fence = "```sh {name=a}\n#| argv: [printf, '%s|', 'a b', '$HOME', '$(id)', '*']\n```";
    let ran = Rig::new().run(fence, &[]).await;
    assert_eq!(ran.output.head, "a b|$HOME|$(id)|*|");
}

#[tokio::test]
async fn it_stands_in_its_folder_with_nothing_to_read_and_no_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let fence = format!(
        "```sh {{name=a}}\n#| cwd: {}\npwd\nreadlink /proc/self/fd/0\nps -o sid=,pgid= -p $$ | tr -s ' ' '\\n' | sort -u\necho \"$$\"\n```",
        folder.path().display()
    );
    let ran = Rig::new().run(&fence, &[]).await;
    let lines: Vec<&str> = ran.output.head.lines().filter(|l| !l.is_empty()).collect();
    assert_eq!(lines[..2], [folder.path().to_str().unwrap(), "/dev/null"], "{ran:?}");
    assert_eq!(lines[2..], [lines[3], lines[3]], "its session and its group are its own: {ran:?}");
    let ran = Rig::new().run("```sh {name=a}\n#| cwd: /no/such/folder\ntrue\n```", &[]).await;
    assert!(said(&ran).starts_with("there is no folder /no/such/folder"), "{ran:?}");
}

#[tokio::test]
async fn what_cannot_start_says_what_to_do() {
    let ran = Rig::new().run("```sh {name=a}\n#| argv: [no-such-program]\n```", &[]).await;
    assert!(matches!(&ran.how, RanHow::Broke { why } if why.contains("install it")), "{ran:?}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("plain");
    std::fs::write(&file, "true\n").unwrap();
    let fence = format!("```sh {{name=a}}\n#| argv: [{}]\n```", file.display());
    let ran = Rig::new().run(&fence, &[]).await;
    assert!(matches!(&ran.how, RanHow::Broke { why } if why.contains("chmod +x")), "{ran:?}");
    let long = "x".repeat(200_000);
    let ran = Rig::new().run("```sh {name=a}\n#| env: [v]\ntrue\n```", &[("v", &long)]).await;
    assert!(matches!(&ran.how, RanHow::Broke { why } if why.contains("shorten them")), "{ran:?}");
}

#[tokio::test]
async fn the_exit_is_told_with_the_last_line() {
    for (script, wanted) in [
        ("exit 3", "exit 3"),
        ("echo one; echo two >&2; exit 3", "exit 3: two"),
        ("false | true; echo never", "exit 1"),
        ("echo $undefined", "undefined: unbound variable"),
        ("kill -9 $$", "ended by SIGKILL"),
        ("(kill -15 $BASHPID); true", "exit 143 (SIGTERM)"),
    ] {
        let ran = Rig::new().sh(script).await;
        assert!(matches!(&ran.how, RanHow::Failed { why } if why.contains(wanted)), "{script}: {ran:?}");
    }
}

#[tokio::test]
async fn a_precheck_that_fails_keeps_the_step_from_running() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("made");
    let fence = |check: &str| {
        format!("```sh {{name=a}}\n#| precheck: {check}\ntouch {}\necho made\n```", file.display())
    };
    let rig = Rig::new();
    let ran = rig.run(&fence("echo no image; exit 4"), &[]).await;
    assert!(said(&ran).starts_with("precheck: exit 4: no image"), "{ran:?}");
    assert!(matches!(ran.how, RanHow::Failed { .. }) && !file.exists());
    assert!(rig.reported.lock().unwrap().is_empty(), "what is not the step is not noted as it");

    let rig = Rig::new();
    let mut dry = rig.job(&fence("'true'"), &[]);
    dry.step.as_mut().unwrap().dry = true;
    let ran = rig.deliver(&dry).await;
    assert_eq!(ran.how, RanHow::Would { what: "runs 2 lines of bash (its precheck passed)".into() });
    assert!(!file.exists());
    let mut dry = rig.job(&sh(&format!("touch {}", file.display())), &[]);
    dry.id.seq.0 = 12;
    dry.step.as_mut().unwrap().dry = true;
    assert_eq!(rig.deliver(&dry).await.how, RanHow::Would { what: "runs 1 line of bash".into() });
    assert!(!file.exists());

    let ran = Rig::new().run(&fence("'true'"), &[]).await;
    assert!(matches!(ran.how, RanHow::Passed { .. }) && file.exists(), "{ran:?}");
}

#[tokio::test]
async fn it_stands_beside_muster_toml_unless_it_says_otherwise() {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join("deploy")).unwrap();
    let own = home.path().to_str().unwrap();
    for (options, wanted) in [("", own.to_owned()), ("#| cwd: deploy\n", format!("{own}/deploy"))] {
        let rig = Rig::new();
        let mut job = rig.job(&format!("```sh {{name=a}}\n{options}pwd\n```"), &[]);
        job.step.as_mut().unwrap().home = Some(home.path().to_owned());
        assert_eq!(rig.deliver(&job).await.output.head.trim(), wanted);
    }
}
