//! What somebody shows for himself, forged or damaged: it opens nothing, or what it opened before.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use zhaosheng::files::leaf_file::{LeafFile, LeafRows};
use zhaosheng::service::secrets::access_token::{Access, AccessTokens};
use zhaosheng::service::secrets::device_cookie::DeviceCookies;
use zhaosheng::service::secrets::initial_code::InitialCode;
use zhaosheng::service::secrets::keyring::Keyring;
use zhaosheng::service::secrets::master_key::{MasterKey, Purpose};
use zhaosheng::service::secrets::password_pool::{Cost, PasswordPool, PoolSize};
use zhaosheng::service::secrets::result_key::{KeyPart, ResultKey};

use crate::mutation::{Chance, Verdict, mutant, run};

/// 2026-06-20 08:00 in China.
const NOW: i64 = 1_781_913_600_000;

fn access() -> Access {
    Access { account: "0197a1".to_owned(), session: "0197a2".to_owned() }
}

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}

/// Whatever opens stands for `access`; anything that is not `own` to the byte must open nothing.
fn opens(read: Option<Access>, same: bool) -> Verdict {
    match (read, same) {
        (Some(read), true) if read == access() => Verdict::Accepted,
        (None, false) => Verdict::Refused,
        (Some(read), _) => Verdict::Wrong(format!("opens {read:?}")),
        (None, true) => Verdict::Wrong("the owner's own is refused".to_owned()),
    }
}

/// Headers that attackers write: no algorithm, another one, keys that they bring along, names of keys that are files or
/// statements.
fn headers(kid: &str) -> Vec<Value> {
    let mut all: Vec<Value> =
        ["none", "None", "nOnE", "", "HS256", "hs256", "HS384", "HS512", "RS256", "PS256", "ES256", "EdDSA"]
            .map(|alg| json!({"typ": "JWT", "alg": alg, "kid": kid}))
            .into();
    let kids = [
        "",
        "0",
        "../../../dev/null",
        "/proc/self/environ",
        "x' UNION SELECT 'key' --",
        "|sleep 9",
        "\u{0}",
        "zhaosheng",
    ];
    all.extend(kids.map(|kid| json!({"typ": "JWT", "alg": "HS256", "kid": kid})));
    let keys = json!({"kty": "oct", "k": "AAAA", "alg": "HS256"});
    for (name, value) in [
        ("jwk", keys),
        ("jku", json!("https://attacker.example/keys")),
        ("x5u", json!("https://attacker.example/cert")),
        ("x5c", json!(["AAAA"])),
        ("crit", json!(["b64"])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("cty", json!("JWT")),
    ] {
        let mut header = json!({"typ": "JWT", "alg": "HS256", "kid": kid});
        header[name] = value;
        all.push(header);
    }
    all.push(json!({"alg": ["HS256"], "kid": kid}));
    all.push(json!({"alg": null, "kid": kid}));
    all.push(json!([]));
    all
}

/// Claims as they should be, or with one of them otherwise.
fn claims(chance: &mut Chance) -> Value {
    let now = NOW / 1000;
    let mut claims = json!({"iss": "zhaosheng", "aud": "zhaosheng-api", "sub": access().account,
        "sid": access().session, "iat": now, "exp": now + 300});
    let others = [
        ("iss", json!("other")),
        ("aud", json!("other")),
        ("aud", json!(["zhaosheng-api", "other"])),
        ("sub", json!("0197ff")),
        ("sid", json!("")),
        ("exp", json!(now - 1)),
        ("exp", json!(now + 86_400)),
        ("exp", json!(1e300)),
        ("exp", json!(i64::MAX)),
        ("iat", json!(now + 60)),
        ("nbf", json!(now + 60)),
        ("role", json!("municipal_centre")),
    ];
    if let Some((name, value)) = others.get(chance.below(2 * others.len())) {
        claims[*name] = value.clone();
    }
    claims
}

/// A token whose header and claims the attacker wrote, signed with what he may have.
fn forged(chance: &mut Chance, token: &str, headers: &[Value], keys: &[Vec<u8>]) -> String {
    let message = format!("{}.{}", encoded(&headers[chance.below(headers.len())]), encoded(&claims(chance)));
    let signature = match chance.below(8) {
        0 => String::new(),
        1 => token.rsplit('.').next().unwrap().to_owned(),
        2 => "A".repeat(43),
        _ => {
            let key = &keys[chance.below(keys.len())];
            let tag = Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(&message).finalize();
            URL_SAFE_NO_PAD.encode(tag.into_bytes())
        }
    };
    match chance.below(8) {
        0 => message,
        1 => format!("{message}.{signature}.{signature}"),
        2 => format!("{signature}.{message}"),
        _ => format!("{message}.{signature}"),
    }
}

#[test]
fn access_tokens() {
    let master = MasterKey::ephemeral();
    let tokens = AccessTokens::new(&master);
    let token = tokens.issue(&access(), NOW);
    let headers = headers(&master.fingerprint());
    let stranger = AccessTokens::new(&MasterKey::ephemeral()).issue(&access(), NOW);
    let keys: Vec<Vec<u8>> = [
        b"".to_vec(),
        vec![0; 32],
        b"secret".to_vec(),
        b"zhaosheng".to_vec(),
        b"zhaosheng/key/access-tokens/1".to_vec(),
        master.fingerprint().into_bytes(),
        token.clone().into_bytes(),
    ]
    .into();
    let corpus = vec![token.clone().into_bytes(), stranger.into_bytes()];
    let words = ["none", "HS256", "eyJhbGciOiJub25lIn0", "."];
    let mut chance = Chance::new(50);
    let next = || match chance.below(8) {
        0 => token.clone().into_bytes(),
        1..4 => mutant(&mut chance, &corpus, &words),
        _ => forged(&mut chance, &token, &headers, &keys).into_bytes(),
    };
    let check = |bytes: &[u8]| match std::str::from_utf8(bytes) {
        Ok(text) => opens(tokens.read(text, NOW).ok(), text == token),
        Err(_) => Verdict::Refused,
    };
    run("access tokens", 60_000, 6_000, next, check);
    // The same hand with the key in it gets in: the forgeries above fail by their key.
    let own = [master.derive(Purpose::AccessTokens).bytes().to_vec()];
    let mut forge = || forged(&mut chance, &token, &headers, &own);
    assert!((0..2_000).any(|_| tokens.read(&forge(), NOW).is_ok()), "the forger cannot forge");
}

/// A cookie or a system token may be written otherwise where that says the same; then it stands for the same session.
#[test]
fn cookies_and_system_tokens() {
    let pool = PasswordPool::start(Cost::SERVICE, PoolSize { threads: 1, queue: 1 }).unwrap();
    let keyring = Keyring::new(&MasterKey::ephemeral(), pool);
    let cookie = keyring.cookie(&access());
    let (system, session) = keyring.new_system_token();
    let corpus = vec![cookie.clone().into_bytes(), system.clone().into_bytes()];
    let words = ["0197a1", "0197a3", ".", "zst_", &"0".repeat(64)];
    let mut chance = Chance::new(51);
    let check = |bytes: &[u8]| {
        let Ok(text) = std::str::from_utf8(bytes) else { return Verdict::Refused };
        match (keyring.read_cookie(text), keyring.read_system_token(text)) {
            (Some(read), _) if read != access() => Verdict::Wrong(format!("the cookie opens {read:?}")),
            (_, Some(read)) if (read.session == session) != (text == system) => {
                Verdict::Wrong("another token has the session of ours".to_owned())
            }
            (Some(_), _) => Verdict::Accepted,
            (None, Some(_)) if text == system => Verdict::Accepted,
            (None, _) if text == cookie => Verdict::Wrong("the owner's own is refused".to_owned()),
            (None, _) => Verdict::Refused,
        }
    };
    let next = || match chance.below(4) {
        0 => corpus[chance.below(2)].clone(),
        _ => mutant(&mut chance, &corpus, &words),
    };
    run("cookies", 60_000, 9_000, next, check);
}

#[test]
fn cookies_of_devices() {
    let devices = DeviceCookies::new(&MasterKey::ephemeral());
    let (own, other) = (devices.issue("0197a1", 0), devices.issue("0197a9", 0));
    let name = devices.read(&own, "0197a1", 0);
    let corpus = vec![own.clone().into_bytes(), other.into_bytes()];
    let mut chance = Chance::new(52);
    let next = || match chance.below(4) {
        0 => corpus[0].clone(),
        _ => mutant(&mut chance, &corpus, &["A", "_", "-"]),
    };
    let check = |bytes: &[u8]| match std::str::from_utf8(bytes) {
        Err(_) => Verdict::Refused,
        Ok(text) => match devices.read(text, "0197a1", 0) {
            None if text == own => Verdict::Wrong("the owner's device is a stranger".to_owned()),
            None => Verdict::Refused,
            read if text == own && read == name => Verdict::Accepted,
            _ => Verdict::Wrong("a stranger's device is known".to_owned()),
        },
    };
    run("device cookies", 60_000, 9_000, next, check);
}

/// A code is read as itself, whatever its letters' case; a slip of one sign is never another code.
#[test]
fn codes_and_parts_of_keys() {
    let codes: Vec<String> = (0..8).map(|_| InitialCode::generate().to_string()).collect();
    let parts: Vec<String> = ResultKey::generate().split().iter().map(|part| part.expose()).collect();
    let corpus: Vec<Vec<u8>> = codes.iter().chain(&parts).map(|text| text.clone().into_bytes()).collect();
    let mut chance = Chance::new(53);
    let check = |bytes: &[u8]| {
        let Ok(text) = std::str::from_utf8(bytes) else { return Verdict::Refused };
        let code = InitialCode::parse(text);
        match (&code, KeyPart::parse(text)) {
            (_, Ok(part))
                if !text.trim().to_ascii_lowercase().ends_with(&part.expose()["part-1-".len()..]) =>
            {
                Verdict::Wrong("a part of a key is read as another one".to_owned())
            }
            (_, Ok(_)) => Verdict::Accepted,
            (Some(code), _) if InitialCode::parse(&code.to_string()).is_none() => {
                Verdict::Wrong("a code is not read again".to_owned())
            }
            (Some(_), _) => Verdict::Accepted,
            (None, Err(_)) => Verdict::Refused,
        }
    };
    let next = || match chance.below(4) {
        0 => corpus[chance.below(corpus.len())].clone(),
        1 => corpus[chance.below(codes.len())].to_ascii_lowercase(),
        _ => mutant(&mut chance, &corpus, &["part-1-", "part-4-", "-", "0", "I"]),
    };
    run("codes and key parts", 60_000, 15_000, next, check);
}

#[test]
fn leaves_of_families() {
    let hash = "0123456789abcdef".repeat(4);
    let leaf = "results.csv\n260101,1,P01,open,1,612.5\nproof/eligibility.csv\n260101,1,\nreasons.csv\n260101,1,1,P01,admitted,\n";
    let proof = json!({"format": "leaf/1", "leaf": leaf, "salt": hash, "place": 3, "count": 25,
        "path": [hash, hash, hash], "leaves_root": hash, "root": hash});
    let corpus = vec![proof.to_string().into_bytes(), json!({"proof": proof}).to_string().into_bytes()];
    let words = ["leaf/1", "proof", "path", "place", "null", "[]", "{}", "\"", "candidates.csv", "0"];
    let mut chance = Chance::new(54);
    let check = |bytes: &[u8]| {
        let Ok(text) = std::str::from_utf8(bytes) else { return Verdict::Refused };
        match LeafFile::parse("leaf.json", text) {
            Err(faults) if faults.is_empty() => Verdict::Wrong("no fault".to_owned()),
            Err(_) => Verdict::Refused,
            Ok(read) => {
                let _rows = LeafRows::read(&read.leaf);
                Verdict::Accepted
            }
        }
    };
    run("leaf/1", 12_000, 1_200, || mutant(&mut chance, &corpus, &words), check);
}
