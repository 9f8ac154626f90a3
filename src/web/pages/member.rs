//! Somebody who is logged in, as pages need her.

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::web::Data;
use actix_web::{FromRequest, HttpRequest};

use crate::domain::access::Act;
use crate::domain::role::Role;
use crate::service::accounts::show_account::{OwnAccount, show_account};
use crate::service::app::{App, Caller};
use crate::service::error::ServiceError;
use crate::web::caller::session_of;
use crate::web::pages::frame::{Frame, Who};
use crate::web::pages::page_problem::PageProblem;

/// The caller of a page, whose session lives.
pub struct Member {
    pub caller: Caller,
    pub own: OwnAccount,
    pub frame: Frame,
}

/// The caller of a page, if there is one.
pub struct Visitor(pub Option<Member>, pub Frame);

type Found<T> = Pin<Box<dyn Future<Output = Result<T, PageProblem>>>>;

impl FromRequest for Member {
    type Error = PageProblem;
    type Future = Found<Member>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move { Member::of(&request).await.map_err(|error| PageProblem::of(&request, error)) })
    }
}

impl FromRequest for Visitor {
    type Error = PageProblem;
    type Future = Found<Visitor>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            match Member::of(&request).await {
                Ok(member) => {
                    let frame = member.frame.clone();
                    Ok(Visitor(Some(member), frame))
                }
                Err(ServiceError::Unauthenticated) => Ok(Visitor(None, Frame::of(&request))),
                Err(error) => Err(PageProblem::of(&request, error)),
            }
        })
    }
}

impl Member {
    /// The caller of a request.
    ///
    /// # Errors
    /// `Unauthenticated`.
    pub async fn of(request: &HttpRequest) -> Result<Member, ServiceError> {
        let app = request.app_data::<Data<App>>().ok_or(ServiceError::Unauthenticated)?;
        let caller = session_of(request)?;
        let own = show_account(app, &caller).await?;
        let role = Role::parse(&own.account.role).ok_or(ServiceError::Unauthenticated)?;
        let mut frame = Frame::of(request);
        frame.who = Some(Who {
            login: own.account.login.clone(),
            role,
            csrf: app.keyring().csrf_token(&caller.session),
        });
        Ok(Member { caller, own, frame })
    }

    /// The role of the account.
    pub fn role(&self) -> Role {
        self.frame.who.as_ref().map_or(Role::SystemToken, |who| who.role)
    }

    /// Refuses a screen whose act is not this role's; whose thing it is done to is asked with the act itself.
    ///
    /// # Errors
    /// `Forbidden`.
    pub fn may(&self, act: Act) -> Result<(), PageProblem> {
        act.reach(self.role()).map(|_| ()).ok_or_else(|| self.frame.refused(ServiceError::Forbidden))
    }

    /// The season and the exam number of a candidate.
    ///
    /// # Errors
    /// `Forbidden` for an office.
    pub fn candidate(&self) -> Result<(String, String), PageProblem> {
        let both = self.own.account.season.clone().zip(self.own.account.exam_no.clone());
        both.ok_or_else(|| self.frame.refused(ServiceError::Forbidden))
    }

    /// The exam number of a candidate of this season.
    ///
    /// # Errors
    /// `Forbidden` for an office; `NotFound` for a candidate of another season.
    pub fn own_in(&self, season: &str) -> Result<String, PageProblem> {
        let (own, exam_no) = self.candidate()?;
        if own == season { Ok(exam_no) } else { Err(self.frame.refused(ServiceError::NotFound)) }
    }
}
