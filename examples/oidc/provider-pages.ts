/** The used part of the context of a page. */
interface Page {
  body: unknown
}

const escaped = (text: string): string => text.replace(/[&<>"']/g, (mark) => `&#${mark.codePointAt(0)};`)

/** A page of a fake service. */
export const page = (title: string, body: string): string => `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title}</title>
<style>body { font: 1rem/1.5 system-ui; max-width: 26rem; margin: 10vh auto; padding: 0 1rem }
button, input { font: inherit; padding: .5rem 1rem; margin: .25rem 0 } button { display: block; width: 100% }</style>
<h1>${title}</h1>
${body}
</html>`

/** The sign-in page: one click signs in and consents. The user in `hint` comes first. */
export function loginPage(
  action: string,
  users: readonly { id: string; email: string }[],
  hint: string,
): string {
  const sorted = [...users].sort((a, b) => Number(b.email === hint) - Number(a.email === hint))
  const buttons = sorted.map(
    ({ id, email }) => `<button name="user" value="${id}">Sign in as ${escaped(email)}</button>`,
  )
  const requested = hint === '' ? '' : `<p>Requested account: ${escaped(hint)}</p>`
  const form = `<form method="post" action="${escaped(action)}">${buttons.join('')}<button name="user" value="">Refuse</button></form>`
  return page('The example provider', requested + form)
}

/** The page for an expired interaction. */
export const wrongPage = (): string => page('The example provider', '<p>This sign-in has expired.</p>')

/** The page for entering the code of another device, and for confirming it. */
export function userCodeForm(context: Page, form: string, code?: string): void {
  const requested =
    code === undefined
      ? 'Enter the code that your device shows.'
      : `Is this the code? <b>${escaped(code)}</b>`
  const id = code === undefined ? 'op.deviceInputForm' : 'op.deviceConfirmForm'
  context.body = page(
    'Link a device',
    `<p>${requested}</p>${form}<button type="submit" form="${id}">Continue</button>`,
  )
}

export function doneWithDevice(context: Page): void {
  context.body = page('Link a device', '<p>Done. Continue on your device.</p>')
}
