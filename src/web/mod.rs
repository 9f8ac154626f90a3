//! The JSON API and the pages: requests in, use cases called, answers out; nothing is decided here.

pub mod api;
pub mod caller;
pub mod document;
pub mod measure;
pub mod pace;
pub mod page;
pub mod pages;
pub mod problem;
pub mod request_scope;
pub mod routes;
pub mod server;
pub mod slips;
pub mod under_way;
pub mod versions;
pub mod wire_time;
