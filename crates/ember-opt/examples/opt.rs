//! Runs passes over a function in text form: `cargo run -p ember-opt --example opt -- [--each] [--pass NAME]… FILE`.
#![allow(clippy::print_stdout, reason = "a tool")]

use ember_opt::pipeline::{self, Options};

fn main() {
    let mut names: Vec<String> = Vec::new();
    let mut each = false;
    let mut files = Vec::new();
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--each" => each = true,
            "--pass" => names.extend(args.next()),
            _ => files.push(arg),
        }
    }
    for file in files {
        let text = std::fs::read_to_string(&file).expect("a readable file");
        let mut func = ember_hir::parse::parse(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
        if names.is_empty() {
            let options = Options { verify: true, ..Options::default() };
            let shown = &mut |name: &str, func: &ember_hir::Function| {
                if each {
                    println!("; {name}\n{func}");
                }
            };
            if let Err(error) = pipeline::run_observed(&mut func, &options, shown) {
                println!("{func}");
                panic!("{file}: {error}");
            }
        } else {
            names.iter().for_each(|name| pipeline::pass(name).expect("a pass").1(&mut func));
        }
        println!("{func}");
    }
}
