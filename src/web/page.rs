//! Lists a page at a time: `limit`, an opaque `cursor`, and `Link: rel=next`.

use actix_web::HttpResponse;
use actix_web::http::header;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::IntoParams;

use crate::service::error::ServiceError;

/// Items of a page unless said otherwise, and at most.
const USUAL: u32 = 50;
const MOST: u32 = 200;

/// Which page.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageQuery {
    /// Items at most, 50 unless given.
    #[param(minimum = 1, maximum = 200, example = 50)]
    limit: Option<u32>,
    /// What `next` of the page before said.
    #[param(example = "QTAx")]
    cursor: Option<String>,
}

impl PageQuery {
    /// For queries that ask for more than a page.
    pub fn new(limit: Option<u32>, cursor: Option<String>) -> PageQuery {
        PageQuery { limit, cursor }
    }

    /// Items asked for; one more is loaded to know whether there is a next page.
    ///
    /// # Errors
    /// 422 out of bounds.
    pub fn limit(&self) -> Result<usize, ServiceError> {
        match self.limit.unwrap_or(USUAL) {
            limit @ 1..=MOST => Ok(limit as usize),
            _ => Err(ServiceError::invalid("limit", "range", "must be 1 to 200")),
        }
    }

    /// The key behind which this page begins; empty for the first.
    ///
    /// # Errors
    /// 422 for a cursor that no page gave.
    pub fn after(&self) -> Result<String, ServiceError> {
        let Some(cursor) = &self.cursor else { return Ok(String::new()) };
        let key = URL_SAFE_NO_PAD.decode(cursor).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        // PostgreSQL knows no text with a zero character.
        key.filter(|key| !key.contains('\0'))
            .ok_or_else(|| ServiceError::invalid("cursor", "malformed", "is no cursor of this list"))
    }
}

/// The cursor of a page that begins behind a key.
pub fn cursor(key: &str) -> String {
    URL_SAFE_NO_PAD.encode(key)
}

/// A page of a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// The `cursor` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// Answers with a page, of rows of which one more than `limit` was asked for.
pub fn answer<R, T: Serialize>(
    mut rows: Vec<R>,
    limit: usize,
    path: &str,
    key: impl Fn(&R) -> String,
    view: impl Fn(R) -> T,
) -> HttpResponse {
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = if more { rows.last().map(|row| cursor(&key(row))) } else { None };
    let mut answer = HttpResponse::Ok();
    if let Some(cursor) = &next {
        let join = if path.contains('?') { '&' } else { '?' };
        let link = format!("<{path}{join}limit={limit}&cursor={cursor}>; rel=\"next\"");
        answer.insert_header((header::LINK, link));
    }
    answer.json(Page { items: rows.into_iter().map(view).collect(), next })
}
