//! What belongs to one request wherever it is: its trace id and its language.

use std::future::Future;

use actix_web::HttpRequest;
use actix_web::http::header;

/// Languages of titles and texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// zh-CN, the default.
    #[default]
    Chinese,
    English,
}

/// The cookie of the language that was chosen on a page.
pub const LANGUAGE_COOKIE: &str = "lang";

/// The scope of a request.
#[derive(Clone, Debug, Default)]
pub struct RequestScope {
    /// Told in answers and logs, so that a caller's report finds its line.
    pub trace_id: String,
    pub language: Language,
}

tokio::task_local! {
    static SCOPE: RequestScope;
}

impl RequestScope {
    /// Runs the rest of a request inside this scope.
    pub async fn run<T>(self, rest: impl Future<Output = T>) -> T {
        SCOPE.scope(self, rest).await
    }

    /// The scope of the request under way; an empty one outside of any.
    pub fn current() -> RequestScope {
        SCOPE.try_with(Clone::clone).unwrap_or_default()
    }
}

impl Language {
    /// The language of a request: asked for in its address, chosen before on a page, or the browser's.
    pub fn of_request(request: &HttpRequest) -> Language {
        let named = |word: &str| match word {
            "zh" => Some(Language::Chinese),
            "en" => Some(Language::English),
            _ => None,
        };
        let asked = request.query_string().split('&').find_map(|part| named(part.strip_prefix("lang=")?));
        let chosen = || request.cookie(LANGUAGE_COOKIE).and_then(|cookie| named(cookie.value()));
        let accept = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        asked.or_else(chosen).unwrap_or_else(|| Language::of(accept.unwrap_or_default()))
    }

    /// The first language of `Accept-Language` that is known here (weights are not compared).
    pub fn of(accept: &str) -> Language {
        let known = accept.split(',').find_map(|one| match one.trim().get(..2) {
            Some("zh") => Some(Language::Chinese),
            Some("en") => Some(Language::English),
            _ => None,
        });
        known.unwrap_or_default()
    }
}
