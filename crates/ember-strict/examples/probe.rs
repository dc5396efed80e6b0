//! `probe STUBS PATH:PATH… FILE…`: run programs and print what their names are, a JSON object a line.

use std::io::Write;
use std::path::PathBuf;

fn main() -> std::io::Result<()> {
    let mut args = std::env::args().skip(1);
    let options = ember_strict::check::Options {
        stubs: vec![PathBuf::from(args.next().unwrap_or_default())],
        search: args.next().unwrap_or_default().split(':').map(PathBuf::from).collect(),
        ..Default::default()
    };
    let sources: Vec<String> = args.map(|file| std::fs::read_to_string(file).unwrap_or_default()).collect();
    for outcome in ember_strict::probe::run_all(&options, &sources) {
        writeln!(std::io::stdout(), "{}", serde_json::to_string(&outcome).unwrap_or_default())?;
    }
    Ok(())
}
