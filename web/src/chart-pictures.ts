import authorizationCode from '../../machines/authorization-code.svg?raw'
import configEntry from '../../machines/config-entry.svg?raw'
import configFlow from '../../machines/config-flow.svg?raw'
import deviceCode from '../../machines/device-code.svg?raw'
import optionsFlow from '../../machines/options-flow.svg?raw'
import subentryFlow from '../../machines/subentry-flow.svg?raw'
import token from '../../machines/token.svg?raw'

/** Several pictures are in one page: their ids would not be unique. */
const withoutIds = (picture: string): string => picture.replaceAll(' id="', ' data-id="')

/** The pictures of the machines by name. */
export const chartPictures = {
  configFlow: withoutIds(configFlow),
  optionsFlow: withoutIds(optionsFlow),
  subentryFlow: withoutIds(subentryFlow),
  configEntry: withoutIds(configEntry),
  authorizationCode: withoutIds(authorizationCode),
  deviceCode: withoutIds(deviceCode),
  token: withoutIds(token),
}
