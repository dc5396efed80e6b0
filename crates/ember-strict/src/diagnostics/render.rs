//! Reports as text for people, JSON, SARIF and GitHub's annotations.

use super::Code;
use crate::check::{Item, Module, Report};
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use serde_json::json;
use std::fmt::Write;

/// A byte range in a line from columns in characters.
fn bytes(text: &str, from: usize, to: usize) -> std::ops::Range<usize> {
    let at = |column: usize| text.char_indices().nth(column.saturating_sub(1)).map_or(text.len(), |(at, _)| at);
    let (start, end) = (at(from), at(to));
    if start < end { start..end } else { start..text.len().max(start) }
}

/// A finding the way a compiler shows it.
fn show(item: &Item, colour: bool) -> String {
    let Some(first) = item.chain.first() else { return String::new() };
    let level = match item.weight.as_str() {
        "effect" => Level::ERROR.with_name("effect"),
        "rule" => Level::ERROR.with_name("strict"),
        _ => Level::WARNING.with_name("unknown"),
    };
    let snippet = |place: &crate::check::Place, kind: AnnotationKind, label: Option<String>| {
        Snippet::source(place.text.clone())
            .line_start(place.line)
            .path(place.path.clone())
            .annotation(kind.span(bytes(&place.text, place.column, place.end_column)).label(label))
    };
    let mut group = level.primary_title(item.message.clone()).id(item.code.clone());
    let last = item.chain.len() - 1;
    let mut element = None;
    for (at, place) in item.chain.iter().enumerate().filter(|(at, _)| *at == 0 || *at == last || *at + 2 > last) {
        let label = match at {
            _ if at == last && at > 0 => Some(format!("in '{}' of {}", place.function, place.module)),
            0 if last > 0 => Some("the module's own code calls this".to_owned()),
            _ if at > 0 => Some(format!("through '{}' of {}", place.function, place.module)),
            _ => None,
        };
        let kind = if at == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
        let made = snippet(place, kind, label);
        element = Some(match element {
            None => group.element(made),
            Some(before) => Group::element(before, made),
        });
        group = Level::NOTE.primary_title("");
    }
    let _ = first;
    let Some(element) = element else { return String::new() };
    let help = Group::with_title(Level::HELP.secondary_title(item.help.clone()));
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&[element, help])
}

fn headline(module: &Module) -> String {
    let mut line = format!("{}: {}", module.name, module.verdict);
    if module.verdict == "pure" && !module.through.is_empty() {
        let _ = write!(line, ", but its imports are not: {}", module.through.join(", "));
    }
    line
}

/// The findings alone, as [`text`] shows them.
pub fn findings(report: &Report, colour: bool) -> String {
    report.modules.iter().flat_map(|module| &module.items).map(|item| format!("{}\n\n", show(item, colour))).collect()
}

/// The report as text.
pub fn text(report: &Report, colour: bool, verbose: bool) -> String {
    let mut out = String::new();
    for module in &report.modules {
        for item in &module.items {
            let _ = writeln!(out, "{}\n", show(item, colour));
        }
        if verbose {
            let _ = writeln!(out, "{}", headline(module));
        }
    }
    out.push_str(&summary(report));
    out
}

/// The counts at the end.
pub fn summary(report: &Report) -> String {
    let count = |verdict: &str| report.modules.iter().filter(|m| m.verdict == verdict).count();
    let mut out = String::new();
    let total = report.modules.len();
    let _ = write!(out, "{total} module{}: ", if total == 1 { "" } else { "s" });
    let through = report.modules.iter().filter(|m| m.verdict == "pure" && !m.through.is_empty()).count();
    let _ = write!(out, "{} pure", count("pure"));
    if through > 0 {
        let _ = write!(out, " ({through} of them import something that is not)");
    }
    let _ = write!(out, ", {} with effects, {} given up", count("effects"), count("gave up"));
    let rules = count("breaks rules");
    if rules > 0 {
        let _ = write!(out, ", {rules} breaking rules of strict modules");
    }
    out.push('\n');
    if !report.reasons.is_empty() {
        out.push_str("given up because of:\n");
        for (reason, count) in &report.reasons {
            let _ = writeln!(out, "  {count:5}  {reason}");
        }
    }
    if !report.blockers.is_empty() {
        out.push_str("modules whose effects most others execute:\n");
        for (name, count) in &report.blockers {
            let _ = writeln!(out, "  {count:5}  {name}");
        }
    }
    for problem in &report.problems {
        let _ = writeln!(out, "{problem}");
    }
    out
}

/// GitHub's workflow commands, one a finding.
pub fn github(report: &Report) -> String {
    let escape = |text: &str| text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    // Properties end at these, too.
    let property = |text: &str| escape(text).replace(':', "%3A").replace(',', "%2C");
    let mut out = String::new();
    for item in report.modules.iter().flat_map(|module| &module.items) {
        let Some(place) = item.chain.first() else { continue };
        let level = if item.weight == "unknown" { "warning" } else { "error" };
        let _ = writeln!(
            out,
            "::{level} title={} {},file={},line={},col={},endColumn={}::{}",
            item.code,
            property(&item.title),
            property(&place.path),
            place.line,
            place.column,
            place.end_column,
            escape(&item.message)
        );
    }
    out
}

/// A file's path as a URI.
fn uri(path: &str) -> String {
    let mut out = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => out.push(byte as char),
            _ => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

/// SARIF 2.1.0.
pub fn sarif(report: &Report) -> String {
    let rules: Vec<_> = Code::ALL
        .iter()
        .map(|code| {
            json!({"id": code.id(), "shortDescription": {"text": code.title()}, "fullDescription": {"text": code.explain()}})
        })
        .collect();
    let location = |place: &crate::check::Place| {
        json!({"physicalLocation": {
            "artifactLocation": {"uri": uri(&place.path)},
            "region": {"startLine": place.line, "startColumn": place.column, "endColumn": place.end_column},
        }})
    };
    let results: Vec<_> = report
        .modules
        .iter()
        .flat_map(|module| &module.items)
        .filter(|item| !item.chain.is_empty())
        .map(|item| {
            let flow: Vec<_> = item.chain.iter().map(|place| json!({"location": location(place)})).collect();
            json!({
                "ruleId": item.code,
                "ruleIndex": Code::ALL.iter().position(|code| code.id() == item.code),
                "level": if item.weight == "unknown" { "warning" } else { "error" },
                "message": {"text": format!("{}. {}", item.message, item.help)},
                "locations": [location(&item.chain[0])],
                "codeFlows": [{"threadFlows": [{"locations": flow}]}],
            })
        })
        .collect();
    let log = json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {"name": "ember", "version": env!("CARGO_PKG_VERSION"), "rules": rules}},
            "results": results,
        }],
    });
    format!("{log:#}\n")
}

/// The report as JSON.
pub fn json(report: &Report) -> String {
    serde_json::to_string_pretty(report).map(|text| text + "\n").unwrap_or_default()
}
