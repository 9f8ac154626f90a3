//! A season's policy, whatever it admits to: what both kinds have in common.

use crate::domain::admission_kind::AdmissionKind;
use crate::domain::compulsory::entry_policy::EntryPolicy;
use crate::domain::compulsory::entry_wishes::ENTRY_LIST;
use crate::domain::fault::Fault;
use crate::domain::policy::Policy;
use crate::domain::role::Roles;
use crate::service::error::{FieldFault, ServiceError};
use crate::service::season::stored_policy::{refused, stored_policy};
use crate::storage::seasons::SeasonRow;

/// A policy.
#[derive(Clone, Debug)]
pub enum SeasonPolicy {
    SeniorHigh(Box<Policy>),
    Compulsory(Box<EntryPolicy>),
}

impl SeasonPolicy {
    /// Reads a policy; which of the two it is, its key `format` says.
    ///
    /// # Errors
    /// Every fault, at the field.
    pub fn read(text: &str, pointer: &str) -> Result<SeasonPolicy, Vec<FieldFault>> {
        let told = |faults: Vec<Fault>| -> Vec<FieldFault> {
            faults.iter().map(|fault| FieldFault::of_file(pointer, "policy", fault)).collect()
        };
        let format = text
            .parse::<toml::Table>()
            .ok()
            .and_then(|table| Some(table.get("format")?.as_str()?.to_owned()));
        if format.is_some_and(|format| format.starts_with("entry/")) {
            let policy = EntryPolicy::read("entry.toml", text).map_err(told)?;
            Ok(SeasonPolicy::Compulsory(Box::new(policy)))
        } else {
            let policy = Policy::parse("season.toml", text).map_err(told)?;
            Ok(SeasonPolicy::SeniorHigh(Box::new(policy)))
        }
    }

    /// The policy a season holds; it was checked when it was stored.
    ///
    /// # Errors
    /// `Internal` when an older or newer program stored what this one refuses.
    pub fn of(season: &SeasonRow) -> Result<SeasonPolicy, ServiceError> {
        Ok(match season.admission()? {
            AdmissionKind::SeniorHigh => {
                SeasonPolicy::SeniorHigh(Box::new(Policy::clone(&*stored_policy(season)?)))
            }
            AdmissionKind::Compulsory => SeasonPolicy::Compulsory(Box::new(entry_policy(season)?)),
        })
    }

    /// What it admits to.
    pub const fn admission(&self) -> AdmissionKind {
        match self {
            SeasonPolicy::SeniorHigh(_) => AdmissionKind::SeniorHigh,
            SeasonPolicy::Compulsory(_) => AdmissionKind::Compulsory,
        }
    }

    /// The season's name as families read it.
    pub fn name(&self) -> &str {
        match self {
            SeasonPolicy::SeniorHigh(policy) => &policy.name,
            SeasonPolicy::Compulsory(policy) => &policy.name,
        }
    }

    /// The roles that its acts need.
    pub fn roles(&self) -> &Roles {
        match self {
            SeasonPolicy::SeniorHigh(policy) => &policy.roles,
            SeasonPolicy::Compulsory(policy) => &policy.roles,
        }
    }

    /// The parts of the seed that it names.
    pub fn seed_parts(&self) -> &[String] {
        match self {
            SeasonPolicy::SeniorHigh(policy) => &policy.lot.parts,
            SeasonPolicy::Compulsory(policy) => &policy.lot.parts,
        }
    }

    /// A list as families read it; the one of an entry bears the entry's name.
    pub fn list_name(&self, list: &str) -> String {
        match self {
            SeasonPolicy::SeniorHigh(policy) => policy.list_name(list),
            SeasonPolicy::Compulsory(policy) => policy.name.clone(),
        }
    }

    /// The codes of the lists that families file.
    pub fn lists(&self) -> Vec<&str> {
        match self {
            SeasonPolicy::SeniorHigh(policy) => policy.lists(),
            SeasonPolicy::Compulsory(_) => vec![ENTRY_LIST],
        }
    }
}

/// The policy of an entry.
///
/// # Errors
/// `Conflict` `other_admission` of a season that admits to senior highs.
pub fn entry_policy(season: &SeasonRow) -> Result<EntryPolicy, ServiceError> {
    if season.admission()? != AdmissionKind::Compulsory {
        return Err(ServiceError::conflict("other_admission", "this season admits to senior highs"));
    }
    EntryPolicy::read("entry.toml", &season.policy).map_err(|faults| refused(season, &faults))
}
