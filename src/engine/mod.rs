//! Pure algorithms: data in, outcome out; no files, no time, no chance but a seed.

pub mod demonstration;
