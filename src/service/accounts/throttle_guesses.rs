//! A guess at a secret is admitted and counted before it is tried, on all instances together.

use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::secrets::throttle::{Bucket, GUESSES_PER_WINDOW, Verdict, WINDOW_MS, verdict};
use crate::storage::database::AnyConnection;
use crate::storage::login_attempts::{self, LoginAttemptRow};

/// The name under which guesses at a login are counted: nobody reads from it what was typed.
pub fn login_key(app: &App, login: &str) -> String {
    app.fields().keyed_index("login_attempts", "login", login)
}

/// Admits a guess and counts it as wrong from now on; returns its id, to take it back when it was right.
///
/// # Errors
/// `TooMany` with the seconds to wait.
pub fn admit(
    connection: &mut AnyConnection,
    login_key: &str,
    bucket: &Bucket,
    at_ms: i64,
) -> Result<String, ServiceError> {
    login_attempts::take_turn(connection, login_key)?;
    let word = bucket.word();
    let (recent, in_all) =
        login_attempts::of_bucket(connection, login_key, &word, GUESSES_PER_WINDOW as i64)?;
    let verdict: Verdict = verdict(&recent, usize::try_from(in_all).unwrap_or(usize::MAX), at_ms);
    if let Some(wait_s) = verdict.retry_after_s(at_ms) {
        return Err(ServiceError::TooMany { retry_after_s: u64::try_from(wait_s).unwrap_or(0) });
    }
    if *bucket == Bucket::Nobody {
        login_attempts::forget_before(connection, &word, at_ms - WINDOW_MS)?;
    }
    let id = uuid::Uuid::now_v7().to_string();
    let attempt = LoginAttemptRow { id: id.clone(), login_key: login_key.to_owned(), bucket: word, at_ms };
    login_attempts::add(connection, &attempt)?;
    Ok(id)
}
