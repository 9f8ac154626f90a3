//! A form of a page that was sent: its fields, and that it came from our own page.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::header::HeaderName;
use actix_web::web::{Data, Form};
use actix_web::{FromRequest, HttpRequest};

use crate::service::app::App;
use crate::service::error::ServiceError;
use crate::web::pages::frame::Frame;
use crate::web::pages::member::Member;
use crate::web::pages::page_problem::PageProblem;
use crate::web::problem::Problem;

/// Fields in the order of the form; a name may stand more than once.
#[derive(Default)]
pub struct Fields(Vec<(String, String)>);

/// A form that a member sent.
pub struct Posted {
    pub member: Member,
    pub fields: Fields,
}

/// A form that somebody sent who is not logged in yet.
pub struct PostedByVisitor {
    pub frame: Frame,
    pub fields: Fields,
}

impl Fields {
    /// Fields of a form that was read elsewhere.
    ///
    /// # Errors
    /// PostgreSQL stores no zero character, and no text of a form means one.
    pub fn of(request: &HttpRequest, form: Vec<(String, String)>) -> Result<Fields, PageProblem> {
        if form.iter().any(|(_, value)| value.contains('\0')) {
            return Err(PageProblem::of(request, Problem::of("malformed")));
        }
        Ok(Fields(form))
    }

    /// Fields that a form is first shown with.
    pub fn given(fields: &[(&str, &str)]) -> Fields {
        Fields(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    /// Fields whose name begins so, by the rest of their names.
    pub fn under<'f>(&'f self, prefix: &'f str) -> impl Iterator<Item = (&'f str, &'f str)> {
        self.0.iter().filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?, value.as_str())))
    }

    /// The last field of a name; empty without one.
    pub fn text(&self, name: &str) -> &str {
        self.0.iter().rev().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// Every field of a name, in order.
    pub fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// What follows the colon in a button's name, such as `up:3`; every button of a list is one field.
    pub fn button(&self) -> Option<(&str, &str)> {
        self.all("act").last().map(|value| value.split_once(':').unwrap_or((value, "")))
    }
}

/// Refuses what another site sent.
///
/// # Errors
/// `cross_site`.
pub fn check_site(request: &HttpRequest) -> Result<(), PageProblem> {
    let site = request.headers().get(HeaderName::from_static("sec-fetch-site"));
    if site.is_some_and(|site| site != "same-origin" && site != "none") {
        return Err(PageProblem::of(request, Problem::of("cross_site")));
    }
    Ok(())
}

/// Refuses a form without the token of the member's own session.
///
/// # Errors
/// `CrossSite`.
pub fn check_token(request: &HttpRequest, member: &Member, token: &str) -> Result<(), PageProblem> {
    let app = request.app_data::<Data<App>>();
    if app.is_some_and(|app| app.keyring().confirms_csrf(&member.caller.session, token)) {
        return Ok(());
    }
    Err(PageProblem::of(request, ServiceError::CrossSite))
}

/// The fields of a request that another site did not send.
async fn fields(request: &HttpRequest, payload: &mut Payload) -> Result<Fields, PageProblem> {
    check_site(request)?;
    let form = Form::<Vec<(String, String)>>::from_request(request, payload).await;
    let form = form.map_err(|_| PageProblem::of(request, Problem::of("malformed")))?;
    Fields::of(request, form.into_inner())
}

impl FromRequest for Posted {
    type Error = PageProblem;
    type Future = Pin<Box<dyn Future<Output = Result<Posted, PageProblem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let fields = fields(&request, &mut payload).await?;
            let member = Member::of(&request).await.map_err(|error| PageProblem::of(&request, error))?;
            check_token(&request, &member, fields.text("csrf"))?;
            Ok(Posted { member, fields })
        })
    }
}

impl FromRequest for PostedByVisitor {
    type Error = PageProblem;
    type Future = Pin<Box<dyn Future<Output = Result<PostedByVisitor, PageProblem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let fields = fields(&request, &mut payload).await?;
            Ok(PostedByVisitor { frame: Frame::of(&request), fields })
        })
    }
}
