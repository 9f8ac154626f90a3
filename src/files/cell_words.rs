//! What offices write in a cell, and our word for it.

use std::collections::HashMap;
use std::sync::LazyLock;

/// By column, documented in the file itself.
static KNOWN: LazyLock<HashMap<String, HashMap<String, String>>> = LazyLock::new(|| {
    toml::from_str(include_str!("cell_words.toml")).expect("the file of known words has its form")
});

/// The column that stands for every subject.
pub const MARKS: &str = "marks";

/// Our word for a cell of a column of ours ([`MARKS`] under subjects), or the cell as it stands.
pub fn our_word<'a>(column: &str, cell: &'a str) -> &'a str {
    if cell.is_ascii() {
        return cell;
    }
    KNOWN.get(column).and_then(|words| words.get(cell)).map_or(cell, String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::compulsory::after_sheet::AFTER_SHEETS;
    use crate::domain::compulsory::entry_sheet::ENTRY_SHEETS;
    use crate::domain::compulsory::register_sheet::FEED_SHEETS;
    use crate::domain::sheet_kind::SheetKind;

    #[test]
    fn every_word_is_one_of_a_column_of_ours() {
        let mut columns: Vec<&str> = SheetKind::ALL.iter().flat_map(|kind| kind.columns()).collect();
        columns.extend(
            ENTRY_SHEETS
                .iter()
                .chain(&AFTER_SHEETS)
                .chain(&FEED_SHEETS)
                .flat_map(|sheet| [sheet.required, sheet.optional].concat()),
        );
        for (column, words) in KNOWN.iter() {
            assert!(column == MARKS || columns.contains(&column.as_str()), "{column}");
            assert!(
                words.keys().all(|theirs| !theirs.is_ascii()),
                "{column}: plain words are never looked up"
            );
        }
        assert_eq!(our_word("ownership", "民办"), "private");
        assert_eq!(our_word("name", "民办"), "民办");
        assert_eq!(our_word(MARKS, "缺考"), "absent");
        assert_eq!(our_word(MARKS, "absent"), "absent");
    }
}
