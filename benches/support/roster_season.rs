//! A season of its own for an invented roster, and what its centre brings.

use std::collections::BTreeMap;

use zhaosheng::domain::sheet_kind::SheetKind;
use zhaosheng::service::app::{App, Caller, Database, migrate};
use zhaosheng::service::data_in::commit_import::commit_import;
use zhaosheng::service::data_in::upload_import::{Upload, upload_import};
use zhaosheng::service::error::ServiceError;
use zhaosheng::service::precondition::Precondition;
use zhaosheng::storage::accounts::{self, AccountRow};
use zhaosheng::storage::clock;
use zhaosheng::storage::database::AnyConnection;
use zhaosheng::storage::seasons::{self, SeasonRow};
use zhaosheng::storage::second_factors::{self, SecondFactorRow};
use zhaosheng::storage::sessions::{self, SessionRow};

use crate::support::figures::ms_since;
use crate::support::staged_city::{Outcome, open, told};

#[path = "../../tests/uploads/roster.rs"]
pub(crate) mod roster;

/// The code of the season, and the name of everything else of it.
pub(crate) const SEASON: &str = "bench";

/// A season with areas and junior highs on a new database, and somebody of its municipal centre.
pub(crate) async fn season(url: &str) -> Outcome<(App, Caller)> {
    migrate(&Database::open(url)?)?;
    let app = open(url)?;
    let caller = app.database().write(centre).await.map_err(told)?;
    for (kind, sheet) in roster::context() {
        bring(&app, &caller, kind, &format!("{}.csv", kind.word()), sheet.text).await?;
    }
    Ok((app, caller))
}

/// Uploads and commits a file; milliseconds of both.
pub(crate) async fn bring(
    app: &App,
    caller: &Caller,
    kind: SheetKind,
    name: &str,
    bytes: Vec<u8>,
) -> Outcome<(f64, f64)> {
    let began = std::time::Instant::now();
    let (kind, file_name) = (Some(kind.word().to_owned()), Some(name.to_owned()));
    let upload = Upload { kind, file_name, mapping: None, bytes };
    let (import, report) = upload_import(app, caller, SEASON.to_owned(), upload).await.map_err(told)?;
    let upload_ms = ms_since(began);
    let began = std::time::Instant::now();
    let reasons: BTreeMap<String, String> =
        report.warnings.iter().map(|warning| (warning.code.clone(), "bench".to_owned())).collect();
    let seen = Precondition::Match(vec![import.checked_hash]);
    commit_import(app, caller, SEASON.to_owned(), import.id, seen, reasons).await.map_err(told)?;
    Ok((upload_ms, ms_since(began)))
}

/// A season, and somebody of the municipal centre with a session.
fn centre(connection: &mut AnyConnection) -> Result<Caller, ServiceError> {
    let now_ms = clock::now_ms(connection)?;
    let season = SeasonRow {
        code: SEASON.to_owned(),
        name: SEASON.to_owned(),
        kind: "demonstration".to_owned(),
        phase: "preparing".to_owned(),
        policy: roster::policy_text(),
        clock_offset_ms: 0,
        version: 1,
        admission: "senior_high".to_owned(),
    };
    let _unaudited = seasons::add(connection, &season)?;
    let account = AccountRow {
        id: SEASON.to_owned(),
        login: SEASON.to_owned(),
        role: "municipal_centre".to_owned(),
        name: String::new(),
        season: None,
        exam_no: None,
        school: None,
        area: None,
        password_hash: String::new(),
        must_change: false,
        disabled: false,
        created_at_ms: now_ms,
        access_from: String::new(),
    };
    let _unaudited = accounts::add(connection, &account)?;
    // Without an authenticator app an office's account may only enrol one.
    let factors = SecondFactorRow {
        account: SEASON.to_owned(),
        totp_secret: Some("an app that nobody asks".to_owned()),
        ..SecondFactorRow::default()
    };
    let _unaudited = second_factors::put(connection, &factors)?;
    let session = SessionRow {
        id: SEASON.to_owned(),
        account: SEASON.to_owned(),
        started_at_ms: now_ms,
        expires_at_ms: now_ms + 86_400_000,
        revoked_at_ms: None,
        stepped_up_at_ms: Some(now_ms + 86_400_000),
    };
    sessions::add(connection, &session)?;
    Ok(Caller { account: SEASON.to_owned(), session: SEASON.to_owned() })
}
