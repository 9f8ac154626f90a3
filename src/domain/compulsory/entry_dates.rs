//! The days of an entry: what was recorded, announced and filed when.

use jiff::civil::Date;
use serde::Deserialize;

/// `[dates]`: a day that is not there yet is not checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EntryDates {
    /// Zones and plans were recorded and announced.
    pub zones_recorded: Option<Date>,
    /// The first and the last day of applications.
    pub applications_from: Option<Date>,
    pub applications_until: Option<Date>,
    /// The county's last day of admission; 20 August where it names none, 31 August at the latest.
    pub admission_ends: Option<Date>,
    /// Families were told their result.
    pub notices_sent: Option<Date>,
    /// The last child was admitted, transfer round included.
    pub last_admission: Option<Date>,
    /// The result was filed for the register.
    pub registers_filed: Option<Date>,
}
