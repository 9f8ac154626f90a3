//! Time-based one-time passwords (RFC 6238) as the second factor of staff, each accepted once.

use totp_rs::{Builder, Totp};

use crate::domain::percent_encoded::percent_encoded;
use crate::service::secrets::os_random::random_bytes;

/// A new secret of 160 bits, as RFC 4226 recommends.
pub fn new_secret() -> [u8; 20] {
    random_bytes()
}

/// Six digits, SHA-1, 30 seconds, one step of slack to either side: what every authenticator app does.
fn generator(secret: [u8; 20]) -> Totp {
    Builder::new().with_secret(secret).build_noncompliant()
}

/// The time step that a code belongs to, if it is right and was not used before.
///
/// `now_s` is seconds since 1970; `last_step` is what this function returned for the last accepted code.
/// A code of the same or an earlier step is refused, so that a code read over a shoulder is worth
/// nothing (RFC 6238, 5.2). The caller stores the step in the transaction that uses it.
pub fn accepted_step(secret: [u8; 20], code: &str, now_s: u64, last_step: Option<u64>) -> Option<u64> {
    let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let step = generator(secret).check(&digits, now_s)?;
    last_step.is_none_or(|last| step > last).then_some(step)
}

/// The address an authenticator app takes in as a QR code or by hand.
pub fn enrolment_uri(secret: [u8; 20], login: &str) -> String {
    let label = percent_encoded(login);
    let secret = generator(secret).secret().to_base32();
    format!("otpauth://totp/zhaosheng:{label}?secret={secret}&issuer=zhaosheng")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238, appendix B.
    const RFC: [u8; 20] = *b"12345678901234567890";

    #[test]
    fn the_examples_of_the_standard_are_accepted() {
        // The last six of the eight digits printed there.
        for (time, code) in
            [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")]
        {
            assert_eq!(accepted_step(RFC, code, time, None), Some(time / 30), "{time}");
        }
        assert_eq!(accepted_step(RFC, "287 082", 59, None), Some(1), "apps show a space");
    }

    #[test]
    fn a_code_is_accepted_once_and_never_after_a_later_one() {
        let code = "081804";
        let step = accepted_step(RFC, code, 1111111109, None).unwrap();
        assert_eq!(accepted_step(RFC, code, 1111111109, Some(step)), None);
        assert_eq!(accepted_step(RFC, code, 1111111109, Some(step + 1)), None);
        assert_eq!(accepted_step(RFC, code, 1111111109, Some(step - 1)), Some(step));
    }

    #[test]
    fn a_code_is_good_one_step_early_or_late_and_no_longer() {
        let code = "081804";
        for (shift, good) in [(-60, false), (-30, true), (0, true), (30, true), (60, false)] {
            let now = 1111111109_u64.saturating_add_signed(shift);
            assert_eq!(accepted_step(RFC, code, now, None).is_some(), good, "{shift} s");
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for code in ["", "28708", "2870820", "abcdef", "２８７０８２", "-28708", "+87082"] {
            assert_eq!(accepted_step(RFC, code, 59, None), None, "{code}");
        }
    }

    #[test]
    fn an_app_can_take_the_secret_in() {
        assert_eq!(
            enrolment_uri(RFC, "市招办 01"),
            "otpauth://totp/zhaosheng:%E5%B8%82%E6%8B%9B%E5%8A%9E%2001\
             ?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=zhaosheng"
        );
        assert_ne!(new_secret(), new_secret());
    }
}
