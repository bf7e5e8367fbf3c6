import { NumberInput, Text, TextInput } from '@mantine/core'
import PasswordInput from '@rjsf/mantine/lib/widgets/PasswordWidget.js'
import type { BaseInputTemplateProps, DescriptionFieldProps, FieldHelpProps, WidgetProps } from '@rjsf/utils'
import { getInputProps, helpId } from '@rjsf/utils'

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

/** The theme's field for secrets, with its description and `aria-invalid`. */
export function PasswordWidget(props: WidgetProps) {
  const wrong = (props.rawErrors?.length ?? 0) > 0
  const description = props.options.description ?? props.schema.description
  const options = {
    ...props.options,
    ...(wrong && { 'aria-invalid': true }),
    ...(description !== undefined && { description }),
  }
  return <PasswordInput {...props} options={options} />
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
