import { InterruptedError, KprError } from '../core/KprError.ts';
import type { Examined } from './examination.ts';

/** After a first look an API server may be away for a while, as it is in upgrades: why nothing could be read, then. */
export async function lookAgain(look: () => Promise<Examined>): Promise<Examined | 'interrupted' | KprError> {
  try {
    return await look();
  } catch (error) {
    if (error instanceof InterruptedError) return 'interrupted';
    if (error instanceof KprError) return error;
    throw error;
  }
}
