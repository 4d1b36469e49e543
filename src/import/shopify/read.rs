//! Puts the lines of a Shopify product export together to products with their variants.

use std::collections::{HashMap, HashSet};

use super::columns::{Columns, TRACKER};
use super::export::{Export, Product, Variant, made_sku};
use crate::import::error::ImportError;
use crate::import::lines::Lines;
use crate::import::source::Text;

const OPTIONS: [(&str, &str); 3] = [
    ("Option1 Name", "Option1 Value"),
    ("Option2 Name", "Option2 Value"),
    ("Option3 Name", "Option3 Value"),
];
/// No column of the model is limited to more; texts without a limit are never this long.
const ANY_LENGTH: usize = 1_000_000;
const DEFAULT_TITLE: &str = "Default Title";

struct Reader {
    lines: Lines,
    columns: Columns,
    export: Export,
    /// The line on which each SKU was first given.
    skus: HashMap<String, u64>,
    /// Made SKUs wait until all given ones are known.
    nameless: Vec<(usize, usize)>,
    keys: HashSet<(usize, String)>,
}

/// Reads the whole file; memory grows with the number of products and variants.
pub(super) fn read(text: Text) -> Result<Export, ImportError> {
    let lines = Lines::open(text)?;
    let columns = Columns::new(&lines)?;
    let mut reader = Reader {
        lines,
        columns,
        export: Export::default(),
        skus: HashMap::new(),
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
    let dropped = std::mem::take(&mut reader.columns.dropped);
    reader.export.dropped = dropped
        .into_iter()
        .map(|(_, name, count)| (name, count))
        .collect();
    Ok(reader.export)
}

impl Reader {
    fn get(&self, name: &str, longest: usize) -> Result<Option<String>, ImportError> {
        let value = self.columns.get(&self.lines, name, longest)?;
        Ok(value.map(str::to_owned))
    }

    fn line(&mut self) -> Result<(), ImportError> {
        let Some(handle) = self.get("Handle", 255)? else {
            return Err(self
                .columns
                .wrong(&self.lines, "Handle", "the handle of a product", ""));
        };
        let product = match self.export.products.get_index_of(&handle) {
            Some(index) => {
                if !self.is_variant()? {
                    match self.get("Image Src", ANY_LENGTH)? {
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
        for name in [
            "Variant Price",
            "Variant SKU",
            "Option1 Value",
            "Option2 Value",
            "Option3 Value",
        ] {
            if self.get(name, 255)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn product(&self) -> Result<Product, ImportError> {
        let Some(title) = self.get("Title", ANY_LENGTH)? else {
            let expected = "a title on the first line of a product";
            return Err(self.columns.wrong(&self.lines, "Title", expected, ""));
        };
        let mut tags: Vec<String> = Vec::new();
        if let Some(vendor) = self.get("Vendor", 255)? {
            tags.push(format!("vendor:{vendor}"));
        }
        for tag in self.get("Tags", ANY_LENGTH)?.unwrap_or_default().split(',') {
            let tag = tag.trim();
            if !tag.is_empty() && !tags.iter().any(|known| known == tag) {
                tags.push(tag.to_owned());
            }
        }
        let published = self
            .columns
            .word(&self.lines, "Published", &["true", "false"])?;
        let status = self
            .columns
            .word(&self.lines, "Status", &["active", "draft", "archived"])?;
        Ok(Product {
            title,
            description: self.get("Body (HTML)", ANY_LENGTH)?,
            collection: self.get("Collection", 255)?,
            category: self.get("Type", 255)?,
            tags,
            status: match (status, published) {
                (Some("archived"), _) => "archived",
                (Some("draft"), _) | (_, Some("false")) => "inactive",
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
        let Some(price) = self.columns.amount(&self.lines, "Variant Price")? else {
            return Err(self.columns.wrong(
                &self.lines,
                "Variant Price",
                "the price of a variant",
                "",
            ));
        };
        let quantity = self
            .columns
            .quantity(&self.lines, "Variant Inventory Qty")?;
        let policy = self.columns.word(
            &self.lines,
            "Variant Inventory Policy",
            &["deny", "continue"],
        )?;
        let tracked = self.get(TRACKER, 255)?.is_some();
        let sku = self.get("Variant SKU", 255)?;
        let mut variant = Variant {
            key: String::new(),
            sku: None,
            size: None,
            frame_type: None,
            condition: None,
            price,
            cost: self.columns.amount(&self.lines, "Cost per item")?,
            inventory_quantity: quantity,
            is_available: !tracked || quantity > 0 || policy == Some("continue"),
        };
        let homeless = self.options(product, &mut variant)?;
        if !self.keys.insert((product, variant.key.clone())) {
            self.export.repeated_variants += 1;
            return Ok(());
        }
        let index = self.export.products[product].variants.len();
        let line = self.lines.line();
        match sku {
            None => self.nameless.push((product, index)),
            Some(sku) => {
                // A given SKU says nothing about the options.
                for name in homeless {
                    *self.export.lost_options.entry(name).or_default() += 1;
                }
                match self.skus.contains_key(&sku) {
                    true => self.export.repeated_skus.push((sku, line)),
                    false => {
                        self.skus.insert(sku.clone(), line);
                        variant.sku = Some(sku);
                    }
                }
            }
        }
        self.export.products[product].variants.push(variant);
        Ok(())
    }

    /// Gives the values of the options to the columns they have, and names the others.
    fn options(&self, product: usize, variant: &mut Variant) -> Result<Vec<String>, ImportError> {
        let mut homeless = Vec::new();
        for (index, (_, value_column)) in OPTIONS.iter().enumerate() {
            let Some(value) = self.get(value_column, 255)? else {
                continue;
            };
            if value == DEFAULT_TITLE {
                continue;
            }
            if !variant.key.is_empty() {
                variant.key.push('/');
            }
            variant.key.push_str(&value);
            let name = self.export.products[product].option_names[index]
                .clone()
                .unwrap_or_else(|| format!("Option{}", index + 1));
            let (place, longest) = match name.to_lowercase().as_str() {
                "size" => (&mut variant.size, 50),
                "frame" | "frame type" => (&mut variant.frame_type, 50),
                "condition" => (&mut variant.condition, 20),
                _ => {
                    homeless.push(name);
                    continue;
                }
            };
            *place = self.get(value_column, longest)?;
        }
        Ok(homeless)
    }

    /// Variants without a SKU get one of handle and options, which keeps the options readable.
    fn make_skus(&mut self) {
        for (product, index) in std::mem::take(&mut self.nameless) {
            let Some((handle, product)) = self.export.products.get_index_mut(product) else {
                continue;
            };
            let variant = &mut product.variants[index];
            let sku = made_sku(handle, &variant.key);
            if !self.skus.contains_key(&sku) {
                self.skus.insert(sku.clone(), 0);
                variant.sku = Some(sku);
                self.export.made_skus += 1;
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
        read(Source::new("p.csv", Cursor::new(text.into_bytes())).decode("products")?)
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
        assert_eq!(export.dropped, [("Image Src".to_owned(), 2)]);
        assert!(export.lost_options.is_empty());
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
        assert_eq!(export.lost_options["Color"], 2);
    }

    #[test]
    fn a_made_sku_gives_way_to_a_given_one() {
        let export = export("a,A,,,,Title,Default Title,,,,,,,1,\nb,B,,,,,,,,a,,,,1,\n").unwrap();
        assert_eq!(export.products["a"].variants[0].sku, None);
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
                "a,A,,,maybe,,,,,,,,,1,\n",
                "expected one of true, false, found `maybe`",
            ),
            (
                "a,A,,,,Condition,A very long condition,,,,,,,1,\n",
                "column 7 (Option1 Value): expected at most 20",
            ),
            ("", "p.csv is empty: expected products"),
        ] {
            let error = export(lines).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    #[test]
    fn another_file_is_refused_by_its_header() {
        for (text, expected) in [
            (
                "a,b\n1,2\n",
                "line 1, column 1: expected the column `Handle`",
            ),
            (
                "Handle,Title,Title,Variant Price\n",
                "line 1, column 3: expected a column name of its own",
            ),
        ] {
            let source = Source::new("p.csv", Cursor::new(text.to_owned().into_bytes()));
            let error = read(source.decode("products").unwrap())
                .unwrap_err()
                .to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
