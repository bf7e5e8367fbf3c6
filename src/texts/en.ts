/**
 * The standard texts in English, as ICU messages. `de.ts` has the same keys and placeholders. Error codes and reasons are
 * Home Assistant's if it has one.
 *
 * `{name}` is the title of the entry, or of the integration if there is no entry yet. `{service}` is the title of the
 * integration, `{host}` the address of the flow or else `{service}`, `{secret}` the label of the one secret of the form,
 * `{message}` the text of the integration. A placeholder that a text selects by `none` has no value then.
 */
export const en = {
  /** The title of a flow, by source. */
  flow_title: {
    user: 'Add {service}',
    reauth: 'Reconnect {name}',
    reconfigure: 'Edit {name}',
    discovery: 'Add {name}',
    import: 'Add {service}',
    replace: 'Switch account for {name}',
    options: 'Options for {name}',
    subentry: 'Add {what} to {name}',
    subentry_change: 'Edit {name}',
  },
  /** The text above a step. Steps that explain themselves have none. */
  step: {
    reauth_confirm: {
      description:
        'Your saved {secret, select, none {sign-in} other {{secret}}} stopped working. Enter a new one; we’ll check it before saving.',
      /** In place of the description, by the reason of the reauthentication. */
      requested: 'Sign in to {name} again. The current sign-in stays until the new one works.',
      pending_expiration:
        'The sign-in of {name} expires soon. The current one stays until the new one works.',
      wrong_account: 'A different account answered for {name}. Sign in as {account} again.',
    },
    discovery_confirm: {
      description: 'Found at {host}. Check the details; we’ll test the connection before saving.',
    },
    reconfigure: {
      description: 'We’ll test the changes before saving.',
      /** In place of the description, if the form proposes a new address. */
      moved:
        'A device on your network identifies itself as {name}. {secret, select, none {Check the address: nothing saved is sent to it} other {Enter the {secret} again: the saved one is never sent to a new address}}.',
    },
    repair_confirm: {
      description: '{name} is already connected, but its sign-in stopped working. Save this one for it?',
    },
    account_confirm: {
      description: 'This sign-in belongs to {account}, not to {name}, which was found. Connect {account}?',
    },
    replace: {
      description:
        'Sign in with the account that should replace {name}. You’ll confirm before anything changes.',
    },
    replace_confirm: {
      description:
        'The saved sign-in of {name} is deleted, and its name becomes {account}. Its options stay.',
      menu_options: { replace: 'Switch to {account}', cancel: 'Cancel' },
    },
    challenge: { description: '{service} needs one more thing.' },
    pick_method: { description: 'How do you want to sign in?' },
    authorize: {
      description: 'You’ll sign in at {service} and then return here.',
      /** Follows the description, if the account is known. */
      as: 'Sign in as {account}.',
    },
    device: { description: 'Scan the QR code, or open {host} and enter this code.' },
  },
  /** The button of a form: if more steps follow, and at the last step, of a new connection and of a reauthentication. */
  submit: {
    next: 'Next',
    last: 'Save',
    user: 'Add',
    reauth: 'Reconnect',
  },
  error: {
    // Errors of a form
    cannot_connect: 'Can’t reach {host}.',
    invalid_auth: '{service} rejected this {secret, select, none {sign-in} other {{secret}}}.',
    timeout: '{service} took too long to answer.',
    rate_limited: 'Too many attempts.',
    unknown: '{message, select, none {Something went wrong.} other {{message}}}',
    setup_error: '{message, select, none {{service} can’t be set up with these details.} other {{message}}}',
    wrong_account:
      '{found, select, none {You signed in with a different account.} other {You signed in as {found}. This connection belongs to {expected}.}}',
    cancelled: 'Nothing was changed.',
    authorize_rejected: 'Access was denied at {service}.',
    consent_required: '{service} requires the consent of an administrator.',
    authorize_expired: 'The sign-in took too long. Start again.',
    authorize_failed: 'The sign-in at {service} didn’t work. Start again.',
    expired: 'This took too long. Enter it again.',
    code_expired: 'That code has expired. Use the new one.',
    no_options: 'There’s nothing to choose from. Go back and check what you entered.',
    reauth_required: 'Reconnect {name} first.',
    entry_not_loaded: '{name} isn’t connected right now. Try again when it is.',
    authorize_foreign: 'This sign-in was started in another browser. Start it again here.',
    // Errors of a field
    required: 'This field is required.',
    enter_again: 'Enter it again or remove it, because other details have changed.',
    invalid_type:
      '{type, select, integer {Enter a whole number.} number {Enter a number.} boolean {Choose yes or no.} other {This isn’t the right kind of value.}}',
    too_small:
      '{type, select, string {Use at least {limit, plural, one {# character} other {# characters}}.} number {Enter {limit} or more.} array {Choose at least {limit}.} other {This is too short or too small.}}',
    too_big:
      '{type, select, string {Use at most {limit, plural, one {# character} other {# characters}}.} number {Enter {limit} or less.} array {Choose at most {limit}.} other {This is too long or too large.}}',
    invalid_format: '{example, select, none {Check the format.} other {Use this format: {example}.}}',
    invalid_value: 'Choose one of the options.',
    no_list: 'The list can’t be loaded.',
    invalid_characters:
      'This contains a character that doesn’t belong there, such as a space, a quote or a line break. Copy it again.',
    invalid_address: 'Enter a host name or IP address, such as 192.168.1.2:8080.',
    address_has_credentials: 'Leave the user name and password out of the address.',
    address_scheme: 'This kind of address isn’t supported.',
    invalid: 'This value isn’t valid.',
  },
  /** The next step after an error, by code. */
  advice: {
    cannot_connect: 'Check the address, and that it is on and in the same network.',
    invalid_auth: 'Check for typos, or create a new one.',
    timeout: 'Try again in a moment.',
    rate_limited:
      'Try again in {minutes, plural, =0 {{seconds, plural, =0 {a moment} one {# second} other {# seconds}}} other {# minutes}}.',
    unknown:
      '{ref, select, none {Try again. If it keeps happening, ask your administrator.} other {Try again. If it keeps happening, quote {ref} to your administrator.}}',
    wrong_account:
      '{found, select, none {Nothing was changed. Sign in with the account of this connection.} other {Nothing was changed. Sign in as {expected}, or switch this connection to {found}.}}',
    authorize_rejected: 'Start again and allow access.',
    setup_error:
      '{message, select, none {Check what you entered, then try again.} other {Try again after you have corrected it.}}',
    consent_required:
      'Ask the administrator of your organization to approve this application. Then sign in again.',
  },
  abort: {
    already_configured:
      '{existing, select, none {This account is already connected.} other {{existing} is already connected.}}',
    already_in_progress: 'This was continued in another window.',
    reauth_successful: '{name} is connected again.',
    reconfigure_successful: 'Changes saved.',
    replace_successful:
      '{account, select, none {Switched to the other account.} other {Switched to {account}.}}',
    same_account: 'That’s the account it uses already. To sign in again, choose Reconnect.',
    options_successful: 'Options saved.',
    entry_removed: '{name} was removed.',
    too_many_subentries: 'Nothing more can be added here.', // voice-ok: a designed text
    entry_changed: '{name} was changed by someone else. Open it again.',
    entry_disabled: '{name} is disabled. Enable it first.',
    flow_expired: 'This form has expired. Start again.',
    single_instance_allowed: '{service} can be added only once.',
    ignored: 'Ignored. It won’t be suggested again.',
    challenge_required: '{service} asks for something that only a person can answer.', // voice-ok: a designed text
    cancelled: 'Nothing was changed.',
    wrong_account:
      '{found, select, none {You signed in with a different account.} other {You signed in as {found}. This connection belongs to {expected}.}}',
    unknown: '{message, select, none {Something went wrong.} other {{message}}}',
  },
  /** While a flow works, by state. */
  progress: {
    findingEntry: 'One moment…',
    findingChoices: 'Loading choices…',
    checkingConnection: 'Checking {host}…',
    findingAccount: 'One moment…',
    noticingEntry: 'One moment…',
    proposingAddress: 'One moment…',
    keepingAddress: 'One moment…',
    withdrawingProposal: 'One moment…',
    followingAddress: 'Connecting…',
    findingSaved: 'Saving…',
    ignoringAccount: 'Saving…',
    creatingEntry: 'Saving…',
    updatingEntry: 'Saving…',
    savingOptions: 'Saving…',
    findingSubentry: 'One moment…',
    checkingSubentry: 'Checking {host}…',
    savingSubentry: 'Saving…',
    loadingSubentry: 'Connecting…',
    tryingEntry: 'Connecting…',
    rollingBack: 'It didn’t connect. Restoring the previous settings…',
    findingRestored: 'It didn’t connect. Restoring the previous settings…',
    reloadingEntry: 'Connecting…',
    beginningAuthorization: 'Opening {service}…',
    exchangingCode: 'Finishing the sign-in…',
    claimingPoll: 'One moment…',
    requestingCode: 'Getting a code…',
    pollingToken: 'Waiting for you to finish signing in…',
  },
  create_entry: '{name} is connected.',
  create_subentry: '{what} added.',
  /** Follows a success if the entry is not loaded yet. `state` is one of the states below. */
  not_running: 'Saved, but not connected yet: {state}.',
  /** The reason why an entry needs the user. */
  attention: {
    invalid_auth: '{service} no longer accepts the saved {secret, select, none {sign-in} other {{secret}}}.',
    requested: 'A new sign-in was requested.',
    refresh_failed:
      'The saved sign-in couldn’t be renewed for some time. Renewing continues automatically. If it doesn’t help, sign in again.',
    client_refused:
      '{service} rejects this application, so sign-ins can’t be renewed. An administrator must check the client id and secret.',
    wrong_account:
      '{found, select, none {Another account answers at {host}.} other {Another account answers at {host}: {found}.}}',
    setup_error: '{message, select, none {It couldn’t be set up. Check its settings.} other {{message}}}',
    integration_missing: 'The app no longer includes what this connection needs.',
    migration_error: 'Its saved data couldn’t be updated. Nothing was lost.',
    newer_version: 'It was saved by a newer version of {service}. Update the integration.',
    pending_expiration:
      '{when, select, none {The sign-in expires soon.} other {The sign-in expires on {when}.}}',
    identity_taken: 'It’s the same account as {other}. Remove one of them.',
    address_changed: 'It reports a new address. Accept it only if you moved it or changed your network.',
    unreadable: 'Its saved data can’t be read.',
    webhook_off:
      'No more events are sent to {name}, because it didn’t accept them. Check it, then turn the webhook on again.',
  },
  /** The state of an entry. */
  state: {
    not_loaded: 'Not connected',
    migrating: 'Updating…',
    setup_in_progress: 'Connecting…',
    loaded: 'Connected',
    setup_retry: 'Retrying',
    setup_error: 'Setup failed',
    reauth_required: 'Sign-in required',
    migration_error: 'Update failed',
    unload_in_progress: 'Disconnecting…',
    failed_unload: 'Couldn’t disconnect',
    quiet: 'Not responding',
    ready: 'Ready',
    disabled: 'Disabled',
  },
} as const
