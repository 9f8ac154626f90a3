//! The tour of the demonstration without a browser: a family's and the offices' way through a season, page by page.

use std::collections::BTreeMap;

/// Somebody with a browser that keeps cookies.
struct Visitor<'a> {
    agent: ureq::Agent,
    address: &'a str,
    cookies: BTreeMap<String, String>,
}

/// A page that was reached.
struct Reached {
    path: String,
    text: String,
}

impl Visitor<'_> {
    /// Gets a page, or sends a form, and follows to where it leads.
    fn go(&mut self, path: &str, form: Option<&[(&str, &str)]>) -> Result<Reached, String> {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let (url, cookies) = (format!("{}{path}", self.address), cookies.join("; "));
        let broken = |error: ureq::Error| format!("{path}: {error}");
        let mut answer = match form {
            None => self.agent.get(&url).header("Cookie", cookies).call().map_err(broken)?,
            Some(form) => {
                let sent = self.agent.post(&url).header("Cookie", cookies);
                sent.send_form(form.iter().copied()).map_err(broken)?
            }
        };
        for kept in answer.headers().get_all("set-cookie") {
            let pair = kept.to_str().unwrap_or_default().split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        if answer.status() == 303 {
            let to = answer.headers().get("location").and_then(|to| to.to_str().ok()).unwrap_or("/");
            let to = to.split('#').next().unwrap_or("/").to_owned();
            return self.go(&to, None);
        }
        let text = answer.body_mut().read_to_string().map_err(broken)?;
        match answer.status().as_u16() {
            200 => Ok(Reached { path: path.to_owned(), text }),
            status => Err(format!("{path}: status {status}")),
        }
    }

    fn get(&mut self, path: &str) -> Result<Reached, String> {
        self.go(path, None)
    }
}

impl Reached {
    /// The value of a field or a button.
    fn value(&self, name: &str) -> Option<&str> {
        self.values(name).next()
    }

    fn values<'p>(&'p self, name: &str) -> impl Iterator<Item = &'p str> {
        let named = format!("name=\"{name}\" value=\"");
        let parts: Vec<&str> = self.text.split(named.as_str()).skip(1).collect();
        parts.into_iter().filter_map(|part| part.split_once('"')).map(|(value, _)| value)
    }

    /// What stands between two texts.
    fn between(&self, before: &str, after: &str) -> Option<&str> {
        Some(self.text.split_once(before)?.1.split_once(after)?.0)
    }

    fn must(&self, holds: bool, what: &str) -> Result<(), String> {
        if holds { Ok(()) } else { Err(format!("{}: {what}", self.path)) }
    }
}

/// Walks through and tells each step.
///
/// # Errors
/// The first step that does not lead where it should.
pub(crate) fn walk(address: &str, tell: &dyn Fn(String)) -> Result<(), String> {
    let agent = ureq::Agent::config_builder().max_redirects(0).http_status_as_error(false).build();
    let mut visitor = Visitor { agent: agent.into(), address, cookies: BTreeMap::new() };
    let front = visitor.get("/")?;
    front.must(front.values("role").count() == 7, "seven roles to take")?;
    tell("front page: seven roles, a clock".to_owned());

    let child = visitor.go("/demonstration/role", Some(&[("role", "guardian")]))?;
    child.must(child.text.contains("/seasons/demo-entry/"), "a family enters a child at school")?;
    tell("guardian: the child's page".to_owned());

    let home = visitor.go("/demonstration/role", Some(&[("role", "candidate")]))?;
    let list = home.between("<a href=\"", "/forms/").map(|_| "/seasons/demo/forms/1");
    let list = list.ok_or("a candidate has no list to file")?;
    let mut form = visitor.get(list)?;
    let mut added = 0;
    for _ in 0..3 {
        let Some(button) = form.values("act").find(|act| act.starts_with("add:")).map(str::to_owned) else {
            break;
        };
        let field = |name: &str| form.value(name).unwrap_or_default().to_owned();
        let (csrf, version, draft) = (field("csrf"), field("version"), field("draft"));
        let fields = [("csrf", &*csrf), ("version", &*version), ("draft", &*draft), ("act", &*button)];
        form = visitor.go(list, Some(&fields))?;
        added += 1;
    }
    form.must(added > 0, "something to add")?;
    tell(format!("candidate: {added} choices added to a draft"));
    let check = visitor.get(&format!("{list}/check"))?;
    let choices: Vec<String> = check.values("choice").map(str::to_owned).collect();
    check.must(choices.len() == added, "every choice is shown before it is submitted")?;
    let field = |name: &str| check.value(name).unwrap_or_default().to_owned();
    let (csrf, draft, seen, once) = (field("csrf"), field("draft"), field("seen"), field("once"));
    let mut fields =
        vec![("csrf", &*csrf), ("draft", &*draft), ("seen", &*seen), ("once", &*once), ("sure", "1")];
    fields.extend(choices.iter().map(|choice| ("choice", choice.as_str())));
    let receipt = visitor.go(&format!("{list}/submission"), Some(&fields))?;
    let number = receipt.between("class=\"receipt\">", "<").map(str::to_owned);
    tell(format!("candidate: submitted, receipt {}", number.ok_or("no receipt")?));

    let mut phase = "filling".to_owned();
    // A run takes as long as it takes; each turn waits for it a little.
    for _ in 0..2_000 {
        let front = visitor.get("/")?;
        let now = front
            .text
            .split("data-phase=\"")
            .find(|part| part.split_once('>').is_some_and(|(tag, _)| tag.contains("aria-current")));
        let now = now.and_then(|part| part.split_once('"')).map_or("", |(phase, _)| phase).to_owned();
        if now != phase {
            tell(format!("clock: {phase} -> {now}"));
            phase = now;
        }
        if phase == "published" {
            break;
        }
        visitor.go("/demonstration/clock", Some(&[("back", "/")]))?;
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    if phase != "published" {
        return Err(format!("the season stays in the phase {phase}"));
    }
    let result = visitor.get("/seasons/demo/own/result")?;
    let reasons =
        result.between("<ol class=\"reasons\">", "</ol>").map_or(0, |list| list.matches("<li>").count());
    result.must(reasons == added, "a reason for every choice")?;
    tell(format!("candidate: the result, with the reason of each of {reasons} choices"));
    for role in ["junior_high", "senior_high", "county_bureau", "municipal_centre", "supervisor"] {
        visitor.go("/demonstration/role", Some(&[("role", role)]))?;
        let charts = visitor.get("/seasons/demo/statistics")?;
        charts.must(charts.text.matches("<svg").count() == 4, "four charts")?;
        tell(format!("{role}: tasks and charts"));
    }
    Ok(())
}
