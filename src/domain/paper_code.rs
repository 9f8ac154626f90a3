//! What the code printed on a form to be signed says: which version of which list of whom, and its hash.

use std::fmt;
use std::str::FromStr;

/// The word that every such code begins with.
const KIND: &str = "ZSFORM1";

/// A printed version. As text: `ZSFORM1`, exam number, list, version and hash, a blank between them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PaperCode {
    pub exam_no: String,
    /// The code of the list.
    pub batch: String,
    /// From 1.
    pub version: i64,
    /// 64 hexadecimal digits, in small letters.
    pub hash: String,
}

impl fmt::Display for PaperCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{KIND} {} {} {} {}", self.exam_no, self.batch, self.version, self.hash)
    }
}

impl FromStr for PaperCode {
    type Err = &'static str;

    /// Reads what a scanner types, whatever blanks it adds.
    ///
    /// # Errors
    /// The rule that the text breaks.
    fn from_str(text: &str) -> Result<PaperCode, &'static str> {
        let parts: Vec<&str> = text.split_whitespace().collect();
        let [kind, exam_no, batch, version, hash] = parts[..] else {
            return Err("must have five parts, a blank between them");
        };
        if kind != KIND {
            return Err("is no code of a form to be signed");
        }
        if hash.len() != 64 || !hash.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err("must end with 64 hexadecimal digits");
        }
        Ok(PaperCode {
            exam_no: exam_no.to_owned(),
            batch: batch.to_owned(),
            version: version.parse().map_err(|_| "must have a version number in its fourth part")?,
            hash: hash.to_ascii_lowercase(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_what_is_read() {
        let hash = "0123456789abcdef".repeat(4);
        let code = PaperCode { exam_no: "260101".into(), batch: "1".into(), version: 12, hash };
        let printed = code.to_string();
        assert_eq!(printed.parse(), Ok(code.clone()));
        assert_eq!(format!("  {}\r\n", printed.to_uppercase()).parse(), Ok(code));
        let wrong = [
            printed.replace("ZSFORM1", "ZSFORM2"),
            printed.replace(" 12 ", " x "),
            printed[..printed.len() - 1].to_owned(),
            printed.replace("abcdef", "abcdeg"),
            String::new(),
        ];
        for text in wrong {
            assert!(text.parse::<PaperCode>().is_err(), "{text}");
        }
    }
}
