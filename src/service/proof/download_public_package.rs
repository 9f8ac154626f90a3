//! What everybody may have of a published result, in one file: enough to hold the office to it, nobody's score.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::domain::admission_kind::AdmissionKind;
use crate::domain::hexadecimal::hex;
use crate::files::csv_bytes;
use crate::files::package::{Files, with_manifest, zipped};
use crate::files::public_cutoffs::public_cutoffs;
use crate::service::app::{App, Caller};
use crate::service::audit::verify_audit::Checkpoint;
use crate::service::error::ServiceError;
use crate::service::ledger::enter_ledger::REASONS;
use crate::service::proof::public_entry::public_entry;
use crate::service::runs::published_result::Published;
use crate::service::season::season_policy::SeasonPolicy;
use crate::storage::audit_lines;
use crate::storage::database::AnyConnection;
use crate::storage::ledger_entries;
use crate::storage::publications::{self, PublicationRow};
use crate::storage::seed_parts;

/// The page that tells everybody what is in it and what can be checked with it.
const README: &str = include_str!("../../files/public_package_readme.md");
const ENTRY_README: &str = include_str!("../../files/compulsory/public_package_readme.md");

/// Files of the result that say nothing of any candidate, under their own paths; a season may lack some.
const WHOLE: [&str; 8] = [
    "proof/input/areas.csv",
    "proof/input/junior_schools.csv",
    "proof/input/programmes.csv",
    POLICY,
    "proof/input/senior_schools.csv",
    "proof/quota_proof.csv",
    "proof/quota_proof.txt",
    "quota.csv",
];
const POLICY: &str = "proof/input/season.toml";

/// As [`WHOLE`], of an entry.
const ENTRY_WHOLE: [&str; 6] = [
    ENTRY_POLICY,
    "proof/input/feeders.csv",
    "proof/input/schools.csv",
    "proof/input/zones.csv",
    "proof/input/zones.geojson",
    "zone_findings.csv",
];
const ENTRY_POLICY: &str = "proof/input/entry.toml";

/// The zip of the result that was published last: the same bytes until the ledger or the record goes on.
///
/// # Errors
/// `Conflict` `not_published` before the first publication; `Altered` when what lies there is not what was
/// published.
pub async fn download_public_package(
    app: &App,
    caller: &Caller,
    code: String,
) -> Result<Vec<u8>, ServiceError> {
    let door = app.clone();
    app.look(caller, move |transaction| {
        let season = transaction.season_for(Act::DownloadPublicPackage, &Whose::season(&code))?;
        let entry = season.admission()? == AdmissionKind::Compulsory;
        let rounds = publications::list(transaction.connection, &code)?;
        let Some(last) = rounds.last() else {
            return Err(ServiceError::conflict("not_published", "nothing was published yet"));
        };
        let published = Published::of(&door, transaction.connection, last)?;
        let (mut files, admitted) = if entry {
            of_entry(&door, transaction.connection, &published)?
        } else {
            (of_result(&door, transaction.connection, &published)?, Value::Null)
        };
        let seed = seed_sources(transaction.connection, &code, &files)?;
        files.insert("seed_parts.csv".to_owned(), seed);
        files.insert("publications.csv".to_owned(), roots(&rounds));
        if !entry {
            files.insert("ledger.csv".to_owned(), ledger(transaction.connection, &code)?);
        }
        files.insert("checkpoints.json".to_owned(), checkpoints(transaction.connection)?);
        let facts = if entry { entry_facts(&published, last, admitted)? } else { facts(&published, last)? };
        zipped(&with_manifest(files, facts))
            .map_err(|error| ServiceError::Internal(format!("the public package: {error}")))
    })
    .await
}

/// What the result alone says. It is kept in memory under the root that confirms it.
fn of_result(
    app: &App,
    connection: &mut AnyConnection,
    published: &Published,
) -> Result<Files, ServiceError> {
    let kept_as = format!("public {}", published.root);
    if let Some(kept) = app.kept().get::<Files>(&kept_as) {
        return Ok(Files::clone(&kept));
    }
    let altered = |path: &str| ServiceError::Altered(path.to_owned());
    let mut files = Files::from([("README.md".to_owned(), README.as_bytes().to_vec())]);
    for path in published.paths().filter(|path| WHOLE.contains(path)) {
        files.insert(path.to_owned(), published.file(connection, path)?);
    }
    let cutoffs = published.file(connection, "cutoffs.csv")?;
    let cutoffs = public_cutoffs(&cutoffs).map_err(|_| altered("cutoffs.csv"))?;
    files.insert("cutoffs.csv".to_owned(), cutoffs);
    let results = published.file(connection, "results.csv")?;
    files.insert("counts.csv".to_owned(), counts(&results).map_err(|_| altered("results.csv"))?);
    app.kept().put(kept_as, Arc::new(files.clone()));
    Ok(files)
}

/// What the result of an entry alone says, and how many children have a place, if that may be told. It is kept in
/// memory under the root that confirms it.
fn of_entry(
    app: &App,
    connection: &mut AnyConnection,
    published: &Published,
) -> Result<(Files, Value), ServiceError> {
    let kept_as = format!("public {}", published.root);
    if let Some(kept) = app.kept().get::<(Files, Value)>(&kept_as) {
        return Ok((kept.0.clone(), kept.1.clone()));
    }
    let mut files = Files::from([("README.md".to_owned(), ENTRY_README.as_bytes().to_vec())]);
    for path in ENTRY_WHOLE {
        files.insert(path.to_owned(), published.file(connection, path)?);
    }
    let [lines, draws, loads] =
        ["school_lines.csv", "draws.csv", "loads.csv"].map(|path| published.file(connection, path));
    let public = public_entry(&lines?, &draws?, &loads?)
        .map_err(|_| ServiceError::Altered("the sheets of the result".to_owned()))?;
    files.insert("school_lines.csv".to_owned(), public.school_lines);
    files.insert("draws.csv".to_owned(), public.draws);
    files.insert("loads.csv".to_owned(), public.loads);
    let leaves: String = published.leaf_hashes().iter().map(|hash| hex(hash) + "\n").collect();
    files.insert("leaf_hashes.txt".to_owned(), leaves.into_bytes());
    let told = (files, json!(public.placed));
    app.kept().put(kept_as, Arc::new(told.clone()));
    Ok(told)
}

/// `batch,seat,admitted`, both by their codes.
fn counts(results: &[u8]) -> Result<Vec<u8>, csv::Error> {
    let mut counts: BTreeMap<(String, String), usize> = BTreeMap::new();
    for row in csv::Reader::from_reader(results).records() {
        let row = row?;
        if !row[2].is_empty() {
            *counts.entry((row[1].to_owned(), row[3].to_owned())).or_default() += 1;
        }
    }
    let mut out = b"batch,seat,admitted\n".to_vec();
    for ((batch, seat), count) in counts {
        csv_bytes::row(&mut out, [&batch, &seat, &count.to_string()]);
    }
    Ok(out)
}

/// `number,text,source,commitment`: the parts as the seed was made of them, those of the policy without a source.
fn seed_sources(
    connection: &mut AnyConnection,
    season: &str,
    files: &Files,
) -> Result<Vec<u8>, ServiceError> {
    let altered = || ServiceError::Altered(POLICY.to_owned());
    let policy = files.get(POLICY).or_else(|| files.get(ENTRY_POLICY));
    let policy = policy.and_then(|bytes| std::str::from_utf8(bytes).ok()).ok_or_else(altered)?;
    let policy = SeasonPolicy::read(policy, "/policy").map_err(|_| altered())?;
    let sources = seed_parts::list(connection, season)?;
    let mut out = b"number,text,source,commitment\n".to_vec();
    for (number, part) in (1..).zip(policy.seed_parts()) {
        // Only what stands in the policy that the root confirms is told.
        let source = sources.iter().find(|source| {
            source.revealed.as_ref().is_some_and(|told| *part == format!("{}: {told}", source.source))
        });
        let (name, commitment) = source
            .map(|source| (source.source.as_str(), source.commitment.as_deref().unwrap_or_default()))
            .unwrap_or_default();
        csv_bytes::row(&mut out, [&u32::to_string(&number), part, name, commitment]);
    }
    Ok(out)
}

/// `round,root,leaves_root,published_at` of every round.
fn roots(rounds: &[PublicationRow]) -> Vec<u8> {
    let mut out = b"round,root,leaves_root,published_at\n".to_vec();
    for row in rounds {
        let at = Timestamp::from_millisecond(row.at_ms).unwrap_or_default().to_string();
        csv_bytes::row(&mut out, [&row.round.to_string(), &row.root, &row.leaves_root, &at]);
    }
    out
}

/// `kind,reason,entries`: how often somebody stands elsewhere than the result says, and why; every reason is
/// listed, also with 0.
fn ledger(connection: &mut AnyConnection, season: &str) -> Result<Vec<u8>, ServiceError> {
    let known = REASONS.iter().map(|reason| ("override", *reason)).chain([("correction", "score_review")]);
    let mut counts: BTreeMap<(String, String), usize> =
        known.map(|(kind, reason)| ((kind.to_owned(), reason.to_owned()), 0)).collect();
    for entry in ledger_entries::list(connection, season)? {
        *counts.entry((entry.kind, entry.reason)).or_default() += 1;
    }
    let mut out = b"kind,reason,entries\n".to_vec();
    for ((kind, reason), count) in counts {
        csv_bytes::row(&mut out, [&kind, &reason, &count.to_string()]);
    }
    Ok(out)
}

/// Where the chains of the record of acts stand, as `zhaosheng verify --audit --checkpoint` reads it.
fn checkpoints(connection: &mut AnyConnection) -> Result<Vec<u8>, ServiceError> {
    let heads = audit_lines::heads(connection)?;
    let checkpoints: Vec<Checkpoint> = heads
        .into_iter()
        .map(|head| Checkpoint { chain: head.chain, number: head.number, seal: head.seal })
        .collect();
    Ok(format!("{:#}\n", json!(checkpoints)).into_bytes())
}

/// As [`facts`], of an entry. `placed` is `null` where it would tell a withheld number.
fn entry_facts(published: &Published, last: &PublicationRow, placed: Value) -> Result<Value, ServiceError> {
    let mut told = facts(published, last)?;
    let manifest: Value = serde_json::from_slice(&published.manifest)
        .map_err(|_| ServiceError::Altered("proof/manifest.json".to_owned()))?;
    let facts = told.as_object_mut().ok_or(ServiceError::NotFound)?;
    facts.remove("candidates");
    facts.remove("admitted");
    facts.insert("format".to_owned(), json!("public-entry/1"));
    facts.insert("children".to_owned(), manifest["children"].clone());
    facts.insert("placed".to_owned(), placed);
    Ok(told)
}

/// What the manifest of the package says beside the hashes. The hashes of the result's own manifest stay away:
/// with that of the full cut-offs a withheld score could be found by trying.
fn facts(published: &Published, last: &PublicationRow) -> Result<Value, ServiceError> {
    let manifest: Value = serde_json::from_slice(&published.manifest)
        .map_err(|_| ServiceError::Altered("proof/manifest.json".to_owned()))?;
    Ok(json!({
        "format": "public/1",
        "program": manifest["program"],
        "version": manifest["version"],
        "season": last.season,
        "round": last.round,
        "root": published.root,
        "leaves_root": published.leaves_root,
        "candidates": manifest["candidates"],
        "admitted": manifest["admitted"],
        "list_hash": manifest["list_hash"],
        "seed": manifest["seed"],
        "lot_round": manifest["round"],
    }))
}
