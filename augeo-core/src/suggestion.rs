//! "Did you mean": the known word that is nearest to one that is not known.

/// The nearest of `known`, if it is near enough to be meant.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    known
        .into_iter()
        .map(|candidate| {
            let near = strsim::normalized_damerau_levenshtein(&lower, &candidate.to_lowercase());
            let begins = !lower.is_empty() && candidate.to_lowercase().starts_with(&lower);
            (candidate, if begins { near.max(0.8) } else { near })
        })
        .filter(|(_, near)| *near >= 0.6)
        .max_by(|(_, one), (_, other)| one.total_cmp(other))
        .map(|(candidate, _)| candidate)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_found_and_far_ones_are_not() {
        let known = ["dev", "staging", "production"];
        assert_eq!(nearest("stagging", known), Some("staging"));
        assert_eq!(nearest("prod", known), Some("production"));
        assert_eq!(nearest("DEV", known), Some("dev"));
        assert_eq!(nearest("qa", known), None);
        assert_eq!(nearest("", known), None);
    }
}
