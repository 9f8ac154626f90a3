//! The audit: append-only chains in which every line seals the one before.

use diesel::backend::Backend;
use diesel::define_sql_function;
use diesel::expression::{AppearsOnTable, Expression, SelectableExpression, ValidGrouping, is_aggregate};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{BigInt, Bool, HasSqlType, Integer, Text};
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use sha2::Sha256;

use crate::domain::hexadecimal::hex;
use crate::faults::crash_point::crash_point;
use crate::faults::planted_bug::planted;
use crate::storage::change::Change;
use crate::storage::clock::Now;
use crate::storage::database::{AnyConnection, on_either};
use crate::storage::error::StorageError;
use crate::storage::same_text::SameText;
use crate::storage::schema::{audit_heads, audit_lines};
use crate::storage::written_insert::written_insert;

/// Chains beside chain 0, which is the offices': forms of different pupils need not wait for each other.
pub const CHAINS_OF_CANDIDATES: i64 = 16;

/// The key of the seals. It lies outside the database: who can only write there cannot seal.
#[derive(Clone)]
pub struct AuditKey(pub [u8; 32]);

/// What is to be noted; the row's number, time and seal come with the chain.
#[derive(Clone, Debug, Default)]
pub struct Entry {
    /// The account's id.
    pub actor: String,
    pub role: String,
    /// The operation id.
    pub act: String,
    /// Empty where the act concerns no season.
    pub season: String,
    /// What it was done to: `candidate:260101`, `junior:J01`, `season`. Never a name or an ID number.
    pub subject: String,
    /// Why and what, in short; no personal data.
    pub detail: String,
    pub changes: Vec<Change>,
}

/// A line as it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, Queryable, Selectable, Insertable, Serialize)]
#[diesel(table_name = audit_lines, treat_none_as_default_value = false)]
pub struct AuditLine {
    pub chain: i64,
    pub number: i64,
    pub at_ms: i64,
    pub actor: String,
    pub role: String,
    pub act: String,
    pub season: String,
    pub subject: String,
    pub detail: String,
    /// One changed row per line: `table key digest`.
    pub changes: String,
    pub seal: String,
}

written_insert!(
    audit_lines, AuditLine, chain: BigInt, number: BigInt, at_ms: BigInt, actor: Text, role: Text, act: Text,
    season: Text, subject: Text, detail: Text, changes: Text, seal: Text,
);

/// The end of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = audit_heads)]
pub struct AuditHead {
    pub chain: i64,
    /// Of the last line.
    pub number: i64,
    /// Of the last line.
    pub seal: String,
    /// Over the three above: who cuts the end off needs the key to say where it now is.
    pub mac: String,
}

impl AuditHead {
    /// HMAC-SHA256 over chain, number and seal, in hex.
    pub fn mac(chain: i64, number: i64, seal: &str, key: &AuditKey) -> String {
        key.over(&("head", chain, number, seal))
    }
}

impl AuditKey {
    /// HMAC-SHA256 over something as JSON, in hex.
    fn over(&self, what: &impl Serialize) -> String {
        let json = serde_json::to_vec(what).expect("texts and numbers are JSON");
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(&json);
        hex(&mac.finalize().into_bytes())
    }
}

impl AuditLine {
    /// HMAC-SHA256 over the seal before and every field of this line as a JSON array, in hex.
    pub fn seal_after(&self, previous: &str, key: &AuditKey) -> String {
        key.over(&(
            ("line", previous, self.chain, self.number, self.at_ms),
            (&self.actor, &self.role, &self.act),
            (&self.season, &self.subject, &self.detail, &self.changes),
        ))
    }
}

/// The chain of a subject: candidates are spread, everything else is in chain 0.
pub fn chain_of(subject: &str) -> i64 {
    if !subject.starts_with("candidate:") {
        return 0;
    }
    let sum = subject.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |sum, byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    1 + (sum % CHAINS_OF_CANDIDATES as u64) as i64
}

/// Appends a line. Call it last in a transaction: from here on others of the chain wait for the commit.
///
/// # Errors
/// Storage failed.
pub fn append(connection: &mut AnyConnection, key: &AuditKey, entry: Entry) -> Result<(), StorageError> {
    let entry = if planted("bug-line-outside") {
        static LATE: std::sync::Mutex<Option<Entry>> = std::sync::Mutex::new(None);
        match LATE.lock().unwrap_or_else(std::sync::PoisonError::into_inner).replace(entry) {
            Some(earlier) => earlier,
            None => return Ok(()),
        }
    } else {
        entry
    };
    crash_point("before-line");
    let chain = chain_of(&entry.subject);
    let head = match take_turn(connection, chain)? {
        Some(head) => head,
        None => {
            // Both databases know this form; a first line that loses the race finds the head above.
            diesel::sql_query(
                "INSERT INTO audit_heads (chain, number, seal, mac) VALUES ($1, 0, '', '') ON CONFLICT DO NOTHING",
            )
            .bind::<diesel::sql_types::BigInt, _>(chain)
            .execute(connection)?;
            take_turn(connection, chain)?.ok_or(StorageError::Stale)?
        }
    };
    let (last, previous, at_ms) = head;
    let number = last + 1;
    let changes = lines(&entry.changes);
    let mut line = AuditLine {
        chain,
        number,
        at_ms,
        actor: entry.actor,
        role: entry.role,
        act: entry.act,
        season: entry.season,
        subject: entry.subject,
        detail: entry.detail,
        changes,
        seal: String::new(),
    };
    line.seal = line.seal_after(&previous, key);
    let mac = AuditHead::mac(chain, number, &line.seal, key);
    let head = SetHead { chain, number, seal: line.seal.clone(), mac };
    let add = Insert([&line]);
    on_either!(connection, connection => {
        head.execute(connection)?;
        add.execute(connection)?;
    });
    crash_point("after-line");
    Ok(())
}

/// Changes as they stand in a line: a roster's are megabytes.
fn lines(changes: &[Change]) -> String {
    let mut lines = String::new();
    for change in changes {
        if !lines.is_empty() {
            lines.push('\n');
        }
        change.write_line(&mut lines);
    }
    lines
}

/// Holds the head of a chain until the commit; returns the number and the seal of its last line, and the clock once the
/// head was held: a transaction that waited is noted after the one it waited for. None without a head.
///
/// With "last number + 1" instead of a head to be held 80 of 200 failed (house.md).
fn take_turn(connection: &mut AnyConnection, chain: i64) -> Result<Option<(i64, String, i64)>, StorageError> {
    let head = audit_heads::table.filter(audit_heads::chain.eq(chain)).select((
        audit_heads::number,
        audit_heads::seal,
        Now,
    ));
    let held = match connection {
        // Who waited reads all of it anew, the clock too.
        AnyConnection::Postgres(postgres) => SameText(head.for_update()).get_result(postgres),
        // Nobody else writes while this transaction stands.
        AnyConnection::Sqlite(sqlite) => SameText(head).get_result(sqlite),
    };
    Ok(held.optional()?)
}

/// The end of a chain is another. Written out, because diesel prepares an update of its own making anew each time.
#[derive(Debug, QueryId)]
struct SetHead {
    chain: i64,
    number: i64,
    seal: String,
    mac: String,
}

impl<C> RunQueryDsl<C> for SetHead {}
impl<DB> QueryFragment<DB> for SetHead
where
    DB: Backend + HasSqlType<BigInt> + HasSqlType<Text>,
    i64: ToSql<BigInt, DB>,
    String: ToSql<Text, DB>,
{
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_sql("UPDATE \"audit_heads\" SET \"number\" = ");
        pass.push_bind_param::<BigInt, _>(&self.number)?;
        pass.push_sql(", \"seal\" = ");
        pass.push_bind_param::<Text, _>(&self.seal)?;
        pass.push_sql(", \"mac\" = ");
        pass.push_bind_param::<Text, _>(&self.mac)?;
        pass.push_sql(" WHERE \"chain\" = ");
        pass.push_bind_param::<BigInt, _>(&self.chain)
    }
}

/// Lines of a chain after a number, in order, at most `limit`.
///
/// # Errors
/// Storage failed.
pub fn list(
    connection: &mut AnyConnection,
    chain: i64,
    after: i64,
    limit: i64,
) -> Result<Vec<AuditLine>, StorageError> {
    Ok(audit_lines::table
        .filter(audit_lines::chain.eq(chain))
        .filter(audit_lines::number.gt(after))
        .order(audit_lines::number)
        .limit(limit)
        .select(AuditLine::as_select())
        .load(connection)?)
}

/// A line as a list of many shows it.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct ListedLine {
    pub number: i64,
    pub at_ms: i64,
    pub actor: String,
    pub role: String,
    pub act: String,
    pub subject: String,
    pub detail: String,
    /// The first [`LISTED_CHANGES`] characters of them.
    pub changes: String,
    pub seal: String,
}

/// What a list shows of a line's changes at most: a roster's are megabytes.
pub const LISTED_CHANGES: i32 = 900;

define_sql_function! { fn substr(text: Text, first: Integer, length: Integer) -> Text; }

/// Lines of the offices' chain about a season or none, newest first, before a number; of one act unless `act` is
/// empty.
///
/// # Errors
/// Storage failed.
pub fn newest(
    connection: &mut AnyConnection,
    season: &str,
    act: &str,
    before: i64,
    limit: i64,
) -> Result<Vec<ListedLine>, StorageError> {
    let mut lines = audit_lines::table
        .filter(audit_lines::chain.eq(0))
        .filter(audit_lines::season.eq_any([season, ""]))
        .filter(audit_lines::number.lt(before))
        .order(audit_lines::number.desc())
        .limit(limit)
        .select((
            audit_lines::number,
            audit_lines::at_ms,
            audit_lines::actor,
            audit_lines::role,
            audit_lines::act,
            audit_lines::subject,
            audit_lines::detail,
            substr(audit_lines::changes, 1, LISTED_CHANGES),
            audit_lines::seal,
        ))
        .into_boxed();
    if !act.is_empty() {
        lines = lines.filter(audit_lines::act.eq(act.to_owned()));
    }
    Ok(lines.load(connection)?)
}

/// `act = 'commit_import'`, standing in the statement itself: only so does a database know that its index of imports
/// will do.
#[derive(Clone, Copy, Debug, QueryId)]
pub struct OfAnImport;

impl Expression for OfAnImport {
    type SqlType = Bool;
}
impl AppearsOnTable<audit_lines::table> for OfAnImport {}
impl SelectableExpression<audit_lines::table> for OfAnImport {}
impl<Grouping> ValidGrouping<Grouping> for OfAnImport {
    type IsAggregate = is_aggregate::Never;
}
impl<DB: Backend> QueryFragment<DB> for OfAnImport {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_sql("act = 'commit_import'");
        Ok(())
    }
}

/// The seal of the last import of a season, which names the state of its sheets, as a part of a statement.
#[diesel::dsl::auto_type(no_type_alias)]
pub fn seal_of_last_import(season: &str) -> _ {
    audit_lines::table
        .filter(OfAnImport)
        .filter(audit_lines::season.eq(season))
        .order(audit_lines::number.desc())
        .select(audit_lines::seal)
}

/// The seal of the last import of a season; none where nothing was imported.
///
/// # Errors
/// Storage failed.
pub fn last_import(connection: &mut AnyConnection, season: &str) -> Result<Option<String>, StorageError> {
    let last = SameText(seal_of_last_import(season).limit(1));
    Ok(on_either!(connection, connection => last.get_result(connection)).optional()?)
}

/// The ends of all chains.
///
/// # Errors
/// Storage failed.
pub fn heads(connection: &mut AnyConnection) -> Result<Vec<AuditHead>, StorageError> {
    Ok(audit_heads::table.order(audit_heads::chain).select(AuditHead::as_select()).load(connection)?)
}

/// The chains that have lines; a deleted head does not hide them.
///
/// # Errors
/// Storage failed.
pub fn chains(connection: &mut AnyConnection) -> Result<Vec<i64>, StorageError> {
    Ok(audit_lines::table.select(audit_lines::chain).distinct().order(audit_lines::chain).load(connection)?)
}

/// An office's look at somebody, or at a list in which she may stand.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = audit_lines)]
pub struct Look {
    pub at_ms: i64,
    pub chain: i64,
    pub number: i64,
    pub role: String,
    pub act: String,
    pub subject: String,
    /// Of a list: `first to last`, exam numbers.
    pub detail: String,
}

impl Look {
    /// Where it stands among looks, the oldest first: its moment, chain and number.
    pub fn place(&self) -> (i64, i64, i64) {
        (self.at_ms, self.chain, self.number)
    }
}

/// What offices did with a subject or with a part of one of the lists it stands in, newest first, up to a moment.
///
/// # Errors
/// Storage failed.
pub fn about(
    connection: &mut AnyConnection,
    season: &str,
    subject: &str,
    lists: &[String],
    until_ms: i64,
) -> Result<Vec<Look>, StorageError> {
    let of_list = audit_lines::subject.eq_any(lists).and(audit_lines::detail.like("% to %"));
    Ok(audit_lines::table
        .filter(audit_lines::season.eq(season))
        .filter(audit_lines::subject.eq(subject).or(of_list))
        .filter(audit_lines::role.ne("candidate"))
        .filter(audit_lines::at_ms.le(until_ms))
        .order((audit_lines::at_ms.desc(), audit_lines::chain.desc(), audit_lines::number.desc()))
        .select(Look::as_select())
        .load(connection)?)
}

#[cfg(test)]
mod tests {
    use diesel::sqlite::Sqlite;

    use super::*;
    use crate::storage::database::Database;
    use crate::storage::migrations;

    #[derive(QueryableByName)]
    struct Step {
        #[diesel(sql_type = Text)]
        detail: String,
    }

    /// The line of a roster is megabytes, with its seal behind them.
    #[test]
    fn the_seal_of_the_last_import_is_read_off_an_index_alone() {
        let folder = tempfile::tempdir().unwrap();
        let database =
            Database::open(&format!("sqlite://{}", folder.path().join("plan.db").display())).unwrap();
        database.outside_transactions(migrations::run).unwrap();
        let shown = diesel::debug_query::<Sqlite, _>(&seal_of_last_import("s").limit(1)).to_string();
        let (query, _) = shown.split_once(" -- binds").unwrap();
        let steps = database.outside_transactions(|connection| {
            Ok(diesel::sql_query(format!("EXPLAIN QUERY PLAN {query}")).load::<Step>(connection)?)
        });
        let steps: Vec<String> = steps.unwrap().into_iter().map(|step| step.detail).collect();
        assert_eq!(steps, ["SEARCH audit_lines USING COVERING INDEX audit_lines_of_imports (season=?)"]);
    }
}
