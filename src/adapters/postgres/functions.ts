/**
 * Returns the functions of the schema as SQL. Each sets the scope for its own transaction, then works on the rows of
 * that scope: nothing outlives the call on the connection, so a pooler may give each call another one.
 *
 * All writers of a scope first lock its row in `heads`. So its writes have an order, and no two writers of it can
 * deadlock. Writers of several scopes lock them in order.
 */
export const functionsOf = (s: string): readonly string[] => [
  ...writeFunctionsOf(s),

  // A scope may be empty, but the setting of an earlier transaction reads as an empty text: hence the prefix.
  `create function ${s}.enter(p_scope text) returns void language sql
  as $$ select set_config('latchkey.scope', ':' || p_scope, true) $$`,

  `create function ${s}.scope() returns text language sql stable
  as $$ select substr(nullif(current_setting('latchkey.scope', true), ''), 2) collate "C" $$`,

  // LK001: another revision is stored. LK002: another record holds the slot. The details name them. Without a holder,
  // an index and this function disagree: the caller tries again.
  `create function ${s}.refuse(p_kind text, p_id text, p_slot text, p_holder text) returns void language plpgsql
  as $$ begin
    raise exception using
      errcode = case when p_slot is null then 'LK001' when p_holder is null then '40001' else 'LK002' end,
      message = 'refused', detail = json_build_array(p_kind, p_id, p_slot, p_holder)::text;
  end $$`,

  `create function ${s}.refuse_entry(p_scope text, w jsonb) returns void language plpgsql
  as $$ declare v text; begin
    if coalesce((select revision from ${s}.entries where scope = p_scope and entry_id = w->>1), 0) <> (w->>2)::int then
      perform ${s}.refuse('entry', w->>1, null, null);
    end if;
    select entry_id into v from ${s}.entries where scope = p_scope and domain = w->>3 and unique_id = w->>4 and entry_id <> w->>1;
    if found then perform ${s}.refuse('entry', w->>1, 'identity', v); end if;
    select entry_id into v from ${s}.entries where scope = p_scope and domain = w->>3 and match_key = w->>8 and entry_id <> w->>1;
    perform ${s}.refuse('entry', w->>1, 'exclusive', v);
  end $$`,

  `create function ${s}.refuse_flow(p_scope text, w jsonb) returns void language plpgsql
  as $$ declare v text; begin
    if coalesce((select revision from ${s}.flows where scope = p_scope and flow_id = w->>1), 0) <> (w->>2)::int then
      perform ${s}.refuse('flow', w->>1, null, null);
    end if;
    if (w->>5)::boolean then
      if (w->>6)::boolean then
        select flow_id into v from ${s}.flows where scope = p_scope and entry_id = w->>4 and open and edits and flow_id <> w->>1;
        if found then perform ${s}.refuse('flow', w->>1, 'edit', v); end if;
      end if;
      select flow_id into v from ${s}.flows where scope = p_scope and domain = w->>3 and slot = w->>8 and open and flow_id <> w->>1;
      if found then perform ${s}.refuse('flow', w->>1, 'held', v); end if;
    end if;
    select flow_id into v from ${s}.flows where scope = p_scope and asked_by = w->>9 and asked_key = w->>10 and flow_id <> w->>1;
    perform ${s}.refuse('flow', w->>1, 'asked', v);
  end $$`,

  // Updates name the free slots as conditions: a broken unique index would abort the whole transaction.
  `create function ${s}.put_entry(p_scope text, w jsonb) returns void language plpgsql
  as $$ begin
    if (w->>2)::int = 0 then
      insert into ${s}.entries (scope, entry_id, domain, unique_id, needs, ignored, expires_at, match_key, refresh_at, status, revision, record)
        values (p_scope, w->>1, w->>3, w->>4, (w->>5)::boolean, (w->>6)::boolean, (w->>7)::bigint, w->>8, (w->>10)::bigint,
          w->>11, 1, w->>9)
        on conflict do nothing;
    else
      update ${s}.entries set domain = w->>3, unique_id = w->>4, needs = (w->>5)::boolean, ignored = (w->>6)::boolean,
          expires_at = (w->>7)::bigint, match_key = w->>8, refresh_at = (w->>10)::bigint, status = w->>11,
          revision = revision + 1, record = w->>9
        where scope = p_scope and entry_id = w->>1 and revision = (w->>2)::int
          and not exists (select from ${s}.entries o
            where o.scope = p_scope and o.domain = w->>3 and o.unique_id = w->>4 and o.entry_id <> w->>1)
          and not exists (select from ${s}.entries o
            where o.scope = p_scope and o.domain = w->>3 and o.match_key = w->>8 and o.entry_id <> w->>1);
    end if;
    if not found then perform ${s}.refuse_entry(p_scope, w); end if;
  end $$`,

  `create function ${s}.put_flow(p_scope text, w jsonb) returns void language plpgsql
  as $$ begin
    if (w->>2)::int = 0 then
      insert into ${s}.flows (scope, flow_id, domain, entry_id, open, edits, due_at, slot, asked_by, asked_key, revision, record, budget)
        values (p_scope, w->>1, w->>3, w->>4, (w->>5)::boolean, (w->>6)::boolean, (w->>7)::bigint, w->>8, w->>9, w->>10, 1,
          w->>11, w->>12)
        on conflict do nothing;
    else
      update ${s}.flows set domain = w->>3, entry_id = w->>4, open = (w->>5)::boolean, edits = (w->>6)::boolean,
          due_at = (w->>7)::bigint, slot = w->>8, asked_by = w->>9, asked_key = w->>10, revision = revision + 1,
          record = w->>11, budget = w->>12
        where scope = p_scope and flow_id = w->>1 and revision = (w->>2)::int
          and not ((w->>5)::boolean and (w->>6)::boolean and exists (select from ${s}.flows o
            where o.scope = p_scope and o.entry_id = w->>4 and o.open and o.edits and o.flow_id <> w->>1))
          and not ((w->>5)::boolean and exists (select from ${s}.flows o
            where o.scope = p_scope and o.domain = w->>3 and o.slot = w->>8 and o.open and o.flow_id <> w->>1))
          and not exists (select from ${s}.flows o
            where o.scope = p_scope and o.asked_by = w->>9 and o.asked_key = w->>10 and o.flow_id <> w->>1);
    end if;
    if not found then perform ${s}.refuse_flow(p_scope, w); end if;
  end $$`,

  `create function ${s}.check_flows(p_scope text, p_entry text, p_open jsonb) returns void language plpgsql
  as $$ declare v text; begin
    select flow_id into v from ${s}.flows
      where scope = p_scope and entry_id = p_entry and open and not p_open ? flow_id limit 1;
    if found then perform ${s}.refuse('flow', v, null, null); end if;
  end $$`,

  // The batches of a process have increasing numbers. A number that was executed, or given up, is never executed again.
  `create function ${s}.begin_batch(p_origin text, p_batch bigint) returns void language plpgsql
  as $$ begin
    insert into ${s}.writers as w (origin, batch, executed, at) values (p_origin, p_batch, true, now())
      on conflict (origin) do update set batch = p_batch, executed = true, answers = null, at = now()
        where w.batch < p_batch;
    if not found then raise exception using errcode = 'LK003', message = 'the batch was given up'; end if;
  end $$`,

  // Whether a batch was written. If not, it never will be, and each later call says the same: the answer to this one may
  // be lost, too. Waits for a transaction that executes it now.
  `create function ${s}.settle_batch(p_origin text, p_batch bigint, out written boolean, out answers jsonb)
  language plpgsql
  as $$ begin
    insert into ${s}.writers as w (origin, batch, executed, at) values (p_origin, p_batch, false, now())
      on conflict (origin) do update set batch = p_batch, executed = false, answers = null, at = now()
        where w.batch < p_batch;
    select w.executed, w.answers into written, answers from ${s}.writers w where w.origin = p_origin;
  end $$`,

  // The scopes whose last change is not the given one.
  `create function ${s}.moved(p_scopes text[], p_seqs bigint[]) returns setof text language plpgsql
  as $$ begin
    for i in 1 .. cardinality(p_scopes) loop
      perform ${s}.enter(p_scopes[i]);
      if coalesce((select seq from ${s}.heads where scope = p_scopes[i]), 0) <> p_seqs[i] then
        return next p_scopes[i];
      end if;
    end loop;
  end $$`,

  // Many transactions in one commit: [[scope, [member, …]], …]. If one fails, all do.
  `create function ${s}.apply(p_origin text, p_batch bigint, p jsonb) returns void language plpgsql
  as $$ declare g record; m jsonb; v_changes bigint; v_rows bigint; v_seq bigint; v_position bigint; begin
    perform ${s}.begin_batch(p_origin, p_batch);
    for g in select value->>0 as scope, value->1 as members from jsonb_array_elements(p) loop
      perform ${s}.enter(g.scope);
      select count(value->>0), sum((value->>2)::int) into v_changes, v_rows from jsonb_array_elements(g.members);
      insert into ${s}.heads as h (scope, seq, position) values (g.scope, v_changes, v_rows)
        on conflict (scope) do update set seq = h.seq + v_changes, position = h.position + v_rows
        returning h.seq - v_changes, h.position - v_rows into v_seq, v_position;
      for m in select value from jsonb_array_elements(g.members) loop
        v_seq := ${s}.write(g.scope, p_origin, v_seq, v_position, m);
        v_position := v_position + (m->>2)::int;
      end loop;
    end loop;
  end $$`,

  // The same, but each transaction fails separately. Returns one answer for each: null, or the error.
  `create function ${s}.apply_each(p_origin text, p_batch bigint, p jsonb) returns jsonb language plpgsql
  as $$ declare g record; m jsonb; v_seq bigint; v_position bigint;
    v_code text; v_detail text; v_message text; v_answers jsonb := '[]'; begin
    perform ${s}.begin_batch(p_origin, p_batch);
    for g in select value->>0 as scope, value->1 as members from jsonb_array_elements(p) loop
      perform ${s}.enter(g.scope);
      insert into ${s}.heads as h (scope, seq, position) values (g.scope, 0, 0)
        on conflict (scope) do update set seq = h.seq returning h.seq, h.position into v_seq, v_position;
      for m in select value from jsonb_array_elements(g.members) loop
        begin
          v_seq := ${s}.write(g.scope, p_origin, v_seq, v_position, m);
          v_position := v_position + (m->>2)::int;
          v_answers := v_answers || 'null'::jsonb;
        exception when others then
          get stacked diagnostics v_code = returned_sqlstate, v_detail = pg_exception_detail, v_message = message_text;
          v_answers := v_answers || jsonb_build_object('code', v_code, 'detail', v_detail, 'message', v_message);
        end;
      end loop;
      update ${s}.heads set seq = v_seq, position = v_position
        where scope = g.scope and (seq <> v_seq or position <> v_position);
    end loop;
    update ${s}.writers set answers = v_answers where origin = p_origin;
    return v_answers;
  end $$`,
]

/**
 * Returns the functions that make the writes of a transaction. A migration that adds a kind of record creates them again,
 * with the same parameters: processes of the previous version call them, too.
 */
export function writeFunctionsOf(s: string): readonly string[] {
  return [
    `create or replace function ${s}.remove(p_scope text, p_kind text, p_id text, p_revision int) returns void language plpgsql
  as $$ declare v int; begin
    case p_kind
      when 'entry' then
        delete from ${s}.entries where scope = p_scope and entry_id = p_id and revision = p_revision;
      when 'flow' then
        delete from ${s}.flows where scope = p_scope and flow_id = p_id and revision = p_revision;
      when 'attempts' then
        delete from ${s}.attempts where scope = p_scope and key = p_id and revision = p_revision;
      when 'webhook' then
        delete from ${s}.webhooks where scope = p_scope and id = p_id and revision = p_revision;
      when 'removal' then
        delete from ${s}.removals where scope = p_scope and id = p_id and revision = p_revision;
    end case;
    if not found then perform ${s}.refuse(p_kind, p_id, null, null); end if;
  end $$`,

    // One transaction, in the given order. p_seq and p_position are the last change and history row of the scope.
    // Returns the number of the change.
    `create or replace function ${s}.write(p_scope text, p_origin text, p_seq bigint, p_position bigint, m jsonb)
  returns bigint language plpgsql
  as $$ declare w jsonb; v_position bigint := p_position; begin
    for w in select value from jsonb_array_elements(m->3) loop
      case w->>0
        when 'entry' then perform ${s}.put_entry(p_scope, w);
        when 'flow' then perform ${s}.put_flow(p_scope, w);
        when 'attempts' then
          if (w->>2)::int = 0 then
            insert into ${s}.attempts (scope, key, due_at, revision, record)
              values (p_scope, w->>1, (w->>3)::bigint, 1, w->>4) on conflict do nothing;
          else
            update ${s}.attempts set due_at = (w->>3)::bigint, revision = revision + 1, record = w->>4
              where scope = p_scope and key = w->>1 and revision = (w->>2)::int;
          end if;
          if not found then perform ${s}.refuse('attempts', w->>1, null, null); end if;
        when 'audit' then
          v_position := v_position + 1;
          insert into ${s}.audit (scope, seq, entry_id, at, record)
            values (p_scope, v_position, w->>1, (w->>2)::bigint, w->>3);
        when 'webhook' then
          if (w->>2)::int = 0 then
            insert into ${s}.webhooks (scope, id, list, due_at, position, revision, record)
              values (p_scope, w->>1, w->>3, (w->>4)::bigint, (w->>5)::bigint, 1, w->>6) on conflict do nothing;
          else
            update ${s}.webhooks set list = w->>3, due_at = (w->>4)::bigint, position = (w->>5)::bigint,
                revision = revision + 1, record = w->>6
              where scope = p_scope and id = w->>1 and revision = (w->>2)::int;
          end if;
          if not found then perform ${s}.refuse('webhook', w->>1, null, null); end if;
        when 'removal' then
          if (w->>2)::int = 0 then
            insert into ${s}.removals (scope, id, due_at, revision, record)
              values (p_scope, w->>1, (w->>3)::bigint, 1, w->>4) on conflict do nothing;
          else
            update ${s}.removals set due_at = (w->>3)::bigint, revision = revision + 1, record = w->>4
              where scope = p_scope and id = w->>1 and revision = (w->>2)::int;
          end if;
          if not found then perform ${s}.refuse('removal', w->>1, null, null); end if;
        when 'release' then
          perform ${s}.check_lease(p_scope, w->>2, w->>1, (w->>3)::bigint);
          delete from ${s}.leases where scope = p_scope and kind = w->>2 and id = w->>1;
        when 'drop' then delete from ${s}.leases where scope = p_scope and kind = w->>2 and id = w->>1;
        when 'settle' then delete from ${s}.reservations where scope = p_scope and key = w->>2 and id = w->>1;
        when '?lease' then perform ${s}.check_lease(p_scope, w->>2, w->>1, (w->>3)::bigint);
        when '?unclaimed' then
          if exists (select from ${s}.leases
            where scope = p_scope and kind = 'flow' and id = w->>1 and until > clock_timestamp()) then
            perform ${s}.refuse('flow', w->>1, null, null);
          end if;
        when 'remove' then perform ${s}.remove(p_scope, w->>3, w->>1, (w->>2)::int);
        when '?entry' then
          if coalesce((select revision from ${s}.entries where scope = p_scope and entry_id = w->>1), 0) <> (w->>2)::int then
            perform ${s}.refuse('entry', w->>1, null, null);
          end if;
        when '?flows' then perform ${s}.check_flows(p_scope, w->>1, w->2);
      end case;
    end loop;
    if m->>0 is null then return p_seq; end if;
    insert into ${s}.changes (scope, seq, origin, ids, at)
      values (p_scope, p_seq + 1, p_origin, m->>0, (m->>1)::bigint);
    return p_seq + 1;
  end $$`,
  ]
}
