//! Pages of invented stories: those of the demo's press, each with words of its own and the bulk that pages have around them.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::io::{Read, Write as _};
use std::net::{SocketAddr, TcpStream};

use dateline::clean::decode;
use dateline::demo::{Press, Told, truth};
use jiff::ToSpan;
use jiff::civil::Date;
use url::Url;

/// The days over which the pages are spread.
pub(super) const DAYS: i64 = 90;
pub(super) const FIRST_DAY: Date = Date::constant(2024, 3, 1);

/// A page to be archived.
pub(super) struct Page {
    pub(super) url: String,
    pub(super) html: String,
}

/// Makes pages, each different.
pub(super) struct Pages {
    templates: Vec<(Told, String)>,
    words: Words,
    bulk: (String, String),
    random: u64,
}

impl Pages {
    pub(super) fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let press = runtime.block_on(Press::serve()).unwrap();
        let told =
            truth().unwrap().articles.into_iter().filter(|told| told.language == "en" && told.duplicate_of.is_none());
        let templates: Vec<(Told, String)> = told
            .map(|told| {
                let html = fetch(press.address(), &told.url);
                (told, html)
            })
            .collect();
        let words = Words::of(templates.iter().map(|(told, _)| told.text.as_str()));
        Self { templates, words, bulk: bulk(), random: 0x9e37_79b9_7f4a_7c15 }
    }

    pub(super) fn page(&mut self, number: usize) -> Page {
        let place = number % self.templates.len();
        let (told, template) = &self.templates[place];
        let mut html = template.clone();
        for paragraph in told.text.split("\n\n").filter(|paragraph| paragraph.len() > 40) {
            let text = self.words.sentences(paragraph.len(), &mut self.random);
            html = html.replacen(&escape(paragraph), &text, 1);
        }
        let title = self.words.title(&mut self.random);
        html = html.replace(&escape(&told.title), &title).replace(&told.title, &title);
        let day = FIRST_DAY.checked_add((i64::try_from(number).unwrap() % DAYS).days()).unwrap();
        html = html.replace(&told.published_at.strftime("%Y-%m-%d").to_string(), &day.to_string());
        let url = format!("{}-{number}", told.url.trim_end_matches('/'));
        html = html.replace(&told.url, &url);
        html = html.replacen("</head>", &format!("{}</head>", self.bulk.0), 1);
        html = html.replacen("</body>", &format!("{}</body>", self.bulk.1), 1);
        Page { url, html }
    }
}

/// Words that follow each other in a text.
struct Words {
    after: HashMap<String, Vec<String>>,
    first: Vec<String>,
}

impl Words {
    fn of<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut words = Self { after: HashMap::new(), first: Vec::new() };
        for paragraph in texts.flat_map(|text| text.split("\n\n")) {
            let each: Vec<&str> = paragraph.split(' ').filter(|word| !word.contains(['&', '<', '>', '"'])).collect();
            words.first.extend(each.first().map(|word| (*word).to_owned()));
            for pair in each.windows(2) {
                words.after.entry(pair[0].to_owned()).or_default().push(pair[1].to_owned());
            }
        }
        words
    }

    fn next<'a>(&'a self, last: Option<&str>, random: &mut u64) -> &'a str {
        let choices = last.and_then(|last| self.after.get(last)).unwrap_or(&self.first);
        *random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        &choices[usize::try_from(*random >> 33).unwrap() % choices.len()]
    }

    fn sentences(&self, length: usize, random: &mut u64) -> String {
        let mut text = String::new();
        let mut last: Option<&str> = None;
        while text.len() < length {
            let word = self.next(last, random);
            if !text.is_empty() {
                text.push(' ');
            }
            text.push_str(word);
            last = Some(word);
        }
        text.push('.');
        text
    }

    fn title(&self, random: &mut u64) -> String {
        let mut words = Vec::new();
        for _ in 0..8 {
            words.push(self.next(words.last().copied(), random).trim_end_matches(['.', ',']));
        }
        words.join(" ")
    }
}

/// Styles and data for the head, links for the foot: some 60 KB.
fn bulk() -> (String, String) {
    let mut head = String::from("<style>");
    for number in 0..400 {
        let _ = write!(head, ".c{number}{{margin:{number}px auto;padding:0 4px;color:#{number:06x}}}");
    }
    head += "</style><script>window.__STATE__={";
    for number in 0..500 {
        let _ = write!(head, "\"key{number}\":{{\"id\":{number},\"on\":true,\"label\":\"Section {number}\"}},");
    }
    head += "\"end\":0}</script>";
    let mut foot = String::from("<footer><nav><ul>");
    for number in 0..200 {
        let _ = write!(foot, "<li class=\"item c{number}\"><a href=\"/section/{number}\">Section {number}</a></li>");
    }
    (head, foot + "</ul></nav></footer>")
}

fn fetch(press: SocketAddr, url: &str) -> String {
    let url = Url::parse(url).unwrap();
    let mut stream = TcpStream::connect(press).unwrap();
    write!(stream, "GET {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", url.path(), url.host_str().unwrap())
        .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let body = memchr::memmem::find(&answer, b"\r\n\r\n").unwrap() + 4;
    decode(&answer[body..], None)
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
