use super::*;

fn people(text: &str) -> Vec<String> {
    read(text, &Site::default())
        .into_iter()
        .filter_map(|name| if let Name::Person(name) = name { Some(name) } else { None })
        .collect()
}

#[test]
fn people_are_read_out_of_bylines() {
    for (text, expect) in [
        ("By Ann Lee", &["Ann Lee"][..]),
        ("BY ANN LEE and BO EK", &["ANN LEE", "BO EK"]),
        ("By Ann Lee, Bo Ek and Cy Young, Staff Writer", &["Ann Lee", "Bo Ek", "Cy Young"]),
        ("Von Anna Müller und Dr. Bernd Groß", &["Anna Müller", "Bernd Groß"]),
        ("Von Anna Müller, Berlin (dpa)", &["Anna Müller"]),
        ("Par Anne-Marie L’Hôte et José de la Cruz", &["Anne-Marie L’Hôte", "José de la Cruz"]),
        ("Por María José García y Juan Pérez", &["María José García", "Juan Pérez"]),
        ("di Marco De Luca", &["Marco De Luca"]),
        ("Автор: Анна Иванова", &["Анна Иванова"]),
        ("بقلم: ليلى حسن", &["ليلى حسن"]),
        ("作者：王小明", &["王小明"]),
        ("山田太郎 記者", &["山田太郎"]),
        ("김철수 기자", &["김철수"]),
        ("Ann Lee, Senior Harbour Correspondent, and Bo Ek", &["Ann Lee", "Bo Ek"]),
        ("Ann Lee, Cy Young, and Bo Ek", &["Ann Lee", "Cy Young", "Bo Ek"]),
        ("Ann Lee, Cy Young et Bo Ek", &["Ann Lee", "Cy Young", "Bo Ek"]),
        ("By Ann Lee ann.lee@a.example", &["Ann Lee"]),
        ("By Ann Lee @annlee", &["Ann Lee"]),
        ("By Ann Lee on May 3, 2024", &["Ann Lee"]),
        ("Von Anna Müller am Montag, 19. Oktober 2019 um 11:14 Uhr", &["Anna Müller"]),
        ("Par Anne Lhôte le 3 mai 2024", &["Anne Lhôte"]),
        ("Von Mat\u{ad}thi\u{ad}as Lauer", &["Matthias Lauer"]),
        ("Autor/-in: Anna Müller", &["Anna Müller"]),
        ("Reuters, London", &[]),
        ("山田太郎、鈴木花子", &["山田太郎", "鈴木花子"]),
        ("文／王小明、李明華", &["王小明", "李明華"]),
        ("Text by Ann Lee Illustration by Bo Ek", &["Ann Lee"]),
        ("Ann Lee, Photos: Bo Ek", &["Ann Lee"]),
        ("Theo Quay", &["Theo Quay"]),
        ("Photograph by Bo Ek, Kelm Bay Restoration", &[]),
        ("Ann Lee, Harbour Agriculture and Forestry University (Kelm)", &["Ann Lee"]),
        ("Kelm Ministry, Office of Fish AND Sea Food", &[]),
        ("Ann Lee And Bo Ek For The Kelm Weekly", &["Ann Lee", "Bo Ek"]),
        ("Von Anna Müller und Bernd Groß (Text), Foto: Cem Ay", &["Anna Müller", "Bernd Groß"]),
        ("Anna Müller im Gespräch mit Bernd Groß", &["Anna Müller", "Bernd Groß"]),
        ("Ann Lee, Fellow for New Work", &["Ann Lee"]),
        ("Par Anne-Laure d'Hôte et J.-P. Martin", &["Anne-Laure d'Hôte", "J.-P. Martin"]),
        ("Guest post by Ann Lee", &["Ann Lee"]),
        ("By Ann Lee Updated: May 3, 2024 10:00 am", &["Ann Lee"]),
        ("Ann Lee, published 3 May 2024", &["Ann Lee"]),
        ("Ann Lee | Reporter | ann@a.example", &["Ann Lee"]),
        ("Ann Lee\nPolitical editor", &["Ann Lee"]),
        ("unocero - Alberto Ávila", &["Alberto Ávila"]),
        ("Text von Anna Müller", &["Anna Müller"]),
        ("Ann Lee Political Editor", &["Ann Lee"]),
        ("By\nAnn Lee", &["Ann Lee"]),
        ("Ann Lee Ann Lee", &["Ann Lee"]),
        ("Author: J.R. Stone", &["J.R. Stone"]),
        ("Posted on May 3, 2024 by Ann Lee", &["Ann Lee"]),
        ("كتب: أحمد البحري وسالم المرسى", &["أحمد البحري", "سالم المرسى"]),
        ("أحمد وليد حسن", &["أحمد وليد حسن"]),
        ("محمد علي وليد حسن", &["محمد علي وليد حسن"]),
        ("מאת: דנה נמל ויוסי ים", &["דנה נמל", "יוסי ים"]),
        ("تحریر: انیلا ساحل اور رضا بحر", &["انیلا ساحل", "رضا بحر"]),
        ("প্রতিবেদক: আনিতা ঘাট ও রবি সাগর", &["আনিতা ঘাট", "রবি সাগর"]),
        ("记者 王小明 李大海", &["王小明", "李大海"]),
        ("记者：王小明、李大海 编辑：赵一", &["王小明", "李大海"]),
        ("Ein Bericht von Ann Lee, Hamburg", &["Ann Lee"]),
        ("Christoph von Eichhorn", &["Christoph von Eichhorn"]),
        ("in Uncategorized", &[]),
        ("東京社会部", &[]),
        ("Reuters Staff", &[]),
        ("Written by the editorial team", &[]),
        ("3 May 2024", &[]),
        ("https://www.facebook.com/a", &[]),
    ] {
        assert_eq!(people(text), expect, "{text}");
    }
}
