/**
 * Returns the functions of leases and reservations as SQL. Their commits do not wait for the disk: a lease that is lost
 * with the server has no holder.
 *
 * A fence is the time of the claim in microseconds, or one more than the fence before it. A sequence would not do: after
 * a crash of the server it can return a number again.
 */
export const leaseFunctionsOf = (s: string): readonly string[] => [
  `create function ${s}.enter_lease(p_scope text) returns void language sql
  as $$ select ${s}.enter(p_scope), set_config('synchronous_commit', 'off', true) $$`,

  `create function ${s}.claim(p_scope text, p_kind text, p_id text, p_holder text, p_ms float8)
  returns bigint language plpgsql
  as $$ declare v bigint; v_fence bigint := extract(epoch from clock_timestamp()) * 1000000; begin
    perform ${s}.enter_lease(p_scope);
    insert into ${s}.leases as l (scope, kind, id, holder, until, fence)
      values (p_scope, p_kind, p_id, p_holder, clock_timestamp() + p_ms * interval '1 ms', v_fence)
      on conflict (scope, kind, id) do update
        set holder = p_holder, until = excluded.until, fence = greatest(l.fence + 1, v_fence)
        where l.until <= clock_timestamp()
      returning l.fence into v;
    return v;
  end $$`,

  // The attempts with a key, with null members without any, and their reservations.
  `create function ${s}.budget_of(p_scope text, p_key text) returns json language sql
  as $$ select json_build_object('key', p_key, 'id', a.key, 'revision', a.revision, 'dueAt', a.due_at, 'record', a.record,
      'reservations', (select coalesce(json_agg(json_build_object(
        'id', r.id, 'principal', r.principal, 'at', r.at, 'lapsed', r.until <= clock_timestamp()) order by r.seq), '[]')
        from ${s}.reservations as r where r.scope = p_scope and r.key = p_key))
    from (select) as one left join ${s}.attempts as a on a.scope = p_scope and a.key = p_key $$`,

  // Calls with the same key run one after the other, so each result has all earlier reservations.
  `create function ${s}.reserve(p_scope text, p_key text, p_id text, p_principal text, p_at float8, p_holder text,
    p_ms float8) returns json language plpgsql
  as $$ begin
    perform ${s}.enter_lease(p_scope);
    perform pg_advisory_xact_lock(hashtextextended(p_scope || ' ' || p_key, 7811));
    insert into ${s}.reservations as r (scope, key, id, principal, at, holder, until)
      values (p_scope, p_key, p_id, p_principal, p_at, p_holder, clock_timestamp() + p_ms * interval '1 ms')
      on conflict (scope, key, id) do update set holder = p_holder, until = excluded.until;
    return ${s}.budget_of(p_scope, p_key);
  end $$`,

  // The row of the flow is locked before its lease, as in all transactions that write both.
  `create function ${s}.begin_work(p_scope text, p_flow text, p_revision int, p_holder text, p_ms float8,
    p_reserve text, p_principal text, p_now float8, out type text, out fence bigint, out flow text, out revision int,
    out entry_id text, out entry_revision int, out entry text, out budget json) language plpgsql
  as $$ declare f record; begin
    perform ${s}.enter_lease(p_scope);
    select l.* into f from ${s}.flows as l where l.scope = p_scope and l.flow_id = p_flow for no key update;
    if not found then return; end if;
    flow := f.record;
    revision := f.revision;
    if not f.open then type := 'ended'; return; end if;
    if f.revision <> p_revision then type := 'changed'; return; end if;
    fence := ${s}.claim(p_scope, 'flow', p_flow, p_holder, p_ms);
    if fence is null then type := 'busy'; return; end if;
    type := 'claimed';
    select e.entry_id, e.revision, e.record into entry_id, entry_revision, entry
      from ${s}.entries as e where e.scope = p_scope and e.entry_id = f.entry_id;
    if p_reserve is not null and f.budget is not null then
      budget := ${s}.reserve(p_scope, f.budget, p_reserve, p_principal, p_now, p_holder, p_ms);
    end if;
  end $$`,

  // Leases that another transaction holds are about to end: they are left out instead of waited for.
  `create function ${s}.renew(p_holder text, p_ms float8)
  returns table (scope text, kind text, id text, fence bigint) language plpgsql
  as $$ declare v_until timestamptz := clock_timestamp() + p_ms * interval '1 ms'; begin
    perform set_config('latchkey.holder', p_holder, true), set_config('synchronous_commit', 'off', true);
    update ${s}.reservations as r set until = v_until where r.ctid = any(array(
      select o.ctid from ${s}.reservations as o where o.holder = p_holder for update skip locked));
    return query update ${s}.leases as l set until = v_until where l.ctid = any(array(
      select o.ctid from ${s}.leases as o where o.holder = p_holder for update skip locked))
      returning l.scope, l.kind, l.id, l.fence;
  end $$`,

  // p_names: [[scope, kind, id] or [scope, key, id, true], …]; null for all leases of the holder.
  `create function ${s}.release(p_holder text, p_names jsonb) returns void language plpgsql
  as $$ declare v jsonb; begin
    perform set_config('latchkey.holder', p_holder, true), set_config('synchronous_commit', 'off', true);
    if p_names is null then delete from ${s}.leases where holder = p_holder; end if;
    for v in select value from jsonb_array_elements(p_names) loop
      if jsonb_array_length(v) = 4 then
        delete from ${s}.reservations where scope = v->>0 and key = v->>1 and id = v->>2 and holder = p_holder;
      else
        delete from ${s}.leases where scope = v->>0 and kind = v->>1 and id = v->>2 and holder = p_holder;
      end if;
    end loop;
  end $$`,

  // Locks the lease: another process that finds it lapsed claims it after this transaction.
  `create function ${s}.check_lease(p_scope text, p_kind text, p_id text, p_fence bigint) returns void language plpgsql
  as $$ begin
    perform from ${s}.leases where scope = p_scope and kind = p_kind and id = p_id and fence = p_fence for update;
    if not found then
      perform ${s}.refuse(case p_kind when 'flow' then 'flow' when 'delivery' then 'webhook' else 'entry' end, p_id, null, null);
    end if;
  end $$`,
]
