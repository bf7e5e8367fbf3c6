import { Button, Group, NumberInput, Stack, Text, TextInput } from '@mantine/core'
import PasswordInput from '@rjsf/mantine/lib/widgets/PasswordWidget.js'
import type { BaseInputTemplateProps, DescriptionFieldProps, FieldHelpProps, WidgetProps } from '@rjsf/utils'
import { getInputProps, helpId } from '@rjsf/utils'
import { useState } from 'react'
import type { SecretToggle, StoredSecret } from './form-schema.ts'
import { SecretLines } from './secret-lines.tsx'

// @rjsf/mantine's own templates for these import all of @rjsf/core, and with it a validator that needs `eval`.

/** Options for @rjsf. The others are passed to Mantine's component: `autoComplete`, `inputMode`. */
const OWN = new Set([
  'emptyValue',
  'widget',
  'label',
  'enumOptions',
  'inputType',
  'title',
  'help',
  'description',
  'stored',
  'toggle',
  'placeholder',
])

/** A field for a line of text, a number, a date or a time. */
export function InputTemplate(props: BaseInputTemplateProps) {
  const { id, name, type, schema, value, required, disabled, readonly, options, rawErrors } = props
  const { onChange, onChangeOverride, onBlur, onFocus, placeholder, label, hideLabel } = props
  const { type: kind, min, max, step } = getInputProps(schema, type, options, false)
  const common = {
    ...Object.fromEntries(Object.entries(options).filter(([option]) => !OWN.has(option))),
    id,
    name,
    placeholder,
    required: required === true,
    disabled: disabled || readonly || false,
    label: hideLabel ? undefined : label,
    description: options.description ?? schema.description,
    error: rawErrors?.join('\n') || undefined,
    onBlur: (event: { target: { value: string } }) => onBlur(id, event.target.value),
    onFocus: (event: { target: { value: string } }) => onFocus(id, event.target.value),
  }
  if (kind === 'number') {
    return (
      <NumberInput
        {...common}
        value={value ?? ''}
        // The form shows the error of a number out of its range, instead of another number.
        clampBehavior="none"
        min={Number(min ?? -Infinity)}
        max={Number(max ?? Infinity)}
        step={typeof step === 'number' ? step : 1}
        onChange={(number) => onChange(number === '' ? undefined : number)}
      />
    )
  }
  return (
    <TextInput
      {...common}
      type={kind}
      {...(min !== undefined && { min })}
      {...(max !== undefined && { max })}
      value={value ?? ''}
      onChange={
        onChangeOverride ??
        (({ target }) => onChange(target.value === '' ? options.emptyValue : target.value))
      }
    />
  )
}

/** The theme's field for secrets, with its description and `aria-invalid`. A stored one can be removed. */
export function PasswordWidget(props: WidgetProps) {
  const { stored, toggle, ...given } = props.options as WidgetProps['options'] & {
    readonly stored?: StoredSecret
    readonly toggle: SecretToggle
  }
  const [removed, setRemoved] = useState(false)
  const [shown, setShown] = useState(false)
  const wrong = (props.rawErrors?.length ?? 0) > 0
  const description = given.description ?? props.schema.description
  const options = {
    ...given,
    visible: shown,
    onVisibilityChange: setShown,
    visibilityToggleButtonProps: { 'aria-label': shown ? toggle.hide : toggle.show, tabIndex: 0 },
    ...(wrong && { 'aria-invalid': true }),
    ...(description !== undefined && { description }),
  }
  const disabled = props.disabled === true || removed
  const field =
    props.schema.multiline === true ? (
      <SecretLines {...props} disabled={disabled} options={options} wrong={wrong} toggle={toggle} />
    ) : (
      <PasswordInput {...props} disabled={disabled} options={options} />
    )
  if (stored === undefined) return field
  const toggleRemoved = (): void => {
    setRemoved(!removed)
    stored.remove(!removed)
    props.onChange(undefined)
  }
  const action = removed ? stored.keep : stored.take
  return (
    <Stack gap={4}>
      {field}
      <Group justify="space-between" gap="xs">
        <Text size="sm">{removed ? stored.removed : stored.kept}</Text>
        <Button
          size="compact-xs"
          variant="default"
          aria-label={action.name}
          disabled={props.disabled === true}
          onClick={toggleRemoved}
        >
          {action.label}
        </Button>
      </Group>
    </Stack>
  )
}

/** The description of a field that does not show its own. */
export function DescriptionTemplate({ id, description }: DescriptionFieldProps) {
  return description ? (
    <Text id={id} size="sm">
      {description}
    </Text>
  ) : null
}

/** The help of a field. */
export function HelpTemplate({ fieldPathId, help }: FieldHelpProps) {
  return help ? (
    <Text id={helpId(fieldPathId)} size="sm">
      {help}
    </Text>
  ) : null
}
