//! A date as written, cut into numbers, words and marks.
//!
//! Knows nothing of dates but which letters belong together in one.

/// Tokens looked at.
const MAX_TOKENS: usize = 90;

/// A piece of a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    Number { value: u64, digits: usize },
    Word(String),
    Mark(char),
}

impl Token {
    pub(super) fn word(&self) -> Option<&str> {
        if let Self::Word(word) = self { Some(word) } else { None }
    }

    pub(super) fn number(&self) -> Option<(u64, usize)> {
        if let Self::Number { value, digits } = self { Some((*value, *digits)) } else { None }
    }

    pub(super) fn is_mark(&self, marks: &str) -> bool {
        matches!(self, Self::Mark(mark) if marks.contains(*mark))
    }
}

/// The tokens of `text`; digits of any script, words in lower case.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        if tokens.len() >= MAX_TOKENS {
            break;
        }
        if let Some(digit) = digit(char) {
            let (mut value, mut digits) = (digit, 1);
            while let Some(digit) = chars.peek().copied().and_then(self::digit) {
                chars.next();
                value = value.saturating_mul(10).saturating_add(digit);
                digits += 1;
            }
            tokens.push(Token::Number { value, digits });
        } else if is_ideograph(char) {
            tokens.push(Token::Word(char.to_string()));
        } else if is_letter(char) {
            let mut word: String = char.to_lowercase().collect();
            while let Some(&next) = chars.peek() {
                // `p.m.` and Thai `ม.ค.` are one word; a dot at the end of a word belongs to it.
                if is_letter(next) && !is_ideograph(next) {
                    word.extend(next.to_lowercase());
                } else if next == '.' && word.chars().count() <= 2 {
                    let mut ahead = chars.clone();
                    ahead.next();
                    if !ahead.peek().copied().is_some_and(is_letter) {
                        break;
                    }
                } else {
                    break;
                }
                chars.next();
            }
            tokens.push(Token::Word(word));
        } else if !char.is_whitespace() {
            tokens.push(Token::Mark(char));
        }
    }
    tokens
}

/// The value of a decimal digit of any script that news pages use.
fn digit(char: char) -> Option<u64> {
    const ZEROS: [u32; 14] =
        [0x30, 0x660, 0x6f0, 0x966, 0x9e6, 0xa66, 0xae6, 0xbe6, 0xc66, 0xce6, 0xe50, 0x1040, 0x17e0, 0xff10];
    let code = u32::from(char);
    ZEROS.iter().find(|zero| (**zero..**zero + 10).contains(&code)).map(|zero| u64::from(code - zero))
}

fn is_letter(char: char) -> bool {
    (char.is_alphabetic()
        || matches!(char, '\u{300}'..='\u{36f}' | '\u{64b}'..='\u{65f}' | '\u{900}'..='\u{dff}' | '\u{e31}'..='\u{e4e}' | '\u{200c}' | '\u{200d}'))
        && digit(char).is_none()
}

fn is_ideograph(char: char) -> bool {
    matches!(char, '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}
