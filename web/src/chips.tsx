import './chips.css'

/** A group of buttons. One of them is pressed. */
export function Chips<Value>(props: {
  readonly choices: readonly (readonly [value: Value, label: string])[]
  readonly value: Value
  readonly onChoose: (value: Value) => void
}) {
  const { choices, value, onChoose } = props
  return (
    <div className="chips">
      {choices.map(([choice, label]) => (
        <button
          key={label}
          type="button"
          className="chip"
          aria-pressed={choice === value}
          onClick={() => onChoose(choice)}
        >
          {label}
        </button>
      ))}
    </div>
  )
}
