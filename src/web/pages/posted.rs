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

/// The fields of a request that another site did not send.
async fn fields(request: &HttpRequest, payload: &mut Payload) -> Result<Fields, PageProblem> {
    let refused = |code: &str| PageProblem::of(request, Problem::of(code));
    let site = request.headers().get(HeaderName::from_static("sec-fetch-site"));
    if site.is_some_and(|site| site != "same-origin" && site != "none") {
        return Err(refused("cross_site"));
    }
    let form = Form::<Vec<(String, String)>>::from_request(request, payload).await;
    let form = form.map_err(|_| refused("malformed"))?.into_inner();
    // PostgreSQL stores none, and no text of a form means one.
    if form.iter().any(|(_, value)| value.contains('\0')) {
        return Err(refused("malformed"));
    }
    Ok(Fields(form))
}

impl FromRequest for Posted {
    type Error = PageProblem;
    type Future = Pin<Box<dyn Future<Output = Result<Posted, PageProblem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let fields = fields(&request, &mut payload).await?;
            let member = Member::of(&request).await.map_err(|error| PageProblem::of(&request, error))?;
            let app = request.app_data::<Data<App>>();
            let confirmed = app
                .is_some_and(|app| app.keyring().confirms_csrf(&member.caller.session, fields.text("csrf")));
            if !confirmed {
                return Err(PageProblem::of(&request, ServiceError::CrossSite));
            }
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
