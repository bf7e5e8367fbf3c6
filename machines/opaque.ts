/**
 * A value that machines pass on without access to its content. The content is a private field: JSON, `util.inspect` and
 * template strings show only the label.
 */
export abstract class Opaque<Content> {
  readonly #content: Content
  readonly #label: string

  constructor(content: Content, label: string) {
    this.#content = content
    this.#label = label
  }

  /** Returns the content. */
  reveal(): Content {
    return this.#content
  }

  toJSON(): string {
    return this.#label
  }

  toString(): string {
    return this.#label
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.#label
  }
}
