//! An office sees the classes in its reach and how many pupils each has: what it prints and looks at class by class.

use std::collections::BTreeMap;

use crate::domain::access::Act;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::service::people::list_candidates::reach_of;
use crate::storage::{candidates, junior_schools};

/// A class of a junior high.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PupilClass {
    pub junior_code: String,
    pub junior_name: String,
    pub class: String,
    pub pupils: i64,
}

/// Classes by junior high and name; counts only, so no look at anybody is noted.
///
/// # Errors
/// `Forbidden` to offices without pupils.
pub async fn list_classes(
    app: &App,
    caller: &Caller,
    season: String,
) -> Result<Vec<PupilClass>, ServiceError> {
    app.look(caller, move |transaction| {
        let (_, of) = reach_of(transaction, Act::ListCandidates, &season)?;
        let names: BTreeMap<String, String> = junior_schools::list(transaction.connection, &season)?
            .into_iter()
            .map(|school| (school.school_code, school.name))
            .collect();
        let counted = candidates::count_by_class(transaction.connection, &season, &of)?;
        let class = |(junior_code, class, pupils): (String, String, i64)| PupilClass {
            junior_name: names.get(&junior_code).cloned().unwrap_or_default(),
            junior_code,
            class,
            pupils,
        };
        Ok(counted.into_iter().map(class).collect())
    })
    .await
}
