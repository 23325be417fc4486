//! The database's part of an append, as SQL: what an appender task sends, without the task.

use super::HEADS;
use crate::{append::writers::TYPE, ground::Ground, pgbench::Script};
use anyhow::Result;
use std::fmt::Write;

/// Bytes of an event's payload.
const PAYLOAD: usize = 256;

/// Functions that lock a head and write a batch, by the head's number: a script can't name a schema by a variable.
pub(super) async fn prepare(ground: &Ground, database: &str) -> Result<()> {
    let mut locks = String::new();
    let mut writes = String::new();
    for (head, service) in HEADS.into_iter().enumerate() {
        writeln!(
            locks,
            "when {head} then
                 select r.n1 into found from {service}_log.lock_and_read(p_streams, p_commands, '{{}}', '{{}}', '{{}}', '{{}}') r
                 where r.kind = 0;"
        )?;
        writeln!(
            writes,
            "when {head} then
                 select t.id into kind from {service}_log.type t where t.name = '{TYPE}';
                 perform {service}_log.write_batch(at, p_head,
                     p_streams, ones, ids, array_fill(kind, n), actors, small, nobody, small, nobody, p_commands, p_commands,
                     nobody, array_fill(null::text, n), array_fill(payload, n), nobody, array_fill(hash, n), array_fill(hash, n),
                     p_streams, small, ones, positions, positions, array_fill(hash, n),
                     p_commands, array_fill(hash, n), positions, positions, array_fill(hash, n),
                     '{{}}', '{{}}', '{{}}', '{{}}', '{{}}', '{{}}', '{{}}', '{{}}', '{{}}', '{{}}');"
        )?;
        let known = format!("select {service}_log.type_ids(array['{TYPE}'])");
        ground.execute(database, &known).await?;
    }
    let functions = format!(
        "create schema if not exists bench;
         create or replace function bench.ids(n int) returns uuid[] language sql volatile as
             'select array_agg(gen_random_uuid()) from generate_series(1, n)';
         create or replace function bench.lock(p_head int, p_streams uuid[], p_commands uuid[]) returns bigint
         language plpgsql as $$
         declare found bigint;
         begin
             case p_head {locks} end case;
             return found;
         end $$;
         create or replace function bench.write(p_number int, p_head bigint, p_streams uuid[], p_commands uuid[]) returns void
         language plpgsql as $$
         declare
             n         int[]      := array[cardinality(p_streams)];
             ids       uuid[]     := bench.ids(cardinality(p_streams));
             ones      bigint[]   := array_fill(1::bigint, n);
             small     smallint[] := array_fill(1::smallint, n);
             nobody    uuid[]     := array_fill(null::uuid, n);
             actors    uuid[]     := array_fill('00000000-0000-0000-0000-000000000001'::uuid, n);
             hash      bytea      := decode(repeat('a5', 32), 'hex');
             payload   bytea      := decode(repeat('a5', {PAYLOAD}), 'hex');
             at        bigint     := (extract(epoch from now()) * 1000000)::bigint;
             positions bigint[]   := array(select p_head + g from generate_series(1, cardinality(p_streams)) g);
             kind      smallint;
         begin
             case p_number {writes} end case;
         end $$;"
    );
    ground.execute(database, &functions).await
}

/// One batch of events of new streams, at the head that a session has by its number.
pub(super) fn batch(heads: usize, events: usize) -> Script {
    let text = format!(
        "\\set number :client_id % {heads}
         begin;
         select bench.ids({events}) as streams, bench.ids({events}) as commands \\gset
         select bench.lock(:number::int, :streams::uuid[], :commands::uuid[]) as head \\gset
         select bench.write(:number::int, :head::bigint, :streams::uuid[], :commands::uuid[]);
         commit;\n"
    );
    // As the appender has them: plans of each call's own would cost more than the batch, and a plan that was made while the
    // tables were empty would read them as a whole for ever.
    let settings = [
        "plan_cache_mode=force_generic_plan",
        "jit=off",
        "enable_seqscan=off",
        "enable_hashjoin=off",
        "enable_mergejoin=off",
    ];
    let settings = settings.map(str::to_owned).to_vec();
    Script { settings, ..Script::new(text) }
}
