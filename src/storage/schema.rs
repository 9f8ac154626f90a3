//! The tables as diesel knows them; `migrations/` makes them.

use diesel::{allow_tables_to_appear_in_same_query, table};

table! {
    seasons (code) {
        code -> Text, name -> Text, kind -> Text, phase -> Text, policy -> Text,
        clock_offset_ms -> BigInt, version -> BigInt, admission -> Text,
    }
}
table! {
    windows (season, stage, batch, area) {
        season -> Text, stage -> Text, batch -> Text, area -> Text,
        opens_at_ms -> BigInt, closes_at_ms -> BigInt, closed_at_ms -> Nullable<BigInt>,
    }
}
table! {
    proposals (id) {
        id -> Text, season -> Text, act -> Text, area -> Nullable<Text>, content -> Text, content_hash -> Text,
        proposed_by -> Text, proposed_at_ms -> BigInt, expires_at_ms -> BigInt,
        approved_by -> Nullable<Text>, approved_at_ms -> Nullable<BigInt>, junior -> Nullable<Text>,
    }
}
table! {
    accounts (id) {
        id -> Text, login -> Text, role -> Text, name -> Text, season -> Nullable<Text>,
        exam_no -> Nullable<Text>, school -> Nullable<Text>, area -> Nullable<Text>,
        password_hash -> Text, must_change -> Bool, disabled -> Bool, created_at_ms -> BigInt,
        access_from -> Text,
    }
}
table! {
    sessions (id) {
        id -> Text, account -> Text, started_at_ms -> BigInt, expires_at_ms -> BigInt,
        revoked_at_ms -> Nullable<BigInt>, stepped_up_at_ms -> Nullable<BigInt>,
    }
}
table! {
    idempotency_keys (account, key) {
        account -> Text, key -> Text, request_hash -> Text, answer -> Text, at_ms -> BigInt,
    }
}
table! {
    audit_heads (chain) { chain -> BigInt, number -> BigInt, seal -> Text, mac -> Text, }
}
table! {
    audit_lines (chain, number) {
        chain -> BigInt, number -> BigInt, at_ms -> BigInt, actor -> Text, role -> Text, act -> Text,
        season -> Text, subject -> Text, detail -> Text, changes -> Text, seal -> Text,
    }
}
table! {
    areas (season, area_code) { season -> Text, area_code -> Text, name -> Text, divisions -> Text, }
}
table! {
    junior_schools (season, school_code) {
        season -> Text, school_code -> Text, name -> Text, area_code -> Text, ownership -> Text,
        nine_year -> Text, graduates -> Text, intake -> Text, factor -> Text, direct -> Text,
    }
}
table! {
    senior_schools (season, school_code) {
        season -> Text, school_code -> Text, name -> Text, area_code -> Text, ownership -> Text,
        high_quality -> Text,
    }
}
table! {
    programmes (season, programme_code) {
        season -> Text, programme_code -> Text, school_code -> Text, name -> Text, batch -> Text,
        seats -> Text, quota_share -> Text, scope -> Text, gate_open -> Text, gate_quota -> Text,
        quota_base -> Text,
    }
}
table! {
    quota_overrides (season, programme_code, junior_code) {
        season -> Text, programme_code -> Text, junior_code -> Text, seats -> Text, reason -> Text,
    }
}
table! {
    past_lines (season, year, programme_code, seat, junior_code) {
        season -> Text, year -> Text, programme_code -> Text, seat -> Text, junior_code -> Text,
        seats -> Text, taken -> Text, last_rank -> Text, ranked -> Text,
    }
}
table! {
    candidates (season, exam_no) {
        season -> Text, exam_no -> Text, name -> Text, sex -> Text, id_no -> Text, id_no_index -> Text,
        junior_code -> Text, area_code -> Text, register_from -> Text, attended -> Text, repeat -> Text,
        local -> Text, bonus -> Text, bonus_reason -> Text, quality_grade -> Text, flags -> Text,
        class -> Text, guardian_phone -> Text, guardian_phone_index -> Text,
    }
}
table! {
    scores (season, exam_no) { season -> Text, exam_no -> Text, marks -> Text, }
}
table! {
    drafts (season, exam_no, batch, name) {
        season -> Text, exam_no -> Text, batch -> Text, name -> Text, choices -> Text, version -> BigInt,
        saved_at_ms -> BigInt,
    }
}
table! {
    form_versions (season, stage, exam_no, batch, version) {
        season -> Text, stage -> Text, exam_no -> Text, batch -> Text, version -> BigInt, at_ms -> BigInt,
        choices -> Text, previous -> Text, hash -> Text, receipt -> Text,
    }
}
table! {
    confirmations (season, stage, exam_no, batch, version) {
        season -> Text, stage -> Text, exam_no -> Text, batch -> Text, version -> BigInt, hash -> Text,
        recorded_by -> Text, at_ms -> BigInt,
    }
}
table! {
    outbox (id) {
        id -> Text, season -> Text, exam_no -> Text, recipient -> Text, text -> Text,
        created_at_ms -> BigInt, due_at_ms -> BigInt, attempts -> BigInt, state -> Text, fault -> Text,
        phone -> Nullable<Text>,
    }
}

table! {
    key_fingerprints (one) { one -> BigInt, fingerprint -> Text, }
}
table! {
    imports (id) {
        id -> Text, season -> Text, kind -> Text, file_hash -> Text, checked_hash -> Text,
        row_count -> BigInt, fault_count -> BigInt, report -> Text,
        school -> Nullable<Text>, area -> Nullable<Text>, uploaded_by -> Text, uploaded_at_ms -> BigInt,
        committed_by -> Nullable<Text>, committed_at_ms -> Nullable<BigInt>,
    }
}
table! {
    import_parts (import, number) { import -> Text, number -> BigInt, content -> Text, }
}
table! {
    second_factors (account) {
        account -> Text,
        totp_secret -> Nullable<Text>,
        totp_offered -> Nullable<Text>,
        card_serial -> BigInt,
        device_epoch -> BigInt,
    }
}
table! {
    factor_uses (account) {
        account -> Text,
        totp_last_step -> BigInt,
        card_serial -> BigInt,
        card_next -> BigInt,
    }
}
table! {
    refresh_tokens (digest) {
        digest -> Text,
        session -> Text,
        issued_at_ms -> BigInt,
        used_at_ms -> Nullable<BigInt>,
    }
}
table! {
    login_attempts (id) { id -> Text, login_key -> Text, bucket -> Text, at_ms -> BigInt, }
}
table! {
    system_tokens (session) {
        session -> Text,
        account -> Text,
        label -> Text,
        scopes -> Text,
        created_by -> Text,
    }
}
table! {
    signatures (proposal, account) {
        proposal -> Text, account -> Text, role -> Text, content_hash -> Text, at_ms -> BigInt,
    }
}
table! {
    key_holders (season, number) { season -> Text, number -> BigInt, name -> Text, recipient -> Text, }
}
table! {
    seed_parts (season, source) {
        season -> Text, source -> Text, commitment -> Nullable<Text>, revealed -> Nullable<Text>,
    }
}
table! {
    freezes (season, round) {
        season -> Text, round -> BigInt, list_hash -> Text, input_hash -> Text, candidates -> BigInt,
        forms -> BigInt, at_ms -> BigInt,
    }
}
table! {
    runs (id) {
        id -> Text, season -> Text, round -> BigInt, kind -> Text, policy -> Text, state -> Text,
        requested_by -> Text, requested_at_ms -> BigInt, finished_at_ms -> Nullable<BigInt>,
        input_hash -> Text, root -> Text, leaves_root -> Text, summary -> Text, breaches -> Text,
        key_parts -> Text,
    }
}
table! {
    run_leases (run) { run -> Text, owner -> Text, attempt -> BigInt, until_ms -> BigInt, }
}
table! {
    run_areas (run, area) {
        run -> Text, area -> BigInt, attempt -> BigInt, candidates -> BigInt, owner -> Text, until_ms -> BigInt,
        hashes -> Text,
    }
}
table! {
    key_requests (run, instance) {
        run -> Text, instance -> Text, attempt -> BigInt, public_key -> Text, mac -> Text, result_key -> Text,
    }
}
table! {
    run_events (run, number) { run -> Text, number -> BigInt, stage -> Text, size -> BigInt, at_ms -> BigInt, }
}
table! {
    run_files (run, path, number) { run -> Text, path -> Text, number -> BigInt, content -> Text, }
}
table! {
    quota_publications (season) {
        season -> Text, quota_hash -> Text, cells -> Text, proof -> Text, page -> Text, at_ms -> BigInt,
    }
}
table! {
    publications (season, round) {
        season -> Text, round -> BigInt, run -> Text, root -> Text, leaves_root -> Text,
        result_key -> Text, at_ms -> BigInt,
    }
}
table! {
    objections (id) {
        id -> Text, season -> Text, about -> Text, subject -> Text, junior -> Nullable<Text>,
        senior -> Nullable<Text>, area -> Nullable<Text>, filed_by -> Text, text -> Text, filed_at_ms -> BigInt,
        answered_by -> Nullable<Text>, answer -> Nullable<Text>, answered_at_ms -> Nullable<BigInt>,
    }
}
table! {
    ledger_entries (season, number) {
        season -> Text, number -> BigInt, kind -> Text, exam_no -> Text, from_programme -> Text,
        to_programme -> Text, seat -> Text, authority -> Text, reason -> Text, content_hash -> Text,
        at_ms -> BigInt,
    }
}
table! {
    enrolments (season, exam_no) {
        season -> Text, exam_no -> Text, school_code -> Text, state -> Text, reported_by -> Text, at_ms -> BigInt,
    }
}
table! {
    entry_rows (season, sheet, code) {
        season -> Text, sheet -> Text, code -> Text, place -> BigInt, cells -> Text,
    }
}
table! {
    desk_files (season, desk, subject, file) {
        season -> Text, desk -> Text, subject -> Text, file -> Text, content -> Text, content_index -> Text,
        row_count -> BigInt,
    }
}
allow_tables_to_appear_in_same_query!(accounts, sessions, second_factors, system_tokens);
allow_tables_to_appear_in_same_query!(candidates, form_versions);
allow_tables_to_appear_in_same_query!(candidates, seasons);
