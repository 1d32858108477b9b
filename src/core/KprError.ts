/** A failure that is known: what failed, why, and what to do next. Everything else that is thrown is a bug. */
export class KprError extends Error {
  override readonly name = 'KprError';
  /** What to do next: a sentence or a command. */
  readonly hint: string;

  constructor(message: string, hint: string, options?: { cause?: unknown }) {
    super(message, options);
    this.hint = hint;
  }
}
