//! Who takes part in a season, by the part they play.

use std::collections::BTreeMap;

/// A policy's `[roles]`: by key, the roles that an act needs, one per signature, as words.
pub type Roles = BTreeMap<String, Vec<String>>;

/// A role; every account has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// A candidate (考生), who acts together with the guardian whose contact is filed.
    Candidate,
    /// A junior high (初中): its own pupils.
    JuniorHigh,
    /// A senior high (高中): its own plan, and those admitted to it.
    SeniorHigh,
    /// The education bureau of an admission area (县区教育局).
    CountyBureau,
    /// The municipal admission centre (市招生考试中心).
    MunicipalCentre,
    /// Supervision and discipline inspection (监督): reads all, changes nothing.
    Supervisor,
    /// Another system with a token of its own (系统令牌): takes finished lists over, nothing else.
    SystemToken,
}

impl Role {
    /// Every role, in the order of the access table.
    pub const ALL: [Role; 7] = [
        Role::Candidate,
        Role::JuniorHigh,
        Role::SeniorHigh,
        Role::CountyBureau,
        Role::MunicipalCentre,
        Role::Supervisor,
        Role::SystemToken,
    ];

    /// The word of files, rows and the API.
    pub fn word(self) -> &'static str {
        match self {
            Role::Candidate => "candidate",
            Role::JuniorHigh => "junior_high",
            Role::SeniorHigh => "senior_high",
            Role::CountyBureau => "county_bureau",
            Role::MunicipalCentre => "municipal_centre",
            Role::Supervisor => "supervisor",
            Role::SystemToken => "system_token",
        }
    }

    /// The role of a word.
    pub fn parse(word: &str) -> Option<Role> {
        Role::ALL.into_iter().find(|role| role.word() == word)
    }

    /// Whether its accounts need an authenticator app: all but candidates, who have a card, and systems.
    pub fn needs_totp(self) -> bool {
        !matches!(self, Role::Candidate | Role::SystemToken)
    }

    /// Whether it is an office: its reading of a person is itself on the record.
    pub fn is_office(self) -> bool {
        self != Role::Candidate
    }
}
