/**
 * Returns the functions of frequent reads as SQL. PostgreSQL keeps the plan of a function for each connection, also behind
 * a pooler. Planning a statement takes ten times as long as executing it.
 */
export const readFunctionsOf = (s: string): readonly string[] => [
  // One row for each pair of a scope and an entry: the entry and its open edit flow. The columns of one that does not
  // exist are null.
  `create function ${s}.entries_to_edit(p_scopes text[], p_entries text[])
  returns table (entry_id text, entry_revision int, entry text, flow_id text, domain text, open boolean, edits boolean,
    due_at bigint, slot text, asked_by text, asked_key text, revision int, record text, "workingUntil" float8)
  language plpgsql
  as $$ begin
    for i in 1 .. cardinality(p_scopes) loop
      perform ${s}.enter(p_scopes[i]);
      select e.entry_id, e.revision, e.record into entry_id, entry_revision, entry
        from ${s}.entries as e where e.scope = p_scopes[i] and e.entry_id = p_entries[i];
      select f.flow_id, f.domain, f.open, f.edits, f.due_at, f.slot, f.asked_by, f.asked_key, f.revision, f.record,
          (select 'infinity'::float8 from ${s}.leases as l
            where l.scope = p_scopes[i] and l.kind = 'flow' and l.id = f.flow_id and l.until > clock_timestamp())
        into flow_id, domain, open, edits, due_at, slot, asked_by, asked_key, revision, record, "workingUntil"
        from ${s}.flows as f where f.scope = p_scopes[i] and f.entry_id = p_entries[i] and f.open and f.edits;
      return next;
    end loop;
  end $$`,

  // The changes of each scope after the given number: the last number, how many changes there are, the ids of others'
  // changes, and when the oldest of these was written. All numbers of a scope come from one snapshot, so no change is
  // between them. \`place\` is the position of the scope in p_scopes.
  `create function ${s}.changes_of(p_scopes text[], p_since bigint[], p_origin text)
  returns table (place int, seq bigint, count bigint, ids text[], at bigint) language plpgsql
  as $$ begin
    for i in 1 .. cardinality(p_scopes) loop
      perform ${s}.enter(p_scopes[i]);
      return query select i, h.seq, count(c.seq), array_agg(c.ids order by c.seq) filter (where c.origin <> p_origin),
          min(c.at) filter (where c.origin <> p_origin)
        from ${s}.heads as h
          left join ${s}.changes as c on c.scope = h.scope and c.seq > p_since[i] and c.seq <= h.seq
        where h.scope = p_scopes[i] group by h.seq;
    end loop;
  end $$`,
]
