//! The words in dates: months of some fifty languages, zones, halves of the day.
//!
//! A month is known by its longest listed stem, so that cases and abbreviations (`января`, `янв.`) need no lines of their own.
//! Names from CLDR 47 (`dates/calendars/gregorian/months`), folded by [`normalize`]; where two languages disagree about a stem
//! (`listopad`) the larger one has it.

use std::collections::HashMap;
use std::sync::LazyLock;

use jiff::tz::TimeZone;
use memchr::memchr;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What a word means.
pub(super) enum Word {
    Month(i8),
    Afternoon(bool),
    /// The `T` between date and time.
    Part,
    /// Words that only connect.
    Filler,
}

/// Where a clock stands.
#[derive(Debug)]
pub(super) enum Zone {
    /// A name: minutes east of Greenwich.
    Fixed(i32),
    /// A number: minutes east of Greenwich.
    Offset(i32),
    Place(TimeZone),
}

/// Lower case, without accents, digits of all scripts as ASCII, `p.m.` as one word.
pub(super) fn normalize(text: &str) -> String {
    if text.is_ascii() {
        let text = text.to_ascii_lowercase();
        return if memchr(b'.', text.as_bytes()).is_some() {
            text.replace("a.m", "am").replace("p.m", "pm")
        } else {
            text
        };
    }
    let bare = text.chars().flat_map(char::to_lowercase).nfkd().filter(|c| !is_combining_mark(*c)).map(ascii_digit);
    let mut out: String = bare.nfc().collect();
    for (from, to) in
        [("a.m", "am"), ("p.m", "pm"), ("π.μ", "πμ"), ("μ.μ", "μμ"), ("تشرين ال", "تشرينال"), ("كانون ال", "كانونال")]
    {
        if out.contains(from) {
            out = out.replace(from, to);
        }
    }
    out
}

/// The decimal digits of the scripts that news is written in.
fn ascii_digit(c: char) -> char {
    const ZEROS: [u32; 8] = [0x0660, 0x06F0, 0x0966, 0x09E6, 0x0BE6, 0x0E50, 0x1040, 0x17E0];
    let code = u32::from(c);
    let digit = ZEROS.iter().find_map(|zero| code.checked_sub(*zero).filter(|digit| *digit < 10));
    digit.and_then(|digit| char::from_digit(digit, 10)).unwrap_or(c)
}

/// Characters that are a word each: the units of Chinese, Japanese and Korean dates.
pub(super) fn is_unit(c: char) -> bool {
    matches!(c, '年' | '月' | '日' | '号' | '時' | '时' | '点' | '分' | '秒' | '년' | '월' | '일' | '시' | '분' | '초')
}

pub(super) fn is_hour(word: &str) -> bool {
    matches!(word, "時" | "时" | "点" | "시" | "h" | "uhr")
}

pub(super) fn is_minute(word: &str) -> bool {
    matches!(word, "分" | "분" | "m" | "min")
}

pub(super) fn is_second(word: &str) -> bool {
    matches!(word, "秒" | "초" | "s")
}

/// Scripts that tell more than the words do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Script {
    /// Korea has one zone, and dates in Korean words never name it.
    Korean,
    /// Thai dates may count the years of the Buddhist era.
    Thai,
}

pub(super) fn script(word: &str) -> Option<Script> {
    match word.chars().next()? {
        '가'..='힣' => Some(Script::Korean),
        '\u{0E00}'..='\u{0E7F}' => Some(Script::Thai),
        _ => None,
    }
}

/// What a folded word means. `None`: unknown.
pub(super) fn meaning(word: &str) -> Option<Word> {
    Some(match word {
        "t" => Word::Part,
        "am" | "오전" | "午前" | "上午" | "πμ" | "ص" | "fm" => Word::Afternoon(false),
        "pm" | "오후" | "午後" | "下午" | "μμ" | "م" | "em" => Word::Afternoon(true),
        "st" | "nd" | "rd" | "th" | "de" | "del" | "of" | "at" | "um" | "a" | "alle" | "ore" | "as" | "kl" | "klo"
        | "uhr" | "h" | "г" | "года" | "в" | "o" | "ob" | "u" | "om" | "le" | "den" | "el" | "на" | "р" | "оны"
        | "сар" | "сарын" | "ны" | "ний" | "year" | "thang" | "thg" | "nam" | "ngay" | "luc" | "年" | "月" | "日"
        | "号" | "時" | "时" | "点" | "分" | "秒" | "년" | "월" | "일" | "시" | "분" | "초" | "er" | "ta" | "i"
        | "da" | "ב" | "في" | "الساعة" | "พ" | "ศ" | "น" | "เวลา" => Word::Filler,
        _ => return month(word).map(Word::Month),
    })
}

/// What a folded word means as a zone. Names of RFC 822 and of the time and date services; summer time where the name says so.
pub(super) fn zone(word: &str) -> Option<Zone> {
    let hours = match word {
        "z" | "ut" | "utc" | "gmt" | "wet" | "uct" | "zulu" => 0,
        "bst" | "cet" | "met" | "mez" | "west" | "wat" => 1,
        "cest" | "mest" | "mesz" | "eet" | "cat" | "sast" => 2,
        "eest" | "msk" | "eat" | "trt" | "idt" => 3,
        "msd" | "gst" | "samt" | "azt" | "get" | "amt" => 4,
        "pkt" | "uzt" | "yekt" | "tmt" => 5,
        "bdt" | "omst" => 6,
        "ict" | "wib" | "krat" | "novt" => 7,
        "hkt" | "sgt" | "myt" | "awst" | "pht" | "wita" | "irkt" | "ulat" => 8,
        "jst" | "kst" | "wit" | "yakt" => 9,
        "aest" | "vlat" | "chst" => 10,
        "aedt" | "magt" => 11,
        "nzst" | "pett" | "fjt" => 12,
        "nzdt" => 13,
        "adt" | "art" | "brt" | "clst" | "uyt" | "pmst" => -3,
        "ast" | "edt" | "clt" | "bot" | "vet" | "pyt" | "at" => -4,
        "est" | "cdt" | "cot" | "pet" | "ect" => -5,
        "cst" | "mdt" | "galt" => -6,
        "mst" | "pdt" => -7,
        "pst" | "akdt" => -8,
        "akst" => -9,
        "hst" | "hast" => -10,
        "sst" => -11,
        _ => {
            return match word {
                "ist" => Some(Zone::Fixed(5 * 60 + 30)),
                "irst" => Some(Zone::Fixed(3 * 60 + 30)),
                "aft" => Some(Zone::Fixed(4 * 60 + 30)),
                "npt" => Some(Zone::Fixed(5 * 60 + 45)),
                "mmt" => Some(Zone::Fixed(6 * 60 + 30)),
                "acst" => Some(Zone::Fixed(9 * 60 + 30)),
                "acdt" => Some(Zone::Fixed(10 * 60 + 30)),
                "nst" => Some(Zone::Fixed(-(3 * 60 + 30))),
                "ndt" => Some(Zone::Fixed(-(2 * 60 + 30))),
                // American papers leave out whether it is summer.
                "et" => TimeZone::get("America/New_York").ok().map(Zone::Place),
                "ct" => TimeZone::get("America/Chicago").ok().map(Zone::Place),
                "mt" => TimeZone::get("America/Denver").ok().map(Zone::Place),
                "pt" => TimeZone::get("America/Los_Angeles").ok().map(Zone::Place),
                _ => None,
            };
        }
    };
    Some(Zone::Fixed(hours * 60))
}

/// The month whose longest stem the word begins with.
fn month(word: &str) -> Option<i8> {
    // Nearly all that occur are English.
    const ENGLISH: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    static STEMS: LazyLock<HashMap<char, Vec<(String, i8)>>> = LazyLock::new(|| {
        let mut stems: HashMap<char, Vec<(String, i8)>> = HashMap::new();
        for (of_month, month) in MONTHS.iter().zip(1..) {
            for stem in of_month.split_ascii_whitespace().map(normalize) {
                stems.entry(stem.chars().next().unwrap_or_default()).or_default().push((stem, month));
            }
        }
        stems
    });
    if let Some((_, month)) = ENGLISH.iter().zip(1..).find(|(name, _)| **name == word) {
        return Some(month);
    }
    // Hebrew writes "in" onto the month.
    let word = word.strip_prefix('ב').unwrap_or(word);
    let stems = STEMS.get(&word.chars().next()?)?;
    let fitting = stems.iter().filter(|(stem, _)| word.starts_with(stem.as_str()));
    fitting.max_by_key(|(stem, _)| stem.len()).map(|(_, month)| *month)
}

/// Stems of the months' names.
const MONTHS: [&str; 12] = [
    "jan gen ene xan ian yan янв яну јан январ січ студ қаң ιαν sty led sij siječ sau jaan tammi oca ocak urt ion ean \
     يناير كانونالثاني جانفي ژانویه جنوری ינואר जनवरी জানুয়ারি ஜனவரி มกร ม.ค มค იან հունվ қаңтар",
    "feb fev fév fevr veebr фев лют φεβ lut úno uno velj vas helmi şub sub peb chw feabh shk ots فبراير فيفري شباط فوریه فروری פברואר फ़रवरी फरवरी \
     ফেব্রুয়ারি பிப்ரவரி กุมภ กุม ก.พ თებ փետր ақпан ақп febr",
    "mar mär maa mrt marz marc març mac maw марта март мар берез бер сак сакав μαρ μάρ břez bře ozu ožu kov maalis mart márc már marca marts márta mars \
     مارس مارچ اذار מרץ מרס मार्च মার্চ மார்ச் มีน มี.ค მარ մարտ наурыз нау",
    "apr abr avr ápr апр квіт крас απρ kwi dub tra trav travanj travnja bal huhti nis ebr aib pri api ابريل أبريل افريل نيسان آوریل اپریل אפריל अप्रैल এপ্রিল ஏப்ரல் \
     เมษ เม.ย აპრ ապր сәуір сәу ápri prilis",
    "may mai maj mag maí mei maio mayo maig máj май мая мај трав травн μάι μαι μαΐ kvě kve svi svib geg touko beal bealtaine maggio mei maijs \
     مايو ماي ايار مه مئی מאי मई মে மே พฤษภ พ.ค მაი մայ мамыр мам mayıs",
    "jun jún xun giu jui juin juny ιουν ιούν ιον июн юни јун черв чэрв cze červ cerv červn lipanj lipnja bir juuni jūn kesä kes haz hun meh meith qer eka iun iyun iyn \
     يونيو جوان حزيران ژوئن جون יוני जून জুন ஜூன் มิถุน มิ.ย ივნ հուն маусым мау",
    "jul júl xul lug juil ιουλ ιούλ ιολ июл юли јул лип ліп lip lipiec lipca červenec července cervenec cervence červenc srpanj srpnja lie juuli jūl hei heinä tem hul gor iúil korr uzt iul \
     iyul يوليو جويليه جويلية تموز ژوئیه جولائی יולי जुलाई জুলাই ஜூலை กรกฎ ก.ค ივლ հուլ шілде шіл",
    "aug aoû aou ago agu ags ago août agos ogos avq авг серп жні жнів αυγ αύγ sie srp srpen srpna kol rugp elo ağu agu aws lún gush abu ág aug \
     اغسطس أغسطس اوت آب اوت اگست אוגוסט अगस्त আগস্ট ஆகஸ்ட் สิงห ส.ค აგვ օգոս тамыз там",
    "sep set szep sept сен септ сеп вер верас σεπ wrz zář zar ruj rugs syys eyl med meán fómh sht ira sen سبتمبر ايلول أيلول سپتامبر ستمبر ספטמבר सितंबर सितम्बर \
     সেপ্টেম্বর செப்டம்பர் กันย ก.ย სექ սեպ қыркүйек қыр",
    "oct okt out ott ουτ οκτ окт жовт каст кастр paź paz říj rij spa loka eki ekim hyd deir tet urr اكتوبر أكتوبر تشرينالاول تشرينالأول اکتبر اکتوبر אוקטובר अक्टूबर \
     अक्तूबर অক্টোবর அக்டோபர் ตุล ต.ค ოქტ հոկտ қазан қаз",
    "nov noi noy nob νοε нов ноя ное лист ліст листоп lis stu studeni studenog lap marras kas kasım tach samh nën nen aza نوفمبر تشرينالثاني نوامبر نومبر נובמבר नवंबर नवम्बर \
     নভেম্বর நவம்பர் พฤศจ พ.ย ნოე նոյ қараша қар",
    "dec dez dic dis des dek dets déc δεκ дек дец груд снеж gru pro prosin gruo joulu ara aralık rhag noll dhj abe ديسمبر كانونالاول كانونالأول دسامبر دسمبر דצמבר दिसंबर दिसम्बर \
     ডিসেম্বর டிசம்பர் ธันว ธ.ค დეკ դեկ желтоқсан жел",
];
