//! The relay: takes due notices by lease, sends them, tries again later, gives up at last.

use std::sync::Arc;

use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::notices::sms_gateway::{Message, SmsGateway};
use crate::service::notices::tell_family::place;
use crate::service::people::sealed_person::open_guardian_phone;
use crate::storage::outbox::{self, NoticeRow};
use crate::storage::{candidates, clock};

/// Notices taken at a time.
const AT_ONCE: i64 = 50;
/// How long a relay has for what it took, in milliseconds; then another may take it.
const LEASE_MS: i64 = 15 * 60 * 1000;
/// Waits after failed attempts, in milliseconds; after the last the notice is dead.
const WAITS_MS: [i64; 7] = [5_000, 30_000, 120_000, 600_000, 1_800_000, 7_200_000, 21_600_000];

/// A notice that was taken, with the phone it goes to.
struct Taken {
    notice: NoticeRow,
    /// Absent where the roster has none, or it does not open.
    phone: Option<String>,
}

/// How an attempt ended.
struct Ended {
    notice: NoticeRow,
    outcome: Result<(), String>,
    /// Whether it may be tried again.
    again: bool,
}

/// Sends what is due, one batch, and returns how many notices were taken. Any number of relays may run
/// over one database. A crash between sending and noting it sends twice, under the same message id.
///
/// # Errors
/// Storage failed; what was taken is tried again after its lease.
pub async fn relay_notices(app: &App, gateway: Arc<dyn SmsGateway>) -> Result<usize, ServiceError> {
    let fields = app.fields().clone();
    let (taken, now_ms) = app
        .database()
        .write(move |connection| {
            let now_ms = clock::now_ms(connection)?;
            let mut taken = Vec::new();
            for notice in outbox::take(connection, now_ms, now_ms + LEASE_MS, AT_ONCE)? {
                let phone = match &notice.phone {
                    Some(sealed) => fields.open(place(&notice.id), sealed).ok(),
                    None => candidates::find(connection, &notice.season, &notice.exam_no)?
                        .and_then(|row| open_guardian_phone(&fields, &row).ok())
                        .filter(|phone| !phone.is_empty()),
                };
                taken.push(Taken { notice, phone });
            }
            Ok::<_, ServiceError>((taken, now_ms))
        })
        .await?;
    let count = taken.len();
    // Sending waits for the network, so it has a thread of its own and no transaction.
    let send = move || taken.into_iter().map(|one| sent(one, &*gateway, now_ms / 1000)).collect::<Vec<_>>();
    let ended = tokio::task::spawn_blocking(send)
        .await
        .map_err(|error| ServiceError::Internal(format!("the gateway: {error}")))?;
    app.database()
        .write(move |connection| {
            let now_ms = clock::now_ms(connection)?;
            for one in ended {
                let (state, due_at_ms) = after(&one, now_ms);
                let fault = one.outcome.err().unwrap_or_default();
                outbox::settle(connection, &one.notice, state, due_at_ms, &fault)?;
            }
            Ok::<_, ServiceError>(())
        })
        .await?;
    Ok(count)
}

fn sent(taken: Taken, gateway: &dyn SmsGateway, at_s: i64) -> Ended {
    let Taken { notice, phone } = taken;
    match phone {
        None => Ended { notice, outcome: Err("the roster has no phone".to_owned()), again: false },
        Some(phone) => {
            let message = Message { id: notice.id.clone(), phone, text: notice.text.clone() };
            Ended { outcome: gateway.send(&message, at_s), notice, again: true }
        }
    }
}

/// The state after an attempt, and when the next one is due.
fn after(ended: &Ended, now_ms: i64) -> (&'static str, i64) {
    let failed = usize::try_from(ended.notice.attempts - 1).unwrap_or_default();
    match (&ended.outcome, WAITS_MS.get(failed)) {
        (Ok(()), _) => ("sent", now_ms),
        (Err(_), Some(wait)) if ended.again => ("waiting", now_ms + wait),
        (Err(_), _) => ("dead", now_ms),
    }
}
