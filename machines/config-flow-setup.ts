import { assign, emit, setup } from 'xstate'
import { isDifferentAccount, isSameAccount, isUnannounced, verified } from './account-match.ts'
import type { CheckResult } from './check-result.ts'
import { linksAnother, mayRollBack, repairsLinked } from './commit-input.ts'
import { configFlowActors } from './config-flow-actors.ts'
import type { ConfigFlowEmitted, ConfigFlowEvent } from './config-flow-events.ts'
import type { ConfigFlowInput } from './config-flow-input.ts'
import type { ConfigFlowContext, ConfigFlowOutput, StepView } from './config-flow-types.ts'
import type { Connection, Draft } from './draft.ts'
import { errorsOf, unattendedEnd } from './flow-failures.ts'
import type {
  CreateEntryResult,
  FindAccountResult,
  FindChoicesResult,
  FindEntryResult,
  FindSavedResult,
  PublicValues,
  RestoreEntryResult,
  SaveResult,
  TryEntryResult,
  UpdateEntryResult,
} from './flow-result.ts'
import type { FormErrorCode, FormErrors } from './form-errors.ts'
import { formOf, type PageForm, pageBefore, pagesOf, signInPage } from './forms.ts'
import { mayRepair } from './may-repair.ts'
import type { CheckSubentryResult, FindSubentryResult, SaveSubentryResult } from './subentry-result.ts'

/** Whether the current step still needs the draft of the earlier steps. */
export const keepsDraft = ({ challenge, page }: ConfigFlowContext): boolean => challenge !== null || page > 0

const keptDraft = (context: ConfigFlowContext): Draft | null => (keepsDraft(context) ? context.draft : null)

const cleared = { draft: null, connection: null, uniqueId: null, account: undefined } as const

/** The result of any work that needs the entry. */
type EntryWorkResult =
  | FindChoicesResult
  | FindEntryResult
  | UpdateEntryResult
  | SaveResult
  | RestoreEntryResult
  | FindSubentryResult
  | CheckSubentryResult
  | SaveSubentryResult

/** The result of any work that saves the end of a flow. */
type SaveWorkResult =
  | CreateEntryResult
  | UpdateEntryResult
  | SaveResult
  | SaveSubentryResult
  | RestoreEntryResult

/** An event that names the entry of an account. */
type Holder = Extract<ConfigFlowEvent, { type: 'accountConfigured' }>

/** The actors, guards and actions of the statecharts of flows. For the states, see config-flow.ts. */
export const configFlowSetup = setup({
  types: {
    context: {} as ConfigFlowContext,
    events: {} as ConfigFlowEvent,
    input: {} as ConfigFlowInput,
    output: {} as ConfigFlowOutput,
    emitted: {} as ConfigFlowEmitted,
    tags: {} as 'asking' | 'working' | 'committing',
    meta: {} as StepView,
  },
  actors: configFlowActors,
  guards: {
    isAboutEntry: ({ context }) => context.entryId !== null,
    isImport: ({ context }) => context.source === 'import',
    // At the confirmation of another account, the user decides about that one.
    mayIgnore: ({ context }) => context.source === 'discovery' && !linksAnother(context),
    mustFindAccount: ({ context }) => context.source === 'discovery' || context.singleInstance,
    isReauth: ({ context }) => context.source === 'reauth',
    isReconfigure: ({ context }) => context.source === 'reconfigure',
    isReplace: ({ context }) => context.source === 'replace',
    hasVerifiedConnection: ({ context }) => context.connection !== null,
    accountIsUnchanged: ({ context }, result: CheckResult) => isSameAccount(context, result),
    mustPickMethod: ({ context }) => context.method === null,
    hasSeveralMethods: ({ context }) => context.entryId === null && Object.keys(context.methods).length > 1,
    formIs: ({ context }, { form }: { form: PageForm }) => formOf(context) === form,
    firstFormIs: ({ context }, { form }: { form: PageForm }) =>
      context.page > 0 && formOf({ ...context, page: 0 }) === form,
    previousFormIs: ({ context }, { form }: { form: PageForm }) =>
      context.page > 0 && formOf({ ...context, page: pageBefore(context) }) === form,
    nextFormIs: ({ context }, { form }: { form: PageForm }) =>
      context.page + 1 < pagesOf(context).length && formOf({ ...context, page: context.page + 1 }) === form,
    methodStartsHere: ({ context }, { form, method }: { form: PageForm; method: string }) =>
      formOf({ ...context, method, page: 0 }) === form,
    hasPageBefore: ({ context }) => context.page > 0,
    hasNextPage: ({ context }) => context.page + 1 < pagesOf(context).length,
    isAborted: (_, result: CheckResult | FindChoicesResult | CheckSubentryResult) =>
      result.type === 'aborted',
    // A reauthentication can open without a user. Its first page does not contact the service.
    pageNeedsChoices: ({ context }) =>
      context.source !== 'reauth' && pagesOf(context)[context.page] === 'found_form',
    nextPageNeedsChoices: ({ context }) => pagesOf(context)[context.page + 1] === 'found_form',
    methodNeedsChoices: ({ context }, { method }: { method: string }) =>
      pagesOf({ ...context, method })[0] === 'found_form',
    choicesAreMissing: ({ context }) =>
      pagesOf(context)[context.page] === 'found_form' && context.choices[context.page] === undefined,
    choiceIsSettled: (_, result: FindChoicesResult) => result.type === 'settled',
    choiceIsSettledAndMoreFollow: ({ context }, result: FindChoicesResult) =>
      result.type === 'settled' && pagesOf(context)[context.page + 1] === 'found_form',
    pageBeforeShowsFailure: ({ context }, result: FindChoicesResult) =>
      result.type === 'failed' && context.page > 0,
    hasEntry: ({ context }) => context.entry !== null,
    failed: (_, result: CheckResult | CheckSubentryResult) => result.type === 'failed',
    importNeedsInput: ({ context }, result: CheckResult) =>
      context.source === 'import' && result.type !== 'connected' && result.type !== 'matched',
    challenged: (_, result: CheckResult) => result.type === 'challenged',
    entryMatches: (_, result: CheckResult) => result.type === 'matched',
    accountMismatches: ({ context }, result: CheckResult) => isDifferentAccount(context, result),
    accountIsRefused: (_, result: CheckResult) => result.type === 'wrong_account',
    signInIsRefused: ({ context }, { form, result }: { form: PageForm; result: CheckResult }) =>
      result.type === 'wrong_account' && formOf({ ...context, page: signInPage(context) }) === form,
    // The draft of a choice or a challenge after a sign-in, which has the grant, is part of the record of the flow.
    grantIsStored: ({ context }) => context.challenge !== null || context.page > signInPage(context),
    accountOfEntryIsRefused: ({ context }, result: CheckResult) =>
      result.type === 'wrong_account' && isDifferentAccount(context, result),
    accountIsUnannounced: ({ context }, result: CheckResult) => isUnannounced(context, result),
    mayRetryHere: ({ context }, { form, result }: { form: PageForm; result: CheckResult }) =>
      isDifferentAccount(context, result) &&
      context.onAccountMismatch === 'retry' &&
      formOf({ ...context, page: signInPage(context) }) === form,
    accountHasOpenFlow: (_, result: FindAccountResult) => result.type === 'held',
    accountIsKnown: (_, result: FindAccountResult) => result.type === 'known',
    deviceHasReturned: (_, result: FindAccountResult) => result.type === 'returned',
    addressIsFollowed: (_, result: FindAccountResult) => result.type === 'moved' && result.followed,
    addressHasChanged: (_, result: FindAccountResult) => result.type === 'moved',
    onlyOneAllowed: (_, result: FindAccountResult | CreateEntryResult) => result.type === 'only',
    mayRollBack: ({ context }) => mayRollBack(context),
    setupFailed: (_, result: TryEntryResult) => result.type === 'failed',
    nothingChanged: (_, result: SaveResult | SaveSubentryResult) => result.type === 'unchanged',
    entryIsDisabled: (_, result: EntryWorkResult) => result.type === 'disabled',
    entryIsMissing: (_, result: EntryWorkResult) => result.type === 'missing',
    entryOutdated: (_, result: UpdateEntryResult | SaveResult | SaveSubentryResult) =>
      result.type === 'outdated',
    entryChanged: (_, result: UpdateEntryResult | RestoreEntryResult | SaveSubentryResult) =>
      result.type === 'changed',
    alreadyConfigured: (_, result: SaveWorkResult) => result.type === 'taken',
    needsConfirmation: ({ context }, result: CreateEntryResult) =>
      context.source === 'user' && result.type === 'taken' && mayRepair(context.source, result.linked),
    importRepairs: ({ context }, result: CreateEntryResult) =>
      context.source === 'import' && result.type === 'taken' && mayRepair(context.source, result.linked),
    isRepaired: (_, result: UpdateEntryResult) => result.type === 'repaired',
    flowEnded: (_, result: SaveWorkResult | FindSavedResult) => result.type === 'ended',
    answerIsLost: (_, result: SaveWorkResult) => result.type === 'unanswered',
    changeIsUnsaved: (_, result: FindSavedResult) => result.type === 'unsaved',
    changeIsSaved: (_, result: FindSavedResult) => result.type === 'updated' || result.type === 'saved',
    savedAndMayRollBack: ({ context }, result: FindSavedResult) =>
      result.type === 'updated' && mayRollBack(context),
    subentryIsCreated: ({ context }, result: FindSavedResult) =>
      result.type === 'saved' && context.subentry?.revision === null,
    accountIsIgnored: ({ context }, result: FindSavedResult) =>
      result.type === 'created' && context.connection === null,
    entryIsCreated: (_, result: FindSavedResult) => result.type === 'created',
    subentryIsNew: (_, result: FindSubentryResult) =>
      result.type === 'found' && result.subentry.revision === null,
    subentryNeedsChoices: ({ context }, result: FindSubentryResult) =>
      result.type === 'found' && pagesOf({ ...context, subentry: result.subentry })[0] === 'found_form',
    addsSubentry: ({ context }) => context.subentry?.revision === null,
    subentryFound: (_, result: FindSubentryResult) => result.type === 'found',
    entryIsFull: (_, result: FindSubentryResult | SaveSubentryResult) => result.type === 'full',
    refusalEnds: (_, { ends }: { ends?: true }) => ends === true,
    valuesAreRefused: (_, result: CheckSubentryResult) => result.type === 'refused',
  },
  actions: {
    rememberEntry: assign((_, result: FindEntryResult) =>
      result.type === 'found' ? { entry: result.entry, values: result.entry.values } : {},
    ),
    /** Stores the entry that has the account. The result of the flow names it. */
    rememberKnown: assign((_, holder: FindAccountResult | CreateEntryResult | CheckResult | Holder) =>
      'entryId' in holder ? { entryId: holder.entryId } : {},
    ),
    /** A refusal of the service replaces the reason of the flow. */
    rememberRefusal: assign(({ context: { entry } }) =>
      entry === null ? {} : { entry: { ...entry, why: 'invalid_auth' as const } },
    ),
    rememberLinked: assign((_, result: CreateEntryResult) =>
      result.type === 'taken' && result.linked !== null
        ? { entryId: result.entryId, entry: result.linked, errors: {} }
        : {},
    ),
    /** A new link whose credential was not saved is about no entry again. */
    forgetLinked: assign(({ context }) => (repairsLinked(context) ? { entryId: null, entry: null } : {})),
    takeDraft: assign((_, taken: { draft: Draft; values: PublicValues }) => ({
      draft: taken.draft,
      values: taken.values,
      errors: {},
    })),
    takeGrant: assign((_, granted: { draft: Draft }) => ({ draft: granted.draft, errors: {} })),
    showErrors: assign((_, shown: { errors: FormErrors; values: PublicValues }) => shown),
    showError: assign(({ context }, shown: FormErrorCode) => ({
      ...cleared,
      draft: keptDraft(context),
      errors: { base: shown },
    })),
    rememberMethod: assign((_, picked: { method: string }) => ({
      method: picked.method,
      choices: {},
      errors: {},
    })),
    forgetMethod: assign(({ context }) => ({
      method: null,
      choices: {},
      // Announced values belong to no particular method.
      values: context.found === null ? {} : context.values,
      errors: {},
    })),
    turnPage: assign(({ context: { page, choices } }) => ({
      page: page + 1,
      // The input of the earlier pages decides what the service offers.
      choices: Object.fromEntries(Object.entries(choices).filter(([of]) => Number(of) <= page)),
    })),
    turnBack: assign(({ context }) => ({ page: pageBefore(context), errors: {} })),
    /** Stores the choices of the page, or shows why the service did not provide them. */
    rememberChoices: assign(({ context }, result: FindChoicesResult) => {
      if (result.type === 'found')
        return { choices: { ...context.choices, [context.page]: result.choices }, errors: {} }
      if (result.type !== 'failed') return {}
      const unlisted = result.unlisted.map((field) => [`/${field}`, { code: 'no_list' }] as const)
      return { errors: { ...Object.fromEntries(unlisted), ...errorsOf(result) } }
    }),
    /** Takes the only choice of a page, or the stored one, without asking. */
    takeSettled: assign((_, result: FindChoicesResult) =>
      result.type === 'settled' ? { draft: result.draft, errors: {} } : {},
    ),
    /** Returns to the sign-in whose grant is revoked. */
    returnToSignIn: assign(({ context }) => ({ page: signInPage(context), challenge: null })),
    startOver: assign({ challenge: null, draft: null, page: 0, errors: {} }),
    showFailure: assign(({ context }, result: CheckResult | FindChoicesResult | CheckSubentryResult) =>
      result.type === 'failed' ? { draft: keptDraft(context), errors: errorsOf(result) } : {},
    ),
    rememberChallenge: assign((_, result: CheckResult) =>
      result.type === 'challenged'
        ? {
            challenge: result.challenge,
            draft: result.draft,
            errors: result.error === undefined ? {} : { base: { code: result.error } },
          }
        : {},
    ),
    forgetChallenge: assign(({ context }) => ({
      challenge: null,
      draft: context.page > 0 ? context.draft : null,
      errors: {},
    })),
    rememberConnection: assign(({ context }, result: CheckResult) =>
      result.type === 'connected' ? verified(context, result) : {},
    ),
    rememberRefused: assign(({ context: { entry } }, result: CheckResult) =>
      result.type === 'wrong_account' && result.title !== undefined && entry !== null
        ? { other: { title: result.title, account: result.title, uniqueId: null } }
        : {},
    ),
    /** Passes the connection of another account on. The user can switch the entry to that account. */
    announceOther: emit(({ context: { draft, connection, uniqueId } }) => ({
      type: 'otherAccount' as const,
      draft,
      connection,
      uniqueId,
    })),
    rememberFailure: assign((_, result: TryEntryResult) =>
      result.type === 'failed' ? { ...cleared, errors: errorsOf(result) } : {},
    ),
    rememberRestored: assign(({ context }, result: RestoreEntryResult | FindSavedResult) =>
      result.type === 'restored' && context.entry !== null
        ? { entry: { ...context.entry, credentialRevision: result.credentialRevision } }
        : {},
    ),
    rememberCreated: assign((_, result: CreateEntryResult | FindSavedResult) =>
      result.type === 'created' ? { ...cleared, entryId: result.entryId, success: true } : {},
    ),
    rememberSubentry: assign((_, result: FindSubentryResult) =>
      result.type === 'found'
        ? { entry: result.entry, values: result.entry.values, subentry: result.subentry }
        : {},
    ),
    showRefusal: assign(({ context }, result: CheckSubentryResult) =>
      result.type === 'refused' ? { draft: keptDraft(context), errors: result.errors } : {},
    ),
    rememberName: assign((_, result: CheckSubentryResult) =>
      result.type === 'named' ? { named: result.named } : {},
    ),
    rememberSaved: assign(({ context }, result: SaveSubentryResult | FindSavedResult) =>
      result.type === 'saved' && context.subentry !== null
        ? { ...cleared, subentry: { ...context.subentry, subentryId: result.subentryId }, success: true }
        : {},
    ),
    /** Accepts the event without effect. */
    continue: assign({}),
    /** Closes a verified connection that is not saved. The runner of the machine provides it. */
    closeConnection: (_, _held: { connection: Connection | null }) => {},
    /** Revokes a grant that is not saved. The runner of the machine provides it. */
    revokeGrant: (_, _granted: { draft: Draft | null; uniqueId: string | null }) => {},
    end: assign((_, end: { reason: string }) => ({ ...cleared, reason: end.reason })),
    endUnattended: assign((_, result: CheckResult) => ({ ...cleared, ...unattendedEnd(result) })),
    endAborted: assign((_, result: CheckResult | FindChoicesResult | CheckSubentryResult) =>
      result.type === 'aborted' ? { ...cleared, reason: result.reason, params: result.params } : {},
    ),
    endRefused: assign((_, { error: { code, params } }: { error: FormErrorCode }) => ({
      ...cleared,
      reason: code,
      params,
    })),
    endSuccessfully: assign((_, end: { reason: string }) => ({
      ...cleared,
      reason: end.reason,
      success: true,
    })),
  },
})
