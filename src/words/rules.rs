//! What is wrong with a file or a field: rules, which the sources say in English, in Chinese.

use std::cmp::Reverse;
use std::sync::LazyLock;

use crate::domain::fault::Fault;
use crate::domain::language::Language;
use crate::words::texts::Words;

/// Every rule and its Chinese; the file says how they are written.
const RULES: &str = include_str!("zh-CN/rules.txt");

static PATTERNS: LazyLock<Vec<Pattern>> = LazyLock::new(|| {
    let mut lines = RULES.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let mut patterns = Vec::new();
    while let (Some(english), Some(chinese)) = (lines.next(), lines.next()) {
        patterns.push(Pattern::new(english, chinese.trim_start()));
    }
    // `must be {} points` before `must be {}`.
    patterns.sort_by_key(|pattern| Reverse(pattern.between.iter().map(|text| text.len()).sum::<usize>()));
    patterns
});

/// A rule with places, and its Chinese.
struct Pattern {
    /// The English before, between and behind the places.
    between: Vec<&'static str>,
    chinese: Vec<Piece>,
}

/// A piece of a Chinese text.
enum Piece {
    Text(&'static str),
    /// What stood at a place, as it is.
    Place(usize),
    /// A rule that stood at a place, in Chinese.
    Rule(usize),
    /// A word that stood at a place, or several joined by commas, by their family of texts.
    Word(usize, &'static str),
}

impl Piece {
    /// What stands between braces; `None` where they are the text's own.
    fn of(inside: &'static str) -> Option<Piece> {
        let place = |digits: &str| digits.parse().ok();
        if let Some((digits, family)) = inside.split_once(':') {
            return Some(Piece::Word(place(digits)?, family));
        }
        inside
            .strip_suffix('!')
            .map_or_else(|| place(inside).map(Piece::Place), |digits| place(digits).map(Piece::Rule))
    }
}

impl Pattern {
    fn new(english: &'static str, chinese: &'static str) -> Pattern {
        let mut pieces = Vec::new();
        for part in chinese.split_inclusive('}') {
            let place = part
                .rsplit_once('{')
                .and_then(|(before, rest)| Some((before, rest.strip_suffix('}').and_then(Piece::of)?)));
            match place {
                Some((before, piece)) => pieces.extend([Piece::Text(before), piece]),
                None => pieces.push(Piece::Text(part)),
            }
        }
        Pattern { between: english.split("{}").collect(), chinese: pieces }
    }

    /// What stands at the places of a rule; `None` where it is another rule.
    fn places<'r>(&self, rule: &'r str) -> Option<Vec<&'r str>> {
        let [first, others @ ..] = self.between.as_slice() else { return None };
        let mut rest = rule.strip_prefix(first)?;
        let [inner @ .., last] = others else { return rest.is_empty().then(Vec::new) };
        let mut places = Vec::with_capacity(others.len());
        for text in inner {
            let (place, behind) = rest.split_once(text)?;
            places.push(place);
            rest = behind;
        }
        places.push(rest.strip_suffix(last)?);
        Some(places)
    }

    /// The Chinese of a rule; `None` where it is another rule, or where a place holds no rule that should.
    fn told(&self, rule: &str) -> Option<String> {
        let places = self.places(rule)?;
        let mut told = String::new();
        for piece in &self.chinese {
            match *piece {
                Piece::Text(text) => told.push_str(text),
                Piece::Place(at) => told.push_str(places.get(at)?),
                Piece::Rule(at) => told.push_str(&in_chinese(places.get(at)?)?),
                Piece::Word(at, family) => {
                    let words = places.get(at)?.split(", ").map(|word| named(family, word));
                    told.push_str(&words.collect::<Vec<_>>().join("、"));
                }
            }
        }
        Some(told)
    }
}

/// A word in Chinese; a word that the family lacks, as it is.
fn named(family: &str, word: &str) -> String {
    let text = Words(Language::Chinese).of_kind(family, word);
    // Without a text its key came back.
    if text.is_ascii() { word.to_owned() } else { text }
}

/// A rule in Chinese, as its most literal pattern tells it.
pub fn in_chinese(rule: &str) -> Option<String> {
    PATTERNS.iter().find_map(|pattern| pattern.told(rule))
}

/// Several rules, joined by semicolons, in Chinese.
fn each_in_chinese(rules: &str) -> Option<String> {
    let each: Option<Vec<String>> = rules.split("; ").map(in_chinese).collect();
    each.map(|each| each.join("；"))
}

impl Words {
    /// A rule, or several that are joined by semicolons; as it stands where it has no Chinese.
    pub fn rule(self, rule: &str) -> String {
        let chinese = match self.0 {
            Language::Chinese => each_in_chinese(rule).or_else(|| in_chinese(rule)),
            Language::English => None,
        };
        chinese.unwrap_or_else(|| rule.to_owned())
    }

    /// A fault with its place and value.
    pub fn fault(self, fault: &Fault) -> String {
        let mut told = fault.place.clone();
        if let Some(row) = fault.row {
            told.push(' ');
            told.push_str(&self.with("fault-at-row", &[("row", &row)]));
        }
        if let Some(column) = &fault.column {
            told.push(' ');
            told.push_str(&self.with("fault-at-column", &[("column", column)]));
        }
        told.push_str(&self.text("colon"));
        if !fault.value.is_empty() {
            told.push_str(&format!("{:?} ", fault.value));
        }
        told + &self.rule(&fault.rule)
    }
}
