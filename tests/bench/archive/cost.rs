//! A process of its own, and what it cost.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// What a process cost.
pub(super) struct Cost {
    pub(super) wall: Duration,
    /// On the processor, user and system, of all its threads.
    pub(super) cpu: Duration,
    /// What it printed.
    pub(super) printed: String,
}

/// Runs a process to its end.
pub(super) fn of(command: &mut Command) -> Cost {
    let before = children_cpu();
    let began = Instant::now();
    let output = command.stderr(Stdio::inherit()).output().unwrap();
    let wall = began.elapsed();
    assert!(output.status.success(), "{command:?} ended with {}", output.status);
    let printed = String::from_utf8(output.stdout).unwrap();
    Cost { wall, cpu: children_cpu().saturating_sub(before), printed }
}

/// This bench again, doing one thing.
pub(super) fn again(args: &[&std::ffi::OsStr]) -> Cost {
    of(Command::new(std::env::current_exe().unwrap()).args(args))
}

/// Peak of the memory of this process in megabytes, as the kernel counts it.
pub(super) fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}

/// Time on the processor of all children that ended (proc(5), `cutime` and `cstime`), in ticks of 10 ms.
fn children_cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let (_, fields) = stat.rsplit_once(')').unwrap();
    let ticks = |place: usize| fields.split_ascii_whitespace().nth(place).unwrap().parse::<u64>().unwrap();
    Duration::from_millis(10 * (ticks(13) + ticks(14)))
}
