//! Pure algorithms: data in, outcome out; no files, no time, no chance but a seed.

pub mod bucket_kernel;
pub mod choice;
pub mod deferred_acceptance;
pub mod draw;
pub mod worklist_kernel;
