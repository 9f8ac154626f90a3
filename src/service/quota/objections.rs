//! What is said against a posting: filed by whom it concerns, answered by an office, before the next phase begins.

use crate::domain::access::{Act, fits_phase};
use crate::domain::actor::Whose;
use crate::domain::phase::Phase;
use crate::service::app::{App, Caller, Transaction};
use crate::service::error::{FieldFault, ServiceError};
use crate::service::secrets::field_cipher::{FieldCipher, Place};
use crate::service::stated_reason::check_reason;
use crate::storage::objections;
pub use crate::storage::objections::ObjectionRow;
use crate::storage::{candidates, programmes, seasons, senior_schools};

/// An objection to be filed.
#[derive(Clone, Debug)]
pub struct NewObjection {
    /// `eligibility` or `quota`.
    pub about: String,
    /// The exam number or the programme it is about.
    pub subject: String,
    pub text: String,
}

/// Files an objection, while the posting it is about may be objected to.
///
/// # Errors
/// `WrongPhase`; `Conflict` `not_now`; `Invalid` for a subject that is not the actor's concern, whether or not it exists, and for a text
/// of under 4 or over 500 characters.
pub async fn file_objection(
    app: &App,
    caller: &Caller,
    code: String,
    new: NewObjection,
) -> Result<ObjectionRow, ServiceError> {
    let fields = app.fields().clone();
    app.act(caller, move |transaction| {
        if Act::FileObjection.reach(transaction.actor.role).is_none() {
            return Err(ServiceError::Forbidden);
        }
        let season = seasons::find(transaction.connection, &code)?.ok_or(ServiceError::NotFound)?;
        let phase = season.phase()?;
        if !fits_phase(Act::FileObjection, phase) {
            return Err(ServiceError::WrongPhase { phase });
        }
        let whose = whose(transaction, &code, &new)?;
        let whose = whose
            .filter(|whose| transaction.permit(Act::FileObjection, whose) != Err(ServiceError::NotFound));
        let Some(whose) = whose else {
            let fault = FieldFault::new("/subject", "unknown", "is none of your concern, or does not exist");
            return Err(ServiceError::Invalid(vec![fault]));
        };
        transaction.permit(Act::FileObjection, &whose)?;
        let open = match new.about.as_str() {
            "eligibility" => phase == Phase::EligibilityPosted,
            _ => phase == Phase::QuotaPublished,
        };
        if !open {
            let detail = format!("nothing is objected to about {} in phase {}", new.about, phase.word());
            return Err(ServiceError::conflict("not_now", detail));
        }
        check_reason(&new.text)?;
        let id = uuid::Uuid::now_v7().to_string();
        let row = ObjectionRow {
            season: code.clone(),
            about: new.about,
            subject: new.subject,
            junior: whose.junior,
            senior: whose.senior,
            area: whose.area,
            filed_by: transaction.actor.account.clone(),
            text: fields.seal(place("text", &id), new.text.trim()),
            filed_at_ms: transaction.at_ms,
            answered_by: None,
            answer: None,
            answered_at_ms: None,
            id,
        };
        let change = objections::add(transaction.connection, &row)?;
        let subject = format!("objection:{}", row.id);
        transaction.note(Act::FileObjection, &code, &subject, row.about.clone(), vec![change])?;
        opened(&fields, row)
    })
    .await
}

/// Answers an objection.
///
/// # Errors
/// `NotFound`; `Conflict` `answered`; `Invalid` for an answer of under 4 or over 500 characters.
pub async fn answer_objection(
    app: &App,
    caller: &Caller,
    code: String,
    id: String,
    answer: String,
) -> Result<ObjectionRow, ServiceError> {
    let fields = app.fields().clone();
    app.act(caller, move |transaction| {
        if Act::AnswerObjection.reach(transaction.actor.role).is_none() {
            return Err(ServiceError::Forbidden);
        }
        let mut row = objections::find(transaction.connection, &code, &id)?.ok_or(ServiceError::NotFound)?;
        transaction.season_for(Act::AnswerObjection, &concern(&row))?;
        check_reason(&answer)?;
        if row.answer.is_some() {
            return Err(ServiceError::conflict("answered", "this objection was answered before"));
        }
        row.answered_by = Some(transaction.actor.account.clone());
        row.answer = Some(fields.seal(place("answer", &id), answer.trim()));
        row.answered_at_ms = Some(transaction.at_ms);
        let change = objections::answer(transaction.connection, &row)?;
        transaction.note(Act::AnswerObjection, &code, &format!("objection:{id}"), "", vec![change])?;
        opened(&fields, row)
    })
    .await
}

/// Objections after an id: one's own, and as far as the actor's office reaches.
///
/// # Errors
/// `NotFound` without the season.
pub async fn list_objections(
    app: &App,
    caller: &Caller,
    code: String,
    after: String,
    limit: i64,
) -> Result<Vec<ObjectionRow>, ServiceError> {
    let fields = app.fields().clone();
    app.look(caller, move |transaction| {
        if Act::ListObjections.reach(transaction.actor.role).is_none() {
            return Err(ServiceError::Forbidden);
        }
        seasons::find(transaction.connection, &code)?.ok_or(ServiceError::NotFound)?;
        let mut after = after;
        let mut listed = Vec::new();
        loop {
            let page = objections::list(transaction.connection, &code, &after, limit)?;
            let Some(last) = page.last() else { break };
            after = last.id.clone();
            for row in page {
                let own = row.filed_by == transaction.actor.account;
                if (own || transaction.permit(Act::ListObjections, &concern(&row)).is_ok())
                    && (listed.len() as i64) < limit
                {
                    listed.push(opened(&fields, row)?);
                }
            }
            if listed.len() as i64 >= limit {
                break;
            }
        }
        Ok(listed)
    })
    .await
}

/// Refuses to go on while objections of a kind wait for an answer.
///
/// # Errors
/// `Conflict` `objections_open`.
pub fn all_answered(
    transaction: &mut Transaction<'_>,
    season: &str,
    about: &str,
) -> Result<(), ServiceError> {
    match objections::count_open(transaction.connection, season, about)? {
        0 => Ok(()),
        open => {
            let detail = format!("{open} objections about {about} wait for an answer");
            Err(ServiceError::conflict("objections_open", detail))
        }
    }
}

/// Whose concern the subject is; `None` where there is none of that name.
fn whose(
    transaction: &mut Transaction<'_>,
    season: &str,
    new: &NewObjection,
) -> Result<Option<Whose>, ServiceError> {
    if new.about == "eligibility" {
        let found = candidates::find(transaction.connection, season, &new.subject)?;
        return Ok(found.map(|row| Whose {
            exam_no: Some(row.exam_no),
            junior: Some(row.junior_code),
            area: Some(row.area_code),
            ..Whose::season(season)
        }));
    }
    if new.about != "quota" {
        let fault = FieldFault::new("/about", "unknown", "must be eligibility or quota");
        return Err(ServiceError::Invalid(vec![fault]));
    }
    let found = programmes::list_some(transaction.connection, season, &[&new.subject])?.pop();
    let Some(programme) = found else { return Ok(None) };
    let schools = senior_schools::list(transaction.connection, season)?;
    let area = schools.into_iter().find(|school| school.school_code == programme.school_code);
    Ok(Some(Whose {
        senior: Some(programme.school_code),
        area: area.map(|school| school.area_code),
        ..Whose::season(season)
    }))
}

fn concern(row: &ObjectionRow) -> Whose {
    Whose {
        exam_no: (row.about == "eligibility").then(|| row.subject.clone()),
        junior: row.junior.clone(),
        senior: row.senior.clone(),
        area: row.area.clone(),
        ..Whose::season(&row.season)
    }
}

fn place<'p>(column: &'p str, row: &'p str) -> Place<'p> {
    Place { table: "objections", column, row }
}

/// The row with its texts opened.
fn opened(fields: &FieldCipher, mut row: ObjectionRow) -> Result<ObjectionRow, ServiceError> {
    let fail = |_| ServiceError::Internal(format!("objection {} does not open", row.id));
    let text = fields.open(place("text", &row.id), &row.text).map_err(fail)?;
    let answer = row.answer.as_ref().map(|answer| fields.open(place("answer", &row.id), answer)).transpose();
    row.answer = answer.map_err(|_| ServiceError::Internal("an answer does not open".to_owned()))?;
    row.text = text;
    Ok(row)
}
