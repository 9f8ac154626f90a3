//! A school hands out one-time initial codes by class; each is told once and kept as a digest.

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::domain::role::Role;
use crate::service::app::{App, Caller, Transaction};
use crate::service::error::ServiceError;
use crate::service::secrets::initial_code::InitialCode;
use crate::storage::accounts::{self, AccountRow};
use crate::storage::candidates::{self, CandidateRow, Of};
use crate::storage::change::Change;
use crate::storage::junior_schools;

/// Whose slips are asked for: a junior high, or one of its classes.
#[derive(Clone, Debug)]
pub struct ClassOf {
    pub season: String,
    pub junior_code: String,
    pub class: Option<String>,
}

/// A slip to be printed and cut out.
#[derive(Clone, Debug)]
pub struct CodeSlip {
    pub class: String,
    pub exam_no: String,
    pub name: String,
    pub login: String,
    pub code: InitialCode,
}

/// Candidates of one request at most: a large junior high.
const MOST: i64 = 3000;

/// New codes for the candidates of a school or class who have not chosen a password yet, by class and exam number.
///
/// An earlier code that was not used is void. Who has a password keeps it (`reset_access` takes a reason).
///
/// # Errors
/// `NotFound` for a school that is not the actor's; `StepUpRequired`.
pub async fn issue_initial_codes(
    app: &App,
    caller: &Caller,
    whose: ClassOf,
) -> Result<Vec<CodeSlip>, ServiceError> {
    let door = app.clone();
    app.act(caller, move |transaction| {
        let act = Act::IssueInitialCodes;
        let mut slips = Vec::new();
        let mut changes = Vec::new();
        for candidate in in_class(transaction, act, &whose)? {
            let code = InitialCode::generate();
            let Some((account, change)) = with_code(&door, transaction, &candidate, &code)? else { continue };
            changes.push(change);
            slips.push(CodeSlip {
                class: candidate.class,
                exam_no: candidate.exam_no,
                name: candidate.name,
                login: account.login,
                code,
            });
        }
        let subject = format!("junior:{}", whose.junior_code);
        transaction.note(act, &whose.season, &subject, noted(&whose, slips.len()), changes)?;
        Ok(slips)
    })
    .await
}

/// The candidates asked for, by class and exam number, if they are the actor's to act on.
///
/// # Errors
/// As of `season_for`; `NotFound` for a school without such a class.
pub fn in_class(
    transaction: &mut Transaction<'_>,
    act: Act,
    whose: &ClassOf,
) -> Result<Vec<CandidateRow>, ServiceError> {
    if act.reach(transaction.actor.role).is_none() {
        return Err(ServiceError::Forbidden);
    }
    let school = junior_schools::find(transaction.connection, &whose.season, &whose.junior_code)?
        .ok_or(ServiceError::NotFound)?;
    let of_school = Whose {
        junior: Some(school.school_code),
        area: Some(school.area_code),
        ..Whose::season(&whose.season)
    };
    transaction.season_for(act, &of_school)?;
    let of = Of::Junior(whose.junior_code.clone());
    let mut found = candidates::list_of(transaction.connection, &whose.season, &of, "", MOST)?;
    found.retain(|candidate| whose.class.as_ref().is_none_or(|class| *class == candidate.class));
    found.sort_by(|a, b| (&a.class, &a.exam_no).cmp(&(&b.class, &b.exam_no)));
    if found.is_empty() { Err(ServiceError::NotFound) } else { Ok(found) }
}

/// What the audit says of a batch: how many, and of which class.
pub fn noted(whose: &ClassOf, count: usize) -> String {
    match &whose.class {
        Some(class) => format!("{count} of class {class}"),
        None => format!("{count} of the school"),
    }
}

/// The candidate's account with a new initial code; none when a password was chosen already.
///
/// # Errors
/// Storage failed.
pub fn with_code(
    app: &App,
    transaction: &mut Transaction<'_>,
    candidate: &CandidateRow,
    code: &InitialCode,
) -> Result<Option<(AccountRow, Change)>, ServiceError> {
    let found = accounts::of_candidate(transaction.connection, &candidate.season, &candidate.exam_no)?;
    if let Some(mut account) = found {
        if !account.must_change || account.disabled {
            return Ok(None);
        }
        account.password_hash = app.keyring().stored_code(&account.id, code);
        account.access_from = transaction.actor.account.clone();
        let change = accounts::replace(transaction.connection, &account)?;
        return Ok(Some((account, change)));
    }
    let id = uuid::Uuid::now_v7().to_string();
    let account = AccountRow {
        login: free_login(transaction, candidate)?,
        role: Role::Candidate.word().to_owned(),
        name: String::new(),
        season: Some(candidate.season.clone()),
        exam_no: Some(candidate.exam_no.clone()),
        school: None,
        area: None,
        password_hash: app.keyring().stored_code(&id, code),
        must_change: true,
        disabled: false,
        created_at_ms: transaction.at_ms,
        access_from: transaction.actor.account.clone(),
        id,
    };
    let change = accounts::add(transaction.connection, &account)?;
    Ok(Some((account, change)))
}

/// The exam number, or with the season before it where another season has given it to somebody.
fn free_login(transaction: &mut Transaction<'_>, candidate: &CandidateRow) -> Result<String, ServiceError> {
    match accounts::find_by_login(transaction.connection, &candidate.exam_no)? {
        None => Ok(candidate.exam_no.clone()),
        Some(_) => Ok(format!("{}-{}", candidate.season, candidate.exam_no)),
    }
}
