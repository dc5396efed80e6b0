//! What CPython finds, noted here by hand; `tools/suite_strict.py corpus` compares with CPython itself.

use super::{Mode, compile};

fn points(text: &str) -> Vec<u32> {
    text.chars().map(|c| c as u32).collect()
}

fn search(pattern: &str, text: &str) -> Option<Vec<Option<(usize, usize)>>> {
    let regex = compile(&points(pattern), 0, false).expect("a pattern");
    let text = points(text);
    let (found, _) = regex.program.run(&text, (0, text.len()), Mode::Search, false, 100_000);
    found.expect("enough steps").map(|found| found.spans)
}

#[test]
fn finds_what_cpython_finds() {
    assert_eq!(search("a(b*)c", "xxabbc"), Some(vec![Some((2, 6)), Some((3, 5))]));
    assert_eq!(search("(a)|(b)", "b"), Some(vec![Some((0, 1)), None, Some((0, 1))]));
    assert_eq!(search("(?:(a)|b)*", "ab"), Some(vec![Some((0, 2)), Some((0, 1))]));
    assert_eq!(search("(a*)*", "aab"), Some(vec![Some((0, 2)), Some((2, 2))]));
    assert_eq!(search("(?<=ab)c(?!d)", "abcd abc"), Some(vec![Some((7, 8))]));
    assert_eq!(search("(?P<q>['\"]).*?(?P=q)", "say 'it\"s' now"), Some(vec![Some((4, 10)), Some((4, 5))]));
    assert_eq!(search("(?>a+)ab", "aaab"), None);
    assert_eq!(search("a{2,3}?b|\\bfoo\\b", "a foo"), Some(vec![Some((2, 5))]));
    assert_eq!(search("(?i)straSSe", "STRASSE"), Some(vec![Some((0, 7))]));
    assert_eq!(search("(x)?(?(1)y|z)", "z xy"), Some(vec![Some((0, 1)), None]));
    assert_eq!(search("^(?s:.)$", "\n"), Some(vec![Some((0, 1))]));
    assert_eq!(search("(?x) a b # comment\n c", "abc"), Some(vec![Some((0, 3))]));
}

#[test]
fn refuses_what_cpython_refuses() {
    let wrong = [
        ("(", 0),
        ("a)", 1),
        ("*a", 0),
        ("a**", 2),
        ("[z-a]", 1),
        ("(?<=a*)b", 0),
        ("\\q", 0),
        ("a(?i)", 1),
        ("(?P<1>x)", 4),
    ];
    for (pattern, at) in wrong {
        match compile(&points(pattern), 0, false) {
            Err(super::Error::Wrong(_, place)) => assert_eq!(place, at, "{pattern}"),
            other => panic!("{pattern}: {:?}", other.map(|regex| regex.groups)),
        }
    }
}

#[test]
fn gives_up_in_time() {
    let regex = compile(&points("(a+)+$"), 0, false).expect("a pattern");
    let text = points(&("a".repeat(60) + "b"));
    let (found, steps) = regex.program.run(&text, (0, text.len()), Mode::Match, false, 50_000);
    assert!(found.is_err() && steps == 50_000);
}
