//! What the province and the school register get: the list in full, who came, the ledger, and a manifest of all.

use std::collections::BTreeMap;
use std::io::{Cursor, Write};

use serde::Serialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::domain::hexadecimal::hex;
use crate::files::encoding::Encoding;
use crate::service::app::{App, Caller};
use crate::service::data_out::export_admitted::unwritable;
use crate::service::data_out::standings::{Columns, Standing, list, standings};
use crate::service::error::ServiceError;
use crate::service::export_folder::{Form, written};
use crate::service::people::sealed_person::open_id_no;
use crate::storage::{enrolments, ledger_entries, publications};

/// A row of `enrolments.csv`.
#[derive(Serialize)]
struct Enrolment<'r> {
    exam_no: &'r str,
    school_code: &'r str,
    state: &'r str,
}

/// A row of `ledger.csv`.
#[derive(Serialize)]
struct Entry<'r> {
    number: i64,
    kind: &'r str,
    exam_no: &'r str,
    from_programme: &'r str,
    to_programme: &'r str,
    seat: &'r str,
    authority: &'r str,
    reason: &'r str,
    content_hash: &'r str,
}

/// A zip of `admitted.csv` (everybody with a place, with ID numbers, without phones), `enrolments.csv`, `ledger.csv`
/// and `manifest.json`: SHA-256 and rows of each, and which publication they are of. The same data make the same
/// bytes.
///
/// # Errors
/// `WrongPhase`, `StepUpRequired`; `Conflict` `not_published`; `Altered`.
pub async fn hand_over(app: &App, caller: &Caller, code: String) -> Result<Vec<u8>, ServiceError> {
    let door = app.clone();
    app.act(caller, move |transaction| {
        transaction.season_for(Act::HandOver, &Whose::season(&code))?;
        let mut standings = standings(&door, transaction.connection, &code)?;
        standings.retain(|standing| standing.programme.is_some());
        let mut numbers = BTreeMap::new();
        for Standing { candidate, .. } in &standings {
            numbers.insert(candidate.exam_no.clone(), open_id_no(door.fields(), candidate)?);
        }
        let columns = Columns { total: true, id_no: Some(&numbers) };
        let admitted = list(transaction.connection, &code, standings.iter(), &columns)?;
        let enrolled = enrolments::list(transaction.connection, &code)?;
        let enrolled = enrolled.iter().map(|row| Enrolment {
            exam_no: &row.exam_no,
            school_code: &row.school_code,
            state: &row.state,
        });
        let entries = ledger_entries::list(transaction.connection, &code)?;
        let entries = entries.iter().map(|row| Entry {
            number: row.number,
            kind: &row.kind,
            exam_no: &row.exam_no,
            from_programme: &row.from_programme,
            to_programme: &row.to_programme,
            seat: &row.seat,
            authority: &row.authority,
            reason: &row.reason,
            content_hash: &row.content_hash,
        });
        let sheets = [
            ("admitted", admitted),
            ("enrolments", sheet("exam_no,school_code,state", enrolled)?),
            (
                "ledger",
                sheet(
                    "number,kind,exam_no,from_programme,to_programme,seat,authority,reason,content_hash",
                    entries,
                )?,
            ),
        ];
        let mut files = written(&sheets, Form::Csv(Encoding::Utf8)).map_err(unwritable)?;
        let publication = publications::list(transaction.connection, &code)?.pop();
        let publication = publication.ok_or(ServiceError::NotFound)?;
        let mut described = serde_json::Map::new();
        for (name, bytes) in &files {
            let hash = hex(&Sha256::digest(bytes));
            described.insert(name.clone(), json!({"sha256": hash, "rows": rows(bytes)}));
        }
        let at = jiff::Timestamp::from_millisecond(publication.at_ms).unwrap_or_default();
        let manifest = json!({
            "format": "hand-over/1",
            "season": code,
            "round": publication.round,
            "run": publication.run,
            "root": publication.root,
            "leaves_root": publication.leaves_root,
            "published_at": at.to_string(),
            "files": described,
        });
        let manifest = serde_json::to_vec_pretty(&manifest).map_err(broken)?;
        let hash = hex(&Sha256::digest(&manifest));
        files.push(("manifest.json".to_owned(), manifest));
        let zip = zipped(&files).map_err(broken)?;
        let detail = format!("{} admitted, manifest {hash}", standings.len());
        transaction.note(Act::HandOver, &code, "season", detail, Vec::new())?;
        Ok(zip)
    })
    .await
}

/// A sheet with its header, also where it has no rows.
fn sheet(header: &str, rows: impl Iterator<Item = impl Serialize>) -> Result<Vec<u8>, ServiceError> {
    let mut out = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    out.write_record(header.split(',')).map_err(broken)?;
    for row in rows {
        out.serialize(row).map_err(broken)?;
    }
    out.into_inner().map_err(broken)
}

/// Rows of a sheet below its header.
fn rows(bytes: &[u8]) -> usize {
    csv::Reader::from_reader(bytes).records().count()
}

/// Files with no time of their own, one after the other.
fn zipped(files: &[(String, Vec<u8>)]) -> Result<Vec<u8>, zip::result::ZipError> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        zip.start_file(name.as_str(), SimpleFileOptions::default())?;
        zip.write_all(bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

fn broken(error: impl std::fmt::Display) -> ServiceError {
    ServiceError::Internal(format!("the hand-over: {error}"))
}
