//! What lies at a desk of an entry, and what it gives: computed anew by the functions of the command line, never stored.

use crate::domain::access::{Act, fits_phase};
use crate::domain::compulsory::after_sheet::ARRIVALS;
use crate::domain::compulsory::desk::{Desk, DeskSubject, EARLIER, OPENING_POLICY, OpeningPolicy};
use crate::domain::compulsory::entry_sheet::SCHOOLS;
use crate::domain::compulsory::entry_stage::EntryStage;
use crate::domain::compulsory::register_spell::RegisterStatus;
use crate::domain::compulsory::school_place::SchoolKind;
use crate::domain::fault::Fault;
use crate::domain::hexadecimal::hex;
use crate::domain::phase::Phase;
use crate::domain::progress::Quiet;
use crate::files::cell_words::our_word;
use crate::files::compulsory::entry_sheets::{Cells, cell};
use crate::files::compulsory::register_sheets::register_lines;
use crate::files::file_source::HeldFiles;
use crate::files::sheet::Sheet;
use crate::service::admit_folder::NoResult;
use crate::service::app::{App, Transaction};
use crate::service::compulsory::group_classes::{class_files, fraction, freeze_grade, group_classes};
use crate::service::compulsory::keep_dropout_ledger::keep_dropout_ledger;
use crate::service::compulsory::open_register::{BroughtToOpening, open_placed_register};
use crate::service::compulsory::published_entry::{identities, published_entry};
use crate::service::compulsory::result_folder::{ResultFile, root};
use crate::service::compulsory::stored_entry::{entry_for, rows_of};
use crate::service::error::ServiceError;
use crate::service::secrets::field_cipher::{FieldCipher, Place};
use crate::storage::change::Audited;
use crate::storage::database::AnyConnection;
use crate::storage::desk_files::{self, DeskFileRow};
use crate::storage::seasons::SeasonRow;

/// A desk as a caller names it.
#[derive(Clone, Debug)]
pub struct DeskAddress {
    pub season: String,
    /// A word of [`Desk`].
    pub desk: String,
    /// A word of [`DeskSubject`].
    pub subject: String,
}

/// A desk of a season.
pub struct DeskPlace {
    pub season: SeasonRow,
    pub desk: Desk,
    pub subject: DeskSubject,
}

/// What a desk gives.
#[derive(Clone, Debug, Default)]
pub struct DeskResult {
    /// Files that it cannot do without and nobody brought yet.
    pub missing: Vec<String>,
    /// Faults of the files that were brought.
    pub faults: Vec<Fault>,
    /// Rules that refuse a result of sound files.
    pub breaches: Vec<String>,
    pub counts: Vec<(&'static str, u64)>,
    /// Hashes to publish, seeds, fractions.
    pub texts: Vec<(&'static str, String)>,
    pub files: Vec<ResultFile>,
}

/// The desk, if the actor may do the act at it.
///
/// # Errors
/// As of [`entry_for`]; `NotFound` without such a desk or subject.
pub fn desk_for(
    transaction: &mut Transaction<'_>,
    act: Act,
    address: &DeskAddress,
) -> Result<DeskPlace, ServiceError> {
    let (season, _) = entry_for(transaction, act, &address.season)?;
    let desk = Desk::from_word(&address.desk).ok_or(ServiceError::NotFound)?;
    let subject = DeskSubject::from_word(desk, &address.subject).ok_or(ServiceError::NotFound)?;
    if desk == Desk::Classes {
        let schools = rows_of(transaction.connection, &season.code, &SCHOOLS)?;
        if !schools.iter().flat_map(grades).any(|grade| grade == subject) {
            return Err(ServiceError::NotFound);
        }
    }
    Ok(DeskPlace { season, desk, subject })
}

/// The starting grades of a school's row.
pub fn grades(school: &Cells) -> impl Iterator<Item = DeskSubject> {
    let word = our_word("kind", cell(school, "kind"));
    let kind = SchoolKind::ALL.into_iter().find(|kind| kind.word() == word);
    let code = cell(school, "school_code").to_owned();
    let stages = EntryStage::ALL.into_iter().filter(move |stage| kind.is_some_and(|kind| kind.has(*stage)));
    stages.map(move |stage| DeskSubject::Grade { stage, school: code.clone() })
}

/// Whether a desk is open in a phase.
pub fn is_open(desk: Desk, phase: Phase) -> bool {
    !desk.is_after_result() || fits_phase(Act::ServeDeskAfterResult, phase)
}

/// The content of a file.
///
/// # Errors
/// `Internal` when it was altered, moved, or sealed under another key file.
pub fn open_content(fields: &FieldCipher, row: &DeskFileRow) -> Result<String, ServiceError> {
    let key = row.key();
    let fail = |_| ServiceError::Internal(format!("the desk's file {key} does not open"));
    fields.open(sealed_place(&key), &row.content).map_err(fail)
}

/// Where a content stands, sealed.
pub fn sealed_place(key: &str) -> Place<'_> {
    Place { table: DeskFileRow::TABLE, column: "content", row: key }
}

impl DeskPlace {
    /// The rows of its files.
    ///
    /// # Errors
    /// Storage failed.
    pub fn rows(&self, connection: &mut AnyConnection) -> Result<Vec<DeskFileRow>, ServiceError> {
        let (desk, subject) = (self.desk.word(), self.subject.word());
        Ok(desk_files::list_of(connection, &self.season.code, desk, &subject)?)
    }

    /// A row for one of its files.
    pub fn row(&self, file: &str) -> DeskFileRow {
        DeskFileRow {
            season: self.season.code.clone(),
            desk: self.desk.word().to_owned(),
            subject: self.subject.word(),
            file: file.to_owned(),
            ..DeskFileRow::default()
        }
    }

    /// The subject of its lines in the audit.
    pub fn noted(&self, file: &str) -> String {
        format!("desk:{}/{}/{file}", self.desk.word(), self.subject.word())
    }

    /// Its files, opened.
    ///
    /// # Errors
    /// Storage failed; a file does not open.
    pub fn held(&self, fields: &FieldCipher, rows: &[DeskFileRow]) -> Result<HeldFiles, ServiceError> {
        let mut held = HeldFiles::default();
        for row in rows {
            let Some(file) = self.desk.file(&row.file) else { continue };
            let text = open_content(fields, row)?;
            if file.sheet.is_some() {
                held.sheets.insert(file.name.to_owned(), Sheet::own(&row.file, text.into_bytes()));
            } else {
                held.texts.insert(row.file.clone(), text);
            }
        }
        Ok(held)
    }

    /// Does its work with files: what they give, or what stops it.
    ///
    /// # Errors
    /// Storage failed; the published result is not there or was altered.
    pub fn work(
        &self,
        app: &App,
        connection: &mut AnyConnection,
        held: &HeldFiles,
    ) -> Result<DeskResult, ServiceError> {
        let mut result = DeskResult::default();
        let stopped = match self.desk {
            Desk::Register => self.open(app, connection, held, &mut result)?,
            Desk::Classes => group(held, &mut result),
            Desk::Ledger => keep(held, &mut result),
        };
        match stopped {
            Ok(()) => {}
            Err(NoResult::Breaches(breaches)) => result.breaches = breaches,
            Err(NoResult::Faults(faults)) => result.faults = faults,
            Err(NoResult::Broken(error)) => return Err(ServiceError::Internal(error.to_string())),
        }
        for file in self.desk.files() {
            let name = file.file();
            if held.sheets.contains_key(file.name) || held.texts.contains_key(&name) {
                continue;
            }
            // What was not brought yet is no fault of what was.
            let before = result.faults.len();
            result.faults.retain(|fault| fault.place != name);
            if file.needed || result.faults.len() < before {
                result.missing.push(name);
            }
        }
        Ok(result)
    }

    /// Opens the register.
    fn open(
        &self,
        app: &App,
        connection: &mut AnyConnection,
        held: &HeldFiles,
        result: &mut DeskResult,
    ) -> Result<Result<(), NoResult>, ServiceError> {
        let policy = match held.texts.get(OPENING_POLICY).map(|text| OpeningPolicy::read(text)) {
            None => OpeningPolicy::default(),
            Some(Ok(policy)) => policy,
            Some(Err(faults)) => return Ok(Err(NoResult::Faults(faults))),
        };
        let earlier: Vec<Sheet> = held.sheets.get(EARLIER).cloned().into_iter().collect();
        let Some(arrivals) = held.sheets.get(ARRIVALS.name) else {
            let mut faults = Vec::new();
            earlier.iter().for_each(|sheet| drop(register_lines(sheet, &mut faults)));
            return Ok(if faults.is_empty() { Ok(()) } else { Err(NoResult::Faults(faults)) });
        };
        let season = &self.season.code;
        let placed = published_entry(app, connection, season)?;
        let identities = identities(connection, season, app.fields())?;
        let division = policy.division.as_deref();
        let brought = BroughtToOpening { identities: &identities, arrivals, earlier: &earlier, division };
        Ok(open_placed_register(placed, &brought).map(|opened| {
            let statuses = [
                ("enrolled", RegisterStatus::Enrolled),
                ("suspended", RegisterStatus::Suspended),
                ("deferred", RegisterStatus::Deferred),
                ("no_shows", RegisterStatus::Dropped),
            ];
            result.counts.extend(statuses.map(|(word, status)| (word, opened.count(status) as u64)));
            result.counts.push(("document_faults", opened.document_faults() as u64));
            result.files = opened.files();
        }))
    }
}

/// Freezes the lists of a grade and, once chance came, groups it.
fn group(held: &HeldFiles, result: &mut DeskResult) -> Result<(), NoResult> {
    let frozen = freeze_grade(held)?;
    result.counts = vec![("pupils", frozen.pupils as u64), ("classes", u64::from(frozen.classes))];
    result.texts = vec![("list_hash", hex(&frozen.list_hash))];
    result.texts.extend(frozen.teachers_hash.map(|hash| ("teachers_list_hash", hex(&hash))));
    let grouped = group_classes(held, &Quiet)?;
    let balance = &grouped.balance;
    let teachers = grouped.teachers.as_ref();
    result.counts.extend([
        ("size_gap", u64::from(balance.size_gap)),
        ("sex_gap", u64::from(balance.sex_gap)),
        ("source_gap", u64::from(balance.source_gap)),
        ("unmet_wishes", grouped.groups.unmet.len() as u64),
        ("head_teachers", teachers.map_or(0, |draw| draw.drawn.len() as u64)),
    ]);
    result.files = class_files(&grouped);
    result.texts.extend(balance.mean_gap.map(|gap| ("mean_gap", fraction(gap))));
    result.texts.push(("seed", grouped.seed.to_string()));
    result.texts.extend(teachers.map(|draw| ("teachers_seed", draw.seed.to_string())));
    result.texts.push(("root", root(&result.files)));
    Ok(())
}

/// Keeps the drop-out ledger.
fn keep(held: &HeldFiles, result: &mut DeskResult) -> Result<(), NoResult> {
    let kept = keep_dropout_ledger(held, &Quiet)?;
    let total = kept.total();
    result.counts = vec![
        ("graduates", u64::from(total.graduates())),
        ("in_junior", u64::from(total.in_junior)),
        ("settled", u64::from(total.settled)),
        ("unreported", u64::from(total.unreported)),
        ("findings", kept.ledger.findings.len() as u64),
    ];
    result.files = kept.files();
    Ok(())
}
