//! Sources of the seed of all lots: named before the freeze, told after it, so that nobody can steer a lot.

use sha2::{Digest, Sha256};

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::domain::hexadecimal::{hex, unhex};
use crate::service::app::{App, Caller};
use crate::service::error::{FieldFault, ServiceError};
use crate::storage::error::StorageError;
use crate::storage::seed_parts;
pub use crate::storage::seed_parts::SeedPartRow;

/// Characters of a source's name or text at most.
const LONGEST: usize = 200;

/// Names a source: with the SHA-256 of its secret, or without one where it happens in public.
///
/// # Errors
/// `Invalid`; `Conflict` `taken` when it was named before.
pub async fn name_seed_source(
    app: &App,
    caller: &Caller,
    code: String,
    source: String,
    commitment: Option<String>,
) -> Result<SeedPartRow, ServiceError> {
    app.act(caller, move |transaction| {
        transaction.season_for(Act::NameSeedSource, &Whose::season(&code))?;
        let mut faults = Vec::new();
        fits(&source, "/source", &mut faults);
        if source.contains(|sign: char| sign == '/' || sign.is_whitespace()) {
            faults.push(FieldFault::new("/source", "malformed", "must be one word without '/'"));
        }
        if commitment.as_deref().is_some_and(|commitment| unhex(commitment).is_none()) {
            let rule = "must be the SHA-256 of the secret: 64 lower-case hexadecimal digits";
            faults.push(FieldFault::new("/commitment", "malformed", rule));
        }
        if !faults.is_empty() {
            return Err(ServiceError::Invalid(faults));
        }
        let part = SeedPartRow { season: code.clone(), source, commitment, revealed: None };
        let change = seed_parts::add(transaction.connection, &part).map_err(|error| match error {
            StorageError::Stale => ServiceError::conflict("taken", "this source was named before"),
            other => other.into(),
        })?;
        transaction.note(Act::NameSeedSource, &code, "season", part.source.clone(), vec![change])?;
        Ok(part)
    })
    .await
}

/// Puts on record what a source told, once the lists are frozen.
///
/// # Errors
/// `NotFound` for a source that was not named; `Invalid` when the secret is not the one committed to;
/// `Conflict` `told` when it has told before.
pub async fn tell_seed_part(
    app: &App,
    caller: &Caller,
    code: String,
    source: String,
    text: String,
) -> Result<SeedPartRow, ServiceError> {
    app.act(caller, move |transaction| {
        transaction.season_for(Act::TellSeedPart, &Whose::season(&code))?;
        let parts = seed_parts::list(transaction.connection, &code)?;
        let mut part = parts.into_iter().find(|part| part.source == source).ok_or(ServiceError::NotFound)?;
        let mut faults = Vec::new();
        fits(&text, "/text", &mut faults);
        if part.commitment.as_ref().is_some_and(|hash| *hash != hex(&Sha256::digest(&text))) {
            let rule = "is not the secret that was committed to: its SHA-256 differs";
            faults.push(FieldFault::new("/text", "commitment", rule));
        }
        if !faults.is_empty() {
            return Err(ServiceError::Invalid(faults));
        }
        part.revealed = Some(text);
        let change = seed_parts::reveal(transaction.connection, &part).map_err(|error| match error {
            StorageError::Stale => ServiceError::conflict("told", "this source has told before"),
            other => other.into(),
        })?;
        transaction.note(Act::TellSeedPart, &code, "season", part.source.clone(), vec![change])?;
        Ok(part)
    })
    .await
}

/// The sources by name.
///
/// # Errors
/// `NotFound`.
pub async fn list_seed_sources(
    app: &App,
    caller: &Caller,
    code: String,
) -> Result<Vec<SeedPartRow>, ServiceError> {
    app.look(caller, move |transaction| {
        transaction.season_for(Act::ListSeedSources, &Whose::season(&code))?;
        Ok(seed_parts::list(transaction.connection, &code)?)
    })
    .await
}

fn fits(text: &str, pointer: &str, faults: &mut Vec<FieldFault>) {
    let length = text.chars().count();
    if !(1..=LONGEST).contains(&length) || text.contains(char::is_control) || text.trim() != text {
        let rule = format!("must have 1 to {LONGEST} characters, no line break, no space at either end");
        faults.push(FieldFault::new(pointer, "length", rule));
    }
}
