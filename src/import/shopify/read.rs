//! Puts the lines of a Shopify product export together to products with their variants.

use std::collections::{HashMap, HashSet};

use super::columns::{Columns, Field, Word};
use super::export::{Export, Product, Unknown, Variant};
use super::options::{exact_sku, key, spelled_sku};
use crate::import::error::ImportError;
use crate::import::lines::Lines;
use crate::import::source::Text;

const OPTIONS: [(Field, Field); 3] = [
    (Field::Option1Name, Field::Option1Value),
    (Field::Option2Name, Field::Option2Value),
    (Field::Option3Name, Field::Option3Value),
];
/// No column of the model is limited to more; texts without a limit are never this long.
const ANY_LENGTH: usize = 1_000_000;
const DEFAULT_TITLE: &str = "Default Title";
const UNLISTED: &str = "status:unlisted";

struct Reader {
    lines: Lines,
    columns: Columns,
    /// Refuses words that are not known.
    strict: bool,
    export: Export,
    /// SKUs that the file gives.
    skus: HashSet<String>,
    /// Made SKUs wait until all given ones are known.
    nameless: Vec<(usize, usize)>,
    keys: HashSet<(usize, String)>,
}

/// Reads the whole file; memory grows with the number of products and variants.
pub(super) fn read(text: Text, strict: bool) -> Result<Export, ImportError> {
    let lines = Lines::open(text)?;
    let columns = Columns::new(&lines)?;
    let mut reader = Reader {
        lines,
        columns,
        strict,
        export: Export::default(),
        skus: HashSet::new(),
        nameless: Vec::new(),
        keys: HashSet::new(),
    };
    while reader.lines.next()? {
        reader.export.lines += 1;
        reader.columns.count_dropped(&reader.lines)?;
        reader.line()?;
    }
    if reader.export.lines == 0 {
        return Err(reader
            .lines
            .empty("products after the line that names the columns"));
    }
    reader.make_skus();
    let mut export = reader.export;
    export.dropped = reader.columns.dropped;
    export.remarks = reader.lines.remarks();
    Ok(export)
}

impl Reader {
    fn get(&self, field: Field, longest: usize) -> Result<Option<String>, ImportError> {
        let value = self.columns.get(&self.lines, field, longest)?;
        Ok(value.map(str::to_owned))
    }

    fn line(&mut self) -> Result<(), ImportError> {
        let Some(handle) = self.get(Field::Handle, 255)? else {
            let expected = "the handle of a product";
            return Err(self.columns.wrong(&self.lines, Field::Handle, expected, ""));
        };
        let product = match self.export.products.get_index_of(&handle) {
            Some(index) => {
                if !self.is_variant()? {
                    match self.get(Field::Image, ANY_LENGTH)? {
                        Some(_) => self.export.image_lines += 1,
                        None => self.export.blank_lines += 1,
                    }
                    return Ok(());
                }
                index
            }
            None => {
                let product = self.product()?;
                self.export.products.insert_full(handle, product).0
            }
        };
        self.variant(product)
    }

    fn is_variant(&self) -> Result<bool, ImportError> {
        for field in [
            Field::Price,
            Field::Sku,
            Field::Option1Value,
            Field::Option2Value,
            Field::Option3Value,
        ] {
            if self.get(field, 255)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// One of a few words; an unknown one is noted, and then it is what `taken_as` says.
    fn word(
        &mut self,
        field: Field,
        words: &[&'static str],
        taken_as: &'static str,
    ) -> Result<Option<Word>, ImportError> {
        let word = self.columns.word(&self.lines, field, words)?;
        let Some(Word::Unknown(value)) = &word else {
            return Ok(word);
        };
        if self.strict {
            let expected = format!("one of {}", words.join(", "));
            return Err(self.columns.wrong(&self.lines, field, &expected, value));
        }
        let unknown = Unknown {
            column: self.columns.name(&self.lines, field).to_owned(),
            value: value.clone(),
            taken_as,
        };
        let first = (self.lines.line(), 0);
        let (_, count) = self.export.unknown_words.entry(unknown).or_insert(first);
        *count += 1;
        Ok(word)
    }

    fn product(&mut self) -> Result<Product, ImportError> {
        let Some(title) = self.get(Field::Title, ANY_LENGTH)? else {
            let expected = "a title on the first line of a product";
            return Err(self.columns.wrong(&self.lines, Field::Title, expected, ""));
        };
        let mut tags: Vec<String> = Vec::new();
        if let Some(vendor) = self.get(Field::Vendor, 255)? {
            tags.push(format!("vendor:{vendor}"));
        }
        let listed = self.get(Field::Tags, ANY_LENGTH)?.unwrap_or_default();
        for tag in listed.split(',') {
            let tag = tag.trim();
            if !tag.is_empty() && !tags.iter().any(|known| known == tag) {
                tags.push(tag.to_owned());
            }
        }
        let inactive = "the product is inactive";
        let published = self.word(Field::Published, &["true", "false"], inactive)?;
        let words = ["active", "draft", "archived", "unlisted"];
        let status = self.word(Field::Status, &words, inactive)?;
        if status == Some(Word::Known("unlisted")) {
            self.export.unlisted += 1;
            if !tags.iter().any(|known| known == UNLISTED) {
                tags.push(UNLISTED.to_owned());
            }
        }
        Ok(Product {
            title,
            description: self.get(Field::Body, ANY_LENGTH)?,
            collection: self.get(Field::Collection, 255)?,
            category: self.get(Field::Type, 255)?,
            tags,
            status: match (status, published) {
                (Some(Word::Known("archived")), _) => "archived",
                (Some(Word::Known("draft") | Word::Unknown(_)), _)
                | (_, Some(Word::Known("false") | Word::Unknown(_))) => "inactive",
                _ => "active",
            },
            option_names: [
                self.get(OPTIONS[0].0, 255)?,
                self.get(OPTIONS[1].0, 255)?,
                self.get(OPTIONS[2].0, 255)?,
            ],
            variants: Vec::new(),
        })
    }

    fn variant(&mut self, product: usize) -> Result<(), ImportError> {
        let Some(price) = self.columns.amount(&self.lines, Field::Price)? else {
            let expected = "the price of a variant";
            return Err(self.columns.wrong(&self.lines, Field::Price, expected, ""));
        };
        let quantity = self.columns.quantity(&self.lines, Field::Quantity)?;
        let refused = "the variant cannot be ordered when none is in stock";
        let words = ["deny", "continue", "false", "true"];
        let policy = self.word(Field::Policy, &words, refused)?;
        let goes_on = matches!(policy, Some(Word::Known("continue" | "true")));
        let tracked = self.get(Field::Tracker, 255)?.is_some();
        let sku = self.get(Field::Sku, 255)?;
        let mut variant = Variant {
            line: self.lines.line(),
            options: Vec::new(),
            key: String::new(),
            homeless: Vec::new(),
            sku: None,
            is_made: false,
            size: None,
            frame_type: None,
            condition: None,
            price,
            cost: self.columns.amount(&self.lines, Field::Cost)?,
            inventory_quantity: quantity,
            is_available: !tracked || quantity > 0 || goes_on,
        };
        self.options(product, &mut variant)?;
        if !self.keys.insert((product, variant.key.clone())) {
            self.export.repeated_variants += 1;
            return Ok(());
        }
        let index = self.export.products[product].variants.len();
        match sku {
            None => self.nameless.push((product, index)),
            Some(sku) if self.skus.contains(&sku) => {
                self.export.repeated_skus.push((sku, variant.line));
            }
            Some(sku) => {
                self.skus.insert(sku.clone());
                variant.sku = Some(sku);
            }
        }
        self.export.products[product].variants.push(variant);
        Ok(())
    }

    /// Gives the values of the options to the columns they have, and names the others.
    fn options(&self, product: usize, variant: &mut Variant) -> Result<(), ImportError> {
        for (index, (_, field)) in OPTIONS.iter().enumerate() {
            let value = self.get(*field, 255)?;
            let value = value.filter(|value| value != DEFAULT_TITLE);
            variant.options.push(value.clone());
            if value.is_none() {
                continue;
            }
            let name = self.export.products[product].option_names[index]
                .clone()
                .unwrap_or_else(|| format!("Option{}", index + 1));
            let (place, longest) = match name.to_lowercase().as_str() {
                "size" => (&mut variant.size, 50),
                "frame" | "frame type" => (&mut variant.frame_type, 50),
                "condition" => (&mut variant.condition, 20),
                _ => {
                    variant.homeless.push(name);
                    continue;
                }
            };
            *place = self.get(*field, longest)?;
        }
        variant.key = key(&variant.options);
        Ok(())
    }

    /// Variants without a SKU get one of handle and options, which keeps the options readable: in
    /// lower-case words where that tells them apart from all others, else as they are.
    fn make_skus(&mut self) {
        let nameless = std::mem::take(&mut self.nameless);
        let mut spelled: HashMap<String, u64> = HashMap::new();
        for (product, index) in &nameless {
            let product = self.export.products.get_index(*product);
            let sku = product.and_then(|(handle, product)| {
                spelled_sku(handle, &product.variants[*index].options)
            });
            if let Some(sku) = sku {
                *spelled.entry(sku).or_default() += 1;
            }
        }
        for (product, index) in nameless {
            let Some((handle, product)) = self.export.products.get_index_mut(product) else {
                continue;
            };
            let variant = &mut product.variants[index];
            let sku = spelled_sku(handle, &variant.options)
                .filter(|sku| spelled.get(sku) == Some(&1) && !self.skus.contains(sku))
                .or_else(|| exact_sku(handle, &variant.key))
                .filter(|sku| !self.skus.contains(sku));
            match sku {
                Some(sku) => {
                    self.skus.insert(sku.clone());
                    variant.sku = Some(sku);
                    variant.is_made = true;
                    self.export.made_skus += 1;
                }
                None => {
                    let without = (handle.clone(), variant.line);
                    self.export.without_sku.push(without);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use rust_decimal::Decimal;

    use super::{Export, read};
    use crate::import::{ImportError, Source};

    const HEADER: &str = "Handle,Title,Vendor,Tags,Published,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant SKU,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,Image Src";

    fn export(lines: &str) -> Result<Export, ImportError> {
        let text = format!("{HEADER}\n{lines}");
        whole(text, false)
    }

    fn whole(text: impl Into<Vec<u8>>, strict: bool) -> Result<Export, ImportError> {
        let source = Source::new("p.csv", Cursor::new(text.into()));
        read(source.decode("products")?, strict)
    }

    #[test]
    fn lines_become_products_with_variants() {
        let export = export(
            "shirt,Shirt,Acme,\"men, blue,men\",true,Size,Small,Color,Blue,,,1,deny,50,a.jpg\n\
             shirt,,,,,,Large,,Blue,,shopify,0,deny,60.5,\n\
             shirt,,,,,,,,,,,,,,b.jpg\n\
             pot,Pot,,,FALSE,Title,Default Title,,,POT-1,shopify,0,continue,9.99,\n\
             shirt,,,,,,Large,,Blue,,,,,60,\n\
             pot,,,,,,,,,,,,,,\n",
        )
        .unwrap();
        let shirt = &export.products["shirt"];
        assert_eq!(shirt.tags, ["vendor:Acme", "men", "blue"]);
        assert_eq!(shirt.status, "active");
        let [small, large] = &shirt.variants[..] else {
            panic!("{shirt:?}")
        };
        assert_eq!(
            (small.sku.as_deref(), small.size.as_deref()),
            (Some("shirt-small-blue"), Some("Small"))
        );
        assert_eq!((small.price, small.is_available), (Decimal::from(50), true));
        assert_eq!(
            (large.price, large.is_available),
            (Decimal::new(605, 1), false)
        );
        let pot = &export.products["pot"];
        assert_eq!(
            (pot.status, pot.variants[0].sku.as_deref()),
            ("inactive", Some("POT-1"))
        );
        assert!(pot.variants[0].is_available && pot.variants[0].key.is_empty());
        assert_eq!(
            (
                export.lines,
                export.image_lines,
                export.blank_lines,
                export.repeated_variants,
                export.made_skus
            ),
            (6, 1, 1, 1, 2)
        );
        assert_eq!(export.dropped, [(14, "Image Src".to_owned(), 2)]);
        assert!(export.lost_options(&[]).is_empty());
        let taken = ["shirt-large-blue".to_owned()];
        assert_eq!(export.lost_options(&taken)["Color"], 1);
    }

    #[test]
    fn a_repeated_sku_and_a_homeless_option_are_named() {
        let export = export(
            "a,A,,,,Color,Red,,,X,,,,1,\n\
             a,,,,,,Blue,,,X,,,,1,\n",
        )
        .unwrap();
        assert_eq!(export.repeated_skus, [("X".to_owned(), 3)]);
        assert_eq!(export.products["a"].variants[1].sku, None);
        assert_eq!(export.lost_options(&[])["Color"], 2);
    }

    #[test]
    fn a_made_sku_gives_way_to_a_given_one() {
        let export = export("a,A,,,,Title,Default Title,,,,,,,1,\nb,B,,,,,,,,a,,,,1,\n").unwrap();
        assert_eq!(export.products["a"].variants[0].sku, None);
        assert_eq!(export.without_sku, [("a".to_owned(), 2)]);
        assert_eq!(export.products["b"].variants[0].sku.as_deref(), Some("a"));
    }

    #[test]
    fn broken_lines_are_named() {
        for (lines, expected) in [
            (
                ",A,,,,,,,,,,,,1,\n",
                "line 2, column 1 (Handle): expected the handle",
            ),
            (
                "a,,,,,,,,,,,,,1,\n",
                "line 2, column 2 (Title): expected a title",
            ),
            (
                "a,A,,,,,,,,,,,,,\n",
                "line 2, column 14 (Variant Price): expected the price",
            ),
            (
                "a,A,,,,,,,,,,,,1e3,\n",
                "expected an amount such as 9.99, found `1e3`",
            ),
            ("a,A,,,,,,,,,,,,-1,\n", "expected an amount"),
            (
                "a,A,,,,,,,,,,x,,1,\n",
                "column 12 (Variant Inventory Qty): expected a whole number",
            ),
            (
                "a,A,,,,,,,,,,,,9.995,\n",
                "expected an amount with at most two decimals, such as 9.99, found `9.995`",
            ),
            (
                "a,A,,,,Condition,A very long condition,,,,,,,1,\n",
                "column 7 (Option1 Value): expected at most 20",
            ),
            (
                "a,A,,,,,,,,,,,,99999999999999,\n",
                "expected an amount of at most ten digits before the point, such as 9.99",
            ),
            (
                "a,A,,,,,,,,,,,,\"1,234.50\",\n",
                "expected an amount without separators of thousands, such as 9.99, found `1,234.50`",
            ),
            (
                "a,A,,,,,,,,,,,,\"9,99\",\nb,B,,,,,,,,,,,,1.234,\n",
                "line 3, column 14 (Variant Price): expected either points or commas before the decimals of all amounts of the file, found `1.234`",
            ),
            ("", "p.csv is empty: expected products"),
        ] {
            let error = export(lines).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn options_with_a_slash_in_them_are_told_apart() {
        let export = export(
            "a,A,,,,Size,S/M,Length,L,,,,,1,\n\
             a,,,,,,S,,M/L,,,,,2,\n",
        )
        .unwrap();
        let skus: Vec<_> = export.products["a"]
            .variants
            .iter()
            .map(|variant| variant.sku.as_deref())
            .collect();
        assert_eq!(skus, [Some("a/S\\/M/L"), Some("a/S/M\\/L")]);
        assert_eq!(export.repeated_variants, 0);
    }

    #[test]
    fn options_that_differ_by_signs_alone_are_told_apart() {
        let export = export(
            "lens,Lens,,,,Power,+1.00,,,,,,,1,\n\
             lens,,,,,,-1.00,,,,,,,1,\n\
             lens,,,,,,plano,,,,,,,1,\n\
             lens,,,,,,PLANO,,,,,,,1,\n",
        )
        .unwrap();
        let skus: Vec<_> = export.products["lens"]
            .variants
            .iter()
            .map(|variant| variant.sku.as_deref().unwrap())
            .collect();
        assert_eq!(
            skus,
            ["lens/+1.00", "lens/-1.00", "lens/plano", "lens/PLANO"]
        );
        assert!(export.lost_options(&[]).is_empty());
    }

    #[test]
    fn a_variant_for_which_no_sku_can_be_made_is_named_with_its_options() {
        let value = "x".repeat(254);
        let export = export(&format!("lens,Lens,,,,Power,{value},,,,,,,1,\n")).unwrap();
        assert_eq!(export.without_sku, [("lens".to_owned(), 2)]);
        assert_eq!(export.lost_options(&[])["Power"], 1);
    }

    #[test]
    fn prices_may_end_in_zeros() {
        let export = export("a,A,,,,,,,,,,,,9.9900,\n").unwrap();
        assert_eq!(export.products["a"].variants[0].price, Decimal::new(999, 2));
        let export = super::tests::export("a,A,,,,,,,,,,,,\"9,99\",\n").unwrap();
        assert_eq!(export.products["a"].variants[0].price, Decimal::new(999, 2));
    }

    #[test]
    fn the_newer_header_is_read_whatever_its_case() {
        let export = whole(
            "Title,URL handle,description,Published on online store,Status,SKU,Option1 name,Option1 value,PRICE,Cost per item,Inventory tracker,Inventory quantity,Continue selling when out of stock,Product image URL\n\
             Hat,hat,Warm,TRUE,Unlisted,H-1,Size,M,9.5,4,shopify,0,CONTINUE,\n\
             ,hat,,,,,,,,,,,,https://x.example/a.jpg\n\
             ,hat,,,,H-2,,L,10,,shopify,0,DENY,\n",
            true,
        )
        .unwrap();
        let hat = &export.products["hat"];
        assert_eq!(
            (hat.status, hat.description.as_deref(), &*hat.tags),
            ("active", Some("Warm"), &["status:unlisted".to_owned()][..])
        );
        assert_eq!((export.unlisted, export.image_lines), (1, 1));
        let [medium, large] = &hat.variants[..] else {
            panic!("{hat:?}")
        };
        assert_eq!(
            (medium.sku.as_deref(), medium.size.as_deref()),
            (Some("H-1"), Some("M"))
        );
        assert_eq!(
            (medium.price, medium.cost),
            (Decimal::new(95, 1), Some(4.into()))
        );
        assert_eq!((medium.is_available, large.is_available), (true, false));
    }

    #[test]
    fn an_unknown_word_is_noted_and_refused_when_strict() {
        let lines = "Handle,Title,Status,Variant Price\na,A,active,1\nb,B,Hidden,1\nc,C,Hidden,1\n";
        let export = whole(lines, false).unwrap();
        let status = |handle: &str| export.products[handle].status;
        assert_eq!((status("a"), status("b")), ("active", "inactive"));
        let (unknown, counted) = export.unknown_words.first().unwrap();
        assert_eq!(
            (&*unknown.column, &*unknown.value, *counted),
            ("Status", "Hidden", (3, 2))
        );
        let error = whole(lines, true).unwrap_err().to_string();
        assert!(
            error.contains("line 3, column 3 (Status): expected one of active, draft, archived, unlisted, found `Hidden`"),
            "{error}"
        );
    }

    #[test]
    fn another_file_is_refused_by_its_header() {
        for (text, expected) in [
            (
                "a,b\n1,2\n",
                "line 1: the columns `Handle` (or `URL handle`), `Title`, `Variant Price` (or `Price`) of a Shopify product export are missing; there are `a`, `b`",
            ),
            (
                "Handle,Title,Title,Variant Price\n",
                "line 1, column 3: expected a column name of its own",
            ),
        ] {
            let error = whole(text, false).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
