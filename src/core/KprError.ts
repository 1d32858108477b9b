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

/** Ctrl-C came before there was anything to show. */
export class InterruptedError extends KprError {}

/** What was typed makes no command. */
export const usageError = (message: string, hint = 'kubectl kpr --help shows what there is'): KprError =>
  new KprError(message, hint);
