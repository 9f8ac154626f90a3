//! Pure algorithms: data in, outcome out; no files, no time, no chance but a seed.

pub mod apportionment;
pub mod biproportional;
pub mod controlled_rounding;
pub mod quota_plan;
pub mod transfer;
