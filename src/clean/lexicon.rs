//! The phrases themselves. Written in lower case, parted by `|`; `#` stands for any number, a trailing `*` for any ending of the
//! word, a trailing `…` for a few more words. What a story may say, too, bears a `?`: a whole sentence of it is furniture only where it speaks
//! to the reader.

/// Furniture where they are the whole block.
pub(super) const WHOLE: &[(&str, &str)] = &[
    (
        "picture credit",
        "getty images|getty|gettyimages|shutterstock|istock|alamy|alamy stock photo|unsplash|pexels|pixabay|picture alliance|picture alliance dpa|imago|imago images|adobe stock|depositphotos|afp via getty images|wikimedia commons|file photo|stock photo|\
         symbolbild|symbolfoto|archivbild|archivfoto|photo darchives|foto de archivo|foto darchivio|archive photo|фото из архива|资料图|資料照片|資料写真|자료사진",
    ),
    (
        "comments",
        "responses|responses #|# responses|discussion about this post|نظر دهید|comment|comments|# comment|# comments|comments #|no comments|no comments yet|add comment|add a comment|post comment|post a comment|write a comment|view comments|view all comments|\
         show comments|see comments|read comments|load comments|leave comment|leave a comment|submit comment|join the discussion|reply|replies|# replies|cancel reply|comments off|\
         comments are closed|comment policy|discussion|conversation|kommentar|kommentare|kommentare #|# kommentare|# kommentar|comentarios|# comentarios|comentar|comentários|# comentários|\
         commentaires|# commentaires|réagir|commenti|# commenti|комментарии|комментарии #|# комментариев|комментарий|обсудить|коментарі|yorumlar|yorum|yorum yap|# yorum|reacties|\
         # reacties|komentar|komentarze|komentáře|bình luận|التعليقات|تعليقات|تعليق|اضف تعليق|أضف تعليق|نظرات|نظر شما|دیدگاه|评论|评论#|留言|網友評論|コメント|コメント#|댓글|댓글#|टिप्पणी|टिप्पणियाँ|प्रतिक्रिया दें|\
         rate this article|was this article helpful|was this helpful|we value your feedback|commenter|je mabonne|réagissez à cet article|cet article vous a plu|votre avis|\
         reageren|reageer|diskuse|diskuze|komentiraj|komentari|коментари|коментирай|hozzászólások|szólj hozzá|szóljon hozzá|comentarii|comentează|σχόλια|\
         σχολιάστε|keskustelu|kommentit|kommentarer|kommentera|yorum gönder|yorumunuzu yazın|обсудить в комментариях|написать комментарий|مشاركات القراء|\
         هل أعجبك المقال|ارسال نظر|ارسال دیدگاه|دیدگاه ها|تبصرہ|تبصرے|تبصرہ کریں|جواب دیں|کۆمێنت|لێدوان|وەڵامێک بنووسە|תגובות|תגובה|הוסף תגובה|মন্তব্য|\
         মন্তব্য করুন|ความคิดเห็น|แสดงความคิดเห็น|maoni|acha maoni|bình luận của bạn|ý kiến|我要评论|網友留言|コメントする|댓글쓰기|댓글 쓰기",
    ),
    (
        "share",
        "share|share this|share this…|share on…|share via…|share it|share article|share this article|share story|share post|share full article|share with…|tweet|retweet|pin it|pin|print|\
         print this…|print friendly…|print article|email|e mail|email this…|copy link|link copied|copied|facebook|twitter|x|whatsapp|telegram|linkedin|pinterest|reddit|instagram|youtube|messenger|\
         viber|vk|rss|flipboard|tumblr|threads|bluesky|mastodon|xing|save|save article|bookmark|like|like this|like loading|like this like loading|gift article|teilen|artikel teilen|drucken|merken|kopieren|link kopieren|\
         link kopiert|versenden|per mail|e mail senden|partager|imprimer|envoyer|copier le lien|compartir|compartir en…|comparte|compártelo|imprimir|guardar|enviar|compartilhe|compartilhar|\
         compartilhar…|salvar|condividi|condividi…|stampa|invia|delen|deel|deel dit…|dela|dela…|del|del artikkel…|udostępnij|sdílet|zdieľať|megosztás|поделиться|поделиться…|поделитесь…|\
         распечатать|скопировать ссылку|поширити|paylaş|yazdır|bagikan|sdílet…|zdieľať…|подели на…|podijeli na…|podeli na…|deel op…|jaa facebookissa|jaa twitterissä|jaa whatsappissa|แชร์ไปยัง…|பகிர்|பகிர|షేర్ చేయండి|शेअर करा|શેર કરો|ಹಂಚಿಕೊಳ್ಳಿ|പങ്കിടുക|ਸਾਂਝਾ ਕਰੋ|გაზიარება|կիսվել|бөлісу|ulashing|ulashish|shpërndaje|сподели|deli|dalintis|dalīties|jaga|salin link|chia sẻ|شارك|شارك…|مشاركة|طباعة|انشر|اشتراک گذاری|چاپ|分享|分享到|分享到…|打印|收藏|シェア|シェアする|ツイート|\
         保存|印刷|공유|공유하기|기사 공유|인쇄|शेयर|शेयर करें|\
         save for later|save this…|gift this article|send by email|print this article|teilen sie diesen…|artikel drucken|artikel speichern|seite drucken|\
         partager sur…|partager cet article|partagez…|comparte esta…|comparte este…|compartir esta…|compartilhe esta…|compartilhe este…|compartilhar esta…|\
         condividi su…|condividi questo…|deel dit artikel|tilaa|jaa|jaa artikkeli|поделитесь новостью|поделиться новостью|поділитися|поділитись|подели|podijeli|\
         podeli|distribuie|distribuie pe…|megosztás…|κοινοποίηση|κοινοποιήστε|bu haberi paylaş|haberi paylaş|facebookta paylaş|שתפו|שתף|שיתוף|শেয়ার|শেয়ার করুন|\
         แชร์|แชร์ข่าวนี้|شیئر کریں|شیئر|هاوبەشی پێکردن|رابط مختصر|نسخ الرابط|تم نسخ الرابط|شارك الخبر|شارك المقال|لینک کوتاه…|کپی لینک|کپی شد|ارسال به دوستان|\
         bagikan artikel|chia sẻ bài viết|記事をシェア|この記事をシェア|분享하기|좋아요|좋아요 #|글자크기|글자 크기|글씨크기|기사 저장|스크랩|시리즈",
    ),
    (
        "advertising",
        "ad|ads|advert|advertisement|advertisements|advertising|advertise|sponsored|sponsored content|sponsored by…|promoted|promoted content|paid content|paid post|partner content|anzeige|anzeigen|\
         werbung|publicité|pub|publicidad|publicidade|pubblicità|advertentie|реклама|reklam|reklama|reklame|annonse|annons|annonce|mainos|hirdetés|iklan|quảng cáo|إعلان|اعلان|إعلانات|آگهی|\
         تبلیغات|広告|pr|광고|廣告|广告|विज्ञापन|advertisement continue reading|advertisement story continues…|advertisement article continues…|story continues below…|article continues below…|advertisement continues below|text continues below|continue reading|\
         continue reading…|continue reading below|scroll to continue…|scroll down to continue…|remove ads|report this ad|der artikel wird nach…|ad feedback|why am i seeing this ad|\
         sponsored links|anzeige anzeige|la suite après la publicité|la suite après cette publicité|continua após a publicidade|depois da publicidade…|\
         la noticia continúa después…|sigue después de la publicidad|dalsza część artykułu…|reszta artykułu…|dalsza część tekstu…|článek pokračuje…|\
         artikeln fortsätter…|artikkelen fortsetter…|artiklen fortsætter…|het artikel gaat verder…|tekst gaat verder…|lees verder onder de advertentie|oglas|\
         oglasi|publicitate|διαφήμιση|פרסומת|פרסומות|বিজ্ঞাপন|โฆษณา|اشتہار|ڕیکلام|рекламе|оглас|огласи|请继续往下阅读|請繼續往下閱讀|請繼續往下閱讀…|廣告 請繼續往下閱讀|articolul continuă…|\
         η συνέχεια μετά…|haberin devamı…|продолжение после рекламы|lanjutkan membaca…|advertisement scroll…",
    ),
    (
        "navigation",
        "home|menu|main menu|search|close|open|skip|skip to…|back|back to top|back to…|next|previous|prev|next article|next post|next story|next page|previous article|previous post|\
         previous story|older posts|newer posts|post navigation|load more|show more|show less|show all|view all|view more|view gallery|view #…|see all|see more|expand|collapse|top|read full…|\
         listen to article|listen to this article|listen to this…|listen to story|listen to the article|listen to the story|listen|play|play video|play audio|pause|mute|unmute|watch|watch now|watch video|watch live|video|videos|audio|gallery|photo gallery|\
         photos|loading|please wait|view original|table of contents|contents|in this article|in this story|page #…|# # |#|# of #|# von #|# de #|# sur #|# из #|inhalt|inhaltsverzeichnis|nach oben|\
         zum seitenanfang|zurück|weiter|mehr anzeigen|mehr laden|artikel anhören|diesen artikel anhören|den artikel anhören|artikel vorlesen|artikel vorlesen lassen|text vorlesen lassen|beitrag anhören|vorlesen|anhören|zur startseite|startseite|fermer|ouvrir|retour|accueil|suivant|précédent|écouter|écouter…|\
         cerrar|volver|inicio|siguiente|anterior|escuchar|ver más|cargar más|avanti|indietro|chiudi|ascolta|назад|вперед|вперёд|наверх|слушать|закрыть|показать ещё|geri|ileri|dinle|kapat|次へ|前へ|\
         トップ|トップへ|ホーム|上一篇…|下一篇…|上一页|下一页|返回|返回…|首页|إغلاق|التالي|السابق|الرئيسية|المزيد|بستن|بعدی|قبلی|목록|이전|다음|위로|आगे|पीछे|होम|fullscreen|enlarge image|click to enlarge|bild vergrößern|\
         copy|wird geladen|laden|chargement|cargando|загрузка|yükleniyor|\
         list of # items|list # of #|end of list|previous post…|next post…|previous article…|next article…|previous story…|next story…|previous news…|\
         halaman selanjutnya|selanjutnya|sebelumnya|看更多|點我看更多|点击进入…|下载app|下載app|下载客户端|打开app…|打开客户端…|阅读原文|纠错|我要纠错|跳至主要內容|목록으로|맨위로|กลับหน้าแรก|αρχική|חזרה…|צפו…|\
         لمشاهدة الفيديو|شاهد الفيديو|مزید|مزید دیکھیں",
    ),
    (
        "related",
        "related|related articles|related article|related stories|related story|related news|related posts|related post|related content|related coverage|related topics|related links|related reading|related items|\
         related videos|related video|recommended|recommended for you|recommended stories|recommended reading|recommended articles|we recommend|read more|read more…|read also|read next|read on|also read|see also|\
         more news|more stories|more articles|more reading|more to read|more coverage|more like this|more on this|more on this story|more on this topic|more on…|more from…|more in…|more stories from…|\
         you may like|you may also like|you might like|you might also like|you might also like…|you may also like…|you may also enjoy|you may also be interested in|you might be interested in|what to read next|trending|trending now|\
         trending stories|most read|most popular|most viewed|most commented|popular|popular now|popular posts|popular stories|editors picks|editors pick|editors choice|top stories|latest|latest news|latest stories|\
         latest posts|latest articles|latest videos|latest headlines|breaking news|dont miss|must read|must reads|up next|explore more|further reading|in other news|other news|elsewhere|similar articles|similar posts|\
         similar stories|in case you missed it|recent posts|recent articles|featured|featured stories|featured posts|featured articles|mehr zum thema|mehr zum thema…|mehr dazu|mehr lesen|mehr artikel|mehr aus…|mehr von…|\
         mehr zu…|mehr über…|mehr themen|mehr nachrichten|zum thema|auch interessant|lesen sie auch|lesen sie mehr…|lest auch|weiterlesen|weitere artikel|weitere nachrichten|weitere themen|weitere meldungen|\
         weitere informationen|weitere beiträge|weitere links|weitere news|weitere artikel…|verwandte artikel|verwandte themen|verwandte beiträge|ähnliche artikel|ähnliche beiträge|das könnte sie auch interessieren|\
         das könnte dich auch interessieren|das thema könnte dich auch interessieren|diese themen könnten dich auch interessieren|dieser artikel könnte dich auch interessieren|diese artikel könnten sie auch interessieren|das könnte ihnen auch gefallen|das könnte dir auch gefallen|das könnte…|meistgelesen|meistgelesene artikel|neueste artikel|neueste beiträge|siehe auch|passend zum thema|\
         passend dazu|mehr aus dem ressort|themen|à lire aussi|lire aussi|lire plus|lire la suite|lire également|voir aussi|à voir aussi|sur le même sujet|sur le même thème|article lié|articles liés|articles similaires|articles associés|\
         les plus lus|pour aller plus loin|dans la même rubrique|à la une|à découvrir|noticias relacionadas|noticia relacionada|relacionado|relacionados|relacionadas|artículos relacionados|artículo relacionado|te puede interesar|\
         te puede interesar…|también te puede interesar|lee también|lea también|leer más|lee más|lea más|ver también|más información|más noticias|más leídas|más leídos|lo más leído|lo más visto|te recomendamos|más sobre…|\
         leggi anche|leggi tutto|leggi di più|articoli correlati|correlati|potrebbe interessarti|potrebbe interessarti anche|vedi anche|ultime notizie|leia também|leia mais|veja também|veja mais|saiba mais|notícias relacionadas|mais lidas|\
         relacionados|lees ook|lees meer|lees verder|gerelateerd|gerelateerde artikelen|meer nieuws|meer over…|les også|les mer|læs også|læs mere|läs också|läs mer|läs även|se også|se också|mer om…|relaterte artikler|\
         relaterade artiklar|lue myös|lue lisää|czytaj też|czytaj także|czytaj również|czytaj więcej|czytaj dalej|zobacz też|zobacz także|zobacz również|przeczytaj też|przeczytaj także|powiązane artykuły|polecane|čtěte také|\
         související články|související|mohlo by vás zajímat|přečtěte si|přečtěte si také|súvisiace články|kapcsolódó cikkek|kapcsolódó|olvasta már|citește și|citeste si|vezi și|articole similare|читайте также|читайте ещё|читать далее|\
         читать также|читать полностью|по теме|материалы по теме|ещё по теме|смотрите также|новости по теме|похожие статьи|похожие новости|другие новости|главное|самое читаемое|популярное|последние новости|новости партнеров|читайте також|\
         дивіться також|за темою|останні новини|ilgili haberler|ilgili haber|ilgili konular|benzer haberler|bunlar da ilginizi çekebilir|diğer haberler|devamını oku|çok okunanlar|son dakika|son haberler|editörün seçtikleri|\
         baca juga|baca selengkapnya|lihat juga|simak juga|berita terkait|artikel terkait|terkait|terpopuler|berita terbaru|xem thêm|tin liên quan|đọc thêm|bài viết liên quan|اقرأ أيضا|اقرأ أيضاً|اقرأ أيضًا|اقرأ ايضا|إقرأ أيضا|\
         إقرأ أيضاً|اقرا ايضا|اقرأ المزيد|مواضيع ذات صلة|مواضيع متعلقة|أخبار ذات صلة|أخبار متعلقة|ذات صلة|شاهد أيضا|شاهد أيضاً|مقالات ذات صلة|الأكثر قراءة|آخر الأخبار|اخبار مرتبط|مطالب مرتبط|خبرهای مرتبط|بیشتر بخوانید|همچنین بخوانید|مرتبط|\
         آخرین اخبار|پربازدیدترین ها|ये भी पढ़ें|यह भी पढ़ें|इसे भी पढ़ें|और पढ़ें|संबंधित खबरें|संबंधित समाचार|関連記事|関連ニュース|関連リンク|関連キーワード|関連トピックス|関連する記事|関連|あわせて読みたい|続きを読む|おすすめ|おすすめ記事|おすすめの記事|\
         人気記事|アクセスランキング|ランキング|新着記事|最新ニュース|相关阅读|相关新闻|相关文章|相关报道|相关链接|相关推荐|相關新聞|相關文章|相關報導|相關閱讀|延伸阅读|延伸閱讀|推荐阅读|阅读更多|更多新闻|更多|热门新闻|热门文章|最新消息|猜你喜欢|관련기사|관련 기사|관련뉴스|\
         관련 뉴스|많이 본 기사|많이 본 뉴스|추천 기사|추천기사|최신 기사|\
         keep reading|keep reading…|sigue leyendo|sigue leyendo…|seguir leyendo|bạn đọc có thể quan tâm|có thể bạn quan tâm|บทความที่เกี่ยวข้อง|ข่าวที่เกี่ยวข้อง|\
         อ่านข่าวเพิ่มเติม|อ่านต่อ|อ่านเพิ่มเติม|σχετικά άρθρα|διαβάστε ακόμη|διαβαστε ακομη|διαβαστε επισης|διαβαστε περισσοτερα|διαβάστε επίσης|διαβάστε περισσότερα|δείτε επίσης|vezane vijesti|povezane vijesti|\
         povezane vesti|повезане вести|свързани новини|прочетете още|citeşte mai mult|citește mai mult|citeşte şi|știri similare|kapcsolódó anyagok|\
         ez is érdekelheti|قراءات ذات صلة|زیاتر بخوێنەوە|هەواڵی پەیوەندیدار|بابەتی پەیوەندیدار|مزید پڑھیں|مزید خبریں|متعلقہ خبریں|یہ بھی پڑھیں|לכתבה המלאה|\
         קראו עוד|כתבות נוספות|עוד בנושא|আরও পড়ুন|আরও খবর|সম্পর্কিত খবর|soma zaidi|soma pia|habari zinazohusiana|更多精彩内容…|更多报道…|查看更多|더보기|기사 더보기|이 기사도 보세요|\
         함께 보면 좋은 기사",
    ),
    (
        "follow",
        "follow|followers|# followers|#k followers|# #k followers|# #m followers|following|follow the author|folgen|# follower|seguir|seguidores|suivre|abonnés|segui|подписчики|takip et|متابعة|متابعون|关注|粉丝|フォロワー|팔로워",
    ),
    (
        "byline",
        "by|by…|written by…|words by…|story by…|text by…|posted by…|reported by…|by staff…|von|von…|par|por|di|door|af|автор|автор…|yazan|oleh|نوشته|بقلم|بقلم…|کتب…|کد خبر…|text|reporter|author|author…|autor|autor…|autorin|autoren|\
         redaktion|redacción|redazione|la rédaction|rédaction|staff|staff writer|staff reporter|staff report|editor|about the author|about author|über den autor|über die autorin|sobre el autor|à propos de lauteur|об авторе|\
         written by|posted by|記者|责任编辑…|責任編輯…|编辑…|記者…|文…|\
         محرر|نوشته شده توسط|نویسنده|编辑部|編集部|編集局|newsdesk|news desk|web desk|desk report|nachrichtenredaktion",
    ),
    (
        "time",
        "انتهای پیام|انتهى|(끝)|끝|ends|اهـ|updated…|last updated…|first published…|published…|posted…|last modified…|modified…|created…|date…|posted on…|published on…|# min read|# minute read|# mins read|# minutes read|min read|minute read|reading time…|read time…|\
         # seconds ago|# minutes ago|# mins ago|# hours ago|# hour ago|an hour ago|# days ago|# day ago|# weeks ago|# months ago|# years ago|today|yesterday|just now|aktualisiert…|zuletzt aktualisiert…|veröffentlicht…|\
         erstellt…|stand…|lesezeit…|lesedauer…|vor # minuten|vor # stunden|vor # tagen|publié…|mis à jour…|modifié le…|temps de lecture…|lecture # min|il y a # heures|publicado…|actualizado…|atualizado…|hace # horas|\
         tiempo de lectura…|pubblicato…|aggiornato…|tempo di lettura…|опубликовано…|обновлено…|дата публикации…|# минут назад|# часов назад|время чтения…|время чтения # мин|оновлено…|güncelleme…|güncellenme…|giriş…|yayınlanma…|yayın tarihi…|\
         gepubliceerd…|laatst bijgewerkt…|publisert…|oppdatert…|publicerad…|uppdaterad…|opdateret…|publiceret…|diterbitkan…|diperbarui…|تاريخ النشر…|نشر في…|آخر تحديث…|تاریخ انتشار…|公開日…|公開…|更新日…|更新…|掲載日…|发布时间…|\
         發布時間…|更新时间…|时间…|입력…|수정…|등록…|प्रकाशित…|अपडेट…|\
         leestijd…|leestijd # minuten|læsetid…|lesetid…|lästid…|czas czytania…|lukuaika…|timp de citire…|χρόνος ανάγνωσης…|ultimo aggiornamento…|\
         ultima atualização…|última actualización…|dernière mise à jour…|letzte aktualisierung…|letztes update…|son güncelleme…|okuma süresi…|وقت القراءة…|\
         مدة القراءة…|زمان مطالعه…|published at…|पब्लिश्ड…|阅读时间…|本文字数…|共#字|残り #文字…|全文 #文字|約#分で読めます|읽는 시간…|この記事は約…",
    ),
];

/// Furniture where they open a block that is a link, goes on after a colon or is no sentence.
pub(super) const OPENS: &[(&str, &str)] = &[
    (
        "related",
        "read more|read also|read next|read full story|read the full|read our|read on|also read|must read|see also|related|related story|related article|more on this|more from|more about|more on|watch|watch also|watch more|watch live|\
         watch now|watch the|listen|listen now|recommended|dont miss|in pictures|in photos|opinion|click here|tap here|find out more|learn more|see more|see the|view the|explore|check out|explainer|analysis|exclusive|follow our|\
         mehr zum thema|mehr dazu|mehr zu|lesen sie|lest auch|lest hier|lies auch|lies mehr|auch interessant|siehe auch|sehen sie|hier lesen|hier geht|hier gibt|hier finden|interview|kommentar|video|podcast|passend dazu|weitere infos|\
         mehr aktuelle|jetzt lesen|newsblog|liveblog|live ticker|liveticker|lire aussi|à lire|à voir|à écouter|voir aussi|lire|notre dossier|retrouvez|découvrez|en images|lee también|lea también|leer también|lee además|leer más|mira|mire|\
         vea|ver también|te puede interesar|también puede|le puede interesar|más información|lea más|lee más|además|leggi anche|leggi pure|leggi|guarda|guarda anche|approfondisci|leia também|leia mais|veja também|veja mais|veja|\
         saiba mais|lees ook|lees meer|lees verder|bekijk|les også|les mer|les hele|læs også|læs mere|läs också|läs mer|läs även|se også|se også video|se också|lue myös|lue lisää|czytaj też|czytaj także|czytaj również|czytaj więcej|\
         zobacz też|zobacz także|zobacz również|zobacz|przeczytaj też|przeczytaj także|przeczytaj|čtěte také|čtěte více|přečtěte si|citește și|vezi și|читайте также|читайте ещё|читайте еще|читайте подробнее|читайте в материале|\
         смотрите также|подробнее|по теме|материал по теме|читайте також|читайте на тему|дивіться також|ilgili haber|haberin devamı|ayrıca bak|ayrıca oku*|baca juga|baca selengkapnya|simak juga|lihat juga|tonton juga|xem thêm|đọc thêm|\
         اقرأ أيضا|اقرأ أيضاً|اقرأ أيضًا|اقرأ ايضا|إقرأ أيضا|إقرأ أيضاً|اقرأ المزيد|شاهد أيضا|شاهد أيضاً|شاهد|بیشتر بخوانید|همچنین بخوانید|ये भी पढ़ें|ये भी पढ़े|यह भी पढ़ें|इसे भी पढ़ें|पूरी खबर|関連記事|関連|あわせて読みたい|相关阅读|相关新闻|相關新聞|\
         延伸阅读|延伸閱讀|另请参阅|另見|另见|관련기사|관련 기사|\
         הכתבה המלאה|קראו גם|קראו עוד|עוד בנושא|διαβάστε επίσης|διαβάστε ακόμη|διαβάστε περισσότερα|δείτε επίσης|pročitajte i|pročitajte još|pročitajte više|\
         прочитајте још|прочетете още|вижте още|citeşte şi|citeşte mai mult|citește mai mult|olvasta már|olvass tovább|olvassa el|یہ بھی پڑھیں|مزید پڑھیں|\
         یہ بھی دیکھیں|আরও পড়ুন|আরও দেখুন|อ่านเพิ่มเติม|อ่านข่าว|อ่านต่อ|ข่าวที่เกี่ยวข้อง|soma pia|soma zaidi|simak video|tonton video|更多新聞|更多新闻|更多報導|\
         previous post|next post|زیاتر بخوێنەوە|بخوانید|مطالعه بیشتر|लेख पढ़ें|और पढ़ें|हेही वाचा|हे पण वाचा|மேலும் படிக்க|இதையும் படிங்க|இதையும் படியுங்கள்|ఇవి కూడా చదవండి|ఇదీ చదవండి|ఇది కూడా చదవండి|આ પણ વાંચો|ಇದನ್ನೂ ಓದಿ|ഇതും വായിക്കുക|\
         ਇਹ ਵੀ ਪੜ੍ਹੋ|həmçinin oxuyun|oxşar xəbər*|წაიკითხეთ ასევე|ასევე წაიკითხეთ|կարդացեք նաև|сондай ақ оқыңыз|shuningdek oqing|lexo edhe|lexoni edhe|прочитајте и|preberite tudi|skaitykite taip pat|lasi arī|loe ka|lesa einnig",
    ),
    (
        "contact",
        "contact|email|e mail|tel|telephone|phone|kontakt|follow|folge|suivez|sigue|website|web|twitter|facebook|instagram|kontakte|telefon|pressekontakt|medienkontakt|media contact|press contact",
    ),
];

/// Furniture where they open the block.
pub(super) const SURE: &[(&str, &str)] = &[
    (
        "newsletter",
        "newsletter?|get latest|catch all the?|gefällt dir unser*|gefällt ihnen unser*|lust auf mehr|we want to hear what you think|for the latest stories|read all the latest|check out all the latest|for all the latest|for the latest news|for more news|for latest news|to receive new posts|thanks for reading|thank you for reading?|you are receiving this|you received this|view this email|view in browser|view online|unsubscribe|sign up for?|sign up to?|sign up now|sign up here|subscribe to?|subscribe now|subscribe here|subscribe today|subscribe for|subscribe?|join our newsletter|join our mailing|join our community|join our whatsapp|join our telegram|\
         join our channel|get the latest|get our|get all the latest|get breaking news|get more?|jetzt abonnieren|jetzt anmelden|melden sie sich|abonnieren sie|suscríbete|suscribite|suscríbase|suscribirse|inscrivez vous|abonnez vous|\
         recevez?|iscriviti|assine?|inscreva se|receba?|schrijf je in|meld je aan|meld deg på|meld dig til|tilmeld dig|anmäl dig|zapisz się|zasubskrybuj|подпишитесь|подписывайтесь|подписаться|підпишіться|підписуйтесь|abone ol*|\
         berlangganan|đăng ký|اشترك*|عضویت در|सब्सक्राइब|メルマガ|ニュースレター|订阅|訂閱|\
         souscrivez|odebírejte|prihláste sa|iratkozz fel|iratkozzon fel|abonează te|abonați vă|abonaţi vă|εγγραφείτε|הירשמו|הרשמו|ติดตามข่าวสาร|กดติดตาม|\
         subscribe করুন|ثبت نام در خبرنامه|نیوز لیٹر|公式lineで最新|公式lineで友だち|友だち追加|구독하고|구독 신청|regístrate gratis|regístrese|pour ne rien manquer|per restare aggiornat*|\
         per rimanere aggiornat*|para não perder|para no perderte|zum weiterlesen registrier*|会員登録する*|लेटेस्ट खबरों के लिए|लेटेस्ट न्यूज़ के लिए|आपको यह खबर",
    ),
    (
        "follow",
        "follow us|follow me on|follow him on?|follow her on?|follow them on?|follow?|like us on|find us on|join us on|connect with us|stay connected?|stay tuned?|stay up to date|stay updated|stay informed|keep up with?|keep up to date?|download the?|\
         download our|get the app|get our app|folgen sie|folge uns|folgt uns|síguenos|siguenos|sígueme|siga nos|siga o?|suivez nous|suivez lactualité|retrouvez nous?|seguici|volg ons|følg oss|følg os|følj oss|följ oss|sledujte nás|\
         obserwuj nas|следите за нашими|следите за нами|следите за новостями|следуйте за нами|читайте нас|мы в telegram|наш telegram|bizi takip|ikuti kami|ikuti berita|ikuti saluran|ikuti terus|dapatkan?|theo dõi?|تابعونا|تابعنا|تابعوا|\
         ما را در|फॉलो|हमें फॉलो|देश और दुनिया की|देश दुनिया की|ताजा खबरों के लिए|ताज़ा खबरों के लिए|扫一扫|扫码|关注我们|フォロー|\
         téléchargez*|téléchargez notre|descarga nuestra|descarga la app|descargue nuestra|baixe o nosso|baixe nosso|baixe o app|scarica la nostra|scarica lapp|\
         download onze|laden sie unsere|hol dir die|pobierz naszą|pobierz aplikację|скачайте наше|скачивайте|установите приложение|حمل تطبيق*|حملوا تطبيق*|\
         لتحميل تطبيق*|تابع آخر|تابع أحدث|انضموا إلى|انضم إلى قناتنا|دانلود اپلیکیشن|اپلیکیشن ما|unduh aplikasi|tải ứng dụng|下载我们的|更多精彩内容|請下載|加入line|アプリをダウンロード|앱 다운로드|\
         카카오톡 채널 추가|polub nas|dołącz do nas|kövess minket|kövessen minket|urmăriți ne|urmăriţi ne|urmărește ne|pratite nas|пратите нас|следвайте ни|\
         последвайте ни|ακολουθήστε μας|ακολουθήστε το|ακολουθήστε τη*|βρείτε μας|הצטרפו ל*|הצטרפו אלינו|עקבו אחר*|ติดตามเรา*|ติดตามข่าว*|ہمیں فالو|\
         ہمارے ساتھ جڑ*|আমাদের ফেসবুক|tufuate|bizi google|seuraa meitä|追蹤我們|按讚追蹤|add as a preferred|make us preferred|make us your preferred|add us as a preferred|\
         buy me a coffee|enjoyed this article|liked this article|enjoying this story",
    ),
    (
        "comments",
        "# thoughts on?|one thought on?|# responses to?|one response to?|# replies to?|one reply to?|# comments on?|one comment on?|# gedanken zu?|ein gedanke zu?|# kommentare zu?|ein kommentar zu?|# antworten auf?|# réflexions sur?|une réflexion sur?|\
         # commentaires sur?|# réponses à?|# comentarios en?|# respuestas a?|# pensamientos en?|un comentario en?|# comentários em?|# comentários sobre?|# respostas para?|# pensieri su?|un pensiero su?|# commenti su?|# risposte a?|# gedachten over?|# reacties op?|\
         # thoughts about?|# мыслей о?|# комментариев к?|# комментария к?|# комментарий к?|# odpowiedzi do?|# komentarzy do?|# yorum var?|# thoughts to?",
    ),
    (
        "contact",
        "got a story|got a tip|got a news tip|have a story|have a tip|have a news tip|have a question|have an opinion|do you have an opinion|do you have an experience|do you have a story|do you have a tip|do you have a question|do you have information|send us?|send your?|email us?|contact us?|\
         write to us?|you can reach?|you can email|you can contact|to report a?|report a typo|report an error|spotted an error|spotted a typo|found an error|noticed an error|notice an error|see an error|haben sie fehler|haben sie einen fehler|\
         haben sie fragen|haben sie hinweise|fehler gefunden|fehler melden|fehler entdeckt|schreiben sie uns|schreiben sie an|hinweis der redaktion|anmerkung der redaktion|signaler une|une erreur dans|si encuentra|escríbenos|\
         scrivi a|нашли ошибку|нашли опечатку|заметили ошибку|если вы нашли|если вы заметили|знайшли помилку|fant du en feil|tips oss|har du tips|har du et tips|hittat fel|if you have a story|if you have a tip|if you have a question|if you have any|if you have information|if you have been affected|\
         ¿has encontrado|has encontrado un|encontraste un error|fout gezien|zie je een fout|heb je een tip|masz ciekawy temat|masz temat|widzisz błąd|\
         zauważyłeś błąd|якщо ви помітили|якщо ви знайшли|помітили помилку|сообщить об опечатке|сообщить об ошибке|rätta fel|tipsa oss|har du tips*|\
         našli jste chybu|ai o sugestie|מצאתם טעות|דווחו לנו|ご意見 ご感想|お問い合わせは|情報提供は|제보는|제보하기|기사제보|transparenzhinweis|korrekturhinweis|in eigener sache|\
         原标题|原標題|特别声明|免责声明|免責聲明|本文来源|本文转载|新闻热线|投稿邮箱|dieser artikel wurde automatisch",
    ),
    (
        "copyright",
        "copyright?|©|c #|materiał chroniony prawem|materiały chronione prawem|all rights reserved|urheberrecht|alle rechte vorbehalten|tous droits réservés|todos los derechos|tutti i diritti|todos os direitos|все права|tüm hakları|hak cipta|جميع الحقوق|تمامی حقوق|कॉपीराइट|版权所有|版权声明|著作権|저작권|disclaimer the|disclaimer this|disclaimer opinions|disclaimer all|disclaimer?|haftungsausschluss|\
         alle rechten voorbehouden|wszelkie prawa|všechna práva|усі права|всі права|kaikki oikeudet|med ensamrätt|riproduzione riservata|queda prohibida|\
         prohibida la reproducción|prohibida su reproducción|reprodução proibida|proibida a reprodução|reproduction interdite|перепечатка материалов|перепечатка разрешена|перепечатка допускается|перепечатка возможна|перепечатка запрещена|перепечатка без|\
         использование материалов сайта|использование материалов разрешается|при использовании материалов|כל הזכויות|στοιχεία επικοινωνίας|με επιφύλαξη|สงวนลิขสิทธิ์|bản quyền|版權所有|本文版权|本网站所|未经许可不得|禁止转载|\
         本 기사는|본 기사는 저작권|저작권자|ⓒ|無断での|無断使用|drepturile rezervate|toate drepturile|minden jog|sva prava|сва права|всички права",
    ),
    (
        "tags",
        "tags?|tag?|tagged?|tagged with|filed under|posted in?|keywords?|schlagwörter|schlagworte|schlagwort|stichwörter|etiquetas|mots clés|palavras chave|теги?|метки?|тэги?|рубрики?|etiketler|štítky|từ khóa|الوسوم|وسوم|كلمات مفتاحية|برچسب*|\
         キーワード|标签|標籤|关键词|關鍵字|태그|टैग|\
         tagi|tag nella|archivado en|trefwoorden|ключевые слова|ключові слова|תגיות|แท็ก|ετικέτες|etichete|címkék|oznake|ознаке|етикети|タグ|टैग्स|كلمات دلالية|\
         کلیدواژه*|ٹیگز|تاگەکان|ট্যাগ|avainsanat|emneord|nyckelord|ämnen|关键字|tagged in",
    ),
    (
        "related",
        "the post?|larticolo?|leia o artigo completo em|read the original|read the full story at|read the full article at|read the rest?|read in browser",
    ),
];

/// Furniture wherever they stand in a short block.
pub(super) const HOLDS: &[(&str, &str)] = &[
    (
        "comments",
        "email address will not be published|required fields are marked|save my name email|notify me of new|notify me of follow|leave a reply?|leave a comment?|log in to leave|sign in to leave|log in to comment|sign in to comment|login to comment|\
         log in to post|log in to reply|first to comment|comments are closed|comments are moderated|comments powered|posting a comment|join the conversation?|house rules?|e mail adresse wird nicht|erforderliche felder|kommentar schreiben|\
         kommentar verfassen|kommentar hinterlassen|kommentar abgeben|schreibe einen kommentar|schreiben sie einen kommentar|kommentarfunktion|correo electrónico no será|campos obligatorios|deja una respuesta|deja un comentario|\
         deja tu comentario|dejar una respuesta|dejar un comentario|adresse e mail ne sera pas|adresse email ne sera pas|adresse de messagerie ne sera|champs obligatoires|laisser un commentaire|indirizzo email non sarà|campi obbligatori|\
         lascia un commento|lascia una risposta|email não será publicado|endereço de e mail não|campos obrigatórios|deixe um comentário|deixe uma resposta|geef een reactie|geef een antwoord|e mailadres wordt niet|e postadresse vil ikke|\
         e postadress kommer inte|e mail adresse vil ikke|adres email nie zostanie|adres e mail nie zostanie|dodaj komentarz|e mailová adresa nebude|адрес email не будет|адрес e mail не будет|адрес электронной почты не|обязательные поля|\
         добавить комментарий|оставить комментарий|написать комментарий|e posta hesabınız|e posta adresiniz|bir yanıt yaz*|bir cevap yaz*|yorum yaz*|alamat email anda tidak|tinggalkan balasan|tinggalkan komentar|لن يتم نشر عنوان|\
         البريد الإلكتروني الخاص بك|اترك تعليق*|اترك رد*|إلغاء الرد|نشانی ایمیل شما|دیدگاهتان را|بخش های موردنیاز|आपका ईमेल पता|टिप्पणी करें|एक उत्तर छोड़ें|メールアドレスが公開|コメントを残す|コメントを書く|電子メールアドレスが公開|电子邮箱地址不会|\
         您的邮箱地址不会|電子郵件地址不會|发表评论|发表回复|發表評論|發表迴響|發佈留言|取消回复|email của bạn sẽ không|이메일 주소는 공개|댓글 달기|залишити відповідь|залишити коментар|адреса не оприлюднюватиметься|обовязкові поля|αφήστε μια απάντηση|αφήστε ένα σχόλιο|σας δεν δημοσιεύεται|υποχρεωτικά πεδία|lämna ett svar|lämna en kommentar|obligatoriska fält|\
         legg igjen en kommentar|legg igjen et svar|obligatoriske felt|skriv et svar|jätä kommentti|sähköpostiosoitettasi ei julkaista|pakolliset kentät|zostaw odpowiedź|zostaw komentarz|wymagane pola są|napsat komentář|\
         vyžadované informace jsou|pridaj komentár|lasă un răspuns|lasă un comentariu|adresa ta de email nu va fi|câmpurile obligatorii|vélemény hozzászólás|az e mail címet nem tesszük|вашият имейл адрес няма|оставите одговор|\
         vaša adresa e pošte neće|để lại một bình luận|viết một bình luận|các trường bắt buộc|जवाब रद्द करें|প্রতিক্রিয়া জানান|আপনার ই মেইল এ্যাড্রেস|כתיבת תגובה|האימייל לא יוצג|ใส่ความเห็น|อีเมลของคุณจะไม่|\
         آپ کا ای میل ایڈریس|\
         адреса е поште неће|неопходна поља|vaša adresa e pošte|obavezna polja|anwani yako ya barua pepe|ضروری خانوں|ช่องข้อมูลจำเป็น|\
         שדות החובה|আবশ্যক বিষয়গুলো|必須項目です|必填欄位|必填项|필수 필드|ruas yang wajib|kötelező mezők*|bắt buộc được đánh dấu",
    ),
    (
        "newsletter",
        "our newsletter|newsletter abonnieren|newsletter bestellen|kostenlosen newsletter|our daily newsletter|our weekly newsletter|free newsletter|email newsletter?|to your inbox|in your inbox?|our mailing list|our whatsapp channel?|our telegram channel?|\
         our whatsapp|our telegram|whatsapp kanal?|whatsapp channel?|telegram channel?|telegram kanal?|canal de whatsapp?|canal de telegram?|canal whatsapp?|canale whatsapp?|canale telegram?|telegram канал*?|nuestro boletín|nuestra newsletter|notre newsletter|\
         nostra newsletter|nossa newsletter|onze nieuwsbrief|vårt nyhetsbrev|vores nyhedsbrev|ニュースレターを|قناتنا على|\
         newsletterimizden|whatsapp kanalımız*?|telegram kanalımız*|grupo do whatsapp?|canal no whatsapp?|canal no telegram?|grupo de whatsapp?|chaîne whatsapp?|\
         chaîne telegram?|kanał whatsapp?|whatsapp kanał*?|gruppo telegram?|قناتنا في|قناة واتساب|کانال تلگرام ما|کانال ما در|व्हाट्सऐप चैनल|टेलीग्राम चैनल|\
         ערוץ הטלגרם|ערוץ הוואטסאפ|关注微信|微信公众号关注|关注公众号|粉絲專頁|粉絲團|line官方|公式lineで最新|카카오톡 채널 추가|channel whatsapp?|kanal whatsapp?|saluran whatsapp?|kênh youtube?|kênh telegram?|\
         telegram кан*?|нашому telegram|нашем telegram|telegram csatorn*?|google newsben|trust project|google haberlerde takip|google newsda takip",
    ),
    (
        "paywall",
        "to continue reading|already a subscriber|already subscribed|already have an account|already a member|subscribers only?|only for subscribers?|this article is for subscribers|this content is for|log in to read|sign in to read|log in to continue?|\
         sign in to continue?|log in to access?|start your free trial|free articles left?|articles remaining?|become a member?|become a subscriber?|become a patron|create a free account?|create an account?|support our journalism|\
         support independent journalism|please subscribe?|weiterlesen mit|lesen sie weiter mit|jetzt weiterlesen|jetzt testen|jetzt freischalten|nur für abonnenten|exklusiv für abonnenten|bereits abonnent|bereits registriert|möchten sie weiterlesen|\
         um weiterzulesen|digital abo|digitalabo|probeabo|plus abo|ich bin abonnent|benötige ein abo|réservé à nos abonnés|réservé aux abonnés|déjà abonné|il vous reste|exclusivo para suscriptores|exclusiva para suscriptores|ya eres suscriptor|\
         ya soy suscriptor|già abbonato|riservato agli abbonati|exclusivo para assinantes|for abonnenter|för prenumeranter|kun for abonnenter|tylko dla subskrybentów|доступно подписчикам|только для подписчиков|有料会員|無料会員|会員限定|\
         登録して続き|ログインして続き|続きを読むには|\
         alleen voor abonnees|om verder te lezen|lees verder met|tylko dla prenumeratorów|zaloguj się aby czytać|aby czytać dalej|доступен только подписчикам|доступна только подписчикам|чтобы читать дальше|оформите подписку|\
         лише для передплатників|щоб читати далі|付费内容|订阅后继续|订阅后可|訂閱後|付費內容|登录后继续|للمشتركين فقط|لمتابعة القراءة|abonelere özel*|devamını okumak için abone|유료 회원|유료회원|구독자 전용|구독자만|vain tilaajille|\
         jatkaaksesi lukemista|tilaajana pääset|केवल ग्राहकों के लिए|आगे पढ़ने के लिए|सदस्यों के लिए|ویژه مشترکان|برای ادامه مطلب|برای خواندن ادامه|log ind for at læse|kræver abonnement|logga in för att läsa|logg inn for å lese|for å lese videre|\
         krever abonnement|pour lire la suite|abonnez vous pour lire|suscríbete para seguir|per continuare a leggere|para continuar lendo|csak előfizetőknek|pouze pro předplatitele|len pre predplatiteľov|doar pentru abonați|\
         μόνο για συνδρομητές|khusus pelanggan|untuk melanjutkan membaca",
    ),
    (
        "player or consent",
        "browser does not support|browser doesnt support|enable javascript?|javascript is disabled|javascript is required|requires javascript|accept all cookies|accept cookies?|manage cookies?|allow cookies?|cookie settings?|cookie policy?|uses cookies?|\
         use cookies?|need your consent?|need your permission?|view this post on?|view more on instagram|content is not available|externer inhalt|externen inhalt|externe inhalte|externen inhalte|redaktioneller inhalt|an dieser stelle finden|\
         an dieser stelle befindet|an dieser stelle steht|an dieser stelle ist|an dieser stelle würde|privatsphäre einstellungen|datenschutzeinstellungen|datenschutzerklärung?|cookie einstellungen|bitte aktivieren sie|javascript aktivieren|\
         contenu bloqué|contenu externe|ce contenu nest pas|accepter les cookies|aceptar cookies|aceptar las cookies|accetta i cookie|включите javascript|браузер не поддерживает|video player|video unavailable?|the media could not be loaded|\
         something went wrong?|privacy policy?|terms of service?|terms of use?|terms and conditions?|your privacy choices?",
    ),
    (
        "share",
        "feedburner|add to del icio us|digg this|stumble this|subscribe to the comments|email this blogthis|share this article|share this story|share this post|share this page|share your thoughts?|like this story|spread the word?|spread the love?|click to share|click to email|click to print|opens in new window|share it with",
    ),
    (
        "copyright",
        "all rights reserved|may not be published broadcast|may not be reproduced|without permission?|without written permission?|alle rechte vorbehalten|nachdruck nur|tous droits réservés|todos los derechos reservados|tutti i diritti riservati|\
         все права защищены|无断转载|無断転載|無断複製|版权所有|未经授权|未經授權|무단전재|무단 전재",
    ),
    (
        "related",
        "संपादित नहीं किया|सिंडीकेट फीड|सिंडिकेट फीड|फेसबुक पर लाइक|यूट्यूब पर सब्सक्राइब|ट्विटर पर फॉलो|व्हाट्सएप चैनल|ce message est apparu en premier|apparu en premier sur|erschien zuerst auf|se publicó primero en|apareció primero en|aparece primero en|apareceu primeiro em|è apparso per primo su|verscheen eerst op|появились сначала на|впервые появилась на|впервые появился на|yazısı ilk önce|dök först upp på|pochodzi z serwisu|ظهرت المقالة|ظهر المقال|اولین بار در|に最初に表示されました|最先出现在|appeared first on|first appeared on?|originally appeared on?|for more stories like this|check our news page|click here to read|click here for|schon gelesen",
    ),
    (
        "contact",
        "get in touch with our|get in touch by|email us at|contact our news team|contact the author|letters to the editor?|ihre meinung ist uns wichtig|senden sie uns ihr feedback|hat ihnen dieser artikel gefallen|unterstützen sie uns?|\
         ihre kommentare themenbezogen|möchten sie den artikel teilen|möchten sie diesen artikel teilen",
    ),
    (
        "player or consent",
        "read by a computer voice|read aloud by a computer|read by an automated voice|read by an ai voice|audio is generated automatically|audio was generated automatically|audio is automatically generated|audio is ai generated|audio version of this article|\
         computerstimme eingelesen|computerstimme vorgelesen|computerstimme gesprochen|künstlicher stimme vorgelesen|ki generierte stimme|audioversion dieses artikels|audioversion dieses textes|audioversion dieses beitrags|voix de synthèse|version audio de cet article|\
         voz sintética?|versión de audio de este artículo|generato automaticamente con voce",
    ),
    (
        "player or consent",
        "inhalte erlauben|inhalte von youtube|mir inhalte von|mir externe inhalte|zum youtube inhalt|personenbezogene daten an drittplattformen",
    ),
];

/// Furniture where they end a block that has a link.
pub(super) const CLOSES: &[(&str, &str)] = &[(
    "newsletter",
    "sign up|sign up now|sign up here|sign up today|subscribe|subscribe now|subscribe here|subscribe today|jetzt anmelden|hier anmelden|jetzt abonnieren|hier abonnieren|jetzt bestellen|kostenlos anmelden|sinscrire|je minscris|je mabonne|\
     sabonner|suscríbete|suscríbete aquí|suscribirme|apúntate|iscriviti|iscriviti ora|iscriviti qui|inscreva se|assine|assine agora|schrijf je in|meld je aan|anmäl dig|anmäl dig här|meld deg på|tilmeld dig|tilmeld dig her|zapisz się|\
     подписаться|подпишитесь|підписатися|abone ol|hemen abone ol|berlangganan|đăng ký|đăng ký ngay|اشترك الآن|اشترك|ثبت نام|सब्सक्राइब करें|登録する|登録はこちら|購読する|立即订阅|立即訂閱|구독하기",
)];

/// What opens a line that names where a story is from, before a colon or dash.
pub(super) const CREDIT_CUES: &str = "source|sources|quelle|quellen|fuente|fuentes|fonte|fonti|bron|bronnen|kilde|kilder|källa|källor|lähde|lähteet|źródło|źródła|zdroj|zdroje|forrás|sursa|sursă|izvor|източник|источник|источники|\
     джерело|джерела|kaynak|sumber|nguồn|πηγή|المصدر|مصدر|المصادر|منبع|ماخذ|سەرچاوە|çavkanî|מקור|स्रोत|সূত্র|ที่มา|来源|來源|出典|情報元|配信|출처|via|\
     извор|извори|chanzo|ذرائع|ذریعہ|بشکریہ|πηγές|מקורות|източници|sursele|izvori|资料来源|mənbə|წყარო|աղբյուր|дереккөз|manba|burimi|vir|šaltinis|avots|allikas|heimild|iturria|ஆதாரம்|மூலம்|మూలం|સ્ત્રોત|સ્રોત|स्त्रोत|ಮೂಲ|ഉറവിടം|കടപ്പാട്|ਸਰੋਤ|資料來源|综合|消息来源|источник новости|источник фото|fuente original|kaynaklar|सूत्र|sumber berita|ที่มาข่าว|סוכנויות";

/// What opens a line that names whose picture it is, before a colon or dash.
pub(super) const PICTURE_CUES: &str = "photo|photos|foto|fotos|image|images|picture|pictures|bild|bilder|credit|credits|photo credit|\
     image credit|photo by|photo courtesy|image source|image courtesy|bildquelle|foto di|foto de|crédit photo|crédits photo|фото|fotoğraf|写真|사진|ảnh|gambar|illustration|grafik|titelbild|symbolbild|quelle bild|abbildung|\
     fot|fotó|fotografía|fotografia|fotografie|photographie|photographe|fotografija|φωτό|φωτογραφία|φωτο|צילום|תצלום|תמונה|صورة|الصورة|تصوير|عکس|تصویر|عکاس|फोटो|तस्वीर|छवि|ছবি|ภาพ|ภาพถ่าย|图片|图|图源|图片来源|图片提供|圖|圖片|圖片來源|照片|摄影|攝影|撮影|画像|사진제공|사진 제공|kuva|valokuva|zdjęcie|zdjęcia|zdjęcie główne|zdjęcie ilustracyjne|ilustracja|ilustrační foto|foto ilustrační|ilustračné foto|billede|ảnh chụp|picha|снимка|фотография|фотограф|світлина|resim|görsel";

/// What opens a line that names one who worked on the story, before a colon.
pub(super) const ROLE_CUES: &str = "editor|editors|edited by|editing|editör|editörü|muhabir|kameraman|fotoğraf|redaktor|redakteur|redakteurin|redaktion|schlussredaktion|lektorat|editado por|edição|reportagem|edición|rédaction|relecture|\
     revisione|redactie|redaktör|редактор|редакторы|автор|корреспондент|редакція|المحرر|تحرير|إعداد|إعداد وتحرير|خبرنگار|ویراستار|دبیر|संपादक|संपादन|reporter|penulis|reporter editor|biên tập|责任编辑|責任編輯|责编|編輯|编辑|校对|审核|监制|作者|记者|記者|撰文|来稿|取材|文責|기자|편집|교열|취재|사진|author|authors|writer|translator|translation|переводчик|übersetzung|traduction|traducción|\
     נכתב על ידי|tác giả|dịch giả|نویسنده|مترجم|المحررة|كتب|كتبت|ترجمة|редактирала|уредник|urednik|autorzy|opracowanie|oprac|zpracoval|szerző|szerkesztő|autorul|συντάκτης|συντάκτρια|επιμέλεια|লেখক|প্রতিবেদক|ผู้เขียน|เรียบเรียง|通讯员|实习生|统筹|策划|制图|剪辑|文|図版|構成|聞き手|편집자|영상편집|영상취재";

/// What opens a line that says who helped or where it first appeared.
pub(super) const CREDITS: &str = "reporting by|additional reporting|writing by|editing by|compiled by|translated by|edited by|with reporting|with inputs from|with pti inputs|with ani inputs|with ians inputs|with agency inputs|with agencies inputs|with input from|inputs from|with agency|with agencies|with additional reporting|\
     with material from|with files from|this story was originally|this article was originally|this article was first|this story was first|this post was originally|this report was first|originally published|first published in|first published on|\
     this story has been published from|this story has not been edited|mit material von|mit material der|mit informationen von|mit agenturmaterial|mit inhalten von|mit dpa|dpa infocom|avec afp|avec reuters|con información de|con informazioni|\
     com informações|dieser artikel erschien zuerst|dieser text erschien zuerst|dieser artikel stammt|dieser beitrag erschien zuerst|zuerst erschienen|haber kaynağı|по материалам|по матеріалам|по информации агентства|\
     redaktion|schlussredaktion|übersetzung|faktencheck|aus dem englischen von|aus dem englischen übersetzt|traduit de|traducción|dieser artikel ist eine übersetzung|our standards";

/// What opens a line about a picture.
pub(super) const PICTURES: &str =
    "photo by|photos by|photograph by|image by|photo credit|photo courtesy|image courtesy|courtesy of|file photo";

/// What speaks to the reader or for the house, and where it is to be followed.
pub(super) const ADDRESS: &str = "you|your|yours|we|us|our|i|me|my|du|dein|deine|deinen|deinem|dir|dich|euch|eure|uns|unser|unsere|unseren|unserem|unserer|wir|ich|ihren posteingang|ihr postfach|vous|votre|vos|nous|notre|nos|je|\
     tu|tus|te|nuestro|nuestra|nuestros|nuestras|você|nosso|nossa|nossos|nossas|tuo|tua|tuoi|nostro|nostra|nostri|vostro|jouw|jij|uw|ons|onze|deg|dig|dere|vår|vårt|vores|twój|twoje|nasz|nasze|naszą|naszym|naszego|\
     вы|вас|вам|ваш|ваша|ваше|ваши|мы|нас|нам|наш|наша|наше|наши|нашем|нашего|нашей|нашу|ви|нашому|нашого|siz|sizi|size|bizi|bize|bizim|anda|kami|bạn|chúng tôi|quý vị|on facebook|on instagram|on twitter|on x|on youtube|on whatsapp|on telegram|on linkedin|on tiktok|on google news|on bluesky|on threads";

/// What tells what somebody said: in such a sentence nobody speaks to the reader.
pub(super) const TELLS: &str = "said|says|told|wrote|writes|posted|announced|reported|stated|claimed|warned|sagte|sagten|schrieb|schrieben|teilte|erklärte|a dit|a déclaré|a écrit|a indiqué|dijo|escribió|anunció|afirmó|declaró|disse|escreveu|afirmou|anunciou|\
     ha detto|ha scritto|ha dichiarato|zei|schreef|sa|skrev|powiedział|powiedziała|napisał|napisała|сказал|сказала|написал|написала|сообщил|сообщила|сообщили|заявил|заявила|повідомив|повідомила|заявив|dedi|yazdı|söyledi|açıkladı|menulis|mengatakan|kata|cho biết|viết";
