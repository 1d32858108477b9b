import { KprError } from '../core/KprError.ts';

/** Ctrl-C came before there was anything to show. */
export class InterruptedError extends KprError {}
