//! Names by rule: how words of the database become words of the API.

/// `product_variants` -> `productVariants`.
pub fn camel(name: &str) -> String {
    let mut parts = name.split('_').filter(|part| !part.is_empty());
    let mut result = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        result.push_str(&capitalised(part));
    }
    result
}

/// `product_variants` -> `ProductVariants`.
pub fn pascal(name: &str) -> String {
    name.split('_').map(capitalised).collect()
}

pub fn capitalised(word: &str) -> String {
    let mut characters = word.chars();
    let first = characters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(characters).collect()
}

/// `User who buys.` -> `user who buys.`
pub fn uncapitalised(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().into_iter().flat_map(char::to_lowercase);
    first.chain(characters).collect()
}

/// `graph_entities` -> `graph_entity`; a name that is no plural stays as it is.
pub fn singular(name: &str) -> String {
    if let Some(stem) = name.strip_suffix("ies") {
        format!("{stem}y")
    } else if name.ends_with("ss") {
        name.to_owned()
    } else {
        name.strip_suffix('s').unwrap_or(name).to_owned()
    }
}

/// `monthly_usage` -> `monthly_usages`; a plural stays as it is.
pub fn plural(name: &str) -> String {
    if singular(name) != name {
        name.to_owned()
    } else if let Some(stem) = name.strip_suffix('y') {
        format!("{stem}ies")
    } else {
        format!("{name}s")
    }
}

/// What several rows of a table are called: as [`plural`], but for words that have none.
pub fn several(name: &str, uncountable: &[&str]) -> String {
    let last_word = name.rsplit('_').next().unwrap_or_default();
    match uncountable.contains(&last_word) {
        true => name.to_owned(),
        false => plural(name),
    }
}

/// The words of a name: `icp_profiles` -> `ICP profiles`.
pub fn words(name: &str, acronyms: &[&str]) -> String {
    let words = name.split('_').map(|word| {
        let acronym = acronyms.iter().find(|acronym| singular(word) == **acronym);
        acronym.map_or(word.to_owned(), |acronym| {
            word.replacen(acronym, &acronym.to_uppercase(), 1)
        })
    });
    words.collect::<Vec<_>>().join(" ")
}

/// The child's name with the parent's taken off the front: `order_items` of `orders` -> `items`.
pub fn without_parent<'a>(child: &'a str, parent: &str) -> &'a str {
    child
        .strip_prefix(&singular(parent))
        .and_then(|rest| rest.strip_prefix('_'))
        .unwrap_or(child)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_rules() {
        assert_eq!(camel("n8n_workflow_id"), "n8nWorkflowId");
        assert_eq!(pascal("ai_model_config"), "AiModelConfig");
        assert_eq!(singular("graph_entities"), "graph_entity");
        assert_eq!(singular("sales_metrics"), "sales_metric");
        assert_eq!(singular("support_feedback"), "support_feedback");
        assert_eq!(
            plural("product_performance_summary"),
            "product_performance_summaries"
        );
        assert_eq!(plural("orders"), "orders");
        assert_eq!(several("monthly_usage", &["usage"]), "monthly_usage");
        assert_eq!(several("monthly_usage", &["use"]), "monthly_usages");
        assert_eq!(
            without_parent("support_case_messages", "support_cases"),
            "messages"
        );
        assert_eq!(without_parent("orders", "customers"), "orders");
        assert_eq!(words("kpis_of_faq", &["faq", "kpi"]), "KPIs of FAQ");
    }
}
