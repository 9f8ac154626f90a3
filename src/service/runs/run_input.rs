//! What a run is computed from: the season's sheets without names, ID numbers and phones.

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::domain::admission_kind::AdmissionKind;
use crate::domain::compulsory::entry::Entry;
use crate::domain::fault::Fault;
use crate::domain::hexadecimal::hex;
use crate::domain::season::Season;
use crate::domain::sheet_kind::SheetKind;
use crate::engine::compulsory::zone_map::zones_from_map;
use crate::files::compulsory::entry_folder::read_entry_sheets;
use crate::files::compulsory::entry_sheets::EntrySheets;
use crate::files::csv_bytes;
use crate::files::policy_text::with_seed_parts;
use crate::files::season_folder::{Sheets, read_season_sheets};
use crate::files::sheet::Sheet;
use crate::service::compulsory::stored_entry;
use crate::service::data_in::stored_sheets::{self, STORED};
use crate::service::error::ServiceError;
use crate::storage::candidates;
use crate::storage::database::{AnyConnection, Database};
use crate::storage::form_versions;
use crate::storage::seasons::SeasonRow;
use crate::storage::seed_parts;

/// Forms that a thread writes out at a time.
const FORMS_AT_ONCE: usize = 4096;

/// The policy and the sheets.
pub struct RunInput {
    pub policy: String,
    /// Of a season that admits to senior highs.
    pub sheets: Sheets,
    /// Of an entry to compulsory schools.
    pub entry: Option<EntrySheets>,
    /// What the sources of the seed have told, in the order of their names.
    pub seed_parts: Vec<String>,
}

/// Reads what a run of the season is computed from: rosters, marks, plans, and of every form the version that counts.
///
/// # Errors
/// Storage failed.
pub fn run_input(
    connection: &mut AnyConnection,
    season: &SeasonRow,
    stage: &str,
) -> Result<RunInput, ServiceError> {
    let mut input = frame(connection, season, stage)?;
    if input.entry.is_none() {
        input.sheets.insert(SheetKind::Candidates, people(connection, &season.code)?);
        input.sheets.insert(SheetKind::Preferences, forms(connection, &season.code, stage)?);
    }
    Ok(input)
}

/// As [`run_input`], on several connections at once. Where something was changed meanwhile its parts may be of different
/// states: whoever uses it holds its hash against the one that was signed off.
///
/// # Errors
/// As of [`run_input`].
pub async fn read_run_input(
    database: &Database,
    season: SeasonRow,
    stage: &'static str,
) -> Result<RunInput, ServiceError> {
    if season.admission()? == AdmissionKind::Compulsory {
        return database.read(move |connection| run_input(connection, &season, stage)).await;
    }
    let (code, same_code) = (season.code.clone(), season.code.clone());
    let (mut input, people, forms) = tokio::try_join!(
        database.read(move |connection| frame(connection, &season, stage)),
        database.read(move |connection| people(connection, &code)),
        database.read(move |connection| forms(connection, &same_code, stage)),
    )?;
    input.sheets.insert(SheetKind::Candidates, people);
    input.sheets.insert(SheetKind::Preferences, forms);
    Ok(input)
}

/// All but the sheets of a senior-high season that have many rows of texts.
fn frame(connection: &mut AnyConnection, season: &SeasonRow, stage: &str) -> Result<RunInput, ServiceError> {
    let told = seed_parts::list(connection, &season.code)?;
    let seed_parts =
        told.into_iter().filter_map(|part| Some(format!("{}: {}", part.source, part.revealed?))).collect();
    let policy = season.policy.clone();
    if season.admission()? == AdmissionKind::Compulsory {
        let entry = Some(stored_entry::whole(connection, &season.code, stage)?);
        return Ok(RunInput { policy, sheets: Sheets::new(), entry, seed_parts });
    }
    let kinds: Vec<SheetKind> = STORED.into_iter().filter(|kind| *kind != SheetKind::Candidates).collect();
    let sheets = stored_sheets::context(connection, &season.code, &kinds)?;
    Ok(RunInput { policy, sheets, entry: None, seed_parts })
}

/// The roster without names, ID numbers and phones.
fn people(connection: &mut AnyConnection, season: &str) -> Result<Sheet, ServiceError> {
    let mut people = b"exam_no,junior_code,area_code,register_from,attended,repeat,local,bonus,bonus_reason,\
        quality_grade,flags\n"
        .to_vec();
    candidates::each_entitlement(connection, season, |row| {
        csv_bytes::row(
            &mut people,
            [
                &row.exam_no,
                &row.junior_code,
                &row.area_code,
                &row.register_from,
                &row.attended,
                &row.repeat,
                &row.local,
                &row.bonus,
                &row.bonus_reason,
                &row.quality_grade,
                &row.flags,
            ],
        );
    })?;
    Ok(Sheet::own("candidates", people))
}

/// Every choice of every form's version that counts.
fn forms(connection: &mut AnyConnection, season: &str, stage: &str) -> Result<Sheet, ServiceError> {
    let forms = form_versions::list_counting(connection, season, stage)?;
    let filed: Vec<Vec<u8>> = forms.par_chunks(FORMS_AT_ONCE).map(choices).collect::<Result<_, _>>()?;
    let header = b"exam_no,batch,position,programme_code\n".to_vec();
    let filed = std::iter::once(header).chain(filed).collect::<Vec<_>>().concat();
    Ok(Sheet::own("preferences", filed))
}

/// Rows of the sheet of preferences: of every form (exam number, list, choices as JSON) a row per choice.
fn choices(forms: &[(String, String, String)]) -> Result<Vec<u8>, ServiceError> {
    let mut rows = Vec::new();
    for (exam_no, batch, choices) in forms {
        let choices: Vec<String> = serde_json::from_str(choices)
            .map_err(|error| ServiceError::Internal(format!("the form of candidate {exam_no}: {error}")))?;
        for (position, programme) in (1..).zip(&choices).filter(|(_, programme)| !programme.is_empty()) {
            let mut number = itoa::Buffer::new();
            csv_bytes::row(&mut rows, [exam_no.as_str(), batch, number.format(position), programme]);
        }
    }
    Ok(rows)
}

impl RunInput {
    /// The hash that the freeze puts on record: over the policy and every sheet, before any seed is known.
    pub fn hash(&self) -> String {
        let mut hash = Sha256::new();
        let mut part = |bytes: &[u8]| {
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        };
        part(b"frozen/1");
        part(self.policy.as_bytes());
        for (kind, sheet) in &self.sheets {
            part(kind.word().as_bytes());
            part(&sheet.text);
        }
        if let Some(entry) = &self.entry {
            for (name, sheet) in &entry.sheets {
                part(name.as_bytes());
                part(&sheet.text);
            }
            part(entry.map.as_deref().unwrap_or_default());
        }
        hex(&hash.finalize())
    }

    /// The entry as the engine reads it, its zones filled from the map, under its own policy or another one.
    ///
    /// # Errors
    /// Every fault of the policy and the sheets.
    pub fn entry(&self, sheets: &EntrySheets, other_policy: Option<&str>) -> Result<Entry, Vec<Fault>> {
        let policy = with_seed_parts(other_policy.unwrap_or(&self.policy), &self.seed_parts)?;
        let mut entry = read_entry_sheets(&policy, sheets)?;
        zones_from_map(&mut entry);
        Ok(entry)
    }

    /// The season as the engine reads it, under its own policy or another one, with the seed told so far.
    ///
    /// # Errors
    /// Every fault of the policy and the sheets.
    pub fn season(&self, other_policy: Option<&str>) -> Result<Season, Vec<Fault>> {
        let policy = with_seed_parts(other_policy.unwrap_or(&self.policy), &self.seed_parts)?;
        read_season_sheets(&policy, &self.sheets)
    }
}
