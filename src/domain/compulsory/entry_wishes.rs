//! What a guardian asks for on an entry's form, and how a form keeps it: one slot per wish.

/// The list under which every child of an entry files.
pub const ENTRY_LIST: &str = "entry";

/// The wishes of one child; codes of schools, the best first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EntryWishes {
    /// The one private school (DP50).
    pub private: Option<String>,
    /// Whether she goes on inside her nine- or twelve-year school if there is a place (DP53).
    pub direct: bool,
    /// Schools of a zone of several.
    pub choices: Vec<String>,
    /// Schools of the transfer round.
    pub transfer_choices: Vec<String>,
    /// The number of the brother or sister with whom she draws one ticket (DP52): counts where both name each other.
    pub twin: Option<String>,
}

const PRIVATE: &str = "private";
const DIRECT: &str = "direct";
const CHOICE: &str = "choice";
const TRANSFER: &str = "transfer";
const TWIN: &str = "twin";

impl EntryWishes {
    /// As a form keeps them: `private=P01`, `direct=1`, `choice=S01`, `transfer=S07`, `twin=C0002`.
    pub fn slots(&self) -> Vec<String> {
        let slot = |name: &str, code: &String| format!("{name}={code}");
        let mut slots: Vec<String> = self.private.iter().map(|code| slot(PRIVATE, code)).collect();
        slots.extend(self.direct.then(|| format!("{DIRECT}=1")));
        slots.extend(self.choices.iter().map(|code| slot(CHOICE, code)));
        slots.extend(self.transfer_choices.iter().map(|code| slot(TRANSFER, code)));
        slots.extend(self.twin.iter().map(|code| slot(TWIN, code)));
        slots
    }

    /// As they were kept; `None` for slots that no form of an entry holds.
    pub fn of_slots(slots: &[String]) -> Option<EntryWishes> {
        let mut wishes = EntryWishes::default();
        for slot in slots {
            let (name, code) = slot.split_once('=')?;
            let code = code.to_owned();
            match name {
                PRIVATE => wishes.private = Some(code),
                DIRECT => wishes.direct = true,
                CHOICE => wishes.choices.push(code),
                TRANSFER => wishes.transfer_choices.push(code),
                TWIN => wishes.twin = Some(code),
                _ => return None,
            }
        }
        Some(wishes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_form_keeps_is_what_was_asked_for() {
        let all = EntryWishes {
            private: Some("P01".to_owned()),
            direct: true,
            choices: vec!["S02".to_owned(), "S01".to_owned()],
            transfer_choices: vec!["S07".to_owned()],
            twin: Some("C0002".to_owned()),
        };
        for wishes in [EntryWishes::default(), all] {
            assert_eq!(EntryWishes::of_slots(&wishes.slots()), Some(wishes));
        }
        assert_eq!(EntryWishes::of_slots(&["score=612".to_owned()]), None);
    }
}
