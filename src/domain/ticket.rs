//! A ticket of a public draw: one person, or twins bound together (DP52).

use serde::Deserialize;

/// What goes into the drum: an id and how many seats it takes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket {
    id: String,
    heads: u32,
}

/// Why something is no ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotATicket {
    /// The id is empty, too long, or has a character that lists and hashes cannot keep apart.
    Id,
    /// The heads are not between 1 and [`Ticket::MOST_HEADS`].
    Heads,
}

impl NotATicket {
    /// The broken rule in plain words.
    pub const fn rule(self) -> &'static str {
        match self {
            NotATicket::Id => "must be 1 to 64 letters, digits or - . / : _ (no spaces)",
            NotATicket::Heads => "must be a whole number from 1 to 9",
        }
    }
}

impl Ticket {
    /// Children bound to one ticket at most.
    pub const MOST_HEADS: u32 = 9;

    /// A ticket. The id's characters all sort after `,`, so that tickets in order are also their
    /// [lines](Ticket::line) in order.
    pub fn new(id: &str, heads: u32) -> Result<Ticket, NotATicket> {
        let kept = |c: char| c.is_alphanumeric() || "-./:_".contains(c);
        if id.is_empty() || id.chars().count() > 64 || !id.chars().all(kept) {
            return Err(NotATicket::Id);
        }
        if heads == 0 || heads > Ticket::MOST_HEADS {
            return Err(NotATicket::Heads);
        }
        Ok(Ticket { id: id.to_owned(), heads })
    }

    /// The person's (or the twins') id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// How many seats the ticket takes.
    pub const fn heads(&self) -> u32 {
        self.heads
    }

    /// The line of the frozen list: `id,heads`.
    pub fn line(&self) -> String {
        format!("{},{}", self.id, self.heads)
    }
}

/// What happens when the last seats are fewer than the heads of the next ticket (DP52).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Twins {
    /// All of the ticket are admitted, over the plan.
    #[default]
    AdmitBoth,
    /// The ticket is passed over; the next one that fits the seats left is admitted.
    NextSingle,
}

/// Where a ticket came in a draw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// From 1.
    pub place: usize,
    /// The ticket.
    pub ticket: Ticket,
    /// What decided the place: the lot, or the number on the frozen list (from 1).
    pub number: u64,
    /// Whether it gets its seats.
    pub admitted: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_keeps_lines_apart() {
        assert_eq!(Ticket::new("张-01", 2).unwrap().line(), "张-01,2");
        for id in ["", " a", "a,1", "a\n", "a\"b", "a b", "+a", &"x".repeat(65)] {
            assert_eq!(Ticket::new(id, 1), Err(NotATicket::Id), "{id:?}");
        }
        assert_eq!(Ticket::new("a", 0), Err(NotATicket::Heads));
    }
}
