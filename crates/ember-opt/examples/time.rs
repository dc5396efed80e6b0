//! How long the passes take: `cargo run --release -p ember-opt --example time -- FILE…`.
#![allow(clippy::print_stdout, reason = "a tool")]

use ember_opt::pipeline::{FINISH, OPTIMIZE, pass};
use std::time::Instant;

fn main() {
    const ROUNDS: u32 = 50;
    for file in std::env::args().skip(1) {
        let text = std::fs::read_to_string(&file).expect("a readable file");
        let func = ember_hir::parse::parse(&text).unwrap_or_else(|error| panic!("{file}: {error}"));
        let names: Vec<&str> = OPTIMIZE.iter().chain(FINISH).copied().collect();
        let mut times = vec![f64::MAX; names.len()];
        let mut after = 0;
        for _ in 0..ROUNDS {
            let mut func = func.clone();
            for (index, name) in names.iter().enumerate() {
                let start = Instant::now();
                pass(name).expect("a pass").1(&mut func);
                times[index] = (start.elapsed().as_secs_f64() * 1e6).min(times[index]);
            }
            after = func.blocks.values().map(|block| block.insts.len()).sum();
        }
        let insts: usize = func.blocks.values().map(|block| block.insts.len()).sum();
        println!("{file}: {insts} -> {after} instructions, {:.0} us", times.iter().sum::<f64>());
        for (name, time) in names.iter().zip(&times) {
            println!("  {name:12} {time:6.1}");
        }
    }
}
