//! Entries to compulsory education: worked by hand, against a literal simulation, forged, corrupted, faulty.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod after;
mod annex;
mod bad_input;
mod calendar;
mod class_groups;
mod classes;
mod comparison;
mod county;
mod draws;
mod folders;
mod kit;
mod literal;
mod mutants;
mod properties;
mod register_opening;
mod registers;
mod verified;
mod worked;
