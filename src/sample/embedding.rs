//! Embeddings of the sample, made of the words of a text: rows with common words are near each
//! other. In production, embeddings come from a model.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// The dimensions of the model's vectors.
const DIMENSIONS: usize = 768;

/// The embedding of texts, each with how much its words count, as PostgreSQL reads it; none for
/// texts without words, which have no direction.
pub fn of(texts: &[(&str, f32)]) -> Option<String> {
    let mut numbers = vec![0_f32; DIMENSIONS];
    for (text, weight) in texts {
        let words = text.split(|one: char| !one.is_alphanumeric());
        for word in words.filter(|word| !word.is_empty()) {
            // Each word gets a place and a sign, so that different words seldom meet.
            let digest = Sha256::digest(word.to_lowercase());
            let place = usize::from(u16::from_be_bytes([digest[0], digest[1]])) % DIMENSIONS;
            let sign = if digest[2] % 2 == 0 { 1.0 } else { -1.0 };
            numbers[place] += sign * weight;
        }
    }
    let length = numbers.iter().map(|one| one * one).sum::<f32>().sqrt();
    if length == 0.0 {
        return None;
    }
    let mut text = String::with_capacity(DIMENSIONS * 4);
    for number in numbers {
        text.push(if text.is_empty() { '[' } else { ',' });
        // Writing to a string does not fail.
        let _ = write!(text, "{}", number / length);
    }
    text.push(']');
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::of;

    #[test]
    fn texts_with_the_same_words_have_the_same_embedding() {
        let one = of(&[("Kind of Blue", 1.0)]);
        assert_eq!(one, of(&[("blue, of KIND!", 1.0)]));
        assert_ne!(one, of(&[("Kind of Red", 1.0)]));
        let numbers = one.expect("words").matches(',').count() + 1;
        assert_eq!(numbers, 768);
    }

    #[test]
    fn a_text_without_words_has_none() {
        assert_eq!(of(&[("", 1.0), (" – ", 2.0)]), None);
    }
}
