//! Makes the drop-out ledger of a folder: every graduate accounted for once, or who must act next and by when.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::domain::compulsory::graduate_tracking::{Graduate, TrackingStep};
use crate::domain::progress::Progress;
use crate::engine::compulsory::dropout_ledger::{
    DropoutLedger, LedgerFinding, Standing, Tally, dropout_ledger, ledger_breaches,
};
use crate::files::compulsory::tracking_folder::{TrackingSheets, read_tracking};
use crate::files::file_source::FileSource;
use crate::service::admit_folder::NoResult;
use crate::service::compulsory::entry_inputs::Table;
use crate::service::compulsory::result_folder::{ResultFile, write_folder};

/// A ledger with what it was made of.
pub struct KeptLedger {
    sheets: TrackingSheets,
    pub ledger: DropoutLedger,
}

/// Makes the ledger of a folder, or of the files of one.
///
/// # Errors
/// [`NoResult`]: every fault of the sheets; a ledger that does not account for everybody once.
pub fn keep_dropout_ledger<'f>(
    files: impl Into<FileSource<'f>>,
    progress: &dyn Progress,
) -> Result<KeptLedger, NoResult> {
    progress.stage("read the tracking's folder", 0);
    let sheets = read_tracking(files.into()).map_err(NoResult::Faults)?;
    progress.stage("account for everybody", sheets.graduates.len() as u64);
    let ledger = dropout_ledger(&sheets.tracking);
    let breaches = ledger_breaches(&sheets.tracking, &ledger);
    if breaches.is_empty() { Ok(KeptLedger { sheets, ledger }) } else { Err(NoResult::Breaches(breaches)) }
}

impl KeptLedger {
    /// All counties together.
    pub fn total(&self) -> Tally {
        let mut total = Tally::default();
        for tally in self.ledger.by_county.values() {
            total.in_junior += tally.in_junior;
            total.settled += tally.settled;
            total.unreported += tally.unreported;
        }
        total
    }

    /// Every file by its path.
    pub fn files(&self) -> Vec<ResultFile> {
        vec![
            ("findings.csv", self.findings()),
            ("ledger.csv", self.lines()),
            ("letters.csv", self.letters()),
            ("tallies.csv", self.tallies()),
            ("unaccounted.csv", self.unaccounted()),
        ]
    }

    /// Writes them into a folder that is new or empty.
    ///
    /// # Errors
    /// When the disk fails, or the folder holds something.
    pub fn write(&self, out: &Path) -> std::io::Result<()> {
        write_folder(&self.files(), out)
    }

    /// Everybody, in the order of persons.
    fn lines(&self) -> Vec<u8> {
        let tracking = &self.sheets.tracking;
        let mut table = Table::new("person,primary_code,county,expected_at,standing,junior_code,outcome,on");
        for line in &self.ledger.lines {
            let graduate = &tracking.graduates[line.graduate as usize];
            let (junior, outcome, on) = match &line.standing {
                Standing::InJunior { arrival } => {
                    let arrival = &tracking.arrivals[*arrival as usize];
                    (arrival.junior.as_str(), "", arrival.on.to_string())
                }
                Standing::Settled { outcome } | Standing::Unreported { known: Some(outcome), .. } => {
                    let outcome = &tracking.outcomes[*outcome as usize];
                    ("", outcome.kind.word(), outcome.on.to_string())
                }
                Standing::Unreported { known: None, .. } => ("", "", String::new()),
            };
            table.row(&[
                graduate.person.as_str(),
                &graduate.primary,
                &graduate.county,
                graduate.expected_at.as_deref().unwrap_or_default(),
                line.standing.word(),
                junior,
                outcome,
                &on,
            ]);
        }
        table.bytes()
    }

    /// Who is not accounted for, county by county.
    fn open(&self) -> BTreeMap<(&str, &str), (&Graduate, &Standing)> {
        let mut open = BTreeMap::new();
        for line in &self.ledger.lines {
            let graduate = &self.sheets.tracking.graduates[line.graduate as usize];
            if matches!(line.standing, Standing::Unreported { .. }) {
                open.insert((graduate.county.as_str(), graduate.person.as_str()), (graduate, &line.standing));
            }
        }
        open
    }

    fn unaccounted(&self) -> Vec<u8> {
        let mut table = Table::new("county,person,primary_code,expected_at,known,next_step,by,who");
        for ((county, person), (graduate, standing)) in self.open() {
            let Standing::Unreported { known, next } = standing else { continue };
            let known =
                known.map_or("", |outcome| self.sheets.tracking.outcomes[outcome as usize].kind.word());
            let expected_at = graduate.expected_at.as_deref().unwrap_or_default();
            let (step, by, who) = next.as_ref().map_or(("", String::new(), ""), |next| {
                (next.step.word(), next.by.to_string(), next.who.as_str())
            });
            table.row(&[county, person, &graduate.primary, expected_at, known, step, &by, who]);
        }
        table.bytes()
    }

    /// Letters to guardians that were not written yet, with the day they are due and what must be done before.
    fn letters(&self) -> Vec<u8> {
        let tracking = &self.sheets.tracking;
        let written: BTreeSet<&str> = tracking
            .steps
            .iter()
            .filter(|done| done.step == TrackingStep::Write)
            .map(|done| done.person.as_str())
            .collect();
        let due = tracking.policy.due(TrackingStep::Write).to_string();
        let mut table = Table::new("county,person,due,waits_for");
        for ((county, person), (_, standing)) in self.open() {
            let Standing::Unreported { next: Some(next), .. } = standing else { continue };
            if !written.contains(person) {
                let waits_for = if next.step == TrackingStep::Write { "" } else { next.step.word() };
                table.row(&[county, person, &due, waits_for]);
            }
        }
        table.bytes()
    }

    fn tallies(&self) -> Vec<u8> {
        let mut table = Table::new("of,code,graduates,in_junior,settled,unreported");
        for (of, tallies) in [("county", &self.ledger.by_county), ("primary", &self.ledger.by_primary)] {
            for (code, tally) in tallies {
                table.row(&[
                    of,
                    code,
                    &tally.graduates().to_string(),
                    &tally.in_junior.to_string(),
                    &tally.settled.to_string(),
                    &tally.unreported.to_string(),
                ]);
            }
        }
        table.bytes()
    }

    /// What people must look at, with the rows it stands on.
    fn findings(&self) -> Vec<u8> {
        let sheets = &self.sheets;
        let of = |places: &[(String, u64)], row: u32| {
            let (file, line) = &places[row as usize];
            format!("{file} row {line}")
        };
        let mut table = Table::new("finding,rows");
        for finding in &self.ledger.findings {
            let rows: Vec<String> = match finding {
                LedgerFinding::GraduateTwice { rows } => {
                    rows.iter().map(|row| of(&sheets.graduates, *row)).collect()
                }
                LedgerFinding::ArrivedTwice { rows } => {
                    rows.iter().map(|row| of(&sheets.arrivals, *row)).collect()
                }
                LedgerFinding::ArrivalFromNowhere { row } => vec![of(&sheets.arrivals, *row)],
                LedgerFinding::OutcomeFromNowhere { row } | LedgerFinding::NoNote { row } => {
                    vec![of(&sheets.outcomes, *row)]
                }
                LedgerFinding::StepFromNowhere { row } => vec![of(&sheets.steps, *row)],
                LedgerFinding::ArrivedAfterDeath { arrival, outcome } => {
                    vec![of(&sheets.arrivals, *arrival), of(&sheets.outcomes, *outcome)]
                }
            };
            table.row(&[finding.word(), &rows.join("; ")]);
        }
        table.bytes()
    }
}
