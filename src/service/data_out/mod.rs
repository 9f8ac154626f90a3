//! Data out, after the publication: lists for those who take over, the balance of who came, counts for all.

pub mod export_admitted;
pub mod hand_over;
pub mod list_admitted;
pub mod reconcile;
pub mod show_statistics;
pub mod standings;
