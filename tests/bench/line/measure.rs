//! Processor time and memory of processes, as the kernel counts them.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;

/// `USER_HZ`: fixed on Linux for everything that reads /proc.
const TICKS_PER_SECOND: f64 = 100.0;

/// How a process went.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    /// From start to end.
    pub(crate) elapsed: Duration,
    /// Of the processors, all threads.
    pub(crate) worked_s: f64,
    /// The most that was resident.
    pub(crate) peak_mb: f64,
    /// Exit code.
    pub(crate) code: i32,
}

/// Runs the product to its end.
#[expect(clippy::disallowed_methods, reason = "a bench: it measures time")]
pub(crate) fn dateline(folder: &Path, args: &[&str]) -> anyhow::Result<Run> {
    let before = children_seconds()?;
    let began = Instant::now();
    let mut process = Command::new(env!("CARGO_BIN_EXE_dateline"))
        .args(args)
        .current_dir(folder)
        .env("DATELINE_LOG_LEVEL", "warn")
        .stdout(Stdio::null())
        .spawn()
        .context("starting dateline")?;
    let mut peak_mb = 0.0_f64;
    let status = loop {
        if let Some(status) = process.try_wait()? {
            break status;
        }
        peak_mb = peak_mb.max(status_mb(process.id(), "VmHWM:").unwrap_or(0.0));
        std::thread::sleep(Duration::from_millis(10));
    };
    let elapsed = began.elapsed();
    Ok(Run { elapsed, worked_s: children_seconds()? - before, peak_mb, code: status.code().unwrap_or(-1) })
}

/// Seconds of processor that a running process used so far.
pub(crate) fn processor_seconds(process: u32) -> anyhow::Result<f64> {
    ticks(&format!("/proc/{process}/stat"), 11)
}

/// Seconds of processor that this process's ended children used.
fn children_seconds() -> anyhow::Result<f64> {
    ticks("/proc/self/stat", 13)
}

/// The sum of two neighbouring fields, counted from behind the name in brackets (`proc_pid_stat(5)`: utime is 14, cutime 16).
fn ticks(path: &str, at: usize) -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string(path)?;
    let fields: Vec<f64> =
        stat.rsplit(')').next().unwrap_or_default().split(' ').filter_map(|field| field.parse().ok()).collect();
    // The state, a letter, is not among the numbers.
    Ok((fields.get(at - 1).unwrap_or(&0.0) + fields.get(at).unwrap_or(&0.0)) / TICKS_PER_SECOND)
}

/// A line of /proc/PID/status, in MB.
pub(crate) fn status_mb(process: u32, name: &str) -> anyhow::Result<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("0");
    Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? / 1024.0)
}

/// Processor time of this thread so far.
pub(crate) fn own_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    stat.split(' ').next().and_then(|nanos| nanos.parse::<f64>().ok()).unwrap_or(0.0) / 1e9
}
