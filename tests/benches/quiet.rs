//! Figures from a loaded machine say nothing, so a bench asks first.

use std::fs;
use std::thread;
use std::time::Duration;

/// Whether nobody else uses the machine.
///
/// # Errors
/// A sentence, when somebody else uses the machine.
pub fn quiet() -> Result<(), String> {
    let read = |p: &str| fs::read_to_string(p).map_err(|e| format!("no figures: {p}: {e}"));
    let load: f64 = read("/proc/loadavg")?.split(' ').next().and_then(|l| l.parse().ok()).unwrap_or(f64::MAX);
    let cores = thread::available_parallelism().map_or(1, usize::from) as f64;
    let before = ticks(&read("/proc/stat")?);
    thread::sleep(Duration::from_secs(1));
    let spent: Vec<f64> = ticks(&read("/proc/stat")?).iter().zip(before).map(|(b, a)| b - a).collect();
    // The columns of `cpu`: user nice system idle iowait irq softirq steal (proc(5)).
    let share = |columns: &[usize]| {
        columns.iter().filter_map(|c| spent.get(*c)).sum::<f64>() / spent.iter().sum::<f64>().max(1.0)
    };
    let (busy, waiting, steal) = (share(&[0, 1, 2, 5, 6]), share(&[4]), share(&[7]));
    if load > cores * 0.75 || busy > 0.1 || waiting > 0.1 || steal > 0.02 {
        return Err(format!(
            "no figures: the machine is loaded (load average {load}, busy {:.0} %, waiting for disks {:.0} %, stolen {:.1} %). \
             Run this when nothing else does.",
            busy * 100.0,
            waiting * 100.0,
            steal * 100.0,
        ));
    }
    Ok(())
}

fn ticks(stat: &str) -> Vec<f64> {
    stat.lines()
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .skip(1)
        .take(8)
        .filter_map(|n| n.parse().ok())
        .collect()
}
