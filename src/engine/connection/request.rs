//! The arguments of a list in one request, read and checked.

use std::borrow::Cow;
use std::sync::Arc;

use super::cursor::{self, Position};
use super::{Connection, ListArgument, Order};
use crate::engine::plan::{Planned, Planner};
use crate::engine::select::{Page, Predicate, Term};
use crate::engine::{filter, search};
use crate::error::Error;

/// What is asked of a list.
pub struct Request<'a> {
    /// Which rows there are; a search is one of its parts.
    pub condition: Option<Cow<'a, Predicate>>,
    pub order: &'a Order,
    pub after: Option<Position>,
    pub before: Option<Position>,
    pub offset: Option<u64>,
    pub limit: u64,
    pub backwards: bool,
    /// What is sought, as a part of the signature of cursors.
    pub sought: String,
}

impl<'a> Request<'a> {
    pub fn read<R>(planner: &mut Planner<'a>, list: &'a Connection<R>) -> Planned<Self> {
        let context = planner.context;
        let limits = context.limits;
        let table = context.catalog.table(list.of.table);
        let arguments = list.arguments.with(context.variables);
        let count = |argument: ListArgument, max| arguments.count(argument.name(), max);
        let first = count(ListArgument::First, limits.max_page)?;
        let last = count(ListArgument::Last, limits.max_page)?;
        let offset = count(ListArgument::Offset, u64::from(i32::MAX.unsigned_abs()))?;
        if first.is_some() && last.is_some() {
            return Err(Error::input(
                ListArgument::Last.name(),
                "`first` and `last` cannot be given together.",
            ));
        }
        if offset.is_some() && last.is_some() {
            return Err(Error::input(
                ListArgument::Offset.name(),
                "`offset` counts from the front; it cannot be given with `last`.",
            ));
        }
        let order = list.order.as_ref().map_err(Clone::clone)?;
        let search = match &table.search {
            Some(searchable) => search::read(context.catalog, searchable, &arguments)
                .map_err(|error| arguments.at(search::ARGUMENT, error))?,
            None => None,
        };
        // A score of another search is no position in this one.
        let sought = match search {
            Some(_) => arguments
                .get(search::ARGUMENT)
                .map(|sought| sought.to_string()),
            None => None,
        };
        let sought = sought.unwrap_or_default();
        let position = |argument: ListArgument| {
            let name = argument.name();
            let text = arguments.text(name)?;
            text.map(|text| cursor::parse(context, (table, &sought, &order.forwards), name, &text))
                .transpose()
                .map_err(|error| arguments.at(name, error))
        };
        let after = position(ListArgument::After)?;
        let before = position(ListArgument::Before)?;
        let condition = match &list.condition {
            Some(constant) => {
                let constant = constant.as_ref().map_err(Clone::clone)?;
                constant.as_ref().map(Cow::Borrowed)
            }
            None => filter::read(context.catalog, table, &arguments)?.map(Cow::Owned),
        };
        planner.count_conditions(condition.as_deref())?;
        let mut request = Self {
            condition,
            limit: last
                .or(first)
                .map_or(limits.default_page.min(limits.max_page), u64::from),
            backwards: last.is_some(),
            order,
            after,
            before,
            offset: offset.map(u64::from),
            sought,
        };
        request.narrow(search.map(|search| Predicate::Search(Box::new(search))));
        Ok(request)
    }

    /// Lets an index find the nearest rows, which may miss some.
    pub fn approximate(&mut self) {
        fn relax(predicate: &mut Predicate) {
            match predicate {
                Predicate::Search(search) => search.exact = false,
                Predicate::All(parts) => parts.iter_mut().for_each(relax),
                _ => {}
            }
        }
        self.condition = self.condition.take().map(|condition| {
            let mut condition = condition.into_owned();
            relax(&mut condition);
            Cow::Owned(condition)
        });
    }

    /// Leaves only rows that match a further condition.
    pub fn narrow(&mut self, within: Option<Predicate>) {
        let own = self.condition.take();
        self.condition = match (within, own) {
            (None, own) => own,
            (Some(within), None) => Some(Cow::Owned(within)),
            (Some(within), Some(own)) => {
                Some(Cow::Owned(Predicate::All(vec![within, own.into_owned()])))
            }
        };
    }

    /// Whether rows lie before the first one as far as the arguments tell.
    pub fn starts_later(&self) -> bool {
        self.after.is_some() || self.offset.is_some_and(|offset| offset > 0)
    }

    /// What the statement of the page reads, with so many rows more. `after` and `before` are
    /// positions in the order as the caller reads it; from the back the rows are read in reverse.
    pub fn page(self, more: u64) -> (Vec<Predicate>, Page) {
        let Order {
            forwards,
            backwards,
        } = self.order;
        let after = |order: &Arc<[Term]>, position| Predicate::After {
            order: order.clone(),
            position,
        };
        let after_it = self.after.map(|position| after(forwards, position));
        let before_it = self.before.map(|position| after(backwards, position));
        let condition = self.condition.map(Cow::into_owned);
        let filter = condition.into_iter().chain(after_it).chain(before_it);
        let order = if self.backwards { backwards } else { forwards };
        let page = Page {
            order: order.clone(),
            limit: Some(self.limit + more),
            offset: self.offset,
        };
        (filter.collect(), page)
    }
}
