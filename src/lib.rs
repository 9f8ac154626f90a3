//! zhaosheng (招生): admission to senior high and compulsory schools that anyone can check.
//!
//! ```text
//!  6  cli       commands; wires everything                          -> web, service, files, engine, domain
//!  5  web       the JSON API, its document and the pages:           -> service, words, domain
//!               translates only
//!  4  service   one use case per file: permission, one transaction, -> engine, files, storage, words,
//!               the audit line                                      domain
//!  3  engine    pure algorithms | storage  all SQL                -> domain
//!     files     folders, sheets, JSON                             -> words, domain
//!  2  words     every text that people read, Chinese and English    -> domain
//!  1  domain    nouns and the rules that belong to one noun         -> nothing
//!  0  faults    what tests switch on to see a harness turn red; not in the program that people use
//! ```
//! `engine`, `files` and `storage` do not know each other: a service loads, the engine decides, the
//! service saves. `tests/architecture.rs` holds this picture.

pub mod cli;
pub mod domain;
pub mod engine;
pub mod faults;
pub mod files;
pub mod service;
pub mod storage;
pub mod web;
pub mod words;
