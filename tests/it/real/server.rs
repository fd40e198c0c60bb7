//! A foreign server of a test's own: a process with a folder and a port that end with the test.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::redis::until;

/// A port that nobody listens on now.
pub fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// A running server on loopback.
pub struct RealServer {
    child: Child,
    pub port: u16,
}

impl RealServer {
    /// Starts one, and waits until it says that it is ready. Between looking for a free port and taking
    /// it, another program may take it: then it is tried again.
    pub fn start(program: &str, folder: &Path, args: impl Fn(u16) -> Vec<String>) -> RealServer {
        for _ in 0..5 {
            if let Some(server) = RealServer::try_start(program, folder, free_port(), &args) {
                return server;
            }
        }
        panic!("{program} found no free port in five tries: {}", log(folder));
    }

    fn try_start(
        program: &str,
        folder: &Path,
        port: u16,
        args: &impl Fn(u16) -> Vec<String>,
    ) -> Option<RealServer> {
        let log = std::fs::File::create(folder.join("log")).unwrap();
        let mut command = Command::new(program);
        command.args(args(port)).current_dir(folder).stdin(Stdio::null());
        command.stdout(log.try_clone().unwrap()).stderr(log);
        let child = command.spawn().unwrap_or_else(|e| panic!("{program}: {e}; tests/run installs it"));
        let mut server = RealServer { child, port };
        let mut gone = false;
        until(program, || {
            gone = server.child.try_wait().unwrap().is_some();
            (gone || ready(port)).then_some(())
        });
        (!gone).then_some(server)
    }

    /// Its address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Kills it.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for RealServer {
    fn drop(&mut self) {
        self.kill();
    }
}

fn log(folder: &Path) -> String {
    std::fs::read_to_string(folder.join("log")).unwrap_or_default()
}

/// Whether `/-/ready` is answered with 200.
fn ready(port: u16) -> bool {
    use std::io::{Read as _, Write as _};
    let ask = || -> std::io::Result<Vec<u8>> {
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", port))?;
        stream.write_all(b"GET /-/ready HTTP/1.0\r\n\r\n")?;
        let mut answer = vec![];
        stream.read_to_end(&mut answer)?;
        Ok(answer)
    };
    ask().is_ok_and(|answer| answer.starts_with(b"HTTP/1.0 200") || answer.starts_with(b"HTTP/1.1 200"))
}
