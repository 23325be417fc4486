//! Lists: scope, order, filter and search in SQL, cells in Rust.

use crate::{
    catalogue::Modules,
    domain::{module::Module, record::Rejection},
    error::{database, lacks_column},
    found::{COLUMN_COUNT, Found, RowFacts},
    projections::columns::{literal, moment, sentinel, sort_text},
    queries::{
        around::{Reads, Wanted},
        present,
        suggest::searches_titles,
    },
    service::{Caller, Records, judge},
};
use kernel::{Code, Cursor as Opaque, Error, page_size};
use policy::{
    Action, Clock, CompiledCondition, Condition, ListRequest, RecordAccess, Scope, SqlOperator, SqlValue, Truth,
    check_list,
};
use proto::records::v1::{ListRecordsRequest, ListRecordsResponse};
use sql::{Cursor, ListSql, Narrowing, Order, Reach, Shape};
use sqlx::{AssertSqlSafe, Row};
use std::sync::Arc;

mod condition;
pub(crate) mod sql;

/// Rows that a filter looks at before a page ends early.
const WALK: u32 = 500;
/// The same where only open records are looked at: they are few, and most views are about them.
const OPEN_WALK: u32 = 5_000;
/// Rows that a search in titles looks at before a page ends early.
const SEARCH_WALK: u32 = 2_000;
/// Where capped counts stop.
const CAP: u32 = 1_001;
const MAX_QUERY: usize = 200;
const MAX_WORDS: usize = 8;
/// Most fields that a list is sorted by.
const MAX_SORT: usize = 3;
/// Most values of the status that a list has a branch for each of.
const MAX_BRANCHES: usize = 8;

/// What a list was asked for, understood.
struct Asked {
    order: Order,
    down: bool,
    /// What puts records in order that are alike in that.
    then: Vec<(Order, bool)>,
    /// As it was written, so that a cursor of another order is refused.
    sort: String,
    limit: u32,
    words: Vec<String>,
    number: Option<i64>,
}

/// What narrows rows: for SQL as far as columns can tell, and what is left to judge row by row.
struct Conditions {
    sql: Vec<policy::SqlCondition>,
    rest: Vec<CompiledCondition>,
}

impl Records {
    /// A page of records.
    ///
    /// # Errors
    /// Not found when the module does not exist for the caller; forbidden when it may only make records there; invalid with the field named when the order, the
    /// filter, the cursor or the size is not right; `being_prepared` with the field, when lists can't be sorted by it yet.
    pub async fn list(&self, caller: &Caller, request: &ListRecordsRequest) -> Result<ListRecordsResponse, Error> {
        match self.page(caller, request).await {
            // Another process took a column away that this one still counted on.
            Err(error) if lacks_column(&error) => {
                self.catalogue.refresh().await?;
                self.page(caller, request).await
            }
            answer => answer,
        }
    }

    async fn page(&self, caller: &Caller, request: &ListRecordsRequest) -> Result<ListRecordsResponse, Error> {
        let (modules, module) = self.module_for(caller, &request.module).await?;
        let clock = self.clock();
        let reach = reach(caller, &module, &request.narrow)?;
        let asked = understand(caller, &module, request)?;
        let mut conditions = conditions(caller, &modules, &module, &asked, request, &clock)?;
        let Some(reach) = reach else { return Ok(ListRecordsResponse::default()) };
        let after = cursor(&asked, &request.cursor)?;
        let own = request.narrow == "mine" && reach == Reach::All;
        let open = open_has_an_index(&reach, asked.order) && only_open(&mut conditions);
        let status = by_status(&module, &reach, &asked, &mut conditions);
        let shape = Shape {
            module: &module,
            reach: &reach,
            order: asked.order,
            down: asked.down,
            then: &asked.then,
            after: after.as_ref(),
            limit: asked.limit + 1,
            number: asked.number,
            status: &status,
            open,
        };
        let mut sql = ListSql::new();
        let narrowing = narrow(&mut sql, caller, &module, "w", &asked, &conditions, own);
        let narrowing = narrowing.map(|n| Narrowing { walk: if open { OPEN_WALK.max(n.walk) } else { n.walk }, ..n });
        let sql = sql::list(&shape, sql, narrowing.as_ref());
        let rows =
            sqlx::query_with(AssertSqlSafe(sql.text), sql.arguments).fetch_all(&self.lists).await.map_err(database)?;
        let mut found = Vec::with_capacity(rows.len());
        let mut ended_early = false;
        for row in &rows {
            let hit: bool = row.try_get(COLUMN_COUNT).map_err(database)?;
            ended_early |= row.try_get::<bool, _>(COLUMN_COUNT + 1).map_err(database)?;
            found.push((Found::read(row, 0).map_err(database)?, hit));
        }
        // What a filter left to judge row by row reads the contact and the company as well.
        let more = conditions.rest.iter().flat_map(CompiledCondition::reads);
        let reads = Reads::of(caller, &modules, &module, more);
        let mut wanted = Wanted::around(&modules, &module, reads);
        for (row, _) in found.iter().filter(|(_, hit)| *hit).take(asked.limit as usize) {
            wanted.add_row(&modules, &module, row);
        }
        let mut around = self.around(caller, &modules, wanted).await?;
        let (rows, hits): (Vec<Found>, Vec<bool>) = found.into_iter().unzip();
        let found: Vec<(Found, bool)> = around.give_texts(reads.texts, rows).into_iter().zip(hits).collect();
        let page = Page { caller, modules: &modules, module: &module, clock: &clock, asked: &asked, around: &around };
        let (mut answer, next) = page.rows(&found, &conditions, ended_early);
        let total = self.total(caller, &module, &shape, &asked, &conditions, own, &request.count).await?;
        (answer.next_cursor, answer.total) = (next, total);
        Ok(answer)
    }

    #[expect(clippy::too_many_arguments, reason = "all of one list")]
    async fn total(
        &self,
        caller: &Caller,
        module: &Module,
        shape: &Shape<'_>,
        asked: &Asked,
        conditions: &Conditions,
        own: bool,
        count: &str,
    ) -> Result<Option<i64>, Error> {
        let cap = match count {
            "" => return Ok(None),
            "capped" => Some(CAP),
            "exact" => None,
            _ => return Err(Error::invalid_field("count", "unknown_value", "A count is exact or capped.")),
        };
        // What only Rust can judge can't be counted without reading every row.
        if !conditions.rest.is_empty() {
            return Ok(None);
        }
        let whole = Shape { after: None, order: Order::Number, down: true, then: &[], ..*shape };
        let mut sql = ListSql::new();
        let narrowing = narrow(&mut sql, caller, module, "r", asked, conditions, own);
        let sql = sql::count(&whole, sql, narrowing.as_ref().map(|n| n.condition.as_str()), cap);
        let total = sqlx::query_scalar_with(AssertSqlSafe(sql.text), sql.arguments)
            .fetch_one(&self.lists)
            .await
            .map_err(database)?;
        Ok(Some(total))
    }
}

/// What turns rows into a page.
struct Page<'a> {
    caller: &'a Caller,
    modules: &'a Modules,
    module: &'a Arc<Module>,
    clock: &'a Clock,
    asked: &'a Asked,
    around: &'a crate::found::Around,
}

impl Page<'_> {
    fn rows(
        &self,
        found: &[(Found, bool)],
        conditions: &Conditions,
        ended_early: bool,
    ) -> (ListRecordsResponse, String) {
        let mut shown = present::Page::new(self.caller, self.modules, self.module, self.around, self.clock);
        let mut next = String::new();
        let limit = self.asked.limit as usize;
        let mut hits = 0;
        for (row, hit) in found {
            if *hit {
                if hits == limit {
                    // One more than asked for: there is a next page, and it begins after the last one taken.
                    return (shown.answer(), next);
                }
                hits += 1;
                if let Some(access) = self.judged(row, conditions) {
                    shown.add(row, &access);
                }
            }
            next = self.place(row);
        }
        if !ended_early {
            next.clear();
        }
        (shown.answer(), next)
    }

    /// What the caller may do with a row that belongs on the page.
    fn judged(&self, row: &Found, conditions: &Conditions) -> Option<RecordAccess<'_>> {
        let access = judge(self.caller, self.modules, self.module, row, self.around, self.clock)?;
        if !access.is_visible() {
            return None;
        }
        let tie = self.around.tie(&self.caller.plan, row);
        let facts = RowFacts::new(self.modules, self.module, row, self.around, tie);
        let viewer = &self.caller.plan.viewer;
        let holds = |c: &CompiledCondition| c.evaluate(&facts, viewer, self.clock) == Truth::True;
        conditions.rest.iter().all(holds).then_some(access)
    }

    fn place(&self, row: &Found) -> String {
        let keys = std::iter::once(self.asked.order).chain(self.asked.then.iter().map(|(order, _)| *order));
        let mut values = keys.map(|order| self.value(row, order));
        let first = values.next().unwrap_or_default();
        let mut parts = vec![self.asked.sort.clone(), first, row.number.to_string()];
        parts.extend(values);
        Opaque(parts).encode()
    }

    fn value(&self, row: &Found, order: Order) -> String {
        match order {
            Order::Modified => row.modified_at.rfc3339(),
            Order::Activity => row.activity_at.rfc3339(),
            Order::AgentActivity => row.agent_activity_at.rfc3339(),
            Order::Number => String::new(),
            Order::Field(number, _) => {
                let field = self.module.field_numbered(number);
                let value = field.and_then(|f| row.value(self.module, &f.name));
                field.map(|f| sort_text(f, value)).unwrap_or_default()
            }
        }
    }
}

/// A part of the order: by what, and whether downwards.
fn key(caller: &Caller, module: &Module, part: &str) -> Result<(Order, bool), Error> {
    let (down, name) = part.strip_prefix('-').map_or((false, part), |name| (true, name));
    let order = match name {
        "modified_at" => Order::Modified,
        // Who doesn't read what was said sees no more happen than changes.
        "last_activity_at" => match caller.plan.module(module.name()).is_some_and(policy::ModuleAccess::reads_comments)
        {
            true if caller.plan.is_internal() => Order::AgentActivity,
            true => Order::Activity,
            false => Order::Modified,
        },
        // Numbers are given in the order of creation.
        "number" | "created_at" => Order::Number,
        name => match module.field(name) {
            Some(field) if field.sortable => Order::Field(field.number, field.kind),
            Some(field) if field.promoted && caller.plan.field(module.name(), name, false).is_visible() => {
                let public = "The list can be sorted by this field soon: it is being prepared.";
                return Err(Error::new(Code::Conflict, "being_prepared", public).with("field", name));
            }
            Some(_) if caller.plan.field(module.name(), name, false).is_visible() => {
                return Err(Error::invalid_field("sort", "not_sortable", "The list can't be sorted by this field."));
            }
            _ => return Err(Error::invalid_field("sort", "unknown_field", "There is no such field.")),
        },
    };
    Ok((order, down))
}

fn understand(caller: &Caller, module: &Module, request: &ListRecordsRequest) -> Result<Asked, Error> {
    let limit = page_size(request.limit)?;
    let sort = if request.sort.is_empty() { "-modified_at" } else { &request.sort };
    let mut keys = sort.split(',').map(|part| key(caller, module, part)).collect::<Result<Vec<_>, _>>()?;
    if keys.len() > MAX_SORT {
        return Err(Error::invalid_field("sort", "too_many", "A list is sorted by at most three fields."));
    }
    if keys.iter().enumerate().any(|(at, (order, _))| keys[..at].iter().any(|(before, _)| before == order)) {
        return Err(Error::invalid_field("sort", "duplicate", "A list is sorted by a field once."));
    }
    let then = keys.split_off(1);
    let (order, down) = keys[0];
    let query = kernel::text::line(&request.query, MAX_QUERY)
        .map_err(|(code, message)| Error::invalid_field("q", code, message))?
        .unwrap_or_default();
    let words: Vec<String> =
        kernel::text::folded(&query).split_whitespace().take(MAX_WORDS).map(str::to_owned).collect();
    let digits = query.strip_prefix(module.definition.prefix.as_str()).unwrap_or(&query);
    let number = digits.parse::<i64>().ok().filter(|n| *n > 0 && !digits.starts_with('+'));
    Ok(Asked {
        order,
        down,
        then,
        sort: sort.to_owned(),
        limit,
        words: if number.is_some() { Vec::new() } else { words },
        number,
    })
}

/// Refuses what the plan hides before any SQL is built.
fn conditions(
    caller: &Caller,
    modules: &Modules,
    module: &Module,
    asked: &Asked,
    request: &ListRecordsRequest,
    clock: &Clock,
) -> Result<Conditions, Error> {
    let plan = &caller.plan;
    let filter = match request.filter.trim() {
        "" => None,
        text => Some(Condition::parse(text).map_err(|why| Error::invalid_field("filter", "not_a_condition", why))?),
    };
    let names: Vec<&str> = asked.sort.split(',').map(|part| part.trim_start_matches('-')).collect();
    let names: Vec<&str> = names.into_iter().filter(|name| *name != "last_activity_at").collect();
    let asked_for = ListRequest { sort: &names, filter: filter.as_ref() };
    let compiled = check_list(plan, module.name(), asked_for, &modules.shapes).map_err(|refusals| {
        Error::from(Rejection::Invalid(refusals.iter().map(|r| r.to_error(caller.language())).collect()))
    })?;
    let access = plan.module(module.name()).ok_or_else(Error::not_found)?;
    if !asked.words.is_empty() && !searches_titles(caller, module) {
        return Err(Error::invalid_field("q", "not_searchable", "Titles can't be searched here."));
    }
    let mut conditions = Conditions { sql: Vec::new(), rest: Vec::new() };
    for compiled in compiled.into_iter().chain(access.record_condition.clone()) {
        let pushed = compiled.push_down(&plan.viewer, clock, &|field| condition::has_column(module, field));
        if pushed.sql != policy::SqlCondition::Constant(true) {
            conditions.sql.push(pushed.sql);
        }
        if !pushed.complete {
            conditions.rest.push(compiled);
        }
    }
    Ok(conditions)
}

/// How far the list reaches; none when it can't hold anything.
fn reach(caller: &Caller, module: &Module, narrow: &str) -> Result<Option<Reach>, Error> {
    if !matches!(narrow, "" | "mine") {
        return Err(Error::invalid_field("narrow", "unknown_value", "A list can be narrowed to mine."));
    }
    let scope = caller.plan.scope(module.name(), Action::View);
    let customer = caller.actor.kind.is_customer();
    let me = caller.me();
    let companies: Vec<i64> = caller.plan.company_numbers.iter().filter_map(|n| i64::try_from(*n).ok()).collect();
    Ok(match scope {
        // Whoever may only make records knows of the module, and sees none.
        Scope::None => return Err(Error::forbidden("action_not_allowed")),
        Scope::All if customer && narrow == "mine" => (me > 0).then_some(Reach::Mine(me)),
        Scope::All => Some(Reach::All),
        Scope::Company if narrow.is_empty() && !companies.is_empty() => Some(Reach::Company(me, companies)),
        Scope::Mine | Scope::Company => (me > 0).then_some(Reach::Mine(me)),
    })
}

/// True where an index of open records has what a list needs: for agents in any order, since what is open is little beside
/// all; for a company's or a person's own in the order of what happened last.
fn open_has_an_index(reach: &Reach, order: Order) -> bool {
    *reach == Reach::All || order == Order::Activity
}

/// True when the filter asks for records that are not closed, among what else it may ask for: taken out of the conditions.
fn only_open(conditions: &mut Conditions) -> bool {
    let is_open = |c: &policy::SqlCondition| matches!(c, policy::SqlCondition::Compare { field, op: SqlOperator::IsEmpty, .. } if field == "closed_at");
    let mut open = false;
    for condition in &mut conditions.sql {
        if let policy::SqlCondition::And(parts) = condition {
            let before = parts.len();
            parts.retain(|part| !is_open(part));
            open |= parts.len() < before;
            if parts.len() == 1 {
                *condition = parts.remove(0);
            }
        }
    }
    let before = conditions.sql.len();
    conditions.sql.retain(|c| !is_open(c) && *c != policy::SqlCondition::And(Vec::new()));
    open || conditions.sql.len() < before
}

/// The numbers of the status that a filter asks for, when it asks for nothing else and an index can answer it: taken out
/// of the conditions.
fn by_status(module: &Module, reach: &Reach, asked: &Asked, conditions: &mut Conditions) -> Vec<i16> {
    let Some(field) = module.status_field().filter(|_| *reach != Reach::All && asked.order == Order::Modified) else {
        return Vec::new();
    };
    let [policy::SqlCondition::Compare { field: name, op: SqlOperator::Eq | SqlOperator::In, values, .. }] =
        conditions.sql.as_slice()
    else {
        return Vec::new();
    };
    let number = |v: &SqlValue| match v {
        SqlValue::Text(key) => Some(field.key_number(key)).filter(|n| *n > 0),
        _ => None,
    };
    let mut numbers: Vec<i16> = values.iter().filter_map(number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    if *name != field.name || numbers.is_empty() || numbers.len() > MAX_BRANCHES {
        return Vec::new();
    }
    conditions.sql.clear();
    numbers
}

fn cursor(asked: &Asked, text: &str) -> Result<Option<Cursor>, Error> {
    if text.is_empty() {
        return Ok(None);
    }
    let refused = || Error::from(kernel::CursorError);
    let Opaque(parts) = Opaque::decode(text, 3 + asked.then.len())?;
    let [sort, value, number, then @ ..] = parts.as_slice() else { return Err(refused()) };
    if *sort != asked.sort || then.len() != asked.then.len() {
        return Err(refused());
    }
    let value = castable(asked.order, value).ok_or_else(refused)?;
    let then = then.iter().zip(&asked.then).map(|(value, (order, _))| castable(*order, value));
    let then = then.collect::<Option<Vec<_>>>().ok_or_else(refused)?;
    let number = number.parse().map_err(|_| refused())?;
    Ok(Some(Cursor { value, number, then }))
}

/// A cursor's value, which callers may have made up, as it casts to the column's type.
fn castable(order: Order, value: &str) -> Option<String> {
    match order {
        Order::Number => value.is_empty().then(String::new),
        Order::Modified | Order::Activity | Order::AgentActivity => moment(value),
        Order::Field(_, kind) if value == sentinel(kind) => Some(value.to_owned()),
        Order::Field(_, kind) => literal(kind, value),
    }
}

/// The condition that rows must meet, if there is any.
fn narrow(
    sql: &mut ListSql,
    caller: &Caller,
    module: &Module,
    table: &str,
    asked: &Asked,
    conditions: &Conditions,
    own: bool,
) -> Option<Narrowing> {
    let mut parts: Vec<String> =
        conditions.sql.iter().map(|tree| condition::condition(sql, module, table, tree)).collect();
    for word in &asked.words {
        let pattern = word.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        parts.push(format!("{table}.title_key like {}", sql.bind(format!("%{pattern}%"))));
    }
    if own {
        parts.push(format!("{table}.owner_id = {}", sql.bind(caller.actor.id)));
    }
    let walk = if asked.words.is_empty() { WALK } else { SEARCH_WALK };
    // Rows that only Rust can judge need no condition here, and still end a page early.
    (!parts.is_empty()).then(|| Narrowing { condition: parts.join(" and "), walk })
}
