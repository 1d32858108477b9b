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

/** A file beside the answer could not be written; the answer was given, so that nothing may be printed in its place. */
export class UnwrittenError extends KprError {}

/** Where to read what can be typed. @param command undefined: it is not known, or there is none of that name */
export const helpHint = (command?: string): string =>
  command === undefined
    ? 'kubectl kpr --help shows what there is'
    : `kubectl kpr ${command} --help shows what there is`;

/** What was typed makes no command. */
export const usageError = (message: string, hint = helpHint()): KprError => new KprError(message, hint);
