//! Proof for outsiders: a package for everybody, a sealed one for auditors, and a line for each family.

pub mod download_auditor_package;
pub mod download_public_package;
pub mod hard_rules;
pub mod open_auditor_package;
pub mod public_entry;
pub mod verify_leaf;
