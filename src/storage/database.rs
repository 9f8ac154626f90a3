//! The database behind its two doors: transactions that read, and transactions that write.
//!
//! SQLite has one writer thread that commits everything waiting at once (group commit), so
//! `synchronous=FULL` costs one sync for many forms; PostgreSQL has a pool. No other file opens a
//! connection, begins a transaction or blocks a thread.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant};

use diesel::backend::Backend;
use diesel::connection::SimpleConnection;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::r2d2::{ManageConnection, Pool, PooledConnection};
use diesel::{Connection, PgConnection, QueryResult, RunQueryDsl, SqliteConnection};
use tokio::sync::{Semaphore, oneshot, watch};

use crate::domain::percent_encoded::percent_encoded;
use crate::faults::crash_point::crash_point;
use crate::faults::planted_bug::planted;
use crate::storage::error::StorageError;

/// A connection to either database.
#[derive(diesel::MultiConnection)]
pub enum AnyConnection {
    Postgres(PgConnection),
    Sqlite(SqliteConnection),
}

/// Runs an expression on whichever database it is. The statements of a submission are written so: through the enum
/// diesel builds the text of a statement three times each time it runs, here never after the first.
macro_rules! on_either {
    ($any:expr, $connection:ident => $run:expr) => {
        match $any {
            $crate::storage::database::AnyConnection::Postgres($connection) => $run,
            $crate::storage::database::AnyConnection::Sqlite($connection) => $run,
        }
    };
}
pub(crate) use on_either;

/// Tells the rows of a query one by one while the next ones are read, on whichever database it is.
macro_rules! each_row {
    ($any:expr, $query:expr => $row:ty, $tell:expr) => {{
        use diesel::RunQueryDsl;
        let mut tell = $tell;
        match $any {
            $crate::storage::database::AnyConnection::Postgres(postgres) => {
                for row in $query.load_iter::<$row, diesel::pg::PgRowByRowLoadingMode>(postgres)? {
                    tell(row?);
                }
            }
            $crate::storage::database::AnyConnection::Sqlite(sqlite) => {
                for row in $query.load_iter::<$row, diesel::connection::DefaultLoadingMode>(sqlite)? {
                    tell(row?);
                }
            }
        }
    }};
}
pub(crate) use each_row;

/// Adds rows (`&[&Row]`) to a table in the quickest way that each database has; `$insert` makes the statement of one.
macro_rules! insert_rows {
    ($any:expr, $table:expr, $rows:expr) => {
        $crate::storage::database::insert_rows!($any, $table, $rows, |row| diesel::insert_into($table)
            .values(row))
    };
    ($any:expr, $table:expr, $rows:expr, $insert:expr) => {
        match $any {
            // One stream of binary rows: no statement of thousands of values is built here and parsed there.
            $crate::storage::database::AnyConnection::Postgres(postgres) => {
                diesel::copy_from($table).from_insertable($rows.to_vec()).execute(postgres)?;
            }
            // One prepared statement, a row at a time: for a statement of many rows SQLite keeps a journal of its own,
            // in which every page of an index lies again and again.
            $crate::storage::database::AnyConnection::Sqlite(sqlite) => {
                let insert = $insert;
                for &row in $rows {
                    insert(row).execute(sqlite)?;
                }
            }
        }
    };
}
pub(crate) use insert_rows;

/// Writes committed together at most: bounds how long the first one waits.
const MOST_IN_A_GROUP: usize = 256;
/// Writes that may wait; more are refused at once, so that waiting stays short.
const MOST_WAITING: usize = 4096;
/// A commit that took longer than this tells nothing about the next.
const LONGEST_COMMIT: Duration = Duration::from_millis(50);
/// How long a connection is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// Connections that read SQLite, or serve PostgreSQL, where nobody says how many.
pub const USUAL_CONNECTIONS: u32 = 16;
/// Of every connection to SQLite; the file remembers WAL, the others not.
pub const SETTINGS: &str = "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
     PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON;";
/// Of the one connection that writes SQLite: a roster's rows and indexes stay in memory until their commit, up to 32 MiB,
/// instead of going out and in again. Between commits it keeps 8 MiB: where a page was split SQLite goes through all it
/// keeps at the commit.
pub const WRITERS_SETTINGS: &str =
    "PRAGMA cache_size = -8192; PRAGMA cache_spill = 8192; PRAGMA wal_autocheckpoint = 4000";
/// After this an idle connection is given back: a quiet instance takes none of the server's from the others.
const IDLE: Duration = Duration::from_secs(30);

/// The open database; clones share it.
#[derive(Clone)]
pub struct Database {
    doors: Arc<Doors>,
    /// Threads that may block at a time; who does not get one in time is told `Busy`.
    turns: Arc<Semaphore>,
    /// Of these, those that read.
    readers: Arc<Semaphore>,
    /// Nothing is ever sent: its other end goes away with the writer.
    writer_stands: watch::Receiver<()>,
}

enum Doors {
    Sqlite { readers: Pool<Manager>, writer: SyncSender<Job> },
    Postgres { pool: Pool<Manager>, _stands: watch::Sender<()> },
}

impl Database {
    /// Opens `sqlite://PATH` or `postgres://...` with the usual connections; a missing SQLite file is made.
    ///
    /// # Errors
    /// An unknown scheme, or the database cannot be reached: with its cause.
    pub fn open(url: &str) -> Result<Database, StorageError> {
        Database::open_with(url, USUAL_CONNECTIONS)
    }

    /// As [`Database::open`], with so many connections at most beside the writer of SQLite. A quarter of them never
    /// read: on PostgreSQL who saves never waits for all who read.
    ///
    /// # Errors
    /// As [`Database::open`].
    pub fn open_with(url: &str, connections: u32) -> Result<Database, StorageError> {
        // Asked once here, the cause of a refusal is told instead of a time-out; and a new SQLite file is turned
        // to WAL by one connection alone.
        let mut first = Manager { url: url.to_owned() }.connection()?;
        let pool = Pool::builder()
            .max_size(connections)
            .min_idle(Some(0))
            .idle_timeout(Some(IDLE))
            .connection_timeout(PATIENCE)
            .test_on_check_out(false)
            .build_unchecked(Manager { url: url.to_owned() });
        let (stands, writer_stands) = watch::channel(());
        let doors = if matches!(first, AnyConnection::Sqlite(_)) {
            execute(&mut first, WRITERS_SETTINGS)?;
            let (writer, jobs) = sync_channel(MOST_WAITING);
            std::thread::Builder::new()
                .name("sqlite-writer".to_owned())
                // As deep as a main thread: use cases parse policies here.
                .stack_size(8 << 20)
                .spawn(move || {
                    write_in_groups(&mut first, &jobs);
                    drop(stands);
                })
                .map_err(|error| StorageError::Broken(error.to_string()))?;
            Doors::Sqlite { readers: pool, writer }
        } else {
            Doors::Postgres { pool, _stands: stands }
        };
        let turns = Arc::new(Semaphore::new(connections as usize));
        let readers = Arc::new(Semaphore::new((connections - connections / 4) as usize));
        Ok(Database { doors: Arc::new(doors), turns, readers, writer_stands })
    }

    /// Runs `work` in a transaction that reads one state of the database and writes nothing.
    ///
    /// # Errors
    /// What `work` says, or storage failed.
    pub async fn read<T, E>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        let (Doors::Sqlite { readers: pool, .. } | Doors::Postgres { pool, .. }) = &*self.doors;
        let begin = match &*self.doors {
            Doors::Sqlite { .. } => "BEGIN",
            Doors::Postgres { .. } => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        let reader = tokio::time::timeout(PATIENCE, self.readers.acquire()).await;
        let Ok(Ok(_reader)) = reader else { return Err(StorageError::Busy.into()) };
        self.on_a_thread(pool.clone(), begin, work).await
    }

    /// Runs `work` in a transaction of its own: all of it is kept, or with an error none.
    ///
    /// What it returned is told only after the commit reached the disk.
    ///
    /// # Errors
    /// What `work` says, `Busy` when too much is waiting, or storage failed.
    pub async fn write<T, E>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        match &*self.doors {
            Doors::Postgres { pool, .. } => self.on_a_thread(pool.clone(), "BEGIN", work).await,
            Doors::Sqlite { writer, .. } => {
                let (tell, told) = oneshot::channel();
                let job: Job = Box::new(move |connection| {
                    let outcome = catch_unwind(AssertUnwindSafe(|| work(connection)));
                    Done {
                        keep: matches!(outcome, Ok(Ok(_))),
                        tell: Box::new(move |committed| {
                            // Nobody listens any more when the client went away: that is fine.
                            let _gone = tell.send(match (outcome, committed) {
                                (Ok(Ok(_)), Err(lost)) => Ok(Err(lost.into())),
                                (outcome, _) => outcome,
                            });
                        }),
                    }
                });
                writer.try_send(job).map_err(|refused| match refused {
                    TrySendError::Full(_) => StorageError::Busy,
                    // The writer has ended with the disk; another start of the program may find it well.
                    TrySendError::Disconnected(_) => StorageError::DiskFailed,
                })?;
                match told.await {
                    Ok(Ok(outcome)) => outcome,
                    Ok(Err(panic)) => resume_unwind(panic),
                    // Dropped before it was begun: its group was lost, or the file was locked too long.
                    Err(_) => Err(StorageError::Busy.into()),
                }
            }
        }
    }

    /// Waits until nothing can be written any more because the disk failed; for ever while all is well. The program
    /// should end then, to be started anew.
    pub async fn lost(&self) {
        let _gone = self.writer_stands.clone().changed().await;
    }

    /// Runs `work` on a connection outside any transaction: for migrations, which have their own.
    ///
    /// # Errors
    /// What `work` says, or storage failed.
    pub fn outside_transactions<T>(
        &self,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, StorageError>,
    ) -> Result<T, StorageError> {
        let (Doors::Sqlite { readers: pool, .. } | Doors::Postgres { pool, .. }) = &*self.doors;
        work(&mut pool.get().map_err(|error| broken(&error.to_string()))?.connection)
    }

    /// The only blocking threads of the house; a panic of `work` travels on to its caller.
    async fn on_a_thread<T, E>(
        &self,
        pool: Pool<Manager>,
        begin: &'static str,
        work: impl FnOnce(&mut AnyConnection) -> Result<T, E> + Send + 'static,
    ) -> Result<T, E>
    where
        T: Send + 'static,
        E: From<StorageError> + Send + 'static,
    {
        let turn = tokio::time::timeout(PATIENCE, self.turns.clone().acquire_owned()).await;
        let Ok(Ok(turn)) = turn else { return Err(StorageError::Busy.into()) };
        let job = move || {
            let _turn = turn;
            let mut pooled = begun(&pool, begin)?;
            in_transaction(&mut pooled, work)
        };
        match tokio::task::spawn_blocking(job).await {
            Ok(outcome) => outcome,
            Err(ended) if ended.is_panic() => resume_unwind(ended.into_panic()),
            Err(_) => Err(broken("the service is shutting down").into()),
        }
    }
}

/// Runs `work` on a SQLite file that nobody has open, and leaves not a byte of it changed.
///
/// # Errors
/// What `work` says, or the file cannot be opened.
pub fn in_closed_file<T>(
    path: &Path,
    work: impl FnOnce(&mut AnyConnection) -> Result<T, StorageError>,
) -> Result<T, StorageError> {
    let shown = path.display();
    let text = path.to_str().ok_or_else(|| broken(&format!("{shown}: the path is not UTF-8")))?;
    // Immutable: no journal beside it is looked for, none is made.
    let uri = format!("file:{}?mode=ro&immutable=1", percent_encoded(text));
    let connection =
        SqliteConnection::establish(&uri).map_err(|error| broken(&format!("{shown}: {error}")))?;
    work(&mut AnyConnection::Sqlite(connection))
}

fn broken(cause: &str) -> StorageError {
    StorageError::Broken(cause.to_owned())
}

fn execute(connection: &mut AnyConnection, sql: &str) -> Result<(), StorageError> {
    connection.batch_execute(sql).map_err(StorageError::from)
}

fn commit(connection: &mut AnyConnection) -> Result<(), StorageError> {
    crash_point("before-commit");
    execute(connection, "COMMIT")?;
    crash_point("after-commit");
    Ok(())
}

/// A connection of the pool with its transaction begun. The server may have gone away while a connection was idle: its
/// `BEGIN` tells so as well as a question of its own would, which costs every request a round trip.
fn begun(pool: &Pool<Manager>, begin: &str) -> Result<PooledConnection<Manager>, StorageError> {
    let mut idle = pool.max_size();
    loop {
        // No connection in time: the database is away or overloaded, and trying again may help.
        let mut pooled = pool.get().map_err(|_| StorageError::Busy)?;
        match execute(&mut pooled.connection, begin) {
            Ok(()) => return Ok(pooled),
            Err(lost) if idle == 0 => return Err(lost),
            Err(_) => pooled.broken = true,
        }
        idle -= 1;
    }
}

fn in_transaction<T, E: From<StorageError>>(
    pooled: &mut Pooled,
    work: impl FnOnce(&mut AnyConnection) -> Result<T, E>,
) -> Result<T, E> {
    let outcome = catch_unwind(AssertUnwindSafe(|| work(&mut pooled.connection)));
    let outcome = match outcome {
        Ok(Ok(value)) => match commit(&mut pooled.connection) {
            Ok(()) => return Ok(value),
            Err(lost) => Ok(lost.into()),
        },
        Ok(Err(refused)) => Ok(refused),
        Err(panic) => Err(panic),
    };
    // A refused commit, too, may leave its transaction open: whoever has the connection next must not be in it.
    pooled.broken = execute(&mut pooled.connection, "ROLLBACK").is_err();
    match outcome {
        Ok(refused) => Err(refused),
        Err(panic) => resume_unwind(panic),
    }
}

/// Work for the writer.
type Job = Box<dyn FnOnce(&mut AnyConnection) -> Done + Send>;

/// Work done, not yet committed.
struct Done {
    /// Whether its changes are to stay.
    keep: bool,
    /// Tells the caller, once it is known whether the group was committed.
    tell: Box<dyn FnOnce(Result<(), StorageError>) + Send>,
}

/// Takes all jobs that wait into one transaction, commits once, and only then tells their callers. Ends when the disk
/// failed: after a failed sync nobody knows what the disk holds, and only opening the file anew finds out.
///
/// Callers who were told together come again one after the other: a group that began with the first of them alone
/// would make all others wait for two commits. So a group smaller than the last waits for more, half as long as
/// the last commit took.
fn write_in_groups(connection: &mut AnyConnection, jobs: &Receiver<Job>) {
    let (mut usual, mut commit_took) = (1, Duration::ZERO);
    while let Ok(first) = jobs.recv() {
        let until = Instant::now() + commit_took / 2;
        let mut done = Vec::new();
        let mut committed = execute(connection, "BEGIN IMMEDIATE");
        let mut next = Some(first);
        while let Some(job) = next {
            if committed.is_ok() {
                committed = in_savepoint(connection, job, &mut done);
            } else {
                // The group is lost: this job was not begun, its caller is told by dropping it.
                drop(job);
            }
            next = if done.len() >= MOST_IN_A_GROUP {
                None
            } else if committed.is_ok() && done.len() < usual {
                jobs.recv_timeout(until.saturating_duration_since(Instant::now())).ok()
            } else {
                jobs.try_recv().ok()
            };
        }
        if planted("bug-ack-before-commit") {
            done.drain(..).for_each(|one| (one.tell)(committed.clone()));
        }
        let ended = Instant::now();
        let committed = committed.and_then(|()| commit(connection));
        (usual, commit_took) = (done.len(), ended.elapsed().min(LONGEST_COMMIT));
        if committed.is_err() {
            // Ends the transaction where one is still open; a full disk has ended it already.
            let _rolled_back = execute(connection, "ROLLBACK");
        }
        let lost = committed == Err(StorageError::DiskFailed);
        for one in done {
            (one.tell)(committed.clone());
        }
        if lost {
            return;
        }
    }
}

/// Runs a job so that its failure does not undo the others of its group.
fn in_savepoint(connection: &mut AnyConnection, job: Job, done: &mut Vec<Done>) -> Result<(), StorageError> {
    about_job::<BEGIN>(connection)?;
    let one = job(connection);
    let keep = one.keep;
    done.push(one);
    let undone = if keep { Ok(()) } else { about_job::<UNDO>(connection) };
    undone.and_then(|()| about_job::<END>(connection)).map_err(|lost| {
        // SQLite ended the whole transaction by itself: nothing of the group is kept, and all may ask again.
        tracing::error!(%lost, "a group of writes was lost");
        if lost == StorageError::DiskFailed { lost } else { StorageError::Busy }
    })
}

const BEGIN: usize = 0;
const UNDO: usize = 1;
const END: usize = 2;
const SAVEPOINT: [&str; 3] = ["SAVEPOINT job", "ROLLBACK TO job", "RELEASE job"];

fn about_job<const STEP: usize>(connection: &mut AnyConnection) -> Result<(), StorageError> {
    on_either!(connection, connection => Savepoint::<STEP>.execute(connection))?;
    Ok(())
}

/// A statement about the savepoint around a job: compiled once, where a text would be compiled at every run.
#[derive(Debug, QueryId)]
struct Savepoint<const STEP: usize>;

impl<C, const STEP: usize> RunQueryDsl<C> for Savepoint<STEP> {}
impl<DB: Backend, const STEP: usize> QueryFragment<DB> for Savepoint<STEP> {
    fn walk_ast<'b>(&'b self, mut pass: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        pass.push_sql(SAVEPOINT[STEP]);
        Ok(())
    }
}

/// Makes connections by the URL's scheme, so that the cause of a refusal is not lost.
struct Manager {
    url: String,
}

/// A connection of the pool.
struct Pooled {
    connection: AnyConnection,
    /// Nobody is to have it again.
    broken: bool,
}

impl Manager {
    fn connection(&self) -> Result<AnyConnection, StorageError> {
        if let Some(path) = self.url.strip_prefix("sqlite://") {
            let mut connection =
                SqliteConnection::establish(path).map_err(|error| broken(&format!("{path}: {error}")))?;
            connection.batch_execute(SETTINGS)?;
            if planted("bug-sync-normal") {
                connection.batch_execute("PRAGMA synchronous = NORMAL")?;
            }
            if planted("bug-sync-off") {
                connection.batch_execute("PRAGMA synchronous = OFF")?;
            }
            Ok(AnyConnection::Sqlite(connection))
        } else if self.url.starts_with("postgres://") || self.url.starts_with("postgresql://") {
            let connection =
                PgConnection::establish(&self.url).map_err(|error| broken(&error.to_string()))?;
            Ok(AnyConnection::Postgres(connection))
        } else {
            Err(broken("the database must be sqlite://PATH or postgres://..."))
        }
    }
}

impl ManageConnection for Manager {
    type Connection = Pooled;
    type Error = StorageError;

    fn connect(&self) -> Result<Pooled, StorageError> {
        Ok(Pooled { connection: self.connection()?, broken: false })
    }

    fn is_valid(&self, pooled: &mut Pooled) -> Result<(), StorageError> {
        execute(&mut pooled.connection, "SELECT 1")
    }

    fn has_broken(&self, pooled: &mut Pooled) -> bool {
        pooled.broken || std::thread::panicking()
    }
}

#[cfg(test)]
mod tests {
    use diesel::dsl::sql;
    use diesel::select;
    use diesel::sql_types::BigInt;

    use super::*;

    /// What a savepoint may have to undo lies in memory up to a bound and then in a file: with a bound that SQLite
    /// cannot write at once (.cargo/config.toml) every larger job looked like a full disk.
    #[tokio::test]
    async fn a_job_of_many_megabytes_is_kept_and_another_undone() {
        let folder = tempfile::tempdir().unwrap();
        let database =
            Database::open(&format!("sqlite://{}", folder.path().join("big.db").display())).unwrap();
        let fill = "CREATE TABLE filler (number INTEGER PRIMARY KEY, text TEXT NOT NULL); \
                    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 3000) \
                    INSERT INTO filler SELECT n, hex(zeroblob(1500)) FROM numbers";
        let longer = "UPDATE filler SET text = text || 'x'";
        for job in [fill, longer] {
            assert_eq!(database.write(move |connection| execute(connection, job)).await, Ok(()));
        }
        let undone = database.write(move |connection| {
            execute(connection, longer)?;
            Err::<(), _>(StorageError::Stale)
        });
        assert_eq!(undone.await, Err(StorageError::Stale));
        let length = database.read(|connection| -> Result<i64, StorageError> {
            let length = select(sql::<BigInt>("(SELECT SUM(LENGTH(text)) FROM filler)"));
            Ok(on_either!(connection, connection => length.get_result(connection))?)
        });
        assert_eq!(length.await, Ok(3000 * 3001));
    }
}
