//! The person or system that acts, as the session row of this very transaction says.

use crate::domain::role::Role;

/// Who acts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The account's id; the name in the audit.
    pub account: String,
    pub role: Role,
    /// The season of a candidate's account; offices work in every season.
    pub season: Option<String>,
    /// The exam number of a candidate.
    pub exam_no: Option<String>,
    /// The school of a junior or senior high.
    pub school: Option<String>,
    /// The admission area of a county bureau.
    pub area: Option<String>,
    /// Only the first password and the second factor may be set until this is over.
    pub restricted: bool,
    /// The operations a system token is limited to, a space between them; none for people.
    pub scopes: Option<String>,
    /// Whether the second factor was shown again within the last minutes.
    pub stepped_up: bool,
}

/// Whose thing is acted on: what an access rule compares with the actor.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Whose {
    pub season: String,
    /// The candidate it belongs to.
    pub exam_no: Option<String>,
    /// The junior high of that candidate, or the junior high itself.
    pub junior: Option<String>,
    /// The senior high it belongs to.
    pub senior: Option<String>,
    /// The admission area it lies in.
    pub area: Option<String>,
}

impl Actor {
    /// The service itself, where a clock and no person acts: closing what is over, relaying notices.
    pub fn service() -> Actor {
        Actor {
            account: "service".to_owned(),
            role: Role::SystemToken,
            season: None,
            exam_no: None,
            school: None,
            area: None,
            restricted: false,
            scopes: None,
            stepped_up: false,
        }
    }
}

impl Actor {
    /// The operator of the machine, as the audit names whoever works on the machine itself.
    pub fn operator() -> Actor {
        Actor {
            account: "operator".to_owned(),
            role: Role::MunicipalCentre,
            stepped_up: true,
            ..Actor::service()
        }
    }
}

impl Whose {
    /// A thing of the season as a whole.
    pub fn season(season: &str) -> Whose {
        Whose { season: season.to_owned(), ..Whose::default() }
    }
}
