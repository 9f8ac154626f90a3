//! Acts of several people: proposed by one, signed by others who saw the same content, done with the last name.

pub mod content;
pub mod list_proposals;
pub mod propose_change;
pub mod sign_proposal;
