import { KprError } from '../core/KprError.ts';

/** What was typed makes no command. */
export const usageError = (message: string, hint = 'kubectl kpr --help shows what there is'): KprError =>
  new KprError(message, hint);
