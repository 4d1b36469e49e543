//! The findings, and their output as text and as JSON.

use std::fmt;

use serde_json::{Value, json};

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    Ok,
    /// It works, and should be looked at.
    Warning,
    /// It does not work, or not safely.
    Problem,
}

impl Level {
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Finding {
    pub level: Level,
    /// What was looked at.
    pub check: &'static str,
    pub found: String,
    /// What to do about it; empty where there is nothing to do.
    pub mend: String,
}

/// Everything that was found, in the order of looking.
#[derive(Clone, Debug, Default)]
pub struct Report {
    pub findings: Vec<Finding>,
}

impl Report {
    pub fn ok(&mut self, check: &'static str, found: impl Into<String>) {
        self.add(Level::Ok, check, found.into(), String::new());
    }

    pub fn warning(
        &mut self,
        check: &'static str,
        found: impl Into<String>,
        mend: impl Into<String>,
    ) {
        self.add(Level::Warning, check, found.into(), mend.into());
    }

    pub fn problem(
        &mut self,
        check: &'static str,
        found: impl Into<String>,
        mend: impl Into<String>,
    ) {
        self.add(Level::Problem, check, found.into(), mend.into());
    }

    fn add(&mut self, level: Level, check: &'static str, found: String, mend: String) {
        self.findings.push(Finding {
            level,
            check,
            found,
            mend,
        });
    }

    pub fn count(&self, level: Level) -> usize {
        let findings = self.findings.iter();
        findings.filter(|finding| finding.level == level).count()
    }

    /// Whether nothing needs mending before the gateway serves.
    pub fn is_healthy(&self) -> bool {
        self.count(Level::Problem) == 0
    }

    pub fn to_json(&self) -> Value {
        let checks: Vec<Value> = self
            .findings
            .iter()
            .map(|finding| {
                json!({
                    "level": finding.level.name(),
                    "check": finding.check,
                    "found": finding.found,
                    "mend": finding.mend,
                })
            })
            .collect();
        json!({
            "healthy": self.is_healthy(),
            "problems": self.count(Level::Problem),
            "warnings": self.count(Level::Warning),
            "checks": checks,
        })
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            writeln!(
                formatter,
                "{:<8} {}: {}",
                finding.level.name(),
                finding.check,
                finding.found
            )?;
            if !finding.mend.is_empty() {
                writeln!(formatter, "         -> {}", finding.mend)?;
            }
        }
        let number = |number: usize, name: &str| match number {
            1 => format!("1 {name}"),
            _ => format!("{number} {name}s"),
        };
        write!(
            formatter,
            "{}: {}, {}. {}",
            number(self.findings.len(), "check"),
            number(self.count(Level::Problem), "problem"),
            number(self.count(Level::Warning), "warning"),
            match (self.count(Level::Problem), self.count(Level::Warning)) {
                (0, 0) => "The gateway can serve.",
                (0, _) => "The gateway can serve; look at what is warned of.",
                _ => "The gateway does not work, or not safely, until the problems are mended.",
            }
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_says_what_the_numbers_mean() {
        let mut report = Report::default();
        let last = |report: &Report| report.to_string().lines().last().map(str::to_owned);
        report.ok("a", "fine");
        assert_eq!(
            last(&report).as_deref(),
            Some("1 check: 0 problems, 0 warnings. The gateway can serve.")
        );
        report.warning("b", "odd", "look");
        assert_eq!(
            last(&report).as_deref(),
            Some(
                "2 checks: 0 problems, 1 warning. The gateway can serve; look at what is warned of."
            )
        );
        report.problem("c", "broken", "mend it");
        assert_eq!(
            last(&report).as_deref(),
            Some(
                "3 checks: 1 problem, 1 warning. The gateway does not work, or not safely, until the problems are mended."
            )
        );
    }
}
