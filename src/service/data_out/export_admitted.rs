//! The admitted list as each office may have it, in the form its own programs read.

use crate::domain::access::{Act, Reach};
use crate::domain::actor::{Actor, Whose};
use crate::domain::fault::Fault;
use crate::domain::role::Role;
use crate::files::encoding::Encoding;
use crate::service::app::{App, Caller, Transaction};
use crate::service::data_out::standings::{Columns, Standing, list, standings};
use crate::service::error::{FieldFault, ServiceError};
use crate::service::export_folder::{Form, written};
use crate::storage::{junior_schools, senior_schools};

/// A form a list is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Csv,
    /// With a byte order mark, for a double click.
    CsvBom,
    Gb18030,
    Xlsx,
    /// In GBK, as old programs read it.
    Dbf,
}

impl Format {
    const ALL: [Format; 5] = [Format::Csv, Format::CsvBom, Format::Gb18030, Format::Xlsx, Format::Dbf];

    /// The word of the API.
    pub fn word(self) -> &'static str {
        match self {
            Format::Csv => "csv",
            Format::CsvBom => "csv_bom",
            Format::Gb18030 => "gb18030",
            Format::Xlsx => "xlsx",
            Format::Dbf => "dbf",
        }
    }

    fn form(self) -> Form {
        match self {
            Format::Csv => Form::Csv(Encoding::Utf8),
            Format::CsvBom => Form::Csv(Encoding::Utf8Bom),
            Format::Gb18030 => Form::Csv(Encoding::Gb18030),
            Format::Xlsx => Form::Xlsx,
            Format::Dbf => Form::Dbf { all_characters: false },
        }
    }
}

/// Which list is asked for.
#[derive(Clone, Debug, Default)]
pub struct ListWanted {
    /// A word of [`Format`]; `csv` unless given.
    pub format: Option<String>,
    /// Only those admitted to this senior high.
    pub school: Option<String>,
    /// Only graduates of this junior high.
    pub junior: Option<String>,
}

/// The list of those in the actor's reach, which goes on the record: a senior high has those admitted to it,
/// everybody else also those without a place. A junior high gets no totals: a school makes no ranking of marks.
///
/// # Errors
/// `Invalid` for an unknown format, and with every cell that the format cannot write; `NotFound` for a school out of
/// reach; `Conflict` `not_published`; `Altered`.
pub async fn export_admitted(
    app: &App,
    caller: &Caller,
    code: String,
    wanted: ListWanted,
) -> Result<(Format, Vec<u8>), ServiceError> {
    let door = app.clone();
    app.act(caller, move |transaction| {
        let act = Act::ExportAdmitted;
        let actor = transaction.actor.clone();
        let rows = standings_wanted(&door, transaction, &code, &wanted)?;
        let format = match &wanted.format {
            None => Format::Csv,
            Some(word) => Format::ALL.into_iter().find(|format| format.word() == word).ok_or_else(|| {
                let words = Format::ALL.map(Format::word).join(", ");
                ServiceError::invalid("format", "unknown", format!("must be one of {words}"))
            })?,
        };
        let columns = Columns { total: actor.role != Role::JuniorHigh, id_no: None };
        let text = list(transaction.connection, &code, rows.iter(), &columns)?;
        let (_, bytes) = written(&[("admitted", text)], format.form())
            .map_err(unwritable)?
            .into_iter()
            .next()
            .ok_or_else(|| ServiceError::Internal("a list was written to no file".to_owned()))?;
        let detail = format!("{} rows as {}", rows.len(), format.word());
        transaction.note(act, &code, &subject(&actor), detail, Vec::new())?;
        Ok((format, bytes))
    })
    .await
}

/// The standings that are asked for and in the actor's reach, by exam number.
///
/// # Errors
/// As [`Transaction::season_for`]; `NotFound` for a school out of reach; `Conflict` `not_published`; `Altered`.
pub fn standings_wanted(
    app: &App,
    transaction: &mut Transaction<'_>,
    code: &str,
    wanted: &ListWanted,
) -> Result<Vec<Standing>, ServiceError> {
    let act = Act::ExportAdmitted;
    let actor = transaction.actor.clone();
    transaction.season_for(act, &asked_for(&actor, code, wanted))?;
    let mut standings = standings(app, transaction.connection, code)?;
    if let Some(school) = &wanted.school {
        let schools = senior_schools::list(transaction.connection, code)?;
        schools.iter().find(|row| row.school_code == *school).ok_or(ServiceError::NotFound)?;
    }
    if let Some(junior) = &wanted.junior {
        let schools = junior_schools::list(transaction.connection, code)?;
        let row = schools.iter().find(|row| row.school_code == *junior).ok_or(ServiceError::NotFound)?;
        if act.reach(actor.role) == Some(Reach::Area) && actor.area.as_ref() != Some(&row.area_code) {
            return Err(ServiceError::NotFound);
        }
    }
    standings.retain(|one| in_reach(&actor, one) && fits(wanted, one));
    Ok(standings)
}

/// Whose list it is: a school that names another asks for that one's.
fn asked_for(actor: &Actor, code: &str, wanted: &ListWanted) -> Whose {
    Whose {
        junior: wanted.junior.clone().or_else(|| actor.school.clone()),
        senior: wanted.school.clone().or_else(|| actor.school.clone()),
        area: actor.area.clone(),
        ..Whose::season(code)
    }
}

fn in_reach(actor: &Actor, standing: &Standing) -> bool {
    let is = |mine: &Option<String>, theirs: &str| mine.as_deref() == Some(theirs);
    match Act::ExportAdmitted.reach(actor.role) {
        Some(Reach::School) if actor.role == Role::SeniorHigh => is(&actor.school, standing.school()),
        Some(Reach::School) => is(&actor.school, &standing.candidate.junior_code),
        Some(Reach::Area) => is(&actor.area, &standing.candidate.area_code),
        Some(Reach::All) => true,
        Some(Reach::Own) | None => false,
    }
}

fn fits(wanted: &ListWanted, standing: &Standing) -> bool {
    wanted.school.as_ref().is_none_or(|school| school == standing.school())
        && wanted.junior.as_ref().is_none_or(|junior| *junior == standing.candidate.junior_code)
}

/// The audit's name of what was read.
pub fn subject(actor: &Actor) -> String {
    match (actor.role, &actor.school, &actor.area) {
        (Role::SeniorHigh, Some(school), _) => format!("senior:{school}"),
        (Role::JuniorHigh, Some(school), _) => format!("junior:{school}"),
        (Role::CountyBureau, _, Some(area)) => format!("area:{area}"),
        _ => "season".to_owned(),
    }
}

/// Cells that the form cannot hold, each with its row and column.
pub fn unwritable(faults: Vec<Fault>) -> ServiceError {
    let fault = |fault: Fault| {
        let (row, column) = (fault.row.unwrap_or_default(), fault.column.as_deref().unwrap_or_default());
        FieldFault::of_file(format!("/{row}/{column}"), "not_writable", &fault)
    };
    ServiceError::Invalid(faults.into_iter().map(fault).collect())
}
