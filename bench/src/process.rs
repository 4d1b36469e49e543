//! CPU time and memory of a process, as Linux shows them in `/proc`.

use std::fs;
use std::time::Duration;

use anyhow::Context;

/// `USER_HZ`, which Linux fixes for everything it shows to programs.
const TICKS_PER_SECOND: f64 = 100.0;

const UNKNOWN: &str = "an unknown form of /proc";
const ELSEWHERE: &str = "CPU time and memory are read from /proc, so the servers and PostgreSQL must run on this Linux machine";

/// CPU time that the process has used so far.
pub fn cpu(pid: u32) -> anyhow::Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).context(ELSEWHERE)?;
    ticks(&stat)
        .map(|ticks| Duration::from_secs_f64(ticks / TICKS_PER_SECOND))
        .context(UNKNOWN)
}

/// Ticks in user and in kernel mode.
fn ticks(stat: &str) -> Option<f64> {
    // The name in parentheses may hold anything; utime and stime are the 12th and 13th behind it.
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(11);
    let mut next = || fields.next()?.parse::<f64>().ok();
    Some(next()? + next()?)
}

/// Resident memory now, in MiB.
pub fn memory(pid: u32) -> anyhow::Result<f64> {
    status(pid, "VmRSS:")
}

/// The most resident memory since [`forget_peak`], in MiB.
pub fn peak(pid: u32) -> anyhow::Result<f64> {
    status(pid, "VmHWM:")
}

/// Lets the peak begin at what is resident now.
pub fn forget_peak(pid: u32) -> anyhow::Result<()> {
    fs::write(format!("/proc/{pid}/clear_refs"), "5").context(ELSEWHERE)
}

fn status(pid: u32, field: &str) -> anyhow::Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).context(ELSEWHERE)?;
    mebibytes(&status, field).context(UNKNOWN)
}

fn mebibytes(status: &str, field: &str) -> Option<f64> {
    let rest = status.lines().find_map(|line| line.strip_prefix(field))?;
    let kibibytes: f64 = rest.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kibibytes / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_parentheses_moves_no_field() {
        let stat = "42 (a (b) 1 2) S 1 1 1 0 -1 4194560 1 2 3 4 150 50 0 0 20 0 1 0 99";
        assert_eq!(ticks(stat), Some(200.0));
        assert_eq!(ticks("42 (cut) S 1"), None);
    }

    #[test]
    fn memory_is_read_by_the_name_of_the_field() {
        let status = "Name:\tbench\nVmHWM:\t    2048 kB\nVmRSS:\t    1536 kB\n";
        assert_eq!(mebibytes(status, "VmHWM:"), Some(2.0));
        assert_eq!(mebibytes(status, "VmRSS:"), Some(1.5));
        assert_eq!(mebibytes(status, "VmSwap:"), None);
    }
}
