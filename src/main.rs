//! The `dateline` command: arguments → one command → one report, one exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    dateline::cli::main()
}
