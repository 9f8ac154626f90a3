//! The text of a policy with the seed's sources in it: everything else stays as it was written.

use toml_edit::{Array, DocumentMut, Item, Table, value};

use crate::domain::fault::Fault;

/// Adds what the sources of the seed told behind the parts that the policy has; nothing to add leaves the text alone.
///
/// # Errors
/// The text is no TOML.
pub fn with_seed_parts(policy: &str, told: &[String]) -> Result<String, Vec<Fault>> {
    if told.is_empty() {
        return Ok(policy.to_owned());
    }
    let mut document: DocumentMut =
        policy.parse().map_err(|error| vec![Fault::at("season.toml", format!("{error}"))])?;
    let lot = document.entry("lot").or_insert(Item::Table(Table::new()));
    let mut parts = lot.get("parts").and_then(Item::as_array).cloned().unwrap_or_else(Array::new);
    told.iter().for_each(|part| parts.push(part.as_str()));
    lot["parts"] = value(parts);
    Ok(document.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::policy::Policy;

    #[test]
    fn parts_are_added_and_nothing_else_changes() {
        let text = include_str!("demonstration_season.toml");
        assert_eq!(with_seed_parts(text, &[]).unwrap(), text);
        let told = vec!["balls: 1 2 3".to_owned(), "secret: \"quoted\"".to_owned()];
        let with = with_seed_parts(text, &told).unwrap();
        let before = Policy::parse("season.toml", text).unwrap();
        let after = Policy::parse("season.toml", &with).unwrap();
        assert_eq!(after.lot.parts, [before.lot.parts.clone(), told].concat());
        let differing: Vec<(&str, &str)> =
            text.lines().zip(with.lines()).filter(|(before, after)| before != after).collect();
        assert_eq!(differing.len(), 1, "{differing:?}");
        assert_eq!(text.lines().count(), with.lines().count());
    }

    #[test]
    fn a_policy_without_lots_gets_them() {
        let text = "format = \"season/1\"\n";
        let with = with_seed_parts(text, &["balls: 7".to_owned()]).unwrap();
        assert!(with.contains("[lot]") && with.contains("balls: 7"), "{with}");
    }
}
