//! What every page has around its screen: language, size of text, who is logged in, the way back.

use std::fmt::Display;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use askama::Template;

use crate::domain::language::Language;
use crate::domain::percent_encoded::percent_encoded;
use crate::domain::role::Role;
use crate::web::pages::assets;
use crate::web::pages::live_city::LiveCity;
use crate::web::problem::Problem;
use crate::web::request_scope::RequestScope;
use crate::words::texts::Words;

/// The cookie of large text.
pub const LARGE_COOKIE: &str = "large";

/// Nothing but our own sheets and scripts, nothing inline, no frame, no other target of a form.
const CONTENT_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// The frame of one page.
#[derive(Clone, Debug, Default)]
pub struct Frame {
    pub words: Words,
    /// Text half as large again.
    pub large: bool,
    /// Path and query of this page: links of the frame come back to it.
    pub path: String,
    pub who: Option<Who>,
    /// Whether the whole service is a demonstration.
    pub demonstration: bool,
}

/// Who is logged in.
#[derive(Clone, Debug)]
pub struct Who {
    /// The login: an exam number, an office's name.
    pub login: String,
    pub role: Role,
    /// The token against cross-site requests that every form of the page holds.
    pub csrf: String,
}

impl FromRequest for Frame {
    type Error = Problem;
    type Future = Ready<Result<Frame, Problem>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Frame::of(request)))
    }
}

impl Frame {
    /// The frame of a request, with nobody logged in.
    pub fn of(request: &HttpRequest) -> Frame {
        let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
        Frame {
            words: RequestScope::words(),
            large: request.cookie(LARGE_COOKIE).is_some_and(|cookie| cookie.value() == "1"),
            path: path.to_owned(),
            who: None,
            demonstration: request.app_data::<Data<LiveCity>>().is_some(),
        }
    }

    /// The text of a key.
    pub fn t(&self, key: &str) -> String {
        self.words.text(key)
    }

    /// A text with one place to fill.
    pub fn t1(&self, key: &str, name: &str, value: impl Display) -> String {
        self.words.with(key, &[(name, &value)])
    }

    /// A text with two places to fill.
    pub fn t2(&self, key: &str, one: &str, first: impl Display, other: &str, second: impl Display) -> String {
        let places: [(&str, &dyn Display); 2] = [(one, &first), (other, &second)];
        self.words.with(key, &places)
    }

    /// A text of a family of keys, such as `phase-filling`.
    pub fn of_kind(&self, kind: &str, word: impl Display) -> String {
        self.words.of_kind(kind, word)
    }

    /// The language as a tag.
    pub fn language(&self) -> &'static str {
        match self.words.0 {
            Language::Chinese => "zh-CN",
            Language::English => "en",
        }
    }

    /// The other language as a word of `/display`.
    pub fn other_language(&self) -> &'static str {
        match self.words.0 {
            Language::Chinese => "en",
            Language::English => "zh",
        }
    }

    /// This page as a value of a query.
    pub fn way_back(&self) -> String {
        percent_encoded(&self.path)
    }

    /// The token that every form holds; empty where nobody is logged in.
    pub fn csrf(&self) -> &str {
        self.who.as_ref().map_or("", |who| &who.csrf)
    }

    /// The address of the style sheet.
    pub fn style(&self) -> &'static str {
        assets::style_address()
    }

    /// The address of the script.
    pub fn script(&self) -> &'static str {
        assets::script_address()
    }

    /// The address of the script that draws again.
    pub fn draw_script(&self) -> &'static str {
        assets::draw_script_address()
    }
}

/// A page.
pub fn page(status: actix_web::http::StatusCode, screen: &impl Template) -> HttpResponse {
    match screen.render() {
        Ok(text) => HttpResponse::build(status)
            .insert_header((header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_POLICY)))
            .content_type("text/html; charset=utf-8")
            .body(text),
        Err(error) => {
            tracing::error!(%error, "a page could not be made");
            HttpResponse::InternalServerError().finish()
        }
    }
}

/// A page that was found.
pub fn shown(screen: &impl Template) -> HttpResponse {
    page(actix_web::http::StatusCode::OK, screen)
}

/// Another page, to be got after a form was taken: a reload sends nothing twice.
pub fn go(to: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, to)).finish()
}

/// A path of this site, or the front page for anything else: nobody is led away.
pub fn own_path(path: &str) -> &str {
    let own = path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\r', '\n']);
    if own { path } else { "/" }
}
