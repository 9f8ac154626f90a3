//! Random bytes from the operating system.

/// `N` bytes nobody can foresee.
pub fn random_bytes<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("an operating system that has started the service gives random bytes");
    bytes
}

/// `count` symbols of `alphabet`, each equally likely (bytes that would favour the first symbols are
/// thrown away). The alphabet has 2 to 256 ASCII symbols.
pub fn random_text(alphabet: &[u8], count: usize) -> String {
    symbols(alphabet, std::iter::repeat_with(random_bytes::<32>).flatten()).take(count).collect()
}

/// Turns equally likely bytes into equally likely symbols of `alphabet` (2 to 256 ASCII symbols).
pub fn symbols(alphabet: &[u8], bytes: impl Iterator<Item = u8>) -> impl Iterator<Item = char> {
    let fair = 256 - 256 % alphabet.len();
    bytes
        .map(usize::from)
        .filter(move |&byte| byte < fair)
        .map(move |byte| char::from(alphabet[byte % alphabet.len()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_draws_differ() {
        assert_ne!(random_bytes::<32>(), random_bytes::<32>());
        assert_ne!(random_text(b"0123456789", 40), random_text(b"0123456789", 40));
    }

    #[test]
    fn every_symbol_of_the_alphabet_is_equally_likely() {
        let mut counts = [0; 7];
        for symbol in symbols(b"0123456", (0..=255).cycle().take(2560)) {
            counts[usize::from(symbol as u8 - b'0')] += 1;
        }
        assert_eq!(counts, [360; 7], "256 = 7 * 36 + 4: the last four bytes are not used");
    }
}
