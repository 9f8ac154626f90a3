//! A preference form (志愿表): drafts, submitted versions, their hash and their receipt number.

use std::fmt::{self, Write};
use std::str::FromStr;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};

use crate::domain::hexadecimal::hex;

/// Which window a form was filed in; the two are kept apart, and only `official` ones count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// The trial filling (模拟填报).
    Rehearsal,
    /// The real one (正式填报), supplementary rounds included.
    Official,
}

impl Stage {
    /// The word in the database, in the API and under the hash.
    pub const fn word(self) -> &'static str {
        match self {
            Stage::Rehearsal => "rehearsal",
            Stage::Official => "official",
        }
    }

    /// The stage of a word.
    pub fn of(word: &str) -> Option<Stage> {
        [Stage::Rehearsal, Stage::Official].into_iter().find(|stage| stage.word() == word)
    }
}

/// The name of a draft, as its owner gave it (保守方案).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DraftName(String);

impl DraftName {
    /// Longest name, in characters.
    pub const LONGEST: usize = 40;

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DraftName {
    type Err = &'static str;

    /// # Errors
    /// The rule that the text breaks.
    fn from_str(text: &str) -> Result<DraftName, &'static str> {
        let length = text.chars().count();
        if length == 0 || length > DraftName::LONGEST {
            return Err("must have 1 to 40 characters");
        }
        if text.trim() != text || text.chars().any(char::is_control) {
            return Err("must not begin or end with a blank nor hold control characters");
        }
        Ok(DraftName(text.to_owned()))
    }
}

/// The slots of a list, best first: programme codes, an empty text for a blank slot.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choices(Vec<String>);

impl Choices {
    /// Blank slots behind the last choice are dropped: they say nothing.
    pub fn new(mut slots: Vec<String>) -> Choices {
        let length = slots.iter().rposition(|code| !code.is_empty()).map_or(0, |last| last + 1);
        slots.truncate(length);
        Choices(slots)
    }

    pub fn slots(&self) -> &[String] {
        &self.0
    }

    /// Positions from 1 and the codes that stand there, as `preferences.csv` has them.
    pub fn filled(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.0.iter().map(String::as_str)).filter(|(_, code)| !code.is_empty())
    }
}

/// One submitted version of a candidate's list for one batch. Versions are only ever added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormVersion {
    /// The season's id.
    pub season: String,
    pub stage: Stage,
    pub exam_no: String,
    /// The code of the list.
    pub batch: String,
    /// From 1; the highest counts.
    pub version: u32,
    /// The clock of the database at the submission, in milliseconds since 1970 UTC.
    pub at_ms: i64,
    pub choices: Choices,
    /// The hash of the version before; zeros for version 1.
    pub previous: [u8; 32],
}

impl FormVersion {
    /// What the hash is taken of: lines of UTF-8, each ended by `\n`. No code holds a line end (the season's is
    /// of letters and digits, the policy refuses it in batches, the sheets in exam numbers and programmes), so no
    /// two versions have the same lines.
    ///
    /// ```text
    /// zhaosheng/form/1
    /// season 2026
    /// stage official
    /// exam_no 140100000001
    /// batch 1
    /// version 2
    /// at_ms 1782381599123
    /// previous 5d2c...   (64 hexadecimal digits)
    /// choice 1 010101
    /// choice 3 010203    (slot 2 is blank)
    /// ```
    pub fn canonical(&self) -> String {
        let mut lines = String::with_capacity(512);
        let mut line = |name: &str, value: &dyn fmt::Display| {
            writeln!(lines, "{name} {value}").expect("memory takes what is written");
        };
        line("zhaosheng/form/1\nseason", &self.season);
        line("stage", &self.stage.word());
        line("exam_no", &self.exam_no);
        line("batch", &self.batch);
        line("version", &self.version);
        line("at_ms", &self.at_ms);
        line("previous", &hex(&self.previous));
        for (position, code) in self.choices.filled() {
            line("choice", &format_args!("{position} {code}"));
        }
        lines
    }

    /// SHA-256 of [`FormVersion::canonical`]. Each version names the hash of the one before, so a
    /// version changed later shows in all that follow.
    pub fn hash(&self) -> [u8; 32] {
        Sha256::digest(self.canonical()).into()
    }

    /// The receipt number under the service's key.
    pub fn receipt(&self, key: &[u8]) -> ReceiptNumber {
        ReceiptNumber::new(key, &self.exam_no, &self.batch, self.version, &self.hash())
    }
}

/// The digits of receipt numbers (Crockford's base 32: no I, L, O, U).
const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// A receipt number: twelve digits and a check digit, written `7K3M-Q9TD-2ABF-X`.
///
/// The twelve are the first 60 bits of HMAC-SHA-256 over the version, so a number tells nothing
/// about its owner, nobody without the key can make one up, and the service can say of a number
/// read to it over the phone whether it belongs to a form. The check digit finds every single wrong
/// digit and every two digits changed over: a weighted sum over GF(32).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReceiptNumber(u64);

impl ReceiptNumber {
    fn new(key: &[u8], exam_no: &str, batch: &str, version: u32, hash: &[u8; 32]) -> ReceiptNumber {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
        mac.update(b"zhaosheng/receipt/1");
        for text in [exam_no, batch] {
            mac.update(&(text.len() as u64).to_le_bytes());
            mac.update(text.as_bytes());
        }
        mac.update(&version.to_le_bytes());
        mac.update(hash);
        let mac: [u8; 32] = mac.finalize().into_bytes().into();
        ReceiptNumber(mac.iter().take(8).fold(0, |number, &byte| number << 8 | u64::from(byte)) >> 4)
    }

    /// The twelve digits, the first first.
    fn digits(self) -> impl Iterator<Item = u8> {
        (0..12).rev().map(move |place| (self.0 >> (5 * place) & 31) as u8)
    }

    /// The check digit: sum of digit x alpha^weight over GF(32), alpha a root of x^5 + x^2 + 1.
    /// The weights differ, and alpha has order 31.
    fn check(self) -> u8 {
        self.digits().fold(0, |sum, digit| {
            let sum = (sum ^ digit) << 1;
            if sum & 32 == 0 { sum } else { sum ^ 0b10_0101 }
        })
    }
}

impl fmt::Display for ReceiptNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, digit) in self.digits().chain([self.check()]).enumerate() {
            if at > 0 && at % 4 == 0 {
                f.write_str("-")?;
            }
            write!(f, "{}", char::from(DIGITS[usize::from(digit)]))?;
        }
        Ok(())
    }
}

impl FromStr for ReceiptNumber {
    type Err = &'static str;

    /// Reads a number as people write it: small letters, O for 0, I and L for 1, any hyphens and
    /// blanks.
    ///
    /// # Errors
    /// When it is no number of twelve digits with the right check digit.
    fn from_str(text: &str) -> Result<ReceiptNumber, &'static str> {
        let mut digits = Vec::with_capacity(13);
        for sign in text.chars().filter(|sign| !matches!(sign, '-' | ' ')) {
            let sign = match sign.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            let digit = DIGITS.iter().position(|&digit| char::from(digit) == sign);
            digits.push(digit.ok_or("must be digits and letters without U")? as u8);
            if digits.len() > 13 {
                break;
            }
        }
        let [number @ .., check] = digits.as_slice() else { return Err("must have 13 digits") };
        if number.len() != 12 {
            return Err("must have 13 digits");
        }
        let found = ReceiptNumber(number.iter().fold(0, |all, &digit| all << 5 | u64::from(digit)));
        if found.check() == *check { Ok(found) } else { Err("has a wrong check digit: read it again") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(choices: &[&str]) -> FormVersion {
        FormVersion {
            season: "2026".to_owned(),
            stage: Stage::Official,
            exam_no: "140100000001".to_owned(),
            batch: "1".to_owned(),
            version: 1,
            at_ms: 1_782_381_599_123,
            choices: Choices::new(choices.iter().map(|&code| code.to_owned()).collect()),
            previous: [0; 32],
        }
    }

    #[test]
    fn the_hash_is_that_of_the_documented_lines() {
        let form = version(&["P1", "", "P3", ""]);
        let zeros = "0".repeat(64);
        let lines = format!(
            "zhaosheng/form/1\nseason 2026\nstage official\nexam_no 140100000001\nbatch 1\nversion 1\n\
             at_ms 1782381599123\nprevious {zeros}\nchoice 1 P1\nchoice 3 P3\n"
        );
        assert_eq!(form.canonical(), lines);
        assert_ne!(form.hash(), version(&["P1", "P3"]).hash(), "a blank slot keeps the position");
        // sha256sum of these lines, taken outside.
        assert_eq!(hex(&form.hash()), "e53c9952f3ca76160aad8b25052c01f5d29a7039e0917c33c81f9253dff373d3");
        assert_eq!(form.receipt(b"a key").to_string(), "1WCE-3J41-K8H9-1");
    }

    #[test]
    fn a_receipt_number_survives_the_telephone() {
        let number = version(&["P1"]).receipt(b"a key");
        let text = number.to_string();
        let read = text.to_lowercase().replace('0', "o").replace('1', "l").replace('-', " ");
        assert_eq!(read.parse(), Ok(number));
        for bad in ["", "----", "7K3M", "UUUU-UUUU-UUUU-U", &format!("{text}0"), &"0".repeat(10_000)] {
            assert!(bad.parse::<ReceiptNumber>().is_err(), "{bad}");
        }
    }

    #[test]
    fn every_wrong_digit_and_every_exchange_is_found() {
        for key in 0..50u8 {
            let text = version(&["P1"]).receipt(&[key]).to_string().replace('-', "");
            let digits = text.as_bytes();
            for at in 0..13 {
                for other in DIGITS.iter().filter(|&&other| other != digits[at]) {
                    let mut wrong = digits.to_vec();
                    wrong[at] = *other;
                    assert!(String::from_utf8_lossy(&wrong).parse::<ReceiptNumber>().is_err());
                }
                for with in (0..at).filter(|&with| digits[with] != digits[at]) {
                    let mut wrong = digits.to_vec();
                    wrong.swap(at, with);
                    assert!(String::from_utf8_lossy(&wrong).parse::<ReceiptNumber>().is_err());
                }
            }
        }
    }

    #[test]
    fn names_of_drafts_are_short_and_visible() {
        for good in ["保守方案", "a b", "𠮷"] {
            assert_eq!(good.parse::<DraftName>().as_ref().map(DraftName::as_str), Ok(good));
        }
        for bad in ["", " a", "a ", "a\nb", "\u{0}", &"长".repeat(41)] {
            assert!(bad.parse::<DraftName>().is_err(), "{bad:?}");
        }
    }
}
