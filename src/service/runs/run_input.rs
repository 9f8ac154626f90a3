//! What a run is computed from: the season's sheets without names, ID numbers and phones.

use sha2::{Digest, Sha256};

use crate::domain::fault::Fault;
use crate::domain::hexadecimal::hex;
use crate::domain::season::Season;
use crate::domain::sheet_kind::SheetKind;
use crate::files::csv_bytes;
use crate::files::policy_text::with_seed_parts;
use crate::files::season_folder::{Sheets, read_season_sheets};
use crate::files::sheet::Sheet;
use crate::service::data_in::stored_sheets::{self, STORED};
use crate::service::error::ServiceError;
use crate::storage::candidates;
use crate::storage::database::AnyConnection;
use crate::storage::form_versions;
use crate::storage::seasons::SeasonRow;
use crate::storage::seed_parts;

/// The policy and the sheets.
pub struct RunInput {
    pub policy: String,
    pub sheets: Sheets,
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
    let kinds: Vec<SheetKind> = STORED.into_iter().filter(|kind| *kind != SheetKind::Candidates).collect();
    let mut sheets = stored_sheets::context(connection, &season.code, &kinds)?;
    let rows = candidates::list(connection, &season.code)?;
    let mut people = b"exam_no,junior_code,area_code,register_from,attended,repeat,local,bonus,bonus_reason,\
        quality_grade,flags\n"
        .to_vec();
    for row in rows {
        line(
            &mut people,
            &[
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
    }
    sheets.insert(SheetKind::Candidates, Sheet::own("candidates", people));
    let mut filed = b"exam_no,batch,position,programme_code\n".to_vec();
    for (exam_no, batch, choices) in form_versions::list_counting(connection, &season.code, stage)? {
        let choices: Vec<String> = serde_json::from_str(&choices)
            .map_err(|error| ServiceError::Internal(format!("the form of candidate {exam_no}: {error}")))?;
        for (position, programme) in (1..).zip(&choices).filter(|(_, programme)| !programme.is_empty()) {
            line(&mut filed, &[&exam_no, &batch, &i32::to_string(&position), programme]);
        }
    }
    sheets.insert(SheetKind::Preferences, Sheet::own("preferences", filed));
    let told = seed_parts::list(connection, &season.code)?;
    let seed_parts =
        told.into_iter().filter_map(|part| Some(format!("{}: {}", part.source, part.revealed?))).collect();
    Ok(RunInput { policy: season.policy.clone(), sheets, seed_parts })
}

fn line(out: &mut Vec<u8>, cells: &[&str]) {
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        csv_bytes::text(out, cell);
    }
    out.push(b'\n');
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
        hex(&hash.finalize())
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
