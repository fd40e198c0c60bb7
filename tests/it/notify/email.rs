//! E-mail, to a server that speaks SMTP.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use muster::model::event::Reason;
use muster::model::oncall::{Notify, Reach, Smtp, Tls};
use serde_json::Value;

use super::{Rig, given_up, later, shown};
use crate::support::soon;

const LOGIN: (&str, &str) = ("SMTP_PASSWORD", "a password of length");

/// A mail server; it ends with the test.
pub struct Server {
    child: Child,
    lines: Option<BufReader<ChildStdout>>,
    port: u16,
}

impl Server {
    pub fn start(args: &[&str]) -> Server {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let python = root.join("target/smtp/bin/python");
        assert!(python.exists(), "{} is not there; tests/run installs it", python.display());
        let script = root.join("tests/it/notify/smtp_server.py");
        let mut child = Command::new(python)
            .args(["-B", "-W", "ignore"])
            .arg(script)
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut port = String::new();
        lines.read_line(&mut port).unwrap();
        let port = port.trim().parse().expect("the mail server says its port");
        Server { child, lines: Some(lines), port }
    }

    pub fn notify(&self, tls: Tls, login: bool) -> Notify {
        let smtp = Smtp {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            tls,
            from: "Muster <muster@team.example>".to_owned(),
            login: login.then(|| ("muster".to_owned(), LOGIN.0.to_owned())),
        };
        Notify { smtp: Some(smtp), ..Notify::default() }
    }

    /// The next mail that it took.
    pub async fn mail(&mut self) -> Value {
        let mut lines = self.lines.take().unwrap();
        let read = tokio::task::spawn_blocking(move || {
            let mut line = String::new();
            lines.read_line(&mut line).unwrap();
            (lines, line)
        });
        let (lines, line) = soon("a mail", read).await.unwrap();
        self.lines = Some(lines);
        serde_json::from_str(&line).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn to(name: &str) -> Reach {
    Reach::Email(format!("{name}@team.example"))
}

#[tokio::test]
async fn a_mail_says_what_is_wrong_and_has_one_id_for_each_call() {
    let mut server = Server::start(&[]);
    let rig = Rig::new(server.notify(Tls::Off, false), &[]);
    assert_eq!(rig.deliver(&to("responder")).await, shown());
    let mail = server.mail().await;
    assert_eq!(
        (&mail["from"], &mail["to"][0]),
        (&"muster@team.example".into(), &"responder@team.example".into())
    );
    let data = mail["data"].as_str().unwrap();
    for line in [
        "Message-ID: <PAG-7.3.abcdefghij@team.example>",
        "Date: Sat, 21 Nov 2026 09:00:00 +0000",
        "From: Muster <muster@team.example>",
        "To: responder@team.example",
        "Auto-Submitted: auto-generated",
        "Importance: high",
        "Subject: INC-7: P1 critical, Encoder =?utf-8?b?",
        "/ack page:PAG-7",
    ] {
        assert!(data.contains(line), "{line}: {data}");
    }
}

#[tokio::test]
async fn a_server_that_refuses_ends_it_and_one_that_puts_off_stalls_or_cuts_does_not() {
    let mut server = Server::start(&[]);
    let rig = Rig::new(server.notify(Tls::Off, false), &[]);
    let said = given_up(rig.deliver(&to("nobody")).await, Reason::Gone);
    assert!(said.contains("no such mailbox") && said.contains("Correct the person's address"), "{said}");
    assert!(!said.contains("nobody@"), "{said}");
    for name in ["later", "full", "stall", "cut"] {
        assert_eq!(later(rig.deliver(&to(name)).await).0, None, "{name}");
    }
    assert_eq!(rig.deliver(&to("later")).await, shown(), "it was put off once");
    assert_eq!(server.mail().await["to"][0], "later@team.example");
}

#[tokio::test]
async fn a_server_that_is_gone_is_tried_again_and_a_stranger_on_the_network_never_without_tls() {
    let mut server = Server::start(&[]);
    let mut notify = server.notify(Tls::Off, false);
    server.child.kill().unwrap();
    server.child.wait().unwrap();
    later(Rig::new(notify.clone(), &[]).deliver(&to("responder")).await);
    for (host, words) in [("192.0.2.1", "is not on this machine"), ("169.254.169.254", "must not be reached")]
    {
        notify.smtp.as_mut().unwrap().host = host.to_owned();
        let said = given_up(Rig::new(notify.clone(), &[]).deliver(&to("responder")).await, Reason::Invalid);
        assert!(said.contains(words), "{said}");
    }
    let said = given_up(Rig::new(Notify::default(), &[]).deliver(&to("responder")).await, Reason::Invalid);
    assert!(said.contains("[oncall.notify.smtp]"), "{said}");
}

#[tokio::test]
async fn who_wants_a_login_gets_it_and_a_wrong_one_is_told() {
    let mut server = Server::start(&["--login"]);
    let rig = Rig::new(server.notify(Tls::Off, true), &[LOGIN]);
    assert_eq!(rig.deliver(&to("responder")).await, shown());
    assert_eq!(server.mail().await["login"], true);
    let rig = Rig::new(server.notify(Tls::Off, true), &[(LOGIN.0, "another one")]);
    let said = given_up(rig.deliver(&to("responder")).await, Reason::Forbidden);
    assert!(said.contains("535") && said.contains("the password's variable"), "{said}");
    let said = given_up(
        Rig::new(server.notify(Tls::Off, true), &[]).deliver(&to("responder")).await,
        Reason::Invalid,
    );
    assert!(said.contains("`SMTP_PASSWORD` has no value"), "{said}");
}

/// A connection that is to be secret is, or nothing is said on it.
#[tokio::test]
async fn nothing_is_told_to_a_server_without_starttls_or_with_another_s_certificate() {
    let plain = Server::start(&[]);
    let rig = Rig::new(plain.notify(Tls::StartTls, false), &[]);
    let said = given_up(rig.deliver(&to("responder")).await, Reason::Invalid);
    assert!(said.contains("STARTTLS"), "{said}");

    let folder = tempfile::tempdir().unwrap();
    let (cert, key) = (folder.path().join("cert"), folder.path().join("key"));
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "1",
        ])
        .args(["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout"])
        .arg(&key)
        .arg("-out")
        .arg(&cert)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let server = Server::start(&["--tls", cert.to_str().unwrap(), key.to_str().unwrap(), "--login"]);
    let rig = Rig::new(server.notify(Tls::StartTls, true), &[LOGIN]);
    let said = given_up(rig.deliver(&to("responder")).await, Reason::Invalid);
    assert!(said.contains("certificate"), "{said}");
}
