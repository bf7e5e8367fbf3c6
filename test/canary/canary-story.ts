import type { View } from '../../src/index.ts'
import { canaries } from './canaries.ts'
import { plain } from './canary-service.ts'
import type { CanaryWorld } from './canary-world.ts'
import { places, quotes } from './quotes.ts'

const { host } = plain
const first = { host, password: canaries.password, apikey: canaries.apikey }
const wrong = { password: canaries.wrong, apikey: canaries.apikey }
const next = { password: canaries.next, apikey: canaries.apikey }
const code = { code: canaries.code }

/** Everything that can happen to a secret, to an entry's end. */
export async function playCanaryStory(world: CanaryWorld): Promise<void> {
  await world.open()
  await world.act(({ flows }) => flows.start({ domain: canaries.keyname, source: 'user' }))
  let view = await world.start('user')
  view = await refusedBeforeAnybodyIsAsked(world, view)
  view = await failsToConnect(world, view)
  view = await challenged(world, view)
  await world.look()
  world.service.answer = () => world.service.connected()
  await world.submit(view, code)
  await world.look()
  await failsToSetUp(world)
  await losesItsLogin(world)
  await hasSomethingUnderIt(world)
  await meetsOtherAccounts(world)
  await ends(world)
  await world.look()
  await world.stop()
}

/** Inputs that never reach the service. */
async function refusedBeforeAnybodyIsAsked(
  world: CanaryWorld,
  start: View | undefined,
): Promise<View | undefined> {
  let view = start
  const deep = { host, password: { [canaries.password]: [canaries.password] }, apikey: [canaries.apikey] }
  for (const input of [
    canaries.password,
    [canaries.password],
    { ...first, host: 5 },
    { ...first, host: '' },
    { ...first, password: `${canaries.password}${'x'.repeat(2_000)}` },
    { ...first, apikey: '' },
    deep,
    { ...first, [canaries.keyname]: canaries.keyname },
    { ...first, __proto__: { [canaries.keyname]: 1 } },
    { ...first, apikey: () => canaries.apikey },
  ]) {
    view = await world.submit(view, input)
  }
  world.service.refine(() => false)
  view = await world.submit(view, first)
  world.service.refine((text) => {
    throw Object.assign(new Error(text, { cause: text }), { name: text, code: text })
  })
  view = await world.submit(view, first)
  world.service.refine(() => true)
  await world.act(({ flows }) => flows.submit(view?.flowId ?? '', first, { revision: 0 }))
  await world.look()
  return view
}

/** A `connect` that quotes its arguments, in every form and place. */
async function failsToConnect(world: CanaryWorld, start: View | undefined): Promise<View | undefined> {
  let view = start
  for (const quote of Object.values(quotes)) {
    for (const place of Object.values(places)) {
      world.service.answer = ({ password, apikey = '' }) => {
        throw place(`${plain.error} ${quote(password)} ${quote(apikey)}`)
      }
      view = await world.submit(view, first)
    }
  }
  world.service.answer = () => new Promise(() => {})
  view = await world.submit(view, first)
  await world.look()
  return view
}

/** A second factor, refused and quoted before it is right. */
async function challenged(world: CanaryWorld, start: View | undefined): Promise<View | undefined> {
  world.service.answer = () => ({ challenge: 'otp', state: { session: [canaries.state] } })
  let view = await world.submit(start, first)
  await world.look()
  view = await world.submit(view, { code: 5 })
  view = await world.submit(view, { code: canaries.code, [canaries.keyname]: '' })
  for (const quote of Object.values(quotes)) {
    world.service.answer = (given) => {
      const all = [given.password, given.apikey ?? '', given.code ?? '', canaries.state]
      throw new Error(`${plain.error} ${all.map(quote).join(' ')}`)
    }
    view = await world.submit(view, code)
  }
  const { flowId = '', revision = 0 } = view ?? {}
  view = await world.act(({ flows }) => flows.back(flowId, { revision }))
  world.service.answer = () => ({ challenge: 'otp', state: canaries.state })
  return world.submit(view, first)
}

/** An entry whose service fails, and one whose connection cannot be closed. */
async function failsToSetUp(world: CanaryWorld): Promise<void> {
  for (const quote of Object.values(quotes)) {
    const complain = (secret: string): never => {
      throw new Error(`${plain.error} ${quote(secret)}`, { cause: new Error(quote(secret)) })
    }
    world.service.close = () => complain(canaries.password)
    await world.entry((entries, entryId) => entries.unload(entryId))
    await world.entry((entries, entryId) => entries.unload(entryId, { force: true }))
    world.service.answer = ({ password }) => complain(password)
    await world.entry((entries, entryId) => entries.setup(entryId))
    await world.entry((entries, entryId) => entries.unload(entryId))
    world.service.answer = () => world.service.connected()
    await world.entry((entries, entryId) => entries.setup(entryId))
  }
  world.service.close = () => {}
  await world.look()
}

/** A sub-entry has a separate secret, which every check and connect may quote. */
async function hasSomethingUnderIt(world: CanaryWorld): Promise<void> {
  const feed = { url: host, key: canaries.feed }
  let view = await world.start('subentry')
  for (const input of [
    { ...feed, url: 5 },
    { ...feed, key: '' },
    { ...feed, [canaries.keyname]: '' },
  ]) {
    view = await world.submit(view, input)
  }
  for (const quote of Object.values(quotes)) {
    for (const place of Object.values(places)) {
      world.service.check = (key) => {
        throw place(`${plain.error} ${quote(key)}`)
      }
      view = await world.submit(view, feed)
    }
  }
  world.service.check = (key) => ({ error: key })
  view = await world.submit(view, feed)
  world.service.check = () => ({ title: plain.title })
  await world.submit(view, feed)
  await world.look()
  for (const quote of Object.values(quotes)) {
    world.service.answer = ({ feeds }) => {
      throw new Error(`${plain.error} ${feeds.map(quote).join(' ')}`)
    }
    await world.entry((entries, entryId) => entries.reload(entryId))
  }
  world.service.answer = () => world.service.connected()
  await world.entry((entries, entryId) => entries.reload(entryId))
  const [under] = (await world.latchkey.entries.get(world.entryId)).subentries
  const { subentryId = '' } = under ?? {}
  await world.look()
  await world.entry((entries, entryId) => entries.removeSubentry(entryId, subentryId))
}

/** The service refuses the stored login. A user repairs it, after a wrong one. */
async function losesItsLogin(world: CanaryWorld): Promise<void> {
  const { integration } = world.service
  const work = () =>
    world.entry((entries, entryId) => entries.use(integration, entryId, ({ ping }) => ping()))
  world.service.ping = () => {
    throw Object.assign(new Error(plain.error), { code: plain.error })
  }
  await work()
  world.service.answer = ({ password }) => Promise.reject(places['invalid auth']?.(password))
  world.service.ping = () => {
    throw places['invalid auth']?.(plain.error)
  }
  await work()
  await world.look()
  const form = await world.start('reauth')
  let view = await world.submit(form, wrong)
  await world.submit(form, wrong)
  world.service.answer = () => world.service.connected()
  view = await world.submit(view, next)
  await world.submit(form, next)
  world.service.ping = () => 'pong'
  await work()
  await world.look()
}

/** Unused verified connections that quote the secret when they are closed. */
async function meetsOtherAccounts(world: CanaryWorld): Promise<void> {
  for (const quote of Object.values(quotes)) {
    world.service.answer = () => world.service.connected('another account')
    world.service.close = () => {
      throw new Error(`${plain.error} ${quote(canaries.wrong)}`)
    }
    await world.submit(await world.start('reauth'), wrong)
  }
  // The connection of a replacement that waits for its confirmation.
  const asked = await world.submit(await world.start('replace'), { ...first, ...wrong })
  await world.look()
  await world.act(({ flows }) => flows.submit(asked?.flowId ?? '', wrong, { revision: asked?.revision ?? 0 }))
  await world.act(({ flows }) => flows.cancel(asked?.flowId ?? ''))
  world.service.close = () => {}
  await world.look()
  world.service.answer = () => world.service.connected()
  await world.submit(await world.start('reconfigure'), { ...first, host: `${host}.` })
  await world.submit(await world.start('user'), first)
}

async function ends(world: CanaryWorld): Promise<void> {
  const title = `${plain.title}, renamed`
  await world.entry((entries, entryId) => entries.update(entryId, { title }))
  await world.entry((entries, entryId) => entries.requestReauth(entryId))
  await world.look()
  await world.entry((entries, entryId) => entries.disable(entryId))
  await world.entry((entries, entryId) => entries.enable(entryId))
  const open = await world.start('user')
  await world.act(({ flows }) => flows.cancel(open?.flowId ?? ''))
  await world.look()
  await world.entry((entries, entryId) => entries.remove(entryId))
}
