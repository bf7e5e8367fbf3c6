import { Button, Textarea } from '@mantine/core'
import type { WidgetProps } from '@rjsf/utils'
import { useState } from 'react'
import type { SecretToggle } from './form-schema.ts'

/** Masks the characters, and blurs them in a browser without masks for text areas. */
const maskOf = (): Readonly<Record<string, string>> =>
  typeof CSS !== 'undefined' && CSS.supports('-webkit-text-security', 'disc')
    ? { WebkitTextSecurity: 'disc' }
    : { filter: 'blur(5px)' }

/** A field for a secret of several lines, which keeps its line breaks. The characters are masked until the user shows them. */
export function SecretLines(props: WidgetProps & { readonly wrong: boolean; readonly toggle: SecretToggle }) {
  const { id, name, value, label, hideLabel, required, disabled, readonly, rawErrors, options, wrong } = props
  const [isShown, setShown] = useState(false)
  const { description } = options as { readonly description?: string }
  const { show, hide } = props.toggle
  return (
    <Textarea
      id={id}
      name={name}
      label={hideLabel ? undefined : label}
      description={description}
      error={wrong ? rawErrors?.join('\n') : undefined}
      aria-invalid={wrong || undefined}
      data-autofocus={options['data-autofocus']}
      required={required === true}
      disabled={disabled === true || readonly === true}
      rows={5}
      autoComplete="off"
      autoCapitalize="none"
      autoCorrect="off"
      spellCheck={false}
      styles={{ input: { fontFamily: 'monospace', ...(!isShown && maskOf()) } }}
      value={value ?? ''}
      onChange={({ target }) => props.onChange(target.value === '' ? options.emptyValue : target.value)}
      onBlur={({ target }) => props.onBlur(id, target.value)}
      onFocus={({ target }) => props.onFocus(id, target.value)}
      inputContainer={(input) => (
        <>
          {input}
          <Button
            size="compact-xs"
            variant="default"
            mt={4}
            disabled={disabled === true}
            onClick={() => setShown(!isShown)}
          >
            {isShown ? hide : show}
          </Button>
        </>
      )}
    />
  )
}
