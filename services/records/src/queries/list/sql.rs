//! The SQL of lists, in the shapes that ARCHITECTURE.md, "The read model of records", measured: one ordered index range
//! per branch, joined by `union all`, never an OR over scopes.
//!
//! `deleted`, the table's name, the module's number and the limits are literals: a generic plan can't use a partial
//! index otherwise. Everything that a caller gives is a parameter.

use crate::{
    domain::{module::Module, value::FieldType},
    found::COLUMNS,
    projections::columns::{ceiling, sentinel, sort_column, sql_type},
};
use sqlx::{Arguments, postgres::PgArguments};
use std::fmt::Write;

/// Whose records.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// Everybody's.
    All,
    /// Those tied to the contact with this number, or that it takes part in.
    Mine(i64),
    /// Those, and those of the companies with these numbers; at least one.
    Company(i64, Vec<i64>),
}

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// By the last change.
    Modified,
    /// By the last thing that customers see happen.
    Activity,
    /// The same for agents, to whom notes count.
    AgentActivity,
    /// By number, which is by creation too.
    Number,
    /// By a promoted field.
    Field(u32, FieldType),
}

impl Order {
    fn column(self) -> String {
        match self {
            Order::Modified => "modified_at".to_owned(),
            Order::Activity => "activity_at".to_owned(),
            Order::AgentActivity => "agent_activity_at".to_owned(),
            Order::Number => "number".to_owned(),
            Order::Field(number, kind) => sort_column(number, kind),
        }
    }

    fn sql_type(self) -> &'static str {
        match self {
            Order::Modified | Order::Activity | Order::AgentActivity => "timestamptz",
            Order::Number => "bigint",
            Order::Field(_, kind) => sql_type(kind),
        }
    }

    /// Where a page without a cursor begins: before everything.
    fn start(self, down: bool) -> Cursor {
        let value = match (self, down) {
            (Order::Modified | Order::Activity | Order::AgentActivity, true) => "infinity",
            (Order::Modified | Order::Activity | Order::AgentActivity, false) => "-infinity",
            (Order::Number, _) => "0",
            (Order::Field(_, kind), true) => ceiling(kind),
            (Order::Field(_, kind), false) => sentinel(kind),
        };
        Cursor { value: value.to_owned(), number: if down { i64::MAX } else { -1 }, then: Vec::new() }
    }
}

/// The place after which a page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor {
    /// The sort column's value, as text that casts to its type.
    pub value: String,
    /// The record's number.
    pub number: i64,
    /// The values of what puts records in order that are alike in the first; empty at the beginning.
    pub then: Vec<String>,
}

/// A statement and its arguments. Its rows are [`COLUMNS`], then whether the row counts (`hit`) and whether it is the
/// last one that was looked at (`last`).
pub struct ListSql {
    /// The text; the same for every page of a list.
    pub text: String,
    /// In order of the parameters.
    pub arguments: PgArguments,
    placed: usize,
}

impl ListSql {
    pub(crate) fn new() -> ListSql {
        ListSql { text: String::new(), arguments: PgArguments::default(), placed: 0 }
    }

    /// Adds an argument; gives its place.
    pub(crate) fn bind<'q, T>(&mut self, value: T) -> String
    where
        T: sqlx::Encode<'q, sqlx::Postgres> + sqlx::Type<sqlx::Postgres>,
    {
        self.placed += 1;
        self.arguments.add(value).expect("numbers, texts and lists of them can always be encoded");
        format!("${}", self.placed)
    }
}

/// What narrows a list besides its reach.
pub(crate) struct Narrowing {
    /// A condition on the row `w`.
    pub(crate) condition: String,
    /// How many rows are looked at before the page ends early.
    pub(crate) walk: u32,
}

/// Everything about one list statement.
pub(crate) struct Shape<'a> {
    pub(crate) module: &'a Module,
    pub(crate) reach: &'a Reach,
    pub(crate) order: Order,
    pub(crate) down: bool,
    /// What puts records in order that are alike in that, each with whether it goes down. The index gives the first order
    /// alone; Postgres sorts what is alike in it, so the cost grows with how many records are.
    pub(crate) then: &'a [(Order, bool)],
    pub(crate) after: Option<&'a Cursor>,
    pub(crate) limit: u32,
    /// Only the record with this number.
    pub(crate) number: Option<i64>,
    /// Only records whose status field has one of these numbers; any when there are none. For the reaches of contacts
    /// in the order of change: there every branch finds them over an index.
    pub(crate) status: &'a [i16],
    /// Only records that are not closed: an index of its own holds these few.
    pub(crate) open: bool,
}

/// Places of the arguments that every branch uses.
struct Places {
    value: String,
    number: String,
    then: Vec<String>,
    me: String,
    companies: Vec<String>,
    only: Option<String>,
    /// One place per value, and one for all of them.
    status: Vec<String>,
    statuses: String,
}

/// The first page of a list that is narrowed by nothing but its status, if `status` names any: for tests and
/// explanations.
pub fn list_sql(module: &Module, reach: &Reach, order: Order, down: bool, limit: u32, status: &[i16]) -> ListSql {
    list(
        &Shape { module, reach, order, down, then: &[], after: None, limit, number: None, status, open: false },
        ListSql::new(),
        None,
    )
}

/// The first page of what is open, in the order of what happened last: for tests and explanations.
pub fn open_sql(module: &Module, reach: &Reach, order: Order, limit: u32) -> ListSql {
    let shape = Shape {
        module,
        reach,
        order,
        down: true,
        then: &[],
        after: None,
        limit,
        number: None,
        status: &[],
        open: true,
    };
    list(&shape, ListSql::new(), None)
}

/// The first page of a list that is sorted by several fields, each with whether it goes down.
pub fn sorted_sql(module: &Module, reach: &Reach, keys: &[(Order, bool)], limit: u32) -> ListSql {
    let [(order, down), then @ ..] = keys else { return ListSql::new() };
    let shape = Shape {
        module,
        reach,
        order: *order,
        down: *down,
        then,
        after: None,
        limit,
        number: None,
        status: &[],
        open: false,
    };
    list(&shape, ListSql::new(), None)
}

/// The statement of a page.
pub(crate) fn list(shape: &Shape<'_>, mut sql: ListSql, narrowing: Option<&Narrowing>) -> ListSql {
    let places = places(shape, &mut sql);
    let taken = narrowing.map_or(shape.limit, |n| n.walk);
    let branches = branches(shape, &places, &columns(shape, narrowing.is_some()), taken);
    let order = order_by("", shape);
    let joined = match branches.as_slice() {
        [one] => one.clone(),
        many => format!("select * from (({})) u {order} limit {taken}", many.join(") union all (")),
    };
    sql.text = match narrowing {
        None => format!("select {}, true, false from ({joined}) r", COLUMNS),
        Some(n) => format!(
            "select {COLUMNS}, r.hit, r.walked = {walk} from (
                select w.*, ({condition}) as hit from (
                    select u.*, row_number() over ({order}) as walked from ({joined}) u
                ) w
             ) r where r.hit or r.walked = {walk} order by r.walked limit {limit}",
            condition = n.condition,
            walk = n.walk,
            limit = shape.limit,
        ),
    };
    sql
}

/// The statement that counts, up to a cap.
pub(crate) fn count(shape: &Shape<'_>, mut sql: ListSql, condition: Option<&str>, cap: Option<u32>) -> ListSql {
    let places = places(shape, &mut sql);
    let limit = cap.map(|c| format!(" limit {c}")).unwrap_or_default();
    let mut parts = Vec::new();
    for (from, only) in sources(shape, &places) {
        let narrowed = condition.map(|c| format!(" and ({})", c)).unwrap_or_default();
        parts.push(format!("(select 1 from {from} where not r.deleted{only}{narrowed}{limit})"));
    }
    sql.text = format!("select count(*) from (select 1 from ({}) u{limit}) c", parts.join(" union all "));
    sql
}

fn places(shape: &Shape<'_>, sql: &mut ListSql) -> Places {
    let start = shape.order.start(shape.down);
    let after = shape.after.unwrap_or(&start);
    let mut cast = |order: Order, value: &str| match order {
        Order::Number => String::new(),
        _ => format!("{}::text::{}", sql.bind(value.to_owned()), order.sql_type()),
    };
    let value = cast(shape.order, &after.value);
    let then = shape.then.iter().zip(&after.then).map(|((order, _), value)| cast(*order, value)).collect();
    let number = sql.bind(after.number);
    let only = shape.number.map(|n| sql.bind(n));
    let (status, statuses) = match shape.status {
        [] => (Vec::new(), String::new()),
        values => (values.iter().map(|v| sql.bind(*v)).collect(), sql.bind(values.to_vec())),
    };
    let (me, companies) = match shape.reach {
        Reach::All => (String::new(), Vec::new()),
        Reach::Mine(me) => (sql.bind(*me), Vec::new()),
        Reach::Company(me, companies) => (sql.bind(*me), companies.iter().map(|c| sql.bind(*c)).collect()),
    };
    Places { value, number, then, me, companies, only, status, statuses }
}

/// Where rows come from, each with its own condition; no row comes from two of them.
fn sources(shape: &Shape<'_>, places: &Places) -> Vec<(String, String)> {
    let m = shape.module.number();
    let table = format!("m{m}_v1 r");
    let participants = |others: String| {
        let from = format!("participants_v1 p join m{m}_v1 r on r.id = p.record");
        (from, format!(" and p.contact = {} and p.module = {m}{others}", places.me))
    };
    let status = shape.module.status_field().filter(|_| !shape.status.is_empty()).map(|f| format!("f{}", f.number));
    // The branches that have no place of their own for each value of the status.
    let mut narrowed_from = 0;
    let mut only = places.only.as_ref().map(|n| format!(" and r.number = {n}")).unwrap_or_default();
    if shape.open {
        // As the index has it.
        only.push_str(" and r.closed_at = '-infinity'");
    }
    let mut sources = match shape.reach {
        Reach::All => vec![(table, String::new())],
        Reach::Mine(_) => vec![
            (table, format!(" and r.contact = {}", places.me)),
            participants(format!(" and r.contact is distinct from {}", places.me)),
        ],
        Reach::Company(..) => {
            let mut sources = Vec::new();
            // A record is of one company, so no row comes from two of these.
            let mut outside = String::new();
            for company in &places.companies {
                let _ = write!(outside, " and r.scope_company is distinct from {company}");
                let of = format!(" and r.scope_company = {company}");
                match &status {
                    // Equality on all leading columns of the index for the status, or the order is lost.
                    Some(column) => sources.extend(
                        places.status.iter().map(|value| (table.clone(), format!("{of} and r.{column} = {value}"))),
                    ),
                    None => sources.push((table.clone(), of)),
                }
            }
            narrowed_from = sources.len();
            // What is tied to the viewer stays the viewer's, whatever company it names.
            sources.push((table, format!(" and r.contact = {}{outside}", places.me)));
            sources.push(participants(format!(" and r.contact is distinct from {}{outside}", places.me)));
            sources
        }
    };
    for (at, (_, condition)) in sources.iter_mut().enumerate() {
        condition.push_str(&only);
        if let Some(column) = status.as_ref().filter(|_| at >= narrowed_from) {
            let _ = write!(condition, " and r.{column} = any ({})", places.statuses);
        }
    }
    sources
}

fn branches(shape: &Shape<'_>, places: &Places, columns: &str, limit: u32) -> Vec<String> {
    let key = key(shape, places);
    let order = order_by("r.", shape);
    sources(shape, places)
        .into_iter()
        .map(|(from, only)| {
            format!("select {columns} from {from} where not r.deleted{only} and {key} {order} limit {limit}")
        })
        .collect()
}

/// Which rows come after the cursor.
fn key(shape: &Shape<'_>, places: &Places) -> String {
    let sign = |down: bool| if down { '<' } else { '>' };
    let (column, first) = (shape.order.column(), sign(shape.down));
    if shape.order == Order::Number {
        return format!("r.number {first} {}", places.number);
    }
    if places.then.is_empty() {
        return format!("(r.{column}, r.number) {first} ({}, {})", places.value, places.number);
    }
    // Columns that go in different directions are no row that could be compared. What comes after, from the last column to
    // the first: further in this one, or alike in it and further in the next. The plain bound is what an index takes.
    let mut after = format!("r.number {first} {}", places.number);
    for ((order, down), value) in shape.then.iter().zip(&places.then).rev() {
        after = match order {
            Order::Number => format!("r.number {} {}", sign(*down), places.number),
            _ => {
                let column = order.column();
                format!("(r.{column} {} {value} or (r.{column} = {value} and {after}))", sign(*down))
            }
        };
    }
    let value = &places.value;
    format!("r.{column} {first}= {value} and (r.{column} {first} {value} or (r.{column} = {value} and {after}))")
}

fn order_by(table: &str, shape: &Shape<'_>) -> String {
    let direction = |down: bool| if down { " desc" } else { "" };
    let mut parts = Vec::new();
    for (order, down) in std::iter::once((shape.order, shape.down)).chain(shape.then.iter().copied()) {
        parts.push(format!("{table}{}{}", order.column(), direction(down)));
        if order == Order::Number {
            // No two records are alike in it.
            return format!("order by {}", parts.join(", "));
        }
    }
    format!("order by {}, {table}number{}", parts.join(", "), direction(shape.down))
}

/// The columns that a branch gives: those of a row, the one it is sorted by, and when rows are to be judged outside,
/// all that a condition can name.
fn columns(shape: &Shape<'_>, judged: bool) -> String {
    let mut columns = COLUMNS.to_owned();
    if judged {
        columns.push_str(", r.owner_id, r.title_key");
    }
    let sorts = |number: u32| {
        let mut orders = std::iter::once(shape.order).chain(shape.then.iter().map(|(order, _)| *order));
        orders.any(|order| matches!(order, Order::Field(n, _) if n == number))
    };
    for field in shape.module.sortable() {
        let sorts = sorts(field.number);
        if judged || (sorts && !field.kind.column().is_keyed()) {
            let _ = write!(columns, ", r.f{}", field.number);
        }
        if sorts && field.kind.column().is_keyed() {
            let _ = write!(columns, ", r.{}", sort_column(field.number, field.kind));
        }
    }
    columns
}
