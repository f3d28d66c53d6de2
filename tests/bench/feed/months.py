#!/usr/bin/env python3
"""Print src/feed/date/months.rs: the stems by which a month is known, from CLDR.

    pip install babel && months.py > src/feed/date/months.rs

Of every name of a month, in the languages below, the shortest beginning that no other month shares. Where two languages disagree
about a word (Polish and Croatian `lipiec`, `lipanj`), the one named first has it. Names of several words are left out.
"""

import unicodedata
from babel import Locale, __version__

LANGUAGES = """en es fr de ru pt ar it nl pl tr fa uk el cs sv hu ro da fi nb nn id ms vi th ko ja zh he hi bn ta te mr ur gu kn ml pa
    bg sr sr_Latn hr bs sk sl mk sq lt lv et be kk ky uz az az_Cyrl hy ka is ca gl eu af sw fil ar_IQ ar_LB ar_MA ar_DZ ps ku ne si my km lo am
    so cy mt zu tg ga""".split()
# What CLDR lacks: numbers before 月, Levantine months in one word (as `words::normalize` makes them), short forms of other styles.
EXTRA = ["一", "二", "三", "四", "五", "六", "七", "八", "九", "十", "十一", "十二"]
MORE = {1: "كانونالثاني", 10: "تشرينالأول", 5: "mai", 6: "ιον", 7: "ιολ", 8: "ags agt", 9: "sept set", 11: "nop تشرينالثاني", 12: "كانونالأول"}


def fold(text):
    """As `words::normalize` does."""
    text = unicodedata.normalize("NFKD", text.lower())
    text = "".join(c for c in text if c >= "\u0900" or not unicodedata.category(c).startswith("M"))
    return "".join(c for c in unicodedata.normalize("NFC", text) if unicodedata.category(c) not in ("Cf",))


def names():
    for language in LANGUAGES:
        months = Locale.parse(language).months
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for month, name in months[context].get(width, {}).items():
                    word = fold(name).strip(". '׳॰’").replace(".", "")
                    if len(word) > 1 and all(unicodedata.category(c)[0] in "LM" for c in word):
                        yield word, month
    for month, word in enumerate(EXTRA, 1):
        yield word, month
    for month, more in MORE.items():
        for word in more.split():
            yield fold(word), month


owner = {}
for word, month in names():
    owner.setdefault(word, month)
stems = {}
for word, month in owner.items():
    shortest = 3 if word[0] < "\u0900" else 2  # a letter of an Indic script is a syllable
    for length in range(min(shortest, len(word)), len(word) + 1):
        stem = word[:length]
        if all(other == month for known, other in owner.items() if known.startswith(stem)):
            break
    stems.setdefault(stem, month)
# A stem that a shorter one of the same month covers says nothing.
kept = {s: m for s, m in stems.items() if not any(s != t and s.startswith(t) and m == n for t, n in stems.items())}
print("//! Stems of the months' names in some seventy languages, folded. Made by `tests/bench/feed/months.py` from the names in CLDR")
print(f"//! (`dates/calendars/gregorian/months`, as in Babel {__version__}; Unicode License v3).")
print()
print("/// For January to December, the beginnings of words by which the month is known.")
print("pub(super) const MONTHS: [&str; 12] = [")
for month in range(1, 13):
    line = '    "'
    lines = []
    for stem in sorted(s for s, m in kept.items() if m == month):
        if len(line) + len(stem) > 112:
            lines.append(line + " \\")
            line = "     "
        line += ("" if line.endswith('"') or line.endswith("     ") else " ") + stem
    lines.append(line + '",')
    print("\n".join(lines))
print("];")
