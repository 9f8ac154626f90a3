//! After the publication: what differs from the result, on record with its authority, and who came.

pub mod enter_ledger;
pub mod list_ledger;
pub mod places;
pub mod report_enrolment;
