//! A candidate files the guardian's phone anew, with the second factor fresh; it stands encrypted.

use crate::domain::access::Act;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::service::people::sealed_person::seal_guardian_phone;
use crate::service::people::show_candidate::{concerned, subject};
use crate::storage::candidates;

/// Files a mainland mobile number.
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
        seal_guardian_phone(door.fields(), &mut candidate, &phone);
        let change = candidates::set_guardian_phone(transaction.connection, &candidate)?;
        transaction.note(act, &season, &subject(&exam_no), "", vec![change])
    })
    .await
}
