//! The name of a person as rosters write it: every script, the one right dot, nothing that is no name.

/// The separator of a transliterated name (twelve ministries, 2016).
pub const DOT: char = '·';

/// Characters at most; the notice of 2016 asks for room for 50.
const LONGEST: usize = 100;

/// Dots that look like [`DOT`] and that keyboards give instead of it.
const LOOK_ALIKES: [char; 8] = ['•', '‧', '∙', '⋅', '・', '･', '●', '．'];

/// The name with the right dot, where another one was written.
pub fn with_right_dots(name: &str) -> Option<String> {
    name.contains(LOOK_ALIKES).then(|| name.replace(LOOK_ALIKES, "·"))
}

/// What is wrong with a name; an empty one is not looked at.
pub fn name_fault(name: &str) -> Option<&'static str> {
    let is_private = |sign: char| matches!(sign, '\u{E000}'..='\u{F8FF}' | '\u{F0000}'..='\u{10FFFF}');
    // Letters of every script, the marks that stand on them, and what joins the parts of a name.
    let fits = |sign: char| {
        sign.is_alphabetic()
            || matches!(sign, '\u{300}'..='\u{36F}' | ' ' | '-' | '\'' | '’' | '.' | DOT)
            || LOOK_ALIKES.contains(&sign)
    };
    if name.chars().count() > LONGEST {
        Some("must have at most 100 characters")
    } else if name.contains(is_private) {
        Some("holds a character of private use, which others read differently; write it in Unicode")
    } else if name.contains(['?', '？', '\u{FFFD}']) {
        Some("holds a sign for a character that was lost; write the name anew")
    } else if name.contains(|sign| !fits(sign)) || (!name.is_empty() && !name.contains(char::is_alphabetic)) {
        Some("must hold letters, blanks, '·', '-', '.' and apostrophes only")
    } else {
        None
    }
}

/// A name in a list: all but its first character masked.
pub fn masked_name(name: &str) -> String {
    name.chars().enumerate().map(|(at, sign)| if at == 0 { sign } else { '*' }).collect()
}

/// A number in a public list: its middle masked, the first two and the last two characters stay.
pub fn masked_number(number: &str) -> String {
    let length = number.chars().count();
    let shown = |at: usize| length > 4 && (at < 2 || at + 2 >= length);
    number.chars().enumerate().map(|(at, sign)| if shown(at) { sign } else { '*' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_every_script_pass_and_lost_characters_do_not() {
        for good in ["张三", "𬱖𠮷㛃鿬", "阿依古丽·买买提", "O'Neil-Smith Jr.", "Зоя", "〇", ""]
        {
            assert_eq!(name_fault(good), None, "{good}");
        }
        for bad in ["张?", "张\u{E000}", "张3", "=1+1", "·", "张\u{FFFD}", "张\t三"] {
            assert!(name_fault(bad).is_some(), "{bad}");
        }
        assert!(name_fault(&"长".repeat(101)).is_some());
        assert_eq!(with_right_dots("买买提•江"), Some("买买提·江".to_owned()));
        assert_eq!(with_right_dots("买买提·江"), None);
    }
}
