//! Texts of the pages in both languages, by key; the Fluent files in `words/` hold them.

use std::fmt::Display;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

use crate::web::request_scope::Language;

type Bundle = FluentBundle<FluentResource>;

/// Names the files of `words/<language>/` once, for both languages.
macro_rules! files {
    ($($name:literal)*) => {
        const CHINESE: &[&str] = &[$(include_str!(concat!("words/zh-CN/", $name, ".ftl"))),*];
        const ENGLISH: &[&str] = &[$(include_str!(concat!("words/en/", $name, ".ftl"))),*];
    };
}

files!("account" "candidate" "centre" "common" "demonstration" "guidance" "office" "schools" "statistics");

static CHINESE_TEXTS: LazyLock<Bundle> = LazyLock::new(|| bundle("zh-CN", CHINESE));
static ENGLISH_TEXTS: LazyLock<Bundle> = LazyLock::new(|| bundle("en", ENGLISH));

fn bundle(language: &str, files: &[&str]) -> Bundle {
    let mut bundle = Bundle::new_concurrent(vec![language.parse().expect("it is a language tag")]);
    // The marks of isolation would stand in titles and between digits.
    bundle.set_use_isolating(false);
    for file in files {
        let texts = FluentResource::try_new((*file).to_owned()).expect("a test reads every file");
        bundle.add_resource(texts).expect("a test finds no key twice");
    }
    bundle
}

/// The texts of one language.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Words(pub Language);

impl Words {
    /// The text of a key; the key itself where there is none (a test finds it first).
    pub fn text(self, key: &str) -> String {
        self.filled(key, &FluentArgs::new())
    }

    /// A text with one place to fill.
    pub fn with(self, key: &str, name: &str, value: impl Display) -> String {
        let mut places = FluentArgs::new();
        places.set(name, value.to_string());
        self.filled(key, &places)
    }

    /// A text with two places to fill.
    pub fn with_both(
        self,
        key: &str,
        (one, first): (&str, &dyn Display),
        (other, second): (&str, &dyn Display),
    ) -> String {
        let mut places = FluentArgs::new();
        places.set(one, first.to_string());
        places.set(other, second.to_string());
        self.filled(key, &places)
    }

    /// A text with any number of places to fill.
    pub fn with_all(self, key: &str, values: &[(&str, &dyn Display)]) -> String {
        let mut places = FluentArgs::new();
        for (name, value) in values {
            places.set(*name, value.to_string());
        }
        self.filled(key, &places)
    }

    /// A text that counts something, in `$n`: English has two forms.
    pub fn counted(self, key: &str, number: u64) -> String {
        let mut places = FluentArgs::new();
        places.set("n", FluentValue::from(number));
        self.filled(key, &places)
    }

    fn filled(self, key: &str, places: &FluentArgs<'_>) -> String {
        let texts = match self.0 {
            Language::Chinese => &*CHINESE_TEXTS,
            Language::English => &*ENGLISH_TEXTS,
        };
        let pattern = texts.get_message(key).and_then(|message| message.value());
        pattern.map_or_else(
            || key.to_owned(),
            |pattern| texts.format_pattern(pattern, Some(places), &mut Vec::new()).into_owned(),
        )
    }
}
