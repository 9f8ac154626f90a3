//! The languages of texts.

/// A language that every text is there in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// zh-CN, the default.
    #[default]
    Chinese,
    English,
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
