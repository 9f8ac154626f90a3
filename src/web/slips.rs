//! Slips to print and cut out: one-time codes and grid cards, by class.

use serde::Serialize;
use utoipa::ToSchema;

/// A slip with a one-time initial code.
#[derive(Debug, Serialize, ToSchema)]
pub struct CodeSlipView {
    pub class: String,
    pub exam_no: String,
    pub name: String,
    pub login: String,
    pub initial_code: String,
}

/// A grid card.
#[derive(Debug, Serialize, ToSchema)]
pub struct GridCardView {
    pub class: String,
    pub exam_no: String,
    pub name: String,
    pub login: String,
    pub serial: u32,
    /// Ten rows of eight cells, A to H.
    pub rows: Vec<Vec<String>>,
}

const HEAD: &str = "<!doctype html><html lang=\"zh-CN\"><meta charset=\"utf-8\">\
<meta name=\"viewport\" content=\"width=device-width\"><style>\
@page{size:A4;margin:12mm}body{font-family:PingFang SC,Microsoft YaHei,Noto Sans SC,sans-serif}\
article{border:1px dashed #666;padding:4mm;margin:0 0 4mm;break-inside:avoid}\
code{font-size:1.2em;letter-spacing:.05em}table{border-collapse:collapse}\
td,th{border:1px solid #999;padding:1mm 2mm;font-family:monospace}</style>";

/// Text that stands in HTML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn owner(class: &str, exam_no: &str, name: &str, login: &str) -> String {
    let (class, name) = (escaped(class), escaped(name));
    format!("<h2>{class} {name} {}</h2><p>登录账号：<code>{}</code></p>", escaped(exam_no), escaped(login))
}

/// A page of slips with one-time codes.
pub fn codes(slips: &[CodeSlipView]) -> String {
    let mut page = format!("{HEAD}<title>初始登录码</title><main><h1>初始登录码</h1>");
    for slip in slips {
        page.push_str("<article>");
        page.push_str(&owner(&slip.class, &slip.exam_no, &slip.name, &slip.login));
        page.push_str(&format!(
            "<p>一次性登录码：<code>{}</code></p><p>首次登录后必须改成自己的密码，任何人不得代设、代收。</p></article>",
            escaped(&slip.initial_code)
        ));
    }
    page.push_str("</main></html>");
    page
}

/// A page of grid cards.
pub fn cards(cards: &[GridCardView]) -> String {
    let mut page = format!("{HEAD}<title>动态口令卡</title><main><h1>动态口令卡</h1>");
    for card in cards {
        page.push_str("<article>");
        page.push_str(&owner(&card.class, &card.exam_no, &card.name, &card.login));
        page.push_str(&format!("<p>卡号 {}，请勿拍照、转借。</p><table><tr><th></th>", card.serial));
        let columns = card.rows.first().map_or(0, Vec::len);
        ('A'..).take(columns).for_each(|column| page.push_str(&format!("<th scope=\"col\">{column}</th>")));
        for (number, row) in (1..).zip(&card.rows) {
            page.push_str(&format!("</tr><tr><th scope=\"row\">{number}</th>"));
            row.iter().for_each(|cell| page.push_str(&format!("<td>{}</td>", escaped(cell))));
        }
        page.push_str("</tr></table></article>");
    }
    page.push_str("</main></html>");
    page
}
