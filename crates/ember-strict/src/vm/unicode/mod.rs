//! Characters as CPython sees them: classes of characters, and cases of whole texts.
//!
//! Rust's library has upper and lower case; what it has not is in tables made by CPython.

mod tables;

fn within(ranges: &[(u32, u32)], c: char) -> bool {
    let code = c as u32;
    let at = ranges.partition_point(|(_, last)| *last < code);
    ranges.get(at).is_some_and(|(first, _)| *first <= code)
}

/// A letter.
pub fn is_alphabetic(c: char) -> bool {
    if c.is_ascii() { c.is_ascii_alphabetic() } else { within(tables::ALPHABETIC, c) }
}

/// A decimal digit.
pub fn is_decimal(c: char) -> bool {
    decimal(c).is_some()
}

/// The value of a decimal digit.
pub fn decimal(c: char) -> Option<u32> {
    if c.is_ascii() {
        return c.to_digit(10);
    }
    let code = c as u32;
    let at = tables::DECIMAL.partition_point(|(_, last)| *last < code);
    tables::DECIMAL.get(at).filter(|(first, _)| *first <= code).map(|(first, _)| (code - first) % 10)
}

/// A digit of any kind.
pub fn is_digit(c: char) -> bool {
    is_decimal(c) || within(tables::DIGIT, c)
}

/// Something with a numeric value.
pub fn is_numeric(c: char) -> bool {
    is_digit(c) || within(tables::NUMERIC, c)
}

/// A letter or something with a numeric value.
pub fn is_alphanumeric(c: char) -> bool {
    is_alphabetic(c) || is_numeric(c)
}

/// What `repr` shows as it is.
pub fn is_printable(c: char) -> bool {
    if c.is_ascii() { !c.is_ascii_control() } else { !within(tables::UNPRINTABLE, c) }
}

/// What `split` and `strip` take for blank.
pub fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}

/// What ends a line of a text.
pub fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\x0b' | '\x0c' | '\x1c'..='\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// A titlecase letter, such as `ǅ`.
pub fn is_title(c: char) -> bool {
    within(tables::TITLE, c)
}

/// A letter that has a case.
fn is_cased(c: char) -> bool {
    c.is_uppercase() || c.is_lowercase() || is_title(c)
}

/// A character as the first of a word: of digraphs only the first letter is large.
pub fn to_title(c: char) -> String {
    match c as u32 {
        code @ (0x1c4..=0x1cc | 0x1f1..=0x1f3) => {
            let middle = if code < 0x1cd { 0x1c5 + (code - 0x1c4) / 3 * 3 } else { 0x1f2 };
            char::from_u32(middle).map(String::from).unwrap_or_default()
        }
        // Greek with iota below: the titlecase letter is the upper case one of a single character.
        0x1f80..=0x1faf => char::from_u32(c as u32 | 8).map(String::from).unwrap_or_default(),
        0x1fb3 | 0x1fc3 | 0x1ff3 => char::from_u32(c as u32 + 9).map(String::from).unwrap_or_default(),
        _ if is_title(c) || (0x10d0..=0x10ff).contains(&(c as u32)) => c.to_string(),
        _ => {
            let mut upper = c.to_uppercase();
            let first: String = upper.next().map(String::from).unwrap_or_default();
            first + &upper.flat_map(char::to_lowercase).collect::<String>()
        }
    }
}

/// `str.casefold`
pub fn casefold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            // Cherokee folds to upper case, and these two have folds of their own.
            '\u{13a0}'..='\u{13f5}' | 'ı' => out.push(c),
            '\u{13f8}'..='\u{13fd}' | '\u{ab70}'..='\u{abbf}' => out.extend(c.to_uppercase()),
            'ẞ' => out.push_str("ss"),
            c if c.is_ascii() => out.push(c.to_ascii_lowercase()),
            c => out.extend(c.to_uppercase().flat_map(char::to_lowercase)),
        }
    }
    out
}

/// `str.swapcase`
pub fn swapcase(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, c) in text.char_indices() {
        match c {
            'Σ' => out.push(small_sigma(text, at)),
            c if c.is_uppercase() => out.extend(c.to_lowercase()),
            c if c.is_lowercase() => out.extend(c.to_uppercase()),
            c => out.push(c),
        }
    }
    out
}

/// `str.title`
pub fn title(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut inside = false;
    for (at, c) in text.char_indices() {
        match c {
            'Σ' if inside => out.push(small_sigma(text, at)),
            c if inside => out.extend(c.to_lowercase()),
            c => out.push_str(&to_title(c)),
        }
        inside = is_cased(c);
    }
    out
}

/// `str.capitalize`
pub fn capitalize(text: &str) -> String {
    let mut chars = text.char_indices();
    let Some((_, first)) = chars.next() else { return String::new() };
    let mut out = to_title(first);
    for (at, c) in chars {
        match c {
            'Σ' => out.push(small_sigma(text, at)),
            c => out.extend(c.to_lowercase()),
        }
    }
    out
}

/// The small letter for a sigma, which has another form at the end of a word.
fn small_sigma(text: &str, at: usize) -> char {
    let ignored = |c: &char| matches!(c, '\'' | '.' | ':' | '\u{ad}' | '\u{300}'..='\u{36f}');
    let before = text[..at].chars().rev().find(|c| !ignored(c)).is_some_and(is_cased);
    let after = text[at + 'Σ'.len_utf8()..].chars().find(|c| !ignored(c)).is_some_and(is_cased);
    if before && !after { 'ς' } else { 'σ' }
}

/// `str.istitle`
pub fn is_title_text(text: &str) -> bool {
    let (mut cased, mut inside) = (false, false);
    for c in text.chars() {
        if c.is_uppercase() || is_title(c) {
            if inside {
                return false;
            }
            (cased, inside) = (true, true);
        } else if c.is_lowercase() {
            if !inside {
                return false;
            }
            cased = true;
        } else {
            inside = false;
        }
    }
    cased
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_of_characters() {
        assert!(is_decimal('٣') && decimal('٣') == Some(3) && decimal('𝟗') == Some(9));
        assert!(is_digit('²') && !is_decimal('²') && is_numeric('½') && !is_digit('½'));
        assert!(!is_alphabetic('Ⅷ') && is_alphabetic('日') && is_printable('😀') && !is_printable('\u{200b}'));
        assert!(is_space('\x1c') && is_title('ǅ') && !is_title('D'));
    }

    #[test]
    fn cases_of_texts() {
        assert_eq!(title("they're ǆem ﬁne ß"), "They'Re ǅem Fine Ss");
        assert_eq!(casefold("ßﬁIς"), "ssfiiσ");
        assert_eq!(swapcase("aΑΣ"), "Aας");
        assert_eq!(capitalize("ǆΑΣ x"), "ǅας x");
        assert!(is_title_text("A Bc-D") && !is_title_text("ABC") && !is_title_text("1"));
    }
}
