//! Whole seasons, from folder to checked result: worked by hand, published, forged, corrupted, faulty.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod compare;
mod drafts;
