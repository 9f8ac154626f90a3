//! The city that a live demonstration shows; no other service has one.

use std::sync::Arc;

use tokio::sync::Mutex;

use crate::service::demonstration::stage_city::StagedCity;

/// Data of the server of `zhaosheng demo` alone.
#[derive(Clone, Debug)]
pub struct LiveCity {
    pub city: StagedCity,
    /// Held while the invented candidates file, and while the season goes to its next stop.
    pub turn: Arc<Mutex<()>>,
}

impl LiveCity {
    /// The city as it was staged.
    pub fn new(city: StagedCity) -> LiveCity {
        LiveCity { city, turn: Arc::default() }
    }
}
