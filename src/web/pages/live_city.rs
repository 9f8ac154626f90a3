//! The city that a live demonstration shows; no other service has one.

use crate::service::demonstration::stage_city::StagedCity;

/// Data of the server of `zhaosheng demo` alone.
#[derive(Clone, Debug)]
pub struct LiveCity(pub StagedCity);
