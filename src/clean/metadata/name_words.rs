//! Words in and around names: what opens a byline, titles, roles, particles, what makes a name one of a group.

use std::sync::LazyLock;

use foldhash::{HashMap, HashSet};

use super::names::first_word;

/// Words that open a byline, longest first where one begins another. Lower case.
const OPENERS: &str = "author|authors|credit|text von|texte de|texto de|testo di|beitrag von|blog beitrag von|geschrieben von|verfasst von|veröffentlicht von|erstellt von|eingestellt von|gepostet von|posté par|postado por|publicada por|escrita por|postato da|inserito da|geplaatst door|diposting oleh|opublikowane przez|投稿者|blogbeitrag von|bericht von|\
     reportage von|analyse von|written and reported by|written by|posted by|published by|story by|reported by|report by|reporting by|words by|text by|article by|\
     analysis by|opinion by|review by|by|from our correspondent|ein kommentar von|ein gastbeitrag von|\
     eine analyse von|ein interview von|kommentar von|gastbeitrag von|interview von|ein artikel von|artikel von|\
     aus|autor/-in|autor/in|autor:in|autor*in|autorin|autoren|autor|von|text|protokoll|propos recueillis par|publié par|écrit par|rédigé par|\
     article de|par|auteur|écrit|publicado por|escrito por|redactado por|por|autora|autores|texto|redacción|\
     a cura di|scritto da|pubblicato da|articolo di|di|autore|door|geschreven door|tekst|av|af|skrevet av|\
     skrevet af|skriven av|text och foto|tekst og foto|teksti|kirjoittaja|autor tekstu|opracował|opracowała|\
     oprac|napsal|napsala|autoři|szerző|írta|de|scris de|publicat de|от|автор текста|автор|автори|авторы|текст|\
     подготовил|подготовила|записал|yazan|yazar|haber|muhabir|oleh|penulis|reporter|tác giả|bởi|bài|theo|\
     γράφει ο|γράφει η|του|της|συντάκτης|بقلم|كتب|كتبت|تحرير|إعداد|اعداد|نویسنده|گزارش|خبرنگار|تحریر|מאת|लेखक|\
     द्वारा|रिपोर्ट|লেখক|โดย|文|vom|fra|責任編輯|责任编辑|编辑|編輯|作者|记者|記者|撰文|文／|文/|执笔|責任編輯|글|기자";

/// Looked up for every short text of a page.
pub(super) type Words = HashSet<&'static str>;

/// The openers by their first word.
pub(super) static OPENERS_BY_WORD: LazyLock<HashMap<&str, Vec<&str>>> = LazyLock::new(|| {
    let mut openers: HashMap<&str, Vec<&str>> = HashMap::default();
    for opener in OPENERS.split('|') {
        openers.entry(first_word(opener)).or_default().push(opener);
    }
    for known in openers.values_mut() {
        known.sort_by_key(|opener| std::cmp::Reverse(opener.len()));
    }
    openers
});

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
    &[" for ", " für ", " pour ", " para ", " per ", " voor ", " via ", " in ", " aus ", " at "];

/// What opens the credit of those who took or drew the pictures. Lower case.
pub(super) static PICTURED: LazyLock<Words> = LazyLock::new(|| {
    "photo|photos|photograph|photographs|photography|photographer|picture|pictures|image|images|illustration|illustrations|illustrated|illustrator|\
     graphic|graphics|video|foto|fotos|fotografie|fotografien|fotografía|fotografia|bild|bilder|illustrationen|illustriert|zeichnung|grafik|photographie|photographies|\
     ilustración|ilustraciones|ilustração|imagen|imagem|immagine|fotoğraf|фото|рисунок|иллюстрация|تصوير|عکس|صورة|摄影|攝影|撮影|写真|사진"
        .split('|')
        .collect()
});

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

/// Words between two names, or between a name and whom it wrote with.
pub(super) const JOINS: &[&str] = &[
    " im Gespräch mit ",
    " in conversation with ",
    " and ",
    " und ",
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
    " và ",
    " - ",
    " – ",
    " — ",
];
