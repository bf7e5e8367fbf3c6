import { page } from '../oidc/provider-pages.ts'
import { users } from './documented.ts'

const buttons = users.map(({ id, name }) => `<button name="user" value="${id}">Continue as ${name}</button>`)

/** The sign-in page of a fake: one click signs in and consents. */
export const signInPage = (title: string): string =>
  page(title, `<form method="post">${buttons.join('')}<button name="user" value="">Cancel</button></form>`)

/** The page on which users enter the code of another device. */
export const codePage = (title: string): string =>
  page(
    title,
    `<form method="post"><label>Code <input name="code" autocomplete="off"></label>${buttons.join('')}<button name="user" value="">Cancel</button></form>`,
  )

/** The page after a code was entered. */
export const codeEntered = (title: string, isKnown: boolean): string =>
  page(title, `<p>${isKnown ? 'Done. Continue on your device.' : 'This code is unknown.'}</p>`)
