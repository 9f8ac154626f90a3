//! One sheet of paper to be signed: a pupil, what counts of her lists, and a code that a scanner reads.

use std::collections::BTreeMap;

use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};

use crate::domain::paper_code::PaperCode;
use crate::domain::policy::Policy;
use crate::service::error::ServiceError;
use crate::service::forms::show_form::FormVersionRow;
use crate::service::forms::stored_form::from_json;
use crate::web::wire_time;

/// Units of a side of the drawn code; the style sheet says how large it is printed.
const SIDE: u32 = 200;
/// Lists with more choices are set in two columns, so that all of a pupil's lists stand on one page.
const LONG: usize = 10;

/// A pupil's sheet.
pub struct FormSheet {
    pub exam_no: String,
    pub name: String,
    pub class: String,
    pub junior: String,
    pub lists: Vec<SheetList>,
}

/// A list on it.
pub struct SheetList {
    pub name: String,
    pub version: i64,
    pub at: String,
    pub receipt: String,
    pub hash: String,
    pub choices: Vec<SheetChoice>,
    /// An SVG drawing of the code.
    pub code: String,
}

/// A choice on it.
pub struct SheetChoice {
    pub place: usize,
    pub code: String,
    pub name: String,
}

impl SheetList {
    /// A submitted version as it is printed.
    ///
    /// # Errors
    /// `Internal` when the stored row was altered.
    pub fn of(
        policy: &Policy,
        names: &BTreeMap<String, String>,
        form: FormVersionRow,
    ) -> Result<SheetList, ServiceError> {
        let choices = from_json(&form.choices)?;
        let choice = |(place, code): (usize, &str)| SheetChoice {
            place,
            code: code.to_owned(),
            name: names.get(code).cloned().unwrap_or_default(),
        };
        let code = PaperCode {
            exam_no: form.exam_no,
            batch: form.batch.clone(),
            version: form.version,
            hash: form.hash.clone(),
        };
        Ok(SheetList {
            name: policy.list_name(&form.batch),
            choices: choices.filled().map(choice).collect(),
            code: drawn(&code)?,
            version: form.version,
            at: wire_time::read_by_people(form.at_ms),
            receipt: form.receipt,
            hash: form.hash,
        })
    }

    /// Whether it is set in two columns.
    pub fn is_long(&self) -> bool {
        self.choices.len() > LONG
    }
}

fn drawn(code: &PaperCode) -> Result<String, ServiceError> {
    let code = QrCode::with_error_correction_level(code.to_string(), EcLevel::M)
        .map_err(|error| ServiceError::Internal(format!("the code of a sheet: {error}")))?;
    let drawing = code.render::<svg::Color<'_>>().min_dimensions(SIDE, SIDE).build();
    // The declaration of XML stands at the beginning of a file, not within a page.
    let begins = drawing.find("<svg").unwrap_or_default();
    Ok(drawing[begins..].to_owned())
}
