//! Texts in both languages, by key; the Fluent files beside this one hold them.

use std::fmt::Display;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};

use crate::domain::eligibility::Refusals;
use crate::domain::form_finding::{FormFinding, Named};
use crate::domain::language::Language;

type Bundle = FluentBundle<FluentResource>;

/// Names the files of each language's folder once, for both languages.
macro_rules! files {
    ($($name:literal)*) => {
        const CHINESE: &[&str] = &[$(include_str!(concat!("zh-CN/", $name, ".ftl"))),*];
        const ENGLISH: &[&str] = &[$(include_str!(concat!("en/", $name, ".ftl"))),*];
    };
}

files!(
    "account" "candidate" "centre" "common" "demonstration" "draw" "entries" "families" "guidance" "office" "problems"
    "schools" "statistics"
);

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

    /// A text with places to fill, by their names.
    pub fn with(self, key: &str, values: &[(&str, &dyn Display)]) -> String {
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

    /// The text of a member of a family of keys, such as `phase-filling`.
    pub fn of_kind(self, kind: &str, word: impl Display) -> String {
        self.text(&key(kind, word))
    }

    /// The reasons against quota seats, one after the other.
    pub fn refusals(self, refusals: Refusals) -> String {
        let each = refusals.listed().map(|(_, word)| self.of_kind("refusal", word));
        each.collect::<Vec<_>>().join(&self.text("between-reasons"))
    }

    /// The sentence of a finding.
    pub fn finding(self, finding: &FormFinding) -> String {
        let mut places = FluentArgs::new();
        for (name, named) in &finding.places {
            match named {
                Named::Number(number) => places.set(*name, FluentValue::from(*number)),
                Named::Text(text) => places.set(*name, text.clone()),
                Named::Texts(texts) => places.set(*name, texts.join(&self.text("between-names"))),
                Named::Refusals(refusals) => places.set(*name, self.refusals(*refusals)),
            }
        }
        self.filled(&key("finding", finding.code), &places)
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

/// The key of a member of a family of texts.
fn key(kind: &str, word: impl Display) -> String {
    format!("{kind}-{}", word.to_string().replace('_', "-"))
}
