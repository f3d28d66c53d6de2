//! JSON lines through a function: read in order, worked on in parallel, written in order.

use std::io::{self, BufRead, Write};
use std::num::NonZero;
use std::thread;

/// How many lines are in memory at once, for each thread. A page can be 15 MB.
const LINES_PER_THREAD: usize = 16;

/// The longest line that is read: a page of 15 MB in JSON, with room for its escapes.
const MAX_LINE_BYTES: u64 = 128 << 20;

/// Passes every non-empty line of `input` through `work` and writes what it gives, one line each, in the same order.
///
/// # Errors
/// When reading or writing fails, or a line is longer than any page can be.
pub(super) fn filter(
    mut input: impl BufRead,
    mut output: impl Write,
    work: impl Fn(&str) -> String + Sync,
) -> io::Result<()> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    loop {
        let mut lines = Vec::new();
        while lines.len() < threads * LINES_PER_THREAD {
            match next_line(&mut input)? {
                Some(line) if line.trim().is_empty() => {}
                Some(line) => lines.push(line),
                None => break,
            }
        }
        if lines.is_empty() {
            return output.flush();
        }
        for answer in parallel(&lines, threads, &work) {
            writeln!(output, "{answer}")?;
        }
    }
}

/// The next line without its end; bytes that are not UTF-8 are replaced.
pub(super) fn next_line(input: &mut impl BufRead) -> io::Result<Option<String>> {
    use std::io::Read;
    let mut line = Vec::new();
    let read = input.by_ref().take(MAX_LINE_BYTES).read_until(b'\n', &mut line)?;
    if read as u64 == MAX_LINE_BYTES {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            format!("a line is longer than {MAX_LINE_BYTES} bytes"),
        ));
    }
    while line.last().is_some_and(|byte| matches!(byte, b'\n' | b'\r')) {
        line.pop();
    }
    // The lossy reading goes byte by byte, for lines that need it.
    let text = String::from_utf8(line).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
    Ok((read > 0).then_some(text))
}

fn parallel(lines: &[String], threads: usize, work: &(impl Fn(&str) -> String + Sync)) -> Vec<String> {
    use std::sync::atomic::{AtomicUsize, Ordering};
    let next = AtomicUsize::new(0);
    let mut answers: Vec<(usize, String)> = thread::scope(|scope| {
        let worker = || {
            let mut done = Vec::new();
            loop {
                let place = next.fetch_add(1, Ordering::Relaxed);
                let Some(line) = lines.get(place) else { return done };
                done.push((place, work(line)));
            }
        };
        let handles: Vec<_> = (0..threads).map(|_| scope.spawn(worker)).collect();
        handles.into_iter().flat_map(|handle| handle.join().unwrap_or_default()).collect()
    });
    answers.sort_by_key(|(place, _)| *place);
    answers.into_iter().map(|(_, answer)| answer).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_kept_and_empty_lines_are_passed_over() {
        use std::fmt::Write;
        let (mut input, mut expect) = (String::new(), String::new());
        for n in 0..500 {
            write!(input, "{n}\n\n").unwrap();
            writeln!(expect, "<{n}>").unwrap();
        }
        let mut output = Vec::new();
        filter(input.as_bytes(), &mut output, |line| format!("<{line}>")).unwrap();
        assert_eq!(String::from_utf8(output).unwrap(), expect);
    }
}
