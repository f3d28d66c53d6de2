use super::*;

fn block(text: &str, linked: usize) -> Block {
    Block { linked, ..Block::of_words(text) }
}

fn check(text: &str, expect: Option<&str>) {
    assert_eq!(furniture(&block(text, 0)), expect, "{text}");
}

#[test]
fn a_link_to_subscribe_makes_the_words_before_it_a_newsletter_box() {
    let text = "The Morning Tide All that matters on the coast, free of charge, by e-mail. Sign up now";
    assert_eq!(furniture(&block(text, 11)), Some("newsletter"));
    check(text, None);
}

#[test]
fn furniture_is_told_in_many_languages() {
    for (text, what) in [
        ("Leave a Reply", "comments"),
        ("Your email address will not be published. Required fields are marked *", "comments"),
        ("12 Comments", "comments"),
        ("ADVERTISEMENT", "advertising"),
        ("Lesen Sie auch: Das Dorf am Hang.", "related"),
        ("Читайте также", "related"),
        ("ये भी पढ़ें: गाँव की कहानी", "related"),
        ("関連記事", "related"),
        ("اقرأ أيضاً", "related"),
        ("Sign up for our newsletter", "newsletter"),
        ("Tags: harbour, council", "tags"),
        ("© 2026 The Harbour Post", "copyright"),
        ("5 min read", "time"),
        ("Sign up for The Tide, our free letter.", "newsletter"),
        ("Copyright © 2026 The Harbour Post, LLC.", "copyright"),
        ("This site uses cookies to improve your visit.", "player or consent"),
        ("Follow @harbour on all of them.", "follow"),
        ("La suite après la publicité", "advertising"),
        ("Wszelkie prawa zastrzeżone", "copyright"),
        ("Якщо ви помітили помилку, виділіть її", "contact"),
        ("ΔΙΑΒΑΣΤΕ ΑΚΟΜΗ", "related"),
        ("Διαβάστε επίσης: Πλοίο προσάραξε", "related"),
        ("הצטרפו לערוץ הטלגרם שלנו", "follow"),
        ("แชร์", "share"),
        ("আরও পড়ুন: ফেরি চরে আটকা", "related"),
        ("یہ بھی پڑھیں: کشتی ساحل پر", "related"),
        ("زیاتر بخوێنەوە", "related"),
        ("Повезане вести", "related"),
        ("댓글쓰기", "comments"),
        ("點我看更多", "navigation"),
        ("This article was read by a computer voice.", "player or consent"),
        ("Dieser Text wurde mit einer Computerstimme eingelesen.", "player or consent"),
        ("Diesen Artikel anhören", "navigation"),
        ("3 thoughts on “Council votes to rebuild the northern pier after the storm in January”", "comments"),
        ("ఇవి కూడా చదవండి: పడవ తిరిగి", "related"),
        ("શેર કરો", "share"),
        ("For the latest stories, download our app for the harbour.", "newsletter"),
        ("Lust auf mehr? Die besten Geschichten kommen jede Woche.", "newsletter"),
        ("Das Thema könnte dich auch interessieren:", "related"),
        ("Materiał chroniony prawem autorskim.", "copyright"),
    ] {
        check(text, Some(what));
    }
}

#[test]
fn stories_may_use_the_same_words() {
    for text in [
        "Read more than forty reports and you will still not know, she said.",
        "The council will read more than forty reports before it votes in May.",
        "She shared the photograph with her brother, who printed it.",
        "Advertising revenue fell by a third, the publisher said on Tuesday.",
        "The comment drew laughter from the benches.",
        "The governor wrote on his Telegram channel that three people had been hurt in the night.",
        "The ministry said this on its Telegram channel.",
        "Der Gouverneur schrieb auf seinem Telegram-Kanal, dass drei Menschen verletzt wurden.",
        "El gobernador escribió en su canal de Telegram que tres personas resultaron heridas.",
        "Об этом сообщил губернатор в Telegram-канале.",
        "Il sindaco ha scritto sul suo canale Telegram che tre persone sono ferite.",
        "港口管理部门在微信公众号上表示，码头将于春天开工。",
        "知事は公式LINEで避難を呼びかけたと発表した。",
        "Follow the money, the prosecutor told the jury.",
        "Copyright law does not cover the work, the judge said.",
        "Tags on the bags showed that they came from the port.",
        "Newsletter writers earn more than reporters, the survey found.",
        "He entered the port without permission and was held for two days.",
        "The company, which uses cookies to follow its users, was fined in May.",
        "Its privacy policy does not say so, the regulator found.",
        "Police want people to leave a comment or call the station.",
        "Send us home, the crew told the owner in a letter that was read out on Monday.",
        "If you have seen the boat, the police ask you to call them.",
        "Thank you for reading my letter, she told the judge.",
        "The bank said it would become a member of the network by June.",
    ] {
        check(text, None);
    }
}

#[test]
fn a_source_is_named_and_not_told_of() {
    for (text, expect) in [
        ("Source: Harbour News Agency", true),
        ("Source :", true),
        ("Sources: the ministry would not name them, but three officials confirmed the plan on Monday.", false),
    ] {
        assert_eq!(source(&block(text, 0)), expect, "{text}");
    }
}

#[test]
fn captions_end_in_a_credit() {
    for (text, expect) in [
        ("Waves over the pier on Monday. (AP Photo/Ann Lee)", true),
        ("Wellen über dem Pier (Foto: Anna Müller)", true),
        ("Waves over the pier [Photo by Ann Lee]", true),
        ("The council voted on Tuesday (see the photo on page 3 of the report that the harbour master wrote).", false),
        ("He paid 500 euros (about 540 dollars).", false),
    ] {
        assert_eq!(picture(&block(text, 0)), expect, "{text}");
    }
}

#[test]
fn walls_and_forms_are_told_in_many_languages() {
    for (what, texts) in [
        (
            "paywall",
            &[
                "This article is for subscribers only. Subscribe now to continue reading.",
                "Dieser Artikel ist nur für Abonnenten.",
                "Cet article est réservé aux abonnés. Il vous reste 70 % de cet article à lire.",
                "Contenido exclusivo para suscriptores.",
                "Este conteúdo é exclusivo para assinantes.",
                "Contenuto riservato agli abbonati.",
                "Dit artikel is alleen voor abonnees. Word lid om verder te lezen.",
                "Artykuł dostępny tylko dla prenumeratorów.",
                "Материал доступен только подписчикам.",
                "Читати далі: лише для передплатників",
                "Bu içerik sadece abonelere özeldir.",
                "هذا المحتوى للمشتركين فقط.",
                "این مطلب ویژه مشترکان است.",
                "यह लेख केवल ग्राहकों के लिए है।",
                "この記事は有料会員限定です。残り1234文字",
                "本文为付费内容，订阅后继续阅读",
                "이 기사는 유료 회원만 볼 수 있습니다.",
                "Tämä artikkeli on vain tilaajille.",
                "Den här artikeln är endast för prenumeranter.",
            ][..],
        ),
        (
            "comments",
            &[
                "Leave a Reply",
                "Your email address will not be published. Required fields are marked *",
                "Schreibe einen Kommentar",
                "Laisser un commentaire",
                "Deja una respuesta",
                "Deixe um comentário",
                "Lascia un commento",
                "Geef een reactie",
                "Zostaw odpowiedź",
                "Lämna ett svar",
                "Legg igjen en kommentar",
                "Jätä kommentti",
                "Napsat komentář",
                "Lasă un răspuns",
                "Добавить комментарий",
                "Обов’язкові поля позначені *",
                "Αφήστε μια απάντηση",
                "Bir yanıt yazın",
                "Tinggalkan Balasan",
                "Để lại một bình luận",
                "اترك تعليقاً",
                "دیدگاهتان را بنویسید",
                "प्रतिक्रिया दें",
                "コメントを残す",
                "发表回复",
                "댓글 달기",
            ],
        ),
    ] {
        for text in texts {
            assert_eq!(furniture(&block(text, 0)), Some(what), "{text}");
        }
    }
}

#[test]
fn names_of_networks_make_a_share_bar_in_any_language() {
    for (text, expect) in [
        ("Bagikan ke: Facebook WhatsApp Telegram", true),
        ("Chia sẻ Facebook Zalo", true),
        ("Facebook and Twitter are to pay for the pier, the council says", false),
        ("Telegram", false),
    ] {
        assert_eq!(networks(&block(text, 0)), expect, "{text}");
    }
}

#[test]
fn a_link_with_the_kind_of_its_file_is_a_download() {
    for (text, linked, expect) in [
        ("Plan of the pier (PDF) 2.1 MB", 15, true),
        ("Minutes of the meeting PDF, 140 KB", 18, true),
        ("Plan of the pier for all to see", 15, false),
        ("The plan is a file of 12 MB that nobody has opened", 4, false),
    ] {
        assert_eq!(download(&block(text, linked)), expect, "{text}");
    }
}

#[test]
fn a_label_and_a_link_point_elsewhere() {
    for (text, linked, expect) in [
        ("Mwandishi mwingine: Kivuko chaendelea tena", 25, true),
        ("The mayor: We build it again", 0, false),
        ("The mayor: We build it again next year", 5, false),
        ("11:40: Boats come back", 13, false),
    ] {
        assert_eq!(pointed(&block(text, linked)), expect, "{text}");
    }
}

#[test]
fn a_word_and_a_name_sign_off() {
    for (text, expect) in [
        ("წყარო: ზღვის ამბები", true),
        ("Tickets: 12 crowns", false),
        ("And then: nothing.", false),
        ("The next meeting: Kelm", false),
    ] {
        assert_eq!(signs_off(&block(text, 0)), expect, "{text}");
    }
}
