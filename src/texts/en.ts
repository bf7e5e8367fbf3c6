/**
 * The standard texts in English, as ICU messages. `de.ts` has the same keys and placeholders. `{name}` is the title of
 * the entry, or of the integration if there is no entry yet. Error codes and reasons are Home Assistant's if it has one.
 */
export const en = {
  /** The title of a flow, by source. */
  flow_title: {
    user: 'Add {name}',
    reauth: 'Reconnect {name}',
    reconfigure: 'Edit {name}',
    discovery: 'Add {name}',
    import: 'Add {name}',
    replace: 'Switch account for {name}',
    options: 'Options for {name}',
    subentry: 'Add to {name}',
    subentry_change: 'Edit {name}',
  },
  /** The text above a step. Steps that explain themselves have none. */
  step: {
    reauth_confirm: {
      description: 'Your saved sign-in stopped working. Enter a new one; we’ll check it before saving.',
    },
    discovery_confirm: {
      description: '{name} was found. Check the details; we’ll test the connection before saving.',
    },
    reconfigure: { description: 'We’ll test the changes before saving.' },
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
      menu_options: { replace: 'Switch to {account}', cancel: 'Keep {name}' },
    },
    challenge: { description: '{name} needs one more thing.' },
    pick_method: { description: 'How do you want to sign in?' },
    authorize: { description: 'You’ll sign in at the service and then return here.' },
    device: { description: 'Open this address on any device and enter the code.' },
  },
  /** The button of a form: if more steps follow, and at the last step. */
  submit: {
    next: 'Next',
    last: 'Save',
  },
  error: {
    // Errors of a form
    cannot_connect: 'Can’t reach the service.',
    invalid_auth: 'The service rejected this sign-in. Check for typos and try again.',
    timeout: 'The service took too long to answer.',
    rate_limited: 'Too many attempts.',
    unknown: 'Something went wrong. The log has the details.',
    wrong_account: 'You signed in with a different account. Nothing was changed.',
    cancelled: 'Cancelled. Nothing was changed.',
    authorize_rejected: 'Access was denied at the service. Start again and allow access.',
    authorize_expired: 'The sign-in took too long. Start again.',
    authorize_failed: 'The sign-in at the service didn’t work. Start again.',
    expired: 'This took too long. Enter it again.',
    code_expired: 'That code has expired. Use the new one.',
    no_options: 'There’s nothing to choose from. Go back and check what you entered.',
    reauth_required: 'The saved sign-in stopped working. Sign in again first.',
    entry_not_loaded: 'It isn’t connected right now. Try again when it is.',
    authorize_foreign: 'This sign-in was started in another browser. Start it again here.',
    // Errors of a field
    required: 'This field is required.',
    enter_again: 'Enter it again or remove it, because other details have changed.',
    invalid_type: 'This isn’t the right kind of value.',
    too_small: 'This is too short or too small.',
    too_big: 'This is too long or too large.',
    invalid_format: 'Check the format.',
    invalid_value: 'Choose one of the options.',
    invalid_characters:
      'This contains a character that doesn’t belong there, such as a quote or a line break. Copy it again.',
    invalid_address: 'Enter a host name or IP address, such as 192.168.1.2:8080.',
    address_has_credentials: 'Leave the user name and password out of the address.',
    address_scheme: 'This kind of address isn’t supported.',
    invalid: 'This value isn’t valid.',
  },
  abort: {
    already_configured: 'This account is already connected.',
    already_in_progress: 'This was continued in another window.',
    reauth_successful: 'The new sign-in works and is saved.',
    reconfigure_successful: 'Changes saved.',
    replace_successful: 'Switched to the other account.',
    same_account: 'That’s the account it uses already. To sign in to it again, reconnect it instead.',
    options_successful: 'Options saved.',
    entry_removed: 'This connection was removed.',
    too_many_subentries: 'You can’t add more here.',
    entry_changed: 'This connection was changed by someone else. Open it again.',
    entry_disabled: 'This connection is disabled. Enable it first.',
    flow_expired: 'This form has expired. Start again.',
    single_instance_allowed: 'This can be added only once.',
    ignored: 'Ignored. It won’t be suggested again.',
    challenge_required: 'The service asks for something that only you can answer.',
    cancelled: 'Cancelled. Nothing was changed.',
    wrong_account: 'You signed in with a different account. Nothing was changed.',
    unknown: 'Something went wrong. The log has the details.',
  },
  /** While a flow works, by state. */
  progress: {
    findingEntry: 'One moment…',
    findingOptions: 'Loading choices…',
    checkingConnection: 'Checking the connection…',
    findingAccount: 'One moment…',
    noticingEntry: 'One moment…',
    proposingAddress: 'One moment…',
    keepingAddress: 'One moment…',
    withdrawingProposal: 'One moment…',
    followingAddress: 'Connecting…',
    ignoringAccount: 'Saving…',
    creatingEntry: 'Saving…',
    updatingEntry: 'Saving…',
    savingOptions: 'Saving…',
    findingSubentry: 'One moment…',
    checkingSubentry: 'Checking the connection…',
    savingSubentry: 'Saving…',
    loadingSubentry: 'Connecting…',
    tryingEntry: 'Connecting…',
    rollingBack: 'It didn’t connect. Restoring the previous settings…',
    reloadingEntry: 'Connecting…',
    beginningAuthorization: 'Starting the sign-in…',
    exchangingCode: 'Finishing the sign-in…',
    requestingCode: 'Getting a code…',
    pollingToken: 'Waiting for you to finish signing in…',
  },
  create_entry: '{name} is connected.',
  create_subentry: 'Added.',
  /** Follows a success if the entry is not loaded yet. `state` is one of the states below. */
  not_running: 'Not ready yet: {state}',
  /** The reason why an entry needs the user. */
  attention: {
    invalid_auth: 'The service no longer accepts the saved sign-in.',
    requested: 'A new sign-in was requested.',
    refresh_failed:
      'The saved sign-in couldn’t be renewed for some time. Renewing continues automatically. If it doesn’t help, sign in again.',
    client_refused:
      'The service rejects this application, so sign-ins can’t be renewed. An administrator must check the client id and secret.',
    wrong_account: 'Another account answers at its address.',
    setup_error: 'It couldn’t be set up. Check its settings.',
    integration_missing: 'The app no longer includes what this connection needs.',
    migration_error: 'Its saved data couldn’t be updated. Nothing was lost.',
    newer_version: 'It was saved by a newer version. Update the integration.',
    pending_expiration: 'The sign-in expires soon.',
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
