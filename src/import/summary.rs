//! What an import did with every record of its file.

use std::fmt::{self, Display, Formatter};

use rust_decimal::Decimal;

/// The closing table shows the first sums only; the largest come first.
const TOTALS_SHOWN: usize = 6;

/// A number of records and what they have in common.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    pub what: String,
    pub count: u64,
}

/// The rows of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableCount {
    pub table: &'static str,
    pub imported: u64,
    /// Rows that an earlier import, or the workspace itself, had already.
    pub present: u64,
}

/// The account of an import: read = imported + already there + left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    pub source: &'static str,
    pub workspace: String,
    /// What the file consists of: lines, or records.
    pub unit: &'static str,
    pub read: u64,
    /// Records of the file that became rows, or a part of them.
    pub imported: u64,
    /// Records whose rows were there before.
    pub present: u64,
    /// Records that the model has no place for, by reason.
    pub left_out: Vec<Count>,
    pub tables: Vec<TableCount>,
    /// What else is worth knowing about the data, and details that were not taken over.
    pub notes: Vec<Count>,
    /// Figures of the whole file, to check it against its source.
    pub totals: Vec<(String, Decimal)>,
}

impl Summary {
    /// Whether every record that was read is accounted for.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.read == self.imported + self.present + self.left_out_count()
    }

    #[must_use]
    pub fn left_out_count(&self) -> u64 {
        self.left_out.iter().map(|reason| reason.count).sum()
    }

    /// The rows of a table; none where the import does not write to it.
    #[must_use]
    pub fn table(&self, name: &str) -> Option<&TableCount> {
        self.tables.iter().find(|counted| counted.table == name)
    }

    #[must_use]
    pub fn total(&self, name: &str) -> Option<Decimal> {
        let found = self.totals.iter().find(|(known, _)| known == name);
        found.map(|(_, total)| *total)
    }

    pub(super) fn count(&mut self, table: &'static str, imported: u64, present: u64) {
        self.tables.push(TableCount {
            table,
            imported,
            present,
        });
    }

    pub(super) fn leave_out(&mut self, what: impl Into<String>, count: u64) {
        push(&mut self.left_out, what.into(), count);
    }

    pub(super) fn note(&mut self, what: impl Into<String>, count: u64) {
        push(&mut self.notes, what.into(), count);
    }

    /// Counts the values of a column that has no place in the model.
    pub(super) fn note_dropped(&mut self, place: usize, name: &str, count: u64) {
        let what = match name {
            "" => format!(
                "values of column {}, which has no name, are not kept",
                place + 1
            ),
            _ => format!("values of the column `{name}` are not kept"),
        };
        self.note(what, count);
    }
}

fn push(counts: &mut Vec<Count>, what: String, count: u64) {
    if count > 0 {
        counts.push(Count { what, count });
    }
}

impl Display for Summary {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        writeln!(
            out,
            "{} into the workspace `{}`",
            self.source, self.workspace
        )?;
        writeln!(out)?;
        writeln!(
            out,
            "  {:<22}{:>12}{:>15}",
            "table", "imported", "already there"
        )?;
        for counted in &self.tables {
            let (imported, present) = (grouped(counted.imported), grouped(counted.present));
            writeln!(out, "  {:<22}{imported:>12}{present:>15}", counted.table)?;
        }
        writeln!(out)?;
        writeln!(
            out,
            "  {} {} read = {} imported + {} already there + {} left out",
            grouped(self.read),
            self.unit,
            grouped(self.imported),
            grouped(self.present),
            grouped(self.left_out_count()),
        )?;
        section(out, "left out", &self.left_out)?;
        section(out, "noted", &self.notes)?;
        if !self.totals.is_empty() {
            writeln!(out, "\n  sums over the whole file")?;
            for (what, total) in self.totals.iter().take(TOTALS_SHOWN) {
                writeln!(out, "  {:>16}  {what}", decimal(*total))?;
            }
            if self.totals.len() > TOTALS_SHOWN {
                let more = self.totals.len() - TOTALS_SHOWN;
                writeln!(out, "  {:>16}  and {more} more", "")?;
            }
        }
        Ok(())
    }
}

fn section(out: &mut Formatter<'_>, title: &str, counts: &[Count]) -> fmt::Result {
    if counts.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n  {title}")?;
    for counted in counts {
        writeln!(out, "  {:>12}  {}", grouped(counted.count), counted.what)?;
    }
    Ok(())
}

/// Digits in groups of three.
fn grouped(number: u64) -> String {
    group(&number.to_string())
}

fn decimal(number: Decimal) -> String {
    let text = number.abs().to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let sign = if number.is_sign_negative() { "-" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{fraction}", group(whole))
}

fn group(digits: &str) -> String {
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::{Summary, decimal, grouped};

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(541_909), "541,909");
        assert_eq!(decimal(Decimal::new(-9_747_747_934, 3)), "-9,747,747.934");
        assert_eq!(decimal(Decimal::new(12, 0)), "12");
    }

    #[test]
    fn the_closing_table_accounts_for_every_record() {
        let mut summary = Summary {
            source: "Online Retail",
            workspace: "demo".to_owned(),
            unit: "lines",
            read: 1010,
            imported: 1000,
            present: 7,
            ..Summary::default()
        };
        assert!(!summary.is_complete());
        summary.leave_out("stock write-offs", 3);
        summary.leave_out("never happened", 0);
        summary.count("orders", 120, 1);
        summary.totals.push(("all".to_owned(), Decimal::new(15, 1)));
        assert!(summary.is_complete());
        assert_eq!(
            summary.to_string(),
            "Online Retail into the workspace `demo`\n\
             \n\
             \x20 table                     imported  already there\n\
             \x20 orders                         120              1\n\
             \n\
             \x20 1,010 lines read = 1,000 imported + 7 already there + 3 left out\n\
             \n\
             \x20 left out\n\
             \x20            3  stock write-offs\n\
             \n\
             \x20 sums over the whole file\n\
             \x20              1.5  all\n"
        );
    }
}
