//! Screens of the municipal centre and of those who watch it.

pub mod acts;
pub mod checks;
pub mod import;
pub mod imports;
pub mod keys;
pub mod ledger;
pub mod office;
pub mod policy;
pub mod policy_words;
pub mod proposals;
pub mod quota;
pub mod refused;
pub mod run;
pub mod runs;
pub mod sample;
pub mod steps;
pub mod windows;
