//! Every version of a preference list that was submitted, and one of them brought back as a draft.

use actix_web::HttpResponse;
use actix_web::web::{Data, Query};
use askama::Template;
use serde::Deserialize;

use crate::domain::form::DraftName;
use crate::domain::percent_encoded::percent_encoded;
use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::service::forms::list_form_versions::list_form_versions;
use crate::service::forms::restore_form_version::restore_form_version;
use crate::service::forms::stored_form::from_json;
use crate::web::pages::form::paper::{Choice, ListPath, Paper};
use crate::web::pages::frame::{Frame, go, shown};
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::posted::Posted;
use crate::web::pages::season_head::SeasonHead;
use crate::web::wire_time;

/// A submitted version.
struct VersionLine {
    version: i64,
    receipt: String,
    at: String,
    hash: String,
    choices: Vec<Choice>,
}

#[derive(Template)]
#[template(path = "form_versions.html")]
struct VersionsScreen {
    frame: Frame,
    head: SeasonHead,
    batch: String,
    batch_name: String,
    /// Whether a submission has just been taken.
    just_taken: bool,
    confirmed: bool,
    versions: Vec<VersionLine>,
}

/// Whether the receipt is to be told first.
#[derive(Deserialize)]
pub struct Taken {
    #[serde(default)]
    taken: String,
}

/// Every version that was submitted, newest first: the first one counts.
pub async fn versions(
    app: Data<App>,
    member: Member,
    path: ListPath,
    query: Query<Taken>,
) -> Result<HttpResponse, PageProblem> {
    let paper = Paper::of(&app, &member, path.into_inner()).await?;
    let Member { caller, frame, .. } = member;
    let refused = |error: ServiceError| frame.refused(error);
    let rows = list_form_versions(&app, &caller, paper.name.clone(), i64::MAX, 200).await.map_err(refused)?;
    let all = paper.found(&app, &caller, String::new(), false).await.map_err(refused)?;
    let mut versions = Vec::new();
    for row in rows {
        versions.push(VersionLine {
            version: row.version,
            receipt: row.receipt,
            at: wire_time::read_by_people(row.at_ms),
            choices: Paper::choices(&all, from_json(&row.choices).map_err(refused)?.slots()),
            hash: row.hash,
        });
    }
    let screen = VersionsScreen {
        just_taken: query.taken == "1" && !versions.is_empty(),
        confirmed: paper.filed.as_ref().is_some_and(|filed| filed.confirmed),
        batch: paper.name.batch,
        batch_name: paper.batch_name,
        versions,
        head: paper.head,
        frame,
    };
    Ok(shown(&screen))
}

/// Brings an earlier version back as a draft of its own.
pub async fn restore(app: Data<App>, posted: Posted, path: ListPath) -> Result<HttpResponse, PageProblem> {
    let Posted { member, fields } = posted;
    let paper = Paper::of(&app, &member, path.into_inner()).await?;
    let refused = |error: ServiceError| member.frame.refused(error);
    let version: i64 = fields.text("version").parse().unwrap_or(0);
    let draft = member.frame.t1("draft-of-version", "version", version);
    let name: DraftName =
        draft.parse().map_err(|rule: &str| refused(ServiceError::invalid("draft", "malformed", rule)))?;
    let to = format!("{}?draft={}", paper.address(), percent_encoded(&draft));
    match restore_form_version(&app, &member.caller, paper.name, version, name).await {
        // It was brought back before.
        Ok(_) | Err(ServiceError::Conflict { .. } | ServiceError::Stale { .. }) => Ok(go(&to)),
        Err(error) => Err(member.frame.refused(error)),
    }
}
