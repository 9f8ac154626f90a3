//! Notices: written with what they tell, sent by a relay; no step depends on one.

pub mod list_notices;
pub mod relay_notices;
pub mod sms_gateway;
pub mod tell_family;
