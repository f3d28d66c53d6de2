//! Schema.org graphs: the node that speaks of the page's article, and what it says.
//!
//! Evidence, not truth. Nothing here decides; see `title`, `authors`, `date`.

use serde_json::{Map, Value};

use super::{json, plain::plain};

/// Nodes looked at over all scripts of a page.
const MAX_NODES: usize = 20_000;
/// Authors read of one article.
const MAX_AUTHORS: usize = 40;

type Object = Map<String, Value>;

/// What kind of creator a graph names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AgentKind {
    Person,
    Organization,
    Unknown,
}

/// A creator as named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Agent {
    pub(super) name: String,
    pub(super) kind: AgentKind,
}

/// What a page's graphs say about its article. Strings are as given, decoded.
#[derive(Debug, Default)]
pub(super) struct Linked {
    pub(super) is_article: bool,
    pub(super) headline: Option<String>,
    pub(super) subtitle: Option<String>,
    pub(super) description: Option<String>,
    pub(super) authors: Vec<Agent>,
    pub(super) sources: Vec<String>,
    pub(super) published: Vec<String>,
    pub(super) created: Vec<String>,
    pub(super) modified: Vec<String>,
    pub(super) publishers: Vec<String>,
    pub(super) site_names: Vec<String>,
    pub(super) sections: Vec<String>,
    pub(super) keywords: Vec<String>,
    pub(super) image: Option<String>,
    pub(super) url: Option<String>,
    pub(super) language: Option<String>,
    pub(super) body: Option<String>,
    pub(super) kinds: Vec<String>,
}

/// Reads every script; `is_page` tells whether an address is the page's own, `title` what the page shows as its headline.
pub(super) fn read(scripts: &[String], is_page: impl Fn(&str) -> bool) -> Linked {
    let roots: Vec<Value> = scripts.iter().filter_map(|script| json::parse(script)).collect();
    let nodes = nodes(&roots);
    let by_id = |id: &str| {
        nodes
            .iter()
            .map(|node| node.object)
            .filter(|object| object.get("@id").and_then(Value::as_str) == Some(id))
            .max_by_key(|object| object.len())
    };
    let mut linked = Linked::default();
    for node in &nodes {
        for kind in types(node.object) {
            if node.depth <= 3 && linked.kinds.len() < 32 && !linked.kinds.iter().any(|known| known == kind) {
                linked.kinds.push(kind.to_owned());
            }
            if (kind == "WebSite" || kind == "NewsMediaOrganization") && !node.apart {
                linked.site_names.extend(string(node.object.get("name")));
            }
        }
    }
    let best = nodes
        .iter()
        .enumerate()
        .filter_map(|(order, node)| Some((rank(node, &is_page)?, std::cmp::Reverse(order), node)))
        .max_by_key(|(rank, order, _)| (*rank, *order));
    if let Some((rank, _, node)) = best {
        linked.is_article = rank >= 10;
        fill(&mut linked, node.object, &by_id);
    }
    // A page node beside the article often has the only date.
    for node in nodes.iter().filter(|node| {
        node.depth <= 3 && types(node.object).any(|kind| kind.ends_with("WebPage") || kind == "WebPageElement")
    }) {
        if linked.published.is_empty() {
            linked.published.extend(string(node.object.get("datePublished")));
        }
        if linked.modified.is_empty() {
            linked.modified.extend(string(node.object.get("dateModified")));
        }
        linked.language = linked.language.take().or_else(|| string(node.object.get("inLanguage")));
        if linked.authors.is_empty() {
            linked.authors = agents(node.object.get("author"), &by_id);
        }
    }
    linked
}

struct NodeAt<'a> {
    object: &'a Object,
    depth: usize,
    /// Within a list of other works, or among those who made this one.
    apart: bool,
}

/// Every object, outermost first, without recursion.
fn nodes(roots: &[Value]) -> Vec<NodeAt<'_>> {
    let mut found = Vec::new();
    let mut queue: std::collections::VecDeque<(&Value, usize, bool)> =
        roots.iter().map(|root| (root, 0, false)).collect();
    while let Some((value, depth, apart)) = queue.pop_front() {
        if found.len() >= MAX_NODES {
            break;
        }
        match value {
            Value::Array(items) => queue.extend(items.iter().map(|item| (item, depth, apart))),
            Value::Object(object) => {
                found.push(NodeAt { object, depth, apart });
                for (key, member) in object {
                    if member.is_object() || member.is_array() {
                        let graph = key == "@graph";
                        let apart = apart
                            || matches!(
                                key.as_str(),
                                "itemListElement"
                                    | "hasPart"
                                    | "relatedLink"
                                    | "comment"
                                    | "review"
                                    | "citation"
                                    | "isBasedOn"
                                    | "liveBlogUpdate"
                                    | "blogPost"
                                    | "author"
                                    | "creator"
                                    | "contributor"
                                    | "sourceOrganization"
                                    | "provider"
                            );
                        queue.push_back((member, if graph { depth } else { depth + 1 }, apart));
                    }
                }
            }
            _ => {}
        }
    }
    found
}

/// How likely a node is the page's article.
fn rank(node: &NodeAt<'_>, is_page: &impl Fn(&str) -> bool) -> Option<i32> {
    let mut rank = types(node.object).map(type_rank).max().unwrap_or(0);
    if rank == 0 {
        return None;
    }
    let named =
        ["url", "mainEntityOfPage", "@id"].iter().filter_map(|key| address(node.object.get(*key))).collect::<Vec<_>>();
    if named.iter().any(|address| is_page(address)) {
        rank += 6;
    }
    if node.object.contains_key("headline") || node.object.contains_key("name") {
        rank += 2;
    }
    if node.object.contains_key("datePublished") {
        rank += 2;
    }
    if node.apart {
        rank -= 8;
    }
    rank -= i32::try_from(node.depth.min(4)).unwrap_or(4);
    (rank > 0).then_some(rank)
}

fn type_rank(kind: &str) -> i32 {
    match kind {
        "LiveBlogPosting" => 13,
        _ if kind.ends_with("NewsArticle") => 13,
        _ if kind.ends_with("Article") || kind.ends_with("BlogPosting") => 12,
        "Report"
        | "SocialMediaPosting"
        | "DiscussionForumPosting"
        | "Recipe"
        | "HowTo"
        | "Review"
        | "VideoObject"
        | "PodcastEpisode"
        | "Posting" => 6,
        "CreativeWork" => 5,
        "WebPage" | "ItemPage" | "Product" => 2,
        _ => 0,
    }
}

fn types(object: &Object) -> impl Iterator<Item = &str> {
    let values = match object.get("@type").or_else(|| object.get("type")) {
        Some(Value::Array(items)) => items.as_slice(),
        Some(value) => std::slice::from_ref(value),
        None => &[],
    };
    values.iter().filter_map(Value::as_str).map(|kind| kind.rsplit(['/', ':', '#']).next().unwrap_or(kind))
}

fn fill<'a>(linked: &mut Linked, object: &'a Object, by_id: &impl Fn(&str) -> Option<&'a Object>) {
    linked.headline =
        string(object.get("headline")).or_else(|| string(object.get("name"))).or_else(|| string(object.get("title")));
    linked.subtitle = string(object.get("alternativeHeadline"));
    linked.description = string(object.get("description"));
    for key in ["author", "creator", "contributor"] {
        if linked.authors.is_empty() {
            linked.authors = agents(object.get(key), by_id);
        }
    }
    for key in ["sourceOrganization", "provider", "creditText", "isBasedOn"] {
        linked.sources.extend(agents(object.get(key), by_id).into_iter().map(|agent| agent.name));
    }
    linked.published.extend(string(object.get("datePublished")).or_else(|| string(object.get("uploadDate"))));
    linked.created.extend(string(object.get("dateCreated")));
    linked.modified.extend(string(object.get("dateModified")));
    linked.publishers.extend(agents(object.get("publisher"), by_id).into_iter().map(|agent| agent.name));
    linked.sections = strings(object.get("articleSection"));
    linked.keywords = strings(object.get("keywords"));
    linked.image = image(object, by_id).or_else(|| address(object.get("thumbnailUrl"))).map(str::to_owned);
    linked.url = address(object.get("url")).or_else(|| address(object.get("mainEntityOfPage"))).map(str::to_owned);
    linked.language = string(object.get("inLanguage"));
    linked.body = object.get("articleBody").or_else(|| object.get("text")).and_then(Value::as_str).map(str::to_owned);
}

/// The picture; a graph may give it in a node of its own.
fn image<'a>(object: &'a Object, by_id: &impl Fn(&str) -> Option<&'a Object>) -> Option<&'a str> {
    let given = object.get("image")?;
    let first = given.as_array().map_or(Some(given), |list| list.first())?;
    let node = first.as_object().filter(|node| !node.contains_key("url") && !node.contains_key("contentUrl"));
    let named = node.and_then(|node| by_id(node.get("@id")?.as_str()?)).filter(|named| named.len() > 1);
    named.map_or_else(
        || address(Some(given)),
        |node| ["contentUrl", "url"].iter().find_map(|key| address(node.get(*key))),
    )
}

fn agents<'a>(value: Option<&'a Value>, by_id: &impl Fn(&str) -> Option<&'a Object>) -> Vec<Agent> {
    let mut found: Vec<Agent> = Vec::new();
    let mut pending: Vec<&Value> = value.into_iter().collect();
    let mut steps = 0;
    while let Some(value) = pending.pop() {
        steps += 1;
        if steps > 4 * MAX_AUTHORS || found.len() >= MAX_AUTHORS {
            break;
        }
        match value {
            Value::Array(items) => pending.extend(items.iter().rev()),
            Value::String(_) => found.extend(string(Some(value)).map(|name| Agent { name, kind: AgentKind::Unknown })),
            Value::Object(object) => {
                let named = if object.contains_key("name") {
                    None
                } else {
                    object.get("@id").and_then(Value::as_str).and_then(by_id)
                };
                let object = named.unwrap_or(object);
                if let Some(Value::Array(list)) = object.get("@list") {
                    pending.extend(list.iter().rev());
                    continue;
                }
                let kind = types(object).fold(AgentKind::Unknown, |kind, name| match name {
                    "Person" => AgentKind::Person,
                    "Corporation" => AgentKind::Organization,
                    _ if name.ends_with("Organization") => AgentKind::Organization,
                    _ => kind,
                });
                let whole = match (string(object.get("givenName")), string(object.get("familyName"))) {
                    (Some(given), Some(family)) => Some(format!("{given} {family}")),
                    _ => None,
                };
                match object.get("name") {
                    Some(several @ Value::Array(_)) => {
                        found.extend(strings(Some(several)).into_iter().map(|name| Agent { name, kind }));
                    }
                    name => found.extend(string(name).or(whole).map(|name| Agent { name, kind })),
                }
            }
            _ => {}
        }
    }
    found
}

fn string(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => plain(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(items) => items.iter().find_map(|item| item.as_str()).and_then(plain),
        Value::Object(object) => {
            object.get("@value").or_else(|| object.get("name")).and_then(Value::as_str).and_then(plain)
        }
        _ => None,
    }
}

fn strings(value: Option<&Value>) -> Vec<String> {
    match value {
        Some(Value::Array(items)) => items.iter().take(200).filter_map(|item| string(Some(item))).collect(),
        Some(value) => string(Some(value)).into_iter().collect(),
        None => Vec::new(),
    }
}

/// An address given as a string, an object with `url`, `@id` or `contentUrl`, or a list of these.
fn address(value: Option<&Value>) -> Option<&str> {
    let mut value = value?;
    for _ in 0..4 {
        match value {
            Value::String(text) => return (!text.is_empty()).then_some(text),
            Value::Array(items) => value = items.first()?,
            Value::Object(object) => value = ["url", "contentUrl", "@id"].iter().find_map(|key| object.get(*key))?,
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_one(script: &str) -> Linked {
        read(&[script.to_owned()], |address| address == "https://a.example/story")
    }

    fn names(linked: &Linked) -> Vec<&str> {
        linked.authors.iter().map(|agent| agent.name.as_str()).collect()
    }

    #[test]
    fn authors_are_found_in_every_shape() {
        for (author, expect) in [
            (r#""Ann Lee""#, vec!["Ann Lee"]),
            (r#"{"@type": "Person", "name": "Ann Lee"}"#, vec!["Ann Lee"]),
            (r#"[{"name": "Ann Lee"}, {"name": "Bo Ek"}]"#, vec!["Ann Lee", "Bo Ek"]),
            (r#"{"@type": "Person", "name": ["Ann Lee", "Bo Ek"]}"#, vec!["Ann Lee", "Bo Ek"]),
            (r##"{"@id": "#ann"}"##, vec!["Ann of the graph"]),
            (r#"{"givenName": "Ann", "familyName": "Lee"}"#, vec!["Ann Lee"]),
        ] {
            let script = format!(
                r##"{{"@graph": [{{"@type": "NewsArticle", "headline": "x", "author": {author}}}, {{"@type": "Person", "@id": "#ann", "name": "Ann of the graph"}}]}}"##
            );
            assert_eq!(names(&read_one(&script)), expect, "{author}");
        }
    }

    #[test]
    fn a_picture_may_stand_in_a_node_of_its_own() {
        for (image, expect) in [
            (r#""https://a.example/p.jpg""#, Some("https://a.example/p.jpg")),
            (r#"["https://a.example/p.jpg", "https://a.example/q.jpg"]"#, Some("https://a.example/p.jpg")),
            (r##"{"@id": "#picture"}"##, Some("https://a.example/pier.jpg")),
            (r##"[{"@id": "#picture"}]"##, Some("https://a.example/pier.jpg")),
            (r#"{"@id": "https://a.example/p.jpg"}"#, Some("https://a.example/p.jpg")),
        ] {
            let script = format!(
                r##"{{"@graph": [{{"@type": "NewsArticle", "headline": "x", "image": {image}}}, {{"@type": "ImageObject", "@id": "#picture", "url": "https://a.example/pier.jpg"}}]}}"##
            );
            assert_eq!(read_one(&script).image.as_deref(), expect, "{image}");
        }
    }

    #[test]
    fn the_pages_own_article_is_preferred() {
        let linked = read_one(
            r#"[{"@type": "ItemList", "itemListElement": [{"@type": "NewsArticle", "headline": "Another", "datePublished": "2020-01-01"}]},
                {"@type": "NewsArticle", "headline": "Elsewhere", "url": "https://a.example/other"},
                {"@type": ["NewsArticle"], "headline": "Mine &amp; yours", "mainEntityOfPage": {"@id": "https://a.example/story"}}]"#,
        );
        assert_eq!(linked.headline.as_deref(), Some("Mine & yours"));
        assert!(linked.is_article);
    }
}
