//! Writes highlights as HTML.

use crate::engine::select::{MARK_END, MARK_START};

/// A snippet as HTML, where it has marked words: the text is escaped, and each word stands in
/// `<mark>`.
pub fn highlighted(snippet: &str) -> Option<String> {
    if !snippet.contains(MARK_START) {
        return None;
    }
    let mut html = String::with_capacity(snippet.len() + 32);
    for character in snippet.chars() {
        match character {
            MARK_START => html.push_str("<mark>"),
            MARK_END => html.push_str("</mark>"),
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            '"' => html.push_str("&quot;"),
            '\'' => html.push_str("&#39;"),
            other => html.push(other),
        }
    }
    Some(html)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snippet_is_escaped_and_its_words_are_marked() {
        let snippet = format!("<b>{MARK_START}bag{MARK_END}</b> & \"more\" 'things'");
        assert_eq!(
            highlighted(&snippet).as_deref(),
            Some("&lt;b&gt;<mark>bag</mark>&lt;/b&gt; &amp; &quot;more&quot; &#39;things&#39;")
        );
    }

    #[test]
    fn without_marked_words_there_is_nothing_to_show() {
        assert_eq!(highlighted("a bag"), None);
    }
}
