//! Who calls, by bearer token, system token or session cookie; what it may is decided in the use case.

use std::future::{Ready, ready};

use actix_web::cookie::{Cookie, SameSite};
use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpMessage, HttpRequest};

use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::web::problem::Problem;

/// The cookie of a session of pages.
pub const SESSION_COOKIE: &str = "__Host-zhaosheng";

/// The header in which a page shows that a request comes from itself.
const CSRF_HEADER: &str = "X-CSRF-Token";

/// The caller of a request.
pub struct Authenticated(pub Caller);

impl FromRequest for Authenticated {
    type Error = Problem;
    type Future = Ready<Result<Authenticated, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(caller_of(request).map(Authenticated).map_err(Problem::from))
    }
}

/// A caller whose token was read already: the limit of requests asks for it, and then the handler.
struct Known(Caller);

/// The caller of a request, if what it carries was made here; whether the session still lives is asked in
/// the transaction. Every way leads to the same session rows.
///
/// # Errors
/// `Unauthenticated`; `CrossSite` for an unsafe request with a cookie and without the page's own token.
pub fn caller_of(request: &HttpRequest) -> Result<Caller, ServiceError> {
    if let Some(Known(caller)) = request.extensions().get() {
        return Ok(caller.clone());
    }
    let caller = read_caller(request)?;
    request.extensions_mut().insert(Known(caller.clone()));
    Ok(caller)
}

fn read_caller(request: &HttpRequest) -> Result<Caller, ServiceError> {
    let app = request.app_data::<Data<App>>().ok_or(ServiceError::Unauthenticated)?;
    if let Some(given) = request.headers().get(header::AUTHORIZATION) {
        let token = given.to_str().ok().and_then(|given| given.split_once(' '));
        let token =
            token.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim());
        let read = |token| {
            let system = app.keyring().read_system_token(token);
            system.or_else(|| app.tokens().read(token, app.about_now_ms()).ok())
        };
        return token.and_then(read).ok_or(ServiceError::Unauthenticated);
    }
    let caller = session_of(request)?;
    let token = request.headers().get(CSRF_HEADER).and_then(|token| token.to_str().ok()).unwrap_or_default();
    if request.method().is_safe() || app.keyring().confirms_csrf(&caller.session, token) {
        Ok(caller)
    } else {
        Err(ServiceError::CrossSite)
    }
}

/// The session of pages that a request's cookie names. Whoever writes must also see the page's own token.
///
/// # Errors
/// `Unauthenticated`.
pub fn session_of(request: &HttpRequest) -> Result<Caller, ServiceError> {
    let app = request.app_data::<Data<App>>().ok_or(ServiceError::Unauthenticated)?;
    let cookie = request.cookie(SESSION_COOKIE).ok_or(ServiceError::Unauthenticated)?;
    app.keyring().read_cookie(cookie.value()).ok_or(ServiceError::Unauthenticated)
}

/// The cookie of a session. `__Host-`: sent over TLS only, to this host only, and no other host can set it.
pub fn session_cookie(app: &App, session: &Caller) -> Cookie<'static> {
    kept(SESSION_COOKIE, app.keyring().cookie(session)).finish()
}

/// The cookie that takes a session's away.
pub fn no_session_cookie() -> Cookie<'static> {
    let mut gone = kept(SESSION_COOKIE, String::new()).finish();
    gone.make_removal();
    gone
}

/// A cookie of a browser that this account knows: it outlives the session.
pub fn device_cookie(name: &'static str, token: String) -> Cookie<'static> {
    kept(name, token).permanent().finish()
}

fn kept(name: &'static str, value: String) -> actix_web::cookie::CookieBuilder<'static> {
    Cookie::build(name, value).path("/").secure(true).http_only(true).same_site(SameSite::Lax)
}
