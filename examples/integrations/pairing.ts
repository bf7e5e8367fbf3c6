import * as z from 'zod'
import {
  AbortFlowError,
  address,
  assertOk,
  defineIntegration,
  FormError,
  SetupError,
  secret,
} from '../../src/index.ts'

export const hub = defineIntegration({
  domain: 'pairing_hub',
  title: 'Example hub',
  fields: z.object({
    host: address().meta({ title: 'Host' }),
    pin: secret().meta({ title: 'PIN' }),
  }),
  // #region connect
  async connect({ host, pin }, { fetch, signal }) {
    const about = await fetch(`http://${host}/about`, { signal })
    const { model, firmware } = (await assertOk(about).json()) as { model: string; firmware: number }
    if (model === 'Hub 1') throw new AbortFlowError('no_api', { placeholders: { model } })
    if (firmware < 2) throw new SetupError(`Firmware ${firmware} is too old. Update the hub.`)
    const headers = { authorization: `Bearer ${pin.reveal()}` }
    const paired = await fetch(`http://${host}/pair`, { method: 'POST', headers, signal })
    if (paired.status === 422) throw new FormError('wrong_pin', { field: 'pin', placeholders: { model } })
    const { id } = (await assertOk(paired).json()) as { id: string }
    return { client: { model }, uniqueId: id, title: model }
  },
  texts: {
    en: {
      error: { wrong_pin: 'The sticker under the {model} shows the PIN.' },
      abort: { no_api: 'The {model} cannot be connected.' },
    },
  },
  // #endregion
})
