import { createLatchkey, memoryStore } from '../../src/index.ts'
import { openTelemetry } from '../../src/telemetry/open-telemetry.ts'
import { weather } from '../integrations/weather.ts'

// #region telemetry
const telemetry = openTelemetry()
const latchkey = await createLatchkey({ integrations: [weather], store: memoryStore(), telemetry })
// #endregion
await latchkey.stop()
