import { describe, expect, it } from '@jest/globals'
import {
  type AnyEventObject,
  type AnyMachineSnapshot,
  type AnyStateMachine,
  getInitialMicrosteps,
  getMicrosteps,
  initialTransition,
  type StateValue,
} from 'xstate'
import { Connection, configFlowMachine, Draft } from '../../machines/index.ts'
import { nodesOf } from '../../src/diagrams/mermaid.ts'
import { cameOf, move, stateOf, table } from './moves.ts'

const machine: AnyStateMachine = configFlowMachine
const draft = new Draft({ values: { token: 'typed' } })
const connection = new Connection('open')
const entry = { uniqueId: 'me', credentialRevision: 3, title: 'Mine', values: { host: 'hub' } }

const base = {
  flowId: 'flow-1',
  source: 'reauth',
  entryId: 'entry-1',
  onAccountMismatch: 'abort',
  singleInstance: false,
  found: null,
  methods: { '': ['form'] },
  method: '',
  page: 0,
  entryPages: {},
  choices: {},
  subentry: null,
  entry,
  values: {},
  errors: {},
  challenge: null,
  draft: null,
  connection: null,
  uniqueId: null,
  reason: null,
  success: false,
}
const newEntry = { source: 'user', entryId: null, entry: null }
const challenged = { challenge: 'otp', draft }
const found = { uniqueId: 'me', title: 'Hub', key: 'mdns' }
const discovered = { ...newEntry, source: 'discovery', found, values: { host: 'hub' } }
const known = { ...discovered, entryId: 'entry-1' }
const twoWays = { ...newEntry, methods: { password: ['form'], token: ['form', 'form'] }, method: null }
const paged = (...pages: string[]) => ({ ...newEntry, methods: { '': pages } })
const ofEntry = (source: string, ...pages: string[]) => ({ source, entryPages: { [`${source} `]: pages } })
const signIns = (method: string) => ({ methods: { token: ['authorize'], code: ['device'] }, method })
const twoMethods = (...pages: string[]) => ({ ...twoWays, methods: { password: ['form'], token: pages } })
/** A later page, with the draft of the earlier ones and the choices of the pages that the service has provided. */
const onPage = (page: number, form: object, ...listed: number[]) => ({
  ...form,
  ...{ page, draft, choices: Object.fromEntries(listed.map((each) => [each, { site: [] }])) },
})
const twoChoices = paged('form', 'authorize', 'found_form', 'found_form')
const proven = { draft, connection, uniqueId: 'me' }
const unannounced = { draft, connection, uniqueId: 'other', account: 'Other' }

const at = (value: StateValue, changes: object = {}): AnyMachineSnapshot =>
  machine.resolveState({ value, context: { ...base, ...changes } })

const states: Record<string, AnyMachineSnapshot> = {
  findingEntry: at('findingEntry', { entry: null }),
  user: at({ asking: 'user' }, newEntry),
  pick_method: at({ asking: 'pick_method' }, twoWays),
  'user:picked': at({ asking: 'user' }, { ...twoWays, method: 'password' }),
  'user:first': at({ asking: 'user' }, paged('form', 'form')),
  'user:finding': at({ asking: 'user' }, paged('form', 'found_form')),
  'user:unlisted': at({ asking: 'user' }, paged('found_form', 'form')),
  'user:listed': at({ asking: 'user' }, { ...paged('found_form', 'form'), choices: { 0: { site: [] } } }),
  'user:last': at({ asking: 'user' }, { ...paged('form', 'form'), page: 1, draft }),
  'pick_method:finding': at(
    { asking: 'pick_method' },
    { ...twoWays, methods: { password: ['form'], token: ['found_form'] } },
  ),
  findingChoices: at('findingChoices', { ...paged('form', 'found_form'), page: 1, draft }),
  'findingChoices:first': at('findingChoices', paged('found_form', 'form')),
  'authorize:user': at({ asking: 'authorize' }, paged('authorize')),
  'authorize:picked': at({ asking: 'authorize' }, { ...newEntry, ...signIns('token') }),
  'authorize:reauth': at({ asking: 'authorize' }, { methods: { '': ['authorize'] } }),
  'device:user': at({ asking: 'device' }, paged('device')),
  'device:reconfigure': at({ asking: 'device' }, { source: 'reconfigure', ...signIns('code') }),
  reauth_confirm: at({ asking: 'reauth_confirm' }),
  'reauth_confirm:paged': at({ asking: 'reauth_confirm' }, ofEntry('reauth', 'form', 'found_form')),
  'reauth_confirm:unlisted': at({ asking: 'reauth_confirm' }, ofEntry('reauth', 'found_form')),
  reconfigure: at({ asking: 'reconfigure' }, { source: 'reconfigure' }),
  'reconfigure:first': at({ asking: 'reconfigure' }, ofEntry('reconfigure', 'found_form', 'form')),
  'reconfigure:last': at(
    { asking: 'reconfigure' },
    { ...ofEntry('reconfigure', 'form', 'found_form'), page: 1, draft, choices: { 1: { site: [] } } },
  ),
  'pick_method:signIn': at({ asking: 'pick_method' }, twoMethods('authorize')),
  'pick_method:before': at({ asking: 'pick_method' }, twoMethods('form', 'authorize')),
  'user:before': at({ asking: 'user' }, paged('form', 'authorize')),
  'user:beforeDevice': at({ asking: 'user' }, paged('form', 'device')),
  'authorize:after': at({ asking: 'authorize' }, onPage(1, paged('form', 'authorize'))),
  'authorize:choosing': at({ asking: 'authorize' }, onPage(1, paged('form', 'authorize', 'found_form'))),
  'device:choosing': at({ asking: 'device' }, paged('device', 'found_form')),
  'user:chosen': at({ asking: 'user' }, onPage(1, paged('authorize', 'found_form'), 1)),
  'user:chosenFirst': at({ asking: 'user' }, onPage(1, paged('device', 'found_form', 'found_form'), 1)),
  'user:settledBefore': at({ asking: 'user' }, onPage(3, twoChoices, 3)),
  'findingChoices:signedIn': at('findingChoices', onPage(1, paged('authorize', 'found_form'))),
  'findingChoices:settled': at('findingChoices', onPage(2, paged('device', 'found_form', 'found_form'))),
  'findingChoices:chosen': at('findingChoices', onPage(2, paged('authorize', 'found_form', 'found_form'), 1)),
  'discovery_confirm:before': at(
    { asking: 'discovery_confirm' },
    { ...paged('form', 'authorize'), ...discovered },
  ),
  'authorize:discovery': at(
    { asking: 'authorize' },
    onPage(1, { ...paged('form', 'authorize'), ...discovered }),
  ),
  'reauth_confirm:before': at({ asking: 'reauth_confirm' }, ofEntry('reauth', 'form', 'authorize')),
  'authorize:reauthBefore': at({ asking: 'authorize' }, onPage(1, ofEntry('reauth', 'form', 'authorize'))),
  'reauth_confirm:chosen': at(
    { asking: 'reauth_confirm' },
    onPage(1, ofEntry('reauth', 'authorize', 'found_form'), 1),
  ),
  'reconfigure:before': at({ asking: 'reconfigure' }, ofEntry('reconfigure', 'form', 'device')),
  'device:reconfigureBefore': at({ asking: 'device' }, onPage(1, ofEntry('reconfigure', 'form', 'device'))),
  'replace:before': at({ asking: 'replace' }, ofEntry('replace', 'form', 'authorize')),
  'authorize:replaceBefore': at({ asking: 'authorize' }, onPage(1, ofEntry('replace', 'form', 'authorize'))),
  'replace_confirm:signedIn': at(
    { asking: 'replace_confirm' },
    { ...onPage(1, ofEntry('replace', 'form', 'authorize')), ...proven },
  ),
  'challenge:signedIn': at(
    { asking: 'challenge' },
    { ...onPage(1, paged('form', 'authorize')), ...challenged },
  ),
  'checkingConnection:chosen': at('checkingConnection', onPage(1, paged('authorize', 'found_form'), 1)),
  findingAccount: at('findingAccount', discovered),
  noticingEntry: at('noticingEntry', known),
  withdrawingProposal: at('withdrawingProposal', known),
  proposingAddress: at('proposingAddress', known),
  keepingAddress: at('keepingAddress', known),
  discovery_confirm: at({ asking: 'discovery_confirm' }, discovered),
  'discovery_confirm:picked': at(
    { asking: 'discovery_confirm' },
    { ...twoWays, ...discovered, method: 'password' },
  ),
  'discovery_confirm:first': at({ asking: 'discovery_confirm' }, { ...paged('form', 'form'), ...discovered }),
  'user:discovery': at({ asking: 'user' }, { ...paged('form', 'form'), ...discovered, page: 1, draft }),
  'challenge:discovery': at({ asking: 'challenge' }, { ...discovered, ...challenged }),
  'discovery_confirm:unlisted': at(
    { asking: 'discovery_confirm' },
    { ...paged('found_form', 'form'), ...discovered },
  ),
  ignoringAccount: at('ignoringAccount', discovered),
  replace: at({ asking: 'replace' }, { source: 'replace' }),
  'replace:last': at({ asking: 'replace' }, { ...ofEntry('replace', 'form', 'form'), page: 1, draft }),
  replace_confirm: at({ asking: 'replace_confirm' }, { source: 'replace', ...proven }),
  repair_confirm: at({ asking: 'repair_confirm' }, { source: 'user', ...proven }),
  'repair_confirm:gone': at({ asking: 'repair_confirm' }, { source: 'user' }),
  'repair_confirm:paged': at(
    { asking: 'repair_confirm' },
    { source: 'user', methods: { '': ['form', 'form'] }, page: 1 },
  ),
  account_confirm: at({ asking: 'account_confirm' }, { ...discovered, ...unannounced }),
  'account_confirm:gone': at({ asking: 'account_confirm' }, { ...discovered, account: 'Other' }),
  'account_confirm:paged': at(
    { asking: 'account_confirm' },
    { ...paged('form', 'form'), ...discovered, ...unannounced, page: 1 },
  ),
  'replace_confirm:gone': at({ asking: 'replace_confirm' }, { source: 'replace' }),
  'challenge:user': at({ asking: 'challenge' }, { ...newEntry, ...challenged }),
  'challenge:reauth': at({ asking: 'challenge' }, challenged),
  'challenge:reconfigure': at({ asking: 'challenge' }, { ...challenged, source: 'reconfigure' }),
  'challenge:paged': at(
    { asking: 'challenge' },
    { ...ofEntry('reconfigure', 'form', 'found_form'), ...challenged, page: 1 },
  ),
  checkingConnection: at('checkingConnection', { draft }),
  creatingEntry: at('creatingEntry', { ...newEntry, ...proven }),
  updatingEntry: at('updatingEntry', proven),
  findingSaved: at('findingSaved', proven),
  reloadingEntry: at('reloadingEntry', proven),
  tryingEntry: at('tryingEntry', { ...proven, source: 'reconfigure', adopts: false }),
  rollingBack: at('rollingBack', {
    source: 'reconfigure',
    adopts: false,
    errors: { base: { code: 'timeout' } },
  }),
  findingRestored: at('findingRestored', {
    source: 'reconfigure',
    adopts: false,
    errors: { base: { code: 'timeout' } },
  }),
}
const ends: Record<string, AnyMachineSnapshot> = {
  create_entry: machine.resolveState({ value: 'create_entry', context: base }),
  abort: machine.resolveState({ value: 'abort', context: { ...base, reason: 'cancelled' } }),
}

const events: Record<string, object> = {
  submit: { draft, values: { host: 'new' } },
  reject: { errors: { '/token': { code: 'required' } }, values: { host: 'new' } },
  pick: { method: 'token' },
  authorized: { draft },
  refused: { error: { code: 'authorize_rejected' } },
  accountConfigured: { entryId: 'entry-2' },
}
const eventOf = (type: string) => ({ type, ...events[type] })
/** The check of an answer that a form has sent. */
const checkOf = (step: string, changes: object = {}, answer = 'submit'): AnyMachineSnapshot => {
  const moved = move(machine, at({ asking: step }, changes), eventOf(answer))
  if (moved?.state !== 'checkingConnection') throw new Error(`${step} does not lead to the check.`)
  return moved.snapshot
}

/** Hand-written after DESIGN 4. A target with a colon is the end and its reason; `-` is refused with a typed error. */
const expected = `
state                       submit              reject  pick            retry           back               cancel           expire              expireDraft        supersede                  entryRepaired            entryRefused  entryRemoved         entryDisabled         authorized          refused  ignore           accountConfigured         replace        confirm            leaseLost
findingEntry                -                   -       -               -               -                  abort:cancelled  -                   -                  -                          -                        -             abort:entry_removed  abort:entry_disabled  -                   -        -                -                         -              -                  -
user                        checkingConnection  stays   -               -               -                  abort:cancelled  abort:flow_expired  -                  abort:already_in_progress  -                        -             abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  -              -                  -
pick_method                 -                   -       user            -               -                  abort:cancelled  abort:flow_expired  -                  abort:already_in_progress  -                        -             abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  -              -                  -
pick_method:finding         -                   -       findingChoices  -               -                  abort:cancelled  abort:flow_expired  -                  abort:already_in_progress  -                        -             abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  -              -                  -
user:picked                 checkingConnection  stays   -               -               pick_method        abort:cancelled  abort:flow_expired  -                  abort:already_in_progress  -                        -             abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  -              -                  -
user:first                  user                stays   -               -               -                  abort:cancelled  abort:flow_expired  -                  abort:already_in_progress  -                        -             abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  -              -                  -
user:finding                findingChoices      stays   -               -               -                  abort:cancelled  abort:flow_expired  -                  abort:already_in_progress  -                        -             abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  -              -                  -
user:unlisted               user                stays   -               findingChoices  -                  abort:cancelled  abort:flow_expired  -                  abort:already_in_progress  -                        -             abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  -              -                  -
user:listed                 user                stays   -               -               -                  abort:cancelled  abort:flow_expired  -                  abort:already_in_progress  -                        -             abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  -              -                  -
user:last                   checkingConnection  stays   -               -               user               abort:cancelled  abort:flow_expired  user               abort:already_in_progress  -                        -             abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  -              -                  -
findingChoices              -                   -       -               -               -                  abort:cancelled  -                   -                  -                          -                        -             abort:entry_removed  abort:entry_disabled  -                   -        -                -                         -              -                  user
findingChoices:first        -                   -       -               -               -                  abort:cancelled  -                   -                  -                          -                        -             abort:entry_removed  abort:entry_disabled  -                   -        -                -                         -              -                  user
authorize:user              -                   -       -               -               -                  abort:cancelled  abort:flow_expired  -                  abort:already_in_progress  -                        -             abort:entry_removed  abort:entry_disabled  checkingConnection  stays    -                abort:already_configured  -              -                  -
authorize:picked            -                   -       -               -               pick_method        abort:cancelled  abort:flow_expired  -                  abort:already_in_progress  -                        -             abort:entry_removed  abort:entry_disabled  checkingConnection  stays    -                abort:already_configured  -              -                  -
authorize:reauth            -                   -       -               -               -                  abort:cancelled  abort:flow_expired  -                  abort:already_in_progress  abort:reauth_successful  stays         abort:entry_removed  abort:entry_disabled  checkingConnection  stays    -                abort:already_configured  -              -                  -
device:user                 -                   -       -               -               -                  abort:cancelled  abort:flow_expired  -                  abort:already_in_progress  -                        -             abort:entry_removed  abort:entry_disabled  checkingConnection  stays    -                abort:already_configured  -              -                  -
device:reconfigure          -                   -       -               -               -                  abort:cancelled  abort:flow_expired  -                  abort:already_in_progress  stays                    -             abort:entry_removed  abort:entry_disabled  checkingConnection  stays    -                abort:already_configured  -              -                  -
reauth_confirm              checkingConnection  stays   -               -               -                  abort:cancelled  abort:flow_expired  -                  abort:already_in_progress  abort:reauth_successful  stays         abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  -              -                  -
reauth_confirm:paged        findingChoices      stays   -               -               -                  abort:cancelled  abort:flow_expired  -                  abort:already_in_progress  abort:reauth_successful  stays         abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  -              -                  -
reauth_confirm:unlisted     checkingConnection  stays   -               findingChoices  -                  abort:cancelled  abort:flow_expired  -                  abort:already_in_progress  abort:reauth_successful  stays         abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  -              -                  -
reconfigure                 checkingConnection  stays   -               -               -                  abort:cancelled  abort:flow_expired  -                  abort:already_in_progress  stays                    -             abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  -              -                  -
reconfigure:first           reconfigure         stays   -               findingChoices  -                  abort:cancelled  abort:flow_expired  -                  abort:already_in_progress  stays                    -             abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  -              -                  -
reconfigure:last            checkingConnection  stays   -               -               reconfigure        abort:cancelled  abort:flow_expired  reconfigure        abort:already_in_progress  stays                    -             abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  -              -                  -
replace                     checkingConnection  stays   -               -               -                  abort:cancelled  abort:flow_expired  -                  abort:already_in_progress  stays                    -             abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  -              -                  -
replace:last                checkingConnection  stays   -               -               replace            abort:cancelled  abort:flow_expired  replace            abort:already_in_progress  stays                    -             abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  -              -                  -
replace_confirm             -                   -       -               -               -                  abort:cancelled  abort:flow_expired  replace            abort:already_in_progress  stays                    -             abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  updatingEntry  -                  -
replace_confirm:gone        -                   -       -               -               -                  abort:cancelled  abort:flow_expired  replace            abort:already_in_progress  stays                    -             abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  replace        -                  -
repair_confirm              -                   -       -               -               -                  abort:cancelled  abort:flow_expired  user               abort:already_in_progress  -                        -             abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  -              updatingEntry      -
repair_confirm:gone         -                   -       -               -               -                  abort:cancelled  abort:flow_expired  user               abort:already_in_progress  -                        -             abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  -              user               -
repair_confirm:paged        -                   -       -               -               -                  abort:cancelled  abort:flow_expired  user               abort:already_in_progress  -                        -             abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  -              user               -
account_confirm             -                   -       -               -               -                  abort:cancelled  abort:flow_expired  discovery_confirm  abort:already_in_progress  -                        -             abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  -              creatingEntry      -
account_confirm:gone        -                   -       -               -               -                  abort:cancelled  abort:flow_expired  discovery_confirm  abort:already_in_progress  -                        -             abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  -              discovery_confirm  -
account_confirm:paged       -                   -       -               -               -                  abort:cancelled  abort:flow_expired  discovery_confirm  abort:already_in_progress  -                        -             abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  -              creatingEntry      -
challenge:user              checkingConnection  stays   -               -               user               abort:cancelled  abort:flow_expired  user               abort:already_in_progress  -                        -             abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  -              -                  -
challenge:reauth            checkingConnection  stays   -               -               reauth_confirm     abort:cancelled  abort:flow_expired  reauth_confirm     abort:already_in_progress  abort:reauth_successful  stays         abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  -              -                  -
challenge:reconfigure       checkingConnection  stays   -               -               reconfigure        abort:cancelled  abort:flow_expired  reconfigure        abort:already_in_progress  stays                    -             abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  -              -                  -
challenge:paged             checkingConnection  stays   -               -               reconfigure        abort:cancelled  abort:flow_expired  reconfigure        abort:already_in_progress  stays                    -             abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  -              -                  -
findingAccount              -                   -       -               -               -                  abort:cancelled  -                   -                  -                          -                        -             -                    -                     -                   -        -                -                         -              -                  -
noticingEntry               -                   -       -               -               -                  -                -                   -                  -                          -                        -             -                    -                     -                   -        -                -                         -              -                  -
withdrawingProposal         -                   -       -               -               -                  -                -                   -                  -                          -                        -             -                    -                     -                   -        -                -                         -              -                  -
proposingAddress            -                   -       -               -               -                  -                -                   -                  -                          -                        -             -                    -                     -                   -        -                -                         -              -                  -
keepingAddress              -                   -       -               -               -                  -                -                   -                  -                          -                        -             -                    -                     -                   -        -                -                         -              -                  -
discovery_confirm           checkingConnection  stays   -               -               -                  abort:cancelled  abort:flow_expired  -                  abort:already_in_progress  -                        -             abort:entry_removed  abort:entry_disabled  -                   -        ignoringAccount  abort:already_configured  -              -                  -
discovery_confirm:picked    checkingConnection  stays   -               -               pick_method        abort:cancelled  abort:flow_expired  -                  abort:already_in_progress  -                        -             abort:entry_removed  abort:entry_disabled  -                   -        ignoringAccount  abort:already_configured  -              -                  -
discovery_confirm:first     user                stays   -               -               -                  abort:cancelled  abort:flow_expired  -                  abort:already_in_progress  -                        -             abort:entry_removed  abort:entry_disabled  -                   -        ignoringAccount  abort:already_configured  -              -                  -
discovery_confirm:unlisted  user                stays   -               findingChoices  -                  abort:cancelled  abort:flow_expired  -                  abort:already_in_progress  -                        -             abort:entry_removed  abort:entry_disabled  -                   -        ignoringAccount  abort:already_configured  -              -                  -
user:discovery              checkingConnection  stays   -               -               discovery_confirm  abort:cancelled  abort:flow_expired  discovery_confirm  abort:already_in_progress  -                        -             abort:entry_removed  abort:entry_disabled  -                   -        ignoringAccount  abort:already_configured  -              -                  -
challenge:discovery         checkingConnection  stays   -               -               discovery_confirm  abort:cancelled  abort:flow_expired  discovery_confirm  abort:already_in_progress  -                        -             abort:entry_removed  abort:entry_disabled  -                   -        ignoringAccount  abort:already_configured  -              -                  -
ignoringAccount             -                   -       -               -               -                  -                -                   -                  -                          -                        -             -                    -                     -                   -        -                -                         -              -                  -
checkingConnection          -                   -       -               -               -                  abort:cancelled  -                   -                  -                          -                        -             abort:entry_removed  abort:entry_disabled  -                   -        -                -                         -              -                  user
creatingEntry               -                   -       -               -               -                  -                -                   -                  -                          -                        -             -                    -                     -                   -        -                -                         -              -                  -
updatingEntry               -                   -       -               -               -                  -                -                   -                  -                          -                        -             -                    -                     -                   -        -                -                         -              -                  -
findingSaved                -                   -       -               -               -                  -                -                   -                  -                          -                        -             -                    -                     -                   -        -                -                         -              -                  -
tryingEntry                 -                   -       -               -               -                  -                -                   -                  -                          -                        -             -                    -                     -                   -        -                -                         -              -                  -
rollingBack                 -                   -       -               -               -                  -                -                   -                  -                          -                        -             -                    -                     -                   -        -                -                         -              -                  -
findingRestored             -                   -       -               -               -                  -                -                   -                  -                          -                        -             -                    -                     -                   -        -                -                         -              -                  -
reloadingEntry              -                   -       -               -               -                  -                -                   -                  -                          -                        -             -                    -                     -                   -        -                -                         -              -                  -
pick_method:signIn          -                   -       authorize       -               -                  abort:cancelled  abort:flow_expired  -                  abort:already_in_progress  -                        -             abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  -              -                  -
pick_method:before          -                   -       user            -               -                  abort:cancelled  abort:flow_expired  -                  abort:already_in_progress  -                        -             abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  -              -                  -
user:before                 authorize           stays   -               -               -                  abort:cancelled  abort:flow_expired  -                  abort:already_in_progress  -                        -             abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  -              -                  -
user:beforeDevice           device              stays   -               -               -                  abort:cancelled  abort:flow_expired  -                  abort:already_in_progress  -                        -             abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  -              -                  -
authorize:after             -                   -       -               -               user               abort:cancelled  abort:flow_expired  user               abort:already_in_progress  -                        -             abort:entry_removed  abort:entry_disabled  checkingConnection  stays    -                abort:already_configured  -              -                  -
authorize:choosing          -                   -       -               -               user               abort:cancelled  abort:flow_expired  user               abort:already_in_progress  -                        -             abort:entry_removed  abort:entry_disabled  findingChoices      stays    -                abort:already_configured  -              -                  -
device:choosing             -                   -       -               -               -                  abort:cancelled  abort:flow_expired  -                  abort:already_in_progress  -                        -             abort:entry_removed  abort:entry_disabled  findingChoices      stays    -                abort:already_configured  -              -                  -
user:chosen                 checkingConnection  stays   -               -               authorize          abort:cancelled  abort:flow_expired  authorize          abort:already_in_progress  -                        -             abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  -              -                  -
user:chosenFirst            findingChoices      stays   -               -               device             abort:cancelled  abort:flow_expired  device             abort:already_in_progress  -                        -             abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  -              -                  -
user:settledBefore          checkingConnection  stays   -               -               authorize          abort:cancelled  abort:flow_expired  user               abort:already_in_progress  -                        -             abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  -              -                  -
findingChoices:signedIn     -                   -       -               -               -                  abort:cancelled  -                   -                  -                          -                        -             abort:entry_removed  abort:entry_disabled  -                   -        -                -                         -              -                  authorize
findingChoices:settled      -                   -       -               -               -                  abort:cancelled  -                   -                  -                          -                        -             abort:entry_removed  abort:entry_disabled  -                   -        -                -                         -              -                  device
findingChoices:chosen       -                   -       -               -               -                  abort:cancelled  -                   -                  -                          -                        -             abort:entry_removed  abort:entry_disabled  -                   -        -                -                         -              -                  user
discovery_confirm:before    authorize           stays   -               -               -                  abort:cancelled  abort:flow_expired  -                  abort:already_in_progress  -                        -             abort:entry_removed  abort:entry_disabled  -                   -        ignoringAccount  abort:already_configured  -              -                  -
authorize:discovery         -                   -       -               -               discovery_confirm  abort:cancelled  abort:flow_expired  discovery_confirm  abort:already_in_progress  -                        -             abort:entry_removed  abort:entry_disabled  checkingConnection  stays    ignoringAccount  abort:already_configured  -              -                  -
reauth_confirm:before       authorize           stays   -               -               -                  abort:cancelled  abort:flow_expired  -                  abort:already_in_progress  abort:reauth_successful  stays         abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  -              -                  -
authorize:reauthBefore      -                   -       -               -               reauth_confirm     abort:cancelled  abort:flow_expired  reauth_confirm     abort:already_in_progress  abort:reauth_successful  stays         abort:entry_removed  abort:entry_disabled  checkingConnection  stays    -                abort:already_configured  -              -                  -
reauth_confirm:chosen       checkingConnection  stays   -               -               authorize          abort:cancelled  abort:flow_expired  authorize          abort:already_in_progress  abort:reauth_successful  stays         abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  -              -                  -
reconfigure:before          device              stays   -               -               -                  abort:cancelled  abort:flow_expired  -                  abort:already_in_progress  stays                    -             abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  -              -                  -
device:reconfigureBefore    -                   -       -               -               reconfigure        abort:cancelled  abort:flow_expired  reconfigure        abort:already_in_progress  stays                    -             abort:entry_removed  abort:entry_disabled  checkingConnection  stays    -                abort:already_configured  -              -                  -
replace:before              authorize           stays   -               -               -                  abort:cancelled  abort:flow_expired  -                  abort:already_in_progress  stays                    -             abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  -              -                  -
authorize:replaceBefore     -                   -       -               -               replace            abort:cancelled  abort:flow_expired  replace            abort:already_in_progress  stays                    -             abort:entry_removed  abort:entry_disabled  checkingConnection  stays    -                abort:already_configured  -              -                  -
replace_confirm:signedIn    -                   -       -               -               -                  abort:cancelled  abort:flow_expired  replace            abort:already_in_progress  stays                    -             abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  updatingEntry  -                  -
challenge:signedIn          checkingConnection  stays   -               -               authorize          abort:cancelled  abort:flow_expired  user               abort:already_in_progress  -                        -             abort:entry_removed  abort:entry_disabled  -                   -        -                abort:already_configured  -              -                  -
checkingConnection:chosen   -                   -       -               -               -                  abort:cancelled  -                   -                  -                          -                        -             abort:entry_removed  abort:entry_disabled  -                   -        -                -                         -              -                  user
create_entry                -                   -       -               -               -                  -                -                   -                  -                          -                        -             -                    -                     -                   -        -                -                         -              -                  -
abort                       -                   -       -               -               -                  -                -                   -                  -                          -                        -             -                    -                     -                   -        -                -                         -              -                  -
`
const pairs = table(expected)

describe('configFlowMachine', () => {
  it.each(pairs)('in $state: $event → $target', ({ state, event, target }) => {
    const from = states[state] ?? ends[state]
    if (from === undefined) throw new Error(state)
    const moved = move(machine, from, eventOf(event))
    if (target === '-') return expect(moved).toBeNull()
    if (target === 'stays') return expect(moved?.state).toBe(stateOf(from))
    const [step, reason = null] = target.split(':')
    expect(moved?.state.replace('asking.', '')).toBe(step)
    expect(moved?.snapshot.context.reason).toBe(reason)
  })

  it('has a row for every resting state, and a column for every event', () => {
    const known = new Set(pairs.map(({ state }) => state.replace(/:.*/, '')))
    const transient = ['start', 'asking', 'last']
    const all = nodesOf(machine.root)
      .map(({ key }) => key)
      .filter((key) => !transient.includes(key))
    expect([...known].sort()).toEqual(all.sort())
    const columns = new Set(pairs.map(({ event }) => event))
    expect([...columns].sort()).toEqual(machine.events.filter((type) => !type.startsWith('xstate.')).sort())
    expect(pairs).toHaveLength(84 * 20)
  })

  it.each([
    ['user', null, 'asking.user', []],
    ['reauth', 'entry-1', 'findingEntry', ['findEntry']],
    ['reconfigure', 'entry-1', 'findingEntry', ['findEntry']],
    ['replace', 'entry-1', 'findingEntry', ['findEntry']],
  ])('starts for %s of %s at %s', (source, entryId, state, work) => {
    const [snapshot, actions] = initialTransition(machine, { flowId: 'flow-1', source, entryId })
    expect(stateOf(snapshot)).toBe(state)
    const asked = actions
      .filter(({ type }) => type === 'xstate.spawnChild')
      .map(({ params }) => Object(params).src)
    expect(asked).toEqual(work)
    expect(snapshot.context.onAccountMismatch).toBe('abort')
  })
})

const show = (from: AnyMachineSnapshot, result: { output: unknown } | { error: unknown }) => {
  const moved = move(machine, from, cameOf(from, result))
  if (moved === null) throw new Error('refused')
  const { errors, reason, challenge } = moved.snapshot.context
  return { ...moved, errors, reason, challenge, output: moved.snapshot.output }
}
const disposed = [['closeConnection', { connection }]]
const givenBack = (uniqueId: string | null) => [...disposed, ['revokeGrant', { draft, uniqueId }]]

describe('a reauthentication', () => {
  it('goes through its states, and through no state that selects the next one', () => {
    const work = (src: string, output: unknown) => ({
      type: `xstate.done.actor.${src}`,
      actorId: src,
      output,
    })
    const events: AnyEventObject[] = [
      work('findEntry', { type: 'found', entry }),
      eventOf('submit'),
      work('checkConnection', { type: 'connected', uniqueId: 'me', connection }),
      work('updateEntry', { type: 'updated' }),
      work('reloadEntry', undefined),
    ]
    const input = { flowId: 'f', source: 'reauth', entryId: 'e' }
    let steps = getInitialMicrosteps(machine, input).map(([snapshot]) => snapshot)
    for (const event of events) {
      const last = steps.at(-1) as AnyMachineSnapshot
      steps = [...steps, ...getMicrosteps(machine, last, event).map(([snapshot]) => snapshot)]
    }
    expect(steps.map(stateOf)).toEqual([
      'start',
      'findingEntry',
      'asking.reauth_confirm',
      'checkingConnection',
      'updatingEntry',
      'reloadingEntry',
      'abort',
    ])
    expect(steps.at(-1)?.output).toMatchObject({ reason: 'reauth_successful' })
  })
})

describe('findingEntry', () => {
  const finding = states.findingEntry as AnyMachineSnapshot
  it.each([
    ['reauth', 'asking.reauth_confirm'],
    ['reconfigure', 'asking.reconfigure'],
  ])('asks in a %s, with the values of the entry', (source, state) => {
    const moved = show(at('findingEntry', { entry: null, source }), { output: { type: 'found', entry } })
    expect(moved).toMatchObject({ state, errors: {}, invokes: [] })
    expect(moved.snapshot.context).toMatchObject({ entry, values: { host: 'hub' } })
  })
  it.each([
    [{ output: { type: 'missing' } }, 'entry_removed'],
    [{ output: { type: 'disabled' } }, 'entry_disabled'],
    [{ error: new Error('disk') }, 'unknown'],
  ])('ends where %j', (result, reason) => {
    const output = { type: 'abort', reason, entryId: 'entry-1', success: false }
    expect(show(finding, result)).toMatchObject({ state: 'abort', reason, output })
    const verified = at('findingEntry', { entry: null, source: 'replace', ...proven, account: 'Other' })
    expect(show(verified, result)).toMatchObject({ state: 'abort', reason, does: givenBack('me') })
  })
  it('asks to confirm an account that another flow has verified', () => {
    const verified = { draft, connection, uniqueId: 'other', account: 'Other' }
    const input = { flowId: 'f', source: 'replace', entryId: 'entry-1', verified }
    const [started] = initialTransition(machine, input)
    const moved = show(started, { output: { type: 'found', entry } })
    expect(moved).toMatchObject({ state: 'asking.replace_confirm', errors: {}, does: [] })
    expect(moved.snapshot.context).toMatchObject({ ...verified, entry })
  })
})

describe('a refused credential', () => {
  it('replaces the reason of a reauthentication, and keeps its form', () => {
    const from = at({ asking: 'reauth_confirm' }, { entry: { ...entry, why: 'requested' } })
    const moved = move(machine, from, { type: 'entryRefused' })
    expect(moved?.snapshot.context.entry).toEqual({ ...entry, why: 'invalid_auth' })
    const unread = at({ asking: 'reauth_confirm' }, { entry: null })
    expect(move(machine, unread, { type: 'entryRefused' })?.snapshot.context.entry).toBeNull()
  })
})

describe('checkingConnection', () => {
  const checking = (changes: object = {}) => at('checkingConnection', { draft, ...changes })
  const connected = (uniqueId: string | null) => ({ output: { type: 'connected', uniqueId, connection } })
  const failed = (error: string) => ({ output: { type: 'failed', error } })

  it.each(['cannot_connect', 'invalid_auth', 'timeout', 'rate_limited', 'unknown'])(
    'shows %s on the form that asked, and drops the draft',
    (code) => {
      const moved = show(checkOf('reauth_confirm'), failed(code))
      expect(moved).toMatchObject({ state: 'asking.reauth_confirm', errors: { base: { code } }, does: [] })
      expect(moved.snapshot.context.draft).toBeNull()
    },
  )
  it('keeps until when the service wants to be left alone', () => {
    const output = { type: 'failed', error: 'rate_limited', until: 99 }
    expect(show(checking(), { output }).errors).toEqual({ base: { code: 'rate_limited', until: 99 } })
  })
  it('shows unknown where the work throws', () => {
    const moved = show(checking(newEntry), { error: new Error('never thought of') })
    expect(moved).toMatchObject({ state: 'asking.user', errors: { base: { code: 'unknown' } } })
  })
  it('asks the challenge, and after it the same challenge again', () => {
    const output = { type: 'challenged', challenge: 'otp', draft }
    const asked = show(checking({ draft: null }), { output })
    expect(asked).toMatchObject({ state: 'asking.challenge', challenge: 'otp', errors: {} })
    expect(asked.snapshot.context.draft).toBe(draft)
    const again = show(checking(challenged), { output })
    expect(again).toMatchObject({ state: 'asking.challenge', challenge: 'otp' })
  })
  it.each([failed('invalid_auth'), { error: new Error('boom') }])(
    'stays with the challenge that was answered in vain: %j',
    (result) => {
      const moved = show(checkOf('challenge', challenged), result)
      expect(moved).toMatchObject({ state: 'asking.challenge', challenge: 'otp' })
      expect(moved.errors.base.code).toBe('error' in result ? 'unknown' : 'invalid_auth')
      expect(moved.snapshot.context.draft).toBe(draft)
    },
  )
  it('saves a new entry of any account', () => {
    const moved = show(checking(newEntry), connected('anybody'))
    expect(moved).toMatchObject({ state: 'creatingEntry', invokes: ['createEntry'], does: [] })
    expect(moved.snapshot.context).toMatchObject({ connection, uniqueId: 'anybody' })
  })
  it.each(['reauth', 'reconfigure'])(
    'saves the verified credential of the same account in a %s',
    (source) => {
      const moved = show(checking({ source }), connected('me'))
      expect(moved).toMatchObject({ state: 'updatingEntry', invokes: ['updateEntry'], does: [] })
    },
  )
  it('saves where neither the entry nor the service has an identity', () => {
    const nameless = checking({ entry: { ...entry, uniqueId: null } })
    expect(show(nameless, connected(null)).state).toBe('updatingEntry')
  })
  it.each([
    ['me', 'somebody'],
    ['me', null],
    [null, 'somebody'],
    ['me', 'ME'],
  ])('takes %j and then %j for two accounts', (uniqueId, reported) => {
    const moved = show(checking({ entry: { ...entry, uniqueId } }), connected(reported))
    // The user can switch the entry to that account.
    expect(moved).toMatchObject({
      state: 'abort',
      reason: 'wrong_account',
      emits: ['otherAccount'],
      does: [],
    })
    expect(moved.snapshot.context).toMatchObject({ draft: null, connection: null, uniqueId: null })
  })
  it('shows another account on the form, where the integration lets people retry', () => {
    const moved = show(checking({ onAccountMismatch: 'retry' }), connected('somebody'))
    expect(moved).toMatchObject({
      state: 'asking.reauth_confirm',
      does: givenBack('somebody'),
      invokes: [],
    })
    expect(moved.errors).toEqual({ base: { code: 'wrong_account' } })
    expect(moved.snapshot.context).toMatchObject({
      draft: null,
      connection: null,
      uniqueId: null,
      reason: null,
    })
  })
  it.each([
    ['known', { title: 'bob' }, { title: 'bob', account: 'bob', uniqueId: null }],
    ['unknown', {}, undefined],
  ])('takes the word of the integration for another account, if its name is %s', (_, named, other) => {
    const moved = show(checking({ draft }), { output: { type: 'wrong_account', ...named } })
    expect(moved).toMatchObject({ state: 'abort', reason: 'wrong_account', emits: [] })
    expect(moved.does).toEqual([['revokeGrant', { draft, uniqueId: null }]])
    expect(moved.snapshot.context.other).toEqual(other)
  })
  it('shows the other account that the integration has recognized on the form', () => {
    const refused = { output: { type: 'wrong_account', title: 'bob' } }
    const retry = show(checking({ onAccountMismatch: 'retry' }), refused)
    const shown = { base: { code: 'wrong_account', params: { found: 'bob' } } }
    expect(retry).toMatchObject({ state: 'asking.reauth_confirm', errors: shown })
    const replaced = show(checkOf('replace', { source: 'replace' }), refused)
    expect(replaced).toMatchObject({ state: 'asking.replace', errors: shown })
    expect(show(checkOf('user', newEntry), refused)).toMatchObject({ state: 'asking.user', errors: shown })
  })
  it('goes back to the first form where a challenge led to another account', () => {
    const moved = show(checking({ ...challenged, onAccountMismatch: 'retry' }), connected('somebody'))
    expect(moved).toMatchObject({ state: 'asking.reauth_confirm', challenge: null })
  })
})

describe('an integration that ends the flow', () => {
  const aborted = { output: { type: 'aborted', reason: 'no_api', params: { model: 'Hub' } } }
  it.each([
    ['a check', checkOf('user', newEntry)],
    ['an import', at('checkingConnection', { ...newEntry, source: 'import', draft })],
    ['loading choices', at('findingChoices', { ...paged('form', 'found_form'), page: 1, draft })],
  ])('ends it by %s with the reason and its placeholders', (_, from) => {
    const moved = show(from, aborted)
    expect(moved).toMatchObject({ state: 'abort', reason: 'no_api', output: { success: false } })
    expect(moved.snapshot.context).toMatchObject({ draft: null, params: { model: 'Hub' } })
  })
  it.each([
    ['a refused field', { type: 'failed', error: 'wrong_pin', at: '/pin' }, 'wrong_pin'],
    ['another account', { type: 'wrong_account' }, 'wrong_account'],
    ['a challenge', { type: 'challenged', challenge: 'otp', draft }, 'challenge_required'],
  ])('ends an import by %s', (_, output, reason) => {
    const from = at('checkingConnection', { ...newEntry, source: 'import', draft })
    expect(show(from, { output })).toMatchObject({ state: 'abort', reason })
  })
  it('refuses a field', () => {
    const refused = { type: 'failed', error: 'wrong_pin', at: '/pin', keepSecrets: false, params: { n: 2 } }
    const moved = show(checkOf('user', newEntry), { output: refused })
    expect(moved).toMatchObject({ state: 'asking.user' })
    expect(moved.errors).toEqual({ '/pin': { code: 'wrong_pin', keepSecrets: false, params: { n: 2 } } })
  })
})

describe('a sign-in at the service', () => {
  it('shows why nothing was granted, and tries what was', () => {
    const asked = states['authorize:reauth'] as AnyMachineSnapshot
    const error = { code: 'rate_limited', until: 99 }
    const refused = move(machine, asked, { type: 'refused', error })
    expect(refused?.snapshot.context).toMatchObject({ errors: { base: error }, draft: null })
    const granted = move(machine, refused?.snapshot as AnyMachineSnapshot, { type: 'authorized', draft })
    expect(granted).toMatchObject({ state: 'checkingConnection', invokes: ['checkConnection'] })
    expect(granted?.snapshot.context).toMatchObject({ draft, errors: {} })
  })
  it('ends the flow with the reason of the integration', () => {
    const asked = at({ asking: 'device' }, { source: 'user', entryId: null })
    const error = { code: 'no_plan', params: { message: 'No plan.' } }
    const ended = move(machine, asked, { type: 'refused', error, ends: true })
    expect(ended?.state).toBe('abort')
    const result = { reason: 'no_plan', params: { message: 'No plan.' }, draft: null }
    expect(ended?.snapshot.context).toMatchObject(result)
  })

  it('is shown again if the grant does not work', () => {
    const from = checkOf('authorize', { methods: { '': ['authorize'] } }, 'authorized')
    const moved = show(from, { output: { type: 'failed', error: 'cannot_connect' } })
    expect(moved).toMatchObject({ state: 'asking.authorize', errors: { base: { code: 'cannot_connect' } } })
    expect(moved.snapshot.context.draft).toBeNull()
  })
  it.each([
    ['reauth', { token: ['authorize'], code: ['device'] }, 'code', 'asking.device'],
    ['reauth', { token: ['authorize'], form: ['form'] }, 'form', 'asking.reauth_confirm'],
    ['reauth', { '': ['authorize'] }, '', 'asking.authorize'],
    ['reconfigure', { '': ['device'] }, '', 'asking.device'],
  ])('repairs a %s of the methods %j by the method of the entry, %j', (source, methods, method, state) => {
    const from = at('findingEntry', { entry: null, source, methods, method })
    expect(show(from, { output: { type: 'found', entry } }).state).toBe(state)
  })
})

describe('challenge', () => {
  it('goes back to an empty-handed form', () => {
    const moved = move(machine, states['challenge:reauth'] as AnyMachineSnapshot, { type: 'back' })
    expect(moved?.state).toBe('asking.reauth_confirm')
    expect(moved?.snapshot.context).toMatchObject({ challenge: null, draft: null, errors: {} })
  })
  it('shows an error on the form before it after it has expired', () => {
    const moved = move(machine, states['challenge:user'] as AnyMachineSnapshot, { type: 'expireDraft' })
    expect(moved?.state).toBe('asking.user')
    expect(moved?.snapshot.context).toMatchObject({ draft: null, errors: { base: { code: 'expired' } } })
  })
})

describe('a form of several pages', () => {
  const first = states['user:first'] as AnyMachineSnapshot
  it('keeps the draft until the last page, and returns with it', () => {
    const next = move(machine, first, eventOf('submit'))
    expect(next?.snapshot.context).toMatchObject({ page: 1, draft, values: { host: 'new' }, errors: {} })
    const back = move(machine, next?.snapshot as AnyMachineSnapshot, { type: 'back' })
    expect(back?.snapshot.context).toMatchObject({ page: 0, draft, values: { host: 'new' } })
  })
  it('stays on the last page where the try fails, with all that was typed', () => {
    const moved = show(at('checkingConnection', { ...paged('form', 'form'), page: 1, draft }), {
      output: { type: 'failed', error: 'invalid_auth' },
    })
    expect(moved).toMatchObject({ state: 'asking.user', errors: { base: { code: 'invalid_auth' } } })
    expect(moved.snapshot.context).toMatchObject({ page: 1, draft })
  })
  it('goes back from a challenge to the last page', () => {
    const asked = at({ asking: 'challenge' }, { ...paged('form', 'form'), page: 1, ...challenged })
    const back = move(machine, asked, { type: 'back' })
    expect(back?.state).toBe('asking.user')
    expect(back?.snapshot.context).toMatchObject({ page: 1, draft, challenge: null })
  })
  it('starts over with an error after the draft has expired', () => {
    const moved = move(machine, states['user:last'] as AnyMachineSnapshot, { type: 'expireDraft' })
    expect(moved?.snapshot.context).toMatchObject({
      page: 0,
      draft: null,
      errors: { base: { code: 'expired' } },
    })
  })
})

describe('findingChoices', () => {
  const finding = states.findingChoices as AnyMachineSnapshot
  const first = states['findingChoices:first'] as AnyMachineSnapshot
  const choices = { site: [{ value: '1', label: 'Home' }] }
  const failed = { type: 'failed', error: 'cannot_connect', unlisted: ['site'] }

  it('shows the page with the choices, and asks for those of its input', () => {
    const moved = show(finding, { output: { type: 'found', choices } })
    expect(moved.state).toBe('asking.user')
    expect(moved.snapshot.context).toMatchObject({ page: 1, choices: { 1: choices }, draft })
    const asked = move(machine, states['user:finding'] as AnyMachineSnapshot, eventOf('submit'))
    const input = { flowId: 'flow-1', page: 1, draft, values: { host: 'new' }, subentry: null }
    expect(asked?.snapshot.children.findChoices?.getSnapshot().input).toEqual(input)
  })
  it.each([
    [{ output: failed }, 'cannot_connect'],
    [{ error: new Error('boom') }, 'unknown'],
  ])('goes back to the page before it where %j', (result, code) => {
    const moved = show(finding, result)
    expect(moved).toMatchObject({ state: 'asking.user', errors: { base: { code } } })
    expect(moved.snapshot.context).toMatchObject({ page: 0, draft: null, choices: {} })
  })
  it('shows the first page without choices, which can be loaded again', () => {
    const moved = show(first, { output: failed })
    const errors = { base: { code: 'cannot_connect' }, '/site': { code: 'no_list' } }
    expect(moved).toMatchObject({ state: 'asking.user', errors })
    expect(moved.snapshot.context).toMatchObject({ page: 0, choices: {} })
    const again = move(machine, moved.snapshot, { type: 'retry' })
    expect(again).toMatchObject({ state: 'findingChoices', invokes: ['findChoices'] })
    const shown = show(again?.snapshot as AnyMachineSnapshot, { output: { type: 'found', choices } })
    expect(shown).toMatchObject({ state: 'asking.user', errors: {} })
    expect(show(first, { error: new Error('boom') })).toMatchObject({
      state: 'asking.user',
      errors: { base: { code: 'unknown' } },
    })
  })
  it('drops the choices of later pages when their input changes, but not of earlier ones', () => {
    const later = { 0: choices, 1: choices }
    const at0 = at({ asking: 'user' }, { ...paged('found_form', 'found_form'), choices: later })
    expect(move(machine, at0, eventOf('submit'))?.snapshot.context.choices).toEqual({ 0: choices })
    const at1 = at({ asking: 'user' }, { ...paged('found_form', 'form'), page: 1, choices: later, draft })
    expect(move(machine, at1, { type: 'back' })?.snapshot.context.choices).toEqual(later)
  })
  it.each([
    ['reauth', 'reauth_confirm'],
    ['reconfigure', 'reconfigure'],
    ['replace', 'replace'],
  ])('shows the next page of a %s, and goes back to the page before', (source, step) => {
    const form = at({ asking: step }, ofEntry(source, 'form', 'found_form'))
    const asked = move(machine, form, eventOf('submit'))?.snapshot as AnyMachineSnapshot
    const found = show(asked, { output: { type: 'found', choices } })
    expect(found).toMatchObject({ state: `asking.${step}`, errors: {} })
    expect(found.snapshot.context).toMatchObject({ page: 1, choices: { 1: choices } })
    expect(show(asked, { output: failed })).toMatchObject({ state: `asking.${step}` })
    expect(show(asked, { output: failed }).snapshot.context.page).toBe(0)
    const lost = move(machine, asked, { type: 'leaseLost' })
    expect(lost).toMatchObject({ state: `asking.${step}` })
    expect(move(machine, found.snapshot, eventOf('submit'))?.state).toBe('checkingConnection')
  })
  it('is the first state of a flow whose first page needs them, but not of a reauthentication', () => {
    const entryPages = { 'reconfigure ': ['found_form'], 'reauth ': ['found_form'] }
    const begun = (source: string, entryId: string | null) =>
      initialTransition(machine, {
        flowId: 'f',
        source,
        entryId,
        entryPages,
        methods: { '': ['found_form'] },
      })
    const [user] = begun('user', null)
    expect(stateOf(user)).toBe('findingChoices')
    const found = (source: string) => show(begun(source, 'e')[0], { output: { type: 'found', entry } })
    expect(found('reconfigure').state).toBe('findingChoices')
    expect(found('reauth').state).toBe('asking.reauth_confirm')
    const free = move(
      machine,
      at('findingAccount', { ...discovered, ...paged('found_form'), source: 'discovery' }),
      cameOf(states.findingAccount as AnyMachineSnapshot, { output: { type: 'free' } }),
    )
    expect(free?.state).toBe('findingChoices')
  })
})

describe('a choice after a sign-in', () => {
  const state = (name: string) => states[name] as AnyMachineSnapshot
  const chosen = new Draft({ values: { token: 'granted', site: '1' } })
  const settled = { output: { type: 'settled', draft: chosen } }
  const failed = { output: { type: 'failed', error: 'cannot_connect', unlisted: ['site'] } }
  const revoked = ['revokeGrant', { draft, uniqueId: null }]

  it('that needs no question is checked, and a failure returns to the sign-in', () => {
    const checking = show(at('findingChoices', onPage(2, paged('form', 'authorize', 'found_form'))), settled)
    expect(checking).toMatchObject({ state: 'checkingConnection', invokes: ['checkConnection'] })
    expect(checking.snapshot.context).toMatchObject({ page: 1, draft: chosen })
    const asked = show(at('findingChoices', onPage(3, twoChoices, 2)), settled)
    expect(asked.snapshot.context).toMatchObject({ page: 2, draft: chosen })
  })
  it('is followed by the next one, and a failure there returns to the page that the user saw', () => {
    const next = show(at('findingChoices', onPage(2, twoChoices)), settled)
    expect(next).toMatchObject({ state: 'findingChoices', invokes: ['findChoices'] })
    expect(next.snapshot.context).toMatchObject({ page: 3, draft: chosen })
    expect(show(next.snapshot, failed).snapshot.context.page).toBe(1)
    expect(show(next.snapshot, { error: new Error('boom') }).snapshot.context.page).toBe(1)
    expect(show(at('findingChoices', onPage(3, twoChoices, 2)), failed).snapshot.context.page).toBe(2)
  })
  it.each([
    ['findingChoices:signedIn', 'leaseLost', [revoked]],
    ['findingChoices:chosen', 'leaseLost', []],
    ['checkingConnection:chosen', 'leaseLost', []],
    ['findingChoices:signedIn', 'cancel', [['closeConnection', { connection: null }], revoked]],
    ['checkingConnection:chosen', 'cancel', [['closeConnection', { connection: null }], revoked]],
    ['checkingConnection', 'entryRemoved', [['closeConnection', { connection: null }], revoked]],
  ])('in %s revokes the grant on %s only if no record has it', (name, type, does) => {
    expect(move(machine, state(name), { type })?.does).toEqual(does)
  })
  it.each([
    ['of an integration that refuses it', newEntry, { type: 'wrong_account', title: 'bob' }],
    ['of another entry', { onAccountMismatch: 'retry' }, { type: 'connected', uniqueId: 'bob', connection }],
  ])('returns to the sign-in after the account %s, and revokes the grant', (_, flow, output) => {
    for (const [form, pages] of Object.entries({ authorize: ['authorize'], device: ['device'] })) {
      const methods = { '': [...pages, 'found_form'] }
      const moved = show(at('checkingConnection', { ...flow, ...onPage(1, { methods }, 1) }), { output })
      expect(moved).toMatchObject({ state: `asking.${form}`, errors: { base: { code: 'wrong_account' } } })
      expect(moved.snapshot.context).toMatchObject({ page: 0, draft: null, challenge: null })
      expect(moved.does.map(([type]) => type)).toContain('revokeGrant')
    }
  })
})

describe('pick_method', () => {
  it('remembers the method, and drops it after back', () => {
    const picked = move(machine, states.pick_method as AnyMachineSnapshot, eventOf('pick'))
    expect(picked?.snapshot.context).toMatchObject({ method: 'token', page: 0 })
    const back = move(machine, picked?.snapshot as AnyMachineSnapshot, { type: 'back' })
    expect(back?.snapshot.context).toMatchObject({ method: null })
  })
  it('is skipped if there is one method', () => {
    const methods = { only: ['form'] }
    const [snapshot] = initialTransition(machine, { flowId: 'f', source: 'user', entryId: null, methods })
    expect(stateOf(snapshot)).toBe('asking.user')
    expect(snapshot.context.method).toBe('only')
  })
  it('is shown without options if there is no method', () => {
    const [snapshot] = initialTransition(machine, { flowId: 'f', source: 'user', entryId: null, methods: {} })
    expect(stateOf(snapshot)).toBe('asking.pick_method')
  })
  it('treats a removed method as one with a single form', () => {
    const gone = at({ asking: 'user' }, { ...twoWays, method: 'gone' })
    expect(move(machine, gone, eventOf('submit'))?.state).toBe('checkingConnection')
  })
})

describe('creatingEntry', () => {
  const creating = states.creatingEntry as AnyMachineSnapshot
  it('passes the verified connection and the result to save', () => {
    const [checking] = [at('checkingConnection', { ...newEntry, draft })]
    const moved = show(checking, { output: { type: 'connected', uniqueId: 'me', connection } })
    const end = { type: 'create_entry', reason: null, success: true }
    expect(moved.snapshot.children.createEntry?.getSnapshot().input).toEqual({
      flowId: 'flow-1',
      draft,
      connection,
      uniqueId: 'me',
      end,
      replacesIgnored: true,
    })
  })
  it('ends with the new entry', () => {
    const moved = show(creating, { output: { type: 'created', entryId: 'entry-9' } })
    expect(moved).toMatchObject({ state: 'create_entry', does: [] })
    expect(moved.output).toEqual({ type: 'create_entry', reason: null, entryId: 'entry-9', success: true })
  })
  it.each([
    ['taken', 'already_configured'],
    ['ended', 'cancelled'],
  ])('closes the verified connection if the slot is %s', (type, reason) => {
    const output = { type, entryId: 'entry-2', linked: null }
    expect(show(creating, { output })).toMatchObject({ state: 'abort', reason, does: disposed })
  })
  it('goes back to the form where the store fails', () => {
    const moved = show(creating, { error: new Error('disk full') })
    expect(moved).toMatchObject({
      state: 'asking.user',
      errors: { base: { code: 'unknown' } },
      does: disposed,
    })
  })
})

describe('updatingEntry', () => {
  const updating = states.updatingEntry as AnyMachineSnapshot
  it('reloads the entry with the verified connection', () => {
    const moved = show(updating, { output: { type: 'updated' } })
    expect(moved).toMatchObject({ state: 'reloadingEntry', invokes: ['reloadEntry'], does: [] })
    expect(moved.snapshot.context.connection).toBe(connection)
  })
  it('commits again if another process has written the entry', () => {
    const moved = show(updating, { output: { type: 'outdated' } })
    expect(moved).toMatchObject({ state: 'updatingEntry', invokes: ['updateEntry'], does: [] })
    expect(moved.snapshot.context).toMatchObject(proven)
  })
  it.each([
    ['changed', 'entry_changed'],
    ['missing', 'entry_removed'],
    ['disabled', 'entry_disabled'],
    ['ended', 'cancelled'],
  ])('closes the verified connection if the entry is %s', (type, reason) => {
    expect(show(updating, { output: { type } })).toMatchObject({ state: 'abort', reason, does: disposed })
  })
  it.each(['reauth_confirm', 'reconfigure'])('goes back to %s where the store fails', (step) => {
    const source = step === 'reconfigure' ? 'reconfigure' : 'reauth'
    const moved = show(at('updatingEntry', { ...proven, source }), { error: new Error('disk full') })
    expect(moved).toMatchObject({
      state: `asking.${step}`,
      errors: { base: { code: 'unknown' } },
      does: disposed,
    })
  })
})

describe('findingSaved', () => {
  const createdOne = { output: { type: 'created', entryId: 'entry-9' } }
  const imported = { source: 'import', entryId: null, ...proven }
  it.each(['creatingEntry', 'updatingEntry', 'ignoringAccount'])(
    'follows %s if the store did not answer, with the verified connection',
    (state) => {
      const moved = show(states[state] as AnyMachineSnapshot, { output: { type: 'unanswered' } })
      expect(moved).toMatchObject({ state: 'findingSaved', invokes: ['findSaved'], does: [] })
      const { connection } = moved.snapshot.context
      expect(moved.snapshot.children.findSaved?.getSnapshot().input).toEqual({ flowId: 'flow-1', connection })
    },
  )
  it.each<[string, object, object, string, string | null]>([
    ['the new entry', { ...newEntry, ...proven }, createdOne, 'create_entry', null],
    ['the ignored account', discovered, createdOne, 'abort', 'ignored'],
  ])('ends with %s if it is saved', (_, context, result, state, reason) => {
    const moved = show(at('findingSaved', context), result as { output: unknown })
    expect(moved).toMatchObject({ state, does: [] })
    expect(moved.output).toMatchObject({ reason, entryId: 'entry-9', success: true })
  })
  it.each([
    ['reloadingEntry', { source: 'reauth' }],
    ['reloadingEntry', { source: 'reconfigure', adopts: true }],
    ['tryingEntry', { source: 'reconfigure', adopts: false }],
  ])('continues at %s if the change is saved (%j)', (state, of) => {
    const moved = show(at('findingSaved', { ...proven, ...of }), { output: { type: 'updated' } })
    expect(moved).toMatchObject({ state, does: [] })
    expect(moved.snapshot.context.connection).toBe(connection)
  })
  it.each<[string, object, string, string | null]>([
    ['unsaved', { ...newEntry, ...proven }, 'asking.user', null],
    ['unsaved', proven, 'asking.reauth_confirm', null],
    ['unsaved', { ...proven, source: 'replace' }, 'asking.replace', null],
    ['unsaved', imported, 'abort', 'unknown'],
    ['ended', proven, 'abort', 'cancelled'],
  ])('closes the verified connection if the write is %s (%#)', (type, context, state, reason) => {
    const moved = show(at('findingSaved', context), { output: { type } })
    expect(moved).toMatchObject({ state, reason, does: disposed })
    expect(moved.errors).toEqual(reason === null ? { base: { code: 'unknown' } } : {})
  })
  it.each<[object, string]>([
    [{ ...newEntry, ...proven }, 'asking.user'],
    [imported, 'abort'],
  ])('closes the verified connection if the store fails again (%#)', (context, state) => {
    const moved = show(at('findingSaved', context), { error: new Error('disk full') })
    expect(moved).toMatchObject({ state, does: disposed })
  })
})

describe('reloadingEntry', () => {
  it.each([
    ['reauth', { output: undefined }],
    ['reauth', { error: new Error('it does not run') }],
    ['reconfigure', { output: undefined }],
    ['reconfigure', { error: new Error('it does not run') }],
  ])('ends a %s successfully after any result of the reload: %j', (source, result) => {
    const moved = show(at('reloadingEntry', { ...proven, source }), result)
    expect(moved).toMatchObject({ state: 'abort', reason: `${source}_successful`, does: [] })
    expect(moved.snapshot.context).toMatchObject({ draft: null, connection: null })
  })
})

describe('a reconfiguration with adopt: false', () => {
  const anew = { source: 'reconfigure', adopts: false }
  const { tryingEntry, rollingBack, findingRestored } = states as Record<string, AnyMachineSnapshot>
  it('is tested after it was saved, and the flow stays open until then', () => {
    const moved = show(at('updatingEntry', { ...proven, ...anew }), { output: { type: 'updated' } })
    expect(moved).toMatchObject({ state: 'tryingEntry', invokes: ['tryEntry'] })
    const asked = show(at('checkingConnection', { draft, ...anew }), {
      output: { type: 'connected', uniqueId: 'me', connection },
    })
    expect(asked.snapshot.children.updateEntry?.getSnapshot().input).toMatchObject({ mayRollBack: true })
  })
  it('succeeds if the entry loads', () => {
    const moved = show(tryingEntry as AnyMachineSnapshot, { output: { type: 'running' } })
    expect(moved).toMatchObject({ state: 'abort', reason: 'reconfigure_successful' })
  })
  it.each([
    [{ output: { type: 'failed', error: 'timeout' } }, 'timeout'],
    [{ error: new Error('boom') }, 'unknown'],
  ])('is rolled back after %j', (result, code) => {
    const moved = show(tryingEntry as AnyMachineSnapshot, result)
    expect(moved).toMatchObject({
      state: 'rollingBack',
      errors: { base: { code } },
      invokes: ['restoreEntry'],
    })
    expect(moved.snapshot.context).toMatchObject({ draft: null, connection: null })
  })
  it('shows the form with the reason after the previous values are restored', () => {
    const moved = show(rollingBack as AnyMachineSnapshot, {
      output: { type: 'restored', credentialRevision: 5 },
    })
    expect(moved).toMatchObject({ state: 'asking.reconfigure', errors: { base: { code: 'timeout' } } })
    expect(moved.snapshot.context.entry).toEqual({ ...entry, credentialRevision: 5 })
  })
  it('looks whether the previous values are restored if the store did not answer', () => {
    const moved = show(rollingBack as AnyMachineSnapshot, { output: { type: 'unanswered' } })
    expect(moved).toMatchObject({ state: 'findingRestored', invokes: ['findSaved'], does: [] })
    const shown = show(moved.snapshot, { output: { type: 'restored', credentialRevision: 5 } })
    expect(shown).toMatchObject({ state: 'asking.reconfigure', errors: { base: { code: 'timeout' } } })
    expect(shown.snapshot.context.entry).toEqual({ ...entry, credentialRevision: 5 })
  })
  it.each([
    [{ output: { type: 'unsaved' } }, 'unknown'],
    [{ output: { type: 'ended' } }, 'cancelled'],
    [{ error: new Error('disk full') }, 'unknown'],
  ])('ends if it is not known to be rolled back: %j', (result, reason) => {
    const moved = show(findingRestored as AnyMachineSnapshot, result)
    expect(moved).toMatchObject({ state: 'abort', reason })
  })
  it.each([
    [{ output: { type: 'missing' } }, 'entry_removed'],
    [{ output: { type: 'disabled' } }, 'entry_disabled'],
    [{ output: { type: 'changed' } }, 'entry_changed'],
    [{ output: { type: 'taken' } }, 'already_configured'],
    [{ error: new Error('disk full') }, 'unknown'],
  ])('ends if it cannot be rolled back: %j', (result, reason) => {
    expect(show(rollingBack as AnyMachineSnapshot, result)).toMatchObject({ state: 'abort', reason })
  })
})

describe('an identity that an entry does not have', () => {
  const nameless = { draft, entry: { ...entry, uniqueId: null } }
  const proves = (uniqueId: string | null) => ({ output: { type: 'connected', uniqueId, connection } })
  it('is adopted with adopt: true', () => {
    const from = at('checkingConnection', { ...nameless, adoptsIdentity: true })
    expect(show(from, proves('me'))).toMatchObject({ state: 'updatingEntry', does: [] })
  })
  it('is another account otherwise, as is any other than the one it has', () => {
    expect(show(at('checkingConnection', nameless), proves('me')).reason).toBe('wrong_account')
    const known = at('checkingConnection', { draft, adoptsIdentity: true })
    expect(show(known, proves('you')).reason).toBe('wrong_account')
    expect(show(known, proves(null)).reason).toBe('wrong_account')
  })
  it('may belong to another entry already', () => {
    const moved = show(states.updatingEntry as AnyMachineSnapshot, { output: { type: 'taken' } })
    expect(moved).toMatchObject({ state: 'abort', reason: 'already_configured', does: disposed })
  })
})

describe('an account that replaces another', () => {
  const checking = (changes: object = {}) =>
    at('checkingConnection', { draft, source: 'replace', ...changes })
  const proves = (uniqueId: string | null) => ({
    output: { type: 'connected', uniqueId, connection, title: 'Other' },
  })
  it.each([
    ['me', 'you'],
    ['me', null],
    [null, 'you'],
    [null, null],
  ])('must be confirmed: %j, then %j', (uniqueId, proven) => {
    const moved = show(checking({ entry: { ...entry, uniqueId } }), proves(proven))
    expect(moved).toMatchObject({ state: 'asking.replace_confirm', errors: {}, does: [], invokes: [] })
    expect(moved.snapshot.context).toMatchObject({ connection, draft, uniqueId: proven, account: 'Other' })
  })
  it('is refused if it is the same account, and is closed', () => {
    expect(show(checking(), proves('me'))).toMatchObject({
      state: 'abort',
      reason: 'same_account',
      does: disposed,
    })
  })
  it('is saved once it is confirmed', () => {
    const moved = move(machine, states.replace_confirm as AnyMachineSnapshot, { type: 'replace' })
    expect(moved).toMatchObject({ state: 'updatingEntry', invokes: ['updateEntry'], does: [] })
    const end = { type: 'abort', reason: 'replace_successful', success: true }
    expect(moved?.snapshot.children.updateEntry?.getSnapshot().input).toMatchObject({
      draft,
      connection,
      uniqueId: 'me',
      end,
      mayRollBack: false,
      settlesProposal: true,
    })
  })
  it.each(['cancel', 'expire', 'expireDraft', 'entryRemoved', 'entryDisabled', 'supersede'])(
    'is closed if %s comes first, and its grant is revoked',
    (type) => {
      const moved = move(machine, states.replace_confirm as AnyMachineSnapshot, { type })
      expect(moved?.does).toEqual(givenBack('me'))
      expect(moved?.snapshot.context).toMatchObject({ draft: null, connection: null })
    },
  )
  it('is shown again if its connection is no longer held', () => {
    const moved = move(machine, states['replace_confirm:gone'] as AnyMachineSnapshot, { type: 'replace' })
    expect(moved?.snapshot.context.errors).toEqual({ base: { code: 'expired' } })
  })
})

describe('what a bare machine does without its actors', () => {
  it('shows unknown, and its snapshot has no input', () => {
    const moved = show(at('checkingConnection', { draft, ...newEntry }), { error: new Error('not provided') })
    expect(JSON.stringify(moved.snapshot)).not.toContain('typed')
    expect(JSON.stringify(at('checkingConnection', { draft }))).toContain('[draft]')
  })
})

describe('a new link whose account has an entry', () => {
  const linked = { ...entry, entryId: 'entry-2', needsReauth: true, disabled: false, ignored: false }
  const taken = (changes: object = {}) => ({
    output: { type: 'taken', entryId: 'entry-2', linked: { ...linked, ...changes } },
  })
  const saving = (source: string) => at('creatingEntry', { ...newEntry, source, ...proven })
  it('asks a user whether the verified credential repairs it', () => {
    const { state, snapshot, does } = show(saving('user'), taken())
    expect([state, does]).toEqual(['asking.repair_confirm', []])
    expect(snapshot.context).toMatchObject({ ...proven, entryId: 'entry-2', entry: linked })
  })
  it('repairs it with an import immediately', () => {
    const moved = show(saving('import'), taken())
    expect(moved).toMatchObject({ state: 'updatingEntry', invokes: ['updateEntry'], does: [] })
    const { input } = moved.snapshot.children.updateEntry?.getSnapshot() ?? {}
    const end = { type: 'abort', reason: 'reauth_successful', success: true }
    expect(input).toMatchObject({ entryId: 'entry-2', repairs: true, mayRollBack: false, end })
  })
  it.each([
    ['user', { needsReauth: false }],
    ['import', { needsReauth: false }],
    ['user', { disabled: true }],
    ['import', { disabled: true }],
    ['user', { ignored: true }],
    ['import', { ignored: true }],
    ['discovery', {}],
  ])('only names it to a flow of %s if it must not be written: %j', (source, changes) => {
    const moved = show(saving(source), taken(changes))
    expect(moved).toMatchObject({ state: 'abort', reason: 'already_configured', does: disposed })
    expect(moved.output).toMatchObject({ entryId: 'entry-2', success: false })
  })
  const confirmed = { ...newEntry, ...proven, entryId: 'entry-2', entry: linked }
  it('ends as already linked if the entry needs nothing any more', () => {
    const moved = show(at('updatingEntry', confirmed), { output: { type: 'repaired' } })
    expect(moved).toMatchObject({ reason: 'already_configured', does: disposed })
    expect(moved.output).toMatchObject({ entryId: 'entry-2' })
  })
  it('shows its form again if the store fails, and an import ends', () => {
    const moved = show(at('updatingEntry', confirmed), { error: new Error('disk full') })
    expect(moved).toMatchObject({ state: 'asking.user', does: disposed })
    expect(moved.snapshot.context).toMatchObject({ entryId: null, entry: null })
    const imported = show(at('updatingEntry', { ...confirmed, source: 'import' }), {
      error: new Error('full'),
    })
    expect(imported).toMatchObject({ state: 'abort', reason: 'unknown', does: disposed })
  })
})

describe('the loss of the lease', () => {
  // The grant of a challenge is stored, and the other process can use it.
  it.each([
    ['reauth_confirm', true],
    ['challenge', false],
    ['authorize', true],
  ])('shows %s again, and revokes an unused grant: %s', (step, isUnused) => {
    const changes = step === 'challenge' ? challenged : step === 'authorize' ? signIns('token') : {}
    const from = checkOf(step, changes, step === 'authorize' ? 'authorized' : 'submit')
    const moved = move(machine, from, { type: 'leaseLost' })
    expect(moved?.state).toBe(`asking.${step}`)
    expect(moved?.snapshot.context).toMatchObject({ errors: {}, reason: null })
    expect(moved?.does.map(([type]) => type).includes('revokeGrant')).toBe(isUnused)
  })
})
