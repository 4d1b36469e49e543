//! Rows as a table of text.

/// The rows below a heading, each column as wide as its longest value.
pub(super) fn table<const N: usize>(heading: [&str; N], rows: &[[String; N]]) -> String {
    let mut widths = heading.map(|name| name.chars().count());
    for row in rows {
        for (width, value) in widths.iter_mut().zip(row) {
            *width = (*width).max(value.chars().count());
        }
    }
    let mut text = line(&heading, widths);
    for row in rows {
        text.push_str(&line(&row.each_ref().map(String::as_str), widths));
    }
    text
}

fn line<const N: usize>(values: &[&str; N], widths: [usize; N]) -> String {
    let padded = values.iter().zip(widths);
    let padded: Vec<String> = padded
        .map(|(value, width)| format!("{value:width$}"))
        .collect();
    format!("{}\n", padded.join("  ").trim_end())
}

#[cfg(test)]
mod tests {
    use super::table;

    #[test]
    fn columns_are_as_wide_as_their_values() {
        let rows = [["acme", "Ünïcode"], ["a-longer-slug", ""]].map(|row| row.map(str::to_owned));
        assert_eq!(
            table(["slug", "name"], &rows),
            "slug           name\nacme           Ünïcode\na-longer-slug\n"
        );
    }
}
