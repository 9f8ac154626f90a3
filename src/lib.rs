//! zhaosheng (招生): admission to senior high and compulsory schools that anyone can check.
//!
//! ```text
//!  5  cli       commands; wires everything                          -> service, files, engine, domain
//!  4  service   one use case per file: load, decide, check, save    -> engine, files, domain
//!  3  engine    pure algorithms   |   files   folders, sheets, JSON -> domain
//!  1  domain    nouns and the rules that belong to one noun         -> nothing
//! ```
//! `engine` and `files` do not know each other: a service loads with `files`, decides with
//! `engine`, saves with `files`. The web, the accounts and the database get their own floors
//! beside these when they come. `tests/architecture.rs` holds this picture.

pub mod cli;
pub mod domain;
pub mod engine;
pub mod files;
pub mod service;
