//! What a process has used, as the kernel tells it.

use std::time::Duration;

/// The kernel's unit of CPU time for programs on every Linux: a hundredth of a second.
const TICK: Duration = Duration::from_millis(10);

/// The CPU time of this process so far, its own and the kernel's for it.
pub(crate) fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("benchmarks run on Linux");
    // The name of the program, in parentheses, may have blanks.
    let (_, fields) = stat.rsplit_once(") ").expect("it names the program");
    let ticks: u32 = fields
        .split(' ')
        .skip(11)
        .take(2)
        .filter_map(|field| field.parse::<u32>().ok())
        .sum();
    TICK * ticks
}

/// The most memory that this process has had, in MiB.
pub(crate) fn memory_max() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("benchmarks run on Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib: f64 = line
        .and_then(|line| line.trim().trim_end_matches(" kB").parse().ok())
        .expect("the kernel tells it");
    kib / 1024.0
}
