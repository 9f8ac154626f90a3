//! Faults that tests switch on, in programs built with the feature `faults` alone.

pub mod crash_point;
pub mod planted_bug;
