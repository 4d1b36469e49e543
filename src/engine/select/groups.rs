//! Writes groups: rows with equal keys as one row, with values about them.
//!
//! The groups are a table `g` inside the statement, so that conditions and orders about keys and
//! values are written as those about columns are.

use std::sync::Arc;

use super::parameters::Slot;
use super::render::Renderer;
use super::shape::Leaf;
use super::{Expr, Page, Predicate, Select};
use crate::engine::catalog::{Aggregate, Kind};
use crate::engine::names::names;

/// Into which groups rows fall, and what is read of each. It is all of a statement's text, so it has
/// nothing of a caller but the names of time zones, of which there are a few hundred.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Groups {
    pub keys: Arc<[GroupKey]>,
    pub values: Arc<[Aggregate]>,
    /// Whether the id of a group stands behind its keys.
    pub ids: bool,
    /// Whether groups without rows stand between the first and the last bucket of the key that has
    /// buckets.
    pub fill: bool,
}

/// A value that is equal in all rows of a group.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct GroupKey {
    pub of: Expr,
    pub kind: Kind,
    pub bucket: Option<Bucket>,
}

/// The period that a time falls into.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Bucket {
    pub unit: Unit,
    /// The name of the zone in which it begins; none for dates.
    pub zone: Option<&'static str>,
}

names! {
    /// The length of a bucket.
    Unit {
        Hour = "HOUR",
        Day = "DAY",
        Week = "WEEK",
        Month = "MONTH",
        Quarter = "QUARTER",
        Year = "YEAR",
    }
}

impl GroupKey {
    /// The value as it stands in the id of a group: values that are equal are written equally.
    pub(super) fn in_id(&self, value: String) -> String {
        match self.kind {
            Kind::Decimal => format!("trim_scale({value})"),
            _ => value,
        }
    }
}

impl Unit {
    /// Its name in PostgreSQL.
    fn field(self) -> &'static str {
        match self {
            Self::Hour => "hour",
            Self::Day => "day",
            Self::Week => "week",
            Self::Month => "month",
            Self::Quarter => "quarter",
            Self::Year => "year",
        }
    }

    fn interval(self) -> &'static str {
        match self {
            Self::Hour => "1 hour",
            Self::Day => "1 day",
            Self::Week => "7 days",
            Self::Month => "1 month",
            Self::Quarter => "3 months",
            Self::Year => "1 year",
        }
    }
}

/// Most buckets from the first to the last where groups without rows are filled in.
pub const MOST_BUCKETS: u64 = 10_000;

impl Groups {
    /// About how many bytes it takes.
    pub fn bytes(&self) -> usize {
        size_of_val(&self.keys[..]) + size_of_val(&self.values[..])
    }

    /// The key that has buckets.
    fn bucket(&self) -> Option<(usize, &GroupKey, &Bucket)> {
        let mut keys = self.keys.iter().enumerate();
        keys.find_map(|(place, key)| Some((place, key, key.bucket.as_ref()?)))
    }
}

impl Renderer<'_> {
    /// The statement that reads a page of groups. Where there are keys of parents, each has a page.
    pub(super) fn groups(
        &mut self,
        select: &Select<Leaf, Slot>,
        groups: &Groups,
        having: &[Predicate<Leaf>],
    ) -> String {
        self.totals = groups.values.to_vec();
        let order: Vec<String> = select
            .page
            .order
            .iter()
            .map(|term| self.term(term))
            .collect();
        let order = order.join(", ");
        let limit = select
            .page
            .limit
            .unwrap_or(u64::MAX)
            .min(i64::MAX.unsigned_abs());
        let mut list: Vec<String> = (0..groups.keys.len())
            .map(|key| format!("k{key}"))
            .collect();
        list.extend(groups.ids.then(|| "id".to_owned()));
        list.extend((0..groups.values.len()).map(|value| format!("a{value}")));
        list.extend(groups.fill.then(|| "fits".to_owned()));
        let of_parents = select.keys.is_some();
        if of_parents {
            list.insert(0, "key".to_owned());
        }
        let conditions = self.having(having);
        let table = self.group_table(select, groups);
        let list = list.join(", ");
        if of_parents {
            return format!(
                "select {list}\nfrom (\nselect g.*, row_number() over (partition by g.key order by {order}) as n\nfrom {table}{conditions}\n) p\nwhere n <= {limit}\norder by key, n"
            );
        }
        format!("select {list}\nfrom {table}{conditions}\norder by {order}\nlimit {limit}")
    }

    /// The statement that counts groups.
    pub(super) fn count_groups(
        &mut self,
        select: &Select<Leaf, Slot>,
        groups: &Groups,
        having: &[Predicate<Leaf>],
    ) -> String {
        let conditions = self.having(having);
        let table = self.group_table(select, groups);
        match select.keys.is_some() {
            true => format!("select key, count(*)\nfrom {table}{conditions}\ngroup by key"),
            false => format!("select count(*)\nfrom {table}{conditions}"),
        }
    }

    fn having(&mut self, having: &[Predicate<Leaf>]) -> String {
        let conditions: Vec<String> = having.iter().map(|one| self.predicate(one)).collect();
        match conditions.is_empty() {
            true => String::new(),
            false => format!("\nwhere {}", conditions.join(" and ")),
        }
    }

    /// A value about the rows of a group.
    pub(super) fn total(&mut self, aggregate: Aggregate) -> String {
        let known = self.totals.iter().position(|one| *one == aggregate);
        let place = known.unwrap_or_else(|| {
            self.totals.push(aggregate);
            self.totals.len() - 1
        });
        format!("g.a{place}")
    }

    /// All groups as a table `g`.
    fn group_table(&mut self, select: &Select<Leaf, Slot>, groups: &Groups) -> String {
        let mut list = Vec::new();
        let mut names = Vec::new();
        let parent = select.keys.is_some().then(|| self.key(&select.keys));
        if let Some(key) = &parent {
            list.push(format!("{key} as key"));
            names.push("key".to_owned());
        }
        for (place, key) in groups.keys.iter().enumerate() {
            list.push(format!("{} as k{place}", self.group_key(key)));
            names.push(format!("k{place}"));
        }
        let grouped: Vec<String> = (1..=list.len()).map(|place| place.to_string()).collect();
        // Conditions and orders have added theirs.
        for (place, aggregate) in self.totals.clone().into_iter().enumerate() {
            list.push(format!("{} as a{place}", self.computed(aggregate)));
        }
        let among = parent.map(|key| self.among(&select.keys, &key));
        let body = self.body(select, &list.join(", "), among, &Page::default());
        let body = format!("{body}\ngroup by {}", grouped.join(", "));
        let id = match groups.ids {
            true => {
                let keys = names
                    .iter()
                    .map(|name| format!("f.{name}"))
                    .collect::<Vec<_>>();
                format!(", {} as id", group_id(&keys))
            }
            false => String::new(),
        };
        match groups.bucket().filter(|_| groups.fill) {
            Some(bucket) => {
                let filled = self.filled(&body, &names, bucket);
                format!("(\nselect f.*{id}\nfrom {filled}\n) g")
            }
            None if groups.ids => format!("(\nselect f.*{id}\nfrom (\n{body}\n) f\n) g"),
            None => format!("(\n{body}\n) g"),
        }
    }

    /// The groups, and between them those without rows. With too many buckets there are none of the
    /// latter, and `fits` is false.
    fn filled(
        &mut self,
        body: &str,
        names: &[String],
        (place, key, bucket): (usize, &GroupKey, &Bucket),
    ) -> String {
        let time = format!("k{place}");
        let others: Vec<&String> = names.iter().filter(|name| **name != time).collect();
        let of_parent = names.first().is_some_and(|name| name == "key");
        let (per, within) = match of_parent {
            true => ("key, ", " where o.key = r.key"),
            false => ("", ""),
        };
        let series = series(key.kind, bucket);
        let others_list: String = others.iter().map(|name| format!(", {name}")).collect();
        let others_list = others_list.trim_start_matches(", ");
        let keys: Vec<String> = names
            .iter()
            .map(|name| match *name == time {
                true => format!("b.{name}"),
                false => format!("o.{name}"),
            })
            .collect();
        let combined = match others.is_empty() {
            true => format!("cross join lateral ({series}) b({time})"),
            false => format!(
                "cross join (select distinct {others_list} from grouped) o\ncross join lateral ({series}) b({time})"
            ),
        };
        // A sum of nothing is shown as zero; there is no least value among none.
        let empty: String = self
            .totals
            .iter()
            .enumerate()
            .map(|(place, aggregate)| match aggregate.is_zero_for_nothing() {
                true => format!(", 0 as a{place}"),
                false => format!(", null as a{place}"),
            })
            .collect();
        let interval = bucket.unit.interval();
        let (names, keys) = (names.join(", "), keys.join(", "));
        let group_by = if of_parent { "\ngroup by key" } else { "" };
        format!(
            "(\nwith grouped as (\n{body}\n), r as (\nselect {per}min({time}) as lo, max({time}) as hi, coalesce(max({time})::timestamp - min({time})::timestamp <= {MOST_BUCKETS} * interval '{interval}', true) as fits\nfrom grouped\nwhere isfinite({time}){group_by}\n), missing as (\nselect {keys}\nfrom r\n{combined}{within}\nexcept\nselect {names}\nfrom grouped\n)\nselect u.*, (select bool_and(fits) from r) as fits\nfrom (\nselect * from grouped\nunion all\nselect {names}{empty} from missing\n) u\n) f"
        )
    }

    /// The key of a row's group.
    pub(super) fn group_key(&mut self, key: &GroupKey) -> String {
        let value = self.value(&key.of);
        match &key.bucket {
            None => value,
            Some(Bucket { unit, zone }) => {
                let (field, value) = (unit.field(), in_range(&value));
                match zone {
                    Some(zone) => format!("date_trunc('{field}', {value}, '{zone}')"),
                    None => format!("date_trunc('{field}', {value}::timestamp)::date"),
                }
            }
        }
    }
}

/// A time for which PostgreSQL can compute the beginning of each bucket in each zone. At the ends of
/// its range it raises an error instead; what lies there belongs to the infinite buckets.
fn in_range(time: &str) -> String {
    format!(
        "case when {time} < '4711-01-01 BC' then '-infinity' when {time} >= '294275-01-01' then 'infinity' else {time} end"
    )
}

/// The id of the group whose keys these are: the first half of a digest.
pub(super) fn group_id(keys: &[String]) -> String {
    let keys = keys.join(", ");
    format!("encode(substring(sha256(convert_to(row({keys})::text, 'UTF8')) for 16), 'hex')::uuid")
}

/// The buckets from `r.lo` to `r.hi`.
fn series(kind: Kind, bucket: &Bucket) -> String {
    let (field, interval) = (bucket.unit.field(), bucket.unit.interval());
    match (kind, bucket.unit, bucket.zone) {
        (_, Unit::Hour, Some(zone)) => format!(
            // Where clocks are moved by half an hour, hours of the zone begin at other minutes.
            "select date_trunc('hour', s, '{zone}') from generate_series(r.lo, r.hi, interval '30 minutes') s where r.fits"
        ),
        (_, _, Some(zone)) => format!(
            // Days of the zone are counted, which are not all as long as each other.
            "select s at time zone '{zone}' from generate_series(date_trunc('{field}', r.lo at time zone '{zone}'), r.hi at time zone '{zone}', interval '{interval}') s where r.fits"
        ),
        (_, _, None) => format!(
            "select s::date from generate_series(r.lo::timestamp, r.hi::timestamp, interval '{interval}') s where r.fits"
        ),
    }
}
