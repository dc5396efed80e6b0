//! Texts as bytes and back: the encodings that programs use while they are imported, with their handlers of errors.
//!
//! Of other encodings the result is unknown. A text holds no lone surrogates here, so what would make one is unknown, too.

use crate::heap::T;
use crate::value::Value;
use crate::vm::call::Args;
use crate::vm::{R, Vm};

/// An encoding.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Codec {
    Utf8,
    /// With a mark of the order of bytes; of the machine's order.
    Utf8Sig,
    Ascii,
    Latin1,
    Cp1252,
    /// Bytes of a unit, whether the smallest comes first, whether with a mark.
    Wide {
        unit: usize,
        little: bool,
        mark: bool,
    },
}

/// What the bytes 0x80 to 0x9f are in Windows' encoding; 0 is nothing.
const CP1252: [u32; 32] = [
    0x20ac, 0, 0x201a, 0x192, 0x201e, 0x2026, 0x2020, 0x2021, 0x2c6, 0x2030, 0x160, 0x2039, 0x152, 0, 0x17d, 0, 0,
    0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc, 0x2122, 0x161, 0x203a, 0x153, 0, 0x17e, 0x178,
];

impl Codec {
    fn named(name: &str) -> Option<Codec> {
        let wide = |unit, little, mark| Some(Codec::Wide { unit, little, mark });
        match name.to_ascii_lowercase().replace(['_', '-', ' '], "").as_str() {
            "utf8" | "u8" | "utf" | "cp65001" => Some(Codec::Utf8),
            "utf8sig" => Some(Codec::Utf8Sig),
            "ascii" | "usascii" | "646" => Some(Codec::Ascii),
            "latin1" | "iso88591" | "latin" | "l1" | "8859" | "cp819" => Some(Codec::Latin1),
            "cp1252" | "windows1252" | "1252" => Some(Codec::Cp1252),
            "utf16" | "u16" => wide(2, true, true),
            "utf16le" => wide(2, true, false),
            "utf16be" => wide(2, false, false),
            "utf32" | "u32" => wide(4, true, true),
            "utf32le" => wide(4, true, false),
            "utf32be" => wide(4, false, false),
            _ => None,
        }
    }

    /// Its name in messages.
    fn name(self) -> &'static str {
        match self {
            Codec::Utf8 | Codec::Utf8Sig => "utf-8",
            Codec::Ascii => "ascii",
            Codec::Latin1 => "latin-1",
            Codec::Cp1252 => "charmap",
            Codec::Wide { unit: 2, .. } => "utf-16",
            Codec::Wide { .. } => "utf-32",
        }
    }

    /// The bytes of a character, if it has any.
    fn bytes_of(self, c: char, out: &mut Vec<u8>) -> bool {
        let code = c as u32;
        match self {
            Codec::Utf8 | Codec::Utf8Sig => out.extend(c.encode_utf8(&mut [0; 4]).as_bytes()),
            Codec::Ascii if code < 0x80 => out.push(code as u8),
            Codec::Latin1 if code < 0x100 => out.push(code as u8),
            Codec::Cp1252 if code < 0x80 || (0xa0..0x100).contains(&code) => out.push(code as u8),
            Codec::Cp1252 => match CP1252.iter().position(|other| *other == code) {
                Some(at) => out.push(0x80 + at as u8),
                None => return false,
            },
            Codec::Wide { unit: 2, little, .. } => {
                for part in c.encode_utf16(&mut [0; 2]) {
                    out.extend(if little { part.to_le_bytes() } else { part.to_be_bytes() });
                }
            }
            Codec::Wide { little, .. } => out.extend(if little { code.to_le_bytes() } else { code.to_be_bytes() }),
            _ => return false,
        }
        true
    }
}

/// `text.encode(encoding, errors)`
pub fn encode(vm: &mut Vm<'_>, text: &str, encoding: &str, errors: &str) -> R {
    let Some(codec) = Codec::named(encoding) else { return Ok(vm.unknown("str.encode()")) };
    vm.charge(text.len())?;
    let mut out = Vec::with_capacity(text.len());
    match codec {
        Codec::Utf8Sig => out.extend([0xef, 0xbb, 0xbf]),
        Codec::Wide { unit: 2, mark: true, .. } => out.extend([0xff, 0xfe]),
        Codec::Wide { mark: true, .. } => out.extend([0xff, 0xfe, 0, 0]),
        _ => {}
    }
    let chars: Vec<char> = text.chars().collect();
    let mut at = 0;
    while at < chars.len() {
        if codec.bytes_of(chars[at], &mut out) {
            at += 1;
            continue;
        }
        let bad = |c: &char| !codec.bytes_of(*c, &mut Vec::new());
        let end = at + chars[at..].iter().take_while(|c| bad(c)).count();
        for c in &chars[at..end] {
            let code = *c as u32;
            match errors {
                "ignore" => {}
                "replace" => out.push(b'?'),
                "backslashreplace" => out.extend(crate::vm::text::ascii(&c.to_string()).bytes()),
                "xmlcharrefreplace" => out.extend(format!("&#{code};").bytes()),
                "strict" | "surrogateescape" | "surrogatepass" => {
                    return cannot_encode(vm, codec, text, &chars, at, end);
                }
                _ => return Ok(vm.unknown("str.encode()")),
            }
        }
        at = end;
    }
    Ok(vm.bytes(out))
}

fn cannot_encode(vm: &mut Vm<'_>, codec: Codec, text: &str, chars: &[char], start: usize, end: usize) -> R {
    let reason = match codec {
        Codec::Ascii => "ordinal not in range(128)",
        Codec::Latin1 => "ordinal not in range(256)",
        _ => "character maps to <undefined>",
    };
    debug_assert!(end <= chars.len());
    let text = vm.str(text);
    raise(vm, T::UnicodeEncodeError, codec, text, start, end, reason)
}

fn raise(vm: &mut Vm<'_>, class: T, codec: Codec, object: Value, start: usize, end: usize, reason: &str) -> R {
    let (name, reason) = (vm.str(codec.name()), vm.str(reason));
    let args = vm.tuple(vec![name, object, Value::Int(start as i64), Value::Int(end as i64), reason]);
    let exception = vm.exception_with(class.r(), args);
    Err(crate::vm::Stop::Raise(exception))
}

/// `bytes.decode(encoding, errors)`
pub fn decode(vm: &mut Vm<'_>, bytes: &[u8], encoding: &str, errors: &str) -> R {
    let Some(codec) = Codec::named(encoding) else { return Ok(vm.unknown("bytes.decode()")) };
    vm.charge(bytes.len())?;
    let (mut out, mut at) = (String::with_capacity(bytes.len()), 0);
    let mut codec = codec;
    match codec {
        Codec::Utf8Sig if bytes.starts_with(&[0xef, 0xbb, 0xbf]) => at = 3,
        Codec::Wide { unit, mark: true, .. } => {
            let marks: [&[u8]; 2] =
                if unit == 2 { [&[0xff, 0xfe], &[0xfe, 0xff]] } else { [&[0xff, 0xfe, 0, 0], &[0, 0, 0xfe, 0xff]] };
            if let Some(found) = marks.iter().position(|mark| bytes.starts_with(mark)) {
                (codec, at) = (Codec::Wide { unit, little: found == 0, mark: true }, unit);
            }
        }
        _ => {}
    }
    while at < bytes.len() {
        let (width, reason) = match next_char(codec, &bytes[at..], &mut out) {
            Ok(width) => {
                at += width;
                continue;
            }
            Err(wrong) => wrong,
        };
        let end = (at + width).min(bytes.len());
        match errors {
            "ignore" => {}
            "replace" => out.push('\u{fffd}'),
            "backslashreplace" => out.extend(bytes[at..end].iter().map(|byte| format!("\\x{byte:02x}"))),
            "strict" => {
                let whole = vm.bytes(bytes.to_vec());
                return raise(vm, T::UnicodeDecodeError, codec, whole, at, end, reason);
            }
            _ => return Ok(vm.unknown("bytes.decode()")),
        }
        at = end;
    }
    Ok(vm.str(out))
}

/// Take a character, or as much as is right, from the front of bytes: how many bytes that are. Else how many are wrong, and why.
fn next_char(codec: Codec, bytes: &[u8], out: &mut String) -> Result<usize, (usize, &'static str)> {
    let byte = bytes[0];
    match codec {
        Codec::Ascii if byte >= 0x80 => return Err((1, "ordinal not in range(128)")),
        Codec::Ascii | Codec::Latin1 => out.push(byte.into()),
        Codec::Cp1252 if (0x80..0xa0).contains(&byte) => match char::from_u32(CP1252[byte as usize - 0x80]) {
            Some(c) if c != '\0' => out.push(c),
            _ => return Err((1, "character maps to <undefined>")),
        },
        Codec::Cp1252 => out.push(byte.into()),
        Codec::Utf8 | Codec::Utf8Sig => {
            return match std::str::from_utf8(bytes) {
                Ok(text) => {
                    out.push_str(text);
                    Ok(bytes.len())
                }
                Err(wrong) if wrong.valid_up_to() > 0 => {
                    out.push_str(&String::from_utf8_lossy(&bytes[..wrong.valid_up_to()]));
                    Ok(wrong.valid_up_to())
                }
                Err(wrong) => Err(match wrong.error_len() {
                    None => (bytes.len(), "unexpected end of data"),
                    Some(_) if matches!(byte, 0x80..=0xc1 | 0xf5..) => (1, "invalid start byte"),
                    Some(width) => (width, "invalid continuation byte"),
                }),
            };
        }
        Codec::Wide { unit, little, .. } => {
            let Some(first) = bytes.get(..unit) else { return Err((bytes.len(), "truncated data")) };
            let code = number(first, little);
            if unit == 2 && (0xd800..0xdc00).contains(&code) {
                let Some(second) = bytes.get(2..4) else { return Err((bytes.len(), "unexpected end of data")) };
                let low = number(second, little);
                let whole = 0x10000 + ((code - 0xd800) << 10) + low.wrapping_sub(0xdc00);
                return match char::from_u32(whole).filter(|_| (0xdc00..0xe000).contains(&low)) {
                    Some(c) => {
                        out.push(c);
                        Ok(4)
                    }
                    None => Err((2, "illegal UTF-16 surrogate")),
                };
            }
            match char::from_u32(code) {
                Some(c) => out.push(c),
                None if unit == 2 => return Err((2, "illegal encoding")),
                None => return Err((4, "code point not in range(0x110000)")),
            }
            return Ok(unit);
        }
    }
    Ok(1)
}

fn number(bytes: &[u8], little: bool) -> u32 {
    let fold = |number: u32, byte: &u8| number << 8 | u32::from(*byte);
    if little { bytes.iter().rev().fold(0, fold) } else { bytes.iter().fold(0, fold) }
}

/// The encoding and the handler of errors among arguments, of which the first stands at `at`.
pub fn named(vm: &mut Vm<'_>, args: &mut Args, at: usize) -> R<(String, String)> {
    let mut texts = [String::from("utf-8"), String::from("strict")];
    for (index, name) in ["encoding", "errors"].into_iter().enumerate() {
        if let Some(value) = args.named(at + index, name) {
            texts[index] = vm.need_str(value, &format!("'{name}' argument"))?.to_string();
        }
    }
    let [encoding, errors] = texts;
    Ok((encoding, errors))
}
