//! What HTML itself says of an element: inline or not, and which role its name gives it.

use super::marks::Marks;

/// An element's name, as far as the cleaner tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tag {
    Article,
    Aside,
    Break,
    Body,
    Caption,
    Cell,
    Custom,
    Details,
    Division,
    Figcaption,
    Figure,
    Footer,
    Form,
    Header,
    Heading(u8),
    /// Purely inline, without a meaning of its own.
    Inline,
    Item,
    Link,
    List,
    Main,
    Nav,
    Other,
    Paragraph,
    Preformatted,
    Quote,
    Row,
    Rule,
    Section,
    Strong,
    Table,
    Time,
    /// Never text of the page.
    Void,
}

impl Tag {
    pub(super) fn of(name: &str) -> Self {
        match name {
            "a" => Self::Link,
            "abbr" | "acronym" | "bdi" | "bdo" | "big" | "cite" | "code" | "data" | "del" | "dfn" | "font" | "ins"
            | "kbd" | "label" | "mark" | "nobr" | "q" | "rb" | "ruby" | "rp" | "s" | "samp" | "small" | "span"
            | "strike" | "sub" | "sup" | "tt" | "u" | "var" | "picture" => Self::Inline,
            "b" | "strong" | "em" | "i" => Self::Strong,
            "article" => Self::Article,
            "aside" => Self::Aside,
            "blockquote" => Self::Quote,
            "body" | "html" => Self::Body,
            "br" => Self::Break,
            "caption" => Self::Caption,
            "dd" | "dt" | "li" => Self::Item,
            "details" => Self::Details,
            "div" | "center" => Self::Division,
            "figcaption" => Self::Figcaption,
            "figure" => Self::Figure,
            "footer" => Self::Footer,
            "form" => Self::Form,
            "h1" => Self::Heading(1),
            "h2" => Self::Heading(2),
            "h3" => Self::Heading(3),
            "h4" => Self::Heading(4),
            "h5" => Self::Heading(5),
            "h6" => Self::Heading(6),
            "header" => Self::Header,
            "hr" => Self::Rule,
            "main" => Self::Main,
            "nav" => Self::Nav,
            "p" => Self::Paragraph,
            "pre" => Self::Preformatted,
            "section" => Self::Section,
            "table" => Self::Table,
            "td" | "th" => Self::Cell,
            "time" => Self::Time,
            "tr" => Self::Row,
            "ul" | "ol" | "dl" | "menu" => Self::List,
            "applet" | "area" | "audio" | "base" | "button" | "canvas" | "col" | "datalist" | "embed" | "head"
            | "iframe" | "img" | "input" | "link" | "map" | "math" | "meta" | "noembed" | "noframes" | "noscript"
            | "object" | "option" | "param" | "progress" | "rt" | "rtc" | "script" | "select" | "source" | "style"
            | "svg" | "template" | "textarea" | "title" | "track" | "video" | "wbr" => Self::Void,
            _ if name.contains('-') => Self::Custom,
            _ => Self::Other,
        }
    }

    pub(super) fn is_inline(self) -> bool {
        matches!(self, Self::Inline | Self::Link | Self::Strong | Self::Time)
    }

    /// Nothing in it is text of the page.
    pub(super) fn is_void(self) -> bool {
        matches!(self, Self::Void | Self::Break | Self::Rule)
    }

    /// What the element's name says, in the words of [`Marks`].
    pub(super) fn marks(self) -> Marks {
        match self {
            Self::Nav => Marks::NAV,
            Self::Footer => Marks::FOOTER,
            Self::Aside => Marks::SIDEBAR,
            Self::Figcaption => Marks::CAPTION,
            _ => Marks::NONE,
        }
    }
}
