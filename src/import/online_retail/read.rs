//! Reads the file from beginning to end, and stages every line of it.

use std::sync::atomic::Ordering;

use super::facts::Facts;
use super::line::{Fate, Layout, Line, Reason};
use super::repeats::{Released, Repeats};
use crate::import::error::ImportError;
use crate::import::keys::Keys;
use crate::import::lines::{Lines, Remarks};
use crate::import::rows::Sink;
use crate::import::source::Text;

/// `kind`: a line of a sale, of a cancellation, of the ledger, or one left out.
pub(super) const STAGE: &str = "
create temp table import_lines (
  line bigint, kind \"char\", order_id uuid, id uuid, invoice text, at timestamptz, product_id uuid,
  code text, description text, quantity integer, price numeric, customer_id uuid, country text,
  ledger_category text) on commit drop";

pub(super) const COPY: &str = "copy import_lines from stdin";

/// What the reading of a file leaves beside the staged lines.
pub(super) struct Reading {
    pub facts: Facts,
    pub layout: Layout,
    pub remarks: Remarks,
}

/// Reads all lines. Runs on a thread of its own, beside the connection.
pub(super) fn read(text: Text, keys: Keys, sink: &mut Sink) -> Result<Reading, ImportError> {
    let mut lines = Lines::open(text)?;
    let mut layout = Layout::new(&lines)?;
    let facts = Facts::new(keys.clone());
    let position = lines.position();
    let mut repeats = Repeats::default();
    let mut stage = Stage {
        order: (String::new(), uuid::Uuid::nil()),
        keys,
        facts,
        sink,
    };
    while lines.next()? {
        let line = layout.parse(&lines)?;
        stage.release(repeats.begin(&line));
        if !repeats.keep(&line) {
            stage.add(&line, line.fate());
        }
        stage.sink.pass_on(position.load(Ordering::Relaxed))?;
    }
    stage.release(repeats.end());
    let facts = stage.facts;
    match facts.lines {
        0 => Err(lines.empty("lines after the one that names the columns")),
        _ => Ok(Reading {
            facts,
            layout,
            remarks: lines.remarks(),
        }),
    }
}

/// Where the lines go.
struct Stage<'a> {
    /// The invoice of the last line, with the id of its order.
    order: (String, uuid::Uuid),
    keys: Keys,
    facts: Facts,
    sink: &'a mut Sink,
}

impl Stage<'_> {
    /// Adds lines that were kept back. Those that stand in the file before become no rows.
    fn release(&mut self, released: Option<Released>) {
        let Some((kept, repeated)) = released else {
            return;
        };
        for kept in &kept {
            let line = kept.line();
            let fate = match repeated {
                true => Fate::LeftOut(Reason::Repeated),
                false => line.fate(),
            };
            self.add(&line, fate);
        }
    }

    fn add(&mut self, line: &Line<'_>, fate: Fate) {
        if self.order.0 != line.invoice {
            let id = self.keys.id("order", line.invoice);
            self.order = (line.invoice.to_owned(), id);
        }
        let (number, order) = (self.facts.lines + 1, self.order.1);
        let (product, customer) = self.facts.add(line, fate);
        let keys = &mut self.keys;
        // Lines of the ledger are summed up by invoice and code, so they share an id.
        let (kind, id, category) = match fate {
            Fate::Sale => ("s", item(keys, line, number), None),
            Fate::Cancellation => ("c", item(keys, line, number), None),
            Fate::Ledger(category) => {
                let key = format!("{}/{}", line.invoice, line.code);
                ("l", keys.id("ledger", key), Some(category))
            }
            Fate::LeftOut(_) => ("x", order, None),
        };
        let described = category.map(|_| line.description);
        self.sink
            .rows
            .plain(number)
            .plain(kind)
            .uuid(order)
            .uuid(id)
            .text(line.invoice)
            .plain(format_args!("{}+00", line.at))
            .uuid(product)
            .opt_text(category.map(|_| line.code))
            .opt_text(described)
            .plain(line.quantity)
            .plain(line.price)
            .opt_plain(customer)
            .text(line.country)
            .opt_text(category)
            .end();
    }
}

/// The number tells repeated lines of an invoice apart.
fn item(keys: &mut Keys, line: &Line<'_>, number: u64) -> uuid::Uuid {
    keys.id("item", format_args!("{}/{number}", line.invoice))
}
