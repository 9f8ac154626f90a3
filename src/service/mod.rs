//! Use cases, one file each: load, decide, check, save.
