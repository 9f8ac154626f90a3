//! What every use case has at hand: the database's doors, the actor, the season, the audit.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::domain::access::{self, Act};
use crate::domain::actor::{Actor, Whose};
use crate::domain::admission_kind::AdmissionKind;
use crate::domain::hexadecimal::hex;
use crate::faults::crash_point::crash_point;
use crate::faults::planted_bug::planted;
use crate::service::compulsory::registers::load_registers::AskedRegister;
use crate::service::error::ServiceError;
use crate::service::kept_by_hash::KeptByHash;
use crate::service::secrets::access_token::{Access, AccessTokens};
use crate::service::secrets::field_cipher::FieldCipher;
use crate::service::secrets::keyring::Keyring;
use crate::service::secrets::master_key::{MasterKey, Purpose, SubKey};
use crate::service::secrets::password_pool::PasswordPool;
use crate::storage::audit_lines::{self, AuditKey, Entry};
use crate::storage::change::Change;
use crate::storage::database::AnyConnection;
pub use crate::storage::database::{Database, USUAL_CONNECTIONS};
use crate::storage::error::StorageError;
use crate::storage::idempotency_keys::{self, KeptAnswer};
use crate::storage::seasons::SeasonRow;
use crate::storage::{clock, key_fingerprints, migrations, seasons, sessions};

/// The service; clones share it.
#[derive(Clone)]
pub struct App {
    database: Database,
    audit_key: AuditKey,
    tokens: Arc<AccessTokens>,
    fields: FieldCipher,
    keyring: Arc<Keyring>,
    receipts: SubKey,
    instances: SubKey,
    /// What the database's clock is ahead of this machine's.
    ahead_ms: i64,
    /// Requests with an `Idempotency-Key` that this instance is working on: (account, key).
    in_flight: Arc<Mutex<BTreeSet<(String, String)>>>,
    kept: KeptByHash,
    registers: Arc<Registers>,
}

/// The registers of other departments that this instance asks.
pub struct Registers {
    /// None where none are connected.
    pub asked: Vec<AskedRegister>,
    /// How long a request waits for them; they are asked to the end in any case.
    pub patience: Duration,
}

impl Registers {
    /// The patience of `serve`: below what a request may take at all.
    pub const PATIENCE: Duration = Duration::from_secs(20);
}

/// Who calls: the session that a signed token or cookie names. What it may is read in the transaction.
pub type Caller = Access;

/// An `Idempotency-Key` with the SHA-256 of the request it came with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OnceKey {
    pub key: String,
    pub request_hash: String,
}

/// A transaction under way: its connection, its moment, its actor.
pub struct Transaction<'c> {
    pub connection: &'c mut AnyConnection,
    /// The database's clock when the transaction had begun.
    pub at_ms: i64,
    pub actor: Actor,
    audit_key: &'c AuditKey,
}

impl OnceKey {
    /// The key for a request to `operation`, whose content is hashed as JSON.
    pub fn new(key: String, operation: &str, request: &impl Serialize) -> OnceKey {
        let content = serde_json::to_vec(&(operation, request)).unwrap_or_default();
        OnceKey { key, request_hash: hex(&Sha256::digest(content)) }
    }
}

impl App {
    /// Opens the service over a database whose migrations have run.
    ///
    /// # Errors
    /// The database cannot be reached, lacks migrations of this program, or was begun with another key file.
    pub fn open(
        database: Database,
        master: &MasterKey,
        passwords: PasswordPool,
    ) -> Result<App, ServiceError> {
        let pending = database.outside_transactions(migrations::pending)?;
        if !pending.is_empty() {
            let steps = pending.join(", ");
            return Err(ServiceError::Internal(format!("run `zhaosheng migrate` first; missing: {steps}")));
        }
        // Under another key every session would end, no sealed field open and every line of the record look forged.
        let own = master.fingerprint();
        let kept = database.outside_transactions(|connection| key_fingerprints::kept(connection, &own))?;
        if kept != own {
            return Err(ServiceError::Internal(format!(
                "this database was begun with another key file (fingerprint {kept}, given {own}): start with that one"
            )));
        }
        let ahead_ms = database.outside_transactions(clock::now_ms)? - machine_ms();
        Ok(App {
            database,
            ahead_ms,
            audit_key: AuditKey(*master.derive(Purpose::AuditSeal).bytes()),
            tokens: Arc::new(AccessTokens::new(master)),
            fields: FieldCipher::new(master),
            keyring: Arc::new(Keyring::new(master, passwords)),
            receipts: master.derive(Purpose::Receipts),
            instances: master.derive(Purpose::Instances),
            in_flight: Arc::default(),
            kept: KeptByHash::default(),
            registers: Arc::new(Registers { asked: Vec::new(), patience: Registers::PATIENCE }),
        })
    }

    /// The service with registers of other departments to ask.
    pub fn with_registers(self, registers: Registers) -> App {
        App { registers: Arc::new(registers), ..self }
    }

    /// Does an act: all of `work` and its audit line in one transaction, or nothing.
    ///
    /// The actor is read inside: a session revoked, an account disabled or a role changed anywhere
    /// counts from its commit on.
    ///
    /// # Errors
    /// `Unauthenticated`, what `work` says, or storage failed.
    pub async fn act<T: Send + 'static>(
        &self,
        caller: &Caller,
        work: impl FnOnce(&mut Transaction<'_>) -> Result<T, ServiceError> + Send + 'static,
    ) -> Result<T, ServiceError> {
        let (session, audit_key) = (caller.session.clone(), self.audit_key.clone());
        self.database
            .write(move |connection| work(&mut Transaction::begin(connection, &session, &audit_key)?))
            .await
    }

    /// Does an act once for its key: the answer is kept in the act's own transaction, and the same key with
    /// the same request gets the same answer ever after.
    ///
    /// # Errors
    /// As [`App::act`]; `Conflict` `in_flight` while the first request is at work; `KeyReused` for
    /// another request under the same key.
    pub async fn act_once<T: Serialize + DeserializeOwned + Send + 'static>(
        &self,
        caller: &Caller,
        once: Option<OnceKey>,
        work: impl FnOnce(&mut Transaction<'_>) -> Result<T, ServiceError> + Send + 'static,
    ) -> Result<T, ServiceError> {
        let Some(once) = once else { return self.act(caller, work).await };
        let _turn = InFlight::enter(self, (caller.account.clone(), once.key.clone()))?;
        self.act_kept(caller, once, work).await
    }

    /// As [`App::act_once`], where something slow comes before the transaction: it is done only if the key has no
    /// answer yet, outside any transaction, and only once at a time for what it is `about`.
    ///
    /// # Errors
    /// As [`App::act_once`], and what `before` says; `Conflict` `in_flight` also while another is at it.
    pub async fn act_once_after<P: Send + 'static, T: Serialize + DeserializeOwned + Send + 'static>(
        &self,
        caller: &Caller,
        once: OnceKey,
        about: String,
        before: impl Future<Output = Result<P, ServiceError>>,
        work: impl FnOnce(&mut Transaction<'_>, P) -> Result<T, ServiceError> + Send + 'static,
    ) -> Result<T, ServiceError> {
        let _turn = InFlight::enter(self, (caller.account.clone(), once.key.clone()))?;
        let known = once.clone();
        if let Some(answer) = self.look(caller, move |transaction| kept_answer(transaction, &known)).await? {
            return Ok(answer);
        }
        // No account is called by nothing.
        let _only = InFlight::enter(self, (String::new(), about))?;
        let prepared = before.await?;
        self.act_kept(caller, once, |transaction| work(transaction, prepared)).await
    }

    /// Does an act whose turn it is, and keeps its answer.
    async fn act_kept<T: Serialize + DeserializeOwned + Send + 'static>(
        &self,
        caller: &Caller,
        once: OnceKey,
        work: impl FnOnce(&mut Transaction<'_>) -> Result<T, ServiceError> + Send + 'static,
    ) -> Result<T, ServiceError> {
        let done = self.act(caller, move |transaction| {
            let account = transaction.actor.account.clone();
            if !idempotency_keys::take(transaction.connection, &account, &once.key)? {
                return Err(in_flight());
            }
            if let Some(answer) = kept_answer(transaction, &once)? {
                return Ok((answer, None));
            }
            let answer = work(transaction)?;
            let kept = KeptAnswer {
                account,
                key: once.key,
                request_hash: once.request_hash,
                answer: serde_json::to_string(&answer)
                    .map_err(|error| ServiceError::Internal(format!("an answer to keep: {error}")))?,
                at_ms: transaction.at_ms,
            };
            if planted("bug-key-after-write") {
                return Ok((answer, Some(kept)));
            }
            idempotency_keys::add(transaction.connection, &kept)?;
            Ok((answer, None))
        });
        let (answer, late) = done.await?;
        if let Some(late) = late {
            crash_point("before-late-key");
            let add = move |connection: &mut AnyConnection| Ok(idempotency_keys::add(connection, &late)?);
            self.database.write::<_, ServiceError>(add).await?;
        }
        Ok(answer)
    }

    /// Looks at something that leaves no line in the audit: the own things, and what is public.
    ///
    /// # Errors
    /// As [`App::act`].
    pub async fn look<T: Send + 'static>(
        &self,
        caller: &Caller,
        work: impl FnOnce(&mut Transaction<'_>) -> Result<T, ServiceError> + Send + 'static,
    ) -> Result<T, ServiceError> {
        let (session, audit_key) = (caller.session.clone(), self.audit_key.clone());
        self.database
            .read(move |connection| work(&mut Transaction::begin(connection, &session, &audit_key)?))
            .await
    }

    /// The database, for acts that nobody is logged in for: logging in, relays, the command line.
    pub fn database(&self) -> &Database {
        &self.database
    }

    /// About the database's time, without asking it: for the short life of access tokens and nothing else.
    /// What decides anything is read in its transaction.
    pub fn about_now_ms(&self) -> i64 {
        machine_ms() + self.ahead_ms
    }

    /// Issues and reads access tokens.
    pub fn tokens(&self) -> &AccessTokens {
        &self.tokens
    }

    /// Bearers, cookies, cards, and the pool that hashes passwords.
    pub fn keyring(&self) -> &Keyring {
        &self.keyring
    }

    /// Seals and opens personal fields.
    pub fn fields(&self) -> &FieldCipher {
        &self.fields
    }

    /// What this instance keeps in memory by its hash.
    pub fn kept(&self) -> &KeptByHash {
        &self.kept
    }

    /// The registers of other departments.
    pub fn registers(&self) -> &Arc<Registers> {
        &self.registers
    }

    /// The key of receipt numbers.
    pub fn receipts(&self) -> &SubKey {
        &self.receipts
    }

    /// The key by which instances know each other.
    pub fn instances(&self) -> &SubKey {
        &self.instances
    }

    /// The key of the audit's seals.
    pub fn audit_key(&self) -> &AuditKey {
        &self.audit_key
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// It does not.
    pub async fn ready(&self) -> Result<(), ServiceError> {
        self.database.read(|connection| clock::now_ms(connection).map(|_| ()).map_err(Into::into)).await
    }
}

/// Runs the migrations that have not run yet and returns their names.
///
/// # Errors
/// A step failed; the steps before it stay.
pub fn migrate(database: &Database) -> Result<Vec<String>, StorageError> {
    database.outside_transactions(migrations::run)
}

fn machine_ms() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

fn in_flight() -> ServiceError {
    ServiceError::conflict("in_flight", "the first request with this key is still at work")
}

/// The answer that is kept under a key, if there is one.
fn kept_answer<T: DeserializeOwned>(
    transaction: &mut Transaction<'_>,
    once: &OnceKey,
) -> Result<Option<T>, ServiceError> {
    let account = &transaction.actor.account;
    let Some(kept) = idempotency_keys::find(transaction.connection, account, &once.key)? else {
        return Ok(None);
    };
    if kept.request_hash != once.request_hash {
        return Err(ServiceError::KeyReused);
    }
    let answer = serde_json::from_str(&kept.answer);
    answer.map(Some).map_err(|error| ServiceError::Internal(format!("a kept answer: {error}")))
}

/// A key's turn on this instance; ends when it is dropped, also with a request cut off.
struct InFlight {
    app: App,
    turn: (String, String),
}

impl InFlight {
    fn enter(app: &App, turn: (String, String)) -> Result<InFlight, ServiceError> {
        let mut under_way = app.in_flight.lock().unwrap_or_else(PoisonError::into_inner);
        if !under_way.insert(turn.clone()) {
            return Err(in_flight());
        }
        Ok(InFlight { app: app.clone(), turn })
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.app.in_flight.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.turn);
    }
}

impl<'c> Transaction<'c> {
    fn begin(
        connection: &'c mut AnyConnection,
        session: &str,
        audit_key: &'c AuditKey,
    ) -> Result<Transaction<'c>, ServiceError> {
        let (actor, at_ms) = sessions::actor(connection, session)?.ok_or(ServiceError::Unauthenticated)?;
        Ok(Transaction { connection, at_ms, actor, audit_key })
    }

    /// A transaction in which the operator of the machine acts, from the command line or a timer.
    pub fn of_operator(
        connection: &'c mut AnyConnection,
        actor: Actor,
        audit_key: &'c AuditKey,
    ) -> Result<Transaction<'c>, ServiceError> {
        let at_ms = clock::now_ms(connection)?;
        Ok(Transaction { connection, at_ms, actor, audit_key })
    }

    /// Refuses unless the access table lets the actor do this to that.
    ///
    /// # Errors
    /// `Forbidden` (by the role alone), `NotFound` (not of the actor's concern), `Restricted`, `StepUpRequired`.
    pub fn permit(&self, act: Act, whose: &Whose) -> Result<(), ServiceError> {
        Ok(access::permit(&self.actor, act, whose)?)
    }

    /// The season, if the actor may do the act to this thing of it, in its present phase.
    ///
    /// # Errors
    /// As [`Transaction::permit`]; `NotFound` without such a season; `WrongPhase`.
    pub fn season_for(&mut self, act: Act, whose: &Whose) -> Result<SeasonRow, ServiceError> {
        // The role is judged before the season is looked up, so that "forbidden" says nothing about it.
        if act.reach(self.actor.role).is_none() {
            return Err(ServiceError::Forbidden);
        }
        let season = seasons::find(self.connection, &whose.season)?.ok_or(ServiceError::NotFound)?;
        self.permit_in(&season, act, whose)?;
        Ok(season)
    }

    /// As [`Transaction::season_for`], of a season that was read already.
    ///
    /// # Errors
    /// As [`Transaction::permit`]; `WrongPhase`.
    pub fn permit_in(&self, season: &SeasonRow, act: Act, whose: &Whose) -> Result<(), ServiceError> {
        self.permit(act, whose)?;
        let phase = season.phase()?;
        if !access::fits_phase(act, phase) {
            return Err(ServiceError::WrongPhase { phase });
        }
        if !act.rule().admissions.contains(&season.admission()?) {
            let detail = match season.admission()? {
                AdmissionKind::SeniorHigh => "this season admits to senior highs",
                AdmissionKind::Compulsory => "this season admits to compulsory schools",
            };
            return Err(ServiceError::conflict("other_admission", detail));
        }
        Ok(())
    }

    /// The season's clock now: the database's, moved in rehearsal and demonstration seasons only.
    ///
    /// # Errors
    /// Storage failed.
    pub fn season_now_ms(&mut self, season: &SeasonRow) -> Result<i64, ServiceError> {
        if planted("bug-clock-of-process") {
            return Ok(machine_ms());
        }
        Ok(clock::now_ms(self.connection)? + season.clock_offset_ms)
    }

    /// Writes the audit line of an act. Call it last: the chain waits from here to the commit.
    ///
    /// # Errors
    /// Storage failed.
    pub fn note(
        &mut self,
        act: Act,
        season: &str,
        subject: &str,
        detail: impl Into<String>,
        changes: Vec<Change>,
    ) -> Result<(), ServiceError> {
        let entry = Entry {
            actor: self.actor.account.clone(),
            role: self.actor.role.word().to_owned(),
            act: act.word().to_owned(),
            season: season.to_owned(),
            subject: subject.to_owned(),
            detail: detail.into(),
            changes,
        };
        Ok(audit_lines::append(self.connection, self.audit_key, entry)?)
    }
}
