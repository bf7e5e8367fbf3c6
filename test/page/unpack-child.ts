// Unpacks Chromium into the temporary folder. A separate process, because the package reads TMPDIR, and jest's processes cannot change it.
import packed from '@sparticuz/chromium'

await packed.executablePath()
