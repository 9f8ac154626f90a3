//! The record is checked: every line sealed, every audited row what its last line says.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::service::app::Database;
use crate::service::error::ServiceError;
use crate::storage::audit_lines::{self, AuditHead, AuditKey, AuditLine};
use crate::storage::audited_tables;
use crate::storage::database::AnyConnection;

/// Lines read at a time.
const AT_ONCE: i64 = 5_000;

/// What does not fit, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// `audit_lines 0/17`, `audit_heads 0`, or table and key of a row.
    pub place: String,
    pub what: What,
}

/// Kinds of finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// The content is not what was sealed.
    Edited,
    /// It was there once.
    Deleted,
    /// Nobody put it there by an act.
    Inserted,
    /// The chain is shorter or other than at the checkpoint.
    RolledBack,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.what {
            What::Edited => "was edited",
            What::Deleted => "was deleted",
            What::Inserted => "was inserted",
            What::RolledBack => "is not what it was at the checkpoint",
        };
        write!(f, "{} {what}", self.place)
    }
}

/// Where a chain stood at a moment, to be kept outside: by the supervisors, a notary, on paper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    pub chain: i64,
    pub number: i64,
    pub seal: String,
}

/// What a check saw.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verified {
    pub lines: u64,
    pub rows: u64,
    /// In the order of their places; empty when all is well.
    pub findings: Vec<Finding>,
    /// For the next check.
    pub checkpoints: Vec<Checkpoint>,
}

/// Checks the whole record against itself, against the rows, and against earlier checkpoints.
///
/// A line is found by its own seal, computed with the seal stored before it, so one edited line gives one
/// finding and not a broken rest. O(lines + rows); keys and digests of all rows are held in memory.
///
/// # Errors
/// Storage failed.
pub async fn verify_audit(
    database: &Database,
    key: &AuditKey,
    earlier: Vec<Checkpoint>,
) -> Result<Verified, ServiceError> {
    let key = key.clone();
    database.read(move |connection| verify(connection, &key, &earlier)).await
}

/// Lines of different chains that are this close may have been committed in either order.
const SAME_MOMENT_MS: i64 = 2_000;

/// Table and key of a row -> its last states by the audit: when, and the digest (`None`: deleted).
type Written = BTreeMap<(String, String), Vec<(i64, Option<String>)>>;

/// As [`verify_audit`], inside a transaction.
///
/// # Errors
/// Storage failed.
pub fn verify(
    connection: &mut AnyConnection,
    key: &AuditKey,
    earlier: &[Checkpoint],
) -> Result<Verified, ServiceError> {
    let mut findings = Vec::new();
    let mut find = |place: String, what: What| findings.push(Finding { place, what });
    let heads = audit_lines::heads(connection)?;
    let mut chains = audit_lines::chains(connection)?;
    chains.extend(heads.iter().map(|head| head.chain));
    chains.extend(earlier.iter().map(|point| point.chain));
    chains.sort_unstable();
    chains.dedup();
    let mut lines = 0;
    let mut checkpoints = Vec::new();
    let mut written = Written::new();
    for chain in chains {
        let mut last = AuditLine { chain, ..AuditLine::default() };
        loop {
            let page = audit_lines::list(connection, chain, last.number, AT_ONCE)?;
            if page.is_empty() {
                break;
            }
            for line in page {
                lines += 1;
                let gap = line.number != last.number + 1;
                for number in last.number + 1..line.number {
                    find(format!("audit_lines {chain}/{number}"), What::Deleted);
                }
                if !gap && line.seal != line.seal_after(&last.seal, key) {
                    find(format!("audit_lines {chain}/{}", line.number), What::Edited);
                }
                for point in
                    earlier.iter().filter(|point| (point.chain, point.number) == (chain, line.number))
                {
                    if point.seal != line.seal {
                        find(format!("audit_lines {chain}/{}", line.number), What::RolledBack);
                    }
                }
                for (row, digest) in changes(&line) {
                    let states = written.entry(row).or_default();
                    states.push((line.at_ms, digest));
                    let newest = states.iter().map(|state| state.0).max().unwrap_or_default();
                    states.retain(|state| newest - state.0 <= SAME_MOMENT_MS);
                }
                last = line;
            }
        }
        let head = heads.iter().find(|head| head.chain == chain);
        match head {
            Some(head) if head.mac != AuditHead::mac(chain, head.number, &head.seal, key) => {
                find(format!("audit_heads {chain}"), What::Edited);
            }
            Some(head) => {
                for number in last.number + 1..=head.number {
                    find(format!("audit_lines {chain}/{number}"), What::Deleted);
                }
                if head.number < last.number || (head.number == last.number && head.seal != last.seal) {
                    find(format!("audit_lines {chain}/{}", last.number), What::Inserted);
                }
            }
            None if last.number > 0 => find(format!("audit_heads {chain}"), What::Deleted),
            None => {}
        }
        for point in earlier.iter().filter(|point| point.chain == chain && point.number > last.number) {
            find(format!("audit_lines {chain}/{}", point.number), What::RolledBack);
        }
        checkpoints.push(Checkpoint { chain, number: last.number, seal: last.seal });
    }
    let mut rows = 0;
    audited_tables::digests(connection, |table, key, digest| {
        rows += 1;
        let place = format!("{table} {key}");
        match written.remove(&(table.to_owned(), key)) {
            Some(states) if states.iter().any(|state| state.1.as_ref() == Some(&digest)) => {}
            Some(states) if states.iter().any(|state| state.1.is_some()) => find(place, What::Edited),
            Some(_) | None => find(place, What::Inserted),
        }
    })?;
    for ((table, key), states) in written {
        if states.iter().all(|state| state.1.is_some()) {
            find(format!("{table} {key}"), What::Deleted);
        }
    }
    findings.sort();
    findings.dedup();
    Ok(Verified { lines, rows, findings, checkpoints })
}

/// The rows a line says it changed.
fn changes(line: &AuditLine) -> impl Iterator<Item = ((String, String), Option<String>)> + '_ {
    line.changes.lines().filter_map(|change| {
        let mut words = change.splitn(3, ' ');
        let (table, key, digest) = (words.next()?, words.next()?, words.next()?);
        Some(((table.to_owned(), key.to_owned()), (digest != "-").then(|| digest.to_owned())))
    })
}
