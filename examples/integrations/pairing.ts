import * as z from 'zod'
import {
  AbortFlowError,
  address,
  defineIntegration,
  FormError,
  readJson,
  SetupError,
  secret,
} from '../../src/index.ts'

const About = z.object({ model: z.string(), firmware: z.number() })

export const hub = defineIntegration({
  domain: 'pairing_hub',
  title: 'Example hub',
  fields: z.object({
    host: address().meta({ title: 'Host' }),
    pin: secret().meta({ title: 'PIN' }),
  }),
  // #region connect
  async connect({ host, pin }, { fetch, signal }) {
    const { model, firmware } = await readJson(await fetch(`http://${host}/about`, { signal }), About)
    if (model === 'Hub 1') throw new AbortFlowError('no_api', { placeholders: { model } })
    if (firmware < 2) throw new SetupError(`Firmware ${firmware} is too old. Update the hub.`)
    const headers = { authorization: `Bearer ${pin.reveal()}` }
    const paired = await fetch(`http://${host}/pair`, { method: 'POST', headers, signal })
    if (paired.status === 422) throw new FormError('wrong_pin', { field: 'pin', placeholders: { model } })
    const { id } = await readJson(paired, z.object({ id: z.string() }))
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
