import authorizationCode from '../../machines/authorization-code.svg?raw'
import configEntry from '../../machines/config-entry.svg?raw'
import configFlow from '../../machines/config-flow.svg?raw'
import deviceCode from '../../machines/device-code.svg?raw'
import optionsFlow from '../../machines/options-flow.svg?raw'
import subentryFlow from '../../machines/subentry-flow.svg?raw'
import token from '../../machines/token.svg?raw'

/** The ids would not be alone in a page. */
const withoutIds = (picture: string): string => picture.replaceAll(' id="', ' data-id="')

/** The pictures of the machines that people meet, by the machine's name. */
export const chartPictures = {
  configFlow: withoutIds(configFlow),
  optionsFlow: withoutIds(optionsFlow),
  subentryFlow: withoutIds(subentryFlow),
  configEntry: withoutIds(configEntry),
  authorizationCode: withoutIds(authorizationCode),
  deviceCode: withoutIds(deviceCode),
  token: withoutIds(token),
}
