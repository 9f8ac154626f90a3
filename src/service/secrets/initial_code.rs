//! One-time initial codes: random, readable from paper, never made from anything about the person.

use std::fmt;

use crate::service::secrets::os_random::random_text;

/// 31 capitals and digits that cannot be taken for each other: without 0, O, 1, I and L.
const ALPHABET: &[u8; 31] = b"23456789ABCDEFGHJKMNPQRSTUVWXYZ";

/// Random symbols; 19 * log2(31) = 94 bits.
const RANDOM: usize = 19;

/// A well-formed initial code: 19 random symbols and one check symbol.
///
/// It prints as `7KQ2-M4XA-...` in five groups of four. It has no `Debug` output that shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct InitialCode(String);

impl InitialCode {
    /// A new code from the operating system's randomness alone.
    pub fn generate() -> InitialCode {
        let random = random_text(ALPHABET, RANDOM);
        let check = check_symbol(&random).expect("every random symbol is of the alphabet");
        InitialCode(format!("{random}{check}"))
    }

    /// Reads a typed code: small letters, spaces and hyphens do not matter.
    ///
    /// None when it is no code at all or mistyped: a single wrong symbol or two exchanged neighbours are
    /// always noticed, so that a slip of the finger costs no attempt.
    pub fn parse(typed: &str) -> Option<InitialCode> {
        let text: String = typed
            .chars()
            .filter(|c| !c.is_whitespace() && *c != '-')
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let (random, check) = text.split_at_checked(RANDOM)?;
        (check_symbol(random)?.to_string() == check).then_some(InitialCode(text))
    }

    /// The bare 20 symbols, to be digested.
    pub fn symbols(&self) -> &str {
        &self.0
    }
}

/// The sum of the symbols, each times its position, modulo the prime 31.
fn check_symbol(random: &str) -> Option<char> {
    let mut sum = 0;
    for (at, byte) in random.bytes().enumerate() {
        sum += (at + 1) * ALPHABET.iter().position(|&symbol| symbol == byte)?;
    }
    Some(char::from(ALPHABET[sum % ALPHABET.len()]))
}

impl fmt::Display for InitialCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, symbol) in self.0.chars().enumerate() {
            if at > 0 && at % 4 == 0 {
                f.write_str("-")?;
            }
            write!(f, "{symbol}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for InitialCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InitialCode(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_more_than_80_bits_and_reads_well() {
        assert!(31_f64.log2() * RANDOM as f64 > 80.0);
        let codes: std::collections::BTreeSet<String> =
            (0..1000).map(|_| InitialCode::generate().to_string()).collect();
        assert_eq!(codes.len(), 1000);
        for code in codes {
            assert_eq!(code.split('-').map(str::len).collect::<Vec<_>>(), [4; 5]);
            assert!(!code.contains(['0', 'O', '1', 'I', 'l', 'L']), "{code}");
        }
    }

    #[test]
    fn a_code_is_read_as_people_type_it() {
        let code = InitialCode::generate();
        let printed = code.to_string();
        for typed in
            [printed.clone(), printed.to_lowercase(), printed.replace('-', " "), printed.replace('-', "")]
        {
            assert!(InitialCode::parse(&typed) == Some(code.clone()), "{typed}");
        }
    }

    #[test]
    fn every_single_slip_is_noticed() {
        let code = InitialCode::generate();
        let symbols = code.symbols().as_bytes();
        for at in 0..symbols.len() {
            for &other in ALPHABET.iter().filter(|&&other| other != symbols[at]) {
                let mut wrong = symbols.to_vec();
                wrong[at] = other;
                assert!(InitialCode::parse(std::str::from_utf8(&wrong).unwrap()).is_none());
            }
            if at + 1 < RANDOM && symbols[at] != symbols[at + 1] {
                let mut wrong = symbols.to_vec();
                wrong.swap(at, at + 1);
                assert!(InitialCode::parse(std::str::from_utf8(&wrong).unwrap()).is_none());
            }
        }
        for wrong in ["", "ABCD", "王", &"王".repeat(20), &format!("{code}2"), "0000-0000-0000-0000-0000"] {
            assert!(InitialCode::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_code_is_not_printed_by_accident() {
        assert_eq!(format!("{:?}", InitialCode::generate()), "InitialCode(..)");
    }
}
