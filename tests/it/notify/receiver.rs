//! A receiver over HTTP that does what it is told, and remembers what it was sent.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use tokio::task::JoinHandle;

/// What it does with a request.
pub enum Does {
    /// Answers with this status, these headers and this text.
    Answers(u16, &'static [(&'static str, &'static str)], &'static str),
    /// Takes it and never answers.
    Stalls,
    /// Takes it and closes the connection.
    Cuts,
}

/// A request as it came.
#[derive(Clone, Debug)]
pub struct Got {
    pub method: Method,
    pub path: String,
    pub headers: HeaderMap,
    pub body: String,
}

impl Got {
    /// A header as text; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |v| v.to_str().unwrap())
    }
}

#[derive(Default)]
struct Kept {
    next: Mutex<VecDeque<Does>>,
    got: Mutex<Vec<Got>>,
}

/// A running receiver.
pub struct Receiver {
    kept: Arc<Kept>,
    port: u16,
    server: JoinHandle<()>,
}

impl Receiver {
    /// One that does these in turn, and then takes everything.
    pub async fn that(does: Vec<Does>) -> Receiver {
        let kept = Arc::new(Kept { next: Mutex::new(does.into()), got: Mutex::default() });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let app = Router::new().fallback(take).with_state(kept.clone());
        let server = tokio::spawn(async move { axum::serve(listener, app).await.unwrap() });
        Receiver { kept, port, server }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What came, in order.
    pub fn got(&self) -> Vec<Got> {
        self.kept.got.lock().unwrap().clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.server.abort();
    }
}

async fn take(
    State(kept): State<Arc<Kept>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let body = String::from_utf8(body.to_vec()).unwrap();
    kept.got.lock().unwrap().push(Got { method, path: uri.to_string(), headers, body });
    let does = kept.next.lock().unwrap().pop_front();
    match does {
        None => StatusCode::OK.into_response(),
        Some(Does::Answers(status, headers, text)) => {
            let mut answer = (StatusCode::from_u16(status).unwrap(), text).into_response();
            for (name, value) in headers {
                answer.headers_mut().insert(*name, value.parse().unwrap());
            }
            answer
        }
        Some(Does::Stalls) => std::future::pending().await,
        Some(Does::Cuts) => {
            let cut = futures_util::stream::once(async { Err::<Bytes, _>(std::io::Error::other("cut")) });
            Response::new(axum::body::Body::from_stream(cut))
        }
    }
}

impl Receiver {
    /// Ends; nobody is at its address then.
    pub async fn stop(mut self) {
        self.server.abort();
        let _ = (&mut self.server).await;
    }
}
