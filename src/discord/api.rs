//! What the deliveries ask of Discord: requests and their refusals, whoever carries them. Over
//! the wire it is [`super::rest::Rest`]; in the simulation it is a world in memory.

use std::fmt;
use std::time::Duration;

use reqwest::Method;
use serde_json::Value;

use crate::render::File;

/// Carries requests to Discord's REST API.
#[async_trait::async_trait]
pub trait Api: Send + Sync + 'static {
    /// Any request, when its turn has come. `path` is what follows `/api/v10/`.
    ///
    /// # Errors
    /// See [`RestError`].
    async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        files: &[File],
    ) -> Result<Value, RestError>;

    /// A request without a body, and why it is made: the server's audit log shows that.
    ///
    /// # Errors
    /// See [`RestError`].
    async fn because(&self, method: Method, path: &str, _why: &str) -> Result<(), RestError> {
        self.call(method, path, None, &[]).await.map(drop)
    }

    /// GET.
    ///
    /// # Errors
    /// See [`RestError`].
    async fn get(&self, path: &str) -> Result<Value, RestError> {
        self.call(Method::GET, path, None, &[]).await
    }
}

/// Why a request brought nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum RestError {
    /// Discord understood and refused.
    Refused {
        /// The HTTP status.
        status: u16,
        /// Discord's code; 0 where it gave none.
        code: u64,
        /// Its words.
        message: String,
    },
    /// Too many requests: not before this long from now.
    Limited(Duration),
    /// No answer, or none from Discord itself: it may or may not have been done.
    Silent(String),
}

impl fmt::Display for RestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RestError::Refused { status, code, message } => {
                write!(f, "{message} (HTTP {status}, code {code})")
            }
            RestError::Limited(after) => write!(f, "rate limited for {} ms", after.as_millis()),
            RestError::Silent(why) => write!(f, "no answer from Discord: {why}"),
        }
    }
}
