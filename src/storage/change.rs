//! A row that was written, as the audit remembers it: table, key and a digest of its content.

use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::domain::hexadecimal::hex;

/// A row of an audited table.
pub trait Audited: Serialize {
    /// The table's name.
    const TABLE: &'static str;
    /// The row's key, its parts joined by `/`; never personal data.
    fn key(&self) -> String;
}

/// What a storage function did to one row; the use case hands it to the audit line of its act.
#[must_use = "a change that no audit line names would look like tampering"]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub table: &'static str,
    pub key: String,
    /// Of the row as it now is; `None` when it was deleted.
    pub digest: Option<String>,
}

impl Change {
    /// A row was added or changed and is now `row`.
    pub fn written<R: Audited>(row: &R) -> Change {
        Change { table: R::TABLE, key: row.key(), digest: Some(digest(row)) }
    }

    /// The row was deleted.
    pub fn deleted<R: Audited>(row: &R) -> Change {
        Change { table: R::TABLE, key: row.key(), digest: None }
    }

    /// Writes the line of a change inside an audit line: `table key digest`, `-` for deleted.
    pub fn write_line(&self, line: &mut String) {
        for (part, before) in
            [(self.table, ""), (&self.key, " "), (self.digest.as_deref().unwrap_or("-"), " ")]
        {
            line.push_str(before);
            line.push_str(part);
        }
    }
}

/// 128 bits of SHA-256 over the row as JSON, in hex.
pub fn digest<R: Audited>(row: &R) -> String {
    let json = serde_json::to_vec(row).expect("a row of texts and numbers is JSON");
    hex(&Sha256::digest(json)[..16])
}
