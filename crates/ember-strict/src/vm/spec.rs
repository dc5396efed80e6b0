//! The format specification mini-language: `[[fill]align][sign]['z']['#']['0'][width][grouping]['.' precision][type]`.

use super::text::float_repr;

/// A format specification.
#[derive(Clone, Debug)]
pub struct Spec {
    pub fill: char,
    pub align: char,
    pub sign: char,
    pub alternate: bool,
    /// `z`: what rounds to zero has no sign.
    pub unsigned_zero: bool,
    pub zero: bool,
    pub width: usize,
    pub grouping: char,
    pub precision: Option<usize>,
    pub kind: char,
}

impl Default for Spec {
    fn default() -> Spec {
        Spec {
            fill: ' ',
            align: '\0',
            sign: '-',
            alternate: false,
            unsigned_zero: false,
            zero: false,
            width: 0,
            grouping: '\0',
            precision: None,
            kind: '\0',
        }
    }
}

impl Spec {
    /// Read a specification, or say what is wrong with it.
    pub fn parse(text: &str) -> Result<Spec, &'static str> {
        let mut spec = Spec::default();
        let chars: Vec<char> = text.chars().collect();
        let mut at = 0;
        let aligns = |c: char| "<>=^".contains(c);
        if chars.len() >= 2 && aligns(chars[1]) {
            (spec.fill, spec.align) = (chars[0], chars[1]);
            at = 2;
        } else if chars.first().is_some_and(|c| aligns(*c)) {
            spec.align = chars[0];
            at = 1;
        }
        let get = |at: usize| chars.get(at).copied().unwrap_or('\0');
        if "+- ".contains(get(at)) && get(at) != '\0' {
            spec.sign = get(at);
            at += 1;
        }
        if get(at) == 'z' {
            spec.unsigned_zero = true;
            at += 1;
        }
        if get(at) == '#' {
            spec.alternate = true;
            at += 1;
        }
        if get(at) == '0' {
            spec.zero = true;
            at += 1;
        }
        while let Some(digit) = get(at).to_digit(10) {
            spec.width = spec.width.saturating_mul(10).saturating_add(digit as usize);
            at += 1;
        }
        if get(at) == ',' || get(at) == '_' {
            spec.grouping = get(at);
            at += 1;
        }
        if get(at) == '.' {
            at += 1;
            let mut precision = 0usize;
            let start = at;
            while let Some(digit) = get(at).to_digit(10) {
                precision = precision.saturating_mul(10).saturating_add(digit as usize);
                at += 1;
            }
            if at == start {
                return Err("Format specifier missing precision");
            }
            spec.precision = Some(precision);
        }
        if at < chars.len() {
            spec.kind = chars[at];
            at += 1;
        }
        if at == chars.len() { Ok(spec) } else { Err("Invalid format specifier") }
    }

    /// What a number cannot have.
    pub fn number_error(&self, whole: bool) -> Option<String> {
        let kind = self.kind;
        if self.grouping != '\0' {
            let refused = match kind {
                'b' | 'o' | 'x' | 'X' => self.grouping == ',',
                '\0' | 'd' | 'e' | 'E' | 'f' | 'F' | 'g' | 'G' | '%' => false,
                _ => true,
            };
            if refused {
                return Some(format!("Cannot specify '{}' with '{kind}'.", self.grouping));
            }
        }
        if !whole {
            return None;
        }
        if self.precision.is_some() {
            return Some("Precision not allowed in integer format specifier".into());
        }
        if self.unsigned_zero {
            return Some("Negative zero coercion (z) not allowed in format specifier with integer format".into());
        }
        if kind == 'c' && self.sign != '-' {
            return Some("Sign not allowed with integer format specifier 'c'".into());
        }
        if kind == 'c' && self.alternate {
            return Some("Alternate form (#) not allowed with integer format specifier 'c'".into());
        }
        None
    }

    /// What a text cannot have.
    pub fn text_error(&self) -> Option<String> {
        if self.sign != '-' {
            return Some(match self.sign {
                ' ' => "Space not allowed in string format specifier".into(),
                _ => "Sign not allowed in string format specifier".into(),
            });
        }
        if self.unsigned_zero {
            return Some("Negative zero coercion (z) not allowed in string format specifier".into());
        }
        if self.alternate {
            return Some("Alternate form (#) not allowed in string format specifier".into());
        }
        if self.align == '=' {
            return Some("'=' alignment not allowed in string format specifier".into());
        }
        (self.grouping != '\0').then(|| format!("Cannot specify '{}' with 's'.", self.grouping))
    }

    pub fn pad(&self, text: &str, default: char) -> String {
        let length = text.chars().count();
        let missing = self.width.saturating_sub(length);
        let align = if self.align == '\0' { default } else { self.align };
        let fill = if self.zero && self.align == '\0' { '0' } else { self.fill };
        let fill = |n: usize| fill.to_string().repeat(n);
        match align {
            '>' | '=' => format!("{}{text}", fill(missing)),
            '^' => format!("{}{text}{}", fill(missing / 2), fill(missing - missing / 2)),
            _ => format!("{text}{}", fill(missing)),
        }
    }

    /// Digits with sign and separators.
    pub fn group(&self, digits: &str, negative: bool) -> String {
        let sign = match (negative, self.sign) {
            (true, _) => "-",
            (false, '+') => "+",
            (false, ' ') => " ",
            _ => "",
        };
        if self.grouping == '\0' {
            return format!("{sign}{digits}");
        }
        let end = digits.find(['.', 'e', '%']).unwrap_or(digits.len());
        let (prefix, whole) = match digits.get(..2) {
            Some("0x" | "0b" | "0o" | "0X") => digits[..end].split_at(2),
            _ => ("", &digits[..end]),
        };
        let every = if matches!(self.kind, 'x' | 'X' | 'b' | 'o') { 4 } else { 3 };
        let mut whole = whole.to_owned();
        if self.zero && self.align == '\0' && whole.bytes().all(|c| c.is_ascii_hexdigit()) {
            // Zeros in front are grouped, too, and never begin with a separator.
            let others = sign.len() + prefix.len() + digits.len() - end;
            let room = self.width.saturating_sub(others);
            while whole.len() + whole.len().saturating_sub(1) / every < room {
                whole.insert(0, '0');
            }
        }
        let mut out = String::new();
        for (index, c) in whole.chars().enumerate() {
            if index > 0 && (whole.len() - index).is_multiple_of(every) {
                out.push(self.grouping);
            }
            out.push(c);
        }
        format!("{sign}{prefix}{out}{}", &digits[end..])
    }

    pub fn pad_number(&self, body: &str) -> String {
        let missing = self.width.saturating_sub(body.chars().count());
        if (self.zero && self.align == '\0') || self.align == '=' {
            let fill = if self.zero && self.align == '\0' { '0' } else { self.fill };
            let at = body.find(|c: char| !"+- ".contains(c)).unwrap_or(0);
            let at = if body[at..].starts_with("0x") || body[at..].starts_with("0b") || body[at..].starts_with("0o") {
                at + 2
            } else {
                at
            };
            return format!("{}{}{}", &body[..at], fill.to_string().repeat(missing), &body[at..]);
        }
        Spec { zero: false, ..self.clone() }.pad(body, '>')
    }
}

/// A float that is not negative, in a format.
pub fn format_float(f: f64, spec: &Spec) -> Option<String> {
    if f.is_nan() || f.is_infinite() {
        let text = match (f.is_nan(), matches!(spec.kind, 'E' | 'F' | 'G')) {
            (true, true) => "NAN",
            (true, false) => "nan",
            (false, true) => "INF",
            (false, false) => "inf",
        };
        return Some(if spec.kind == '%' { format!("{text}%") } else { text.into() });
    }
    let precision = spec.precision.unwrap_or(6).min(10_000);
    Some(match spec.kind {
        'f' | 'F' if spec.alternate && precision == 0 => format!("{f:.0}."),
        'f' | 'F' => format!("{f:.precision$}"),
        'e' | 'E' => {
            let text = exponent_form(f, precision);
            if spec.kind == 'E' { text.to_uppercase() } else { text }
        }
        '%' => format!("{:.precision$}%", f * 100.0),
        'g' | 'G' | 'n' => {
            let text = general(f, precision.max(1), spec.alternate);
            if spec.kind == 'G' { text.to_uppercase() } else { text }
        }
        '\0' => match spec.precision {
            Some(precision) => {
                let text = general(f, precision.max(1), false);
                if text.contains(['.', 'e']) { text } else { format!("{text}.0") }
            }
            None => float_repr(f),
        },
        _ => return None,
    })
}

pub fn exponent_form(f: f64, precision: usize) -> String {
    let text = format!("{f:.precision$e}");
    let Some((mantissa, exponent)) = text.split_once('e') else { return text };
    let exponent: i32 = exponent.parse().unwrap_or(0);
    format!("{mantissa}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}

pub fn general(f: f64, precision: usize, keep: bool) -> String {
    let scientific = format!("{f:.*e}", precision - 1);
    let exponent: i32 = scientific.split_once('e').and_then(|(_, e)| e.parse().ok()).unwrap_or(0);
    let strip = |text: String| {
        if keep || !text.contains('.') { text } else { text.trim_end_matches('0').trim_end_matches('.').to_owned() }
    };
    if (-4..precision as i32).contains(&exponent) {
        return strip(format!("{f:.*}", (precision as i32 - 1 - exponent).max(0) as usize));
    }
    let text = exponent_form(f, precision - 1);
    match text.split_once('e') {
        Some((mantissa, exponent)) => format!("{}e{exponent}", strip(mantissa.to_owned())),
        None => text,
    }
}
