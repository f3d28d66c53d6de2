//! Names of months, halves of the day and zones, as news pages write them.
//!
//! Month names from the Unicode CLDR (gregorian, persian, islamic calendars), inflected forms by stem.

use std::collections::HashMap;
use std::sync::LazyLock;

/// The calendar that a month name belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Calendar {
    Gregorian,
    Persian,
    Islamic,
}

/// Stems of the Gregorian months. A word matches when it equals one, or begins with one of four letters or more and goes on for
/// at most five.
const MONTHS: [&str; 12] = [
    "jan janv janu januar january janvier janeiro enero ene gennaio genn gen gener jänner jän sty styczeń \
     stycznia led leden ledna január ianuarie ian sausio saus janvār jaanuar tammikuu tammi ocak oca yanvar \
     январ янв січ січня студзен јануар јан siječanj siječnja sij urtarril januari janúar xaneiro يناير جانفي \
     ژانویه جنوری ינואר जनवरी जन जानेवारी জানুয়ারি জানুয়ারী ஜனவரி జనవరి ಜನವರಿ ജനുവരി ജാനുവരി જાન્યુઆરી ਜਨਵਰੀ \
     มกราคม มค იანვ իանվար հունվար ιανουαρί ιανουάρι ιαν janar janari januwari ionawr eanáir rêbendan ජනවාරි \
     ဇန်နဝါရီ មករា ມັງກອນ нэгдүгээр қаңтар январь",
    "feb febr februar february février fevrier févr fév fev fevereiro febrero febbraio febb febrer feber luty \
     lutego lut únor února úno február februarie vasario vas februār veebruar veebr helmikuu helmi şubat şub \
     fevral феврал фев лют лютого лютаг фебруар феб veljača veljače velj otsail februari febrúar febreiro \
     فبراير فيفري فوریه فروری شباط شوبات פברואר फरवरी फ़रवरी फर फेब्रुवारी ফেব্রুয়ারি ফেব্রুয়ারী பிப்ரவரி \
     ఫిబ్రవరి ಫೆಬ್ರವರಿ ഫെബ്രുവരി ફેબ્રુઆરી ਫ਼ਰਵਰੀ ਫਰਵਰੀ กุมภาพันธ์ กพ თებერვ փետրվար φεβρουαρί φεβρουάρι φεβ \
     shkurt februwari chwefror feabhra පෙබරවාරි ဖေဖော်ဝါရီ កុម្ភៈ ກຸມພາ ақпан",
    "mar mär märz march mars março marco marzo març marz mrt maart marzec marca břez březen března bře márc \
     március martie kovo kov mart marts märts maaliskuu maalis март мар марта берез березня бер сакавік \
     сакавіка ožujak ožujka ožu martxo maret mac martxoa مارس آذار ئازار مارچ מרץ मार्च মার্চ மார்ச் మార్చి \
     ಮಾರ್ಚ್ മാർച്ച് માર્ચ ਮਾਰਚ มีนาคม มีค მარტ մարտ μαρτί μάρτι μαρ machi mawrth márta මාර්තු မတ် មីនា ມີນາ \
     наурыз",
    "apr april avril avr abril abr aprile kwiecień kwietnia kwi dub duben dubna ápr április apríl aprilie \
     balandžio bal aprīl aprill huhtikuu huhti nisan nis aprel апрел апр квіт квітня красавік красавіка април \
     travanj travnja tra apiril أبريل ابريل إبريل أفريل نيسان نیسان آوریل اپریل אפריל अप्रैल एप्रिल এপ্রিল \
     ஏப்ரல் ఏప్రిల్ ಏಪ್ರಿಲ್ ഏപ്രിൽ એપ્રિલ ਅਪ੍ਰੈਲ เมษายน เมย აპრილ ապրիլ απριλί απρίλι απρ prill aprili ebrill \
     aibreán අප්‍රේල් ဧပြီ មេសា ເມສາ сәуір",
    "may mai maj maja mayo maio maggio magg mag maig mei květen května kvě máj május gegužės geg maijs maijā \
     toukokuu touko mayıs мая май мај маја трав травня травен maí svibanj svibnja svi maiatz مايو ماي أيار ايار \
     ئایار مه مئی מאי मई मे মে மே మే ಮೇ മേയ് મે ਮਈ พฤษภาคม พค მაის մայիս μαΐου μάιο μάϊο μαϊ maji mey bealtaine \
     මැයි မေ ឧសភា ພຶດສະພາ мамыр",
    "jun june juni juin junho junio giugno giu juny czerwiec czerwca cze červen června čvn jún június iunie iun \
     birželio birž jūnij juuni kesäkuu kesä haziran haz iyun июн червн черв чер чэрвен јун юни lipanj lipnja \
     lip ekain júní xuño يونيو يونيه جوان حزيران ژوئن جون יוני जून জুন ஜூன் జూన్ ಜೂನ್ ജൂൺ જૂન ਜੂਨ มิถุนายน มิย \
     ივნის հունիս ιουνί ιούνι ιουν qershor mehefin meitheamh ජූනි ဇွန် មិថុនា ມິຖຸນາ маусым",
    "jul july juli juillet juil julho julio luglio lug juliol lipiec lipca červenec července čvc júl július \
     iulie iul liepos liep jūlij juuli heinäkuu heinä temmuz tem iyul июл лип липня ліпен јул юли srpanj srpnja \
     srp uztail júlí xullo julai يوليو يوليه جويلية تموز تەممووز ژوئیه جولای جولائی יולי जुलाई जुलै জুলাই ஜூலை \
     జూలై ಜುಲೈ ജൂലൈ જુલાઈ ਜੁਲਾਈ กรกฎาคม กค ივლის հուլիս ιουλί ιούλι ιουλ korrik gorffennaf iúil ජූලි ဇူလိုင် \
     កក្កដា ກໍລະກົດ шілде",
    "aug august août aout agosto ago agost augustus sierpień sierpnia sie srpen srpna augusztus rugpjūčio rugp \
     augusts elokuu elo ağustos ağu avgust август авг серп серпня жніўн аугуст kolovoz kolovoza kol abuztu \
     augusti ágúst agustus agu ogos أغسطس اغسطس غشت أوت آب ئاب اوت اگست אוגוסט अगस्त ऑगस्ट আগস্ট ஆகஸ்ட் ఆగస్టు \
     ಆಗಸ್ಟ್ ഓഗസ്റ്റ് ઑગસ્ટ ਅਗਸਤ สิงหาคม สค აგვისტ օգոստոս αυγούστ αύγουστ αυγ gusht agosti awst lúnasa අගෝස්තු \
     ဩဂုတ် សីហា ສິງຫາ тамыз",
    "sep sept september septembre setembro set septiembre setiembre settembre sett setembre wrzesień września \
     wrz září zář szept szeptember septembrie rugsėjo rugs septembr syyskuu syys eylül eyl sentyabr сентяб сент \
     сен верес вер вересня верас септемвр септембар септ rujan rujna ruj irail سبتمبر شتنبر أيلول ايلول ئەیلوول \
     سپتامبر ستمبر ספטמבר सितंबर सितम्बर सप्टेंबर সেপ্টেম্বর செப்டம்பர் సెప్టెంబర్ ಸೆಪ್ಟೆಂಬರ್ സെപ്റ്റംബർ \
     સપ્ટેમ્બર ਸਤੰਬਰ กันยายน กย სექტემბ սեպտեմբեր σεπτεμβρί σεπτέμβρι σεπ shtator septemba medi meán \
     සැප්තැම්බර් စက်တင်ဘာ កញ្ញា ກັນຍາ қыркүйек септембри",
    "oct october okt oktober octobre outubro out octubre ottobre ott październik października paź říjen října \
     říj október octombrie spalio spal oktobr oktoober lokakuu loka ekim eki oktyabr октяб окт жовт жовтня \
     кастрычнік октомвр октобар urri أكتوبر اكتوبر اکتبر اکتوبر אוקטובר अक्टूबर अक्तूबर ऑक्टोबर অক্টোবর \
     அக்டோபர் అక్టోబర్ ಅಕ್ಟೋಬರ್ ഒക്ടോബർ ઑક્ટોબર ਅਕਤੂਬਰ ตุลาคม ตค ოქტომბ հոկտեմբեր οκτωβρί οκτώβρι οκτ tetor \
     oktoba hydref deireadh ඔක්තෝබර් အောက်တိုဘာ តុលា ຕຸລາ қазан",
    "nov november novembre novembro noviembre listopad listopada listopadu lis noiembrie lapkričio lapkr \
     novembr marraskuu marras kasım kas noyabr ноябр ноя нояб лист листопад лістапад ноемвр новембар нов \
     studeni studenoga studenog stu azaro nóvember nopember نوفمبر نونبر نوامبر نومبر נובמבר नवंबर नवम्बर \
     नोव्हेंबर নভেম্বর நவம்பர் నవంబర్ ನವೆಂಬರ್ നവംബർ નવેમ્બર ਨਵੰਬਰ พฤศจิกายน พย ნოემბ նոյեմբեր νοεμβρί νοέμβρι \
     νοε nëntor novemba tachwedd samhain නොවැම්බර් နိုဝင်ဘာ វិច្ឆិកា ພະຈິກ қараша",
    "dec december dez dezember décembre decembre déc dezembro diciembre dic dicembre desembre des desember \
     grudzień grudnia gru prosinec prosince pro decembrie gruodžio gruod decembr detsember joulukuu joulu \
     aralık ara dekabr декаб дек груд грудня снежан снежня декемвр децембар дец prosinac prosinca abendu \
     decembro disember ديسمبر دجنبر دسامبر دسمبر דצמבר दिसंबर दिसम्बर डिसेंबर ডিসেম্বর டிசம்பர் డిసెంబర్ \
     ಡಿಸೆಂಬರ್ ഡിസംബർ ડિસેમ્બર ਦਸੰਬਰ ธันวาคม ธค დეკემბ դեկտեմբեր δεκεμβρί δεκέμβρι δεκ dhjetor desemba rhagfyr \
     nollaig දෙසැම්බර් ဒီဇင်ဘာ ធ្នូ ທັນວາ желтоқсан",
];

static BY_NAME: LazyLock<HashMap<&str, i8>> = LazyLock::new(|| {
    let mut names = HashMap::new();
    for (names_of, month) in MONTHS.iter().zip(1_i8..) {
        for name in names_of.split(' ') {
            names.entry(name).or_insert(month);
        }
    }
    names
});

/// Months named by two words.
const TWO_WORDS: &[(&str, &str, u8)] = &[
    ("كانون", "الثاني", 1),
    ("كانون", "ثاني", 1),
    ("تشرين", "الأول", 10),
    ("تشرين", "الاول", 10),
    ("تشرين", "أول", 10),
    ("تشرين", "الثاني", 11),
    ("تشرين", "ثاني", 11),
    ("كانون", "الأول", 12),
    ("كانون", "الاول", 12),
    ("كانون", "أول", 12),
    ("کانوونی", "دووەم", 1),
    ("تشرینی", "یەکەم", 10),
    ("تشرینی", "دووەم", 11),
    ("کانوونی", "یەکەم", 12),
];

const PERSIAN: [&str; 12] =
    ["فروردین", "اردیبهشت", "خرداد", "تیر", "مرداد", "شهریور", "مهر", "آبان", "آذر", "دی", "بهمن", "اسفند"];

const ISLAMIC: &[(&str, &str, u8)] = &[
    ("محرم", "", 1),
    ("صفر", "", 2),
    ("ربيع", "الأول", 3),
    ("ربيع", "الاول", 3),
    ("ربيع", "الآخر", 4),
    ("ربيع", "الثاني", 4),
    ("جمادى", "الأولى", 5),
    ("جمادى", "الاولى", 5),
    ("جمادى", "الآخرة", 6),
    ("جمادى", "الثانية", 6),
    ("رجب", "", 7),
    ("شعبان", "", 8),
    ("رمضان", "", 9),
    ("شوال", "", 10),
    ("ذو", "القعدة", 11),
    ("ذي", "القعدة", 11),
    ("ذو", "الحجة", 12),
    ("ذي", "الحجة", 12),
];

/// The month named by `word` (lower case, no dots), perhaps together with the word after it: calendar, month, words used.
pub(super) fn month(word: &str, next: Option<&str>) -> Option<(Calendar, i8, usize)> {
    let next = next.unwrap_or_default();
    // Hebrew puts "in" before the name as one letter.
    let word = word.strip_prefix('ב').unwrap_or(word);
    for (first, second, month) in TWO_WORDS {
        if word == *first && next == *second {
            return Some((Calendar::Gregorian, i8::try_from(*month).ok()?, 2));
        }
    }
    if let Some(&month) = BY_NAME.get(word) {
        return Some((Calendar::Gregorian, month, 1));
    }
    if let Some(index) = PERSIAN.iter().position(|name| *name == word) {
        return Some((Calendar::Persian, i8::try_from(index + 1).ok()?, 1));
    }
    for (first, second, month) in ISLAMIC {
        if word == *first && (second.is_empty() || next == *second) {
            return Some((Calendar::Islamic, i8::try_from(*month).ok()?, if second.is_empty() { 1 } else { 2 }));
        }
    }
    // Inflected forms: the longest stem decides (`července` is July, `června` June).
    let ends: Vec<usize> = word.char_indices().map(|(at, _)| at).skip(4).collect();
    ends.iter()
        .rev()
        .take(5)
        .find_map(|&end| BY_NAME.get(word.split_at(end).0))
        .map(|&month| (Calendar::Gregorian, month, 1))
}

/// Whether `word` puts a twelve-hour time into the second half of the day (`Some(true)`), the first, or neither.
pub(super) fn afternoon(word: &str) -> Option<bool> {
    match word {
        "pm" | "下午" | "晚上" | "午後" | "오후" | "م" | "مساء" | "مساءً" | "μμ" | "بظ" | "بعدازظهر" | "عصر"
        | "পিএম" | "ch" | "sore" | "malam" => Some(true),
        "am" | "上午" | "早上" | "午前" | "오전" | "ص" | "صباحا" | "صباحاً" | "πμ" | "قظ" | "صبح" | "এএম" | "sa" => {
            Some(false)
        }
        _ => None,
    }
}

/// The zone that an abbreviation names: seconds east of Greenwich, or a place where it depends on the season.
///
/// Only abbreviations that news pages use in one sense (IANA tz database, 2025b).
pub(super) fn zone(word: &str) -> Option<Named> {
    let hours = |hours: f32| {
        #[expect(clippy::cast_possible_truncation, reason = "small multiples of a quarter hour")]
        Some(Named::Seconds((hours * 3600.0) as i32))
    };
    match word {
        "z" | "utc" | "gmt" | "ut" | "wet" => hours(0.0),
        "bst" | "cet" | "mez" | "wat" | "met" => hours(1.0),
        "cest" | "mesz" | "eet" | "sast" | "cat" => hours(2.0),
        "eest" | "msk" | "мск" | "trt" | "eat" => hours(3.0),
        "gst" => hours(4.0),
        "pkt" => hours(5.0),
        "ist" => hours(5.5),
        "npt" => hours(5.75),
        "wib" => hours(7.0),
        "wita" | "sgt" | "hkt" | "pht" | "myt" | "awst" => hours(8.0),
        "jst" | "kst" | "wit" => hours(9.0),
        "aest" => hours(10.0),
        "aedt" => hours(11.0),
        "nzst" => hours(12.0),
        "nzdt" => hours(13.0),
        "brt" | "art" | "adt" => hours(-3.0),
        "edt" => hours(-4.0),
        "est" | "cdt" => hours(-5.0),
        "cst" | "mdt" => hours(-6.0),
        "mst" | "pdt" => hours(-7.0),
        "pst" => hours(-8.0),
        "et" => Some(Named::Place("America/New_York")),
        "ct" => Some(Named::Place("America/Chicago")),
        "mt" => Some(Named::Place("America/Denver")),
        "pt" => Some(Named::Place("America/Los_Angeles")),
        _ => None,
    }
}

/// A zone named by its abbreviation.
pub(super) enum Named {
    Seconds(i32),
    Place(&'static str),
}
