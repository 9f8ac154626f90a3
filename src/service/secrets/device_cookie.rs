//! Device cookies: a signed mark of a browser its owner has logged in from, so that guesses made elsewhere
//! never lock the owner out.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::domain::hexadecimal::hex;
use crate::service::secrets::master_key::{MasterKey, Purpose, SubKey};
use crate::service::secrets::os_random::random_bytes;

const ID: usize = 16;
const TAG: usize = 32;

/// Issues and reads device cookies (OWASP, "Slow down online guessing attacks with device cookies").
///
/// A cookie is good for one account and one epoch of it. Raising the account's epoch (at a reset of access or
/// when the owner forgets the devices) makes all its cookies strangers again.
#[derive(Clone, Debug)]
pub struct DeviceCookies(SubKey);

impl DeviceCookies {
    /// The cookies under the installation's key.
    pub fn new(master: &MasterKey) -> DeviceCookies {
        DeviceCookies(master.derive(Purpose::DeviceCookies))
    }

    /// A cookie for a device that has just passed a full login.
    pub fn issue(&self, account: &str, epoch: u32) -> String {
        let id = random_bytes::<ID>();
        let tag = self.0.mac(&[account.as_bytes(), &epoch.to_le_bytes(), &id]);
        URL_SAFE_NO_PAD.encode([&id[..], &tag[..]].concat())
    }

    /// The name of the device, 32 hexadecimal digits, if the cookie is of this account and epoch.
    ///
    /// It names the device's own bucket of failed guesses.
    pub fn read(&self, cookie: &str, account: &str, epoch: u32) -> Option<String> {
        let bytes = URL_SAFE_NO_PAD.decode(cookie).ok().filter(|bytes| bytes.len() == ID + TAG)?;
        let (id, tag) = bytes.split_at(ID);
        self.0.confirms(&[account.as_bytes(), &epoch.to_le_bytes(), id], tag).then(|| hex(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_is_known_to_its_account_only() {
        let cookies = DeviceCookies::new(&MasterKey::ephemeral());
        let cookie = cookies.issue("a1", 0);
        let name = cookies.read(&cookie, "a1", 0).unwrap();
        assert_eq!(name.len(), 32);
        assert_eq!(cookies.read(&cookie, "a1", 0), Some(name));
        assert_eq!(cookies.read(&cookie, "a2", 0), None, "another account");
        assert_eq!(cookies.read(&cookie, "a1", 1), None, "the owner forgot all devices");
        assert_eq!(DeviceCookies::new(&MasterKey::ephemeral()).read(&cookie, "a1", 0), None);
    }

    #[test]
    fn a_made_up_or_altered_cookie_is_a_stranger() {
        let cookies = DeviceCookies::new(&MasterKey::ephemeral());
        let cookie = cookies.issue("a1", 0);
        let bytes = URL_SAFE_NO_PAD.decode(&cookie).unwrap();
        for at in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[at] ^= 0x80;
            assert_eq!(cookies.read(&URL_SAFE_NO_PAD.encode(altered), "a1", 0), None, "byte {at}");
        }
        for made_up in ["", "AAAA", "%%%", &cookie[1..], &format!("{cookie}AAAA"), &"A".repeat(100_000)] {
            assert_eq!(cookies.read(made_up, "a1", 0), None);
        }
    }
}
