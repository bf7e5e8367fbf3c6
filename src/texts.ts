/** The sentence for each code that a form or an end shows, in English. Codes are Home Assistant's where it has one. */
const texts: ReadonlyMap<string, string> = new Map(
  Object.entries({
    // errors of a form
    cannot_connect: 'The service could not be reached.',
    invalid_auth: 'The service refused these credentials.',
    timeout: 'The service took too long to answer.',
    rate_limited: 'Too many tries. Wait a while before the next one.',
    unknown: 'Something unexpected went wrong. It has been logged.',
    wrong_account: 'These credentials belong to another account.',
    // errors of a field
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
    // ends
    already_configured: 'This account is already linked.',
    already_in_progress: 'Another flow for this entry has taken over.',
    reauth_successful: 'The new credentials work and have been saved.',
    reconfigure_successful: 'The changes work and have been saved.',
    entry_removed: 'The entry has been removed.',
    entry_changed: 'The entry was changed by somebody else meanwhile.',
    entry_disabled: 'The entry is disabled.',
    flow_expired: 'Nobody finished this in time.',
    cancelled: 'This was cancelled.',
  }),
)

/** The sentence for a code; a general one for a code that an integration made up. */
export function textOf(code: string): string {
  return texts.get(code) ?? 'This value is not valid.'
}
