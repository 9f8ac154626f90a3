//! Search among a season's programmes: by code, name, school, area and pinyin, with the facts that a
//! candidate needs before she lists one.

use std::collections::BTreeMap;
use std::sync::Arc;

use pinyin::ToPinyinMulti;

use crate::domain::city::{City, CityProgramme};
use crate::engine::listing::{Applicant, ListTerms, Standing};

/// A word of a search longer than this finds nothing: no name is.
pub const LONGEST_WORD: usize = 60;

/// What is searched for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProgrammeQuery<'q> {
    /// Words apart by blanks, each of which must be found: parts of codes and names, or pinyin as
    /// full syllables, initials or both (`tyzx`, `taiyuan zx`). Nothing finds everything.
    pub text: &'q str,
    /// Only schools of this area, by index.
    pub area: Option<u32>,
    /// Only this list of the season, by its code; absent: any.
    pub list: Option<&'q str>,
    /// Only where the candidate may use quota seats; without a candidate, where somebody may.
    pub quota_only: bool,
}

/// A programme that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgrammeHit {
    /// Of the city, by index.
    pub programme: u32,
    /// How near the text was, the smaller the nearer; 0 without a text.
    pub distance: u32,
    /// The lists it may stand on, of those asked for, in the order of the season; never empty.
    pub lists: Vec<String>,
    /// Seats that the candidate's junior high has there; absent before the quota is published, and
    /// without a candidate.
    pub quota_seats: Option<u32>,
    /// Whether the candidate may use a quota seat there on one of these lists.
    pub quota: bool,
}

/// The programmes of a season, prepared for search.
pub struct ProgrammeIndex {
    entries: Vec<Entry>,
}

/// What is searched of one programme, in lower case.
struct Entry {
    codes: [String; 2],
    names: [Name; 2],
    area: Name,
}

impl ProgrammeIndex {
    /// Prepares a city's programmes.
    ///
    /// # Complexity
    /// O(length of all names).
    pub fn new(city: &City) -> ProgrammeIndex {
        let mut known = Readings::new();
        let entry = |programme: &CityProgramme| {
            let school = &city.seniors[programme.school as usize];
            Entry {
                codes: [programme.code.to_lowercase(), school.code.to_lowercase()],
                names: [Name::new(&school.name, &mut known), Name::new(&programme.name, &mut known)],
                area: Name::new(&city.areas[school.area as usize].name, &mut known),
            }
        };
        ProgrammeIndex { entries: city.programmes.iter().map(entry).collect() }
    }

    /// The programmes that a text finds and that may be listed, nearest first, then by code.
    ///
    /// With a candidate these are the ones she may list; without one, all that some list takes.
    /// `terms` are of the city the index was made of.
    ///
    /// # Complexity
    /// O(programmes x (length of their names x words + batches x log areas)).
    pub fn search(
        &self,
        terms: &ListTerms<'_>,
        applicant: Option<&Applicant>,
        query: &ProgrammeQuery<'_>,
    ) -> Vec<ProgrammeHit> {
        let words: Vec<Word> = folded(query.text).split_whitespace().map(Word::new).collect();
        if words.iter().any(|word| word.letters.len() > LONGEST_WORD) {
            return Vec::new();
        }
        let lists: Vec<(&str, Vec<u32>)> = terms
            .policy
            .lists()
            .into_iter()
            .filter(|&list| query.list.is_none_or(|wanted| wanted == list))
            .map(|list| (list, terms.batches(list)))
            .collect();
        let mut hits: Vec<ProgrammeHit> = (0..)
            .zip(&self.entries)
            .filter_map(|(programme, entry)| {
                let school = terms.city.programmes[programme as usize].school;
                let area = terms.city.seniors[school as usize].area;
                if query.area.is_some_and(|wanted| wanted != area) {
                    return None;
                }
                let distance = words.iter().map(|word| entry.distance(word)).sum::<Option<u32>>()?;
                hit(terms, applicant, &lists, query.quota_only, programme, distance)
            })
            .collect();
        hits.sort_by_key(|hit| (hit.distance, hit.programme));
        hits
    }
}

/// The facts of a programme on the lists that take it; none where no list does.
fn hit(
    terms: &ListTerms<'_>,
    applicant: Option<&Applicant>,
    lists: &[(&str, Vec<u32>)],
    quota_only: bool,
    programme: u32,
    distance: u32,
) -> Option<ProgrammeHit> {
    let mut found = ProgrammeHit { programme, distance, lists: Vec::new(), quota_seats: None, quota: false };
    found.quota_seats = applicant.and_then(|applicant| terms.quota_seats(applicant, programme));
    for (list, batches) in lists {
        let open = match applicant {
            Some(applicant) => match terms.standing(applicant, batches, programme) {
                Standing::Open { quota } => Some(quota),
                _ => None,
            },
            None => terms.somebody_may_list(batches, programme),
        };
        if let Some(quota) = open.filter(|&quota| quota || !quota_only) {
            found.lists.push((*list).to_owned());
            found.quota |= quota;
        }
    }
    (!found.lists.is_empty()).then_some(found)
}

impl Entry {
    /// How near a word is to this programme; none where it is not found.
    fn distance(&self, word: &Word) -> Option<u32> {
        let by_code = self.codes.iter().filter_map(|code| match code.strip_prefix(word.text.as_str()) {
            Some("") => Some(0),
            Some(_) => Some(1),
            None => None,
        });
        let by_name = self.names.iter().filter_map(|name| name.distance(word));
        let by_area = self.area.distance(word).map(|distance| distance + 8);
        by_code.chain(by_name).chain(by_area).min()
    }
}

/// A word of a search: as it was typed, and letter by letter.
struct Word {
    text: String,
    letters: Vec<char>,
}

impl Word {
    fn new(text: &str) -> Word {
        Word { text: text.to_owned(), letters: text.chars().collect() }
    }
}

/// The readings of each character met so far, without tones, in lower-case letters; none for a sign
/// that is no Chinese character.
type Readings = BTreeMap<char, Arc<[String]>>;

/// A name with every reading of its characters.
struct Name {
    text: String,
    signs: Vec<Sign>,
    /// The letters that some reading holds, as bits.
    letters: u32,
}

/// One sign of a name.
struct Sign {
    sign: char,
    readings: Arc<[String]>,
}

impl Name {
    fn new(text: &str, known: &mut Readings) -> Name {
        let text = folded(text);
        let signs = text.chars().filter(|sign| !sign.is_whitespace());
        let signs: Vec<Sign> = signs
            .map(|sign| Sign {
                sign,
                readings: known.entry(sign).or_insert_with(|| readings(sign).into()).clone(),
            })
            .collect();
        let all = signs.iter().flat_map(|sign| sign.readings.iter()).flat_map(|reading| reading.chars());
        let letters = all.fold(0, |letters, letter| letters | bit(letter));
        Name { text, signs, letters }
    }

    /// Whether every letter of a word stands somewhere in the name or in its readings: most names
    /// are ruled out by this alone.
    fn has_letters_of(&self, word: &Word) -> bool {
        word.letters.iter().all(|&letter| self.letters & bit(letter) != 0 || self.text.contains(letter))
    }

    /// 2 from the beginning in the same signs, 3 from the beginning in pinyin, 4 and 5 further in.
    fn distance(&self, word: &Word) -> Option<u32> {
        match self.text.find(&word.text) {
            Some(0) => return Some(2),
            Some(_) => return Some(4),
            None if !self.has_letters_of(word) => return None,
            None => {}
        }
        // Bit p of a set: the first p letters of the word are behind us, the next sign goes on there.
        let (mut begun, mut inside) = (1u64, 0u64);
        let whole = 1u64 << word.letters.len();
        let mut further_in = false;
        for (at, sign) in self.signs.iter().enumerate() {
            inside |= u64::from(at > 0);
            begun = sign.past(word, begun);
            inside = sign.past(word, inside);
            if begun & whole != 0 {
                return Some(3);
            }
            further_in |= inside & whole != 0;
        }
        further_in.then_some(5)
    }
}

impl Sign {
    /// The places of the word that this sign leads to from those in `from`.
    fn past(&self, word: &Word, from: u64) -> u64 {
        let mut to = 0;
        let mut left = from;
        while left != 0 {
            let at = left.trailing_zeros() as usize;
            left &= left - 1;
            let rest = &word.letters[at.min(word.letters.len())..];
            if rest.first() == Some(&self.sign) {
                to |= 1 << (at + 1);
            }
            for reading in self.readings.iter() {
                let shared = reading.chars().zip(rest).take_while(|(letter, typed)| letter == *typed).count();
                if shared == 0 {
                    continue;
                }
                // The initial alone (t, or zh), the whole syllable, or a syllable still being typed.
                to |= 1 << (at + 1);
                if shared >= 2 && reading.as_bytes()[1] == b'h' {
                    to |= 1 << (at + 2);
                }
                if shared == reading.len() || shared == rest.len() {
                    to |= 1 << (at + shared);
                }
            }
        }
        to
    }
}

/// A letter from a to z as a bit; nothing for other signs.
fn bit(letter: char) -> u32 {
    if letter.is_ascii_lowercase() { 1 << (u32::from(letter) - u32::from('a')) } else { 0 }
}

/// Every reading of a character in plain letters; ü also as the keyboards' v.
fn readings(sign: char) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for reading in sign.to_pinyin_multi().into_iter().flatten() {
        let plain = reading.plain();
        found.extend([plain.replace('ü', "v"), plain.replace('ü', "u")]);
    }
    found.retain(|reading| !reading.is_empty() && reading.bytes().all(|letter| letter.is_ascii_lowercase()));
    found.sort_unstable();
    found.dedup();
    found
}

/// Lower case, with the wide forms of letters and digits (U+FF01 to U+FF5E) as the plain ones.
fn folded(text: &str) -> String {
    let narrow = |sign: char| match u32::from(sign) {
        wide @ 0xff01..=0xff5e => char::from_u32(wide - 0xfee0).unwrap_or(sign),
        _ => sign,
    };
    text.chars().map(narrow).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn distance(name: &str, word: &str) -> Option<u32> {
        Name::new(name, &mut Readings::new()).distance(&Word::new(&folded(word)))
    }

    #[test]
    fn a_name_is_found_by_signs_initials_syllables_and_both() {
        for (word, expected) in [
            ("太原", Some(2)),
            ("五中", Some(4)),
            ("tywz", Some(3)),
            ("taiyuan", Some(3)),
            ("taiyw", Some(3)),
            ("taiyuanwuzh", Some(3)),
            ("TYwuz", Some(3)),
            ("ty五", Some(3)),
            ("wuzhong", Some(5)),
            ("wuzho", Some(5)),
            ("tuyuan", None),
            ("tz", None),
            ("五z中", None),
        ] {
            assert_eq!(distance("太原五中", word), expected, "{word}");
        }
    }

    #[test]
    fn every_reading_of_a_character_is_accepted() {
        for word in ["chongqing", "zhongqing", "cq", "zq"] {
            assert_eq!(distance("重庆实验中学", word), Some(3), "{word}");
        }
        for word in ["changzhi", "zhangzhi", "lvliang", "luliang"] {
            let name = if word.contains("liang") { "吕梁一中" } else { "长治一中" };
            assert_eq!(distance(name, word), Some(3), "{word}");
        }
    }

    #[test]
    fn wide_letters_and_digits_are_the_plain_ones() {
        assert_eq!(distance("Ａ班2024", "a班２０"), Some(2));
    }

    #[test]
    fn the_longest_word_fits_the_set() {
        assert_eq!(distance(&"中".repeat(80), &"z".repeat(LONGEST_WORD)), Some(3));
    }
}
