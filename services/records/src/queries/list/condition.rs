//! Conditions as SQL over a row called `w` or `r`: the part that columns can judge.

use super::sql::ListSql;
use crate::{
    conversation::Side,
    domain::{module::Module, value::FieldType},
    projections::columns::{ceiling, literal, moment, sentinel, sql_type},
};
use policy::{SqlCondition, SqlOperator, SqlValue};

/// True for the fields that conditions can name in SQL.
pub(super) fn has_column(module: &Module, field: &str) -> bool {
    System::of(field).is_some() || is_owner(module, field) || module.field(field).is_some_and(|f| f.sortable)
}

/// True for the field of the agent in charge, which every table has a column for.
fn is_owner(module: &Module, field: &str) -> bool {
    module.owner_field().is_some_and(|f| f.name == field)
}

/// A column that every module's table has.
#[derive(Clone, Copy)]
enum System {
    /// A moment that every record has.
    Moment(&'static str),
    /// A moment that may not have come.
    MaybeMoment(&'static str),
    /// Who spoke last.
    LastWord,
}

impl System {
    fn of(field: &str) -> Option<System> {
        Some(match field {
            "created_at" => System::Moment("created_at"),
            "modified_at" => System::Moment("modified_at"),
            // As customers see it, whoever asks: a condition means the same on every page.
            "last_activity_at" => System::Moment("activity_at"),
            "waiting_since" => System::MaybeMoment("waiting_since"),
            "closed_at" => System::MaybeMoment("closed_at"),
            "last_word" => System::LastWord,
            _ => return None,
        })
    }

    fn column(self) -> &'static str {
        match self {
            System::Moment(name) | System::MaybeMoment(name) => name,
            System::LastWord => "last_word",
        }
    }
}

/// What a column holds.
enum Holds {
    Field(FieldType),
    System(System),
}

/// A column, its type, and the value that means empty.
struct Column {
    name: String,
    holds: Holds,
}

impl Column {
    fn sql_type(&self) -> &'static str {
        match self.holds {
            Holds::Field(kind) => sql_type(kind),
            Holds::System(System::LastWord) => "smallint",
            Holds::System(System::Moment(_) | System::MaybeMoment(_)) => "timestamptz",
        }
    }

    fn empty(&self) -> Option<String> {
        match self.holds {
            Holds::Field(kind) => Some(format!("{} = '{}'::{}", self.name, sentinel(kind), sql_type(kind))),
            Holds::System(System::LastWord) => Some(format!("{} = 0", self.name)),
            Holds::System(System::MaybeMoment(_)) => Some(format!("{} = '-infinity'::timestamptz", self.name)),
            Holds::System(System::Moment(_)) => None,
        }
    }
}

/// The text of a condition on table `table`; its values become arguments.
pub(super) fn condition(sql: &mut ListSql, module: &Module, table: &str, tree: &SqlCondition) -> String {
    match tree {
        SqlCondition::Constant(value) => value.to_string(),
        SqlCondition::And(parts) => joined(sql, module, table, parts, " and "),
        SqlCondition::Or(parts) => joined(sql, module, table, parts, " or "),
        SqlCondition::Not(part) => format!("not ({})", condition(sql, module, table, part)),
        SqlCondition::Compare { field, op, values, .. } => {
            let column = match module.field(field) {
                Some(f) if f.sortable => Column { name: format!("{table}.f{}", f.number), holds: Holds::Field(f.kind) },
                // Null where nobody is in charge: here it is what an empty column of a field holds.
                Some(f) => {
                    let nobody = format!("'{}'::uuid", sentinel(f.kind));
                    Column { name: format!("coalesce({table}.owner_id, {nobody})"), holds: Holds::Field(f.kind) }
                }
                // Nothing else was let in: see `has_column`.
                None => match System::of(field) {
                    Some(system) => {
                        Column { name: format!("{table}.{}", system.column()), holds: Holds::System(system) }
                    }
                    None => return "false".to_owned(),
                },
            };
            compare(sql, module, field, &column, *op, values)
        }
    }
}

fn joined(sql: &mut ListSql, module: &Module, table: &str, parts: &[SqlCondition], word: &str) -> String {
    let parts: Vec<String> = parts.iter().map(|p| condition(sql, module, table, p)).collect();
    format!("({})", parts.join(word))
}

fn compare(
    sql: &mut ListSql,
    module: &Module,
    field: &str,
    column: &Column,
    op: SqlOperator,
    values: &[SqlValue],
) -> String {
    let kind = column.sql_type();
    let mut texts: Vec<String> = values.iter().map(|v| value_text(module, field, v)).collect();
    let name = &column.name;
    // A comparison that the empty column's value would satisfy must not hold for it.
    let filled = |test: String| match column.empty() {
        Some(empty) => format!("({test} and not ({empty}))"),
        None => test,
    };
    let mut one = |texts: &mut Vec<String>| {
        let text = if texts.is_empty() { String::new() } else { texts.remove(0) };
        sql.bind(text)
    };
    match op {
        SqlOperator::IsEmpty => column.empty().unwrap_or_else(|| "false".to_owned()),
        SqlOperator::Eq => filled(format!("{name} = {}::text::{kind}", one(&mut texts))),
        SqlOperator::In => {
            let place = sql.bind(texts);
            filled(format!("{name} = any ({place}::text[]::{kind}[])"))
        }
        SqlOperator::Lt => filled(format!("{name} < {}::text::{kind}", one(&mut texts))),
        SqlOperator::Le => filled(format!("{name} <= {}::text::{kind}", one(&mut texts))),
        SqlOperator::Gt => filled(format!("{name} > {}::text::{kind}", one(&mut texts))),
        SqlOperator::Ge => filled(format!("{name} >= {}::text::{kind}", one(&mut texts))),
        SqlOperator::Between => {
            let (from, to) = (one(&mut texts), one(&mut texts));
            filled(format!("{name} between {from}::text::{kind} and {to}::text::{kind}"))
        }
        SqlOperator::Contains => {
            let place = one(&mut texts);
            filled(format!("position(lower({place}::text collate \"C\") in lower({name} collate \"C\")) > 0"))
        }
        SqlOperator::StartsWith => {
            let place = one(&mut texts);
            filled(format!("starts_with(lower({name} collate \"C\"), lower({place}::text collate \"C\"))"))
        }
        SqlOperator::EndsWith => {
            let place = one(&mut texts);
            filled(format!(
                "right(lower({name} collate \"C\"), length({place}::text)) = lower({place}::text collate \"C\")"
            ))
        }
    }
}

/// The text of a value, which a caller may have made up, as it casts to the column's type. What can't be in the column
/// is a value that no row has.
fn value_text(module: &Module, field: &str, value: &SqlValue) -> String {
    let system = System::of(field);
    let field = module.field(field);
    let text = match value {
        SqlValue::Text(word) if field.is_none() && matches!(system, Some(System::LastWord)) => {
            // No row holds what is no word of it.
            return match Side::number_of(word) {
                0 => "-1".to_owned(),
                number => number.to_string(),
            };
        }
        SqlValue::Text(key) if field.is_some_and(|f| f.kind.has_keys()) => {
            field.map_or(0, |f| f.key_number(key)).to_string()
        }
        SqlValue::Text(text) | SqlValue::Decimal(text) | SqlValue::Date(text) => text.clone(),
        SqlValue::Integer(i) => i.to_string(),
        SqlValue::Boolean(b) => i16::from(*b).to_string(),
        SqlValue::Moment(at) => at.rfc3339(),
    };
    let castable = field.map_or_else(|| moment(&text), |f| literal(f.kind, &text));
    // An id that is none, for example, equals nothing that is there.
    castable.unwrap_or_else(|| field.map_or("infinity", |f| ceiling(f.kind)).to_owned())
}
