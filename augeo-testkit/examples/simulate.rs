//! Many simulations.
use augeo_testkit::simulation::{Profile, Script, play};
#[expect(clippy::print_stdout, reason = "it prints")]
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let from: u64 = args[1].parse().unwrap();
    let to: u64 = args[2].parse().unwrap();
    let profile = Profile::named(args.get(3).map_or("mixed", String::as_str)).unwrap();
    let mut bad = 0;
    let mut requests = 0;
    let mut runs = 0;
    for seed in from..to {
        let script = Script::draw(seed, profile);
        let outcome = play(&script);
        requests += outcome.requests;
        runs += outcome.runs;
        if !outcome.violations.is_empty() {
            bad += 1;
            if bad < 12 {
                println!(
                    "seed {seed}: {}",
                    outcome.violations[0]
                        .to_string()
                        .chars()
                        .take(700)
                        .collect::<String>()
                );
                if args.len() > 4 {
                    println!("{:?}", script.steps);
                    println!("{:?}", script.shape);
                    println!("{:?}", outcome.strikes);
                }
            }
        }
    }
    println!("{bad} bad, {requests} requests, {runs} runs");
}
