//! Words in and around names: what opens a byline, titles, roles, particles, what makes a name one of a group.

use std::sync::LazyLock;

use foldhash::HashSet;

/// Looked up for every short text of a page.
pub(super) type Words = HashSet<&'static str>;

/// Titles before a name that are not part of it.
pub(super) static TITLES: LazyLock<Words> = LazyLock::new(|| {
    "dr|prof|professor|mr|mrs|ms|miss|sir|dame|lord|lady|rev|fr|mag|dipl|ing|phd|md|dipl-ing|med|sheikh|d-r|dra|\
     lic|univ-prof|hc|rer|nat|phil|jur|frau|herr|m|mme|mlle|د|دكتور|الدكتور|проф"
        .split('|')
        .collect()
});

/// Words that make a name one of a group or of a firm.
pub(super) static COLLECTIVE: LazyLock<Words> = LazyLock::new(|| {
    "redaktion|redaktionen|onlineredaktion|newsredaktion|redaksi|redacción|redaccion|redazione|rédaction|\
     redaction|redactie|redakce|redakcja|redação|redacao|redaktsiyon|редакция|редакція|редакцией|haber|merkezi|\
     servisi|editorial|editors|editor's|staff|team|desk|newsroom|newsdesk|bureau|board|agency|agencies|agencias|\
     agenturen|agences|agentur|agencia|agence|news|nachrichten|online|media|press|presse|magazine|magazin|\
     zeitung|journal|verlag|gmbh|ltd|inc|llc|ag|corp|foundation|stiftung|institut|institute|university|\
     universität|ministry|ministerium|association|verband|verein|webteam|support|admin|administrator|webmaster|\
     contributor|contributors|correspondent|correspondents|reporters|reporter|service|services|network|tv|radio|\
     club|community|group|gruppe|partners|company|communications|office|department|center|centre|society|\
     committee|council|project|wire|times|post|herald|tribune|gazette|newspaper|channel|today|web|编辑部|編輯部|编辑|新闻|\
     新聞|新聞社|編集部|取材班|オンライン|デジタル|ニュース|報道|통신|뉴스|편집국|온라인|هيئة|تحرير|فريق|وكالة|وكالات|تحریریه|خبرگزاری|डेस्क|टीम|\
     ডেস্ক|מערכת"
    .split('|').collect()
});

/// How names of houses begin or end that may have a joining word in them.
pub(super) const INSTITUTIONS: &[&str] = &[
    "university",
    "college",
    "institute",
    "academy",
    "society",
    "association",
    "foundation",
    "agency",
    "department",
    "ministry",
    "committee",
    "council",
    "commission",
    "authority",
    "museum",
    "hospital",
    "universität",
    "hochschule",
    "u.s.",
    "office",
    "bureau",
];

/// Words of a role: dropped with what follows them, or a piece of their own.
pub(super) static ROLES: LazyLock<Words> = LazyLock::new(|| {
    "staff writer|senior writer|reporter|correspondent|editor|journalist|columnist|contributor|writer|comment|comments|kommentar|kommentare|posts|post|more|über|about|übersicht|gründer|gründerin|home|menu|login|mehr|view|all|alle|alles|artikel|article|articles|beiträge|\
     projektleiter|projektleiterin|geschäftsführer|leiter|leiterin|show|see|profile|profil|anzeige|commentaires|comentarios|political|senior|deputy|managing|foreign|national|business|sports|science|associate|assistant|executive|\
     chief|producer|photographer|director|professor|author|head|analyst|freelance|illustration|illustrationen|illustrations|fotos|foto|photos|bilder|updated|published|follow|read|\
     min|share|photo|redakteur|redakteurin|korrespondent|korrespondentin|chefredakteur|reporterin|volontär|\
     volontärin|autorin|journaliste|journalistin|rédacteur|rédactrice|correspondant|correspondante|periodista|\
     redactor|redactora|corresponsal|giornalista|inviato|dziennikarz|dziennikarka|redaktor|redaktorka|журналист|\
     корреспондент|обозреватель|редактор|muhabir|journalismus"
        .split('|')
        .collect()
});

/// Small words inside names.
pub(super) static PARTICLES: LazyLock<Words> = LazyLock::new(|| {
    "de|da|do|dos|das|di|del|della|degli|der|den|van|von|vom|zu|zur|zum|la|le|les|du|el|al|bin|ibn|ben|bint|y|e|\
     i|ten|ter|te|of|af|av|mc|mac|st|san|dal|dalla|lo|'t|op|in|ul|ur|abu|d|v|a"
        .split('|')
        .collect()
});

/// What the word for a newsroom holds, in the languages that share it.
pub(super) const NEWSROOMS: &[&str] = &[
    "reda",
    "réda",
    "staff",
    "newsroom",
    "newsdesk",
    "editor",
    "редак",
    "编辑部",
    "編輯部",
    "編集部",
    "取材班",
    "デジタル",
    "オンライン",
    "新聞",
    "편집국",
];

/// Accounts that come with a program, and names of nobody.
pub(super) const LOGINS: &[&str] = &[
    "admin",
    "administrator",
    "siteadmin",
    "webadmin",
    "wpadmin",
    "superadmin",
    "root",
    "editor",
    "staff",
    "staff writer",
    "webmaster",
    "moderator",
    "user",
    "guest",
    "author",
    "anonymous",
    "unknown",
    "publisher",
    "wordpress",
    "email protected",
];

/// Small words that a name may begin with.
pub(super) const LEADING: &[&str] = &[
    "de", "van", "von", "der", "den", "el", "al", "la", "le", "d", "ter", "ten", "abu", "ibn", "da", "di", "du", "mc",
];

/// How Japanese and Chinese words end that are offices, places and topics, not names.
pub(super) const NOT_NAMES: &str = "部局社会會県市省庁院党争和題災版面网網報报错班室課者員";

/// Joining words that the last of a list opens with.
pub(super) const LAST_JOINS: &[&str] =
    &["and", "und", "et", "y", "e", "i", "og", "och", "en", "ja", "ve", "dan", "и", "та", "és", "și", "&", "with"];

/// Words between a name and the day on which it wrote.
pub(super) const DAY_WORDS: &[&str] =
    &[" on ", " am ", " le ", " el ", " em ", " il ", " op ", " den ", " dnia ", " at "];

/// Words between a name and the house, place or subject that it belongs to.
pub(super) const BELONGS: &[&str] =
    &[" for ", " For ", " FOR ", " für ", " pour ", " para ", " per ", " voor ", " via ", " in ", " aus ", " at "];

/// What opens the credit of those who took or drew the pictures. Lower case.
pub(super) static PICTURED: LazyLock<Words> = LazyLock::new(|| {
    "photo|photos|photograph|photographs|photography|photographer|picture|pictures|image|images|illustration|illustrations|illustrated|illustrator|\
     graphic|graphics|video|foto|fotos|fotografie|fotografien|fotografía|fotografia|bild|bilder|illustrationen|illustriert|zeichnung|grafik|photographie|photographies|\
     ilustración|ilustraciones|ilustração|imagen|imagem|immagine|fotoğraf|фото|рисунок|иллюстрация|تصوير|عکس|صورة|摄影|攝影|撮影|写真|사진"
        .split('|')
        .collect()
});

/// What opens the credit of those who edited the story, after its authors, in scripts that part names by spaces alone.
pub(super) static EDITED: LazyLock<Words> =
    LazyLock::new(|| "编辑|編輯|责编|責編|责任编辑|責任編輯|校对|审核|编校|監修|編集".split('|').collect());

/// What a byline says of its day, after the names. Lower case.
pub(super) static STAMPED: LazyLock<Words> = LazyLock::new(|| {
    "updated|published|posted|modified|created|last|aktualisiert|veröffentlicht|stand|publié|mis|modifié|actualizado|publicado|atualizado|aggiornato|\
     pubblicato|gepubliceerd|bijgewerkt|uppdaterad|publicerad|opdateret|oppdatert|publisert|обновлено|опубликовано|güncelleme|güncellenme|yayınlanma|diterbitkan|diperbarui"
        .split('|')
        .collect()
});

/// What somebody may have written, before "by". Lower case.
pub(super) const WORKS: &[&str] = &[
    "post",
    "column",
    "story",
    "article",
    "essay",
    "opinion",
    "analysis",
    "report",
    "review",
    "interview",
    "commentary",
    "blog",
    "feature",
    "contribution",
];

/// Words of one letter that are written together with the name after them: Arabic and Hebrew "and".
pub(super) const PREFIXED_JOINS: &[char] = &['و', 'ו'];

/// Arabic names that begin with the letter for "and".
pub(super) const NOT_JOINED: &[&str] = &[
    "وليد", "وائل", "وسام", "وسيم", "وفاء", "وداد", "وجدي", "وجيه", "وحيد", "ورد", "ورود", "وردة", "وهيب", "وهبة",
    "وصفي", "وديع",
];

/// Words between two names, or between a name and whom it wrote with.
pub(super) const JOINS: &[&str] = &[
    " im Gespräch mit ",
    " in conversation with ",
    " and ",
    " And ",
    " AND ",
    " und ",
    " UND ",
    " et ",
    " y ",
    " e ",
    " i ",
    " og ",
    " och ",
    " en ",
    " ja ",
    " ve ",
    " dan ",
    " и ",
    " та ",
    " és ",
    " și ",
    " a ",
    " & ",
    " with ",
    " mit ",
    " avec ",
    " con ",
    " με ",
    " και ",
    " و ",
    " और ",
    " এবং ",
    " ও ",
    " اور ",
    " และ ",
    " và ",
    " - ",
    " – ",
    " — ",
];

/// What sites call the folder of their authors' pages.
const AUTHOR_FOLDERS: &[&str] = &[
    "author",
    "authors",
    "autor",
    "autoren",
    "auteur",
    "autore",
    "autori",
    "journalist",
    "journalists",
    "reporter",
    "staff",
    "profile",
    "by",
    "yazar",
    "redaktion",
    "firmas",
    "autores",
    "byline",
    "contributor",
];

/// Whether an address is that of an author's page.
pub(super) fn is_author_address(href: &str) -> bool {
    let path = href.split(['?', '#']).next().unwrap_or(href);
    let folders = path.rsplit_once('/').map_or("", |(folders, _)| folders);
    folders.split('/').skip(1).any(|folder| AUTHOR_FOLDERS.contains(&folder))
}
