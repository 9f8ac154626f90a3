//! What belongs to one request wherever it is: its trace id and its language.

use std::future::Future;

/// Languages of titles and texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// zh-CN, the default.
    #[default]
    Chinese,
    English,
}

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
