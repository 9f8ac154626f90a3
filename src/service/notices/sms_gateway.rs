//! Ways to send a message: to the console, into a file, to a signed HTTP webhook (Standard Webhooks).

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use sha2::Sha256;

/// How long a webhook may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// A message to one phone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Message {
    /// The same at every attempt, so that a receiver can drop what it has already sent.
    pub id: String,
    pub phone: String,
    pub text: String,
}

/// Sends messages; called on a thread that may wait.
pub trait SmsGateway: Send + Sync {
    /// Sends one message. `at_s` is the database's time in seconds since 1970.
    ///
    /// # Errors
    /// Why not, in words without personal data; it is tried again later.
    fn send(&self, message: &Message, at_s: i64) -> Result<(), String>;
}

/// Prints messages on standard error, the phone but for its last two digits masked.
pub struct ConsoleGateway;

impl SmsGateway for ConsoleGateway {
    fn send(&self, message: &Message, _: i64) -> Result<(), String> {
        let shown = message.phone.chars().count().saturating_sub(2);
        let last: String = message.phone.chars().skip(shown).collect();
        writeln!(std::io::stderr(), "SMS to *{last}: {}", message.text).map_err(|error| error.to_string())
    }
}

/// Appends messages to a file, one JSON object per line, for another program to send.
pub struct FileGateway {
    pub path: PathBuf,
}

impl SmsGateway for FileGateway {
    fn send(&self, message: &Message, _: i64) -> Result<(), String> {
        let mut line = serde_json::to_vec(message).map_err(|error| error.to_string())?;
        line.push(b'\n');
        let file = OpenOptions::new().create(true).append(true).open(&self.path);
        file.and_then(|mut file| file.write_all(&line)).map_err(|error| error.to_string())
    }
}

/// Posts messages to a URL with the headers of Standard Webhooks: `webhook-id`, `webhook-timestamp` and
/// `webhook-signature`, an HMAC-SHA256 over `id.timestamp.body`.
pub struct WebhookGateway {
    pub url: String,
    /// The shared key.
    pub secret: Vec<u8>,
}

impl WebhookGateway {
    /// The value of `webhook-signature`.
    pub fn signature(&self, id: &str, at_s: i64, body: &[u8]) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.secret).expect("HMAC takes keys of any length");
        mac.update(format!("{id}.{at_s}.").as_bytes());
        mac.update(body);
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

impl SmsGateway for WebhookGateway {
    fn send(&self, message: &Message, at_s: i64) -> Result<(), String> {
        let body = serde_json::to_vec(message).map_err(|error| error.to_string())?;
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .http_status_as_error(false)
            .build()
            .into();
        let answer = agent
            .post(&self.url)
            .header("Content-Type", "application/json")
            .header("webhook-id", &message.id)
            .header("webhook-timestamp", at_s.to_string())
            .header("webhook-signature", self.signature(&message.id, at_s, &body))
            .send(&body[..])
            // The cause may quote the URL, which may hold a key.
            .map_err(|_| "the webhook could not be reached".to_owned())?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            status => Err(format!("the webhook answered {}", status.as_u16())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_standard_webhooks() {
        // Computed outside, with Python's hmac.
        let gateway = WebhookGateway { url: String::new(), secret: b"a shared key".to_vec() };
        assert_eq!(
            gateway.signature("msg_1", 1_782_381_599, br#"{"a":1}"#),
            "v1,Hf0BwYv/94L/7A6jl8g3D4+fLpKKdaVHX7AjV3Ns1bg="
        );
    }
}
