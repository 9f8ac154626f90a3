//! A candidate files the guardian's phone anew, with the second factor fresh; both numbers are told.

use crate::domain::access::Act;
use crate::domain::language::Language;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::service::notices::tell_family::{tell_family, tell_old_number};
use crate::service::people::sealed_person::{open_guardian_phone, seal_guardian_phone};
use crate::service::people::show_candidate::{concerned, subject};
use crate::storage::candidates;
use crate::words::texts::Words;

/// Files a mainland mobile number, encrypted. A change is told to the candidate, to the new number and to the old.
///
/// # Errors
/// `Invalid` for anything but 11 digits of a mobile number; `NotFound` for anybody but herself; `StepUpRequired`.
pub async fn set_guardian_phone(
    app: &App,
    caller: &Caller,
    season: String,
    exam_no: String,
    phone: String,
) -> Result<(), ServiceError> {
    let door = app.clone();
    app.act(caller, move |transaction| {
        let act = Act::SetGuardianPhone;
        let (_, mut candidate) = concerned(transaction, act, &season, &exam_no)?;
        let phone: String = phone.chars().filter(|sign| !" -".contains(*sign)).collect();
        let digits = phone.len() == 11 && phone.bytes().all(|byte| byte.is_ascii_digit());
        if !digits || !("13".."2").contains(&phone.as_str()) {
            return Err(ServiceError::invalid("/phone", "malformed", "must be a mobile number of 11 digits"));
        }
        let old = open_guardian_phone(door.fields(), &candidate)?;
        seal_guardian_phone(door.fields(), &mut candidate, &phone);
        let change = candidates::set_guardian_phone(transaction.connection, &candidate)?;
        if old != phone {
            let words = Words(Language::Chinese);
            tell_family(transaction, &season, &exam_no, &words.text("notice-phone-changed"))?;
            if !old.is_empty() {
                // Whoever has the old number is the first to notice a thief.
                let told = words.text("notice-phone-left");
                tell_old_number(transaction, door.fields(), (&season, &exam_no), &old, &told)?;
            }
        }
        transaction.note(act, &season, &subject(&exam_no), "", vec![change])
    })
    .await
}
