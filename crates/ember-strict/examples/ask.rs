//! The analyser without the extension module, for working on it: a JSON request on standard input, the answer on standard output.
//!
//! `{"call": "check", "options": …}`, `{"call": "probe", "options": …, "sources": […]}`,
//! `{"call": "render", "report": …, "format": "text", "verdicts": true}` and `{"call": "codes"}` are what `ember-py` offers to Python.

use ember_strict::check::{Options, Report, check};
use ember_strict::diagnostics::{Code, render};
use serde::Deserialize;
use std::io::{Read, Write};

#[derive(Deserialize)]
#[serde(rename_all = "lowercase", tag = "call")]
enum Request {
    Check { options: Options },
    Probe { options: Options, sources: Vec<String> },
    Render { report: Report, format: String, verdicts: bool },
    Codes,
}

fn main() -> std::io::Result<()> {
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let answer = match serde_json::from_str(&text)? {
        Request::Check { options } => serde_json::to_string(&check(&options))?,
        Request::Probe { options, sources } => {
            serde_json::to_string(&ember_strict::probe::run_all(&options, &sources))?
        }
        Request::Render { report, format, verdicts } => match format.as_str() {
            "sarif" => render::sarif(&report),
            "github" => render::github(&report),
            "json" => serde_json::to_string_pretty(&report)?,
            _ => render::text(&report, false, verdicts),
        },
        Request::Codes => {
            let codes = Code::ALL.iter().map(|code| (code.id(), code.title(), code.explain())).collect::<Vec<_>>();
            serde_json::to_string(&codes)?
        }
    };
    std::io::stdout().write_all(answer.as_bytes())
}
