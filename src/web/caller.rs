//! Who calls, by the bearer token of a request; what it may is decided in the use case.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};

use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::web::problem::Problem;

/// The caller of a request.
pub struct Authenticated(pub Caller);

impl FromRequest for Authenticated {
    type Error = Problem;
    type Future = Ready<Result<Authenticated, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(caller_of(request).map(Authenticated).ok_or_else(|| ServiceError::Unauthenticated.into()))
    }
}

/// The caller of a request, if its token is good; whether the session still lives is asked in the transaction.
pub fn caller_of(request: &HttpRequest) -> Option<Caller> {
    let app = request.app_data::<Data<App>>()?;
    let given = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = given.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    app.tokens().read(token.trim(), app.about_now_ms()).ok()
}
