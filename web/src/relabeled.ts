/** Replaces the labels of a picture. `textOf` returns null for those that stay. */
export function relabeled(picture: string, textOf: (name: string) => string | null): string {
  return picture.replace(/<g data-id="(?:state|way)-([^"]+)".*?<\/g>/gs, (group, name: string) => {
    const text = textOf(name.replace('-', '.'))
    return text === null
      ? group
      : group.replace(/(<text[^>]*>).*?(?=<\/text>)/, (_, tag: string) => `${tag}${escaped(text)}`)
  })
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
