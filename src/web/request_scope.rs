//! What belongs to one request wherever it is: its trace id and its language.

use std::future::Future;

use actix_web::HttpRequest;
use actix_web::http::header;

use crate::domain::language::Language;
use crate::words::texts::Words;

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

    /// The texts of the request under way.
    pub fn words() -> Words {
        Words(RequestScope::current().language)
    }
}

/// The language of a request: asked for in its address, chosen before on a page, or the browser's.
pub fn language_of(request: &HttpRequest) -> Language {
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
