//! Bytes in lower-case hexadecimal, as hashes, seeds and seals are written.

/// Two digits for each byte.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from(b"0123456789abcdef"[usize::from(half)]);
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        text.push(digit(byte >> 4));
        text.push(digit(byte & 15));
    }
    text
}

/// 32 bytes from 64 digits, capitals too; `None` for anything else.
pub fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_read_again_and_nothing_else_is() {
        let bytes: [u8; 32] = std::array::from_fn(|at| (at * 37) as u8);
        assert_eq!(&hex(&bytes)[..8], "00254a6f");
        assert_eq!(unhex(&hex(&bytes)), Some(bytes));
        assert_eq!(unhex(&hex(&bytes).to_uppercase()), Some(bytes));
        for text in
            ["", "00", &"0".repeat(63), &"0".repeat(65), &format!("+{}", "0".repeat(63)), &"é".repeat(32)]
        {
            assert_eq!(unhex(text), None, "{text}");
        }
    }
}
