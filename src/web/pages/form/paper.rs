//! What the screens of one preference list share: the list, its drafts, what counts, and what may be added.

use std::collections::BTreeMap;

use actix_web::web::Path;
use serde::Deserialize;

use crate::domain::chance::Chance;
use crate::domain::form_finding::FormFinding;
use crate::domain::policy::Guidance;
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::service::forms::list_drafts::list_drafts;
use crate::service::forms::save_draft::DraftRow;
use crate::service::forms::search_programmes::{FoundProgramme, Search, search_programmes};
use crate::service::forms::show_form::{ShownForm, show_form};
use crate::service::forms::stored_form::{FormName, from_json};
use crate::service::season::stored_policy::stored_policy;
use crate::web::pages::frame::Frame;
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::pages::season_head::SeasonHead;

/// The draft that a page works on when none is named.
const DRAFT: &str = "1";

/// What is searched for, and in which draft.
#[derive(Clone, Default, Deserialize)]
pub struct Looking {
    #[serde(default)]
    pub q: String,
    #[serde(default)]
    pub quota: String,
    #[serde(default)]
    pub draft: String,
}

/// A choice in its place.
pub struct Choice {
    /// From 1.
    pub place: usize,
    pub code: String,
    pub programme: String,
    pub school: String,
    pub quota: bool,
    /// The word of a chance, where chances are told.
    pub chance: Option<&'static str>,
    pub first: bool,
    pub last: bool,
}

/// A fault or a remark, with the place of the list it is about.
pub struct Remark {
    pub place: Option<usize>,
    pub text: String,
}

/// The path of a list.
pub type ListPath = Path<(String, String)>;

/// Everything about a list that its screens share.
pub struct Paper {
    pub name: FormName,
    pub head: SeasonHead,
    pub batch_name: String,
    pub most: u16,
    pub filed: Option<ShownForm>,
    pub drafts: Vec<DraftRow>,
    pub guidance: Guidance,
}

impl Paper {
    pub async fn of(app: &App, member: &Member, path: (String, String)) -> Result<Paper, PageProblem> {
        let (season, batch) = path;
        let exam_no = member.own_in(&season)?;
        let refused = |error: ServiceError| member.frame.refused(error);
        let head = SeasonHead::of(app, member, &season).await?;
        let policy = stored_policy(&head.row).map_err(refused)?;
        let name = FormName { season, exam_no, batch: batch.clone() };
        let drafts = list_drafts(app, &member.caller, name.clone()).await.map_err(refused)?;
        let filed = match show_form(app, &member.caller, name.clone()).await {
            Ok(filed) => Some(filed),
            Err(ServiceError::NotFound) => None,
            Err(error) => return Err(refused(error)),
        };
        Ok(Paper {
            batch_name: policy.list_name(&batch),
            most: policy.most_choices(&policy.batches_of(&batch)).unwrap_or(0),
            name,
            head,
            filed,
            drafts,
            guidance: policy.guidance.clone(),
        })
    }

    /// The draft of a name, and the codes it starts from: its own, or what was submitted last.
    pub fn draft(&self, name: &str) -> Result<(i64, Vec<String>), ServiceError> {
        if let Some(draft) = self.drafts.iter().find(|draft| draft.name == name) {
            return Ok((draft.version, from_json(&draft.choices)?.slots().to_vec()));
        }
        match &self.filed {
            Some(filed) => Ok((0, from_json(&filed.version.choices)?.slots().to_vec())),
            None => Ok((0, Vec::new())),
        }
    }

    /// What a search of the programmes that may stand on the list finds.
    ///
    /// # Errors
    /// As of `search_programmes`.
    pub async fn found(
        &self,
        app: &App,
        caller: &Caller,
        text: String,
        quota_only: bool,
    ) -> Result<Vec<FoundProgramme>, ServiceError> {
        let search = Search { text, batch: Some(self.name.batch.clone()), quota_only, area: None };
        search_programmes(app, caller, self.name.season.clone(), search).await
    }

    /// Codes with what is known of their programmes, in their places.
    pub fn choices(found: &[FoundProgramme], codes: &[String]) -> Vec<Choice> {
        let known: BTreeMap<&str, &FoundProgramme> =
            found.iter().map(|one| (one.code.as_str(), one)).collect();
        let last = codes.len();
        (1..)
            .zip(codes)
            .map(|(place, code)| {
                let known = known.get(code.as_str());
                Choice {
                    place,
                    code: code.clone(),
                    programme: known.map_or_else(String::new, |one| one.own_name().to_owned()),
                    school: known.map_or_else(String::new, |one| one.school_name.clone()),
                    quota: known.is_some_and(|one| one.quota),
                    chance: known.and_then(|one| one.past.chance).map(Chance::word),
                    first: place == 1,
                    last: place == last,
                }
            })
            .collect()
    }

    pub fn address(&self) -> String {
        format!("/seasons/{}/forms/{}", self.name.season, self.name.batch)
    }
}

/// The draft that is meant.
pub fn draft_name(given: &str) -> &str {
    if given.is_empty() { DRAFT } else { given }
}

/// Findings in the language of the page.
pub fn remarks(frame: &Frame, found: Vec<FormFinding>) -> Vec<Remark> {
    let place = |pointer: &str| pointer.strip_prefix("/choices/")?.parse::<usize>().ok().map(|at| at + 1);
    found
        .into_iter()
        .map(|one| Remark { place: place(&one.pointer), text: frame.words.finding(&one) })
        .collect()
}
