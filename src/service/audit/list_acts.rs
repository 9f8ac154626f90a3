//! A supervisor reads what the offices did in a season, the newest first.

use std::collections::BTreeMap;

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::storage::accounts;
use crate::storage::audit_lines::{self, LISTED_CHANGES, ListedLine};

/// An act of an office.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfficeAct {
    pub line: ListedLine,
    /// The login of who did it; empty for the service itself.
    pub login: String,
    /// The first rows it changed, whole lines of `line.changes`.
    pub changes: Vec<String>,
    /// It changed others too; `list_audit_lines` tells all.
    pub and_others: bool,
}

/// The whole lines of what may have been cut, and whether it was.
fn whole_lines(changes: &str) -> (Vec<String>, bool) {
    let cut = changes.chars().count() >= LISTED_CHANGES as usize;
    let whole = if cut { changes.rsplit_once('\n').map_or("", |(whole, _)| whole) } else { changes };
    (whole.lines().map(str::to_owned).collect(), cut)
}

/// Acts of the offices' chain before a number, newest first, at most `limit`; of one kind where `act` names one.
/// What concerns no season, such as accounts, is told with every season.
///
/// # Errors
/// `NotFound` without the season.
pub async fn list_acts(
    app: &App,
    caller: &Caller,
    season: String,
    act: String,
    before: i64,
    limit: i64,
) -> Result<Vec<OfficeAct>, ServiceError> {
    app.look(caller, move |transaction| {
        transaction.season_for(Act::ListAuditLines, &Whose::season(&season))?;
        let lines = audit_lines::newest(transaction.connection, &season, &act, before, limit)?;
        let mut logins: BTreeMap<String, String> = BTreeMap::new();
        let mut acts = Vec::with_capacity(lines.len());
        for line in lines {
            if !logins.contains_key(&line.actor) {
                let found = accounts::find(transaction.connection, &line.actor)?;
                logins.insert(line.actor.clone(), found.map(|account| account.login).unwrap_or_default());
            }
            let (changes, and_others) = whole_lines(&line.changes);
            acts.push(OfficeAct { login: logins[&line.actor].clone(), line, changes, and_others });
        }
        Ok(acts)
    })
    .await
}
