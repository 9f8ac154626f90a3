//! The complete result of a round for auditors: everything that is needed to compute it again, bit for bit.

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::domain::admission_kind::AdmissionKind;
use crate::domain::hexadecimal::hex;
use crate::domain::joint_act::JointAct;
use crate::domain::role::Role;
use crate::files::csv_bytes::text;
use crate::files::package::{Files, with_manifest, zipped};
use crate::service::app::{App, Caller, Transaction};
use crate::service::error::ServiceError;
use crate::service::proof::open_auditor_package::{OPEN_MS, PackageToOpen};
use crate::service::proposals::content::Content;
use crate::service::runs::published_result::Published;
use crate::service::runs::seal_result::MANIFEST;
use crate::service::season::season_policy::SeasonPolicy;
use crate::storage::database::AnyConnection;
use crate::storage::proposals::{self, ProposalRow};
use crate::storage::publications;
use crate::storage::seasons::SeasonRow;
use crate::storage::signatures;

/// The page that tells auditors what to do with it.
const README: &str = include_str!("../../files/auditor_package_readme.md");
const ENTRY_README: &str = include_str!("../../files/compulsory/auditor_package_readme.md");

/// The zip, while the permission of a proposal lasts; every download is on the record.
///
/// # Errors
/// `NotFound` without such a proposal; `Conflict` `not_opened` while names are missing and after 72 hours;
/// `Altered` when what lies there is not what was published.
pub async fn download_auditor_package(
    app: &App,
    caller: &Caller,
    code: String,
    id: String,
) -> Result<Vec<u8>, ServiceError> {
    let (publication, admission) = app
        .act(caller, move |transaction| {
            let act = Act::DownloadAuditorPackage;
            let season = transaction.season_for(act, &Whose::season(&code))?;
            let proposal = proposals::find(transaction.connection, &id)?
                .filter(|found| found.season == code && found.act == JointAct::OpenAuditorPackage.rule().word)
                .ok_or(ServiceError::NotFound)?;
            let opened = permission(transaction, &season, &proposal)?;
            let publication = publications::list(transaction.connection, &code)?
                .into_iter()
                .find(|publication| publication.round == opened.round && publication.root == opened.root)
                .ok_or_else(|| ServiceError::Altered("the publication that was opened".to_owned()))?;
            let detail = format!("round {} root {}", opened.round, opened.root);
            transaction.note(act, &code, &format!("proposal:{id}"), detail, Vec::new())?;
            Ok((publication, season.admission()?))
        })
        .await?;
    let door = app.clone();
    // Read beside the writers: a large package takes a while, and what was published does not change.
    app.database()
        .read(move |connection| {
            let published = Published::of(&door, connection, &publication)?;
            package(connection, &published, publication.round, admission)
        })
        .await
}

/// What a proposal permits now.
fn permission(
    transaction: &mut Transaction<'_>,
    season: &SeasonRow,
    proposal: &ProposalRow,
) -> Result<PackageToOpen, ServiceError> {
    let refuse = |detail: &str| Err(ServiceError::conflict("not_opened", detail));
    let Some(opened_at_ms) = proposal.approved_at_ms else {
        return refuse("signatures are missing");
    };
    if transaction.at_ms >= opened_at_ms + OPEN_MS {
        return refuse("the package was open for 72 hours; propose it again");
    }
    let content: Option<(Content, String)> = serde_json::from_str(&proposal.content).ok();
    let Some((Content::OpenAuditorPackage(opened), _)) = content else {
        return refuse("what was signed opens no package");
    };
    // Whoever writes into the table has signed nothing yet.
    let mut roles: Vec<Role> = Vec::new();
    for signature in signatures::list(transaction.connection, &proposal.id)? {
        if signature.content_hash == hex(&Sha256::digest(&proposal.content)) {
            roles.extend(Role::parse(&signature.role));
        }
    }
    if !JointAct::OpenAuditorPackage.rule().complete(SeasonPolicy::of(season)?.roles(), &roles) {
        return refuse("signatures of this content are missing");
    }
    Ok(opened)
}

fn package(
    connection: &mut AnyConnection,
    published: &Published,
    round: i64,
    admission: AdmissionKind,
) -> Result<Vec<u8>, ServiceError> {
    let (format, readme, everybody, number) = match admission {
        AdmissionKind::SeniorHigh => ("auditor/1", README, "results.csv", "exam_no"),
        AdmissionKind::Compulsory => ("auditor-entry/1", ENTRY_README, "placements.csv", "child_no"),
    };
    let mut files = Files::from([
        ("README.md".to_owned(), readme.as_bytes().to_vec()),
        (format!("result/{MANIFEST}"), published.manifest.clone()),
        ("salts.csv".to_owned(), salts(connection, published, everybody, number)?),
    ]);
    for path in published.paths() {
        files.insert(format!("result/{path}"), published.file(connection, path)?);
    }
    let facts = json!({
        "format": format, "round": round, "root": published.root, "leaves_root": published.leaves_root,
    });
    zipped(&with_manifest(files, facts))
        .map_err(|error| ServiceError::Internal(format!("the auditors' package: {error}")))
}

/// The number and the salt of everybody on a sheet: with it the leaves' root is computed again too.
fn salts(
    connection: &mut AnyConnection,
    published: &Published,
    sheet: &str,
    number: &str,
) -> Result<Vec<u8>, ServiceError> {
    let rows = published.file(connection, sheet)?;
    let mut out = format!("{number},salt\n").into_bytes();
    for row in csv::Reader::from_reader(rows.as_slice()).records() {
        let row = row.map_err(|_| ServiceError::Altered(sheet.to_owned()))?;
        let own = row.get(0).unwrap_or_default();
        text(&mut out, own);
        out.extend_from_slice(format!(",{}\n", hex(&published.salt(own))).as_bytes());
    }
    Ok(out)
}
