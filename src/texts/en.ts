/**
 * Every standard text, in English; German beside it has the same keys and placeholders. ICU messages: `{name}` is the
 * entry's title, or its integration's. Codes are Home Assistant's where it has one.
 */
export const en = {
  /** What a flow is, by source. */
  flow_title: {
    user: 'Link {name}',
    reauth: 'Sign in to {name} again',
    reconfigure: 'Change {name}',
    discovery: 'Link {name}',
    import: 'Link {name}',
    replace: 'Replace the account of {name}',
    options: 'Options of {name}',
    subentry: 'Add to {name}',
    subentry_change: 'Change {name}',
  },
  /** Above a step. One that needs no words has none. */
  step: {
    reauth_confirm: {
      description:
        '{name} no longer accepts what was stored. Enter what it accepts now; it is tried before it is saved.',
    },
    discovery_confirm: {
      description: '{name} was found. Confirm what was found; it is tried before it is saved.',
    },
    reconfigure: { description: 'The changes are tried before they are saved.' },
    replace: {
      description:
        'Enter what another account is reached with. It is tried, and you are asked once more before it takes the place of {name}.',
    },
    replace_confirm: {
      description:
        '{account} takes the place of {name}. What was stored for {name} is deleted; its options stay.',
      menu_options: { replace: 'Replace {name} with {account}', cancel: 'Keep {name}' },
    },
    challenge: { description: '{name} asks for one more thing.' },
    pick_method: { description: 'How do you want to sign in to {name}?' },
    authorize: { description: '{name} asks you to sign in there. You come back here afterwards.' },
    device: { description: 'Open this address on any device, and enter the code.' },
  },
  /** On the button of a form: where more follows, and at its last step. */
  submit: {
    next: 'Next',
    last: 'Save',
  },
  error: {
    // of a form
    cannot_connect: 'The service could not be reached.',
    invalid_auth: 'The service refused these credentials.',
    timeout: 'The service took too long to answer.',
    rate_limited: 'Too many tries. Wait a while before the next one.',
    unknown: 'Something unexpected went wrong. It has been logged.',
    wrong_account: 'These credentials belong to another account.',
    cancelled: 'This was cancelled.',
    authorize_rejected: 'Access was not allowed there.',
    authorize_expired: 'The sign-in took too long. Start it again.',
    authorize_failed: 'The sign-in did not work. Start it again.',
    expired: 'Too much time has passed. Enter it once more.',
    code_expired: 'This code is no longer valid. Enter the new one.',
    no_options: 'There is nothing to choose from.',
    reauth_required: 'The account needs a new sign-in first.',
    entry_not_loaded: 'The account is not running now. Try again when it is.',
    authorize_foreign: 'This answer belongs to a sign-in of another browser. Start it here.',
    // of a field
    required: 'This field is required.',
    invalid_type: 'This is not the kind of value that belongs here.',
    too_small: 'This is too short or too small.',
    too_big: 'This is too long or too large.',
    invalid_format: 'This does not have the form that is expected.',
    invalid_value: 'This is none of the values that are allowed.',
    invalid_address: 'This is not an address.',
    address_has_credentials: 'An address must not contain a user name or a password.',
    address_scheme: 'This kind of address is not supported.',
    invalid: 'This value is not valid.',
  },
  abort: {
    already_configured: 'This account is already linked.',
    already_in_progress: 'Another flow for this entry has taken over.',
    reauth_successful: 'The new credentials work and have been saved.',
    reconfigure_successful: 'The changes work and have been saved.',
    replace_successful: 'The other account works and has taken the place of the one before it.',
    same_account:
      'This is the account that is linked already. To sign in to it anew, reauthenticate it instead.',
    options_successful: 'The options have been saved.',
    entry_removed: 'The entry has been removed.',
    too_many_subentries: 'Nothing more can be added here.',
    entry_changed: 'The entry was changed by somebody else meanwhile.',
    entry_disabled: 'The entry is disabled.',
    flow_expired: 'Nobody finished this in time.',
    single_instance_allowed: 'This can be linked once only, and it is.',
    ignored: 'It will not be offered again.',
    challenge_required: 'The service asks for more, which nobody is there to give.',
    cancelled: 'This was cancelled.',
    wrong_account: 'These credentials belong to another account.',
    unknown: 'Something unexpected went wrong. It has been logged.',
  },
  /** While a flow works, by what it does. */
  progress: {
    findingEntry: 'One moment …',
    findingOptions: 'Looking for what there is to choose …',
    checkingConnection: 'Trying it out …',
    findingAccount: 'One moment …',
    noticingEntry: 'One moment …',
    proposingAddress: 'One moment …',
    followingAddress: 'Connecting …',
    ignoringAccount: 'Saving …',
    creatingEntry: 'Saving …',
    updatingEntry: 'Saving …',
    savingOptions: 'Saving …',
    findingSubentry: 'One moment …',
    checkingSubentry: 'Trying it out …',
    savingSubentry: 'Saving …',
    loadingSubentry: 'Connecting …',
    tryingEntry: 'Connecting …',
    rollingBack: 'It does not run with this: going back …',
    reloadingEntry: 'Connecting …',
    beginningAuthorization: 'Asking the service …',
    exchangingCode: 'Signing in …',
    requestingCode: 'Asking for a code …',
    pollingToken: 'Waiting for the sign-in …',
  },
  create_entry: '{name} is linked.',
  create_subentry: 'It has been added.',
  /** After a success whose entry does not run yet; `state` is one of the states below. */
  not_running: 'It is saved, but not running yet: {state}.',
  /** Why an entry needs a person. */
  attention: {
    invalid_auth: 'The service refuses the stored credentials.',
    requested: 'Somebody asked for a new sign-in.',
    wrong_account: 'Another account answers at its address.',
    setup_error: 'It cannot be set up, and trying again does not help.',
    migration_error: 'Its stored data could not be updated; it is as it was.',
    newer_version: 'A newer version of its integration has written it. Update the integration.',
    pending_expiration: 'Its credentials end soon.',
    address_changed: 'It was announced at another address. Confirm it only if you know why.',
    unreadable: 'Its stored data cannot be read.',
  },
  /** How an entry stands. */
  state: {
    not_loaded: 'Not running',
    migrating: 'Being updated',
    setup_in_progress: 'Connecting',
    loaded: 'Running',
    setup_retry: 'Trying again soon',
    setup_error: 'Cannot be set up',
    reauth_required: 'Needs a new sign-in',
    migration_error: 'Could not be updated',
    unload_in_progress: 'Stopping',
    failed_unload: 'Could not be stopped',
    disabled: 'Disabled',
  },
} as const
