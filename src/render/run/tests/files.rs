//! The plan, the output, the list, and calls.

use super::*;

#[test]
fn the_plan_shows_what_really_runs_and_has_all_of_it_as_a_file() {
    let mut swap = shell("swap");
    swap.kind = StepKind::Shell(Shell::Script("docker tag a b # \u{202e}drawkcab\r\n````\n".to_owned()));
    swap.source = "something harmless".to_owned();
    swap.options = StepOptions {
        env: vec!["COMPOSE".to_owned()],
        secrets: vec!["REGISTRY".to_owned()],
        timeout: Some(Duration::from_secs(60)),
        needs: vec!["before".parse().unwrap()],
        ..StepOptions::default()
    };
    let argv =
        Step { kind: StepKind::Shell(Shell::Argv(vec!["ls".to_owned(), "a b".to_owned()])), ..shell("list") };
    let mut seen = seen(vec![shell("before"), swap, argv]);
    let face = plan(&seen);
    has(
        &face,
        &["**1. before** (a program)", "gets COMPOSE", "gets the secrets REGISTRY", "at most 1 m 00 s"],
    );
    has(&face, &["docker tag a b # ⟦U+202E⟧drawkcab", "needs before", "[\"ls\",\"a b\"]", "version = 0.8.4"]);
    assert!(!says(&face).contains("harmless"));
    holds(&Face { files: vec![], ..face.clone() });
    assert_eq!(face.files[0].name, "RUN-3-plan.md");
    let file = String::from_utf8(face.files[0].bytes.clone()).unwrap();
    let hash = seen.run.plan.hash();
    for words in [
        hash.as_str(),
        &"ab".repeat(32),
        "version = 0.8.4 (typed by the asker)",
        "`````sh\ndocker tag a b # ⟦U+202E⟧drawkcab\n````\n`````",
    ] {
        assert!(file.contains(words), "{words}\n{file}");
    }
    assert!(face.embeds[0].footer.as_deref().unwrap().contains(&hash[..12]));
    Arc::make_mut(&mut seen.run.plan).steps = (0..300).map(|n| shell(&format!("step-{n}"))).collect();
    let face = plan(&seen);
    has(&face, &["more steps: RUN-3-plan.md has all"]);
    let file = String::from_utf8(face.files[0].bytes.clone()).unwrap();
    assert!(file.contains("## 300. step-299"));
}

#[test]
fn what_was_printed_is_a_file_with_a_line_for_each_attempt() {
    let mut seen = three();
    seen.run.phase = over(RunEnd::Passed);
    assert!(output(&seen).files.is_empty());
    let printed = |words: &str, output| Printed { step: 1, words: words.to_owned(), output };
    let whole = Output { head: "first\n".to_owned(), tail: "last".to_owned(), dropped: 9 };
    let short = Output { head: "\u{202e}up\n".to_owned(), ..Output::default() };
    seen.printed = vec![printed("exit 1", whole), printed("exit 0\n=== x", short)];
    let face = output(&seen);
    assert_eq!(face.files[0].name, "RUN-3-output.txt");
    assert_eq!(
        String::from_utf8(face.files[0].bytes.clone()).unwrap(),
        "=== 2. swap · exit 1 ===\nfirst\n\n[… 9 bytes left out …]\nlast\n\n=== 2. swap · exit 0 === x ===\nup\n\n"
    );
}

#[test]
fn a_list_holds_as_many_runs_as_fit_and_counts_the_others() {
    let line = |n| RunLine {
        run: RunId(n),
        what: "soundlab rollback".to_owned(),
        asked: Stamp { at: NOW, by: person("responder") },
        stands: hostile(),
        lock: Some("soundlab/deploy".to_owned()),
    };
    let face = list(&(1..=200).map(line).collect::<Vec<_>>());
    holds(&face);
    has(&face, &["200 runs", "**RUN-1** · soundlab rollback", "holds soundlab/deploy", "more: `/runs show`"]);
    assert_eq!(list(&[]).embeds[0].title.as_deref(), Some("No run yet"));
}

#[test]
fn a_call_names_and_pings_whom_it_calls_and_has_room_for_its_words() {
    let face = call(&[RoleId(20)], &[UserId(10)], "please look");
    assert_eq!(face.content, "<@&20> <@10> please look");
    assert_eq!(face.pings, Pings { roles: vec![RoleId(20)], users: vec![UserId(10)], here: false });
    assert_eq!(card(&three()).pings, Pings::default());
    let many: Vec<RoleId> = (0..200).map(|n| RoleId(1_100_000_000_000_000_000 + n)).collect();
    let face = call(&many, &[], "please look");
    assert!(face.content.chars().count() < 1_500 && face.content.ends_with("please look"));
    assert_eq!(face.pings.roles.len(), 40);
}

#[test]
fn the_tail_of_a_step_is_shown_only_while_it_is_under_way() {
    let mut seen = three();
    let live = |seen: &RunSeen, step| {
        let tail = Tail { step, text: "x".to_owned() };
        with_tail(&Seen::Run(Box::new(seen.clone())), tail).is_some()
    };
    assert!(!live(&seen, 0), "it has not begun");
    seen.run.phase = going();
    seen.run.steps[1] = StepState::Going { attempt: 1, since: NOW, process: None };
    assert!(live(&seen, 1) && !live(&seen, 0) && !live(&seen, 9));
    seen.run.steps[1] =
        StepState::Unknown { since: NOW, asking: Some(2), process: None, reminded: Default::default() };
    assert!(live(&seen, 2) && !live(&seen, 1));
    seen.run.phase = over(RunEnd::Passed);
    assert!(!live(&seen, 2));
}
