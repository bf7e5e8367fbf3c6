import type { FormView } from '../../view.ts'

/** The outline of a form whose chunk is loading. It has the height of the form, so that the dialog does not grow. */
export function FormSkeleton({ view }: { readonly view: FormView }) {
  return (
    <div className="lk-skeleton" aria-hidden>
      {view.order.map((field) => {
        const { description, multiline } = view.schema.properties[field] ?? {}
        return (
          <div key={field}>
            <Bone line={22} height={12} width="28%" />
            {description !== undefined && <Bone line={16} height={10} width="60%" />}
            <Bone line={multiline === true ? 122 : 36} />
          </div>
        )
      })}
    </div>
  )
}

/** A gray bar of `height` pixels in a line of `line` pixels. */
function Bone(props: { readonly line: number; readonly height?: number; readonly width?: string }) {
  const { line, height = line, width = '100%' } = props
  return (
    <div style={{ height: line, display: 'flex', alignItems: 'center' }}>
      <div className="lk-bone" style={{ height, width }} />
    </div>
  )
}
