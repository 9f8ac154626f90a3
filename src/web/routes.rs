//! Every route of the service, each once.

use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::web::api::{
    account, accounts, audit_lines, candidates, drafts, forms, imports, lots, notices, operation, programmes,
    proposals, quota, results, runs, seasons, sessions, windows,
};

/// Registers every route; the document is collected from here, and so is the access matrix of the tests.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config.service(operation::alive).service(operation::ready).service(operation::version).service(
        scope::scope("/api/v1")
            .service(account::begin_totp)
            .service(account::offer_totp)
            .service(account::set_password)
            .service(account::set_phone)
            .service(account::show)
            .service(accounts::create)
            .service(accounts::create_token)
            .service(accounts::disable)
            .service(accounts::issue_cards)
            .service(accounts::issue_codes)
            .service(accounts::list)
            .service(accounts::reset)
            .service(audit_lines::list)
            .service(candidates::list)
            .service(candidates::readers)
            .service(candidates::show)
            .service(drafts::list)
            .service(drafts::remove)
            .service(drafts::save)
            .service(drafts::show)
            .service(forms::board)
            .service(forms::check)
            .service(forms::confirm)
            .service(forms::restore)
            .service(forms::show)
            .service(forms::submit)
            .service(forms::versions)
            .service(lots::list)
            .service(lots::name)
            .service(lots::tell)
            .service(notices::list)
            .service(programmes::search)
            .service(proposals::list)
            .service(proposals::propose)
            .service(proposals::sign)
            .service(quota::preview)
            .service(quota::show)
            .service(results::publications)
            .service(results::publish)
            .service(results::show)
            .service(runs::follow)
            .service(runs::list_holders)
            .service(runs::key_parts)
            .service(runs::list)
            .service(runs::name_holders)
            .service(runs::reject)
            .service(runs::ask)
            .service(runs::show)
            .service(imports::commit)
            .service(imports::download)
            .service(imports::list)
            .service(imports::remove)
            .service(imports::show)
            .service(imports::upload)
            .service(seasons::advance)
            .service(seasons::create)
            .service(seasons::list)
            .service(seasons::replace_policy)
            .service(seasons::set_clock)
            .service(seasons::show)
            .service(sessions::begin)
            .service(sessions::challenge)
            .service(sessions::end)
            .service(sessions::list)
            .service(sessions::refresh)
            .service(sessions::show_factor)
            .service(windows::list)
            .service(windows::set),
    );
}
