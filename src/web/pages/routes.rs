//! Every page, each once.

use actix_web::web::{self, ServiceConfig};

use crate::web::pages::centre::{
    acts, checks, import, imports, keys, ledger, policy, proposals, quota, run, runs, sample, steps, windows,
};
use crate::web::pages::entry::{
    child, child_record, children, comparison, desks, draws, prohibitions, result as entry_result, sheets,
    zone_board, zones,
};
use crate::web::pages::form::{check, list, versions};
use crate::web::pages::schools::{
    admitted, confirmations, eligibility, enrolments, exceptions, filling_progress, form_sheets, objections,
    own_sheet, plan, posting, pupil, pupil_access, pupils, slip_orders, status_board,
};
use crate::web::pages::statistics::screen as statistics;
use crate::web::pages::{
    account, assets, demonstration, draw_again, landing, log_in, own_data, own_result, season_home, step_up,
};

/// Writes the pages once: their routes, and the table that tests walk.
macro_rules! pages {
    ($($method:ident $path:literal => $screen:expr;)*) => {
        /// Method and path of every page.
        pub const PAGES: &[(&str, &str)] = &[$((stringify!($method), $path)),*];

        /// Registers every page.
        pub fn pages(config: &mut ServiceConfig) {
            $(config.route($path, web::$method().to($screen));)*
        }
    };
}

pages! {
    get "/" => landing::show;
    get "/assets/draw.js" => assets::draw_script;
    get "/assets/page.js" => assets::script;
    get "/assets/style.css" => assets::style;
    get "/display" => landing::display;
    get "/draw" => draw_again::ask;
    post "/draw" => draw_again::draw;
    get "/log-in" => log_in::ask;
    post "/log-in" => log_in::enter;
    post "/log-out" => log_in::leave;
    get "/step-up" => step_up::ask;
    post "/step-up" => step_up::confirm;
    get "/account" => account::show;
    post "/account/password" => account::set_password;
    post "/account/app" => account::offer_app;
    post "/account/app/confirmation" => account::confirm_app;
    post "/account/phone" => account::set_phone;
    post "/account/sessions" => account::end_session;
    post "/demonstration/role" => demonstration::take_role;
    post "/demonstration/clock" => demonstration::move_clock;
    get "/seasons/{season}" => season_home::show;
    get "/seasons/{season}/statistics" => statistics::show;
    get "/seasons/{season}/own" => own_data::show;
    get "/seasons/{season}/own/readers" => own_data::readers;
    get "/seasons/{season}/own/notices" => own_data::notices;
    get "/seasons/{season}/own/result" => own_result::show;
    get "/seasons/{season}/forms/{batch}" => list::show;
    post "/seasons/{season}/forms/{batch}" => list::edit;
    get "/seasons/{season}/forms/{batch}/check" => check::check;
    post "/seasons/{season}/forms/{batch}/submission" => check::submit;
    get "/seasons/{season}/forms/{batch}/versions" => versions::versions;
    post "/seasons/{season}/forms/{batch}/restoration" => versions::restore;
    get "/seasons/{season}/forms/{batch}/print" => own_sheet::print;
    get "/seasons/{season}/admitted" => admitted::show;
    get "/seasons/{season}/candidates" => pupils::show;
    get "/seasons/{season}/candidates/{exam_no}" => pupil::show;
    get "/seasons/{season}/candidates/{exam_no}/access" => pupil_access::show;
    post "/seasons/{season}/candidates/{exam_no}/access" => pupil_access::reset;
    get "/seasons/{season}/child" => child::show;
    post "/seasons/{season}/child" => child::register;
    get "/seasons/{season}/child/result" => entry_result::show;
    get "/seasons/{season}/children" => children::show;
    post "/seasons/{season}/children" => children::issue;
    get "/seasons/{season}/children/{exam_no}" => child_record::show;
    post "/seasons/{season}/children/{exam_no}" => child_record::decide;
    get "/seasons/{season}/desks" => desks::list;
    get "/seasons/{season}/desks/{desk}/{subject}" => desks::show;
    post "/seasons/{season}/desks/{desk}/{subject}" => desks::change;
    get "/seasons/{season}/draws" => draws::show;
    get "/seasons/{season}/draws/{list}" => draws::one;
    get "/seasons/{season}/entry-sheets" => sheets::show;
    post "/seasons/{season}/entry-sheets" => sheets::bring;
    post "/seasons/{season}/evidence-comparisons" => comparison::ask;
    get "/seasons/{season}/prohibitions" => prohibitions::show;
    get "/seasons/{season}/witness-sheet" => draws::witness_sheet;
    get "/seasons/{season}/zone-board" => zone_board::show;
    post "/seasons/{season}/zone-board" => zone_board::post;
    get "/seasons/{season}/zones" => zones::show;
    get "/seasons/{season}/confirmation-forms" => form_sheets::show;
    get "/seasons/{season}/confirmation-forms/print" => form_sheets::print;
    get "/seasons/{season}/confirmations" => confirmations::show;
    post "/seasons/{season}/confirmations" => confirmations::record;
    get "/seasons/{season}/eligibility" => eligibility::show;
    get "/seasons/{season}/enrolments" => enrolments::show;
    post "/seasons/{season}/enrolments" => enrolments::report;
    get "/seasons/{season}/exceptions" => exceptions::show;
    post "/seasons/{season}/exceptions" => exceptions::propose;
    get "/seasons/{season}/filling-progress" => filling_progress::show;
    get "/seasons/{season}/form-status" => status_board::show;
    get "/seasons/{season}/objections" => objections::show;
    post "/seasons/{season}/objections" => objections::post;
    get "/seasons/{season}/plan" => plan::show;
    get "/seasons/{season}/posting" => posting::show;
    get "/seasons/{season}/slips" => slip_orders::show;
    post "/seasons/{season}/slips" => slip_orders::issue;
    get "/seasons/{season}/steps" => steps::show;
    post "/seasons/{season}/steps" => steps::take;
    get "/seasons/{season}/windows" => windows::show;
    post "/seasons/{season}/windows" => windows::change;
    get "/seasons/{season}/keys" => keys::show;
    post "/seasons/{season}/keys" => keys::change;
    get "/seasons/{season}/proposals" => proposals::show;
    post "/seasons/{season}/proposals" => proposals::change;
    get "/seasons/{season}/runs" => runs::show;
    post "/seasons/{season}/runs" => runs::ask;
    get "/seasons/{season}/runs/{run}" => run::show;
    post "/seasons/{season}/runs/{run}" => run::change;
    get "/seasons/{season}/imports" => imports::show;
    post "/seasons/{season}/imports" => imports::upload;
    get "/seasons/{season}/imports/{import}" => import::show;
    post "/seasons/{season}/imports/{import}" => import::change;
    get "/seasons/{season}/quota" => quota::show;
    get "/seasons/{season}/policy" => policy::show;
    post "/seasons/{season}/policy" => policy::change;
    get "/seasons/{season}/ledger" => ledger::show;
    post "/seasons/{season}/ledger" => ledger::change;
    get "/seasons/{season}/checks" => checks::show;
    get "/seasons/{season}/sample" => sample::show;
    get "/seasons/{season}/acts" => acts::show;
}
