/**
 * The names of Home Assistant's results, errors, states and calls, by section of docs/home-assistant-parity.md. Each
 * must be in a row of its section, spelled as it is here.
 */
export const homeAssistantKeys: Readonly<Record<string, readonly string[]>> = {
  'Steps and results': [
    ...['`form`', '`menu`', '`external`', '`external_done`', '`progress`', '`progress_done`'],
    ...['`create_entry`', '`abort`', '`errors`', '`base`', '`last_step`', '`preview`'],
    ...['`menu_options`', '`progress_action`', '`description_placeholders`', '`schema_errors`'],
    ...['`AbortFlow`', '`UnknownHandler`', '`UnknownFlow`', '`UnknownStep`', '`InvalidData`'],
  ],
  'The flow manager': [
    ...['`single_instance_allowed`', '`KeyError`', '`AssertionError`', '`ValueError`'],
    ...['`RuntimeError`', '`CancelledError`', '`UnknownFlow`', '`async_abort`', '`init_data`'],
    ...['`dismiss_protected`', '`data_entry_flow_progressed`', '`data_entry_flow_progress_update`'],
    ...['`config_entry_discovered`', '`show_advanced_options`', '`next_flow`'],
  ],
  'Identity and discovery': [
    ...['`already_in_progress`', '`already_configured`', '`unique_id_mismatch`'],
    ...['`_async_abort_entries_match`', '`config_entry_unique_id_collision`', '`is_matching`'],
    ...['`NotImplementedError`', '`updates`', '`bluetooth`', '`dhcp`', '`discovery`', '`hardware`'],
    ...['`hassio`', '`homekit`', '`import`', '`integration_discovery`', '`mqtt`', '`ssdp`', '`system`'],
    ...['`usb`', '`zeroconf`', '`esphome`', '`DEFAULT_DISCOVERY_UNIQUE_ID`', '`confirm_only`'],
    ...['`FLOW_INIT_LIMIT`', '`DiscoveryKey`', '`discovered_config_entry_removed`'],
  ],
  'Reauthentication and reconfiguration': [
    ...['`ConfigEntryAuthFailed`', '`async_start_reauth`', '`OAuth2TokenRequestReauthError`'],
    ...['`config_entry_reauth`', '`wrong_account`', '`ValueError`', '"Source is X, expected reauth"'],
    ...['`UnknownEntry`', '`reauth_successful`', '`reconfigure_successful`', '`HomeAssistantError`'],
    ...['`data_updates`', '"doesn\'t support step reconfigure"', '`_abort_if_unique_id_mismatch`'],
  ],
  'Options and sub-entries': [
    ...['`init`', '`create_entry`', '`None`', '`UnknownEntry`', '`UnknownHandler`', '`ValueError`'],
    ...['`OptionsFlowWithReload`', '`SchemaFlowError`', '`SchemaConfigFlowHandler`'],
    ...['`already_configured`', '`reconfigure_successful`', '`UnknownSubEntry`'],
  ],
  Entries: [
    ...['`ignore_flow`', '`no_unique_id`', '`not_found`', '`already_configured`', '`disabled_by`'],
    ...['`OperationNotAllowed`', '`require_restart`', '`AttributeError`', '`data`', '`state`'],
    ...['`reason`', '`error_reason_translation_key`', '`created_at`', '`modified_at`'],
    ...['`pref_disable_polling`', '`pref_disable_new_entities`', '`not_loaded`', '`setup_in_progress`'],
    ...['`loaded`', '`setup_error`', '`setup_retry`', '`migration_error`', '`unload_in_progress`'],
    ...['`failed_unload`', '`ConfigEntryError`', '`ConfigEntryAuthFailed`', '`ConfigEntryNotReady`'],
    ...['`UpdateFailed`', '"Unknown fatal config entry error"', '"could not authenticate"'],
    ...['any other exception', '`False`', '`retry_after`', '`setup_lock`', '`async_on_unload`'],
    ...['403 "Entry cannot be reloaded"'],
  ],
  'Migration and storage': [
    ...['`async_migrate_entry`', '`migration_error`', '`False`', 'newer major', '`minor_version`'],
    ...['is missing', 'an exception', 'no bool', '`SAVE_DELAY`', '`.corrupt`', '`SerializationError`'],
    ...['`WriteError`'],
  ],
  'HTTP API': [
    ...['401', '404 "Invalid handler specified"', '404 "Invalid flow specified"'],
    ...['400 "doesn\'t support step"', '400 "Message format incorrect"'],
    ...['400 "extra keys not allowed"', '400 "Failed dependencies"', '500', '`not_found`'],
    ...['"Config entry not found"', '`no_unique_id`', '"Config subentry not found"', '`unknown_issue`'],
    ...['"invalid state"', '`config_entries/subscribe`', '`config_entries/flow/subscribe`'],
    ...['`repairs/list_issues`', '`application_credentials`'],
  ],
  'Forms and texts': [
    ...['`data_schema`', '`ValueError`', '`suggested_value`', '`autocomplete`', '`expandable`'],
    ...['`selector`', '`advanced`', '`read_only`', '`cannot_connect`', '`invalid_auth`', '`unknown`'],
    ...['`timeout_connect`', '`flow_title`', '`step`', '`error`', '`abort`', '`progress`'],
    ...['`create_entry`', '`menu_options`', '`common.config_flow`', '`check_translations`'],
    ...['`hassfest`', '`config-flow-test-coverage`', '`ConfigEntryAuthFailed`'],
  ],
  'OAuth 2': [
    ...['`pick_implementation`', '`missing_credentials`', '`missing_configuration`'],
    ...['`oauth_discovery`', '`authorize_url_timeout`', '`no_url_available`'],
    ...['`user_rejected_authorize`', '`oauth_timeout`', '`oauth_unauthorized`', '`oauth_failed`'],
    ...['`oauth_error`', '`async_ensure_token_valid`', '`OAuth2TokenRequestReauthError`'],
    ...['`OAuth2TokenRequestTransientError`', '`ImplementationUnavailableError`'],
  ],
}
