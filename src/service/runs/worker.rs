//! An instance that works on runs, and how long it waits for another that says nothing.

use std::time::Duration;

use crate::service::error::ServiceError;

/// How an instance works.
#[derive(Clone, Debug)]
pub struct Worker {
    /// Its name: no two instances share one.
    pub name: String,
    /// How long a run waits for an instance that says nothing.
    pub lease: Duration,
}

impl Worker {
    /// A worker with a name of its own.
    pub fn new(lease: Duration) -> Worker {
        Worker { name: uuid::Uuid::now_v7().to_string(), lease }
    }

    /// Until when its work is its own if it says nothing more.
    pub fn until_ms(&self, now_ms: i64) -> i64 {
        now_ms.saturating_add(i64::try_from(self.lease.as_millis()).unwrap_or(i64::MAX))
    }

    /// Waits for `work` and asks again and again, well within the lease, whether it is still this instance's: `None`
    /// once it is not. What another instance finds in its place is the same.
    ///
    /// # Errors
    /// What `still` says.
    pub async fn while_ours<T>(
        &self,
        work: impl Future<Output = T>,
        mut still: impl AsyncFnMut() -> Result<bool, ServiceError>,
    ) -> Result<Option<T>, ServiceError> {
        let mut tick = tokio::time::interval((self.lease / 4).min(Duration::from_millis(250)));
        tokio::pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return Ok(Some(done)),
                _ = tick.tick() => if !still().await? { return Ok(None) },
            }
        }
    }
}
