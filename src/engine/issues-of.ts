import * as z from 'zod'

/**
 * What is wrong with values, and nothing where they fit: zod's own issues, without the error that it makes of them,
 * which nobody throws here and which costs more than to read the values.
 *
 * @throws what a refinement throws, and $ZodAsyncError where one is asynchronous
 */
export function issuesOf(schema: z.core.$ZodType, values: unknown): readonly z.core.$ZodRawIssue[] {
  const read = schema._zod.run({ value: values, issues: [] }, { async: false })
  if (read instanceof Promise) throw new z.core.$ZodAsyncError()
  return read.issues
}
