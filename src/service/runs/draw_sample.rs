//! A supervisor draws some candidates of the published result and reads why each of their choices ended as it did.

use crate::domain::access::Act;
use crate::domain::actor::Whose;
use crate::domain::hexadecimal::unhex;
use crate::engine::draw::{Lots, Seed, seed_of};
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::service::people::show_candidate::subject;
use crate::service::runs::published_result::Published;
use crate::service::runs::show_own_result::{OwnResult, read};

/// Candidates of a sample.
const SAMPLE: usize = 20;
/// Characters of a number that is called out, at most.
const LONGEST: usize = 100;

/// The sample of a number that somebody calls out (dice, a page of a book): whoever calls out the same one draws the
/// same candidates, and before the result was published nobody could know whom a number would draw. Each of them is
/// told of the look.
///
/// # Errors
/// `Invalid` without a number; `Conflict` `not_published`; `Altered`.
pub async fn draw_sample(
    app: &App,
    caller: &Caller,
    season: String,
    number: String,
) -> Result<Vec<OwnResult>, ServiceError> {
    let door = app.clone();
    app.act(caller, move |transaction| {
        let act = Act::DrawSample;
        transaction.season_for(act, &Whose::season(&season))?;
        let number = number.trim();
        if number.is_empty() || number.chars().count() > LONGEST {
            let rule = "call out a number or a word of at most 100 characters";
            return Err(ServiceError::invalid("/number", "malformed", rule));
        }
        let published = Published::latest(&door, transaction.connection, &season)?;
        let root = unhex(&published.root).ok_or_else(|| ServiceError::Altered("the root".to_owned()))?;
        let mut found = Vec::with_capacity(SAMPLE);
        for place in places(seed_of(root, &[number.as_bytes().to_vec()]), published.count()) {
            let leaf = published.own_leaf_at(transaction.connection, place)?;
            transaction.note(
                act,
                &season,
                &subject(&leaf.exam_no),
                format!("number {number}"),
                Vec::new(),
            )?;
            found.push(read(leaf));
        }
        Ok(found)
    })
    .await
}

/// The places that a seed draws of so many, in order: those of the smallest lots.
///
/// # Complexity
/// O(n log n).
fn places(seed: Seed, count: usize) -> Vec<usize> {
    let mut lots = Lots::new(seed, 0);
    let mut drawn: Vec<(u64, usize)> = (0..count).map(|place| (lots.of(&place.to_string()), place)).collect();
    drawn.sort_unstable();
    let mut places: Vec<usize> = drawn.into_iter().take(SAMPLE).map(|(_, place)| place).collect();
    places.sort_unstable();
    places
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_drawn_alike_again_and_everybody_may_be_in_it() {
        let drawn = |number: u8, count| places(seed_of([7; 32], &[vec![number]]), count);
        assert_eq!(drawn(1, 1000), drawn(1, 1000));
        assert_ne!(drawn(1, 1000), drawn(2, 1000));
        assert_eq!(drawn(1, 3), [0, 1, 2], "all of few");
        assert!(drawn(1, 0).is_empty());
        let mut seen = vec![0; 50];
        for number in 0..=255 {
            let places = drawn(number, 50);
            assert!(places.len() == SAMPLE && places.windows(2).all(|pair| pair[0] < pair[1]));
            places.into_iter().for_each(|place| seen[place] += 1);
        }
        // 256 samples of 20 in 50: about 102 each, with a standard deviation of 8.
        assert!(seen.iter().all(|times| (60..150).contains(times)), "{seen:?}");
    }
}
