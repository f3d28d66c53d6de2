//! Stems of the months' names in some seventy languages, folded. Made by `tests/bench/feed/months.py` from the names in CLDR
//! (`dates/calendars/gregorian/months`, as in Babel 2.18.0; Unicode License v3).

/// For January to December, the beginnings of words by which the month is known.
pub(super) const MONTHS: [&str; 12] = [
    "ean ene gen ian ion jaa jan led oca rbn reb sau sij sty tam urt xan yan ιαν сту січ янв яну јан қаң հնվ \
     հունվ ינו جان جنو كانونالث ينا ژان जन जा জা ਜਨ જા ஜன జన ಜನ ജന ජන มก มค ມກ ມັ ဇန ია ጃን មក 一",
    "chw fea feb fev fra hel lut ots peb sbt shk sib sub uno vas vee vel φεβ ақп лют феб фев փետ փտվ פבר شبا فبر \
     فرو فور فيف فېب फ़ फे ফে ਫ਼ ફે பி ఫి ಫೆ ഫെ පෙ กพ กุ ກພ ກຸ ဖေ თე ፌብ កុ 二",
    "ada adr bre kov maal maar mac mar mas maw mrt ozu μαρ бер мар нау сак մար մրտ מרץ اذا مار मा মা ਮਾ મા மா మా \
     ಮಾ മാ මා มี ມນ ມີ မတ მარ ማር មី 三",
    "abr aib api apr avr bal dub ebr eph huh kwi nis nsn pri tra απρ апр кві кра сәу ապր אפר ابر افر اور اپر نيس \
     अप एप এপ ਅਪ એપ ஏப ఏప ಏಪ ഏപ අප เม ມສ ເມ ဧပ აპ ኤፕ មេ 四",
    "bea geg gln gul kve maay mag mai maj may mei mej mey svi tou μαι маи мам мая мај тра մայ մյս מאי ايا ماي مه \
     ميی مۍ मई मे মে ਮਈ મે மே మే ಮೇ മേ මැ พค พฤษ ພພ ພຶ မေ მაი ሜይ ឧស 五",
    "bir cerven cervn cvn cze eka giu gun haz hez hun hzr iun iyn iyun juin jun juun kes lipa lipn meh meit qer \
     xun ιον ιουν июн ијн ијун мау чер чэр юни јун հնս հունի יונ جوا جون حزي يون ژوين जुन जू জুন ਜੂ જૂ ஜூன జూ ಜೂ \
     ജൂൺ ජූන มิ ມິ ဇွ ივნ ጁን មិ 六",
    "cervenc cervene cvc gor hei hul iui iul iyl iyul juil jul juul kor lie lip lug lul luu srpa srpnj tem tir \
     trm uzt xul ιολ ιουλ июл ијл ијул лип ліп шіл юли јул հլս հուլ יול تمو جول جوي يول ژويی जुल জুল ਜੁ જુ ஜூல జు \
     ಜು ജൂല ජූල กค กร ກລ ກໍ ဇူ ივლ ጁላ កក 七",
    "abu ag aou aug avg avq aws aww elo gus kol lun ogo ogs rugp sie srp tbx teb αυγ авг жні сер там օգո օգս אוג \
     اب اغس اوت اګس اگس غشت अग ऑग আগ ਅਗ ઑગ ஆக ఆగ ಆಗ ഓഗ අග สค สิ ສຫ ສິ ဩဂ აგ ኦገ សី 八",
    "eyl iln ilo ira med mfo rugs ruj seb sen sep set sht syy sze wrz zar σεπ вер сен сеп қыр սեպ ספט ايل سبت ستم \
     سپت سېپ شتن सप सि से সে ਸਤ સપ செ సె ಸೆ സെ සැ กย กั ກຍ ກັ စက სე ሴፕ កញ 九",
    "cot dfo eki hyd lok oct okt ott out paz rij spa tet urr οκτ жов кас окт қаз հոկ אוק اكت اکت تشرينالا अक ऑक \
     অক ਅਕ ઑક அக అక ಅಕ ഒക ඔක ตค ตุ ຕລ ຕຸ အေ ოქ ኦክ តុ 十",
    "aza kas lap lis marr mij mjd nen nob nof noi noo nop nov noy sam stu tac νοε лис ліс нов ное ноя ној қар նոյ \
     נוב تشرينالث نوا نوف نوم نون नव नो নভ ਨਵ નવ நவ నవ ನವ നവ නො พย พฤศ ພຈ ພະ နိ ნო ኖቬ វិ 十一",
    "abe ara ber brf dec dek des det dez dhj dic dis gru jou nol pro rha δεκ гру дек дец жел сне դեկ דצמ دجن دسا \
     دسم ديس كانونالا डि दि ডি ਦਸ ડિ டி డి ಡಿ ഡി දෙ ธค ธั ທວ ທັ ဒီ დე ዲሴ ធ្ 十二",
];
